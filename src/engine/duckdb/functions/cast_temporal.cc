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

Moment OnDay(int64_t epoch_day, int64_t picos_of_day) {
  Moment moment;
  moment.local = {.micros = epoch_day * sql::kMicrosPerDay + picos_of_day / sql::kPicosPerMicro,
                  .picos = static_cast<int32_t>(picos_of_day % sql::kPicosPerMicro)};
  moment.picos_of_day = picos_of_day;
  return moment;
}

// Times are read as of that day.
Moment Read(const Type& type, const Cell& cell, int64_t day_of_times) {
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
      const int64_t offset = time.offset_minutes * sql::kPicosPerSecond * kSecondsPerMinute;
      Moment moment = OnDay(day_of_times, time.picos);
      moment.instant = sql::AtZone(
          OnDay(day_of_times, FloorModulo(time.picos - offset, sql::kPicosPerDay)).local,
          kUtcZoneKey);
      moment.instant.zone_key = sql::ZoneKeyOfOffset(time.offset_minutes).value_or(kUtcZoneKey);
      moment.offset_minutes = time.offset_minutes;
      return moment;
    }
    default:
      return OnDay(day_of_times, cell.Get<int64_t>());
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

bool IsZoned(const Type& type) {
  return type.kind() == TypeKind::kTimeTz || type.kind() == TypeKind::kTimestampTz;
}

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
      const sql::ZonedTimestamp value = sql::RoundZonedTimestamp(
          IsZoned(from) ? moment.instant : sql::AtZone(moment.local, context.session_zone_key),
          to.precision());
      writer.Write(row, PackTimestampTz(value.millis, value.zone_key), value.picos);
      return;
    }
    case TypeKind::kTimeTz: {
      const sql::ZonedTime value = {
          .picos = sql::RoundTime(moment.picos_of_day, to.precision()),
          .offset_minutes =
              IsZoned(from) ? moment.offset_minutes
                            : ZoneOffsetSeconds(context.session_zone_key, context.session_start) /
                                  kSecondsPerMinute};
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

bool IsTime(const Type& type) {
  return type.kind() == TypeKind::kTime || type.kind() == TypeKind::kTimeTz;
}

}  // namespace

std::optional<CastLoop> MakeTemporalCast(const Type& from, const Type& to,
                                         const CastContext& context) {
  if (!IsTemporal(from) || !IsTemporal(to)) {
    return std::nullopt;
  }
  const bool date = from.kind() == TypeKind::kDate || to.kind() == TypeKind::kDate;
  if (date && (IsTime(from) || IsTime(to))) {
    return std::nullopt;
  }
  // A time becomes a timestamp of the day on which the query started.
  const int64_t local_start =
      context.session_start + ZoneOffsetSeconds(context.session_zone_key, context.session_start);
  const int64_t today = FloorDivide(local_start, sql::kMicrosPerDay / sql::kMicrosPerSecond);
  return [from, to, context, today](duckdb::Vector& source, duckdb::Vector& target,
                                    duckdb::idx_t count, FailedRows* /*failed*/) {
    const Cells cells(source, count);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (cells[row].IsNull()) {
        duckdb::FlatVector::SetNull(target, row, true);
      } else {
        Store(from, to, Read(from, cells[row], today), context, target, row);
      }
    }
  };
}

}  // namespace pallas::engine
