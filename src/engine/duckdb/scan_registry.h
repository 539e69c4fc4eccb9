#ifndef PALLAS_ENGINE_DUCKDB_SCAN_REGISTRY_H_
#define PALLAS_ENGINE_DUCKDB_SCAN_REGISTRY_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/main/client_context.hpp"

#include "base/cancellation.h"
#include "catalog/table_resolver.h"
#include "engine/duckdb/external_calls.h"
#include "engine/duckdb/scan.h"
#include "engine/duckdb/scan_value.h"
#include "storage/locations.h"

// What QueryScans keeps for DuckDB's callbacks.

namespace pallas::engine {

// The files that one scan has open: its threads share a reader, and so one version of the file.
// Thread-safe.
class OpenFiles {
 public:
  absl::StatusOr<std::shared_ptr<storage::ObjectReader>> Open(const storage::Place& place,
                                                              const Cancellation& cancellation);

 private:
  std::mutex mutex_;
  // By store and key; those that nobody reads any more are forgotten.
  std::map<std::pair<storage::ObjectStore*, std::string>, std::weak_ptr<storage::ObjectReader>>
      readers_;
};

// One scan of a plan. DuckDB may run it several times (a CTE used twice, a recursion). What is set
// before the statement is bound never changes; the rest is thread-safe.
class TableScan {
 public:
  TableScan(std::shared_ptr<const catalog::ResolvedTable> scanned_table,
            std::vector<ScanColumn> scan_columns, std::vector<std::string> emitted_names,
            ScanEnvironment scan_environment)
      : table(std::move(scanned_table)),
        columns(std::move(scan_columns)),
        column_names(std::move(emitted_names)),
        environment(std::move(scan_environment)) {}

  const std::shared_ptr<const catalog::ResolvedTable> table;
  const std::vector<ScanColumn> columns;
  const std::vector<std::string> column_names;  // in the emitted tree, one per column
  const ScanEnvironment environment;

  // What a scan of files did so far; federated scans have runs instead.
  struct FileCounters {
    std::atomic<int64_t> files{0};
    std::atomic<int64_t> files_opened{0};
    std::atomic<int64_t> rows{0};
    std::atomic<int64_t> bytes_received{0};
    // What looks at some files told; 0: there was none.
    std::atomic<double> rows_per_byte{0};
  };

  FileCounters files;
  OpenFiles open_files;

  // The facts of the plan; statistics are not among them.
  void SetExplanation(ScanExplanation explanation);
  void AddRun(std::shared_ptr<federation::FederatedScan> run);

  ScanExplanation Explain() const;
  // Summed over the runs.
  federation::ScanStatistics statistics() const;

 private:
  mutable std::mutex mutex_;
  ScanExplanation explanation_;
  std::vector<std::shared_ptr<federation::FederatedScan>> runs_;
};

// The scan `id` of the statement that `context` binds. Throws (INTERNAL) if there is none.
std::shared_ptr<TableScan> FindScan(duckdb::ClientContext& context, int64_t id);

// The external function `id` of that statement. Throws (INTERNAL) if there is none.
std::shared_ptr<const ExternalCall> FindExternalCall(duckdb::ClientContext& context, int64_t id);

// The table reference `function(id)`.
duckdb::unique_ptr<duckdb::TableRef> MakeScanReference(const char* function, duckdb::Value id,
                                                       std::string alias);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SCAN_REGISTRY_H_
