# Tests. `ctest -L quick` is what runs before each commit.
#
#   tests/unit/<folder>/test_<name>.c   one program each, with cmocka: unit.<folder>.<name>
#   tests/<kind>/CMakeLists.txt         whatever else a kind of test needs
#   fuzz/fuzz_<name>.c                  a fuzz target; its seeds in fuzz/corpus/<name>/ are replayed
#
# tests/support/*.c, when there are any, are linked to every unit test.

find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(PkgConfig REQUIRED)
pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)

# Where the tests' engines are installed: outside the tree, so that a second build finds them.
set(_cache "$ENV{XDG_CACHE_HOME}")
if(NOT _cache)
  set(_cache "$ENV{HOME}/.cache")
endif()
set(_engines "${_cache}/gearbox/engines")
if(NOT "$ENV{GEARBOX_DEPS_CACHE}" STREQUAL "")
  set(_engines "$ENV{GEARBOX_DEPS_CACHE}/engines")
endif()
set(GEARBOX_TEST_ENGINES_DIR "${_engines}" CACHE PATH "Engines that the tests install and use")

# What every test finds in its environment.
set(GEARBOX_TEST_ENVIRONMENT
  "GEARBOX_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
  "GEARBOX_BUILD_DIR=${PROJECT_BINARY_DIR}"
  "GEARBOX_DEPS_DIR=${GEARBOX_DEPS_DIR}"
  "GEARBOX_ENGINES_DIR=${GEARBOX_TEST_ENGINES_DIR}"
  "GEARBOX_PROGRAM=${PROJECT_BINARY_DIR}/gearbox"
  "GEARBOX_DUCKDB_LIBRARY=${GEARBOX_DEPS_DIR}/duckdb/lib/libduckdb.so"
  "ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=suppressions='${PROJECT_SOURCE_DIR}/tests/tsan.supp':halt_on_error=1:ignore_noninstrumented_modules=1"
  "LSAN_OPTIONS=suppressions='${PROJECT_SOURCE_DIR}/tests/lsan.supp'")

# gbx_add_test(NAME name COMMAND ... [LABELS quick ...] [TIMEOUT seconds])
function(gbx_add_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT" "COMMAND;LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS quick)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(GEARBOX_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 5")    # everything is slower
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND})
  set_tests_properties(${arg_NAME} PROPERTIES
    LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${GEARBOX_TEST_ENVIRONMENT}")
endfunction()

# gbx_needs_engines(test engine …): the engines are installed before the test runs.
# Which of them tests use: `-DGEARBOX_TEST_ENGINES=` for none, as where there is no network.
set(GEARBOX_TEST_ENGINES polars pandas datafusion dask modin spark CACHE STRING "Engines that the tests install and use")
foreach(_engine IN LISTS GEARBOX_TEST_ENGINES)
  gbx_add_test(NAME engines.install.${_engine} LABELS engines TIMEOUT 900
    COMMAND "${PROJECT_BINARY_DIR}/gearbox" engines install ${_engine})
  set_tests_properties(engines.install.${_engine} PROPERTIES FIXTURES_SETUP engine.${_engine})
endforeach()
function(gbx_needs_engines test)
  list(TRANSFORM ARGN PREPEND "engine." OUTPUT_VARIABLE _fixtures)
  set_property(TEST ${test} APPEND PROPERTY FIXTURES_REQUIRED ${_fixtures})
endfunction()

# A test program may include internal headers, and duckdb.h as an oracle.
function(gbx_add_test_program target)
  add_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE
    gbx_warnings ${GEARBOX_TEST_SUPPORT} gearbox_static PkgConfig::cmocka
    gbx_dep_headers gbx_dep_duckdb ${CMAKE_DL_LIBS})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
endfunction()

set(GEARBOX_TEST_SUPPORT)
file(GLOB _support CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.c")
if(_support)
  add_library(gbx_test_support STATIC ${_support})
  target_include_directories(gbx_test_support PRIVATE src tests)
  target_link_libraries(gbx_test_support PRIVATE
    gbx_warnings gearbox_static PkgConfig::cmocka gbx_dep_headers)
  set(GEARBOX_TEST_SUPPORT gbx_test_support)
endif()

file(GLOB_RECURSE _tests CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tests/unit"
  "${PROJECT_SOURCE_DIR}/tests/unit/test_*.c")
foreach(_test IN LISTS _tests)
  string(REGEX REPLACE "\\.c$" "" _name "${_test}")
  string(REGEX REPLACE "(^|/)test_([^/]*)$" "\\1\\2" _name "${_name}")
  string(REPLACE "/" "_" _target "test_${_name}")
  string(REPLACE "/" "." _name "unit.${_name}")
  gbx_add_test_program(${_target} "${PROJECT_SOURCE_DIR}/tests/unit/${_test}")
  gbx_add_test(NAME ${_name} COMMAND ${_target})
endforeach()

# Only the outermost CMakeLists.txt of a folder is read: it decides about those below.
file(GLOB_RECURSE _lists CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/CMakeLists.txt")
list(SORT _lists)
set(_done)
foreach(_list IN LISTS _lists)
  get_filename_component(_folder "${_list}" DIRECTORY)
  set(_below FALSE)
  foreach(_outer IN LISTS _done)
    string(FIND "${_folder}/" "${_outer}/" _at)
    if(_at EQUAL 0)
      set(_below TRUE)
    endif()
  endforeach()
  if(NOT _below)
    list(APPEND _done "${_folder}")
    file(RELATIVE_PATH _relative "${PROJECT_SOURCE_DIR}" "${_folder}")
    add_subdirectory("${_relative}" "${PROJECT_BINARY_DIR}/${_relative}")
  endif()
endforeach()

# Fuzz targets: with libFuzzer in the fuzz preset, else with a plain main that replays the corpus.
# fuzz/support/*.c are linked to each.
file(GLOB _targets CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fuzz/fuzz_*.c")
file(GLOB _support CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fuzz/support/*.c")
add_custom_target(fuzzers)
foreach(_source IN LISTS _targets)
  get_filename_component(_target "${_source}" NAME_WE)
  string(REGEX REPLACE "^fuzz_" "" _name "${_target}")
  if(GEARBOX_FUZZ)
    gbx_add_test_program(${_target} "${_source}" ${_support})
    target_compile_definitions(${_target} PRIVATE FUZZ_WITH_LIBFUZZER)
    target_link_options(${_target} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${_target})
  else()
    gbx_add_test_program(${_target} "${_source}" ${_support} "${PROJECT_SOURCE_DIR}/fuzz/replay.c")
  endif()
  target_include_directories(${_target} PRIVATE "${PROJECT_SOURCE_DIR}/fuzz")
  if(NOT GEARBOX_FUZZ AND EXISTS "${PROJECT_SOURCE_DIR}/fuzz/corpus/${_name}")
    gbx_add_test(NAME fuzz.${_name}.replay COMMAND ${_target} "${PROJECT_SOURCE_DIR}/fuzz/corpus/${_name}")
  endif()
endforeach()

add_subdirectory(bench)

# The house rules that a compiler does not check.
set(_python "${Python3_EXECUTABLE}" -B)
set(_tools "${PROJECT_SOURCE_DIR}/tools")
gbx_add_test(NAME check.layers COMMAND ${_python} "${_tools}/check_layers.py" "${PROJECT_SOURCE_DIR}")
gbx_add_test(NAME check.style COMMAND ${_python} "${_tools}/check_style.py" "${PROJECT_SOURCE_DIR}")
gbx_add_test(NAME check.headers COMMAND ${_python} "${_tools}/check_headers.py"
  "${CMAKE_C_COMPILER}" "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/generated")
gbx_add_test(NAME check.exports COMMAND ${_python} "${_tools}/check_exports.py"
  $<TARGET_FILE:gearbox_shared>)
find_program(SHELLCHECK shellcheck)
if(SHELLCHECK)
  file(GLOB_RECURSE _scripts CONFIGURE_DEPENDS "${_tools}/*.sh" "${PROJECT_SOURCE_DIR}/tests/*.sh"
    "${PROJECT_SOURCE_DIR}/bench/*.sh")
  gbx_add_test(NAME check.shell COMMAND "${SHELLCHECK}" "${PROJECT_SOURCE_DIR}/.ci/run" ${_scripts})
endif()
