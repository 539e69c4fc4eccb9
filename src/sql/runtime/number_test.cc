#include "sql/runtime/number.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/error_detail.h"

namespace pallas::sql {
namespace {

TEST(IntegerTextTest, Casts) {
  EXPECT_EQ(*CastTextToInteger("42", TypeKind::kInteger), 42);
  EXPECT_EQ(*CastTextToInteger("+42", TypeKind::kInteger), 42);
  EXPECT_EQ(*CastTextToInteger(" 1337 ", TypeKind::kSmallint), 1337);
  EXPECT_EQ(*CastTextToInteger("-128", TypeKind::kTinyint), -128);
  EXPECT_EQ(*CastTextToInteger("-9223372036854775808", TypeKind::kBigint), INT64_MIN);
  EXPECT_EQ(*CastTextToInteger("9223372036854775807", TypeKind::kBigint), INT64_MAX);

  struct Case {
    const char* text;
    TypeKind kind;
    const char* message;
  };

  const Case cases[] = {
      {"abc", TypeKind::kInteger, "Cannot cast 'abc' to INT"},
      {"", TypeKind::kBigint, "Cannot cast '' to BIGINT"},
      {" 1 2", TypeKind::kInteger, "Cannot cast ' 1 2' to INT"},
      {"1.5", TypeKind::kInteger, "Cannot cast '1.5' to INT"},
      {"128", TypeKind::kTinyint, "Cannot cast '128' to TINYINT"},
      {"-32769", TypeKind::kSmallint, "Cannot cast '-32769' to SMALLINT"},
      {"9223372036854775808", TypeKind::kBigint, "Cannot cast '9223372036854775808' to BIGINT"},
      {"--1", TypeKind::kInteger, "Cannot cast '--1' to INT"},
      {"-", TypeKind::kInteger, "Cannot cast '-' to INT"},
  };
  for (const Case& c : cases) {
    const absl::Status status = CastTextToInteger(c.text, c.kind).status();
    EXPECT_EQ(status.message(), c.message);
    EXPECT_EQ(ErrorName(status), "INVALID_CAST_ARGUMENT");
  }
}

TEST(FloatTextTest, Casts) {
  EXPECT_EQ(*CastTextToDouble("1.5"), 1.5);
  EXPECT_EQ(*CastTextToDouble(" -1.5E2 "), -150);
  EXPECT_EQ(*CastTextToDouble("+.5"), 0.5);
  EXPECT_EQ(*CastTextToDouble("5."), 5);
  EXPECT_EQ(*CastTextToDouble("1d"), 1);
  EXPECT_EQ(*CastTextToDouble("0x1.8p1"), 3);
  EXPECT_EQ(*CastTextToDouble("1e999"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(*CastTextToDouble("-1e-999"), 0);
  EXPECT_EQ(*CastTextToDouble("4.9E-324"), 4.9E-324);
  EXPECT_EQ(*CastTextToDouble("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*CastTextToDouble("NaN")));
  EXPECT_EQ(*CastTextToReal("16777217"), 16777216.0F);
  EXPECT_EQ(*CastTextToReal("1e39"), std::numeric_limits<float>::infinity());
  for (const char* text : {"", "abc", "inf", "nan", "1e", "1.5x", "0x10", "1,5", ".", "- 1"}) {
    EXPECT_EQ(CastTextToDouble(text).status().message(),
              std::string("Cannot cast '") + text + "' to DOUBLE");
  }
  EXPECT_EQ(CastTextToReal("x").status().message(), "Cannot cast 'x' to REAL");
}

TEST(BooleanTextTest, Casts) {
  for (const char* text : {"true", "TRUE", "t", "T", "1"}) {
    EXPECT_TRUE(*CastTextToBoolean(text));
  }
  for (const char* text : {"false", "False", "f", "F", "0"}) {
    EXPECT_FALSE(*CastTextToBoolean(text));
  }
  EXPECT_EQ(CastTextToBoolean("yes").status().message(), "Cannot cast 'yes' to BOOLEAN");
  EXPECT_FALSE(CastTextToBoolean("").ok());
}

TEST(DecimalTextTest, Casts) {
  struct Case {
    const char* text;
    int precision;
    int scale;
    const char* want;
  };

  const Case cases[] = {
      {"1.5", 3, 1, "1.5"},
      {"-1.25", 3, 1, "-1.3"},
      {"1.249", 3, 1, "1.2"},
      {"0.05", 3, 1, "0.1"},
      {"0.04", 3, 1, "0.0"},
      {"-0.5", 3, 0, "-1"},
      {"12e2", 10, 2, "1200.00"},
      {"1234.5E-3", 10, 3, "1.235"},
      {"5E-1", 3, 0, "1"},
      {"5E-2", 3, 0, "0"},
      {"000000000000000000000000000000000000000000000000001", 1, 0, "1"},
      {"0e99999", 1, 0, "0"},
      {"99999999999999999999999999999999999999", 38, 0, "99999999999999999999999999999999999999"},
      {".5", 2, 1, "0.5"},
      {"5.", 2, 1, "5.0"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<absl::int128> value = CastTextToDecimal(c.text, c.precision, c.scale);
    ASSERT_TRUE(value.ok()) << c.text;
    EXPECT_EQ(DecimalToText(*value, c.scale), c.want) << c.text;
  }
  EXPECT_EQ(CastTextToDecimal("x", 3, 1).status().message(),
            "Cannot cast VARCHAR 'x' to DECIMAL(3, 1). Value is not a number.");
  for (const char* text : {"100", "99.95", "1e99", "999999999999999999999999999999999999999"}) {
    EXPECT_EQ(CastTextToDecimal(text, 3, 1).status().message(),
              std::string("Cannot cast VARCHAR '") + text + "' to DECIMAL(3, 1). Value too large.");
  }
}

TEST(DecimalTextTest, ReadsLiterals) {
  struct Case {
    const char* text;
    int precision;
    int scale;
    const char* want;
  };

  const Case cases[] = {
      {"1.10", 3, 2, "1.10"},
      {"0.12", 2, 2, "0.12"},
      {"000", 1, 0, "0"},
      {"007.50", 3, 2, "7.50"},
      {"-.5", 1, 1, "-0.5"},
      {"5.", 1, 0, "5"},
      {"12345678901234567890", 20, 0, "12345678901234567890"},
  };
  for (const Case& c : cases) {
    const auto literal = ParseDecimalLiteral(c.text);
    ASSERT_TRUE(literal.ok() && literal->has_value()) << c.text;
    EXPECT_EQ((*literal)->precision, c.precision) << c.text;
    EXPECT_EQ((*literal)->scale, c.scale) << c.text;
    EXPECT_EQ(DecimalToText((*literal)->unscaled, c.scale), c.want);
  }
  EXPECT_EQ(*ParseDecimalLiteral("1e5"), std::nullopt);
  EXPECT_EQ(*ParseDecimalLiteral(""), std::nullopt);
  EXPECT_EQ(ParseDecimalLiteral(std::string(39, '9')).status().message(),
            "DECIMAL precision must be in range [1, 38]: 39");
}

TEST(DecimalTest, Rescales) {
  EXPECT_EQ(RescaleDecimal(15, 1, 0, 38), 2);
  EXPECT_EQ(RescaleDecimal(-15, 1, 0, 38), -2);
  EXPECT_EQ(RescaleDecimal(14, 1, 0, 38), 1);
  EXPECT_EQ(RescaleDecimal(15, 1, 3, 4), 1500);
  EXPECT_EQ(RescaleDecimal(15, 1, 3, 3), std::nullopt);
  EXPECT_EQ(RescaleDecimal(1, 0, 38, 38), std::nullopt);
  EXPECT_EQ(RescaleDecimal(0, 0, 38, 38), 0);
  EXPECT_EQ(RescaleDecimal(PowerOfTen(37), 0, 5, 38), std::nullopt);
  EXPECT_EQ(DivideRounded(PowerOfTen(38) - 1, PowerOfTen(38)), 1);
  EXPECT_EQ(DivideRounded(-7, 2), -4);
}

}  // namespace
}  // namespace pallas::sql
