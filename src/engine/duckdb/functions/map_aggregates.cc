#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"

// Aggregates whose result is a map: the rows are collected in a list, which a function makes a map.

namespace pallas::engine {
namespace {

using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

enum class MapForm { kFirstValue, kAllValues, kCounts };

// The members of one key, as indices into the child of the list.
struct Group {
  std::vector<duckdb::idx_t> members;
};

// Groups the members of the list in the order of their first ones; those with a NULL key are left
// out. `entries`: the members are structs of key and value, else keys.
std::vector<Group> GroupMembers(const Type& key_type, const Cell& list, duckdb::idx_t offset,
                                bool entries) {
  std::vector<Group> groups;
  std::unordered_map<std::string, size_t> by_key;
  std::string bytes;
  for (duckdb::idx_t i = 0; i < list.size(); ++i) {
    const Cell key = entries ? list.Element(i).Field(0) : list.Element(i);
    if (key.IsNull()) {
      continue;
    }
    bytes.clear();
    AppendKey(key_type, key, /*raise_on_null=*/false, &bytes);
    const auto [found, is_new] = by_key.try_emplace(bytes, groups.size());
    if (is_new) {
      groups.emplace_back();
    }
    groups[found->second].members.push_back(offset + i);
  }
  return groups;
}

// Copies those members of `child`, in that order, to the beginning of `target`.
void CopyMembers(duckdb::Vector& child, const std::vector<duckdb::idx_t>& members,
                 duckdb::Vector& target) {
  if (members.empty()) {
    return;
  }
  duckdb::SelectionVector selection(members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    selection.set_index(i, members[i]);
  }
  duckdb::VectorOperations::Copy(child, target, selection, members.size(), 0, 0);
}

// What the maps of a vector are made of, as indices into the child of the lists.
struct MapMembers {
  std::vector<duckdb::idx_t> keys;
  std::vector<duckdb::idx_t> values;        // kFirstValue, kAllValues
  std::vector<duckdb::list_entry_t> lists;  // kAllValues
  std::vector<int64_t> counts;              // kCounts
};

void AddGroup(MapForm form, const Group& group, MapMembers& members) {
  members.keys.push_back(group.members.front());
  switch (form) {
    case MapForm::kFirstValue:
      members.values.push_back(group.members.front());
      break;
    case MapForm::kAllValues:
      members.lists.emplace_back(members.values.size(), group.members.size());
      members.values.insert(members.values.end(), group.members.begin(), group.members.end());
      break;
    case MapForm::kCounts:
      members.counts.push_back(static_cast<int64_t>(group.members.size()));
      break;
  }
}

void FillMaps(MapForm form, duckdb::Vector& list, const MapMembers& members,
              duckdb::Vector& result) {
  duckdb::ListVector::Reserve(result, members.keys.size());
  duckdb::ListVector::SetListSize(result, members.keys.size());
  duckdb::Vector& child = duckdb::ListVector::GetEntry(list);
  duckdb::Vector& keys = duckdb::MapVector::GetKeys(result);
  duckdb::Vector& values = duckdb::MapVector::GetValues(result);
  if (form == MapForm::kCounts) {
    CopyMembers(child, members.keys, keys);
    std::copy(members.counts.begin(), members.counts.end(),
              duckdb::FlatVector::GetData<int64_t>(values));
    return;
  }
  auto& fields = duckdb::StructVector::GetEntries(child);
  CopyMembers(*fields[0], members.keys, keys);
  if (form == MapForm::kFirstValue) {
    CopyMembers(*fields[1], members.values, values);
    return;
  }
  std::copy(members.lists.begin(), members.lists.end(),
            duckdb::FlatVector::GetData<duckdb::list_entry_t>(values));
  duckdb::ListVector::Reserve(values, members.values.size());
  duckdb::ListVector::SetListSize(values, members.values.size());
  CopyMembers(*fields[1], members.values, duckdb::ListVector::GetEntry(values));
}

template <MapForm form>
void MapLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const Type& key_type = BindDataOf(state).Cast<TypedBindData>().result.key();
  const duckdb::idx_t count = arguments.size();
  duckdb::Vector& list = arguments.data[0];
  list.Flatten(count);
  const Cells cells(list, count);
  const auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(list);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* maps = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  MapMembers members;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    maps[row] = {members.keys.size(), 0};
    if (!cells[row].IsNull()) {
      for (const Group& group :
           GroupMembers(key_type, cells[row], lists[row].offset, form != MapForm::kCounts)) {
        AddGroup(form, group, members);
      }
    }
    maps[row].length = members.keys.size() - maps[row].offset;
    if (maps[row].length == 0) {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  FillMaps(form, list, members, result);
}

template <MapForm form>
duckdb::unique_ptr<duckdb::FunctionData> BindMap(duckdb::ClientContext& context,
                                                 duckdb::ScalarFunction& function,
                                                 Arguments& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(MapLoop<form>);
  return types;
}

AggregateEmitter MapOf(const char* name) {
  return [name](const CallSite& site, DuckExprs values,
                const AggregateCall& call) -> absl::StatusOr<DuckExpr> {
    Type member = site.argument(0);
    DuckExpr value;
    if (values.size() > 1) {
      member = Type::Row({{.name = std::nullopt, .type = site.argument(0)},
                          {.name = std::nullopt, .type = site.argument(1)}});
      value = site.emitter.Row(member, std::move(values));
    } else {
      value = std::move(values[0]);
    }
    DuckExpr list = call("list", MakeTrees(std::move(value)));
    return CallTyped(name, {Type::Array(member)}, site.result(), MakeTrees(std::move(list)));
  };
}

// Keeps the entries with the largest counts; of equal ones those that came first.
void LargestLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                 duckdb::Vector& result) {
  const duckdb::idx_t count = arguments.size();
  duckdb::Vector& map = arguments.data[0];
  map.Flatten(count);
  const Cells maps(map, count);
  const Cells wanted(arguments.data[1], count);
  const auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(map);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::vector<duckdb::idx_t> kept;
  std::vector<duckdb::idx_t> order;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    auto& made = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row];
    made = {kept.size(), 0};
    if (maps[row].IsNull() || wanted[row].IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const int64_t buckets = wanted[row].Get<int64_t>();
    if (buckets < 2) {
      Raise("INVALID_FUNCTION_ARGUMENT",
            "approx_most_frequent bucket count must be greater than one");
    }
    order.resize(maps[row].size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](duckdb::idx_t a, duckdb::idx_t b) {
      return maps[row].Value(a).Get<int64_t>() > maps[row].Value(b).Get<int64_t>();
    });
    order.resize(std::min(order.size(), static_cast<size_t>(buckets)));
    for (const duckdb::idx_t entry : order) {
      kept.push_back(lists[row].offset + entry);
    }
    made.length = order.size();
  }
  duckdb::ListVector::Reserve(result, kept.size());
  duckdb::ListVector::SetListSize(result, kept.size());
  CopyMembers(duckdb::MapVector::GetKeys(map), kept, duckdb::MapVector::GetKeys(result));
  CopyMembers(duckdb::MapVector::GetValues(map), kept, duckdb::MapVector::GetValues(result));
}

duckdb::unique_ptr<duckdb::FunctionData> BindLargest(duckdb::ClientContext& context,
                                                     duckdb::ScalarFunction& function,
                                                     Arguments& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(LargestLoop);
  return types;
}

// approx_most_frequent(buckets, value, capacity), exact, which no error bound forbids.
absl::StatusOr<DuckExpr> EmitMostFrequent(const CallSite& site, DuckExprs values,
                                          const AggregateCall& call) {
  DuckExpr list = call("list", MakeTrees(std::move(values[1])));
  DuckExpr counts = CallTyped("map_of_counts", {Type::Array(site.argument(1))}, site.result(),
                              MakeTrees(std::move(list)));
  DuckExpr buckets = call("any_value", MakeTrees(std::move(values[0])));
  return CallTyped("largest_counts", {site.result(), Type::Bigint()}, site.result(),
                   MakeTrees(std::move(counts), std::move(buckets)));
}

}  // namespace

void AddMapAggregates(AdapterTable& table) {
  table.Private("map_of_entries", BindMap<MapForm::kFirstValue>, duckdb::LogicalType::ANY);
  table.Private("multimap_of_entries", BindMap<MapForm::kAllValues>, duckdb::LogicalType::ANY);
  table.Private("map_of_counts", BindMap<MapForm::kCounts>, duckdb::LogicalType::ANY);
  table.Private("largest_counts", BindLargest, duckdb::LogicalType::ANY,
                {.called_on_null = true, .can_raise = true});
  table.EmitAggregate("approx_most_frequent(bigint,bigint,bigint)", EmitMostFrequent);
  table.EmitAggregate("approx_most_frequent(bigint,varchar,bigint)", EmitMostFrequent);
  table.EmitAggregate("map_agg(k,v)", MapOf("map_of_entries"));
  table.EmitAggregate("multimap_agg(k,v)", MapOf("multimap_of_entries"));
  table.EmitAggregate("histogram(t)", MapOf("map_of_counts"));
}

}  // namespace pallas::engine
