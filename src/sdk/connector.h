#ifndef PALLAS_SDK_CONNECTOR_H_
#define PALLAS_SDK_CONNECTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/model/scan.h"
#include "sdk/model/table.h"
#include "sdk/request_context.h"

namespace pallas::sdk {

// A page of a listing: at most `page_size` items from `token`; -1 asks for all that remain.
struct PageRequest {
  int64_t page_size = -1;
  std::string token;  // empty: from the start
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_token;  // empty: this was the last page
};

// What a source can do at all, whatever the table; per scan, PlanPushdown has the last word.
struct Capabilities {
  bool filter = false;       // value sets
  bool expressions = false;  // function calls
  bool limit = false;
  bool top_n = false;
  bool passthrough = false;
};

// Whether the receiver wants more.
enum class Flow { kContinue, kStop };

class PartitionSink {
 public:
  virtual ~PartitionSink() = default;
  // Takes rows of one schema, each a partition.
  virtual absl::StatusOr<Flow> Add(Partitions partitions) = 0;
};

class SplitSink {
 public:
  virtual ~SplitSink() = default;
  virtual absl::StatusOr<Flow> Add(Split split) = 0;
};

// Where a stopped PlanSplits goes on: names the first split not yet delivered. Empty: the start as
// an argument, the end as a result.
using ResumeToken = std::string;

// Sums that say what work a source did, by name with unit: {"consumed read units", 12.5}.
using SourceMetrics = std::map<std::string, double>;

// Rows of one split, in the order of Scan::columns, in scan-side Arrow types. One thread at a time.
// Destroying it before the end stops the source's work at once.
class RecordBatchStream {
 public:
  virtual ~RecordBatchStream() = default;

  // The next batch (never empty; at most 64 Ki rows or 4 MiB, or one larger row), null at the end.
  // After an error it must not be called again.
  virtual absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() = 0;

  // Bytes received from the source so far; 0 where unknown. Any thread.
  virtual int64_t bytes_received() const { return 0; }

  // What the source did for this stream so far; EXPLAIN ANALYZE shows it, added up over a scan's
  // splits. On the thread of Next().
  virtual SourceMetrics metrics() const { return {}; }
};

// A source of tables. The author implements one class; the runtime around it does limits, paging
// to clients, framing, spill and errors. All calls may come from many threads at once; calls block
// on the source and must end soon after `context.cancellation`.
//
// Errors: NOT_FOUND (no such database, table), INVALID_ARGUMENT (the request), UNAUTHENTICATED,
// PERMISSION_DENIED, RESOURCE_EXHAUSTED (throttled: the limiter slows down), UNAVAILABLE (source
// down, connection lost), DEADLINE_EXCEEDED, CANCELLED, UNIMPLEMENTED.
class Connector {
 public:
  virtual ~Connector() = default;

  virtual absl::StatusOr<Capabilities> GetCapabilities(const RequestContext& context) = 0;
  virtual absl::StatusOr<Page<std::string>> ListDatabases(const RequestContext& context,
                                                          const PageRequest& page) = 0;
  virtual absl::StatusOr<Page<TableName>> ListTables(const RequestContext& context,
                                                     const std::string& database,
                                                     const PageRequest& page) = 0;
  // `name` exactly as stored; matching without case is the caller's business.
  virtual absl::StatusOr<Table> GetTable(const RequestContext& context, const TableName& name) = 0;
  virtual absl::StatusOr<Pushdown> PlanPushdown(const RequestContext& context, const Table& table,
                                                const Scan& scan) = 0;
  virtual absl::Status PlanPartitions(const RequestContext& context, const Table& table,
                                      const Scan& scan, PartitionSink& sink) = 0;
  // Delivers splits of `partitions` until the sink says stop; returns where to go on.
  virtual absl::StatusOr<ResumeToken> PlanSplits(const RequestContext& context, const Table& table,
                                                 const Scan& scan, const Partitions& partitions,
                                                 const ResumeToken& from, SplitSink& sink) = 0;
  virtual absl::StatusOr<std::unique_ptr<RecordBatchStream>> Read(const RequestContext& context,
                                                                  const Table& table,
                                                                  const Scan& scan,
                                                                  const Split& split) = 0;
};

// Optional powers; found by dynamic_cast.

class TableStatistics {
 public:
  virtual ~TableStatistics() = default;
  virtual absl::StatusOr<Statistics> GetStatistics(const RequestContext& context,
                                                   const Table& table) = 0;
};

// The one partition of a source without partitions (protocol 11.1): a row `partitionId` = 1.
Partitions SinglePartition();

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_CONNECTOR_H_
