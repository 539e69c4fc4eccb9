# Third-party libraries as imported targets, which makes their headers SYSTEM: no warnings from
# others' code. What is not a Debian package lies in .deps/, where tools/setup puts it. What each is
# for, and its licence: docs/dependencies.md.

set(PALLAS_DEPS "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "Where tools/setup has put the libraries")
set(PALLAS_ABSEIL abseil CACHE STRING "Which Abseil of PALLAS_DEPS: sanitizers need one of their own")
foreach(part IN ITEMS ${PALLAS_ABSEIL}/lib/libabsl.a duckdb/lib/libduckdb.so arrow/lib/libarrow.so.2600
    hiredis/lib/libhiredis.a aws-crt/lib/libaws_crt.a)
  if(NOT EXISTS "${PALLAS_DEPS}/${part}")
    message(FATAL_ERROR "${PALLAS_DEPS}/${part} is missing. Run tools/setup first (tools/setup deep for sanitizers).")
  endif()
endforeach()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

function(pallas_import target library include)
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${PALLAS_DEPS}/${library}"
    INTERFACE_INCLUDE_DIRECTORIES "${PALLAS_DEPS}/${include}")
endfunction()

pallas_import(absl::absl ${PALLAS_ABSEIL}/lib/libabsl.a ${PALLAS_ABSEIL}/include)
target_link_libraries(absl::absl INTERFACE Threads::Threads)
pallas_import(duckdb::duckdb duckdb/lib/libduckdb.so duckdb/include)
# libparquet of the same wheel must never be linked: it exports the symbols of an OpenSSL of its own.
pallas_import(arrow::arrow arrow/lib/libarrow.so.2600 arrow/include)
pallas_import(arrow::compute arrow/lib/libarrow_compute.so.2600 arrow/include)
target_link_libraries(arrow::compute INTERFACE arrow::arrow)
pallas_import(hiredis::hiredis hiredis/lib/libhiredis.a hiredis/include)

# pallas_pkg_config(TARGET MODULE): an imported target from a Debian package's pkg-config file.
function(pallas_pkg_config target module)
  string(MAKE_C_IDENTIFIER "${module}" prefix)
  string(TOUPPER "${prefix}" prefix)
  pkg_check_modules(${prefix} REQUIRED QUIET IMPORTED_TARGET GLOBAL ${module})
  add_library(${target} ALIAS PkgConfig::${prefix})
endfunction()

pallas_pkg_config(mariadb::client libmariadb)
pallas_pkg_config(sqlite3::sqlite3 sqlite3)
pallas_pkg_config(oniguruma::oniguruma oniguruma)
pallas_pkg_config(utf8proc::utf8proc libutf8proc)
pallas_pkg_config(simdjson::simdjson_lib simdjson)
pallas_pkg_config(re2::re2 re2)
pallas_pkg_config(curl::curl libcurl)
pallas_pkg_config(pugixml::pugixml_lib pugixml)
pallas_pkg_config(libedit::libedit libedit)
pallas_pkg_config(icu::i18n icu-i18n)
pallas_pkg_config(icu::uc icu-uc)
find_package(Boost 1.74 REQUIRED)
# Without a package file that pkg-config or CMake can read.
find_library(PALLAS_LIBSTEMMER stemmer REQUIRED)
find_path(PALLAS_LIBSTEMMER_INCLUDE libstemmer.h REQUIRED)
add_library(libstemmer::libstemmer UNKNOWN IMPORTED GLOBAL)
set_target_properties(libstemmer::libstemmer PROPERTIES
  IMPORTED_LOCATION "${PALLAS_LIBSTEMMER}"
  INTERFACE_INCLUDE_DIRECTORIES "${PALLAS_LIBSTEMMER_INCLUDE}")
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
pallas_import(aws::crt aws-crt/lib/libaws_crt.a aws-crt/include)
target_link_libraries(aws::crt INTERFACE OpenSSL::Crypto Threads::Threads ${CMAKE_DL_LIBS})
find_package(date REQUIRED)
find_package(spdlog REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(nlohmann_json REQUIRED)
# Header-only, without a package file that CMake can read on every release. Errors come as values.
add_library(tomlplusplus::tomlplusplus INTERFACE IMPORTED GLOBAL)
target_compile_definitions(tomlplusplus::tomlplusplus INTERFACE TOML_EXCEPTIONS=0)

# Programs in the build tree find the fetched libraries by RPATH, installed ones in ../lib.
set(CMAKE_BUILD_RPATH "${PALLAS_DEPS}/duckdb/lib;${PALLAS_DEPS}/arrow/lib")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")
add_link_options("-Wl,-rpath-link,${PALLAS_DEPS}/arrow/lib" "-Wl,-rpath-link,${PALLAS_DEPS}/duckdb/lib")
install(FILES
  "${PALLAS_DEPS}/duckdb/lib/libduckdb.so"
  "${PALLAS_DEPS}/arrow/lib/libarrow.so.2600"
  "${PALLAS_DEPS}/arrow/lib/libarrow_compute.so.2600"
  DESTINATION lib)
