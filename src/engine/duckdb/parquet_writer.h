#ifndef PALLAS_ENGINE_DUCKDB_PARQUET_WRITER_H_
#define PALLAS_ENGINE_DUCKDB_PARQUET_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "duckdb/main/database.hpp"

#include "engine/query_engine.h"

namespace pallas::engine {

// QueryEngine::WriteParquet, by the Parquet writer of `database`.
absl::Status WriteParquetFile(duckdb::DuckDB& database, ResultStream& rows,
                              const std::string& path);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_PARQUET_WRITER_H_
