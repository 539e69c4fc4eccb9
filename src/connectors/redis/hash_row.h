#ifndef PALLAS_CONNECTORS_REDIS_HASH_ROW_H_
#define PALLAS_CONNECTORS_REDIS_HASH_ROW_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

#include "connectors/redis/row_writer.h"

namespace pallas::redis {

// Puts the fields of one hash, all of them, into the columns of the same name: exactly the same, or
// else the same but for the case of letters. One thread.
class HashRow {
 public:
  explicit HashRow(const std::vector<std::string>& columns);

  void Clear();
  // The fields come one by one: a name, then its value.
  void OnField(std::string_view name);
  void OnValue(std::string_view value, RowTexts& row);

  // How many fields there were.
  size_t num_fields() const { return num_fields_; }

  // Whether every column had its field under exactly its name.
  bool all_exact() const { return num_exact_ == columns_.size(); }

  // INVALID_ARGUMENT: of two fields neither is exactly the column's; names them.
  absl::Status Check(std::string_view key) const;

 private:
  enum class Match { kNone, kFolded, kAmbiguous, kExact };

  const std::vector<std::string> columns_;
  absl::flat_hash_map<std::string, size_t> exact_;
  absl::flat_hash_map<std::string, std::vector<size_t>> folded_;
  std::vector<Match> matches_;
  std::vector<std::string> folded_names_;  // what a kFolded column was called first
  std::vector<std::string> other_names_;
  std::vector<size_t> targets_;  // columns of the field whose value comes next
  size_t num_fields_ = 0;
  size_t num_exact_ = 0;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_HASH_ROW_H_
