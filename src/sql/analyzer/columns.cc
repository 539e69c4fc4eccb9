#include "sql/analyzer/columns.h"

#include "sql/plan/walk.h"

namespace pallas::sql {
ExprPtr ColumnRef(ColumnId column, const Type& type, Location location) {
  return MakeExpr(type, ColumnExpr{column}, location);
}

ExprPtr ColumnRef(const PlanColumn& column) { return ColumnRef(column.id, column.type); }

ExprPtr ColumnRef(const ScopeField& field) { return ColumnRef(field.column, field.type); }

ExprPtr TrueConstant() { return MakeExpr(Type::Boolean(), ConstantExpr{true}); }

PlanPtr SingleRow() {
  ValuesPlan values;
  values.rows.emplace_back();
  return MakePlan({}, std::move(values));
}

PlanPtr Filter(PlanPtr plan, ExprPtr condition) {
  std::vector<PlanColumn> columns = plan->columns;
  return MakePlan(std::move(columns), FilterPlan{std::move(plan), std::move(condition)});
}

std::vector<ScopeField> VisibleFields(std::span<const ScopeField> fields) {
  std::vector<ScopeField> visible;
  visible.reserve(fields.size());
  for (const ScopeField& field : fields) {
    if (!field.hidden) {
      visible.push_back(field);
    }
  }
  return visible;
}

void CollectColumns(const Expr& expr, ColumnSet* columns) {
  if (const auto* column = std::get_if<ColumnExpr>(&expr.node)) {
    columns->insert(column->column);
    return;
  }
  ForEachOperand(expr, [&](const Expr& operand) { CollectColumns(operand, columns); });
  if (const Plan* plan = SubqueryOf(expr)) {
    CollectColumns(*plan, columns);
  }
}

void CollectColumns(const Plan& plan, ColumnSet* columns) {
  ForEachExpression(plan, [&](const Expr& expr) { CollectColumns(expr, columns); });
  ForEachInput(plan, [&](const Plan& input) { CollectColumns(input, columns); });
}

const Expr* FindReference(const Expr& expr, const ColumnSet& columns) {
  if (const auto* column = std::get_if<ColumnExpr>(&expr.node)) {
    return columns.contains(column->column) ? &expr : nullptr;
  }
  const Expr* found = nullptr;
  ForEachOperand(expr, [&](const Expr& operand) {
    if (found == nullptr) {
      found = FindReference(operand, columns);
    }
  });
  if (const Plan* plan = SubqueryOf(expr); found == nullptr && plan != nullptr) {
    found = FindReference(*plan, columns);
  }
  return found;
}

const Expr* FindReference(const Plan& plan, const ColumnSet& columns) {
  const Expr* found = nullptr;
  ForEachExpression(plan, [&](const Expr& expr) {
    if (found == nullptr) {
      found = FindReference(expr, columns);
    }
  });
  ForEachInput(plan, [&](const Plan& input) {
    if (found == nullptr) {
      found = FindReference(input, columns);
    }
  });
  return found;
}

}  // namespace pallas::sql
