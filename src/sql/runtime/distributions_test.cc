#include "sql/runtime/distributions.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace pallas::sql {
namespace {

TEST(DistributionsTest, AgreeToTheLastDigit) {
  EXPECT_EQ(*BetaCdf(3, 3.6, 0.3), 0.21764809997679938);
  EXPECT_EQ(*InverseBetaCdf(3, 5, 0.7), 0.45855466525235755);
  EXPECT_EQ(*StudentCdf(1, 5), 0.8183912661754388);
  EXPECT_EQ(*StudentPdf(1, 5), 0.21967979735098062);
  EXPECT_EQ(*NormalCdf(0, 1, 1.96), 0.9750021048517796);
  EXPECT_EQ(*InverseNormalCdf(0, 1, 0.3), -0.5244005127080409);
  EXPECT_EQ(*WilsonInterval(IntervalEnd::kLower, 1250, 1310, 1.96), 0.9414883725395894);
  EXPECT_EQ(*WilsonInterval(IntervalEnd::kUpper, 1250, 1310, 1.96), 0.9642524717143908);
}

TEST(DistributionsTest, EndsOfTheRange) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(*NormalCdf(0, 1, kInfinity), 1);
  EXPECT_EQ(*NormalCdf(0, 1, -kInfinity), 0);
  EXPECT_EQ(*BetaCdf(3, 3.6, 0), 0);
  EXPECT_EQ(*BetaCdf(3, 3.6, 1), 1);
  EXPECT_EQ(*InverseBetaCdf(3, 3.6, 0), 0);
  EXPECT_EQ(*InverseBetaCdf(3, 3.6, 1), 1);
  EXPECT_TRUE(std::isnan(*StudentCdf(1, kInfinity)));
}

TEST(DistributionsTest, ArgumentsAreChecked) {
  EXPECT_EQ(NormalCdf(0, 0, 0.5).status().message(), "standardDeviation must be > 0");
  EXPECT_EQ(InverseNormalCdf(0, 0, 7).status().message(), "p must be 0 > p > 1");
  EXPECT_EQ(InverseNormalCdf(0, 0, 0.5).status().message(), "sd must be > 0");
  EXPECT_EQ(BetaCdf(0, 1, 7).status().message(), "value must be 0 >= v >= 1");
  EXPECT_EQ(BetaCdf(0, 1, 0.5).status().message(), "a, b must be > 0");
  EXPECT_EQ(InverseBetaCdf(0, 1, 7).status().message(), "p must be 0 >= p >= 1");
  EXPECT_EQ(StudentPdf(1, 0.5).status().message(),
            "degrees of freedom must be greater than or equal to 1");
  EXPECT_EQ(WilsonInterval(IntervalEnd::kLower, 2, 1, 1).status().message(),
            "number of successes must not be larger than number of trials");
}

}  // namespace
}  // namespace pallas::sql
