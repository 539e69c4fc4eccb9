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

namespace calendar_internal {

// The same as CivilFromDays() for any number of days.
CivilDate SlowCivilFromDays(int64_t days);

// The calendar repeats every 400 years. Counting them from March makes the leap day the last one.
inline constexpr int64_t kDaysPerEra = 146'097;
inline constexpr int64_t kDaysFromMarchOfYear0 = 719'468;

}  // namespace calendar_internal

// In 32 bits and without divisions by variables for the years -32000 to 32000 or so: C. Neri, L.
// Schneider, "Euclidean affine functions and their application to calendar algorithms", Software:
// Practice and Experience 53 (2023), section 7.
inline CivilDate CivilFromDays(int64_t days) {
  constexpr int64_t kEras = 82;
  constexpr int64_t kShift =
      kEras * calendar_internal::kDaysPerEra + calendar_internal::kDaysFromMarchOfYear0;
  constexpr int64_t kYears = 400 * kEras;
  if (days < -kShift || days > kShift) [[unlikely]] {
    return calendar_internal::SlowCivilFromDays(days);
  }
  constexpr uint32_t kQuarterDaysPerCentury = 146'097;  // of 400 years, in days
  constexpr uint32_t kYearFactor = 2'939'745;           // 2^32 / 1461, rounded up
  constexpr uint32_t kFirstOfJanuary = 306;             // counted from March
  const uint32_t quarters = 4 * static_cast<uint32_t>(days + kShift) + 3;
  const uint32_t century = quarters / kQuarterDaysPerCentury;
  const uint32_t quarters_of_century = quarters % kQuarterDaysPerCentury | 3U;
  const uint64_t years = uint64_t{kYearFactor} * quarters_of_century;
  const auto year_of_century = static_cast<uint32_t>(years >> 32U);
  const uint32_t day_of_year = static_cast<uint32_t>(years) / kYearFactor / 4;
  const uint32_t months = 2'141 * day_of_year + 197'913;
  const bool next_year = day_of_year >= kFirstOfJanuary;
  CivilDate date;
  date.year = int64_t{100} * century + year_of_century - kYears + (next_year ? 1 : 0);
  date.month = static_cast<int>((months >> 16U) - (next_year ? 12 : 0));
  date.day = static_cast<int>((months & 0xFFFFU) / 2'141) + 1;
  return date;
}

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
