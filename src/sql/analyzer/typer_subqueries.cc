#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/analyzer/decorrelation.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/ast/query.h"
#include "sql/coercion.h"

namespace pallas::sql {

using ast::ExprKind;

namespace {

CompareOp CompareOpOf(const ast::Expr& e) {
  if (e.kind == ExprKind::kInSubquery || e.text == "=") {
    return CompareOp::kEqual;
  }
  if (e.text == "<") {
    return CompareOp::kLess;
  }
  if (e.text == "<=") {
    return CompareOp::kLessEqual;
  }
  if (e.text == ">") {
    return CompareOp::kGreater;
  }
  if (e.text == ">=") {
    return CompareOp::kGreaterEqual;
  }
  return CompareOp::kNotEqual;
}

Type RowOf(const Plan& plan) {
  std::vector<Type::Field> fields;
  fields.reserve(plan.columns.size());
  for (const PlanColumn& column : plan.columns) {
    fields.push_back(
        {column.name.empty() ? std::nullopt : std::optional(column.name), column.type});
  }
  return Type::Row(std::move(fields));
}

ExprPtr ColumnOf(const PlanColumn& column) {
  return MakeTyped(column.type, Location{}, ColumnExpr{column.id});
}

// `plan` with its columns as `types`.
PlanPtr CoerceColumns(PlanPtr plan, const std::vector<Type>& types, ColumnIds& ids) {
  bool same = true;
  for (size_t i = 0; i < types.size(); ++i) {
    same = same && plan->columns[i].type == types[i];
  }
  if (same) {
    return plan;
  }
  auto projected = std::make_unique<Plan>();
  ProjectPlan node;
  for (size_t i = 0; i < types.size(); ++i) {
    const PlanColumn& column = plan->columns[i];
    node.expressions.push_back(Coerce(ColumnOf(column), types[i]));
    projected->columns.push_back({ids.Next(), column.name, types[i]});
  }
  node.input = std::move(plan);
  projected->node = std::move(node);
  return projected;
}

// `plan` with one column that is the row of its columns.
PlanPtr ToRows(PlanPtr plan, ColumnIds& ids) {
  RowExpr row;
  for (const PlanColumn& column : plan->columns) {
    row.fields.push_back(ColumnOf(column));
  }
  const Type type = RowOf(*plan);
  auto projected = std::make_unique<Plan>();
  ProjectPlan node;
  node.expressions.push_back(MakeTyped(type, Location{}, std::move(row)));
  projected->columns.push_back({ids.Next(), "", type});
  node.input = std::move(plan);
  projected->node = std::move(node);
  return projected;
}

}  // namespace

absl::StatusOr<PlanPtr> ExpressionTyper::Subquery(const ast::Expr& e) {
  if (lambda_ != nullptr) {
    return ErrorAt(e.location, "NOT_SUPPORTED", "Lambda expression cannot contain subqueries",
                   absl::StatusCode::kUnimplemented);
  }
  return subqueries_.AnalyzeSubquery(*e.query, scope_);
}

TypedExpr ExpressionTyper::ScalarSubquery(const ast::Expr& e) {
  ASSIGN_OR_RETURN(PlanPtr plan, Subquery(e));
  RETURN_IF_ERROR(CheckCorrelation(*plan, SubqueryUse::kScalar, e.query->location));
  if (plan->columns.size() != 1) {
    plan = ToRows(std::move(plan), ids_);
  }
  Type type = plan->columns[0].type;
  return MakeTyped(std::move(type), e.location, ScalarSubqueryExpr{std::move(plan)});
}

TypedExpr ExpressionTyper::Exists(const ast::Expr& e) {
  ASSIGN_OR_RETURN(PlanPtr plan, Subquery(e));
  RETURN_IF_ERROR(CheckCorrelation(*plan, SubqueryUse::kExists, e.location));
  return MakeTyped(Type::Boolean(), e.location, ExistsExpr{std::move(plan)});
}

TypedExpr ExpressionTyper::Quantified(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr value, Analyze(*e.args[0]));
  ASSIGN_OR_RETURN(PlanPtr plan, Subquery(e));
  // Both sides are rows; a value that is none is a row of one field.
  const bool is_row = value->type.kind() == TypeKind::kRow;
  const bool is_unknown = value->type.kind() == TypeKind::kUnknown;
  const Type value_row =
      is_row || is_unknown ? value->type : Type::Row({{std::nullopt, value->type}});
  const Type plan_row = RowOf(*plan);
  const std::optional<Type> common = CommonSuperType(value_row, plan_row, session_.dialect);
  if (!common) {
    return TypeMismatch(
        PlaceOf(e),
        absl::StrCat("Value expression and result of subquery must be of the same type: ",
                     DisplayName(value_row), " vs ", DisplayName(plan_row)));
  }
  QuantifiedExpr node;
  node.op = CompareOpOf(e);
  const bool all = e.type_name == "all";
  const bool is_in = node.op == (all ? CompareOp::kNotEqual : CompareOp::kEqual);
  RETURN_IF_ERROR(CheckCorrelation(*plan, is_in ? SubqueryUse::kIn : SubqueryUse::kQuantified,
                                   is_in ? PlaceOf(e) : e.query->location));
  const bool equality = node.op == CompareOp::kEqual || node.op == CompareOp::kNotEqual;
  if (equality ? !IsComparable(*common) : !IsOrderable(*common)) {
    return TypeMismatch(PlaceOf(e), absl::StrCat("Type [", DisplayName(*common), "] must be ",
                                                 equality ? "comparable" : "orderable",
                                                 " in order to be used in quantified comparison"));
  }
  const std::vector<Type>& types = common->children();
  if (is_row) {
    // Field by field, whatever expression the row is.
    if (!std::holds_alternative<RowExpr>(value->node)) {
      RowExpr row;
      for (size_t i = 0; i < types.size(); ++i) {
        ASSIGN_OR_RETURN(ExprPtr copy, Duplicate(*value, *e.args[0]));
        row.fields.push_back(MakeTyped(value->type.children()[i], value->location,
                                       FieldExpr{std::move(copy), static_cast<int>(i)}));
      }
      value = MakeTyped(value->type, value->location, std::move(row));
    }
    value = CoerceHere(std::move(value), *common);
    if (types.size() == 1) {
      ExprPtr only = std::move(std::get<RowExpr>(value->node).fields[0]);
      value = std::move(only);
    }
  } else if (types.size() == 1) {
    value = CoerceHere(std::move(value), types[0]);
  } else {
    RowExpr row;  // NULL of several fields
    for (const Type& type : types) {
      row.fields.push_back(MakeConstant(type, value->location, std::monostate()));
    }
    value = MakeTyped(*common, value->location, std::move(row));
  }
  node.value = std::move(value);
  node.plan = CoerceColumns(std::move(plan), types, ids_);
  node.quantifier = all ? Quantifier::kAll : Quantifier::kAny;
  const bool negated = e.kind == ExprKind::kInSubquery && e.flag;
  return Negated(negated, MakeTyped(Type::Boolean(), PlaceOf(e), std::move(node)));
}

}  // namespace pallas::sql
