#ifndef PALLAS_ENGINE_DUCKDB_RUNNING_QUERY_H_
#define PALLAS_ENGINE_DUCKDB_RUNNING_QUERY_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/pending_query_result.hpp"

#include "base/cancellation.h"
#include "engine/duckdb/instance.h"
#include "engine/duckdb/scan.h"
#include "sdk/request_context.h"

namespace pallas::engine {

// One statement in one connection of its own, run step by step on the thread that asks for chunks
// (and on DuckDB's). Destroying it ends the statement, down to its sources. Not thread-safe, except
// cancelling the request.
// Calls: Prepare() first, Start() once, NextChunk() until null.
class RunningQuery {
 public:
  RunningQuery(std::shared_ptr<DuckDbInstance> instance, sdk::RequestContext request);
  ~RunningQuery();
  RunningQuery(const RunningQuery&) = delete;
  RunningQuery& operator=(const RunningQuery&) = delete;

  // The request, with this query's own cancellation: that of the caller's, or of its end.
  const sdk::RequestContext& request() const { return request_; }

  // Opens the connection; `profile` makes Profile() say something.
  absl::Status Prepare(std::shared_ptr<QueryScans> scans, bool profile);

  // Binds and plans `statement`. Its column types are then `types()`.
  absl::Status Start(duckdb::unique_ptr<duckdb::SQLStatement> statement);

  const duckdb::vector<duckdb::LogicalType>& types() const { return types_; }

  // Null at the end. Returns within a second of a cancel or the deadline.
  absl::StatusOr<duckdb::unique_ptr<duckdb::DataChunk>> NextChunk();

  // The executed tree with its rows and times. REQUIRES: NextChunk() was null.
  std::string Profile();

 private:
  absl::Status RunUntilReady();
  absl::StatusOr<duckdb::unique_ptr<duckdb::DataChunk>> Fetch();
  absl::Status RunUntilChunk(duckdb::StreamQueryResult& stream);
  // Calls `fn`, which may set `error` instead of throwing.
  absl::Status Guard(const std::function<void(duckdb::ErrorData& error)>& fn);
  absl::Status ToStatus(const duckdb::ErrorData& error);

  std::shared_ptr<DuckDbInstance> instance_;
  sdk::RequestContext request_;
  Cancellation::Registration on_request_cancel_;
  std::unique_ptr<duckdb::Connection> connection_;
  Cancellation::Registration on_cancel_;
  duckdb::unique_ptr<duckdb::PendingQueryResult> pending_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  duckdb::vector<duckdb::LogicalType> types_;
  bool ended_ = false;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_RUNNING_QUERY_H_
