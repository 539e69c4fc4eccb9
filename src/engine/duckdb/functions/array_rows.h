#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_ARRAY_ROWS_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_ARRAY_ROWS_H_

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "types/type.h"

// Functions on arrays, whose results are elements of their arguments: they say which, by index, and
// the elements are copied at once, whatever their type.

namespace pallas::engine {

// The elements of one array, as indices into Elements.
struct ElementRange {
  duckdb::idx_t begin = 0;
  duckdb::idx_t size = 0;

  duckdb::idx_t end() const { return begin + size; }
};

// The elements of all arguments of type array(element), and the arguments of type `element`, as one
// vector. Borrows the arguments.
class Elements {
 public:
  Elements(duckdb::DataChunk& arguments, duckdb::idx_t count, const std::vector<Type>& types,
           const Type& element);

  // REQUIRES: not NULL.
  ElementRange List(size_t column, duckdb::idx_t row) const;
  // The argument itself, which may be NULL.
  duckdb::idx_t Single(size_t column, duckdb::idx_t row) const;

  Cell operator[](duckdb::idx_t index) const { return (*cells_)[index]; }

  duckdb::Vector& vector() { return vector_; }

 private:
  duckdb::Vector vector_;
  std::optional<Cells> cells_;
  std::vector<duckdb::idx_t> offsets_;  // by column
  std::vector<duckdb::UnifiedVectorFormat> formats_;
};

// One row of a call, as functions see it.
class ArrayRow {
 public:
  ArrayRow(const TypedBindData& types, const Type& element_type, const Elements& elements,
           const std::vector<duckdb::UnifiedVectorFormat>& formats, duckdb::idx_t row)
      : types_(types),
        element_type_(element_type),
        elements_(elements),
        formats_(formats),
        row_(row) {}

  const TypedBindData& types() const { return types_; }

  const Type& element_type() const { return element_type_; }

  bool IsNull(size_t column) const {
    return !formats_[column].validity.RowIsValid(formats_[column].sel->get_index(row_));
  }

  ElementRange List(size_t column) const { return elements_.List(column, row_); }

  duckdb::idx_t Single(size_t column) const { return elements_.Single(column, row_); }

  template <typename T>
  T Value(size_t column) const {
    return duckdb::UnifiedVectorFormat::GetData<T>(
        formats_[column])[formats_[column].sel->get_index(row_)];
  }

  Cell operator[](duckdb::idx_t index) const { return elements_[index]; }

 private:
  const TypedBindData& types_;
  const Type& element_type_;
  const Elements& elements_;
  const std::vector<duckdb::UnifiedVectorFormat>& formats_;
  duckdb::idx_t row_;
};

// Distinct cells, in the sense of IS NOT DISTINCT FROM. Borrows them.
class CellSet {
 public:
  explicit CellSet(const Type& type) : type_(type) {}

  // Whether it was not there yet.
  bool Add(const Cell& cell);
  bool Contains(const Cell& cell);

  bool has_null() const { return has_null_; }

 private:
  static constexpr size_t kMaxCompared = 16;

  const std::string& KeyOf(const Cell& cell);

  bool ContainsValue(const Cell& cell) const;
  bool ContainsNumber(Int128 number) const;

  const Type& type_;
  // A few values are compared one by one; when there are more, they are found by their keys.
  absl::InlinedVector<Int128, kMaxCompared> numbers_;  // of types of which IdentityOf() is
  absl::InlinedVector<Cell, kMaxCompared> cells_;
  std::unordered_set<std::string> keys_;
  std::string key_;
  bool has_null_ = false;
};

// Makes `target` the cells of `source` with those indices; kNoElement is NULL.
inline constexpr duckdb::idx_t kNoElement = duckdb::idx_t(-1);
void CopyPicked(duckdb::Vector& source, const std::vector<duckdb::idx_t>& picks,
                duckdb::Vector& target);

// Calls `fn(row, ArrayRow)` for each row without a NULL, or each if the function is called on NULL;
// `skip(row)` for the others.
template <typename Fn, typename Skip>
void ForArrayRows(duckdb::DataChunk& arguments, const TypedBindData& types,
                  const Type& element_type, const Elements& elements, duckdb::idx_t count,
                  bool called_on_null, duckdb::Vector& result, Fn fn, Skip skip) {
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (duckdb::idx_t i = 0; i < arguments.ColumnCount(); ++i) {
    arguments.data[i].ToUnifiedFormat(count, formats[i]);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const ArrayRow call(types, element_type, elements, formats, row);
    bool null = false;
    for (size_t i = 0; i < formats.size() && !called_on_null; ++i) {
      null |= call.IsNull(i);
    }
    if (null) {
      skip(row);
    } else {
      fn(row, call);
    }
  }
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_ARRAY_ROWS_H_
