#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_CELLS_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_CELLS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "duckdb/common/types/vector.hpp"

#include "engine/duckdb/functions/int128.h"
#include "types/type.h"

// Values inside vectors of any type, nested ones too, without copying them out.

namespace pallas::engine {

// One cell of a vector. Borrows the format; trivially copied.
class Cell {
 public:
  Cell(const duckdb::RecursiveUnifiedVectorFormat& format, duckdb::idx_t row)
      : format_(&format), row_(row) {}

  bool IsNull() const {
    return !format_->unified.validity.RowIsValid(format_->unified.sel->get_index(row_));
  }

  // T is the physical type. REQUIRES: !IsNull(), here and below.
  template <typename T>
  const T& Get() const {
    return duckdb::UnifiedVectorFormat::GetData<T>(
        format_->unified)[format_->unified.sel->get_index(row_)];
  }

  std::string_view Text() const {
    const auto& text = Get<duckdb::string_t>();
    return {text.GetData(), text.GetSize()};
  }

  // Of a list or map.
  duckdb::idx_t size() const { return Get<duckdb::list_entry_t>().length; }

  Cell Element(duckdb::idx_t index) const {
    return {format_->children[0], Get<duckdb::list_entry_t>().offset + index};
  }

  Cell Key(duckdb::idx_t index) const { return Element(index).Field(0); }

  Cell Value(duckdb::idx_t index) const { return Element(index).Field(1); }

  // Of a struct: its children have the same rows.
  Cell Field(duckdb::idx_t index) const { return {format_->children[index], row_}; }

 private:
  const duckdb::RecursiveUnifiedVectorFormat* format_;
  duckdb::idx_t row_;
};

// A vector whose cells are read.
class Cells {
 public:
  Cells(duckdb::Vector& vector, duckdb::idx_t count) {
    duckdb::Vector::RecursiveToUnifiedFormat(vector, count, format_);
  }

  Cell operator[](duckdb::idx_t row) const { return {format_, row}; }

 private:
  duckdb::RecursiveUnifiedVectorFormat format_;
};

// a = b: nullopt is unknown, because of a NULL inside. REQUIRES: neither cell is NULL.
std::optional<bool> EqualCells(const Type& type, const Cell& a, const Cell& b);

// Whether a and b are the same in the sense of IS NOT DISTINCT FROM: NULL is NULL, NaN is NaN.
bool IdenticalCells(const Type& type, const Cell& a, const Cell& b);

// The order of two cells that are not NULL: negative, 0, positive. NaN comes last and is equal to
// itself. Raises NOT_SUPPORTED for a NULL inside. REQUIRES: an orderable type.
int CompareCells(const Type& type, const Cell& a, const Cell& b);

// A number that two cells share if and only if they are the same in the sense of IdenticalCells();
// nullopt for types of which no number is. REQUIRES: not NULL.
std::optional<Int128> IdentityOf(const Type& type, const Cell& cell);

// Whether a < b, and so on, may be answered by the order: false if NaN is on either side.
bool HasNaN(const Type& type, const Cell& a);

// Appends bytes whose order and equality are those of the cells; equality is that of
// IdenticalCells(), map entries are sorted. With `raise_on_null`, a NULL inside raises as in
// CompareCells(); NULL itself is not encoded.
void AppendKey(const Type& type, const Cell& cell, bool raise_on_null, std::string* out);

// A value of char(length) with its trailing blanks.
void AppendPadded(std::string_view text, int64_t length, std::string* out);

// What orders and equates a zoned value: the instant, or the UTC time of the day.
int64_t InstantOf(int64_t packed_timestamp);
duckdb::hugeint_t InstantOf(int64_t packed_timestamp, int32_t picos_of_milli);
int64_t UtcNanosOf(int64_t packed_time);
int64_t UtcPicosOf(int64_t local_picos, int32_t offset_minutes);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_CELLS_H_
