#ifndef PALLAS_SQL_FUNCTIONS_RESOLUTION_H_
#define PALLAS_SQL_FUNCTIONS_RESOLUTION_H_

#include <span>
#include <string_view>

#include "absl/status/statusor.h"

#include "sql/functions/registry.h"
#include "sql/session.h"

namespace pallas::sql {

// ResolveFunction() of registry.h under the options of a session: which of char and varchar
// becomes the other, and which rules give the types of decimal arithmetic.
absl::StatusOr<ResolvedFunction> ResolveFunction(std::string_view name,
                                                 std::span<const FunctionArgument> arguments,
                                                 const DialectOptions& dialect);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_FUNCTIONS_RESOLUTION_H_
