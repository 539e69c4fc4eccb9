#ifndef PALLAS_QUERY_STATEMENTS_DESCRIBE_H_
#define PALLAS_QUERY_STATEMENTS_DESCRIBE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"

// DESCRIBE of what the metastore keeps, as Hive and Athena lay it out: three fields a row, padded.

namespace pallas::query {

using TextRow = std::vector<std::optional<std::string>>;

// `text`, padded as Hive pads fields.
std::string HivePadded(std::string text);

// DESCRIBE t: the columns, then the partition keys again under a heading.
std::vector<TextRow> DescribeColumns(const sdk::TableDefinition& table);

// DESCRIBE FORMATTED t [PARTITION (...)]: also where and how the table, or one partition of it, is
// kept. `partition` may be null.
std::vector<TextRow> DescribeFormatted(const sdk::TableDefinition& table,
                                       const sdk::PartitionDefinition* partition);

// DESCRIBE EXTENDED t [PARTITION (...)]: the same facts in one row.
std::vector<TextRow> DescribeExtended(const sdk::TableDefinition& table,
                                      const sdk::PartitionDefinition* partition);

// DESCRIBE t col.field: the column, or what lies inside it: the field of a struct, `$elem$` of an
// array, `$key$` and `$value$` of a map. COLUMN_NOT_FOUND without line:column.
absl::StatusOr<std::vector<TextRow>> DescribeColumn(const sdk::TableDefinition& table,
                                                    const std::vector<std::string>& path);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_DESCRIBE_H_
