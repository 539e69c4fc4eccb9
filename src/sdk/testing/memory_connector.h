#ifndef PALLAS_SDK_TESTING_MEMORY_CONNECTOR_H_
#define PALLAS_SDK_TESTING_MEMORY_CONNECTOR_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "sdk/connector.h"

namespace pallas::sdk {

// A table held in memory. Each element of `splits` is one split.
struct MemoryTable {
  TableName name;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::shared_ptr<arrow::RecordBatch>> splits;
  std::optional<double> row_count;                    // what statistics say; nullopt: nothing
  absl::Duration batch_delay = absl::ZeroDuration();  // before each batch of this table
};

// What goes wrong, and how slowly. Read at every call; change it only while no scan runs.
struct MemoryFaults {
  absl::Duration planning_delay = absl::ZeroDuration();  // ended early by a cancel
  absl::Duration batch_delay = absl::ZeroDuration();
  // The n-th call (from 1) of any kind fails with `error`; 0: none does.
  int fail_at_call = 0;
  absl::Status error = absl::UnavailableError("the source is down");
  // Every stream fails with `error` after so many batches; -1: none does.
  int fail_after_batches = -1;
  // So many Read() calls are throttled first.
  int throttle_reads = 0;
};

struct MemoryOptions {
  bool filters = true;  // value sets are applied, exactly
  bool limit = true;    // applied by each split, if all filters are exact
  int64_t batch_rows = 1000;
  MemoryFaults faults;
};

// A connector over tables in memory: complete and exact, for tests of what lies above connectors.
class MemoryConnector final : public Connector, public TableStatistics {
 public:
  explicit MemoryConnector(std::vector<MemoryTable> tables, MemoryOptions options = {});

  MemoryOptions& options() { return options_; }

  // Scans as Read() got them, in order.
  std::vector<Scan> reads() const;

  int calls() const { return calls_.load(); }

  int open_streams() const { return open_streams_.load(); }

  int max_open_streams() const { return max_open_streams_.load(); }

  absl::StatusOr<Capabilities> GetCapabilities(const RequestContext& context) override;
  absl::StatusOr<Page<std::string>> ListDatabases(const RequestContext& context,
                                                  const PageRequest& page) override;
  absl::StatusOr<Page<TableName>> ListTables(const RequestContext& context,
                                             const std::string& database,
                                             const PageRequest& page) override;
  absl::StatusOr<Table> GetTable(const RequestContext& context, const TableName& name) override;
  absl::StatusOr<Pushdown> PlanPushdown(const RequestContext& context, const Table& table,
                                        const Scan& scan) override;
  absl::Status PlanPartitions(const RequestContext& context, const Table& table, const Scan& scan,
                              PartitionSink& sink) override;
  absl::StatusOr<ResumeToken> PlanSplits(const RequestContext& context, const Table& table,
                                         const Scan& scan, const Partitions& partitions,
                                         const ResumeToken& from, SplitSink& sink) override;
  absl::StatusOr<std::unique_ptr<RecordBatchStream>> Read(const RequestContext& context,
                                                          const Table& table, const Scan& scan,
                                                          const Split& split) override;
  absl::StatusOr<Statistics> GetStatistics(const RequestContext& context,
                                           const Table& table) override;

 private:
  friend class MemoryStream;

  absl::Status Begin(const RequestContext& context, absl::Duration delay);
  absl::StatusOr<const MemoryTable*> Find(const TableName& name) const;

  std::vector<MemoryTable> tables_;
  MemoryOptions options_;
  std::atomic<int> calls_{0};
  std::atomic<int> reads_started_{0};
  std::atomic<int> open_streams_{0};
  std::atomic<int> max_open_streams_{0};
  mutable std::mutex mutex_;
  std::vector<Scan> reads_;
};

// Sleeps for `delay` or until the request is cancelled or too late.
absl::Status InterruptibleSleep(const RequestContext& context, absl::Duration delay);

// The value of one cell as a value set sees it; nullopt for NULL.
// REQUIRES: a type that value sets have (sdk/model/value.h).
std::optional<Value> CellValue(const arrow::Array& array, int64_t row);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_TESTING_MEMORY_CONNECTOR_H_
