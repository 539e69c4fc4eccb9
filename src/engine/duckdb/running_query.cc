#include "engine/duckdb/running_query.h"

#include <utility>

#include "absl/time/clock.h"
#include "duckdb/main/stream_query_result.hpp"

#include "base/status_macros.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/settings.h"

namespace pallas::engine {
namespace {

// While DuckDB's threads have all there is to do. (A wait for a source has a wake-up of its own.)
constexpr absl::Duration kNothingToDo = absl::Microseconds(200);

}  // namespace

RunningQuery::RunningQuery(std::shared_ptr<DuckDbInstance> instance, sdk::RequestContext request)
    : instance_(std::move(instance)), request_(std::move(request)) {
  const Cancellation outer = request_.cancellation;
  request_.cancellation = Cancellation();
  on_request_cancel_ =
      outer.OnCancel([outer, own = request_.cancellation] { own.Cancel(outer.status()); });
}

RunningQuery::~RunningQuery() {
  on_request_cancel_ = Cancellation::Registration();
  if (!ended_) {
    request_.cancellation.Cancel(absl::CancelledError("The result was dropped"));
  }
  on_cancel_ = Cancellation::Registration();
  // The parts end the statement as they go; what they could say would interest nobody.
  (void)CatchDuckDbError([this] { result_.reset(); });
  (void)CatchDuckDbError([this] { pending_.reset(); });
  (void)CatchDuckDbError([this] { connection_.reset(); });
}

absl::Status RunningQuery::ToStatus(const duckdb::ErrorData& error) {
  if (BreaksInstance(error)) {
    instance_->MarkBroken();
  }
  if (IsInterrupt(error)) {
    RETURN_IF_ERROR(request_.Check());
  }
  return FromDuckDbError(error);
}

absl::Status RunningQuery::Guard(const std::function<void(duckdb::ErrorData& error)>& fn) {
  duckdb::ErrorData returned;
  const duckdb::ErrorData thrown = CatchDuckDbError([&] { fn(returned); });
  if (thrown.HasError()) {
    return ToStatus(thrown);
  }
  return returned.HasError() ? ToStatus(returned) : absl::OkStatus();
}

absl::Status RunningQuery::Prepare(std::shared_ptr<QueryScans> scans, bool profile) {
  RETURN_IF_ERROR(request_.Check());
  RETURN_IF_ERROR(Guard([&](duckdb::ErrorData&) {
    connection_ = std::make_unique<duckdb::Connection>(instance_->database());
    ConfigureConnection(*connection_->context);
    QueryScans::Attach(std::move(scans), *connection_->context);
    if (profile) {
      connection_->EnableProfiling();
      duckdb::ClientConfig::GetConfig(*connection_->context).emit_profiler_output = false;
    }
  }));
  on_cancel_ = request_.OnCancel([context = connection_->context] { context->Interrupt(); });
  return absl::OkStatus();
}

absl::Status RunningQuery::Start(duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  return Guard([&](duckdb::ErrorData& error) {
    pending_ = connection_->PendingQuery(
        std::move(statement),
        duckdb::QueryParameters(duckdb::QueryResultOutputType::ALLOW_STREAMING));
    if (pending_->HasError()) {
      error = pending_->GetErrorObject();
      return;
    }
    types_ = pending_->types;
  });
}

// Runs tasks of the query, on this thread too, until there is a result to read from.
absl::Status RunningQuery::RunUntilReady() {
  while (true) {
    RETURN_IF_ERROR(request_.Check());
    auto state = duckdb::PendingExecutionResult::RESULT_NOT_READY;
    RETURN_IF_ERROR(Guard([&](duckdb::ErrorData& error) {
      state = pending_->ExecuteTask();
      if (pending_->HasError()) {
        error = pending_->GetErrorObject();
      } else if (state == duckdb::PendingExecutionResult::BLOCKED) {
        pending_->WaitForTask();  // at most 20 ms, then this thread looks for a cancel again
      }
    }));
    if (duckdb::PendingQueryResult::IsResultReady(state)) {
      break;
    }
    if (state == duckdb::PendingExecutionResult::NO_TASKS_AVAILABLE) {
      absl::SleepFor(kNothingToDo);
    }
  }
  return Guard([&](duckdb::ErrorData& error) {
    result_ = pending_->Execute();
    if (result_->HasError()) {
      error = result_->GetErrorObject();
    }
  });
}

absl::Status RunningQuery::RunUntilChunk(duckdb::StreamQueryResult& stream) {
  while (true) {
    RETURN_IF_ERROR(request_.Check());
    auto state = duckdb::StreamExecutionResult::CHUNK_NOT_READY;
    RETURN_IF_ERROR(Guard([&](duckdb::ErrorData& error) {
      state = stream.ExecuteTask();
      if (stream.HasError()) {
        error = stream.GetErrorObject();
      } else if (state == duckdb::StreamExecutionResult::BLOCKED) {
        stream.WaitForTask();
      }
    }));
    if (duckdb::StreamQueryResult::IsChunkReady(state)) {
      return absl::OkStatus();
    }
    if (state == duckdb::StreamExecutionResult::NO_TASKS_AVAILABLE) {
      absl::SleepFor(kNothingToDo);
    }
  }
}

absl::StatusOr<duckdb::unique_ptr<duckdb::DataChunk>> RunningQuery::Fetch() {
  if (result_->type == duckdb::QueryResultType::STREAM_RESULT) {
    auto& stream = result_->Cast<duckdb::StreamQueryResult>();
    if (stream.IsOpen()) {
      RETURN_IF_ERROR(RunUntilChunk(stream));
    }
  }
  duckdb::unique_ptr<duckdb::DataChunk> chunk;
  RETURN_IF_ERROR(Guard([&](duckdb::ErrorData& error) {
    chunk = result_->FetchRaw();
    if (result_->HasError()) {
      error = result_->GetErrorObject();
    }
  }));
  if (chunk != nullptr && chunk->size() == 0) {
    chunk.reset();
  }
  return chunk;
}

absl::StatusOr<duckdb::unique_ptr<duckdb::DataChunk>> RunningQuery::NextChunk() {
  if (ended_) {
    return duckdb::unique_ptr<duckdb::DataChunk>();
  }
  if (result_ == nullptr) {
    RETURN_IF_ERROR(RunUntilReady());
  }
  ASSIGN_OR_RETURN(duckdb::unique_ptr<duckdb::DataChunk> chunk, Fetch());
  if (chunk == nullptr) {
    // An interrupt may look like the end.
    RETURN_IF_ERROR(request_.Check());
    ended_ = true;
  }
  return chunk;
}

std::string RunningQuery::Profile() {
  std::string text;
  (void)CatchDuckDbError([&] { text = connection_->GetProfilingInformation(); });
  return text;
}

}  // namespace pallas::engine
