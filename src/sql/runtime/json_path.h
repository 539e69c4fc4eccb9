#ifndef PALLAS_SQL_RUNTIME_JSON_PATH_H_
#define PALLAS_SQL_RUNTIME_JSON_PATH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// json_extract and its kin: reading parts of JSON texts. A text is read only as far as needed;
// where it turns out to be no JSON on the way, there is no result. Any thread.

namespace pallas::sql {

// `$.store.book[0]["a b"]`. Immutable.
class JsonPath {
 public:
  // INVALID_FUNCTION_ARGUMENT "Invalid JSON path: '...'".
  static absl::StatusOr<JsonPath> Parse(std::string_view text);

  // The value as JSON, its members in the order they have.
  std::optional<std::string> Extract(std::string_view json) const;
  // A string, number or boolean as text.
  std::optional<std::string> ExtractScalar(std::string_view json) const;
  // Elements or members; 0 for scalars.
  std::optional<int64_t> Size(std::string_view json) const;

 private:
  // What follows up to the value that the path leads to; nullopt: nowhere.
  std::optional<std::string_view> Find(std::string_view json) const;

  std::vector<std::string> steps_;
};

// nullopt: not an array.
std::optional<int64_t> JsonArrayLength(std::string_view json);
// From 0, from the end if negative. Strings come without quotes, as Trino has it.
std::optional<std::string> JsonArrayGet(std::string_view json, int64_t index);
std::optional<bool> JsonArrayContains(std::string_view json, bool value);
std::optional<bool> JsonArrayContains(std::string_view json, int64_t value);
std::optional<bool> JsonArrayContains(std::string_view json, double value);
std::optional<bool> JsonArrayContains(std::string_view json, std::string_view value);

// INVALID_FUNCTION_ARGUMENT if it is no JSON.
absl::StatusOr<bool> IsJsonScalar(std::string_view json);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_JSON_PATH_H_
