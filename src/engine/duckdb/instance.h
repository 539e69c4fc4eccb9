#ifndef PALLAS_ENGINE_DUCKDB_INSTANCE_H_
#define PALLAS_ENGINE_DUCKDB_INSTANCE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "duckdb/main/database.hpp"

#include "engine/duckdb/duckdb_engine.h"

namespace pallas::engine {

// One DuckDB with our functions and scans in it. Holds no state of ours, so another can take its
// place at any time. Thread-safe.
class DuckDbInstance {
 public:
  // `temp_dir` is this instance's alone; empty: nothing spills.
  static absl::StatusOr<std::shared_ptr<DuckDbInstance>> Make(const DuckDbOptions& options,
                                                              std::string temp_dir,
                                                              const storage::Locations& locations);
  ~DuckDbInstance();

  duckdb::DuckDB& database() { return *database_; }

  // After an INTERNAL error DuckDB refuses every further statement.
  void MarkBroken() { broken_ = true; }

  bool broken() const { return broken_; }

 private:
  explicit DuckDbInstance(std::string temp_dir) : temp_dir_(std::move(temp_dir)) {}

  std::string temp_dir_;
  std::unique_ptr<duckdb::DuckDB> database_;
  std::atomic<bool> broken_{false};
};

// Gives out the instance for new queries, and replaces a broken one: those inside it fail, those
// after them do not notice. Thread-safe.
class InstancePool {
 public:
  InstancePool(DuckDbOptions options, const storage::Locations& locations)
      : options_(std::move(options)), locations_(locations) {}

  absl::StatusOr<std::shared_ptr<DuckDbInstance>> Current();

  // How many were replaced.
  int64_t replaced() const { return replaced_; }

 private:
  const DuckDbOptions options_;
  const storage::Locations& locations_;
  std::mutex mutex_;
  std::shared_ptr<DuckDbInstance> current_;
  int64_t made_ = 0;
  std::atomic<int64_t> replaced_{0};
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_INSTANCE_H_
