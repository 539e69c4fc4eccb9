# One library per folder; its link line lists exactly what it may include.
#
#   pallas_library(NAME SOURCES a.cc ... [DEPS base types ...] [THIRD_PARTY arrow::arrow ...]
#                  [PCH header.h | PCH_FROM library] [TESTS a_test.cc ...] [TEST_DEPS ...]
#                  [TEST_THIRD_PARTY ...])
#
# makes pallas_NAME (alias pallas::NAME) and, with TESTS, the GoogleTest program NAME_test with one
# ctest entry of that name. DEPS are other pallas libraries, checked against cmake/layers.txt. PCH is
# a header, relative to the folder, precompiled for the library and its tests; PCH_FROM takes that of
# another library.

# What every test finds in its environment.
set(PALLAS_TEST_ENVIRONMENT
  "PALLAS_FIXTURES=${CMAKE_SOURCE_DIR}/build/fixtures"
  "LC_ALL=C.UTF-8")

function(pallas_prefix out)
  set(result "")
  foreach(name IN LISTS ARGN)
    list(APPEND result pallas_${name})
  endforeach()
  set(${out} "${result}" PARENT_SCOPE)
endfunction()

# The folder of cmake/layers.txt in which the current CMakeLists.txt lies; empty outside src/.
function(pallas_current_layer out)
  file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}/src" "${CMAKE_CURRENT_SOURCE_DIR}")
  while(path AND NOT path IN_LIST PALLAS_LAYER_FOLDERS)
    if(NOT path MATCHES "/" OR path MATCHES "^\\.\\.")
      set(path "")
      break()
    endif()
    string(REGEX REPLACE "/[^/]*$" "" path "${path}")
  endwhile()
  set(${out} "${path}" PARENT_SCOPE)
endfunction()

function(pallas_library name)
  cmake_parse_arguments(ARG "" "PCH;PCH_FROM"
    "SOURCES;DEPS;THIRD_PARTY;TESTS;TEST_DEPS;TEST_THIRD_PARTY" ${ARGN})
  pallas_reject_unparsed(pallas_library ${name} "${ARG_UNPARSED_ARGUMENTS}")
  pallas_prefix(deps ${ARG_DEPS})
  if(ARG_SOURCES)
    add_library(pallas_${name} STATIC ${ARG_SOURCES})
    target_include_directories(pallas_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(pallas_${name} PUBLIC ${deps} ${ARG_THIRD_PARTY})
    if(ARG_PCH)
      target_precompile_headers(pallas_${name} PRIVATE "${ARG_PCH}")
    elseif(ARG_PCH_FROM)
      target_precompile_headers(pallas_${name} REUSE_FROM pallas_${ARG_PCH_FROM})
    endif()
  else()
    add_library(pallas_${name} INTERFACE)
    target_include_directories(pallas_${name} INTERFACE "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(pallas_${name} INTERFACE ${deps} ${ARG_THIRD_PARTY})
  endif()
  add_library(pallas::${name} ALIAS pallas_${name})

  pallas_current_layer(layer)
  set_property(GLOBAL PROPERTY PALLAS_LAYER_OF_${name} "${layer}")
  set_property(GLOBAL PROPERTY PALLAS_DEPS_OF_${name} "${ARG_DEPS}")
  set_property(GLOBAL APPEND PROPERTY PALLAS_LIBRARIES ${name})

  if(ARG_TESTS)
    set(pch "")
    if(ARG_PCH)
      set(pch PCH_FROM ${name})
    elseif(ARG_PCH_FROM)
      set(pch PCH_FROM ${ARG_PCH_FROM})
    endif()
    pallas_test(${name}_test SOURCES ${ARG_TESTS} DEPS ${name} ${ARG_TEST_DEPS}
      THIRD_PARTY ${ARG_TEST_THIRD_PARTY} ${pch})
  endif()
endfunction()

# pallas_test(NAME SOURCES ... DEPS ... [THIRD_PARTY ...] [PCH_FROM library] [ARGS ...]
#             [TIMEOUT seconds] [LABELS ...]): one GoogleTest program, one ctest entry. It runs in the
# top folder of the repository. Nothing runs at build time.
function(pallas_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT;PCH_FROM" "SOURCES;DEPS;THIRD_PARTY;ARGS;LABELS" ${ARGN})
  pallas_reject_unparsed(pallas_test ${name} "${ARG_UNPARSED_ARGUMENTS}")
  pallas_prefix(deps ${ARG_DEPS})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE ${deps} ${ARG_THIRD_PARTY} GTest::gmock GTest::gtest_main)
  if(ARG_PCH_FROM)
    target_precompile_headers(${name} REUSE_FROM pallas_${ARG_PCH_FROM})
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1 ${ARG_ARGS}
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(PALLAS_SANITIZE)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 5")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "${PALLAS_TEST_ENVIRONMENT}")
endfunction()

# pallas_binary(NAME SOURCES ... DEPS ... [THIRD_PARTY ...]): a program in the top of the build
# folder, part of the installation.
function(pallas_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;THIRD_PARTY" ${ARGN})
  pallas_reject_unparsed(pallas_binary ${name} "${ARG_UNPARSED_ARGUMENTS}")
  pallas_prefix(deps ${ARG_DEPS})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE ${deps} ${ARG_THIRD_PARTY})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# pallas_program(NAME SOURCES ... DEPS ... [THIRD_PARTY ...]): a program that tests run; not installed.
function(pallas_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;THIRD_PARTY" ${ARGN})
  pallas_reject_unparsed(pallas_program ${name} "${ARG_UNPARSED_ARGUMENTS}")
  pallas_prefix(deps ${ARG_DEPS})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE ${deps} ${ARG_THIRD_PARTY})
endfunction()

# pallas_bench(NAME SOURCES ... DEPS ... [THIRD_PARTY ...]): a program that prints ratios. Built by the
# target `benches` only, into bench/ of the build folder, where tools/bench finds it.
function(pallas_bench name)
  cmake_parse_arguments(ARG "" "PCH_FROM" "SOURCES;DEPS;THIRD_PARTY" ${ARGN})
  pallas_reject_unparsed(pallas_bench ${name} "${ARG_UNPARSED_ARGUMENTS}")
  pallas_prefix(deps ${ARG_DEPS})
  add_executable(${name} EXCLUDE_FROM_ALL ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE ${deps} ${ARG_THIRD_PARTY} benchmark::benchmark)
  if(ARG_PCH_FROM)
    target_precompile_headers(${name} REUSE_FROM pallas_${ARG_PCH_FROM})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
  if(NOT TARGET benches)
    add_custom_target(benches)
  endif()
  add_dependencies(benches ${name})
endfunction()

# pallas_fuzz(NAME SOURCES ... DEPS ... CORPUS dir...): a target with LLVMFuzzerTestOneInput. With
# PALLAS_FUZZ it is a fuzzer; otherwise a ctest entry that replays the corpus folders.
function(pallas_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;THIRD_PARTY;CORPUS" ${ARGN})
  pallas_reject_unparsed(pallas_fuzz ${name} "${ARG_UNPARSED_ARGUMENTS}")
  pallas_prefix(deps ${ARG_DEPS})
  list(TRANSFORM ARG_CORPUS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PRIVATE ${deps} ${ARG_THIRD_PARTY})
  if(PALLAS_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
    list(JOIN ARG_CORPUS "\n" corpus)
    file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/fuzz/${name}.corpus" CONTENT "${corpus}\n")
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers)
    endif()
    add_dependencies(fuzzers ${name})
  else()
    target_sources(${name} PRIVATE "${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc")
    add_test(NAME ${name} COMMAND ${name} ${ARG_CORPUS})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "${PALLAS_TEST_ENVIRONMENT}")
  endif()
endfunction()

function(pallas_reject_unparsed function name arguments)
  if(arguments)
    message(FATAL_ERROR "${function}(${name}): unknown arguments: ${arguments}")
  endif()
endfunction()

# Stops when a library depends on one that does not exist or lies above it. Called once, at the end.
function(pallas_check_dependencies)
  get_property(libraries GLOBAL PROPERTY PALLAS_LIBRARIES)
  foreach(library IN LISTS libraries)
    get_property(from GLOBAL PROPERTY PALLAS_LAYER_OF_${library})
    get_property(deps GLOBAL PROPERTY PALLAS_DEPS_OF_${library})
    foreach(dep IN LISTS deps)
      if(NOT dep IN_LIST libraries)
        message(WARNING "pallas_library(${library}): there is no library named ${dep}")
      else()
        get_property(to GLOBAL PROPERTY PALLAS_LAYER_OF_${dep})
        pallas_check_dependency("${from}" "${to}")
      endif()
    endforeach()
  endforeach()
endfunction()
