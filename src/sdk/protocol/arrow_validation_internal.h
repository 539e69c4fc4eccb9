#ifndef PALLAS_SDK_PROTOCOL_ARROW_VALIDATION_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_ARROW_VALIDATION_INTERNAL_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

namespace pallas::sdk::protocol {

// Every type, children included, is one that the protocol's blocks may hold: no dictionaries,
// unions, views or runs.
absl::Status CheckSchemaTypes(const arrow::Schema& schema);

// What a record batch message says about its body, before it is believed. `header` is its
// RecordBatch table, already verified as a FlatBuffer: the counts are those of `schema`, every
// buffer lies inside of the body, and nothing is compressed.
absl::Status CheckBatchHeader(const void* header, const arrow::Schema& schema, int64_t body_bytes);

// What the buffers of a batch hold: their sizes fit the rows, offsets rise within bounds, nulls are
// as many as claimed, decimals have no more digits than their type. Returns the batch; a validity
// bitmap that was left out because all is null (as Java reads it) is put in.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> CheckBatchContents(
    std::shared_ptr<arrow::RecordBatch> batch);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_ARROW_VALIDATION_INTERNAL_H_
