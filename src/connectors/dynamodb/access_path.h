#ifndef PALLAS_CONNECTORS_DYNAMODB_ACCESS_PATH_H_
#define PALLAS_CONNECTORS_DYNAMODB_ACCESS_PATH_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/dynamodb/native_set.h"
#include "connectors/dynamodb/source_table.h"

namespace pallas::dynamodb {

// The most Query requests, or keys of BatchGetItem, that one scan is turned into.
inline constexpr int64_t kMaxPointReads = 10'000;
// So few are always cheaper to do than to think about.
inline constexpr int64_t kFewPointReads = 10;
// The most of a table whose size DynamoDB does not tell (yet).
inline constexpr int64_t kBlindPointReads = 100;

// How the items of a table that may match are found.
struct AccessPath {
  enum class Kind {
    kScan,      // all of them
    kQuery,     // one Query for each hash value and range of the range key
    kGetItems,  // BatchGetItem: hash and range are known, all ranges are points
    kNothing,   // no item can match
  };

  Kind kind = Kind::kScan;
  std::string index;  // empty: the table itself
  KeySchema key;      // of the table or index, unless kScan
  std::vector<AttributeLiteral> hash_values;
  std::vector<NativeRange> ranges;  // of the range key; empty: all of it

  int64_t num_reads() const {
    return static_cast<int64_t>(hash_values.size() * std::max<size_t>(ranges.size(), 1));
  }

  // Whether the path itself applies what is known of the attribute, so that no filter may name it.
  bool Covers(const std::string& attribute) const {
    return kind != Kind::kScan && (attribute == key.hash || attribute == key.range);
  }
};

struct PathOptions {
  bool consistent_read = false;  // no global index has such reads
};

// Chooses by what is known of the attributes (`sets`, usable ones) and which are `needed`
// (connectors.md section 7.7, with the corrections DDB-7 and DDB-8): a key is read by its values
// only where that costs fewer read units than a scan. Units are those of eventually consistent
// reads: a scan has one for 8 KiB of the table, a read by key half a unit for each 4 KiB it
// reaches, of which nothing is known but that there is at least one. So with `n` reads and `s`
// bytes in the table, keys are used if n / 2 <= s / 8 KiB; always if n <= kFewPointReads; and where
// the table says that it is empty, which may be hours old, if n <= kBlindPointReads.
AccessPath ChoosePath(const TableDescription& table, const std::map<std::string, NativeSet>& sets,
                      const std::set<std::string>& needed, const PathOptions& options);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_ACCESS_PATH_H_
