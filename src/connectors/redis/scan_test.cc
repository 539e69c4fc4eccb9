// What a scan gives for each form of table, and for odd data.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/redis/testing/redis_test.h"
#include "connectors/redis/testing/scripted_server.h"
#include "sdk/testing/conformance_suite.h"
#include "types/time_zone.h"

namespace pallas::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RedisScanTest : public RedisTest {
 protected:
  void ConnectHashes(const std::string& columns,
                     const std::map<std::string, std::string>& more = {}) {
    std::map<std::string, std::string> keys = {{"key_prefix", "h:"}, {"value_type", "hash"}};
    keys.insert(more.begin(), more.end());
    Connect(columns, keys);
  }
};

TEST_F(RedisScanTest, HashesByPrefix) {
  Run({"HSET nation-1 n_nationkey 1 n_name FRANCE", "HSET nation-2 n_nationkey 2",
       "HSET nationality x y", "SET nation-3 text"});
  Connect("n_nationkey integer, n_name varchar",
          {{"key_prefix", "nation-"}, {"value_type", "hash"}});
  const auto rows = ReadAll();
  ASSERT_TRUE(rows.ok()) << rows.status();
  // A key of another type is no row, and an absent field is NULL.
  EXPECT_THAT(*rows, ElementsAre("1|FRANCE|nation-1", "2|NULL|nation-2"));
  EXPECT_EQ(TestServer().Calls("keys"), 0);
}

TEST_F(RedisScanTest, OnlyNeededFieldsAreRead) {
  Run({"HSET h:1 a 1 b 2 c 3", "HSET h:2 a 1 b 2 c 3"});
  ConnectHashes("a integer, b integer, c integer");
  const auto rows = ReadColumns({"b"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre("2", "2"));
  EXPECT_EQ(TestServer().Calls("hmget"), 2);
  EXPECT_EQ(TestServer().Calls("hgetall"), 0);
}

TEST_F(RedisScanTest, Red1KeysAloneNeedNoValues) {
  Run({"HSET h:1 a 1", "HSET h:2 a 1", "SET h:3 x"});
  ConnectHashes("a integer");
  EXPECT_THAT(*ReadColumns({"_key_"}), ElementsAre("h:1", "h:2"));
  EXPECT_EQ(ReadColumns({})->size(), 2U);
  EXPECT_EQ(TestServer().Calls("hmget") + TestServer().Calls("hgetall"), 0);
}

TEST_F(RedisScanTest, Red1LiteralsAndMembersWithoutColumns) {
  Run({"SET l:1 x", "SET l:2 y", "HSET l:3 a b", "ZADD z:1 1 a 2 b", "ZADD z:2 1 a"});
  Connect("v varchar", {{"key_prefix", "l:"}, {"value_type", "literal"}});
  EXPECT_THAT(*ReadColumns({"_key_"}), ElementsAre("l:1", "l:2"));
  Connect("v varchar", {{"key_prefix", "z:"}, {"value_type", "zset"}});
  EXPECT_THAT(*ReadColumns({"_key_"}), ElementsAre("z:1", "z:1", "z:2"));
  EXPECT_EQ(ReadColumns({})->size(), 3U);
  EXPECT_EQ(TestServer().Calls("zscan"), 0);
}

TEST_F(RedisScanTest, LiteralsAndMembers) {
  Run({"SET l:1 x", "SET l:2 ''", "ZADD z:1 1.5 a 2 b"});
  Connect("v varchar", {{"key_prefix", "l:"}, {"value_type", "literal"}});
  EXPECT_THAT(*ReadAll(), ElementsAre("x|l:1", "|l:2"));
  Connect("v varchar", {{"key_prefix", "z:"}, {"value_type", "zset"}});
  EXPECT_THAT(*ReadAll(), ElementsAre("a|z:1", "b|z:1"));
}

TEST_F(RedisScanTest, OneValueCannotFillTwoColumns) {
  Run({"SET l:1 x"});
  Connect("v varchar, w varchar", {{"key_prefix", "l:"}, {"value_type", "literal"}});
  EXPECT_THAT(*ReadColumns({"w"}), ElementsAre("x"));
  const auto both = ReadColumns({"v", "w"});
  EXPECT_TRUE(absl::IsInvalidArgument(both.status())) << both.status();
  EXPECT_THAT(both.status().message(), HasSubstr("more than one field"));
}

TEST_F(RedisScanTest, BigSortedSetsComeWhole) {
  std::vector<std::string> add = {"ZADD", "z:big"};
  for (int i = 0; i < 5000; ++i) {
    add.insert(add.end(), {absl::StrCat(i), absl::StrCat("member ", i)});
  }
  ASSERT_TRUE(TestServer().Ask(add).ok());
  Connect("v varchar", {{"key_prefix", "z:"}, {"value_type", "zset"}});
  auto rows = ReadColumns({"v"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 5000U);
  EXPECT_EQ(std::unique(rows->begin(), rows->end()), rows->end());
  EXPECT_EQ(ReadColumns({})->size(), 5000U);
}

TEST_F(RedisScanTest, FieldsAreFoundWithoutCase) {
  Run({"HSET h:1 N_Name FRANCE", "HSET h:2 n_name PERU N_NAME x", "HSET h:3 N_NAME CHINA other 1"});
  ConnectHashes("n_name varchar");
  EXPECT_THAT(*ReadAll(), ElementsAre("CHINA|h:3", "FRANCE|h:1", "PERU|h:2"));
  ConnectHashes("n_name varchar", {{"field_match", "exact"}});
  EXPECT_THAT(*ReadAll(), ElementsAre("NULL|h:1", "NULL|h:3", "PERU|h:2"));
  Run({"HSET h:4 N_NAME a N_Name b"});
  ConnectHashes("n_name varchar");
  const auto rows = ReadAll();
  EXPECT_TRUE(absl::IsInvalidArgument(rows.status())) << rows.status();
  EXPECT_THAT(rows.status().message(), HasSubstr("'h:4'"));
}

// Where fields are called otherwise than the columns, hashes are soon read as a whole at once.
TEST_F(RedisScanTest, HashesWithOtherFieldNamesAreReadOnce) {
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(TestServer().Ask({"HSET", absl::StrCat("h:", i), "A", absl::StrCat(i)}).ok());
  }
  TestServer().ResetStatistics();
  ConnectHashes("a integer");
  EXPECT_EQ(ReadColumns({"a"})->size(), 3000U);
  EXPECT_EQ(TestServer().Calls("hgetall"), 3000);
  EXPECT_LT(TestServer().Calls("hmget"), 1500);
}

TEST_F(RedisScanTest, AHashWithoutAnyOfTheFieldsIsARow) {
  Run({"HSET h:1 other 1"});
  for (const char* const match : {"folded", "exact"}) {
    ConnectHashes("a integer, b varchar", {{"field_match", match}});
    EXPECT_THAT(*ReadAll(), ElementsAre("NULL|NULL|h:1")) << match;
  }
}

TEST_F(RedisScanTest, VanishedKeysAndOtherTypesAreNoRows) {
  Run({"ZADD keys 1 h:1 2 h:gone 3 h:list", "HSET h:1 a 1", "LPUSH h:list x"});
  for (const char* const match : {"folded", "exact"}) {
    Connect("a integer", {{"keys_zset", "keys"}, {"value_type", "hash"}, {"field_match", match}});
    EXPECT_THAT(*ReadAll(), ElementsAre("1|h:1")) << match;
    EXPECT_THAT(*ReadColumns({"_key_"}), ElementsAre("h:1")) << match;
  }
  Run({"ZADD lkeys 1 l:1 2 l:gone 3 h:1", "SET l:1 x"});
  Connect("v varchar", {{"keys_zset", "lkeys"}, {"value_type", "literal"}});
  EXPECT_THAT(*ReadAll(), ElementsAre("x|l:1"));
  EXPECT_THAT(*ReadColumns({"_key_"}), ElementsAre("l:1"));
  Run({"ZADD zkeys 1 z:1 2 z:gone 3 h:1", "ZADD z:1 1 m"});
  Connect("v varchar", {{"keys_zset", "zkeys"}, {"value_type", "zset"}});
  EXPECT_THAT(*ReadAll(), ElementsAre("m|z:1"));
  EXPECT_THAT(*ReadColumns({"_key_"}), ElementsAre("z:1"));
}

TEST_F(RedisScanTest, Red6SeveralSortedSetsOfKeys) {
  for (int i = 0; i < 250; ++i) {
    ASSERT_TRUE(TestServer().Ask({"HSET", absl::StrCat("h:", i), "a", absl::StrCat(i)}).ok());
    ASSERT_TRUE(
        TestServer()
            .Ask({"ZADD", absl::StrCat("set:", i % 3), absl::StrCat(i), absl::StrCat("h:", i)})
            .ok());
    ASSERT_TRUE(TestServer().Ask({"SET", absl::StrCat("set:text:", i), "x"}).ok());
  }
  Connect("a integer", {{"redis-keys-zset", "set:[01],set:*"}, {"redis-value-type", "hash"}});
  const auto table = GetTable();
  ASSERT_TRUE(table.ok()) << table.status();
  const auto splits = sdk::PlanAll(connector(), context_, *table, {});
  ASSERT_TRUE(splits.ok()) << splits.status();
  // 84 and 83 and 83 members, in strides of 9.
  EXPECT_EQ(splits->size(), 30U);
  EXPECT_EQ((*splits)[0].properties.at("end-index"), "8");
  EXPECT_EQ((*splits)[9].properties.at("end-index"), "-1");
  auto rows = ReadColumns({"a"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 250U);
  EXPECT_EQ(std::unique(rows->begin(), rows->end()), rows->end());
}

TEST_F(RedisScanTest, AKeyOfSortedSetsThatIsNoneIsAnError) {
  Run({"SET keys x"});
  Connect("a integer", {{"keys_zset", "keys"}, {"value_type", "hash"}});
  const auto rows = ReadAll();
  EXPECT_TRUE(absl::IsFailedPrecondition(rows.status())) << rows.status();
  EXPECT_THAT(rows.status().message(), HasSubstr("'keys'"));
  // One that is not there has no members.
  Run({"DEL keys"});
  EXPECT_THAT(*ReadAll(), IsEmpty());
}

TEST_F(RedisScanTest, Red10OverlappingPatternsGiveEachKeyOnce) {
  Run({"HSET h:1 a 1", "HSET h:12 a 12", "HSET h:2 a 2", "HSET g:1 a 3"});
  Connect("a integer", {{"redis-key-prefix", "h:1*,h:*,h:1*,g:1"}, {"value_type", "hash"}});
  EXPECT_THAT(*ReadAll(), ElementsAre("12|h:12", "1|h:1", "2|h:2", "3|g:1"));
}

// While its table of keys shrinks, a server's SCAN names keys twice.
TEST_F(RedisScanTest, Red10KeysThatScanRepeatsAreOneRow) {
  const ScriptedServer server({"*2\r\n$1\r\n5\r\n*2\r\n$3\r\nl:1\r\n$3\r\nl:2\r\n",
                               "*2\r\n$1\r\n0\r\n*3\r\n$3\r\nl:2\r\n$3\r\nl:3\r\n$3\r\nl:3\r\n"});
  Connect("v varchar", {{"key_prefix", "l:"}, {"value_type", "literal"}},
          {{"host", "127.0.0.1"}, {"port", absl::StrCat(server.port())}});
  EXPECT_THAT(*ReadColumns({"_key_"}), ElementsAre("l:1", "l:2", "l:3"));
}

TEST_F(RedisScanTest, OddKeys) {
  const std::vector<std::string> keys = {"p*:[x]", "p*:?", "p*: two  words",
                                         "p*:\\",  "p*:",  "p*:'\""};
  for (const std::string& key : keys) {
    ASSERT_TRUE(TestServer().Ask({"HSET", key, "a", "1"}).ok());
  }
  Run({"HSET pxx:1 a 2", "SET '' empty"});
  Connect("a integer", {{"key_prefix", "p\\*:*"}, {"value_type", "hash"}});
  EXPECT_EQ(ReadAll()->size(), keys.size());
  for (const std::string& key : keys) {
    EXPECT_THAT(*Read(KeyScan({"_key_"}, {key})), ElementsAre(key));
  }
  // The empty key is a key, and an empty prefix takes all.
  Connect("v varchar", {{"key_prefix", ""}, {"value_type", "literal"}});
  EXPECT_THAT(*ReadAll(), ElementsAre("empty|"));
  EXPECT_THAT(*Read(KeyScan({"v"}, {""})), ElementsAre("empty"));
}

TEST_F(RedisScanTest, Red4BytesStayAsTheyAre) {
  const std::string bytes("\x00\xff\x80 a", 5);
  ASSERT_TRUE(TestServer().Ask({"HSET", "h:1", "b", bytes}).ok());
  ASSERT_TRUE(TestServer().Ask({"SET", "l:1", bytes}).ok());
  ConnectHashes("b varbinary");
  EXPECT_THAT(*ReadColumns({"b"}), ElementsAre("00ff802061"));
  Connect("v binary", {{"key_prefix", "l:"}, {"value_type", "literal"}});
  EXPECT_THAT(*ReadColumns({"v"}), ElementsAre("00ff802061"));
}

TEST_F(RedisScanTest, Red2AllTypes) {
  Run(
      {"HSET h:1 b true i8 -128 i16 +32767 i32 -2147483648 i64 9223372036854775807 r 1.5 d -1e300 "
       "dec 12345678901234567890.125 day 2020-02-29 ts '2020-01-02 03:04:05.678' ts6 "
       "2020-01-02T03:04:05.123456Z tz 2020-01-02T03:04:05+02:00 v ''",
       "HSET h:2 b 0 i8 127 i16 0 i32 1 i64 -5 r inf d nan dec -.005 day 0001-01-01 ts 2020-01-02 "
       "ts6 '2020-01-02 03:04:05.1234567' tz '2020-01-02 00:00' v x"});
  ConnectHashes(
      "b boolean, i8 tinyint, i16 smallint, i32 int, i64 bigint, r float, d double, "
      "dec decimal(38,2), day date, ts timestamp, ts6 timestamp(6), tz timestamptz, v string");
  const auto rows =
      ReadColumns({"b", "i8", "i16", "i32", "i64", "r", "d", "dec", "day", "ts", "ts6", "v"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows,
              ElementsAre("false|127|0|1|-5|inf|nan|-0.01|0001-01-01|2020-01-02 00:00:00.000|"
                          "1577934245123457|x",
                          "true|-128|32767|-2147483648|9223372036854775807|1.5|-1e+300|"
                          "12345678901234567890.13|2020-02-29|2020-01-02 03:04:05.678|"
                          "1577934245123456|"));
  // Instant and zone: 2020-01-02T01:04:05Z in +02:00, and midnight UTC.
  EXPECT_THAT(*ReadColumns({"tz"}),
              ElementsAre(absl::StrCat((int64_t{1577923200000} << 12)),
                          absl::StrCat((int64_t{1577927045000} << 12) + *ZoneKeyOf("+02:00"))));
}

TEST_F(RedisScanTest, Red3ABadValueNamesKeyAndColumn) {
  const std::map<std::string, std::string> bad = {
      {"boolean", "yes"},      {"tinyint", "128"},
      {"int", "12x"},          {"bigint", ""},
      {"double", "1,5"},       {"decimal(4,1)", "1234.5"},
      {"date", "2021-02-29"},  {"timestamp", "soon"},
      {"decimal(4,1)", "1e3"}, {"timestamptz", "2020-01-01T25:00"}};
  for (const auto& [type, value] : bad) {
    ASSERT_TRUE(TestServer().Ask({"HSET", "h:1", "a", value}).ok());
    ConnectHashes(absl::StrCat("a ", type));
    const auto rows = ReadAll();
    EXPECT_TRUE(absl::IsInvalidArgument(rows.status())) << type << rows.status();
    EXPECT_THAT(rows.status().message(), HasSubstr("key 'h:1', column 'a'")) << type;
    ConnectHashes(absl::StrCat("a ", type), {{"redis-on-error", "null"}});
    EXPECT_THAT(*ReadAll(), ElementsAre("NULL|h:1")) << type;
  }
}

TEST_F(RedisScanTest, LengthsAndPrecisions) {
  Run({"HSET h:1 v zoë c zoë t '2020-01-01 23:59:59.5'"});
  ConnectHashes("v varchar(3), c char(2), t timestamp(0)");
  EXPECT_THAT(*ReadColumns({"v", "c", "t"}), ElementsAre("zoë|zoë|2020-01-02 00:00:00.000"));
}

TEST_F(RedisScanTest, TimesInTheirOwnForm) {
  Run({"HSET h:1 t '03/04/2020 5:06:07' u 20200403T050607123+0200 v '2020.1.2'"});
  ConnectHashes(
      "t timestamp, u timestamp, v timestamp",
      {{"datetimeFormatMapping", "t=dd/MM/yyyy H:mm:ss,u=yyyyMMdd'T'HHmmssSSSZ,v=yyyy.M.d"}});
  EXPECT_THAT(
      *ReadColumns({"t", "u", "v"}),
      ElementsAre("2020-04-03 05:06:07.000|2020-04-03 03:06:07.123|2020-01-02 00:00:00.000"));
}

TEST_F(RedisScanTest, BigValuesPass) {
  const std::string big(20'000'000, 'x');
  ASSERT_TRUE(TestServer().Ask({"SET", "l:big", big}).ok());
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(TestServer().Ask({"SET", absl::StrCat("l:", i), std::string(100'000, 'y')}).ok());
  }
  Connect("v varchar", {{"key_prefix", "l:"}, {"value_type", "literal"}});
  const auto table = GetTable();
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan;
  scan.columns = {"v"};
  const auto splits = sdk::PlanAll(connector(), context_, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  const auto stream = connector().Read(context_, *table, scan, splits->front());
  ASSERT_TRUE(stream.ok()) << stream.status();
  int64_t num_rows = 0;
  int num_batches = 0;
  for (auto batch = (*stream)->Next(); batch.ok() && *batch != nullptr; batch = (*stream)->Next()) {
    num_rows += (*batch)->num_rows();
    ++num_batches;
  }
  EXPECT_EQ(num_rows, 201);
  EXPECT_GE(num_batches, 5);  // 40 MB in batches of 4 MiB, one of them larger
  EXPECT_GE((*stream)->bytes_received(), 40'000'000);
}

TEST_F(RedisScanTest, Databases) {
  ASSERT_TRUE(TestServer()
                  .Ask({"EVAL", "redis.call('SELECT', 10) redis.call('SET', 'l:1', 'ten')", "0"})
                  .ok());
  Run({"SET l:1 zero"});
  const std::map<std::string, std::string> keys = {{"key_prefix", "l:"}, {"value_type", "literal"}};
  Connect("v varchar", keys);
  EXPECT_THAT(*ReadColumns({"v"}), ElementsAre("zero"));
  Connect("v varchar", keys, {{"database", "10"}});
  EXPECT_THAT(*ReadColumns({"v"}), ElementsAre("ten"));
  std::map<std::string, std::string> own = keys;
  own["redis-db-number"] = "10";
  Connect("v varchar", own);
  EXPECT_THAT(*ReadColumns({"v"}), ElementsAre("ten"));
  Connect("v varchar", keys, {{"database", "99"}});
  EXPECT_TRUE(absl::IsInvalidArgument(ReadColumns({"v"}).status()));
}

TEST_F(RedisScanTest, StatisticsComeFromASample) {
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(TestServer().Ask({"SET", absl::StrCat("l:", i), "x"}).ok());
    ASSERT_TRUE(TestServer().Ask({"HSET", absl::StrCat("h:", i), "a", "1"}).ok());
  }
  Run({"ZADD keys 1 h:1 2 h:2"});
  const auto estimate = [&](const std::map<std::string, std::string>& keys) {
    Connect("v varchar", keys);
    const auto table = GetTable();
    EXPECT_TRUE(table.ok()) << table.status();
    const auto facts =
        dynamic_cast<sdk::TableStatistics&>(connector()).GetStatistics(context_, *table);
    EXPECT_TRUE(facts.ok()) << facts.status();
    return facts->row_count.value_or(-1);
  };
  EXPECT_EQ(estimate({{"key_prefix", "l:"}, {"value_type", "literal"}}), 3000);
  EXPECT_EQ(estimate({{"keys_zset", "keys"}, {"value_type", "hash"}}), 2);
  EXPECT_EQ(estimate({{"key_prefix", "nothing"}, {"value_type", "hash"}}), 0);
}

}  // namespace
}  // namespace pallas::redis
