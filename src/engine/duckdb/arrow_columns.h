#ifndef PALLAS_ENGINE_DUCKDB_ARROW_COLUMNS_H_
#define PALLAS_ENGINE_DUCKDB_ARROW_COLUMNS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"
#include "duckdb/common/types/data_chunk.hpp"

#include "engine/query_engine.h"
#include "types/type.h"

namespace pallas::engine {

// Builds one Arrow array out of DuckDB vectors. One thread.
class ColumnWriter {
 public:
  virtual ~ColumnWriter() = default;

  // Adds the entries `rows[0 ... count)` of `vector`, which holds `size`.
  virtual absl::Status Append(duckdb::Vector& vector, duckdb::idx_t size,
                              const duckdb::SelectionVector& rows, duckdb::idx_t count) = 0;

  // The array so far; the writer starts anew.
  virtual absl::StatusOr<std::shared_ptr<arrow::ArrayData>> Finish() = 0;

  virtual int64_t bytes() const = 0;
};

// For the result-side physical form of `type`.
std::unique_ptr<ColumnWriter> MakeColumnWriter(const Type& type);

// Puts the chunks of a result together into batches of at most 64 Ki rows and, as far as rows
// allow, 4 MiB. One thread.
class BatchWriter {
 public:
  explicit BatchWriter(const std::vector<ResultColumn>& columns);

  // Takes rows of `chunk`, beginning at `first`, until the batch is full; returns how many.
  absl::StatusOr<duckdb::idx_t> Append(duckdb::DataChunk& chunk, duckdb::idx_t first);

  bool full() const;

  int64_t num_rows() const { return num_rows_; }

  // The batch; the writer starts the next one.
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  int64_t bytes() const;
  // How many rows of `chunk` to add before looking at the bytes again.
  duckdb::idx_t StepOf(duckdb::DataChunk& chunk) const;

  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::unique_ptr<ColumnWriter>> writers_;
  int64_t num_rows_ = 0;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_ARROW_COLUMNS_H_
