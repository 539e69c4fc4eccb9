#include "sql/formatter/formatter.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "sql/ast/equality.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

// What the tree of `sql` prints must parse to an equal tree, and print the same again.
void ExpectRoundTrip(const std::string& sql) {
  SCOPED_TRACE(sql);
  const absl::StatusOr<ast::StatementPtr> first = Parse(sql);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string text = FormatStatement(**first);
  SCOPED_TRACE(text);
  const absl::StatusOr<ast::StatementPtr> second = Parse(text);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(ast::Equal(**first, **second));
  EXPECT_EQ(FormatStatement(**second), text);
  const std::string lines = FormatStatement(**first, {.lines = true});
  const absl::StatusOr<ast::StatementPtr> third = Parse(lines);
  ASSERT_TRUE(third.ok()) << lines << third.status();
  EXPECT_TRUE(ast::Equal(**first, **third)) << lines;
}

TEST(FormatterTest, LinesAreThoseOfTheOutermostQuery) {
  const auto lines = [](const char* sql) {
    return FormatQuery(**ParseQuery(sql), {.lines = true});
  };
  EXPECT_EQ(lines("select x from db.t"), "SELECT x\nFROM\n  db.t");
  EXPECT_EQ(
      lines("with w as (select 1 a, 2 b) select a, (select max(b) from w) m from w join u on a "
            "= c where a > 1 group by a having a < 9 order by 1 offset 1 limit 2"),
      "WITH w AS (SELECT 1 AS a, 2 AS b)\nSELECT\n  a\n, (SELECT max(b) FROM w) AS m\nFROM\n"
      "  w JOIN u ON a = c\nWHERE a > 1\nGROUP BY a\nHAVING a < 9\nORDER BY 1\n"
      "OFFSET 1 ROWS\nLIMIT 2");
  EXPECT_EQ(lines("select 1 x union all select a from (select a, b from t where b) u"),
            "SELECT 1 AS x\nUNION ALL SELECT a\nFROM\n  (SELECT a, b FROM t WHERE b) AS u");
}

struct FormatCase {
  const char* sql;
  const char* text;
};

class FormatExpressionTest : public testing::TestWithParam<FormatCase> {};

TEST_P(FormatExpressionTest, PrintsOnlyTheParenthesesNeeded) {
  const absl::StatusOr<ast::ExprPtr> expr = ParseExpression(GetParam().sql);
  ASSERT_TRUE(expr.ok()) << GetParam().sql << ": " << expr.status();
  const std::string text = FormatExpression(**expr);
  EXPECT_EQ(text, GetParam().text);
  const absl::StatusOr<ast::ExprPtr> again = ParseExpression(text);
  ASSERT_TRUE(again.ok()) << text << ": " << again.status();
  EXPECT_TRUE(ast::Equal(**expr, **again));
}

INSTANTIATE_TEST_SUITE_P(
    Expressions, FormatExpressionTest,
    testing::Values(
        FormatCase{"((a+b))*c", "(a + b) * c"}, FormatCase{"a+(b*c)", "a + b * c"},
        FormatCase{"a-(b-c)", "a - (b - c)"}, FormatCase{"(a-b)-c", "a - b - c"},
        FormatCase{"a||(b||c)", "a || (b || c)"}, FormatCase{"- -1", "- -1"},
        FormatCase{"-(-a)", "- -a"}, FormatCase{"a - -1", "a - -1"},
        FormatCase{"-(a+b)", "-(a + b)"}, FormatCase{"not (a and b) or c", "NOT (a AND b) OR c"},
        FormatCase{"(a and b) and c", "(a AND b) AND c"}, FormatCase{"(a = b) = c", "(a = b) = c"},
        FormatCase{"(a or b) is null", "(a OR b) IS NULL"},
        FormatCase{"(not a) between 1 and 2", "(NOT a) BETWEEN 1 AND 2"},
        FormatCase{"(a + 1)[1].b", "(a + 1)[1].b"}, FormatCase{"(1).b", "(1).b"},
        FormatCase{"(a, b).c", "(a, b).c"},
        FormatCase{"(x at time zone 'a') at time zone 'b'", "x AT TIME ZONE 'a' AT TIME ZONE 'b'"},
        FormatCase{"(-x) at time zone 'a'", "(-x) AT TIME ZONE 'a'"},
        FormatCase{"'it''s'", "'it''s'"}, FormatCase{"U&'\\00e9'", "'é'"},
        FormatCase{"X'0aFF'", "X'0aff'"}, FormatCase{"1_000", "1000"}, FormatCase{".5", ".5"},
        FormatCase{"date '2020-1-1'", "DATE '2020-1-1'"},
        FormatCase{"interval - '1' day", "INTERVAL -'1' DAY"},
        FormatCase{"\"Select\" + \"a\"\"b\" + c", "\"Select\" + \"a\"\"b\" + c"},
        FormatCase{"cast(a as row(x double precision, \"y z\" int))",
                   "CAST(a AS row(\"x\" double, \"y z\" int))"},
        FormatCase{"filter(a, x -> x > 1)", "filter(a, x -> x > 1)"},
        FormatCase{"reduce(a, 0, (s, x) -> s + x, s -> s)",
                   "reduce(a, 0, (s, x) -> s + x, s -> s)"},
        FormatCase{"(x -> x) = 1", "(x -> x) = 1"}, FormatCase{"trim(a)", "TRIM(BOTH FROM a)"},
        FormatCase{"trim(?, ?)", "TRIM(?, ?)"},
        FormatCase{"sum(distinct a) filter (where b) over (partition by c order by d desc nulls "
                   "first rows 1 preceding)",
                   "sum(DISTINCT a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d DESC NULLS "
                   "FIRST ROWS 1 PRECEDING)"},
        FormatCase{"lag(a) ignore nulls over w", "lag(a) IGNORE NULLS OVER w"},
        FormatCase{"array_agg(a order by b, c)", "array_agg(a ORDER BY b, c)"},
        FormatCase{"case a when 1 then 2 else 3 end", "CASE a WHEN 1 THEN 2 ELSE 3 END"},
        FormatCase{"a not in (select 1 union all (select 2 order by 1))",
                   "a NOT IN (SELECT 1 UNION ALL (SELECT 2 ORDER BY 1))"},
        FormatCase{"a >= some (values 1)", "a >= ANY (VALUES 1)"}));

class FormatStatementTest : public testing::TestWithParam<FormatCase> {};

TEST_P(FormatStatementTest, PrintsTheStatement) {
  const absl::StatusOr<ast::StatementPtr> statement = Parse(GetParam().sql);
  ASSERT_TRUE(statement.ok()) << GetParam().sql << ": " << statement.status();
  EXPECT_EQ(FormatStatement(**statement), GetParam().text);
  ExpectRoundTrip(GetParam().sql);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, FormatStatementTest,
    testing::Values(
        FormatCase{"select 1 union (select 2 union select 3) intersect select 4",
                   "SELECT 1 UNION (SELECT 2 UNION SELECT 3) INTERSECT SELECT 4"},
        FormatCase{"(select 1 intersect select 2) union all select 3",
                   "SELECT 1 INTERSECT SELECT 2 UNION ALL SELECT 3"},
        FormatCase{"(select 1 union select 2) intersect select 3",
                   "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3"},
        FormatCase{"(select a from t limit 2) limit 1", "(SELECT a FROM t LIMIT 2) LIMIT 1"},
        FormatCase{"select * from a join (b join c on x) on y, d",
                   "SELECT * FROM a JOIN (b JOIN c ON x) ON y, d"},
        FormatCase{"select * from (a cross join b) x", "SELECT * FROM (a CROSS JOIN b) AS x"},
        FormatCase{"select * from (t as a (x)) as b",
                   "SELECT * FROM (SELECT * FROM t AS a (x)) AS b"},
        FormatCase{"select a from t group by rollup (a, (b, c)), ()",
                   "SELECT a FROM t GROUP BY ROLLUP (a, (b, c)), ()"},
        FormatCase{"select a from t order by a offset 1 row fetch next row with ties",
                   "SELECT a FROM t ORDER BY a OFFSET 1 ROWS FETCH FIRST ROWS WITH TIES"},
        FormatCase{"create or replace view v comment 'it''s' as select 1 a",
                   "CREATE OR REPLACE VIEW v COMMENT 'it''s' AS SELECT 1 AS a"},
        FormatCase{"create table t with (format = 'ORC', bucket_count = 4, partitioned_by = "
                   "array['a']) as table u",
                   "CREATE TABLE t WITH (format = 'ORC', bucket_count = 4, partitioned_by = "
                   "ARRAY['a']) AS TABLE u"},
        FormatCase{
            "create external table `d.t` (`a b` struct<`x y`:int>, c string comment \"it's\") "
            "partitioned by (p int) row format delimited fields terminated by '\\t' location "
            "'s3://b/'",
            "CREATE EXTERNAL TABLE `d`.`t` (`a b` struct<`x y`:int>, `c` string COMMENT "
            "'it\\'s') PARTITIONED BY (`p` int) ROW FORMAT DELIMITED FIELDS TERMINATED BY "
            "'\\\\t' LOCATION 's3://b/'"},
        FormatCase{"alter table t add partition (a = 1) location 's3://x/' partition (a = 2)",
                   "ALTER TABLE t ADD PARTITION (`a` = '1') LOCATION 's3://x/' PARTITION (`a` = "
                   "'2')"},
        FormatCase{"show tables in d 'a*'", "SHOW TABLES IN d LIKE 'a*'"},
        FormatCase{"describe formatted t partition (a = 1) b",
                   "DESCRIBE FORMATTED t PARTITION (`a` = '1') `b`"},
        FormatCase{"explain (type io, format json) select 1",
                   "EXPLAIN (FORMAT JSON, TYPE IO) SELECT 1"},
        FormatCase{"unload (select 1) to 's3://b/' with (format = 'PARQUET')",
                   "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'PARQUET')"},
        FormatCase{
            "using external function f(a row(id int, \"b c\" boolean), n varchar(5)) returns "
            "array(int) lambda 'it''s', external function g() returns double sagemaker 'm' "
            "select f(x, 'a'), g() from t",
            "USING EXTERNAL FUNCTION f(a row(\"id\" int, \"b c\" boolean), n varchar(5)) "
            "RETURNS "
            "array(int) LAMBDA 'it''s', EXTERNAL FUNCTION g() RETURNS double SAGEMAKER 'm' "
            "SELECT f(x, 'a'), g() FROM t"},
        FormatCase{
            "using function f(value row(id int, completed boolean)) returns int type "
            "lambda_invoke with (lambda_name = 'x') select f(a)",
            "USING EXTERNAL FUNCTION f(value row(\"id\" int, \"completed\" boolean)) RETURNS int "
            "LAMBDA 'x' SELECT f(a)"},
        FormatCase{"select * from table(c.system.query(query => 'select ''a'''))",
                   "SELECT * FROM TABLE(c.system.query(query => 'select ''a'''))"},
        FormatCase{"select * from \"lambda:f\".s.t", "SELECT * FROM \"lambda:f\".s.t"},
        FormatCase{"describe input MyName", "DESCRIBE INPUT MyName"},
        FormatCase{"describe output `a b`", "DESCRIBE OUTPUT `a b`"},
        FormatCase{"insert into t (a, b) values (1, 2)", "INSERT INTO t (a, b) VALUES (1, 2)"},
        FormatCase{
            "merge into t a using s on a.x = s.x when matched then update set y = 1 when not "
            "matched then insert (x) values (s.x)",
            "MERGE INTO t AS a USING s ON a.x = s.x WHEN MATCHED THEN UPDATE SET y = 1 WHEN "
            "NOT MATCHED THEN INSERT (x) VALUES (s.x)"}));

TEST(FormatOptionsTest, DecimalLiteralsMayBecomeDoubles) {
  const auto expr = ParseExpression("1.5 + 2 + 1e1 + DECIMAL '1.5'");
  ASSERT_TRUE(expr.ok());
  FormatOptions options;
  options.decimal_literals_as_double = true;
  EXPECT_EQ(FormatExpression(**expr, options), "1.5E0 + 2 + 1e1 + DECIMAL '1.5'");
}

TEST(FormatNamesTest, NamesThatNeedQuotesGetThem) {
  ast::Expr column(ast::ExprKind::kColumn, {});
  column.names.push_back({"order", false, {}});
  EXPECT_EQ(FormatExpression(column), "\"order\"");
}

TEST(EqualityTest, DiffersInWhatWasWritten) {
  const auto equal = [](std::string_view left, std::string_view right) {
    const auto a = Parse(left);
    const auto b = Parse(right);
    return a.ok() && b.ok() && ast::Equal(**a, **b);
  };
  EXPECT_TRUE(equal("SELECT a FROM t", "select  a\nfrom t"));
  EXPECT_TRUE(equal("SELECT (a)", "SELECT a"));
  EXPECT_FALSE(equal("SELECT a", "SELECT \"a\""));
  EXPECT_FALSE(equal("SELECT a", "SELECT b"));
  EXPECT_FALSE(equal("SELECT a ORDER BY 1", "SELECT a ORDER BY 1 DESC"));
  EXPECT_FALSE(equal("SELECT a", "SELECT a, a"));
  EXPECT_FALSE(equal("SELECT a LIMIT 1", "SELECT a FETCH FIRST 1 ROW ONLY"));
  EXPECT_FALSE(equal("SELECT * FROM a, b", "SELECT * FROM a CROSS JOIN b"));
  EXPECT_FALSE(equal("DROP TABLE a", "DROP VIEW a"));
}

// The constructs of the decision-support benchmark's queries, combined as there.
TEST(FormatterQueryTest, AnalyticQueriesRoundTrip) {
  for (
      const char* const sql : {
          "WITH year_total AS (SELECT c_id, d_year, sum(((p - d) - e + f) / 2) AS total, 's' AS "
          "kind FROM customer, sales, date_dim WHERE c_sk = s_sk AND d_sk = s_date GROUP BY c_id, "
          "d_year UNION ALL SELECT c_id, d_year, sum(p), 'w' FROM customer, web, date_dim GROUP BY "
          "c_id, d_year) SELECT a.c_id FROM year_total a, year_total b WHERE a.c_id = b.c_id AND "
          "CASE WHEN a.total > 0 THEN b.total / a.total ELSE NULL END > CASE WHEN b.total > 0 THEN "
          "1.0 ELSE 0.0 END ORDER BY 1 NULLS FIRST LIMIT 100",
          "SELECT i_category, i_class, grouping(i_category) + grouping(i_class) AS lochierarchy, "
          "rank() OVER (PARTITION BY grouping(i_category) + grouping(i_class), CASE WHEN "
          "grouping(i_class) = 0 THEN i_category END ORDER BY sum(profit) / sum(sales) ASC) AS "
          "rank_within_parent FROM store_sales, item WHERE i_sk = s_sk GROUP BY ROLLUP "
          "(i_category, "
          "i_class) ORDER BY lochierarchy DESC, CASE WHEN lochierarchy = 0 THEN i_category END, "
          "rank_within_parent LIMIT 100",
          "SELECT count(*) FROM ((SELECT DISTINCT a, b FROM s) EXCEPT (SELECT DISTINCT a, b FROM "
          "c) "
          "INTERSECT (SELECT DISTINCT a, b FROM w)) AS cool_cust",
          "SELECT c_id FROM customer c WHERE EXISTS (SELECT * FROM s WHERE c.c_sk = s.c_sk AND "
          "s.year = 2002) AND (EXISTS (SELECT * FROM w WHERE c.c_sk = w.c_sk) OR NOT EXISTS "
          "(SELECT "
          "1 FROM k WHERE c.c_sk = k.c_sk)) GROUP BY c_id",
          "SELECT i_id, sum(p) AS r, sum(p) * 100 / sum(sum(p)) OVER (PARTITION BY i_class) AS "
          "ratio, "
          "avg(sum(p)) OVER (PARTITION BY i_class ORDER BY i_id ROWS BETWEEN UNBOUNDED PRECEDING "
          "AND "
          "CURRENT ROW) FROM t WHERE d BETWEEN CAST('1999-02-22' AS date) AND (CAST('1999-02-22' "
          "AS "
          "date) + INTERVAL '30' DAY) GROUP BY i_id, i_class",
          "SELECT channel, item FROM (SELECT 'web' AS channel, w.item, w.r FROM (SELECT item, "
          "rank() "
          "OVER (ORDER BY q) AS r FROM (SELECT item, (CAST(sum(coalesce(r, 0)) AS decimal(15,4)) / "
          "CAST(sum(coalesce(q, 0)) AS decimal(15,4))) AS q FROM ws LEFT OUTER JOIN wr ON (a = b "
          "AND "
          "c = d), date_dim WHERE x > 1 GROUP BY item) in_web) w WHERE w.r <= 10 UNION SELECT "
          "'store', 1, 2) ORDER BY 1, 2",
          "SELECT * FROM (SELECT count(*) h8 FROM s WHERE (hd = 4 AND v <= 4 + 2) OR (hd = 2 AND v "
          "<= "
          "2 + 2)) s1, (SELECT count(*) h9 FROM s WHERE hour = 9 AND minute < 30) s2",
          "SELECT sum(CASE WHEN d BETWEEN 31 AND 60 THEN 1 ELSE 0 END) AS \"31-60 days\", "
          "substr(w_name, 1, 20) FROM t FULL OUTER JOIN u ON t.a = u.a GROUP BY GROUPING SETS "
          "((substr(w_name, 1, 20), b), (b), ()) HAVING count(*) > 1",
      }) {
    ExpectRoundTrip(sql);
  }
}

TEST(FormatterQueryTest, TpchQueriesRoundTrip) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests/tpch/queries")) {
    std::ifstream file(entry.path());
    ExpectRoundTrip({std::istreambuf_iterator<char>(file), {}});
    ++count;
  }
  EXPECT_EQ(count, 22);
}

TEST(FormatterCorpusTest, EveryStatementRoundTrips) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs.
  const char* const set = std::getenv("PALLAS_CORPUS");
  const std::filesystem::path folder =
      std::filesystem::path(set != nullptr ? set : "../shared/conformance") / "sql";
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "no corpus: set PALLAS_CORPUS to its folder";
  }
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".jsonl") {
      continue;
    }
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const std::string sql = nlohmann::json::parse(line)["sql"];
      if (Parse(sql).ok()) {  // the rest are the corpus' syntax errors, see sql_parser_test
        ExpectRoundTrip(sql);
        ++count;
      }
    }
  }
  EXPECT_GT(count, 1000);
}

}  // namespace
}  // namespace pallas::sql
