#ifndef PALLAS_SDK_PROTOCOL_BATCH_MESSAGE_H_
#define PALLAS_SDK_PROTOCOL_BATCH_MESSAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/protocol/arrow_message.h"

namespace pallas::sdk::protocol {

// The message of a record batch, still in pieces: a cipher or an encoder reads the batch's own
// memory, and blocks are not copied for it. Shares the batch's buffers. One thread.
class BatchMessage {
 public:
  static absl::StatusOr<BatchMessage> Make(const arrow::RecordBatch& batch, Framing framing);
  BatchMessage(BatchMessage&& other) noexcept;
  BatchMessage& operator=(BatchMessage&& other) noexcept;
  ~BatchMessage();

  // Bytes of all pieces.
  int64_t size() const;

  // Gives the pieces to `sink`, first to last; its error ends it.
  absl::Status ForEachPiece(const std::function<absl::Status(std::string_view)>& sink) const;

 private:
  struct Impl;

  explicit BatchMessage(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_BATCH_MESSAGE_H_
