#include "engine/duckdb/lake_scan.h"

#include "base/error_detail.h"

namespace pallas::engine {
absl::StatusOr<LakeReference> AddLakeScan(const sql::ScanPlan& scan,
                                          const std::vector<sql::PlanColumn>&,
                                          std::vector<std::string>, const ScanEnvironment&, int64_t,
                                          std::string, const FunctionEmitter&) {
  return NamedError(
      "NOT_SUPPORTED",
      absl::StrCat("Reading lake tables is not supported: ", scan.table->name.ToString()),
      absl::StatusCode::kUnimplemented);
}

void RegisterLakeScan(duckdb::DatabaseInstance&, duckdb::ExtensionLoader&,
                      const storage::Locations&) {}

bool IsLakeScan(const duckdb::LogicalOperator& op) {
  return op.type == duckdb::LogicalOperatorType::LOGICAL_GET &&
         op.Cast<duckdb::LogicalGet>().function.name == kLakeScanFunction;
}

TableScan& LakeScanOf(const duckdb::LogicalGet& get) {
  return *reinterpret_cast<TableScan*>(get.bind_data.get());
}

ScanExplanation ExplainLakeScan(const duckdb::LogicalGet&) { return {}; }
}  // namespace pallas::engine
