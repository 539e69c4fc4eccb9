#ifndef PALLAS_SDK_PROTOCOL_IPC_WRITING_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_IPC_WRITING_INTERNAL_H_

#include <cstdint>

#include "arrow/ipc/options.h"
#include "arrow/ipc/writer.h"

#include "sdk/protocol/arrow_message.h"

namespace pallas::sdk::protocol {

// How Arrow writes messages in a framing (section 8.2).
arrow::ipc::IpcWriteOptions WriteOptions(Framing framing);

// Bytes of the message of `payload`.
int64_t MessageBytes(const arrow::ipc::IpcPayload& payload, Framing framing);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_IPC_WRITING_INTERNAL_H_
