#ifndef PALLAS_SQL_RUNTIME_DATE_ARITHMETIC_H_
#define PALLAS_SQL_RUNTIME_DATE_ARITHMETIC_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

#include "sql/runtime/date_time.h"

// date_add, date_diff, date_trunc and the fields of dates and times. Pure functions, any thread.
// Units of a zoned value from the day on count on the clock of its zone, smaller ones on the time
// line.

namespace pallas::sql {

enum class TimeUnit {
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
};

// The unit a text names, in any case. INVALID_FUNCTION_ARGUMENT "'x' is not a valid DATE field"
// where `kind` ("DATE", "TIME", "TIMESTAMP") has no such unit: dates begin at days, times end at
// hours.
absl::StatusOr<TimeUnit> ParseTimeUnit(std::string_view name, std::string_view kind);

// Days. Errors: beyond the range of dates.
absl::StatusOr<int64_t> AddToDate(TimeUnit unit, int64_t count, int64_t days);
absl::StatusOr<TimestampValue> AddToTimestamp(TimeUnit unit, int64_t count, TimestampValue value);
absl::StatusOr<ZonedTimestamp> AddToZoned(TimeUnit unit, int64_t count,
                                          const ZonedTimestamp& value);
// Picoseconds of the day; wraps around midnight.
int64_t AddToTime(TimeUnit unit, int64_t count, int64_t picos);

// Whole units from `from` to `to`; what lies below the milliseconds does not count.
int64_t DateDifference(TimeUnit unit, int64_t from_days, int64_t to_days);
int64_t TimestampDifference(TimeUnit unit, const TimestampValue& from, const TimestampValue& to);
// In the zone of `from`.
int64_t ZonedDifference(TimeUnit unit, const ZonedTimestamp& from, const ZonedTimestamp& to);
int64_t TimeDifference(TimeUnit unit, int64_t from_picos, int64_t to_picos);

int64_t TruncateDate(TimeUnit unit, int64_t days);
TimestampValue TruncateTimestamp(TimeUnit unit, const TimestampValue& value);
ZonedTimestamp TruncateZoned(TimeUnit unit, const ZonedTimestamp& value);
int64_t TruncateTime(TimeUnit unit, int64_t picos);

// interval year to month on a zoned value; day to second is plain addition of milliseconds.
absl::StatusOr<ZonedTimestamp> AddMonthsToZoned(const ZonedTimestamp& value, int64_t months);
absl::StatusOr<TimestampValue> AddMonthsToTimestamp(const TimestampValue& value, int64_t months);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_DATE_ARITHMETIC_H_
