#ifndef PALLAS_SQL_ANALYZER_EXPRESSION_TEXT_H_
#define PALLAS_SQL_ANALYZER_EXPRESSION_TEXT_H_

#include <string>
#include <vector>

#include "sql/ast/expression.h"

namespace pallas::sql {

// The expression as Trino's messages show it: `count(*)`, `(a + 1)`, `rank() OVER (ORDER BY x
// ASC)`. Long ones are cut.
std::string ExpressionText(const ast::Expr& expression);

// `[count(*), sum(x)]`
std::string ExpressionTexts(const std::vector<const ast::Expr*>& expressions);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_EXPRESSION_TEXT_H_
