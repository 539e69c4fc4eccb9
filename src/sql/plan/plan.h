#ifndef PALLAS_SQL_PLAN_PLAN_H_
#define PALLAS_SQL_PLAN_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/plan/expression.h"
#include "types/type.h"

namespace pallas::catalog {
struct ResolvedTable;
}  // namespace pallas::catalog

// The typed tree of a query: relational algebra over columns with ids that are unique in the whole
// statement. Nodes are in the order SQL evaluates them; an engine turns each into its own form.
// Immutable once analysed.

namespace pallas::sql {

// A column that a plan produces. `name` is what the user would call it; empty if it has none.
struct PlanColumn {
  ColumnId id = -1;
  std::string name;
  Type type;
};

// Reads a federated or lake table; views are expanded. `columns[i]` is the table's column
// `table_columns[i]`; columns that nothing above needs have been left out.
struct ScanPlan {
  std::shared_ptr<const catalog::ResolvedTable> table;
  std::vector<int> table_columns;
  Location location;
};

// No input, literal rows. Zero columns and one row: SELECT without FROM.
struct ValuesPlan {
  std::vector<std::vector<ExprPtr>> rows;
};

// One expression per column. Input columns pass through as ColumnExpr.
struct ProjectPlan {
  PlanPtr input;
  std::vector<ExprPtr> expressions;
};

struct FilterPlan {
  PlanPtr input;
  ExprPtr condition;
};

enum class JoinKind { kInner, kLeft, kRight, kFull, kCross };

// Columns of left, then of right. `lateral`: right may refer to columns of left.
struct JoinPlan {
  JoinKind kind = JoinKind::kInner;
  bool lateral = false;
  PlanPtr left;
  PlanPtr right;
  ExprPtr condition;  // null for kCross
};

struct SortKey {
  ExprPtr expression;
  bool descending = false;
  bool nulls_first = false;
};

struct AggregateCall {
  ResolvedFunction function;
  std::vector<ExprPtr> arguments;  // over the input's columns
  bool distinct = false;
  ExprPtr filter;  // null: all rows
  std::vector<SortKey> order_by;
};

// Columns: one per key, one per call, one per grouping() value, in this order. A key that is not in
// a row's grouping set is NULL there. No key and no set: one row.
struct AggregatePlan {
  PlanPtr input;
  std::vector<ExprPtr> keys;
  // Indexes into `keys`; empty vector: one set of all keys.
  std::vector<std::vector<int>> grouping_sets;
  std::vector<AggregateCall> calls;
  // grouping(a, b): indexes into `keys`; the value has the last as its lowest bit.
  std::vector<std::vector<int>> groupings;
};

enum class FrameUnit { kRows, kRange, kGroups };
enum class FrameBoundKind {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing
};

struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kUnboundedPreceding;
  ExprPtr offset;  // kPreceding, kFollowing
};

struct WindowCall {
  ResolvedFunction function;
  std::vector<ExprPtr> arguments;
  bool ignore_nulls = false;
  bool distinct = false;
  ExprPtr filter;
  std::vector<ExprPtr> partition_by;
  std::vector<SortKey> order_by;
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  FrameBound end{FrameBoundKind::kCurrentRow, nullptr};
};

// Columns of the input, then one per call.
struct WindowPlan {
  PlanPtr input;
  std::vector<WindowCall> calls;
};

struct DistinctPlan {
  PlanPtr input;
};

struct SortPlan {
  PlanPtr input;
  std::vector<SortKey> keys;
};

// `with_ties` needs a SortPlan as input.
struct LimitPlan {
  PlanPtr input;
  std::optional<int64_t> limit;
  int64_t offset = 0;
  bool with_ties = false;
};

enum class SetOperation { kUnion, kIntersect, kExcept };

// Columns correspond by position and have equal types; the plan's own ids are new.
struct SetOperationPlan {
  SetOperation operation = SetOperation::kUnion;
  bool distinct = true;
  PlanPtr left;
  PlanPtr right;
};

// Columns of the input (if any), then those of each expression (an array gives one, or one per
// field if its elements are rows; a map two), then the ordinality if wanted. Shorter ones are
// padded with NULL. `outer`: an input row without elements stays, with NULLs.
struct UnnestPlan {
  PlanPtr input;  // null: no input, expressions are constant or correlated
  std::vector<ExprPtr> expressions;
  bool with_ordinality = false;
  bool outer = false;
};

struct SamplePlan {
  PlanPtr input;
  bool system = false;  // else BERNOULLI
  ExprPtr percentage;
};

using CteId = int32_t;

struct Cte {
  CteId id = -1;
  std::string name;
  PlanPtr plan;
  // Recursive: `plan` is the anchor, `step` refers to the CTE itself; UNION ALL.
  PlanPtr step;
};

// `body` and later CTEs may refer to a CTE any number of times.
struct WithPlan {
  std::vector<Cte> ctes;
  PlanPtr body;
};

// `columns[i]` is column i of the CTE, under a new id.
struct CteScanPlan {
  CteId cte = -1;
};

struct Plan {
  std::vector<PlanColumn> columns;
  std::variant<ScanPlan, ValuesPlan, ProjectPlan, FilterPlan, JoinPlan, AggregatePlan, WindowPlan,
               DistinctPlan, SortPlan, LimitPlan, SetOperationPlan, UnnestPlan, SamplePlan,
               WithPlan, CteScanPlan>
      node;
};

// An analysed query: what engines run.
struct AnalyzedQuery {
  PlanPtr plan;
  // The visible columns of `plan`, in order, under the names the client sees ("_col0" for none).
  std::vector<PlanColumn> outputs;
  // The statement as written (for engines that take text).
  std::string text;
};

// A deep copy, column ids included: one of the two must go, or live apart from the other.
PlanPtr Clone(const Plan& plan);

// An indented text of the tree, for EXPLAIN and golden tests.
std::string ToString(const Plan& plan);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_PLAN_PLAN_H_
