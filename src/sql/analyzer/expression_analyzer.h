#ifndef PALLAS_SQL_ANALYZER_EXPRESSION_ANALYZER_H_
#define PALLAS_SQL_ANALYZER_EXPRESSION_ANALYZER_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "sql/analyzer/scope.h"
#include "sql/ast/expression.h"
#include "sql/plan/plan.h"
#include "sql/session.h"

namespace pallas::sql {

// Hands out column ids that are unique in one statement.
class ColumnIds {
 public:
  ColumnId Next() { return next_++; }

 private:
  ColumnId next_ = 0;
};

// How expressions get at the queries inside them and at the statement around them; the query
// analyzer implements it.
class SubqueryAnalyzer {
 public:
  virtual ~SubqueryAnalyzer() = default;

  // Names of `query` that it does not define itself are looked up in `outer`.
  virtual absl::StatusOr<PlanPtr> AnalyzeSubquery(const ast::Query& query, const Scope& outer) = 0;

  // A `?` without a value, number `index` in the statement. True: its type is asked for, and it is
  // NULL meanwhile; false: it may not stand here.
  virtual bool NoteParameter(int /*index*/, Location /*location*/) { return false; }

  // The function of that name, in lower case, that the statement itself declares; null if it does
  // not.
  virtual std::shared_ptr<const federation::ExternalFunction> FindExternalFunction(
      std::string_view /*name*/) const {
    return nullptr;
  }
};

// What the expressions of a SELECT use beyond its input rows. Each call gets a column id, under
// which the expression refers to it; equal calls share one. The query analyzer makes the
// AggregatePlan and WindowPlan out of it.
struct CapturedCalls {
  struct Aggregate {
    ColumnId column = -1;
    AggregateCall call;
    Location location;
  };

  struct Grouping {  // grouping(a, b): the arguments as expressions over the input
    ColumnId column = -1;
    std::vector<ExprPtr> arguments;
    std::vector<std::string> texts;  // of the arguments, as messages show them
    Location location;
  };

  struct WindowUse {
    ColumnId column = -1;
    Type type;
    WindowCall call;
    Location location;
  };

  std::vector<Aggregate> aggregates;
  std::vector<Grouping> groupings;
  std::vector<WindowUse> windows;
};

// What a name of the WINDOW clause and `OVER name` are compared by: as SQL has it, quoted names
// keep their case, others are upper case, so that `w` and `"W"` are one and `"w"` another.
std::string WindowKey(const ast::Identifier& name);

// Where an expression stands, which decides what it may contain.
struct ExpressionPlace {
  // "WHERE clause", "GROUP BY clause", "JOIN clause", ...: for messages such as "WHERE clause
  // cannot contain aggregations, window functions or grouping operations: [...]".
  std::string_view clause;
  // Null: aggregates, grouping() and window calls are an error here.
  CapturedCalls* calls = nullptr;
  // False with `calls`: aggregates may stand here, windows not (HAVING).
  bool windows_allowed = false;
  // The named windows of the SELECT (WINDOW clause), by WindowKey(); may be null.
  const std::map<std::string, const ast::Window*>* named_windows = nullptr;
  // Of the SELECT, for errors that are about it as a whole.
  Location select = {};
};

// Types expressions by Trino's rules (spec/sql-dialect.md 4.2, 5, 6): names, literals, coercions,
// functions, lambdas, special forms. Errors have Trino's name and message with line:column.
// Borrows everything it is given. One thread; one per statement.
class ExpressionAnalyzer {
 public:
  ExpressionAnalyzer(const Session& session, ColumnIds& ids, SubqueryAnalyzer& subqueries)
      : session_(session), ids_(ids), subqueries_(subqueries) {}

  absl::StatusOr<ExprPtr> Analyze(const ast::Expr& expression, const Scope& scope,
                                  const ExpressionPlace& place);

  // A condition: boolean, or an error such as "line 1:8: WHERE clause must evaluate to a boolean:
  // actual type integer".
  absl::StatusOr<ExprPtr> AnalyzeCondition(const ast::Expr& expression, const Scope& scope,
                                           const ExpressionPlace& place);

  // Without any column: LIMIT, percentages, table function arguments. Folded to a constant where
  // the value is needed by analysis itself.
  absl::StatusOr<ExprPtr> AnalyzeConstant(const ast::Expr& expression,
                                          const ExpressionPlace& place);

  // The fields that `relation.*` or `*` (empty qualifier) stands for: of `scope` itself, not outer.
  static std::vector<const ScopeField*> MatchStar(const Scope& scope,
                                                  const std::vector<std::string>& qualifier);

 private:
  const Session& session_;
  ColumnIds& ids_;
  SubqueryAnalyzer& subqueries_;
};

// `expr` as `target`: itself if it has that type, a constant converted, else a CastExpr. REQUIRES:
// the coercion is allowed (CanCoerce), or the caller means an explicit cast.
ExprPtr Coerce(ExprPtr expr, const Type& target);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_EXPRESSION_ANALYZER_H_
