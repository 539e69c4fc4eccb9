#include "engine/duckdb/functions/array_rows.h"

#include <algorithm>

#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

using duckdb::idx_t;

// Maps are lists of rows of key and value.
bool IsListOf(const Type& type, const Type& element) {
  if (type.kind() == TypeKind::kMap) {
    return element.kind() == TypeKind::kRow && element.children() == type.children();
  }
  return type.kind() == TypeKind::kArray && type.element() == element;
}

// The physical type of the elements.
duckdb::LogicalType ElementType(const duckdb::DataChunk& arguments, const std::vector<Type>& types,
                                const Type& element) {
  for (size_t i = 0; i < types.size(); ++i) {
    if (IsListOf(types[i], element)) {
      return duckdb::ListType::GetChildType(arguments.data[i].GetType());
    }
  }
  return ToDuckDbType(element);
}

}  // namespace

Elements::Elements(duckdb::DataChunk& arguments, idx_t count, const std::vector<Type>& types,
                   const Type& element)
    : vector_(ElementType(arguments, types, element), nullptr),
      offsets_(arguments.ColumnCount()),
      formats_(arguments.ColumnCount()) {
  idx_t size = 0;
  size_t sources = 0;
  duckdb::Vector* only = nullptr;
  for (size_t i = 0; i < arguments.ColumnCount(); ++i) {
    duckdb::Vector& column = arguments.data[i];
    column.ToUnifiedFormat(count, formats_[i]);
    offsets_[i] = size;
    if (IsListOf(types[i], element)) {
      size += duckdb::ListVector::GetListSize(column);
      only = &duckdb::ListVector::GetEntry(column);
      ++sources;
    } else if (types[i] == element) {
      size += count;
      sources += 2;  // never taken as it is: it may be constant
    }
  }
  if (sources == 1) {
    vector_.Reference(*only);
  } else {
    vector_.Initialize(false, std::max<idx_t>(size, 1));
    for (size_t i = 0; i < arguments.ColumnCount(); ++i) {
      duckdb::Vector& column = arguments.data[i];
      if (IsListOf(types[i], element)) {
        duckdb::VectorOperations::Copy(duckdb::ListVector::GetEntry(column), vector_,
                                       duckdb::ListVector::GetListSize(column), 0, offsets_[i]);
      } else if (types[i] == element) {
        duckdb::VectorOperations::Copy(column, vector_, count, 0, offsets_[i]);
      }
    }
  }
  cells_.emplace(vector_, size);
}

ElementRange Elements::List(size_t column, idx_t row) const {
  const duckdb::UnifiedVectorFormat& format = formats_[column];
  const auto& entry = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(
      format)[format.sel->get_index(row)];
  return {offsets_[column] + entry.offset, entry.length};
}

idx_t Elements::Single(size_t column, idx_t row) const { return offsets_[column] + row; }

const std::string& CellSet::KeyOf(const Cell& cell) {
  key_.clear();
  AppendKey(type_, cell, /*raise_on_null=*/false, &key_);
  return key_;
}

bool CellSet::Add(const Cell& cell) {
  if (cell.IsNull()) {
    const bool added = !has_null_;
    has_null_ = true;
    return added;
  }
  if (!keys_.empty()) {
    return keys_.insert(KeyOf(cell)).second;
  }
  const std::optional<Int128> number = IdentityOf(type_, cell);
  if (number.has_value() ? ContainsNumber(*number) : ContainsValue(cell)) {
    return false;
  }
  cells_.push_back(cell);
  if (number.has_value()) {
    numbers_.push_back(*number);
  }
  if (cells_.size() > kMaxCompared) {
    for (const Cell& known : cells_) {
      keys_.insert(KeyOf(known));
    }
  }
  return true;
}

bool CellSet::ContainsNumber(Int128 number) const {
  return std::find(numbers_.begin(), numbers_.end(), number) != numbers_.end();
}

bool CellSet::ContainsValue(const Cell& cell) const {
  return std::any_of(cells_.begin(), cells_.end(),
                     [&](const Cell& known) { return IdenticalCells(type_, known, cell); });
}

bool CellSet::Contains(const Cell& cell) {
  if (cell.IsNull()) {
    return has_null_;
  }
  if (!keys_.empty()) {
    return keys_.contains(KeyOf(cell));
  }
  const std::optional<Int128> number = IdentityOf(type_, cell);
  return number.has_value() ? ContainsNumber(*number) : ContainsValue(cell);
}

void CopyPicked(duckdb::Vector& source, const std::vector<idx_t>& picks, duckdb::Vector& target) {
  if (picks.empty()) {
    return;
  }
  duckdb::SelectionVector selection(picks.size());
  bool any = false;
  for (size_t i = 0; i < picks.size(); ++i) {
    any |= picks[i] != kNoElement;
    selection.set_index(i, picks[i] == kNoElement ? 0 : picks[i]);
  }
  if (any) {
    duckdb::VectorOperations::Copy(source, target, selection, picks.size(), 0, 0);
  }
  for (size_t i = 0; i < picks.size(); ++i) {
    if (picks[i] == kNoElement) {
      duckdb::FlatVector::SetNull(target, i, true);
    }
  }
}

}  // namespace pallas::engine
