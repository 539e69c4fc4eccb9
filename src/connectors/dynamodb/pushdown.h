#ifndef PALLAS_CONNECTORS_DYNAMODB_PUSHDOWN_H_
#define PALLAS_CONNECTORS_DYNAMODB_PUSHDOWN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/dynamodb/access_path.h"
#include "connectors/dynamodb/expression_builder.h"
#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/source_table.h"
#include "sdk/model/scan.h"

namespace pallas::dynamodb {

// What a scan becomes.
struct ScanPlan {
  AccessPath path;
  std::string filter;  // an expression over `aliases`; may be empty
  Aliases aliases;
  sdk::Pushdown pushdown;
};

// Whether the sets that joins have found are used besides the constraints.
enum class DynamicFilters { kIgnore, kUse };

// Decides term by term. What is said to be exact without the dynamic filters is so with them.
// INVALID_ARGUMENT names a column that the table has not.
absl::StatusOr<ScanPlan> PlanScan(const SourceTable& table, const sdk::Scan& scan,
                                  const DynamoDbOptions& options, DynamicFilters dynamic_filters);

// The parallel segments of a whole scan (connectors.md section 7.7, DDB-6).
int64_t ScanSegments(const TableDescription& table, const sdk::Scan& scan,
                     const DynamoDbOptions& options);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_PUSHDOWN_H_
