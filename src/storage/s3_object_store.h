#ifndef PALLAS_STORAGE_S3_OBJECT_STORE_H_
#define PALLAS_STORAGE_S3_OBJECT_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "storage/object_store.h"
#include "storage/s3_client.h"

namespace pallas::storage {

// One bucket of an S3 service.
//
// Opening is one request, which brings the end of the object with it: the footer of a Parquet file
// is there already. Reads that follow each other are fetched ahead on `readers`. Writing sends one
// request if the object is small, else a multipart upload whose parts go out on `uploaders`; it
// holds three parts in memory at most. Beyond ObjectStore's errors: UNAUTHENTICATED (credentials),
// NOT_FOUND for a bucket that is not there.
class S3ObjectStore final : public ObjectStore {
 public:
  // `readers` and `uploaders` outlive the store and all that it has opened.
  S3ObjectStore(std::shared_ptr<S3Client> client, ThreadPool& readers, ThreadPool& uploaders);

  absl::StatusOr<ObjectInfo> Head(const std::string& key) override;
  using ObjectStore::Open;
  absl::StatusOr<std::unique_ptr<ObjectReader>> Open(const std::string& key,
                                                     const Cancellation& cancellation) override;
  absl::StatusOr<std::unique_ptr<ObjectWriter>> Create(const std::string& key) override;
  absl::Status Delete(const std::string& key) override;
  absl::Status List(const std::string& prefix,
                    const std::function<bool(const ObjectInfo&)>& sink) override;
  absl::Status ListFolder(const std::string& prefix,
                          const std::function<bool(const FolderEntry&)>& sink) override;

 private:
  absl::Status ListPages(const std::string& prefix, bool one_level,
                         const std::function<bool(const FolderEntry&)>& sink);

  const std::shared_ptr<S3Client> client_;
  ThreadPool& readers_;
  ThreadPool& uploaders_;
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_S3_OBJECT_STORE_H_
