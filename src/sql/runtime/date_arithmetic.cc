#include "sql/runtime/date_arithmetic.h"

#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "sql/runtime/calendar.h"
#include "types/time_zone.h"

namespace pallas::sql {
namespace {

constexpr int kMonthsPerQuarter = 3;
constexpr int kMonthsPerYear = 12;
constexpr int kDaysPerWeek = 7;

struct NamedUnit {
  std::string_view name;
  TimeUnit unit;
};

constexpr std::array<NamedUnit, 9> kUnits = {{{"millisecond", TimeUnit::kMillisecond},
                                              {"second", TimeUnit::kSecond},
                                              {"minute", TimeUnit::kMinute},
                                              {"hour", TimeUnit::kHour},
                                              {"day", TimeUnit::kDay},
                                              {"week", TimeUnit::kWeek},
                                              {"month", TimeUnit::kMonth},
                                              {"quarter", TimeUnit::kQuarter},
                                              {"year", TimeUnit::kYear}}};

// Of the units that have a fixed length.
int64_t MillisOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMillisecond:
      return 1;
    case TimeUnit::kSecond:
      return kMillisPerSecond;
    case TimeUnit::kMinute:
      return 60 * kMillisPerSecond;
    case TimeUnit::kHour:
      return 3600 * kMillisPerSecond;
    case TimeUnit::kWeek:
      return kDaysPerWeek * kMillisPerDay;
    default:
      return kMillisPerDay;
  }
}

// Of the others; 0 for those of a fixed length.
int MonthsOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMonth:
      return 1;
    case TimeUnit::kQuarter:
      return kMonthsPerQuarter;
    case TimeUnit::kYear:
      return kMonthsPerYear;
    default:
      return 0;
  }
}

bool IsTimeUnit(TimeUnit unit) { return unit <= TimeUnit::kHour; }

absl::Status OutOfRange(std::string_view kind) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat(kind, " out of range"));
}

// Whole months between two local times in milliseconds; `to` is not before `from`. The last day of
// a month counts as reached by every later day of another.
int64_t MonthsBetween(int64_t from_millis, int64_t to_millis) {
  const CivilDate from = CivilFromDays(FloorDivide(from_millis, kMillisPerDay));
  const CivilDate to = CivilFromDays(FloorDivide(to_millis, kMillisPerDay));
  const int64_t months = (to.year - from.year) * kMonthsPerYear + to.month - from.month;
  int from_day = from.day;
  if (to.day == DaysInMonth(to.year, to.month) && from_day > to.day) {
    from_day = to.day;
  }
  const auto rest = [](int day, int64_t millis) {
    return day * kMillisPerDay + FloorModulo(millis, kMillisPerDay);
  };
  return months - (rest(to.day, to_millis) < rest(from_day, from_millis) ? 1 : 0);
}

// Whole years, likewise. 29 February and the days after it are compared by their place in the year,
// as if both years had or lacked the leap day.
int64_t YearsBetween(int64_t from_millis, int64_t to_millis) {
  constexpr int kLeapDay = 31 + 29;
  const int64_t from_days = FloorDivide(from_millis, kMillisPerDay);
  const int64_t to_days = FloorDivide(to_millis, kMillisPerDay);
  const int64_t from_year = CivilFromDays(from_days).year;
  const int64_t to_year = CivilFromDays(to_days).year;
  int64_t from_day = DayOfYear(from_days);
  int64_t to_day = DayOfYear(to_days);
  if (from_day >= kLeapDay && IsLeapYear(from_year)) {
    from_day -= IsLeapYear(to_year) ? 0 : 1;
  } else if (from_day >= kLeapDay && to_day >= kLeapDay && IsLeapYear(to_year)) {
    to_day -= 1;
  }
  const auto rest = [](int64_t day, int64_t millis) {
    return day * kMillisPerDay + FloorModulo(millis, kMillisPerDay);
  };
  return to_year - from_year - (rest(to_day, to_millis) < rest(from_day, from_millis) ? 1 : 0);
}

// Whole units between local times in milliseconds, toward zero.
int64_t LocalDifference(TimeUnit unit, int64_t from_millis, int64_t to_millis) {
  const int months = MonthsOf(unit);
  if (months == 0) {
    return (to_millis - from_millis) / MillisOf(unit);
  }
  if (to_millis < from_millis) {
    return -LocalDifference(unit, to_millis, from_millis);
  }
  return unit == TimeUnit::kYear ? YearsBetween(from_millis, to_millis)
                                 : MonthsBetween(from_millis, to_millis) / months;
}

int64_t LocalMillis(const TimestampValue& value) {
  return FloorDivide(value.micros, kMicrosPerMilli);
}

int64_t OffsetMillis(const ZonedTimestamp& value) {
  return ZoneOffsetSeconds(value.zone_key, FloorDivide(value.millis, kMillisPerSecond)) *
         kMillisPerSecond;
}

}  // namespace

absl::StatusOr<TimeUnit> ParseTimeUnit(std::string_view name, std::string_view kind) {
  for (const NamedUnit& known : kUnits) {
    const bool fits = kind == "TIMESTAMP" || (kind == "TIME") == IsTimeUnit(known.unit);
    if (fits && absl::EqualsIgnoreCase(known.name, name)) {
      return known.unit;
    }
  }
  return NamedError("INVALID_FUNCTION_ARGUMENT",
                    absl::StrCat("'", name, "' is not a valid ", kind, " field"));
}

absl::StatusOr<int64_t> AddToDate(TimeUnit unit, int64_t count, int64_t days) {
  int64_t amount = 0;
  const int64_t factor = MonthsOf(unit) != 0 ? MonthsOf(unit) : MillisOf(unit) / kMillisPerDay;
  if (__builtin_mul_overflow(count, factor, &amount) ||
      std::abs(amount) > std::numeric_limits<int32_t>::max()) {
    return OutOfRange("date");
  }
  const int64_t result = MonthsOf(unit) != 0 ? AddMonths(days, amount) : days + amount;
  if (result < std::numeric_limits<int32_t>::min() ||
      result > std::numeric_limits<int32_t>::max()) {
    return OutOfRange("date");
  }
  return result;
}

absl::StatusOr<TimestampValue> AddMonthsToTimestamp(const TimestampValue& value, int64_t months) {
  const int64_t days = FloorDivide(value.micros, kMicrosPerDay);
  if (std::abs(months) > std::numeric_limits<int32_t>::max()) {
    return OutOfRange("timestamp");
  }
  int64_t micros = 0;
  if (__builtin_mul_overflow(AddMonths(days, months), kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, value.micros - days * kMicrosPerDay, &micros)) {
    return OutOfRange("timestamp");
  }
  return TimestampValue{micros, value.picos};
}

absl::StatusOr<TimestampValue> AddToTimestamp(TimeUnit unit, int64_t count, TimestampValue value) {
  int64_t amount = 0;
  if (const int months = MonthsOf(unit); months != 0) {
    if (__builtin_mul_overflow(count, months, &amount)) {
      return OutOfRange("timestamp");
    }
    return AddMonthsToTimestamp(value, amount);
  }
  if (__builtin_mul_overflow(count, MillisOf(unit) * kMicrosPerMilli, &amount) ||
      __builtin_add_overflow(value.micros, amount, &value.micros)) {
    return OutOfRange("timestamp");
  }
  return value;
}

absl::StatusOr<ZonedTimestamp> AddMonthsToZoned(const ZonedTimestamp& value, int64_t months) {
  absl::StatusOr<TimestampValue> local = AddMonthsToTimestamp(LocalOf(value), months);
  if (!local.ok()) {
    return local.status();
  }
  return AtZone(*local, value.zone_key);
}

absl::StatusOr<ZonedTimestamp> AddToZoned(TimeUnit unit, int64_t count,
                                          const ZonedTimestamp& value) {
  if (!IsTimeUnit(unit)) {
    absl::StatusOr<TimestampValue> local = AddToTimestamp(unit, count, LocalOf(value));
    if (!local.ok()) {
      return local.status();
    }
    return AtZone(*local, value.zone_key);
  }
  ZonedTimestamp result = value;
  int64_t amount = 0;
  if (__builtin_mul_overflow(count, MillisOf(unit), &amount) ||
      __builtin_add_overflow(value.millis, amount, &result.millis)) {
    return OutOfRange("timestamp");
  }
  return result;
}

int64_t AddToTime(TimeUnit unit, int64_t count, int64_t picos) {
  const int64_t units_per_day = kMillisPerDay / MillisOf(unit);
  const int64_t amount = count % units_per_day * MillisOf(unit) * kPicosPerMilli;
  return FloorModulo(picos + amount, kPicosPerDay);
}

int64_t DateDifference(TimeUnit unit, int64_t from_days, int64_t to_days) {
  return LocalDifference(unit, from_days * kMillisPerDay, to_days * kMillisPerDay);
}

int64_t TimestampDifference(TimeUnit unit, const TimestampValue& from, const TimestampValue& to) {
  return LocalDifference(unit, LocalMillis(from), LocalMillis(to));
}

int64_t ZonedDifference(TimeUnit unit, const ZonedTimestamp& from, const ZonedTimestamp& to) {
  if (IsTimeUnit(unit)) {
    return LocalDifference(unit, from.millis, to.millis);
  }
  const ZonedTimestamp to_here{to.millis, to.picos, from.zone_key};
  return LocalDifference(unit, from.millis + OffsetMillis(from), to.millis + OffsetMillis(to_here));
}

int64_t TimeDifference(TimeUnit unit, int64_t from_picos, int64_t to_picos) {
  return (to_picos - from_picos) / (MillisOf(unit) * kPicosPerMilli);
}

int64_t TruncateDate(TimeUnit unit, int64_t days) {
  if (unit == TimeUnit::kWeek) {
    return days - (DayOfWeek(days) - 1);
  }
  const int months = MonthsOf(unit);
  if (months == 0) {
    return days;
  }
  const CivilDate date = CivilFromDays(days);
  return DaysFromCivil({date.year, date.month - (date.month - 1) % months, 1});
}

TimestampValue TruncateTimestamp(TimeUnit unit, const TimestampValue& value) {
  if (IsTimeUnit(unit)) {
    const int64_t micros = MillisOf(unit) * kMicrosPerMilli;
    return {value.micros - FloorModulo(value.micros, micros), 0};
  }
  return {TruncateDate(unit, FloorDivide(value.micros, kMicrosPerDay)) * kMicrosPerDay, 0};
}

ZonedTimestamp TruncateZoned(TimeUnit unit, const ZonedTimestamp& value) {
  if (!IsTimeUnit(unit)) {
    return AtZone(TruncateTimestamp(unit, LocalOf(value)), value.zone_key);
  }
  // By the clock, yet on the time line: of two equal hours each keeps its own start.
  const int64_t local = value.millis + OffsetMillis(value);
  return {value.millis - FloorModulo(local, MillisOf(unit)), 0, value.zone_key};
}

int64_t TruncateTime(TimeUnit unit, int64_t picos) {
  return picos - picos % (MillisOf(unit) * kPicosPerMilli);
}

}  // namespace pallas::sql
