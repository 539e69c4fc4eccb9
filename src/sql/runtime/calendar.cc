#include "sql/runtime/calendar.h"

#include <algorithm>

namespace pallas::sql {

using calendar_internal::kDaysFromMarchOfYear0;
using calendar_internal::kDaysPerEra;

int64_t DaysFromCivil(const CivilDate& date) {
  const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t month_from_march = (date.month + 9) % 12;
  const int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kDaysFromMarchOfYear0;
}

CivilDate calendar_internal::SlowCivilFromDays(int64_t days) {
  const int64_t shifted = days + kDaysFromMarchOfYear0;
  const int64_t era = FloorDivide(shifted, kDaysPerEra);
  const int64_t day_of_era = shifted - era * kDaysPerEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  date.month =
      static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

bool IsValidDate(const CivilDate& date) {
  return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= DaysInMonth(date.year, date.month);
}

int DayOfWeek(int64_t days) {
  // 1970-01-01 was a Thursday.
  return static_cast<int>(FloorModulo(days + 3, 7)) + 1;
}

int DayOfYear(int64_t days) {
  constexpr int64_t kDaysBefore1970 = 719'162;  // from year 1 on
  const int64_t before = CivilFromDays(days).year - 1;
  const int64_t first_day = before * 365 + FloorDivide(before, 4) - FloorDivide(before, 100) +
                            FloorDivide(before, 400) - kDaysBefore1970;
  return static_cast<int>(days - first_day) + 1;
}

int QuarterOf(int month) { return (month - 1) / 3 + 1; }

IsoWeek IsoWeekOf(int64_t days) {
  const int64_t thursday = days - DayOfWeek(days) + 4;
  return {CivilFromDays(thursday).year, (DayOfYear(thursday) - 1) / 7 + 1};
}

int64_t AddMonths(int64_t days, int64_t months) {
  CivilDate date = CivilFromDays(days);
  const int64_t total = date.year * 12 + date.month - 1 + months;
  date.year = FloorDivide(total, 12);
  date.month = static_cast<int>(FloorModulo(total, 12)) + 1;
  date.day = std::min(date.day, DaysInMonth(date.year, date.month));
  return DaysFromCivil(date);
}

int64_t LastDayOfMonth(int64_t days) {
  CivilDate date = CivilFromDays(days);
  date.day = DaysInMonth(date.year, date.month);
  return DaysFromCivil(date);
}

}  // namespace pallas::sql
