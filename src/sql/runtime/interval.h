#ifndef PALLAS_SQL_RUNTIME_INTERVAL_H_
#define PALLAS_SQL_RUNTIME_INTERVAL_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace pallas::sql {

enum class IntervalUnit { kYear, kMonth, kWeek, kDay, kHour, kMinute, kSecond };

// "year" ... "second", lower case.
std::optional<IntervalUnit> ParseIntervalUnit(std::string_view name);

// The text of an interval literal: one field, or the fields from `from` to `to` with those at the
// end left out if one likes: `3 04:05:06.789` DAY TO SECOND, `3` DAY TO SECOND. A minus sign in
// front negates all. nullopt: not of that form, fields that do not belong together, or out of
// range. Any thread.

// Months. REQUIRES: from and to are kYear or kMonth.
std::optional<int64_t> ParseYearMonthInterval(std::string_view text, IntervalUnit from,
                                              IntervalUnit to);

// Milliseconds. REQUIRES: from and to are kWeek ... kSecond; kWeek stands alone.
std::optional<int64_t> ParseDayTimeInterval(std::string_view text, IntervalUnit from,
                                            IntervalUnit to);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_INTERVAL_H_
