#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/array_rows.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/plain_arrays.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/functions/typed_loop.h"
#include "engine/duckdb/types.h"
#include "types/value_text.h"

// Functions on maps without lambdas. A map is a list of entries, which are structs of key and
// value.

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using Picks = std::vector<idx_t>;

[[noreturn]] void RaiseInvalid(const std::string& message) {
  Raise("INVALID_FUNCTION_ARGUMENT", message);
}

std::optional<std::string> LongKeyText(const Type& type, const Cell& key) {
  constexpr int kMaxShortTimestamp = 6;
  std::string text;
  switch (type.kind()) {
    case TypeKind::kReal:
      AppendJavaFloat(key.Get<float>(), &text);
      return text;
    case TypeKind::kDouble:
      AppendJavaDouble(key.Get<double>(), &text);
      return text;
    case TypeKind::kDate:
      AppendDate(key.Get<int32_t>(), &text);
      return text;
    case TypeKind::kDecimal:
      WithDecimalCell(type.precision(), [&]<typename T>() {
        const duckdb::hugeint_t halves = ToHugeint(WidenCell(key.Get<T>()));
        AppendDecimal(halves.upper, halves.lower, type.scale(), &text);
      });
      return text;
    case TypeKind::kTime:
      AppendTime(key.Get<int64_t>(), type.precision(), &text);
      return text;
    case TypeKind::kTimestamp:
      if (type.precision() > kMaxShortTimestamp) {
        AppendTimestamp(key.Field(0).Get<int64_t>(), key.Field(1).Get<int32_t>(), type.precision(),
                        &text);
      } else {
        AppendTimestamp(key.Get<int64_t>(), 0, type.precision(), &text);
      }
      return text;
    default:
      return std::nullopt;
  }
}

// The key in messages; nullopt for types whose text they do not show.
std::optional<std::string> KeyText(const Type& type, const Cell& key) {
  switch (type.kind()) {
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return std::string(key.Text());
    case TypeKind::kBoolean:
      return key.Get<bool>() ? "true" : "false";
    case TypeKind::kTinyint:
      return absl::StrCat(key.Get<int8_t>());
    case TypeKind::kSmallint:
      return absl::StrCat(key.Get<int16_t>());
    case TypeKind::kInteger:
      return absl::StrCat(key.Get<int32_t>());
    case TypeKind::kBigint:
      return absl::StrCat(key.Get<int64_t>());
    case TypeKind::kJson:
      return std::string(key.Text());
    default:
      return LongKeyText(type, key);
  }
}

// Whether a key is NULL inside.
bool HasNullInside(const Type& type, const Cell& cell) {
  if (type.kind() == TypeKind::kRow) {
    for (size_t i = 0; i < type.children().size(); ++i) {
      if (cell.Field(i).IsNull() || HasNullInside(type.children()[i], cell.Field(i))) {
        return true;
      }
    }
  } else if (type.kind() == TypeKind::kArray) {
    for (idx_t i = 0; i < cell.size(); ++i) {
      if (cell.Element(i).IsNull() || HasNullInside(type.element(), cell.Element(i))) {
        return true;
      }
    }
  }
  return false;
}

void CheckKey(const Type& type, const Cell& key) {
  if (key.IsNull()) {
    RaiseInvalid("map key cannot be null");
  }
  if (HasNullInside(type, key)) {
    RaiseInvalid("map key cannot be indeterminate");
  }
}

[[noreturn]] void RaiseDuplicate(const Type& type, const Cell& key) {
  const std::optional<std::string> text = KeyText(type, key);
  RaiseInvalid(text.has_value() ? absl::StrCat("Duplicate map keys (", *text, ") are not allowed")
                                : "Duplicate map keys are not allowed");
}

// The map whose keys and values are picked from two vectors.
struct MapParts {
  Picks keys;
  Picks values;
};

void FillMap(duckdb::Vector& keys, duckdb::Vector& values, const MapParts& parts,
             duckdb::Vector& result) {
  duckdb::ListVector::Reserve(result, parts.keys.size());
  CopyPicked(keys, parts.keys, duckdb::MapVector::GetKeys(result));
  CopyPicked(values, parts.values, duckdb::MapVector::GetValues(result));
  duckdb::ListVector::SetListSize(result, parts.keys.size());
}

void SetConstant(bool constant, duckdb::Vector& result) {
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

// Reads the lists of one column.
class Lists {
 public:
  Lists(duckdb::Vector& vector, idx_t count) : child_(duckdb::ListVector::GetEntry(vector)) {
    vector.ToUnifiedFormat(count, format_);
    cells_.emplace(child_, duckdb::ListVector::GetListSize(vector));
  }

  bool IsNull(idx_t row) const { return !format_.validity.RowIsValid(format_.sel->get_index(row)); }

  ElementRange operator[](idx_t row) const {
    const auto& entry = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(
        format_)[format_.sel->get_index(row)];
    return {entry.offset, entry.length};
  }

  Cell Element(idx_t index) const { return (*cells_)[index]; }

  duckdb::Vector& child() { return child_; }

 private:
  duckdb::Vector& child_;
  duckdb::UnifiedVectorFormat format_;
  std::optional<Cells> cells_;
};

// A flat copy of a struct field of the elements, so that indices of elements are its indices too.
duckdb::Vector FieldOf(duckdb::Vector& elements, idx_t size, size_t field) {
  elements.Flatten(size);
  return duckdb::Vector(*duckdb::StructVector::GetEntries(elements)[field]);
}

// `fill(row)` appends the parts of a map; false: it is NULL.
template <typename Fill>
void EachMap(idx_t count, duckdb::Vector& result, const MapParts& parts, Fill fill) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    const idx_t begin = parts.keys.size();
    if (!fill(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
    }
    entries[row] = duckdb::list_entry_t(begin, parts.keys.size() - begin);
  }
}

// map(keys, values).
void MapLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const Type& key_type = BindDataOf(state).Cast<TypedBindData>().result.key();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Lists keys(arguments.data[0], count);
  Lists values(arguments.data[1], count);
  MapParts parts;
  EachMap(count, result, parts, [&](idx_t row) {
    if (keys.IsNull(row) || values.IsNull(row)) {
      return false;
    }
    if (keys[row].size != values[row].size) {
      RaiseInvalid("Key and value arrays must be the same length");
    }
    CellSet seen(key_type);
    for (idx_t i = 0; i < keys[row].size; ++i) {
      const Cell key = keys.Element(keys[row].begin + i);
      CheckKey(key_type, key);
      if (!seen.Add(key)) {
        RaiseDuplicate(key_type, key);
      }
      parts.keys.push_back(keys[row].begin + i);
      parts.values.push_back(values[row].begin + i);
    }
    return true;
  });
  FillMap(keys.child(), values.child(), parts, result);
  SetConstant(constant, result);
}

// What is said of keys that come twice.
enum class EntriesOf { kArray, kTransformedKeys, kMap };

// A map of a list of entries.
template <EntriesOf source>
void FromEntriesLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                     duckdb::Vector& result) {
  const Type& key_type = BindDataOf(state).Cast<TypedBindData>().result.key();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Lists entries(arguments.data[0], count);
  MapParts parts;
  EachMap(count, result, parts, [&](idx_t row) {
    if (entries.IsNull(row)) {
      return false;
    }
    CellSet seen(key_type);
    for (idx_t i = entries[row].begin; i < entries[row].end(); ++i) {
      if (source != EntriesOf::kMap) {
        if (entries.Element(i).IsNull()) {
          RaiseInvalid("map entry cannot be null");
        }
        const Cell key = entries.Element(i).Field(0);
        CheckKey(key_type, key);
        if (!seen.Add(key)) {
          RaiseDuplicate(key_type, key);
        }
      }
      parts.keys.push_back(i);
    }
    return true;
  });
  parts.values = parts.keys;
  const idx_t size = duckdb::ListVector::GetListSize(arguments.data[0]);
  duckdb::Vector keys = FieldOf(entries.child(), size, 0);
  duckdb::Vector values = FieldOf(entries.child(), size, 1);
  FillMap(keys, values, parts, result);
  SetConstant(constant, result);
}

void MultimapLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                  duckdb::Vector& result) {
  const Type& key_type = BindDataOf(state).Cast<TypedBindData>().result.key();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Lists entries(arguments.data[0], count);
  MapParts parts;  // values: of all lists, one after the other
  std::vector<duckdb::list_entry_t> value_lists;
  EachMap(count, result, parts, [&](idx_t row) {
    if (entries.IsNull(row)) {
      return false;
    }
    std::vector<Picks> groups;
    for (idx_t i = entries[row].begin; i < entries[row].end(); ++i) {
      if (entries.Element(i).IsNull()) {
        RaiseInvalid("map entry cannot be null");
      }
      const Cell key = entries.Element(i).Field(0);
      CheckKey(key_type, key);
      auto group = std::find_if(groups.begin(), groups.end(), [&](const Picks& known) {
        return IdenticalCells(key_type, entries.Element(known[0]).Field(0), key);
      });
      if (group == groups.end()) {
        group = groups.emplace(groups.end());
      }
      group->push_back(i);
    }
    for (const Picks& group : groups) {
      parts.keys.push_back(group[0]);
      value_lists.emplace_back(parts.values.size(), group.size());
      parts.values.insert(parts.values.end(), group.begin(), group.end());
    }
    return true;
  });
  const idx_t size = duckdb::ListVector::GetListSize(arguments.data[0]);
  duckdb::Vector keys = FieldOf(entries.child(), size, 0);
  duckdb::Vector values = FieldOf(entries.child(), size, 1);
  duckdb::ListVector::Reserve(result, parts.keys.size());
  CopyPicked(keys, parts.keys, duckdb::MapVector::GetKeys(result));
  duckdb::Vector& lists = duckdb::MapVector::GetValues(result);
  std::copy(value_lists.begin(), value_lists.end(),
            duckdb::FlatVector::GetData<duckdb::list_entry_t>(lists));
  duckdb::ListVector::Reserve(lists, parts.values.size());
  CopyPicked(values, parts.values, duckdb::ListVector::GetEntry(lists));
  duckdb::ListVector::SetListSize(lists, parts.values.size());
  duckdb::ListVector::SetListSize(result, parts.keys.size());
  SetConstant(constant, result);
}

// How often each element is there, NULLs left out.
void HistogramLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                   duckdb::Vector& result) {
  const Type& key_type = BindDataOf(state).Cast<TypedBindData>().result.key();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Lists elements(arguments.data[0], count);
  MapParts parts;
  std::vector<int64_t> counts;
  EachMap(count, result, parts, [&](idx_t row) {
    if (elements.IsNull(row)) {
      return false;
    }
    std::unordered_map<std::string, size_t> places;
    for (idx_t i = elements[row].begin; i < elements[row].end(); ++i) {
      if (elements.Element(i).IsNull()) {
        continue;
      }
      std::string key;
      AppendKey(key_type, elements.Element(i), /*raise_on_null=*/false, &key);
      const auto [place, is_new] = places.try_emplace(std::move(key), counts.size());
      if (is_new) {
        parts.keys.push_back(i);
        counts.push_back(0);
      }
      ++counts[place->second];
    }
    return true;
  });
  duckdb::ListVector::Reserve(result, counts.size());
  CopyPicked(elements.child(), parts.keys, duckdb::MapVector::GetKeys(result));
  std::copy(counts.begin(), counts.end(),
            duckdb::FlatVector::GetData<int64_t>(duckdb::MapVector::GetValues(result)));
  duckdb::ListVector::SetListSize(result, counts.size());
  SetConstant(constant, result);
}

// The lists of a map column with other elements, which `refer(entries, elements)` makes refer to
// those of the map: they stay where they are.
template <typename Refer>
void ListEntries(duckdb::DataChunk& arguments, duckdb::Vector& result, Refer refer) {
  duckdb::Vector& maps = arguments.data[0];
  const idx_t size = duckdb::ListVector::GetListSize(maps);
  duckdb::Vector& entries = duckdb::ListVector::GetEntry(maps);
  entries.Flatten(size);  // then its fields have its rows
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  duckdb::UnifiedVectorFormat format;
  maps.ToUnifiedFormat(count, format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    const idx_t index = format.sel->get_index(row);
    if (format.validity.RowIsValid(index)) {
      lists[row] = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format)[index];
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  refer(entries, duckdb::ListVector::GetEntry(result));
  duckdb::ListVector::SetListSize(result, size);
  SetConstant(constant, result);
}

// A list of the keys (0) or values (1).
template <size_t field>
void FieldLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
               duckdb::Vector& result) {
  ListEntries(arguments, result, [](duckdb::Vector& entries, duckdb::Vector& elements) {
    elements.Reference(*duckdb::StructVector::GetEntries(entries)[field]);
  });
}

// A list of the entries, as rows.
void EntriesLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                 duckdb::Vector& result) {
  ListEntries(arguments, result, [](duckdb::Vector& entries, duckdb::Vector& elements) {
    const auto& from = duckdb::StructVector::GetEntries(entries);
    auto& to = duckdb::StructVector::GetEntries(elements);
    for (size_t i = 0; i < from.size(); ++i) {
      to[i]->Reference(*from[i]);
    }
  });
}

[[noreturn]] void RaiseMissing(const Type& type, const Cell& key) {
  std::optional<std::string> text = KeyText(type, key);
  // Here numbers are as casts to varchar spell them.
  if (type.kind() == TypeKind::kReal || type.kind() == TypeKind::kDouble) {
    text->clear();
    if (type.kind() == TypeKind::kReal) {
      AppendTrinoReal(key.Get<float>(), &*text);
    } else {
      AppendTrinoDouble(key.Get<double>(), &*text);
    }
  }
  RaiseInvalid(text.has_value() ? absl::StrCat("Key not present in map: ", *text)
                                : "Key not present in map");
}

// The value of a key.
template <bool must_exist>
void LookUpLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const Type& key_type = BindDataOf(state).Cast<TypedBindData>().arguments[1];
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Lists entries(arguments.data[0], count);
  const Cells keys(arguments.data[1], count);
  Picks picks;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    idx_t found = kNoElement;
    if (!entries.IsNull(row) && !keys[row].IsNull()) {
      for (idx_t i = entries[row].begin; i < entries[row].end() && found == kNoElement; ++i) {
        if (EqualCells(key_type, entries.Element(i).Field(0), keys[row]).value_or(false)) {
          found = i;
        }
      }
      if (must_exist && found == kNoElement) {
        RaiseMissing(key_type, keys[row]);
      }
    }
    picks.push_back(found);
  }
  duckdb::Vector values =
      FieldOf(entries.child(), duckdb::ListVector::GetListSize(arguments.data[0]), 1);
  CopyPicked(values, picks, result);
  SetConstant(constant, result);
}

void CardinalityLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                     duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<duckdb::list_entry_t, int64_t>(
      arguments.data[0], result, arguments.size(),
      [](const duckdb::list_entry_t& entry) { return static_cast<int64_t>(entry.length); });
}

// The last map of those with entries first, then the others backwards, the first one last: a key
// keeps the value it has in the last map.
void ConcatenateRow(const Elements& elements, size_t maps, const Type& key_type, idx_t row,
                    Picks& picks) {
  CellSet seen(key_type);
  for (size_t map = maps; map-- > 0;) {
    const ElementRange entries = elements.List(map, row);
    for (idx_t i = entries.begin; i < entries.end(); ++i) {
      if (seen.Add(elements[i].Field(0))) {
        picks.push_back(i);
      }
    }
  }
}

void MapConcatLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                   duckdb::Vector& result) {
  const auto& types = BindDataOf(state).Cast<TypedBindData>();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Type entry =
      Type::Row({{std::nullopt, types.result.key()}, {std::nullopt, types.result.value()}});
  Elements elements(arguments, count, types.arguments, entry);
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (size_t i = 0; i < formats.size(); ++i) {
    arguments.data[i].ToUnifiedFormat(count, formats[i]);
  }
  MapParts parts;
  EachMap(count, result, parts, [&](idx_t row) {
    for (const duckdb::UnifiedVectorFormat& format : formats) {
      if (!format.validity.RowIsValid(format.sel->get_index(row))) {
        return false;
      }
    }
    ConcatenateRow(elements, formats.size(), types.result.key(), row, parts.keys);
    return true;
  });
  duckdb::ListVector::Reserve(result, parts.keys.size());
  CopyPicked(elements.vector(), parts.keys, duckdb::ListVector::GetEntry(result));
  duckdb::ListVector::SetListSize(result, parts.keys.size());
  SetConstant(constant, result);
}

// map_zip_with: rows (key, left value, right value) of the keys of two maps, those of the first
// map first.
void PairEntriesLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                     duckdb::Vector& result) {
  const Type& key_type = BindDataOf(state).Cast<TypedBindData>().arguments[0].key();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Lists left(arguments.data[0], count);
  Lists right(arguments.data[1], count);
  Picks left_picks;
  Picks right_picks;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    if (left.IsNull(row) || right.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const idx_t begin = left_picks.size();
    std::unordered_map<std::string, idx_t> places;
    std::string key;
    for (idx_t i = left[row].begin; i < left[row].end(); ++i) {
      key.clear();
      AppendKey(key_type, left.Element(i).Field(0), /*raise_on_null=*/false, &key);
      places.emplace(key, left_picks.size());
      left_picks.push_back(i);
      right_picks.push_back(kNoElement);
    }
    for (idx_t i = right[row].begin; i < right[row].end(); ++i) {
      key.clear();
      AppendKey(key_type, right.Element(i).Field(0), /*raise_on_null=*/false, &key);
      const auto found = places.find(key);
      if (found != places.end()) {
        right_picks[found->second] = i;
      } else {
        left_picks.push_back(kNoElement);
        right_picks.push_back(i);
      }
    }
    lists[row] = duckdb::list_entry_t(begin, left_picks.size() - begin);
  }
  const idx_t left_size = duckdb::ListVector::GetListSize(arguments.data[0]);
  const idx_t right_size = duckdb::ListVector::GetListSize(arguments.data[1]);
  duckdb::ListVector::Reserve(result, left_picks.size());
  auto& fields = duckdb::StructVector::GetEntries(duckdb::ListVector::GetEntry(result));
  duckdb::Vector left_keys = FieldOf(left.child(), left_size, 0);
  duckdb::Vector right_keys = FieldOf(right.child(), right_size, 0);
  CopyPicked(left_keys, left_picks, *fields[0]);
  for (idx_t i = 0; i < left_picks.size(); ++i) {
    if (left_picks[i] == kNoElement) {
      duckdb::VectorOperations::Copy(right_keys, *fields[0], right_picks[i] + 1, right_picks[i], i);
    }
  }
  duckdb::Vector left_values = FieldOf(left.child(), left_size, 1);
  duckdb::Vector right_values = FieldOf(right.child(), right_size, 1);
  CopyPicked(left_values, left_picks, *fields[1]);
  CopyPicked(right_values, right_picks, *fields[2]);
  duckdb::ListVector::SetListSize(result, left_picks.size());
  SetConstant(constant, result);
}

// The dot product of sparse vectors over their lengths; NULL if a value is NULL.
void CosineLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Cells left(arguments.data[0], count);
  const Cells right(arguments.data[1], count);
  // The sum of the squares; nullopt: a value is NULL.
  const auto square_of = [](const Cell& map) -> std::optional<double> {
    double sum = 0;
    for (idx_t i = 0; i < map.size(); ++i) {
      if (map.Value(i).IsNull()) {
        return std::nullopt;
      }
      sum += map.Value(i).Get<double>() * map.Value(i).Get<double>();
    }
    return sum;
  };
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    std::optional<double> left_square;
    std::optional<double> right_square;
    if (!left[row].IsNull() && !right[row].IsNull()) {
      left_square = square_of(left[row]);
      right_square = square_of(right[row]);
    }
    if (!left_square.has_value() || !right_square.has_value()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    std::unordered_map<std::string_view, double> values;
    for (idx_t i = 0; i < right[row].size(); ++i) {
      values.emplace(right[row].Key(i).Text(), right[row].Value(i).Get<double>());
    }
    double dot = 0;
    for (idx_t i = 0; i < left[row].size(); ++i) {
      const auto found = values.find(left[row].Key(i).Text());
      dot += found == values.end() ? 0 : left[row].Value(i).Get<double>() * found->second;
    }
    duckdb::FlatVector::GetData<double>(result)[row] =
        dot / (std::sqrt(*left_square) * std::sqrt(*right_square));
  }
  SetConstant(constant, result);
}

}  // namespace

void AddMaps(AdapterTable& table) {
  table.Emit("map()", [](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    return NativeCast(ToDuckDbType(site.result()), CallDuckDbFunction("map", std::move(values)));
  });
  table.Typed("map(array(K),array(V))", BindTyped<MapLoop>);
  table.Typed("map_from_entries(array(row(k,v)))", BindTyped<FromEntriesLoop<EntriesOf::kArray>>);
  table.Typed("multimap_from_entries(array(row(k,v)))", BindTyped<MultimapLoop>);
  table.Typed("array_histogram(array(t))", BindTyped<HistogramLoop>);
  table.Typed("cardinality(map(k,v))", BindTyped<CardinalityLoop>);
  table.Typed("element_at(map(K,V),K)", BindPlain<PlainElementOfMap, LookUpLoop<false>>);
  table.Typed("$subscript(map(K,V),K)", BindTyped<LookUpLoop<true>>);
  table.Typed("map_keys(map(k,v))", BindTyped<FieldLoop<0>>);
  table.Typed("map_values(map(k,v))", BindTyped<FieldLoop<1>>);
  table.Typed("map_entries(map(k,v))", BindTyped<EntriesLoop>);
  table.Typed("map_concat(map(K,V)...)", BindTyped<MapConcatLoop>);
  table.Typed("cosine_similarity(map(varchar,double),map(varchar,double))", BindTyped<CosineLoop>);
  table.Private("pair_entries", BindTyped<PairEntriesLoop>, duckdb::LogicalType::ANY);
  // For functions with lambdas: what they make of entries.
  table.Private("entries_to_map_checked", BindTyped<FromEntriesLoop<EntriesOf::kTransformedKeys>>,
                duckdb::LogicalType::ANY, {.can_raise = true});
  table.Private("entries_to_map", BindTyped<FromEntriesLoop<EntriesOf::kMap>>,
                duckdb::LogicalType::ANY);
}

}  // namespace pallas::engine
