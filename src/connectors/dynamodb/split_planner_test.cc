#include "connectors/dynamodb/split_planner.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/dynamodb/testing/items.h"

namespace pallas::dynamodb {
namespace {

using testing::HasSubstr;

class Collector final : public sdk::PartitionSink, public sdk::SplitSink {
 public:
  explicit Collector(size_t stop_after = SIZE_MAX) : stop_after_(stop_after) {}

  absl::StatusOr<sdk::Flow> Add(sdk::Partitions page) override {
    partitions.push_back(std::move(page));
    return sdk::Flow::kContinue;
  }

  absl::StatusOr<sdk::Flow> Add(sdk::Split split) override {
    splits.push_back(std::move(split));
    return splits.size() % stop_after_ == 0 ? sdk::Flow::kStop : sdk::Flow::kContinue;
  }

  std::vector<sdk::Partitions> partitions;
  std::vector<sdk::Split> splits;

 private:
  const size_t stop_after_;
};

std::vector<sdk::Split> Plan(const TableDescription& description, const sdk::Scan& scan,
                             DynamoDbOptions options = {}, size_t stop_after = SIZE_MAX) {
  const auto table = SourceTable::Make(TableOf(
      description, {arrow::field("id", arrow::int64()), arrow::field("at", arrow::utf8()),
                    arrow::field("index", arrow::utf8()), arrow::field("size", arrow::int64())}));
  EXPECT_TRUE(table.ok()) << table.status();
  Collector sink(stop_after);
  EXPECT_TRUE(PlanPartitions({}, *table, scan, options, sink).ok());
  for (const sdk::Partitions& partitions : sink.partitions) {
    sdk::ResumeToken token;
    do {
      auto next = PlanSplits({}, partitions, token, sink);
      EXPECT_TRUE(next.ok()) << next.status();
      token = next.value_or("");
    } while (!token.empty());
  }
  return sink.splits;
}

sdk::ValueSet Numbers(int64_t first, int64_t last) {
  std::vector<sdk::Range> ranges;
  for (int64_t i = first; i <= last; ++i) {
    ranges.push_back(sdk::Range::Equal(sdk::Value(i)));
  }
  return sdk::ValueSet::OfRanges(arrow::int64(), std::move(ranges), false);
}

TEST(SplitPlannerTest, AScanHasASplitForEachSegmentInAnyPieces) {
  DynamoDbOptions options;
  options.scan_segments = 5;
  const auto splits = Plan(Described(10), {}, options);
  ASSERT_EQ(splits.size(), 5U);
  for (const size_t stop_after : {size_t{1}, size_t{2}, size_t{5}}) {
    EXPECT_EQ(Plan(Described(10), {}, options, stop_after), splits);
  }
  EXPECT_EQ(splits[3].properties.at("segmentId"), "3");
  EXPECT_EQ(splits[3].properties.at("segmentCount"), "5");
  EXPECT_EQ(splits[3].properties.at("partitionType"), "scan");
  EXPECT_EQ(splits[3].properties.at("sourceTable"), "things");
  const auto request = ParseSplit(splits[3]);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->segment, 3);
}

TEST(SplitPlannerTest, AQueryHasTheKeyUnderItsNameAndUnderOurs) {
  sdk::Scan scan;
  scan.constraints.summary.insert_or_assign("id", Numbers(17, 18));
  scan.constraints.summary.insert_or_assign(
      "at", sdk::ValueSet::OfRanges(arrow::utf8(),
                                    {sdk::Range::AtLeast(sdk::Value(std::string("b")))}, false));
  scan.constraints.summary.insert_or_assign("size", Numbers(1, 1));
  const auto splits = Plan(Described(10, /*has_range=*/true), scan);
  ASSERT_EQ(splits.size(), 2U);
  const auto& properties = splits[1].properties;
  EXPECT_EQ(properties.at("partitionType"), "query");
  EXPECT_EQ(properties.at("hashKeyName"), "id");
  EXPECT_EQ(properties.at("id"), R"({"id":{"N":"18"}})");
  EXPECT_EQ(properties.at("hashKeyValue"), R"({"N":"18"})");
  EXPECT_EQ(properties.at("rangeKeyName"), "at");
  EXPECT_EQ(properties.at("rangeKeyFilter"), "#r0 >= :r0");
  EXPECT_THAT(properties.at("nonKeyFilter"), HasSubstr("#n0 = :v0"));
  EXPECT_EQ(properties.at("expressionAttributeNames"), R"({"#n0":"size","#r0":"at"})");
  const auto request = ParseSplit(splits[1]);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->hash_value, R"({"N":"18"})");
  EXPECT_EQ(request->values.at(":r0"), R"({"S":"b"})");
}

// DDB-27
TEST(SplitPlannerTest, AHashKeyCalledLikeAPropertyDoesNotReplaceIt) {
  TableDescription description = Described(10);
  description.key.hash = "index";
  description.key_types = {{"index", 'S'}};
  sdk::Scan scan;
  scan.constraints.summary.insert_or_assign(
      "index", sdk::ValueSet::OfRanges(arrow::utf8(),
                                       {sdk::Range::Equal(sdk::Value(std::string("x")))}, false));
  const auto splits = Plan(description, scan);
  ASSERT_EQ(splits.size(), 1U);
  EXPECT_FALSE(splits[0].properties.contains("index"));
  EXPECT_EQ(ParseSplit(splits[0])->hash_value, R"({"S":"x"})");
  EXPECT_EQ(ParseSplit(splits[0])->index, "");
}

TEST(SplitPlannerTest, KeysComeInBatchesOfAHundred) {
  sdk::Scan scan;
  scan.dynamic_filters.insert_or_assign("id", Numbers(1, 250));
  const auto splits = Plan(Described(100'000), scan);
  ASSERT_EQ(splits.size(), 3U);
  const auto request = ParseSplit(splits[2]);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->kind, ReadRequest::Kind::kGetItems);
  EXPECT_THAT(request->keys, testing::StartsWith(R"([{"id":{"N":"201"}},)"));
}

// A split as the Java connector makes it.
TEST(SplitPlannerTest, ReadsTheJavaConnectorsSplits) {
  sdk::Split split;
  split.properties = {
      {"sourceTable", "things"},
      {"partitionType", "query"},
      {"hashKeyName", "id"},
      {"id", R"({"id":17})"},
      {"rangeKeyName", "at"},
      {"rangeKeyFilter", "#at IN (:v0,:v1)"},
      {"nonKeyFilter", "#size > :v2"},
      {"expressionAttributeNames", R"({"#at":"at","#size":"size"})"},
      {"expressionAttributeValues", R"({":v0":{"S":"a"},":v1":{"S":"b"},":v2":{"N":"5"}})"}};
  auto request = ParseSplit(split);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->hash_value, R"({"N":"17"})");
  EXPECT_EQ(request->range_condition, "");
  EXPECT_EQ(request->names.at("#size"), "size");
  split.properties["id"] = R"({"id":"text"})";
  EXPECT_EQ(ParseSplit(split)->hash_value, R"({"S":"text"})");
  // DDB-17: a type that the document has is kept.
  split.properties["id"] = R"({"id":{"B":"YQ=="}})";
  EXPECT_EQ(ParseSplit(split)->hash_value, R"({"B":"YQ=="})");
}

TEST(SplitPlannerTest, RefusesWhatIsNoSplit) {
  EXPECT_TRUE(absl::IsInvalidArgument(ParseSplit({}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseSplit({{{"sourceTable", "t"},
                                                   {"partitionType", "scan"},
                                                   {"segmentId", "2"},
                                                   {"segmentCount", "2"}}})
                                          .status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      ParseSplit({{{"sourceTable", "t"}, {"partitionType", "query"}, {"hashKeyName", "id"}}})
          .status()));
}

}  // namespace
}  // namespace pallas::dynamodb
