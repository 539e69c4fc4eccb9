#ifndef PALLAS_SDK_SPILL_SPILLED_BLOCK_H_
#define PALLAS_SDK_SPILL_SPILLED_BLOCK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "base/cancellation.h"
#include "sdk/crypto/block_cipher.h"
#include "storage/object_store.h"

namespace pallas::sdk {

// The bytes of a spilled object (protocol section 12.3): one record batch in legacy framing,
// whatever the version, without its schema; encrypted where `cipher` is not null. Pure functions,
// any thread.
absl::StatusOr<std::shared_ptr<arrow::Buffer>> EncodeSpilledBlock(const arrow::RecordBatch& batch,
                                                                  const BlockCipher* cipher);
// Decrypts in place: `bytes` must be mutable and is spent.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> DecodeSpilledBlock(
    std::shared_ptr<arrow::Buffer> bytes, const std::shared_ptr<arrow::Schema>& schema,
    const BlockCipher* cipher);

absl::Status WriteSpilledBlock(storage::ObjectStore& store, const std::string& key,
                               const arrow::RecordBatch& batch, const BlockCipher* cipher);

// NOT_FOUND: the object is gone; RESOURCE_EXHAUSTED: it has more than `max_bytes`; DATA_LOSS:
// another key. Each names the object.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadSpilledBlock(
    storage::ObjectStore& store, const std::string& key,
    const std::shared_ptr<arrow::Schema>& schema, const BlockCipher* cipher, int64_t max_bytes,
    const Cancellation& cancellation);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_SPILL_SPILLED_BLOCK_H_
