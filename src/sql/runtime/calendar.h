#ifndef PALLAS_SQL_RUNTIME_CALENDAR_H_
#define PALLAS_SQL_RUNTIME_CALENDAR_H_

#include <cstdint>

#include "base/floor_division.h"

// The proleptic Gregorian calendar over days since 1970-01-01. Pure functions of any thread; years
// may have any number of digits, also below 1 (0 is 1 BC).

namespace pallas::sql {

inline constexpr int64_t kMillisPerSecond = 1'000;
inline constexpr int64_t kMillisPerDay = 86'400'000;
inline constexpr int64_t kMicrosPerMilli = 1'000;
inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400'000'000;
inline constexpr int64_t kNanosPerDay = 86'400'000'000'000;
inline constexpr int64_t kPicosPerNano = 1'000;
inline constexpr int64_t kPicosPerMicro = 1'000'000;
inline constexpr int64_t kPicosPerMilli = 1'000'000'000;
inline constexpr int64_t kPicosPerSecond = 1'000'000'000'000;
inline constexpr int64_t kPicosPerDay = 86'400 * kPicosPerSecond;

struct CivilDate {
  int64_t year = 1970;
  int month = 1;  // 1-12
  int day = 1;    // 1-31

  bool operator==(const CivilDate&) const = default;
};

int64_t DaysFromCivil(const CivilDate& date);
CivilDate CivilFromDays(int64_t days);

bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);

// Whether month and day exist in that year.
bool IsValidDate(const CivilDate& date);

// 1 is Monday, 7 is Sunday.
int DayOfWeek(int64_t days);
// 1-366.
int DayOfYear(int64_t days);
// 1-4.
int QuarterOf(int month);

// ISO 8601: the week with the year's first Thursday is week 1.
struct IsoWeek {
  int64_t year = 1970;
  int week = 1;

  bool operator==(const IsoWeek&) const = default;
};

IsoWeek IsoWeekOf(int64_t days);

// The same day `months` later, or the month's last day where it has fewer.
int64_t AddMonths(int64_t days, int64_t months);

int64_t LastDayOfMonth(int64_t days);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_CALENDAR_H_
