#include "sdk/model/value_set.h"

#include <cmath>
#include <random>

#include "arrow/type.h"
#include "gtest/gtest.h"

#include "types/arrow_mapping.h"

namespace pallas::sdk {
namespace {

uint32_t Below(std::mt19937& random, uint32_t limit) {
  return static_cast<uint32_t>(random() % limit);
}

constexpr int64_t kSmallest = -3;
constexpr int64_t kLargest = 12;

ValueSet RandomRanges(std::mt19937& random) {
  std::vector<Range> ranges;
  const unsigned count = Below(random, 4);
  for (unsigned i = 0; i < count; ++i) {
    Range range;
    if (Below(random, 5) > 0) {
      range.low = Bound{int64_t{Below(random, 10)}, Below(random, 2) == 0};
    }
    if (Below(random, 5) > 0) {
      range.high = Bound{int64_t{Below(random, 10)}, Below(random, 2) == 0};
    }
    ranges.push_back(std::move(range));
  }
  return ValueSet::OfRanges(arrow::int64(), std::move(ranges), Below(random, 2) == 0);
}

ValueSet RandomValues(std::mt19937& random) {
  std::vector<Value> values;
  const unsigned count = Below(random, 6);
  for (unsigned i = 0; i < count; ++i) {
    values.emplace_back(int64_t{Below(random, 10)});
  }
  return ValueSet::OfValues(arrow::int64(), std::move(values), Below(random, 2) == 0,
                            Below(random, 2) == 0);
}

// Both operations against membership, value by value.
void CheckOperations(const ValueSet& a, const ValueSet& b) {
  const ValueSet both = a.Intersect(b);
  const ValueSet either = a.Union(b);
  EXPECT_EQ(both, b.Intersect(a)) << a.ToString() << " " << b.ToString();
  EXPECT_EQ(either, b.Union(a)) << a.ToString() << " " << b.ToString();
  for (int64_t value = kSmallest; value <= kLargest; ++value) {
    EXPECT_EQ(both.Contains(value), a.Contains(value) && b.Contains(value));
    EXPECT_EQ(either.Contains(value), a.Contains(value) || b.Contains(value));
  }
  EXPECT_EQ(both.Contains(std::nullopt), a.Contains(std::nullopt) && b.Contains(std::nullopt));
  EXPECT_EQ(either.Contains(std::nullopt), a.Contains(std::nullopt) || b.Contains(std::nullopt));
  EXPECT_EQ(a.Intersect(a), a);
  EXPECT_EQ(a.Union(a), a);
}

TEST(ValueSetTest, OperationsAgreeWithMembership) {
  std::mt19937 random(11);
  for (int i = 0; i < 5000; ++i) {
    CheckOperations(RandomRanges(random), RandomRanges(random));
    CheckOperations(RandomValues(random), RandomValues(random));
  }
}

TEST(ValueSetTest, RangesAreMerged) {
  const ValueSet set = ValueSet::OfRanges(arrow::int64(),
                                          {Range::Equal(int64_t{7}),
                                           {Bound{int64_t{1}, true}, Bound{int64_t{3}, false}},
                                           {Bound{int64_t{3}, true}, Bound{int64_t{5}, true}},
                                           {Bound{int64_t{9}, true}, Bound{int64_t{8}, true}}},
                                          true);
  EXPECT_EQ(set.ToString(), "[1, 5] ∪ {7} ∪ NULL");
  // What excludes its end does not touch what excludes its start.
  const ValueSet gap = ValueSet::OfRanges(
      arrow::int64(), {Range::LessThan(int64_t{3}), Range::GreaterThan(int64_t{3})}, false);
  EXPECT_FALSE(gap.Contains(int64_t{3}));
  EXPECT_EQ(gap.ranges().size(), 2U);
}

TEST(ValueSetTest, ExtremesAreRecognised) {
  EXPECT_TRUE(ValueSet::OfRanges(arrow::int64(), {}, false).IsNone());
  EXPECT_TRUE(ValueSet::OfRanges(arrow::int64(), {Range::All()}, true).IsAll());
  EXPECT_FALSE(ValueSet::NotNull(arrow::utf8()).IsAll());
  EXPECT_EQ(ValueSet::OnlyNull(arrow::utf8()).ToString(), "NULL");
  EXPECT_EQ(ValueSet::OfRanges(arrow::utf8(), {}, false).ToString(), "∅");
  EXPECT_TRUE(ValueSet::AllOrNone(arrow::utf8(), false, false).IsNone());
  EXPECT_EQ(ValueSet::OfRanges(arrow::utf8(), {Range::Equal(std::string("a"))}, true)
                .DiscreteValues()
                ->size(),
            1U);
  EXPECT_FALSE(ValueSet::NotNull(arrow::utf8()).DiscreteValues().has_value());
}

TEST(ValueSetTest, ValuesHaveOneOrder) {
  EXPECT_LT(CompareValues(*arrow::utf8(), std::string("Z"), std::string("a")), 0);
  EXPECT_LT(CompareValues(*arrow::utf8(), std::string("z"), std::string("\xC3\xA9")), 0);
  EXPECT_GT(CompareValues(*arrow::float64(), std::nan(""), INFINITY), 0);
  EXPECT_EQ(CompareValues(*arrow::float64(), std::nan(""), std::nan("")), 0);
  EXPECT_LT(CompareValues(*arrow::boolean(), false, true), 0);
  // The instant counts, not the zone.
  const auto zoned = arrow::timestamp(arrow::TimeUnit::MILLI, "UTC");
  EXPECT_EQ(CompareValues(*zoned, PackTimestampTz(5, 7), PackTimestampTz(5, 9)), 0);
  EXPECT_LT(CompareValues(*zoned, PackTimestampTz(5, 9), PackTimestampTz(6, 0)), 0);
}

TEST(ValueSetTest, ValuesAreShownByType) {
  EXPECT_EQ(ValueToString(*arrow::utf8(), std::string("it's")), "'it''s'");
  EXPECT_EQ(ValueToString(*arrow::date32(), int64_t{1}), "1970-01-02");
  EXPECT_EQ(ValueToString(*arrow::decimal128(5, 2), absl::int128(150)), "1.50");
  EXPECT_EQ(ValueToString(*arrow::binary(), std::string("\x01\xFF")), "X'01ff'");
  EXPECT_EQ(ValueToString(*arrow::date64(), int64_t{1}), "1970-01-01 00:00:00.001");
}

}  // namespace
}  // namespace pallas::sdk
