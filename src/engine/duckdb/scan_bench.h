#ifndef PALLAS_ENGINE_DUCKDB_SCAN_BENCH_H_
#define PALLAS_ENGINE_DUCKDB_SCAN_BENCH_H_

#include <memory>
#include <string>
#include <vector>

#include "duckdb.hpp"

#include "engine/duckdb/boundary.h"
#include "engine/duckdb/generated_source.h"
#include "engine/duckdb/scan.h"
#include "federation/reader_pool.h"
#include "federation/source.h"
#include "sdk/testing/memory_connector.h"
#include "storage/locations.h"

// What the tests of scans share: a DuckDB instance with nothing but scans, over a source in memory.

namespace pallas::engine {

class ScanBench {
 public:
  explicit ScanBench(int threads = 2, int64_t memory_limit_mib = 1024);
  ~ScanBench();
  ScanBench(const ScanBench&) = delete;
  ScanBench& operator=(const ScanBench&) = delete;

  // A folder of its own below which file:// tables may lie.
  const std::string& lake_dir() const { return lake_dir_; }

  const storage::Locations& locations() const { return *locations_; }

  // A source "mem" whose tables are `tables`.
  sdk::MemoryConnector& MakeSource(std::vector<sdk::MemoryTable> tables,
                                   sdk::MemoryOptions options = {}, int max_concurrency = 4);

  std::shared_ptr<const catalog::ResolvedTable> Table(const std::string& name) const;

  // The same for a source "gen" of one table, which is returned.
  std::shared_ptr<const catalog::ResolvedTable> MakeGeneratedTable(
      std::unique_ptr<GeneratedSource> source) const;

  duckdb::DuckDB& database() { return database_; }

  struct ResolvedTables {
    std::vector<std::shared_ptr<const catalog::ResolvedTable>> tables;
  };

  // One statement on a connection of its own; its scans read `tables`, all columns of each, as
  // pallas_scan(0), pallas_scan(1), ...
  class Query {
   public:
    Query(ScanBench& bench, const std::vector<std::string>& tables);
    Query(ScanBench& bench, const ResolvedTables& tables);

    // All rows as text, `a|b` a row, or the error.
    absl::StatusOr<std::vector<std::string>> Run(const std::string& sql);

    duckdb::Connection& connection() { return connection_; }

    QueryScans& scans() { return *scans_; }

    // Cancels as the engine does: the request, then DuckDB.
    void Cancel();

    std::vector<duckdb::unique_ptr<duckdb::TableRef>> references;

   private:
    duckdb::Connection connection_;
    sdk::RequestContext request_;
    std::shared_ptr<QueryScans> scans_;
  };

 private:
  std::string lake_dir_;
  std::unique_ptr<storage::Locations> locations_;
  federation::ReaderPool readers_{32};
  duckdb::DuckDB database_;
  std::shared_ptr<const federation::Source> source_;
  std::vector<sdk::MemoryTable> tables_;
};

// A table `db.<name>` of one int64 column `id` (0, 1, ...), a text `name` ("n<id>") and a double
// `value` (id / 2), in splits.
sdk::MemoryTable NumbersTable(const std::string& name, int splits, int64_t rows_per_split);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SCAN_BENCH_H_
