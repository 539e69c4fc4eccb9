#include "sdk/protocol/batch_message.h"

#include <utility>

#include "arrow/buffer.h"
#include "arrow/io/interfaces.h"
#include "arrow/record_batch.h"

#include "base/status_macros.h"
#include "sdk/protocol/ipc_writing_internal.h"
#include "types/arrow_status.h"

namespace pallas::sdk::protocol {
namespace {

constexpr int64_t kAlignment = 8;

constexpr int64_t Padded(int64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

// Hands on what Arrow writes. Keeps our error: Arrow's has no room for its code.
class PieceStream final : public arrow::io::OutputStream {
 public:
  explicit PieceStream(const std::function<absl::Status(std::string_view)>& sink) : sink_(sink) {}

  arrow::Status Write(const void* data, int64_t num_bytes) override {
    if (num_bytes == 0) {
      return arrow::Status::OK();
    }
    status_ = sink_({static_cast<const char*>(data), static_cast<size_t>(num_bytes)});
    position_ += num_bytes;
    return status_.ok() ? arrow::Status::OK() : arrow::Status::IOError("the sink refused a piece");
  }

  arrow::Status Close() override { return arrow::Status::OK(); }

  bool closed() const override { return false; }

  arrow::Result<int64_t> Tell() const override { return position_; }

  const absl::Status& status() const { return status_; }

 private:
  const std::function<absl::Status(std::string_view)>& sink_;
  absl::Status status_;
  int64_t position_ = 0;
};

}  // namespace

arrow::ipc::IpcWriteOptions WriteOptions(Framing framing) {
  arrow::ipc::IpcWriteOptions options = arrow::ipc::IpcWriteOptions::Defaults();
  options.alignment = kAlignment;
  options.write_legacy_ipc_format = framing == Framing::kLegacy;
  options.metadata_version = framing == Framing::kLegacy ? arrow::ipc::MetadataVersion::V4
                                                         : arrow::ipc::MetadataVersion::V5;
  return options;
}

int64_t MessageBytes(const arrow::ipc::IpcPayload& payload, Framing framing) {
  const int64_t prefix_bytes = framing == Framing::kLegacy ? 4 : 8;
  return Padded(prefix_bytes + payload.metadata->size()) + payload.body_length;
}

struct BatchMessage::Impl {
  Framing framing;
  arrow::ipc::IpcPayload payload;
};

BatchMessage::BatchMessage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

BatchMessage::BatchMessage(BatchMessage&& other) noexcept = default;
BatchMessage& BatchMessage::operator=(BatchMessage&& other) noexcept = default;
BatchMessage::~BatchMessage() = default;

absl::StatusOr<BatchMessage> BatchMessage::Make(const arrow::RecordBatch& batch, Framing framing) {
  auto impl = std::make_unique<Impl>();
  impl->framing = framing;
  RETURN_IF_ERROR(arrow::ipc::GetRecordBatchPayload(batch, WriteOptions(framing), &impl->payload));
  return BatchMessage(std::move(impl));
}

int64_t BatchMessage::size() const { return MessageBytes(impl_->payload, impl_->framing); }

absl::Status BatchMessage::ForEachPiece(
    const std::function<absl::Status(std::string_view)>& sink) const {
  PieceStream stream(sink);
  int32_t metadata_length = 0;
  const arrow::Status written = arrow::ipc::WriteIpcPayload(
      impl_->payload, WriteOptions(impl_->framing), &stream, &metadata_length);
  RETURN_IF_ERROR(stream.status());
  RETURN_IF_ERROR(written);
  ASSIGN_OR_RETURN(const int64_t bytes, stream.Tell());
  return bytes == size() ? absl::OkStatus()
                         : absl::InternalError("an Arrow message has another size than its parts");
}

}  // namespace pallas::sdk::protocol
