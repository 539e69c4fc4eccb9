#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/analyzer/constant.h"
#include "sql/analyzer/dialect_level.h"
#include "sql/analyzer/expression_text.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/coercion.h"
#include "sql/plan/walk.h"

namespace pallas::sql {

using ast::ExprKind;

namespace {

// Chains without nesting (a[1][2]..., x AT TIME ZONE ...) can be longer than the parser's limit on
// nesting, and every level takes stack here, in the engine and when the tree is destroyed.
constexpr int kMaxDepth = 3'000;

bool IsDeterministic(const Expr& expr) {
  if (std::holds_alternative<ExternalCallExpr>(expr.node)) {
    return false;
  }
  if (const auto* call = std::get_if<CallExpr>(&expr.node);
      call != nullptr && !call->function.entry->deterministic) {
    return false;
  }
  bool deterministic = true;
  ForEachOperand(expr, [&](const Expr& operand) {
    deterministic = deterministic && IsDeterministic(operand);
  });
  return deterministic;
}

}  // namespace

Location PlaceOf(const ast::Expr& expression) {
  return expression.operator_location.line > 0 ? expression.operator_location : expression.location;
}

absl::Status Located(const absl::Status& status, Location location) {
  const std::optional<ErrorDetail> detail = GetDetail(status);
  if (status.ok() || (detail && detail->location)) {
    return status;
  }
  return ErrorAt(location, ErrorName(status), status.message(), status.code());
}

absl::Status TypeMismatch(Location location, std::string_view message) {
  return ErrorAt(location, "TYPE_MISMATCH", message);
}

ExprPtr MakeConstant(Type type, Location location, ConstantValue value) {
  return MakeTyped(std::move(type), location, ConstantExpr{std::move(value)});
}

bool IsNullConstant(const Expr& expr) {
  const auto* constant = std::get_if<ConstantExpr>(&expr.node);
  return constant != nullptr && std::holds_alternative<std::monostate>(constant->value);
}

ExprPtr CoerceIn(ExprPtr expr, const Type& target, std::optional<int> session_zone_key) {
  if (expr->type == target) {
    return expr;
  }
  const Location location = expr->location;
  if (auto* constant = std::get_if<ConstantExpr>(&expr->node)) {
    std::optional<ConstantValue> value =
        ConvertConstant(constant->value, expr->type, target, session_zone_key);
    if (value) {
      return MakeConstant(target, location, *std::move(value));
    }
  }
  // Constructors take the type of their parts, so that no cast stands around a row that is compared
  // field by field.
  if (auto* row = std::get_if<RowExpr>(&expr->node);
      row != nullptr && target.kind() == TypeKind::kRow &&
      row->fields.size() == target.children().size()) {
    for (size_t i = 0; i < row->fields.size(); ++i) {
      row->fields[i] = CoerceIn(std::move(row->fields[i]), target.children()[i], session_zone_key);
    }
    expr->type = target;
    return expr;
  }
  if (auto* array = std::get_if<ArrayExpr>(&expr->node);
      array != nullptr && target.kind() == TypeKind::kArray) {
    for (ExprPtr& element : array->elements) {
      element = CoerceIn(std::move(element), target.element(), session_zone_key);
    }
    expr->type = target;
    return expr;
  }
  return MakeTyped(target, location, CastExpr{std::move(expr), false});
}

TypedExpr ExpressionTyper::Analyze(const ast::Expr& e) {
  if (depth_ >= kMaxDepth) {
    return ErrorAt(PlaceOf(e), "STACK_OVERFLOW", "Expression is nested too deeply");
  }
  ++depth_;
  TypedExpr result = Dispatch(e);
  --depth_;
  return result;
}

TypedExpr ExpressionTyper::AnalyzeAs(const ast::Expr& e, const Type& type, std::string_view what) {
  ASSIGN_OR_RETURN(ExprPtr expr, Analyze(e));
  if (!CanCoerce(expr->type, type, session_.dialect)) {
    return TypeMismatch(PlaceOf(e), absl::StrCat(what, " must evaluate to a ", DisplayName(type),
                                                 " (actual: ", DisplayName(expr->type), ")"));
  }
  return CoerceHere(std::move(expr), type);
}

TypedExpr ExpressionTyper::Dispatch(const ast::Expr& e) {
  switch (e.kind) {
    case ExprKind::kNull:
    case ExprKind::kBoolean:
    case ExprKind::kInteger:
    case ExprKind::kDecimal:
    case ExprKind::kDouble:
    case ExprKind::kString:
    case ExprKind::kBinary:
      return Literal(e);
    case ExprKind::kTypedLiteral:
      return TypedLiteral(e);
    case ExprKind::kInterval:
      return IntervalLiteral(e);
    case ExprKind::kColumn:
    case ExprKind::kDereference:
      return Name(e);
    case ExprKind::kCall:
      return Call(e);
    case ExprKind::kNegate:
      return Negate(e);
    case ExprKind::kPlus:
      return Plus(e);
    case ExprKind::kArithmetic:
      return Arithmetic(e);
    case ExprKind::kConcat:
      return Concat(e);
    case ExprKind::kCompare:
    case ExprKind::kDistinctFrom:
      return Compare(e);
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return Logical(e);
    case ExprKind::kNot:
      return Not(e);
    case ExprKind::kIsNull:
      return IsNull(e);
    case ExprKind::kBetween:
      return Between(e);
    case ExprKind::kIn:
      return In(e);
    case ExprKind::kLike:
      return Like(e);
    default:
      return DispatchForm(e);
  }
}

TypedExpr ExpressionTyper::DispatchForm(const ast::Expr& e) {
  switch (e.kind) {
    case ExprKind::kExists:
      return Exists(e);
    case ExprKind::kInSubquery:
    case ExprKind::kQuantified:
      return Quantified(e);
    case ExprKind::kSubquery:
      return ScalarSubquery(e);
    case ExprKind::kRow:
      return Row(e);
    case ExprKind::kArray:
      return Array(e);
    case ExprKind::kSubscript:
      return Subscript(e);
    case ExprKind::kCase:
      return Case(e);
    case ExprKind::kCast:
      return Cast(e);
    case ExprKind::kExtract:
      return Extract(e);
    case ExprKind::kAtTimeZone:
      return AtTimeZone(e);
    case ExprKind::kCurrent:
      return Current(e);
    case ExprKind::kTrim:
      return Trim(e);
    case ExprKind::kPosition:
      return ApplyTo("strpos", {e.args[1].get(), e.args[0].get()}, e.location);
    case ExprKind::kSubstring: {
      std::vector<const ast::Expr*> arguments;
      arguments.reserve(e.args.size());
      for (const ast::ExprPtr& argument : e.args) {
        arguments.push_back(argument.get());
      }
      return ApplyTo("substr", arguments, e.location);
    }
    case ExprKind::kNormalize: {
      std::vector<ExprPtr> arguments;
      ASSIGN_OR_RETURN(ExprPtr value, Analyze(*e.args[0]));
      arguments.push_back(std::move(value));
      arguments.push_back(
          MakeConstant(Type::Varchar(static_cast<int64_t>(e.text.size())), e.location, e.text));
      return Apply("normalize", std::move(arguments), e.location);
    }
    case ExprKind::kGrouping:
      return Grouping(e);
    case ExprKind::kListagg:
      return Listagg(e);
    case ExprKind::kParameter:
      if (subqueries_.NoteParameter(e.index, e.location)) {
        return MakeConstant(Type::Unknown(), e.location, std::monostate());
      }
      return ErrorAt(e.location, "INVALID_PARAMETER_USAGE", "Query takes no parameters");
    case ExprKind::kLambda:
      return TypeMismatch(e.location, "Lambda expression should always be used inside a function");
    case ExprKind::kStar:
      return ErrorAt(e.location, "SYNTAX_ERROR", "'*' is not an expression");
    default:
      return ErrorAt(e.location, "NOT_SUPPORTED", absl::StrCat(e.text, " is not supported"),
                     absl::StatusCode::kUnimplemented);
  }
}

TypedExpr ExpressionTyper::Logical(const ast::Expr& e) {
  const bool is_and = e.kind == ExprKind::kAnd;
  std::vector<ExprPtr> terms;
  terms.reserve(e.args.size());
  for (const ast::ExprPtr& argument : e.args) {
    ASSIGN_OR_RETURN(ExprPtr term,
                     AnalyzeAs(*argument, Type::Boolean(), "Logical expression term"));
    // (a AND b) AND c is one conjunction.
    std::vector<ExprPtr>* inner = nullptr;
    if (auto* conjunction = std::get_if<AndExpr>(&term->node); conjunction != nullptr && is_and) {
      inner = &conjunction->terms;
    } else if (auto* choice = std::get_if<OrExpr>(&term->node); choice != nullptr && !is_and) {
      inner = &choice->terms;
    }
    if (inner == nullptr) {
      terms.push_back(std::move(term));
      continue;
    }
    std::move(inner->begin(), inner->end(), std::back_inserter(terms));
  }
  if (is_and) {
    return MakeTyped(Type::Boolean(), e.location, AndExpr{std::move(terms)});
  }
  return MakeTyped(Type::Boolean(), e.location, OrExpr{std::move(terms)});
}

TypedExpr ExpressionTyper::Not(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr operand,
                   AnalyzeAs(*e.args[0], Type::Boolean(), "Value of logical NOT expression"));
  return Negated(true, std::move(operand));
}

TypedExpr ExpressionTyper::Negated(bool negated, ExprPtr expr) {
  if (!negated) {
    return expr;
  }
  const Location location = expr->location;
  return MakeTyped(Type::Boolean(), location, NotExpr{std::move(expr)});
}

TypedExpr ExpressionTyper::IsNull(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*e.args[0]));
  return Negated(e.flag, MakeTyped(Type::Boolean(), PlaceOf(e), IsNullExpr{std::move(operand)}));
}

absl::StatusOr<Type> ExpressionTyper::Unify(std::vector<ExprPtr*>& exprs, std::string_view what) {
  Type common;
  // Each type once, in the order of the expressions; literals of one text type after the other are
  // the usual case of a long list.
  std::vector<Type> types;
  std::vector<Location> places;
  for (const ExprPtr* expr : exprs) {
    const Type& type = (*expr)->type;
    if (std::find(types.rbegin(), types.rend(), type) == types.rend()) {
      types.push_back(type);
      places.push_back((*expr)->location);
    }
  }
  const auto no_common_type = [&](const Type& so_far, size_t i) {
    return TypeMismatch(
        places[i],
        absl::StrCat(what,
                     " must be the same type or coercible to a common type. Cannot find common "
                     "type between ",
                     DisplayName(so_far), " and ", DisplayName(types[i]),
                     ", all types (without duplicates): [",
                     absl::StrJoin(types, ", ",
                                   [](std::string* out, const Type& type) {
                                     out->append(DisplayName(type));
                                   }),
                     "]"));
  };
  for (size_t i = 0; i < types.size(); ++i) {
    const std::optional<Type> wider = CommonSuperType(common, types[i], session_.dialect);
    if (!wider) {
      return no_common_type(common, i);
    }
    common = *wider;
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (!CanCoerce(types[i], common, session_.dialect)) {
      return no_common_type(common, i);
    }
  }
  for (ExprPtr* expr : exprs) {
    *expr = CoerceHere(std::move(*expr), common);
  }
  return common;
}

absl::StatusOr<ExprPtr> ExpressionTyper::Duplicate(const Expr& expr, const ast::Expr& e) {
  if (!IsDeterministic(expr)) {
    return ErrorAt(e.location, "NOT_SUPPORTED",
                   absl::StrCat("A value that changes with each evaluation is not supported here: ",
                                ExpressionText(e)),
                   absl::StatusCode::kUnimplemented);
  }
  return Clone(expr);
}

TypedExpr ExpressionTyper::CaseConditions(const ast::Expr& e, std::vector<CaseExpr::When>& whens) {
  const size_t end = e.args.size() - (e.index == 1 ? 1 : 0);
  for (size_t i = 0; i + 1 < end; i += 2) {
    CaseExpr::When when;
    ASSIGN_OR_RETURN(when.condition, AnalyzeAs(*e.args[i], Type::Boolean(), "CASE WHEN clause"));
    whens.push_back(std::move(when));
  }
  return ExprPtr();
}

// Each comparison has a copy of the operand. Returns null.
TypedExpr ExpressionTyper::SimpleCaseConditions(const ast::Expr& e,
                                                std::vector<CaseExpr::When>& whens) {
  ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*e.args[0]));
  Type common = operand->type;
  std::vector<ExprPtr> values;
  const size_t end = e.args.size() - (e.index == 1 ? 1 : 0);
  for (size_t i = 1; i + 1 < end; i += 2) {
    ASSIGN_OR_RETURN(ExprPtr value, Analyze(*e.args[i]));
    const std::optional<Type> wider = CommonSuperType(common, value->type, session_.dialect);
    if (!wider) {
      return TypeMismatch(
          PlaceOf(*e.args[i]),
          absl::StrCat("CASE operand type does not match WHEN clause operand type: ",
                       DisplayName(operand->type), " vs ", DisplayName(value->type)));
    }
    common = *wider;
    values.push_back(std::move(value));
  }
  operand = CoerceHere(std::move(operand), common);
  std::vector<ExprPtr> operands;
  for (size_t i = 1; i < values.size(); ++i) {
    ASSIGN_OR_RETURN(ExprPtr copy, Duplicate(*operand, *e.args[0]));
    operands.push_back(std::move(copy));
  }
  operands.push_back(std::move(operand));
  for (size_t i = 0; i < values.size(); ++i) {
    const Location location = values[i]->location;
    CaseExpr::When when;
    ASSIGN_OR_RETURN(when.condition,
                     Comparison(CompareOp::kEqual, std::move(operands[i]),
                                CoerceHere(std::move(values[i]), common), location));
    whens.push_back(std::move(when));
  }
  return ExprPtr();
}

TypedExpr ExpressionTyper::Case(const ast::Expr& e) {
  CaseExpr node;
  RETURN_IF_ERROR(
      (e.flag ? SimpleCaseConditions(e, node.whens) : CaseConditions(e, node.whens)).status());
  const size_t first = (e.flag ? 1 : 0) + 1;
  std::vector<ExprPtr*> results;
  for (size_t i = 0; i < node.whens.size(); ++i) {
    ASSIGN_OR_RETURN(node.whens[i].result, Analyze(*e.args[first + 2 * i]));
    results.push_back(&node.whens[i].result);
  }
  if (e.index == 1) {
    ASSIGN_OR_RETURN(node.otherwise, Analyze(*e.args.back()));
    results.push_back(&node.otherwise);
  }
  ASSIGN_OR_RETURN(const Type type, Unify(results, "All CASE results"));
  return MakeTyped(type, e.location, std::move(node));
}

TypedExpr ExpressionTyper::If(const ast::Expr& e) {
  CaseExpr node;
  node.whens.resize(1);
  CaseExpr::When& when = node.whens[0];
  ASSIGN_OR_RETURN(when.condition, AnalyzeAs(*e.args[0], Type::Boolean(), "IF condition"));
  ASSIGN_OR_RETURN(when.result, Analyze(*e.args[1]));
  Type type = when.result->type;
  if (e.args.size() > 2) {
    ASSIGN_OR_RETURN(node.otherwise, Analyze(*e.args[2]));
    const std::optional<Type> common =
        CommonSuperType(type, node.otherwise->type, session_.dialect);
    if (!common || !CanCoerce(type, *common, session_.dialect) ||
        !CanCoerce(node.otherwise->type, *common, session_.dialect)) {
      return TypeMismatch(e.location,
                          absl::StrCat("Result types for IF must be the same: ", DisplayName(type),
                                       " vs ", DisplayName(node.otherwise->type)));
    }
    type = *common;
    when.result = CoerceHere(std::move(when.result), type);
    node.otherwise = CoerceHere(std::move(node.otherwise), type);
  }
  return MakeTyped(type, e.location, std::move(node));
}

TypedExpr ExpressionTyper::NullIf(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr first, Analyze(*e.args[0]));
  ASSIGN_OR_RETURN(ExprPtr second, Analyze(*e.args[1]));
  const Type type = first->type;
  const std::optional<Type> common = CommonSuperType(type, second->type, session_.dialect);
  if (!common) {
    return TypeMismatch(e.location,
                        absl::StrCat("Types are not comparable with NULLIF: ", DisplayName(type),
                                     " vs ", DisplayName(second->type)));
  }
  ASSIGN_OR_RETURN(ExprPtr left, Duplicate(*first, *e.args[0]));
  CaseExpr node;
  node.whens.resize(1);
  ASSIGN_OR_RETURN(node.whens[0].condition,
                   Comparison(CompareOp::kEqual, CoerceHere(std::move(left), *common),
                              CoerceHere(std::move(second), *common), e.location));
  node.whens[0].result = MakeConstant(type, e.location, std::monostate());
  node.otherwise = std::move(first);
  return MakeTyped(type, e.location, std::move(node));
}

TypedExpr ExpressionTyper::CoalesceOf(const ast::Expr& e) {
  CoalesceExpr node;
  node.operands.reserve(e.args.size());
  for (const ast::ExprPtr& argument : e.args) {
    ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*argument));
    node.operands.push_back(std::move(operand));
  }
  std::vector<ExprPtr*> operands;
  operands.reserve(node.operands.size());
  for (ExprPtr& operand : node.operands) {
    operands.push_back(&operand);
  }
  ASSIGN_OR_RETURN(const Type type, Unify(operands, "All COALESCE operands"));
  return MakeTyped(type, e.location, std::move(node));
}

TypedExpr ExpressionTyper::Row(const ast::Expr& e) {
  RowExpr node;
  node.fields.reserve(e.args.size());
  std::vector<Type::Field> fields;
  fields.reserve(e.args.size());
  for (size_t i = 0; i < e.args.size(); ++i) {
    ASSIGN_OR_RETURN(ExprPtr field, Analyze(*e.args[i]));
    std::optional<std::string> name;
    if (i < e.names.size() && !e.names[i].text.empty()) {
      name = e.names[i].text;
    }
    fields.push_back({std::move(name), field->type});
    node.fields.push_back(std::move(field));
  }
  return MakeTyped(Type::Row(std::move(fields)), e.location, std::move(node));
}

TypedExpr ExpressionTyper::Array(const ast::Expr& e) {
  ArrayExpr node;
  node.elements.reserve(e.args.size());
  for (const ast::ExprPtr& argument : e.args) {
    ASSIGN_OR_RETURN(ExprPtr element, Analyze(*argument));
    node.elements.push_back(std::move(element));
  }
  std::vector<ExprPtr*> elements;
  elements.reserve(node.elements.size());
  for (ExprPtr& element : node.elements) {
    elements.push_back(&element);
  }
  ASSIGN_OR_RETURN(const Type type, Unify(elements, "All ARRAY elements"));
  return MakeTyped(Type::Array(type), e.location, std::move(node));
}

TypedExpr ExpressionTyper::Cast(const ast::Expr& e) {
  absl::StatusOr<Type> parsed = ParseTrinoType(e.type_name);
  if (!parsed.ok()) {
    // Only what is wrong with a decimal is said.
    return parsed.status().message().starts_with("DECIMAL ")
               ? parsed.status()
               : TypeMismatch(e.location, absl::StrCat("Unknown type: ", e.type_name));
  }
  Type target = *std::move(parsed);
  if (target.kind() == TypeKind::kUnknown) {
    return TypeMismatch(e.location, "UNKNOWN is not a valid type");
  }
  ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*e.args[0]));
  if (operand->type.kind() == TypeKind::kChar && session_.dialect.level >= kCastsOfCharLevel &&
      (IsNumeric(target) || IsTemporal(target) || target.kind() == TypeKind::kBoolean)) {
    operand = CoerceHere(std::move(operand), Type::Varchar());
  }
  if (!CanCast(operand->type, target)) {
    return TypeMismatch(e.location, absl::StrCat("Cannot cast ", DisplayName(operand->type), " to ",
                                                 DisplayName(target)));
  }
  if (operand->type == target) {
    return operand;
  }
  if (const auto* constant = std::get_if<ConstantExpr>(&operand->node)) {
    // What fails does so when it is evaluated, which may be never.
    std::optional<ConstantValue> value =
        ConvertConstant(constant->value, operand->type, target, session_.time_zone_key);
    if (value) {
      return MakeConstant(std::move(target), e.location, *std::move(value));
    }
  }
  return MakeTyped(std::move(target), e.location, CastExpr{std::move(operand), e.flag});
}

}  // namespace pallas::sql
