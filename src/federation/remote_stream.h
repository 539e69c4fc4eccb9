#ifndef PALLAS_FEDERATION_REMOTE_STREAM_H_
#define PALLAS_FEDERATION_REMOTE_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/connector.h"
#include "sdk/protocol/messages.h"
#include "storage/object_store.h"

namespace pallas::federation {

// What of a table's rows was asked for, and what is to be delivered.
struct RemoteProjection {
  std::shared_ptr<arrow::Schema> asked;
  // Only row counts are wanted; one column was asked for so that there are rows to count.
  bool counts_only = false;
};

// The rows of an inline block.
absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> InlineStream(
    RemoteProjection projection, sdk::protocol::ReadRecordsResponse response);

// The rows of spilled blocks, one block in memory at a time. `store` (null: there are no blocks)
// outlives the stream.
absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> SpilledStream(
    const sdk::RequestContext& context, RemoteProjection projection,
    sdk::protocol::RemoteReadRecordsResponse response, storage::ObjectStore* store,
    int64_t max_spilled_bytes);

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_REMOTE_STREAM_H_
