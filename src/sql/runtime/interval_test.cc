#include "sql/runtime/interval.h"

#include <gtest/gtest.h>

namespace pallas::sql {
namespace {

TEST(IntervalTest, YearMonth) {
  const auto parse = [](std::string_view text, IntervalUnit from, IntervalUnit to) {
    return ParseYearMonthInterval(text, from, to);
  };
  EXPECT_EQ(parse("124-30", IntervalUnit::kYear, IntervalUnit::kMonth), 124 * 12 + 30);
  EXPECT_EQ(parse("-1-6", IntervalUnit::kYear, IntervalUnit::kMonth), -18);
  EXPECT_EQ(parse("124", IntervalUnit::kYear, IntervalUnit::kMonth), 124 * 12);
  EXPECT_EQ(parse("30", IntervalUnit::kMonth, IntervalUnit::kMonth), 30);
  EXPECT_EQ(parse("-1", IntervalUnit::kYear, IntervalUnit::kYear), -12);
  for (const char* text : {"", "124X", "124-X", "124--30", "--124--30", "+1", " 1", "1-2-3"}) {
    EXPECT_EQ(parse(text, IntervalUnit::kYear, IntervalUnit::kMonth), std::nullopt) << text;
  }
  EXPECT_EQ(parse("124-30", IntervalUnit::kYear, IntervalUnit::kYear), std::nullopt);
  EXPECT_EQ(parse("178956971", IntervalUnit::kYear, IntervalUnit::kYear), std::nullopt);
}

TEST(IntervalTest, DayTime) {
  struct Case {
    const char* text = nullptr;
    IntervalUnit from = IntervalUnit::kDay;
    IntervalUnit to = IntervalUnit::kDay;
    std::optional<int64_t> want;
  };

  const Case cases[] = {
      {"3 04:05:06.789", IntervalUnit::kDay, IntervalUnit::kSecond, 273'906'789},
      {"3 04:05", IntervalUnit::kDay, IntervalUnit::kSecond, 273'900'000},
      {"3", IntervalUnit::kDay, IntervalUnit::kSecond, 259'200'000},
      {"-3 4", IntervalUnit::kDay, IntervalUnit::kHour, -273'600'000},
      {"45:32.1", IntervalUnit::kMinute, IntervalUnit::kSecond, 2'732'100},
      {"1.5", IntervalUnit::kSecond, IntervalUnit::kSecond, 1'500},
      {"1.5009", IntervalUnit::kSecond, IntervalUnit::kSecond, 1'500},
      {"2", IntervalUnit::kWeek, IntervalUnit::kWeek, 14 * 86'400'000},
      {"1.5", IntervalUnit::kDay, IntervalUnit::kDay, std::nullopt},
      {"3 04:05:06", IntervalUnit::kDay, IntervalUnit::kHour, std::nullopt},
      {"3:04", IntervalUnit::kDay, IntervalUnit::kSecond, std::nullopt},
      {"1.", IntervalUnit::kSecond, IntervalUnit::kSecond, std::nullopt},
      {"12X", IntervalUnit::kDay, IntervalUnit::kDay, std::nullopt},
      {"9223372036854775807", IntervalUnit::kDay, IntervalUnit::kDay, std::nullopt},
      {"1", IntervalUnit::kSecond, IntervalUnit::kDay, std::nullopt},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ParseDayTimeInterval(c.text, c.from, c.to), c.want) << c.text;
  }
}

TEST(IntervalTest, Units) {
  EXPECT_EQ(ParseIntervalUnit("year"), IntervalUnit::kYear);
  EXPECT_EQ(ParseIntervalUnit("second"), IntervalUnit::kSecond);
  EXPECT_EQ(ParseIntervalUnit("eon"), std::nullopt);
}

}  // namespace
}  // namespace pallas::sql
