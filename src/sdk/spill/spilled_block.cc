#include "sdk/spill/spilled_block.h"

#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/buffer.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/batch_message.h"
#include "types/arrow_status.h"

namespace pallas::sdk {
namespace {

std::span<uint8_t> MutableSpan(arrow::Buffer& buffer) {
  return {buffer.mutable_data(), static_cast<size_t>(buffer.size())};
}

absl::Status AtBlock(const absl::Status& status, const std::string& key) {
  return Annotate(status, absl::StrCat("spilled block '", key, "': "));
}

absl::StatusOr<std::shared_ptr<arrow::Buffer>> ReadObject(storage::ObjectStore& store,
                                                          const std::string& key, int64_t max_bytes,
                                                          const Cancellation& cancellation) {
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::ObjectReader> reader,
                   store.Open(key, cancellation));
  const int64_t size = reader->info().size;
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it has ", size, " bytes, over the limit of ", max_bytes));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(size));
  RETURN_IF_ERROR(reader->Read(0, size, reinterpret_cast<char*>(buffer->mutable_data())));
  return buffer;
}

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::Buffer>> EncodeSpilledBlock(const arrow::RecordBatch& batch,
                                                                  const BlockCipher* cipher) {
  if (cipher == nullptr) {
    return protocol::SerializeBatch(batch, protocol::Framing::kLegacy);
  }
  ASSIGN_OR_RETURN(const protocol::BatchMessage message,
                   protocol::BatchMessage::Make(batch, protocol::Framing::kLegacy));
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bytes,
                   arrow::AllocateBuffer(message.size() + int64_t{kBlockTagBytes}));
  RETURN_IF_ERROR(cipher->Encrypt([&](const auto& sink) { return message.ForEachPiece(sink); },
                                  bytes->mutable_data()));
  return bytes;
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> DecodeSpilledBlock(
    std::shared_ptr<arrow::Buffer> bytes, const std::shared_ptr<arrow::Schema>& schema,
    const BlockCipher* cipher) {
  if (cipher != nullptr) {
    ASSIGN_OR_RETURN(const size_t size, cipher->Decrypt(MutableSpan(*bytes)));
    bytes = arrow::SliceBuffer(bytes, 0, static_cast<int64_t>(size));
  }
  return protocol::ParseBatch(bytes, schema);
}

absl::Status WriteSpilledBlock(storage::ObjectStore& store, const std::string& key,
                               const arrow::RecordBatch& batch, const BlockCipher* cipher) {
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Buffer> bytes, EncodeSpilledBlock(batch, cipher));
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::ObjectWriter> writer, store.Create(key));
  RETURN_IF_ERROR(writer->Write(
      {reinterpret_cast<const char*>(bytes->data()), static_cast<size_t>(bytes->size())}));
  return writer->Finish().status();
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadSpilledBlock(
    storage::ObjectStore& store, const std::string& key,
    const std::shared_ptr<arrow::Schema>& schema, const BlockCipher* cipher, int64_t max_bytes,
    const Cancellation& cancellation) {
  absl::StatusOr<std::shared_ptr<arrow::Buffer>> bytes =
      ReadObject(store, key, max_bytes, cancellation);
  if (!bytes.ok()) {
    return AtBlock(bytes.status(), key);
  }
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> batch =
      DecodeSpilledBlock(*std::move(bytes), schema, cipher);
  return batch.ok() ? std::move(batch) : AtBlock(batch.status(), key);
}

}  // namespace pallas::sdk
