#ifndef PALLAS_STORAGE_S3_WRITER_H_
#define PALLAS_STORAGE_S3_WRITER_H_

#include <memory>
#include <string>

#include "base/thread_pool.h"
#include "storage/object_store.h"
#include "storage/s3_client.h"

namespace pallas::storage {

// Writes an object: one request if it fits one part, else a multipart upload whose parts `pool`,
// which outlives the writer, sends in the background, two at once.
std::unique_ptr<ObjectWriter> CreateS3Object(std::shared_ptr<S3Client> client,
                                             const std::string& key, ThreadPool& pool);

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_S3_WRITER_H_
