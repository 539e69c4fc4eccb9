#include "sql/runtime/date_format.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

#include "sql/runtime/calendar.h"
#include "types/time_zone.h"

namespace pallas::sql {
namespace {

// 2020-07-04 15:06:07.089, a Saturday.
constexpr int64_t kMillis = 1'593'875'167'089;

std::string MySql(std::string_view pattern) {
  const auto format = DateFormat::FromMySql(pattern);
  return format.ok() ? *format->Format(kMillis, kUtcZoneKey, 0)
                     : std::string(format.status().message());
}

std::string Joda(std::string_view pattern, int offset = 0) {
  const auto format = DateFormat::FromJoda(pattern);
  return format.ok() ? *format->Format(kMillis, kUtcZoneKey, offset)
                     : std::string(format.status().message());
}

std::string Parsed(const absl::StatusOr<DateFormat>& format, std::string_view text) {
  const auto parsed = format->Parse(text);
  return parsed.ok() ? *DateFormat::FromJoda("yyyy-MM-dd HH:mm:ss.SSS")
                               ->Format(parsed->local_millis, kUtcZoneKey, 0) +
                           (parsed->zone_key.has_value() ? " " + ZoneName(*parsed->zone_key) : "")
                     : std::string(parsed.status().message());
}

std::string ParsedMySql(std::string_view text, std::string_view pattern) {
  return Parsed(DateFormat::FromMySql(pattern), text);
}

std::string ParsedJoda(std::string_view text, std::string_view pattern) {
  return Parsed(DateFormat::FromJoda(pattern), text);
}

TEST(DateFormatTest, MySqlPatterns) {
  EXPECT_EQ(MySql("%Y-%m-%d %H:%i:%s.%f"), "2020-07-04 15:06:07.089000");
  EXPECT_EQ(MySql("%a %W %b %M %c %e %y %j"), "Sat Saturday Jul July 7 4 20 186");
  EXPECT_EQ(MySql("%h %I %l %k %p %r %T"), "03 03 3 15 PM 03:06:07 PM 15:06:07");
  EXPECT_EQ(MySql("%v %x %% %z"), "27 2020 % z");
  EXPECT_EQ(MySql("%D"), "%D not supported in date format string");
}

TEST(DateFormatTest, JodaPatterns) {
  EXPECT_EQ(Joda("yyyy-MM-dd HH:mm:ss.SSS"), "2020-07-04 15:06:07.089");
  EXPECT_EQ(Joda("EEE, d MMM yyyy h:mm a"), "Sat, 4 Jul 2020 3:06 PM");
  EXPECT_EQ(Joda("EEEE MMMM yy D e xxxx w G C k K"), "Saturday July 20 186 6 2020 27 AD 20 15 3");
  EXPECT_EQ(Joda("yyyy'Q' ''"), "2020Q '");
  EXPECT_EQ(Joda("Z ZZ ZZZ", 20'700), "+0545 +05:45 UTC");
  EXPECT_EQ(Joda("yyyy J"), "Illegal pattern component: J");
}

TEST(DateFormatTest, ParsesByMySqlPatterns) {
  EXPECT_EQ(ParsedMySql("2022/10/20/05", "%Y/%m/%d/%H"), "2022-10-20 05:00:00.000");
  EXPECT_EQ(ParsedMySql("04 jul 69 3:06 pm", "%d %b %y %l:%i %p"), "2069-07-04 15:06:00.000");
  EXPECT_EQ(ParsedMySql("1.5", "%s.%f"), "1970-01-01 00:00:01.500");
  EXPECT_EQ(ParsedMySql("02-29", "%m-%d"), "2000-02-29 00:00:00.000");
  EXPECT_EQ(ParsedMySql("2020", "%Y-%m"), "Invalid format: \"2020\" is too short");
  EXPECT_EQ(ParsedMySql("2020-x", "%Y-%m"), "Invalid format: \"2020-x\" is malformed at \"x\"");
  EXPECT_EQ(ParsedMySql("2020-13", "%Y-%m"),
            "Cannot parse \"2020-13\": Value 13 for monthOfYear must be in the range [1,12]");
  EXPECT_EQ(ParsedMySql("2019-02-29", "%Y-%m-%d"),
            "Cannot parse \"2019-02-29\": Value 29 for dayOfMonth must be in the range [1,28]");
}

TEST(DateFormatTest, FieldsAreSetTwiceLargerOnesFirst) {
  EXPECT_EQ(ParsedMySql("2020", "%x"), "2019-12-30 00:00:00.000");
  EXPECT_EQ(ParsedMySql("2020 53", "%x %v"), "2020-12-28 00:00:00.000");
  EXPECT_EQ(ParsedMySql("10", "%v"), "2000-03-06 00:00:00.000");
  EXPECT_EQ(ParsedMySql("Thursday", "%W"), "2000-12-28 00:00:00.000");
  EXPECT_EQ(ParsedJoda("10 3", "w e"), "2000-03-08 00:00:00.000");
}

TEST(DateFormatTest, TeradataPatterns) {
  const auto format = DateFormat::FromTeradata("yyyy/mm/dd hh24:mi");
  ASSERT_TRUE(format.ok());
  EXPECT_EQ(*format->Format(0, kUtcZoneKey, 0), "1970/01/01 00:00");
  EXPECT_EQ(format->Parse("1988/04/08 14:15")->local_millis, 576'512'100'000);
  EXPECT_EQ(DateFormat::FromTeradata("yy")->Parse("99")->local_millis, 4'070'908'800'000);
  EXPECT_EQ(DateFormat::FromTeradata("yyyy-foo").status().message(),
            "Failed to tokenize string [f] at offset [5]");
}

TEST(DateFormatTest, ParsesByJodaPatterns) {
  EXPECT_EQ(ParsedJoda("1960/01/22 03:04 +0500", "yyyy/MM/dd HH:mm Z"),
            "1960-01-22 03:04:00.000 +05:00");
  EXPECT_EQ(ParsedJoda("04/Jul/2020:15:06:07 +0000", "dd/MMM/yyyy:HH:mm:ss Z"),
            "2020-07-04 15:06:07.000 UTC");
  EXPECT_EQ(ParsedJoda("20200704", "yyyyMMdd"), "2020-07-04 00:00:00.000");
  EXPECT_EQ(ParsedJoda("2020-07-04 America/Chicago", "yyyy-MM-dd ZZZ"),
            "2020-07-04 00:00:00.000 America/Chicago");
}

TEST(IsoTest, DatesAndTimestamps) {
  EXPECT_EQ(*ParseIsoDate("2020-W10"), DaysFromCivil({.year = 2020, .month = 3, .day = 2}));
  EXPECT_EQ(*ParseIsoDate("2020-W10-3"), DaysFromCivil({.year = 2020, .month = 3, .day = 4}));
  EXPECT_EQ(*ParseIsoDate("2020-132"), DaysFromCivil({.year = 2020, .month = 5, .day = 11}));
  EXPECT_EQ(*ParseIsoDate("2020-05-11"), DaysFromCivil({.year = 2020, .month = 5, .day = 11}));
  EXPECT_FALSE(ParseIsoDate("2020-05-32").ok());
  const auto value = ParseIsoTimestamp("2020-05-11T11:15:05.055+01:00");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->local_seconds, 1'589'195'705);
  EXPECT_EQ(value->nanos, 55'000'000);
  EXPECT_EQ(value->offset_seconds, 3600);
  EXPECT_EQ(ParseIsoTimestamp("2001-08-22T12Z")->offset_seconds, 0);
  EXPECT_EQ(ParseIsoTimestamp("2001-08-22")->offset_seconds, std::nullopt);
  EXPECT_FALSE(ParseIsoTimestamp("2001-08-22 12:00").ok());
}

TEST(IsoTest, TimestampsWithNanosAreWhole) {
  const auto value = ParseIsoTimestampNanos("2020-05-11t11:15:05.055000001-01:30");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->local_seconds, 1'589'195'705);
  EXPECT_EQ(value->nanos, 55'000'001);
  EXPECT_EQ(value->offset_seconds, -5400);
  EXPECT_EQ(ParseIsoTimestampNanos("2020-05-11T11:15")->nanos, 0);
  EXPECT_EQ(ParseIsoTimestampNanos("2020-5-11T11:15").status().message(),
            "Text '2020-5-11T11:15' could not be parsed at index 5");
  EXPECT_EQ(ParseIsoTimestampNanos("2020-05-11T11:15:0").status().message(),
            "Text '2020-05-11T11:15:0' could not be parsed, unparsed text found at index 16");
  EXPECT_EQ(ParseIsoTimestampNanos("2020-04-31T11:15").status().message(),
            "Text '2020-04-31T11:15' could not be parsed: Invalid date 'APRIL 31'");
}

TEST(DurationTest, NumbersWithUnits) {
  EXPECT_EQ(*ParseDuration("1ns"), 0);
  EXPECT_EQ(*ParseDuration("1234.567 ms"), 1235);
  EXPECT_EQ(*ParseDuration("5m"), 300'000);
  EXPECT_EQ(ParseDuration("5x").status().message(), "Unknown time unit: x");
  EXPECT_EQ(ParseDuration("x").status().message(),
            "duration is not a valid data duration string: x");
  EXPECT_EQ(*HumanReadableSeconds(3601), "1 hour, 1 second");
  EXPECT_EQ(*HumanReadableSeconds(-60), "1 minute");
  EXPECT_EQ(*HumanReadableSeconds(0), "0 seconds");
  EXPECT_EQ(HumanReadableSeconds(std::numeric_limits<double>::quiet_NaN()).status().message(),
            "Invalid argument found: NaN");
}

}  // namespace
}  // namespace pallas::sql
