#ifndef PALLAS_CONNECTORS_REDIS_ROW_WRITER_H_
#define PALLAS_CONNECTORS_REDIS_ROW_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "connectors/redis/cell_decoder.h"
#include "connectors/redis/source_table.h"
#include "sdk/data/batch_builder.h"
#include "sdk/model/scan.h"
#include "sdk/model/table.h"

namespace pallas::redis {

// The texts of one row, each copied as it comes. Kept from row to row for its memory.
class RowTexts {
 public:
  explicit RowTexts(size_t num_columns) : places_(num_columns) {}

  void Clear() {
    bytes_.clear();
    for (std::optional<Place>& place : places_) {
      place.reset();
    }
  }

  void Set(size_t column, std::string_view text) {
    places_[column] = Place{bytes_.size(), text.size()};
    bytes_.append(text);
  }

  std::optional<std::string_view> Get(size_t column) const {
    const std::optional<Place>& place = places_[column];
    return place ? std::optional(std::string_view(bytes_).substr(place->start, place->size))
                 : std::nullopt;
  }

  size_t num_columns() const { return places_.size(); }

  int64_t num_bytes() const { return static_cast<int64_t>(bytes_.size()); }

 private:
  struct Place {
    size_t start = 0;
    size_t size = 0;
  };

  std::string bytes_;
  std::vector<std::optional<Place>> places_;
};

// Turns keys and texts into batches of the columns of a scan. One thread.
class RowWriter {
 public:
  // `columns` as ValueColumns() gives them.
  static absl::StatusOr<RowWriter> Make(const SourceTable& source, const sdk::Table& table,
                                        const sdk::Scan& scan);

  // Adds a row; `texts` has one for each value column, or is null for a row without any.
  absl::Status Add(std::string_view key, const RowTexts* texts);

  // The batch should be taken before more rows are added.
  bool is_full() const { return is_full_; }

  int64_t num_rows() const { return builder_.num_rows(); }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Flush();

 private:
  struct Column {
    std::string name;
    std::string type;
    std::optional<size_t> value;  // which of the value columns; nullopt: the key
    CellDecoder decoder;
  };

  RowWriter(const SourceTable& source, sdk::BatchBuilder builder);

  absl::Status AddCell(Column& column, std::string_view key, std::string_view text);

  std::string table_;
  OnError on_error_;
  sdk::BatchBuilder builder_;
  std::vector<Column> columns_;
  bool is_full_ = false;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_ROW_WRITER_H_
