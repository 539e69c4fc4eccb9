#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_TEMPORAL_VECTORS_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_TEMPORAL_VECTORS_H_

#include <cstdint>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/types/vector.hpp"

#include "sql/runtime/calendar.h"
#include "sql/runtime/date_time.h"
#include "types/arrow_mapping.h"
#include "types/type.h"

// Vectors of dates, times and timestamps of any precision, read and written as the values that
// sql/runtime computes with. The physical forms are those of engine/duckdb/types.h.

namespace pallas::engine {

namespace temporal_internal {

template <typename T>
T CellOf(const duckdb::UnifiedVectorFormat& format, duckdb::idx_t row) {
  return duckdb::UnifiedVectorFormat::GetData<T>(format)[format.sel->get_index(row)];
}

}  // namespace temporal_internal

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

// Timestamps are 64-bit integers in a class of their own.
inline int64_t TemporalColumn::Base(duckdb::idx_t row) const {
  return temporal_internal::CellOf<int64_t>(wide_ ? base_ : format_, row);
}

inline int32_t TemporalColumn::Rest(duckdb::idx_t row) const {
  return wide_ ? temporal_internal::CellOf<int32_t>(rest_, row) : 0;
}

inline int64_t TemporalColumn::Date(duckdb::idx_t row) const {
  return temporal_internal::CellOf<int32_t>(format_, row);
}

inline int64_t TemporalColumn::Time(duckdb::idx_t row) const { return Base(row); }

inline sql::ZonedTime TemporalColumn::TimeTz(duckdb::idx_t row) const {
  return wide_ ? sql::ZonedTime{Base(row), Rest(row)} : sql::UnpackTimeTz(Base(row));
}

inline sql::TimestampValue TemporalColumn::Timestamp(duckdb::idx_t row) const {
  if (kind_ == TypeKind::kDate) {
    return {Date(row) * sql::kMicrosPerDay, 0};
  }
  return {Base(row), Rest(row)};
}

inline sql::ZonedTimestamp TemporalColumn::TimestampTz(duckdb::idx_t row) const {
  const int64_t packed = Base(row);
  return {UnpackMillis(packed), Rest(row), UnpackZoneKey(packed)};
}

inline sql::TimestampValue TemporalColumn::Local(duckdb::idx_t row) const {
  const auto of_day = [](int64_t picos) {
    return sql::TimestampValue{picos / sql::kPicosPerMicro,
                               static_cast<int32_t>(picos % sql::kPicosPerMicro)};
  };
  switch (kind_) {
    case TypeKind::kTime:
      return of_day(Time(row));
    case TypeKind::kTimeTz:
      return of_day(TimeTz(row).picos);
    case TypeKind::kTimestampTz:
      return sql::LocalOf(TimestampTz(row));
    default:
      return Timestamp(row);
  }
}

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
