#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_detail.h"
#include "catalog/metastore.h"
#include "catalog/presto_view.h"
#include "catalog/table_resolver.h"
#include "federation/source.h"
#include "query/statement_runner.h"
#include "query/statements/name_pattern.h"
#include "sdk/testing/memory_connector.h"
#include "storage/locations.h"

namespace pallas::query {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// DDL runs no query.
class NoEngine final : public engine::QueryEngine {
 public:
  absl::StatusOr<std::unique_ptr<engine::ResultStream>> Execute(
      sql::AnalyzedQuery /*query*/, engine::QueryContext /*context*/) override {
    return absl::InternalError("DDL ran a query");
  }

  absl::StatusOr<engine::Explanation> Explain(sql::AnalyzedQuery /*query*/,
                                              engine::QueryContext /*context*/,
                                              bool /*analyze*/) override {
    return absl::InternalError("DDL explained a query");
  }

  absl::Status WriteParquet(engine::ResultStream& /*rows*/, const std::string& /*path*/) override {
    return absl::InternalError("DDL wrote a file");
  }
};

class DdlTest : public testing::Test {
 public:
  ~DdlTest() override { fs::remove_all(folder_); }

 protected:
  DdlTest() {
    std::string pattern = (fs::temp_directory_path() / "pallas-ddl-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    metastore_ = *catalog::Metastore::Open(":memory:");
    locations_ = *storage::Locations::Make({folder_, {}});
    const auto schema = arrow::schema({arrow::field("Id", arrow::int64())});
    std::vector<sdk::MemoryTable> tables = {{{"sales", "orders"}, schema, {}, std::nullopt}};
    sources_.Put(std::make_shared<federation::Source>(
        "mysql", std::make_unique<sdk::MemoryConnector>(std::move(tables)),
        federation::SourceOptions{}, Clock::System()));
    resolver_ = catalog::MakeTableResolver(*metastore_, sources_, *locations_);
    session_.start_time = absl::FromUnixSeconds(1700000000);
  }

  static std::string CellText(const arrow::Array& column, int64_t row) {
    if (column.type_id() == arrow::Type::BOOL) {
      return static_cast<const arrow::BooleanArray&>(column).Value(row) ? "true" : "false";
    }
    return static_cast<const arrow::StringArray&>(column).GetString(row);
  }

  // The answer's rows, fields joined by '|', after a first line of column names; or the error.
  absl::StatusOr<std::vector<std::string>> Rows(std::string_view sql) {
    StatementRunner runner(Services{*metastore_, *resolver_, *locations_, engine_});
    auto result = runner.Run(sql, session_, context_);
    if (!result.ok()) {
      return result.status();
    }
    std::vector<std::string> names;
    for (const engine::ResultColumn& column : result->rows->columns()) {
      names.push_back(column.name);
    }
    std::vector<std::string> lines = {absl::StrJoin(names, "|")};
    while (true) {
      const std::shared_ptr<arrow::RecordBatch> batch = *result->rows->Next();
      if (batch == nullptr) {
        return lines;
      }
      for (int64_t row = 0; row < batch->num_rows(); ++row) {
        std::vector<std::string> fields;
        for (const auto& column : batch->columns()) {
          fields.push_back(column->IsNull(row) ? "NULL" : CellText(*column, row));
        }
        lines.push_back(absl::StrJoin(fields, "|"));
      }
    }
  }

  void Run(std::string_view sql) {
    const auto rows = Rows(sql);
    EXPECT_TRUE(rows.ok()) << sql << "\n" << rows.status();
  }

  void ExpectError(std::string_view sql, std::string_view error, std::string_view message) {
    const absl::Status status = Rows(sql).status();
    EXPECT_EQ(ErrorName(status), error) << sql << "\n" << status;
    EXPECT_THAT(status.message(), HasSubstr(std::string(message))) << sql;
  }

  void WriteObject(const std::string& key) {
    fs::create_directories(fs::path(folder_ + "/" + key).parent_path());
    std::ofstream(folder_ + "/" + key) << "x";
  }

  std::string folder_;
  std::unique_ptr<catalog::Metastore> metastore_;
  std::unique_ptr<storage::Locations> locations_;
  federation::SourceRegistry sources_;
  std::unique_ptr<catalog::TableResolver> resolver_;
  NoEngine engine_;
  sql::Session session_;
  sdk::RequestContext context_;
};

TEST_F(DdlTest, DatabasesAreMadeChangedAndDropped) {
  Run("CREATE DATABASE Sales COMMENT 'it''s' LOCATION 's3://b/sales/' "
      "WITH DBPROPERTIES ('creator'='Jane D.')");
  const catalog::Database database = *metastore_->GetDatabase("sales");
  EXPECT_EQ(database.description, "it's");
  EXPECT_EQ(database.location, "s3://b/sales/");
  Run("ALTER DATABASE sales SET DBPROPERTIES ('dept'='x')");
  EXPECT_EQ(metastore_->GetDatabase("sales")->parameters.size(), 2U);
  ExpectError("CREATE SCHEMA sales", "SCHEMA_ALREADY_EXISTS",
              "line 1:15: Schema 'sales' already exists");
  Run("CREATE SCHEMA IF NOT EXISTS sales");
  EXPECT_THAT(*Rows("SHOW DATABASES"), ElementsAre("database_name", "default", "sales"));
  EXPECT_THAT(*Rows("SHOW SCHEMAS LIKE 'S*'"), ElementsAre("database_name", "sales"));
  Run("CREATE EXTERNAL TABLE sales.t (a int) STORED AS PARQUET LOCATION 's3://b/t/'");
  ExpectError("DROP DATABASE sales", "SCHEMA_NOT_EMPTY",
              "line 1:15: Cannot drop non-empty schema 'sales'");
  Run("DROP DATABASE sales CASCADE");
  ExpectError("DROP DATABASE sales", "SCHEMA_NOT_FOUND",
              "line 1:15: Schema 'sales' does not exist");
  Run("DROP DATABASE IF EXISTS sales");
  ExpectError("ALTER DATABASE sales SET DBPROPERTIES ('a'='b')", "SCHEMA_NOT_FOUND", "sales");
  ExpectError("CREATE DATABASE x LOCATION 'http://b/'", "INVALID_TABLE_PROPERTY",
              "line 1:17: a location is s3://bucket/key");
}

TEST_F(DdlTest, ExternalTablesAreKeptAsGlueShowsThem) {
  Run("CREATE EXTERNAL TABLE `default.T` (`Id` int COMMENT 'key', tags array<struct<a:int>>) "
      "COMMENT 'what' PARTITIONED BY (`day` date) CLUSTERED BY (id) INTO 4 BUCKETS "
      "STORED AS PARQUET LOCATION 's3://b/t/' TBLPROPERTIES ('classification'='parquet')");
  const sdk::TableDefinition table = *metastore_->GetTable("default", "t");
  EXPECT_EQ(table.table_type, "EXTERNAL_TABLE");
  EXPECT_THAT(table.storage.columns,
              ElementsAre(sdk::ColumnDefinition{"id", "int", "key"},
                          sdk::ColumnDefinition{"tags", "array<struct<a:int>>", ""}));
  EXPECT_THAT(table.partition_keys, ElementsAre(sdk::ColumnDefinition{"day", "date", ""}));
  EXPECT_EQ(table.storage.serde.library,
            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe");
  EXPECT_EQ(table.parameters.at("EXTERNAL"), "TRUE");
  EXPECT_EQ(table.parameters.at("transient_lastDdlTime"), "1700000000");
  EXPECT_EQ(table.parameters.at("comment"), "what");
  EXPECT_EQ(table.storage.num_buckets, 4);
  ExpectError("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://b/t/'",
              "TABLE_ALREADY_EXISTS", "line 1:23: Table 'awsdatacatalog.default.t' already exists");
  Run("CREATE EXTERNAL TABLE IF NOT EXISTS t (a int) STORED AS PARQUET LOCATION 's3://b/t/'");
  EXPECT_EQ(*metastore_->GetTable("default", "t"), table);
}

TEST_F(DdlTest, FormatsHaveTheirClasses) {
  Run("CREATE EXTERNAL TABLE csv (a string) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' "
      "ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' LOCATION 's3://b/csv/'");
  const sdk::SerDeInfo serde = metastore_->GetTable("default", "csv")->storage.serde;
  EXPECT_EQ(serde.library, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
  EXPECT_EQ(serde.parameters.at("field.delim"), "\t");
  EXPECT_EQ(serde.parameters.at("serialization.format"), "\t");
  EXPECT_EQ(serde.parameters.at("escape.delim"), "\\");
  Run("CREATE EXTERNAL TABLE orc (a string) ROW FORMAT SERDE "
      "'org.apache.hadoop.hive.ql.io.orc.OrcSerde' LOCATION 's3://b/orc/'");
  EXPECT_EQ(metastore_->GetTable("default", "orc")->storage.input_format,
            "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat");
  Run("CREATE EXTERNAL TABLE p (a string) STORED AS INPUTFORMAT "
      "'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' OUTPUTFORMAT 'x' "
      "LOCATION 's3://b/p/'");
  EXPECT_EQ(metastore_->GetTable("default", "p")->storage.serde.library,
            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe");
  // Accepted as Athena does; to read it says what is missing.
  EXPECT_EQ(
      ErrorName(resolver_->ResolveTable(context_, {"awsdatacatalog", "default", "orc"}).status()),
      "NOT_SUPPORTED");
}

TEST_F(DdlTest, BadTablesAreRefused) {
  const std::string end = " STORED AS PARQUET LOCATION 's3://b/t/'";
  ExpectError("CREATE EXTERNAL TABLE t (a intt)" + end, "TYPE_NOT_FOUND", "Column 'a'");
  ExpectError("CREATE EXTERNAL TABLE t (a int, A string)" + end, "DUPLICATE_COLUMN_NAME", "'a'");
  ExpectError("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (a int)" + end,
              "DUPLICATE_COLUMN_NAME", "line 1:23: Column name 'a'");
  ExpectError("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (k array<int>)" + end,
              "NOT_SUPPORTED", "Partition key 'k'");
  ExpectError("CREATE EXTERNAL TABLE t (a int) CLUSTERED BY (b) INTO 2 BUCKETS" + end,
              "COLUMN_NOT_FOUND", "'b'");
  ExpectError("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET", "INVALID_TABLE_PROPERTY",
              "line 1:23: No location");
  ExpectError("CREATE EXTERNAL TABLE t (a int) STORED AS FANCY LOCATION 's3://b/t/'",
              "NOT_SUPPORTED", "'FANCY'");
  ExpectError("CREATE EXTERNAL TABLE nodb.t (a int)" + end, "SCHEMA_NOT_FOUND",
              "line 1:23: Schema 'nodb' does not exist");
  ExpectError("CREATE EXTERNAL TABLE t (a int)" + end + " TBLPROPERTIES ('table_type'='ICEBERG')",
              "NOT_SUPPORTED", "ICEBERG");
  ExpectError("CREATE EXTERNAL TABLE mysql.sales.t (a int)" + end, "NOT_SUPPORTED",
              "line 1:23: This operation is currently not supported for external catalogs");
  ExpectError("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 'file:///etc/'",
              "PERMISSION_DENIED", "line 1:23: 'file:///etc/' is refused");
  session_.catalog = "mysql";
  session_.database = "sales";
  ExpectError("DROP TABLE orders", "NOT_SUPPORTED", "external catalogs");
  EXPECT_THAT(*metastore_->ListTables("default"), IsEmpty());
}

TEST_F(DdlTest, TablesAndViewsAreDroppedAsWhatTheyAre) {
  Run("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://b/t/'");
  catalog::PrestoView view;
  view.sql = "SELECT\n  1 x";
  view.columns = {{"x", Type::Integer(), ""}};
  ASSERT_TRUE(metastore_->CreateTable(*catalog::EncodePrestoView("default", "v", view)).ok());
  EXPECT_THAT(*Rows("SHOW TABLES"), ElementsAre("tab_name", "t", "v"));
  EXPECT_THAT(*Rows("SHOW VIEWS"), ElementsAre("views", "v"));
  EXPECT_THAT(*Rows("SHOW CREATE VIEW v"),
              ElementsAre("create view", "CREATE VIEW default.v AS", "SELECT 1 AS x"));
  Run("CREATE VIEW \"1 v\" AS SELECT a, t.a AS b FROM t");
  EXPECT_THAT(*Rows("SHOW CREATE VIEW `1 v`"),
              ElementsAre("create view", "CREATE VIEW default.\"1 v\" AS", "SELECT", "  a",
                          ", t.a AS b", "FROM", "  t"));
  Run("DROP VIEW \"1 v\"");
  EXPECT_THAT(*Rows("DESCRIBE v"), ElementsAre("column|type", "x|integer"));
  ExpectError("SHOW CREATE VIEW t", "NOT_SUPPORTED", "is a table");
  ExpectError("SHOW CREATE TABLE v", "NOT_SUPPORTED", "is a view");
  ExpectError("ALTER TABLE v SET TBLPROPERTIES ('a'='b')", "NOT_SUPPORTED", "is a view");
  ExpectError("DROP TABLE v", "GENERIC_USER_ERROR", "Did you mean DROP VIEW?");
  ExpectError("DROP VIEW t", "GENERIC_USER_ERROR", "Did you mean DROP TABLE?");
  Run("DROP VIEW v");
  Run("DROP TABLE `default`.`t`");
  ExpectError("DROP TABLE t", "TABLE_NOT_FOUND",
              "line 1:12: Table 'awsdatacatalog.default.t' does not exist");
  Run("DROP TABLE IF EXISTS t");
  Run("DROP VIEW IF EXISTS nodb.v");
}

TEST_F(DdlTest, AViewKeepsItsTextItsPlaceAndItsTypes) {
  session_.user = "jane";
  Run("CREATE DATABASE other");
  Run("CREATE VIEW other.V AS\nSELECT Id AS \"Order\", 'x' AS \"é\"\nFROM mysql.sales.orders;");
  const sdk::TableDefinition definition = *metastore_->GetTable("other", "v");
  EXPECT_EQ(definition.table_type, "VIRTUAL_VIEW");
  const catalog::PrestoView view = *catalog::DecodePrestoView(definition);
  EXPECT_EQ(view.sql, "SELECT Id AS \"Order\", 'x' AS \"é\"\nFROM mysql.sales.orders");
  EXPECT_EQ(view.catalog, "awsdatacatalog");
  EXPECT_EQ(view.database, "default");
  EXPECT_EQ(view.owner, "jane");
  ASSERT_EQ(view.columns.size(), 2U);
  EXPECT_EQ(absl::AsciiStrToLower(view.columns[0].name), "order");
  EXPECT_EQ(view.columns[0].type, Type::Bigint());
  EXPECT_EQ(view.columns[1].type, Type::Varchar(1));
  ExpectError("CREATE VIEW other.v AS SELECT 1 AS x", "TABLE_ALREADY_EXISTS",
              "View already exists");
  Run("CREATE OR REPLACE VIEW other.v AS SELECT 1 AS x");
  EXPECT_THAT(*Rows("DESCRIBE other.v"), ElementsAre("column|type", "x|integer"));
  // A view over a view, and one that would then read itself.
  Run("CREATE VIEW w AS SELECT x FROM other.v");
  ExpectError("CREATE OR REPLACE VIEW other.v AS SELECT * FROM other.v", "VIEW_IS_RECURSIVE",
              "recursive view");
  ExpectError("CREATE OR REPLACE VIEW other.v AS SELECT * FROM w", "VIEW_IS_RECURSIVE",
              "recursive view");
}

TEST_F(DdlTest, ViewsThatCouldNotBeReadAreRefused) {
  Run("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://b/t/'");
  ExpectError("CREATE VIEW v AS SELECT a + 1 FROM t", "MISSING_COLUMN_NAME",
              "Column name not specified at position 1");
  ExpectError("CREATE VIEW v AS SELECT a, A FROM t", "DUPLICATE_COLUMN_NAME",
              "specified more than once");
  ExpectError("CREATE VIEW v AS SELECT NULL AS n", "COLUMN_TYPE_UNKNOWN",
              "Column type is unknown at position 1");
  ExpectError("CREATE VIEW v AS SELECT b FROM t", "COLUMN_NOT_FOUND", "line 1:25: Column 'b'");
  ExpectError("CREATE VIEW v AS SELECT * FROM v", "TABLE_NOT_FOUND", "does not exist");
  ExpectError("CREATE OR REPLACE VIEW t AS SELECT 1 AS x", "TABLE_ALREADY_EXISTS",
              "line 1:24: Table already exists");
  ExpectError("CREATE VIEW nodb.v AS SELECT 1 AS x", "SCHEMA_NOT_FOUND", "'nodb'");
  ExpectError("CREATE VIEW mysql.sales.v AS SELECT 1 AS x", "NOT_SUPPORTED", "external catalogs");
  EXPECT_THAT(*Rows("SHOW VIEWS"), ElementsAre("views"));
}

TEST_F(DdlTest, PartitionsAreAddedMovedAndDropped) {
  Run("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (`Day` date, n int) STORED AS PARQUET "
      "LOCATION 's3://b/t'");
  Run("ALTER TABLE t ADD PARTITION (n=07, day='2024-01-01') "
      "PARTITION (day=DATE '2024-01-02', n='8') LOCATION 's3://b/else/'");
  EXPECT_THAT(
      *metastore_->ListPartitions("default", "t"),
      ElementsAre(sdk::PartitionDefinition{{"2024-01-01", "7"}, "s3://b/t/day=2024-01-01/n=7/", {}},
                  sdk::PartitionDefinition{{"2024-01-02", "8"}, "s3://b/else/", {}}));
  EXPECT_THAT(*Rows("SHOW PARTITIONS t"),
              ElementsAre("partition", "day=2024-01-01/n=7", "day=2024-01-02/n=8"));
  ExpectError("ALTER TABLE t ADD PARTITION (day='2024-01-01', n=7)", "ALREADY_EXISTS",
              "line 1:13: Partition");
  Run("ALTER TABLE t ADD IF NOT EXISTS PARTITION (day='2024-01-01', n=7)");
  ExpectError("ALTER TABLE t ADD PARTITION (day='2024-01-01')", "INVALID_PARTITION_SPEC", "'n'");
  ExpectError("ALTER TABLE t ADD PARTITION (day='2024-01-01', n=1, x=2)", "COLUMN_NOT_FOUND",
              "'x'");
  ExpectError("ALTER TABLE t ADD PARTITION (day='yesterday', n=1)", "HIVE_INVALID_PARTITION_VALUE",
              "line 1:13: Invalid partition value 'yesterday' for date partition key: day");
  Run("ALTER TABLE t PARTITION (day='2024-01-02', n=8) SET LOCATION 's3://b/moved/'");
  EXPECT_EQ(metastore_->ListPartitions("default", "t")->back().location, "s3://b/moved/");
  ExpectError("ALTER TABLE t PARTITION (day='2024-01-02', n=9) SET LOCATION 's3://b/moved/'",
              "NOT_FOUND", "does not exist");
  Run("ALTER TABLE t PARTITION (day='2024-01-02', n=8) RENAME TO PARTITION (n=09, "
      "day='2024-01-03')");
  EXPECT_EQ(metastore_->ListPartitions("default", "t")->back(),
            (sdk::PartitionDefinition{{"2024-01-03", "9"}, "s3://b/moved/", {}}));
  ExpectError(
      "ALTER TABLE t PARTITION (day='2024-01-02', n=8) RENAME TO PARTITION "
      "(day='2024-01-02', n=7)",
      "NOT_FOUND", "does not exist");
  ExpectError(
      "ALTER TABLE t PARTITION (day='2024-01-03', n=9) RENAME TO PARTITION "
      "(day='2024-01-01', n=7)",
      "ALREADY_EXISTS", "already exists");
  Run("ALTER TABLE t PARTITION (day='2024-01-03', n=9) RENAME TO PARTITION (day='2024-01-02', "
      "n=8)");
  ExpectError("ALTER TABLE t DROP PARTITION (n=9)", "NOT_FOUND", "no such partition");
  Run("ALTER TABLE t DROP IF EXISTS PARTITION (n=9)");
  Run("ALTER TABLE t DROP PARTITION (n=7), PARTITION (day='2024-01-02')");
  EXPECT_THAT(*metastore_->ListPartitions("default", "t"), IsEmpty());
  Run("CREATE EXTERNAL TABLE flat (a int) STORED AS PARQUET LOCATION 's3://b/f/'");
  ExpectError("ALTER TABLE flat ADD PARTITION (n=1)", "GENERIC_USER_ERROR", "not a partitioned");
  ExpectError("SHOW PARTITIONS flat", "GENERIC_USER_ERROR", "not a partitioned");
  ExpectError("MSCK REPAIR TABLE flat", "GENERIC_USER_ERROR", "not a partitioned");
}

TEST_F(DdlTest, RepairRegistersFoldersOnce) {
  Run("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (n int, s string) STORED AS PARQUET "
      "LOCATION 's3://b/t/'");
  WriteObject("b/t/n=1/s=a%3Ab/f");
  WriteObject("b/t/n=02/s=c/f");
  EXPECT_THAT(*Rows("SHOW PARTITIONS t"), ElementsAre("partition", "n=02/s=c", "n=1/s=a%3Ab"));
  EXPECT_THAT(*Rows("MSCK REPAIR TABLE t"),
              ElementsAre("result", "Partitions not in metastore:\tt:n=2/s=c\tt:n=1/s=a%3Ab",
                          "Repair: Added partition to metastore t:n=2/s=c",
                          "Repair: Added partition to metastore t:n=1/s=a%3Ab"));
  EXPECT_EQ(metastore_->ListPartitions("default", "t")->front().location, "s3://b/t/n=1/s=a%3Ab/");
  EXPECT_THAT(metastore_->ListPartitions("default", "t")->front().values, ElementsAre("1", "a:b"));
  EXPECT_THAT(*Rows("MSCK REPAIR TABLE t"), ElementsAre("result"));
  // What has gone stays in the metastore.
  Run("ALTER TABLE t ADD PARTITION (n = 7, s = 'gone') LOCATION 's3://b/t/n=7/s=gone/'");
  EXPECT_THAT(*Rows("MSCK REPAIR TABLE t"),
              ElementsAre("result", "Partitions missing from filesystem:\tt:n=7/s=gone"));
  EXPECT_EQ(metastore_->ListPartitions("default", "t")->size(), 3U);
}

TEST_F(DdlTest, ColumnsAndPropertiesChange) {
  Run("CREATE EXTERNAL TABLE t (a int, b string) PARTITIONED BY (k int) STORED AS PARQUET "
      "LOCATION 's3://b/t/'");
  Run("ALTER TABLE t ADD COLUMNS (c map<string,int> COMMENT 'new')");
  Run("ALTER TABLE t CHANGE COLUMN b bb varchar(5) COMMENT 'x' FIRST");
  Run("ALTER TABLE t CHANGE a a bigint AFTER c");
  const auto names = [&] {
    std::vector<std::string> out;
    const sdk::TableDefinition table = *metastore_->GetTable("default", "t");
    out.reserve(table.storage.columns.size());
    for (const sdk::ColumnDefinition& column : table.storage.columns) {
      out.push_back(absl::StrCat(column.name, " ", column.type));
    }
    return out;
  };
  EXPECT_THAT(names(), ElementsAre("bb varchar(5)", "c map<string,int>", "a bigint"));
  ExpectError("ALTER TABLE t ADD COLUMNS (k int)", "DUPLICATE_COLUMN_NAME", "'k'");
  ExpectError("ALTER TABLE t ADD COLUMNS (z intt)", "TYPE_NOT_FOUND", "Column 'z'");
  ExpectError("ALTER TABLE t CHANGE zz z int", "COLUMN_NOT_FOUND", "'zz'");
  EXPECT_EQ(names().size(), 3U);
  Run("ALTER TABLE t REPLACE COLUMNS (only int)");
  EXPECT_THAT(names(), ElementsAre("only int"));
  Run("ALTER TABLE t SET TBLPROPERTIES ('a'='1', 'b'='2')");
  Run("ALTER TABLE t UNSET TBLPROPERTIES ('a')");
  ExpectError("ALTER TABLE t UNSET TBLPROPERTIES ('a')", "NOT_FOUND", "'a'");
  EXPECT_THAT(*Rows("SHOW TBLPROPERTIES t('b')"), ElementsAre("prpt_name|prpt_value", "b|2"));
  EXPECT_THAT(*Rows("SHOW TBLPROPERTIES t"),
              ElementsAre("prpt_name|prpt_value", "EXTERNAL|TRUE", "b|2",
                          "transient_lastDdlTime|1700000000"));
  Run("ALTER TABLE t SET LOCATION 's3://other/'");
  EXPECT_EQ(metastore_->GetTable("default", "t")->storage.location, "s3://other/");
  ExpectError("ALTER TABLE t RENAME TO u", "NOT_SUPPORTED", "line 1:13: ALTER TABLE RENAME TO");
  ExpectError("ALTER TABLE nodb.t SET LOCATION 's3://b/'", "SCHEMA_NOT_FOUND", "'nodb'");
}

TEST_F(DdlTest, DescribeAndShowColumnsAreLaidOutAsHive) {
  Run("CREATE EXTERNAL TABLE t (a int COMMENT 'first') PARTITIONED BY (k string) STORED AS PARQUET "
      "LOCATION 's3://b/t/'");
  EXPECT_THAT(*Rows("DESCRIBE t"),
              ElementsAre("col_name|data_type|comment",
                          "a                   |int                 |first               ",
                          "k                   |string              |                    ", "| | ",
                          "# Partition Information| | ",
                          "# col_name          |data_type           |comment             ", "| | ",
                          "k                   |string              |                    "));
  EXPECT_THAT(*Rows("DESCRIBE t a"),
              ElementsAre("col_name|data_type|comment",
                          "a                   |int                 |first               "));
  ExpectError("DESCRIBE t z", "COLUMN_NOT_FOUND", "'z'");
  EXPECT_THAT(*Rows("SHOW COLUMNS IN t"),
              ElementsAre("field", "a                   ", "k                   "));
  ExpectError("DESCRIBE nowhere", "TABLE_NOT_FOUND", "line 1:10: Table");
}

TEST_F(DdlTest, DescribeFormattedShowsWhereATableLies) {
  Run("CREATE EXTERNAL TABLE t (a int COMMENT 'first') PARTITIONED BY (k string) CLUSTERED BY (a) "
      "INTO 2 BUCKETS STORED AS PARQUET LOCATION 's3://b/t/'");
  const std::string serde = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
  const std::string formats = "org.apache.hadoop.hive.ql.io.parquet.MapredParquet";
  EXPECT_THAT(
      *Rows("DESCRIBE FORMATTED t"),
      ElementsAre("col_name|data_type|comment",
                  "# col_name          |data_type           |comment             ", "| | ",
                  "a                   |int                 |first               ", "| | ",
                  "# Partition Information| | ",
                  "# col_name          |data_type           |comment             ", "| | ",
                  "k                   |string              |                    ", "| | ",
                  "# Detailed Table Information| | ", "Database:           |default             | ",
                  "Owner:              |                    | ",
                  "CreateTime:         |Tue Nov 14 22:13:20 UTC 2023| ",
                  "LastAccessTime:     |UNKNOWN             | ",
                  "Protect Mode:       |None                | ",
                  "Retention:          |0                   | ",
                  "Location:           |s3://b/t/           | ",
                  "Table Type:         |EXTERNAL_TABLE      | ", "Table Parameters:| | ",
                  "|EXTERNAL            |TRUE                ",
                  "|transient_lastDdlTime|1700000000          ", "| | ",
                  "# Storage Information| | ", "SerDe Library:      |" + serde + "| ",
                  "InputFormat:        |" + formats + "InputFormat| ",
                  "OutputFormat:       |" + formats + "OutputFormat| ",
                  "Compressed:         |No                  | ",
                  "Num Buckets:        |2                   | ",
                  "Bucket Columns:     |[a]                 | ",
                  "Sort Columns:       |[]                  | ", "Storage Desc Params:| | ",
                  "|serialization.format|1                   "));
  Run("ALTER TABLE t ADD PARTITION (k='x') LOCATION 's3://b/x/'");
  const std::vector<std::string> partition = *Rows("DESCRIBE FORMATTED t PARTITION (k='x')");
  EXPECT_THAT(partition, testing::IsSupersetOf({"# Detailed Partition Information| | ",
                                                "Partition Value:    |[x]                 | ",
                                                "Table:              |t                   | ",
                                                "Location:           |s3://b/x/           | "}));
  const std::vector<std::string> extended = *Rows("DESCRIBE EXTENDED t");
  EXPECT_EQ(extended[1], "a                   |int                 |first               ");
  EXPECT_EQ(extended.back(),
            "Detailed Table Information|Table(tableName:t, dbName:default, owner:null, "
            "createTime:1700000000, lastAccessTime:0, retention:0, "
            "sd:StorageDescriptor(cols:[FieldSchema(name:a, type:int, comment:first), "
            "FieldSchema(name:k, type:string, comment:null)], location:s3://b/t/, inputFormat:" +
                formats + "InputFormat, outputFormat:" + formats +
                "OutputFormat, compressed:false, numBuckets:2, serdeInfo:SerDeInfo(name:null, "
                "serializationLib:" +
                serde +
                ", parameters:{serialization.format=1}), bucketCols:[a], sortCols:[], "
                "parameters:{}), partitionKeys:[FieldSchema(name:k, type:string, comment:null)], "
                "parameters:{EXTERNAL=TRUE, transient_lastDdlTime=1700000000}, "
                "viewOriginalText:null, viewExpandedText:null, tableType:EXTERNAL_TABLE)|");
  EXPECT_THAT(Rows("DESCRIBE EXTENDED t PARTITION (k='x')")->back(),
              HasSubstr("Partition(values:[x], dbName:default, tableName:t, "));
  EXPECT_EQ(*Rows("DESCRIBE t PARTITION (k='x')"), *Rows("DESCRIBE t"));
  ExpectError("DESCRIBE FORMATTED t PARTITION (k='y')", "NOT_FOUND",
              "line 1:20: Table 'default.t' has no such partition");
  ExpectError("DESCRIBE t PARTITION (z='y')", "COLUMN_NOT_FOUND", "line 1:10: 'z'");
  ExpectError("DESCRIBE FORMATTED mysql.sales.orders", "NOT_SUPPORTED", "external catalog");
}

TEST_F(DdlTest, DescribeLooksIntoColumns) {
  Run("CREATE EXTERNAL TABLE t (s struct<a:int,M:map<string,array<double>>>, n int) "
      "STORED AS PARQUET LOCATION 's3://b/t/'");
  const auto described = [&](std::string_view path) {
    return Rows(absl::StrCat("DESCRIBE t ", path))->back();
  };
  EXPECT_EQ(described("s.m"),
            "m                   |map<string,array<double>>|from deserializer   ");
  EXPECT_EQ(described("s.m.'$value$'.`$elem$`"),
            "$elem$              |double              |from deserializer   ");
  EXPECT_EQ(described("S.M.'$key$'"),
            "$key$               |string              |from deserializer   ");
  ExpectError("DESCRIBE t s.x", "COLUMN_NOT_FOUND",
              "line 1:10: There is no 'x' in a struct<a:int,m:map<string,array<double>>>");
  ExpectError("DESCRIBE t n.x", "COLUMN_NOT_FOUND", "There is no 'x' in a int");
}

TEST_F(DdlTest, NamesMayStandInEitherQuotes) {
  Run("CREATE DATABASE other");
  Run("CREATE EXTERNAL TABLE `other`.`t` (a int) STORED AS PARQUET LOCATION 's3://b/t/'");
  Run("CREATE VIEW \"awsdatacatalog\".\"other\".\"v\" AS SELECT \"a\" FROM \"other\".\"t\"");
  EXPECT_EQ(Rows("SHOW CREATE VIEW \"other\".\"v\";")->at(1), "CREATE VIEW other.v AS");
  EXPECT_EQ(*Rows("SHOW CREATE VIEW `other`.`v`"), *Rows("SHOW CREATE VIEW \"Other\".\"V\""));
  EXPECT_EQ(*Rows("DESCRIBE \"other\".t \"a\""), *Rows("DESCRIBE `other.t` `a`"));
  EXPECT_EQ(*Rows("DESCRIBE \"awsdatacatalog\".\"other\".\"v\""), *Rows("DESCRIBE other.v"));
  EXPECT_THAT(*Rows("SHOW TABLES IN \"other\" \"v\""), ElementsAre("tab_name", "v"));
  EXPECT_THAT(*Rows("SHOW COLUMNS IN \"t\" IN \"other\""),
              ElementsAre("field", "a                   "));
  EXPECT_THAT(*Rows("SHOW TABLES IN \"mysql\".\"sales\""), ElementsAre("tab_name", "orders"));
  Run("ALTER TABLE \"other\".\"t\" ADD COLUMNS (b int)");
  Run("ALTER DATABASE \"other\" SET DBPROPERTIES ('a'='b')");
  ExpectError("DROP TABLE \"other.t\"", "TABLE_NOT_FOUND",
              "'awsdatacatalog.default.other.t' does not exist");
  ExpectError("DROP TABLE \"\"", "SYNTAX_ERROR", "Zero-length delimited identifier");
  Run("DROP VIEW IF EXISTS \"awsdatacatalog\".\"other\".\"v\"");
  Run("DROP DATABASE \"other\" CASCADE");
  ExpectError("SHOW TABLES IN \"other\"", "SCHEMA_NOT_FOUND", "'other'");
}

TEST_F(DdlTest, InformationSchemaIsThereAlready) {
  EXPECT_THAT(*Rows("SHOW TABLES IN information_schema"),
              ElementsAre("tab_name", "columns", "schemata", "tables", "views"));
  EXPECT_EQ(*Rows("DESCRIBE information_schema.schemata"),
            *Rows("SHOW COLUMNS IN mysql.information_schema.schemata"));
  EXPECT_THAT(*Rows("DESCRIBE mysql.information_schema.schemata"),
              ElementsAre("column|type", "catalog_name|varchar", "schema_name|varchar"));
  ExpectError("CREATE DATABASE Information_Schema", "SCHEMA_ALREADY_EXISTS",
              "Schema 'information_schema' already exists");
  Run("CREATE DATABASE IF NOT EXISTS information_schema");
  ExpectError("CREATE VIEW information_schema.v AS SELECT 1 x", "SCHEMA_NOT_FOUND", "");
}

TEST_F(DdlTest, ShowCreateTableMakesTheSameTableAgain) {
  Run("CREATE EXTERNAL TABLE t (`a b` int COMMENT 'it\\'s', c string) COMMENT 'back\\\\slash' "
      "PARTITIONED BY (k int) CLUSTERED BY (c) INTO 3 BUCKETS ROW FORMAT SERDE 'lib' "
      "WITH SERDEPROPERTIES ('x'='y z') STORED AS PARQUET LOCATION 's3://b/t/' "
      "TBLPROPERTIES ('p'='q')");
  const sdk::TableDefinition table = *metastore_->GetTable("default", "t");
  std::vector<std::string> lines = *Rows("SHOW CREATE TABLE t");
  EXPECT_EQ(lines[0], "createtab_stmt");
  EXPECT_EQ(lines[1], "CREATE EXTERNAL TABLE `default.t`(");
  EXPECT_EQ(lines[2], "  `a b` int COMMENT 'it\\'s', ");
  lines.erase(lines.begin());
  Run("DROP TABLE t");
  Run(absl::StrJoin(lines, "\n"));
  EXPECT_EQ(*metastore_->GetTable("default", "t"), table);
}

TEST_F(DdlTest, SourcesAnswerToo) {
  EXPECT_THAT(*Rows("SHOW CATALOGS"), ElementsAre("Catalog", "awsdatacatalog", "mysql"));
  EXPECT_THAT(*Rows("SHOW DATABASES IN mysql"), ElementsAre("database_name", "sales"));
  EXPECT_THAT(*Rows("SHOW TABLES IN mysql.sales"), ElementsAre("tab_name", "orders"));
  EXPECT_THAT(*Rows("DESCRIBE mysql.sales.orders"), ElementsAre("column|type", "Id|bigint"));
  session_.catalog = "mysql";
  session_.database = "sales";
  EXPECT_THAT(*Rows("SHOW COLUMNS IN orders"), ElementsAre("column|type", "Id|bigint"));
  ExpectError("SHOW TABLES FROM UNKNOWNCATALOG.UNKNOWNSCHEMA", "CATALOG_NOT_FOUND",
              "Catalog 'unknowncatalog' not found");
  EXPECT_THAT(*Rows("SHOW VIEWS"), ElementsAre("views"));
}

TEST_F(DdlTest, PreparedStatementsAreKeptUntilTheyAreDropped) {
  Run("PREPARE views FROM CREATE OR REPLACE VIEW v AS SELECT \"Id\" + ? AS i FROM "
      "mysql.sales.orders");
  EXPECT_THAT(
      *metastore_->ListPreparedStatements("primary"),
      ElementsAre(catalog::PreparedStatement{
          "views", "CREATE OR REPLACE VIEW v AS SELECT \"Id\" + ? AS i FROM mysql.sales.orders",
          ""}));
  ExpectError("EXECUTE views", "INVALID_PARAMETER_USAGE",
              "line 1:1: Incorrect number of parameters: expected 1 but found 0");
  ExpectError("EXECUTE views USING i", "EXPRESSION_NOT_CONSTANT",
              "line 1:21: Constant expression cannot contain column references");
  Run("EXECUTE views USING 41");
  EXPECT_THAT(absl::StrJoin(*Rows("SHOW CREATE VIEW v"), " "), HasSubstr("41"));
  Run("PREPARE views FROM SELECT 1");
  EXPECT_THAT(metastore_->ListPreparedStatements("primary")->front().sql, "SELECT 1");
  Run("DEALLOCATE PREPARE views");
  ExpectError("EXECUTE views", "NOT_FOUND", "Prepared statement not found: views");
  ExpectError("DEALLOCATE PREPARE views", "NOT_FOUND", "Prepared statement not found: views");
}

TEST_F(DdlTest, ShowFunctionsNamesEveryOverload) {
  EXPECT_THAT(
      *Rows("SHOW FUNCTIONS LIKE 'max_b%'"),
      ElementsAre("Function|Return Type|Argument Types|Function Type|Deterministic|Description",
                  testing::StartsWith("max_by|v|v, k|aggregate|true|"),
                  testing::StartsWith("max_by|array(v)|v, k, bigint|aggregate|true|")));
  EXPECT_THAT(*Rows("SHOW FUNCTIONS LIKE 'rand'"),
              testing::Contains(testing::StartsWith("rand|double||scalar|false|")));
  EXPECT_GT(Rows("SHOW FUNCTIONS")->size(), 500U);
}

TEST(NamePatternTest, IsHivesUnlessItHasAnEscape) {
  struct Case {
    std::string pattern;
    std::optional<std::string> escape;
    std::string name;
    bool matches;
  };

  for (const Case& c : std::vector<Case>{{"", {}, "x", true},
                                         {"*logs", {}, "elb_logs", true},
                                         {"*logs", {}, "logs2", false},
                                         {"flight*", {}, "flights_2", true},
                                         {"a.*", {}, "abc", true},
                                         {"[ab]*", {}, "abba", true},
                                         {"[ab]*", {}, "abc", false},
                                         {"a|b", {}, "b", true},
                                         {"A", {}, "a", true},
                                         {"t%", {}, "tx", true},
                                         {"t$_%", "$", "t_x", true},
                                         {"t$_%", "$", "txx", false},
                                         {"t_.", "$", "tx.", true},
                                         {"t_.", "$", "txx", false},
                                         {"é_%", "$", "éx", true}}) {
    EXPECT_EQ(NamePattern::Make(c.pattern, c.escape)->Matches(c.name), c.matches)
        << c.pattern << " " << c.name;
  }
  EXPECT_EQ(NamePattern::Make("a", "$$").status().message(),
            "Escape string must be a single character");
  EXPECT_FALSE(NamePattern::Make("a", "").ok());
  EXPECT_FALSE(NamePattern::Make("(", {}).ok());
  EXPECT_FALSE(NamePattern::Make("a$", "$").ok());
}

}  // namespace
}  // namespace pallas::query
