#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/mysql/testing/mysql_test.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::mysql {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class MySqlMetadataTest : public MySqlTest {
 protected:
  std::vector<std::string> Splits(const sdk::Table& table, const sdk::Scan& scan,
                                  const std::string& property) {
    const auto splits = sdk::PlanAll(connector(), context_, table, scan);
    EXPECT_TRUE(splits.ok()) << splits.status();
    std::vector<std::string> values;
    for (const sdk::Split& split : *splits) {
      const auto value = split.properties.find(property);
      values.push_back(value == split.properties.end() ? "" : value->second);
    }
    return values;
  }
};

TEST_F(MySqlMetadataTest, NamesOfAllKinds) {
  const std::vector<std::string> names = {
      "Mixed",   "mixed",     "MIXED",    "with space", "per%cent",   "under_score", "it's",
      "quo\"te", "back`tick", "snow☃man", "select",     "semi;colon", "ü",           "a.b"};
  for (const std::string& name : names) {
    const std::string quoted = QuoteName(name);
    Execute(
        absl::StrCat("CREATE DATABASE IF NOT EXISTS `Odd ``'% ☕`; USE `Odd ``'% ☕`; CREATE OR "
                     "REPLACE TABLE ",
                     quoted, " (", quoted, " INT, `Col ☕` INT); INSERT INTO ", quoted, " VALUES (",
                     name.size(), ", 1)"));
  }
  const std::string database = "Odd `'% ☕";
  const auto databases = connector().ListDatabases(context_, {});
  ASSERT_TRUE(databases.ok()) << databases.status();
  EXPECT_THAT(databases->items, Contains(database));
  const auto tables = connector().ListTables(context_, database, {});
  ASSERT_TRUE(tables.ok()) << tables.status();
  EXPECT_EQ(tables->items.size(), names.size());
  for (const std::string& name : names) {
    EXPECT_THAT(tables->items, Contains(sdk::TableName{database, name}));
    const auto table = connector().GetTable(context_, {database, name});
    ASSERT_TRUE(table.ok()) << name << table.status();
    EXPECT_EQ(table->schema->field(0)->name(), name);
    const auto rows = sdk::ReadAll(connector(), context_, *table, FullScan(*table));
    ASSERT_TRUE(rows.ok()) << name << rows.status();
    EXPECT_THAT(ColumnTexts(**rows, 0), ElementsAre(absl::StrCat(name.size())));
  }
}

TEST_F(MySqlMetadataTest, Jdbc2UnknownNamesAreNotFound) {
  Execute("CREATE OR REPLACE TABLE known (n INT)");
  for (const char* const name :
       {"unknown", "KNOWN", "kn%", "kno_n", "🙂", "known ", "", "x' OR '1"}) {
    const auto table = GetTable(name);
    EXPECT_TRUE(absl::IsNotFound(table.status())) << name << table.status();
  }
  EXPECT_TRUE(absl::IsNotFound(connector().GetTable(context_, {"SCAN", "known"}).status()));
  EXPECT_TRUE(absl::IsNotFound(connector().ListTables(context_, "SCAN", {}).status()));
}

TEST_F(MySqlMetadataTest, SystemDatabasesAreThereButNotListed) {
  const auto databases = connector().ListDatabases(context_, {});
  ASSERT_TRUE(databases.ok()) << databases.status();
  EXPECT_THAT(databases->items, Not(Contains("mysql")));
  EXPECT_THAT(databases->items, Not(Contains("information_schema")));
  EXPECT_TRUE(connector().GetTable(context_, {"information_schema", "TABLES"}).ok());
  Connect({{"list_system_databases", "true"}});
  const auto all = connector().ListDatabases(context_, {});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(all->items, Contains("mysql"));
}

TEST_F(MySqlMetadataTest, CommentsViewsAndGeneratedColumns) {
  Execute(R"(
CREATE OR REPLACE TABLE noted (id INT COMMENT 'the ''id'' ☕', twice INT AS (id * 2) STORED) COMMENT 'all of it';
INSERT INTO noted (id) VALUES (4);
CREATE OR REPLACE VIEW seen AS SELECT id, twice + 0.5 AS more, CONCAT('x', id) AS text FROM noted)");
  const auto table = GetTable("noted");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->comment, "all of it");
  EXPECT_EQ(*table->schema->field(0)->metadata()->Get(sdk::kCommentKey), "the 'id' ☕");
  EXPECT_THAT(table->partition_columns, ElementsAre("partition_name"));
  const auto view = GetTable("seen");
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->comment, "");
  const auto rows = Read("seen");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(ColumnTexts(**rows, 1), ElementsAre("8.5"));
  EXPECT_THAT(ColumnTexts(**rows, 2), ElementsAre("x4"));
  Execute("DROP TABLE noted");
  const auto broken = GetTable("seen");
  EXPECT_FALSE(broken.ok());
  EXPECT_THAT(broken.status().message(), HasSubstr("seen"));
}

TEST_F(MySqlMetadataTest, AColumnOfTheServersNamedAsThePartitionWins) {
  Execute(
      "CREATE OR REPLACE TABLE own (Partition_Name VARCHAR(5)); INSERT INTO own VALUES ('mine')");
  const auto table = GetTable("own");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->schema->num_fields(), 1);
  EXPECT_THAT(table->partition_columns, ElementsAre());
  const auto rows = sdk::ReadAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(ColumnTexts(**rows, 0), ElementsAre("mine"));
}

TEST_F(MySqlMetadataTest, MySql2PartitionsArePrunedByName) {
  Execute(R"(
CREATE OR REPLACE TABLE parts (id INT, v INT) PARTITION BY RANGE (id) SUBPARTITION BY HASH (v) SUBPARTITIONS 2
 (PARTITION `select` VALUES LESS THAN (10), PARTITION `p``1` VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE);
INSERT INTO parts SELECT seq, seq FROM seq_1_to_30)");
  const auto table = GetTable("parts");
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan;
  scan.columns = {"id", "partition_name"};
  EXPECT_THAT(Splits(*table, scan, "partition_name"), ElementsAre("select", "p`1", "p2"));
  scan.constraints.summary.insert(
      {"partition_name",
       sdk::ValueSet::OfRanges(arrow::utf8(),
                               {sdk::Range::Equal(sdk::Value(std::string("p`1"))),
                                sdk::Range::Equal(sdk::Value(std::string("gone")))},
                               false)});
  EXPECT_THAT(Splits(*table, scan, "partition_name"), ElementsAre("p`1"));
  const auto rows = sdk::ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 10);
  EXPECT_EQ(ColumnTexts(**rows, 1)[0], "p`1");
  scan.constraints.summary.insert_or_assign("partition_name",
                                            sdk::ValueSet::OnlyNull(arrow::utf8()));
  EXPECT_THAT(Splits(*table, scan, "partition_name"), ElementsAre());
}

TEST_F(MySqlMetadataTest, KeyRangesHoldEveryRowOnce) {
  Connect({{"splits", "4"}, {"split_rows", "5"}});
  Execute(R"(
CREATE OR REPLACE TABLE unsigned_keys (k BIGINT UNSIGNED PRIMARY KEY);
INSERT INTO unsigned_keys SELECT 18446744073709551615 - seq * 461168601842738790 FROM seq_0_to_39;
CREATE OR REPLACE TABLE signed_keys (k BIGINT, n INT, PRIMARY KEY (k, n));
INSERT INTO signed_keys SELECT (CAST(seq AS SIGNED) - 20) * 461168601842738790, seq FROM seq_0_to_39;
CREATE OR REPLACE TABLE text_keys (k VARCHAR(10) PRIMARY KEY);
INSERT INTO text_keys SELECT seq FROM seq_1_to_40;
CREATE OR REPLACE TABLE few (k INT PRIMARY KEY); INSERT INTO few VALUES (1), (2);
CREATE OR REPLACE TABLE none (k INT PRIMARY KEY);
ANALYZE TABLE unsigned_keys, signed_keys, text_keys, few, none)");
  const std::vector<std::pair<std::string, size_t>> tables = {
      {"unsigned_keys", 4}, {"signed_keys", 4}, {"text_keys", 1}, {"few", 1}, {"none", 1}};
  for (const auto& [name, num_splits] : tables) {
    const auto table = GetTable(name);
    ASSERT_TRUE(table.ok()) << table.status();
    const sdk::Scan scan = FullScan(*table);
    EXPECT_EQ(Splits(*table, scan, "partition_name").size(), num_splits) << name;
    const auto rows = sdk::ReadAll(connector(), context_, *table, scan);
    ASSERT_TRUE(rows.ok()) << rows.status();
    const auto want = TestServer().Query(absl::StrCat("SELECT k FROM scan.", name, " ORDER BY k"));
    ASSERT_TRUE(want.ok());
    std::vector<std::string> keys;
    for (const Row& row : *want) {
      keys.push_back(*row[0]);
    }
    std::vector<std::string> found = ColumnTexts(**rows, 0);
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(keys)) << name;
  }
  sdk::Scan limited;
  limited.limit = 1;
  EXPECT_EQ(Splits(*GetTable("signed_keys"), limited, "range_low").size(), 1U);
}

TEST_F(MySqlMetadataTest, RowsAddedAfterPlanningAreInOneSplit) {
  Connect({{"splits", "2"}, {"split_rows", "1"}});
  Execute(
      "CREATE OR REPLACE TABLE growing (k INT PRIMARY KEY); INSERT INTO growing SELECT seq FROM "
      "seq_1_to_20; ANALYZE TABLE growing");
  const auto table = GetTable("growing");
  ASSERT_TRUE(table.ok()) << table.status();
  const sdk::Scan scan = FullScan(*table);
  const auto splits = sdk::PlanAll(connector(), context_, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  ASSERT_EQ(splits->size(), 2U);
  Execute("INSERT INTO growing VALUES (-5), (1000)");
  int64_t num_rows = 0;
  for (const sdk::Split& split : *splits) {
    const auto stream = connector().Read(context_, *table, scan, split);
    ASSERT_TRUE(stream.ok()) << stream.status();
    const auto batch = (*stream)->Next();
    ASSERT_TRUE(batch.ok()) << batch.status();
    num_rows += (*batch)->num_rows();
  }
  EXPECT_EQ(num_rows, 22);
}

TEST_F(MySqlMetadataTest, StatisticsComeFromTheServer) {
  Execute(R"(
CREATE OR REPLACE TABLE measured (id INT PRIMARY KEY, kind INT, note INT, KEY (kind));
INSERT INTO measured SELECT seq, seq % 7, NULL FROM seq_1_to_5000; ANALYZE TABLE measured;
CREATE OR REPLACE VIEW measured_view AS SELECT id FROM measured)");
  auto* const statistics = dynamic_cast<sdk::TableStatistics*>(&connector());
  ASSERT_NE(statistics, nullptr);
  const auto facts = statistics->GetStatistics(context_, *GetTable("measured"));
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_NEAR(*facts->row_count, 5000, 500);
  ASSERT_EQ(facts->columns.size(), 2U);
  EXPECT_EQ(facts->columns[0].column, "id");
  EXPECT_NEAR(*facts->columns[0].distinct_values, 5000, 500);
  EXPECT_EQ(facts->columns[0].null_fraction, 0);
  EXPECT_EQ(facts->columns[1].column, "kind");
  EXPECT_LT(*facts->columns[1].distinct_values, 100);  // an estimate
  const auto view = statistics->GetStatistics(context_, *GetTable("measured_view"));
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->row_count, std::nullopt);
}

TEST_F(MySqlMetadataTest, MySql1PagesGoOnWithoutLimit) {
  Execute(
      "DROP DATABASE IF EXISTS paged; CREATE DATABASE paged; USE paged; CREATE TABLE b (n INT); "
      "CREATE TABLE a (n INT); CREATE TABLE B (n INT)");
  const auto page = connector().ListTables(context_, "paged", {1, ""});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->items, ElementsAre(sdk::TableName{"paged", "B"}));
  const auto rest = connector().ListTables(context_, "paged", {-1, page->next_token});
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_THAT(rest->items, ElementsAre(sdk::TableName{"paged", "a"}, sdk::TableName{"paged", "b"}));
  EXPECT_EQ(rest->next_token, "");
  EXPECT_TRUE(
      absl::IsInvalidArgument(connector().ListTables(context_, "paged", {1, "x"}).status()));
  Execute("DROP DATABASE paged; CREATE DATABASE paged");
  const auto empty = connector().ListTables(context_, "paged", {});
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_THAT(empty->items, ElementsAre());
}

}  // namespace
}  // namespace pallas::mysql
