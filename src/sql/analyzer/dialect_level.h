#ifndef PALLAS_SQL_ANALYZER_DIALECT_LEVEL_H_
#define PALLAS_SQL_ANALYZER_DIALECT_LEVEL_H_

#include <string_view>

#include "absl/status/status.h"

#include "base/error_detail.h"
#include "sql/session.h"

// The setting `dialect.level`: what only a later release of Trino has is refused below it
// (spec/sql-dialect.md section 3).

namespace pallas::sql {

// The releases that brought these.
inline constexpr int kBetweenSymmetricLevel = 477;
inline constexpr int kCastsOfCharLevel = 482;

// An error unless the session's level is at least `level`; "line 1:3: BETWEEN SYMMETRIC needs
// dialect.level 477 or above; it is 476".
absl::Status NeedsLevel(const DialectOptions& dialect, int level, std::string_view construct,
                        Location location);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_DIALECT_LEVEL_H_
