#ifndef PALLAS_SQL_ANALYZER_EXPRESSION_TYPER_INTERNAL_H_
#define PALLAS_SQL_ANALYZER_EXPRESSION_TYPER_INTERNAL_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sql/analyzer/expression_analyzer.h"
#include "sql/runtime/date_time.h"

// Types one expression. The methods are spread over expression_typer.cc (dispatch, logic, rows),
// typer_names.cc, typer_literals.cc, typer_operators.cc, typer_subqueries.cc, typer_calls.cc and
// typer_windows.cc.

namespace pallas::sql {

using TypedExpr = absl::StatusOr<ExprPtr>;

// Where Trino says that a node is: at its operator if it has one.
Location PlaceOf(const ast::Expr& expression);

// `status` with a place, unless it already has one.
absl::Status Located(const absl::Status& status, Location location);

absl::Status TypeMismatch(Location location, std::string_view message);

template <typename Node>
ExprPtr MakeTyped(Type type, Location location, Node node) {
  auto expr = std::make_unique<Expr>();
  expr->type = std::move(type);
  expr->location = location;
  expr->node = std::move(node);
  return expr;
}

ExprPtr MakeConstant(Type type, Location location, ConstantValue value);

bool IsNullConstant(const Expr& expr);

// As Coerce(), also for constants whose conversion needs the zone of the session.
ExprPtr CoerceIn(ExprPtr expr, const Type& target, std::optional<int> session_zone_key);

class ExpressionTyper {
 public:
  ExpressionTyper(const Session& session, ColumnIds& ids, SubqueryAnalyzer& subqueries,
                  const Scope& scope, const ExpressionPlace& place, const ast::Expr& root)
      : session_(session),
        ids_(ids),
        subqueries_(subqueries),
        scope_(scope),
        place_(place),
        root_(root) {}

  TypedExpr Analyze(const ast::Expr& e);

  // `e` as `type`; otherwise "<what> must evaluate to a <type> (actual: ...)".
  TypedExpr AnalyzeAs(const ast::Expr& e, const Type& type, std::string_view what);

 private:
  // The parameters of one lambda; those of the enclosing ones are behind `parent`.
  struct LambdaScope {
    const ast::Expr* lambda = nullptr;
    std::vector<ColumnId> parameters;
    std::vector<Type> types;
    const LambdaScope* parent = nullptr;
  };

  // The bodies of the lambdas of one call, by the types of their parameters.
  struct TypedLambda {
    const ast::Expr* lambda = nullptr;
    std::vector<Type> parameter_types;
    ExprPtr expr;
  };

  // A window after names are resolved: each part from where it was written.
  struct ResolvedWindow {
    const ast::Window* partition = nullptr;
    const ast::Window* order = nullptr;
    const ast::Frame* frame = nullptr;
    Location location;
  };

  ExprPtr CoerceHere(ExprPtr expr, const Type& target) const {
    return CoerceIn(std::move(expr), target, session_.time_zone_key);
  }

  TypedExpr Dispatch(const ast::Expr& e);
  TypedExpr DispatchForm(const ast::Expr& e);

  // expression_typer.cc
  TypedExpr Logical(const ast::Expr& e);
  TypedExpr Not(const ast::Expr& e);
  TypedExpr IsNull(const ast::Expr& e);
  TypedExpr Case(const ast::Expr& e);
  TypedExpr CaseConditions(const ast::Expr& e, std::vector<CaseExpr::When>& whens);
  TypedExpr SimpleCaseConditions(const ast::Expr& e, std::vector<CaseExpr::When>& whens);
  TypedExpr If(const ast::Expr& e);
  TypedExpr NullIf(const ast::Expr& e);
  TypedExpr CoalesceOf(const ast::Expr& e);
  TypedExpr Row(const ast::Expr& e);
  TypedExpr Array(const ast::Expr& e);
  TypedExpr Cast(const ast::Expr& e);

  // Coerces all to their common type; an error names the first that does not fit.
  absl::StatusOr<Type> Unify(std::vector<ExprPtr*>& exprs, std::string_view what);
  TypedExpr Negated(bool negated, ExprPtr expr);
  // A copy for a second evaluation; refused for expressions whose value may change between two.
  absl::StatusOr<ExprPtr> Duplicate(const Expr& expr, const ast::Expr& e);

  // typer_literals.cc
  TypedExpr Literal(const ast::Expr& e);
  // `location`: of the sign, if there is one.
  TypedExpr NumberLiteral(const ast::Expr& e, bool negative, Location location);
  TypedExpr IntegerLiteral(const ast::Expr& e, bool negative, Location location);
  TypedExpr TypedLiteral(const ast::Expr& e);
  TypedExpr TimeLiteral(const ast::Expr& e);
  TypedExpr TimestampLiteral(const ast::Expr& e);
  TypedExpr DecimalLiteralOf(const ast::Expr& e, std::string_view digits);
  TypedExpr IntervalLiteral(const ast::Expr& e);
  TypedExpr Current(const ast::Expr& e);
  TypedExpr CurrentTimestamp(Location location, int precision);
  ZonedTimestamp Now(int precision) const;
  int SessionOffsetMinutes() const;

  // typer_names.cc
  TypedExpr Name(const ast::Expr& e);
  TypedExpr Field(ExprPtr row, const ast::Expr& e);
  // Null: no such column.
  TypedExpr Resolve(const std::vector<const ast::Expr*>& parts, const ast::Expr& e);
  ExprPtr LambdaParameter(std::string_view name, Location location);

  // typer_operators.cc
  TypedExpr Arithmetic(const ast::Expr& e);
  TypedExpr Negate(const ast::Expr& e);
  TypedExpr Plus(const ast::Expr& e);
  TypedExpr Concat(const ast::Expr& e);
  TypedExpr Compare(const ast::Expr& e);
  TypedExpr Comparison(CompareOp op, ExprPtr left, ExprPtr right, Location location);
  TypedExpr Between(const ast::Expr& e);
  TypedExpr In(const ast::Expr& e);
  TypedExpr Like(const ast::Expr& e);
  TypedExpr Subscript(const ast::Expr& e);
  TypedExpr RowSubscript(ExprPtr row, const ast::Expr& e);
  TypedExpr AtTimeZone(const ast::Expr& e);
  TypedExpr Extract(const ast::Expr& e);
  // A function or operator over arguments that are already typed.
  TypedExpr Apply(std::string_view function, std::vector<ExprPtr> arguments, Location location);

  // typer_subqueries.cc
  absl::StatusOr<PlanPtr> Subquery(const ast::Expr& e);
  TypedExpr ScalarSubquery(const ast::Expr& e);
  TypedExpr Exists(const ast::Expr& e);
  TypedExpr Quantified(const ast::Expr& e);

  // typer_calls.cc
  TypedExpr Call(const ast::Expr& e);
  // The forms that look like calls; nullopt: it is none.
  std::optional<TypedExpr> SpecialCall(const ast::Expr& e, std::string_view name);
  static absl::Status CheckScalarOptions(const ast::Expr& e, std::string_view name, bool exists);
  TypedExpr ExternalCall(const ast::Expr& e,
                         std::shared_ptr<const federation::ExternalFunction> function);
  TypedExpr ScalarCall(const ast::Expr& e, std::string_view name);
  TypedExpr AggregateCallOf(const ast::Expr& e, std::string_view name,
                            const std::vector<const ast::Expr*>& arguments);
  TypedExpr Try(const ast::Expr& e);
  TypedExpr TypeOf(const ast::Expr& e);
  TypedExpr Trim(const ast::Expr& e);
  TypedExpr ApplyTo(std::string_view function, const std::vector<const ast::Expr*>& arguments,
                    Location location);
  TypedExpr Grouping(const ast::Expr& e);
  TypedExpr FormatCall(const ast::Expr& e);
  TypedExpr Listagg(const ast::Expr& e);
  // `padded`: char keeps its padding.
  TypedExpr CoerceArgument(ExprPtr argument, const Type& type, bool padded);
  // Resolves `name` over the arguments and coerces them.
  absl::StatusOr<ResolvedFunction> ResolveCall(const ast::Expr& e, std::string_view name,
                                               const std::vector<const ast::Expr*>& arguments,
                                               std::vector<ExprPtr>* typed);
  absl::StatusOr<ExprPtr> TypeLambda(const ast::Expr& lambda, std::span<const Type> parameters,
                                     std::vector<TypedLambda>& cache);
  absl::Status CheckAggregateAllowed(const ast::Expr& e);
  absl::Status NotScalar(const ast::Expr& within, std::string_view clause) const;
  absl::StatusOr<std::vector<SortKey>> SortKeys(const std::vector<ast::SortItem>& items);

  // typer_windows.cc
  TypedExpr WindowCallOf(const ast::Expr& e, std::string_view name);
  absl::Status CheckWindowAllowed(const ast::Expr& e);
  absl::StatusOr<ResolvedWindow> ResolveWindow(const ast::Window& window, int depth);
  absl::Status AnalyzeWindow(const ResolvedWindow& window, const ast::Expr& e, WindowCall& call);
  absl::Status AnalyzeFrame(const ResolvedWindow& window, const ast::Expr& e, WindowCall& call);
  absl::StatusOr<FrameBound> AnalyzeBound(const ast::FrameBound& bound, bool is_start,
                                          const ResolvedWindow& window, const ast::Expr& e,
                                          WindowCall& call);
  absl::Status CheckWindowFunction(const ResolvedWindow& window, const ast::Expr& e,
                                   std::string_view name) const;
  absl::StatusOr<ExprPtr> RangeOffset(const ast::FrameBound& bound, const ResolvedWindow& window,
                                      const ast::Expr& e, WindowCall& call);

  const Session& session_;
  ColumnIds& ids_;
  SubqueryAnalyzer& subqueries_;
  const Scope& scope_;
  const ExpressionPlace& place_;
  const ast::Expr& root_;

  int depth_ = 0;
  const LambdaScope* lambda_ = nullptr;
  // The aggregate and window calls around the place that is being analysed.
  const ast::Expr* aggregate_ = nullptr;
  bool in_window_arguments_ = false;
  bool in_window_specification_ = false;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_EXPRESSION_TYPER_INTERNAL_H_
