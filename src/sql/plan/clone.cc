#include <utility>

#include "sql/plan/plan.h"

namespace pallas::sql {
namespace {

// A deep copy by construction: each Copy() is a node's constructor arguments, part by part, so that
// a new member of a node does not compile away unnoticed.

ExprPtr Copy(const ExprPtr& expr) { return expr == nullptr ? nullptr : Clone(*expr); }

PlanPtr Copy(const PlanPtr& plan) { return plan == nullptr ? nullptr : Clone(*plan); }

std::vector<ExprPtr> Copy(const std::vector<ExprPtr>& exprs) {
  std::vector<ExprPtr> copies;
  copies.reserve(exprs.size());
  for (const ExprPtr& expr : exprs) {
    copies.push_back(Copy(expr));
  }
  return copies;
}

// Nodes.

ConstantExpr Copy(const ConstantExpr& node) { return node; }

ColumnExpr Copy(const ColumnExpr& node) { return node; }

LambdaParameterExpr Copy(const LambdaParameterExpr& node) { return node; }

CallExpr Copy(const CallExpr& node) { return {node.function, Copy(node.arguments)}; }

LambdaExpr Copy(const LambdaExpr& node) {
  return {node.parameters, node.parameter_types, Copy(node.body)};
}

CastExpr Copy(const CastExpr& node) { return {Copy(node.operand), node.safe}; }

ExternalCallExpr Copy(const ExternalCallExpr& node) {
  return {node.function, Copy(node.arguments)};
}

CompareExpr Copy(const CompareExpr& node) { return {node.op, Copy(node.left), Copy(node.right)}; }

BetweenExpr Copy(const BetweenExpr& node) {
  return {Copy(node.value), Copy(node.low), Copy(node.high)};
}

AndExpr Copy(const AndExpr& node) { return {Copy(node.terms)}; }

OrExpr Copy(const OrExpr& node) { return {Copy(node.terms)}; }

NotExpr Copy(const NotExpr& node) { return {Copy(node.operand)}; }

IsNullExpr Copy(const IsNullExpr& node) { return {Copy(node.operand)}; }

CaseExpr Copy(const CaseExpr& node) {
  CaseExpr copy;
  copy.whens.reserve(node.whens.size());
  for (const CaseExpr::When& when : node.whens) {
    copy.whens.push_back({Copy(when.condition), Copy(when.result)});
  }
  copy.otherwise = Copy(node.otherwise);
  return copy;
}

CoalesceExpr Copy(const CoalesceExpr& node) { return {Copy(node.operands)}; }

InListExpr Copy(const InListExpr& node) { return {Copy(node.value), Copy(node.items)}; }

TryExpr Copy(const TryExpr& node) { return {Copy(node.operand)}; }

RowExpr Copy(const RowExpr& node) { return {Copy(node.fields)}; }

ArrayExpr Copy(const ArrayExpr& node) { return {Copy(node.elements)}; }

FieldExpr Copy(const FieldExpr& node) { return {Copy(node.row), node.index}; }

ScalarSubqueryExpr Copy(const ScalarSubqueryExpr& node) { return {Copy(node.plan)}; }

ExistsExpr Copy(const ExistsExpr& node) { return {Copy(node.plan)}; }

QuantifiedExpr Copy(const QuantifiedExpr& node) {
  return {node.op, node.quantifier, Copy(node.value), Copy(node.plan)};
}

// Plans.

std::vector<SortKey> Copy(const std::vector<SortKey>& keys) {
  std::vector<SortKey> copies;
  copies.reserve(keys.size());
  for (const SortKey& key : keys) {
    copies.push_back({Copy(key.expression), key.descending, key.nulls_first});
  }
  return copies;
}

FrameBound Copy(const FrameBound& bound) { return {bound.kind, Copy(bound.offset)}; }

ScanPlan Copy(const ScanPlan& node) { return node; }

ValuesPlan Copy(const ValuesPlan& node) {
  ValuesPlan copy;
  copy.rows.reserve(node.rows.size());
  for (const std::vector<ExprPtr>& row : node.rows) {
    copy.rows.push_back(Copy(row));
  }
  return copy;
}

ProjectPlan Copy(const ProjectPlan& node) { return {Copy(node.input), Copy(node.expressions)}; }

FilterPlan Copy(const FilterPlan& node) { return {Copy(node.input), Copy(node.condition)}; }

JoinPlan Copy(const JoinPlan& node) {
  return {node.kind, node.lateral, Copy(node.left), Copy(node.right), Copy(node.condition)};
}

AggregateCall Copy(const AggregateCall& call) {
  return {call.function, Copy(call.arguments), call.distinct, Copy(call.filter),
          Copy(call.order_by)};
}

AggregatePlan Copy(const AggregatePlan& node) {
  AggregatePlan copy{Copy(node.input), Copy(node.keys), node.grouping_sets, {}, node.groupings};
  for (const AggregateCall& call : node.calls) {
    copy.calls.push_back(Copy(call));
  }
  return copy;
}

WindowCall Copy(const WindowCall& call) {
  return {call.function,     Copy(call.arguments),    call.ignore_nulls,   call.distinct,
          Copy(call.filter), Copy(call.partition_by), Copy(call.order_by), call.unit,
          Copy(call.start),  Copy(call.end)};
}

WindowPlan Copy(const WindowPlan& node) {
  WindowPlan copy{Copy(node.input), {}};
  for (const WindowCall& call : node.calls) {
    copy.calls.push_back(Copy(call));
  }
  return copy;
}

DistinctPlan Copy(const DistinctPlan& node) { return {Copy(node.input)}; }

SortPlan Copy(const SortPlan& node) { return {Copy(node.input), Copy(node.keys)}; }

LimitPlan Copy(const LimitPlan& node) {
  return {Copy(node.input), node.limit, node.offset, node.with_ties};
}

SetOperationPlan Copy(const SetOperationPlan& node) {
  return {node.operation, node.distinct, Copy(node.left), Copy(node.right)};
}

UnnestPlan Copy(const UnnestPlan& node) {
  return {Copy(node.input), Copy(node.expressions), node.with_ordinality, node.outer};
}

SamplePlan Copy(const SamplePlan& node) {
  return {Copy(node.input), node.system, Copy(node.percentage)};
}

WithPlan Copy(const WithPlan& node) {
  WithPlan copy;
  for (const Cte& cte : node.ctes) {
    copy.ctes.push_back({cte.id, cte.name, Copy(cte.plan), Copy(cte.step)});
  }
  copy.body = Copy(node.body);
  return copy;
}

CteScanPlan Copy(const CteScanPlan& node) { return node; }

}  // namespace

ExprPtr Clone(const Expr& expr) {
  auto copy = std::make_unique<Expr>();
  copy->type = expr.type;
  copy->location = expr.location;
  std::visit([&](const auto& node) { copy->node = Copy(node); }, expr.node);
  return copy;
}

PlanPtr Clone(const Plan& plan) {
  auto copy = std::make_unique<Plan>();
  copy->columns = plan.columns;
  std::visit([&](const auto& node) { copy->node = Copy(node); }, plan.node);
  return copy;
}

}  // namespace pallas::sql
