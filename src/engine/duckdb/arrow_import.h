#ifndef PALLAS_ENGINE_DUCKDB_ARROW_IMPORT_H_
#define PALLAS_ENGINE_DUCKDB_ARROW_IMPORT_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "arrow/type_fwd.h"
#include "duckdb/common/types/vector.hpp"

#include "types/type.h"

// Columns of scans (scan-side Arrow types, types/arrow_mapping.h) as DuckDB vectors of
// ToDuckDbType(). Numbers and texts are not copied: the vectors point into the batch and keep it
// alive.

namespace pallas::engine {

// Whether Import() takes an Arrow column of `arrow_type` as `type`; else an error that names both.
absl::Status CheckImportable(const Type& type, const arrow::DataType& arrow_type);

// Makes `out` the rows [offset, offset + count) of `array`. `batch` owns the array. Errors are
// those of values: a decimal of too many digits, a map with a key twice, a text that is no UUID.
// REQUIRES: CheckImportable(); `out` is a fresh flat vector of ToDuckDbType(type).
absl::Status Import(const Type& type, const std::shared_ptr<const arrow::RecordBatch>& batch,
                    const arrow::Array& array, int64_t offset, int64_t count, duckdb::Vector& out);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_ARROW_IMPORT_H_
