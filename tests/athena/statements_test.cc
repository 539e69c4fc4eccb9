// Athena's other statements: prepared ones described, rows that would be written, catalogs that are
// Lambda functions or belong to a source.

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/athena/fixture.h"

namespace pallas {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class StatementsTest : public AthenaTest {
 protected:
  void SetUp() override {
    AthenaTest::SetUp();
    Run("CREATE DATABASE lake");
    session_.database = "lake";
    Run(
        absl::StrCat("CREATE EXTERNAL TABLE t (a bigint, b varchar(5), c struct<x:int,y:string>) "
                     "PARTITIONED BY (p string) STORED AS PARQUET LOCATION 'file://",
                     folder_, "/t/'"));
    Run("CREATE VIEW v AS SELECT o_orderkey AS k, o_comment FROM mysql.sales.orders");
  }

  // What DESCRIBE INPUT says of `statement`.
  std::string Input(const std::string& statement) {
    Run(absl::StrCat("PREPARE p FROM ", statement));
    return Rows("DESCRIBE INPUT p");
  }

  std::string Output(const std::string& statement) {
    Run(absl::StrCat("PREPARE p FROM ", statement));
    return Rows("DESCRIBE OUTPUT p");
  }

  const std::string refused_ = "This operation is currently not supported for external catalogs";
};

// What Trino 476 answers, for the same columns.
TEST_F(StatementsTest, DescribeInput) {
  for (const auto& [statement, types] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT ?", R"([[0,"unknown"]])"},
           {"SELECT 1", "[]"},
           {"SELECT * FROM v WHERE k = ? AND o_comment LIKE ?", R"([[0,"bigint"],[1,"varchar"]])"},
           {"SELECT k + ? FROM v LIMIT ?", R"([[0,"bigint"],[1,"bigint"]])"},
           {"SELECT k FROM v OFFSET ? LIMIT ?", R"([[0,"bigint"],[1,"bigint"]])"},
           {"SELECT k FROM v FETCH FIRST ? ROWS ONLY", R"([[0,"bigint"]])"},
           {"SELECT count(*) FROM v WHERE k IN (?, ?, 5)", R"([[0,"bigint"],[1,"bigint"]])"},
           {"SELECT transform(ARRAY[1, 2], x -> x + ?)", R"([[0,"integer"]])"},
           {"SELECT CAST(? AS bigint), typeof(?)", R"([[0,"unknown"],[1,"unknown"]])"},
           {"VALUES (?, 1)", R"([[0,"unknown"]])"},
           {"SELECT o_comment, sum(k) FROM v GROUP BY o_comment HAVING sum(k) > ?",
            R"([[0,"bigint"]])"},
           {"SELECT CASE WHEN ? THEN 1 ELSE ? END", R"([[0,"boolean"],[1,"integer"]])"},
           {"SELECT (SELECT max(o_comment) FROM v WHERE k = ?), ? = ?",
            R"([[0,"bigint"],[1,"unknown"],[2,"unknown"]])"},
           {"SELECT * FROM v ORDER BY ?", R"([[0,"unknown"]])"},
           {"SELECT COALESCE(?, ?, 1), IF(?, 1, 2), ROW(?, 1)",
            R"([[0,"integer"],[1,"integer"],[2,"boolean"],[3,"unknown"]])"},
           {"SELECT lag(o_comment, ?) OVER (ORDER BY k) FROM v", R"([[0,"bigint"]])"},
           {"SELECT * FROM (SELECT k FROM v WHERE ? < k) WHERE k > ?",
            R"([[0,"bigint"],[1,"bigint"]])"},
           {"WITH w AS (SELECT k FROM v WHERE k <> ?) SELECT * FROM w", R"([[0,"bigint"]])"},
           {"SELECT k FROM v UNION ALL SELECT ?", R"([[0,"unknown"]])"},
           {"VALUES ?, 1", R"([[0,"integer"]])"},
           {"SELECT k FROM v WHERE (k, o_comment) = (?, ?)", R"([[0,"unknown"],[1,"unknown"]])"},
           {"SELECT k FROM v WHERE k = ANY (SELECT ?)", R"([[0,"unknown"]])"},
           {"SELECT count(*) FILTER (WHERE ?) FROM v", R"([[0,"boolean"]])"},
           {"SELECT k FROM v GROUP BY ?, k", R"([[0,"unknown"]])"},
           {"SELECT ARRAY[1, 2][?], element_at(MAP(ARRAY['a'], ARRAY[1]), ?)",
            R"x([[0,"bigint"],[1,"varchar(1)"]])x"},
           {"CREATE TABLE u AS SELECT 1 AS a WHERE 1 = ?", R"([[0,"integer"]])"},
           {"CREATE VIEW w AS SELECT 1 AS a", "[]"}}) {
    EXPECT_EQ(Input(statement), types) << statement;
  }
  EXPECT_EQ(Types("DESCRIBE INPUT p"), "bigint, varchar");
  Run("PREPARE \"Other Name\" FROM SELECT ? || 'x', ?");
  EXPECT_THAT(Rows("DESCRIBE INPUT \"Other Name\""), HasSubstr(R"([1,"unknown"])"));
  EXPECT_EQ(Types("DESCRIBE INPUT \"Other Name\"").substr(0, 7), "integer");
  EXPECT_EQ(Rows("DESCRIBE INPUT nosuch"), "NOT_FOUND: Prepared statement not found: nosuch");
  Run("PREPARE p FROM SELECT nosuch, ?");
  EXPECT_EQ(Rows("DESCRIBE INPUT p"),
            "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved");
}

TEST_F(StatementsTest, DescribeOutput) {
  const std::string origin = R"("mysql","sales","orders")";
  for (const auto& [statement, columns] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT 1", R"([["_col0","","","","integer",4,false]])"},
           {"SELECT o_orderkey AS o_orderkey, o_comment, o_orderkey + ? FROM mysql.sales.orders",
            absl::StrCat(R"([["o_orderkey",)", origin, R"(,"bigint",8,true],["o_comment",)", origin,
                         R"(,"varchar",0,false],["_col2","","","","bigint",8,false]])")},
           {"SELECT * FROM (SELECT o_orderkey AS k FROM mysql.sales.orders) x",
            absl::StrCat(R"([["k",)", origin, R"(,"bigint",8,false]])")},
           {"SELECT * FROM mysql.sales.orders n (a, b)",
            absl::StrCat(R"([["a",)", origin, R"(,"bigint",8,false],["b",)", origin,
                         R"(,"varchar",0,false]])")},
           {"WITH w AS (SELECT o_comment FROM mysql.sales.orders) SELECT * FROM w t (z)",
            absl::StrCat(R"([["z",)", origin, R"(,"varchar",0,false]])")},
           {"SELECT o_comment FROM mysql.sales.orders UNION ALL SELECT 'x'",
            absl::StrCat(R"([["o_comment",)", origin, R"(,"varchar",0,false]])")},
           {"SELECT k FROM v", R"([["k","awsdatacatalog","lake","v","bigint",8,false]])"},
           {"CREATE TABLE u AS SELECT 1 AS a", R"([["rows","","","","bigint",8,false]])"},
           {"CREATE VIEW w AS SELECT 1 AS a", "[]"}}) {
    EXPECT_EQ(Output(statement), columns) << statement;
  }
  EXPECT_EQ(
      Output("SELECT DECIMAL '1.5', DECIMAL '12345678901234567890', TINYINT '1', now(), uuid(), "
             "ARRAY[1], REAL '1', true, NULL, current_timestamp(9), TIME '01:02:03.123 +01:00'"),
      R"x([["_col0","","","","decimal(2,1)",8,false],)x"
      R"x(["_col1","","","","decimal(20,0)",16,false],)x"
      R"x(["_col2","","","","tinyint",1,false],)x"
      R"x(["_col3","","","","timestamp(3) with time zone",8,false],)x"
      R"x(["_col4","","","","uuid",16,false],)x"
      R"x(["_col5","","","","array(integer)",0,false],)x"
      R"x(["_col6","","","","real",4,false],)x"
      R"x(["_col7","","","","boolean",1,false],)x"
      R"x(["_col8","","","","unknown",1,false],)x"
      R"x(["_col9","","","","timestamp(9) with time zone",12,false],)x"
      R"x(["_col10","","","","time(3) with time zone",8,false]])x");
}

TEST_F(StatementsTest, ParametersHaveTypesWhereverTheyStand) {
  for (const auto& [statement, rows] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT k FROM v ORDER BY k LIMIT ?' USING 1", "[[1]]"},
           {"SELECT k FROM v ORDER BY k OFFSET ? LIMIT ?' USING 1, 1", "[[2]]"},
           {"SELECT count(*) FROM v WHERE k IN (?, ?)' USING 1, 7", "[[1]]"},
           {"SELECT transform(ARRAY[1, 2], x -> x + ?)' USING 10", "[[[11,12]]]"},
           {"SELECT ? + ?' USING DATE '2020-01-01', INTERVAL '1' DAY", R"([["2020-01-02"]])"},
           {"SELECT filter(ARRAY[1, 2, 3], x -> x > ?)' USING 1 + 1", "[[[3]]]"},
           {"SELECT x FROM (VALUES ?, 2) t (x) WHERE x > ? ORDER BY 1' USING 3, 1", "[[2],[3]]"}}) {
    EXPECT_EQ(Rows(absl::StrCat("EXECUTE IMMEDIATE '", statement)), rows) << statement;
  }
  for (const auto& [value, answer] : std::vector<std::pair<std::string, std::string>>{
           {"1 + 1", "[[1],[2]]"},
           {"TINYINT '1'", "[[1]]"},
           {"'x'", "TYPE_MISMATCH: line 1:62: Cannot cast type varchar(1) to bigint"},
           {"DECIMAL '2'", "TYPE_MISMATCH: line 1:62: Cannot cast type decimal(1,0) to bigint"},
           {"NULL",
            "INVALID_ARGUMENTS: line 1:62: Parameter value provided for LIMIT is NULL: null"},
           {"-1",
            "NUMERIC_VALUE_OUT_OF_RANGE: line 1:62: LIMIT row count must be greater or equal "
            "to 0 (actual value: -1)"}}) {
    EXPECT_EQ(
        Rows(absl::StrCat("EXECUTE IMMEDIATE 'SELECT k FROM v ORDER BY k LIMIT ?' USING ", value)),
        answer);
  }
}

TEST_F(StatementsTest, CreateTableAsIsAnalysed) {
  const std::string hive = "catalog 'awsdatacatalog' table property";
  for (const auto& [with, error] : std::vector<std::pair<std::string, std::string>>{
           {"format = 'X'",
            absl::StrCat(
                "INVALID_TABLE_PROPERTY: line 1:22: Unable to set ", hive,
                " 'format' to ['X']: Invalid value [X]. Valid values: [ORC, PARQUET, AVRO, "
                "JSON, ION, TEXTFILE]")},
           {"format = 1", absl::StrCat("INVALID_TABLE_PROPERTY: line 1:22: Invalid value for ",
                                       hive, " 'format': Cannot convert [1] to varchar")},
           {"format = NULL",
            absl::StrCat("INVALID_TABLE_PROPERTY: line 1:22: Invalid null value for ", hive,
                         " 'format' from [null]")},
           {"foo = 1, format = 'PARQUET'",
            "INVALID_TABLE_PROPERTY: line 1:22: Catalog 'awsdatacatalog' table property 'foo' "
            "does "
            "not exist"},
           {"format = 'ORC', format = 'ORC'",
            "DUPLICATE_PROPERTY: line 1:38: Duplicate property: format"},
           {"partitioned_by = 'b'",
            absl::StrCat("INVALID_TABLE_PROPERTY: line 1:22: Invalid value for ", hive,
                         " 'partitioned_by': Cannot convert ['b'] to array(varchar)")},
           {"partitioned_by = ARRAY['a']",
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table "
            "and in "
            "the same order as the table properties: [a]"},
           {"partitioned_by = ARRAY['z']",
            "INVALID_TABLE_PROPERTY: Partition columns [z] not present in schema"},
           {"partitioned_by = ARRAY['a', 'b']",
            "INVALID_TABLE_PROPERTY: Table contains only partition columns"},
           {"bucketed_by = ARRAY['a']",
            "INVALID_TABLE_PROPERTY: bucketed_by and bucket_count must be specified together"},
           {"bucketed_by = ARRAY['z'], bucket_count = 3",
            "INVALID_TABLE_PROPERTY: Bucketing columns [z] not present in schema"},
           {"bucketed_by = ARRAY['a'], bucket_count = -1",
            "INVALID_TABLE_PROPERTY: bucket_count must be greater than zero"},
           {"bucketed_by = ARRAY['b'], bucket_count = 2, partitioned_by = ARRAY['b']",
            "INVALID_TABLE_PROPERTY: Bucketing columns [b] are also used as partitioning "
            "columns"},
           {"format = 'TEXTFILE', field_delimiter = 'ab'",
            "INVALID_TABLE_PROPERTY: field_delimiter must be a single character string, but was: "
            "'ab'"},
           {"external_location = 'nonsense'", "INVALID_TABLE_PROPERTY: line 1:14: "},
           {"table_type = 'ICEBERG'",
            "INVALID_TABLE_PROPERTY: location is required for tables of type ICEBERG"},
           {"partitioning = ARRAY['a']",
            "INVALID_TABLE_PROPERTY: partitioning is only for tables of type ICEBERG"},
           {"compression_level = 3",
            "INVALID_TABLE_PROPERTY: compression_level is only for the compression ZSTD"},
           {"format = 'Parquet', write_compression = 'ZSTD', compression_level = '4', "
            "partitioned_by "
            "= ARRAY['B']",
            "NOT_SUPPORTED: line 1:1: CREATE TABLE AS, which writes rows into files, is not "
            "supported"}}) {
    EXPECT_THAT(Rows(absl::StrCat("CREATE TABLE u WITH (", with, ") AS SELECT 1 AS a, 'x' AS b")),
                StartsWith(error))
        << with;
  }
}

TEST_F(StatementsTest, CreateTableAsChecksNamesAndColumns) {
  for (const auto& [statement, error] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE TABLE t AS SELECT 1 AS a",
            "TABLE_ALREADY_EXISTS: line 1:1: Destination table 'awsdatacatalog.lake.t' already "
            "exists"},
           {"CREATE TABLE v AS SELECT 1 AS a",
            "TABLE_ALREADY_EXISTS: line 1:1: Destination table 'awsdatacatalog.lake.v' already "
            "exists"},
           {"CREATE TABLE nodb.u AS SELECT 1 AS a",
            "SCHEMA_NOT_FOUND: line 1:14: Schema 'nodb' does not exist"},
           {"CREATE TABLE u AS SELECT 1",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"},
           {"CREATE TABLE u AS SELECT 1 AS a, 2 AS A",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'A' specified more than once"},
           {"CREATE TABLE u AS SELECT NULL AS a",
            "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: a"},
           {"CREATE TABLE u AS SELECT nosuch",
            "COLUMN_NOT_FOUND: line 1:26: Column 'nosuch' cannot be resolved"},
           {"CREATE TABLE u AS SELECT uuid() AS a", "NOT_SUPPORTED: Unsupported Hive type: uuid"},
           {"CREATE TABLE u AS SELECT ROW(1, 2) AS a",
            "NOT_SUPPORTED: Anonymous row type is not supported in Hive. Please give each field a "
            "name: row(integer, integer)"},
           {"CREATE TABLE u AS SELECT CAST('a' AS char(300)) AS a",
            "NOT_SUPPORTED: Unsupported Hive type: char(300). Supported CHAR types: CHAR(<=255)."},
           {"CREATE TABLE u AS SELECT TIMESTAMP '2020-01-01 00:00:00.123456789' AS a",
            "NOT_SUPPORTED: Incorrect timestamp precision for timestamp(9); the configured "
            "precision "
            "is MILLISECONDS; column name: a"},
           {"CREATE TABLE u AS SELECT cast(uuid() AS varchar) AS a WITH NO DATA",
            "NOT_SUPPORTED: line 1:1: CREATE TABLE AS, which writes"}}) {
    EXPECT_THAT(Rows(statement), StartsWith(error)) << statement;
  }
  Run("CREATE TABLE IF NOT EXISTS t AS SELECT nosuch");
}

TEST_F(StatementsTest, InsertIsAnalysed) {
  for (const auto& [statement, error] : std::vector<std::pair<std::string, std::string>>{
           {"INSERT INTO t VALUES (1)",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [bigint, "
            "varchar(5), row(x integer, y varchar), varchar], Query: [integer]"},
           {"INSERT INTO t (a, z) VALUES (1, 2)",
            "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: z"},
           {"INSERT INTO t (a, A) VALUES (1, 2)",
            "DUPLICATE_COLUMN_NAME: line 1:1: Insert column name is specified more than once: a"},
           {"INSERT INTO t (a, b) VALUES ('x', 'y')",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [bigint, "
            "varchar(5)], Query: [varchar(1), varchar(1)]"},
           {"INSERT INTO t (a) SELECT nosuch",
            "COLUMN_NOT_FOUND: line 1:26: Column 'nosuch' cannot be resolved"},
           {"INSERT INTO nosuch SELECT nosuch2",
            "COLUMN_NOT_FOUND: line 1:27: Column 'nosuch2' cannot be resolved"},
           {"INSERT INTO nosuch SELECT 1",
            "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.lake.nosuch' does not exist"},
           {"INSERT INTO v SELECT 1, 'x'",
            "NOT_SUPPORTED: line 1:1: Inserting into views is not supported"},
           {"INSERT INTO t (a, b) SELECT 1.5, 'abcdefgh'",
            "NOT_SUPPORTED: line 1:1: INSERT, which writes rows into files, is not supported"}}) {
    EXPECT_THAT(Rows(statement), StartsWith(error)) << statement;
  }
}

TEST_F(StatementsTest, UnloadIsAnalysed) {
  const std::string to = absl::StrCat(" TO 'file://", folder_, "/out/' ");
  for (const auto& [statement, error] : std::vector<std::pair<std::string, std::string>>{
           {"UNLOAD (SELECT 1 AS a)" + to + "WITH (format = 'CSV')",
            "INVALID_TABLE_PROPERTY: line 1:"},
           {"UNLOAD (SELECT 1 AS a)" + to, "INVALID_TABLE_PROPERTY: line 1:1: UNLOAD needs"},
           {"UNLOAD (SELECT nosuch)" + to + "WITH (format = 'JSON')",
            "COLUMN_NOT_FOUND: line 1:16: Column 'nosuch' cannot be resolved"},
           {"UNLOAD (SELECT 1 AS a, 2 AS b)" + to +
                "WITH (format = 'JSON', partitioned_by = ARRAY['a'])",
            "HIVE_COLUMN_ORDER_MISMATCH"},
           {"UNLOAD (SELECT uuid() AS a)" + to + "WITH (format = 'JSON')",
            "NOT_SUPPORTED: Unsupported Hive type: uuid"},
           {"UNLOAD (SELECT 1 AS a) TO 'nonsense' WITH (format = 'JSON')",
            "INVALID_TABLE_PROPERTY: line 1:27: "},
           {"UNLOAD (SELECT 1)" + to +
                "WITH (format = 'PARQUET', compression = 'ZSTD', compression_level = 4)",
            "NOT_SUPPORTED: line 1:1: UNLOAD, which writes rows into files, is not supported"}}) {
    EXPECT_THAT(Rows(statement), StartsWith(error)) << statement;
  }
}

TEST_F(StatementsTest, SourcesAreNotChanged) {
  for (const std::string& statement : std::vector<std::string>{
           "INSERT INTO mysql.sales.orders VALUES (3, 'x')",
           "CREATE TABLE mysql.sales.u AS SELECT 1 AS a",
           "CREATE VIEW mysql.sales.u AS SELECT 1 AS a", "DELETE FROM mysql.sales.orders",
           "UPDATE mysql.sales.orders SET o_comment = 'x'",
           "MERGE INTO mysql.sales.orders USING v ON k = 1 WHEN MATCHED THEN DELETE",
           "OPTIMIZE mysql.sales.orders REWRITE DATA USING BIN_PACK", "VACUUM mysql.sales.orders",
           "DROP TABLE mysql.sales.orders", "DROP VIEW mysql.sales.orders",
           "CREATE EXTERNAL TABLE mysql.sales.u (a int) LOCATION 's3://b/p/'",
           "ALTER TABLE mysql.sales.orders ADD COLUMNS (x int)",
           "MSCK REPAIR TABLE mysql.sales.orders", "DROP DATABASE mysql.d",
           "SHOW CREATE TABLE mysql.sales.orders", "SHOW PARTITIONS mysql.sales.orders",
           "SHOW TBLPROPERTIES mysql.sales.orders"}) {
    EXPECT_THAT(Rows(statement), AllOf(StartsWith("NOT_SUPPORTED: "), HasSubstr(refused_)))
        << statement;
  }
  session_.catalog = "mysql";
  session_.database = "sales";
  EXPECT_THAT(Rows("INSERT INTO orders VALUES (3, 'x')"), HasSubstr(refused_));
  EXPECT_EQ(Rows("SHOW VIEWS"), "[]");
  EXPECT_EQ(Rows("SHOW VIEWS IN mysql.nosuch"),
            "SCHEMA_NOT_FOUND: line 1:15: Schema 'nosuch' does not exist");
}

TEST_F(StatementsTest, RowsOfHiveTablesAreNotChanged) {
  const std::string error =
      "NOT_SUPPORTED: line 1:1: Modifying Hive table rows is only supported for transactional "
      "tables";
  EXPECT_EQ(Rows("DELETE FROM t WHERE a = 1"), error);
  EXPECT_EQ(Rows("UPDATE t SET a = 1"), error);
  EXPECT_THAT(Rows("DELETE FROM nosuch"), StartsWith("TABLE_NOT_FOUND"));
  EXPECT_THAT(Rows("VACUUM t"), HasSubstr("VACUUM is for Iceberg tables only"));
}

TEST_F(StatementsTest, LambdaFunctionsAreCatalogs) {
  EXPECT_EQ(Rows("SELECT o_orderkey FROM \"lambda:MyFunction\".sales.orders ORDER BY 1"),
            "[[1],[2]]");
  EXPECT_EQ(Rows("SELECT o.o_orderkey FROM \"LAMBDA:arn:aws:lambda:us-east-1:1:function:f\".sales."
                 "orders o JOIN mysql.sales.orders p ON o.o_orderkey = p.o_orderkey ORDER BY 1"),
            "[[1],[2]]");
  EXPECT_EQ(Rows("SHOW TABLES IN `lambda:f`.sales"), R"([["orders"]])");
  EXPECT_EQ(Rows("SHOW DATABASES IN `lambda:f`"), R"([["sales"]])");
  EXPECT_THAT(Rows("SHOW DATABASES IN `lambda:Nobody`"), HasSubstr("Function not found: Nobody"));
  EXPECT_THAT(Rows("SHOW CATALOGS"), testing::Not(HasSubstr("lambda")));
  EXPECT_THAT(Rows("SELECT * FROM \"lambda:Nobody\".sales.orders"),
              HasSubstr("Function not found: Nobody"));
  EXPECT_THAT(Rows("SELECT * FROM \"lambda:\".sales.orders"), StartsWith("CATALOG_NOT_FOUND"));
  session_.catalog = "lambda:MyFunction";
  session_.database = "sales";
  EXPECT_EQ(Rows("SELECT count(*) FROM orders"), "[[2]]");
  EXPECT_THAT(Rows("INSERT INTO orders VALUES (1, 'x')"), HasSubstr(refused_));
}

TEST_F(StatementsTest, LambdaFunctionsNeedAnEndpoint) {
  const federation::SourceRegistry none;
  resolver_ = catalog::MakeTableResolver(*metastore_, none, *locations_);
  EXPECT_EQ(Rows("SELECT * FROM \"lambda:f\".sales.orders"),
            "NOT_SUPPORTED: line 1:15: Catalog 'lambda:f' is a Lambda function, and no Lambda "
            "endpoint is configured");
  resolver_.reset();
}

}  // namespace
}  // namespace pallas
