#ifndef PALLAS_SQL_ANALYZER_RECURSIVE_REFERENCE_H_
#define PALLAS_SQL_ANALYZER_RECURSIVE_REFERENCE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sql/ast/query.h"

// Where the query of a WITH RECURSIVE table may name the table itself: Trino's rules, read off the
// syntax before anything is resolved.

namespace pallas::sql {

// The UNION whose right side refers to the table, so that it is recursive; null if nothing does,
// and the query is like any other. INVALID_RECURSIVE_REFERENCE, INVALID_LIMIT_CLAUSE or
// NOT_SUPPORTED where a reference is not allowed. What is returned is part of `table`.
absl::StatusOr<const ast::SetOperation*> FindRecursion(const ast::CommonTable& table);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_RECURSIVE_REFERENCE_H_
