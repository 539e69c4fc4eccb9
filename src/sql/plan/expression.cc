#include "sql/plan/expression.h"

#include <utility>
#include <vector>

#include "sql/plan/plan.h"
#include "sql/plan/walk.h"

namespace pallas::sql {

Expr::Expr() = default;
Expr::Expr(Expr&&) noexcept = default;
Expr& Expr::operator=(Expr&&) noexcept = default;
Expr::~Expr() = default;

namespace {

// Lambda parameters of `a` and the ones of `b` that stand in their place, innermost last.
using BoundParameters = std::vector<std::pair<ColumnId, ColumnId>>;

// What a node says beyond its operands and its type. Nodes that say nothing are all alike.

template <typename Node>
bool SameOwn(const Node&, const Node&) {
  return true;
}

bool SameOwn(const ConstantExpr& a, const ConstantExpr& b) { return a.value == b.value; }

bool SameOwn(const ColumnExpr& a, const ColumnExpr& b) { return a.column == b.column; }

bool SameOwn(const CallExpr& a, const CallExpr& b) {
  return a.function.entry == b.function.entry &&
         a.function.argument_types == b.function.argument_types;
}

bool SameOwn(const ExternalCallExpr& a, const ExternalCallExpr& b) {
  return a.function == b.function;
}

bool SameOwn(const LambdaExpr& a, const LambdaExpr& b) {
  return a.parameter_types == b.parameter_types && a.parameters.size() == b.parameters.size();
}

bool SameOwn(const CastExpr& a, const CastExpr& b) { return a.safe == b.safe; }

bool SameOwn(const CompareExpr& a, const CompareExpr& b) { return a.op == b.op; }

bool SameOwn(const CaseExpr& a, const CaseExpr& b) {
  return a.whens.size() == b.whens.size() && (a.otherwise == nullptr) == (b.otherwise == nullptr);
}

bool SameOwn(const FieldExpr& a, const FieldExpr& b) { return a.index == b.index; }

bool SameOwn(const ScalarSubqueryExpr& a, const ScalarSubqueryExpr& b) { return a.plan == b.plan; }

bool SameOwn(const ExistsExpr& a, const ExistsExpr& b) { return a.plan == b.plan; }

bool SameOwn(const QuantifiedExpr& a, const QuantifiedExpr& b) {
  return a.op == b.op && a.quantifier == b.quantifier && a.plan == b.plan;
}

bool SameNode(const Expr& a, const Expr& b) {
  return std::visit(
      [&](const auto& node) {
        return SameOwn(node, std::get<std::decay_t<decltype(node)>>(b.node));
      },
      a.node);
}

bool SameParameter(ColumnId a, ColumnId b, const BoundParameters& bound) {
  for (size_t i = bound.size(); i-- > 0;) {
    if (bound[i].first == a || bound[i].second == b) {
      return bound[i] == std::pair(a, b);
    }
  }
  return a == b;
}

std::vector<const Expr*> OperandsOf(const Expr& expr) {
  std::vector<const Expr*> operands;
  ForEachOperand(expr, [&](const Expr& operand) { operands.push_back(&operand); });
  return operands;
}

bool EqualUnder(const Expr& a, const Expr& b, BoundParameters& bound);

bool EqualOperands(const Expr& a, const Expr& b, BoundParameters& bound) {
  const std::vector<const Expr*> left = OperandsOf(a);
  const std::vector<const Expr*> right = OperandsOf(b);
  if (left.size() != right.size()) {
    return false;
  }
  for (size_t i = 0; i < left.size(); ++i) {
    if (!EqualUnder(*left[i], *right[i], bound)) {
      return false;
    }
  }
  return true;
}

bool EqualUnder(const Expr& a, const Expr& b, BoundParameters& bound) {
  if (a.node.index() != b.node.index() || !SameNode(a, b) || !(a.type == b.type)) {
    return false;
  }
  if (const auto* parameter = std::get_if<LambdaParameterExpr>(&a.node)) {
    return SameParameter(parameter->parameter, std::get<LambdaParameterExpr>(b.node).parameter,
                         bound);
  }
  const auto* lambda = std::get_if<LambdaExpr>(&a.node);
  if (lambda == nullptr) {
    return EqualOperands(a, b, bound);
  }
  const auto& other = std::get<LambdaExpr>(b.node);
  for (size_t i = 0; i < lambda->parameters.size(); ++i) {
    bound.emplace_back(lambda->parameters[i], other.parameters[i]);
  }
  const bool equal = EqualOperands(a, b, bound);
  bound.resize(bound.size() - lambda->parameters.size());
  return equal;
}

}  // namespace

bool Equal(const Expr& a, const Expr& b) {
  BoundParameters bound;
  return EqualUnder(a, b, bound);
}

}  // namespace pallas::sql
