#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "duckdb/parser/expression/list.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/plan_emitter.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;

// A group as DuckDB takes it. A bare constant would be the number of a column.
DuckExpr AsGroup(const Type& type, DuckExpr key) {
  if (key->GetExpressionClass() == duckdb::ExpressionClass::CONSTANT) {
    return CastTo(type, std::move(key));
  }
  return key;
}

std::vector<sql::FunctionArgument> ArgumentsOf(const Type& type) { return {{.type = type}}; }

// GROUPING(groups...): one bit a group, 1 where it is not in the row's grouping set.
DuckExpr Grouping(const duckdb::GroupByNode& groups, const std::vector<int>& keys) {
  DuckExprs operands;
  for (const int key : keys) {
    operands.push_back(groups.group_expressions[static_cast<size_t>(key)]->Copy());
  }
  return duckdb::make_uniq<duckdb::OperatorExpression>(ExpressionType::GROUPING_FUNCTION,
                                                       std::move(operands));
}

duckdb::vector<duckdb::GroupingSet> ToGroupingSets(const sql::AggregatePlan& node) {
  duckdb::vector<duckdb::GroupingSet> sets;
  for (const std::vector<int>& keys : node.grouping_sets) {
    duckdb::GroupingSet set;
    for (const int key : keys) {
      set.insert(static_cast<duckdb::idx_t>(key));
    }
    sets.push_back(std::move(set));
  }
  if (sets.empty() && !node.keys.empty()) {
    duckdb::GroupingSet all;
    for (duckdb::idx_t key = 0; key < node.keys.size(); ++key) {
      all.insert(key);
    }
    sets.push_back(std::move(all));
  }
  return sets;
}

// Whether some row's grouping set lacks a key.
bool HasPartialSets(const sql::AggregatePlan& node) {
  return std::any_of(node.grouping_sets.begin(), node.grouping_sets.end(),
                     [&](const std::vector<int>& set) { return set.size() < node.keys.size(); });
}

}  // namespace

// Any value of the group: they are not distinct.
absl::StatusOr<DuckExpr> PlanEmitter::AnyOf(const Type& type, DuckExpr value) {
  ASSIGN_OR_RETURN(sql::ResolvedFunction function,
                   sql::ResolveFunction("arbitrary", ArgumentsOf(type)));
  return functions_.Aggregate(function, MakeTrees(std::move(value)), AggregateParts());
}

absl::StatusOr<DuckExpr> PlanEmitter::EmitAggregateCall(const sql::AggregateCall& call,
                                                        Operands& operands) {
  ASSIGN_OR_RETURN(DuckExprs arguments, operands.EmitAll(call.arguments));
  AggregateParts parts;
  parts.distinct = call.distinct;
  if (call.filter != nullptr) {
    ASSIGN_OR_RETURN(parts.filter, operands.EmitFilter(*call.filter));
  }
  ASSIGN_OR_RETURN(parts.order_by, operands.EmitSortKeys(call.order_by));
  const bool own_keys = std::all_of(
      call.arguments.begin(), call.arguments.end(),
      [](const sql::ExprPtr& argument) { return FunctionEmitter::IsOwnGroupKey(argument->type); });
  if (call.distinct && !own_keys) {
    return EmitDistinctCall(call, std::move(arguments), std::move(parts));
  }
  return functions_.Aggregate(call.function, std::move(arguments), std::move(parts));
}

// DISTINCT over values that DuckDB would tell apart wrongly.
absl::StatusOr<DuckExpr> PlanEmitter::EmitDistinctCall(const sql::AggregateCall& call,
                                                       DuckExprs arguments, AggregateParts parts) {
  if (call.function.entry->name == "count" && arguments.size() == 1) {
    const Type& type = call.arguments.front()->type;
    ASSIGN_OR_RETURN(sql::ResolvedFunction count,
                     sql::ResolveFunction("count", ArgumentsOf(Type::Varbinary())));
    return functions_.Aggregate(count,
                                MakeTrees(functions_.GroupKey(type, std::move(arguments.front()))),
                                std::move(parts));
  }
  return NamedError("NOT_SUPPORTED",
                    absl::StrCat("DISTINCT in ", call.function.entry->name, "() over values of ",
                                 call.arguments.front()->type.ToString(), " is not supported"),
                    absl::StatusCode::kUnimplemented);
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::AggregatePlan& node,
                                                  const sql::Plan& plan) {
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  block.PrepareExpressions();
  Operands operands(*node.input, expressions_, names_);
  duckdb::GroupByNode groups;
  std::vector<SelectBlock::Item> items;
  const bool partial = HasPartialSets(node);
  for (size_t i = 0; i < node.keys.size(); ++i) {
    const Type& type = node.keys[i]->type;
    ASSIGN_OR_RETURN(DuckExpr key, operands.Emit(*node.keys[i]));
    DuckExpr item = key->Copy();
    groups.group_expressions.push_back(AsGroup(type, functions_.GroupKey(type, std::move(key))));
    if (FunctionEmitter::IsOwnGroupKey(type)) {
      item = groups.group_expressions.back()->Copy();
    } else {
      ASSIGN_OR_RETURN(item, AnyOf(type, std::move(item)));
      if (partial) {
        item = IfElse(CastTo(Type::Boolean(), Grouping(groups, {static_cast<int>(i)})),
                      functions_.Null(type), std::move(item));
      }
    }
    items.push_back({ColumnName(plan.columns[i].id), std::move(item)});
  }
  groups.grouping_sets = ToGroupingSets(node);
  for (const sql::AggregateCall& call : node.calls) {
    ASSIGN_OR_RETURN(DuckExpr value, EmitAggregateCall(call, operands));
    items.push_back({ColumnName(plan.columns[items.size()].id), std::move(value)});
  }
  for (const std::vector<int>& grouping : node.groupings) {
    const sql::PlanColumn& column = plan.columns[items.size()];
    items.push_back({ColumnName(column.id), CastTo(column.type, Grouping(groups, grouping))});
  }
  if (items.empty()) {
    // Without keys and calls DuckDB would see no aggregate and deliver every row.
    items.push_back({names_.Column(), NativeCall("count_star", {})});
  }
  operands.Apply(block);
  block.Aggregate(std::move(groups), std::move(items));
  return block;
}

}  // namespace pallas::engine
