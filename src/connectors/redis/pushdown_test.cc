// What conditions make of a scan: which commands go to the server, and that no row is lost.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/redis/glob.h"
#include "connectors/redis/key_filter.h"
#include "connectors/redis/source_table.h"
#include "connectors/redis/testing/redis_test.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::redis {
namespace {

using sdk::Expression;
using sdk::Range;
using sdk::Support;
using sdk::ValueSet;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Expression Like(const std::string& pattern, const std::string& escape = "") {
  std::vector<Expression> arguments = {Expression::Variable(arrow::utf8(), kKeyColumn),
                                       Expression::Constant(arrow::utf8(), sdk::Value(pattern))};
  if (!escape.empty()) {
    arguments.push_back(Expression::Constant(arrow::utf8(), sdk::Value(escape)));
  }
  return Expression::Call(arrow::boolean(), "$like_pattern", std::move(arguments));
}

Expression Not(Expression expression) {
  return Expression::Call(arrow::boolean(), "$not", {std::move(expression)});
}

ValueSet Ranges(std::vector<Range> ranges) {
  return ValueSet::OfRanges(arrow::utf8(), std::move(ranges), false);
}

class RedisPushdownTest : public RedisTest {
 protected:
  void ConnectNations() {
    for (int i = 0; i < 25; ++i) {
      ASSERT_TRUE(TestServer()
                      .Ask({"HSET", absl::StrCat("nation-", i), "n_nationkey", absl::StrCat(i),
                            "n_name", absl::StrCat("N", i)})
                      .ok());
    }
    Run({"SET nation-text x"});
    Connect("n_nationkey integer, n_name varchar",
            {{"key_prefix", "nation-"}, {"value_type", "hash"}});
    TestServer().ResetStatistics();
  }

  sdk::Pushdown Plan(const sdk::Scan& scan) {
    const auto table = GetTable();
    EXPECT_TRUE(table.ok()) << table.status();
    auto pushdown = connector().PlanPushdown(context_, *table, scan);
    EXPECT_TRUE(pushdown.ok()) << pushdown.status();
    return *std::move(pushdown);
  }

  static sdk::Scan LikeScan(Expression expression) {
    sdk::Scan scan;
    scan.columns = {"_key_"};
    scan.constraints.expressions.push_back(std::move(expression));
    return scan;
  }
};

TEST_F(RedisPushdownTest, Red7OneKeyIsOneCommand) {
  ConnectNations();
  const sdk::Scan scan = KeyScan({"n_name"}, {"nation-7"});
  EXPECT_EQ(Plan(scan).statement, "HMGET nation-7 n_name");
  EXPECT_EQ(Plan(scan).summary.at(kKeyColumn).support, Support::kExact);
  EXPECT_THAT(*Read(scan), ElementsAre("N7"));
  const auto statistics = TestServer().Ask({"INFO", "commandstats"});
  ASSERT_TRUE(statistics.ok());
  // One HMGET, and the two questions of this test.
  EXPECT_EQ(TestServer().Calls("hmget"), 1);
  EXPECT_EQ(std::count(statistics->begin(), statistics->end(), '\n'), 3) << *statistics;
}

TEST_F(RedisPushdownTest, SeveralKeysAreLookedUp) {
  ConnectNations();
  const sdk::Scan scan =
      KeyScan({"n_name"}, {"nation-7", "nation-8", "nation-99", "nation-text", "other"});
  EXPECT_THAT(Plan(scan).statement, HasSubstr("HMGET <nation-7, nation-8, nation-99, ...> n_name"));
  EXPECT_THAT(*Read(scan), ElementsAre("N7", "N8"));
  EXPECT_EQ(TestServer().Calls("scan"), 0);
  // Keys alone: their type is asked for.
  EXPECT_THAT(*Read(KeyScan({"_key_"}, {"nation-7", "nation-text", "nation-99"})),
              ElementsAre("nation-7"));
}

TEST_F(RedisPushdownTest, DynamicFiltersAreLookedUp) {
  ConnectNations();
  sdk::Scan scan = KeyScan({"n_name"}, {"nation-3", "nation-4"});
  std::swap(scan.dynamic_filters, scan.constraints.summary);
  EXPECT_THAT(*Read(scan), ElementsAre("N3", "N4"));
  EXPECT_EQ(TestServer().Calls("scan"), 0);
  // Together with a condition of the query.
  scan.constraints.summary.emplace(kKeyColumn, Ranges({Range::AtLeast("nation-4")}));
  EXPECT_THAT(*Read(scan), ElementsAre("N4"));
}

TEST_F(RedisPushdownTest, WhatCannotBeIsNotAsked) {
  ConnectNations();
  EXPECT_THAT(*Read(KeyScan({"n_name"}, {"other-7"})), IsEmpty());
  EXPECT_THAT(*Read(LikeScan(Like("other%"))), IsEmpty());
  sdk::Scan never;
  never.constraints.summary.emplace(kKeyColumn, Ranges({}));
  EXPECT_THAT(*Read(never), IsEmpty());
  EXPECT_THAT(Plan(never).statement, HasSubstr("nothing"));
  EXPECT_EQ(TestServer().Calls("scan") + TestServer().Calls("hmget"), 0);
}

TEST_F(RedisPushdownTest, PrefixesNarrowThePattern) {
  ConnectNations();
  sdk::Scan scan = LikeScan(Like("nation-2%"));
  EXPECT_EQ(Plan(scan).statement, "SCAN MATCH nation-2* TYPE hash");
  EXPECT_EQ(Plan(scan).expressions[0].support, Support::kExact);
  EXPECT_THAT(*Read(scan), ElementsAre("nation-2", "nation-20", "nation-21", "nation-22",
                                       "nation-23", "nation-24"));
  scan = LikeScan(Like("nation-_1"));
  EXPECT_EQ(Plan(scan).statement, "SCAN MATCH nation-* TYPE hash");
  EXPECT_THAT(*Read(scan), ElementsAre("nation-11", "nation-21"));
  scan = LikeScan(Not(Like("nation-%_")));
  EXPECT_THAT(*Read(scan), IsEmpty());
  scan = LikeScan(Like("nation!-2!_%", "!"));
  EXPECT_EQ(Plan(scan).expressions[0].support, Support::kUnsupported);
  scan = LikeScan(Like("nation-2!_%", "!"));
  EXPECT_THAT(*Read(scan), IsEmpty());
  sdk::Scan between;
  between.columns = {"_key_"};
  between.constraints.summary.emplace(
      kKeyColumn, Ranges({{sdk::Bound{"nation-20", true}, sdk::Bound{"nation-22", true}}}));
  EXPECT_EQ(Plan(between).statement, "SCAN MATCH nation-2* TYPE hash");
  EXPECT_THAT(*Read(between), ElementsAre("nation-20", "nation-21", "nation-22"));
  between.constraints.summary.insert_or_assign(
      kKeyColumn, Ranges({{sdk::Bound{"nation-2", true}, sdk::Bound{"nation-3", false}}}));
  EXPECT_EQ(Plan(between).statement, "SCAN MATCH nation-2* TYPE hash");
  EXPECT_EQ(Read(between)->size(), 6U);
}

TEST_F(RedisPushdownTest, ConditionsOnValuesStayWithTheEngine) {
  ConnectNations();
  sdk::Scan scan;
  scan.columns = {"n_name"};
  scan.limit = 3;
  scan.constraints.summary.emplace(
      "n_nationkey", ValueSet::OfRanges(arrow::int32(), {Range::Equal(int64_t{24})}, false));
  const sdk::Pushdown pushdown = Plan(scan);
  EXPECT_EQ(pushdown.summary.at("n_nationkey").support, Support::kUnsupported);
  EXPECT_THAT(pushdown.summary.at("n_nationkey").reason, HasSubstr("_key_"));
  EXPECT_EQ(pushdown.limit.support, Support::kUnsupported);
  // A limit below a condition that was not applied would lose rows.
  EXPECT_EQ(Read(scan)->size(), 25U);
}

TEST_F(RedisPushdownTest, ALimitReadsNoMoreThanItNeeds) {
  ConnectNations();
  sdk::Scan scan;
  scan.columns = {"n_name"};
  scan.limit = 3;
  EXPECT_EQ(Plan(scan).limit.support, Support::kExact);
  EXPECT_EQ(Read(scan)->size(), 3U);
  EXPECT_LE(TestServer().Calls("hmget"), 3);
  scan.columns = {"_key_"};
  EXPECT_EQ(Read(scan)->size(), 3U);
}

TEST_F(RedisPushdownTest, KeysOfSortedSetsAreFilteredBeforeTheirValuesAreRead) {
  ConnectNations();
  Run({"ZADD set:1 1 nation-1 2 nation-2 3 nation-3 4 nation-10", "ZADD set:2 1 nation-4"});
  Connect("n_name varchar", {{"keys_zset", "set:1,set:2"}, {"value_type", "hash"}});
  TestServer().ResetStatistics();
  EXPECT_THAT(*Read(KeyScan({"n_name"}, {"nation-1", "nation-4", "nation-5"})),
              ElementsAre("N1", "N4"));
  EXPECT_EQ(TestServer().Calls("zrange"), 0);
  EXPECT_EQ(TestServer().Calls("hmget"), 2);
  sdk::Scan scan = LikeScan(Like("nation-1%"));
  scan.columns = {"n_name"};
  EXPECT_THAT(*Read(scan), ElementsAre("N1", "N10"));
  EXPECT_EQ(TestServer().Calls("hmget"), 4);
  EXPECT_THAT(Plan(scan).statement, HasSubstr("ZRANGE set:1; HMGET <key> n_name"));
}

TEST_F(RedisPushdownTest, Red7OverlappingPatternsLookUpOnce) {
  Run({"HSET h:12 a 12"});
  Connect("a integer", {{"redis-key-prefix", "h:1*,h:*"}, {"value_type", "hash"}});
  EXPECT_THAT(*Read(KeyScan({"a"}, {"h:12", "h:2"})), ElementsAre("12"));
}

// Our patterns are the server's: whatever it matches we match.
TEST_F(RedisPushdownTest, GlobsMatchAsTheServerDoes) {
  std::mt19937 random(7);
  const std::string letters = "ab*?[]^-\\x";
  const auto pick = [&](size_t max) {
    std::string text;
    for (size_t size = random() % (max + 1); size > 0; --size) {
      text.push_back(letters[random() % letters.size()]);
    }
    return text;
  };
  std::vector<std::string> keys;
  for (int i = 0; i < 300; ++i) {
    keys.push_back(pick(6));
    ASSERT_TRUE(TestServer().Ask({"SET", keys.back(), "x"}).ok());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  int num_patterns = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string pattern = pick(7);
    const auto glob = Glob::Parse(pattern);
    if (!glob.ok()) {
      continue;  // a class without its end is refused
    }
    ++num_patterns;
    std::vector<std::string> ours;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(ours),
                 [&](const std::string& key) { return glob->Matches(key); });
    const auto text = TestServer().Ask(
        {"EVAL",
         "local n = 0 for i, k in ipairs(redis.call('KEYS', ARGV[1])) do n = n + 1 end return n",
         "0", glob->pattern()});
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(*text, absl::StrCat(ours.size())) << pattern;
  }
  EXPECT_GT(num_patterns, 700);
}

TEST(GlobTest, PrefixesAreEscaped) {
  const Glob glob = Glob::Prefix("a*[b]?\\");
  EXPECT_EQ(glob.pattern(), "a\\*\\[b]\\?\\\\*");
  EXPECT_TRUE(glob.Matches("a*[b]?\\rest"));
  EXPECT_FALSE(glob.Matches("ax[b]?\\rest"));
  EXPECT_EQ(Glob::Parse(glob.pattern())->literal_prefix(), "a*[b]?\\");
  EXPECT_TRUE(Glob::Parse(glob.pattern())->is_prefix());
  EXPECT_TRUE(Glob::Parse("a\\*b")->is_literal());
  EXPECT_FALSE(Glob::Parse("a[x").ok());
}

TEST(KeyFilterTest, KeysAreJudgedAsTheEngineSeesThem) {
  sdk::Scan scan;
  scan.constraints.summary.emplace(kKeyColumn,
                                   Ranges({Range::Equal(std::string("a\xEF\xBF\xBD"))}));
  const KeyFilter filter = KeyFilter::Make(scan);
  // U+FFFD stands for any byte that is no character, so the key cannot be looked up.
  EXPECT_FALSE(filter.points().has_value());
  EXPECT_TRUE(filter.Passes("a\xff"));
  EXPECT_TRUE(filter.Passes("a\xEF\xBF\xBD"));
  EXPECT_FALSE(filter.Passes("ab"));
  EXPECT_EQ(filter.prefix(), "a");
}

TEST(KeyFilterTest, LikeIsByCharacters) {
  sdk::Scan scan;
  scan.constraints.expressions.push_back(Like("zo_-%"));
  const KeyFilter filter = KeyFilter::Make(scan);
  EXPECT_TRUE(filter.Passes("zoë-1"));
  EXPECT_FALSE(filter.Passes("zoee-1"));
  EXPECT_EQ(filter.prefix(), "zo");
}

}  // namespace
}  // namespace pallas::redis
