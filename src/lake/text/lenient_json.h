#ifndef PALLAS_LAKE_TEXT_LENIENT_JSON_H_
#define PALLAS_LAKE_TEXT_LENIENT_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pallas::lake {

// Rewrites what the OpenX SerDe takes for JSON as JSON: comments (`#`, `//`, `/* */`), texts in
// single quotes or in none, `=` and `=>` for the colon, `;` for the comma, array items that are
// left out. HIVE_CURSOR_ERROR for what it does not take. Nesting is bounded.
absl::Status RewriteLenientJson(std::string_view text, std::string& out);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_LENIENT_JSON_H_
