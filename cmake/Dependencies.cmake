# Third-party libraries as imported targets. What is not a Debian package lies in .deps/, where
# tools/setup puts it. Everything is SYSTEM: no warnings from others' headers.

set(PALLAS_DEPS "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "Where tools/setup has put the libraries")
if(NOT EXISTS "${PALLAS_DEPS}/duckdb/lib/libduckdb.so")
  message(FATAL_ERROR "The libraries are missing in ${PALLAS_DEPS}. Run tools/setup first.")
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

function(pallas_import target library include)
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${library}" INTERFACE_INCLUDE_DIRECTORIES "${include}")
endfunction()

pallas_import(absl::absl "${PALLAS_DEPS}/abseil/lib/libabsl.a" "${PALLAS_DEPS}/abseil/include")
target_link_libraries(absl::absl INTERFACE Threads::Threads)
pallas_import(duckdb::duckdb "${PALLAS_DEPS}/duckdb/lib/libduckdb.so" "${PALLAS_DEPS}/duckdb/include")
pallas_import(arrow::arrow "${PALLAS_DEPS}/arrow/lib/libarrow.so.2600" "${PALLAS_DEPS}/arrow/include")
pallas_import(arrow::compute "${PALLAS_DEPS}/arrow/lib/libarrow_compute.so.2600" "${PALLAS_DEPS}/arrow/include")
target_link_libraries(arrow::compute INTERFACE arrow::arrow)

pkg_check_modules(MARIADB REQUIRED IMPORTED_TARGET GLOBAL libmariadb)
add_library(mariadb::client ALIAS PkgConfig::MARIADB)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET GLOBAL sqlite3)
add_library(sqlite3::sqlite3 ALIAS PkgConfig::SQLITE3)
pkg_check_modules(ONIGURUMA REQUIRED IMPORTED_TARGET GLOBAL oniguruma)
add_library(oniguruma::oniguruma ALIAS PkgConfig::ONIGURUMA)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)
add_library(utf8proc::utf8proc ALIAS PkgConfig::UTF8PROC)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET GLOBAL simdjson)
add_library(simdjson::simdjson_lib ALIAS PkgConfig::SIMDJSON)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(date REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

add_library(tomlplusplus::tomlplusplus INTERFACE IMPORTED GLOBAL)

# Programs find the fetched libraries in the build tree by RPATH and installed ones beside them.
set(CMAKE_BUILD_RPATH "${PALLAS_DEPS}/duckdb/lib;${PALLAS_DEPS}/arrow/lib")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")
add_link_options("-Wl,-rpath-link,${PALLAS_DEPS}/arrow/lib" "-Wl,-rpath-link,${PALLAS_DEPS}/duckdb/lib")
