#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sql/analyzer/analyzer.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/plan/walk.h"

namespace pallas::sql {
namespace {

// The NULLs that stand for parameters, with the types that the statement gave them.
class ParameterTypes {
 public:
  explicit ParameterTypes(ParameterNotes& notes) : notes_(notes) {}

  void Collect(const Plan& plan) {
    ForEachExpression(plan, [this](const Expr& expr) { Collect(expr); });
    ForEachInput(plan, [this](const Plan& input) { Collect(input); });
  }

 private:
  static bool IsNull(const Expr& expr) {
    const auto* const constant = std::get_if<ConstantExpr>(&expr.node);
    return constant != nullptr && std::holds_alternative<std::monostate>(constant->value);
  }

  void Collect(const Expr& expr) {
    if (IsNull(expr) && expr.type.kind() != TypeKind::kUnknown) {
      const auto place = notes_.places.find({expr.location.line, expr.location.column});
      if (place != notes_.places.end()) {
        notes_.types[static_cast<size_t>(place->second)] = expr.type;
      }
    }
    if (const Plan* const subquery = SubqueryOf(expr)) {
      Collect(*subquery);
    }
    // What is wanted of a row is not wanted of its fields; NULL = NULL says nothing.
    const auto* const compare = std::get_if<CompareExpr>(&expr.node);
    const bool says_nothing =
        std::holds_alternative<RowExpr>(expr.node) ||
        (compare != nullptr && IsNull(*compare->left) && IsNull(*compare->right));
    ForEachOperand(expr, [&](const Expr& operand) {
      if (!says_nothing || !std::holds_alternative<ConstantExpr>(operand.node)) {
        Collect(operand);
      }
    });
  }

  ParameterNotes& notes_;
};

}  // namespace

absl::StatusOr<QueryDescription> DescribeQuery(
    const ast::Query& query, int num_parameters, const Session& session,
    const sdk::RequestContext& context, catalog::TableResolver& resolver,
    const std::vector<ast::ExternalFunction>& declarations) {
  ParameterNotes notes;
  notes.types.assign(static_cast<size_t>(num_parameters), Type::Unknown());
  ASSIGN_OR_RETURN(ExternalFunctions functions, DeclareFunctions(declarations));
  StatementState state{.context = context,
                       .resolver = resolver,
                       .functions = std::move(functions),
                       .ids = {},
                       .tables = {},
                       .views = {},
                       .parameters = &notes};
  QueryAnalyzer analyzer(state, session);
  ASSIGN_OR_RETURN(const RelationPlan relation,
                   analyzer.AnalyzeQuery(query, /*outer=*/nullptr, /*ordered=*/true));
  ParameterTypes(notes).Collect(*relation.plan);
  QueryDescription description;
  description.parameters = std::move(notes.types);
  for (const ScopeField& field : VisibleFields(relation.fields)) {
    const size_t position = description.columns.size();
    description.columns.push_back({field.name.empty() ? absl::StrCat("_col", position) : field.name,
                                   field.origin, field.type, field.aliased, !field.name.empty()});
  }
  return description;
}

}  // namespace pallas::sql
