#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_SQL_TYPE_NAME_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_SQL_TYPE_NAME_H_

#include <cstdint>
#include <string_view>

namespace pallas::engine {

// How SQL calls the type whose values are a T.
template <typename T>
inline constexpr std::string_view kSqlName = "";
template <>
inline constexpr std::string_view kSqlName<int8_t> = "tinyint";
template <>
inline constexpr std::string_view kSqlName<int16_t> = "smallint";
template <>
inline constexpr std::string_view kSqlName<int32_t> = "integer";
template <>
inline constexpr std::string_view kSqlName<int64_t> = "bigint";
template <>
inline constexpr std::string_view kSqlName<float> = "real";
template <>
inline constexpr std::string_view kSqlName<double> = "double";

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_SQL_TYPE_NAME_H_
