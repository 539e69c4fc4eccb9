#ifndef PALLAS_LAKE_TEXT_CONNECTOR_H_
#define PALLAS_LAKE_TEXT_CONNECTOR_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "federation/source.h"
#include "lake/lake_table.h"
#include "lake/text_options.h"
#include "sdk/connector.h"

namespace pallas::lake {

// A lake table of text files, told in the words of sources (decision D16), so that scans of it are
// federated scans: its splits are files, or ranges of large files without compression. Lives as
// long as the query for which its table was resolved: it lists files once for each set of
// constraints. Thread-safe.
class TextConnector final : public sdk::Connector {
 public:
  // REQUIRES: the table's format is text.
  TextConnector(std::shared_ptr<const LakeTable> table, const TextOptions& options);

  absl::StatusOr<sdk::Capabilities> GetCapabilities(const sdk::RequestContext& context) override;
  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                       const sdk::PageRequest& page) override;
  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& context,
                                                       const std::string& database,
                                                       const sdk::PageRequest& page) override;
  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& context,
                                      const sdk::TableName& name) override;
  // Conditions on partition keys and "$path" are exact: they choose the files.
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

  // By the size of the files that are left under `constraints`, and the lines at the start of one.
  // nullopt if a look at them fails.
  std::optional<double> EstimateRows(const sdk::RequestContext& context,
                                     const std::map<std::string, sdk::ValueSet>& constraints);

 private:
  struct KnownListing {
    std::map<std::string, sdk::ValueSet> constraints;
    std::shared_ptr<const LakeTable::Listing> listing;
  };

  absl::StatusOr<size_t> List(const sdk::RequestContext& context,
                              const std::map<std::string, sdk::ValueSet>& constraints);
  std::shared_ptr<const LakeTable::Listing> listing(size_t id) const;
  bool Matches(const LakeFile& file, const std::map<std::string, sdk::ValueSet>& sets) const;
  bool Chooses(const std::string& column, const sdk::ValueSet& set) const;
  absl::StatusOr<bool> CanSplit(const LakeFile& file) const;
  absl::StatusOr<double> BytesPerLine(const LakeFile& file) const;

  const std::shared_ptr<const LakeTable> table_;
  const TextOptions options_;
  mutable std::mutex mutex_;
  std::vector<KnownListing> listings_;  // only grows: splits name them by index
};

// What a scan of a text table needs, or null if the table's format is another.
std::shared_ptr<const federation::Source> MakeTextSource(std::string catalog,
                                                         std::shared_ptr<const LakeTable> table,
                                                         const TextOptions& options);
// Its columns, partition keys and hidden columns; those of types that cannot be read are left out.
std::shared_ptr<const sdk::Table> DescribeTextTable(const LakeTable& table);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_CONNECTOR_H_
