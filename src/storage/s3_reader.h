#ifndef PALLAS_STORAGE_S3_READER_H_
#define PALLAS_STORAGE_S3_READER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "base/cancellation.h"
#include "base/thread_pool.h"
#include "storage/object_store.h"
#include "storage/s3_client.h"

namespace pallas::storage {

// Opens an object as it is now: later reads give those bytes, or ABORTED. `pool`, which outlives
// the reader, fetches ahead; `cancellation` ends what the reader waits for.
absl::StatusOr<std::unique_ptr<ObjectReader>> OpenS3Object(std::shared_ptr<S3Client> client,
                                                           const std::string& key, ThreadPool& pool,
                                                           const Cancellation& cancellation);

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_S3_READER_H_
