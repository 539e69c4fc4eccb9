#include "sdk/data/batch_builder.h"

#include <utility>

#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::sdk {

absl::StatusOr<BatchBuilder> BatchBuilder::Make(std::shared_ptr<arrow::Schema> schema) {
  BatchBuilder result;
  for (const std::shared_ptr<arrow::Field>& field : schema->fields()) {
    std::unique_ptr<arrow::ArrayBuilder> builder;
    RETURN_IF_ERROR(arrow::MakeBuilder(arrow::default_memory_pool(), field->type(), &builder));
    result.builders_.push_back(std::move(builder));
  }
  result.schema_ = std::move(schema);
  return result;
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> BatchBuilder::Flush() {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  columns.reserve(builders_.size());
  for (const std::unique_ptr<arrow::ArrayBuilder>& builder : builders_) {
    if (builder->length() != num_rows_) {
      return absl::InternalError("a column of a batch has another number of cells than rows");
    }
    std::shared_ptr<arrow::Array> column;
    RETURN_IF_ERROR(builder->Finish(&column));
    columns.push_back(std::move(column));
  }
  std::shared_ptr<arrow::RecordBatch> batch =
      arrow::RecordBatch::Make(schema_, num_rows_, std::move(columns));
  num_rows_ = 0;
  num_bytes_ = 0;
  return batch;
}

}  // namespace pallas::sdk
