#include "engine/duckdb/expression_emitter.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "duckdb/parser/expression/list.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/types.h"
#include "sql/plan/walk.h"

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;
using sql::Expr;

// Parameters of lambdas; no column is named so.
std::string ParameterName(sql::ColumnId id) { return absl::StrCat("p", id); }

std::vector<std::string> ColumnNames(const sql::Plan& plan) {
  std::vector<std::string> names;
  names.reserve(plan.columns.size());
  for (const sql::PlanColumn& column : plan.columns) {
    names.push_back(ColumnName(column.id));
  }
  return names;
}

// `error` with the place in the statement, if it has none yet.
absl::Status Locate(const absl::Status& error, Location location) {
  const std::optional<ErrorDetail> detail = GetDetail(error);
  if (location.line == 0 || !detail || detail->location) {
    return error;
  }
  return ErrorAt(location, detail->name, error.message(), error.code());
}

bool IsConstant(const Expr& expr) { return std::holds_alternative<sql::ConstantExpr>(expr.node); }

duckdb::unique_ptr<duckdb::SubqueryExpression> Subquery(duckdb::SubqueryType type,
                                                        QueryNodePtr node) {
  auto subquery = duckdb::make_uniq<duckdb::SubqueryExpression>();
  subquery->subquery_type = type;
  subquery->subquery = Statement(std::move(node));
  return subquery;
}

// Whether `plan` has one column that DuckDB compares as Trino does.
bool IsNative(const sql::Plan& plan) {
  return plan.columns.size() == 1 && HasNativeComparison(plan.columns.front().type);
}

// Whether `found` holds for the expression or any operand at any depth.
bool Contains(const Expr& expr, absl::FunctionRef<bool(const Expr&)> found) {
  bool any = found(expr);
  sql::ForEachOperand(expr, [&](const Expr& operand) { any = any || Contains(operand, found); });
  return any;
}

// Whether computing `expr` for some row may be an error. Coercions and TRY_CAST never are.
bool CanRaise(const Expr& expr) {
  return Contains(expr, [](const Expr& part) {
    if (const auto* call = std::get_if<sql::CallExpr>(&part.node)) {
      return call->function.entry->can_raise;
    }
    if (std::holds_alternative<sql::ExternalCallExpr>(part.node)) {
      return true;
    }
    if (const auto* cast = std::get_if<sql::CastExpr>(&part.node)) {
      return !cast->safe && !CanCoerce(cast->operand->type, part.type);
    }
    return std::holds_alternative<sql::ScalarSubqueryExpr>(part.node);
  });
}

// Whether `expr` can be computed twice: cheaply enough, and with the same result.
bool CanRepeat(const Expr& expr) {
  return !Contains(expr, [](const Expr& part) {
    const auto* call = std::get_if<sql::CallExpr>(&part.node);
    return sql::SubqueryOf(part) != nullptr ||
           std::holds_alternative<sql::ExternalCallExpr>(part.node) ||
           (call != nullptr && !call->function.entry->deterministic);
  });
}

// count(*) FILTER (WHERE condition) > 0
DuckExpr AnyRow(DuckExpr condition) {
  auto count = duckdb::make_uniq<duckdb::FunctionExpression>("count_star", DuckExprs());
  count->filter = std::move(condition);
  return NativeCompare(ExpressionType::COMPARE_GREATERTHAN, std::move(count), BigintConstant(0));
}

std::vector<SelectBlock::Item> ExprItem(const std::string& name, DuckExpr expression) {
  std::vector<SelectBlock::Item> items;
  items.push_back({name, std::move(expression)});
  return items;
}

}  // namespace

absl::StatusOr<DuckExpr> ExpressionEmitter::Emit(const Expr& expr) const {
  return Emit(expr, Unknown::kKept);
}

absl::StatusOr<DuckExpr> ExpressionEmitter::Emit(const Expr& expr, Unknown unknown) const {
  return std::visit(
      [&](const auto& node) -> absl::StatusOr<DuckExpr> {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, sql::AndExpr>) {
          return EmitConjunction(ExpressionType::CONJUNCTION_AND, node.terms, unknown);
        } else if constexpr (std::is_same_v<Node, sql::OrExpr>) {
          return EmitConjunction(ExpressionType::CONJUNCTION_OR, node.terms, unknown);
        } else if constexpr (std::is_same_v<Node, sql::QuantifiedExpr>) {
          return EmitQuantified(node, unknown);
        } else {
          return EmitNode(node, expr);
        }
      },
      expr.node);
}

absl::StatusOr<DuckExprs> ExpressionEmitter::EmitAll(const std::vector<sql::ExprPtr>& exprs) const {
  DuckExprs all;
  all.reserve(exprs.size());
  for (const sql::ExprPtr& expr : exprs) {
    ASSIGN_OR_RETURN(DuckExpr emitted, Emit(*expr));
    all.push_back(std::move(emitted));
  }
  return all;
}

absl::StatusOr<DuckExprs> ExpressionEmitter::EmitCondition(const Expr& condition) const {
  DuckExprs terms;
  if (const auto* conjunction = std::get_if<sql::AndExpr>(&condition.node)) {
    for (const sql::ExprPtr& term : conjunction->terms) {
      ASSIGN_OR_RETURN(DuckExprs inner, EmitCondition(*term));
      for (DuckExpr& expr : inner) {
        terms.push_back(std::move(expr));
      }
    }
    return terms;
  }
  ASSIGN_OR_RETURN(DuckExpr term, EmitTerm(condition));
  terms.push_back(std::move(term));
  return terms;
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitTerm(const Expr& term) const {
  const auto* compare = std::get_if<sql::CompareExpr>(&term.node);
  if (compare == nullptr || compare->op != sql::CompareOp::kEqual || IsConstant(*compare->left) ||
      IsConstant(*compare->right)) {
    return Emit(term, Unknown::kFalse);
  }
  ASSIGN_OR_RETURN(DuckExpr left, Emit(*compare->left));
  ASSIGN_OR_RETURN(DuckExpr right, Emit(*compare->right));
  return functions_.JoinEquality(compare->left->type, std::move(left), std::move(right));
}

absl::StatusOr<duckdb::vector<duckdb::OrderByNode>> ExpressionEmitter::EmitSortKeys(
    const std::vector<sql::SortKey>& keys) const {
  duckdb::vector<duckdb::OrderByNode> orders;
  for (const sql::SortKey& key : keys) {
    if (IsConstant(*key.expression)) {
      continue;
    }
    ASSIGN_OR_RETURN(DuckExpr value, Emit(*key.expression));
    orders.emplace_back(
        key.descending ? duckdb::OrderType::DESCENDING : duckdb::OrderType::ASCENDING,
        key.nulls_first ? duckdb::OrderByNullType::NULLS_FIRST
                        : duckdb::OrderByNullType::NULLS_LAST,
        functions_.OrderKey(key.expression->type, std::move(value)));
  }
  return orders;
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::ConstantExpr& node,
                                                     const Expr& expr) const {
  return functions_.Constant(expr.type, node.value);
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::ColumnExpr& node,
                                                     const Expr& /*expr*/) const {
  return ColumnRef(ColumnName(node.column));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::LambdaParameterExpr& node,
                                                     const Expr& /*expr*/) const {
  return ColumnRef(ParameterName(node.parameter));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::CallExpr& node,
                                                     const Expr& expr) const {
  ASSIGN_OR_RETURN(DuckExprs arguments, EmitAll(node.arguments));
  absl::StatusOr<DuckExpr> call = functions_.Call(node.function, std::move(arguments));
  return call.ok() ? std::move(call) : Locate(call.status(), expr.location);
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::ExternalCallExpr& node,
                                                     const Expr& expr) const {
  ASSIGN_OR_RETURN(DuckExprs arguments, EmitAll(node.arguments));
  absl::StatusOr<DuckExpr> call = external_.Emit(node.function, std::move(arguments));
  return call.ok() ? std::move(call) : Locate(call.status(), expr.location);
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::LambdaExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(DuckExpr body, Emit(*node.body));
  duckdb::vector<duckdb::string> parameters;
  for (const sql::ColumnId parameter : node.parameters) {
    parameters.push_back(ParameterName(parameter));
  }
  return duckdb::make_uniq<duckdb::LambdaExpression>(std::move(parameters), std::move(body));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::CastExpr& node,
                                                     const Expr& expr) const {
  ASSIGN_OR_RETURN(DuckExpr operand, Emit(*node.operand));
  absl::StatusOr<DuckExpr> cast =
      functions_.Cast(node.operand->type, expr.type, node.safe, std::move(operand));
  return cast.ok() ? std::move(cast) : Locate(cast.status(), expr.location);
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::CompareExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(DuckExpr left, Emit(*node.left));
  ASSIGN_OR_RETURN(DuckExpr right, Emit(*node.right));
  return functions_.Compare(node.op, node.left->type, std::move(left), std::move(right));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::BetweenExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(DuckExpr value, Emit(*node.value));
  ASSIGN_OR_RETURN(DuckExpr low, Emit(*node.low));
  ASSIGN_OR_RETURN(DuckExpr high, Emit(*node.high));
  return functions_.Between(node.value->type, std::move(value), std::move(low), std::move(high));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitConjunction(ExpressionType type,
                                                            const std::vector<sql::ExprPtr>& terms,
                                                            Unknown unknown) const {
  const bool conjunction = type == ExpressionType::CONJUNCTION_AND;
  DuckExprs emitted;  // the last terms first
  bool raises = false;
  for (auto term = terms.rbegin(); term != terms.rend(); ++term) {
    ASSIGN_OR_RETURN(DuckExpr expr, Emit(**term, unknown));
    // DuckDB computes all terms for all rows; a term before one that may raise has to guard it, as
    // in `x <> 0 AND 10 / x > 3`.
    if (raises && CanRepeat(**term)) {
      DuckExpr decided = conjunction ? Not(expr->Copy()) : expr->Copy();
      emitted.push_back(std::move(expr));
      std::reverse(emitted.begin(), emitted.end());
      DuckExpr rest = conjunction ? And(std::move(emitted)) : Or(std::move(emitted));
      emitted =
          MakeTrees(IfElse(std::move(decided), BooleanConstant(!conjunction), std::move(rest)));
    } else {
      emitted.push_back(std::move(expr));
    }
    raises = raises || CanRaise(**term);
  }
  std::reverse(emitted.begin(), emitted.end());
  if (emitted.size() == 1) {
    return std::move(emitted.front());
  }
  return conjunction ? And(std::move(emitted)) : Or(std::move(emitted));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::NotExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(DuckExpr operand, Emit(*node.operand));
  return Not(std::move(operand));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::IsNullExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(DuckExpr operand, Emit(*node.operand));
  return IsNull(std::move(operand));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::CaseExpr& node,
                                                     const Expr& expr) const {
  auto emitted = duckdb::make_uniq<duckdb::CaseExpression>();
  for (const sql::CaseExpr::When& when : node.whens) {
    duckdb::CaseCheck check;
    ASSIGN_OR_RETURN(check.when_expr, Emit(*when.condition, Unknown::kFalse));
    ASSIGN_OR_RETURN(check.then_expr, Emit(*when.result));
    emitted->case_checks.push_back(std::move(check));
  }
  if (node.otherwise == nullptr) {
    emitted->else_expr = functions_.Null(expr.type);
  } else {
    ASSIGN_OR_RETURN(emitted->else_expr, Emit(*node.otherwise));
  }
  return emitted;
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::CoalesceExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(DuckExprs operands, EmitAll(node.operands));
  return Coalesce(std::move(operands));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::InListExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(DuckExpr value, Emit(*node.value));
  ASSIGN_OR_RETURN(DuckExprs items, EmitAll(node.items));
  return functions_.InList(node.value->type, std::move(value), std::move(items));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::TryExpr& node,
                                                     const Expr& expr) const {
  // DuckDB has no TRY over what may change with each evaluation.
  const bool is_external = Contains(*node.operand, [](const Expr& part) {
    return std::holds_alternative<sql::ExternalCallExpr>(part.node);
  });
  if (is_external) {
    return ErrorAt(expr.location, "NOT_SUPPORTED", "TRY over an external function is not supported",
                   absl::StatusCode::kUnimplemented);
  }
  ASSIGN_OR_RETURN(DuckExpr operand, Emit(*node.operand));
  return functions_.Try(std::move(operand));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::RowExpr& node,
                                                     const Expr& expr) const {
  ASSIGN_OR_RETURN(DuckExprs fields, EmitAll(node.fields));
  return functions_.Row(expr.type, std::move(fields));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::ArrayExpr& node,
                                                     const Expr& expr) const {
  ASSIGN_OR_RETURN(DuckExprs elements, EmitAll(node.elements));
  return functions_.Array(expr.type, std::move(elements));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::FieldExpr& node,
                                                     const Expr& expr) const {
  ASSIGN_OR_RETURN(DuckExpr row, Emit(*node.row));
  // Of a row that is a NULL constant DuckDB forgets the type.
  return NativeCast(ToDuckDbType(expr.type), functions_.Field(node.index, std::move(row)));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::ScalarSubqueryExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(SelectBlock block, subqueries_.Emit(*node.plan));
  return Subquery(duckdb::SubqueryType::SCALAR, block.IntoNode(ColumnNames(*node.plan)));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNode(const sql::ExistsExpr& node,
                                                     const Expr& /*expr*/) const {
  ASSIGN_OR_RETURN(SelectBlock block, subqueries_.Emit(*node.plan));
  return Subquery(duckdb::SubqueryType::EXISTS, block.IntoNode(block.columns()));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::EmitQuantified(const sql::QuantifiedExpr& node,
                                                           Unknown unknown) const {
  const bool any_equal =
      node.op == sql::CompareOp::kEqual && node.quantifier == sql::Quantifier::kAny;
  if (any_equal && IsNative(*node.plan)) {
    return EmitNativeAny(node);
  }
  if (any_equal && unknown == Unknown::kFalse) {
    return EmitSemiJoin(node);
  }
  const bool all_unequal =
      node.op == sql::CompareOp::kNotEqual && node.quantifier == sql::Quantifier::kAll;
  if (all_unequal && IsNative(*node.plan)) {
    ASSIGN_OR_RETURN(DuckExpr any, EmitNativeAny(node));
    return Not(std::move(any));
  }
  return EmitCounted(node);
}

// value = ANY (plan), by DuckDB: a mark join, which is three-valued for one column of a type that
// it compares as Trino does.
absl::StatusOr<DuckExpr> ExpressionEmitter::EmitNativeAny(const sql::QuantifiedExpr& node) const {
  ASSIGN_OR_RETURN(SelectBlock block, subqueries_.Emit(*node.plan));
  auto subquery = Subquery(duckdb::SubqueryType::ANY, block.IntoNode(ColumnNames(*node.plan)));
  subquery->comparison_type = ExpressionType::COMPARE_EQUAL;
  ASSIGN_OR_RETURN(subquery->child, Emit(*node.value));
  return subquery;
}

template <typename EmitEqual>
absl::StatusOr<DuckExprs> ExpressionEmitter::EqualParts(const sql::QuantifiedExpr& node,
                                                        EmitEqual equal) const {
  const std::vector<sql::PlanColumn>& columns = node.plan->columns;
  const auto* row = std::get_if<sql::RowExpr>(&node.value->node);
  const bool by_field =
      row != nullptr && !(columns.size() == 1 && columns.front().type.kind() == TypeKind::kRow);
  DuckExprs parts;
  for (size_t i = 0; i < columns.size(); ++i) {
    ASSIGN_OR_RETURN(DuckExpr value, Emit(by_field ? *row->fields[i] : *node.value));
    ASSIGN_OR_RETURN(DuckExpr part, equal(columns[i].type, std::move(value),
                                          ColumnRef(ColumnName(columns[i].id))));
    parts.push_back(std::move(part));
  }
  return parts;
}

// value = ANY (plan) where unknown is as good as false: EXISTS (plan WHERE value = column).
absl::StatusOr<DuckExpr> ExpressionEmitter::EmitSemiJoin(const sql::QuantifiedExpr& node) const {
  ASSIGN_OR_RETURN(SelectBlock block, subqueries_.Emit(*node.plan));
  block.Wrap();
  ASSIGN_OR_RETURN(DuckExprs equalities,
                   EqualParts(node, [&](const Type& type, DuckExpr value, DuckExpr column) {
                     return functions_.JoinEquality(type, std::move(value), std::move(column));
                   }));
  for (DuckExpr& equality : equalities) {
    block.AddFilter(std::move(equality));
  }
  return Subquery(duckdb::SubqueryType::EXISTS, block.IntoNode(block.columns()));
}

absl::StatusOr<DuckExpr> ExpressionEmitter::CompareWithColumns(
    const sql::QuantifiedExpr& node) const {
  // (a, b) <> (x, y) is NOT (a = x AND b = y), also when it is unknown.
  const bool negated = node.op == sql::CompareOp::kNotEqual;
  const sql::CompareOp op = negated ? sql::CompareOp::kEqual : node.op;
  ASSIGN_OR_RETURN(DuckExprs parts,
                   EqualParts(node, [&](const Type& type, DuckExpr value, DuckExpr column) {
                     return functions_.Compare(op, type, std::move(value), std::move(column));
                   }));
  DuckExpr all = And(std::move(parts));
  return negated ? Not(std::move(all)) : std::move(all);
}

// Any quantified comparison, by its definition: counts the rows of the plan for which it is true,
// false and unknown.
absl::StatusOr<DuckExpr> ExpressionEmitter::EmitCounted(const sql::QuantifiedExpr& node) const {
  ASSIGN_OR_RETURN(SelectBlock block, subqueries_.Emit(*node.plan));
  block.Wrap();
  ASSIGN_OR_RETURN(DuckExpr comparison, CompareWithColumns(node));
  const bool any = node.quantifier == sql::Quantifier::kAny;
  // The comparison gets a name first: DuckDB takes an aggregate over outer columns alone as one of
  // the outer query.
  block.SelectAlso(ExprItem("q", std::move(comparison)));
  block.Wrap();
  DuckExpr decisive = ColumnRef("q");
  if (!any) {
    decisive = Not(std::move(decisive));
  }
  DuckExpr result = IfElse(AnyRow(std::move(decisive)), functions_.Constant(Type::Boolean(), any),
                           IfElse(AnyRow(IsNull(ColumnRef("q"))), functions_.Null(Type::Boolean()),
                                  functions_.Constant(Type::Boolean(), !any)));
  block.Aggregate(duckdb::GroupByNode(), ExprItem("r", std::move(result)));
  return Subquery(duckdb::SubqueryType::SCALAR, block.IntoNode({"r"}));
}

}  // namespace pallas::engine
