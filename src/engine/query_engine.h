#ifndef PALLAS_ENGINE_QUERY_ENGINE_H_
#define PALLAS_ENGINE_QUERY_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "arrow/type_fwd.h"

#include "federation/federated_scan.h"
#include "sdk/model/scan.h"
#include "sdk/request_context.h"
#include "sql/plan/plan.h"
#include "sql/session.h"
#include "types/type.h"

namespace pallas::engine {

struct ResultColumn {
  std::string name;
  Type type;
};

// How one table of a running or finished query is doing.
struct ScanProgress {
  std::string table;  // catalog.database.table
  federation::ScanStatistics statistics;
};

struct QueryProgress {
  std::vector<ScanProgress> scans;
  int64_t rows_returned = 0;
};

// Rows of a query, streamed: a result of any size needs no more memory than a small one. One
// reader thread. Destroying it before the end cancels the query down to its sources.
class ResultStream {
 public:
  virtual ~ResultStream() = default;

  virtual const std::vector<ResultColumn>& columns() const = 0;

  // The next batch (never empty), null at the end. Batches are in the result-side physical form
  // of the columns' types (types/arrow_mapping.h). Blocks; ends within a second of a cancel.
  virtual absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() = 0;

  // Any thread.
  virtual QueryProgress progress() const = 0;
};

struct QueryContext {
  sdk::RequestContext request;
  sql::Session session;
};

// EXPLAIN's facts of one scan.
struct ScanExplanation {
  std::string table;
  std::vector<std::string> columns;
  // One line each: a term, and "pushed (exact)", "pushed, checked again: <why>", "not pushed:
  // <why>".
  std::vector<std::string> terms;
  // Columns for which joins may deliver a dynamic filter.
  std::vector<std::string> dynamic_filters;
  // The text that goes to the source (per split), or the files of a lake table.
  std::string statement;
  // EXPLAIN ANALYZE only.
  federation::ScanStatistics statistics;
};

struct Explanation {
  std::string plan;  // the engine's tree, as text
  std::vector<ScanExplanation> scans;
  // EXPLAIN ANALYZE only.
  int64_t rows = 0;
  absl::Duration wall = absl::ZeroDuration();
};

// Runs analysed queries. Thread-safe.
class QueryEngine {
 public:
  virtual ~QueryEngine() = default;

  // Takes ownership of what it needs of `query` for as long as the stream lives.
  virtual absl::StatusOr<std::unique_ptr<ResultStream>> Execute(sql::AnalyzedQuery query,
                                                                QueryContext context) = 0;

  // With `analyze` the query runs to its end and its rows are dropped.
  virtual absl::StatusOr<Explanation> Explain(sql::AnalyzedQuery query, QueryContext context,
                                              bool analyze) = 0;

  // Reads `rows` to its end into one Parquet file at the local `path`, which appears whole or not
  // at all. Types that Parquet lacks are written as Athena shows them: times with a zone,
  // intervals, json, ... as text. Needs a row group's memory, whatever the number of rows.
  virtual absl::Status WriteParquet(ResultStream& rows, const std::string& path) = 0;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_QUERY_ENGINE_H_
