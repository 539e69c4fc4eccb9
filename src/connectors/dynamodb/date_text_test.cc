#include "connectors/dynamodb/date_text.h"

#include <string>

#include "gtest/gtest.h"

namespace pallas::dynamodb {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kMorning = 18'263 * kDay + (10 * 3600 + 20 * 60 + 30) * kSecond;  // 2020-01-02

TEST(IsoDateTimeTest, KnowsTheFormsThatNeedNoPattern) {
  EXPECT_EQ(ParseIsoDateTime("2020-01-02"), (DateTime{18'263 * kDay, std::nullopt}));
  EXPECT_EQ(ParseIsoDateTime("2020-01-02T10:20:30"), (DateTime{kMorning, std::nullopt}));
  EXPECT_EQ(ParseIsoDateTime("2020-01-02 10:20:30"), (DateTime{kMorning, std::nullopt}));
  EXPECT_EQ(ParseIsoDateTime("20200102T102030"), (DateTime{kMorning, std::nullopt}));
  EXPECT_EQ(ParseIsoDateTime("2020-01-02T10:20:30.25Z"), (DateTime{kMorning + 250'000, 0}));
  EXPECT_EQ(ParseIsoDateTime("2020-01-02T10:20:30+05:30"), (DateTime{kMorning, 19'800}));
  EXPECT_EQ(ParseIsoDateTime("20200102T102030-0800"), (DateTime{kMorning, -28'800}));
  EXPECT_EQ(ParseIsoDateTime("2020-01-02T10:20:30+01")->UtcMicros(), kMorning - 3600 * kSecond);
  EXPECT_EQ(ParseIsoDateTime("1969-12-31T23:59:59.123456789"),
            (DateTime{-kSecond + 123'456, std::nullopt}));
}

TEST(IsoDateTimeTest, RefusesOtherTextsAndDaysThatDoNotExist) {
  for (const char* const text :
       {"", "2020", "2020-1-2", "2020-02-30", "2020-13-01", "2020-01-02T25:00:00",
        "2020-01-02T10:20", "02/01/2020", "2020-01-02x", "20200102", "2020-01-02T10:20:30.",
        "2020-01-02T10:20:30+99"}) {
    EXPECT_FALSE(ParseIsoDateTime(text).has_value()) << text;
  }
}

TEST(IsoDateTimeTest, DaysAreThoseOfTheirOwnText) {
  for (int64_t day = -719'528; day <= 2'932'896; day += 17) {
    ASSERT_EQ(ParseIsoDateTime(*IsoDay(day)), (DateTime{day * kDay, std::nullopt})) << *IsoDay(day);
  }
  EXPECT_TRUE(ParseIsoDateTime("2000-02-29").has_value());
  EXPECT_FALSE(ParseIsoDateTime("1900-02-29").has_value());
}

TEST(DatePatternTest, ReadsJavasLetters) {
  const auto parse = [](const char* pattern, const char* text) {
    return DatePattern::Make(pattern)->Parse(text);
  };
  EXPECT_EQ(parse("dd/MM/yyyy", "02/01/2020"), (DateTime{18'263 * kDay, std::nullopt}));
  EXPECT_EQ(parse("yyyyMMddHHmmss", "20200102102030"), (DateTime{kMorning, std::nullopt}));
  EXPECT_EQ(parse("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2020-01-02T10:20:30.007+01:00"),
            (DateTime{kMorning + 7000, 3600}));
  EXPECT_EQ(parse("d.M.yy", "2.1.20"), (DateTime{18'263 * kDay, std::nullopt}));
  EXPECT_FALSE(parse("dd/MM/yyyy", "2020-01-02").has_value());
  EXPECT_FALSE(parse("dd/MM/yyyy", "30/02/2020").has_value());
}

TEST(DatePatternTest, NamesALetterThatItDoesNotKnow) {
  const auto pattern = DatePattern::Make("yyyy-MMM-dd G");
  ASSERT_TRUE(absl::IsInvalidArgument(pattern.status()));
  EXPECT_NE(pattern.status().message().find("'G'"), std::string::npos);
}

TEST(DatePatternTest, KnowsWhichOfThemSort) {
  EXPECT_TRUE(DatePattern::Make("yyyy-MM-dd")->is_iso_day());
  EXPECT_TRUE(DatePattern::Make("epoch_millis")->is_epoch_millis());
  EXPECT_EQ(IsoDay(0), "1970-01-01");
  EXPECT_EQ(IsoDay(3'000'000), std::nullopt);
}

}  // namespace
}  // namespace pallas::dynamodb
