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
