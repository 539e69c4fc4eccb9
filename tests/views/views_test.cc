// Views over several sources, and information_schema, through SQL with the real engine.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "catalog/metastore.h"
#include "catalog/table_resolver.h"
#include "engine/duckdb/duckdb_engine.h"
#include "federation/reader_pool.h"
#include "federation/source.h"
#include "query/statement_runner.h"
#include "sdk/testing/memory_connector.h"
#include "storage/locations.h"
#include "tests/conformance/answer.h"

namespace pallas {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Cell = std::variant<int64_t, double, std::string>;

std::shared_ptr<arrow::DataType> TypeOf(const Cell& cell) {
  return std::holds_alternative<int64_t>(cell)  ? arrow::int64()
         : std::holds_alternative<double>(cell) ? arrow::float64()
                                                : arrow::utf8();
}

template <typename Builder, typename T>
std::shared_ptr<arrow::Array> Build(const std::vector<std::vector<Cell>>& rows, size_t column) {
  Builder builder;
  for (const std::vector<Cell>& row : rows) {
    EXPECT_TRUE(builder.Append(std::get<T>(row[column])).ok());
  }
  return *builder.Finish();
}

// A table whose column types are those of its first row.
sdk::MemoryTable MakeTable(sdk::TableName name, const std::vector<std::string>& columns,
                           const std::vector<std::vector<Cell>>& rows) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < columns.size(); ++i) {
    const Cell& first = rows.front()[i];
    fields.push_back(arrow::field(columns[i], TypeOf(first)));
    arrays.push_back(std::holds_alternative<int64_t>(first)
                         ? Build<arrow::Int64Builder, int64_t>(rows, i)
                     : std::holds_alternative<double>(first)
                         ? Build<arrow::DoubleBuilder, double>(rows, i)
                         : Build<arrow::StringBuilder, std::string>(rows, i));
  }
  const auto schema = arrow::schema(std::move(fields));
  const auto batch =
      arrow::RecordBatch::Make(schema, static_cast<int64_t>(rows.size()), std::move(arrays));
  return {std::move(name), schema, {batch}, static_cast<double>(rows.size())};
}

// The mesh of the tests: the lake has lineitem, three sources the rest.
class ViewsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "pallas-views-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    metastore_ = *catalog::Metastore::Open(":memory:");
    locations_ = *storage::Locations::Make({folder_, {folder_}});
    readers_ = std::make_unique<federation::ReaderPool>(8);
    resolver_ = catalog::MakeTableResolver(*metastore_, sources_, *locations_);
    engine_ = *engine::MakeDuckDbEngine({}, *locations_, *readers_);
    Put("mysql", {MakeTable({"sales", "orders"}, {"o_orderkey", "o_orderdate"},
                            {{int64_t{1}, "1995-03-01"}, {int64_t{2}, "1996-07-09"}}),
                  MakeTable({"sales", "supplier"}, {"s_suppkey", "s_nationkey"},
                            {{int64_t{7}, int64_t{0}}, {int64_t{8}, int64_t{1}}})});
    Put("redis", {MakeTable({"redis", "nation"}, {"_key_", "n_name"},
                            {{"nation-0", "ALGERIA"}, {"nation-1", "BRAZIL"}})});
    Put("dynamo",
        {MakeTable({"default", "part"}, {"p_partkey"}, {{int64_t{5}}, {int64_t{6}}}),
         MakeTable({"default", "partsupp"}, {"ps_partkey", "ps_suppkey", "ps_supplycost"},
                   {{int64_t{5}, int64_t{7}, "2.00"}, {int64_t{6}, int64_t{8}, "1.50"}})});
    std::filesystem::create_directories(folder_ + "/lineitem");
    absl::StatusOr<query::StatementResult> rows = Execute(
        "SELECT * FROM (VALUES (1, 5, 7, 2E0, 100E0, 0.1E0), (2, 6, 8, 1E0, 50E0, 0E0), "
        "(2, 5, 7, 1E0, 20E0, 0.5E0)) t (l_orderkey, l_partkey, l_suppkey, l_quantity, "
        "l_extendedprice, l_discount)");
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_TRUE(engine_->WriteParquet(*rows->rows, folder_ + "/lineitem/0.parquet").ok());
    Run("CREATE DATABASE data_lake");
    Run(
        absl::StrCat("CREATE EXTERNAL TABLE data_lake.lineitem (l_orderkey int, l_partkey int, "
                     "l_suppkey int, l_quantity double, l_extendedprice double, l_discount double) "
                     "STORED AS PARQUET LOCATION 'file://",
                     folder_, "/lineitem/'"));
    session_.database = "data_lake";
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  sdk::MemoryConnector* Put(const std::string& catalog, std::vector<sdk::MemoryTable> tables) {
    auto connector = std::make_unique<sdk::MemoryConnector>(std::move(tables));
    sdk::MemoryConnector* const kept = connector.get();
    sources_.Put(std::make_shared<federation::Source>(
        catalog, std::move(connector), federation::SourceOptions{}, Clock::System()));
    return kept;
  }

  absl::StatusOr<query::StatementResult> Execute(const std::string& sql) {
    session_.start_time = absl::Now();
    query::StatementRunner runner({*metastore_, *resolver_, *locations_, *engine_});
    return runner.Run(sql, session_, {});
  }

  // The rows as JSON, or the error.
  std::string Rows(const std::string& sql) {
    absl::StatusOr<query::StatementResult> result = Execute(sql);
    const conformance::Answer answer = result.ok() ? conformance::ReadAnswer(*result->rows)
                                                   : conformance::ErrorAnswer(result.status());
    return answer.failed() ? absl::StrCat(answer.error_code, ": ", answer.error_message)
                           : answer.rows.dump();
  }

  void Run(const std::string& sql) {
    const absl::Status status = Execute(sql).status();
    EXPECT_TRUE(status.ok()) << sql << "\n" << status;
  }

  static constexpr char kFederatedView[] =
      "CREATE OR REPLACE VIEW data_lake.federated_view AS\n"
      "SELECT n_name AS nation, year(CAST(o_orderdate AS date)) AS o_year,\n"
      "       l_extendedprice * (1 - l_discount) - CAST(ps_supplycost AS double) * l_quantity AS "
      "amount\n"
      "FROM awsdatacatalog.data_lake.lineitem, dynamo.default.part, dynamo.default.partsupp,\n"
      "     mysql.sales.supplier, mysql.sales.orders, redis.redis.nation\n"
      "WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND\n"
      "      p_partkey = l_partkey AND o_orderkey = l_orderkey AND\n"
      "      s_nationkey = CAST(regexp_extract(_key_, '.*-(.*)', 1) AS int)";

  std::string folder_;
  std::unique_ptr<catalog::Metastore> metastore_;
  std::unique_ptr<storage::Locations> locations_;
  federation::SourceRegistry sources_;
  std::unique_ptr<catalog::TableResolver> resolver_;
  std::unique_ptr<federation::ReaderPool> readers_;
  std::unique_ptr<engine::QueryEngine> engine_;
  sql::Session session_;
};

TEST_F(ViewsTest, AViewOverFourSourcesIsAggregated) {
  Run(kFederatedView);
  EXPECT_EQ(Rows("DESCRIBE federated_view"),
            R"([["nation","varchar"],["o_year","bigint"],["amount","double"]])");
  const std::string totals = R"([["ALGERIA",94.0],["BRAZIL",48.5]])";
  EXPECT_EQ(Rows("SELECT nation, sum(amount) AS total FROM federated_view GROUP BY nation "
                 "ORDER BY nation"),
            totals);
  Run("CREATE VIEW totals AS SELECT nation, sum(amount) AS total FROM federated_view "
      "GROUP BY nation");
  EXPECT_EQ(Rows("SELECT * FROM totals ORDER BY nation"), totals);
  // Names in a view are looked up where it was made, whatever the session says.
  session_.catalog = "redis";
  session_.database = "redis";
  EXPECT_EQ(Rows("SELECT * FROM awsdatacatalog.data_lake.totals ORDER BY nation"), totals);
  EXPECT_EQ(Rows("SELECT t.total FROM AwsDataCatalog.Data_Lake.Totals t, nation WHERE "
                 "t.nation = n_name AND _key_ = 'nation-1'"),
            "[[48.5]]");
}

TEST_F(ViewsTest, ViewsMadeInAnotherCatalogReadItsTables) {
  session_.catalog = "redis";
  session_.database = "redis";
  Run("CREATE VIEW awsdatacatalog.data_lake.nations AS SELECT n_name FROM nation");
  session_.catalog = "awsdatacatalog";
  session_.database = "data_lake";
  EXPECT_EQ(Rows("SELECT * FROM nations ORDER BY 1"), R"([["ALGERIA"],["BRAZIL"]])");
  EXPECT_THAT(Rows("CREATE VIEW redis.redis.v AS SELECT 1 AS x"),
              HasSubstr("NOT_SUPPORTED: line 1:13: This operation is currently not supported for "
                        "external catalogs"));
}

TEST_F(ViewsTest, AReplacedViewIsSeenByThoseAboveIt) {
  Run("CREATE VIEW low AS SELECT n_name AS name FROM redis.redis.nation");
  Run("CREATE VIEW high AS SELECT upper(name) AS name FROM low");
  Run("CREATE OR REPLACE VIEW low AS SELECT 'x' AS name");
  EXPECT_EQ(Rows("SELECT * FROM high"), R"([["X"]])");
  EXPECT_THAT(Rows("CREATE OR REPLACE VIEW low AS SELECT name FROM high"),
              HasSubstr("VIEW_IS_RECURSIVE: "));
  // The refused statement changed nothing.
  EXPECT_EQ(Rows("SELECT * FROM high"), R"([["X"]])");
  Run("CREATE OR REPLACE VIEW low AS SELECT 1 AS name, 2 AS more");
  EXPECT_THAT(Rows("SELECT * FROM high"), HasSubstr("INVALID_VIEW: "));
  Run("DROP VIEW low");
  EXPECT_THAT(Rows("SELECT * FROM high"),
              AllOf(HasSubstr("INVALID_VIEW: line 1:15: Failed analyzing stored view "
                              "'awsdatacatalog.data_lake.high': line 1:"),
                    HasSubstr("Table 'awsdatacatalog.data_lake.low' does not exist")));
}

TEST_F(ViewsTest, AViewWhoseSourceChangedSaysSo) {
  Run("CREATE VIEW s AS SELECT * FROM mysql.sales.supplier");
  Run("CREATE VIEW named AS SELECT s_nationkey FROM mysql.sales.supplier");
  EXPECT_EQ(Rows("SELECT sum(s_nationkey) FROM s"), "[[1]]");
  // A column of another type.
  Put("mysql",
      {MakeTable({"sales", "supplier"}, {"s_suppkey", "s_nationkey"}, {{int64_t{7}, "0"}})});
  EXPECT_EQ(Rows("SELECT * FROM s"),
            "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.data_lake.s' is stale or in invalid "
            "state: column [s_nationkey] of type varchar projected from query view at position 1 "
            "cannot be coerced to column [s_nationkey] of type bigint stored in view definition; "
            "it must be re-created");
  // A column dropped.
  Put("mysql", {MakeTable({"sales", "supplier"}, {"s_suppkey"}, {{int64_t{7}}})});
  EXPECT_EQ(Rows("SELECT 1 FROM s"),
            "VIEW_IS_STALE: line 1:15: View 'awsdatacatalog.data_lake.s' is stale or in invalid "
            "state: stored view column count (2) does not match column count derived from the view "
            "query analysis (1); it must be re-created");
  EXPECT_EQ(Rows("SELECT * FROM named"),
            "INVALID_VIEW: line 1:15: Failed analyzing stored view "
            "'awsdatacatalog.data_lake.named': line 1:8: Column 's_nationkey' cannot be resolved");
  // The table gone, then the catalog.
  Put("mysql", {MakeTable({"sales", "orders"}, {"a"}, {{int64_t{7}}})});
  EXPECT_THAT(Rows("SELECT * FROM s"),
              AllOf(HasSubstr("INVALID_VIEW: line 1:15: Failed analyzing stored view "
                              "'awsdatacatalog.data_lake.s'"),
                    HasSubstr("Table 'mysql.sales.supplier' does not exist")));
  sources_.Remove("mysql");
  EXPECT_THAT(Rows("SELECT * FROM s"), HasSubstr("Catalog 'mysql' not found"));
  // What was stored is still told, and the view can be replaced and dropped.
  EXPECT_EQ(Rows("DESCRIBE s"), R"([["s_suppkey","bigint"],["s_nationkey","bigint"]])");
  Run("CREATE OR REPLACE VIEW s AS SELECT 5 AS five");
  EXPECT_EQ(Rows("SELECT * FROM s"), "[[5]]");
  Run("DROP VIEW named");
}

TEST_F(ViewsTest, ASourceThatIsDownIsNoStaleView) {
  Run("CREATE VIEW s AS SELECT * FROM mysql.sales.supplier");
  sdk::MemoryConnector* const down =
      Put("mysql", {MakeTable({"sales", "supplier"}, {"s_suppkey"}, {{int64_t{7}}})});
  down->options().faults.fail_at_call = 1;
  EXPECT_THAT(Rows("SELECT * FROM s"),
              AllOf(HasSubstr("the source is down"), HasSubstr("mysql"), Not(HasSubstr("stale")),
                    Not(HasSubstr("INVALID_VIEW"))));
}

TEST_F(ViewsTest, ARowWrittenToASourceIsInTheNextAnswer) {
  Run("CREATE VIEW names AS SELECT count(*) AS n FROM redis.redis.nation");
  EXPECT_EQ(Rows("SELECT n FROM names"), "[[2]]");
  Put("redis", {MakeTable({"redis", "nation"}, {"_key_", "n_name"},
                          {{"nation-0", "A"}, {"nation-1", "B"}, {"nation-2", "C"}})});
  EXPECT_EQ(Rows("SELECT n FROM names"), "[[3]]");
}

TEST_F(ViewsTest, InformationSchemaTellsOfEveryCatalog) {
  Run(kFederatedView);
  EXPECT_EQ(Rows("SELECT * FROM mysql.information_schema.schemata ORDER BY 2"),
            R"([["mysql","information_schema"],["mysql","sales"]])");
  EXPECT_EQ(Rows("SELECT * FROM information_schema.tables WHERE table_schema = 'data_lake' "
                 "ORDER BY table_name"),
            R"([["awsdatacatalog","data_lake","federated_view","VIEW"],)"
            R"(["awsdatacatalog","data_lake","lineitem","BASE TABLE"]])");
  EXPECT_EQ(Rows("SELECT * FROM information_schema.columns WHERE table_name = 'federated_view' "
                 "ORDER BY ordinal_position"),
            R"([["awsdatacatalog","data_lake","federated_view","nation",1,null,"YES","varchar"],)"
            R"(["awsdatacatalog","data_lake","federated_view","o_year",2,null,"YES","bigint"],)"
            R"(["awsdatacatalog","data_lake","federated_view","amount",3,null,"YES","double"]])");
  EXPECT_EQ(Rows("SELECT table_name, regexp_like(view_definition, '^SELECT n_name AS nation') "
                 "FROM information_schema.views"),
            R"([["federated_view",true]])");
  EXPECT_EQ(Rows("SELECT c.column_name, c.comment FROM dynamo.information_schema.tables t JOIN "
                 "dynamo.information_schema.columns c ON t.table_name = c.table_name AND "
                 "t.table_schema = c.table_schema WHERE t.table_schema <> 'information_schema' "
                 "AND ordinal_position = 1 ORDER BY 1"),
            R"([["p_partkey",null],["ps_partkey",null]])");
  EXPECT_EQ(Rows("SELECT count(*) FROM dynamo.INFORMATION_SCHEMA.Tables"), "[[6]]");
  EXPECT_EQ(Rows("SELECT table_name FROM dynamo.information_schema.tables WHERE table_schema LIKE "
                 "'def%' ORDER BY table_name LIMIT 1"),
            R"([["part"]])");
  EXPECT_THAT(Rows("SELECT * FROM information_schema.roles"),
              HasSubstr("TABLE_NOT_FOUND: line 1:15: Table "
                        "'awsdatacatalog.information_schema.roles' does not exist"));
  EXPECT_THAT(Rows("SELECT * FROM nowhere.information_schema.tables"),
              HasSubstr("CATALOG_NOT_FOUND: line 1:15: "));
}

TEST_F(ViewsTest, InformationSchemaAsksASourceForNoMoreThanItNeeds) {
  std::vector<sdk::MemoryTable> tables;
  for (int i = 0; i < 100; ++i) {
    tables.push_back(MakeTable({"s", absl::StrCat("t", i)}, {"a"}, {{int64_t{i}}}));
  }
  sdk::MemoryConnector* const source = Put("wide", std::move(tables));
  EXPECT_EQ(Rows("SELECT column_name FROM wide.information_schema.columns WHERE table_schema = 's' "
                 "AND table_name = 't7'"),
            R"([["a"]])");
  EXPECT_EQ(source->calls(), 1);
  EXPECT_EQ(Rows("SELECT count(*) FROM wide.information_schema.tables WHERE table_schema = 's'"),
            "[[100]]");
  EXPECT_EQ(source->calls(), 2);
  source->options().faults = {.fail_at_call = 3,
                              .error = absl::PermissionDeniedError("metadata is not for you")};
  EXPECT_THAT(
      Rows("SELECT count(*) FROM wide.information_schema.columns"),
      AllOf(HasSubstr("wide.information_schema.columns"), HasSubstr("metadata is not for you")));
}

}  // namespace
}  // namespace pallas
