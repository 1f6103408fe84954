# Most of the compiler's time goes into the same headers and templates again and again, so it takes
# several files of a target together: all of them in the presets of the sanitizers, in release those
# of the product, whose files are compiled by more people than edit them. Two files that give a name
# of their own to different things cannot be together: one of them is listed here and compiled
# alone. The compiler says "redefinition" or "ambiguous" when one is missing in this list.
# (`./dev sanitize` then has the whole target compiled file by file, which costs time and nothing
# else.)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 6)
# What one file names, another one's local names hide; and all of them are one file to the compiler.
# The other presets and clang-tidy look at each file by itself.
add_compile_options(-Wno-shadow $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
set(bullpen_compiled_alone
  calendar/ical.cpp calendar/merge.cpp calendar/refresh_report.cpp calendar/text.cpp
  calendar/sources/bea_html.cpp calendar/sources/bls_ics.cpp calendar/sources/bot_file.cpp
  calendar/sources/fed_json.cpp calendar/sources/fed_rss.cpp calendar/sources/fomc_html.cpp
  calendar/sources/forexfactory_json.cpp calendar/sources/nse_holidays.cpp
  common/config/alert_keys.cpp common/config/applied.cpp common/config/daemon_keys.cpp
  common/config/event_keys.cpp common/config/job_keys.cpp common/config/keys.cpp
  common/config/layer.cpp common/config/risk_keys.cpp common/config/roster_files.cpp
  common/config/strategy_keys.cpp
  common/events/overrides.cpp common/events/overrides_codec.cpp common/events/snapshot.cpp
  common/events/staleness.cpp
  common/launch/confiner.cpp
  common/matching/shares.cpp
  common/sandbox/system_files.cpp
  common/time/zone.cpp
  common/vault/sealed_file.cpp
  ctl/commands/*.cpp
  ctl/home_copy.cpp ctl/migration_record.cpp ctl/moving_in.cpp ctl/old_folder.cpp ctl/restore.cpp
  ipc/control.cpp ipc/status_board.cpp ipc/venue_message.cpp
  moving/futures_bot.cpp
  notify/gate.cpp notify/post.cpp notify/saved.cpp
  supervisor/daemon/daemon_files.cpp supervisor/daemon/daemon_rounds.cpp
  supervisor/daemon/services.cpp supervisor/daemon/starter.cpp
  venue/settings.cpp venue/share_record.cpp venue/venue.cpp venue/venue_admin.cpp
  venue/venue_shares.cpp
  worker/broker/venue_port_reading.cpp
  worker/equity/pattern.cpp worker/equity/trailing_stop.cpp
  worker/execution/record.cpp
  worker/job_desk.cpp
  worker/jobs/holdings.cpp worker/jobs/job_book.cpp worker/jobs/job_records.cpp
  worker/jobs/job_state.cpp worker/jobs/order_plan.cpp worker/jobs/orders_file.cpp
  worker/jobs/share_own.cpp worker/jobs/share_records.cpp worker/jobs/signal_file.cpp
  worker/jobs/stop_plan.cpp
  worker/jobs/share_state_file.cpp worker/jobs/watch_records.cpp worker/jobs/xlsx.cpp
  worker/report/tear_sheet.cpp
  worker/risk/risk_gate.cpp worker/risk/rule_pack_table.cpp worker/risk/warnings.cpp
  worker/tools/backtest.cpp worker/tools/backtest_print.cpp worker/tools/bar_files.cpp
  worker/tools/compare.cpp worker/tools/explain_order.cpp worker/tools/indicators.cpp
  worker/tools/order_story.cpp worker/tools/record_text.cpp worker/tools/replay.cpp
  worker/tools/state.cpp worker/tools/sweep.cpp
  tests/integration/ctl/*.cpp tests/integration/ipc/*.cpp tests/integration/process/*.cpp
  tests/property/time/*.cpp tests/unit/config/document_test.cpp
  tests/unit/config/home_setup_test.cpp tests/unit/config/roster_test.cpp
  tests/unit/ctl/fleet_view_test.cpp tests/unit/execution/*.cpp tests/unit/feed/real_data_test.cpp
  tests/unit/indicators/reference_test.cpp tests/unit/log/file_sink_test.cpp
  tests/unit/moving/*.cpp tests/unit/strategy/quotes_test.cpp tests/unit/risk/*.cpp
  tests/unit/tables/*.cpp tests/unit/time/*.cpp tests/unit/trading/*.cpp
  tests/unit/worker/entry_asker_test.cpp tests/unit/worker/mode_log_test.cpp
  tests/unit/worker/stall_test.cpp tests/unit/worker/worker_test.cpp tests/unit/broker/*.cpp
  tests/unit/calendar/*.cpp tests/unit/venue/*.cpp tests/unit/alerts/*.cpp tests/unit/notify/*.cpp
  tests/property/notify/*.cpp tests/unit/backtest/*.cpp tests/unit/report/*.cpp
  tests/unit/tools/*.cpp)

# Called when the whole tree has been read: the property is one of the folder that builds the file.
function(bullpen_keep_apart)
  list(TRANSFORM bullpen_compiled_alone PREPEND ${CMAKE_SOURCE_DIR}/)
  file(GLOB files ${bullpen_compiled_alone})
  foreach(file IN LISTS files)
    if(file MATCHES "^${CMAKE_SOURCE_DIR}/tests/")
      if(NOT BULLPEN_TESTS)
        continue()
      endif()
      set(folder ${CMAKE_SOURCE_DIR}/tests)
    else()
      cmake_path(GET file PARENT_PATH folder)
      while(NOT EXISTS ${folder}/CMakeLists.txt)
        cmake_path(GET folder PARENT_PATH folder)
      endwhile()
    endif()
    set_source_files_properties(${file} DIRECTORY ${folder}
      PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
endfunction()
# The targets that `./dev sanitize` has found to hold such a clash.
function(bullpen_keep_targets_apart)
  set(list ${CMAKE_BINARY_DIR}/compiled-apart.txt)
  if(NOT EXISTS ${list})
    return()
  endif()
  file(STRINGS ${list} targets)
  foreach(target IN LISTS targets)
    if(TARGET ${target})
      set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL bullpen_keep_targets_apart)
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL bullpen_keep_apart)
