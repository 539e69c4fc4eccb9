#include "engine/duckdb/duckdb_engine.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "duckdb/parser/statement/explain_statement.hpp"

#include "base/status_macros.h"
#include "engine/duckdb/arrow_columns.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/emitter.h"
#include "engine/duckdb/instance.h"
#include "engine/duckdb/parquet_writer.h"
#include "engine/duckdb/running_query.h"
#include "engine/duckdb/scan.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

std::vector<ResultColumn> ToResultColumns(const std::vector<sql::PlanColumn>& outputs) {
  std::vector<ResultColumn> columns;
  columns.reserve(outputs.size());
  for (const sql::PlanColumn& output : outputs) {
    columns.push_back({output.name, output.type});
  }
  return columns;
}

// What DuckDB has bound must be what the analyzer said; else the emitter or a function is wrong,
// and so would be the rows.
absl::Status CheckTypes(const duckdb::vector<duckdb::LogicalType>& bound,
                        const std::vector<sql::PlanColumn>& outputs) {
  if (bound.size() != outputs.size()) {
    return absl::InternalError(absl::StrCat("The engine delivers ", bound.size(), " columns for ",
                                            outputs.size(), " of the statement"));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const duckdb::LogicalType expected = ToDuckDbType(outputs[i].type);
    if (bound[i] != expected) {
      return absl::InternalError(absl::StrCat("The engine delivers ", bound[i].ToString(),
                                              " where the statement has ",
                                              outputs[i].type.ToString(), " (column ", i + 1, ")"));
    }
  }
  return absl::OkStatus();
}

class DuckDbResultStream final : public ResultStream {
 public:
  DuckDbResultStream(std::unique_ptr<RunningQuery> query, std::shared_ptr<QueryScans> scans,
                     std::vector<ResultColumn> columns)
      : columns_(std::move(columns)),
        scans_(std::move(scans)),
        query_(std::move(query)),
        writer_(columns_) {}

  const std::vector<ResultColumn>& columns() const override { return columns_; }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    RETURN_IF_ERROR(error_);
    while (!writer_.full()) {
      if (chunk_ == nullptr) {
        if (query_ == nullptr) {
          break;
        }
        absl::StatusOr<duckdb::unique_ptr<duckdb::DataChunk>> next = query_->NextChunk();
        if (!next.ok()) {
          return Fail(next.status());
        }
        chunk_ = *std::move(next);
        next_row_ = 0;
        if (chunk_ == nullptr) {
          query_.reset();  // gives its memory and connections back at once
          break;
        }
      }
      RETURN_IF_ERROR(TakeRows());
    }
    if (writer_.num_rows() == 0) {
      return std::shared_ptr<arrow::RecordBatch>();
    }
    rows_returned_ += writer_.num_rows();
    return writer_.Finish();
  }

  QueryProgress progress() const override {
    return {.scans = scans_->progress(), .rows_returned = rows_returned_};
  }

 private:
  absl::Status TakeRows() {
    absl::StatusOr<duckdb::idx_t> taken;
    const absl::Status thrown = CallDuckDb([&] { taken = writer_.Append(*chunk_, next_row_); });
    if (!thrown.ok() || !taken.ok()) {
      return Fail(thrown.ok() ? taken.status() : thrown);
    }
    next_row_ += *taken;
    if (next_row_ >= chunk_->size()) {
      chunk_.reset();
    }
    return absl::OkStatus();
  }

  // An error stays: the rows after it are not those of the query.
  absl::Status Fail(absl::Status error) {
    error_ = std::move(error);
    query_.reset();
    chunk_.reset();
    return error_;
  }

  const std::vector<ResultColumn> columns_;
  const std::shared_ptr<QueryScans> scans_;
  std::unique_ptr<RunningQuery> query_;  // null once it has ended
  BatchWriter writer_;
  duckdb::unique_ptr<duckdb::DataChunk> chunk_;
  duckdb::idx_t next_row_ = 0;
  absl::Status error_;
  std::atomic<int64_t> rows_returned_{0};
};

// A query that is ready to start.
struct PreparedQuery {
  std::unique_ptr<RunningQuery> running;
  std::shared_ptr<QueryScans> scans;
  SelectStatementPtr statement;
};

class DuckDbEngine final : public QueryEngine {
 public:
  DuckDbEngine(const DuckDbOptions& options, const storage::Locations& locations,
               federation::ReaderPool& readers)
      : options_(options), readers_(readers), instances_(options, locations) {}

  absl::Status Start() { return instances_.Current().status(); }

  absl::StatusOr<std::unique_ptr<ResultStream>> Execute(sql::AnalyzedQuery query,
                                                        QueryContext context) override {
    ASSIGN_OR_RETURN(PreparedQuery prepared, Prepare(query, std::move(context), false));
    RETURN_IF_ERROR(prepared.running->Start(std::move(prepared.statement)));
    RETURN_IF_ERROR(CheckTypes(prepared.running->types(), query.outputs));
    return std::make_unique<DuckDbResultStream>(
        std::move(prepared.running), std::move(prepared.scans), ToResultColumns(query.outputs));
  }

  absl::StatusOr<Explanation> Explain(sql::AnalyzedQuery query, QueryContext context,
                                      bool analyze) override {
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(PreparedQuery prepared, Prepare(query, std::move(context), analyze));
    Explanation explanation;
    if (analyze) {
      RETURN_IF_ERROR(prepared.running->Start(std::move(prepared.statement)));
      RETURN_IF_ERROR(CheckTypes(prepared.running->types(), query.outputs));
      ASSIGN_OR_RETURN(explanation.rows, CountRows(*prepared.running));
      explanation.plan = prepared.running->Profile();
      explanation.wall = absl::Now() - start;
    } else {
      RETURN_IF_ERROR(prepared.running->Start(duckdb::make_uniq<duckdb::ExplainStatement>(
          std::move(prepared.statement), duckdb::ExplainType::EXPLAIN_STANDARD)));
      ASSIGN_OR_RETURN(explanation.plan, ReadPlan(*prepared.running));
    }
    explanation.scans = prepared.scans->Explain();
    return explanation;
  }

  absl::Status WriteParquet(ResultStream& rows, const std::string& path) override {
    ASSIGN_OR_RETURN(std::shared_ptr<DuckDbInstance> instance, instances_.Current());
    return WriteParquetFile(instance->database(), rows, path);
  }

 private:
  absl::StatusOr<PreparedQuery> Prepare(const sql::AnalyzedQuery& query, QueryContext context,
                                        bool profile) {
    PreparedQuery prepared;
    ASSIGN_OR_RETURN(std::shared_ptr<DuckDbInstance> instance, instances_.Current());
    prepared.running =
        std::make_unique<RunningQuery>(std::move(instance), std::move(context.request));
    prepared.scans = std::make_shared<QueryScans>(
        ScanEnvironment{.request = prepared.running->request(),
                        .readers = &readers_,
                        .budget = std::make_shared<MemoryBudget>(options_.query_bytes_in_flight),
                        .options = options_.scan,
                        .functions = options_.functions});
    ASSIGN_OR_RETURN(prepared.statement, EmitQuery(query, context.session, *prepared.scans));
    RETURN_IF_ERROR(prepared.running->Prepare(prepared.scans, profile));
    return prepared;
  }

  static absl::StatusOr<int64_t> CountRows(RunningQuery& query) {
    int64_t rows = 0;
    while (true) {
      ASSIGN_OR_RETURN(duckdb::unique_ptr<duckdb::DataChunk> chunk, query.NextChunk());
      if (chunk == nullptr) {
        return rows;
      }
      rows += static_cast<int64_t>(chunk->size());
    }
  }

  // EXPLAIN's answer: rows of (which plan, its text).
  static absl::StatusOr<std::string> ReadPlan(RunningQuery& query) {
    std::string plan;
    while (true) {
      ASSIGN_OR_RETURN(duckdb::unique_ptr<duckdb::DataChunk> chunk, query.NextChunk());
      if (chunk == nullptr) {
        return plan;
      }
      RETURN_IF_ERROR(CallDuckDb([&] {
        for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
          absl::StrAppend(&plan, chunk->GetValue(1, row).ToString());
        }
      }));
    }
  }

  const DuckDbOptions options_;
  federation::ReaderPool& readers_;
  InstancePool instances_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<QueryEngine>> MakeDuckDbEngine(const DuckDbOptions& options,
                                                              const storage::Locations& locations,
                                                              federation::ReaderPool& readers) {
  auto engine = std::make_unique<DuckDbEngine>(options, locations, readers);
  RETURN_IF_ERROR(engine->Start());
  return engine;
}

}  // namespace pallas::engine
