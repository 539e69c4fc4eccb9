#include "engine/duckdb/tree.h"

#include <utility>

#include "duckdb/parser/expression/list.hpp"

#include "engine/duckdb/types.h"

namespace pallas::engine {

DuckExpr ColumnRef(std::string name) {
  return duckdb::make_uniq<duckdb::ColumnRefExpression>(std::move(name));
}

DuckExpr NativeCall(const std::string& name, DuckExprs arguments) {
  return duckdb::make_uniq<duckdb::FunctionExpression>(name, std::move(arguments));
}

DuckExpr CastTo(const Type& type, DuckExpr operand) {
  return NativeCast(ToDuckDbType(type), std::move(operand));
}

DuckExpr Coalesce(DuckExprs operands) {
  return duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_COALESCE,
                                                       std::move(operands));
}

SelectStatementPtr Statement(QueryNodePtr node) {
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(node);
  return statement;
}

}  // namespace pallas::engine
