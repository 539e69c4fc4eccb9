#include "sdk/protocol/arrow_message.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/io/memory.h"
#include "arrow/ipc/dictionary.h"
#include "arrow/ipc/message.h"
#include "arrow/ipc/reader.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "sdk/protocol/arrow_validation_internal.h"
#include "sdk/protocol/batch_message.h"
#include "sdk/protocol/ipc_writing_internal.h"
#include "types/arrow_status.h"

namespace pallas::sdk::protocol {
namespace {

using arrow::ipc::Message;

constexpr uint32_t kContinuation = 0xFFFFFFFF;
constexpr int64_t kAlignment = 8;

uint32_t ReadWord(const arrow::Buffer& bytes, int64_t offset) {
  uint32_t word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof(word));
  return word;
}

struct Frame {
  int64_t metadata_offset = 0;
  int64_t metadata_length = 0;

  int64_t body_offset() const { return metadata_offset + metadata_length; }
};

absl::StatusOr<Frame> ReadFrame(const arrow::Buffer& bytes) {
  Frame frame;
  if (bytes.size() >= 4) {
    const bool modern = ReadWord(bytes, 0) == kContinuation;
    frame.metadata_offset = modern ? 8 : 4;
    if (bytes.size() >= frame.metadata_offset) {
      frame.metadata_length = ReadWord(bytes, modern ? 4 : 0);
      const int64_t rest = bytes.size() - frame.metadata_offset;
      if (frame.metadata_length > rest) {
        return absl::InvalidArgumentError(
            absl::StrCat("the Arrow message claims ", frame.metadata_length,
                         " bytes of metadata, but only ", rest, " follow"));
      }
    }
  }
  if (frame.metadata_length == 0) {
    return absl::InvalidArgumentError("the Arrow message is cut off before its metadata");
  }
  return frame;
}

// The message in `bytes`, of the type `expected`, with a body as long as it says.
absl::StatusOr<std::unique_ptr<Message>> OpenMessage(const std::shared_ptr<arrow::Buffer>& bytes,
                                                     arrow::ipc::MessageType expected) {
  ASSIGN_OR_RETURN(const Frame frame, ReadFrame(*bytes));
  std::shared_ptr<arrow::Buffer> metadata =
      arrow::SliceBuffer(bytes, frame.metadata_offset, frame.metadata_length);
  if (reinterpret_cast<uintptr_t>(metadata->data()) % kAlignment != 0) {
    // After a prefix of 4 bytes the tables are not where their alignment wants them.
    ASSIGN_OR_RETURN(metadata, metadata->CopySlice(0, metadata->size()));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Message> message, Message::Open(metadata, nullptr));
  if (message->type() != expected || message->header() == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("the Arrow message is a ", arrow::ipc::FormatMessageType(message->type()),
                     ", not a ", arrow::ipc::FormatMessageType(expected)));
  }
  const int64_t rest = bytes->size() - frame.body_offset();
  if (message->body_length() < 0 || message->body_length() > rest) {
    return absl::InvalidArgumentError(absl::StrCat("the Arrow message claims a body of ",
                                                   message->body_length(), " bytes, but ", rest,
                                                   " follow"));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Message> whole,
                   Message::Open(metadata, arrow::SliceBuffer(bytes, frame.body_offset(),
                                                              message->body_length())));
  return whole;
}

absl::StatusOr<std::shared_ptr<arrow::Schema>> ReadSchemaMessage(
    const std::shared_ptr<arrow::Buffer>& bytes) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> message,
                   OpenMessage(bytes, arrow::ipc::MessageType::SCHEMA));
  arrow::ipc::DictionaryMemo dictionaries;
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Schema> schema,
                   arrow::ipc::ReadSchema(*message, &dictionaries));
  RETURN_IF_ERROR(CheckSchemaTypes(*schema));
  return schema;
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadBatchMessage(
    const std::shared_ptr<arrow::Buffer>& bytes, const std::shared_ptr<arrow::Schema>& schema) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> message,
                   OpenMessage(bytes, arrow::ipc::MessageType::RECORD_BATCH));
  RETURN_IF_ERROR(CheckBatchHeader(message->header(), *schema, message->body_length()));
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  const arrow::ipc::DictionaryMemo dictionaries;
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch,
                   arrow::ipc::ReadRecordBatch(*message, schema, &dictionaries, options));
  return CheckBatchContents(std::move(batch));
}

// Arrow reports bytes it cannot read as failed input; they are the peer's fault all the same.
template <typename T>
absl::StatusOr<T> OrMalformed(absl::StatusOr<T> result) {
  if (result.ok() || absl::IsInvalidArgument(result.status()) ||
      absl::IsResourceExhausted(result.status())) {
    return result;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the Arrow message cannot be read: ", result.status().message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::Buffer>> SerializeSchema(const arrow::Schema& schema,
                                                               Framing framing) {
  const arrow::ipc::IpcWriteOptions options = WriteOptions(framing);
  arrow::ipc::IpcPayload payload;
  RETURN_IF_ERROR(arrow::ipc::GetSchemaPayload(
      schema, options, arrow::ipc::DictionaryFieldMapper(schema), &payload));
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer,
                   arrow::AllocateBuffer(MessageBytes(payload, framing)));
  arrow::io::FixedSizeBufferWriter out(buffer);
  int32_t metadata_length = 0;
  RETURN_IF_ERROR(arrow::ipc::WriteIpcPayload(payload, options, &out, &metadata_length));
  return buffer;
}

absl::StatusOr<std::shared_ptr<arrow::Buffer>> SerializeBatch(const arrow::RecordBatch& batch,
                                                              Framing framing) {
  ASSIGN_OR_RETURN(const BatchMessage message, BatchMessage::Make(batch, framing));
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer, arrow::AllocateBuffer(message.size()));
  uint8_t* end = buffer->mutable_data();
  RETURN_IF_ERROR(message.ForEachPiece([&](std::string_view piece) {
    std::memcpy(end, piece.data(), piece.size());
    end += piece.size();
    return absl::OkStatus();
  }));
  return buffer;
}

absl::StatusOr<std::shared_ptr<arrow::Schema>> ParseSchema(
    const std::shared_ptr<arrow::Buffer>& bytes) {
  return OrMalformed(ReadSchemaMessage(bytes));
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ParseBatch(
    const std::shared_ptr<arrow::Buffer>& bytes, const std::shared_ptr<arrow::Schema>& schema) {
  return OrMalformed(ReadBatchMessage(bytes, schema));
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> EmptyBatch(
    const std::shared_ptr<arrow::Schema>& schema) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch,
                   arrow::RecordBatch::MakeEmpty(schema));
  return batch;
}

}  // namespace pallas::sdk::protocol
