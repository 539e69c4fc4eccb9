#ifndef PALLAS_SQL_ANALYZER_PARAMETERS_H_
#define PALLAS_SQL_ANALYZER_PARAMETERS_H_

#include <vector>

#include "absl/status/status.h"

#include "sql/ast/expression.h"

namespace pallas::sql {

// Whether expressions may stand for parameters (`?`) anywhere in a statement: they have to be
// constant. Else EXPRESSION_NOT_CONSTANT with line:column.
absl::Status CheckParameters(const std::vector<ast::ExprPtr>& parameters);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_PARAMETERS_H_
