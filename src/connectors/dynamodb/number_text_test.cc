#include "connectors/dynamodb/number_text.h"

#include <string>

#include "gtest/gtest.h"

namespace pallas::dynamodb {
namespace {

struct ParseCase {
  std::string text;
  int64_t digits;
  int scale;
};

class ParseNumberTest : public testing::TestWithParam<ParseCase> {};

TEST_P(ParseNumberTest, KeepsEveryDigit) {
  const auto number = ParseNumber(GetParam().text);
  ASSERT_TRUE(number.has_value());
  EXPECT_EQ(*number, (Number{GetParam().digits, GetParam().scale}));
}

INSTANTIATE_TEST_SUITE_P(Numbers, ParseNumberTest,
                         testing::Values(ParseCase{"0", 0, 0}, ParseCase{"0.000", 0, 0},
                                         ParseCase{"17", 17, 0}, ParseCase{"-17.50", -175, 1},
                                         ParseCase{"1200", 12, -2}, ParseCase{"1E+3", 1, -3},
                                         ParseCase{"1.5e-10", 15, 11}, ParseCase{"00012", 12, 0},
                                         ParseCase{"0.0100", 1, 2}, ParseCase{"1E125", 1, -125},
                                         ParseCase{".5", 5, 1}));

TEST(NumberTextTest, HasThirtyEightDigitsAndNoMore) {
  const std::string digits(38, '9');
  ASSERT_TRUE(ParseNumber(digits).has_value());
  EXPECT_EQ(DecimalText(ParseNumber(digits)->digits, 0), digits);
  EXPECT_TRUE(ParseNumber(digits + "000").has_value());
  EXPECT_FALSE(ParseNumber(digits + "9").has_value());
}

TEST(NumberTextTest, RefusesWhatIsNoNumber) {
  for (const char* const text :
       {"", "-", "1e", "e5", "1.2.3", "0x10", "nan", "inf", "1 ", " 1", "1e+", "."}) {
    EXPECT_FALSE(ParseNumber(text).has_value()) << text;
  }
}

TEST(NumberTextTest, IntegersHaveNoFractionAndSixtyFourBits) {
  EXPECT_EQ(ToInteger(*ParseNumber("9223372036854775807")), INT64_MAX);
  EXPECT_EQ(ToInteger(*ParseNumber("-9223372036854775808")), INT64_MIN);
  EXPECT_EQ(ToInteger(*ParseNumber("1.50E1")), 15);
  EXPECT_EQ(ToInteger(*ParseNumber("9223372036854775808")), std::nullopt);
  EXPECT_EQ(ToInteger(*ParseNumber("1.5")), std::nullopt);
  EXPECT_EQ(ToInteger(*ParseNumber("1E30")), std::nullopt);
}

TEST(NumberTextTest, RoundsHalfUpOnlyWhereItMay) {
  const auto unscaled = [](const char* text, Rounding rounding) {
    return ToUnscaled(*ParseNumber(text), 10, 2, rounding);
  };
  EXPECT_EQ(unscaled("1.005", Rounding::kHalfUp), absl::int128(101));
  EXPECT_EQ(unscaled("-1.005", Rounding::kHalfUp), absl::int128(-101));
  EXPECT_EQ(unscaled("1.0049", Rounding::kHalfUp), absl::int128(100));
  EXPECT_EQ(unscaled("1E-100", Rounding::kHalfUp), absl::int128(0));
  EXPECT_EQ(unscaled("1.005", Rounding::kNone), std::nullopt);
  EXPECT_EQ(unscaled("1.500", Rounding::kNone), absl::int128(150));
  EXPECT_EQ(unscaled("99999999.995", Rounding::kHalfUp), std::nullopt);
  EXPECT_EQ(unscaled("100000000", Rounding::kHalfUp), std::nullopt);
}

TEST(NumberTextTest, WritesUnscaledIntegers) {
  EXPECT_EQ(DecimalText(150, 2), "1.50");
  EXPECT_EQ(DecimalText(-5, 3), "-0.005");
  EXPECT_EQ(DecimalText(0, 0), "0");
}

}  // namespace
}  // namespace pallas::dynamodb
