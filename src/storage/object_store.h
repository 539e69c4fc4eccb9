#ifndef PALLAS_STORAGE_OBJECT_STORE_H_
#define PALLAS_STORAGE_OBJECT_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/cancellation.h"

namespace pallas::storage {

// What a listing or a look at an object tells.
struct ObjectInfo {
  std::string key;
  int64_t size = 0;  // bytes
  absl::Time modified;
  std::string etag;  // changes whenever the content does

  bool operator==(const ObjectInfo&) const = default;
};

// One step down from a prefix: an object, or what a `/` further on stands in for.
struct FolderEntry {
  std::string key;                   // for a folder, up to and with the slash
  std::optional<ObjectInfo> object;  // none: a folder
};

// An object opened for reading. Thread-safe; may outlive its store's caller, not the store.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;

  virtual const ObjectInfo& info() const = 0;

  // Whether reading asks a server: few large reads are better than many small ones.
  virtual bool is_remote() const { return false; }

  // Reads exactly `length` bytes from `offset` into `out`; OUT_OF_RANGE past the end. All reads
  // give the bytes that the object had when it was opened; where the store no longer has those,
  // ABORTED.
  virtual absl::Status Read(int64_t offset, int64_t length, char* out) = 0;
};

// An object being written. It appears under its key at Finish(), whole and durable, or not at all:
// destroyed unfinished it leaves nothing. One thread.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;

  virtual absl::Status Write(std::string_view bytes) = 0;
  virtual absl::StatusOr<ObjectInfo> Finish() = 0;
};

// Named byte strings, as S3 has them: keys are flat texts, `/` means something to listings only.
// Thread-safe. Errors: NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, RESOURCE_EXHAUSTED (disk full),
// INVALID_ARGUMENT (a key that the store cannot hold: empty, too long, with NUL).
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual absl::StatusOr<ObjectInfo> Head(const std::string& key) = 0;
  // `cancellation` ends, at once, what the reader then waits for.
  virtual absl::StatusOr<std::unique_ptr<ObjectReader>> Open(const std::string& key,
                                                             const Cancellation& cancellation) = 0;

  absl::StatusOr<std::unique_ptr<ObjectReader>> Open(const std::string& key) {
    return Open(key, Cancellation());
  }

  virtual absl::StatusOr<std::unique_ptr<ObjectWriter>> Create(const std::string& key) = 0;
  // OK too if there was none.
  virtual absl::Status Delete(const std::string& key) = 0;

  // Calls `sink` for every object whose key starts with `prefix`, in the order of the keys' bytes,
  // until it returns false.
  virtual absl::Status List(const std::string& prefix,
                            const std::function<bool(const ObjectInfo&)>& sink) = 0;

  // As List, but the objects whose keys have a `/` after `prefix` come as one folder, the key up to
  // that slash, without being looked at. A folder may turn out to be empty.
  virtual absl::Status ListFolder(const std::string& prefix,
                                  const std::function<bool(const FolderEntry&)>& sink) = 0;
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_OBJECT_STORE_H_
