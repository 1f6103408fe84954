# Compiler, linker and cache settings that every target shares, and the one function that makes a
# library out of a folder.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 EXACT REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(date REQUIRED)
find_package(cppzmq REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(pugixml REQUIRED)
# The archive and not the shared library: only a job that reads a workbook needs it, and every
# worker would load it.
find_library(BULLPEN_MINIZIP NAMES libminizip.a REQUIRED)
find_path(BULLPEN_MINIZIP_HEADERS unzip.h PATH_SUFFIXES minizip REQUIRED)
add_library(bullpen_minizip INTERFACE)
target_include_directories(bullpen_minizip SYSTEM INTERFACE ${BULLPEN_MINIZIP_HEADERS})
target_link_libraries(bullpen_minizip INTERFACE ${BULLPEN_MINIZIP} ZLIB::ZLIB)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
# The static archive links just what is used of it, where the shared library would cost every worker
# its pages.
find_library(SODIUM_ARCHIVE libsodium.a)
if(NOT SODIUM_ARCHIVE)
  set(SODIUM_ARCHIVE PkgConfig::SODIUM)
endif()
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
find_library(SECCOMP_ARCHIVE libseccomp.a)
if(NOT SECCOMP_ARCHIVE)
  set(SECCOMP_ARCHIVE PkgConfig::SECCOMP)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND NOT BULLPEN_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> -Wundef -Werror=return-type
                    -Werror=unused-result -fstack-protector-strong)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro,-z,now)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
endif()
# NDEBUG would only silence assert(); BULLPEN_ASSERT is on in every build.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

if(BULLPEN_SANITIZE)
  add_compile_options(-fsanitize=${BULLPEN_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BULLPEN_SANITIZE})
  if(BULLPEN_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-tsan)
  endif()
endif()
if(BULLPEN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined)
  add_link_options(-fsanitize=address,undefined)
endif()

# bullpen_library(NAME [SMALL|SELDOM|HOT] SOURCES... [PUBLIC libs...] [PRIVATE libs...]): a static
# library whose headers are included from the root of the tree. SMALL: its code is made small rather
# than fast, for what the kernel does at its calls takes longer, and all of it is in a daemon's
# memory. SELDOM: it runs when a person asks, a page arrives or some times a second, and its code
# is made in less of the compiler's time (which warns of what cannot be when it looks less). HOT:
# every bar goes through it (docs/decisions/engine-speed.md), and more of it is inlined.
function(bullpen_library name)
  cmake_parse_arguments(ARG "SMALL;SELDOM;HOT" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  if(ARG_SMALL)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-Os>)
  elseif(ARG_SELDOM)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>
                                           $<$<CONFIG:Release>:-Wno-maybe-uninitialized>
                                           $<$<CONFIG:Release>:-Wno-stringop-overread>)
  elseif(ARG_HOT)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O3>
                                           $<$<CONFIG:Release>:-fno-semantic-interposition>)
  endif()
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# Every target of the tree, for what is done to all of them when the whole tree has been read.
function(bullpen_list_targets result)
  set(folders ${CMAKE_SOURCE_DIR})
  set(all)
  while(folders)
    list(POP_FRONT folders folder)
    get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
    list(APPEND folders ${below})
    get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
    list(APPEND all ${targets})
  endwhile()
  set(${result} ${all} PARENT_SCOPE)
endfunction()

# The target bullpen_product: the programs that users run, without tests and benches. Called when
# the whole tree has been read.
function(bullpen_define_product)
  bullpen_list_targets(targets)
  set(programs)
  foreach(target IN LISTS targets)
    get_target_property(folder ${target} SOURCE_DIR)
    get_target_property(type ${target} TYPE)
    get_target_property(left_out ${target} EXCLUDE_FROM_ALL)
    if(type MATCHES "^(EXECUTABLE|MODULE_LIBRARY)$" AND NOT left_out AND
       NOT folder MATCHES "^${CMAKE_SOURCE_DIR}/(tests|bench)(/|$)")
      list(APPEND programs ${target})
    endif()
  endforeach()
  add_custom_target(bullpen_product DEPENDS ${programs})
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL bullpen_define_product)
