# Compiler flags, linker, compiler cache.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_SOURCE_DIR}/cmake/compiler_launcher")
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# One setting for libraries and programs, so that they can share a precompiled header.
add_compile_options(-fPIC)
add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of g++ 12 inside inlined library code.
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized)
  add_compile_options(-fpch-preprocess)  # ccache must see which precompiled header is used.
else()
  # The libraries are compiled by g++, which mangles constrained templates the older way.
  add_compile_options(-fclang-abi-compat=17)
  # libstdc++'s own stable_sort calls what libstdc++ deprecates.
  add_compile_options(-Wno-deprecated-declarations)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")  # Same, for a header from the cache.
endif()

# The prebuilt libraries were built with NDEBUG, which changes inline code of their headers; our own
# checks have a switch of their own.
add_compile_definitions(NDEBUG)
option(PALLAS_CHECKS "Compile DCHECK in" ON)
if(PALLAS_CHECKS)
  add_compile_definitions(PALLAS_CHECKS)
endif()

set(PALLAS_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(PALLAS_SANITIZE)
  add_compile_options(
    -fsanitize=${PALLAS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PALLAS_SANITIZE})
endif()
option(PALLAS_FUZZ "Build the fuzz targets as fuzzers (clang)" OFF)
if(PALLAS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
