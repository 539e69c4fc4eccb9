#include <algorithm>
#include <utility>
#include <vector>

#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"

#include "base/status_macros.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/plan_emitter.h"

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;

duckdb::SetOperationType ToSetOperationType(sql::SetOperation operation) {
  switch (operation) {
    case sql::SetOperation::kIntersect:
      return duckdb::SetOperationType::INTERSECT;
    case sql::SetOperation::kExcept:
      return duckdb::SetOperationType::EXCEPT;
    default:
      return duckdb::SetOperationType::UNION;
  }
}

bool HasOwnKeys(const sql::Plan& plan) {
  return std::all_of(plan.columns.begin(), plan.columns.end(), [](const sql::PlanColumn& column) {
    return FunctionEmitter::IsOwnGroupKey(column.type);
  });
}

// The branches of a chain of one UNION, in order: long chains are written left-deep.
std::vector<const sql::Plan*> BranchesOf(const sql::SetOperationPlan& node) {
  std::vector<const sql::Plan*> branches;
  const sql::SetOperationPlan* at = &node;
  while (true) {
    branches.push_back(at->right.get());
    const auto* next = std::get_if<sql::SetOperationPlan>(&at->left->node);
    if (next == nullptr || node.operation != sql::SetOperation::kUnion ||
        next->operation != node.operation || next->distinct != node.distinct) {
      break;
    }
    at = next;
  }
  branches.push_back(at->left.get());
  std::reverse(branches.begin(), branches.end());
  return branches;
}

QueryNodePtr SetOperationOf(duckdb::SetOperationType type, bool all,
                            std::vector<QueryNodePtr> children) {
  auto node = duckdb::make_uniq<duckdb::SetOperationNode>();
  node->setop_type = type;
  node->setop_all = all;
  for (QueryNodePtr& child : children) {
    node->children.push_back(std::move(child));
  }
  return node;
}

// sum(side)
DuckExpr RowsOf(const std::string& side) {
  return duckdb::make_uniq<duckdb::FunctionExpression>("sum", MakeTrees(ColumnRef(side)));
}

// How often a row of `left` equal rows on the left and `right` on the right comes out.
DuckExpr CopiesOf(const sql::SetOperationPlan& node, DuckExpr left, DuckExpr right) {
  const bool intersect = node.operation == sql::SetOperation::kIntersect;
  if (intersect) {
    DuckExpr least = NativeCall("least", MakeTrees(std::move(left), std::move(right)));
    return node.distinct ? NativeCall("least", MakeTrees(std::move(least), BigintConstant(1)))
                         : std::move(least);
  }
  if (node.distinct) {
    // 1 where there is one on the left and none on the right.
    return NativeCall(
        "-", MakeTrees(NativeCall("least", MakeTrees(std::move(left), BigintConstant(1))),
                       NativeCall("least", MakeTrees(std::move(right), BigintConstant(1)))));
  }
  return NativeCall("-", MakeTrees(std::move(left), std::move(right)));
}

}  // namespace

absl::StatusOr<QueryNodePtr> PlanEmitter::EmitBranch(const sql::Plan& plan) {
  ASSIGN_OR_RETURN(SelectBlock block, Emit(plan));
  return block.IntoNode(ColumnNames(plan));
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::SetOperationPlan& node,
                                                  const sql::Plan& plan) {
  const bool own_keys = HasOwnKeys(plan);
  const bool is_union = node.operation == sql::SetOperation::kUnion;
  if (!own_keys && !is_union) {
    return EmitByCounts(node, plan);
  }
  std::vector<QueryNodePtr> children;
  for (const sql::Plan* branch : BranchesOf(node)) {
    ASSIGN_OR_RETURN(QueryNodePtr child, EmitBranch(*branch));
    children.push_back(std::move(child));
  }
  const bool by_key = node.distinct && !own_keys;
  SelectBlock block = Rename(SetOperationOf(ToSetOperationType(node.operation),
                                            !node.distinct || by_key, std::move(children)),
                             plan);
  if (by_key) {
    DuckExprs keys;
    for (const sql::PlanColumn& column : plan.columns) {
      keys.push_back(functions_.GroupKey(column.type, ColumnRef(ColumnName(column.id))));
    }
    block.DistinctOn(std::move(keys));
  }
  return block;
}

// INTERSECT and EXCEPT over values that DuckDB would tell apart wrongly: counts the rows of each
// side by key, and delivers each as often as the operation says.
absl::StatusOr<SelectBlock> PlanEmitter::EmitByCounts(const sql::SetOperationPlan& node,
                                                      const sql::Plan& plan) {
  const std::string left = names_.Column();
  const std::string right = names_.Column();
  std::vector<QueryNodePtr> children;
  for (const sql::Plan* branch : {node.left.get(), node.right.get()}) {
    ASSIGN_OR_RETURN(SelectBlock side, Emit(*branch));
    std::vector<std::string> columns = ColumnNames(*branch);
    side.Narrow(columns);
    side.PrepareExpressions();
    const bool is_left = branch == node.left.get();
    std::vector<SelectBlock::Item> marks;
    marks.push_back({left, BigintConstant(is_left ? 1 : 0)});
    marks.push_back({right, BigintConstant(is_left ? 0 : 1)});
    side.SelectAlso(std::move(marks));
    columns.push_back(left);
    columns.push_back(right);
    children.push_back(side.IntoNode(columns));
  }
  SelectBlock block =
      Rename(SetOperationOf(duckdb::SetOperationType::UNION, true, std::move(children)), plan);
  duckdb::GroupByNode groups;
  std::vector<SelectBlock::Item> items;
  for (const sql::PlanColumn& column : plan.columns) {
    const std::string name = ColumnName(column.id);
    groups.group_expressions.push_back(functions_.GroupKey(column.type, ColumnRef(name)));
    ASSIGN_OR_RETURN(DuckExpr value, AnyOf(column.type, ColumnRef(name)));
    items.push_back({name, std::move(value)});
  }
  duckdb::GroupingSet all;
  for (duckdb::idx_t i = 0; i < groups.group_expressions.size(); ++i) {
    all.insert(i);
  }
  groups.grouping_sets.push_back(std::move(all));
  const std::string copies = names_.Column();
  items.push_back({copies, CastTo(Type::Bigint(), CopiesOf(node, RowsOf(left), RowsOf(right)))});
  block.Aggregate(std::move(groups), std::move(items));
  block.Wrap();
  // One row for each number in [0, copies).
  std::vector<SelectBlock::Item> repeated;
  repeated.push_back(
      {names_.Column(),
       NativeCall("unnest", MakeTrees(NativeCall("range", MakeTrees(ColumnRef(copies)))))});
  block.SelectAlso(std::move(repeated));
  block.Wrap();
  block.Narrow(ColumnNames(plan));
  return block;
}

}  // namespace pallas::engine
