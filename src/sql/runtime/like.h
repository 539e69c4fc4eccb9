#ifndef PALLAS_SQL_RUNTIME_LIKE_H_
#define PALLAS_SQL_RUNTIME_LIKE_H_

#include <string_view>

#include "absl/status/statusor.h"

// LIKE with an escape character; without one DuckDB's own LIKE means the same. Any thread.

namespace pallas::sql {

// Whether the escape is one character that stands only before a character it may escape:
// INVALID_FUNCTION_ARGUMENT where not.
absl::Status CheckLikePattern(std::string_view pattern, std::string_view escape);

// REQUIRES: CheckLikePattern() is OK.
bool LikeWithEscape(std::string_view text, std::string_view pattern, std::string_view escape);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_LIKE_H_
