#ifndef PALLAS_SQL_RUNTIME_JSON_H_
#define PALLAS_SQL_RUNTIME_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pallas::sql {

// The one text of a JSON value, whose equality is the equality of values of type json: no blanks,
// object keys in order, the last of equal keys, numbers with a fraction as doubles, the shortest
// escapes. Appends to `out`; false (and `out` as it was) if `text` is not one JSON value.
// Any thread. Nesting beyond 1,000 levels is refused.
bool AppendCanonicalJson(std::string_view text, std::string* out);

// json_parse(text): INVALID_FUNCTION_ARGUMENT "Cannot convert value to JSON: '...'".
absl::StatusOr<std::string> ParseJson(std::string_view text);

// Takes the JSON value at the front of `rest` off and appends it without blanks, its members in the
// order they have. False if there is none; then both are in an unspecified state.
bool TakeJsonValue(std::string_view& rest, std::string* out);

// The same for a JSON string, which is appended unescaped.
bool TakeJsonString(std::string_view& rest, std::string* text);

// `text` as a JSON string with its quotes.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_JSON_H_
