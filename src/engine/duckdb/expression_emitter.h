#ifndef PALLAS_ENGINE_DUCKDB_EXPRESSION_EMITTER_H_
#define PALLAS_ENGINE_DUCKDB_EXPRESSION_EMITTER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/duckdb/external_calls.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/select_block.h"
#include "engine/duckdb/tree.h"
#include "sql/plan/plan.h"

namespace pallas::engine {

// Emits the plans of subqueries: what expressions need of the emitter of plans.
class SubqueryEmitter {
 public:
  virtual ~SubqueryEmitter() = default;
  virtual absl::StatusOr<SelectBlock> Emit(const sql::Plan& plan) = 0;
};

// Turns typed expressions into DuckDB's. Columns are ColumnRefs by their unique names, so that a
// correlated reference needs nothing special. Borrows all, for one statement.
class ExpressionEmitter {
 public:
  ExpressionEmitter(const FunctionEmitter& functions, SubqueryEmitter& subqueries,
                    ExternalCalls& external)
      : functions_(functions), subqueries_(subqueries), external_(external) {}

  const FunctionEmitter& functions() const { return functions_; }

  absl::StatusOr<DuckExpr> Emit(const sql::Expr& expr) const;

  absl::StatusOr<DuckExprs> EmitAll(const std::vector<sql::ExprPtr>& exprs) const;

  // The terms of a condition for which unknown is as good as false (WHERE, ON, FILTER), ANDed.
  // Here equalities become join keys and IN a semi join, whatever the type.
  absl::StatusOr<DuckExprs> EmitCondition(const sql::Expr& condition) const;

  // As DuckDB shall sort them. Constants, which sort nothing and which DuckDB would take as the
  // numbers of columns, are left out.
  absl::StatusOr<duckdb::vector<duckdb::OrderByNode>> EmitSortKeys(
      const std::vector<sql::SortKey>& keys) const;

 private:
  // Whether a result of unknown may be false instead.
  enum class Unknown { kKept, kFalse };

  absl::StatusOr<DuckExpr> Emit(const sql::Expr& expr, Unknown unknown) const;
  absl::StatusOr<DuckExpr> EmitTerm(const sql::Expr& term) const;

  absl::StatusOr<DuckExpr> EmitNode(const sql::ConstantExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::ColumnExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::LambdaParameterExpr& node,
                                    const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::CallExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::ExternalCallExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::LambdaExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::CastExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::CompareExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::BetweenExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::NotExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::IsNullExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::CaseExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::CoalesceExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::InListExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::TryExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::RowExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::ArrayExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::FieldExpr& node, const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::ScalarSubqueryExpr& node,
                                    const sql::Expr& expr) const;
  absl::StatusOr<DuckExpr> EmitNode(const sql::ExistsExpr& node, const sql::Expr& expr) const;

  absl::StatusOr<DuckExpr> EmitConjunction(duckdb::ExpressionType type,
                                           const std::vector<sql::ExprPtr>& terms,
                                           Unknown unknown) const;
  absl::StatusOr<DuckExpr> EmitQuantified(const sql::QuantifiedExpr& node, Unknown unknown) const;
  absl::StatusOr<DuckExpr> EmitNativeAny(const sql::QuantifiedExpr& node) const;
  absl::StatusOr<DuckExpr> EmitSemiJoin(const sql::QuantifiedExpr& node) const;
  absl::StatusOr<DuckExpr> EmitCounted(const sql::QuantifiedExpr& node) const;
  absl::StatusOr<DuckExpr> CompareWithColumns(const sql::QuantifiedExpr& node) const;
  // Equalities of the parts of `node.value` with the columns of its plan.
  template <typename EmitEqual>
  absl::StatusOr<DuckExprs> EqualParts(const sql::QuantifiedExpr& node, EmitEqual equal) const;

  const FunctionEmitter& functions_;
  SubqueryEmitter& subqueries_;
  ExternalCalls& external_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_EXPRESSION_EMITTER_H_
