#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_TREE_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_TREE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "duckdb/common/types.hpp"
#include "duckdb/parser/expression/function_expression.hpp"

#include "engine/duckdb/functions/functions.h"

// Small pieces of DuckDB syntax trees.

namespace pallas::engine {

// A list of trees in one expression: Trees(a, b).
template <typename... Trees>
DuckExprs MakeTrees(Trees... trees) {
  DuckExprs list;
  list.reserve(sizeof...(trees));
  (list.push_back(std::move(trees)), ...);
  return list;
}

// A call of a DuckDB function of that name, whatever the search path.
duckdb::unique_ptr<duckdb::FunctionExpression> CallDuckDbFunction(const std::string& name,
                                                                  DuckExprs arguments);

// A call of one of our functions: "trino$" and `name`.
duckdb::unique_ptr<duckdb::FunctionExpression> CallPrivate(std::string_view name,
                                                           DuckExprs arguments);

DuckExpr BooleanConstant(bool value);
DuckExpr IntegerConstant(int32_t value);
DuckExpr BigintConstant(int64_t value);
DuckExpr DoubleConstant(double value);
// REQUIRES: valid UTF-8.
DuckExpr TextConstant(std::string_view value);

// A native cast.
DuckExpr NativeCast(const duckdb::LogicalType& type, DuckExpr argument);
// A native comparison or conjunction of that kind.
DuckExpr NativeCompare(duckdb::ExpressionType op, DuckExpr left, DuckExpr right);
DuckExpr And(DuckExprs terms);
DuckExpr Or(DuckExprs terms);
DuckExpr Not(DuckExpr argument);
DuckExpr IsNull(DuckExpr argument);
DuckExpr IsNotNull(DuckExpr argument);
// CASE WHEN condition THEN result ELSE otherwise END.
DuckExpr IfElse(DuckExpr condition, DuckExpr result, DuckExpr otherwise);

// Whether the tree is a constant, or a cast of one.
bool IsConstantTree(const duckdb::ParsedExpression& tree);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_TREE_H_
