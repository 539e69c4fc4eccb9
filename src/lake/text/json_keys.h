#ifndef PALLAS_LAKE_TEXT_JSON_KEYS_H_
#define PALLAS_LAKE_TEXT_JSON_KEYS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "lake/text/text_format.h"

namespace pallas::lake {

// Which field a key means: by name, without case unless the format says otherwise, by OpenX's
// mappings and dots, or by Hive's internal names. One thread.
class KeyIndex {
 public:
  struct Match {
    int field = -1;
    bool dotted = false;  // only with dots for underscores; an exact key wins
  };

  // `names` in lower case. `by_ordinal(n)` is the field that `_col<n>` means, or -1. `format` is
  // borrowed.
  KeyIndex(const std::vector<std::string>& names, const TextFormat& format,
           std::function<int(int64_t)> by_ordinal);

  Match Find(std::string_view key);

 private:
  const TextFormat& format_;
  std::function<int(int64_t)> by_ordinal_;
  absl::flat_hash_map<std::string, int> fields_;
  absl::flat_hash_map<std::string, int> dotted_;
  std::string lower_;
};

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_JSON_KEYS_H_
