#include "connectors/dynamodb/access_path.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace pallas::dynamodb {
namespace {

constexpr int64_t kScanBytesPerUnit = 8192;
constexpr double kUnitsPerRead = 0.5;
constexpr int64_t kItemBytesPerRead = 4096;
constexpr size_t kKeysPerBatch = 100;

const NativeSet* Find(const std::map<std::string, NativeSet>& sets, const std::string& attribute) {
  const auto found = sets.find(attribute);
  return found == sets.end() ? nullptr : &found->second;
}

bool IsEmpty(const NativeSet& set) { return !set.all && set.ranges.empty() && !set.null_allowed; }

// A key is never NULL.
bool IsEmptyKey(const NativeSet& set) { return !set.all && set.ranges.empty(); }

bool HoldsAll(const TableDescription& table, const IndexDescription& index,
              const std::set<std::string>& needed) {
  return index.is_complete ||
         std::all_of(needed.begin(), needed.end(), [&](const std::string& attribute) {
           return attribute == table.key.hash || attribute == table.key.range ||
                  attribute == index.key.hash || attribute == index.key.range ||
                  std::find(index.included.begin(), index.included.end(), attribute) !=
                      index.included.end();
         });
}

// Items that lack the range key of an index are not in the index (DDB-7).
bool HoldsMatches(const TableDescription& table, const IndexDescription& index,
                  const std::map<std::string, NativeSet>& sets) {
  const std::string& range = index.key.range;
  if (range.empty() || range == table.key.hash || range == table.key.range) {
    return true;
  }
  const NativeSet* const set = Find(sets, range);
  return set != nullptr && !set->null_allowed;
}

// The path over one key schema; nullopt if the hash key is not known by its values.
std::optional<AccessPath> PathOver(const KeySchema& key, const std::string& index,
                                   const std::map<std::string, NativeSet>& sets) {
  const NativeSet* const hash = Find(sets, key.hash);
  if (hash == nullptr) {
    return std::nullopt;
  }
  NativeSet values = *hash;
  values.null_allowed = false;
  auto points = values.Points();
  if (!points || points->empty()) {
    return std::nullopt;
  }
  AccessPath path;
  path.kind = AccessPath::Kind::kQuery;
  path.index = index;
  path.key = key;
  path.hash_values = *std::move(points);
  const NativeSet* const range = key.range.empty() ? nullptr : Find(sets, key.range);
  if (range != nullptr && !range->all) {
    path.ranges = range->ranges;
  }
  const bool all_points = std::all_of(path.ranges.begin(), path.ranges.end(),
                                      [](const NativeRange& one) { return one.IsPoint(); });
  const bool is_whole_key = key.range.empty() || (!path.ranges.empty() && all_points);
  if (index.empty() && is_whole_key && path.num_reads() > 1) {
    path.kind = AccessPath::Kind::kGetItems;
  }
  return path;
}

bool IsCheaper(const TableDescription& table, const AccessPath& path) {
  const int64_t reads = path.num_reads();
  if (reads <= kFewPointReads) {
    return true;
  }
  if (table.size_bytes <= 0 || table.item_count <= 0) {
    return reads <= kBlindPointReads;
  }
  const int64_t item_bytes = table.size_bytes / table.item_count;
  const double read_units =
      kUnitsPerRead * static_cast<double>(reads) *
      static_cast<double>((item_bytes + kItemBytesPerRead - 1) / kItemBytesPerRead);
  return read_units <=
         static_cast<double>(table.size_bytes) / static_cast<double>(kScanBytesPerUnit);
}

size_t NumRequests(const AccessPath& path) {
  const auto reads = static_cast<size_t>(path.num_reads());
  return path.kind == AccessPath::Kind::kGetItems ? (reads + kKeysPerBatch - 1) / kKeysPerBatch
                                                  : reads;
}

}  // namespace

AccessPath ChoosePath(const TableDescription& table, const std::map<std::string, NativeSet>& sets,
                      const std::set<std::string>& needed, const PathOptions& options) {
  for (const auto& [attribute, set] : sets) {
    const bool is_key = attribute == table.key.hash || attribute == table.key.range;
    if (IsEmpty(set) || (is_key && IsEmptyKey(set))) {
      AccessPath nothing;
      nothing.kind = AccessPath::Kind::kNothing;
      return nothing;
    }
  }
  std::vector<AccessPath> paths;
  if (auto path = PathOver(table.key, "", sets)) {
    paths.push_back(*std::move(path));
  }
  for (const IndexDescription& index : table.indexes) {
    const bool is_usable = index.active && !(index.global && options.consistent_read) &&
                           HoldsAll(table, index, needed) && HoldsMatches(table, index, sets);
    if (!is_usable) {
      continue;
    }
    if (auto path = PathOver(index.key, index.name, sets)) {
      paths.push_back(*std::move(path));
    }
  }
  // Fewest requests, then a condition on the range key, then the order of the description.
  const auto best =
      std::min_element(paths.begin(), paths.end(), [](const AccessPath& a, const AccessPath& b) {
        return std::make_pair(NumRequests(a), a.ranges.empty()) <
               std::make_pair(NumRequests(b), b.ranges.empty());
      });
  if (best == paths.end() || best->num_reads() > kMaxPointReads || !IsCheaper(table, *best)) {
    return {};
  }
  return *std::move(best);
}

}  // namespace pallas::dynamodb
