#ifndef PALLAS_SDK_MODEL_SCAN_H_
#define PALLAS_SDK_MODEL_SCAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "sdk/model/expression.h"
#include "sdk/model/value_set.h"

namespace pallas::sdk {

// A conjunction: every column of `summary` must lie in its set, every expression must be true.
// Always a superset filter unless PlanPushdown said exact: the engine checks again.
struct Constraints {
  std::map<std::string, ValueSet> summary;
  std::vector<Expression> expressions;

  bool operator==(const Constraints&) const = default;
};

enum class SortOrder { kAscNullsFirst, kAscNullsLast, kDescNullsFirst, kDescNullsLast };

struct OrderBy {
  std::string column;
  SortOrder order = SortOrder::kAscNullsLast;

  bool operator==(const OrderBy&) const = default;
};

struct AggregateCall {
  std::string function;               // "count", "sum", "min", "max"
  std::optional<std::string> column;  // nullopt: count(*)

  bool operator==(const AggregateCall&) const = default;
};

struct Aggregation {
  std::vector<std::string> group_by;
  std::vector<AggregateCall> calls;

  bool operator==(const Aggregation&) const = default;
};

// What is wanted of one table.
struct Scan {
  // Columns to deliver, in this order. May be empty (count(*)): then batches carry row counts only.
  std::vector<std::string> columns;
  // Nested columns of which only some fields are needed: column -> dotted paths.
  std::map<std::string, std::vector<std::string>> nested_fields;
  Constraints constraints;
  // Sets made by joins while the query ran. They may only narrow: a reader is free to ignore them.
  std::map<std::string, ValueSet> dynamic_filters;
  std::vector<OrderBy> order_by;
  // At most so many rows are needed from each split.
  std::optional<int64_t> limit;
  std::optional<Aggregation> aggregation;

  bool operator==(const Scan&) const = default;
};

// kExact: the source applies the term fully. kInexact: it may return extra rows, so the engine
// filters again and pushes no LIMIT below it. kUnsupported: the term is not sent.
enum class Support { kExact, kInexact, kUnsupported };

// The answer for one term of a scan; `reason` says why it is not exact, for EXPLAIN.
struct TermSupport {
  Support support = Support::kUnsupported;
  std::string reason;

  bool operator==(const TermSupport&) const = default;
};

// What a source would do with a Scan, term by term.
struct Pushdown {
  std::map<std::string, TermSupport> summary;  // one per column of constraints.summary
  std::vector<TermSupport> expressions;        // one per expression
  TermSupport order_by;
  TermSupport limit;
  TermSupport aggregation;
  // The statement or command that a split would send, for EXPLAIN; without secrets.
  std::string statement;
};

// Partitions of a table: one row each; columns and metadata are the connector's own
// (protocol 11.1).
struct Partitions {
  std::shared_ptr<arrow::RecordBatch> rows;
};

// A piece of work that one Read() delivers. Properties are opaque to all but the connector.
struct Split {
  std::map<std::string, std::string> properties;

  bool operator==(const Split&) const = default;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_MODEL_SCAN_H_
