#ifndef PALLAS_ENGINE_DUCKDB_GENERATED_SOURCE_H_
#define PALLAS_ENGINE_DUCKDB_GENERATED_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "sdk/connector.h"

namespace pallas::engine {

// A source of one table `db.numbers` of one column `id` (0, 1, ... in each batch), made as it is
// read, for tests and measurements of scans larger than memory. Filters nothing.
class GeneratedSource final : public sdk::Connector {
 public:
  struct Options {
    int splits = 4;
    int64_t batches_per_split = 100;
    int64_t rows_per_batch = 65'536;
    // Every batch is memory of its own, as a decoder makes it; else all are one.
    bool fresh = true;
  };

  explicit GeneratedSource(Options options);

  static sdk::Table Table();

  int64_t batches_made() const { return batches_made_.load(); }

  absl::StatusOr<sdk::Capabilities> GetCapabilities(const sdk::RequestContext& context) override;
  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                       const sdk::PageRequest& page) override;
  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& context,
                                                       const std::string& database,
                                                       const sdk::PageRequest& page) override;
  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& context,
                                      const sdk::TableName& name) override;
  absl::StatusOr<sdk::Pushdown> PlanPushdown(const sdk::RequestContext& context,
                                             const sdk::Table& table,
                                             const sdk::Scan& scan) override;
  absl::Status PlanPartitions(const sdk::RequestContext& context, const sdk::Table& table,
                              const sdk::Scan& scan, sdk::PartitionSink& sink) override;
  absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                              const sdk::Table& table, const sdk::Scan& scan,
                                              const sdk::Partitions& partitions,
                                              const sdk::ResumeToken& from,
                                              sdk::SplitSink& sink) override;
  absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> Read(const sdk::RequestContext& context,
                                                               const sdk::Table& table,
                                                               const sdk::Scan& scan,
                                                               const sdk::Split& split) override;

 private:
  const Options options_;
  std::atomic<int64_t> batches_made_{0};
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_GENERATED_SOURCE_H_
