#include "sdk/connector.h"

#include "arrow/builder.h"
#include "arrow/record_batch.h"

#include "base/check.h"

namespace pallas::sdk {

Partitions SinglePartition() {
  static const auto* const kRows = [] {
    arrow::Int32Builder builder;
    std::shared_ptr<arrow::Array> ids;
    CHECK(builder.Append(1).ok() && builder.Finish(&ids).ok());
    return new std::shared_ptr<arrow::RecordBatch>(arrow::RecordBatch::Make(
        arrow::schema({arrow::field("partitionId", arrow::int32())}), 1, {ids}));
  }();
  return Partitions{*kRows};
}

}  // namespace pallas::sdk
