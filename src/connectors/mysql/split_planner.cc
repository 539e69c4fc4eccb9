#include "connectors/mysql/split_planner.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "base/status_macros.h"
#include "connectors/mysql/connection.h"
#include "sdk/model/planned_splits.h"
#include "types/arrow_status.h"

namespace pallas::mysql {
namespace {

// Columns of the partitions, and properties of the splits. The first is that of the Java connector.
constexpr char kRangeColumn[] = "range_column";
constexpr char kRangeLow[] = "range_low";
constexpr char kRangeHigh[] = "range_high";
constexpr std::array<const char*, 4> kProperties = {kPartitionNameColumn, kRangeColumn, kRangeLow,
                                                    kRangeHigh};

sdk::Split ToSplit(const SplitRange& range) {
  sdk::Split split{{{kPartitionNameColumn, range.partition}}};
  if (!range.key_column.empty()) {
    split.properties[kRangeColumn] = range.key_column;
  }
  if (range.low) {
    split.properties[kRangeLow] = *range.low;
  }
  if (range.high) {
    split.properties[kRangeHigh] = *range.high;
  }
  return split;
}

std::optional<absl::int128> ParseInteger(const std::optional<std::string>& text) {
  absl::int128 value = 0;
  // Keys have at most 64 bits, signed or not.
  return text && absl::SimpleAtoi(*text, &value) ? std::optional(value) : std::nullopt;
}

std::string ToText(absl::int128 value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

// Whether the constraints leave anything of a partition; NULL is no partition's name.
bool MayMatch(const sdk::Scan& scan, const sdk::Table& table, const std::string& partition) {
  if (table.partition_columns.empty()) {
    return true;
  }
  for (const auto* const sets : {&scan.constraints.summary, &scan.dynamic_filters}) {
    const auto set = sets->find(kPartitionNameColumn);
    if (set != sets->end() && !set->second.Contains(sdk::Value(partition))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<SplitRange> CutKeys(const std::string& key_column, absl::int128 min, absl::int128 max,
                                int64_t num_ranges) {
  const absl::int128 num_keys = max - min + 1;
  const absl::int128 count = std::min(num_keys, absl::int128(num_ranges));
  std::vector<SplitRange> ranges;
  absl::int128 low = min;
  for (absl::int128 i = 0; i < count; ++i) {
    // The first `num_keys % count` ranges are one longer.
    const absl::int128 high = low + num_keys / count + (i < num_keys % count ? 1 : 0);
    SplitRange range;
    range.key_column = key_column;
    if (i > 0) {
      range.low = ToText(low);
    }
    if (i + 1 < count) {
      range.high = ToText(high);
    }
    ranges.push_back(std::move(range));
    low = high;
  }
  return ranges;
}

absl::StatusOr<std::vector<SplitRange>> SplitPlanner::KeyRanges(const sdk::RequestContext& context,
                                                                const sdk::Table& table,
                                                                const sdk::Scan& scan) const {
  std::vector<SplitRange> whole(1);
  // A limit is for each split; one of them has rows enough.
  if (options_.splits.max_splits <= 1 || scan.limit) {
    return whole;
  }
  ASSIGN_OR_RETURN(const std::optional<double> num_rows,
                   metadata_.EstimateRows(context, table.name));
  const double wanted = num_rows.value_or(0) / static_cast<double>(options_.splits.min_rows);
  const int64_t num_ranges =
      static_cast<int64_t>(std::min(wanted, static_cast<double>(options_.splits.max_splits)));
  if (num_ranges <= 1) {
    return whole;
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> key,
                   metadata_.FirstKeyColumn(context, table.name));
  if (!key) {
    return whole;
  }
  ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table, options_.types));
  const SourceColumn* const column = source.Find(*key);
  const bool is_integer =
      column != nullptr && column->mapping.filter == FilterKind::kNumber &&
      (arrow::is_integer(column->mapping.type->id()) ||
       column->mapping.type->Equals(arrow::decimal128(20, 0)));  // BIGINT UNSIGNED
  if (!is_integer) {
    return whole;
  }
  ASSIGN_OR_RETURN(const Rows rows,
                   pool_.Query(context, absl::StrCat("SELECT MIN(", column->quoted, "), MAX(",
                                                     column->quoted, ") FROM ", source.quoted())));
  const auto min = ParseInteger(rows.at(0).at(0));
  const auto max = ParseInteger(rows.at(0).at(1));
  return min && max ? CutKeys(*key, *min, *max, num_ranges) : whole;
}

absl::Status SplitPlanner::PlanPartitions(const sdk::RequestContext& context,
                                          const sdk::Table& table, const sdk::Scan& scan,
                                          sdk::PartitionSink& sink) const {
  RETURN_IF_ERROR(context.Check());
  std::vector<SplitRange> ranges;
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   metadata_.PartitionNames(context, table.name));
  for (const std::string& name : names) {
    if (MayMatch(scan, table, name)) {
      SplitRange range;
      range.partition = name;
      ranges.push_back(std::move(range));
    }
  }
  if (names.empty() && MayMatch(scan, table, kNoPartition)) {
    ASSIGN_OR_RETURN(ranges, KeyRanges(context, table, scan));
  }
  if (ranges.empty()) {
    return absl::OkStatus();
  }
  std::vector<sdk::Split> splits;
  splits.reserve(ranges.size());
  std::transform(ranges.begin(), ranges.end(), std::back_inserter(splits), ToSplit);
  ASSIGN_OR_RETURN(sdk::Partitions partitions,
                   sdk::ToPartitions(splits, kProperties, arrow::utf8()));
  return sink.Add(std::move(partitions)).status();
}

absl::StatusOr<sdk::ResumeToken> SplitPlanner::PlanSplits(const sdk::RequestContext& context,
                                                          const sdk::Partitions& partitions,
                                                          const sdk::ResumeToken& from,
                                                          sdk::SplitSink& sink) {
  return sdk::DeliverSplits(context, partitions, kProperties, arrow::utf8(), from, sink);
}

absl::StatusOr<SplitRange> ParseSplit(const SourceTable& table, const sdk::Split& split) {
  const auto property = [&](const char* name) -> std::optional<std::string> {
    const auto entry = split.properties.find(name);
    return entry == split.properties.end() ? std::nullopt : std::optional(entry->second);
  };
  absl::Status bad = absl::InvalidArgumentError(
      absl::StrCat("A split of ", table.quoted(), " is not one of ours"));
  SplitRange range;
  range.partition = property(kPartitionNameColumn).value_or("");
  range.key_column = property(kRangeColumn).value_or("");
  // Bounds become part of a statement, so they must be numbers and nothing else.
  for (auto [name, target] :
       {std::pair(kRangeLow, &range.low), std::pair(kRangeHigh, &range.high)}) {
    if (const auto text = property(name)) {
      const auto value = ParseInteger(text);
      if (!value) {
        return bad;
      }
      *target = ToText(*value);
    }
  }
  const bool has_bounds = range.low || range.high;
  if (range.partition.empty() || (has_bounds && table.Find(range.key_column) == nullptr)) {
    return bad;
  }
  return range;
}

}  // namespace pallas::mysql
