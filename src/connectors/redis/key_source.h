#ifndef PALLAS_CONNECTORS_REDIS_KEY_SOURCE_H_
#define PALLAS_CONNECTORS_REDIS_KEY_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/redis/connection.h"

namespace pallas::redis {

// Where a reader gets its keys, page by page. One thread. Calls: while HasMore(), Ask() when there
// is room for keys; then for each command that it asked for, the parts of the reply through
// OnText() and the like, and EndReply(). What a page gives is not yet filtered.
class KeySource {
 public:
  virtual ~KeySource() = default;

  // Whether Ask() may bring more keys.
  virtual bool HasMore() const = 0;

  // Appends the commands for the next keys; how many. 0: it needs none and put keys into `found`.
  virtual size_t Ask(std::string& out, std::vector<std::string>& found) = 0;

  // A part of a reply; a text that is a key is returned true for.
  virtual bool OnText(int depth, size_t index, std::string_view text) = 0;

  // The server does not have what was asked for.
  virtual void OnNil() {}

  // A key that the last reply stands for without naming it, if there is one.
  virtual const std::string* EndReply() = 0;

  // The reply was an error. True: Ask() will ask for the same again, perhaps in another way.
  virtual bool OnError(std::string_view error, bool try_again) = 0;

  // Whether the keys it gives have values of the table's type, but for races.
  virtual bool ChecksType() const { return false; }
};

// SCAN from start to end, with the filter by type where the server has it.
std::unique_ptr<KeySource> ScanKeys(std::string pattern, std::string type, int64_t count);
// ZRANGE by places, both inclusive; -1 is the last.
std::unique_ptr<KeySource> RangeKeys(std::string set, int64_t start, int64_t end);
// Keys that are known.
std::unique_ptr<KeySource> KnownKeys(std::vector<std::string> keys);
// Of keys that are known the members of a sorted set.
std::unique_ptr<KeySource> MemberKeys(std::string set, std::vector<std::string> keys);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_KEY_SOURCE_H_
