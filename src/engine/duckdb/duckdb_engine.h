#ifndef PALLAS_ENGINE_DUCKDB_DUCKDB_ENGINE_H_
#define PALLAS_ENGINE_DUCKDB_DUCKDB_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "engine/query_engine.h"
#include "federation/federated_scan.h"

namespace pallas::federation {
class ExternalFunctionInvoker;
class ReaderPool;
}  // namespace pallas::federation

namespace pallas::storage {
class Locations;
}  // namespace pallas::storage

namespace pallas::engine {

struct DuckDbOptions {
  // Threads that run queries, the callers' among them (decision D17). 0: one per core.
  int threads = 0;
  // What DuckDB may hold in memory before it writes to `temp_dir`. 0: DefaultMemoryLimitBytes().
  int64_t memory_limit_bytes = 0;
  // Where DuckDB spills; made when needed, emptied at the end. Empty: nothing spills.
  std::string temp_dir = "";
  // At most that many bytes there. 0: as much as the disk has.
  int64_t temp_limit_bytes = 0;
  // Batches on their way from the sources into one query, and into one of its scans (decision D18).
  int64_t query_bytes_in_flight = int64_t{256} * 1024 * 1024;
  federation::ScanOptions scan = {};
  // Calls the external functions of statements; borrowed, outlives the engine. Null: such
  // statements are refused.
  federation::ExternalFunctionInvoker* functions = nullptr;
};

// The embedded engine. `locations` and `readers` are borrowed and outlive the engine and its
// streams. Fails only if the temporary folder cannot be used or DuckDB does not start.
absl::StatusOr<std::unique_ptr<QueryEngine>> MakeDuckDbEngine(const DuckDbOptions& options,
                                                              const storage::Locations& locations,
                                                              federation::ReaderPool& readers);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_DUCKDB_ENGINE_H_
