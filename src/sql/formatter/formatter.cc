#include "sql/formatter/formatter.h"

#include "sql/formatter/formatter_internal.h"

namespace pallas::sql {

std::string FormatExpression(const ast::Expr& expression, const FormatOptions& options) {
  Formatter formatter(options);
  formatter.Expression(expression);
  return formatter.TakeText();
}

std::string FormatQuery(const ast::Query& query, const FormatOptions& options) {
  Formatter formatter(options);
  formatter.Query(query);
  return formatter.TakeText();
}

std::string FormatStatement(const ast::Statement& statement, const FormatOptions& options) {
  Formatter formatter(options);
  formatter.Statement(statement);
  return formatter.TakeText();
}

}  // namespace pallas::sql
