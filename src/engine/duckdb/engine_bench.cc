#include "engine/duckdb/engine_bench.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array/array_base.h"
#include "arrow/record_batch.h"

#include "base/check.h"
#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/plan_builder.h"
#include "types/value_text.h"

namespace pallas::engine {
namespace {

constexpr int kReaders = 2;

absl::StatusOr<std::vector<std::string>> ReadAll(QueryEngine& engine, sql::AnalyzedQuery query) {
  ASSIGN_OR_RETURN(std::unique_ptr<ResultStream> stream, engine.Execute(std::move(query), {}));
  std::vector<std::string> rows;
  while (true) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) {
      return rows;
    }
    CHECK(batch->ValidateFull().ok());
    AppendRows(stream->columns(), *batch, &rows);
  }
}

}  // namespace

void AppendRows(const std::vector<ResultColumn>& columns, const arrow::RecordBatch& batch,
                std::vector<std::string>* rows) {
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    std::string text;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) {
        text += ' ';
      }
      const std::shared_ptr<arrow::Array> array = batch.column(static_cast<int>(i));
      if (array->IsNull(row)) {
        text += "NULL";
      } else {
        AppendAthenaText(columns[i].type, *array, row, &text);
      }
    }
    rows->push_back(std::move(text));
  }
}

EngineBench::EngineBench(DuckDbOptions options) : readers_(kReaders) {
  absl::StatusOr<std::unique_ptr<storage::Locations>> locations = storage::Locations::Make({});
  CHECK(locations.ok());
  locations_ = *std::move(locations);
  absl::StatusOr<std::unique_ptr<QueryEngine>> engine =
      MakeDuckDbEngine(options, *locations_, readers_);
  CHECK(engine.ok());
  engine_ = *std::move(engine);
}

std::vector<std::string> EngineBench::Run(sql::PlanPtr plan) {
  absl::StatusOr<std::vector<std::string>> rows =
      ReadAll(*engine_, PlanBuilder::Query(std::move(plan)));
  if (!rows.ok()) {
    return {absl::StrCat(ErrorName(rows.status()), ": ", rows.status().message())};
  }
  return *std::move(rows);
}

std::vector<std::string> EngineBench::RunSorted(sql::PlanPtr plan) {
  std::vector<std::string> rows = Run(std::move(plan));
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace pallas::engine
