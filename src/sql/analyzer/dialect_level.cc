#include "sql/analyzer/dialect_level.h"

#include "absl/strings/str_cat.h"

namespace pallas::sql {

absl::Status NeedsLevel(const DialectOptions& dialect, int level, std::string_view construct,
                        Location location) {
  if (dialect.level >= level) {
    return absl::OkStatus();
  }
  return ErrorAt(
      location, "SYNTAX_ERROR",
      absl::StrCat(construct, " needs dialect.level ", level, " or above; it is ", dialect.level));
}

}  // namespace pallas::sql
