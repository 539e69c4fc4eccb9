#ifndef PALLAS_CONNECTORS_MYSQL_PUSHDOWN_H_
#define PALLAS_CONNECTORS_MYSQL_PUSHDOWN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/mysql/source_table.h"
#include "sdk/model/scan.h"

namespace pallas::mysql {

// The part of a table that one split reads.
struct SplitRange {
  std::string partition = kNoPartition;
  // Bounds of an integer column, low one included, high one not; open where absent.
  std::string key_column;
  std::optional<std::string> low;
  std::optional<std::string> high;
};

// What is sent of a scan.
struct ScanPlan {
  sdk::Pushdown pushdown;               // all but the statement
  std::vector<std::string> conditions;  // of the WHERE clause
  std::string order_and_limit;          // with a leading space; may be empty
};

// Decides term by term. The answer depends on nothing but its arguments, so that planning and
// reading agree.
ScanPlan PlanScan(const SourceTable& table, const sdk::Scan& scan);

// The columns of `scan` that the server delivers, in order: without the partition's name.
// INVALID_ARGUMENT names a column that the table has not.
absl::StatusOr<std::vector<SourceColumn>> SelectedColumns(const SourceTable& table,
                                                          const sdk::Scan& scan);

// The SELECT of a split. Without columns it counts the rows.
std::string Statement(const SourceTable& table, const std::vector<SourceColumn>& columns,
                      const ScanPlan& plan, const SplitRange& range);

// Conditions that joins have found while the query ran; those the server cannot take are left out.
void AddDynamicFilters(const SourceTable& table, const sdk::Scan& scan, ScanPlan& plan);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_PUSHDOWN_H_
