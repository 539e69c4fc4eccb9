#include "engine/duckdb/functions/tree.h"

#include "absl/strings/str_cat.h"
#include "duckdb/parser/expression/case_expression.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/comparison_expression.hpp"
#include "duckdb/parser/expression/conjunction_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/operator_expression.hpp"

namespace pallas::engine {

using duckdb::ExpressionType;
using duckdb::make_uniq;

duckdb::unique_ptr<duckdb::FunctionExpression> CallDuckDbFunction(const std::string& name,
                                                                  DuckExprs arguments) {
  return make_uniq<duckdb::FunctionExpression>("system", "main", name, std::move(arguments));
}

duckdb::unique_ptr<duckdb::FunctionExpression> CallPrivate(std::string_view name,
                                                           DuckExprs arguments) {
  return CallDuckDbFunction(absl::StrCat("trino$", name), std::move(arguments));
}

DuckExpr BooleanConstant(bool value) {
  return make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(value));
}

DuckExpr IntegerConstant(int32_t value) {
  return make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(value));
}

DuckExpr BigintConstant(int64_t value) {
  return make_uniq<duckdb::ConstantExpression>(duckdb::Value::BIGINT(value));
}

DuckExpr DoubleConstant(double value) {
  return make_uniq<duckdb::ConstantExpression>(duckdb::Value::DOUBLE(value));
}

DuckExpr TextConstant(std::string_view value) {
  return make_uniq<duckdb::ConstantExpression>(duckdb::Value(std::string(value)));
}

DuckExpr NativeCast(const duckdb::LogicalType& type, DuckExpr argument) {
  return make_uniq<duckdb::CastExpression>(type, std::move(argument));
}

DuckExpr NativeCompare(ExpressionType op, DuckExpr left, DuckExpr right) {
  return make_uniq<duckdb::ComparisonExpression>(op, std::move(left), std::move(right));
}

DuckExpr And(DuckExprs terms) {
  if (terms.size() == 1) {
    return std::move(terms.front());
  }
  return make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND,
                                                  std::move(terms));
}

DuckExpr Or(DuckExprs terms) {
  if (terms.size() == 1) {
    return std::move(terms.front());
  }
  return make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_OR, std::move(terms));
}

DuckExpr Not(DuckExpr argument) {
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_NOT, std::move(argument));
}

DuckExpr IsNull(DuckExpr argument) {
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NULL,
                                               std::move(argument));
}

DuckExpr IsNotNull(DuckExpr argument) {
  return make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_IS_NOT_NULL,
                                               std::move(argument));
}

DuckExpr IfElse(DuckExpr condition, DuckExpr result, DuckExpr otherwise) {
  auto tree = make_uniq<duckdb::CaseExpression>();
  duckdb::CaseCheck check;
  check.when_expr = std::move(condition);
  check.then_expr = std::move(result);
  tree->case_checks.push_back(std::move(check));
  tree->else_expr = std::move(otherwise);
  return tree;
}

bool IsConstantTree(const duckdb::ParsedExpression& tree) {
  if (tree.GetExpressionClass() == duckdb::ExpressionClass::CAST) {
    return IsConstantTree(*tree.Cast<duckdb::CastExpression>().child);
  }
  return tree.GetExpressionClass() == duckdb::ExpressionClass::CONSTANT;
}

}  // namespace pallas::engine
