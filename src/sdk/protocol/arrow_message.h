#ifndef PALLAS_SDK_PROTOCOL_ARROW_MESSAGE_H_
#define PALLAS_SDK_PROTOCOL_ARROW_MESSAGE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

// Arrow data as the protocol carries it (section 8): each time exactly one encapsulated IPC
// message, a schema or a record batch. Pure functions, any thread.

namespace pallas::sdk::protocol {

// How a message is wrapped: legacy in SerDe versions 1 and 2 and in every spilled object, modern
// from version 3 on. Reading takes both.
enum class Framing { kLegacy, kModern };

absl::StatusOr<std::shared_ptr<arrow::Buffer>> SerializeSchema(const arrow::Schema& schema,
                                                               Framing framing);
absl::StatusOr<std::shared_ptr<arrow::Buffer>> SerializeBatch(const arrow::RecordBatch& batch,
                                                              Framing framing);

// Read untrusted bytes: lengths, offsets and types are checked before anything uses them, each with
// an error of its own (INVALID_ARGUMENT). Texts may still be no UTF-8. What ParseBatch() gives
// shares `bytes`, whose data must be aligned to 8.
absl::StatusOr<std::shared_ptr<arrow::Schema>> ParseSchema(
    const std::shared_ptr<arrow::Buffer>& bytes);
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ParseBatch(
    const std::shared_ptr<arrow::Buffer>& bytes, const std::shared_ptr<arrow::Schema>& schema);

// A batch of `schema` without rows.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> EmptyBatch(
    const std::shared_ptr<arrow::Schema>& schema);

// The size of a batch as every limit of the protocol counts it (section 9.6): the used bytes of all
// its buffers, children included, with validity counted for every column.
int64_t BlockBytes(const arrow::RecordBatch& batch);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_ARROW_MESSAGE_H_
