#include <string>
#include <utility>

#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/cells.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/date_time.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

// Casts between dates, times and timestamps: every one reads a Moment and writes one.

namespace pallas::engine {
namespace {

constexpr int kMaxShortTimestamp = 6;
constexpr int kMaxPackedTimestampTz = 3;
constexpr int kMaxPackedTimeTz = 9;
constexpr int kSecondsPerMinute = 60;

bool IsLong(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kTimestamp:
      return type.precision() > kMaxShortTimestamp;
    case TypeKind::kTimestampTz:
      return type.precision() > kMaxPackedTimestampTz;
    case TypeKind::kTimeTz:
      return type.precision() > kMaxPackedTimeTz;
    default:
      return false;
  }
}

// Any temporal value: what its type has is set.
struct Moment {
  sql::TimestampValue local;    // date and timestamps
  sql::ZonedTimestamp instant;  // timestamp with time zone
  int64_t picos_of_day = 0;     // times and timestamps, local
  int offset_minutes = 0;       // zoned values
};

Moment FromLocal(sql::TimestampValue local) {
  Moment moment;
  moment.local = local;
  moment.picos_of_day =
      FloorModulo(local.micros, sql::kMicrosPerDay) * sql::kPicosPerMicro + local.picos;
  return moment;
}

int OffsetMinutes(const sql::ZonedTimestamp& value) {
  return ZoneOffsetSeconds(value.zone_key, FloorDivide(value.millis, sql::kMillisPerSecond)) /
         kSecondsPerMinute;
}

Moment Read(const Type& type, const Cell& cell) {
  const bool in_two_parts = IsLong(type);
  switch (type.kind()) {
    case TypeKind::kDate:
      return FromLocal({.micros = cell.Get<int32_t>() * sql::kMicrosPerDay});
    case TypeKind::kTimestamp:
      return in_two_parts ? FromLocal({.micros = cell.Field(0).Get<int64_t>(),
                                       .picos = cell.Field(1).Get<int32_t>()})
                          : FromLocal({.micros = cell.Get<int64_t>()});
    case TypeKind::kTimestampTz: {
      const auto packed = in_two_parts ? cell.Field(0).Get<int64_t>() : cell.Get<int64_t>();
      const sql::ZonedTimestamp value = {.millis = UnpackMillis(packed),
                                         .picos = in_two_parts ? cell.Field(1).Get<int32_t>() : 0,
                                         .zone_key = UnpackZoneKey(packed)};
      Moment moment = FromLocal(sql::LocalOf(value));
      moment.instant = value;
      moment.offset_minutes = OffsetMinutes(value);
      return moment;
    }
    case TypeKind::kTimeTz: {
      const sql::ZonedTime time =
          in_two_parts ? sql::ZonedTime{.picos = cell.Field(0).Get<int64_t>(),
                                        .offset_minutes = cell.Field(1).Get<int32_t>()}
                       : sql::UnpackTimeTz(cell.Get<int64_t>());
      Moment moment;
      moment.picos_of_day = time.picos;
      moment.offset_minutes = time.offset_minutes;
      return moment;
    }
    default: {
      Moment moment;
      moment.picos_of_day = cell.Get<int64_t>();
      return moment;
    }
  }
}

// Writes a value of one or two parts.
class Writer {
 public:
  Writer(const Type& type, duckdb::Vector& target) : target_(target), long_(IsLong(type)) {}

  void Write(duckdb::idx_t row, int64_t base, int32_t rest) {
    if (!long_) {
      duckdb::FlatVector::GetData<int64_t>(target_)[row] = base;
      return;
    }
    auto& fields = duckdb::StructVector::GetEntries(target_);
    duckdb::FlatVector::GetData<int64_t>(*fields[0])[row] = base;
    duckdb::FlatVector::GetData<int32_t>(*fields[1])[row] = rest;
  }

 private:
  duckdb::Vector& target_;
  bool long_;
};

void Store(const Type& from, const Type& to, const Moment& moment, const CastContext& context,
           duckdb::Vector& target, duckdb::idx_t row) {
  Writer writer(to, target);
  switch (to.kind()) {
    case TypeKind::kDate:
      duckdb::FlatVector::GetData<int32_t>(target)[row] =
          static_cast<int32_t>(FloorDivide(moment.local.micros, sql::kMicrosPerDay));
      return;
    case TypeKind::kTimestamp: {
      const sql::TimestampValue value = sql::RoundTimestamp(moment.local, to.precision());
      writer.Write(row, value.micros, value.picos);
      return;
    }
    case TypeKind::kTimestampTz: {
      const sql::ZonedTimestamp value =
          sql::RoundZonedTimestamp(from.kind() == TypeKind::kTimestampTz
                                       ? moment.instant
                                       : sql::AtZone(moment.local, context.session_zone_key),
                                   to.precision());
      writer.Write(row, PackTimestampTz(value.millis, value.zone_key), value.picos);
      return;
    }
    case TypeKind::kTimeTz: {
      const bool zoned = from.kind() == TypeKind::kTimeTz || from.kind() == TypeKind::kTimestampTz;
      const sql::ZonedTime value = {
          .picos = sql::RoundTime(moment.picos_of_day, to.precision()),
          .offset_minutes =
              zoned ? moment.offset_minutes
                    : ZoneOffsetSeconds(context.session_zone_key, 0) / kSecondsPerMinute};
      if (IsLong(to)) {
        writer.Write(row, value.picos, value.offset_minutes);
      } else {
        writer.Write(row, sql::PackTimeTz(value), 0);
      }
      return;
    }
    default:
      writer.Write(row, sql::RoundTime(moment.picos_of_day, to.precision()), 0);
      return;
  }
}

bool HasDate(const Type& type) {
  return type.kind() == TypeKind::kDate || type.kind() == TypeKind::kTimestamp ||
         type.kind() == TypeKind::kTimestampTz;
}

bool HasClock(const Type& type) { return type.kind() != TypeKind::kDate; }

}  // namespace

std::optional<CastLoop> MakeTemporalCast(const Type& from, const Type& to,
                                         const CastContext& context) {
  if (!IsTemporal(from) || !IsTemporal(to)) {
    return std::nullopt;
  }
  // A time has no date, and a date no time of the day, unless it becomes a timestamp.
  if ((HasDate(to) && !HasDate(from)) || (!HasDate(to) && !HasClock(from))) {
    return std::nullopt;
  }
  return [from, to, context](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count,
                             FailedRows* /*failed*/) {
    const Cells cells(source, count);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (cells[row].IsNull()) {
        duckdb::FlatVector::SetNull(target, row, true);
      } else {
        Store(from, to, Read(from, cells[row]), context, target, row);
      }
    }
  };
}

}  // namespace pallas::engine
