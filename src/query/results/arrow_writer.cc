#include <string>

#include "arrow/buffer.h"
#include "arrow/io/interfaces.h"
#include "arrow/ipc/writer.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/status_macros.h"
#include "query/results/result_writer.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace pallas::query {
namespace {

// Hands what Arrow writes to a ByteSink.
class SinkStream final : public arrow::io::OutputStream {
 public:
  explicit SinkStream(ByteSink sink) : sink_(std::move(sink)) {}

  arrow::Status Write(const void* data, int64_t num_bytes) override {
    status_ = sink_({static_cast<const char*>(data), static_cast<size_t>(num_bytes)});
    position_ += num_bytes;
    return status_.ok() ? arrow::Status::OK()
                        : arrow::Status::IOError(std::string(status_.message()));
  }

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }

  arrow::Result<int64_t> Tell() const override { return position_; }

  bool closed() const override { return closed_; }

 private:
  ByteSink sink_;
  absl::Status status_;
  int64_t position_ = 0;
  bool closed_ = false;
};

class ArrowWriter final : public ResultWriter {
 public:
  explicit ArrowWriter(ByteSink sink) : stream_(std::move(sink)) {}

  absl::Status Begin(const std::vector<engine::ResultColumn>& columns) override {
    arrow::FieldVector fields;
    for (const engine::ResultColumn& column : columns) {
      fields.push_back(
          arrow::field(column.name, ToResultArrowType(column.type), /*nullable=*/true,
                       arrow::key_value_metadata({"trino.type"}, {column.type.ToString()})));
    }
    schema_ = arrow::schema(std::move(fields));
    ASSIGN_OR_RETURN(writer_, arrow::ipc::MakeStreamWriter(&stream_, schema_));
    return absl::OkStatus();
  }

  absl::Status Write(const arrow::RecordBatch& batch) override {
    RETURN_IF_ERROR(writer_->WriteRecordBatch(
        *arrow::RecordBatch::Make(schema_, batch.num_rows(), batch.columns())));
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    RETURN_IF_ERROR(writer_->Close());
    return absl::OkStatus();
  }

 private:
  SinkStream stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeArrowWriter(ByteSink sink) {
  return std::make_unique<ArrowWriter>(std::move(sink));
}

}  // namespace pallas::query
