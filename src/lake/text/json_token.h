#ifndef PALLAS_LAKE_TEXT_JSON_TOKEN_H_
#define PALLAS_LAKE_TEXT_JSON_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Single values of JSON texts.

namespace pallas::lake {

enum class JsonKind { kText, kNumber, kBoolean, kObject, kArray, kOther };

struct JsonToken {
  JsonKind kind = JsonKind::kOther;
  // kText: without quotes and escapes. Else as it is written.
  std::string_view text;
};

// The value written as `raw`, which is one; `buffer` may come to hold its text. kOther is what is
// no JSON. HIVE_CURSOR_ERROR for a text with an escape that there is none of.
absl::StatusOr<JsonToken> ReadJsonToken(std::string_view raw, std::string& buffer);

// `-1.5e3`, as JSON has it.
bool IsJsonNumber(std::string_view text);

// A word without quotes as OpenX writes it as text: numbers as Java's BigDecimal does (`1E+2`,
// `0.5`), hexadecimal and octal ones as decimals, `true` and `false` in lower case. Other words as
// they are.
std::string CanonicalWord(std::string_view word);

// Appends `text` in quotes.
void AppendJsonText(std::string_view text, std::string& out);

// HIVE_CURSOR_ERROR, "the line is no JSON: ...".
absl::Status NotJson(std::string_view why);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_JSON_TOKEN_H_
