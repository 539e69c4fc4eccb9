#ifndef PALLAS_SQL_ANALYZER_COLUMNS_H_
#define PALLAS_SQL_ANALYZER_COLUMNS_H_

#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"

#include "sql/analyzer/scope.h"
#include "sql/plan/plan.h"
#include "types/type.h"

// Building blocks of plans.

namespace pallas::sql {

using ColumnSet = absl::flat_hash_set<ColumnId>;

// A table expression: what makes its rows, and what names reach of them. Every field is a column of
// `plan`; the plan may have more.
struct RelationPlan {
  PlanPtr plan;
  std::vector<ScopeField> fields;
};

template <typename Node>
ExprPtr MakeExpr(Type type, Node node, Location location = {}) {
  auto expr = std::make_unique<Expr>();
  expr->type = std::move(type);
  expr->location = location;
  expr->node = std::move(node);
  return expr;
}

template <typename Node>
PlanPtr MakePlan(std::vector<PlanColumn> columns, Node node) {
  auto plan = std::make_unique<Plan>();
  plan->columns = std::move(columns);
  plan->node = std::move(node);
  return plan;
}

ExprPtr ColumnRef(ColumnId column, const Type& type, Location location = {});
ExprPtr ColumnRef(const PlanColumn& column);
ExprPtr ColumnRef(const ScopeField& field);
ExprPtr TrueConstant();

// One row without columns: what a SELECT without FROM reads.
PlanPtr SingleRow();

// `plan` under a node that leaves its columns as they are.
PlanPtr Filter(PlanPtr plan, ExprPtr condition);

std::vector<ScopeField> VisibleFields(std::span<const ScopeField> fields);

// Adds the columns that `expr` or `plan` refers to anywhere, subqueries included.
void CollectColumns(const Expr& expr, ColumnSet* columns);
void CollectColumns(const Plan& plan, ColumnSet* columns);

// The first reference to one of `columns` in `expr`, subqueries included; null if there is none.
const Expr* FindReference(const Expr& expr, const ColumnSet& columns);
const Expr* FindReference(const Plan& plan, const ColumnSet& columns);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_COLUMNS_H_
