#include "types/value_text.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "arrow/array.h"
#include "arrow/json/from_string.h"
#include "gtest/gtest.h"

#include "types/arrow_mapping.h"

namespace pallas {
namespace {

template <typename Function, typename... Args>
std::string Text(Function function, Args... args) {
  std::string out;
  function(args..., &out);
  return out;
}

TEST(ValueTextTest, DoublesAsJavaPrintsThem) {
  const std::pair<double, const char*> kCases[] = {
      {37.7, "37.7"},     {1e10, "1.0E10"},
      {1e7, "1.0E7"},     {9999999, "9999999.0"},
      {0.001, "0.001"},   {0.0001, "1.0E-4"},
      {0, "0.0"},         {-0.0, "-0.0"},
      {1.0, "1.0"},       {123456.789, "123456.789"},
      {1.5e-7, "1.5E-7"}, {1e100, "1.0E100"},
      {-2.5, "-2.5"},     {std::numeric_limits<double>::infinity(), "Infinity"}};
  for (const auto& [value, text] : kCases) {
    EXPECT_EQ(Text(AppendJavaDouble, value), text);
  }
  EXPECT_EQ(Text(AppendJavaDouble, std::nan("")), "NaN");
  EXPECT_EQ(Text(AppendJavaFloat, 0.1F), "0.1");
  EXPECT_EQ(Text(AppendTrinoDouble, 37.7), "3.77E1");
  EXPECT_EQ(Text(AppendTrinoDouble, 0.0), "0E0");
  EXPECT_EQ(Text(AppendTrinoDouble, 1.0), "1.0E0");
  EXPECT_EQ(Text(AppendTrinoReal, 0.1F), "1.0E-1");
}

TEST(ValueTextTest, DoublesAreReadBack) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) {
      continue;
    }
    double java = 0;
    double trino = 0;
    ASSERT_TRUE(absl::SimpleAtod(Text(AppendJavaDouble, value), &java));
    ASSERT_TRUE(absl::SimpleAtod(Text(AppendTrinoDouble, value), &trino));
    ASSERT_EQ(java, value);
    ASSERT_EQ(trino, value);
  }
}

std::string DecimalText(absl::int128 value, int scale) {
  std::string out;
  AppendDecimal(absl::Int128High64(value), absl::Int128Low64(value), scale, &out);
  return out;
}

TEST(ValueTextTest, Decimals) {
  EXPECT_EQ(DecimalText(0, 0), "0");
  EXPECT_EQ(DecimalText(0, 2), "0.00");
  EXPECT_EQ(DecimalText(150, 2), "1.50");
  EXPECT_EQ(DecimalText(-5, 3), "-0.005");
  EXPECT_EQ(DecimalText(1'000'000'000, 0), "1000000000");
  EXPECT_EQ(DecimalText(1'000'000'000, 9), "1.000000000");
  EXPECT_EQ(DecimalText(12'345'678'901, 4), "1234567.8901");
  absl::int128 largest = 1;
  for (int i = 0; i < 38; ++i) {
    largest *= 10;
  }
  EXPECT_EQ(DecimalText(largest - 1, 38), "0." + std::string(38, '9'));
  EXPECT_EQ(DecimalText(-(largest - 1), 0), "-" + std::string(38, '9'));
}

TEST(ValueTextTest, DatesAndTimes) {
  EXPECT_EQ(Text(AppendDate, 0), "1970-01-01");
  EXPECT_EQ(Text(AppendDate, -719'529), "-0001-12-31");
  EXPECT_EQ(Text(AppendDate, 2'932'897), "+10000-01-01");
  EXPECT_EQ(Text(AppendTime, int64_t{45'296'789'000'000'000}, 3), "12:34:56.789");
  EXPECT_EQ(Text(AppendTimestamp, int64_t{-1}, 0, 6), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(Text(AppendTimestamp, int64_t{0}, 5, 12), "1970-01-01 00:00:00.000000000005");
  EXPECT_EQ(Text(AppendTimestamp, int64_t{0}, 0, 0), "1970-01-01 00:00:00");
}

std::string Nested(const char* type_text, const char* json) {
  const Type type = *ParseTrinoType(type_text);
  const auto array = arrow::json::ArrayFromJSONString(ToResultArrowType(type), json);
  EXPECT_TRUE(array.ok()) << array.status().ToString();
  std::string out;
  AppendAthenaText(type, **array, 0, &out);
  return out;
}

TEST(ValueTextTest, NestedValues) {
  EXPECT_EQ(Nested("array(integer)", "[[1, 2, null]]"), "[1, 2, null]");
  EXPECT_EQ(Nested("map(varchar, integer)", R"([[["b", 2], ["a", 1]]])"), "{a=1, b=2}");
  EXPECT_EQ(Nested("map(integer, integer)", "[[[10, 2], [9, 1]]]"), "{9=1, 10=2}");
  EXPECT_EQ(Nested("row(x integer, varchar)", R"([{"f1": 1, "f2": "y"}])"), "{x=1, y}");
  EXPECT_EQ(Nested("char(4)", R"(["é"])"), "é   ");
  EXPECT_EQ(Nested("varbinary", R"(["abc"])"), "61 62 63");
  EXPECT_EQ(Nested("interval day to second", "[183845000]"), "2 03:04:05.000");
  EXPECT_EQ(Nested("interval year to month", "[-18]"), "-1-6");
  // 2020-07-01 00:00:00 UTC in New York.
  const int64_t packed = PackTimestampTz(1'593'561'600'000, 1847);
  EXPECT_EQ(Nested("timestamp(3) with time zone", ("[" + std::to_string(packed) + "]").c_str()),
            "2020-06-30 20:00:00.000 America/New_York");
}

}  // namespace
}  // namespace pallas
