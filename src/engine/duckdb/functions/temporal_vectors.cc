#include "engine/duckdb/functions/temporal_vectors.h"

#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/timestamp.hpp"

#include "sql/runtime/calendar.h"
#include "types/arrow_mapping.h"

namespace pallas::engine {
namespace {

constexpr int kShortTimestampDigits = 6;
constexpr int kShortTimestampTzDigits = 3;
constexpr int kShortTimeTzDigits = 9;

bool IsWide(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kTimestamp:
      return type.precision() > kShortTimestampDigits;
    case TypeKind::kTimestampTz:
      return type.precision() > kShortTimestampTzDigits;
    case TypeKind::kTimeTz:
      return type.precision() > kShortTimeTzDigits;
    default:
      return false;
  }
}

template <typename T>
T CellOf(const duckdb::UnifiedVectorFormat& format, duckdb::idx_t row) {
  return duckdb::UnifiedVectorFormat::GetData<T>(format)[format.sel->get_index(row)];
}

}  // namespace

TemporalColumn::TemporalColumn(duckdb::Vector& vector, duckdb::idx_t count, const Type& type)
    : kind_(type.kind()), wide_(IsWide(type)) {
  if (wide_ && vector.GetVectorType() != duckdb::VectorType::FLAT_VECTOR &&
      vector.GetVectorType() != duckdb::VectorType::CONSTANT_VECTOR) {
    vector.Flatten(count);  // A dictionary of structs selects above the fields.
  }
  vector.ToUnifiedFormat(count, format_);
  if (wide_) {
    auto& fields = duckdb::StructVector::GetEntries(vector);
    fields[0]->ToUnifiedFormat(count, base_);
    fields[1]->ToUnifiedFormat(count, rest_);
    if (vector.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) {
      base_.sel = rest_.sel = format_.sel;
    }
  }
}

// Timestamps are 64-bit integers in a class of their own.
int64_t TemporalColumn::Base(duckdb::idx_t row) const {
  return CellOf<int64_t>(wide_ ? base_ : format_, row);
}

int32_t TemporalColumn::Rest(duckdb::idx_t row) const {
  return wide_ ? CellOf<int32_t>(rest_, row) : 0;
}

int64_t TemporalColumn::Date(duckdb::idx_t row) const { return CellOf<int32_t>(format_, row); }

int64_t TemporalColumn::Time(duckdb::idx_t row) const { return Base(row); }

sql::ZonedTime TemporalColumn::TimeTz(duckdb::idx_t row) const {
  return wide_ ? sql::ZonedTime{Base(row), Rest(row)} : sql::UnpackTimeTz(Base(row));
}

sql::TimestampValue TemporalColumn::Timestamp(duckdb::idx_t row) const {
  if (kind_ == TypeKind::kDate) {
    return {Date(row) * sql::kMicrosPerDay, 0};
  }
  return {Base(row), Rest(row)};
}

sql::ZonedTimestamp TemporalColumn::TimestampTz(duckdb::idx_t row) const {
  const int64_t packed = Base(row);
  return {UnpackMillis(packed), Rest(row), UnpackZoneKey(packed)};
}

sql::TimestampValue TemporalColumn::Local(duckdb::idx_t row) const {
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

TemporalResult::TemporalResult(duckdb::Vector& vector, const Type& type)
    : vector_(vector), wide_(IsWide(type)) {
  vector.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
}

void TemporalResult::PutNull(duckdb::idx_t row) { duckdb::FlatVector::SetNull(vector_, row, true); }

void TemporalResult::PutDate(duckdb::idx_t row, int64_t days) {
  duckdb::FlatVector::GetData<int32_t>(vector_)[row] = static_cast<int32_t>(days);
}

void TemporalResult::PutTime(duckdb::idx_t row, int64_t picos) { PutPair(row, picos, 0); }

void TemporalResult::PutTimeTz(duckdb::idx_t row, const sql::ZonedTime& value) {
  if (wide_) {
    PutPair(row, value.picos, value.offset_minutes);
  } else {
    PutPair(row, sql::PackTimeTz(value), 0);
  }
}

void TemporalResult::PutTimestamp(duckdb::idx_t row, const sql::TimestampValue& value) {
  PutPair(row, value.micros, value.picos);
}

void TemporalResult::PutTimestampTz(duckdb::idx_t row, const sql::ZonedTimestamp& value) {
  PutPair(row, PackTimestampTz(value.millis, value.zone_key), value.picos);
}

void TemporalResult::PutPair(duckdb::idx_t row, int64_t base, int32_t rest) {
  if (!wide_) {
    duckdb::FlatVector::GetData<int64_t>(vector_)[row] = base;
    return;
  }
  auto& fields = duckdb::StructVector::GetEntries(vector_);
  duckdb::FlatVector::GetData<int64_t>(*fields[0])[row] = base;
  duckdb::FlatVector::GetData<int32_t>(*fields[1])[row] = rest;
}

}  // namespace pallas::engine
