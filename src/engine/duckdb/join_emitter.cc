#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "duckdb/parser/tableref/joinref.hpp"

#include "base/status_macros.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/plan_emitter.h"
#include "sql/plan/walk.h"

namespace pallas::engine {
namespace {

duckdb::JoinType ToJoinType(sql::JoinKind kind) {
  switch (kind) {
    case sql::JoinKind::kLeft:
      return duckdb::JoinType::LEFT;
    case sql::JoinKind::kRight:
      return duckdb::JoinType::RIGHT;
    case sql::JoinKind::kFull:
      return duckdb::JoinType::OUTER;
    default:
      return duckdb::JoinType::INNER;
  }
}

void CollectColumns(const sql::Plan& plan, std::set<sql::ColumnId>* columns);

// The columns that `expr` reads, those of its subqueries included.
void CollectColumns(const sql::Expr& expr, std::set<sql::ColumnId>* columns) {
  if (const auto* column = std::get_if<sql::ColumnExpr>(&expr.node)) {
    columns->insert(column->column);
  }
  if (const sql::Plan* subquery = sql::SubqueryOf(expr)) {
    CollectColumns(*subquery, columns);
  }
  sql::ForEachOperand(expr, [&](const sql::Expr& operand) { CollectColumns(operand, columns); });
}

void CollectColumns(const sql::Plan& plan, std::set<sql::ColumnId>* columns) {
  sql::ForEachExpression(plan, [&](const sql::Expr& expr) { CollectColumns(expr, columns); });
  sql::ForEachInput(plan, [&](const sql::Plan& input) { CollectColumns(input, columns); });
}

bool ReadsAny(const std::set<sql::ColumnId>& columns, const sql::Plan& plan) {
  for (const sql::PlanColumn& column : plan.columns) {
    if (columns.contains(column.id)) {
      return true;
    }
  }
  return false;
}

}  // namespace

// Subqueries in the condition of an outer join, which DuckDB does not take: those that read one
// side only become a column of that side.
class PlanEmitter::Hoisted {
 public:
  Hoisted(const sql::JoinPlan& node, const ExpressionEmitter& expressions,
          sql::ColumnId* last_own_column)
      : node_(node),
        expressions_(expressions),
        last_own_column_(last_own_column),
        condition_(sql::Clone(*node.condition)) {}

  // Takes the subqueries out of condition().
  absl::Status Run() { return Visit(condition_); }

  const sql::Expr& condition() const { return *condition_; }

  // Gives each side its columns.
  void Apply(SelectBlock& left, SelectBlock& right) {
    AddTo(left, std::move(left_items_));
    AddTo(right, std::move(right_items_));
  }

 private:
  absl::Status Visit(sql::ExprPtr& expr) {
    if (sql::SubqueryOf(*expr) != nullptr) {
      return Hoist(expr);
    }
    absl::Status status;
    sql::ForEachOperand(*expr, [&](sql::ExprPtr& operand) {
      if (status.ok()) {
        status = Visit(operand);
      }
    });
    return status;
  }

  absl::Status Hoist(sql::ExprPtr& expr) {
    std::set<sql::ColumnId> columns;
    CollectColumns(*expr, &columns);
    const bool reads_right = ReadsAny(columns, *node_.right);
    if (reads_right && ReadsAny(columns, *node_.left)) {
      return absl::OkStatus();  // stays, and DuckDB says that it cannot
    }
    ASSIGN_OR_RETURN(DuckExpr value, expressions_.Emit(*expr));
    const sql::ColumnId column = --*last_own_column_;
    (reads_right ? right_items_ : left_items_).push_back({ColumnName(column), std::move(value)});
    expr->node = sql::ColumnExpr{column};
    return absl::OkStatus();
  }

  static void AddTo(SelectBlock& block, std::vector<SelectBlock::Item> items) {
    if (!items.empty()) {
      block.PrepareExpressions();
      block.SelectAlso(std::move(items));
    }
  }

  const sql::JoinPlan& node_;
  const ExpressionEmitter& expressions_;
  sql::ColumnId* last_own_column_;
  sql::ExprPtr condition_;
  std::vector<SelectBlock::Item> left_items_;
  std::vector<SelectBlock::Item> right_items_;
};

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::JoinPlan& node,
                                                  const sql::Plan& plan) {
  ASSIGN_OR_RETURN(SelectBlock left, Emit(*node.left));
  ASSIGN_OR_RETURN(SelectBlock right, Emit(*node.right));
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
  join->type = ToJoinType(node.kind);
  if (node.kind == sql::JoinKind::kCross) {
    join->ref_type = duckdb::JoinRefType::CROSS;
  } else if (node.kind == sql::JoinKind::kInner) {
    ASSIGN_OR_RETURN(DuckExprs terms, expressions_.EmitCondition(*node.condition));
    join->condition = And(std::move(terms));
  } else {
    Hoisted hoisted(node, expressions_, &last_own_column_);
    RETURN_IF_ERROR(hoisted.Run());
    hoisted.Apply(left, right);
    ASSIGN_OR_RETURN(DuckExprs terms, expressions_.EmitCondition(hoisted.condition()));
    join->condition = And(std::move(terms));
  }
  join->left = left.IntoTable();
  join->right = right.IntoTable();
  return SelectBlock(std::move(join), ColumnNames(plan), names_);
}

}  // namespace pallas::engine
