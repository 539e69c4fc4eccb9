#include "lake/text/text_value.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_detail.h"

namespace pallas::lake {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr int64_t kDay = 86'400;

TEST(TextValueTest, IntegersCutFractionsOff) {
  EXPECT_THAT(ParseHiveInteger("12"), Optional(12));
  EXPECT_THAT(ParseHiveInteger("-012"), Optional(-12));
  EXPECT_THAT(ParseHiveInteger("+7"), Optional(7));
  EXPECT_THAT(ParseHiveInteger("12.7"), Optional(12));
  EXPECT_THAT(ParseHiveInteger("12."), Optional(12));
  EXPECT_THAT(ParseHiveInteger("-.5"), Optional(0));
  EXPECT_THAT(ParseHiveInteger("000000000000000000000000001"), Optional(1));
  EXPECT_THAT(ParseHiveInteger("9223372036854775807"),
              Optional(std::numeric_limits<int64_t>::max()));
  EXPECT_THAT(ParseHiveInteger("-9223372036854775808"),
              Optional(std::numeric_limits<int64_t>::min()));
  for (const std::string_view text :
       {"", "-", "+", " 1", "1 ", "1e3", "1.x", "x", "0x10", "9223372036854775808",
        "-9223372036854775809", "92233720368547758070", "1.5.2", "--1", "1-"}) {
    EXPECT_EQ(ParseHiveInteger(text), std::nullopt) << text;
  }
}

TEST(TextValueTest, FloatingPointIsJavas) {
  EXPECT_THAT(ParseJavaDouble("1.5"), Optional(1.5));
  EXPECT_THAT(ParseJavaDouble(" -1e3 "), Optional(-1000.0));
  EXPECT_THAT(ParseJavaDouble("+.5"), Optional(0.5));
  EXPECT_THAT(ParseJavaDouble("5."), Optional(5.0));
  EXPECT_THAT(ParseJavaDouble("1d"), Optional(1.0));
  EXPECT_THAT(ParseJavaDouble("1.5F"), Optional(1.5));
  EXPECT_THAT(ParseJavaDouble("-Infinity"), Optional(-std::numeric_limits<double>::infinity()));
  EXPECT_THAT(ParseJavaDouble("1e999"), Optional(std::numeric_limits<double>::infinity()));
  EXPECT_THAT(ParseJavaDouble("-1e-999"), Optional(0.0));
  EXPECT_TRUE(std::isnan(ParseJavaDouble("NaN").value()));
  EXPECT_THAT(ParseJavaFloat("1e39"), Optional(std::numeric_limits<float>::infinity()));
  EXPECT_THAT(ParseJavaFloat("0.1"), Optional(0.1F));
  for (const std::string_view text : {"", " ", "-", ".", "nan", "inf", "infinity", "1,5", "1 5",
                                      "1e", "e1", "1dd", "0x1", "--1"}) {
    EXPECT_EQ(ParseJavaDouble(text), std::nullopt) << text;
  }
}

TEST(TextValueTest, DecimalsRoundToTheirScale) {
  EXPECT_THAT(ParseDecimal("1.5", 5, 2), Optional(absl::int128(150)));
  EXPECT_THAT(ParseDecimal("-0.005", 5, 2), Optional(absl::int128(-1)));
  EXPECT_THAT(ParseDecimal("0.0049", 5, 2), Optional(absl::int128(0)));
  EXPECT_THAT(ParseDecimal("1.2e2", 5, 2), Optional(absl::int128(12000)));
  EXPECT_THAT(ParseDecimal("12345e-2", 5, 2), Optional(absl::int128(12345)));
  EXPECT_THAT(ParseDecimal("+00000000000000000000000000000000000000000.10", 5, 2),
              Optional(absl::int128(10)));
  EXPECT_THAT(ParseDecimal("99999999999999999999999999999999999999", 38, 0),
              Optional(absl::MakeInt128(5421010862427522170, 687399551400673279)));
  EXPECT_THAT(ParseDecimal("0", 1, 0), Optional(absl::int128(0)));
  EXPECT_THAT(ParseDecimal(".5", 2, 1), Optional(absl::int128(5)));
  EXPECT_THAT(ParseDecimal("0e99999", 2, 1), Optional(absl::int128(0)));
  for (const std::string_view text : {"", "x", "1000", "999.995", "1.5.1", "1 ", " 1", "e5", ".",
                                      "-", "1e", "NaN", "1e99999", "1e999999999999"}) {
    EXPECT_EQ(ParseDecimal(text, 5, 2), std::nullopt) << text;
  }
}

TEST(TextValueTest, DatesRollOverAndIgnoreTimes) {
  EXPECT_THAT(ParseHiveDate("1970-01-02"), Optional(1));
  EXPECT_THAT(ParseHiveDate(" 1970-1-2 "), Optional(1));
  EXPECT_THAT(ParseHiveDate("1970-01-02 10:00:00"), Optional(1));
  EXPECT_THAT(ParseHiveDate("1970-02-30"), Optional(60));
  EXPECT_THAT(ParseHiveDate("1970-13-01"), Optional(365));
  EXPECT_THAT(ParseHiveDate("2000-02-29"), Optional(11016));
  EXPECT_THAT(ParseHiveDate("0001-01-01"), Optional(-719162));
  for (const std::string_view text : {"", "1970", "1970-01", "1970-01-", "01/02/1970",
                                      "1970-01-01T00:00", "x", "1970--1", "99999999999-01-01"}) {
    EXPECT_EQ(ParseHiveDate(text), std::nullopt) << text;
  }
}

void ExpectTimestamp(std::optional<HiveTimestamp> got, int64_t seconds, int32_t nanos) {
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->seconds, seconds);
  EXPECT_EQ(got->nanos, nanos);
}

TEST(TextValueTest, Timestamps) {
  ExpectTimestamp(ParseHiveTimestamp(" 1970-01-02 00:00:01 "), kDay + 1, 0);
  ExpectTimestamp(ParseHiveTimestamp("1970-01-01 01:02:03.5"), 3723, 500'000'000);
  ExpectTimestamp(ParseHiveTimestamp("1970-01-01 1:2:3.123456789"), 3723, 123'456'789);
  ExpectTimestamp(ParseHiveTimestamp("1970-01-01T01:02"), 3720, 0);
  ExpectTimestamp(ParseHiveTimestamp("1969-12-31 23:59:59.999"), -1, 999'000'000);
  ExpectTimestamp(ParseHiveTimestamp("1970-01-01 25:00:00"), kDay + 3600, 0);
  for (const std::string_view text :
       {"", "1970-01-02", "1970-01-01 ", "1970-01-01 01", "1970-01-01 01:02",
        "1970-01-01 01:02:03.", "1970-01-01 01:02:03.1234567890", "1970-01-01T01:02:03Z",
        "1970-01-01x01:02:03"}) {
    EXPECT_FALSE(ParseHiveTimestamp(text).has_value()) << text;
  }
}

TEST(TextValueTest, Patterns) {
  struct Case {
    const char* pattern;
    const char* text;
    std::optional<int64_t> millis;
  };

  for (const Case& test : std::vector<Case>{
           {"yyyy-MM-dd'T'HH:mm:ss.SSSZ", "1970-01-02T00:00:00.250+0100", 82'800'250},
           {"yyyy-MM-dd'T'HH:mm:ss.SSSZ", "1970-01-02T00:00:00.250Z", 86'400'250},
           {"MM/dd/yyyy hh:mm a", "01/02/1970 01:30 PM", 135'000'000},
           {"MM/dd/yyyy hh:mm a", "01/02/1970 12:00 am", 86'400'000},
           {"dd MMM yy", "2 jan 70", 86'400'000},
           {"EEE dd MMMM yyyy", "Fri 2 January 1970", 86'400'000},
           {"yyyyMMddHHmmss", "19700102000001", 86'401'000},
           {"millis", "86400123.9", 86'400'123},
           {"millis", "-1", -1},
           {"yyyy-MM-dd", "1970-02-29", std::nullopt},
           {"yyyy-MM-dd", "1970-01-02 x", std::nullopt},
           {"HH:mm", "24:00", std::nullopt},
           {"HH:mm 'o''clock'", "01:00 o'clock", 3'600'000},
       }) {
    const auto pattern = TimestampPattern::Make(test.pattern);
    ASSERT_TRUE(pattern.ok()) << pattern.status();
    const auto got = pattern->Parse(test.text);
    ASSERT_EQ(got.has_value(), test.millis.has_value()) << test.pattern << " " << test.text;
    if (got) {
      EXPECT_EQ(got->seconds * 1000 + got->nanos / 1'000'000, test.millis) << test.pattern;
    }
  }
  EXPECT_THAT(TimestampPattern::Make("yyyy-ww").status().message(), HasSubstr("the letter 'w'"));
  EXPECT_EQ(ParseTimestampPatterns("yyyy,millis,,MM\\,dd")->size(), 3U);
  EXPECT_EQ(ErrorName(ParseTimestampPatterns("yyyy\\x").status()), "HIVE_INVALID_METADATA");
}

TEST(TextValueTest, Texts) {
  EXPECT_EQ(DecodeBase64("aGFsbG8="), "hallo");
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("a b="), std::nullopt);
  EXPECT_EQ(DecodeBase64("!"), std::nullopt);
  EXPECT_EQ(TruncateText("häuser", 2), "hä");
  EXPECT_EQ(TruncateText("ab", 5), "ab");
  EXPECT_EQ(StripPadding("a b  "), "a b");
  EXPECT_EQ(TrimText("\t a \n"), "a");
  EXPECT_THAT(ParseHiveBoolean("TRUE", false), Optional(true));
  EXPECT_THAT(ParseHiveBoolean("f", true), Optional(false));
  EXPECT_EQ(ParseHiveBoolean("f", false), std::nullopt);
}

}  // namespace
}  // namespace pallas::lake
