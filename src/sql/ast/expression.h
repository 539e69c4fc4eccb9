#ifndef PALLAS_SQL_AST_EXPRESSION_H_
#define PALLAS_SQL_AST_EXPRESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error_detail.h"

// The syntax of expressions as written: no names resolved, no types known. One node type, so that
// equality, copying and walking are written once; what a kind uses is said beside it.

namespace pallas::sql::ast {

struct Query;
struct Expr;
using ExprPtr = std::unique_ptr<Expr>;
using QueryPtr = std::unique_ptr<Query>;

struct Identifier {
  std::string text;
  bool quoted = false;
  Location location;
};

using QualifiedName = std::vector<Identifier>;

struct SortItem {
  ExprPtr expression;
  bool descending = false;
  std::optional<bool> nulls_first;
};

enum class FrameUnit { kRows, kRange, kGroups };
enum class BoundKind {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

struct FrameBound {
  BoundKind kind = BoundKind::kCurrentRow;
  ExprPtr offset;  // kPreceding, kFollowing
};

struct Frame {
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  std::optional<FrameBound> end;
  Location location;
};

// OVER (...), or a WINDOW definition.
struct Window {
  std::optional<Identifier> base;  // OVER name, OVER (name ...)
  bool name_only = false;          // OVER name
  std::vector<ExprPtr> partition_by;
  std::vector<SortItem> order_by;
  Location order_location;  // of ORDER
  std::optional<Frame> frame;
  // Row pattern recognition (MEASURES, PATTERN, DEFINE, ...), as written; the analyzer refuses it.
  std::string pattern;
  Location location;
};

enum class ExprKind {
  kNull,
  kBoolean,       // text: "true", "false"
  kInteger,       // text: the digits
  kDecimal,       // text as written: 1.5
  kDouble,        // text as written: 1e0
  kString,        // text
  kBinary,        // text: the bytes of X'...'
  kTypedLiteral,  // type_name 'text': DATE, TIMESTAMP, TIME, DECIMAL, JSON, any type
  kInterval,      // text; type_name: "day" or "year to month" (lower case units); negative in flag
  kParameter,     // ?; index counts from 0 in the statement
  kColumn,        // names: one identifier
  kDereference,   // args[0].names[0]
  kStar,          // count(*): the only argument of a call
  kCall,          // names: the function; args; call
  kLambda,        // names: parameters; args[0]: body
  kNegate,        // -args[0]
  kPlus,          // +args[0]
  kArithmetic,    // args[0] text args[1]: + - * / %
  kConcat,        // args[0] || args[1]
  kCompare,       // args[0] text args[1]: = <> < <= > >=
  kDistinctFrom,  // args[0] IS [NOT: flag] DISTINCT FROM args[1]
  kAnd,           // two or more args
  kOr,            // two or more args
  kNot,
  kIsNull,      // flag: IS NOT NULL
  kBetween,     // args: value, low, high; flag: NOT; text: "symmetric" or ""
  kIn,          // args[0] IN (args[1..]); flag: NOT
  kInSubquery,  // args[0] IN (query); flag: NOT
  kLike,        // args: value, pattern [, escape]; flag: NOT
  kExists,      // query
  kQuantified,  // args[0] text ANY|ALL|SOME (query); type_name: "any", "all"
  kSubquery,    // query
  kRow,         // ROW(args) or (a, b); names: field names or empty; flag: written with ROW
  kArray,       // ARRAY[args]
  kSubscript,   // args[0][args[1]]
  kCase,        // args: [operand,] when, then, ...[, else]; flag: has operand; index: 1 if ELSE
  kCast,        // CAST(args[0] AS type_name); flag: TRY_CAST
  kExtract,     // EXTRACT(text FROM args[0])
  kAtTimeZone,  // args[0] AT TIME ZONE args[1]; flag: AT LOCAL
  kCurrent,     // text: current_date, current_time, current_timestamp, localtime, localtimestamp,
                // current_user, current_catalog, current_schema, current_path; index: precision, -1
  kTrim,        // args: value [, characters]; text: "both", "leading", "trailing"; flag: written
                // TRIM(value, characters)
  kPosition,    // POSITION(args[0] IN args[1])
  kSubstring,   // SUBSTRING(args[0] FROM args[1] [FOR args[2]])
  kNormalize,   // NORMALIZE(args[0], text)
  kGrouping,    // GROUPING(args)
  kListagg,     // args: value [, separator]; call.order_by; text: "error", "truncate", "";
                // args[2]: filler; flag: WITH COUNT
  kSpecial,     // syntax that is recognised and refused by the analyzer: text names it
                // ("JSON_VALUE", ...) and type_name is its (...) as written; for "MEASURE" (name
                // OVER w) names and call.over
};

enum class NullTreatment { kDefault, kRespect, kIgnore };

// What a call may carry besides its arguments.
struct CallOptions {
  bool distinct = false;
  std::vector<SortItem> order_by;
  ExprPtr filter;
  NullTreatment nulls = NullTreatment::kDefault;
  std::unique_ptr<Window> over;
};

struct Expr {
  ExprKind kind = ExprKind::kNull;
  Location location;
  // Of the operator: arithmetic, ||, comparisons and predicates (also the NOT before IN, LIKE,
  // BETWEEN), AT TIME ZONE. {0, 0}: none. Errors about the operands as a pair name it.
  Location operator_location;
  std::string text;
  std::string type_name;  // a type as written, in Trino's spelling
  bool flag = false;
  int index = -1;
  std::vector<Identifier> names;
  std::vector<ExprPtr> args;
  std::unique_ptr<CallOptions> call;
  QueryPtr query;

  Expr();
  Expr(ExprKind kind, Location location);
  ~Expr();  // out of line: Query is incomplete here
  Expr(Expr&&) noexcept;
  Expr& operator=(Expr&&) noexcept;
};

ExprPtr MakeExpr(ExprKind kind, Location location);

}  // namespace pallas::sql::ast

#endif  // PALLAS_SQL_AST_EXPRESSION_H_
