#ifndef PALLAS_CONNECTORS_REDIS_KEY_SET_H_
#define PALLAS_CONNECTORS_REDIS_KEY_SET_H_

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace pallas::redis {

// The keys that were seen, so that each counts once. Holds their bytes in blocks of its own: about
// 30 bytes and the key's for each. One thread.
class KeySet {
 public:
  // True: it was not there.
  bool Insert(std::string_view key) {
    if (keys_.contains(key)) {
      return false;
    }
    keys_.insert(Copy(key));
    return true;
  }

 private:
  static constexpr size_t kBlockBytes = size_t{64} * 1024;

  std::string_view Copy(std::string_view key) {
    if (key.size() > left_) {
      left_ = std::max(kBlockBytes, key.size());
      blocks_.push_back(std::make_unique<char[]>(left_));
      next_ = blocks_.back().get();
    }
    char* const copy = next_;
    std::copy(key.begin(), key.end(), copy);
    next_ += key.size();
    left_ -= key.size();
    return {copy, key.size()};
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  absl::flat_hash_set<std::string_view> keys_;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_KEY_SET_H_
