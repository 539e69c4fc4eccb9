#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_TEMPORAL_VECTORS_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_TEMPORAL_VECTORS_H_

#include <cstdint>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/types/vector.hpp"

#include "sql/runtime/date_time.h"
#include "types/type.h"

// Vectors of dates, times and timestamps of any precision, read and written as the values that
// sql/runtime computes with. The physical forms are those of engine/duckdb/types.h.

namespace pallas::engine {

// Reads one argument column. Valid while the vector is.
class TemporalColumn {
 public:
  // REQUIRES: `type` is a date, time, timestamp, zoned or not.
  TemporalColumn(duckdb::Vector& vector, duckdb::idx_t count, const Type& type);

  bool IsNull(duckdb::idx_t row) const {
    return !format_.validity.RowIsValid(format_.sel->get_index(row));
  }

  // Each REQUIRES a column of that type.
  int64_t Date(duckdb::idx_t row) const;  // days
  int64_t Time(duckdb::idx_t row) const;  // picoseconds of the day
  sql::ZonedTime TimeTz(duckdb::idx_t row) const;
  sql::TimestampValue Timestamp(duckdb::idx_t row) const;  // of a date: its midnight
  sql::ZonedTimestamp TimestampTz(duckdb::idx_t row) const;

  // The clock and calendar that the value shows; of a time, on 1970-01-01.
  sql::TimestampValue Local(duckdb::idx_t row) const;

 private:
  int64_t Base(duckdb::idx_t row) const;
  int32_t Rest(duckdb::idx_t row) const;

  TypeKind kind_;
  duckdb::UnifiedVectorFormat format_;
  // Of the fields, where the value is a struct.
  bool wide_ = false;
  duckdb::UnifiedVectorFormat base_;
  duckdb::UnifiedVectorFormat rest_;
};

// Writes a flat result column.
class TemporalResult {
 public:
  TemporalResult(duckdb::Vector& vector, const Type& type);

  void PutNull(duckdb::idx_t row);
  void PutDate(duckdb::idx_t row, int64_t days);
  void PutTime(duckdb::idx_t row, int64_t picos);
  void PutTimeTz(duckdb::idx_t row, const sql::ZonedTime& value);
  void PutTimestamp(duckdb::idx_t row, const sql::TimestampValue& value);
  void PutTimestampTz(duckdb::idx_t row, const sql::ZonedTimestamp& value);

 private:
  void PutPair(duckdb::idx_t row, int64_t base, int32_t rest);

  duckdb::Vector& vector_;
  bool wide_ = false;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_TEMPORAL_VECTORS_H_
