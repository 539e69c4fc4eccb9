#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "base/status_macros.h"
#include "federation/external_function.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/analyzer/expression_text.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/ast/query.h"
#include "sql/coercion.h"
#include "sql/functions/resolution.h"
#include "types/time_zone.h"

namespace pallas::sql {

using ast::ExprKind;

namespace {

// Trino's own limit on the arguments of a call.
constexpr size_t kMaxArguments = 127;
constexpr size_t kMaxGroupingArguments = 63;
constexpr size_t kMaxIntegerGroupingArguments = 31;

// The name that a call means, in lower case: built-in functions may also be called by their full
// name.
std::string FunctionName(const ast::Expr& e) {
  std::string name = absl::StrJoin(e.names, ".", [](std::string* out, const ast::Identifier& part) {
    out->append(absl::AsciiStrToLower(part.text));
  });
  constexpr std::string_view kBuiltIn = "system.builtin.";
  return name.starts_with(kBuiltIn) ? name.substr(kBuiltIn.size()) : name;
}

std::vector<const ast::Expr*> Pointers(const std::vector<ast::ExprPtr>& exprs) {
  std::vector<const ast::Expr*> pointers;
  pointers.reserve(exprs.size());
  for (const ast::ExprPtr& expr : exprs) {
    pointers.push_back(expr.get());
  }
  return pointers;
}

// The arguments; count(*) has none.
std::vector<const ast::Expr*> ArgumentsOf(const ast::Expr& e) {
  if (e.args.size() == 1 && e.args[0]->kind == ExprKind::kStar) {
    return {};
  }
  return Pointers(e.args);
}

bool IsAggregate(const ast::Expr& e) {
  if (e.kind == ExprKind::kListagg) {
    return true;
  }
  return e.kind == ExprKind::kCall && (e.call == nullptr || e.call->over == nullptr) &&
         FunctionKindOf(FunctionName(e)) == FunctionKind::kAggregate;
}

// The types whose values format() prints by themselves.
bool IsFormatted(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kUnknown:
    case TypeKind::kBoolean:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kJson:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return true;
    default:
      return IsInteger(type);
  }
}

// Whether an argument is `expression`, or what a coercion made of it.
bool IsOrCoerces(const Expr& argument, const Expr& expression) {
  if (Equal(argument, expression)) {
    return true;
  }
  const auto* const cast = std::get_if<CastExpr>(&argument.node);
  return cast != nullptr && Equal(*cast->operand, expression) &&
         CanCoerce(expression.type, argument.type);
}

// Whether an argument is a pattern or a path, which char(n) becomes with its padding by any rule.
bool IsPattern(const FunctionEntry& entry, size_t argument) {
  const std::string_view type = entry.arguments[std::min(argument, entry.arguments.size() - 1)];
  return type == "joniregexp" || type == "jsonpath" || type == "codepoints";
}

bool IsWindow(const ast::Expr& e) {
  return e.kind == ExprKind::kCall && e.call != nullptr && e.call->over != nullptr;
}

// The calls in an expression, but not in its subqueries.
struct Calls {
  std::vector<const ast::Expr*> aggregates;
  std::vector<const ast::Expr*> windows;
  std::vector<const ast::Expr*> groupings;
};

void CollectSortItems(const std::vector<ast::SortItem>& items, Calls& calls);

void Collect(const ast::Expr& e, Calls& calls) {
  if (IsAggregate(e)) {
    calls.aggregates.push_back(&e);
  } else if (IsWindow(e)) {
    calls.windows.push_back(&e);
  } else if (e.kind == ExprKind::kGrouping) {
    calls.groupings.push_back(&e);
  }
  for (const ast::ExprPtr& argument : e.args) {
    Collect(*argument, calls);
  }
  if (e.call == nullptr) {
    return;
  }
  CollectSortItems(e.call->order_by, calls);
  if (e.call->filter != nullptr) {
    Collect(*e.call->filter, calls);
  }
  if (const ast::Window* window = e.call->over.get()) {
    for (const ast::ExprPtr& key : window->partition_by) {
      Collect(*key, calls);
    }
    CollectSortItems(window->order_by, calls);
  }
}

void CollectSortItems(const std::vector<ast::SortItem>& items, Calls& calls) {
  for (const ast::SortItem& item : items) {
    Collect(*item.expression, calls);
  }
}

bool SameExprs(const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ExprPtr& left, const ExprPtr& right) { return Equal(*left, *right); });
}

bool SameExpr(const ExprPtr& a, const ExprPtr& b) {
  return (a == nullptr) == (b == nullptr) && (a == nullptr || Equal(*a, *b));
}

bool SameKeys(const std::vector<SortKey>& a, const std::vector<SortKey>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const SortKey& left, const SortKey& right) {
        return left.descending == right.descending && left.nulls_first == right.nulls_first &&
               Equal(*left.expression, *right.expression);
      });
}

bool SameFunction(const ResolvedFunction& a, const ResolvedFunction& b) {
  return a.entry == b.entry && a.argument_types == b.argument_types;
}

bool SameCall(const AggregateCall& a, const AggregateCall& b) {
  return SameFunction(a.function, b.function) && a.distinct == b.distinct &&
         SameExprs(a.arguments, b.arguments) && SameExpr(a.filter, b.filter) &&
         SameKeys(a.order_by, b.order_by);
}

bool SameBound(const FrameBound& a, const FrameBound& b) {
  return a.kind == b.kind && SameExpr(a.offset, b.offset);
}

bool SameCall(const WindowCall& a, const WindowCall& b) {
  return SameFunction(a.function, b.function) && a.ignore_nulls == b.ignore_nulls &&
         a.distinct == b.distinct && a.unit == b.unit && SameBound(a.start, b.start) &&
         SameBound(a.end, b.end) && SameExprs(a.arguments, b.arguments) &&
         SameExpr(a.filter, b.filter) && SameExprs(a.partition_by, b.partition_by) &&
         SameKeys(a.order_by, b.order_by);
}

// `status` as if it had no place in the statement.
absl::Status WithoutLocation(const absl::Status& status) {
  std::string_view message = status.message();
  const std::optional<ErrorDetail> detail = GetDetail(status);
  if (detail && detail->location) {
    const std::string place =
        absl::StrCat("line ", detail->location->line, ":", detail->location->column, ": ");
    absl::ConsumePrefix(&message, place);
  }
  return NamedError(ErrorName(status), message, status.code());
}

// A lambda with another number of parameters than it must have is named itself.
Location PlaceOfCallError(const absl::Status& status,
                          const std::vector<const ast::Expr*>& arguments, const ast::Expr& call) {
  for (const ast::Expr* argument : arguments) {
    if (argument->kind == ExprKind::kLambda && ErrorName(status) == "INVALID_PARAMETER_USAGE" &&
        absl::EndsWith(status.message(), absl::StrCat("but got ", argument->names.size()))) {
      return argument->location;
    }
  }
  return call.location;
}

absl::Status WrongNumberOfArguments(const ast::Expr& e, std::string_view name) {
  return ErrorAt(e.location, "SYNTAX_ERROR",
                 absl::StrCat("Invalid number of arguments for '", name, "' function"));
}

}  // namespace

// What a place may contain ------------------------------------------------------------------------

absl::Status ExpressionTyper::NotScalar(const ast::Expr& within, std::string_view clause) const {
  Calls calls;
  Collect(within, calls);
  std::vector<const ast::Expr*> found = std::move(calls.aggregates);
  found.insert(found.end(), calls.windows.begin(), calls.windows.end());
  found.insert(found.end(), calls.groupings.begin(), calls.groupings.end());
  return ErrorAt(PlaceOf(within), "EXPRESSION_NOT_SCALAR",
                 absl::StrCat(clause,
                              " cannot contain aggregations, window functions or grouping "
                              "operations: ",
                              ExpressionTexts(found)));
}

absl::Status ExpressionTyper::CheckAggregateAllowed(const ast::Expr& e) {
  if (lambda_ != nullptr) {
    return NotScalar(*lambda_->lambda->args[0], "Lambda expression");
  }
  if (aggregate_ != nullptr) {
    Calls calls;
    for (const ast::ExprPtr& argument : aggregate_->args) {
      Collect(*argument, calls);
    }
    if (calls.aggregates.empty()) {
      calls.aggregates.push_back(&e);  // in FILTER or ORDER BY
    }
    return ErrorAt(
        aggregate_->location, "NESTED_AGGREGATION",
        absl::StrCat("Cannot nest aggregations inside aggregation '",
                     aggregate_->kind == ExprKind::kListagg ? "listagg" : FunctionName(*aggregate_),
                     "': ", ExpressionTexts(calls.aggregates)));
  }
  if (place_.calls == nullptr) {
    return NotScalar(root_, place_.clause);
  }
  return absl::OkStatus();
}

absl::Status ExpressionTyper::CheckWindowAllowed(const ast::Expr& e) {
  if (lambda_ != nullptr) {
    return NotScalar(*lambda_->lambda->args[0], "Lambda expression");
  }
  if (aggregate_ != nullptr) {
    Calls calls;
    for (const ast::ExprPtr& argument : aggregate_->args) {
      Collect(*argument, calls);
    }
    return ErrorAt(
        aggregate_->location, "NESTED_WINDOW",
        absl::StrCat("Cannot nest window functions or row pattern measures inside aggregation '",
                     FunctionName(*aggregate_), "': ", ExpressionTexts(calls.windows)));
  }
  if (in_window_specification_) {
    return ErrorAt(
        e.location, "NESTED_WINDOW",
        "Cannot nest window functions or row pattern measures inside window specification");
  }
  if (in_window_arguments_) {
    return ErrorAt(
        e.location, "NESTED_WINDOW",
        "Cannot nest window functions or row pattern measures inside window function arguments");
  }
  if (place_.calls == nullptr) {
    return NotScalar(root_, place_.clause);
  }
  if (!place_.windows_allowed) {
    return ErrorAt(
        e.location, "NESTED_WINDOW",
        absl::StrCat(place_.clause, " cannot contain window functions or row pattern measures"));
  }
  return absl::OkStatus();
}

// Calls -------------------------------------------------------------------------------------------

TypedExpr ExpressionTyper::Call(const ast::Expr& e) {
  const std::string name = FunctionName(e);
  if (const auto external =
          e.names.size() == 1 ? subqueries_.FindExternalFunction(name) : nullptr) {
    return ExternalCall(e, external);
  }
  if (std::optional<TypedExpr> special = SpecialCall(e, name)) {
    return *std::move(special);
  }
  if (e.call != nullptr && e.call->over != nullptr) {
    return WindowCallOf(e, name);
  }
  const std::optional<FunctionKind> kind = FunctionKindOf(name);
  if (kind == FunctionKind::kAggregate) {
    RETURN_IF_ERROR(CheckAggregateAllowed(e));
    if (e.call != nullptr && e.call->nulls != ast::NullTreatment::kDefault) {
      return ErrorAt(e.location, "NULL_TREATMENT_NOT_ALLOWED",
                     absl::StrCat("Cannot specify null treatment clause for ", name, " function"));
    }
    return AggregateCallOf(e, name, ArgumentsOf(e));
  }
  if (kind == FunctionKind::kWindow) {
    return ErrorAt(
        e.location, "MISSING_OVER",
        absl::StrCat("Window function system.builtin.", name, " requires an OVER clause"));
  }
  return ScalarCall(e, name);
}

std::optional<TypedExpr> ExpressionTyper::SpecialCall(const ast::Expr& e, std::string_view name) {
  const size_t count = e.args.size();
  if (name == "coalesce") {
    if (count < 2) {
      return ErrorAt(e.location, "SYNTAX_ERROR",
                     "The 'coalesce' function must have at least two arguments");
    }
    return CoalesceOf(e);
  }
  if (name == "if") {
    return count == 2 || count == 3 ? If(e) : TypedExpr(WrongNumberOfArguments(e, name));
  }
  if (name == "nullif") {
    return count == 2 ? NullIf(e) : TypedExpr(WrongNumberOfArguments(e, name));
  }
  if (name == "try") {
    if (count != 1) {
      return ErrorAt(e.location, "SYNTAX_ERROR",
                     "The 'try' function must have exactly one argument");
    }
    return Try(e);
  }
  if (name == "typeof" && count == 1) {
    return TypeOf(e);
  }
  if (name == "format") {
    return FormatCall(e);
  }
  if (name == "now" && count == 0) {
    return CurrentTimestamp(e.location, 3);
  }
  if (name == "current_timezone" && count == 0) {
    return MakeConstant(Type::Varchar(), e.location, ZoneName(session_.time_zone_key));
  }
  return std::nullopt;
}

TypedExpr ExpressionTyper::Try(const ast::Expr& e) {
  ASSIGN_OR_RETURN(ExprPtr operand, Analyze(*e.args[0]));
  Type type = operand->type;
  return MakeTyped(std::move(type), e.location, TryExpr{std::move(operand)});
}

TypedExpr ExpressionTyper::TypeOf(const ast::Expr& e) {
  ASSIGN_OR_RETURN(const ExprPtr operand, Analyze(*e.args[0]));
  return MakeConstant(Type::Varchar(), e.location, DisplayName(operand->type));
}

// The arguments are one row, each of a type that the function knows or as text.
TypedExpr ExpressionTyper::FormatCall(const ast::Expr& e) {
  if (e.args.size() < 2) {
    return ErrorAt(e.location, "SYNTAX_ERROR",
                   "The 'format' function must have at least two arguments");
  }
  ASSIGN_OR_RETURN(ExprPtr pattern, Analyze(*e.args[0]));
  if (pattern->type.kind() != TypeKind::kVarchar) {
    return TypeMismatch(e.args[0]->location,
                        absl::StrCat("Type of first argument to format() must be VARCHAR (actual: ",
                                     DisplayName(pattern->type), ")"));
  }
  RowExpr row;
  std::vector<Type::Field> fields;
  for (size_t i = 1; i < e.args.size(); ++i) {
    ASSIGN_OR_RETURN(ExprPtr value, Analyze(*e.args[i]));
    const Location location = value->location;
    if (!IsFormatted(value->type)) {
      if (!CanCast(value->type, Type::Varchar())) {
        return ErrorAt(
            e.args[i]->location, "NOT_SUPPORTED",
            absl::StrCat("Type not supported for formatting: ", DisplayName(value->type)),
            absl::StatusCode::kUnimplemented);
      }
      value = MakeTyped(Type::Varchar(), location, CastExpr{std::move(value), /*safe=*/false});
    }
    fields.push_back({std::nullopt, value->type});
    row.fields.push_back(std::move(value));
  }
  std::vector<ExprPtr> arguments;
  arguments.push_back(std::move(pattern));
  arguments.push_back(MakeTyped(Type::Row(std::move(fields)), e.location, std::move(row)));
  return Apply("format", std::move(arguments), e.location);
}

// What only aggregates may have.
absl::Status ExpressionTyper::CheckScalarOptions(const ast::Expr& e, std::string_view name,
                                                 bool exists) {
  if (e.call == nullptr) {
    return absl::OkStatus();
  }
  std::string_view complaint;
  if (e.call->distinct) {
    complaint = "DISTINCT is not supported for non-aggregation functions";
  } else if (e.call->filter != nullptr) {
    complaint = "Filter is only valid for aggregation functions";
  } else if (!e.call->order_by.empty()) {
    complaint = "ORDER BY is only valid for aggregation functions";
  }
  if (!complaint.empty() && exists) {
    return ErrorAt(e.location, "FUNCTION_NOT_AGGREGATE", complaint);
  }
  if (e.call->nulls != ast::NullTreatment::kDefault) {
    return ErrorAt(e.location, "NULL_TREATMENT_NOT_ALLOWED",
                   absl::StrCat("Cannot specify null treatment clause for ", name, " function"));
  }
  return absl::OkStatus();
}

TypedExpr ExpressionTyper::ExternalCall(
    const ast::Expr& e, std::shared_ptr<const federation::ExternalFunction> function) {
  const std::string& name = function->name;
  if (e.call != nullptr && e.call->over != nullptr) {
    return ErrorAt(e.location, "FUNCTION_NOT_WINDOW",
                   absl::StrCat("Not a window function: ", name));
  }
  RETURN_IF_ERROR(CheckScalarOptions(e, name, /*exists=*/true));
  ExternalCallExpr node;
  std::vector<std::string> given;
  const std::vector<Type>& wanted = function->parameter_types;
  bool fits = true;
  for (const ast::Expr* const argument : ArgumentsOf(e)) {
    if (argument->kind == ExprKind::kLambda) {
      given.emplace_back("<function>");
      fits = false;
      continue;
    }
    ASSIGN_OR_RETURN(ExprPtr value, Analyze(*argument));
    const size_t i = given.size();
    fits = fits && i < wanted.size() && CanCoerce(value->type, wanted[i]);
    given.push_back(DisplayName(value->type));
    node.arguments.push_back(std::move(value));
  }
  if (!fits || given.size() != wanted.size()) {
    return ErrorAt(e.location, "FUNCTION_NOT_FOUND",
                   absl::StrCat("Unexpected parameters (", absl::StrJoin(given, ", "),
                                ") for function ", name, ". Expected: ", name, "(",
                                absl::StrJoin(wanted, ", ",
                                              [](std::string* out, const Type& type) {
                                                out->append(DisplayName(type));
                                              }),
                                ")"));
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    node.arguments[i] = CoerceHere(std::move(node.arguments[i]), wanted[i]);
  }
  Type type = function->return_type;
  node.function = std::move(function);
  return MakeTyped(std::move(type), e.location, std::move(node));
}

TypedExpr ExpressionTyper::ScalarCall(const ast::Expr& e, std::string_view name) {
  RETURN_IF_ERROR(CheckScalarOptions(e, name, FunctionExists(name)));
  CallExpr node;
  ASSIGN_OR_RETURN(node.function, ResolveCall(e, name, ArgumentsOf(e), &node.arguments));
  Type type = node.function.result_type;
  return MakeTyped(std::move(type), e.location, std::move(node));
}

absl::StatusOr<ExprPtr> ExpressionTyper::TypeLambda(const ast::Expr& lambda,
                                                    std::span<const Type> parameters,
                                                    std::vector<TypedLambda>& cache) {
  for (const TypedLambda& known : cache) {
    if (known.lambda == &lambda &&
        std::equal(parameters.begin(), parameters.end(), known.parameter_types.begin(),
                   known.parameter_types.end())) {
      return Clone(*known.expr);
    }
  }
  if (parameters.size() != lambda.names.size()) {
    return ErrorAt(lambda.location, "INVALID_PARAMETER_USAGE",
                   absl::StrCat("Expected a lambda that takes ", parameters.size(),
                                " argument(s) but got ", lambda.names.size()));
  }
  LambdaScope scope;
  scope.lambda = &lambda;
  scope.parent = lambda_;
  scope.types.assign(parameters.begin(), parameters.end());
  for (size_t i = 0; i < parameters.size(); ++i) {
    scope.parameters.push_back(ids_.Next());
  }
  lambda_ = &scope;
  TypedExpr body = Analyze(*lambda.args[0]);
  lambda_ = scope.parent;
  RETURN_IF_ERROR(body.status());
  Type type = Type::Function(scope.types, (*body)->type);
  ExprPtr expr = MakeTyped(std::move(type), lambda.location,
                           LambdaExpr{scope.parameters, scope.types, *std::move(body)});
  cache.push_back({&lambda, scope.types, Clone(*expr)});
  return expr;
}

TypedExpr ExpressionTyper::CoerceArgument(ExprPtr argument, const Type& type, bool padded) {
  if (!padded || argument->type.kind() != TypeKind::kChar ||
      CharCoercionOf(session_.dialect) == CharCoercion::kVarcharToChar) {
    return CoerceHere(std::move(argument), type);
  }
  const Location location = argument->location;
  const int64_t length = *argument->type.length();
  std::vector<ExprPtr> arguments;
  arguments.push_back(CoerceHere(std::move(argument), type));
  arguments.push_back(MakeConstant(Type::Bigint(), location, length));
  arguments.push_back(MakeConstant(Type::Varchar(1), location, std::string(" ")));
  return Apply("rpad", std::move(arguments), location);
}

absl::StatusOr<ResolvedFunction> ExpressionTyper::ResolveCall(
    const ast::Expr& e, std::string_view name, const std::vector<const ast::Expr*>& arguments,
    std::vector<ExprPtr>* typed) {
  if (!FunctionExists(name)) {
    return Located(ResolveFunction(name, {}, session_.dialect).status(), e.location);
  }
  std::vector<TypedLambda> cache;
  std::vector<FunctionArgument> types;
  for (const ast::Expr* argument : arguments) {
    if (argument->kind == ExprKind::kLambda) {
      typed->push_back(nullptr);
      types.push_back(
          {.type = Type::Unknown(),
           .lambda_arity = static_cast<int>(argument->names.size()),
           .type_lambda = [this, argument,
                           &cache](std::span<const Type> parameters) -> absl::StatusOr<Type> {
             ASSIGN_OR_RETURN(const ExprPtr lambda, TypeLambda(*argument, parameters, cache));
             return lambda->type.children().back();
           }});
      continue;
    }
    ASSIGN_OR_RETURN(ExprPtr value, Analyze(*argument));
    types.push_back({.type = value->type});
    typed->push_back(std::move(value));
  }
  absl::StatusOr<ResolvedFunction> function = ResolveFunction(name, types, session_.dialect);
  if (!function.ok()) {
    return Located(function.status(), PlaceOfCallError(function.status(), arguments, e));
  }
  if (arguments.size() > kMaxArguments) {
    return ErrorAt(e.location, "TOO_MANY_ARGUMENTS",
                   absl::StrCat("Too many arguments for function call ", name, "()"));
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Type& wanted = function->argument_types[i];
    if ((*typed)[i] != nullptr) {
      const bool padded = IsPattern(*function->entry, i);
      ASSIGN_OR_RETURN((*typed)[i], CoerceArgument(std::move((*typed)[i]), wanted, padded));
      continue;
    }
    const std::vector<Type>& signature = wanted.children();
    ASSIGN_OR_RETURN(
        ExprPtr lambda,
        TypeLambda(*arguments[i], std::span(signature).first(signature.size() - 1), cache));
    auto& body = std::get<LambdaExpr>(lambda->node).body;
    body = CoerceHere(std::move(body), signature.back());
    lambda->type = wanted;
    (*typed)[i] = std::move(lambda);
  }
  return function;
}

absl::StatusOr<std::vector<SortKey>> ExpressionTyper::SortKeys(
    const std::vector<ast::SortItem>& items) {
  std::vector<SortKey> keys;
  for (const ast::SortItem& item : items) {
    SortKey key;
    ASSIGN_OR_RETURN(key.expression, Analyze(*item.expression));
    key.descending = item.descending;
    key.nulls_first = item.nulls_first.value_or(false);
    keys.push_back(std::move(key));
  }
  return keys;
}

TypedExpr ExpressionTyper::AggregateCallOf(const ast::Expr& e, std::string_view name,
                                           const std::vector<const ast::Expr*>& arguments) {
  const ast::Expr* const outer = std::exchange(aggregate_, &e);
  AggregateCall call;
  const absl::Status status = [&]() -> absl::Status {
    if (e.call != nullptr && e.call->filter != nullptr) {
      ASSIGN_OR_RETURN(call.filter,
                       AnalyzeAs(*e.call->filter, Type::Boolean(), "Filter expression"));
    }
    ASSIGN_OR_RETURN(call.function, ResolveCall(e, name, arguments, &call.arguments));
    if (e.call == nullptr) {
      return absl::OkStatus();
    }
    call.distinct = e.call->distinct;
    ASSIGN_OR_RETURN(call.order_by, SortKeys(e.call->order_by));
    for (SortKey& key : call.order_by) {
      if (!IsOrderable(key.expression->type)) {
        return TypeMismatch(
            e.location, absl::StrCat("ORDER BY can only be applied to orderable types (actual: ",
                                     DisplayName(key.expression->type), ")"));
      }
      const auto listed = std::find_if(
          call.arguments.begin(), call.arguments.end(),
          [&](const ExprPtr& argument) { return IsOrCoerces(*argument, *key.expression); });
      if (call.distinct && listed != call.arguments.end()) {
        key.expression = Clone(**listed);
      } else if (call.distinct) {
        return ErrorAt(key.expression->location, "EXPRESSION_NOT_IN_DISTINCT",
                       "For aggregate function with DISTINCT, ORDER BY expressions must appear in "
                       "arguments");
      }
    }
    for (const ExprPtr& argument : call.arguments) {
      if (call.distinct && !IsComparable(argument->type)) {
        return TypeMismatch(
            e.location, absl::StrCat("DISTINCT can only be applied to comparable types (actual: ",
                                     DisplayName(argument->type), ")"));
      }
    }
    return absl::OkStatus();
  }();
  aggregate_ = outer;
  RETURN_IF_ERROR(status);
  Type type = call.function.result_type;
  std::vector<CapturedCalls::Aggregate>& known = place_.calls->aggregates;
  auto same = std::find_if(known.begin(), known.end(), [&](const CapturedCalls::Aggregate& other) {
    return SameCall(other.call, call);
  });
  if (same == known.end()) {
    known.push_back({ids_.Next(), std::move(call), e.location});
    same = std::prev(known.end());
  }
  return MakeTyped(std::move(type), e.location, ColumnExpr{same->column});
}

TypedExpr ExpressionTyper::WindowCallOf(const ast::Expr& e, std::string_view name) {
  RETURN_IF_ERROR(CheckWindowAllowed(e));
  const std::optional<FunctionKind> kind = FunctionKindOf(name);
  if (kind == FunctionKind::kScalar) {
    return ErrorAt(place_.select, "FUNCTION_NOT_WINDOW",
                   absl::StrCat("Not a window function: ", name));
  }
  if (!e.call->order_by.empty()) {
    return ErrorAt(e.location, "NOT_SUPPORTED", "Window function with ORDER BY is not supported",
                   absl::StatusCode::kUnimplemented);
  }
  WindowCall call;
  ASSIGN_OR_RETURN(const ResolvedWindow window, ResolveWindow(*e.call->over, 0));
  in_window_specification_ = true;
  absl::Status status = AnalyzeWindow(window, e, call);
  in_window_specification_ = false;
  RETURN_IF_ERROR(status);
  in_window_arguments_ = true;
  status = [&]() -> absl::Status {
    if (e.call->filter != nullptr) {
      ASSIGN_OR_RETURN(call.filter,
                       AnalyzeAs(*e.call->filter, Type::Boolean(), "Filter expression"));
    }
    ASSIGN_OR_RETURN(call.function, ResolveCall(e, name, ArgumentsOf(e), &call.arguments));
    return absl::OkStatus();
  }();
  in_window_arguments_ = false;
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(CheckWindowFunction(window, e, name));
  call.ignore_nulls = e.call->nulls == ast::NullTreatment::kIgnore;
  call.distinct = e.call->distinct;
  Type type = call.function.result_type;
  std::vector<CapturedCalls::WindowUse>& known = place_.calls->windows;
  auto same = std::find_if(known.begin(), known.end(), [&](const CapturedCalls::WindowUse& other) {
    return SameCall(other.call, call);
  });
  if (same == known.end()) {
    known.push_back({ids_.Next(), type, std::move(call), e.location});
    same = std::prev(known.end());
  }
  return MakeTyped(std::move(type), e.location, ColumnExpr{same->column});
}

TypedExpr ExpressionTyper::Grouping(const ast::Expr& e) {
  RETURN_IF_ERROR(CheckAggregateAllowed(e));
  if (e.args.size() > kMaxGroupingArguments) {
    return ErrorAt(
        e.location, "TOO_MANY_ARGUMENTS",
        absl::StrCat("GROUPING supports up to ", kMaxGroupingArguments, " column arguments"));
  }
  std::vector<ExprPtr> arguments;
  std::vector<std::string> texts;
  for (const ast::ExprPtr& argument : e.args) {
    TypedExpr value = Analyze(*argument);
    if (!value.ok()) {
      return WithoutLocation(value.status());
    }
    arguments.push_back(*std::move(value));
    texts.push_back(ExpressionText(*argument));
  }
  std::vector<CapturedCalls::Grouping>& known = place_.calls->groupings;
  auto same = std::find_if(known.begin(), known.end(), [&](const CapturedCalls::Grouping& other) {
    return SameExprs(other.arguments, arguments);
  });
  if (same == known.end()) {
    known.push_back({ids_.Next(), std::move(arguments), std::move(texts), e.location});
    same = std::prev(known.end());
  }
  const Type type =
      e.args.size() <= kMaxIntegerGroupingArguments ? Type::Integer() : Type::Bigint();
  return MakeTyped(type, e.location, ColumnExpr{same->column});
}

TypedExpr ExpressionTyper::Listagg(const ast::Expr& e) {
  if (e.call != nullptr && e.call->over != nullptr) {
    return ErrorAt(e.location, "NOT_SUPPORTED", "Window function with ORDER BY is not supported",
                   absl::StatusCode::kUnimplemented);
  }
  RETURN_IF_ERROR(CheckAggregateAllowed(e));
  {
    const ast::Expr* const outer = std::exchange(aggregate_, &e);
    TypedExpr value = Analyze(*e.args[0]);
    aggregate_ = outer;
    RETURN_IF_ERROR(value.status());
    if ((*value)->type.kind() != TypeKind::kVarchar) {
      return TypeMismatch(e.location, absl::StrCat("Expected expression of varchar, but '",
                                                   ExpressionText(*e.args[0]), "' has ",
                                                   DisplayName((*value)->type), " type"));
    }
  }
  // The options are arguments: whether overflow is an error, the filler, whether to show a count.
  const auto literal = [&](ExprKind kind, std::string_view text) {
    ast::ExprPtr expr = ast::MakeExpr(kind, e.location);
    expr->text = text;
    return expr;
  };
  const bool truncate = e.text == "truncate";
  const ast::ExprPtr no_separator = literal(ExprKind::kString, "");
  const ast::ExprPtr fails = literal(ExprKind::kBoolean, truncate ? "false" : "true");
  const ast::ExprPtr default_filler = literal(ExprKind::kString, "...");
  const ast::ExprPtr counts = literal(ExprKind::kBoolean, e.flag ? "true" : "false");
  const std::vector<const ast::Expr*> arguments = {
      e.args[0].get(), e.args.size() > 1 ? e.args[1].get() : no_separator.get(), fails.get(),
      e.args.size() > 2 ? e.args[2].get() : default_filler.get(), counts.get()};
  return AggregateCallOf(e, "listagg", arguments);
}

TypedExpr ExpressionTyper::Trim(const ast::Expr& e) {
  std::string_view function = "trim";
  if (e.text == "leading") {
    function = "ltrim";
  } else if (e.text == "trailing") {
    function = "rtrim";
  }
  std::vector<ExprPtr> arguments;
  for (const ast::ExprPtr& argument : e.args) {
    ASSIGN_OR_RETURN(ExprPtr value, Analyze(*argument));
    arguments.push_back(std::move(value));
  }
  std::vector<FunctionArgument> types;
  for (const ExprPtr& argument : arguments) {
    types.push_back({.type = argument->type});
  }
  // Trino reports this call without a place.
  RETURN_IF_ERROR(ResolveFunction(function, types).status());
  return Apply(function, std::move(arguments), e.location);
}

}  // namespace pallas::sql
