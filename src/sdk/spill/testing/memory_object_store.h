#ifndef PALLAS_SDK_SPILL_TESTING_MEMORY_OBJECT_STORE_H_
#define PALLAS_SDK_SPILL_TESTING_MEMORY_OBJECT_STORE_H_

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "storage/object_store.h"

namespace pallas::sdk {

// Objects in memory. The write of `fails_at` (counted from 1) fails.
class MemoryObjectStore final : public storage::ObjectStore {
 public:
  explicit MemoryObjectStore(int fails_at = 0) : fails_at_(fails_at) {}

  std::map<std::string, std::string> objects() const {
    const std::lock_guard lock(mutex_);
    return objects_;
  }

  int max_open() const { return max_open_; }

  void Put(const std::string& key, std::string bytes) {
    const std::lock_guard lock(mutex_);
    objects_[key] = std::move(bytes);
  }

  absl::StatusOr<storage::ObjectInfo> Head(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) {
      return absl::NotFoundError("there is no such object");
    }
    return storage::ObjectInfo{key, static_cast<int64_t>(found->second.size()), {}, ""};
  }

  using ObjectStore::Open;

  absl::StatusOr<std::unique_ptr<storage::ObjectReader>> Open(const std::string& key,
                                                              const Cancellation&) override {
    const absl::StatusOr<storage::ObjectInfo> info = Head(key);
    if (!info.ok()) {
      return info.status();
    }
    return std::make_unique<Reader>(*info, objects().at(key));
  }

  absl::StatusOr<std::unique_ptr<storage::ObjectWriter>> Create(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    if (++creates_ == fails_at_) {
      return absl::UnavailableError("the store is down");
    }
    max_open_ = std::max(max_open_, ++open_);
    return std::make_unique<Writer>(*this, key);
  }

  absl::Status Delete(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    objects_.erase(key);
    return absl::OkStatus();
  }

  absl::Status List(const std::string&,
                    const std::function<bool(const storage::ObjectInfo&)>&) override {
    return absl::UnimplementedError("listing");
  }

  absl::Status ListFolder(const std::string&,
                          const std::function<bool(const storage::FolderEntry&)>&) override {
    return absl::UnimplementedError("listing");
  }

 private:
  class Reader final : public storage::ObjectReader {
   public:
    Reader(storage::ObjectInfo info, std::string bytes)
        : info_(std::move(info)), bytes_(std::move(bytes)) {}

    const storage::ObjectInfo& info() const override { return info_; }

    absl::Status Read(int64_t offset, int64_t length, char* out) override {
      bytes_.copy(out, static_cast<size_t>(length), static_cast<size_t>(offset));
      return absl::OkStatus();
    }

   private:
    storage::ObjectInfo info_;
    std::string bytes_;
  };

  class Writer final : public storage::ObjectWriter {
   public:
    Writer(MemoryObjectStore& store, std::string key) : store_(store), key_(std::move(key)) {}

    absl::Status Write(std::string_view bytes) override {
      bytes_.append(bytes);
      return absl::OkStatus();
    }

    absl::StatusOr<storage::ObjectInfo> Finish() override {
      store_.Put(key_, bytes_);
      --store_.open_;
      return storage::ObjectInfo{key_, static_cast<int64_t>(bytes_.size()), {}, ""};
    }

   private:
    MemoryObjectStore& store_;
    std::string key_;
    std::string bytes_;
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::string> objects_;
  int fails_at_;
  int creates_ = 0;
  std::atomic<int> open_ = 0;
  int max_open_ = 0;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_SPILL_TESTING_MEMORY_OBJECT_STORE_H_
