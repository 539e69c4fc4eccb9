#ifndef PALLAS_SDK_MODEL_TABLE_H_
#define PALLAS_SDK_MODEL_TABLE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "types/type.h"

namespace pallas::sdk {

// A table of a source. `database` is what the wire calls schemaName (decision D11).
struct TableName {
  std::string database;
  std::string table;

  auto operator<=>(const TableName&) const = default;

  std::string ToString() const { return database + "." + table; }
};

// What a connector tells about one table; returned unchanged to it in later calls.
struct Table {
  TableName name;  // as the source spells it
  // Columns in order, in scan-side Arrow types (types/arrow_mapping.h). A field's metadata may hold
  // kTypeKey (a Trino type that the Arrow type alone does not tell, e.g. "json") and kCommentKey.
  // The schema's metadata is the connector's own and opaque to others.
  std::shared_ptr<arrow::Schema> schema;
  // Names of the columns by which PlanPartitions can prune.
  std::vector<std::string> partition_columns;
  std::string comment;
};

inline constexpr char kTypeKey[] = "pallas.type";
inline constexpr char kCommentKey[] = "comment";

// The Trino type of a column of a Table.
absl::StatusOr<Type> ColumnType(const arrow::Field& field);

// Row count and per-column facts, as far as the source knows them; estimates are fine.
struct ColumnStatistics {
  std::string column;
  std::optional<double> distinct_values;
  std::optional<double> null_fraction;
};

struct Statistics {
  std::optional<double> row_count;
  std::vector<ColumnStatistics> columns;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_MODEL_TABLE_H_
