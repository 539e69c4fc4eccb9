#ifndef PALLAS_CONNECTORS_DYNAMODB_SPLIT_PLANNER_H_
#define PALLAS_CONNECTORS_DYNAMODB_SPLIT_PLANNER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/source_table.h"
#include "sdk/connector.h"

namespace pallas::dynamodb {

// What a split asks for: the contents of its properties, which have the names of the Java
// connector's (connectors.md section 7.7), so that either reads the other's.
struct ReadRequest {
  enum class Kind { kScan, kQuery, kGetItems };

  Kind kind = Kind::kScan;
  std::string table;
  std::string index;
  int64_t segment = 0;  // kScan
  int64_t num_segments = 1;
  std::string hash_key;                       // kQuery: the attribute
  std::string hash_value;                     // kQuery: its value as JSON, `{"N":"17"}`
  std::string range_condition;                // kQuery: over the aliases; may be empty
  std::string keys;                           // kGetItems: a JSON array of keys
  std::string filter;                         // over the aliases; may be empty
  std::map<std::string, std::string> names;   // alias -> attribute
  std::map<std::string, std::string> values;  // alias -> attribute value as JSON
};

// One partition for a scan, and one for each Query or batch of keys.
absl::Status PlanPartitions(const sdk::RequestContext& context, const SourceTable& table,
                            const sdk::Scan& scan, const DynamoDbOptions& options,
                            sdk::PartitionSink& sink);

// The splits of partitions: segments, queries, batches.
absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                            const sdk::Partitions& partitions,
                                            const sdk::ResumeToken& from, sdk::SplitSink& sink);

// INVALID_ARGUMENT if it is no split of this connector or the Java one.
absl::StatusOr<ReadRequest> ParseSplit(const sdk::Split& split);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_SPLIT_PLANNER_H_
