#include "sql/runtime/date_arithmetic.h"

#include <string>

#include "gtest/gtest.h"

#include "sql/runtime/calendar.h"
#include "types/time_zone.h"

namespace pallas::sql {
namespace {

int64_t Day(int64_t year, int month, int day) { return DaysFromCivil({year, month, day}); }

TEST(DateArithmeticTest, UnitsDependOnTheType) {
  EXPECT_EQ(*ParseTimeUnit("MONTH", "DATE"), TimeUnit::kMonth);
  EXPECT_EQ(*ParseTimeUnit("hour", "TIME"), TimeUnit::kHour);
  EXPECT_EQ(ParseTimeUnit("hour", "DATE").status().message(), "'hour' is not a valid DATE field");
  EXPECT_EQ(ParseTimeUnit("day", "TIME").status().message(), "'day' is not a valid TIME field");
  EXPECT_EQ(ParseTimeUnit("eon", "TIMESTAMP").status().message(),
            "'eon' is not a valid TIMESTAMP field");
}

TEST(DateArithmeticTest, AddingMonthsEndsAtTheMonthsLastDay) {
  EXPECT_EQ(*AddToDate(TimeUnit::kMonth, 1, Day(2020, 1, 31)), Day(2020, 2, 29));
  EXPECT_EQ(*AddToDate(TimeUnit::kYear, -1, Day(2020, 2, 29)), Day(2019, 2, 28));
  EXPECT_EQ(*AddToDate(TimeUnit::kQuarter, -1, Day(2020, 1, 31)), Day(2019, 10, 31));
  EXPECT_EQ(*AddToDate(TimeUnit::kWeek, 2, Day(2020, 2, 20)), Day(2020, 3, 5));
  EXPECT_FALSE(AddToDate(TimeUnit::kYear, INT64_MAX, 0).ok());
  EXPECT_FALSE(AddToDate(TimeUnit::kDay, INT32_MAX, 1).ok());
}

TEST(DateArithmeticTest, TimesWrapAroundMidnight) {
  EXPECT_EQ(AddToTime(TimeUnit::kMillisecond, 1500, kPicosPerDay - kPicosPerSecond),
            kPicosPerSecond / 2);
  EXPECT_EQ(AddToTime(TimeUnit::kHour, -25, 0), 23 * 3600 * kPicosPerSecond);
}

// The expected values are Trino's.
TEST(DateArithmeticTest, DifferencesAreWholeUnits) {
  EXPECT_EQ(DateDifference(TimeUnit::kMonth, Day(2020, 1, 31), Day(2020, 2, 29)), 1);
  EXPECT_EQ(DateDifference(TimeUnit::kYear, Day(2019, 3, 1), Day(2020, 2, 29)), 0);
  EXPECT_EQ(DateDifference(TimeUnit::kMonth, Day(2020, 1, 31), Day(2020, 2, 28)), 0);
  EXPECT_EQ(DateDifference(TimeUnit::kMonth, Day(2020, 3, 15), Day(2020, 1, 16)), -1);
  EXPECT_EQ(DateDifference(TimeUnit::kQuarter, Day(2020, 1, 1), Day(2020, 12, 31)), 3);
  EXPECT_EQ(DateDifference(TimeUnit::kWeek, Day(2020, 1, 1), Day(2020, 1, 14)), 1);
  const TimestampValue eleven{11 * 3600 * kMicrosPerSecond + 3599 * kMicrosPerSecond, 0};
  const TimestampValue noon{12 * 3600 * kMicrosPerSecond, 0};
  EXPECT_EQ(TimestampDifference(TimeUnit::kHour, eleven, noon), 0);
  EXPECT_EQ(TimestampDifference(TimeUnit::kSecond, noon, eleven), -1);
}

TEST(DateArithmeticTest, ZonedValuesCountDaysOnTheirClock) {
  const int berlin = *ZoneKeyOf("Europe/Berlin");
  // 02:30 does not exist on 29 March 2020.
  const ZonedTimestamp before =
      AtZone({Day(2020, 3, 28) * kMicrosPerDay + 150 * 60 * kMicrosPerSecond, 0}, berlin);
  const ZonedTimestamp after = *AddToZoned(TimeUnit::kDay, 1, before);
  EXPECT_EQ(LocalOf(after).micros, Day(2020, 3, 29) * kMicrosPerDay + 210 * 60 * kMicrosPerSecond);
  EXPECT_EQ(ZonedDifference(TimeUnit::kDay, before, after), 1);
  EXPECT_EQ(ZonedDifference(TimeUnit::kHour, before, after), 24);
  EXPECT_EQ(LocalOf(TruncateZoned(TimeUnit::kDay, after)).micros, Day(2020, 3, 29) * kMicrosPerDay);
}

TEST(DateArithmeticTest, Truncation) {
  EXPECT_EQ(TruncateDate(TimeUnit::kQuarter, Day(2020, 6, 30)), Day(2020, 4, 1));
  EXPECT_EQ(TruncateDate(TimeUnit::kWeek, Day(2020, 11, 1)), Day(2020, 10, 26));
  EXPECT_EQ(TruncateTimestamp(TimeUnit::kHour, {-1, 5}).micros, -3600 * kMicrosPerSecond);
  EXPECT_EQ(TruncateTime(TimeUnit::kMinute, 61 * kPicosPerSecond), 60 * kPicosPerSecond);
}

}  // namespace
}  // namespace pallas::sql
