#ifndef PALLAS_SDK_DATA_BATCH_BUILDER_H_
#define PALLAS_SDK_DATA_BATCH_BUILDER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/array/builder_base.h"
#include "arrow/type_fwd.h"

namespace pallas::sdk {

// The size of batches (design section 6).
inline constexpr int64_t kMaxBatchRows = int64_t{64} * 1024;
inline constexpr int64_t kMaxBatchBytes = int64_t{4} * 1024 * 1024;

// Collects rows into record batches through typed Arrow builders. One thread.
//   for each row: append one cell to every column's builder, then call FinishRow(bytes);
//   when it says the batch is full: Flush().
class BatchBuilder {
 public:
  static absl::StatusOr<BatchBuilder> Make(std::shared_ptr<arrow::Schema> schema);

  // The builder of column `index`; connectors cast it once, outside of their row loop.
  arrow::ArrayBuilder& column(int index) { return *builders_[static_cast<size_t>(index)]; }

  // Counts a row of about `bytes`. True: the batch is full.
  bool FinishRow(int64_t bytes) {
    num_rows_ += 1;
    num_bytes_ += bytes;
    return num_rows_ >= kMaxBatchRows || num_bytes_ >= kMaxBatchBytes;
  }

  // Counts `rows` rows of about `bytes` in all; the caller keeps batches small.
  void FinishRows(int64_t rows, int64_t bytes) {
    num_rows_ += rows;
    num_bytes_ += bytes;
  }

  int64_t num_rows() const { return num_rows_; }

  // The rows so far as a batch, and starts the next one. Every column must have num_rows() cells.
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Flush();

 private:
  BatchBuilder() = default;

  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  int64_t num_rows_ = 0;
  int64_t num_bytes_ = 0;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_DATA_BATCH_BUILDER_H_
