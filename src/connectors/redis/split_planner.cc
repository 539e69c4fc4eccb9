#include "connectors/redis/split_planner.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
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

std::optional<std::string> Property(const KeySplit& split, KeyMode mode, std::string_view name) {
  if (name == kKeys) {
    return split.keys;
  }
  if (name == kKeyType) {
    return std::string(KeyTypeName(mode));
  }
  if (name == kStart || name == kEnd) {
    return absl::StrCat(name == kStart ? split.start : split.end);
  }
  const std::string& value = name == kNode ? split.node : split.slots;
  return value.empty() ? std::nullopt : std::optional(value);
}

// Keys may be any bytes, so the columns are binary.
absl::StatusOr<sdk::Partitions> ToPartitions(const std::vector<KeySplit>& splits, KeyMode mode) {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const char* const name : kProperties) {
    arrow::BinaryBuilder builder;
    for (const KeySplit& split : splits) {
      const std::optional<std::string> value = Property(split, mode, name);
      RETURN_IF_ERROR(value ? builder.Append(*value) : builder.AppendNull());
    }
    std::shared_ptr<arrow::Array> column;
    RETURN_IF_ERROR(builder.Finish(&column));
    fields.push_back(arrow::field(name, arrow::binary()));
    columns.push_back(std::move(column));
  }
  return sdk::Partitions{arrow::RecordBatch::Make(
      arrow::schema(std::move(fields)), static_cast<int64_t>(splits.size()), std::move(columns))};
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
  ASSIGN_OR_RETURN(const std::vector<KeySplit> splits, Plan(context, source, plan));
  if (splits.empty()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(sdk::Partitions partitions, ToPartitions(splits, source.key_mode));
  return sink.Add(std::move(partitions)).status();
}

absl::StatusOr<sdk::ResumeToken> SplitPlanner::PlanSplits(const sdk::RequestContext& context,
                                                          const sdk::Partitions& partitions,
                                                          const sdk::ResumeToken& from,
                                                          sdk::SplitSink& sink) {
  int64_t row = 0;
  if (!from.empty() && (!absl::SimpleAtoi(from, &row) || row < 0)) {
    return absl::InvalidArgumentError("The token to resume planning is not one of ours");
  }
  for (; row < partitions.rows->num_rows(); ++row) {
    RETURN_IF_ERROR(context.Check());
    sdk::Split split;
    for (const char* const name : kProperties) {
      const auto column = partitions.rows->GetColumnByName(name);
      if (column != nullptr && column->type_id() == arrow::Type::BINARY && column->IsValid(row)) {
        split.properties[name] = static_cast<const arrow::BinaryArray&>(*column).GetString(row);
      }
    }
    ASSIGN_OR_RETURN(const sdk::Flow flow, sink.Add(std::move(split)));
    if (flow == sdk::Flow::kStop && row + 1 < partitions.rows->num_rows()) {
      return absl::StrCat(row + 1);
    }
  }
  return sdk::ResumeToken();
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
