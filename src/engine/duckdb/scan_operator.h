#ifndef PALLAS_ENGINE_DUCKDB_SCAN_OPERATOR_H_
#define PALLAS_ENGINE_DUCKDB_SCAN_OPERATOR_H_

#include <memory>
#include <optional>
#include <vector>

#include "duckdb/planner/operator/logical_extension_operator.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "engine/duckdb/scan_registry.h"
#include "sdk/model/scan.h"

namespace pallas::engine {

// A federated scan as it will run (decision D12).
struct FederatedScanPlan {
  std::shared_ptr<TableScan> scan;
  sdk::Scan request;  // columns in the order of `request_columns`
  // Per column of the output, the index of the table scan's column; nullopt: a column of NULLs,
  // which DuckDB has when it only counts rows. No index is there twice.
  std::vector<std::optional<size_t>> outputs;
  // Filled by joins before the scan starts; keys are indexes of outputs. Null if no join does.
  duckdb::shared_ptr<duckdb::DynamicTableFilterSet> dynamic_filters;
};

// What takes the place of the LogicalGet: the same bindings and types. Its physical operator is an
// asynchronous source: while no batch is there it returns BLOCKED, and no thread waits.
class LogicalFederatedScan final : public duckdb::LogicalExtensionOperator {
 public:
  LogicalFederatedScan(duckdb::LogicalGet& get, FederatedScanPlan plan);

  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext& context,
                                       duckdb::PhysicalPlanGenerator& planner) override;
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override;
  duckdb::vector<duckdb::idx_t> GetTableIndex() const override;
  duckdb::string GetName() const override;
  duckdb::InsertionOrderPreservingMap<duckdb::string> ParamsToString() const override;
  duckdb::string GetExtensionName() const override;

  bool SupportSerialization() const override { return false; }

 protected:
  void ResolveTypes() override;

 private:
  duckdb::idx_t table_index_;
  duckdb::vector<duckdb::LogicalType> output_types_;
  FederatedScanPlan plan_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SCAN_OPERATOR_H_
