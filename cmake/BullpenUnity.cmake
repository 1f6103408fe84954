# Sanitized code takes the compiler several times longer than plain code, most of it for the same
# headers again and again, so the sanitizer presets compile files of a target together. Two files
# that give a name of their own to different things cannot be: the one is listed here and compiled
# alone. (The compiler says "redefinition" when a file is missing in this list; `./dev sanitize`
# then has the whole target compiled file by file, which costs time and nothing else.)
set(bullpen_compiled_alone
  calendar/*.cpp calendar/sources/*.cpp
  common/alerts/*.cpp common/config/alert_keys.cpp
  common/config/applied.cpp common/config/daemon_keys.cpp common/config/event_keys.cpp
  common/config/keys.cpp common/config/toml_library.cpp
  common/config/layer.cpp common/config/risk_keys.cpp common/config/strategy_keys.cpp
  common/events/*.cpp
  common/time/zone.cpp
  common/vault/*.cpp
  ctl/commands/*.cpp ctl/backup.cpp ctl/home_copy.cpp ctl/migration.cpp ctl/migration_record.cpp
  ctl/moving_in.cpp ctl/moving_in_show.cpp ctl/old_folder.cpp ctl/restore.cpp
  ipc/control.cpp ipc/status_board.cpp
  moving/*.cpp notify/*.cpp
  supervisor/daemon/*.cpp
  tests/integration/ctl/*.cpp tests/integration/ipc/*.cpp tests/integration/process/*.cpp
  tests/property/time/*.cpp
  tests/unit/config/document_test.cpp tests/unit/config/home_setup_test.cpp
  tests/unit/config/roster_test.cpp
  tests/unit/ctl/fleet_view_test.cpp
  tests/unit/execution/*.cpp
  tests/unit/feed/real_data_test.cpp
  tests/unit/indicators/reference_test.cpp
  tests/unit/log/file_sink_test.cpp tests/unit/moving/*.cpp
  tests/unit/strategy/quotes_test.cpp
  tests/unit/risk/*.cpp tests/unit/tables/*.cpp tests/unit/time/*.cpp
  tests/unit/trading/*.cpp tests/unit/worker/entry_asker_test.cpp
  tests/unit/worker/mode_log_test.cpp
  tests/unit/worker/stall_test.cpp tests/unit/worker/worker_test.cpp
  tests/unit/broker/*.cpp tests/unit/calendar/*.cpp tests/unit/venue/*.cpp
  tests/unit/alerts/*.cpp tests/unit/notify/*.cpp tests/property/notify/*.cpp
  venue/*.cpp
  tests/unit/backtest/*.cpp tests/unit/report/*.cpp tests/unit/tools/*.cpp
  worker/backtest/*.cpp worker/report/*.cpp worker/tools/*.cpp
  worker/broker/*.cpp worker/jobs/share_state_file.cpp
  worker/execution/record.cpp worker/risk/risk_gate.cpp)

# Called when the whole tree has been read: the property is one of the folder that builds the file.
function(bullpen_keep_apart)
  list(TRANSFORM bullpen_compiled_alone PREPEND ${CMAKE_SOURCE_DIR}/)
  file(GLOB files ${bullpen_compiled_alone})
  foreach(file IN LISTS files)
    string(REGEX MATCH
      "^${CMAKE_SOURCE_DIR}/(tests|calendar|ctl|ipc|moving|notify|venue|[a-z]+/[a-z]+)"
      folder ${file})
    if(folder MATCHES "/tests$" AND NOT BULLPEN_TESTS)
      continue()
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
