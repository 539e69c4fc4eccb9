#ifndef PALLAS_CONNECTORS_REDIS_SPLIT_PLANNER_H_
#define PALLAS_CONNECTORS_REDIS_SPLIT_PLANNER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "connectors/redis/cluster.h"
#include "connectors/redis/connection_pool.h"
#include "connectors/redis/metadata.h"
#include "connectors/redis/options.h"
#include "connectors/redis/pushdown.h"
#include "connectors/redis/source_table.h"
#include "sdk/connector.h"

namespace pallas::redis {

// A piece of a table that is read on its own.
struct KeySplit {
  std::string keys;  // a pattern of keys, or the name of a sorted set
  // Of a sorted set: places of its members, both inclusive; -1 is the last.
  int64_t start = 0;
  int64_t end = 0;
  // Of a cluster: the node whose keys are read, and its slots.
  std::string node;
  std::string slots;

  bool operator==(const KeySplit&) const = default;
};

// Cuts a table into pattern by pattern, or into strides of the sorted sets that hold its keys; on a
// cluster once for each primary. All is decided when partitions are planned, and each of their rows
// becomes one split, so that a planning that stops and resumes sees the same splits. Keys that come
// and go meanwhile may be seen or not: a scan is no snapshot. Borrows its arguments. Thread-safe.
class SplitPlanner {
 public:
  SplitPlanner(const RedisOptions& options, ConnectionPool& pool, const Metadata& metadata)
      : options_(options), pool_(pool), metadata_(metadata) {}

  absl::Status PlanPartitions(const sdk::RequestContext& context, const sdk::Table& table,
                              const sdk::Scan& scan, sdk::PartitionSink& sink) const;
  static absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                                     const sdk::Partitions& partitions,
                                                     const sdk::ResumeToken& from,
                                                     sdk::SplitSink& sink);

 private:
  absl::StatusOr<std::vector<KeySplit>> Plan(const sdk::RequestContext& context,
                                             const SourceTable& source, const ScanPlan& plan) const;
  absl::StatusOr<std::vector<KeySplit>> PlanSets(const sdk::RequestContext& context,
                                                 const SourceTable& source,
                                                 const ScanPlan& plan) const;

  const RedisOptions& options_;
  ConnectionPool& pool_;
  const Metadata& metadata_;
};

// Strides of a sorted set with `num_members`: one if there are at most 10, else at most 10.
std::vector<KeySplit> CutSet(const std::string& name, int64_t num_members);

// INVALID_ARGUMENT if the split is not one of ours.
absl::StatusOr<KeySplit> ParseSplit(const SourceTable& source, const sdk::Split& split);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_SPLIT_PLANNER_H_
