#include "sql/runtime/date_time.h"

#include <string>

#include <gtest/gtest.h>

#include "base/error_detail.h"
#include "sql/runtime/calendar.h"
#include "types/time_zone.h"
#include "types/value_text.h"

namespace pallas::sql {
namespace {

std::string Show(const TimestampValue& value, int precision) {
  std::string text;
  AppendTimestamp(value.micros, value.picos, precision, &text);
  return text;
}

std::string Show(const ZonedTimestamp& value, int precision) {
  return Show(LocalOf(value), precision) + " " + ZoneName(value.zone_key);
}

TEST(DateTextTest, Casts) {
  EXPECT_EQ(*CastTextToDate("1970-01-02"), 1);
  EXPECT_EQ(*CastTextToDate(" 2020-5-1 "), 18'383);
  EXPECT_EQ(*CastTextToDate("-0001-01-01"), -719'893);
  EXPECT_EQ(*CastTextToDate("+10000-01-01"), 2'932'897);
  for (const char* text : {"", "2013 -02-02", "2020-13-45", "2021-02-29", "2020-01-01 00:00",
                           "20200101", "2020-01", "abc", "2020-001-01"}) {
    const absl::Status status = CastTextToDate(text).status();
    EXPECT_EQ(status.message(), std::string("Value cannot be cast to date: ") + text);
    EXPECT_EQ(ErrorName(status), "INVALID_CAST_ARGUMENT");
  }
}

TEST(TimestampTextTest, Casts) {
  struct Case {
    const char* text;
    int precision;
    const char* want;
  };

  const Case cases[] = {
      {"2020-05-10 12:34:56.123456789012", 12, "2020-05-10 12:34:56.123456789012"},
      {"2020-05-10 12:34:56.123456789012", 6, "2020-05-10 12:34:56.123457"},
      {"2020-05-10 12:34:56.9999995", 6, "2020-05-10 12:34:57.000000"},
      {"2020-05-10 12:34:56.9999994999", 6, "2020-05-10 12:34:56.999999"},
      {"1969-12-31 23:59:59.5", 0, "1970-01-01 00:00:00"},
      {"1969-12-31 23:59:58.4", 0, "1969-12-31 23:59:58"},
      {"2020-5-1 1:2", 3, "2020-05-01 01:02:00.000"},
      {" 2020-05-10 ", 0, "2020-05-10 00:00:00"},
      {"2020-05-10 12:34:56.111 +01:23", 3, "2020-05-10 12:34:56.111"},
      {"0001-01-01 00:00:00.1", 1, "0001-01-01 00:00:00.1"},
      {"12345-01-01 00:00:00", 0, "+12345-01-01 00:00:00"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<TimestampValue> value = CastTextToTimestamp(c.text, c.precision);
    ASSERT_TRUE(value.ok()) << c.text;
    EXPECT_EQ(Show(*value, c.precision), c.want);
  }
  for (const char* text :
       {"", "2020-05-10T01:02:03", "2020-05-10 24:00", "2020-05-10 12:34:56 Mars/Phobos",
        "2020-05-10 1", "2020-02-30 00:00:00", "123-01-01 00:00:00", "2020-05-10 12:34:56."}) {
    EXPECT_EQ(CastTextToTimestamp(text, 3).status().message(),
              std::string("Value cannot be cast to timestamp: ") + text);
  }
}

TEST(TimestampTextTest, CastsWithZones) {
  const int vienna = *ZoneKeyOf("Europe/Vienna");

  struct Case {
    const char* text;
    int precision;
    const char* want;
  };

  const Case cases[] = {
      {"2020-05-10 12:34:56.123 America/New_York", 3, "2020-05-10 12:34:56.123 America/New_York"},
      {"2020-05-10 12:34:56.123 +05:30", 6, "2020-05-10 12:34:56.123000 +05:30"},
      {"2020-05-10 12:34:56.9995", 3, "2020-05-10 12:34:57.000 Europe/Vienna"},
      {"2020-05-10", 0, "2020-05-10 00:00:00 Europe/Vienna"},
      {"2020-05-10 UTC", 0, "2020-05-10 00:00:00 UTC"},
      {"2020-03-29 02:30:00", 0, "2020-03-29 03:30:00 Europe/Vienna"},
      {"2020-05-10 12:34:56.123456789012 Z", 12, "2020-05-10 12:34:56.123456789012 UTC"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<ZonedTimestamp> value = CastTextToTimestampTz(c.text, c.precision, vienna);
    ASSERT_TRUE(value.ok()) << c.text;
    EXPECT_EQ(Show(*value, c.precision), c.want);
  }
  EXPECT_EQ(CastTextToTimestampTz("2020-01-01 00:00:00 Mars/Phobos", 3, 0).status().message(),
            "Value cannot be cast to timestamp: 2020-01-01 00:00:00 Mars/Phobos");
}

TEST(TimeTextTest, Casts) {
  EXPECT_EQ(*CastTextToTime("12:34:56.123456789012", 12), 45'296'123'456'789'012);
  EXPECT_EQ(*CastTextToTime("1:02", 0), 3'720 * kPicosPerSecond);
  EXPECT_EQ(*CastTextToTime("23:59:59.9995", 3), 0);
  EXPECT_EQ(CastTextToTime("24:00", 3).status().message(), "Value cannot be cast to time: 24:00");
  EXPECT_FALSE(CastTextToTime("12:34:56 +01:00", 3).ok());

  EXPECT_EQ(*CastTextToTimeTz("12:34:56.5 +08:35", 3, 0), (ZonedTime{45'296'500'000'000'000, 515}));
  EXPECT_EQ(*CastTextToTimeTz("12:34:56.5-00:35", 3, 0), (ZonedTime{45'296'500'000'000'000, -35}));
  EXPECT_EQ(*CastTextToTimeTz("12:34", 3, 60), (ZonedTime{45'240 * kPicosPerSecond, 60}));
  EXPECT_FALSE(CastTextToTimeTz("12:34 +15:00", 3, 0).ok());
  EXPECT_FALSE(CastTextToTimeTz("12:34 UTC", 3, 0).ok());
}

TEST(TimeTzTest, Packs) {
  for (const ZonedTime time : {ZonedTime{0, 0}, ZonedTime{3'600 * kPicosPerSecond, 840},
                               ZonedTime{86'399 * kPicosPerSecond, -840}}) {
    EXPECT_EQ(UnpackTimeTz(PackTimeTz(time)), time);
  }
  // The packed form orders by the instant.
  EXPECT_LT(PackTimeTz({3'600 * kPicosPerSecond, 60}), PackTimeTz({3'600 * kPicosPerSecond, 0}));
}

TEST(RoundTest, HalfUp) {
  EXPECT_EQ(RoundTime(86'399'500'000'000'000, 0), 0);
  EXPECT_EQ(RoundTime(1'499'999'999'999, 0), kPicosPerSecond);
  EXPECT_EQ(RoundTimestamp({1'500, 0}, 3), (TimestampValue{2'000, 0}));
  EXPECT_EQ(RoundTimestamp({-1'500, 0}, 3), (TimestampValue{-1'000, 0}));
  EXPECT_EQ(RoundTimestamp({-1'501, 0}, 3), (TimestampValue{-2'000, 0}));
  EXPECT_EQ(RoundTimestamp({1, 999'500}, 9), (TimestampValue{2, 0}));
  EXPECT_EQ(RoundTimestamp({1, 500'000}, 6), (TimestampValue{2, 0}));
  EXPECT_EQ(RoundZonedTimestamp({5, 500'000'000, 7}, 3), (ZonedTimestamp{6, 0, 7}));
  EXPECT_EQ(RoundZonedTimestamp({1'500, 1, 7}, 0), (ZonedTimestamp{2'000, 0, 7}));
}

TEST(ZoneTest, ConvertsBothWays) {
  const int zone = *ZoneKeyOf("America/New_York");
  const TimestampValue local{-1'234'567, 89};
  const ZonedTimestamp zoned = AtZone(local, zone);
  EXPECT_EQ(zoned.millis, -1'235 + 5 * 3'600'000);
  EXPECT_EQ(zoned.picos, 433'000'089);
  EXPECT_EQ(LocalOf(zoned), local);
}

}  // namespace
}  // namespace pallas::sql
