#ifndef PALLAS_ENGINE_DUCKDB_SCAN_FUNCTION_H_
#define PALLAS_ENGINE_DUCKDB_SCAN_FUNCTION_H_

#include <map>
#include <memory>
#include <string>

#include "duckdb/function/table_function.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "engine/duckdb/constraint_builder.h"
#include "engine/duckdb/scan_registry.h"

namespace pallas::engine {

inline constexpr char kScanFunction[] = "pallas_scan";

// Rows of a table whose source does not tell; never 1 (decision D15).
inline constexpr double kUnknownRowCount = 1'000'000;

// pallas_scan(id): a federated scan of the statement, until the optimizer replaces it by an
// operator.
struct ScanBindData final : duckdb::TableFunctionData {
  std::shared_ptr<TableScan> scan;
  // From the conditions DuckDB pushed to this place of the plan, by column. Some of them it
  // rewrites later (a long IN list becomes a join), so that the plan alone does not show them.
  std::map<std::string, sdk::ValueSet> early_sets;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override;
  bool Equals(const duckdb::FunctionData& other) const override;
};

duckdb::TableFunction MakeScanFunction();

bool IsFederatedScan(const duckdb::LogicalOperator& op);

// The column of `get` that a binding means; null if it is of another table, or none of the table's.
const ScanColumn* ColumnOf(const duckdb::LogicalGet& get, const TableScan& scan,
                           const duckdb::ColumnBinding& binding);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SCAN_FUNCTION_H_
