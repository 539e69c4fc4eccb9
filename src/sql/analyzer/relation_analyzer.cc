#include "sql/analyzer/relation_analyzer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::sql {
namespace {

constexpr double kMaxPercentage = 100;

// The number that a folded constant holds; nullopt if it is not one.
std::optional<double> NumberOf(const Expr& expr) {
  const auto* constant = std::get_if<ConstantExpr>(&expr.node);
  if (constant == nullptr) {
    return std::nullopt;
  }
  if (const auto* integer = std::get_if<int64_t>(&constant->value)) {
    return static_cast<double>(*integer);
  }
  if (const auto* real = std::get_if<double>(&constant->value)) {
    return *real;
  }
  if (const auto* unscaled = std::get_if<absl::int128>(&constant->value)) {
    double value = static_cast<double>(*unscaled);
    for (int i = 0; i < expr.type.scale(); ++i) {
      value /= 10;
    }
    return value;
  }
  return std::nullopt;
}

bool HasColumn(const ast::Expr& expression) {
  return expression.kind == ast::ExprKind::kColumn ||
         std::any_of(expression.args.begin(), expression.args.end(),
                     [](const ast::ExprPtr& argument) { return HasColumn(*argument); });
}

bool IsNull(const Expr& expr) {
  const auto* constant = std::get_if<ConstantExpr>(&expr.node);
  if (constant != nullptr) {
    return std::holds_alternative<std::monostate>(constant->value);
  }
  const auto* cast = std::get_if<CastExpr>(&expr.node);
  return cast != nullptr && IsNull(*cast->operand);
}

}  // namespace

absl::Status ApplyAlias(const ast::Relation& relation, std::vector<ScopeField>* fields) {
  if (!relation.alias.has_value()) {
    return absl::OkStatus();
  }
  const std::vector<ast::Identifier>& names = relation.column_aliases;
  if (!names.empty()) {
    *fields = VisibleFields(*fields);
    if (names.size() != fields->size()) {
      return ErrorAt(
          relation.location, "MISMATCHED_COLUMN_ALIASES",
          absl::StrCat("Column alias list has ", names.size(), " entries but '",
                       relation.alias->text, "' has ", fields->size(), " columns available"));
    }
    for (size_t i = 0; i < names.size(); ++i) {
      (*fields)[i].name = names[i].text;
    }
  }
  for (ScopeField& field : *fields) {
    field.qualifier = {relation.alias->text};
  }
  return absl::OkStatus();
}

absl::StatusOr<RelationPlan> RelationAnalyzer::Analyze(const ast::Relation& relation,
                                                       const Scope* outer) {
  ASSIGN_OR_RETURN(RelationPlan result, AnalyzeNode(relation, outer));
  if (relation.sample_method.has_value()) {
    ASSIGN_OR_RETURN(result.plan, Sample(relation, std::move(result.plan)));
  }
  RETURN_IF_ERROR(ApplyAlias(relation, &result.fields));
  return result;
}

absl::StatusOr<RelationPlan> RelationAnalyzer::AnalyzeNode(const ast::Relation& relation,
                                                           const Scope* outer) {
  const NestingGuard nesting(queries_.state());
  RETURN_IF_ERROR(nesting.Check());
  if (const auto* table = std::get_if<ast::TableName>(&relation.node)) {
    if (table->version != nullptr || table->timestamp != nullptr) {
      return ErrorAt(relation.location, "NOT_SUPPORTED",
                     "FOR VERSION AS OF and FOR TIMESTAMP AS OF are not supported");
    }
    return queries_.AnalyzeTable(table->name, relation.location);
  }
  if (const auto* subquery = std::get_if<ast::SubqueryRelation>(&relation.node)) {
    return queries_.AnalyzeQuery(*subquery->query, outer, /*ordered=*/false);
  }
  if (std::holds_alternative<ast::UnnestRelation>(relation.node)) {
    const Scope scope{{}, outer};
    return Unnest(relation, nullptr, /*outer_join=*/false, &scope);
  }
  if (const auto* join = std::get_if<ast::JoinRelation>(&relation.node)) {
    return AnalyzeJoin(*join, relation.location, outer);
  }
  if (const auto* function = std::get_if<ast::TableFunctionRelation>(&relation.node)) {
    return AnalyzeTableFunction(*function, relation.location, outer);
  }
  return ErrorAt(relation.location, "NOT_SUPPORTED",
                 absl::StrCat(std::get<ast::UnsupportedRelation>(relation.node).construct,
                              " is not supported"));
}

absl::StatusOr<PlanPtr> RelationAnalyzer::Sample(const ast::Relation& relation, PlanPtr plan) {
  const std::string method = absl::AsciiStrToUpper(*relation.sample_method);
  if (method != "BERNOULLI" && method != "SYSTEM") {
    return ErrorAt(relation.location, "SYNTAX_ERROR",
                   absl::StrCat("mismatched input '", *relation.sample_method,
                                "'. Expecting: 'BERNOULLI', 'SYSTEM'"));
  }
  const ast::Expr& written = *relation.sample_percentage;
  const Location location = written.location;
  if (HasColumn(written)) {
    return ErrorAt(NodeLocation(written), "EXPRESSION_NOT_CONSTANT",
                   "Sample percentage cannot contain column references");
  }
  ASSIGN_OR_RETURN(ExprPtr percentage, queries_.expressions().AnalyzeConstant(
                                           written, {.clause = "TABLESAMPLE clause"}));
  if (percentage->type.kind() != TypeKind::kUnknown && !IsNumeric(percentage->type)) {
    return ErrorAt(location, "TYPE_MISMATCH", "Sample percentage should be a numeric expression");
  }
  if (IsNull(*percentage)) {
    return ErrorAt(location, "INVALID_ARGUMENTS", "Sample percentage cannot be NULL");
  }
  const std::optional<double> number = NumberOf(*percentage);
  if (number.has_value() && *number < 0) {
    return ErrorAt(location, "NUMERIC_VALUE_OUT_OF_RANGE",
                   "Sample percentage must be greater than or equal to 0");
  }
  if (number.has_value() && *number > kMaxPercentage) {
    return ErrorAt(location, "NUMERIC_VALUE_OUT_OF_RANGE",
                   "Sample percentage must be less than or equal to 100");
  }
  std::vector<PlanColumn> columns = plan->columns;
  SamplePlan sample{std::move(plan), method == "SYSTEM",
                    Coerce(std::move(percentage), Type::Double())};
  return MakePlan(std::move(columns), std::move(sample));
}

}  // namespace pallas::sql
