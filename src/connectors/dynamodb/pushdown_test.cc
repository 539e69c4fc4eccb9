#include "connectors/dynamodb/pushdown.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/dynamodb/testing/items.h"

namespace pallas::dynamodb {
namespace {

using sdk::Range;
using sdk::Support;
using sdk::Value;
using sdk::ValueSet;
using testing::HasSubstr;
using testing::Not;

Value Number(int64_t value) { return Value(value); }

Value Text(const char* text) { return Value(std::string(text)); }

ValueSet Numbers(const std::vector<int64_t>& values) {
  std::vector<Range> ranges;
  ranges.reserve(values.size());
  for (const int64_t value : values) {
    ranges.push_back(Range::Equal(Number(value)));
  }
  return ValueSet::OfRanges(arrow::int64(), std::move(ranges), false);
}

ValueSet OneRange(std::shared_ptr<arrow::DataType> type, Range range, bool null_allowed = false) {
  return ValueSet::OfRanges(std::move(type), {std::move(range)}, null_allowed);
}

class PushdownTest : public testing::Test {
 protected:
  PushdownTest() { scan_.columns = {"id", "name"}; }

  ScanPlan Plan(DynamicFilters dynamic = DynamicFilters::kUse) {
    const sdk::Table table = TableOf(description_, fields_, inferred_);
    const auto source = SourceTable::Make(table);
    EXPECT_TRUE(source.ok()) << source.status();
    auto plan = PlanScan(*source, scan_, options_, dynamic);
    EXPECT_TRUE(plan.ok()) << plan.status();
    return *std::move(plan);
  }

  void Where(const std::string& column, ValueSet set) {
    scan_.constraints.summary.insert_or_assign(column, std::move(set));
  }

  void AddIndex(const std::string& name, KeySchema key, bool complete = true,
                std::vector<std::string> included = {}) {
    IndexDescription index;
    index.name = name;
    index.global = true;
    index.key = std::move(key);
    index.is_complete = complete;
    index.included = std::move(included);
    for (const std::string& attribute : {index.key.hash, index.key.range}) {
      if (!attribute.empty()) {
        description_.key_types.try_emplace(attribute, attribute == "size" ? 'N' : 'S');
      }
    }
    description_.indexes.push_back(std::move(index));
  }

  TableDescription description_ = Described(100'000, /*has_range=*/true);
  arrow::FieldVector fields_ = {arrow::field("id", arrow::int64()),
                                arrow::field("at", arrow::utf8()),
                                arrow::field("name", arrow::utf8()),
                                arrow::field("size", arrow::int64()),
                                arrow::field("price", arrow::decimal128(15, 2)),
                                arrow::field("ratio", arrow::float64()),
                                arrow::field("flag", arrow::boolean()),
                                arrow::field("day", arrow::date32())};
  bool inferred_ = false;
  sdk::Scan scan_;
  DynamoDbOptions options_;
};

TEST_F(PushdownTest, AHashKeyIsOneQuery) {
  Where("id", Numbers({17}));
  const ScanPlan plan = Plan();
  EXPECT_EQ(plan.path.kind, AccessPath::Kind::kQuery);
  EXPECT_EQ(plan.path.num_reads(), 1);
  EXPECT_EQ(plan.filter, "");
  EXPECT_EQ(plan.pushdown.summary.at("id").support, Support::kExact);
  EXPECT_EQ(plan.pushdown.statement, "Query things, key id = 17, attributes id, name");
}

TEST_F(PushdownTest, SeveralHashKeysAreSeveralQueries) {
  Where("id", Numbers({1, 2, 3}));
  const ScanPlan plan = Plan();
  EXPECT_EQ(plan.path.kind, AccessPath::Kind::kQuery);
  EXPECT_EQ(plan.path.num_reads(), 3);
  EXPECT_EQ(plan.pushdown.statement,
            "3 times Query things, key id IN (1, 2, 3), attributes id, name");
}

TEST_F(PushdownTest, RangeKeysHaveTheConditionsThatAKeyConditionSays) {
  Where("id", Numbers({17}));
  const auto statement = [&](Range range) {
    Where("at", OneRange(arrow::utf8(), std::move(range)));
    return Plan();
  };
  EXPECT_THAT(statement(Range::Equal(Text("a"))).pushdown.statement, HasSubstr("AND at = 'a'"));
  EXPECT_THAT(statement(Range::LessThan(Text("b"))).pushdown.statement, HasSubstr("at < 'b'"));
  EXPECT_THAT(statement(Range::AtLeast(Text("b"))).pushdown.statement, HasSubstr("at >= 'b'"));
  ScanPlan plan = statement({sdk::Bound{Text("a"), true}, sdk::Bound{Text("b"), true}});
  EXPECT_THAT(plan.pushdown.statement, HasSubstr("at BETWEEN 'a' AND 'b'"));
  EXPECT_EQ(plan.pushdown.summary.at("at").support, Support::kExact);
  // DynamoDB has no such condition: one row too many may come.
  plan = statement({sdk::Bound{Text("a"), false}, sdk::Bound{Text("b"), true}});
  EXPECT_THAT(plan.pushdown.statement, HasSubstr("at BETWEEN 'a' AND 'b'"));
  EXPECT_EQ(plan.pushdown.summary.at("at").support, Support::kInexact);
}

TEST_F(PushdownTest, APrefixOfTheRangeKeyIsBeginsWith) {
  Where("id", Numbers({17}));
  scan_.constraints.expressions.push_back(
      sdk::Expression::Call(arrow::boolean(), "$like_pattern",
                            {sdk::Expression::Variable(arrow::utf8(), "at"),
                             sdk::Expression::Constant(arrow::utf8(), Text("2020-%"))}));
  const ScanPlan plan = Plan();
  EXPECT_THAT(plan.pushdown.statement, HasSubstr("begins_with(at, '2020-')"));
  EXPECT_EQ(plan.pushdown.expressions.at(0).support, Support::kInexact);
}

TEST_F(PushdownTest, WholeKeysAreABatch) {
  Where("id", Numbers({1, 2, 3}));
  Where("at", ValueSet::OfRanges(arrow::utf8(), {Range::Equal(Text("a")), Range::Equal(Text("b"))},
                                 false));
  const ScanPlan plan = Plan();
  EXPECT_EQ(plan.path.kind, AccessPath::Kind::kGetItems);
  EXPECT_EQ(plan.path.num_reads(), 6);
}

// DDB-8: a condition on the table's hash key that is no equality is no reason to prefer the table.
TEST_F(PushdownTest, AnIndexIsQueriedThoughTheHashKeyHasARange) {
  AddIndex("by_name", {"name", ""});
  Where("id", OneRange(arrow::int64(), Range::GreaterThan(Number(5))));
  Where("name", OneRange(arrow::utf8(), Range::Equal(Text("x"))));
  const ScanPlan plan = Plan();
  EXPECT_EQ(plan.path.kind, AccessPath::Kind::kQuery);
  EXPECT_EQ(plan.path.index, "by_name");
  EXPECT_EQ(plan.filter, "#n0 >= :v0");  // the key of the table is none of the index
}

// DDB-7: items without the range key are not in the index.
TEST_F(PushdownTest, ASparseIndexIsUsedOnlyWithAConditionThatExcludesNull) {
  AddIndex("by_name_size", {"name", "size"});
  Where("name", OneRange(arrow::utf8(), Range::Equal(Text("x"))));
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kScan);
  Where("size", OneRange(arrow::int64(), Range::GreaterThan(Number(3)), /*null_allowed=*/true));
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kScan);
  Where("size", OneRange(arrow::int64(), Range::GreaterThan(Number(3))));
  EXPECT_EQ(Plan().path.index, "by_name_size");
}

TEST_F(PushdownTest, AnIndexThatLacksAColumnIsNotUsed) {
  AddIndex("by_name", {"name", ""}, /*complete=*/false, {"flag"});
  Where("name", OneRange(arrow::utf8(), Range::Equal(Text("x"))));
  scan_.columns = {"id", "at", "name", "flag"};
  EXPECT_EQ(Plan().path.index, "by_name");
  scan_.columns.emplace_back("size");
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kScan);
}

TEST_F(PushdownTest, NoGlobalIndexIsReadConsistently) {
  AddIndex("by_name", {"name", ""});
  Where("name", OneRange(arrow::utf8(), Range::Equal(Text("x"))));
  options_.consistent_read = true;
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kScan);
}

TEST_F(PushdownTest, KeysOfAJoinArePointReadsOnlyWhereTheyAreCheaper) {
  std::vector<int64_t> keys(1000);
  for (size_t i = 0; i < keys.size(); ++i) {
    keys[i] = static_cast<int64_t>(i);
  }
  scan_.dynamic_filters.insert_or_assign("id", Numbers(keys));
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kQuery);  // 500 units, against 2,441
  description_ = Described(10'000, /*has_range=*/true);   // 244
  ScanPlan plan = Plan();
  EXPECT_EQ(plan.path.kind, AccessPath::Kind::kScan);
  // Too many for a filter: their range is sent.
  EXPECT_EQ(plan.filter, "(#n0 BETWEEN :v0 AND :v1)");
  description_ = Described(0, /*has_range=*/true);  // it says so, perhaps hours late
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kScan);
  keys.resize(kBlindPointReads);
  scan_.dynamic_filters.insert_or_assign("id", Numbers(keys));
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kQuery);
}

TEST_F(PushdownTest, WhatWasExactStaysSoWithTheKeysOfAJoin) {
  Where("at", OneRange(arrow::utf8(), Range::GreaterThan(Text("m"))));
  EXPECT_EQ(Plan(DynamicFilters::kIgnore).pushdown.summary.at("at").support, Support::kExact);
  scan_.dynamic_filters.insert_or_assign("id", Numbers({1, 2}));
  scan_.dynamic_filters.insert_or_assign("at", OneRange(arrow::utf8(), Range::AtMost(Text("t"))));
  const ScanPlan plan = Plan();
  ASSERT_EQ(plan.path.kind, AccessPath::Kind::kQuery);
  ASSERT_EQ(plan.path.ranges.size(), 1U);
  // Not BETWEEN 'm' AND 't', which has 'm'.
  EXPECT_FALSE(plan.path.ranges[0].high.has_value());
  EXPECT_FALSE(plan.path.ranges[0].low_inclusive);
}

struct FilterCase {
  std::string column;
  ValueSet set;
  std::string filter;
  std::string values;  // joined
};

class FilterTest : public PushdownTest, public testing::WithParamInterface<FilterCase> {};

TEST_P(FilterTest, KeepsWhateverMayMatch) {
  Where(GetParam().column, GetParam().set);
  const ScanPlan plan = Plan();
  EXPECT_EQ(plan.filter, GetParam().filter);
  std::string values;
  for (const auto& [alias, value] : plan.aliases.values()) {
    absl::StrAppend(&values, alias, "=", value, " ");
  }
  EXPECT_EQ(values, GetParam().values);
}

const std::vector<FilterCase> kFilterCases = {
    // DDB-13: exact digits, not a double's.
    {"size", Numbers({9007199254740993}), "(#n0 = :v0 OR attribute_type(#n0, :v1))",
     R"(:v0={"N":"9007199254740993"} :v1={"S":"S"} )"},
    {"size", Numbers({1, 2}), "(#n0 IN (:v0,:v1) OR attribute_type(#n0, :v2))",
     R"(:v0={"N":"1"} :v1={"N":"2"} :v2={"S":"S"} )"},
    {"name", OneRange(arrow::utf8(), Range::Equal(Text("x\"y"))),
     "(#n0 = :v0 OR (attribute_exists(#n0) AND NOT attribute_type(#n0, :v1)))",
     R"(:v0={"S":"x\"y"} :v1={"S":"S"} )"},
    {"name", ValueSet::OnlyNull(arrow::utf8()), "(attribute_not_exists(#n0) OR #n0 = :v0)",
     R"(:v0={"NULL":true} )"},
    {"name", ValueSet::NotNull(arrow::utf8()), "(attribute_exists(#n0) AND #n0 <> :v0)",
     R"(:v0={"NULL":true} )"},
    // A declared scale is rounded to: what becomes 1.50 may have been anything around it.
    {"price", OneRange(arrow::decimal128(15, 2), Range::Equal(absl::int128(150))),
     "((#n0 BETWEEN :v0 AND :v1) OR attribute_type(#n0, :v2))",
     R"(:v0={"N":"1.495"} :v1={"N":"1.505"} :v2={"S":"S"} )"},
    {"flag", OneRange(arrow::boolean(), Range::Equal(Value(true))), "#n0 = :v0",
     R"(:v0={"BOOL":true} )"},
    {"flag", OneRange(arrow::boolean(), Range::LessThan(Value(true))), "#n0 = :v0",
     R"(:v0={"BOOL":false} )"},
    // A key is there in each item and has one type.
    {"at", OneRange(arrow::utf8(), Range::AtLeast(Text("b"))), "#n0 >= :v0", R"(:v0={"S":"b"} )"},
    // DDB-11: nothing is known of the form of these dates.
    {"day", OneRange(arrow::date32(), Range::Equal(Number(1))), "", ""}};

INSTANTIATE_TEST_SUITE_P(Sets, FilterTest, testing::ValuesIn(kFilterCases));

TEST_F(PushdownTest, AnInferredNumberIsNotRounded) {
  inferred_ = true;
  Where("price", OneRange(arrow::decimal128(15, 2), Range::Equal(absl::int128(150))));
  EXPECT_THAT(Plan().filter, HasSubstr("#n0 = :v0"));
}

TEST_F(PushdownTest, ADoubleIsSoughtBetweenItsNeighbours) {
  Where("ratio", OneRange(arrow::float64(), Range::Equal(Value(0.1))));
  const ScanPlan plan = Plan();
  EXPECT_EQ(plan.aliases.values().at(":v0"), R"({"N":"0.099999999999999992"})");
  EXPECT_EQ(plan.aliases.values().at(":v1"), R"({"N":"0.10000000000000002"})");
  // No number of DynamoDB's is so large, and none so small.
  Where("ratio", OneRange(arrow::float64(), Range::AtMost(Value(1e300))));
  EXPECT_THAT(Plan().filter, HasSubstr("attribute_exists"));
  Where("ratio", OneRange(arrow::float64(), Range::Equal(Value(0.0))));
  EXPECT_EQ(Plan().aliases.values().at(":v1"), R"({"N":"1E-129"})");
}

// DDB-11, DDB-12: dates are sent where their form is known and sorts.
TEST_F(PushdownTest, DatesOfAKnownFormAreSent) {
  const auto with_pattern = [&](const char* pattern) {
    fields_.back() = arrow::field("day", arrow::date32(), true,
                                  arrow::key_value_metadata({{kPatternKey, pattern}}));
  };
  Where("day", OneRange(arrow::date32(), Range::Equal(Number(18'263))));
  with_pattern("yyyy-MM-dd");
  EXPECT_EQ(Plan().aliases.values().at(":v0"), R"({"S":"2020-01-02"})");
  with_pattern("epoch_millis");
  EXPECT_EQ(Plan().aliases.values().at(":v0"), R"({"N":"1577923200000"})");
  EXPECT_EQ(Plan().aliases.values().at(":v1"), R"({"N":"1578009600000"})");
  with_pattern("dd.MM.yyyy");
  const ScanPlan plan = Plan();
  EXPECT_EQ(plan.filter, "");
  EXPECT_EQ(plan.pushdown.summary.at("day").support, Support::kUnsupported);
}

// DDB-21: at most 100 operands of IN, and 4 KB.
TEST_F(PushdownTest, LongListsAreCut) {
  std::vector<int64_t> values(250);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int64_t>(2 * i);
  }
  Where("size", Numbers(values));
  ScanPlan plan = Plan();
  EXPECT_THAT(plan.filter, HasSubstr(") OR #n0 IN ("));
  EXPECT_LE(plan.filter.size(), kMaxExpressionBytes);
  values.resize(2000);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int64_t>(2 * i);
  }
  Where("size", Numbers(values));
  plan = Plan();
  EXPECT_THAT(plan.filter, HasSubstr("BETWEEN"));
  EXPECT_EQ(plan.pushdown.summary.at("size").support, Support::kInexact);
}

TEST_F(PushdownTest, ALimitIsSentOnlyIfNothingIsFilteredLater) {
  scan_.limit = 5;
  EXPECT_EQ(Plan().pushdown.limit.support, Support::kExact);
  Where("id", Numbers({1}));
  EXPECT_EQ(Plan().pushdown.limit.support, Support::kExact);
  Where("size", Numbers({1}));
  EXPECT_EQ(Plan().pushdown.limit.support, Support::kUnsupported);
}

TEST_F(PushdownTest, KeysThatNoItemHasAreNotAskedFor) {
  fields_[1] = arrow::field("at", arrow::utf8());
  Where("id", Numbers({1}));
  Where("at", OneRange(arrow::utf8(), Range::Equal(Text(""))));
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kNothing);
  Where("at", OneRange(arrow::utf8(), Range::GreaterThan(Text(""))));
  EXPECT_EQ(Plan().path.ranges.size(), 0U);
  Where("id", ValueSet::OnlyNull(arrow::int64()));
  EXPECT_EQ(Plan().path.kind, AccessPath::Kind::kNothing);
}

TEST_F(PushdownTest, WithValuesThatMayTurnNullNoNullIsSought) {
  options_.values.type_mismatch = TypeMismatch::kNull;
  Where("size", ValueSet::OnlyNull(arrow::int64()));
  EXPECT_EQ(Plan().pushdown.summary.at("size").support, Support::kUnsupported);
}

// DDB-6
TEST_F(PushdownTest, SegmentsFollowTheSizeOfTheTable) {
  const auto segments = [&] { return ScanSegments(description_, scan_, options_); };
  EXPECT_EQ(segments(), 1);
  description_.size_bytes = int64_t{900} << 20;
  EXPECT_EQ(segments(), 3);
  description_.size_bytes = int64_t{1} << 50;
  EXPECT_EQ(segments(), 400);
  description_.on_demand = false;
  description_.read_units = 40'000;
  description_.size_bytes = 0;
  EXPECT_EQ(segments(), 400);
  options_.scan_segments = 7;
  EXPECT_EQ(segments(), 7);
}

TEST_F(PushdownTest, TextsOfOtherFormsThanVarcharAreNotCompared) {
  fields_[2] = arrow::field("name", arrow::utf8(), true,
                            arrow::key_value_metadata({{sdk::kTypeKey, "uuid"}}));
  Where("name", OneRange(arrow::utf8(), Range::Equal(Text("x"))));
  EXPECT_EQ(Plan().filter, "");
}

}  // namespace
}  // namespace pallas::dynamodb
