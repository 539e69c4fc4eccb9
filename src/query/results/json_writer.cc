#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"

#include "base/status_macros.h"
#include "query/results/json_text.h"
#include "query/results/result_writer.h"
#include "sql/runtime/json.h"

namespace pallas::query {
namespace {

constexpr size_t kFlushBytes = 256 * 1024;

class JsonWriter final : public ResultWriter {
 public:
  explicit JsonWriter(ByteSink sink) : sink_(std::move(sink)) {}

  absl::Status Begin(const std::vector<engine::ResultColumn>& columns) override {
    std::set<std::string> seen;
    for (const engine::ResultColumn& column : columns) {
      std::string name = column.name;
      for (int copy = 2; !seen.insert(name).second; ++copy) {
        name = absl::StrCat(column.name, "_", copy);
      }
      std::string key;
      sql::AppendJsonString(name, &key);
      keys_.push_back(absl::StrCat(keys_.empty() ? "{" : ",", key, ":"));
      types_.push_back(column.type);
    }
    return absl::OkStatus();
  }

  absl::Status Write(const arrow::RecordBatch& batch) override {
    const arrow::ArrayVector& arrays = batch.columns();
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      for (size_t i = 0; i < keys_.size(); ++i) {
        buffer_.append(keys_[i]);
        AppendJsonValue(types_[i], *arrays[i], row, &buffer_);
      }
      buffer_.append("}\n");
      if (buffer_.size() >= kFlushBytes) {
        RETURN_IF_ERROR(Flush());
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
  std::vector<std::string> keys_;  // with the punctuation before and after
  std::vector<Type> types_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeJsonWriter(ByteSink sink) {
  return std::make_unique<JsonWriter>(std::move(sink));
}

}  // namespace pallas::query
