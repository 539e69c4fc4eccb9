#ifndef PALLAS_QUERY_STATEMENTS_SHOW_FUNCTIONS_H_
#define PALLAS_QUERY_STATEMENTS_SHOW_FUNCTIONS_H_

#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// SHOW FUNCTIONS [LIKE ...]: one row for each overload of the registry, by name and arguments, in
// Trino's columns.
absl::StatusOr<StatementResult> RunShowFunctions(const sql::ast::Show& node);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_SHOW_FUNCTIONS_H_
