#ifndef PALLAS_STORAGE_LOCAL_OBJECT_STORE_H_
#define PALLAS_STORAGE_LOCAL_OBJECT_STORE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/file_descriptor.h"
#include "storage/object_store.h"

namespace pallas::storage {

// Objects as files of this machine: one bucket of the local object store (key_path.h says where a
// key lies), or the plain files below some folders.
//
// Writing stages the bytes in a file of another name, syncs it, renames it over the key's and syncs
// the folder; what a crash leaves of the staging is never listed, and in a bucket it is removed
// when that is next written to. One process at a time writes to a bucket.
class LocalObjectStore final : public ObjectStore {
 public:
  // The bucket in `folder`, which is made at the first Create(). `name` stands in errors.
  static std::unique_ptr<LocalObjectStore> OfBucket(const std::string& name, std::string folder);

  // Files by absolute path; a key is the path without its first slash. What lies, symbolic links
  // resolved, outside of `roots` (absolute, resolved) is refused.
  static std::unique_ptr<LocalObjectStore> OfFiles(std::vector<std::string> roots);

  ~LocalObjectStore() override;

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

  // PERMISSION_DENIED unless `path` (which need not exist) lies below the roots. A first answer;
  // what is opened is checked again.
  absl::Status CheckPath(const std::string& path) const;

 private:
  class Writer;
  class Listing;

  LocalObjectStore() = default;

  bool is_bucket() const { return roots_.empty(); }

  absl::Status Walk(const std::string& prefix, bool one_level,
                    const std::function<bool(const FolderEntry&)>& sink);
  absl::Status CheckName(const std::string& key) const;
  std::string PathOf(const std::string& key) const;

  std::string UriOf(const std::string& key) const { return uri_prefix_ + key; }

  absl::Status CheckOpened(const FileDescriptor& file, const std::string& key) const;
  absl::StatusOr<FileDescriptor> OpenFile(const std::string& key) const;
  absl::StatusOr<ObjectInfo> InfoOf(const FileDescriptor& file, const std::string& key) const;

  // Makes the folders above `path` and returns that it lies in. A file that is in the way, in a
  // bucket, becomes the ~~self of a folder. REQUIRES: names_mutex_ held.
  absl::StatusOr<std::string> MakeFolders(const std::string& path, const std::string& key);
  absl::Status TurnIntoFolder(const std::string& path, const std::string& key);
  absl::StatusOr<std::string> StagingFolder(const std::string& path, const std::string& key);
  absl::Status Publish(const std::string& staged, const std::string& key);

  std::string uri_prefix_;          // "s3://bucket/" or "file:///"
  std::string folder_;              // ends in '/'
  std::vector<std::string> roots_;  // files only
  // Held where names change, so that a folder is not removed under a new object. Never while bytes
  // are written.
  std::mutex names_mutex_;
  bool swept_ = false;  // under names_mutex_
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_LOCAL_OBJECT_STORE_H_
