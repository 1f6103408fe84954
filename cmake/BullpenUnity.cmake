# Most of the compiler's time goes into the same headers and templates again and again, so it takes
# several files of a target together: all of them in the presets of the sanitizers, in release those
# of the product, whose files are compiled by more people than edit them. Two files that give a name
# of their own to different things cannot be together: one of them is listed here and compiled
# alone. The compiler says "redefinition" or "ambiguous" when one is missing in this list.
# (`./dev sanitize` then has the whole target compiled file by file, which costs time and nothing
# else.)
set(bullpen_together_max 6)
# What one file names, another one's local names hide; and all of them are one file to the compiler.
# The other presets and clang-tidy look at each file by itself.
add_compile_options(-Wno-shadow $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
set(bullpen_compiled_alone
  calendar/ical.cpp calendar/merge.cpp calendar/refresh_report.cpp calendar/text.cpp
  calendar/sources/bea_html.cpp calendar/sources/bls_ics.cpp calendar/sources/bot_file.cpp
  calendar/sources/fed_json.cpp calendar/sources/fed_rss.cpp calendar/sources/fomc_html.cpp
  calendar/sources/forexfactory_json.cpp calendar/sources/nse_holidays.cpp
  common/config/alert_keys.cpp common/config/applied.cpp common/config/daemon_keys.cpp
  common/config/event_keys.cpp common/config/feed_keys.cpp common/config/job_keys.cpp
  common/config/keys.cpp
  common/config/layer.cpp common/config/risk_keys.cpp common/config/roster_files.cpp
  common/config/strategy_keys.cpp
  common/events/overrides.cpp common/events/overrides_codec.cpp common/events/snapshot.cpp
  common/events/staleness.cpp
  common/launch/confiner.cpp
  common/matching/shares.cpp
  common/sandbox/system_files.cpp
  common/time/zone.cpp
  common/vault/sealed_file.cpp
  ctl/commands/alerts.cpp ctl/commands/calendar.cpp ctl/commands/credentials.cpp
  ctl/commands/events.cpp ctl/commands/migrate.cpp
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
  worker/jobs/carried_state.cpp worker/jobs/share_edits.cpp
  worker/jobs/holdings.cpp worker/jobs/job_book.cpp worker/jobs/job_records.cpp
  worker/jobs/job_state.cpp worker/jobs/order_plan.cpp worker/jobs/orders_file.cpp
  worker/jobs/share_own.cpp worker/jobs/share_records.cpp worker/jobs/signal_file.cpp
  worker/jobs/stop_plan.cpp
  worker/jobs/share_state_file.cpp worker/jobs/watch_records.cpp worker/jobs/xlsx.cpp
  worker/report/tear_sheet.cpp
  worker/tools/state_edits.cpp worker/tools/state_show.cpp
  worker/risk/risk_gate.cpp worker/risk/rule_pack_table.cpp worker/risk/warnings.cpp
  tests/integration/ctl/*.cpp tests/integration/ipc/*.cpp tests/integration/process/*.cpp
  tests/property/jobs/share_rest_test.cpp tests/property/jobs/watchdog_test.cpp
  tests/property/matching/shares_test.cpp tests/property/time/*.cpp
  tests/simulation/fleet/simulation_test.cpp
  tests/unit/config/document_test.cpp tests/unit/config/emptied_test.cpp
  tests/unit/config/home_setup_test.cpp tests/unit/config/roster_test.cpp
  tests/unit/ctl/fleet_view_test.cpp tests/unit/execution/*.cpp tests/unit/feed/real_data_test.cpp
  tests/unit/indicators/reference_test.cpp tests/unit/ipc/liveness_test.cpp
  tests/unit/jobs/share_state_file_test.cpp tests/unit/jobs/state_jobs_test.cpp
  tests/unit/log/file_sink_test.cpp
  tests/unit/moving/*.cpp tests/unit/strategy/quotes_test.cpp tests/unit/risk/*.cpp
  tests/unit/tables/*.cpp tests/unit/time/*.cpp tests/unit/trading/*.cpp
  tests/unit/worker/entry_asker_test.cpp tests/unit/worker/mode_log_test.cpp
  tests/unit/worker/stall_test.cpp tests/unit/worker/worker_test.cpp tests/unit/broker/*.cpp
  tests/unit/calendar/*.cpp tests/unit/venue/*.cpp tests/unit/alerts/*.cpp tests/unit/notify/*.cpp
  tests/property/notify/*.cpp tests/unit/backtest/*.cpp tests/unit/report/*.cpp
  tests/unit/tools/*.cpp tests/unit/users/numbers_test.cpp tests/unit/watch/usage_test.cpp
  tests/unit/worker/noted_mode_test.cpp)

# Not CMake's own unity build, which includes files by absolute paths: a cache of compiled files
# would not find them again from another clone.
function(bullpen_put_together target alone)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  set(kept)
  set(files)
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder} OUTPUT_VARIABLE file)
    cmake_path(IS_PREFIX CMAKE_BINARY_DIR ${file} made)
    if(source MATCHES "\\.cpp$" AND NOT made AND NOT file IN_LIST alone)
      cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
      list(APPEND files ${file})
    else()
      list(APPEND kept ${source})
    endif()
  endforeach()
  set(first 0)
  list(LENGTH files count)
  while(first LESS count)
    list(SUBLIST files ${first} ${bullpen_together_max} batch)
    list(TRANSFORM batch REPLACE "(.+)" "#include \"\\1\"\n")
    string(JOIN "" text ${batch})
    set(file ${CMAKE_BINARY_DIR}/together/${target}_${first}.cpp)
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
    list(APPEND kept ${file})
    math(EXPR first "${first} + ${bullpen_together_max}")
  endwhile()
  set_property(TARGET ${target} PROPERTY SOURCES ${kept})
endfunction()

# Called when the whole tree has been read.
function(bullpen_compile_together)
  list(TRANSFORM bullpen_compiled_alone PREPEND ${CMAKE_SOURCE_DIR}/)
  file(GLOB alone ${bullpen_compiled_alone})
  # The targets that `./dev sanitize` has found to hold such a clash.
  set(apart)
  if(EXISTS ${CMAKE_BINARY_DIR}/compiled-apart.txt)
    file(STRINGS ${CMAKE_BINARY_DIR}/compiled-apart.txt apart)
  endif()
  bullpen_list_targets(targets)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(together ${target} UNITY_BUILD)
    if(NOT together OR NOT type MATCHES "^(EXECUTABLE|[A-Z]+_LIBRARY)$" OR
       type STREQUAL "INTERFACE_LIBRARY")
      continue()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    if(NOT target IN_LIST apart)
      bullpen_put_together(${target} "${alone}")
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL bullpen_compile_together)
