#ifndef PALLAS_SQL_PLAN_EXPRESSION_H_
#define PALLAS_SQL_PLAN_EXPRESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/numeric/int128.h"

#include "base/error_detail.h"
#include "sql/functions/registry.h"
#include "types/type.h"

// Typed scalar expressions: what the analyzer makes of the syntax. Every operand already has the
// type its operator needs; all coercions are CastExpr. Names are gone: columns are ids that are
// unique in the whole statement, so a correlated reference is just an id of an outer plan.

namespace pallas::federation {
struct ExternalFunction;
}  // namespace pallas::federation

namespace pallas::sql {

struct Plan;
struct Expr;
using ExprPtr = std::unique_ptr<Expr>;
using PlanPtr = std::unique_ptr<Plan>;
using ColumnId = int32_t;

// A value of types that need more than 64 bits for time: timestamp(7-12) (micros and the picos
// below them), timestamp(4-12) with time zone (packed millis and the picos below them),
// time(10-12) with time zone (picos of the day and offset minutes).
struct LongTime {
  int64_t base = 0;
  int32_t rest = 0;

  bool operator==(const LongTime&) const = default;
};

// A constant in the physical form of its type (decision table "Types"); monostate is NULL.
//   int64: integers, date (days), time(p) (picos of the day), timestamp(p <= 6) (micros),
//          timestamp(p <= 3) with time zone (packed), time(p <= 9) with time zone (packed),
//          intervals (months; millis)
//   int128: decimal, unscaled. double: real and double. string: varchar, char (no trailing
//   blanks), varbinary, json (canonical text), uuid (16 bytes), ipaddress (16 bytes).
using ConstantValue =
    std::variant<std::monostate, bool, int64_t, double, absl::int128, std::string, LongTime>;

struct ConstantExpr {
  ConstantValue value;
};

struct ColumnExpr {
  ColumnId column = -1;
};

// A parameter of an enclosing LambdaExpr.
struct LambdaParameterExpr {
  ColumnId parameter = -1;
};

struct CallExpr {
  ResolvedFunction function;
  std::vector<ExprPtr> arguments;
};

// A call of a function that the statement declares (USING EXTERNAL FUNCTION) and that runs outside
// of the engine, on NULLs too. Two calls with equal arguments may differ.
struct ExternalCallExpr {
  std::shared_ptr<const federation::ExternalFunction> function;
  std::vector<ExprPtr> arguments;
};

struct LambdaExpr {
  std::vector<ColumnId> parameters;
  std::vector<Type> parameter_types;
  ExprPtr body;
};

// From the operand's type to Expr::type. With `safe` (TRY_CAST) a failing cast gives NULL.
struct CastExpr {
  ExprPtr operand;
  bool safe = false;
};

enum class CompareOp {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIsDistinctFrom,
  kIsNotDistinctFrom
};

// Both sides have the same type.
struct CompareExpr {
  CompareOp op = CompareOp::kEqual;
  ExprPtr left;
  ExprPtr right;
};

// low <= value AND value <= high; all of one type.
struct BetweenExpr {
  ExprPtr value;
  ExprPtr low;
  ExprPtr high;
};

// Two or more terms, flattened.
struct AndExpr {
  std::vector<ExprPtr> terms;
};

struct OrExpr {
  std::vector<ExprPtr> terms;
};

struct NotExpr {
  ExprPtr operand;
};

struct IsNullExpr {
  ExprPtr operand;
};

// WHEN condition THEN result ... ELSE otherwise (null: NULL). IF, NULLIF and the simple CASE too.
struct CaseExpr {
  struct When {
    ExprPtr condition;
    ExprPtr result;
  };

  std::vector<When> whens;
  ExprPtr otherwise;
};

struct CoalesceExpr {
  std::vector<ExprPtr> operands;
};

// value IN (item, ...), all of one type.
struct InListExpr {
  ExprPtr value;
  std::vector<ExprPtr> items;
};

// TRY(operand): NULL for division by zero, invalid cast, invalid argument, out of range.
struct TryExpr {
  ExprPtr operand;
};

struct RowExpr {
  std::vector<ExprPtr> fields;
};

struct ArrayExpr {
  std::vector<ExprPtr> elements;
};

// Field `index` (0-based) of a row.
struct FieldExpr {
  ExprPtr row;
  int index = 0;
};

// A subquery with one column and at most one row (more: SUBQUERY_MULTIPLE_ROWS); none is NULL.
struct ScalarSubqueryExpr {
  PlanPtr plan;
};

struct ExistsExpr {
  PlanPtr plan;
};

enum class Quantifier { kAny, kAll };

// value op ANY/ALL (plan); IN is `= ANY`, NOT IN its negation. Row values compare with a plan of as
// many columns: then `value` is a RowExpr.
struct QuantifiedExpr {
  CompareOp op = CompareOp::kEqual;
  Quantifier quantifier = Quantifier::kAny;
  ExprPtr value;
  PlanPtr plan;
};

struct Expr {
  Type type;
  Location location;  // {0, 0}: made by the analyzer
  std::variant<ConstantExpr, ColumnExpr, LambdaParameterExpr, CallExpr, ExternalCallExpr,
               LambdaExpr, CastExpr, CompareExpr, BetweenExpr, AndExpr, OrExpr, NotExpr, IsNullExpr,
               CaseExpr, CoalesceExpr, InListExpr, TryExpr, RowExpr, ArrayExpr, FieldExpr,
               ScalarSubqueryExpr, ExistsExpr, QuantifiedExpr>
      node;

  Expr();
  Expr(Expr&&) noexcept;
  Expr& operator=(Expr&&) noexcept;
  ~Expr();  // out of line: Plan is incomplete here
};

// A deep copy. Column ids defined inside copied subqueries stay the same, which is fine as long as
// the copies lie in different scopes of names.
ExprPtr Clone(const Expr& expr);

// Structural equality; locations do not count. Subqueries are equal only to themselves.
bool Equal(const Expr& a, const Expr& b);

// For EXPLAIN and tests: `$add(c1, CAST(c2 AS bigint))`.
std::string ToString(const Expr& expr);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_PLAN_EXPRESSION_H_
