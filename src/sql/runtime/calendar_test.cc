#include "sql/runtime/calendar.h"

#include <gtest/gtest.h>

namespace pallas::sql {
namespace {

TEST(CalendarTest, KnowsDays) {
  struct Case {
    CivilDate date;
    int64_t days = 0;
    int day_of_week = 0;
    int day_of_year = 0;
    IsoWeek week;
  };

  const Case cases[] = {
      {{1970, 1, 1}, 0, 4, 1, {1970, 1}},
      {{1969, 12, 31}, -1, 3, 365, {1970, 1}},
      {{2000, 2, 29}, 11'016, 2, 60, {2000, 9}},
      {{2020, 12, 31}, 18'627, 4, 366, {2020, 53}},
      {{2021, 1, 3}, 18'630, 7, 3, {2020, 53}},
      {{2021, 1, 4}, 18'631, 1, 4, {2021, 1}},
      {{0, 3, 1}, -719'468, 3, 61, {0, 9}},
      {{-1, 1, 1}, -719'893, 5, 1, {-2, 53}},
      {{10'000, 1, 1}, 2'932'897, 6, 1, {9'999, 52}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(DaysFromCivil(c.date), c.days) << c.days;
    EXPECT_EQ(CivilFromDays(c.days), c.date) << c.days;
    EXPECT_EQ(DayOfWeek(c.days), c.day_of_week) << c.days;
    EXPECT_EQ(DayOfYear(c.days), c.day_of_year) << c.days;
    EXPECT_EQ(IsoWeekOf(c.days), c.week) << c.days;
  }
}

TEST(CalendarTest, GivesTheSameInFewBitsAndInMany) {
  for (int64_t days = -13'000'000; days < 13'000'000; days += 31) {
    ASSERT_EQ(CivilFromDays(days), calendar_internal::SlowCivilFromDays(days)) << days;
  }
  for (const int64_t edge : {-12'699'422, 12'699'422, 0, 11'016}) {
    for (int64_t days = edge - 800; days < edge + 800; ++days) {
      ASSERT_EQ(CivilFromDays(days), calendar_internal::SlowCivilFromDays(days)) << days;
    }
  }
}

TEST(CalendarTest, RoundTrips) {
  for (int64_t days = -800'000; days < 800'000; days += 17) {
    const CivilDate date = CivilFromDays(days);
    ASSERT_TRUE(IsValidDate(date)) << days;
    ASSERT_EQ(DaysFromCivil(date), days);
  }
}

TEST(CalendarTest, AddsMonths) {
  EXPECT_EQ(CivilFromDays(AddMonths(DaysFromCivil({2020, 1, 31}), 1)), (CivilDate{2020, 2, 29}));
  EXPECT_EQ(CivilFromDays(AddMonths(DaysFromCivil({2020, 1, 31}), -2)), (CivilDate{2019, 11, 30}));
  EXPECT_EQ(CivilFromDays(AddMonths(DaysFromCivil({0, 1, 15}), -1)), (CivilDate{-1, 12, 15}));
  EXPECT_EQ(CivilFromDays(LastDayOfMonth(DaysFromCivil({1900, 2, 3}))), (CivilDate{1900, 2, 28}));
}

TEST(CalendarTest, RefusesDatesThatAreNone) {
  EXPECT_FALSE(IsValidDate({2021, 2, 29}));
  EXPECT_FALSE(IsValidDate({2021, 13, 1}));
  EXPECT_FALSE(IsValidDate({2021, 0, 1}));
  EXPECT_FALSE(IsValidDate({2021, 1, 0}));
}

}  // namespace
}  // namespace pallas::sql
