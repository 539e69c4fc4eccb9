#ifndef PALLAS_FEDERATION_FEDERATED_SCAN_H_
#define PALLAS_FEDERATION_FEDERATED_SCAN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "arrow/type_fwd.h"

#include "base/memory_budget.h"
#include "federation/source.h"
#include "sdk/connector.h"
#include "sdk/model/scan.h"
#include "sdk/model/table.h"

namespace pallas::federation {

class ReaderPool;

struct ScanOptions {
  // Batches and bytes that wait in one scan (decision D18).
  int max_queued_batches = 8;
  int64_t max_queued_bytes = int64_t{32} * 1024 * 1024;
  // A split is tried again this often if it fails with UNAVAILABLE before its first row.
  int max_split_retries = 1;
};

// What a scan did so far.
struct ScanStatistics {
  int64_t splits_planned = 0;
  int64_t splits_finished = 0;
  bool planning_finished = false;
  int64_t rows = 0;
  int64_t bytes = 0;           // of the batches delivered
  int64_t bytes_received = 0;  // from the source, where it knows
  int64_t split_retries = 0;
  sdk::SourceMetrics source_metrics;
  absl::Duration wall = absl::ZeroDuration();
};

// Reads one table of one source: plans partitions and splits on reader threads, reads splits while
// others are planned, as many at once as the source's limiter and the fair share of this query
// allow, into a bounded queue. Nobody waits inside it but reader threads (decision D12): Next()
// never blocks. Thread-safe; destroying it cancels the work and waits for nothing.
//
// Every batch is checked as it enters: the columns and types asked for, and UTF-8 in text
// (decision D19; the error names column, row and a way out).
// An error of a source is reported once, names catalog, table and split, and keeps its code.
class FederatedScan {
 public:
  // Starts at once. `budget` counts the query's bytes in flight; `readers` is borrowed and outlives
  // the scan's work (its destructor waits for it).
  static std::unique_ptr<FederatedScan> Start(std::shared_ptr<const Source> source,
                                              std::shared_ptr<const sdk::Table> table,
                                              sdk::Scan scan, sdk::RequestContext context,
                                              ScanOptions options,
                                              std::shared_ptr<MemoryBudget> budget,
                                              ReaderPool& readers);
  ~FederatedScan();

  enum class State {
    kBatch,    // a batch was delivered
    kPending,  // nothing yet: `wake` will be called once when it is worth asking again
    kDone,     // no more rows
  };

  struct Result {
    State state = State::kDone;
    std::shared_ptr<arrow::RecordBatch> batch;
  };

  // `wake` is called at most once, from any thread, and only if the result was kPending.
  absl::StatusOr<Result> Next(std::function<void()> wake);

  // Enough rows: stops planning and reading. Next() then says kDone.
  void Stop();

  ScanStatistics statistics() const;

 private:
  struct Impl;
  explicit FederatedScan(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// The schema of the batches of `scan`: its columns out of the table's schema.
absl::StatusOr<std::shared_ptr<arrow::Schema>> ScanSchema(const sdk::Table& table,
                                                          const sdk::Scan& scan);

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_FEDERATED_SCAN_H_
