#ifndef PALLAS_ENGINE_DUCKDB_SCAN_H_
#define PALLAS_ENGINE_DUCKDB_SCAN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/parser/tableref.hpp"

#include "base/memory_budget.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/query_engine.h"
#include "federation/federated_scan.h"
#include "sdk/request_context.h"
#include "sql/plan/plan.h"

namespace pallas::federation {
class ExternalFunctionInvoker;
class ReaderPool;
}  // namespace pallas::federation

namespace pallas::storage {
class Locations;
}  // namespace pallas::storage

// How the emitted trees read tables: the seam between the emitter and the scan operator.

namespace pallas::engine {

class ExternalCalls;

// Registers the table functions, the optimizer extension and the operator that replaces the former.
// Once per instance, before any statement. `locations` serves the files of lake tables; borrowed,
// outlives the instance.
void RegisterScan(duckdb::DatabaseInstance& instance, const storage::Locations& locations);

// What the scans and external functions of one query need from outside DuckDB.
struct ScanEnvironment {
  // Its cancellation is the query's own: cancelled also when the result is dropped early.
  sdk::RequestContext request;
  federation::ReaderPool* readers = nullptr;  // borrowed; outlives the query
  std::shared_ptr<MemoryBudget> budget;       // bytes in flight of the query
  federation::ScanOptions options;
  // Borrowed, outlives the query; null: external functions are refused.
  federation::ExternalFunctionInvoker* functions = nullptr;
};

// The scans of one query, by id. The emitter adds them, DuckDB's callbacks find them through the
// connection that runs the query, EXPLAIN and progress read them. Add() on the thread that emits;
// progress() and Explain() on any thread.
class QueryScans {
 public:
  explicit QueryScans(ScanEnvironment environment);
  ~QueryScans();
  QueryScans(const QueryScans&) = delete;
  QueryScans& operator=(const QueryScans&) = delete;

  // The table reference that reads `scan`. It has the alias `alias` and exactly the columns
  // `columns`: named ColumnName(id), of ToDuckDbType(type), in this order. `functions` makes the
  // casts of lake columns to their declared types. `columns` may be empty (count(*)): then it has
  // one column of any name, and the right number of rows.
  absl::StatusOr<duckdb::unique_ptr<duckdb::TableRef>> Add(
      const sql::ScanPlan& scan, const std::vector<sql::PlanColumn>& columns, std::string alias,
      const FunctionEmitter& functions);

  // The external functions that the query calls.
  ExternalCalls& external_calls();

  // Makes these the scans of the statement that `context` binds next; kept until the context dies.
  static void Attach(std::shared_ptr<QueryScans> scans, duckdb::ClientContext& context);

  std::vector<ScanProgress> progress() const;

  // One per scan of the plan, once DuckDB has planned the query; statistics once it has run.
  std::vector<ScanExplanation> Explain() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SCAN_H_
