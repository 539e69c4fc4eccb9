#ifndef PALLAS_SQL_FUNCTIONS_DECIMAL_RESULT_H_
#define PALLAS_SQL_FUNCTIONS_DECIMAL_RESULT_H_

#include <span>

#include "absl/status/statusor.h"

#include "sql/functions/registry_builder.h"
#include "types/type.h"

// Precision and scale of what decimal operators give (spec/sql-dialect.md sections 3 and 6.1).
// REQUIRES: two decimal arguments. Errors: INVALID_FUNCTION_ARGUMENT, where a scale is more than a
// decimal can have. Pure functions; any thread.

namespace pallas::sql {

// As Trino has them before release 477.
absl::StatusOr<Type> DecimalSum(std::span<const Type> arguments);  // and differences
absl::StatusOr<Type> DecimalProduct(std::span<const Type> arguments);
absl::StatusOr<Type> DecimalQuotient(std::span<const Type> arguments);
absl::StatusOr<Type> DecimalRemainder(std::span<const Type> arguments);

// The rule that stands for `rule` since release 477 (products: 481), which is that of SQL Server:
// https://learn.microsoft.com/sql/t-sql/data-types/precision-scale-and-length-transact-sql
// A quotient has at least six digits after the point, and where a result needs more than 38
// digits, digits after the point are given up. Other rules, and null, are returned as they are.
ResultTypeFunction RevisedDecimalRule(ResultTypeFunction rule);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_FUNCTIONS_DECIMAL_RESULT_H_
