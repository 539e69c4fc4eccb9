#include "connectors/redis/split_planner.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/model/planned_splits.h"
#include "types/arrow_status.h"

namespace pallas::redis {
namespace {

// Columns of the partitions, and properties of the splits; all but the last two as the Java
// connector names them. An endpoint is not among them: it may hold a password.
constexpr char kKeys[] = "redis-key-prefix";
constexpr char kKeyType[] = "redis-key-type";
constexpr char kStart[] = "start-index";
constexpr char kEnd[] = "end-index";
constexpr char kNode[] = "node";
constexpr char kSlots[] = "slots";
constexpr std::array<const char*, 6> kProperties = {kKeys, kKeyType, kStart, kEnd, kNode, kSlots};

constexpr int64_t kMaxStrides = 10;

std::string_view KeyTypeName(KeyMode mode) { return mode == KeyMode::kZset ? "zset" : "prefix"; }

sdk::Split ToSplit(const KeySplit& key_split, KeyMode mode) {
  sdk::Split split{{{kKeys, key_split.keys},
                    {kKeyType, std::string(KeyTypeName(mode))},
                    {kStart, absl::StrCat(key_split.start)},
                    {kEnd, absl::StrCat(key_split.end)}}};
  if (!key_split.node.empty()) {
    split.properties[kNode] = key_split.node;
  }
  if (!key_split.slots.empty()) {
    split.properties[kSlots] = key_split.slots;
  }
  return split;
}

bool HasPointFor(const std::vector<std::string>& points, const SlotSet& slots) {
  return std::any_of(points.begin(), points.end(),
                     [&](const std::string& point) { return slots.Contains(SlotOf(point)); });
}

}  // namespace

std::vector<KeySplit> CutSet(const std::string& name, int64_t num_members) {
  std::vector<KeySplit> splits;
  const int64_t stride = num_members <= kMaxStrides ? num_members : 1 + num_members / kMaxStrides;
  for (int64_t start = 0; start < num_members; start += stride) {
    const int64_t next = start + stride;
    splits.push_back({name, start, next >= num_members ? -1 : next - 1, "", ""});
  }
  return splits;
}

absl::StatusOr<std::vector<KeySplit>> SplitPlanner::PlanSets(const sdk::RequestContext& context,
                                                             const SourceTable& source,
                                                             const ScanPlan& plan) const {
  std::vector<KeySplit> splits;
  ASSIGN_OR_RETURN(const auto sets, metadata_.FindSets(context, source));
  for (const auto& [name, num_members] : sets) {
    // Single keys are looked up in a set as a whole.
    const std::vector<KeySplit> cut = plan.filter.points()
                                          ? std::vector{KeySplit{name, 0, -1, "", ""}}
                                          : CutSet(name, num_members);
    splits.insert(splits.end(), cut.begin(), cut.end());
  }
  return splits;
}

absl::StatusOr<std::vector<KeySplit>> SplitPlanner::Plan(const sdk::RequestContext& context,
                                                         const SourceTable& source,
                                                         const ScanPlan& plan) const {
  if (plan.filter.IsNone()) {
    return std::vector<KeySplit>();
  }
  std::vector<std::pair<KeySplit, std::vector<std::string>>> pieces;
  if (source.key_mode == KeyMode::kZset) {
    ASSIGN_OR_RETURN(std::vector<KeySplit> sets, PlanSets(context, source, plan));
    for (KeySplit& split : sets) {
      pieces.emplace_back(std::move(split),
                          plan.filter.points().value_or(std::vector<std::string>()));
    }
  }
  for (size_t i = 0; source.key_mode == KeyMode::kPattern && i < source.patterns.size(); ++i) {
    std::vector<std::string> points;
    if (plan.filter.points()) {
      points = PointsOf(source, i, plan.filter);
    }
    if (plan.filter.points() ? !points.empty()
                             : Narrow(source.patterns[i], plan.filter).has_value()) {
      pieces.emplace_back(KeySplit{source.patterns[i].pattern(), 0, 0, "", ""}, std::move(points));
    }
  }
  std::vector<ClusterNode> nodes;
  if (source.server.cluster && !pieces.empty()) {
    ASSIGN_OR_RETURN(const ServerOptions server, metadata_.ServerOf(context, source));
    ASSIGN_OR_RETURN(const auto session, pool_.Open(context, server));
    ASSIGN_OR_RETURN(nodes, ReadTopology(context, **session));
  }
  std::vector<KeySplit> splits;
  for (auto& [split, points] : pieces) {
    if (!source.server.cluster) {
      splits.push_back(std::move(split));
      continue;
    }
    for (const ClusterNode& node : nodes) {
      if (!plan.filter.points() || HasPointFor(points, node.slots)) {
        splits.push_back(split);
        splits.back().node = node.address.ToString();
        splits.back().slots = node.slots.ToString();
      }
    }
  }
  return splits;
}

absl::Status SplitPlanner::PlanPartitions(const sdk::RequestContext& context,
                                          const sdk::Table& table, const sdk::Scan& scan,
                                          sdk::PartitionSink& sink) const {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table, options_));
  ASSIGN_OR_RETURN(const ScanPlan plan, PlanScan(source, table, scan));
  ASSIGN_OR_RETURN(const std::vector<KeySplit> key_splits, Plan(context, source, plan));
  if (key_splits.empty()) {
    return absl::OkStatus();
  }
  std::vector<sdk::Split> splits;
  splits.reserve(key_splits.size());
  for (const KeySplit& split : key_splits) {
    splits.push_back(ToSplit(split, source.key_mode));
  }
  // Keys may be any bytes, so the columns are binary.
  ASSIGN_OR_RETURN(sdk::Partitions partitions,
                   sdk::ToPartitions(splits, kProperties, arrow::binary()));
  return sink.Add(std::move(partitions)).status();
}

absl::StatusOr<sdk::ResumeToken> SplitPlanner::PlanSplits(const sdk::RequestContext& context,
                                                          const sdk::Partitions& partitions,
                                                          const sdk::ResumeToken& from,
                                                          sdk::SplitSink& sink) {
  return sdk::DeliverSplits(context, partitions, kProperties, arrow::binary(), from, sink);
}

absl::StatusOr<KeySplit> ParseSplit(const SourceTable& source, const sdk::Split& split) {
  const auto property = [&](const char* name) -> std::string {
    const auto entry = split.properties.find(name);
    return entry == split.properties.end() ? "" : entry->second;
  };
  KeySplit result;
  result.keys = property(kKeys);
  result.node = property(kNode);
  result.slots = property(kSlots);
  const bool is_set = source.key_mode == KeyMode::kZset;
  // The pattern must be one of the table's: a split decides what is read of a table, not of a
  // server.
  const bool known =
      std::any_of(source.patterns.begin(), source.patterns.end(), [&](const Glob& pattern) {
        return is_set ? pattern.Matches(result.keys) : pattern.pattern() == result.keys;
      });
  if (!known || property(kKeyType) != KeyTypeName(source.key_mode) ||
      !absl::SimpleAtoi(property(kStart), &result.start) ||
      !absl::SimpleAtoi(property(kEnd), &result.end) || result.start < 0 || result.end < -1 ||
      source.server.cluster == result.node.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("A split of ", source.name.ToString(), " is not one of ours"));
  }
  return result;
}

}  // namespace pallas::redis
