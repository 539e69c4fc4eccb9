#ifndef PALLAS_ENGINE_DUCKDB_LAKE_SCAN_H_
#define PALLAS_ENGINE_DUCKDB_LAKE_SCAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "engine/duckdb/scan_registry.h"

// Tables of Parquet files (decision D16): DuckDB's own reader, over the files that LakeTable lists,
// with the table's columns, not those of the files.

namespace pallas::engine {

inline constexpr char kLakeScanFunction[] = "pallas_lake_scan";

// The columns of a lake scan; an error names one that cannot be read.
absl::StatusOr<std::vector<ScanColumn>> LakeColumns(const sql::ScanPlan& scan,
                                                    const std::vector<sql::PlanColumn>& columns);

// Registers the table function and the file system under it.
void RegisterLakeScan(duckdb::DatabaseInstance& instance, duckdb::ExtensionLoader& loader,
                      const storage::Locations& locations);

bool IsLakeScan(const duckdb::LogicalOperator& op);

// REQUIRES: IsLakeScan(get).
TableScan& LakeScanOf(const duckdb::LogicalGet& get);
ScanExplanation ExplainLakeScan(const duckdb::LogicalGet& get);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_LAKE_SCAN_H_
