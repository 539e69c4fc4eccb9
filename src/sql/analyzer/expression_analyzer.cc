#include "sql/analyzer/expression_analyzer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/analyzer/name_lookup.h"

namespace pallas::sql {

std::string WindowKey(const ast::Identifier& name) {
  return name.quoted ? name.text : absl::AsciiStrToUpper(name.text);
}

ExprPtr Coerce(ExprPtr expr, const Type& target) {
  return CoerceIn(std::move(expr), target, std::nullopt);
}

absl::StatusOr<ExprPtr> ExpressionAnalyzer::Analyze(const ast::Expr& expression, const Scope& scope,
                                                    const ExpressionPlace& place) {
  return ExpressionTyper(session_, ids_, subqueries_, scope, place, expression).Analyze(expression);
}

absl::StatusOr<ExprPtr> ExpressionAnalyzer::AnalyzeCondition(const ast::Expr& expression,
                                                             const Scope& scope,
                                                             const ExpressionPlace& place) {
  ASSIGN_OR_RETURN(ExprPtr condition, Analyze(expression, scope, place));
  if (condition->type.kind() != TypeKind::kBoolean &&
      condition->type.kind() != TypeKind::kUnknown) {
    return TypeMismatch(PlaceOf(expression),
                        absl::StrCat(place.clause, " must evaluate to a boolean: actual type ",
                                     DisplayName(condition->type)));
  }
  return Coerce(std::move(condition), Type::Boolean());
}

absl::StatusOr<ExprPtr> ExpressionAnalyzer::AnalyzeConstant(const ast::Expr& expression,
                                                            const ExpressionPlace& place) {
  const Scope empty;
  return Analyze(expression, empty, place);
}

std::vector<const ScopeField*> ExpressionAnalyzer::MatchStar(
    const Scope& scope, const std::vector<std::string>& qualifier) {
  const std::vector<std::string_view> parts(qualifier.begin(), qualifier.end());
  std::vector<const ScopeField*> fields;
  for (const ScopeField& field : scope.fields) {
    if (!field.hidden && MatchesQualifier(field, parts)) {
      fields.push_back(&field);
    }
  }
  return fields;
}

}  // namespace pallas::sql
