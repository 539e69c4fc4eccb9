#ifndef PALLAS_ENGINE_DUCKDB_LAKE_SCAN_H_
#define PALLAS_ENGINE_DUCKDB_LAKE_SCAN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "engine/duckdb/scan_registry.h"

// Tables of Parquet files (decision D16): DuckDB's own reader, over the files that LakeTable lists,
// with the table's columns, not those of the files.

namespace pallas::engine {

inline constexpr char kLakeScanFunction[] = "pallas_lake_scan";

struct LakeReference {
  std::shared_ptr<TableScan> scan;
  duckdb::unique_ptr<duckdb::TableRef> reference;
};

// What QueryScans::Add() does for lake tables.
absl::StatusOr<LakeReference> AddLakeScan(const sql::ScanPlan& scan,
                                          const std::vector<sql::PlanColumn>& columns,
                                          std::vector<std::string> names,
                                          const ScanEnvironment& environment, int64_t id,
                                          std::string alias, const FunctionEmitter& functions);

void RegisterLakeScan(duckdb::DatabaseInstance& instance, duckdb::ExtensionLoader& loader,
                      const storage::Locations& locations);

bool IsLakeScan(const duckdb::LogicalOperator& op);

// REQUIRES: IsLakeScan(get).
TableScan& LakeScanOf(const duckdb::LogicalGet& get);
ScanExplanation ExplainLakeScan(const duckdb::LogicalGet& get);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_LAKE_SCAN_H_
