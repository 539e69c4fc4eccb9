#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_LIST_WRITER_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_LIST_WRITER_H_

#include <algorithm>
#include <optional>
#include <string_view>

#include "duckdb/common/types/string_type.hpp"
#include "duckdb/common/types/vector.hpp"

// Writing the lists of a result vector one after the other.

namespace pallas::engine {

// Appends elements to the lists of a flat list or map vector. Begin() opens the list of a row,
// which is what Add...() fills until the next Begin(). Borrows the vector.
class ListWriter {
 public:
  explicit ListWriter(duckdb::Vector& lists)
      : lists_(lists),
        entries_(duckdb::FlatVector::GetData<duckdb::list_entry_t>(lists)),
        size_(duckdb::ListVector::GetListSize(lists)) {}

  void Begin(duckdb::idx_t row) {
    entry_ = &entries_[row];
    *entry_ = duckdb::list_entry_t(size_, 0);
  }

  // Room for one element more; where it is in the child vector.
  duckdb::idx_t Add() {
    if (size_ == capacity_) {
      capacity_ = std::max<duckdb::idx_t>(2 * capacity_, STANDARD_VECTOR_SIZE);
      duckdb::ListVector::Reserve(lists_, std::max(capacity_, size_ + 1));
      capacity_ = std::max(capacity_, size_ + 1);
    }
    ++entry_->length;
    ++size_;
    duckdb::ListVector::SetListSize(lists_, size_);
    return size_ - 1;
  }

  void AddText(std::string_view text) {
    const duckdb::idx_t index = Add();
    StoreText(child(), index, text);
  }

  void AddText(const std::optional<std::string_view>& text) {
    if (text.has_value()) {
      AddText(*text);
    } else {
      AddNull();
    }
  }

  void AddNull() {
    const duckdb::idx_t index = Add();
    duckdb::FlatVector::SetNull(child(), index, true);
  }

  template <typename T>
  void AddValue(T value) {
    const duckdb::idx_t index = Add();
    duckdb::FlatVector::GetData<T>(child())[index] = value;
  }

  duckdb::Vector& child() { return duckdb::ListVector::GetEntry(lists_); }

  static void StoreText(duckdb::Vector& vector, duckdb::idx_t row, std::string_view text) {
    duckdb::FlatVector::GetData<duckdb::string_t>(vector)[row] =
        duckdb::StringVector::AddStringOrBlob(vector, text.data(), text.size());
  }

 private:
  duckdb::Vector& lists_;
  duckdb::list_entry_t* entries_;
  duckdb::list_entry_t* entry_ = nullptr;
  duckdb::idx_t size_;
  duckdb::idx_t capacity_ = 0;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_LIST_WRITER_H_
