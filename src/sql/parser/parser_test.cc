#include "sql/parser/parser.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"

namespace pallas::sql {
namespace {

using ast::ExprKind;

// A tree as nested lists: the operator or kind, then the operands.
std::string Dump(const ast::Expr& expr) {
  static const auto& names = *new std::map<ExprKind, std::string>{
      {ExprKind::kAnd, "and"},           {ExprKind::kOr, "or"},
      {ExprKind::kNot, "not"},           {ExprKind::kNegate, "negate"},
      {ExprKind::kPlus, "plus"},         {ExprKind::kConcat, "||"},
      {ExprKind::kIsNull, "null?"},      {ExprKind::kDistinctFrom, "distinct?"},
      {ExprKind::kBetween, "between"},   {ExprKind::kIn, "in"},
      {ExprKind::kInSubquery, "in"},     {ExprKind::kLike, "like"},
      {ExprKind::kExists, "exists"},     {ExprKind::kSubquery, "subquery"},
      {ExprKind::kRow, "row"},           {ExprKind::kArray, "array"},
      {ExprKind::kSubscript, "at"},      {ExprKind::kCase, "case"},
      {ExprKind::kCast, "cast"},         {ExprKind::kExtract, "extract"},
      {ExprKind::kAtTimeZone, "zone"},   {ExprKind::kTrim, "trim"},
      {ExprKind::kPosition, "position"}, {ExprKind::kSubstring, "substring"},
      {ExprKind::kGrouping, "grouping"}, {ExprKind::kListagg, "listagg"},
      {ExprKind::kNull, "null"},         {ExprKind::kStar, "*"},
      {ExprKind::kParameter, "?"},       {ExprKind::kQuantified, "quantified"},
      {ExprKind::kLambda, "lambda"},     {ExprKind::kInterval, "interval"},
      {ExprKind::kDereference, "field"}, {ExprKind::kNormalize, "normalize"},
  };
  std::vector<std::string> parts;
  const auto name = names.find(expr.kind);
  if (name != names.end()) {
    parts.push_back(name->second);
  }
  if (expr.flag) {
    parts.push_back("!");
  }
  if (!expr.type_name.empty()) {
    parts.push_back(expr.type_name);
  }
  if (!expr.text.empty()) {
    parts.push_back(expr.text);
  }
  for (const ast::Identifier& identifier : expr.names) {
    parts.push_back(identifier.text);
  }
  for (const ast::ExprPtr& arg : expr.args) {
    parts.push_back(Dump(*arg));
  }
  const bool is_leaf = expr.args.empty() && parts.size() == 1 && expr.kind != ExprKind::kCall;
  return is_leaf ? parts[0] : absl::StrCat("(", absl::StrJoin(parts, " "), ")");
}

struct ExpressionCase {
  const char* sql;
  const char* tree;
};

class ParserExpressionTest : public testing::TestWithParam<ExpressionCase> {};

TEST_P(ParserExpressionTest, GivesTheTree) {
  const absl::StatusOr<ast::ExprPtr> expr = ParseExpression(GetParam().sql);
  ASSERT_TRUE(expr.ok()) << GetParam().sql << ": " << expr.status();
  EXPECT_EQ(Dump(**expr), GetParam().tree) << GetParam().sql;
}

INSTANTIATE_TEST_SUITE_P(
    Precedence, ParserExpressionTest,
    testing::Values(
        ExpressionCase{"a OR b AND c OR d", "(or a (and b c) d)"},
        ExpressionCase{"(a OR b) AND c", "(and (or a b) c)"},
        ExpressionCase{"NOT a = b AND c", "(and (not (= a b)) c)"},
        ExpressionCase{"NOT NOT a", "(not (not a))"},
        ExpressionCase{"a + b * c - d", "(- (+ a (* b c)) d)"},
        ExpressionCase{"a - b - c", "(- (- a b) c)"},
        ExpressionCase{"a || b + c || d", "(|| (|| a (+ b c)) d)"},
        ExpressionCase{"-a * b", "(* (negate a) b)"}, ExpressionCase{"- -1", "(negate (negate 1))"},
        ExpressionCase{"-a AT TIME ZONE 'UTC'", "(negate (zone a UTC))"},
        ExpressionCase{"a AT TIME ZONE INTERVAL '2' HOUR", "(zone a (interval hour 2))"},
        ExpressionCase{"a[1].b[2]", "(at (field b (at a 1)) 2)"},
        ExpressionCase{"a.b.c", "(field c (field b a))"},
        ExpressionCase{"a || b = c || d", "(= (|| a b) (|| c d))"},
        ExpressionCase{"a BETWEEN b AND c AND d", "(and (between a b c) d)"},
        ExpressionCase{"a NOT BETWEEN SYMMETRIC 1 AND 2", "(between ! symmetric a 1 2)"},
        ExpressionCase{"a IS NOT NULL", "(null? ! a)"},
        ExpressionCase{"a IS NOT DISTINCT FROM b", "(distinct? ! a b)"},
        ExpressionCase{"a NOT LIKE 'x%' ESCAPE '\\'", "(like ! a x% \\)"},
        ExpressionCase{"a NOT IN (1, 2)", "(in ! a 1 2)"},
        ExpressionCase{"a <> ALL (SELECT 1)", "(quantified all <> a)"},
        ExpressionCase{"a != b", "(<> a b)"}));

INSTANTIATE_TEST_SUITE_P(
    Primaries, ParserExpressionTest,
    testing::Values(
        ExpressionCase{"(a)", "a"}, ExpressionCase{"(a, b)", "(row a b)"},
        ExpressionCase{"ROW(1)", "(row ! 1)"}, ExpressionCase{"ARRAY[1, 2]", "(array 1 2)"},
        ExpressionCase{"ARRAY[]", "array"}, ExpressionCase{"array", "array"},
        ExpressionCase{"DATE '2020-01-01'", "(date 2020-01-01)"},
        ExpressionCase{"DOUBLE PRECISION '1'", "(double 1)"},
        ExpressionCase{"decimal '1.5'", "(decimal 1.5)"},
        ExpressionCase{"INTERVAL '2' DAY", "(interval day 2)"},
        ExpressionCase{"INTERVAL -'1-6' YEAR TO MONTH", "(interval ! year to month 1-6)"},
        ExpressionCase{"interval", "interval"}, ExpressionCase{"interval + 1", "(+ interval 1)"},
        ExpressionCase{"f()", "(f)"}, ExpressionCase{"count(*)", "(count *)"},
        ExpressionCase{"count(ALL x)", "(count x)"}, ExpressionCase{"count(all)", "(count all)"},
        ExpressionCase{"a.b.f(1)", "(a b f 1)"},
        ExpressionCase{"transform(a, x -> x + 1)", "(transform a (lambda x (+ x 1)))"},
        ExpressionCase{"reduce(a, 0, (s, x) -> s, s -> s)",
                       "(reduce a 0 (lambda s x s) (lambda s s))"},
        ExpressionCase{"f(() -> 1)", "(f (lambda 1))"}, ExpressionCase{"(x -> x)", "(lambda x x)"},
        ExpressionCase{"CASE a WHEN 1 THEN 2 ELSE 3 END", "(case ! a 1 2 3)"},
        ExpressionCase{"CASE WHEN a THEN 1 END", "(case a 1)"},
        ExpressionCase{"TRY_CAST(a AS decimal(10, 2))", "(cast ! decimal(10,2) a)"},
        ExpressionCase{"CAST(a AS timestamp(3) with time zone)",
                       "(cast timestamp(3) with time zone a)"},
        ExpressionCase{"CAST(a AS row(x bigint, \"y z\" array(integer), varchar))",
                       "(cast row(\"x\" bigint, \"y z\" array(integer), varchar) a)"},
        ExpressionCase{"CAST(a AS row(bigint array, x double precision))",
                       "(cast row(array(bigint), \"x\" double) a)"},
        ExpressionCase{
            "CAST(a AS row(timestamp timestamp, interval interval year to month))",
            "(cast row(\"timestamp\" timestamp, \"interval\" interval year to month) a)"},
        ExpressionCase{"CAST(a AS array<map<varchar, bigint>>)",
                       "(cast array(map(varchar,bigint)) a)"},
        ExpressionCase{"CAST(a AS bigint ARRAY ARRAY[3])", "(cast array(array(bigint)) a)"},
        ExpressionCase{"EXTRACT(YEAR FROM a)", "(extract year a)"},
        ExpressionCase{"TRIM(a)", "(trim both a)"},
        ExpressionCase{"TRIM(LEADING FROM a)", "(trim leading a)"},
        ExpressionCase{"TRIM('x' FROM a)", "(trim both a x)"},
        ExpressionCase{"TRIM(a, 'x')", "(trim ! both a x)"},
        ExpressionCase{"POSITION('a' IN b)", "(position a b)"},
        ExpressionCase{"position(a = b OR c, d)", "(position (or (= a b) c) d)"},
        ExpressionCase{"SUBSTRING(a FROM 1 FOR 2)", "(substring a 1 2)"},
        ExpressionCase{"substring(a, 1)", "(substring a 1)"},
        ExpressionCase{"NORMALIZE(a, nfkd)", "(normalize NFKD a)"},
        ExpressionCase{"current_timestamp(3)", "current_timestamp"},
        ExpressionCase{"current_date", "current_date"},
        ExpressionCase{"listagg(a, ',') WITHIN GROUP (ORDER BY a)", "(listagg a ,)"},
        ExpressionCase{"GROUPING(a, b)", "(grouping a b)"},
        ExpressionCase{"(SELECT 1) + 1", "(+ subquery 1)"},
        ExpressionCase{"((SELECT 1), 2)", "(row subquery 2)"},
        ExpressionCase{"(((SELECT 1)))", "subquery"}, ExpressionCase{"EXISTS (SELECT 1)", "exists"},
        ExpressionCase{"a IN ((SELECT 1), 2)", "(in a subquery 2)"},
        ExpressionCase{"a IN (SELECT 1)", "(in a)"}, ExpressionCase{"? + ?", "(+ ? ?)"}));

struct MessageCase {
  const char* sql;
  const char* message;
};

class ParserErrorTest : public testing::TestWithParam<MessageCase> {};

TEST_P(ParserErrorTest, SaysWhereAndWhat) {
  const absl::StatusOr<ast::StatementPtr> statement = Parse(GetParam().sql);
  ASSERT_FALSE(statement.ok()) << GetParam().sql;
  EXPECT_EQ(ErrorName(statement.status()), "SYNTAX_ERROR");
  EXPECT_EQ(statement.status().message(), GetParam().message) << GetParam().sql;
}

INSTANTIATE_TEST_SUITE_P(
    Messages, ParserErrorTest,
    testing::Values(
        MessageCase{"SELECT FROM t",
                    "line 1:8: mismatched input 'FROM'. Expecting: '*', 'ALL', 'DISTINCT', "
                    "<expression>"},
        MessageCase{"SELECT #",
                    "line 1:8: mismatched input '#'. Expecting: '*', 'ALL', 'DISTINCT', "
                    "<expression>"},
        MessageCase{"SELECT 1,",
                    "line 1:10: mismatched input '<EOF>'. Expecting: '*', <expression>"},
        MessageCase{"SELECT 1 1",
                    "line 1:10: mismatched input '1'. Expecting: '%', '*', '+', ',', '-', '.', "
                    "'/', 'AND', 'AS', 'AT', 'EXCEPT', 'FETCH', 'FROM', 'GROUP', 'HAVING', "
                    "'INTERSECT', 'LIMIT', 'OFFSET', 'OR', 'ORDER', 'UNION', 'WHERE', 'WINDOW', "
                    "'[', '||', <EOF>, <identifier>, <predicate>"},
        MessageCase{"SELECT (1",
                    "line 1:10: mismatched input '<EOF>'. Expecting: '%', ')', '*', '+', ',', "
                    "'-', '.', '/', 'AND', 'AT', 'OR', '[', '||', <predicate>"},
        MessageCase{"SELECT * FROM nation LIMIT -1",
                    "line 1:28: mismatched input '-'. Expecting: '(', ',', 'CROSS', 'EXCEPT', "
                    "'FETCH', 'FULL', 'GROUP', 'HAVING', 'INNER', 'INTERSECT', 'JOIN', 'LEFT', "
                    "'LIMIT', 'MATCH_RECOGNIZE', 'NATURAL', 'OFFSET', 'ORDER', 'RIGHT', "
                    "'TABLESAMPLE', 'UNION', 'WHERE', 'WINDOW', <EOF>"},
        MessageCase{"SELECT * FROM",
                    "line 1:14: mismatched input '<EOF>'. Expecting: '(', 'JSON_TABLE', "
                    "'LATERAL', 'TABLE', 'UNNEST', <identifier>"},
        MessageCase{"SELECT a\nFROM t WHERE",
                    "line 2:13: mismatched input '<EOF>'. Expecting: <expression>"},
        MessageCase{
            "SELECT `a`",
            "line 1:8: backquoted identifiers are not supported; use double quotes to quote "
            "identifiers"},
        MessageCase{"SELECT \"\"", "line 1:8: Zero-length delimited identifier not allowed"},
        MessageCase{"SELECT a@b", "line 1:8: identifiers must not contain '@'"},
        MessageCase{"SELECT a IS 1",
                    "line 1:13: mismatched input '1'. Expecting: 'DISTINCT', 'NOT', 'NULL'"},
        MessageCase{"SELECT INTERVAL '1' WEEK",
                    "line 1:21: mismatched input 'WEEK'. Expecting: 'DAY', 'HOUR', 'MINUTE', "
                    "'MONTH', 'SECOND', 'YEAR'"},
        MessageCase{"SELECT * FROM t JOIN u",
                    "line 1:23: mismatched input '<EOF>'. Expecting: 'ON', 'USING'"},
        MessageCase{"SELECT * FROM t FOR SYSTEM_TIME AS OF 1",
                    "line 1:21: mismatched input 'SYSTEM_TIME'. Expecting: 'TIMESTAMP', 'VERSION'"},
        MessageCase{"SELECT lag(a) IGNORE NULLS FROM t",
                    "line 1:28: mismatched input 'FROM'. Expecting: 'OVER'"},
        MessageCase{"SELECT current_timestamp(x)",
                    "line 1:26: mismatched input 'x'. Expecting: <integer>"},
        MessageCase{
            "EXPLAIN (TYPE FAST) SELECT 1",
            "line 1:15: mismatched input 'FAST'. Expecting: 'DISTRIBUTED', 'IO', 'LOGICAL', "
            "'VALIDATE'"},
        MessageCase{"CREATE EXTERNAL TABLE t (a int) CLUSTERED BY (a) SORTED BY (a) INTO 2 BUCKETS",
                    "line 1:50: mismatched input 'SORTED'. Expecting: 'INTO'"},
        MessageCase{"CREATE EXTERNAL TABLE _t (a int)",
                    "line 1:23: the name _t starts with an underscore: enclose it in backticks"},
        MessageCase{"DROP TABLE `a.`", "line 1:12: Zero-length delimited identifier not allowed"},
        MessageCase{"CREATE EXTERNAL TABLE t (a struct<`b:c`:int>)",
                    "line 1:35: the name of field 'b:c' has a character that types are written "
                    "with"}));

class ParserAcceptsTest : public testing::TestWithParam<const char*> {};

TEST_P(ParserAcceptsTest, Parses) {
  const absl::StatusOr<ast::StatementPtr> statement = Parse(GetParam());
  EXPECT_TRUE(statement.ok()) << GetParam() << ": " << statement.status();
}

INSTANTIATE_TEST_SUITE_P(
    Queries, ParserAcceptsTest,
    testing::Values(
        "SELECT 1;", "/* c */ SELECT 1 -- end", "VALUES 1, 2", "VALUES (1, 'a'), ROW(2, 'b')",
        "TABLE a.b.c", "(SELECT 1)", "((SELECT 1) UNION (SELECT 2)) ORDER BY 1 LIMIT 1",
        "SELECT a name, b AS \"of b\" FROM t x, u AS y (c, d)",
        "SELECT t.*, (r).* AS (p, q) FROM t", "SELECT ALL a FROM t", "SELECT DISTINCT a FROM t",
        "WITH RECURSIVE r (n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM r), s AS (TABLE r) TABLE s",
        "WITH a AS (SELECT 1) (WITH b AS (SELECT 2) SELECT * FROM a, b)",
        "SELECT * FROM a JOIN b ON x = y LEFT OUTER JOIN c USING (k, l) CROSS JOIN d NATURAL JOIN "
        "e",
        "SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x",
        "SELECT * FROM (a CROSS JOIN b) x TABLESAMPLE BERNOULLI (10)",
        "SELECT * FROM (t AS a (x)) AS b", "SELECT * FROM ((SELECT 1) UNION ALL (SELECT 2)) t (a)",
        "SELECT * FROM UNNEST(ARRAY[1], MAP(ARRAY[1], ARRAY[2])) WITH ORDINALITY AS t (a, b, c, n)",
        "SELECT * FROM t CROSS JOIN LATERAL (SELECT t.a) u",
        "SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00 UTC'",
        "SELECT * FROM t FOR VERSION AS OF 123",
        "SELECT * FROM TABLE(sequence(start => 1, stop => 10))",
        "SELECT * FROM TABLE(f(TABLE(t) PARTITION BY (a, b) KEEP WHEN EMPTY ORDER BY c, "
        "DESCRIPTOR(x, y bigint), CAST(NULL AS DESCRIPTOR) COPARTITION (a, b), (c, d)))",
        "SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > 1",
        "SELECT a FROM t GROUP BY DISTINCT ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS ((), (a), "
        "b)",
        "SELECT a FROM t GROUP BY ALL a, 2", "SELECT all FROM t GROUP BY all",
        "SELECT a FROM t ORDER BY a DESC NULLS FIRST, b ASC NULLS LAST OFFSET 1 ROW LIMIT ALL",
        "SELECT a FROM t ORDER BY a OFFSET 2 FETCH NEXT ROW ONLY",
        "SELECT a FROM t ORDER BY a FETCH FIRST 5 ROWS WITH TIES", "SELECT a FROM t LIMIT ?",
        "SELECT 1 LIMIT 2", "SELECT 1 OFFSET ? FETCH FIRST ROW ONLY",
        "SELECT 1 limit, 2 AS offset FROM t window", "SELECT * FROM t limit WHERE limit.a = 1",
        "SELECT 1 INTERSECT ALL SELECT 2 UNION DISTINCT SELECT 3 EXCEPT SELECT 4",
        "SELECT sum(a) FILTER (WHERE b > 0) OVER (w ORDER BY c) FROM t WINDOW w AS (PARTITION BY "
        "d)",
        "SELECT rank() OVER w FROM t WINDOW w AS (ORDER BY a), v AS (w ROWS CURRENT ROW)",
        "SELECT lag(a, 1) IGNORE NULLS OVER (PARTITION BY b ORDER BY c) FROM t",
        "SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING) FROM t",
        "SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW), "
        "sum(a) OVER (ORDER BY b GROUPS 2 PRECEDING) FROM t",
        "SELECT array_agg(DISTINCT a ORDER BY b DESC, c) FROM t",
        "SELECT listagg(DISTINCT a, ',' ON OVERFLOW TRUNCATE '..' WITH COUNT) WITHIN GROUP "
        "(ORDER BY b) FILTER (WHERE c) FROM t",
        "SELECT json_value(j, 'lax $.a' RETURNING bigint ERROR ON ERROR) FROM t",
        "SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a PATTERN (A B+) DEFINE A AS true) AS m",
        "SELECT 1 WHERE (a, b) = (SELECT 1, 2) AND c > ANY (VALUES 1)",
        "SELECT \"$path\", t.\"a.b\" FROM \"t$partitions\" t"));

INSTANTIATE_TEST_SUITE_P(
    Ddl, ParserAcceptsTest,
    testing::Values(
        "CREATE EXTERNAL TABLE IF NOT EXISTS `d.t` (a int COMMENT \"it's\", `b c` array<struct<x:"
        "decimal(10,2),y:map<string,bigint>>>) COMMENT 'c' PARTITIONED BY (p date) ROW FORMAT "
        "DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' NULL "
        "DEFINED AS '' STORED AS TEXTFILE LOCATION 's3://b/k/' TBLPROPERTIES ('a' = 'b')",
        "CREATE TABLE t (a int) PARTITIONED BY (bucket(4, a), day(b)) STORED AS PARQUET LOCATION "
        "'s3://b/k/' TBLPROPERTIES ('table_type' = 'ICEBERG')",
        "ALTER TABLE t ADD IF NOT EXISTS PARTITION (a = '1', b = 2) LOCATION 's3://x/' PARTITION "
        "(a "
        "= DATE '2020-01-01')",
        "ALTER TABLE t PARTITION (a = 1) RENAME TO PARTITION (a = 2)",
        "ALTER TABLE t CHANGE COLUMN a b bigint COMMENT 'x' FIRST", "SHOW TABLES IN `d` LIKE '*a*'",
        "DESCRIBE EXTENDED d.t PARTITION (a = '1') c", "DROP TABLE IF EXISTS `my-table`;",
        "DROP SCHEMA d CASCADE", "MSCK REPAIR TABLE d.t"));

struct KindCase {
  const char* sql;
  const char* kind;
  StatementClass statement_class;
};

class ParserKindTest : public testing::TestWithParam<KindCase> {};

TEST_P(ParserKindTest, IsRecognised) {
  const absl::StatusOr<ast::StatementPtr> statement = Parse(GetParam().sql);
  ASSERT_TRUE(statement.ok()) << GetParam().sql << ": " << statement.status();
  EXPECT_EQ(KindOf(**statement), GetParam().kind);
  EXPECT_EQ(ClassOf(**statement), GetParam().statement_class);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ParserKindTest,
    testing::Values(
        KindCase{"TABLE t", "SELECT", StatementClass::kDml},
        KindCase{"EXPLAIN ANALYZE VERBOSE SELECT 1", "EXPLAIN_ANALYZE", StatementClass::kUtility},
        KindCase{"VERIFY SELECT 1", "VERIFY", StatementClass::kDml},
        KindCase{"USE c.d", "USE", StatementClass::kUtility},
        KindCase{"CREATE TABLE t WITH (format = 'ORC') AS SELECT 1 WITH NO DATA",
                 "CREATE_TABLE_AS_SELECT", StatementClass::kDml},
        KindCase{"CREATE TABLE t (a int) STORED AS PARQUET", "CREATE_TABLE", StatementClass::kDdl},
        KindCase{"INSERT INTO t (a) VALUES 1", "INSERT", StatementClass::kDml},
        KindCase{"INSERT INTO t (SELECT 1)", "INSERT", StatementClass::kDml},
        KindCase{"CREATE OR REPLACE VIEW v SECURITY INVOKER AS SELECT 1", "CREATE_VIEW",
                 StatementClass::kDdl},
        KindCase{"DROP VIEW v", "DROP_VIEW", StatementClass::kDdl},
        KindCase{"UPDATE t SET a = 1 WHERE b", "UPDATE", StatementClass::kDml},
        KindCase{"MERGE INTO t USING s ON a = b WHEN MATCHED AND c THEN DELETE WHEN NOT MATCHED "
                 "THEN INSERT VALUES (1)",
                 "MERGE", StatementClass::kDml},
        KindCase{"VACUUM t", "VACUUM", StatementClass::kDml},
        KindCase{"EXECUTE p USING 1, 'a'", "EXECUTE", StatementClass::kDml},
        KindCase{"EXECUTE IMMEDIATE 'SELECT 1'", "EXECUTE", StatementClass::kDml},
        KindCase{"DEALLOCATE PREPARE p", "DEALLOCATE", StatementClass::kDdl},
        KindCase{"SHOW DATABASES", "SHOW_DATABASES", StatementClass::kUtility},
        KindCase{"SET SESSION a = 1", "SET SESSION", StatementClass::kDdl},
        KindCase{"GRANT SELECT ON t TO u", "GRANT", StatementClass::kDdl}));

TEST(ParserTest, ParametersAreCountedInOrder) {
  const auto statement = Parse("SELECT ? FROM t WHERE a = ? LIMIT ?");
  ASSERT_TRUE(statement.ok());
  EXPECT_EQ((*statement)->num_parameters, 3);
}

TEST(ParserTest, ParenthesisedQueryKeepsItsOwnOrder) {
  const auto query = ParseQuery("(SELECT a FROM t ORDER BY b LIMIT 1) ORDER BY a");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ((*query)->order_by.size(), 1U);
  const auto* inner = std::get_if<ast::QueryPtr>(&(*query)->body);
  ASSERT_NE(inner, nullptr);
  EXPECT_NE((*inner)->limit, nullptr);
}

TEST(ParserTest, NodesKnowTheirPlace) {
  const auto query = ParseQuery("SELECT a,\n  b + c FROM t");
  ASSERT_TRUE(query.ok());
  const auto& select = std::get<ast::Select>((*query)->body);
  EXPECT_EQ(select.items[1].expression->location, (Location{2, 3}));
  EXPECT_EQ(select.items[1].expression->operator_location, (Location{2, 5}));
  EXPECT_EQ(select.from->location, (Location{2, 14}));
}

TEST(ParserLimitTest, LongStatementNamesTheLimit) {
  const std::string sql = absl::StrCat("SELECT '", std::string(1 << 20, 'x'), "'");
  const auto refused = Parse(sql);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(ErrorName(refused.status()), "QUERY_TEXT_TOO_LARGE");
  EXPECT_EQ(refused.status().message(),
            "Query text length (1048585) exceeds the maximum length (262144)");
  ParserOptions options;
  options.max_statement_bytes = 2 << 20;
  EXPECT_TRUE(Parse(sql, options).ok());
}

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    out.append(text);
  }
  return out;
}

struct NestingCase {
  const char* name;
  const char* before;
  const char* open;
  const char* middle;
  const char* close;
  const char* after = "";
};

class ParserNestingTest : public testing::TestWithParam<NestingCase> {};

// Moderate nesting works; what is deeper is an error, however deep, and not a crash or a long wait.
TEST_P(ParserNestingTest, HasALimit) {
  const NestingCase& c = GetParam();
  const auto nested = [&](int depth) {
    return absl::StrCat(c.before, Repeat(c.open, depth), c.middle, Repeat(c.close, depth), c.after);
  };
  const auto shallow = Parse(nested(100));
  EXPECT_TRUE(shallow.ok()) << shallow.status();
  for (const int depth : {2000, 20000}) {
    ParserOptions options;
    options.max_statement_bytes = 1 << 20;
    const auto deep = Parse(nested(depth), options);
    ASSERT_FALSE(deep.ok());
    EXPECT_EQ(ErrorName(deep.status()), "SYNTAX_ERROR");
    const std::string message(deep.status().message());
    EXPECT_TRUE(message.find("nested too deeply; at most 500") != std::string::npos ||
                message.find("too many operators in a row; at most 1000") != std::string::npos)
        << message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParserNestingTest,
    testing::Values(NestingCase{"Parentheses", "SELECT ", "(", "1", ")"},
                    NestingCase{"Rows", "SELECT ", "(1, ", "1", ")"},
                    NestingCase{"Not", "SELECT ", "NOT ", "a", ""},
                    NestingCase{"Minus", "SELECT ", "- ", "a", ""},
                    NestingCase{"Plus", "SELECT 1", " + 1", "", ""},
                    NestingCase{"Times", "SELECT 1", " * 1", "", ""},
                    NestingCase{"Concat", "SELECT 'a'", " || 'a'", "", ""},
                    NestingCase{"Subscripts", "SELECT a", "[1]", "", ""},
                    NestingCase{"Dots", "SELECT a", ".a", "", ""},
                    NestingCase{"Zones", "SELECT a", " AT TIME ZONE 'UTC'", "", ""},
                    NestingCase{"Case", "SELECT ", "CASE WHEN a THEN ", "1", " END"},
                    NestingCase{"CaseOperand", "SELECT ", "CASE ", "1", " WHEN 1 THEN 1 END"},
                    NestingCase{"Casts", "SELECT ", "CAST(", "1", " AS bigint)"},
                    NestingCase{"Calls", "SELECT ", "f(", "1", ")"},
                    NestingCase{"Substring", "SELECT ", "substring(", "'a'", ", 1)"},
                    NestingCase{"Position", "SELECT ", "position(", "'a'", " IN 'a')"},
                    NestingCase{"Trim", "SELECT ", "trim(", "'a'", ")"},
                    NestingCase{"Arrays", "SELECT ", "ARRAY[", "1", "]"},
                    NestingCase{"Lambdas", "SELECT f(", "x -> ", "x", "", ")"},
                    NestingCase{"Exists", "SELECT ", "EXISTS (SELECT ", "1", ")"},
                    NestingCase{"Subqueries", "SELECT ", "(SELECT ", "1", ")"},
                    NestingCase{"In", "SELECT ", "a IN (", "1", ")"},
                    NestingCase{"InQuery", "SELECT ", "a IN (SELECT ", "1", ")"},
                    NestingCase{"Windows", "SELECT ", "sum(1) OVER (ORDER BY ", "1", ")"},
                    NestingCase{"Queries", "", "(", "SELECT 1", ")"},
                    NestingCase{"FromQueries", "SELECT * FROM ", "(SELECT * FROM ", "t", ")"},
                    NestingCase{"With", "", "WITH t AS (", "SELECT 1", ") SELECT 1"},
                    NestingCase{"Unions", "SELECT 1", " UNION ALL SELECT 1", "", ""},
                    NestingCase{"Intersects", "SELECT 1", " INTERSECT SELECT 1", "", ""},
                    NestingCase{"Relations", "SELECT * FROM ", "(", "t", ")"},
                    NestingCase{"Joins", "SELECT * FROM t", " CROSS JOIN t", "", ""},
                    NestingCase{"RightJoins", "SELECT * FROM ", "t JOIN ", "t", " ON a"},
                    NestingCase{"Commas", "SELECT * FROM t", ", t", "", ""},
                    NestingCase{"Types", "SELECT CAST(a AS ", "array(", "bigint", ")", ")"},
                    NestingCase{"RowTypes", "SELECT CAST(a AS ", "row(a ", "bigint", ")", ")"},
                    NestingCase{"ArrayTypes", "SELECT CAST(a AS bigint", " ARRAY", "", "", ")"},
                    NestingCase{"HiveTypes", "CREATE EXTERNAL TABLE t (a ", "array<", "int", ">",
                                ")"},
                    NestingCase{"Explains", "", "EXPLAIN ", "SELECT 1", ""},
                    NestingCase{"Prepares", "", "PREPARE p FROM ", "SELECT 1", ""}),
    [](const auto& test) { return test.param.name; });

TEST(ParserLimitTest, ListsAndConjunctionsHaveNoLimit) {
  EXPECT_TRUE(Parse(absl::StrCat("SELECT a", Repeat(" AND a", 40000))).ok());
  EXPECT_TRUE(Parse(absl::StrCat("SELECT a", Repeat(" OR a", 40000))).ok());
  EXPECT_TRUE(Parse(absl::StrCat("VALUES (1)", Repeat(", (1)", 40000))).ok());
  EXPECT_TRUE(Parse(absl::StrCat("SELECT a IN (1", Repeat(", 1", 40000), ")")).ok());
  EXPECT_TRUE(Parse(absl::StrCat("SELECT CASE", Repeat(" WHEN a THEN 1", 10000), " END")).ok());
}

// Chains inside chains add up.
TEST(ParserLimitTest, NestedChainsShareTheLimit) {
  std::string sql = "a";
  for (int i = 0; i < 20; ++i) {
    sql = absl::StrCat("(", sql, ")", Repeat(" + 1", 100));
  }
  const auto expr = ParseExpression(sql);
  ASSERT_FALSE(expr.ok());
  EXPECT_NE(expr.status().message().find("too many operators in a row"), std::string::npos);
}

TEST(SplitStatementsTest, CutsOutsideOfQuotesAndComments) {
  const auto statements =
      SplitStatements("SELECT ';' -- ; no\n ; /* ; */ ;\n\nSELECT \"a;b\" /* x */;\n-- the end\n");
  ASSERT_TRUE(statements.ok()) << statements.status();
  ASSERT_EQ(statements->size(), 2U);
  EXPECT_EQ((*statements)[0].text, "SELECT ';'");
  EXPECT_EQ((*statements)[1].text, "SELECT \"a;b\"");
  EXPECT_EQ((*statements)[1].location, (Location{4, 1}));
}

TEST(SplitStatementsTest, ReadsEachStatementInItsMode) {
  const auto statements = SplitStatements(
      R"(CREATE EXTERNAL TABLE t (a int COMMENT 'it\'s; "so') COMMENT "don't";
SELECT '\'; ALTER TABLE t SET TBLPROPERTIES ('a' = '\';'); CREATE TABLE u AS SELECT '\'; SELECT 2)");
  ASSERT_TRUE(statements.ok()) << statements.status();
  ASSERT_EQ(statements->size(), 5U);
  EXPECT_EQ((*statements)[1].text, R"(SELECT '\')");
  EXPECT_EQ((*statements)[2].text, R"(ALTER TABLE t SET TBLPROPERTIES ('a' = '\';'))");
  EXPECT_EQ((*statements)[3].text, R"(CREATE TABLE u AS SELECT '\')");
  EXPECT_EQ((*statements)[4].text, "SELECT 2");
  EXPECT_EQ((*statements)[2].location, (Location{2, 13}));
}

TEST(SplitStatementsTest, NothingIsNoStatement) {
  const auto statements = SplitStatements(" ;; -- x\n");
  ASSERT_TRUE(statements.ok());
  EXPECT_TRUE(statements->empty());
  EXPECT_FALSE(SplitStatements("SELECT 'a").ok());
}

TEST(SplitEndedStatementsTest, WhatNoSemicolonEndsIsLeft) {
  struct Case {
    std::string_view script;
    size_t statements;
    std::string_view rest;
    bool blank;
  };

  for (const Case& c :
       {Case{"SELECT 1", 0, "SELECT 1", false}, Case{"SELECT 1; SELECT", 1, " SELECT", false},
        Case{"SELECT 1;; -- the end", 1, " -- the end", true},
        Case{"SELECT 'a; b", 0, "SELECT 'a; b", false},
        Case{"SELECT 1; SELECT \"a;", 1, " SELECT \"a;", false},
        Case{"SELECT 1; /* not; closed", 1, " /* not; closed", false},
        Case{"ALTER TABLE t SET TBLPROPERTIES ('a' = '\\';", 0,
             "ALTER TABLE t SET TBLPROPERTIES ('a' = '\\';", false}}) {
    const auto ended = SplitEndedStatements(c.script);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->statements.size(), c.statements) << c.script;
    EXPECT_EQ(c.script.substr(ended->end), c.rest);
    EXPECT_EQ(ended->blank, c.blank) << c.script;
  }
}

TEST(SplitEndedStatementsTest, WhatNoTextCanMendIsAnError) {
  for (const std::string_view script : {"SELECT X'0'", "SELECT 1a;", "SELECT '\xff'"}) {
    EXPECT_EQ(SplitEndedStatements(script).status().code(), absl::StatusCode::kInvalidArgument)
        << script;
  }
}

}  // namespace
}  // namespace pallas::sql
