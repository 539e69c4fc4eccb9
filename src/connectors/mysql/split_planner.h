#ifndef PALLAS_CONNECTORS_MYSQL_SPLIT_PLANNER_H_
#define PALLAS_CONNECTORS_MYSQL_SPLIT_PLANNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "connectors/mysql/connection_pool.h"
#include "connectors/mysql/metadata.h"
#include "connectors/mysql/options.h"
#include "connectors/mysql/pushdown.h"
#include "connectors/mysql/source_table.h"
#include "sdk/connector.h"

namespace pallas::mysql {

// Cuts a table into what is read on its own: its partitions, or ranges of its primary key. All is
// decided when partitions are planned, and each of their rows becomes one split, so that a planning
// that stops and resumes sees the same splits. Rows that move between partitions or change their
// key while splits are read one after another may be seen twice or not at all: a scan is no
// snapshot. Borrows its arguments. Thread-safe.
class SplitPlanner {
 public:
  SplitPlanner(const MySqlOptions& options, ConnectionPool& pool, const Metadata& metadata)
      : options_(options), pool_(pool), metadata_(metadata) {}

  absl::Status PlanPartitions(const sdk::RequestContext& context, const sdk::Table& table,
                              const sdk::Scan& scan, sdk::PartitionSink& sink) const;
  static absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                                     const sdk::Partitions& partitions,
                                                     const sdk::ResumeToken& from,
                                                     sdk::SplitSink& sink);

 private:
  absl::StatusOr<std::vector<SplitRange>> KeyRanges(const sdk::RequestContext& context,
                                                    const sdk::Table& table,
                                                    const sdk::Scan& scan) const;

  const MySqlOptions& options_;
  ConnectionPool& pool_;
  const Metadata& metadata_;
};

// `num_ranges` adjacent ranges that hold min..max, as even as can be; fewer if there are fewer
// keys. The first and the last are open, for rows that come in later. REQUIRES: min <= max.
std::vector<SplitRange> CutKeys(const std::string& key_column, absl::int128 min, absl::int128 max,
                                int64_t num_ranges);

// The range of a split. INVALID_ARGUMENT if it is not one of ours.
absl::StatusOr<SplitRange> ParseSplit(const SourceTable& table, const sdk::Split& split);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_SPLIT_PLANNER_H_
