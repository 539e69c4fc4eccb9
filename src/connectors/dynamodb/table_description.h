#ifndef PALLAS_CONNECTORS_DYNAMODB_TABLE_DESCRIPTION_H_
#define PALLAS_CONNECTORS_DYNAMODB_TABLE_DESCRIPTION_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pallas::dynamodb {

// The attributes that find an item; `range` is empty where there is none.
struct KeySchema {
  std::string hash;
  std::string range;

  bool operator==(const KeySchema&) const = default;
};

struct IndexDescription {
  std::string name;
  bool global = false;
  bool active = true;
  KeySchema key;
  // Holds all attributes. A local index counts as such: DynamoDB fetches what it lacks.
  bool is_complete = false;
  std::vector<std::string> included;  // besides the keys of the index and of the table

  bool operator==(const IndexDescription&) const = default;
};

// What DescribeTable tells. Counts and sizes may be hours old.
struct TableDescription {
  std::string name;
  KeySchema key;
  // Of the attributes that are keys of the table or of an index: 'S', 'N' or 'B'.
  std::map<std::string, char> key_types;
  std::vector<IndexDescription> indexes;
  int64_t item_count = 0;
  int64_t size_bytes = 0;
  int64_t read_units = 0;  // provisioned per second
  bool on_demand = false;

  bool operator==(const TableDescription&) const = default;
};

// Reads the member "Table" of an answer of DescribeTable, as JSON. INTERNAL if it is not one.
absl::StatusOr<TableDescription> ParseTableDescription(std::string_view json);

// The same member, with what ParseTableDescription reads and no more.
std::string ToJson(const TableDescription& description);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_TABLE_DESCRIPTION_H_
