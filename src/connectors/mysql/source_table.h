#ifndef PALLAS_CONNECTORS_MYSQL_SOURCE_TABLE_H_
#define PALLAS_CONNECTORS_MYSQL_SOURCE_TABLE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/mysql/options.h"
#include "connectors/mysql/type_mapping.h"
#include "sdk/model/table.h"

namespace pallas::mysql {

// The column that tells in which partition a row lies; `*` where there are none. It is no column of
// the server: its value comes from the split.
inline constexpr char kPartitionNameColumn[] = "partition_name";
inline constexpr char kNoPartition[] = "*";

// Metadata of a field: what the server says about the column. The partition column has neither.
inline constexpr char kColumnTypeKey[] = "mysql.type";
inline constexpr char kCharacterSetKey[] = "mysql.character_set";

struct SourceColumn {
  std::string name;
  std::string quoted;
  bool is_partition_name = false;
  ColumnMapping mapping;
};

// A table as statements about it need it, made from the Table that GetTable gave out.
class SourceTable {
 public:
  static absl::StatusOr<SourceTable> Make(const sdk::Table& table, const TypeOptions& options);

  const std::vector<SourceColumn>& columns() const { return columns_; }

  // Null if there is none of that name.
  const SourceColumn* Find(const std::string& name) const;

  // `` `database`.`table` ``
  const std::string& quoted() const { return quoted_; }

 private:
  std::string quoted_;
  std::vector<SourceColumn> columns_;
  std::map<std::string, size_t> index_;
};

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_SOURCE_TABLE_H_
