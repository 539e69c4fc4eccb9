#include "engine/duckdb/plan_emitter.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "duckdb/parser/common_table_expression_info.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/query_node/list.hpp"
#include "duckdb/parser/tableref/list.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/types.h"
#include "sql/plan/walk.h"

namespace pallas::engine {
namespace {

using sql::Plan;

std::string CteName(sql::CteId id) { return absl::StrCat("w", id); }

duckdb::vector<duckdb::string> ToDuckStrings(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

std::vector<SelectBlock::Item> MakeItems(SelectBlock::Item item) {
  std::vector<SelectBlock::Item> items;
  items.push_back(std::move(item));
  return items;
}

// Whether a projection only picks columns of its input.
bool IsPick(const sql::ProjectPlan& node, const Plan& plan) {
  for (size_t i = 0; i < node.expressions.size(); ++i) {
    const auto* column = std::get_if<sql::ColumnExpr>(&node.expressions[i]->node);
    if (column == nullptr || column->column != plan.columns[i].id) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<std::string> ColumnNames(const Plan& plan) {
  std::vector<std::string> names;
  names.reserve(plan.columns.size());
  for (const sql::PlanColumn& column : plan.columns) {
    names.push_back(ColumnName(column.id));
  }
  return names;
}

PlanEmitter::Operands::Operands(const Plan& input, const ExpressionEmitter& expressions,
                                NameGenerator& names)
    : expressions_(expressions), names_(names) {
  for (const sql::PlanColumn& column : input.columns) {
    columns_.insert(column.id);
  }
}

bool PlanEmitter::Operands::NeedsName(const sql::Expr& expr) const {
  if (sql::SubqueryOf(expr) != nullptr) {
    return true;
  }
  if (const auto* column = std::get_if<sql::ColumnExpr>(&expr.node)) {
    return !columns_.contains(column->column);
  }
  bool needs_name = false;
  sql::ForEachOperand(
      expr, [&](const sql::Expr& operand) { needs_name = needs_name || NeedsName(operand); });
  return needs_name;
}

absl::StatusOr<DuckExpr> PlanEmitter::Operands::Emit(const sql::Expr& expr) {
  ASSIGN_OR_RETURN(DuckExpr emitted, expressions_.Emit(expr));
  if (!NeedsName(expr)) {
    return emitted;
  }
  std::string name = names_.Column();
  named_.push_back({name, std::move(emitted)});
  return ColumnRef(std::move(name));
}

absl::StatusOr<DuckExprs> PlanEmitter::Operands::EmitAll(const std::vector<sql::ExprPtr>& exprs) {
  DuckExprs all;
  all.reserve(exprs.size());
  for (const sql::ExprPtr& expr : exprs) {
    ASSIGN_OR_RETURN(DuckExpr emitted, Emit(*expr));
    all.push_back(std::move(emitted));
  }
  return all;
}

absl::StatusOr<DuckExpr> PlanEmitter::Operands::EmitFilter(const sql::Expr& condition) {
  return Emit(condition);
}

absl::StatusOr<duckdb::vector<duckdb::OrderByNode>> PlanEmitter::Operands::EmitSortKeys(
    const std::vector<sql::SortKey>& keys) {
  ASSIGN_OR_RETURN(duckdb::vector<duckdb::OrderByNode> orders, expressions_.EmitSortKeys(keys));
  size_t next = 0;
  for (const sql::SortKey& key : keys) {
    if (std::holds_alternative<sql::ConstantExpr>(key.expression->node)) {
      continue;  // left out of `orders`
    }
    if (NeedsName(*key.expression)) {
      std::string name = names_.Column();
      named_.push_back({name, std::move(orders[next].expression)});
      orders[next].expression = ColumnRef(std::move(name));
    }
    ++next;
  }
  return orders;
}

void PlanEmitter::Operands::Apply(SelectBlock& block) {
  if (named_.empty()) {
    return;
  }
  block.SelectAlso(std::move(named_));
  block.Wrap();
}

absl::StatusOr<SelectBlock> PlanEmitter::Emit(const Plan& plan) {
  return std::visit([&](const auto& node) { return EmitNode(node, plan); }, plan.node);
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::ScanPlan& node, const Plan& plan) {
  ASSIGN_OR_RETURN(TableRefPtr table, scans_.Add(node, plan.columns, names_.Table(), functions_));
  return SelectBlock(std::move(table), ColumnNames(plan), names_);
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitOneRow(const std::vector<sql::ExprPtr>& row,
                                                    const Plan& plan) {
  SelectBlock block(nullptr, {}, names_);
  std::vector<SelectBlock::Item> items;
  for (size_t i = 0; i < row.size(); ++i) {
    ASSIGN_OR_RETURN(DuckExpr value, expressions_.Emit(*row[i]));
    items.push_back({ColumnName(plan.columns[i].id), std::move(value)});
  }
  if (!items.empty()) {
    block.Select(std::move(items));
  }
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::ValuesPlan& node, const Plan& plan) {
  if (node.rows.size() == 1) {
    return EmitOneRow(node.rows.front(), plan);
  }
  auto list = duckdb::make_uniq<duckdb::ExpressionListRef>();
  list->alias = names_.Table();
  list->expected_names = ToDuckStrings(ColumnNames(plan));
  for (const std::vector<sql::ExprPtr>& row : node.rows) {
    ASSIGN_OR_RETURN(DuckExprs values, expressions_.EmitAll(row));
    list->values.push_back(std::move(values));
  }
  const bool empty = list->values.empty();
  if (empty) {
    DuckExprs nulls;
    for (const sql::PlanColumn& column : plan.columns) {
      nulls.push_back(functions_.Null(column.type));
    }
    list->values.push_back(std::move(nulls));
  }
  if (plan.columns.empty()) {
    list->expected_names = {names_.Column()};
    for (DuckExprs& row : list->values) {
      row.push_back(BigintConstant(1));
    }
  }
  SelectBlock block(std::move(list), ColumnNames(plan), names_);
  if (empty) {
    block.AddFilter(functions_.Constant(Type::Boolean(), false));
  }
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::ProjectPlan& node, const Plan& plan) {
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  if (IsPick(node, plan)) {
    block.Narrow(ColumnNames(plan));
    return block;
  }
  block.PrepareSelect();
  std::vector<SelectBlock::Item> items;
  items.reserve(node.expressions.size());
  for (size_t i = 0; i < node.expressions.size(); ++i) {
    ASSIGN_OR_RETURN(DuckExpr value, expressions_.Emit(*node.expressions[i]));
    items.push_back({ColumnName(plan.columns[i].id), std::move(value)});
  }
  block.Select(std::move(items));
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::FilterPlan& node,
                                                  const Plan& /*plan*/) {
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  block.PrepareExpressions();
  ASSIGN_OR_RETURN(DuckExprs terms, expressions_.EmitCondition(*node.condition));
  for (DuckExpr& term : terms) {
    block.AddFilter(std::move(term));
  }
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::DistinctPlan& node, const Plan& plan) {
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  block.Narrow(ColumnNames(plan));
  bool own_keys = true;
  for (const sql::PlanColumn& column : plan.columns) {
    own_keys = own_keys && FunctionEmitter::IsOwnGroupKey(column.type);
  }
  if (own_keys) {
    block.Distinct();
    return block;
  }
  block.PrepareExpressions();
  DuckExprs keys;
  for (const sql::PlanColumn& column : plan.columns) {
    keys.push_back(functions_.GroupKey(column.type, ColumnRef(ColumnName(column.id))));
  }
  block.DistinctOn(std::move(keys));
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::SortPlan& node, const Plan& /*plan*/) {
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  ASSIGN_OR_RETURN(duckdb::vector<duckdb::OrderByNode> orders,
                   expressions_.EmitSortKeys(node.keys));
  bool plain = true;
  for (const duckdb::OrderByNode& order : orders) {
    plain = plain && order.expression->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF;
  }
  block.PrepareSort(plain);
  block.Sort(std::move(orders));
  return block;
}

// Rows up to the last that is equal, by the sort keys, to row `offset + limit`.
absl::StatusOr<SelectBlock> PlanEmitter::EmitWithTies(const sql::LimitPlan& node) {
  const auto* sort = std::get_if<sql::SortPlan>(&node.input->node);
  if (sort == nullptr) {
    return absl::InternalError("WITH TIES without a sort below");
  }
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*sort->input));
  block.PrepareExpressions();
  const std::vector<std::string> columns = block.columns();
  const std::string rank = names_.Column();
  const std::string number = names_.Column();
  std::vector<SelectBlock::Item> items;
  for (const auto& [function, name] : {std::pair("rank", rank), std::pair("row_number", number)}) {
    ASSIGN_OR_RETURN(sql::ResolvedFunction resolved, sql::ResolveFunction(function, {}));
    WindowParts parts;
    ASSIGN_OR_RETURN(parts.order_by, expressions_.EmitSortKeys(sort->keys));
    ASSIGN_OR_RETURN(DuckExpr window, functions_.Window(resolved, {}, std::move(parts)));
    items.push_back({name, std::move(window)});
  }
  block.SelectAlso(std::move(items));
  block.Wrap();
  block.AddFilter(NativeCompare(duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO, ColumnRef(rank),
                                BigintConstant(node.offset + *node.limit)));
  block.AddFilter(NativeCompare(duckdb::ExpressionType::COMPARE_GREATERTHAN, ColumnRef(number),
                                BigintConstant(node.offset)));
  duckdb::vector<duckdb::OrderByNode> orders;
  orders.emplace_back(duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_LAST,
                      ColumnRef(number));
  block.Sort(std::move(orders));
  block.Narrow(columns);
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::LimitPlan& node,
                                                  const Plan& /*plan*/) {
  if (node.with_ties && node.limit) {
    return EmitWithTies(node);
  }
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  block.Limit(node.limit ? BigintConstant(*node.limit) : nullptr,
              node.offset > 0 ? BigintConstant(node.offset) : nullptr);
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::SamplePlan& node,
                                                  const Plan& /*plan*/) {
  const auto* constant = std::get_if<sql::ConstantExpr>(&node.percentage->node);
  const double* percentage = constant ? std::get_if<double>(&constant->value) : nullptr;
  if (percentage == nullptr) {
    return ErrorAt(node.percentage->location, "NOT_SUPPORTED",
                   "The percentage of TABLESAMPLE must be a constant",
                   absl::StatusCode::kUnimplemented);
  }
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  // Of SYSTEM only the chance is promised; row by row is the fairest way to keep it.
  block.Sample(*percentage);
  return block;
}

// Each row carries how many steps led to it, in a last column of its own: a recursion without an
// end is stopped as Trino stops it. All rows that one step sees have the same depth.
absl::StatusOr<QueryNodePtr> PlanEmitter::EmitRecursion(const sql::Cte& cte, SelectBlock anchor,
                                                        duckdb::CommonTableExpressionInfo* info) {
  const std::string depth = names_.Column();
  info->aliases.push_back(depth);
  auto recursive = duckdb::make_uniq<duckdb::RecursiveCTENode>();
  recursive->ctename = CteName(cte.id);
  recursive->union_all = true;
  recursive->aliases = info->aliases;

  anchor.PrepareSelect();
  anchor.SelectAlso(MakeItems({depth, BigintConstant(0)}));
  std::vector<std::string> columns = ColumnNames(*cte.plan);
  columns.push_back(depth);
  recursive->left = anchor.IntoNode(columns);

  auto reached = duckdb::make_uniq<duckdb::SelectNode>();
  auto table = duckdb::make_uniq<duckdb::BaseTableRef>();
  table->table_name = CteName(cte.id);
  reached->from_table = std::move(table);
  reached->select_list.push_back(NativeCall("max", MakeTrees(ColumnRef(depth))));
  auto subquery = duckdb::make_uniq<duckdb::SubqueryExpression>();
  subquery->subquery_type = duckdb::SubqueryType::SCALAR;
  subquery->subquery = Statement(std::move(reached));

  ASSIGN_OR_RETURN(SelectBlock step, Emit(*cte.step));
  step.Wrap();
  step.PrepareSelect();
  const std::string next_depth = names_.Column();
  step.SelectAlso(
      MakeItems({next_depth, CallPrivate("next_recursion_depth", MakeTrees(std::move(subquery)))}));
  columns = ColumnNames(*cte.step);
  columns.push_back(next_depth);
  recursive->right = step.IntoNode(columns);
  return recursive;
}

absl::StatusOr<duckdb::unique_ptr<duckdb::CommonTableExpressionInfo>> PlanEmitter::EmitCte(
    const sql::Cte& cte) {
  auto info = duckdb::make_uniq<duckdb::CommonTableExpressionInfo>();
  info->aliases = ToDuckStrings(ColumnNames(*cte.plan));
  if (info->aliases.empty()) {
    info->aliases.push_back(names_.Column());
  }
  ASSIGN_OR_RETURN(SelectBlock anchor, Emit(*cte.plan));
  QueryNodePtr node;
  if (cte.step != nullptr) {
    ASSIGN_OR_RETURN(node, EmitRecursion(cte, std::move(anchor), info.get()));
  } else {
    node = anchor.IntoNode(ColumnNames(*cte.plan));
  }
  info->query = Statement(std::move(node));
  return info;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::WithPlan& node, const Plan& /*plan*/) {
  std::vector<std::pair<std::string, duckdb::unique_ptr<duckdb::CommonTableExpressionInfo>>> tables;
  for (const sql::Cte& cte : node.ctes) {
    ASSIGN_OR_RETURN(auto info, EmitCte(cte));
    tables.emplace_back(CteName(cte.id), std::move(info));
  }
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.body));
  for (auto& [name, info] : tables) {
    // DuckDB would inline it below a limit by a copy of its plan, which our functions do not allow.
    if (cte_scans_[name] > 1 &&
        info->query->node->type != duckdb::QueryNodeType::RECURSIVE_CTE_NODE) {
      info->materialized = duckdb::CTEMaterialize::CTE_MATERIALIZE_ALWAYS;
    }
    block.AddCte(name, std::move(info));
  }
  return block;
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::CteScanPlan& node, const Plan& plan) {
  auto table = duckdb::make_uniq<duckdb::BaseTableRef>();
  table->table_name = CteName(node.cte);
  ++cte_scans_[table->table_name];
  table->alias = names_.Table();
  table->column_name_alias = ToDuckStrings(ColumnNames(plan));
  return SelectBlock(std::move(table), ColumnNames(plan), names_);
}

SelectBlock PlanEmitter::Rename(QueryNodePtr node, const Plan& plan) {
  auto table = duckdb::make_uniq<duckdb::SubqueryRef>(Statement(std::move(node)), names_.Table());
  table->column_name_alias = ToDuckStrings(ColumnNames(plan));
  return SelectBlock(std::move(table), ColumnNames(plan), names_);
}

}  // namespace pallas::engine
