#ifndef PALLAS_ENGINE_DUCKDB_ENGINE_BENCH_H_
#define PALLAS_ENGINE_DUCKDB_ENGINE_BENCH_H_

#include <memory>
#include <string>
#include <vector>

#include "engine/duckdb/duckdb_engine.h"
#include "engine/query_engine.h"
#include "federation/reader_pool.h"
#include "sql/plan/plan.h"
#include "storage/locations.h"

// For tests: an engine and what it stands on.

namespace pallas::engine {

class EngineBench {
 public:
  explicit EngineBench(DuckDbOptions options = {});

  QueryEngine& engine() { return *engine_; }

  // The rows as Athena's text: cells joined by " ", NULL as "NULL"; or the error's name and
  // message as the only row.
  std::vector<std::string> Run(sql::PlanPtr plan);
  // The same, sorted: for queries that give their rows no order.
  std::vector<std::string> RunSorted(sql::PlanPtr plan);

 private:
  std::unique_ptr<storage::Locations> locations_;
  federation::ReaderPool readers_;
  std::unique_ptr<QueryEngine> engine_;
};

// The rows of `batch` as Run() shows them.
void AppendRows(const std::vector<ResultColumn>& columns, const arrow::RecordBatch& batch,
                std::vector<std::string>* rows);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_ENGINE_BENCH_H_
