#ifndef PALLAS_QUERY_STATEMENTS_NAME_PATTERN_H_
#define PALLAS_QUERY_STATEMENTS_NAME_PATTERN_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace pallas::query {

// The pattern of SHOW ... LIKE. A regular expression that must match a whole name, without case, in
// which a `*` that repeats nothing, and `%`, stand for any text; with an escape character, SQL's
// LIKE. A value; any thread.
class NamePattern {
 public:
  // An empty `pattern` matches every name. INVALID_FUNCTION_ARGUMENT for an escape of more or fewer
  // than one character, and for what is no regular expression.
  static absl::StatusOr<NamePattern> Make(const std::string& pattern,
                                          const std::optional<std::string>& escape);

  bool Matches(std::string_view name) const;

 private:
  NamePattern() = default;

  std::shared_ptr<const re2::RE2> expression_;  // null: every name
};

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_NAME_PATTERN_H_
