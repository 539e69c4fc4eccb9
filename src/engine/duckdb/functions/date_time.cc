#include "sql/runtime/date_time.h"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/temporal_vectors.h"
#include "engine/duckdb/functions/tree.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/date_arithmetic.h"
#include "types/time_zone.h"
#include "types/value_text.h"

// Fields and arithmetic of dates, times, timestamps and intervals.

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using sql::TimestampValue;
using sql::TimeUnit;
using sql::ZonedTimestamp;

using Loop = void (*)(duckdb::DataChunk&, duckdb::ExpressionState&, duckdb::Vector&);

// Bind callback of a Typed() function that runs `loop`.
template <Loop loop>
duckdb::unique_ptr<duckdb::FunctionData> BindTyped(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto data = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(loop);
  return data;
}

const TypedBindData& TypesOf(const duckdb::ExpressionState& state) {
  return BindDataOf(state).Cast<TypedBindData>();
}

// Whether any argument is NULL in that row; each is asked once per vector.
class Nulls {
 public:
  Nulls(duckdb::DataChunk& arguments, idx_t count) : formats_(arguments.ColumnCount()) {
    for (idx_t i = 0; i < arguments.ColumnCount(); ++i) {
      arguments.data[i].ToUnifiedFormat(count, formats_[i]);
      none_ &= formats_[i].validity.AllValid();
    }
  }

  bool Any(idx_t row) const {
    if (none_) {
      return false;
    }
    for (const duckdb::UnifiedVectorFormat& format : formats_) {
      if (!format.validity.RowIsValid(format.sel->get_index(row))) {
        return true;
      }
    }
    return false;
  }

 private:
  std::vector<duckdb::UnifiedVectorFormat> formats_;
  bool none_ = true;
};

// Calls `fn(row)` for each row without a NULL; the others become NULL. A call whose arguments are
// all constant is made once.
template <typename Fn>
void ForRows(duckdb::DataChunk& arguments, duckdb::Vector& result, Fn fn) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Nulls nulls(arguments, count);
  for (idx_t row = 0; row < count; ++row) {
    if (nulls.Any(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      fn(row);
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

idx_t RowsOf(const duckdb::DataChunk& arguments) {
  return arguments.AllConstant() ? 1 : arguments.size();
}

TemporalColumn ColumnOf(duckdb::DataChunk& arguments, idx_t index, const TypedBindData& types) {
  return {arguments.data[index], RowsOf(arguments), types.arguments[index]};
}

template <typename T>
scalar_loops_internal::Column<T> ValuesOf(duckdb::DataChunk& arguments, idx_t index) {
  return {arguments.data[index], RowsOf(arguments)};
}

// ---- Fields ----

int64_t Year(int64_t days) { return sql::CivilFromDays(days).year; }

int64_t Quarter(int64_t days) { return sql::QuarterOf(sql::CivilFromDays(days).month); }

int64_t Month(int64_t days) { return sql::CivilFromDays(days).month; }

int64_t Week(int64_t days) { return sql::IsoWeekOf(days).week; }

int64_t Day(int64_t days) { return sql::CivilFromDays(days).day; }

int64_t WeekDay(int64_t days) { return sql::DayOfWeek(days); }

int64_t YearDay(int64_t days) { return sql::DayOfYear(days); }

int64_t WeekYear(int64_t days) { return sql::IsoWeekOf(days).year; }

using DateField = int64_t (*)(int64_t days);

// A function of the microseconds of a column of 64-bit timestamps; false: it is another column.
template <typename Fn>
bool MicrosLoop(duckdb::DataChunk& arguments, const Type& type, duckdb::Vector& result, Fn fn) {
  constexpr int kMicroDigits = 6;
  if (type.kind() != TypeKind::kTimestamp || type.precision() > kMicroDigits) {
    return false;
  }
  duckdb::UnaryExecutor::Execute<duckdb::timestamp_t, int64_t>(
      arguments.data[0], result, arguments.size(),
      [fn](duckdb::timestamp_t value) { return fn(value.value); });
  return true;
}

template <DateField field>
void DateFieldLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                   duckdb::Vector& result) {
  if (MicrosLoop(arguments, TypesOf(state).arguments[0], result,
                 [](int64_t micros) { return field(FloorDivide(micros, sql::kMicrosPerDay)); })) {
    return;
  }
  const TemporalColumn column = ColumnOf(arguments, 0, TypesOf(state));
  auto* values = duckdb::FlatVector::GetData<int64_t>(result);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  ForRows(arguments, result, [&](idx_t row) {
    values[row] = field(FloorDivide(column.Local(row).micros, sql::kMicrosPerDay));
  });
}

int64_t Hour(int64_t millis) { return FloorModulo(millis, sql::kMillisPerDay) / 3'600'000; }

int64_t Minute(int64_t millis) { return FloorModulo(millis, 3'600'000) / 60'000; }

int64_t Second(int64_t millis) { return FloorModulo(millis, 60'000) / 1000; }

int64_t Millisecond(int64_t millis) { return FloorModulo(millis, 1000); }

using ClockField = int64_t (*)(int64_t millis);

template <ClockField field>
void ClockFieldLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
  if (MicrosLoop(arguments, TypesOf(state).arguments[0], result,
                 [](int64_t micros) { return field(FloorDivide(micros, sql::kMicrosPerMilli)); })) {
    return;
  }
  const TemporalColumn column = ColumnOf(arguments, 0, TypesOf(state));
  auto* values = duckdb::FlatVector::GetData<int64_t>(result);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  ForRows(arguments, result, [&](idx_t row) {
    values[row] = field(FloorDivide(column.Local(row).micros, sql::kMicrosPerMilli));
  });
}

template <DateField field>
void AddDateField(AdapterTable& table, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    table.Scalar(
        absl::StrCat(name, "(date)"),
        Unary<duckdb::date_t, int64_t>([](duckdb::date_t date) { return field(date.days); }));
    for (const std::string_view type : {"timestamp(p)", "timestamp(p) with time zone"}) {
      table.Typed(absl::StrCat(name, "(", type, ")"), BindTyped<DateFieldLoop<field>>);
    }
  }
}

template <ClockField field>
void AddClockField(AdapterTable& table, std::string_view name) {
  for (const std::string_view type :
       {"timestamp(p)", "timestamp(p) with time zone", "time(p)", "time(p) with time zone"}) {
    table.Typed(absl::StrCat(name, "(", type, ")"), BindTyped<ClockFieldLoop<field>>);
  }
  // Of the interval's absolute value, with its sign.
  table.Scalar(absl::StrCat(name, "(interval day to second)"),
               Unary<int64_t, int64_t>(
                   [](int64_t millis) { return millis < 0 ? -field(-millis) : field(millis); }));
}

void AddFields(AdapterTable& table) {
  AddDateField<Year>(table, {"year"});
  AddDateField<Quarter>(table, {"quarter"});
  AddDateField<Month>(table, {"month"});
  AddDateField<Week>(table, {"week", "week_of_year"});
  AddDateField<Day>(table, {"day", "day_of_month"});
  AddDateField<WeekDay>(table, {"dow", "day_of_week"});
  AddDateField<YearDay>(table, {"doy", "day_of_year"});
  AddDateField<WeekYear>(table, {"yow", "year_of_week"});
  AddClockField<Hour>(table, "hour");
  AddClockField<Minute>(table, "minute");
  AddClockField<Second>(table, "second");
  AddClockField<Millisecond>(table, "millisecond");
  for (const std::string_view name : {"day", "day_of_month"}) {
    table.Scalar(
        absl::StrCat(name, "(interval day to second)"),
        Unary<int64_t, int64_t>([](int64_t millis) { return millis / sql::kMillisPerDay; }));
  }
  table.Scalar("year(interval year to month)",
               Unary<int32_t, int64_t>([](int32_t months) { return int64_t{months / 12}; }));
  table.Scalar("month(interval year to month)",
               Unary<int32_t, int64_t>([](int32_t months) { return int64_t{months % 12}; }));
  table.Scalar("to_milliseconds(interval day to second)",
               Unary<int64_t, int64_t>([](int64_t millis) { return millis; }));
}

// ---- Zones ----

// The last key of a zone that is an offset; regions follow.

int OffsetMinutes(const TemporalColumn& column, TypeKind kind, idx_t row) {
  if (kind == TypeKind::kTimeTz) {
    return column.TimeTz(row).offset_minutes;
  }
  const ZonedTimestamp value = column.TimestampTz(row);
  return ZoneOffsetSeconds(value.zone_key, FloorDivide(value.millis, sql::kMillisPerSecond)) / 60;
}

int64_t OffsetHour(int64_t minutes) { return minutes / 60; }

int64_t OffsetMinute(int64_t minutes) { return minutes % 60; }

template <ClockField field>
void OffsetLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TemporalColumn column = ColumnOf(arguments, 0, types);
  auto* values = duckdb::FlatVector::GetData<int64_t>(result);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  ForRows(arguments, result, [&](idx_t row) {
    values[row] = field(OffsetMinutes(column, types.arguments[0].kind(), row));
  });
}

void ZoneNameLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                  duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TemporalColumn column = ColumnOf(arguments, 0, types);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  ForRows(arguments, result, [&](idx_t row) {
    const std::string name = types.arguments[0].kind() == TypeKind::kTimeTz
                                 ? sql::OffsetText(column.TimeTz(row).offset_minutes)
                                 : ZoneName(column.TimestampTz(row).zone_key);
    scalar_loops_internal::Store(result, row, name);
  });
}

int ZoneKeyOrRaise(std::string_view name) {
  const absl::StatusOr<int> key = ZoneKeyOf(name);
  if (!key.ok()) {
    Raise("INVALID_FUNCTION_ARGUMENT", absl::StrCat("'", name, "' is not a valid time zone"));
  }
  return *key;
}

int ZoneKeyOfInterval(int64_t millis) {
  constexpr int64_t kMillisPerMinute = 60'000;
  if (millis % kMillisPerMinute != 0) {
    Raise("INVALID_FUNCTION_ARGUMENT",
          absl::StrCat("Invalid time zone offset interval: interval contains seconds"));
  }
  return ValueOrRaise(sql::ZoneKeyOfOffset(millis / kMillisPerMinute));
}

// The zone that the second argument names, as text or as an interval.
class ZoneArgument {
 public:
  ZoneArgument(duckdb::DataChunk& arguments, const TypedBindData& types)
      : interval_(types.arguments[1].kind() == TypeKind::kIntervalDayTime) {
    arguments.data[1].ToUnifiedFormat(RowsOf(arguments), unified_);
  }

  int Key(idx_t row) {
    const idx_t index = unified_.sel->get_index(row);
    if (interval_) {
      return ZoneKeyOfInterval(duckdb::UnifiedVectorFormat::GetData<int64_t>(unified_)[index]);
    }
    const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(unified_)[index];
    const std::string_view name(text.GetData(), text.GetSize());
    if (name != last_name_ || last_key_ < 0) {
      last_key_ = ZoneKeyOrRaise(name);
      last_name_ = name;
    }
    return last_key_;
  }

 private:
  bool interval_;
  duckdb::UnifiedVectorFormat unified_;
  std::string last_name_;  // Zones are mostly the same for all rows.
  int last_key_ = -1;
};

void AtTimeZoneLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TemporalColumn column = ColumnOf(arguments, 0, types);
  ZoneArgument zone(arguments, types);
  TemporalResult out(result, types.result);
  ForRows(arguments, result, [&](idx_t row) {
    ZonedTimestamp value = column.TimestampTz(row);
    value.zone_key = zone.Key(row);
    out.PutTimestampTz(row, value);
  });
}

// $at_timezone(time, zone, start of the query): a region has the offset that it had then.
void TimeAtTimeZoneLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                        duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TemporalColumn column = ColumnOf(arguments, 0, types);
  ZoneArgument zone(arguments, types);
  const auto starts = ValuesOf<int64_t>(arguments, 2);
  TemporalResult out(result, types.result);
  ForRows(arguments, result, [&](idx_t row) {
    const sql::ZonedTime time = column.TimeTz(row);
    const int offset = ZoneOffsetSeconds(zone.Key(row), starts[row]) / 60;
    const int64_t picos = time.picos + (offset - time.offset_minutes) * 60 * sql::kPicosPerSecond;
    out.PutTimeTz(row, {FloorModulo(picos, sql::kPicosPerDay), offset});
  });
}

void WithTimeZoneLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                      duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TemporalColumn column = ColumnOf(arguments, 0, types);
  ZoneArgument zone(arguments, types);
  TemporalResult out(result, types.result);
  ForRows(arguments, result, [&](idx_t row) {
    out.PutTimestampTz(row, sql::AtZone(column.Timestamp(row), zone.Key(row)));
  });
}

absl::StatusOr<DuckExpr> EmitTimeAtTimeZone(const CallSite& site, DuckExprs values) {
  const int64_t start = absl::ToUnixSeconds(site.session.start_time);
  values.push_back(site.emitter.Constant(Type::Bigint(), start));
  return CallTyped("time_at_timezone", {site.argument(0), site.argument(1), Type::Bigint()},
                   site.result(), std::move(values));
}

void AddZones(AdapterTable& table) {
  table.Private("time_at_timezone", BindTyped<TimeAtTimeZoneLoop>, duckdb::LogicalType::ANY,
                {.can_raise = true});
  for (const std::string_view type : {"timestamp(p) with time zone", "time(p) with time zone"}) {
    table.Typed(absl::StrCat("timezone_hour(", type, ")"), BindTyped<OffsetLoop<OffsetHour>>);
    table.Typed(absl::StrCat("timezone_minute(", type, ")"), BindTyped<OffsetLoop<OffsetMinute>>);
    table.Typed(absl::StrCat("timezone(", type, ")"), BindTyped<ZoneNameLoop>);
  }
  for (const std::string_view zone : {"varchar(x)", "interval day to second"}) {
    for (const std::string_view name : {"at_timezone", "$at_timezone"}) {
      table.Typed(absl::StrCat(name, "(timestamp(p) with time zone,", zone, ")"),
                  BindTyped<AtTimeZoneLoop>);
    }
    table.Emit(absl::StrCat("$at_timezone(time(p) with time zone,", zone, ")"), EmitTimeAtTimeZone);
  }
  table.Typed("with_timezone(timestamp(p),varchar(x))", BindTyped<WithTimeZoneLoop>);
}

// ---- date_add, date_diff, date_trunc ----

std::string_view UnitKind(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
    case TypeKind::kTimeTz:
      return "TIME";
    default:
      return "TIMESTAMP";
  }
}

// The unit that the first argument names; mostly the same for all rows.
class UnitArgument {
 public:
  UnitArgument(duckdb::DataChunk& arguments, const Type& subject)
      : names_(arguments.data[0], RowsOf(arguments)), kind_(UnitKind(subject)) {}

  TimeUnit Unit(idx_t row) {
    const std::string_view name = names_[row];
    if (!known_ || name != last_name_) {
      last_unit_ = ValueOrRaise(sql::ParseTimeUnit(name, kind_));
      last_name_ = name;
      known_ = true;
    }
    return last_unit_;
  }

 private:
  scalar_loops_internal::Column<std::string_view> names_;
  std::string_view kind_;
  bool known_ = false;
  std::string last_name_;
  TimeUnit last_unit_ = TimeUnit::kDay;
};

void DateAddLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                 duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  UnitArgument unit(arguments, types.result);
  // Milliseconds may be more digits than the type has.
  const int digits = types.result.kind() == TypeKind::kDate ? 0 : types.result.precision();
  const auto counts = ValuesOf<int64_t>(arguments, 1);
  const TemporalColumn column = ColumnOf(arguments, 2, types);
  TemporalResult out(result, types.result);
  ForRows(arguments, result, [&](idx_t row) {
    const TimeUnit by = unit.Unit(row);
    const int64_t count = counts[row];
    switch (types.result.kind()) {
      case TypeKind::kDate:
        return out.PutDate(row, ValueOrRaise(sql::AddToDate(by, count, column.Date(row))));
      case TypeKind::kTime:
        return out.PutTime(row,
                           sql::RoundTime(sql::AddToTime(by, count, column.Time(row)), digits));
      case TypeKind::kTimeTz: {
        const sql::ZonedTime time = column.TimeTz(row);
        return out.PutTimeTz(row, {sql::RoundTime(sql::AddToTime(by, count, time.picos), digits),
                                   time.offset_minutes});
      }
      case TypeKind::kTimestamp:
        return out.PutTimestamp(
            row, sql::RoundTimestamp(
                     ValueOrRaise(sql::AddToTimestamp(by, count, column.Timestamp(row))), digits));
      default:
        return out.PutTimestampTz(
            row, sql::RoundZonedTimestamp(
                     ValueOrRaise(sql::AddToZoned(by, count, column.TimestampTz(row))), digits));
    }
  });
}

int64_t UtcPicos(const sql::ZonedTime& time) {
  return FloorModulo(time.picos - time.offset_minutes * 60 * sql::kPicosPerSecond,
                     sql::kPicosPerDay);
}

void DateDiffLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                  duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TypeKind kind = types.arguments[1].kind();
  UnitArgument unit(arguments, types.arguments[1]);
  const TemporalColumn from = ColumnOf(arguments, 1, types);
  const TemporalColumn to = ColumnOf(arguments, 2, types);
  auto* values = duckdb::FlatVector::GetData<int64_t>(result);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  ForRows(arguments, result, [&](idx_t row) {
    const TimeUnit in = unit.Unit(row);
    switch (kind) {
      case TypeKind::kDate:
        values[row] = sql::DateDifference(in, from.Date(row), to.Date(row));
        break;
      case TypeKind::kTime:
        values[row] = sql::TimeDifference(in, from.Time(row), to.Time(row));
        break;
      case TypeKind::kTimeTz:
        values[row] = sql::TimeDifference(in, UtcPicos(from.TimeTz(row)), UtcPicos(to.TimeTz(row)));
        break;
      case TypeKind::kTimestamp:
        values[row] = sql::TimestampDifference(in, from.Timestamp(row), to.Timestamp(row));
        break;
      default:
        values[row] = sql::ZonedDifference(in, from.TimestampTz(row), to.TimestampTz(row));
    }
  });
}

void DateTruncLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                   duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  UnitArgument unit(arguments, types.result);
  const TemporalColumn column = ColumnOf(arguments, 1, types);
  TemporalResult out(result, types.result);
  ForRows(arguments, result, [&](idx_t row) {
    const TimeUnit to = unit.Unit(row);
    switch (types.result.kind()) {
      case TypeKind::kDate:
        return out.PutDate(row, sql::TruncateDate(to, column.Date(row)));
      case TypeKind::kTime:
        return out.PutTime(row, sql::TruncateTime(to, column.Time(row)));
      case TypeKind::kTimeTz: {
        const sql::ZonedTime time = column.TimeTz(row);
        return out.PutTimeTz(row, {sql::TruncateTime(to, time.picos), time.offset_minutes});
      }
      case TypeKind::kTimestamp:
        return out.PutTimestamp(row, sql::TruncateTimestamp(to, column.Timestamp(row)));
      default:
        return out.PutTimestampTz(row, sql::TruncateZoned(to, column.TimestampTz(row)));
    }
  });
}

void AddUnits(AdapterTable& table) {
  for (const std::string_view type : {"date", "time(p)", "time(p) with time zone", "timestamp(p)",
                                      "timestamp(p) with time zone"}) {
    table.Typed(absl::StrCat("date_add(varchar(x),bigint,", type, ")"), BindTyped<DateAddLoop>);
    table.Typed(absl::StrCat("date_diff(varchar(x),", type, ",", type, ")"),
                BindTyped<DateDiffLoop>);
    table.Typed(absl::StrCat("date_trunc(varchar(x),", type, ")"), BindTyped<DateTruncLoop>);
  }
}

// ---- Plus and minus with intervals ----

[[noreturn]] void RaiseOutOfRange(std::string_view what) {
  Raise("NUMERIC_VALUE_OUT_OF_RANGE", absl::StrCat(what, " out of range"));
}

// A date moves by whole days only.
int64_t AddMillisToDate(int64_t days, int64_t millis) {
  if (millis % sql::kMillisPerDay != 0) {
    Raise("INVALID_FUNCTION_ARGUMENT", "Cannot add hour, minutes or seconds to a date");
  }
  return ValueOrRaise(sql::AddToDate(TimeUnit::kDay, millis / sql::kMillisPerDay, days));
}

int64_t SubtractMillisFromDate(int64_t days, int64_t millis) {
  if (millis % sql::kMillisPerDay != 0) {
    Raise("INVALID_FUNCTION_ARGUMENT", "Cannot subtract hour, minutes or seconds from a date");
  }
  return ValueOrRaise(sql::AddToDate(TimeUnit::kDay, -(millis / sql::kMillisPerDay), days));
}

// `value` plus `sign` times the interval, of milliseconds or of months.
void PutSum(const TemporalColumn& column, bool months, int64_t amount, int sign, TypeKind kind,
            TemporalResult& out, idx_t row) {
  const int64_t signed_amount = sign * amount;
  switch (kind) {
    case TypeKind::kDate:
      if (months) {
        return out.PutDate(
            row, ValueOrRaise(sql::AddToDate(TimeUnit::kMonth, signed_amount, column.Date(row))));
      }
      return out.PutDate(row, sign > 0 ? AddMillisToDate(column.Date(row), amount)
                                       : SubtractMillisFromDate(column.Date(row), amount));
    case TypeKind::kTime:
      return out.PutTime(row,
                         sql::AddToTime(TimeUnit::kMillisecond, signed_amount, column.Time(row)));
    case TypeKind::kTimeTz: {
      const sql::ZonedTime time = column.TimeTz(row);
      return out.PutTimeTz(row, {sql::AddToTime(TimeUnit::kMillisecond, signed_amount, time.picos),
                                 time.offset_minutes});
    }
    case TypeKind::kTimestamp: {
      const TimestampValue value = column.Timestamp(row);
      return out.PutTimestamp(
          row,
          ValueOrRaise(months ? sql::AddMonthsToTimestamp(value, signed_amount)
                              : sql::AddToTimestamp(TimeUnit::kMillisecond, signed_amount, value)));
    }
    default: {
      const ZonedTimestamp value = column.TimestampTz(row);
      return out.PutTimestampTz(
          row,
          ValueOrRaise(months ? sql::AddMonthsToZoned(value, signed_amount)
                              : sql::AddToZoned(TimeUnit::kMillisecond, signed_amount, value)));
    }
  }
}

// `subject` and `interval` are the places of the arguments.
template <int subject, int interval, int sign>
void PlusIntervalLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                      duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const bool months = types.arguments[interval].kind() == TypeKind::kIntervalYearMonth;
  const TemporalColumn column = ColumnOf(arguments, subject, types);
  TemporalResult out(result, types.result);
  duckdb::UnifiedVectorFormat amounts;
  arguments.data[interval].ToUnifiedFormat(RowsOf(arguments), amounts);
  ForRows(arguments, result, [&](idx_t row) {
    const idx_t index = amounts.sel->get_index(row);
    const int64_t amount = months ? duckdb::UnifiedVectorFormat::GetData<int32_t>(amounts)[index]
                                  : duckdb::UnifiedVectorFormat::GetData<int64_t>(amounts)[index];
    PutSum(column, months, amount, sign, types.result.kind(), out, row);
  });
}

// Half up.
int64_t RoundedMillis(int64_t picos) {
  return FloorDivide(picos + sql::kPicosPerMilli / 2, sql::kPicosPerMilli);
}

// a - b of one type, as an interval in milliseconds.
void DifferenceLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TypeKind kind = types.arguments[0].kind();
  const TemporalColumn left = ColumnOf(arguments, 0, types);
  const TemporalColumn right = ColumnOf(arguments, 1, types);
  auto* values = duckdb::FlatVector::GetData<int64_t>(result);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  ForRows(arguments, result, [&](idx_t row) {
    switch (kind) {
      case TypeKind::kDate:
        values[row] = (left.Date(row) - right.Date(row)) * sql::kMillisPerDay;
        break;
      case TypeKind::kTime:
        values[row] = RoundedMillis(left.Time(row) - right.Time(row));
        break;
      case TypeKind::kTimeTz:
        values[row] = RoundedMillis(UtcPicos(left.TimeTz(row)) - UtcPicos(right.TimeTz(row)));
        break;
      case TypeKind::kTimestamp: {
        // Rounded half up where the micros say more than millis.
        const int64_t micros = left.Timestamp(row).micros - right.Timestamp(row).micros;
        values[row] = FloorDivide(micros + sql::kMicrosPerMilli / 2, sql::kMicrosPerMilli);
        break;
      }
      default: {
        const ZonedTimestamp from = right.TimestampTz(row);
        const ZonedTimestamp to = left.TimestampTz(row);
        const int64_t picos = to.picos - from.picos;
        // Here half a milli is rounded away from zero.
        values[row] =
            to.millis - from.millis + (picos < 0 ? -RoundedMillis(-picos) : RoundedMillis(picos));
      }
    }
  });
}

template <typename T>
T AddIntervals(T a, T b) {
  T sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    RaiseOutOfRange("interval");
  }
  return sum;
}

template <typename T>
T SubtractIntervals(T a, T b) {
  T difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) {
    RaiseOutOfRange("interval");
  }
  return difference;
}

template <typename T>
T MultiplyInterval(T value, int64_t factor) {
  T product = 0;
  if (__builtin_mul_overflow(value, factor, &product)) {
    RaiseOutOfRange("interval");
  }
  return product;
}

// Toward zero.
template <typename T>
T ToInterval(double value) {
  if (!(std::fabs(value) <= static_cast<double>(std::numeric_limits<T>::max()))) {
    RaiseOutOfRange("interval");
  }
  return static_cast<T>(value);
}

template <typename T>
void AddIntervalArithmetic(AdapterTable& table, std::string_view interval) {
  table.Scalar(absl::StrCat("$add(", interval, ",", interval, ")"),
               Binary<T, T, T>(AddIntervals<T>));
  table.Scalar(absl::StrCat("$subtract(", interval, ",", interval, ")"),
               Binary<T, T, T>(SubtractIntervals<T>));
  table.Scalar(absl::StrCat("$multiply(", interval, ",bigint)"),
               Binary<T, int64_t, T>(MultiplyInterval<T>));
  table.Scalar(absl::StrCat("$multiply(bigint,", interval, ")"),
               Binary<int64_t, T, T>(
                   [](int64_t factor, T value) { return MultiplyInterval<T>(value, factor); }));
  table.Scalar(absl::StrCat("$multiply(", interval, ",double)"),
               Binary<T, double, T>([](T value, double factor) {
                 return ToInterval<T>(static_cast<double>(value) * factor);
               }));
  table.Scalar(absl::StrCat("$multiply(double,", interval, ")"),
               Binary<double, T, T>([](double factor, T value) {
                 return ToInterval<T>(factor * static_cast<double>(value));
               }));
  table.Scalar(absl::StrCat("$divide(", interval, ",double)"),
               Binary<T, double, T>([](T value, double divisor) {
                 if (divisor == 0 || std::isnan(divisor)) {
                   std::string shown;
                   AppendJavaDouble(divisor, &shown);
                   Raise("INVALID_FUNCTION_ARGUMENT", "Cannot divide by double " + shown);
                 }
                 return ToInterval<T>(static_cast<double>(value) / divisor);
               }));
  table.Scalar(absl::StrCat("$negate(", interval, ")"),
               Unary<T, T>([](T value) { return SubtractIntervals<T>(0, value); }));
}

// date + interval day to second, and date + interval year to month, on plain columns of days: the
// commonest forms by far.
template <int sign>
void AddDatePlusInterval(AdapterTable& table, std::string_view op) {
  using duckdb::date_t;
  table.Scalar(
      absl::StrCat(op, "(date,interval day to second)"),
      Binary<date_t, int64_t, date_t>([](date_t date, int64_t millis) {
        return date_t(static_cast<int32_t>(sign > 0 ? AddMillisToDate(date.days, millis)
                                                    : SubtractMillisFromDate(date.days, millis)));
      }));
  table.Scalar(absl::StrCat(op, "(date,interval year to month)"),
               Binary<date_t, int32_t, date_t>([](date_t date, int32_t months) {
                 return date_t(static_cast<int32_t>(ValueOrRaise(
                     sql::AddToDate(TimeUnit::kMonth, int64_t{sign} * months, date.days))));
               }));
}

void AddSums(AdapterTable& table) {
  AddDatePlusInterval<1>(table, "$add");
  AddDatePlusInterval<-1>(table, "$subtract");
  for (const std::string_view interval : {"interval day to second", "interval year to month"}) {
    table.Typed(absl::StrCat("$add(", interval, ",date)"), BindTyped<PlusIntervalLoop<1, 0, 1>>);
    for (const std::string_view type : {"timestamp(p)", "timestamp(p) with time zone"}) {
      table.Typed(absl::StrCat("$add(", type, ",", interval, ")"),
                  BindTyped<PlusIntervalLoop<0, 1, 1>>);
      table.Typed(absl::StrCat("$add(", interval, ",", type, ")"),
                  BindTyped<PlusIntervalLoop<1, 0, 1>>);
      table.Typed(absl::StrCat("$subtract(", type, ",", interval, ")"),
                  BindTyped<PlusIntervalLoop<0, 1, -1>>);
    }
  }
  for (const std::string_view type : {"time(p)", "time(p) with time zone"}) {
    table.Typed(absl::StrCat("$add(", type, ",interval day to second)"),
                BindTyped<PlusIntervalLoop<0, 1, 1>>);
    table.Typed(absl::StrCat("$add(interval day to second,", type, ")"),
                BindTyped<PlusIntervalLoop<1, 0, 1>>);
    table.Typed(absl::StrCat("$subtract(", type, ",interval day to second)"),
                BindTyped<PlusIntervalLoop<0, 1, -1>>);
  }
  for (const std::string_view type : {"date", "time(p)", "time(p) with time zone", "timestamp(p)",
                                      "timestamp(p) with time zone"}) {
    table.Typed(absl::StrCat("$subtract(", type, ",", type, ")"), BindTyped<DifferenceLoop>);
  }
  AddIntervalArithmetic<int64_t>(table, "interval day to second");
  AddIntervalArithmetic<int32_t>(table, "interval year to month");
}

// ---- Conversions ----

void LastDayLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                 duckdb::Vector& result) {
  const TypedBindData& types = TypesOf(state);
  const TemporalColumn column = ColumnOf(arguments, 0, types);
  TemporalResult out(result, types.result);
  ForRows(arguments, result, [&](idx_t row) {
    out.PutDate(row,
                sql::LastDayOfMonth(FloorDivide(column.Local(row).micros, sql::kMicrosPerDay)));
  });
}

void AddConversions(AdapterTable& table) {
  for (const std::string_view type : {"date", "timestamp(p)", "timestamp(p) with time zone"}) {
    table.Typed(absl::StrCat("last_day_of_month(", type, ")"), BindTyped<LastDayLoop>);
  }
  const auto cast_to_date = [](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    return site.emitter.Cast(site.argument(0), Type::Date(), /*safe=*/false, std::move(values[0]));
  };
  for (const std::string_view type :
       {"varchar(x)", "timestamp(p)", "timestamp(p) with time zone"}) {
    table.Emit(absl::StrCat("date(", type, ")"), cast_to_date);
  }
}

}  // namespace

void AddDateTime(AdapterTable& table) {
  AddFields(table);
  AddZones(table);
  AddUnits(table);
  AddSums(table);
  AddConversions(table);
}

}  // namespace pallas::engine
