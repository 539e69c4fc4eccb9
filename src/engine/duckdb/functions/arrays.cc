#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/array_rows.h"
#include "engine/duckdb/functions/list_writer.h"
#include "engine/duckdb/functions/plain_arrays.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/functions/typed_loop.h"
#include "engine/duckdb/types.h"
#include "sql/functions/registry.h"

// Functions on arrays without lambdas.

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using Picks = std::vector<idx_t>;

constexpr int64_t kMaxRepeat = 10'000;
// Elements of the arrays that one vector of results has, whose places take 1 GiB.
constexpr size_t kMaxPicks = size_t{1} << 27U;
constexpr int kMaxCombinationLength = 5;
constexpr int64_t kMaxCombinedElements = 100'000;

[[noreturn]] void RaiseInvalid(const std::string& message) {
  Raise("INVALID_FUNCTION_ARGUMENT", message);
}

void CheckPicks(size_t picks) {
  if (picks > kMaxPicks) [[unlikely]] {
    Raise("GENERIC_INSUFFICIENT_RESOURCES",
          absl::StrCat("The arrays of one batch have more than ", kMaxPicks, " elements"));
  }
}

// The element type of the first array among the arguments.
const Type& ElementTypeOf(const TypedBindData& types) {
  for (const Type& type : types.arguments) {
    if (type.kind() == TypeKind::kArray) {
      return type.element();
    }
  }
  return types.arguments[0];  // repeat(element, count)
}

// ---- Loops by the form of the result ----

void SetConstant(bool constant, duckdb::Vector& result) {
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

// Arrays of picked elements: fn(row, picks) appends.
template <auto fn, bool called_on_null = false>
void PickLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
              duckdb::Vector& result) {
  const auto& types = BindDataOf(state).Cast<TypedBindData>();
  const Type element(types.result.element());
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Elements elements(arguments, count, types.arguments, element);
  Picks picks;
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  ForArrayRows(
      arguments, types, element, elements, count, called_on_null, result,
      [&](idx_t row, const ArrayRow& call) {
        const idx_t begin = picks.size();
        if constexpr (called_on_null) {
          if (!fn(call, picks)) {
            duckdb::FlatVector::SetNull(result, row, true);
          }
        } else {
          fn(call, picks);
        }
        CheckPicks(picks.size());
        lists[row] = duckdb::list_entry_t(begin, picks.size() - begin);
      },
      [&](idx_t row) { duckdb::FlatVector::SetNull(result, row, true); });
  duckdb::ListVector::Reserve(result, picks.size());
  CopyPicked(elements.vector(), picks, duckdb::ListVector::GetEntry(result));
  duckdb::ListVector::SetListSize(result, picks.size());
  SetConstant(constant, result);
}

// One element: fn(row) gives its index or kNoElement.
template <auto fn>
void ElementLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                 duckdb::Vector& result) {
  const auto& types = BindDataOf(state).Cast<TypedBindData>();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Elements elements(arguments, count, types.arguments, types.result);
  Picks picks;
  ForArrayRows(
      arguments, types, types.result, elements, count, /*called_on_null=*/false, result,
      [&](idx_t, const ArrayRow& call) { picks.push_back(fn(call)); },
      [&](idx_t) { picks.push_back(kNoElement); });
  CopyPicked(elements.vector(), picks, result);
  SetConstant(constant, result);
}

// A plain value: fn(row) gives std::optional<R>.
template <typename R, auto fn>
void ValueLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
               duckdb::Vector& result) {
  const auto& types = BindDataOf(state).Cast<TypedBindData>();
  const Type element(ElementTypeOf(types));
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Elements elements(arguments, count, types.arguments, element);
  auto* values = duckdb::FlatVector::GetData<R>(result);
  ForArrayRows(
      arguments, types, element, elements, count, /*called_on_null=*/false, result,
      [&](idx_t row, const ArrayRow& call) {
        const std::optional<R> value = fn(call);
        if (value.has_value()) {
          values[row] = *value;
        } else {
          duckdb::FlatVector::SetNull(result, row, true);
        }
      },
      [&](idx_t row) { duckdb::FlatVector::SetNull(result, row, true); });
  SetConstant(constant, result);
}

// Arrays of arrays of picked elements.
struct NestedPicks {
  Picks picks;
  std::vector<duckdb::list_entry_t> lists;

  void End(idx_t begin) { lists.emplace_back(begin, picks.size() - begin); }
};

template <auto fn>
void NestedLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const auto& types = BindDataOf(state).Cast<TypedBindData>();
  const Type element(types.arguments[0].element());
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Elements elements(arguments, count, types.arguments, element);
  NestedPicks nested;
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  ForArrayRows(
      arguments, types, element, elements, count, /*called_on_null=*/false, result,
      [&](idx_t row, const ArrayRow& call) {
        const idx_t begin = nested.lists.size();
        fn(call, nested);
        CheckPicks(nested.picks.size());
        lists[row] = duckdb::list_entry_t(begin, nested.lists.size() - begin);
      },
      [&](idx_t row) { duckdb::FlatVector::SetNull(result, row, true); });
  duckdb::ListVector::Reserve(result, nested.lists.size());
  duckdb::ListVector::SetListSize(result, nested.lists.size());
  duckdb::Vector& inner = duckdb::ListVector::GetEntry(result);
  std::copy(nested.lists.begin(), nested.lists.end(),
            duckdb::FlatVector::GetData<duckdb::list_entry_t>(inner));
  duckdb::ListVector::Reserve(inner, nested.picks.size());
  CopyPicked(elements.vector(), nested.picks, duckdb::ListVector::GetEntry(inner));
  duckdb::ListVector::SetListSize(inner, nested.picks.size());
  SetConstant(constant, result);
}

// ---- Places ----

idx_t Subscript(const ArrayRow& row) {
  const ElementRange list = row.List(0);
  const auto index = row.Value<int64_t>(1);
  if (index == 0) {
    RaiseInvalid("SQL array indices start at 1");
  }
  if (index < 0) {
    RaiseInvalid(absl::StrCat("Array subscript is negative: ", index));
  }
  if (static_cast<idx_t>(index) > list.size) {
    RaiseInvalid(absl::StrCat("Array subscript must be less than or equal to array length: ", index,
                              " > ", list.size));
  }
  return list.begin + static_cast<idx_t>(index) - 1;
}

idx_t ElementAt(const ArrayRow& row) {
  const ElementRange list = row.List(0);
  const auto index = row.Value<int64_t>(1);
  const auto size = static_cast<int64_t>(list.size);
  if (index == 0) {
    RaiseInvalid("SQL array indices start at 1");
  }
  if (index > size || index < -size) {
    return kNoElement;
  }
  return list.begin + static_cast<idx_t>(index > 0 ? index - 1 : size + index);
}

void CardinalityLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                     duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<duckdb::list_entry_t, int64_t>(
      arguments.data[0], result, arguments.size(),
      [](const duckdb::list_entry_t& entry) { return static_cast<int64_t>(entry.length); });
}

// Whether two elements that are not NULL are equal; raises for a NULL inside.
bool EqualOrRaise(std::string_view function, const Type& type, const Cell& a, const Cell& b) {
  const std::optional<bool> equal = EqualCells(type, a, b);
  if (!equal.has_value()) {
    Raise("NOT_SUPPORTED",
          absl::StrCat(function,
                       " does not support arrays with elements that are null or contain null"));
  }
  return *equal;
}

std::optional<bool> Contains(const ArrayRow& row) {
  const ElementRange list = row.List(0);
  const Cell wanted = row[row.Single(1)];
  bool null = false;
  for (idx_t i = list.begin; i < list.end(); ++i) {
    if (row[i].IsNull()) {
      null = true;
    } else if (EqualOrRaise("contains", row.element_type(), row[i], wanted)) {
      return true;
    }
  }
  return null ? std::nullopt : std::optional<bool>(false);
}

std::optional<int64_t> ArrayPosition(const ArrayRow& row) {
  const ElementRange list = row.List(0);
  const Cell wanted = row[row.Single(1)];
  for (idx_t i = list.begin; i < list.end(); ++i) {
    if (!row[i].IsNull() && EqualOrRaise("array_position", row.element_type(), row[i], wanted)) {
      return static_cast<int64_t>(i - list.begin) + 1;
    }
  }
  return 0;
}

std::optional<bool> ContainsSequence(const ArrayRow& row) {
  const ElementRange list = row.List(0);
  const ElementRange wanted = row.List(1);
  const auto same = [&](idx_t a, idx_t b) {
    if (row[a].IsNull() || row[b].IsNull()) {
      return row[a].IsNull() && row[b].IsNull();
    }
    return IdenticalCells(row.element_type(), row[a], row[b]);
  };
  for (idx_t start = 0; start + wanted.size <= list.size; ++start) {
    idx_t matched = 0;
    while (matched < wanted.size && same(list.begin + start + matched, wanted.begin + matched)) {
      ++matched;
    }
    if (matched == wanted.size) {
      return true;
    }
  }
  return false;
}

// ---- Sets ----

void PickDistinct(const ArrayRow& row, const ElementRange& list, CellSet& set, Picks& picks) {
  for (idx_t i = list.begin; i < list.end(); ++i) {
    if (set.Add(row[i])) {
      picks.push_back(i);
    }
  }
}

CellSet SetOf(const ArrayRow& row, const ElementRange& list) {
  CellSet set(row.element_type());
  for (idx_t i = list.begin; i < list.end(); ++i) {
    set.Add(row[i]);
  }
  return set;
}

void Distinct(const ArrayRow& row, Picks& picks) {
  CellSet set(row.element_type());
  PickDistinct(row, row.List(0), set, picks);
}

void Union(const ArrayRow& row, Picks& picks) {
  CellSet set(row.element_type());
  PickDistinct(row, row.List(0), set, picks);
  PickDistinct(row, row.List(1), set, picks);
}

void Except(const ArrayRow& row, Picks& picks) {
  if (row.List(1).size == 0) {
    for (idx_t i = row.List(0).begin; i < row.List(0).end(); ++i) {
      picks.push_back(i);  // the array as it is, with what occurs twice
    }
    return;
  }
  CellSet set = SetOf(row, row.List(1));
  PickDistinct(row, row.List(0), set, picks);
}

// In the order of the longer array.
void Intersect(const ArrayRow& row, Picks& picks) {
  ElementRange longer = row.List(0);
  ElementRange shorter = row.List(1);
  if (longer.size < shorter.size) {
    std::swap(longer, shorter);
  }
  CellSet others = SetOf(row, shorter);
  CellSet taken(row.element_type());
  for (idx_t i = longer.begin; i < longer.end(); ++i) {
    if (others.Contains(row[i]) && taken.Add(row[i])) {
      picks.push_back(i);
    }
  }
}

std::optional<bool> Overlap(const ArrayRow& row) {
  const ElementRange left = row.List(0);
  const ElementRange right = row.List(1);
  if (left.size == 0 || right.size == 0) {
    return false;
  }
  CellSet set = SetOf(row, right);
  bool null = set.has_null();
  for (idx_t i = left.begin; i < left.end(); ++i) {
    if (row[i].IsNull()) {
      null = true;
    } else if (set.Contains(row[i])) {
      return true;
    }
  }
  return null ? std::nullopt : std::optional<bool>(false);
}

void Remove(const ArrayRow& row, Picks& picks) {
  const ElementRange list = row.List(0);
  const Cell unwanted = row[row.Single(1)];
  for (idx_t i = list.begin; i < list.end(); ++i) {
    if (row[i].IsNull() || !EqualOrRaise("array_remove", row.element_type(), row[i], unwanted)) {
      picks.push_back(i);
    }
  }
}

// ---- Order ----

// NaN is taken only if there is nothing else.
template <bool largest>
idx_t Extreme(const ArrayRow& row) {
  const ElementRange list = row.List(0);
  const Type& type = row.element_type();
  idx_t best = kNoElement;
  for (idx_t i = list.begin; i < list.end(); ++i) {
    if (row[i].IsNull()) {
      return kNoElement;
    }
    if (best == kNoElement) {
      best = i;
      continue;
    }
    const bool nan = HasNaN(type, row[i]);
    const bool best_nan = HasNaN(type, row[best]);
    if (nan != best_nan) {
      best = nan ? best : i;
      continue;
    }
    const int order = CompareCells(type, row[i], row[best]);
    best = (largest ? order > 0 : order < 0) ? i : best;
  }
  return best;
}

void Sort(const ArrayRow& row, Picks& picks) {
  const ElementRange list = row.List(0);
  const auto begin = static_cast<std::ptrdiff_t>(picks.size());
  for (idx_t i = list.begin; i < list.end(); ++i) {
    picks.push_back(i);
  }
  std::stable_sort(picks.begin() + begin, picks.end(), [&row](idx_t a, idx_t b) {
    if (row[a].IsNull() || row[b].IsNull()) {
      return !row[a].IsNull() && row[b].IsNull();
    }
    return CompareCells(row.element_type(), row[a], row[b]) < 0;
  });
}

void Reverse(const ArrayRow& row, Picks& picks) {
  const ElementRange list = row.List(0);
  for (idx_t i = list.end(); i > list.begin; --i) {
    picks.push_back(i - 1);
  }
}

void Shuffle(const ArrayRow& row, Picks& picks) {
  const ElementRange list = row.List(0);
  const auto begin = static_cast<std::ptrdiff_t>(picks.size());
  for (idx_t i = list.begin; i < list.end(); ++i) {
    picks.push_back(i);
  }
  thread_local std::mt19937_64 random(std::random_device{}());
  std::shuffle(picks.begin() + begin, picks.end(), random);
}

// ---- Parts ----

void PickRange(idx_t begin, idx_t end, Picks& picks) {
  for (idx_t i = begin; i < end; ++i) {
    picks.push_back(i);
  }
}

void Slice(const ArrayRow& row, Picks& picks) {
  const ElementRange list = row.List(0);
  auto from = row.Value<int64_t>(1);
  const auto length = row.Value<int64_t>(2);
  const auto size = static_cast<int64_t>(list.size);
  if (length < 0) {
    RaiseInvalid("length must be greater than or equal to 0");
  }
  if (from == 0) {
    RaiseInvalid("SQL array indices start at 1");
  }
  if (from < -size || from > size) {
    return;
  }
  from = from < 0 ? size + from : from - 1;
  int64_t end = 0;
  if (__builtin_add_overflow(from + 1, length, &end)) {
    return;  // as Trino, where the end is then before the start
  }
  const int64_t taken = std::min(length, size - from);
  const idx_t begin = list.begin + static_cast<idx_t>(from);
  PickRange(begin, begin + static_cast<idx_t>(taken), picks);
}

void TrimArray(const ArrayRow& row, Picks& picks) {
  const ElementRange list = row.List(0);
  const auto dropped = row.Value<int64_t>(1);
  if (dropped < 0) {
    RaiseInvalid("size must not be negative: " + std::to_string(dropped));
  }
  if (static_cast<idx_t>(dropped) > list.size) {
    RaiseInvalid(absl::StrCat("size must not exceed array cardinality ", list.size, ": ", dropped));
  }
  PickRange(list.begin, list.end() - static_cast<idx_t>(dropped), picks);
}

bool Repeat(const ArrayRow& row, Picks& picks) {
  if (row.IsNull(1)) {
    return false;
  }
  const auto count = row.Value<int64_t>(1);
  if (count > kMaxRepeat) {
    RaiseInvalid(absl::StrCat("count argument of repeat function must be less than or equal to ",
                              kMaxRepeat));
  }
  if (count < 0) {
    RaiseInvalid("count argument of repeat function must be greater than or equal to 0");
  }
  picks.insert(picks.end(), static_cast<size_t>(count), row.Single(0));
  return true;
}

void Concatenate(const ArrayRow& row, Picks& picks) {
  for (size_t i = 0; i < row.types().arguments.size(); ++i) {
    const ElementRange list = row.List(i);
    PickRange(list.begin, list.end(), picks);
  }
}

void Append(const ArrayRow& row, Picks& picks) {
  const ElementRange list = row.List(0);
  PickRange(list.begin, list.end(), picks);
  picks.push_back(row.Single(1));
}

void Prepend(const ArrayRow& row, Picks& picks) {
  picks.push_back(row.Single(0));
  const ElementRange list = row.List(1);
  PickRange(list.begin, list.end(), picks);
}

void Ngrams(const ArrayRow& row, NestedPicks& nested) {
  const ElementRange list = row.List(0);
  const auto length = row.Value<int32_t>(1);
  if (length <= 0) {
    RaiseInvalid("N must be positive");
  }
  const idx_t size = std::min<idx_t>(list.size, static_cast<idx_t>(length));
  for (idx_t start = list.begin; start + size <= list.end(); ++start) {
    const idx_t begin = nested.picks.size();
    PickRange(start, start + size, nested.picks);
    nested.End(begin);
  }
}

// Moves to the next subset, whose places ascend: the first that can move does, and those before it
// start again.
bool NextCombination(std::vector<idx_t>& places, idx_t size) {
  for (size_t i = 0; i < places.size(); ++i) {
    const idx_t limit = i + 1 < places.size() ? places[i + 1] : size;
    if (places[i] + 1 < limit) {
      ++places[i];
      for (size_t j = 0; j < i; ++j) {
        places[j] = j;
      }
      return true;
    }
  }
  return false;
}

// Binomial coefficient, or more than fits in the limit.
int64_t CombinationCount(int64_t size, int64_t length) {
  int64_t count = 1;
  for (int64_t i = 1; i <= length && count <= kMaxCombinedElements * length; ++i) {
    count = count * (size - length + i) / i;
  }
  return count;
}

void Combinations(const ArrayRow& row, NestedPicks& nested) {
  const ElementRange list = row.List(0);
  const auto length = row.Value<int32_t>(1);
  if (length < 0) {
    RaiseInvalid(absl::StrCat("combination size must not be negative: ", length));
  }
  if (length > kMaxCombinationLength) {
    RaiseInvalid(
        absl::StrCat("combination size must not exceed ", kMaxCombinationLength, ": ", length));
  }
  if (static_cast<idx_t>(length) > list.size) {
    return;
  }
  if (CombinationCount(static_cast<int64_t>(list.size), length) * length > kMaxCombinedElements) {
    RaiseInvalid("combinations exceed max size");
  }
  std::vector<idx_t> places(static_cast<size_t>(length));
  for (size_t i = 0; i < places.size(); ++i) {
    places[i] = i;
  }
  do {
    const idx_t begin = nested.picks.size();
    for (const idx_t place : places) {
      nested.picks.push_back(list.begin + place);
    }
    nested.End(begin);
  } while (NextCombination(places, list.size));
}

// ---- flatten, zip: not by one vector of elements ----

void FlattenLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                 duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  duckdb::Vector& outer = arguments.data[0];
  const Cells cells(outer, count);
  duckdb::Vector& inner = duckdb::ListVector::GetEntry(outer);
  duckdb::UnifiedVectorFormat outer_format;
  outer.ToUnifiedFormat(count, outer_format);
  duckdb::UnifiedVectorFormat inner_format;
  inner.ToUnifiedFormat(duckdb::ListVector::GetListSize(outer), inner_format);
  const auto* outer_lists =
      duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(outer_format);
  const auto* inner_lists =
      duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(inner_format);
  Picks picks;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    if (cells[row].IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const idx_t begin = picks.size();
    const duckdb::list_entry_t& entry = outer_lists[outer_format.sel->get_index(row)];
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      const idx_t place = inner_format.sel->get_index(i);
      if (inner_format.validity.RowIsValid(place)) {
        PickRange(inner_lists[place].offset, inner_lists[place].offset + inner_lists[place].length,
                  picks);
      }
    }
    lists[row] = duckdb::list_entry_t(begin, picks.size() - begin);
  }
  duckdb::ListVector::Reserve(result, picks.size());
  CopyPicked(duckdb::ListVector::GetEntry(inner), picks, duckdb::ListVector::GetEntry(result));
  duckdb::ListVector::SetListSize(result, picks.size());
  SetConstant(constant, result);
}

void ZipLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
             duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (size_t i = 0; i < arguments.ColumnCount(); ++i) {
    arguments.data[i].ToUnifiedFormat(count, formats[i]);
  }
  const auto list_of = [&](size_t column, idx_t row) {
    return duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(
        formats[column])[formats[column].sel->get_index(row)];
  };
  std::vector<Picks> picks(arguments.ColumnCount());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    bool null = false;
    idx_t longest = 0;
    for (size_t i = 0; i < formats.size(); ++i) {
      null |= !formats[i].validity.RowIsValid(formats[i].sel->get_index(row));
    }
    for (size_t i = 0; i < formats.size() && !null; ++i) {
      longest = std::max(longest, list_of(i, row).length);
    }
    if (null) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    lists[row] = duckdb::list_entry_t(picks[0].size(), longest);
    for (size_t i = 0; i < formats.size(); ++i) {
      const duckdb::list_entry_t list = list_of(i, row);
      PickRange(list.offset, list.offset + list.length, picks[i]);
      picks[i].insert(picks[i].end(), longest - list.length, kNoElement);
    }
  }
  duckdb::ListVector::Reserve(result, picks[0].size());
  auto& fields = duckdb::StructVector::GetEntries(duckdb::ListVector::GetEntry(result));
  for (size_t i = 0; i < fields.size(); ++i) {
    CopyPicked(duckdb::ListVector::GetEntry(arguments.data[i]), picks[i], *fields[i]);
  }
  duckdb::ListVector::SetListSize(result, picks[0].size());
  SetConstant(constant, result);
}

// ---- array_join ----

absl::StatusOr<DuckExpr> EmitJoin(const CallSite& site, DuckExprs values) {
  const Type& type = site.argument(0);
  const TypeKind element = type.element().kind();
  if (!type.element().children().empty() || element == TypeKind::kVarbinary) {
    return NamedError("OPERATOR_NOT_FOUND",
                      absl::StrCat("Cannot cast ", type.element().ToString(), " to varchar"));
  }
  if (element != TypeKind::kVarchar) {
    ASSIGN_OR_RETURN(values[0], site.emitter.Cast(type, Type::Array(Type::Varchar()),
                                                  /*safe=*/false, std::move(values[0])));
  }
  const std::string_view name = values.size() == 2 ? "array_join" : "array_join_nulls";
  return CallPrivate(name, std::move(values));
}

void JoinLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  std::vector<Cells> columns;
  for (duckdb::Vector& column : arguments.data) {
    columns.emplace_back(column, count);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::string text;
  for (idx_t row = 0; row < count; ++row) {
    if (std::any_of(columns.begin(), columns.end(),
                    [row](const Cells& column) { return column[row].IsNull(); })) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    text.clear();
    bool first = true;
    const Cell list = columns[0][row];
    for (idx_t i = 0; i < list.size(); ++i) {
      const bool null = list.Element(i).IsNull();
      if (null && columns.size() == 2) {
        continue;
      }
      absl::StrAppend(&text, first ? std::string_view() : columns[1][row].Text(),
                      null ? columns[2][row].Text() : list.Element(i).Text());
      first = false;
    }
    ListWriter::StoreText(result, row, text);
  }
  SetConstant(constant, result);
}

// ---- Points of a space ----

// Measures of two points are made coordinate by coordinate. NULL counts as 0, or makes the measure
// NULL.

struct DotProduct {
  static constexpr bool kNullIsZero = true;

  double sum = 0;

  void Add(double x, double y) { sum += x * y; }

  double Result() const { return sum; }
};

struct EuclideanDistance {
  static constexpr bool kNullIsZero = true;

  double sum = 0;

  void Add(double x, double y) { sum += (x - y) * (x - y); }

  double Result() const { return std::sqrt(sum); }
};

struct CosineSimilarity {
  static constexpr bool kNullIsZero = false;

  double dot = 0;
  double left = 0;
  double right = 0;

  void Add(double x, double y) {
    dot += x * y;
    left += x * x;
    right += y * y;
  }

  double Result() const {
    if (left == 0 || right == 0) {
      RaiseInvalid("Vector magnitude cannot be zero");
    }
    return dot / std::sqrt(left * right);
  }
};

struct CosineDistance : CosineSimilarity {
  double Result() const { return 1.0 - CosineSimilarity::Result(); }
};

// A column of arrays of numbers.
class Points {
 public:
  Points(duckdb::Vector& lists, idx_t count) {
    lists.ToUnifiedFormat(count, lists_);
    duckdb::Vector& numbers = duckdb::ListVector::GetEntry(lists);
    numbers.Flatten(duckdb::ListVector::GetListSize(lists));
    numbers_ = duckdb::FlatVector::GetData<double>(numbers);
    validity_ = &duckdb::FlatVector::Validity(numbers);
  }

  bool IsNull(idx_t row) const { return !lists_.validity.RowIsValid(lists_.sel->get_index(row)); }

  const duckdb::list_entry_t& operator[](idx_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(
        lists_)[lists_.sel->get_index(row)];
  }

  const double* numbers(const duckdb::list_entry_t& list) const { return numbers_ + list.offset; }

  double Number(const duckdb::list_entry_t& list, idx_t index) const {
    return validity_->RowIsValid(list.offset + index) ? numbers_[list.offset + index] : 0.0;
  }

  bool HasNull(const duckdb::list_entry_t& list) const {
    if (validity_->AllValid()) {
      return false;
    }
    for (idx_t i = 0; i < list.length; ++i) {
      if (!validity_->RowIsValid(list.offset + i)) {
        return true;
      }
    }
    return false;
  }

 private:
  duckdb::UnifiedVectorFormat lists_;
  const double* numbers_ = nullptr;
  const duckdb::ValidityMask* validity_ = nullptr;
};

// nullopt is NULL.
template <typename Measure>
std::optional<double> MeasureRow(const Points& lefts, const Points& rights, idx_t row) {
  if (lefts.IsNull(row) || rights.IsNull(row)) {
    return std::nullopt;
  }
  const duckdb::list_entry_t& left = lefts[row];
  const duckdb::list_entry_t& right = rights[row];
  if (left.length != right.length) {
    RaiseInvalid("The arguments must have the same length");
  }
  Measure measure;
  if (lefts.HasNull(left) || rights.HasNull(right)) {
    if (!Measure::kNullIsZero) {
      return std::nullopt;
    }
    for (idx_t i = 0; i < left.length; ++i) {
      measure.Add(lefts.Number(left, i), rights.Number(right, i));
    }
    return measure.Result();
  }
  const double* const x = lefts.numbers(left);
  const double* const y = rights.numbers(right);
  for (idx_t i = 0; i < left.length; ++i) {
    measure.Add(x[i], y[i]);
  }
  return measure.Result();
}

template <typename Measure>
void PointsLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Points lefts(arguments.data[0], count);
  const Points rights(arguments.data[1], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* values = duckdb::FlatVector::GetData<double>(result);
  for (idx_t row = 0; row < count; ++row) {
    const std::optional<double> value = MeasureRow<Measure>(lefts, rights, row);
    if (value.has_value()) {
      values[row] = *value;
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  SetConstant(constant, result);
}

void AddVectors(AdapterTable& table) {
  table.Typed("dot_product(array(double),array(double))", BindTyped<PointsLoop<DotProduct>>);
  table.Typed("euclidean_distance(array(double),array(double))",
              BindTyped<PointsLoop<EuclideanDistance>>);
  table.Typed("cosine_similarity(array(double),array(double))",
              BindTyped<PointsLoop<CosineSimilarity>>);
  table.Typed("cosine_distance(array(double),array(double))",
              BindTyped<PointsLoop<CosineDistance>>);
}

void AddSets(AdapterTable& table) {
  table.Typed("array_distinct(array(e))", BindTyped<PickLoop<Distinct>>);
  table.Typed("array_except(array(e),array(e))", BindTyped<PickLoop<Except>>);
  table.Typed("array_intersect(array(e),array(e))", BindTyped<PickLoop<Intersect>>);
  table.Typed("array_union(array(e),array(e))", BindTyped<PickLoop<Union>>);
  table.Typed("arrays_overlap(array(e),array(e))", BindTyped<ValueLoop<bool, Overlap>>);
  table.Typed("array_remove(array(e),e)", BindTyped<PickLoop<Remove>>);
}

void AddPlaces(AdapterTable& table) {
  table.Typed("$subscript(array(E),bigint)", BindTyped<ElementLoop<Subscript>>);
  table.Typed("element_at(array(e),bigint)", BindTyped<ElementLoop<ElementAt>>);
  table.Typed("cardinality(array(e))", BindTyped<CardinalityLoop>);
  table.Typed("contains(array(t),t)", BindPlain<PlainContains, ValueLoop<bool, Contains>>);
  table.Typed("array_position(array(t),t)",
              BindPlain<PlainPosition, ValueLoop<int64_t, ArrayPosition>>);
  table.Typed("contains_sequence(array(t),array(t))", BindTyped<ValueLoop<bool, ContainsSequence>>);
}

void AddOrder(AdapterTable& table) {
  table.Typed("array_max(array(t))", BindPlain<PlainMaximum, ElementLoop<Extreme<true>>>);
  table.Typed("array_min(array(t))", BindPlain<PlainMinimum, ElementLoop<Extreme<false>>>);
  table.Typed("array_sort(array(e))", BindTyped<PickLoop<Sort>>);
  table.Typed("reverse(array(e))", BindTyped<PickLoop<Reverse>>);
  table.Typed("shuffle(array(e))", BindTyped<PickLoop<Shuffle>>);
}

void AddParts(AdapterTable& table) {
  table.Typed("slice(array(e),bigint,bigint)", BindTyped<PickLoop<Slice>>);
  table.Typed("trim_array(array(e),bigint)", BindTyped<PickLoop<TrimArray>>);
  table.Typed("repeat(t,bigint)", BindTyped<PickLoop<Repeat, true>>);
  table.Typed("ngrams(array(t),integer)", BindTyped<NestedLoop<Ngrams>>);
  table.Typed("combinations(array(t),integer)", BindTyped<NestedLoop<Combinations>>);
  table.Typed("flatten(array(array(E)))", BindTyped<FlattenLoop>);
  for (std::string_view name : {"$concat", "concat"}) {
    table.Typed(absl::StrCat(name, "(array(E)...)"), BindTyped<PickLoop<Concatenate>>);
    table.Typed(absl::StrCat(name, "(array(E),E)"), BindTyped<PickLoop<Append>>);
    table.Typed(absl::StrCat(name, "(E,array(E))"), BindTyped<PickLoop<Prepend>>);
  }
}

}  // namespace

void AddArrays(AdapterTable& table) {
  AddSets(table);
  AddPlaces(table);
  AddOrder(table);
  AddParts(table);
  AddVectors(table);
  for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
    if (entry.name == "zip") {
      table.Typed(entry.id, BindTyped<ZipLoop>);
    }
  }
  const duckdb::LogicalType texts = duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR);
  table.Private("array_join", {texts, duckdb::LogicalType::VARCHAR}, duckdb::LogicalType::VARCHAR,
                JoinLoop);
  table.Private("array_join_nulls",
                {texts, duckdb::LogicalType::VARCHAR, duckdb::LogicalType::VARCHAR},
                duckdb::LogicalType::VARCHAR, JoinLoop);
  table.Emit("array_join(array(e),varchar)", EmitJoin);
  table.Emit("array_join(array(e),varchar,varchar)", EmitJoin);
  table.Emit("concat_ws(varchar,array(varchar))",
             [](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
               return CallPrivate("array_join",
                                  MakeTrees(std::move(values[1]), std::move(values[0])));
             });
}

}  // namespace pallas::engine
