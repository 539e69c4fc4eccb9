#include <string>

#include "arrow/array.h"
#include "arrow/record_batch.h"

#include "query/results/result_writer.h"
#include "types/value_text.h"

namespace pallas::query {
namespace {

// Text is handed on in pieces of about this size.
constexpr size_t kFlushBytes = 256 * 1024;

void AppendQuoted(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t from = 0;
  for (size_t quote = text.find('"'); quote != std::string_view::npos;
       quote = text.find('"', from)) {
    out->append(text.substr(from, quote + 1 - from));
    out->push_back('"');
    from = quote + 1;
  }
  out->append(text.substr(from));
  out->push_back('"');
}

class CsvWriter final : public ResultWriter {
 public:
  explicit CsvWriter(ByteSink sink) : sink_(std::move(sink)) {}

  absl::Status Begin(const std::vector<engine::ResultColumn>& columns) override {
    columns_ = columns;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) {
        buffer_.push_back(',');
      }
      AppendQuoted(columns_[i].name, &buffer_);
    }
    buffer_.push_back('\n');
    return absl::OkStatus();
  }

  absl::Status Write(const arrow::RecordBatch& batch) override {
    const arrow::ArrayVector& arrays = batch.columns();
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0) {
          buffer_.push_back(',');
        }
        if (arrays[i]->IsNull(row)) {
          continue;
        }
        text_.clear();
        AppendAthenaText(columns_[i].type, *arrays[i], row, &text_);
        AppendQuoted(text_, &buffer_);
      }
      buffer_.push_back('\n');
      if (buffer_.size() >= kFlushBytes) {
        if (absl::Status status = Flush(); !status.ok()) {
          return status;
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override { return Flush(); }

 private:
  absl::Status Flush() {
    absl::Status status = sink_(buffer_);
    buffer_.clear();
    return status;
  }

  ByteSink sink_;
  std::vector<engine::ResultColumn> columns_;
  std::string buffer_;
  std::string text_;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeCsvWriter(ByteSink sink) {
  return std::make_unique<CsvWriter>(std::move(sink));
}

}  // namespace pallas::query
