#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/analyzer/dialect_level.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/coercion.h"
#include "sql/functions/resolution.h"
#include "types/time_zone.h"

namespace pallas::sql {

using ast::ExprKind;

namespace {

std::string_view ArithmeticFunction(std::string_view symbol) {
  switch (symbol[0]) {
    case '+':
      return "$add";
    case '-':
      return "$subtract";
    case '*':
      return "$multiply";
    case '/':
      return "$divide";
    default:
      return "$modulus";
  }
}

CompareOp CompareOpOf(const ast::Expr& e) {
  if (e.kind == ExprKind::kDistinctFrom) {
    return e.flag ? CompareOp::kIsNotDistinctFrom : CompareOp::kIsDistinctFrom;
  }
  static constexpr std::pair<std::string_view, CompareOp> kSymbols[] = {
      {"=", CompareOp::kEqual},   {"<>", CompareOp::kNotEqual},
      {"<", CompareOp::kLess},    {"<=", CompareOp::kLessEqual},
      {">", CompareOp::kGreater}, {">=", CompareOp::kGreaterEqual}};
  for (const auto& [symbol, op] : kSymbols) {
    if (symbol == e.text) {
      return op;
    }
  }
  return CompareOp::kNotEqual;  // !=
}

bool NeedsOrder(CompareOp op) {
  return op == CompareOp::kLess || op == CompareOp::kLessEqual || op == CompareOp::kGreater ||
         op == CompareOp::kGreaterEqual;
}

// As Trino names it: there is no operator of its own for > and <>.
std::string_view OperatorName(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
    case CompareOp::kGreater:
      return "<";
    case CompareOp::kLessEqual:
    case CompareOp::kGreaterEqual:
      return "<=";
    default:
      return "=";
  }
}

}  // namespace

TypedExpr ExpressionTyper::Apply(std::string_view function, std::vector<ExprPtr> arguments,
                                 Location location) {
  std::vector<FunctionArgument> types;
  types.reserve(arguments.size());
  for (const ExprPtr& argument : arguments) {
    types.push_back({.type = argument->type});
  }
  absl::StatusOr<ResolvedFunction> resolved = ResolveFunction(function, types, session_.dialect);
  if (!resolved.ok()) {
    return Located(resolved.status(), location);
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    arguments[i] = CoerceHere(std::move(arguments[i]), resolved->argument_types[i]);
  }
  Type type = resolved->result_type;
  return MakeTyped(std::move(type), location, CallExpr{*std::move(resolved), std::move(arguments)});
}

TypedExpr ExpressionTyper::ApplyTo(std::string_view function,
                                   const std::vector<const ast::Expr*>& arguments,
                                   Location location) {
  std::vector<ExprPtr> typed;
  for (const ast::Expr* argument : arguments) {
    ASSIGN_OR_RETURN(ExprPtr value, Analyze(*argument));
    typed.push_back(std::move(value));
  }
  return Apply(function, std::move(typed), location);
}

TypedExpr ExpressionTyper::Arithmetic(const ast::Expr& e) {
  // The left spine, so that a long sum takes no stack.
  std::vector<const ast::Expr*> spine;
  const ast::Expr* first = &e;
  for (; first->kind == ExprKind::kArithmetic; first = first->args[0].get()) {
    spine.push_back(first);
  }
  ASSIGN_OR_RETURN(ExprPtr value, Analyze(*first));
  for (size_t i = spine.size(); i-- > 0;) {
    const ast::Expr& node = *spine[i];
    ASSIGN_OR_RETURN(ExprPtr right, Analyze(*node.args[1]));
    std::vector<ExprPtr> arguments;
    arguments.push_back(std::move(value));
    arguments.push_back(std::move(right));
    ASSIGN_OR_RETURN(value,
                     Apply(ArithmeticFunction(node.text), std::move(arguments), PlaceOf(node)));
  }
  return value;
}

TypedExpr ExpressionTyper::Negate(const ast::Expr& e) {
  const ast::Expr& operand = *e.args[0];
  // The sign belongs to the number: -2147483648 is an integer, although 2147483648 is none.
  if (operand.kind == ExprKind::kInteger || operand.kind == ExprKind::kDecimal ||
      operand.kind == ExprKind::kDouble) {
    return NumberLiteral(operand, /*negative=*/true, e.location);
  }
  return ApplyTo("$negate", {&operand}, e.location);
}

TypedExpr ExpressionTyper::Plus(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*e.args[0]));
  if (!IsNumeric(operand->type) || operand->type.kind() == TypeKind::kDecimal) {
    return TypeMismatch(e.location, absl::StrCat("Unary '+' operator cannot by applied to ",
                                                 DisplayName(operand->type), " type"));
  }
  return operand;
}

TypedExpr ExpressionTyper::Concat(const ast::Expr& e) {
  std::vector<const ast::Expr*> spine;
  const ast::Expr* first = &e;
  for (; first->kind == ExprKind::kConcat; first = first->args[0].get()) {
    spine.push_back(first);
  }
  std::vector<ExprPtr> operands;
  ASSIGN_OR_RETURN(ExprPtr value, Analyze(*first));
  bool all_varchar = value->type.kind() == TypeKind::kVarchar;
  operands.push_back(std::move(value));
  for (size_t i = spine.size(); i-- > 0;) {
    ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*spine[i]->args[1]));
    all_varchar = all_varchar && operand->type.kind() == TypeKind::kVarchar;
    operands.push_back(std::move(operand));
  }
  if (all_varchar) {
    // One call for all: texts are copied once.
    return Apply("$concat", std::move(operands), PlaceOf(e));
  }
  value = std::move(operands[0]);
  for (size_t i = 1; i < operands.size(); ++i) {
    std::vector<ExprPtr> arguments;
    arguments.push_back(std::move(value));
    arguments.push_back(std::move(operands[i]));
    ASSIGN_OR_RETURN(value,
                     Apply("$concat", std::move(arguments), PlaceOf(*spine[spine.size() - i])));
  }
  return value;
}

TypedExpr ExpressionTyper::Compare(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr left, Analyze(*e.args[0]));
  ASSIGN_OR_RETURN(ExprPtr right, Analyze(*e.args[1]));
  return Comparison(CompareOpOf(e), std::move(left), std::move(right), PlaceOf(e));
}

TypedExpr ExpressionTyper::Comparison(CompareOp op, ExprPtr left, ExprPtr right,
                                      Location location) {
  std::optional<Type> common = CommonSuperType(left->type, right->type, session_.dialect);
  const bool fits = common && CanCoerce(left->type, *common, session_.dialect) &&
                    CanCoerce(right->type, *common, session_.dialect) &&
                    (NeedsOrder(op) ? IsOrderable(*common) : IsComparable(*common));
  const bool identity = op == CompareOp::kIsDistinctFrom || op == CompareOp::kIsNotDistinctFrom;
  if (!fits && identity) {
    return TypeMismatch(location, absl::StrCat("Cannot check if ", DisplayName(left->type),
                                               " is identical to ", DisplayName(right->type)));
  }
  if (!fits) {
    return TypeMismatch(location,
                        absl::StrCat("Cannot apply operator: ", DisplayName(left->type), " ",
                                     OperatorName(op), " ", DisplayName(right->type)));
  }
  if (common->kind() == TypeKind::kUnknown) {
    common = Type::Boolean();  // NULL = NULL: any type will do, but an engine needs one
  }
  CompareExpr node{op, CoerceHere(std::move(left), *common), CoerceHere(std::move(right), *common)};
  return MakeTyped(Type::Boolean(), location, std::move(node));
}

TypedExpr ExpressionTyper::Between(const ast::Expr& e) {
  std::array<ExprPtr, 3> parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    ASSIGN_OR_RETURN(parts[i], Analyze(*e.args[i]));
  }
  std::optional<Type> common = CommonSuperType(parts[0]->type, parts[1]->type, session_.dialect);
  if (common) {
    common = CommonSuperType(*common, parts[2]->type, session_.dialect);
  }
  const bool fits = common && IsOrderable(*common) &&
                    std::all_of(parts.begin(), parts.end(), [&](const ExprPtr& part) {
                      return CanCoerce(part->type, *common, session_.dialect);
                    });
  if (!fits) {
    return TypeMismatch(PlaceOf(e), absl::StrCat("Cannot check if ", DisplayName(parts[0]->type),
                                                 " is BETWEEN ", DisplayName(parts[1]->type),
                                                 " and ", DisplayName(parts[2]->type)));
  }
  if (common->kind() == TypeKind::kUnknown) {
    common = Type::Boolean();
  }
  for (ExprPtr& part : parts) {
    part = CoerceHere(std::move(part), *common);
  }
  ExprPtr swapped;
  if (e.text == "symmetric") {
    RETURN_IF_ERROR(
        NeedsLevel(session_.dialect, kBetweenSymmetricLevel, "BETWEEN SYMMETRIC", PlaceOf(e)));
    BetweenExpr node;
    ASSIGN_OR_RETURN(node.value, Duplicate(*parts[0], *e.args[0]));
    ASSIGN_OR_RETURN(node.low, Duplicate(*parts[2], *e.args[2]));
    ASSIGN_OR_RETURN(node.high, Duplicate(*parts[1], *e.args[1]));
    swapped = MakeTyped(Type::Boolean(), PlaceOf(e), std::move(node));
  }
  ExprPtr between =
      MakeTyped(Type::Boolean(), PlaceOf(e),
                BetweenExpr{std::move(parts[0]), std::move(parts[1]), std::move(parts[2])});
  if (swapped != nullptr) {
    OrExpr either;
    either.terms.push_back(std::move(between));
    either.terms.push_back(std::move(swapped));
    between = MakeTyped(Type::Boolean(), PlaceOf(e), std::move(either));
  }
  return Negated(e.flag, std::move(between));
}

TypedExpr ExpressionTyper::In(const ast::Expr& e) {
  InListExpr node;
  ASSIGN_OR_RETURN(node.value, Analyze(*e.args[0]));
  node.items.reserve(e.args.size() - 1);
  for (size_t i = 1; i < e.args.size(); ++i) {
    ASSIGN_OR_RETURN(ExprPtr item, Analyze(*e.args[i]));
    node.items.push_back(std::move(item));
  }
  std::vector<ExprPtr*> all;
  all.reserve(e.args.size());
  all.push_back(&node.value);
  for (ExprPtr& item : node.items) {
    all.push_back(&item);
  }
  ASSIGN_OR_RETURN(const Type type, Unify(all, "IN value and list items"));
  if (!IsComparable(type)) {
    return TypeMismatch(PlaceOf(e), absl::StrCat("Cannot apply operator: ", DisplayName(type),
                                                 " = ", DisplayName(type)));
  }
  if (type.kind() == TypeKind::kUnknown) {
    for (ExprPtr* expr : all) {
      *expr = CoerceHere(std::move(*expr), Type::Boolean());
    }
  }
  return Negated(e.flag, MakeTyped(Type::Boolean(), PlaceOf(e), std::move(node)));
}

TypedExpr ExpressionTyper::Like(const ast::Expr& e) {
  static constexpr std::string_view kParts[] = {
      "Left side of LIKE expression", "Pattern for LIKE expression", "Escape for LIKE expression"};
  std::vector<ExprPtr> arguments;
  for (size_t i = 0; i < e.args.size(); ++i) {
    ASSIGN_OR_RETURN(ExprPtr argument, Analyze(*e.args[i]));
    const Type& type = argument->type;
    if (type.kind() != TypeKind::kVarchar && !(i == 0 && type.kind() == TypeKind::kChar)) {
      if (!CanCoerce(type, Type::Varchar(), session_.dialect)) {
        return TypeMismatch(PlaceOf(*e.args[i]),
                            absl::StrCat(kParts[i], " must evaluate to a varchar (actual: ",
                                         DisplayName(type), ")"));
      }
      argument = CoerceHere(std::move(argument), Type::Varchar());
    }
    arguments.push_back(std::move(argument));
  }
  ASSIGN_OR_RETURN(ExprPtr like, Apply("$like", std::move(arguments), PlaceOf(e)));
  return Negated(e.flag, std::move(like));
}

TypedExpr ExpressionTyper::Subscript(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr base, Analyze(*e.args[0]));
  if (base->type.kind() == TypeKind::kRow) {
    return RowSubscript(std::move(base), e);
  }
  ASSIGN_OR_RETURN(ExprPtr index, Analyze(*e.args[1]));
  std::vector<ExprPtr> arguments;
  arguments.push_back(std::move(base));
  arguments.push_back(std::move(index));
  return Apply("$subscript", std::move(arguments), e.location);
}

TypedExpr ExpressionTyper::RowSubscript(ExprPtr row, const ast::Expr& e) {
  const ast::Expr& index = *e.args[1];
  if (index.kind != ExprKind::kInteger) {
    return ErrorAt(PlaceOf(index), "EXPRESSION_NOT_CONSTANT",
                   "Subscript expression on ROW requires a constant index");
  }
  ASSIGN_OR_RETURN(const ExprPtr position, Analyze(index));
  if (position->type.kind() != TypeKind::kInteger) {
    return TypeMismatch(index.location,
                        absl::StrCat("Subscript expression on ROW requires integer index, found ",
                                     DisplayName(position->type)));
  }
  const int64_t value = std::get<int64_t>(std::get<ConstantExpr>(position->node).value);
  const size_t size = row->type.children().size();
  if (value <= 0) {
    return ErrorAt(index.location, "INVALID_FUNCTION_ARGUMENT",
                   absl::StrCat("Invalid subscript index: ", value, ". ROW indices start at 1"));
  }
  if (value > static_cast<int64_t>(size)) {
    return ErrorAt(index.location, "INVALID_FUNCTION_ARGUMENT",
                   absl::StrCat("Subscript index out of bounds: ", value, ", max value is ", size));
  }
  const int field = static_cast<int>(value) - 1;
  Type type = row->type.children()[static_cast<size_t>(field)];
  return MakeTyped(std::move(type), e.location, FieldExpr{std::move(row), field});
}

TypedExpr ExpressionTyper::AtTimeZone(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr value, Analyze(*e.args[0]));
  ExprPtr zone;
  if (e.flag) {
    zone = MakeConstant(Type::Varchar(), PlaceOf(e), ZoneName(session_.time_zone_key));
  } else {
    ASSIGN_OR_RETURN(zone, Analyze(*e.args[1]));
  }
  const Type& type = value->type;
  switch (type.kind()) {
    case TypeKind::kTime:
      value = CoerceHere(std::move(value), Type::TimeTz(type.precision()));
      break;
    case TypeKind::kTimestamp:
      value = CoerceHere(std::move(value), Type::TimestampTz(type.precision()));
      break;
    case TypeKind::kTimeTz:
    case TypeKind::kTimestampTz:
      break;
    default:
      return TypeMismatch(
          PlaceOf(*e.args[0]),
          absl::StrCat(
              "Type of value must be a time or timestamp with or without time zone (actual ",
              DisplayName(type), ")"));
  }
  std::vector<ExprPtr> arguments;
  arguments.push_back(std::move(value));
  arguments.push_back(std::move(zone));
  return Apply("$at_timezone", std::move(arguments), PlaceOf(e));
}

TypedExpr ExpressionTyper::Extract(const ast::Expr& e) {
  struct FieldRule {
    std::string_view name;
    std::string_view function;
    bool of_calendar = false;  // of date and timestamps
    bool of_clock = false;     // of times and timestamps
    bool of_zone = false;      // of what has a zone
    std::optional<TypeKind> interval;
  };

  using enum TypeKind;
  static constexpr FieldRule kFields[] = {
      {"year", "year", true, false, false, kIntervalYearMonth},
      {"month", "month", true, false, false, kIntervalYearMonth},
      {"quarter", "quarter", true, false, false, std::nullopt},
      {"week", "week", true, false, false, std::nullopt},
      {"day", "day", true, false, false, kIntervalDayTime},
      {"day_of_month", "day_of_month", true, false, false, std::nullopt},
      {"day_of_week", "day_of_week", true, false, false, std::nullopt},
      {"dow", "day_of_week", true, false, false, std::nullopt},
      {"day_of_year", "day_of_year", true, false, false, std::nullopt},
      {"doy", "day_of_year", true, false, false, std::nullopt},
      {"year_of_week", "year_of_week", true, false, false, std::nullopt},
      {"yow", "year_of_week", true, false, false, std::nullopt},
      {"hour", "hour", false, true, false, kIntervalDayTime},
      {"minute", "minute", false, true, false, kIntervalDayTime},
      {"second", "second", false, true, false, kIntervalDayTime},
      {"timezone_hour", "timezone_hour", false, false, true, std::nullopt},
      {"timezone_minute", "timezone_minute", false, false, true, std::nullopt},
  };
  const auto* field = std::find_if(std::begin(kFields), std::end(kFields),
                                   [&](const FieldRule& rule) { return rule.name == e.text; });
  if (field == std::end(kFields)) {
    return ErrorAt(e.location, "SYNTAX_ERROR",
                   absl::StrCat("Invalid EXTRACT field ", e.text,
                                ", valid fields are: YEAR, QUARTER, MONTH, WEEK, DAY, "
                                "DAY_OF_MONTH, DAY_OF_WEEK, DOW, DAY_OF_YEAR, DOY, YEAR_OF_WEEK, "
                                "YOW, HOUR, MINUTE, SECOND, TIMEZONE_MINUTE, TIMEZONE_HOUR"));
  }
  ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*e.args[0]));
  const TypeKind kind = operand->type.kind();
  const bool timestamp = kind == kTimestamp || kind == kTimestampTz;
  const bool fits = (field->of_calendar && (kind == kDate || timestamp)) ||
                    (field->of_clock && (kind == kTime || kind == kTimeTz || timestamp)) ||
                    (field->of_zone && (kind == kTimeTz || kind == kTimestampTz)) ||
                    field->interval == kind;
  if (!fits) {
    return TypeMismatch(PlaceOf(*e.args[0]),
                        absl::StrCat("Cannot extract ", absl::AsciiStrToUpper(e.text), " from ",
                                     DisplayName(operand->type)));
  }
  std::vector<ExprPtr> arguments;
  arguments.push_back(std::move(operand));
  return Apply(field->function, std::move(arguments), e.location);
}

}  // namespace pallas::sql
