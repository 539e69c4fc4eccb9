#ifndef PALLAS_ENGINE_DUCKDB_PLAN_EMITTER_H_
#define PALLAS_ENGINE_DUCKDB_PLAN_EMITTER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/duckdb/expression_emitter.h"
#include "engine/duckdb/scan.h"
#include "engine/duckdb/select_block.h"
#include "sql/plan/plan.h"

namespace pallas::engine {

// Turns a plan, node by node, into SELECTs. One statement; borrows what it is made of.
class PlanEmitter final : public SubqueryEmitter {
 public:
  PlanEmitter(const FunctionEmitter& functions, QueryScans& scans)
      : functions_(functions),
        expressions_(functions, *this, scans.external_calls()),
        scans_(scans) {}

  // The block delivers at least the columns of `plan`, each under ColumnName(id).
  absl::StatusOr<SelectBlock> Emit(const sql::Plan& plan) override;

 private:
  // Emits expressions for a place where DuckDB allows no subquery and no outer column (aggregates
  // and windows): those that have one get a name in a SELECT below first.
  class Operands;

  absl::StatusOr<SelectBlock> EmitNode(const sql::ScanPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::ValuesPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::ProjectPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::FilterPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::JoinPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::AggregatePlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::WindowPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::DistinctPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::SortPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::LimitPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::SetOperationPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::UnnestPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::SamplePlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::WithPlan& node, const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitNode(const sql::CteScanPlan& node, const sql::Plan& plan);

  // plan_emitter.cc
  absl::StatusOr<SelectBlock> EmitOneRow(const std::vector<sql::ExprPtr>& row,
                                         const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitWithTies(const sql::LimitPlan& node);
  absl::StatusOr<QueryNodePtr> EmitRecursion(const sql::Cte& cte, SelectBlock anchor,
                                             duckdb::CommonTableExpressionInfo* info);
  absl::StatusOr<duckdb::unique_ptr<duckdb::CommonTableExpressionInfo>> EmitCte(
      const sql::Cte& cte);
  // A table whose columns are renamed to those of `plan`, by position.
  SelectBlock Rename(QueryNodePtr node, const sql::Plan& plan);

  // join_emitter.cc
  class Hoisted;

  // aggregate_emitter.cc
  absl::StatusOr<DuckExpr> EmitAggregateCall(const sql::AggregateCall& call, Operands& operands);
  absl::StatusOr<DuckExpr> EmitDistinctCall(const sql::AggregateCall& call, DuckExprs arguments,
                                            AggregateParts parts);
  absl::StatusOr<DuckExpr> AnyOf(const Type& type, DuckExpr value);

  // window_emitter.cc
  absl::StatusOr<DuckExpr> EmitWindowCall(const sql::WindowCall& call, Operands& operands);
  absl::Status EmitFrame(const sql::WindowCall& call, Operands& operands, WindowParts& parts);

  // set_operation_emitter.cc
  absl::StatusOr<QueryNodePtr> EmitBranch(const sql::Plan& plan);
  absl::StatusOr<SelectBlock> EmitByCounts(const sql::SetOperationPlan& node,
                                           const sql::Plan& plan);

  const FunctionEmitter& functions_;
  ExpressionEmitter expressions_;
  QueryScans& scans_;
  NameGenerator names_;
  std::map<std::string, int> cte_scans_;  // how often each CTE is read
  // Of columns that the emitter adds; counts down, apart from the statement's.
  sql::ColumnId last_own_column_ = -1;
};

// The names of the columns of `plan`.
std::vector<std::string> ColumnNames(const sql::Plan& plan);

class PlanEmitter::Operands {
 public:
  // `input` is the plan whose rows `block` delivers.
  Operands(const sql::Plan& input, const ExpressionEmitter& expressions, NameGenerator& names);

  absl::StatusOr<DuckExpr> Emit(const sql::Expr& expr);
  absl::StatusOr<DuckExprs> EmitAll(const std::vector<sql::ExprPtr>& exprs);
  absl::StatusOr<DuckExpr> EmitFilter(const sql::Expr& condition);
  absl::StatusOr<duckdb::vector<duckdb::OrderByNode>> EmitSortKeys(
      const std::vector<sql::SortKey>& keys);

  // Puts the SELECT with the named expressions below, if there are any. Call it when all are
  // emitted.
  void Apply(SelectBlock& block);

 private:
  bool NeedsName(const sql::Expr& expr) const;

  const ExpressionEmitter& expressions_;
  NameGenerator& names_;
  std::set<sql::ColumnId> columns_;
  std::vector<SelectBlock::Item> named_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_PLAN_EMITTER_H_
