#ifndef PALLAS_ENGINE_DUCKDB_SCAN_OPTIMIZER_H_
#define PALLAS_ENGINE_DUCKDB_SCAN_OPTIMIZER_H_

#include "duckdb/optimizer/optimizer_extension.hpp"

namespace pallas::engine {

// Runs after DuckDB's own optimizers: lets joins filter federated scans, asks each source what it
// takes of the conditions above, and puts LogicalFederatedScan in the place of pallas_scan.
duckdb::OptimizerExtension MakeScanOptimizer();

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SCAN_OPTIMIZER_H_
