#ifndef PALLAS_CONNECTORS_MYSQL_CELL_DECODER_H_
#define PALLAS_CONNECTORS_MYSQL_CELL_DECODER_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "arrow/array/builder_base.h"

#include "connectors/mysql/type_mapping.h"

namespace pallas::mysql {

// Appends cells of the text protocol to the builder of one column. A plain function and its data,
// because it runs for every cell of a scan.
class CellDecoder {
 public:
  // `builder` is borrowed and of the type of `mapping`.
  CellDecoder(const ColumnMapping& mapping, arrow::ArrayBuilder& builder);

  // Makes room for `rows` more cells, and for as many bytes of text as the last batch had.
  absl::Status Reserve(int64_t rows);

  // Appends a value. False: the text is not one that this type has, or memory ran out.
  // REQUIRES: room for a cell.
  bool Append(const char* text, size_t size) { return append_(*this, text, size); }

  // To be called before the builder is finished.
  void EndBatch();

  arrow::ArrayBuilder& builder() const { return *builder_; }

  int32_t precision() const { return precision_; }

  int32_t scale() const { return scale_; }

  // The bytes that a row adds to the batch besides those of texts.
  int64_t fixed_bytes() const { return fixed_bytes_; }

 private:
  using AppendFunction = bool (*)(CellDecoder& decoder, const char* text, size_t size);

  AppendFunction append_;
  arrow::ArrayBuilder* builder_;
  bool is_text_ = false;
  int32_t precision_ = 0;
  int32_t scale_ = 0;
  int64_t fixed_bytes_ = 0;
  int64_t text_bytes_ = 0;  // of the last batch
};

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_CELL_DECODER_H_
