// TABLE(catalog.system.query(...)): a source's own SQL, on a real server.

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/mysql/testing/test_server.h"
#include "tests/athena/fixture.h"

namespace pallas {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class PassthroughTest : public AthenaTest {
 protected:
  void SetUp() override {
    AthenaTest::SetUp();
    const absl::Status made = mysql::TestServer().Execute(
        "CREATE DATABASE IF NOT EXISTS shop; USE shop;"
        "CREATE OR REPLACE TABLE orders (id INT PRIMARY KEY, price DECIMAL(10,2), f FLOAT, "
        "name VARCHAR(20), paid TINYINT(1), made DATETIME(3), data BLOB);"
        "INSERT INTO orders VALUES (1, 1.50, 1234567.89, 'ä', 1, '2020-01-02 03:04:05.678', x'00'),"
        "(2, 2.25, NULL, NULL, 0, NULL, NULL), (3, 3.00, 0.1, 'it''s', 1, NULL, x'ff')");
    ASSERT_TRUE(made.ok()) << made;
    Connect({});
  }

  void Connect(const std::map<std::string, std::string>& options) {
    auto connector = mysql::TestServer().MakeConnector(options);
    ASSERT_TRUE(connector.ok()) << connector.status();
    sources_->Put(std::make_shared<federation::Source>(
        "shop", *std::move(connector), federation::SourceOptions{}, Clock::System()));
  }
};

TEST_F(PassthroughTest, TheServerRunsTheQuery) {
  EXPECT_EQ(Rows("SELECT * FROM TABLE(shop.system.query(query => 'SELECT id, price + 0 AS price, "
                 "name FROM "
                 "shop.orders WHERE id < 3 ORDER BY id'))"),
            R"([[1,"1.50","ä"],[2,"2.25",null]])");
  // By position, with another case of names, and what only MariaDB understands.
  EXPECT_EQ(Rows("SELECT * FROM TABLE(SHOP.System.QUERY('SELECT `name`, price DIV 1 AS whole FROM "
                 "shop.orders ORDER BY id LIMIT 1 OFFSET 2;'))"),
            R"([["it's",3]])");
}

TEST_F(PassthroughTest, TypesAreThoseOfTheResult) {
  EXPECT_EQ(Types("SELECT * FROM TABLE(shop.system.query('SELECT * FROM shop.orders'))"),
            "integer, decimal(10,2), real, varchar, boolean, timestamp(3), varbinary");
  EXPECT_EQ(Rows("SELECT id, f, paid, made, data FROM TABLE(shop.system.query('SELECT * FROM "
                 "shop.orders')) WHERE id = 1"),
            R"([[1,1234567.9,true,"2020-01-02 03:04:05.678","0x00"]])");
  EXPECT_EQ(Types("SELECT * FROM TABLE(shop.system.query('SELECT COUNT(*) c, SUM(price) s, AVG(id) "
                  "a, NULL n, 1.5e0 d, CURDATE() t, CAST(1 AS UNSIGNED) u FROM shop.orders'))"),
            "bigint, decimal(32,2), decimal(14,4), varchar, double, date, bigint");
  // The text of a FLOAT would be rounded.
  EXPECT_EQ(Rows("SELECT f * 100 FROM TABLE(shop.system.query('SELECT f FROM shop.orders WHERE id "
                 "= 1 -- one'))"),
            "[[123456780.0]]");
}

TEST_F(PassthroughTest, IsATableLikeAnyOther) {
  Run("CREATE VIEW default.cheap AS SELECT q.id FROM TABLE(shop.system.query('SELECT id, price "
      "FROM "
      "shop.orders')) AS q WHERE q.price < 3");
  EXPECT_EQ(
      Rows("SELECT c.id, o.o_comment FROM default.cheap c JOIN mysql.sales.orders o ON c.id = "
           "o.o_orderkey ORDER BY 1"),
      R"([[1,"first"],[2,null]])");
  EXPECT_EQ(Rows("SELECT count(*) FROM TABLE(shop.system.query('SELECT name FROM shop.orders'))"),
            "[[3]]");
  EXPECT_EQ(Rows("SELECT a + b FROM TABLE(shop.system.query('SELECT 1, 2')) AS t (a, b)"), "[[3]]");
  EXPECT_THAT(Rows("EXPLAIN SELECT id FROM TABLE(shop.system.query('SELECT id FROM shop.orders')) "
                   "WHERE id > 1"),
              AllOf(HasSubstr("SELECT id FROM shop.orders"),
                    HasSubstr("the query is sent as it is written")));
}

TEST_F(PassthroughTest, EqualNamesAreToldApart) {
  EXPECT_EQ(Rows("SELECT id, id_2 FROM TABLE(shop.system.query('SELECT 1 AS id, 2 AS ID'))"),
            "[[1,2]]");
}

TEST_F(PassthroughTest, OtherStatementsThanQueries) {
  EXPECT_THAT(Rows("SELECT * FROM TABLE(shop.system.query('SHOW TABLES IN shop'))"),
              HasSubstr("orders"));
  EXPECT_THAT(Rows("SELECT * FROM TABLE(shop.system.query('DELETE FROM shop.orders'))"),
              HasSubstr("DELETE command denied"));
  EXPECT_THAT(Rows("SELECT * FROM TABLE(shop.system.query('DO 1'))"),
              HasSubstr("The query gives no rows"));
  EXPECT_THAT(Rows("SELECT * FROM TABLE(shop.system.query('SELECT ?'))"),
              HasSubstr("The query has parameters"));
  EXPECT_EQ(Rows("SELECT count(*) FROM TABLE(shop.system.query('SELECT 1 FROM shop.orders'))"),
            "[[3]]");
}

TEST_F(PassthroughTest, ErrorsAreTheServers) {
  EXPECT_THAT(Rows("SELECT * FROM TABLE(shop.system.query('SELEC 1'))"),
              AllOf(HasSubstr("Catalog 'shop'"), HasSubstr("SQL syntax")));
  EXPECT_THAT(Rows("SELECT * FROM TABLE(shop.system.query('SELECT * FROM shop.nosuch'))"),
              HasSubstr("shop.nosuch"));
}

TEST_F(PassthroughTest, ArgumentsAreChecked) {
  const auto call = [](const std::string& arguments) {
    return absl::StrCat("SELECT * FROM TABLE(shop.system.query(", arguments, "))");
  };
  EXPECT_EQ(Rows(call("")), "MISSING_ARGUMENT: line 1:21: Missing argument: QUERY");
  EXPECT_EQ(Rows(call("text => 'x'")),
            "INVALID_FUNCTION_ARGUMENT: line 1:39: Unexpected argument name: TEXT");
  EXPECT_EQ(Rows(call("'x', 'y'")),
            "INVALID_ARGUMENTS: line 1:39: Too many arguments. Expected at most 1 arguments, got 2 "
            "arguments");
  EXPECT_EQ(
      Rows(call("query => TABLE(mysql.sales.orders)")),
      "INVALID_FUNCTION_ARGUMENT: line 1:39: Invalid argument QUERY. Expected expression, got "
      "table");
  EXPECT_EQ(
      Rows(call("query => DESCRIPTOR(a)")),
      "INVALID_FUNCTION_ARGUMENT: line 1:39: Invalid argument QUERY. Expected expression, got "
      "descriptor");
  EXPECT_EQ(Rows(call("query => 1")),
            "TYPE_MISMATCH: line 1:48: Cannot cast type integer to varchar");
  EXPECT_THAT(Rows(call("query => ''")), HasSubstr("QUERY is empty"));
  EXPECT_THAT(Rows(call("query => NULL")), HasSubstr("QUERY is null"));
}

TEST_F(PassthroughTest, ParametersAreArguments) {
  Run("PREPARE q FROM SELECT * FROM TABLE(shop.system.query(query => ?))");
  EXPECT_EQ(Rows("EXECUTE q USING 'SELECT MAX(id) FROM shop.orders'"), "[[3]]");
}

TEST_F(PassthroughTest, NamesThatAreNoFunction) {
  EXPECT_EQ(Rows("SELECT * FROM TABLE(shop.system.script('x'))"),
            "FUNCTION_NOT_FOUND: line 1:21: Table function 'shop.system.script' not registered");
  EXPECT_EQ(Rows("SELECT * FROM TABLE(mysql.system.query('x'))"),
            "FUNCTION_NOT_FOUND: line 1:21: Table function 'mysql.system.query' not registered");
  EXPECT_EQ(Rows("SELECT * FROM TABLE(nosuch('x'))"),
            "FUNCTION_NOT_FOUND: line 1:21: Table function 'nosuch' not registered");
  EXPECT_THAT(Rows("SELECT * FROM TABLE(nocat.system.query('x'))"),
              StartsWith("CATALOG_NOT_FOUND: line 1:21: Catalog 'nocat' not found"));
  Connect({{"enable_query_passthrough", "false"}});
  EXPECT_EQ(Rows("SELECT * FROM TABLE(shop.system.query('SELECT 1'))"),
            "FUNCTION_NOT_FOUND: line 1:21: Table function 'shop.system.query' not registered");
}

}  // namespace
}  // namespace pallas
