#include "cli/shell/completer.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

using Names = std::vector<std::string>;

// A small mesh; remembers what it was asked.
class FakeSource final : public CompletionSource {
 public:
  Names Catalogs() override {
    asked.emplace_back("catalogs");
    return {"awsdatacatalog", "mysql", "odd-one"};
  }

  Names Databases(const std::string& catalog) override {
    asked.push_back(catalog);
    return catalog == "awsdatacatalog" ? Names{"default", "data_lake"}
           : catalog == "mysql"        ? Names{"sales"}
                                       : Names{};
  }

  Names Tables(const std::string& catalog, const std::string& database) override {
    asked.push_back(catalog + "." + database);
    return catalog == "awsdatacatalog" && database == "data_lake" ? Names{"lineitem", "Line Items"}
           : catalog == "mysql" && database == "sales" ? Names{"orders", "order_lines", "customer"}
                                                       : Names{};
  }

  Names Columns(const catalog::QualifiedName& table) override {
    asked.push_back(table.ToString());
    static const std::map<std::string, Names> columns = {
        {"awsdatacatalog.data_lake.lineitem", {"l_orderkey", "l_price", "group"}},
        {"mysql.sales.orders", {"o_orderkey", "o_orderdate"}}};
    const auto found = columns.find(table.ToString());
    return found == columns.end() ? Names{} : found->second;
  }

  Names asked;
};

// The candidates where `text` has a bar, in awsdatacatalog.data_lake.
class CompleterTest : public testing::Test {
 protected:
  Completion At(std::string text) {
    const size_t cursor = text.find('|');
    text.erase(cursor, 1);
    return Complete(text, cursor, "awsdatacatalog", "data_lake", source_);
  }

  Names Texts(const std::string& text) {
    Names texts;
    for (const Candidate& candidate : At(text).candidates) {
      texts.push_back(candidate.text);
    }
    return texts;
  }

  FakeSource source_;
};

TEST_F(CompleterTest, StatementsBeginWithTheirWords) {
  EXPECT_THAT(Texts("|"), AllOf(Contains("SELECT"), Contains("SHOW"), Not(Contains("FROM"))));
  EXPECT_THAT(Texts("se|"), ElementsAre("select"));
  EXPECT_THAT(Texts("SE|"), ElementsAre("SELECT"));
  EXPECT_THAT(Texts("SELECT 1; SEL|"), ElementsAre("SELECT"));
  EXPECT_THAT(Texts("EXPLAIN SEL|"), ElementsAre("SELECT"));
  EXPECT_THAT(source_.asked, IsEmpty());
}

TEST_F(CompleterTest, WordsThatMustFollow) {
  EXPECT_THAT(Texts("SHOW T|"), ElementsAre("TABLES", "TBLPROPERTIES"));
  EXPECT_THAT(Texts("SHOW CREATE |"), ElementsAre("TABLE", "VIEW"));
  EXPECT_THAT(Texts("SELECT a FROM t GROUP |"), ElementsAre("BY"));
  EXPECT_THAT(Texts("create or replace |"), ElementsAre("VIEW"));
  EXPECT_EQ(At("SHOW TA|").candidates[0].after, " ");
}

TEST_F(CompleterTest, TablesBehindFrom) {
  EXPECT_THAT(Texts("SELECT * FROM |"),
              ElementsAre("\"Line Items\"", "\"odd-one\"", "awsdatacatalog", "data_lake", "default",
                          "lineitem", "mysql"));
  EXPECT_THAT(Texts("SELECT * FROM lin|"), ElementsAre("\"Line Items\"", "lineitem"));
  EXPECT_THAT(Texts("SELECT * FROM LINEI|"), ElementsAre("lineitem"));
  EXPECT_THAT(Texts("SELECT * FROM a JOIN my|"), ElementsAre("mysql"));
  EXPECT_THAT(Texts("SELECT * FROM a, my|"), ElementsAre("mysql"));
  EXPECT_THAT(Texts("SELECT * FROM a x,\n my|"), ElementsAre("mysql"));
  EXPECT_THAT(Texts("SELECT * FROM (lineit|"), ElementsAre("lineitem"));
  EXPECT_THAT(Texts("INSERT INTO linei|"), ElementsAre("lineitem"));
  EXPECT_THAT(Texts("DESCRIBE linei|"), ElementsAre("lineitem"));
  EXPECT_THAT(Texts("DROP TABLE IF EXISTS linei|"), ElementsAre("lineitem"));
  EXPECT_THAT(Texts("SELECT * FROM t WHERE a IN (SELECT b FROM linei|"), ElementsAre("lineitem"));
  EXPECT_EQ(At("SELECT * FROM my|").candidates[0].after, ".");
}

TEST_F(CompleterTest, QualifiedTables) {
  EXPECT_THAT(Texts("SELECT * FROM mysql.|"), ElementsAre("sales"));
  EXPECT_THAT(Texts("SELECT * FROM mysql.sales.ord|"), ElementsAre("order_lines", "orders"));
  EXPECT_THAT(Texts("SELECT * FROM \"mysql\".sales.c|"), ElementsAre("customer"));
  EXPECT_THAT(Texts("SELECT * FROM data_lake.linei|"), ElementsAre("lineitem"));
  EXPECT_THAT(Texts("SELECT * FROM nosuch.|"), IsEmpty());
  EXPECT_EQ(At("SELECT * FROM mysql.sales.ord|").begin, 26U);
}

TEST_F(CompleterTest, ATableIsFollowedByKeywords) {
  EXPECT_THAT(Texts("SELECT * FROM lineitem wh|"), ElementsAre("when", "where"));
  EXPECT_THAT(Texts("SELECT * FROM lineitem |"), IsEmpty());
  EXPECT_THAT(Texts("SELECT * FROM (SELECT 1) lineit|"), IsEmpty());
}

TEST_F(CompleterTest, ColumnsOfTheTablesThatAreNamed) {
  EXPECT_THAT(Texts("SELECT | FROM lineitem"),
              ElementsAre("\"group\"", "l_orderkey", "l_price", "lineitem"));
  EXPECT_THAT(Texts("SELECT l_p| FROM lineitem"), ElementsAre("l_price"));
  EXPECT_THAT(Texts("SELECT 1 FROM lineitem JOIN mysql.sales.orders ON l_orderkey = o_|"),
              ElementsAre("o_orderdate", "o_orderkey"));
  EXPECT_THAT(Texts("SELECT 1 FROM lineitem, mysql.sales.orders\nWHERE o_orderd|"),
              ElementsAre("o_orderdate"));
  EXPECT_THAT(source_.asked, Not(Contains("catalogs")));
}

TEST_F(CompleterTest, ColumnsBehindAnAliasOrATable) {
  EXPECT_THAT(Texts("SELECT o.| FROM lineitem l JOIN mysql.sales.orders AS o ON true"),
              ElementsAre("o_orderdate", "o_orderkey"));
  EXPECT_THAT(Texts("SELECT orders.o_orderd| FROM mysql.sales.orders"), ElementsAre("o_orderdate"));
  EXPECT_THAT(Texts("SELECT sales.orders.o_orderd| FROM mysql.sales.orders"),
              ElementsAre("o_orderdate"));
  EXPECT_THAT(Texts("SELECT x.| FROM lineitem l"), IsEmpty());
  EXPECT_THAT(Texts("SELECT lineitem.| FROM lineitem l"), IsEmpty());
}

TEST_F(CompleterTest, FunctionsAndKeywordsInTheCaseOfTheWord) {
  EXPECT_THAT(Texts("SELECT date_tr|"), ElementsAre("date_trunc"));
  EXPECT_THAT(Texts("SELECT DATE_TR|"), ElementsAre("DATE_TRUNC"));
  EXPECT_EQ(At("SELECT date_tr|").candidates[0].after, "(");
  EXPECT_THAT(Texts("SELECT a FROM t ord|"), ElementsAre("order"));
  EXPECT_THAT(Texts("SELECT $|"), IsEmpty());  // no operator of the registry
}

TEST_F(CompleterTest, NamesOfTheStatementItself) {
  EXPECT_THAT(Texts("WITH recent AS (SELECT 1 AS a) SELECT * FROM rec|"), ElementsAre("recent"));
  EXPECT_THAT(Texts("SELECT l_price AS pounds FROM lineitem ORDER BY pou|"), ElementsAre("pounds"));
  source_.asked.clear();
  Texts("WITH recent AS (SELECT 1 AS a) SELECT zzz| FROM recent");
  EXPECT_THAT(source_.asked, IsEmpty());
}

TEST_F(CompleterTest, QuotesThatAreOpenAreClosed) {
  EXPECT_THAT(Texts("SELECT * FROM \"Li|"), ElementsAre("\"Line Items\"", "\"lineitem\""));
  EXPECT_THAT(Texts("SHOW CREATE TABLE `Line I|"), ElementsAre("`Line Items`"));
  EXPECT_THAT(Texts("DROP TABLE Line|"), ElementsAre("`Line Items`", "lineitem"));
}

TEST_F(CompleterTest, NothingInStringsCommentsAndNumbers) {
  for (const char* text : {"SELECT 'sel|", "SELECT 1 -- sel|", "SELECT /* sel|", "SELECT 12|",
                           "SELECT 1.|", "SELECT X'0|", "SELECT f(x).|"}) {
    EXPECT_THAT(Texts(text), IsEmpty()) << text;
  }
}

TEST_F(CompleterTest, NewNamesAreTheUsers) {
  EXPECT_THAT(Texts("CREATE VIEW |"), IsEmpty());
  EXPECT_THAT(Texts("CREATE VIEW v AS SELECT * FROM linei|"), ElementsAre("lineitem"));
  EXPECT_THAT(Texts("SELECT a AS |"), IsEmpty());
}

TEST_F(CompleterTest, DatabasesWhereTheyAreWanted) {
  EXPECT_THAT(Texts("SHOW TABLES IN da|"), ElementsAre("data_lake"));
  EXPECT_THAT(Texts("USE |"),
              ElementsAre("\"odd-one\"", "awsdatacatalog", "data_lake", "default", "mysql"));
  EXPECT_THAT(Texts("USE mysql.|"), ElementsAre("sales"));
}

TEST_F(CompleterTest, DotCommands) {
  EXPECT_THAT(Texts(".t|"), ElementsAre(".tables", ".timing"));
  EXPECT_THAT(Texts(".format |"), ElementsAre("table", "vertical", "csv", "json"));
  EXPECT_THAT(Texts(".format c|"), ElementsAre("csv"));
  EXPECT_THAT(Texts(".pager |"), ElementsAre("on", "off"));
  EXPECT_THAT(Texts(".use my|"), ElementsAre("mysql"));
  EXPECT_THAT(Texts(".use mysql.|"), ElementsAre("sales"));
  EXPECT_THAT(Texts(".nothing |"), IsEmpty());
  EXPECT_EQ(At(".use mysql.s|").begin, 11U);
}

// Whatever is typed, no place makes it fail, and what is replaced ends at the cursor.
TEST_F(CompleterTest, EveryPlaceOfAStatement) {
  const std::string text =
      "WITH t (a) AS (VALUES 1), u AS (SELECT 'x''y', \"A\"\"b\".\"c\" FROM mysql.sales.orders o) "
      "SELECT count(*) FILTER (WHERE a > 1.5e3), CAST(a AS varchar(3)) AS \"日本\" -- c\n"
      "FROM t CROSS JOIN UNNEST(ARRAY[1, 2]) AS v (w) LEFT JOIN u USING (a) /* z */ "
      "WHERE EXTRACT(YEAR FROM d) = 1 AND x IS DISTINCT FROM y GROUP BY 1 ORDER BY 2 LIMIT 3;";
  for (size_t cursor = 0; cursor <= text.size(); ++cursor) {
    for (const std::string& typed : {text, text.substr(0, cursor)}) {
      const Completion completion = Complete(typed, cursor, "awsdatacatalog", "data_lake", source_);
      EXPECT_LE(completion.begin, cursor);
    }
  }
}

TEST(CommonPrefixTest, IgnoresCaseAndKeepsCharactersWhole) {
  EXPECT_EQ(CommonPrefix({}), "");
  EXPECT_EQ(CommonPrefix({{"Orders", ""}}), "Orders");
  EXPECT_EQ(CommonPrefix({{"Orders", ""}, {"order_lines", ""}}), "Order");
  EXPECT_EQ(CommonPrefix({{"a日", ""}, {"a旦", ""}}), "a");  // the same first byte
  EXPECT_EQ(CommonPrefix({{"a", ""}, {"b", ""}}), "");
}

}  // namespace
}  // namespace pallas::cli
