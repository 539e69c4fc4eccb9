#include "sql/plan/walk.h"

#include <type_traits>
#include <vector>

namespace pallas::sql {
namespace {

// Each Parts() overload feeds the owned parts of one kind of node to `visit`. Templates, so that
// one text serves the const and the mutable walk; null parts are left out.

template <typename Visit>
void One(const ExprPtr& part, Visit visit) {
  if (part != nullptr) {
    visit(*part);
  }
}

template <typename Visit>
void One(ExprPtr& part, Visit visit) {
  if (part != nullptr) {
    visit(part);
  }
}

template <typename Parts, typename Visit>
void Each(Parts& parts, Visit visit) {
  for (auto& part : parts) {
    One(part, visit);
  }
}

template <typename Keys, typename Visit>
void EachKey(Keys& keys, Visit visit) {
  for (auto& key : keys) {
    One(key.expression, visit);
  }
}

template <typename Node, typename T>
inline constexpr bool kIs = std::is_same_v<std::remove_const_t<Node>, T>;

template <typename Node, typename Visit>
void OperandsOfSpecialForm(Node& node, Visit visit) {
  if constexpr (kIs<Node, CaseExpr>) {
    for (auto& when : node.whens) {
      One(when.condition, visit);
      One(when.result, visit);
    }
    One(node.otherwise, visit);
  } else if constexpr (kIs<Node, InListExpr>) {
    One(node.value, visit);
    Each(node.items, visit);
  } else if constexpr (kIs<Node, CoalesceExpr>) {
    Each(node.operands, visit);
  } else if constexpr (kIs<Node, RowExpr>) {
    Each(node.fields, visit);
  } else if constexpr (kIs<Node, ArrayExpr>) {
    Each(node.elements, visit);
  } else if constexpr (kIs<Node, FieldExpr>) {
    One(node.row, visit);
  } else if constexpr (kIs<Node, QuantifiedExpr>) {
    One(node.value, visit);
  } else {
    static_assert(kIs<Node, ConstantExpr> || kIs<Node, ColumnExpr> ||
                  kIs<Node, LambdaParameterExpr> || kIs<Node, ScalarSubqueryExpr> ||
                  kIs<Node, ExistsExpr>);
  }
}

template <typename Node, typename Visit>
void OperandsOf(Node& node, Visit visit) {
  if constexpr (kIs<Node, CallExpr> || kIs<Node, ExternalCallExpr>) {
    Each(node.arguments, visit);
  } else if constexpr (kIs<Node, LambdaExpr>) {
    One(node.body, visit);
  } else if constexpr (kIs<Node, CastExpr> || kIs<Node, NotExpr> || kIs<Node, IsNullExpr> ||
                       kIs<Node, TryExpr>) {
    One(node.operand, visit);
  } else if constexpr (kIs<Node, CompareExpr>) {
    One(node.left, visit);
    One(node.right, visit);
  } else if constexpr (kIs<Node, BetweenExpr>) {
    One(node.value, visit);
    One(node.low, visit);
    One(node.high, visit);
  } else if constexpr (kIs<Node, AndExpr> || kIs<Node, OrExpr>) {
    Each(node.terms, visit);
  } else {
    OperandsOfSpecialForm(node, visit);
  }
}

template <typename E>
auto SubqueryIn(E& expr) -> decltype(std::get<ExistsExpr>(expr.node).plan.get()) {
  if (auto* scalar = std::get_if<ScalarSubqueryExpr>(&expr.node)) {
    return scalar->plan.get();
  }
  if (auto* exists = std::get_if<ExistsExpr>(&expr.node)) {
    return exists->plan.get();
  }
  if (auto* quantified = std::get_if<QuantifiedExpr>(&expr.node)) {
    return quantified->plan.get();
  }
  return nullptr;
}

template <typename Visit>
void OneInput(const PlanPtr& input, Visit visit) {
  if (input != nullptr) {
    visit(*input);
  }
}

template <typename Visit>
void OneInput(PlanPtr& input, Visit visit) {
  if (input != nullptr) {
    visit(input);
  }
}

template <typename Node, typename Visit>
void InputsOf(Node& node, Visit visit) {
  if constexpr (kIs<Node, JoinPlan> || kIs<Node, SetOperationPlan>) {
    OneInput(node.left, visit);
    OneInput(node.right, visit);
  } else if constexpr (kIs<Node, WithPlan>) {
    for (auto& cte : node.ctes) {
      OneInput(cte.plan, visit);
      OneInput(cte.step, visit);
    }
    OneInput(node.body, visit);
  } else if constexpr (!kIs<Node, ScanPlan> && !kIs<Node, ValuesPlan> && !kIs<Node, CteScanPlan>) {
    OneInput(node.input, visit);
  }
}

template <typename Calls, typename Visit>
void ExpressionsOfAggregates(Calls& calls, Visit visit) {
  for (auto& call : calls) {
    Each(call.arguments, visit);
    One(call.filter, visit);
    EachKey(call.order_by, visit);
  }
}

template <typename Calls, typename Visit>
void ExpressionsOfWindows(Calls& calls, Visit visit) {
  for (auto& call : calls) {
    Each(call.arguments, visit);
    One(call.filter, visit);
    Each(call.partition_by, visit);
    EachKey(call.order_by, visit);
    One(call.start.offset, visit);
    One(call.end.offset, visit);
  }
}

template <typename Node, typename Visit>
void ExpressionsOf(Node& node, Visit visit) {
  if constexpr (kIs<Node, ValuesPlan>) {
    for (auto& row : node.rows) {
      Each(row, visit);
    }
  } else if constexpr (kIs<Node, ProjectPlan> || kIs<Node, UnnestPlan>) {
    Each(node.expressions, visit);
  } else if constexpr (kIs<Node, FilterPlan> || kIs<Node, JoinPlan>) {
    One(node.condition, visit);
  } else if constexpr (kIs<Node, AggregatePlan>) {
    Each(node.keys, visit);
    ExpressionsOfAggregates(node.calls, visit);
  } else if constexpr (kIs<Node, WindowPlan>) {
    ExpressionsOfWindows(node.calls, visit);
  } else if constexpr (kIs<Node, SortPlan>) {
    EachKey(node.keys, visit);
  } else if constexpr (kIs<Node, SamplePlan>) {
    One(node.percentage, visit);
  }
}

}  // namespace

void ForEachOperand(Expr& expr, absl::FunctionRef<void(ExprPtr&)> visit) {
  std::visit([&](auto& node) { OperandsOf(node, visit); }, expr.node);
}

void ForEachOperand(const Expr& expr, absl::FunctionRef<void(const Expr&)> visit) {
  std::visit([&](const auto& node) { OperandsOf(node, visit); }, expr.node);
}

Plan* SubqueryOf(Expr& expr) { return SubqueryIn(expr); }

const Plan* SubqueryOf(const Expr& expr) { return SubqueryIn(expr); }

void ForEachInput(Plan& plan, absl::FunctionRef<void(PlanPtr&)> visit) {
  std::visit([&](auto& node) { InputsOf(node, visit); }, plan.node);
}

void ForEachInput(const Plan& plan, absl::FunctionRef<void(const Plan&)> visit) {
  std::visit([&](const auto& node) { InputsOf(node, visit); }, plan.node);
}

void ForEachExpression(Plan& plan, absl::FunctionRef<void(ExprPtr&)> visit) {
  std::visit([&](auto& node) { ExpressionsOf(node, visit); }, plan.node);
}

void ForEachExpression(const Plan& plan, absl::FunctionRef<void(const Expr&)> visit) {
  std::visit([&](const auto& node) { ExpressionsOf(node, visit); }, plan.node);
}

}  // namespace pallas::sql
