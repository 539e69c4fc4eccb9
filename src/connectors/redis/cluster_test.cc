// A cluster of three primaries.
#include "connectors/redis/cluster.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/redis/source_table.h"
#include "connectors/redis/testing/redis_test.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SlotTest, AsTheSpecificationHasThem) {
  EXPECT_EQ(SlotOf("123456789"), 0x31C3 % kNumSlots);
  EXPECT_EQ(SlotOf("{user1000}.following"), SlotOf("{user1000}.followers"));
  EXPECT_EQ(SlotOf("foo{}{bar}"), SlotOf("foo{}{bar}"));
  EXPECT_NE(SlotOf("foo{}{bar}"), SlotOf("bar"));
  EXPECT_EQ(SlotOf("foo{{bar}}zap"), SlotOf("{bar"));
  EXPECT_EQ(SlotOf(""), 0);
}

TEST(SlotTest, SetsAsTexts) {
  const SlotSet set({{5, 7}, {0, 1}, {2, 2}, {9, 9}});
  EXPECT_EQ(set.ToString(), "0-2,5-7,9");
  EXPECT_EQ(*SlotSet::Parse(set.ToString()), set);
  EXPECT_TRUE(set.Contains(9));
  EXPECT_FALSE(set.Contains(8));
  for (const char* const bad : {"x", "5-3", "1-2-3", "-1", "16384"}) {
    EXPECT_FALSE(SlotSet::Parse(bad).ok()) << bad;
  }
}

class RedisClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto nodes = RedisServer::StartCluster(3);
    ASSERT_TRUE(nodes.ok()) << nodes.status();
    nodes_ = new std::vector<std::unique_ptr<RedisServer>>(*std::move(nodes));
    for (int i = 0; i < 300; ++i) {
      const std::string number = absl::StrCat(i);
      Put({"HSET", absl::StrCat("h:", i), "a", number});
      Put({"SET", absl::StrCat("l:", i), number});
      Put({"ZADD", "keys", number, absl::StrCat("h:", i)});
    }
  }

  static void TearDownTestSuite() {
    delete nodes_;
    nodes_ = nullptr;
  }

  // Runs a command on the node that takes it.
  static void Put(const std::vector<std::string>& words) {
    for (const auto& node : *nodes_) {
      if (node->Ask(words).ok()) {
        return;
      }
    }
    ADD_FAILURE() << "no node takes " << words[1];
  }

  void SetUp() override {
    sdk::OptionList all = {{"cluster", "true"}};
    int number = 0;
    const auto add = [&](const std::string& name, const std::map<std::string, std::string>& keys) {
      const sdk::OptionList table = TableOptions(number++, name, "a integer", keys);
      all.insert(all.end(), table.begin(), table.end());
    };
    add("hashes", {{"key_prefix", "h:"}, {"value_type", "hash"}});
    add("literals", {{"key_prefix", "l:"}, {"value_type", "literal"}});
    add("by_set", {{"keys_zset", "key*"}, {"value_type", "hash"}});
    auto connector = nodes_->at(1)->MakeConnector(all);
    ASSERT_TRUE(connector.ok()) << connector.status();
    connector_ = *std::move(connector);
  }

  absl::StatusOr<std::vector<std::string>> Read(const std::string& name, const sdk::Scan& scan) {
    const auto table = connector_->GetTable(context_, {"s", name});
    if (!table.ok()) {
      return table.status();
    }
    const auto splits = sdk::PlanAll(*connector_, context_, *table, scan);
    if (!splits.ok()) {
      return splits.status();
    }
    num_splits_ = splits->size();
    const auto batch = sdk::ReadAll(*connector_, context_, *table, scan);
    return batch.ok() ? absl::StatusOr<std::vector<std::string>>(Rows(**batch)) : batch.status();
  }

  static inline std::vector<std::unique_ptr<RedisServer>>* nodes_ = nullptr;
  sdk::RequestContext context_;
  std::unique_ptr<sdk::Connector> connector_;
  size_t num_splits_ = 0;
};

TEST_F(RedisClusterTest, EachPrimaryIsASplit) {
  sdk::Scan scan;
  scan.columns = {"a"};
  for (const char* const name : {"hashes", "literals"}) {
    auto rows = Read(name, scan);
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(rows->size(), 300U) << name;
    EXPECT_EQ(std::unique(rows->begin(), rows->end()), rows->end()) << name;
    EXPECT_EQ(num_splits_, 3U);
  }
}

TEST_F(RedisClusterTest, ASortedSetOfKeysReachesAllNodes) {
  sdk::Scan scan;
  scan.columns = {"_key_", "a"};
  auto rows = Read("by_set", scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 300U);
  EXPECT_EQ(std::unique(rows->begin(), rows->end()), rows->end());
}

TEST_F(RedisClusterTest, KeysAreLookedUpWhereTheyAre) {
  sdk::Scan scan;
  scan.columns = {"a"};
  std::vector<sdk::Range> ranges;
  for (const char* const key : {"h:1", "h:2", "h:3", "h:300"}) {
    ranges.push_back(sdk::Range::Equal(std::string(key)));
  }
  scan.constraints.summary.emplace(kKeyColumn,
                                   sdk::ValueSet::OfRanges(arrow::utf8(), ranges, false));
  for (const char* const name : {"hashes", "by_set"}) {
    const auto rows = Read(name, scan);
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_THAT(*rows, ElementsAre("1", "2", "3")) << name;
  }
}

TEST_F(RedisClusterTest, StatisticsAreOfAllNodes) {
  const auto table = connector_->GetTable(context_, {"s", "hashes"});
  ASSERT_TRUE(table.ok()) << table.status();
  const auto facts =
      dynamic_cast<sdk::TableStatistics&>(*connector_).GetStatistics(context_, *table);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(*facts->row_count, 300);
}

TEST_F(RedisClusterTest, ANodeWithoutTheFlagSaysSo) {
  sdk::OptionList options =
      TableOptions(0, "t", "v varchar", {{"redis-key-prefix", "l:7"}, {"value_type", "literal"}});
  bool moved = false;
  for (const auto& node : *nodes_) {
    const auto connector = node->MakeConnector(options);
    ASSERT_TRUE(connector.ok()) << connector.status();
    const auto table = (*connector)->GetTable(context_, {"s", "t"});
    sdk::Scan scan;
    scan.columns = {"v"};
    scan.constraints.summary.emplace(
        kKeyColumn,
        sdk::ValueSet::OfRanges(arrow::utf8(), {sdk::Range::Equal(std::string("l:7"))}, false));
    const auto rows = sdk::ReadAll(**connector, context_, *table, scan);
    if (!rows.ok()) {
      moved = true;
      EXPECT_TRUE(absl::IsFailedPrecondition(rows.status())) << rows.status();
      EXPECT_THAT(rows.status().message(), HasSubstr("cluster = true"));
    }
  }
  EXPECT_TRUE(moved);
}

// While slots move, keys would be seen twice or not at all.
TEST_F(RedisClusterTest, MovingSlotsAreAnError) {
  const int slot = SlotOf("h:1");
  RedisServer* from = nullptr;
  RedisServer* to = nullptr;
  for (const auto& node : *nodes_) {
    (node->Ask({"EXISTS", "h:1"}).ok() ? from : to) = node.get();
  }
  ASSERT_NE(from, nullptr);
  const auto id = to->Ask({"CLUSTER", "MYID"});
  ASSERT_TRUE(id.ok());
  ASSERT_TRUE(from->Ask({"CLUSTER", "SETSLOT", absl::StrCat(slot), "MIGRATING", *id}).ok());
  sdk::Scan scan;
  scan.columns = {"a"};
  const auto rows = Read("hashes", scan);
  EXPECT_TRUE(absl::IsUnavailable(rows.status())) << rows.status();
  EXPECT_THAT(rows.status().message(), HasSubstr("being moved"));
  ASSERT_TRUE(from->Ask({"CLUSTER", "SETSLOT", absl::StrCat(slot), "STABLE"}).ok());
  EXPECT_EQ(Read("hashes", scan)->size(), 300U);
}

TEST(RedisNoClusterTest, AServerThatIsNoClusterSaysSo) {
  const auto connector = TestServer().MakeConnector([] {
    sdk::OptionList options =
        TableOptions(0, "t", "v varchar", {{"key_prefix", "l:"}, {"value_type", "literal"}});
    options.emplace_back("cluster", "true");
    return options;
  }());
  ASSERT_TRUE(connector.ok()) << connector.status();
  const sdk::RequestContext context;
  const auto table = (*connector)->GetTable(context, {"s", "t"});
  const auto splits = sdk::PlanAll(**connector, context, *table, {});
  EXPECT_TRUE(absl::IsFailedPrecondition(splits.status())) << splits.status();
  EXPECT_THAT(splits.status().message(), HasSubstr("leave 'cluster'"));
}

}  // namespace
}  // namespace pallas::redis
