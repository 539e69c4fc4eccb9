#ifndef PALLAS_ENGINE_DUCKDB_EMITTER_H_
#define PALLAS_ENGINE_DUCKDB_EMITTER_H_

#include "absl/status/statusor.h"

#include "engine/duckdb/scan.h"
#include "engine/duckdb/tree.h"
#include "sql/plan/plan.h"
#include "sql/session.h"

namespace pallas::engine {

// The DuckDB statement that computes `query`: column i is outputs[i], of ToDuckDbType() of its
// type. Built as a tree, never as text. Its tables are added to `scans`. An error is something that
// this engine cannot run (NOT_SUPPORTED, naming it).
absl::StatusOr<SelectStatementPtr> EmitQuery(const sql::AnalyzedQuery& query,
                                             const sql::Session& session, QueryScans& scans);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_EMITTER_H_
