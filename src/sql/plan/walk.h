#ifndef PALLAS_SQL_PLAN_WALK_H_
#define PALLAS_SQL_PLAN_WALK_H_

#include "absl/functional/function_ref.h"

#include "sql/plan/plan.h"

// The direct parts of expressions and plans, so that a pass over a tree names only the nodes it
// treats specially. Each call visits one level, in the order of evaluation; recursion is the
// caller's, whose depth the parser's limit on nesting bounds.

namespace pallas::sql {

// The operands of `expr`. Plans of subqueries are not among them: see SubqueryOf.
void ForEachOperand(Expr& expr, absl::FunctionRef<void(ExprPtr&)> visit);
void ForEachOperand(const Expr& expr, absl::FunctionRef<void(const Expr&)> visit);

// The plan of a scalar, EXISTS or quantified subquery; null for every other expression.
Plan* SubqueryOf(Expr& expr);
const Plan* SubqueryOf(const Expr& expr);

// The inputs of `plan`: for WITH the plans and steps of its tables, then the body.
void ForEachInput(Plan& plan, absl::FunctionRef<void(PlanPtr&)> visit);
void ForEachInput(const Plan& plan, absl::FunctionRef<void(const Plan&)> visit);

// The expressions that stand in `plan` itself.
void ForEachExpression(Plan& plan, absl::FunctionRef<void(ExprPtr&)> visit);
void ForEachExpression(const Plan& plan, absl::FunctionRef<void(const Expr&)> visit);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_PLAN_WALK_H_
