# Most of the compiler's time would go into the same headers of the standard library again and
# again, so it reads them once for each set of flags. Every file still includes what it uses: the
# `dev` preset and clang-tidy have no precompiled headers and find what is missing.
set(bullpen_standard_headers
  <algorithm> <array> <charconv> <chrono> <cstdint> <deque> <functional> <map> <memory> <optional>
  <set> <span> <string> <string_view> <tl/expected.hpp> <utility> <variant> <vector>)
# ccache keeps what was compiled with them only when the compiler tells it which it read.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
file(WRITE ${CMAKE_BINARY_DIR}/precompiled/nothing.cpp "")
file(WRITE ${CMAKE_BINARY_DIR}/precompiled/main.cpp "int main() { return 0; }\n")

# A precompiled header fits only code of the same flags, so it belongs to a target of the same kind.
add_library(bullpen_precompiled_library OBJECT ${CMAKE_BINARY_DIR}/precompiled/nothing.cpp)
add_library(bullpen_precompiled_library_small OBJECT ${CMAKE_BINARY_DIR}/precompiled/nothing.cpp)
add_library(bullpen_precompiled_library_seldom OBJECT ${CMAKE_BINARY_DIR}/precompiled/nothing.cpp)
add_library(bullpen_precompiled_library_hot OBJECT ${CMAKE_BINARY_DIR}/precompiled/nothing.cpp)
add_executable(bullpen_precompiled_program ${CMAKE_BINARY_DIR}/precompiled/main.cpp)
add_executable(bullpen_precompiled_program_seldom ${CMAKE_BINARY_DIR}/precompiled/main.cpp)
foreach(kind library library_small library_seldom library_hot program program_seldom)
  if(kind MATCHES "_small$")
    target_compile_options(bullpen_precompiled_${kind} PRIVATE $<$<CONFIG:Release>:-Os>)
  elseif(kind MATCHES "_seldom$")
    target_compile_options(bullpen_precompiled_${kind} PRIVATE $<$<CONFIG:Release>:-O1>)
  elseif(kind MATCHES "_hot$")
    target_compile_options(bullpen_precompiled_${kind} PRIVATE
      $<$<CONFIG:Release>:-O3> $<$<CONFIG:Release>:-fno-semantic-interposition>)
  endif()
  target_precompile_headers(bullpen_precompiled_${kind} PRIVATE ${bullpen_standard_headers})
  if(kind STREQUAL "library_seldom")
    # Most of these read or write JSON.
    target_precompile_headers(bullpen_precompiled_${kind} PRIVATE <nlohmann/json.hpp>)
  endif()
  target_link_libraries(bullpen_precompiled_${kind} PRIVATE tl::expected)
  set_target_properties(bullpen_precompiled_${kind} PROPERTIES EXCLUDE_FROM_ALL ON)
endforeach()

# Called when the whole tree has been read.
function(bullpen_use_precompiled)
  bullpen_list_targets(targets)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(target MATCHES "^bullpen_precompiled_" OR
       NOT type MATCHES "^(EXECUTABLE|STATIC_LIBRARY|OBJECT_LIBRARY)$")
      continue()
    endif()
    set(kind library)
    if(type STREQUAL "EXECUTABLE")
      set(kind program)
    endif()
    get_target_property(options ${target} COMPILE_OPTIONS)
    if("${options}" MATCHES "-fno-exceptions")
      continue()
    endif()
    # The last of several levels of optimisation counts.
    if("${options}" MATCHES ":-Os>")
      string(APPEND kind _small)
    elseif("${options}" MATCHES ":-O1>" AND NOT "${options}" MATCHES ";-O2")
      string(APPEND kind _seldom)
    elseif("${options}" MATCHES ":-O3>")
      string(APPEND kind _hot)
    endif()
    set_target_properties(${target} PROPERTIES
      PRECOMPILE_HEADERS_REUSE_FROM bullpen_precompiled_${kind})
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL bullpen_use_precompiled)
