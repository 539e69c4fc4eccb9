#include "sql/analyzer/query_analyzer.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/analyzer.h"
#include "sql/analyzer/expression_text.h"
#include "sql/analyzer/prune_columns.h"
#include "sql/analyzer/select_analyzer.h"

namespace pallas::sql {
namespace {

// Queries and relations inside each other: what analysis, pruning and engines can recurse over. A
// subquery in FROM counts twice, and the parser allows 500.
constexpr int kMaxNesting = 1100;

// Trino sorts no more rows than this for ORDER BY with LIMIT.
constexpr int64_t kMaxSortedLimit = 2147483647;

constexpr std::string_view kFetchFirst = "FETCH FIRST";

// What an expression of whole numbers comes to; nullopt: it is none, or it overflows.
std::optional<int64_t> IntegerOf(const Expr& expr) {
  if (!IsInteger(expr.type)) {
    return std::nullopt;
  }
  if (const auto* constant = std::get_if<ConstantExpr>(&expr.node)) {
    const auto* number = std::get_if<int64_t>(&constant->value);
    return number == nullptr ? std::nullopt : std::optional(*number);
  }
  if (const auto* cast = std::get_if<CastExpr>(&expr.node)) {
    return IntegerOf(*cast->operand);
  }
  const auto* call = std::get_if<CallExpr>(&expr.node);
  if (call == nullptr || call->arguments.empty() || call->arguments.size() > 2) {
    return std::nullopt;
  }
  const std::optional<int64_t> left = IntegerOf(*call->arguments.front());
  const std::optional<int64_t> right = IntegerOf(*call->arguments.back());
  const std::string_view name = call->function.entry->name;
  int64_t result = 0;
  if (!left || !right) {
    return std::nullopt;
  }
  const bool overflows = name == "$add"        ? __builtin_add_overflow(*left, *right, &result)
                         : name == "$subtract" ? __builtin_sub_overflow(*left, *right, &result)
                         : name == "$multiply" ? __builtin_mul_overflow(*left, *right, &result)
                         : name == "$negate"   ? __builtin_sub_overflow(0, *left, &result)
                                               : true;
  return overflows ? std::nullopt : std::optional(result);
}

}  // namespace

absl::Status NestingGuard::Check() const {
  if (state_.depth > kMaxNesting) {
    return NamedError("STACK_OVERFLOW",
                      absl::StrCat("statement is too large: more than ", kMaxNesting,
                                   " queries and relations inside each other"));
  }
  return state_.context.Check();
}

std::optional<std::string> OrdinalText(const ast::Expr& expression) {
  if (expression.kind == ast::ExprKind::kInteger) {
    return expression.text;
  }
  const bool negative = expression.kind == ast::ExprKind::kNegate &&
                        expression.args[0]->kind == ast::ExprKind::kInteger;
  return negative ? std::optional(absl::StrCat("-", expression.args[0]->text)) : std::nullopt;
}

Location NodeLocation(const ast::Expr& expression) {
  return expression.operator_location.line > 0 ? expression.operator_location : expression.location;
}

absl::Status CheckColumnAliases(const std::vector<ast::Identifier>& aliases, size_t num_columns) {
  if (aliases.size() != num_columns) {
    return ErrorAt(aliases.front().location, "MISMATCHED_COLUMN_ALIASES",
                   absl::StrCat("Column alias list has ", aliases.size(),
                                " entries but relation has ", num_columns, " columns"));
  }
  absl::flat_hash_set<std::string> names;
  for (const ast::Identifier& alias : aliases) {
    if (!names.insert(absl::AsciiStrToLower(alias.text)).second) {
      return ErrorAt(alias.location, "DUPLICATE_COLUMN_NAME",
                     absl::StrCat("Column name '", alias.text, "' specified more than once"));
    }
  }
  return absl::OkStatus();
}

QueryAnalyzer::QueryAnalyzer(StatementState& state, const Session& session)
    : state_(state), session_(session), expressions_(session, state.ids, *this) {}

absl::StatusOr<PlanPtr> QueryAnalyzer::AnalyzeSubquery(const ast::Query& query,
                                                       const Scope& outer) {
  ASSIGN_OR_RETURN(RelationPlan relation, AnalyzeQuery(query, &outer, /*ordered=*/false));
  return Positional(std::move(relation));
}

std::shared_ptr<const federation::ExternalFunction> QueryAnalyzer::FindExternalFunction(
    std::string_view name) const {
  const auto found = state_.functions.find(name);
  return found == state_.functions.end() || !state_.views.empty() ? nullptr : found->second;
}

bool QueryAnalyzer::NoteParameter(int index, Location location) {
  if (state_.parameters == nullptr || !state_.views.empty()) {
    return false;
  }
  state_.parameters->places[{location.line, location.column}] = index;
  return true;
}

absl::StatusOr<RelationPlan> QueryAnalyzer::AnalyzeQuery(const ast::Query& query,
                                                         const Scope* outer, bool ordered) {
  const NestingGuard nesting(state_);
  RETURN_IF_ERROR(nesting.Check());
  if (!query.inline_functions.empty()) {
    return ErrorAt(query.location, "NOT_SUPPORTED", "WITH FUNCTION is not supported");
  }
  if (query.with.empty()) {
    return AnalyzeBody(query, outer, ordered);
  }
  const size_t num_visible = common_tables_.size();
  WithPlan with;
  const absl::Status status = AnalyzeWith(query, outer, &with.ctes);
  absl::StatusOr<RelationPlan> body = status.ok() ? AnalyzeBody(query, outer, ordered) : status;
  common_tables_.resize(num_visible);
  RETURN_IF_ERROR(body.status());
  std::vector<PlanColumn> columns = body->plan->columns;
  with.body = std::move(body->plan);
  body->plan = MakePlan(std::move(columns), std::move(with));
  return body;
}

absl::StatusOr<RelationPlan> QueryAnalyzer::AnalyzeBody(const ast::Query& query, const Scope* outer,
                                                        bool ordered) {
  if (const auto* select = std::get_if<ast::Select>(&query.body)) {
    return SelectAnalyzer(*this, query, *select, outer, ordered).Analyze();
  }
  RelationPlan body;
  if (const auto* values = std::get_if<ast::Values>(&query.body)) {
    ASSIGN_OR_RETURN(body, AnalyzeValues(*values, query.location, outer));
  } else if (const auto* table = std::get_if<ast::TableQuery>(&query.body)) {
    ASSIGN_OR_RETURN(body, AnalyzeTable(table->name, query.location));
    body.fields = VisibleFields(body.fields);
  } else if (std::holds_alternative<ast::SetOperation>(query.body)) {
    ASSIGN_OR_RETURN(body, AnalyzeSetOperation(query, outer));
  } else {
    ASSIGN_OR_RETURN(body, AnalyzeQuery(*std::get<ast::QueryPtr>(query.body), outer,
                                        ordered && query.order_by.empty()));
  }
  return AnalyzeTail(query, std::move(body), outer, ordered);
}

absl::StatusOr<RelationPlan> QueryAnalyzer::AnalyzeTail(const ast::Query& query, RelationPlan body,
                                                        const Scope* outer, bool ordered) {
  Scope scope{std::move(body.fields), outer};
  std::vector<SortKey> keys;
  for (const ast::SortItem& item : query.order_by) {
    ASSIGN_OR_RETURN(SortKey key, AnalyzeSortItem(item, scope.fields, scope,
                                                  {.clause = "ORDER BY clause"}, query.location));
    keys.push_back(std::move(key));
  }
  ASSIGN_OR_RETURN(const RowLimits limits, AnalyzeLimits(query));
  if (!ordered && !limits.any()) {
    keys.clear();
  }
  body.fields = std::move(scope.fields);
  body.plan = SortAndLimit(std::move(body.plan), std::move(keys), limits);
  return body;
}

absl::StatusOr<SortKey> QueryAnalyzer::AnalyzeSortItem(const ast::SortItem& item,
                                                       std::span<const ScopeField> outputs,
                                                       const Scope& scope,
                                                       const ExpressionPlace& place,
                                                       Location query) {
  const ast::Expr& expression = *item.expression;
  // NULLs are last in both directions unless the query says otherwise.
  SortKey key{nullptr, item.descending, item.nulls_first.value_or(false)};
  std::string text;
  if (const std::optional<std::string> number = OrdinalText(expression)) {
    size_t ordinal = 0;
    if (!absl::SimpleAtoi(*number, &ordinal) || ordinal < 1 || ordinal > outputs.size()) {
      return ErrorAt(expression.location, "INVALID_COLUMN_REFERENCE",
                     absl::StrCat("ORDER BY position ", *number, " is not in select list"));
    }
    key.expression = ColumnRef(outputs[ordinal - 1]);
    text = absl::StrCat(":input(", ordinal - 1, ")");
  } else {
    ASSIGN_OR_RETURN(key.expression, expressions_.Analyze(expression, scope, place));
  }
  if (!IsOrderable(key.expression->type)) {
    return ErrorAt(query, "TYPE_MISMATCH",
                   absl::StrCat("Type ", key.expression->type.ToString(),
                                " is not orderable, and therefore cannot be used in ORDER BY: ",
                                text.empty() ? ExpressionText(expression) : text));
  }
  return key;
}

// A number, or what stands for a parameter.
absl::StatusOr<int64_t> QueryAnalyzer::RowCount(const ast::Expr& count, std::string_view what) {
  if (count.kind == ast::ExprKind::kInteger) {
    int64_t number = 0;
    return absl::SimpleAtoi(count.text, &number)
               ? absl::StatusOr<int64_t>(number)
               : ErrorAt(count.location, "SYNTAX_ERROR",
                         absl::StrCat("Invalid numeric literal: ", count.text));
  }
  if (count.kind == ast::ExprKind::kParameter) {
    if (NoteParameter(count.index, count.location)) {
      state_.parameters->types[static_cast<size_t>(count.index)] = Type::Bigint();
      return 1;
    }
    return ErrorAt(count.location, "INVALID_PARAMETER_USAGE",
                   absl::StrCat(what, " row count has no value"));
  }
  ASSIGN_OR_RETURN(ExprPtr value, expressions_.AnalyzeConstant(count, {.clause = what}));
  if (!CanCoerce(value->type, Type::Bigint())) {
    return ErrorAt(NodeLocation(count), "TYPE_MISMATCH",
                   absl::StrCat("Cannot cast type ", value->type.ToString(), " to bigint"));
  }
  const bool is_null =
      std::holds_alternative<ConstantExpr>(value->node) &&
      std::holds_alternative<std::monostate>(std::get<ConstantExpr>(value->node).value);
  if (is_null) {
    return ErrorAt(count.location, "INVALID_ARGUMENTS",
                   absl::StrCat("Parameter value provided for ", what, " is NULL: null"));
  }
  const std::optional<int64_t> known = IntegerOf(*value);
  if (!known) {
    return ErrorAt(NodeLocation(count), "NOT_SUPPORTED",
                   absl::StrCat(what, " row count must be a number"),
                   absl::StatusCode::kUnimplemented);
  }
  if (*known < 0 && what != kFetchFirst) {
    return ErrorAt(count.location, "NUMERIC_VALUE_OUT_OF_RANGE",
                   absl::StrCat(what, " row count must be greater or equal to 0 (actual value: ",
                                *known, ")"));
  }
  return *known;
}

absl::StatusOr<RowLimits> QueryAnalyzer::AnalyzeLimits(const ast::Query& query) {
  RowLimits limits;
  if (query.offset != nullptr) {
    ASSIGN_OR_RETURN(limits.offset, RowCount(*query.offset, "OFFSET"));
  }
  limits.with_ties = query.with_ties;
  if (query.limit != nullptr) {
    ASSIGN_OR_RETURN(limits.limit,
                     RowCount(*query.limit, query.fetch_first ? kFetchFirst : "LIMIT"));
  } else if (query.fetch_first) {
    limits.limit = 1;  // FETCH FIRST ROW ONLY
  }
  if (query.fetch_first && *limits.limit <= 0) {
    return ErrorAt(
        query.limit_location, "NUMERIC_VALUE_OUT_OF_RANGE",
        absl::StrCat("FETCH FIRST row count must be positive (actual value: ", *limits.limit, ")"));
  }
  if (query.with_ties && query.order_by.empty()) {
    return ErrorAt(query.limit_location, "MISSING_ORDER_BY",
                   "FETCH FIRST WITH TIES clause requires ORDER BY");
  }
  if (query.limit == nullptr) {
    return limits;
  }
  if (!query.order_by.empty() && *limits.limit > kMaxSortedLimit) {
    return ErrorAt(query.limit->location, "NOT_SUPPORTED",
                   absl::StrCat("ORDER BY LIMIT > ", kMaxSortedLimit, " is not supported"));
  }
  return limits;
}

PlanPtr QueryAnalyzer::SortAndLimit(PlanPtr plan, std::vector<SortKey> keys,
                                    const RowLimits& limits) {
  if (!keys.empty()) {
    std::vector<PlanColumn> columns = plan->columns;
    plan = MakePlan(std::move(columns), SortPlan{std::move(plan), std::move(keys)});
  }
  if (limits.any()) {
    std::vector<PlanColumn> columns = plan->columns;
    plan = MakePlan(std::move(columns),
                    LimitPlan{std::move(plan), limits.limit, limits.offset, limits.with_ties});
  }
  return plan;
}

PlanPtr QueryAnalyzer::Positional(RelationPlan relation, const std::vector<Type>& types) {
  const std::vector<ScopeField> fields = VisibleFields(relation.fields);
  bool as_is = relation.plan->columns.size() == fields.size();
  for (size_t i = 0; as_is && i < fields.size(); ++i) {
    as_is = relation.plan->columns[i].id == fields[i].column &&
            (types.empty() || fields[i].type == types[i]);
  }
  if (as_is) {
    // The plan's own names may be those below an alias list.
    for (size_t i = 0; i < fields.size(); ++i) {
      relation.plan->columns[i].name = fields[i].name;
    }
    return std::move(relation.plan);
  }
  ProjectPlan project{std::move(relation.plan), {}};
  std::vector<PlanColumn> columns;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Type& type = types.empty() ? fields[i].type : types[i];
    project.expressions.push_back(Coerce(ColumnRef(fields[i]), type));
    columns.push_back({NextColumn(), fields[i].name, type});
  }
  return MakePlan(std::move(columns), std::move(project));
}

absl::StatusOr<AnalyzedQuery> AnalyzeQuery(const ast::Query& query, std::string text,
                                           const Session& session,
                                           const sdk::RequestContext& context,
                                           catalog::TableResolver& resolver,
                                           const std::vector<ast::ExternalFunction>& declarations) {
  ASSIGN_OR_RETURN(ExternalFunctions functions, DeclareFunctions(declarations));
  StatementState state{.context = context,
                       .resolver = resolver,
                       .functions = std::move(functions),
                       .ids = {},
                       .tables = {},
                       .views = {}};
  QueryAnalyzer analyzer(state, session);
  ASSIGN_OR_RETURN(RelationPlan relation,
                   analyzer.AnalyzeQuery(query, /*outer=*/nullptr, /*ordered=*/true));
  AnalyzedQuery analyzed;
  analyzed.text = std::move(text);
  analyzed.plan = analyzer.Positional(std::move(relation));
  PruneColumns(analyzed.plan);
  analyzed.outputs = analyzed.plan->columns;
  for (size_t i = 0; i < analyzed.outputs.size(); ++i) {
    if (analyzed.outputs[i].name.empty()) {
      analyzed.outputs[i].name = absl::StrCat("_col", i);
    }
  }
  return analyzed;
}

}  // namespace pallas::sql
