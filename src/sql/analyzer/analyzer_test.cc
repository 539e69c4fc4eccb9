#include "sql/analyzer/analyzer.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "sql/analyzer/testing_tables.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

class AnalyzerTest : public testing::Test {
 protected:
  AnalyzerTest() {
    tables_.AddTpch();
    session_.dialect.decimal_literals = DialectOptions::DecimalLiterals::kDecimal;
    session_.catalog = "tpch";
    session_.database = "tiny";
  }

  absl::StatusOr<AnalyzedQuery> Analyze(const std::string& sql) {
    absl::StatusOr<ast::StatementPtr> statement = Parse(sql);
    if (!statement.ok()) {
      return statement.status();
    }
    const auto& query = std::get<ast::QueryStatement>((*statement)->node).query;
    return AnalyzeQuery(*query, sql, session_, context_, tables_);
  }

  std::string Plan(const std::string& sql) {
    const absl::StatusOr<AnalyzedQuery> query = Analyze(sql);
    return query.ok() ? ToString(*query->plan) : std::string(query.status().message());
  }

  // "name type, name type", or the error.
  std::string Outputs(const std::string& sql) {
    const absl::StatusOr<AnalyzedQuery> query = Analyze(sql);
    if (!query.ok()) {
      return std::string(query.status().message());
    }
    return absl::StrJoin(query->outputs, ", ", [](std::string* out, const PlanColumn& column) {
      absl::StrAppend(out, column.name, " ", column.type.ToString());
    });
  }

  // "CODE message"
  std::string Error(const std::string& sql) {
    const absl::StatusOr<AnalyzedQuery> query = Analyze(sql);
    return query.ok() ? "OK"
                      : absl::StrCat(ErrorName(query.status()), " ", query.status().message());
  }

  TestingTables tables_;
  Session session_;
  sdk::RequestContext context_;
};

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_F(AnalyzerTest, TpchQueriesAreAnalysed) {
  session_ = Session();
  for (int number = 1; number <= 22; ++number) {
    const std::string name = absl::StrCat("q", number < 10 ? "0" : "", number, ".sql");
    std::string sql = ReadFile(std::filesystem::path("tests/tpch/queries") / name);
    ASSERT_FALSE(sql.empty()) << name;
    EXPECT_EQ(Analyze(sql).status(), absl::OkStatus()) << name;
  }
}

// testdata/plans.txt: each query after "-- ", then its outputs and its plan, as this analyzer makes
// them. Rewritten with UPDATE_GOLDEN=1; read the difference.
TEST_F(AnalyzerTest, PlansAreAsRecorded) {
  const std::filesystem::path path = "src/sql/analyzer/testdata/plans.txt";
  const std::string recorded = ReadFile(path);
  ASSERT_FALSE(recorded.empty());
  std::string text;
  for (const std::string_view line : absl::StrSplit(recorded, '\n')) {
    if (absl::StartsWith(line, "-- ")) {
      const std::string sql(line.substr(3));
      absl::StrAppend(&text, line, "\n", Outputs(sql), "\n", Plan(sql), "\n");
    }
  }
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
  }
  EXPECT_EQ(text, recorded);
}

struct ErrorCase {
  std::string_view sql;
  std::string_view error;
};

// Trino's names and messages.
constexpr ErrorCase kErrors[] = {
    {"SELECT * FROM no_such_table",
     "TABLE_NOT_FOUND line 1:15: Table 'tpch.tiny.no_such_table' does not exist"},
    {"SELECT * FROM a.b.c.d", "SYNTAX_ERROR Too many dots in table name: a.b.c.d"},
    {"SELECT regionkey, name FROM nation GROUP BY regionkey",
     "EXPRESSION_NOT_AGGREGATE line 1:19: 'name' must be an aggregate expression or appear in "
     "GROUP BY clause"},
    {"SELECT * FROM nation n GROUP BY regionkey",
     "EXPRESSION_NOT_AGGREGATE Column 'n.nationkey' not in GROUP BY clause"},
    {"SELECT regionkey FROM nation GROUP BY regionkey HAVING name = 'x'",
     "EXPRESSION_NOT_AGGREGATE line 1:61: '(name = 'x')' must be an aggregate expression or appear "
     "in GROUP BY clause"},
    {"SELECT regionkey FROM nation GROUP BY regionkey ORDER BY name",
     "EXPRESSION_NOT_AGGREGATE line 1:58: 'name' must be an aggregate expression or appear in "
     "GROUP "
     "BY clause"},
    {"SELECT regionkey, (SELECT max(name) FROM region r WHERE r.comment = n.comment) FROM nation n "
     "GROUP BY regionkey",
     "EXPRESSION_NOT_AGGREGATE line 1:69: Subquery uses 'comment' which must appear in GROUP BY "
     "clause"},
    {"SELECT regionkey FROM nation GROUP BY 2",
     "INVALID_COLUMN_REFERENCE line 1:39: GROUP BY position 2 is not in select list"},
    {"SELECT regionkey FROM nation GROUP BY ROLLUP (regionkey + 1)",
     "INVALID_COLUMN_REFERENCE line 1:57: GROUP BY expression must be a column reference: "
     "(regionkey + 1)"},
    {"SELECT count(*) FROM nation GROUP BY 1",
     "EXPRESSION_NOT_SCALAR line 1:8: GROUP BY clause cannot contain aggregations, window "
     "functions "
     "or grouping operations: [count(*)]"},
    {"SELECT grouping(name) FROM nation",
     "MISSING_GROUP_BY line 1:1: A GROUPING() operation can only be used with a corresponding "
     "GROUPING SET/CUBE/ROLLUP/GROUP BY clause"},
    {"SELECT name FROM nation ORDER BY 3",
     "INVALID_COLUMN_REFERENCE line 1:34: ORDER BY position 3 is not in select list"},
    {"SELECT DISTINCT 1 AS a, a + b FROM (VALUES (1, 2)) t(a, b) ORDER BY a + b",
     "EXPRESSION_NOT_IN_DISTINCT line 1:1: For SELECT DISTINCT, ORDER BY expressions must appear "
     "in "
     "select list"},
    {"SELECT -a AS a FROM (VALUES 1) t(a) GROUP BY a ORDER BY max(a)",
     "COLUMN_NOT_FOUND line 1:61: Invalid reference to output projection attribute from ORDER BY "
     "aggregation"},
    {"SELECT name FROM nation FETCH FIRST 3 ROWS WITH TIES",
     "MISSING_ORDER_BY line 1:25: FETCH FIRST WITH TIES clause requires ORDER BY"},
    {"SELECT name FROM nation ORDER BY 1 LIMIT 2147483648",
     "NOT_SUPPORTED line 1:42: ORDER BY LIMIT > 2147483647 is not supported"},
    {"SELECT 1, '2', *",
     "COLUMN_NOT_FOUND line 1:16: SELECT * not allowed in queries without FROM clause"},
    {"SELECT a.* FROM nation n", "TABLE_NOT_FOUND line 1:8: Unable to resolve reference a"},
    {"SELECT * FROM nation AS n (a, b)",
     "MISMATCHED_COLUMN_ALIASES line 1:15: Column alias list has 2 entries but 'n' has 4 columns "
     "available"},
    {"WITH t(a, b) AS (SELECT 1) SELECT * FROM t",
     "MISMATCHED_COLUMN_ALIASES line 1:8: Column alias list has 2 entries but relation has 1 "
     "columns"},
    {"WITH t AS (SELECT 1), T AS (SELECT 2) SELECT * FROM t",
     "DUPLICATE_NAMED_QUERY line 1:23: WITH query name 'T' specified more than once"},
    {"WITH t AS (TABLE nation) SELECT min(row_number) FROM t",
     "COLUMN_NOT_FOUND line 1:37: Column 'row_number' cannot be resolved"},
    {"WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT * FROM t",
     "MISSING_COLUMN_ALIASES line 1:16: missing column aliases in recursive WITH query"},
    {"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 'a' FROM t) SELECT * FROM t",
     "TYPE_MISMATCH line 1:44: recursion step relation output type (varchar(1)) is not coercible "
     "to "
     "recursion base relation output type (integer) at column 1"},
    {"SELECT * FROM (VALUES (1, 'a')) AS t(k, v1) JOIN (VALUES (1, 'b')) AS u(k, v2) USING (k, k)",
     "DUPLICATE_COLUMN_NAME line 1:90: Column 'k' appears multiple times in USING clause"},
    {"SELECT * FROM nation JOIN region USING (nationkey)",
     "COLUMN_NOT_FOUND line 1:41: Column 'nationkey' is missing from right side of join"},
    {"SELECT * FROM nation n JOIN region r ON n.regionkey",
     "TYPE_MISMATCH line 1:41: JOIN ON clause must evaluate to a boolean: actual type bigint"},
    {"SELECT count(*) FROM orders o1 LEFT JOIN orders o2 ON NOT EXISTS(SELECT 1 FROM orders i "
     "WHERE "
     "o1.orderkey < o2.orderkey)",
     "NOT_SUPPORTED line 1:95: Reference to column 'o1.orderkey' from outer scope not allowed in "
     "this context"},
    {"SELECT * FROM (VALUES ARRAY[1, null]) a(x) RIGHT OUTER JOIN UNNEST(ARRAY[2, null]) b(y) ON "
     "b.y = 1",
     "NOT_SUPPORTED line 1:96: RIGHT JOIN involving UNNEST is only supported with condition ON "
     "TRUE"},
    {"SELECT * FROM UNNEST(1)", "INVALID_FUNCTION_ARGUMENT Cannot unnest type: integer"},
    {"SELECT * FROM (VALUES (1, 2), (3)) t",
     "TYPE_MISMATCH line 1:16: Values rows have mismatched sizes: 2 vs 1"},
    {"VALUES 1, 'a'",
     "TYPE_MISMATCH line 1:1: Values rows have mismatched types: row(integer) vs row(varchar(1))"},
    {"SELECT 1 UNION SELECT 'a'",
     "TYPE_MISMATCH line 1:10: column 1 in UNION query has incompatible types: integer, "
     "varchar(1)"},
    {"SELECT 1, 2 UNION SELECT 1",
     "TYPE_MISMATCH line 1:13: UNION query has different number of fields: 2, 1"},
    {"SELECT * FROM nation TABLESAMPLE BERNOULLI (NULL)",
     "INVALID_ARGUMENTS line 1:45: Sample percentage cannot be NULL"},
    {"SELECT * FROM nation TABLESAMPLE BERNOULLI (CAST(NULL AS varchar))",
     "TYPE_MISMATCH line 1:45: Sample percentage should be a numeric expression"},
    {"SELECT * FROM nation TABLESAMPLE BERNOULLI (101)",
     "NUMERIC_VALUE_OUT_OF_RANGE line 1:45: Sample percentage must be less than or equal to 100"},
    {"SELECT * FROM nation MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)",
     "NOT_SUPPORTED line 1:15: MATCH_RECOGNIZE is not supported"},
    {"SELECT * FROM nation FOR VERSION AS OF 1",
     "NOT_SUPPORTED line 1:15: FOR VERSION AS OF and FOR TIMESTAMP AS OF are not supported"},
    {"WITH FUNCTION f() RETURNS bigint RETURN 1 SELECT f()",
     "NOT_SUPPORTED line 1:1: WITH FUNCTION is not supported"},
    {"SELECT 1 FROM nation WINDOW w AS (), W AS ()",
     "DUPLICATE_WINDOW_NAME line 1:38: WINDOW name 'W' specified more than once"},
};

TEST_F(AnalyzerTest, ErrorsAreTrinos) {
  for (const ErrorCase& test : kErrors) {
    EXPECT_EQ(Error(std::string(test.sql)), test.error) << test.sql;
  }
}

TEST_F(AnalyzerTest, TableFunctions) {
  EXPECT_EQ(Plan("SELECT * FROM TABLE(sequence(-5, 5, 4))"),
            "Project c0 -> [c1 sequential_number: bigint]\n"
            "  Values (-5), (-1), (3) -> [c0 sequential_number: bigint]\n");
  EXPECT_EQ(Plan("SELECT * FROM TABLE(sequence(start => -5, stop => 10, "
                 "step => 9223372036854775807))"),
            "Project c0 -> [c1 sequential_number: bigint]\n"
            "  Values (-5) -> [c0 sequential_number: bigint]\n");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(5, 1))"),
            "INVALID_FUNCTION_ARGUMENT Step must be negative for sequence [5, 1]");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(1, 9223372036854775807))"),
            "NOT_SUPPORTED TABLE(sequence(...)) of more than 10000 rows is not supported");
  EXPECT_EQ(
      Outputs("SELECT * FROM TABLE(exclude_columns(TABLE(nation), DESCRIPTOR(comment, NAME)))"),
      "nationkey bigint, regionkey bigint");
  EXPECT_EQ(Error("SELECT * FROM TABLE(exclude_columns(input => TABLE(nation), columns => "
                  "DESCRIPTOR(row_number)))"),
            "INVALID_FUNCTION_ARGUMENT Excluded columns: [row_number] not present in the table");
  EXPECT_EQ(Error("SELECT * FROM TABLE(mysql.system.query('SELECT 1'))"),
            "FUNCTION_NOT_FOUND line 1:21: Table function 'mysql.system.query' not registered");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(start => 1, start => 2, stop => 3))"),
            "INVALID_FUNCTION_ARGUMENT line 1:42: Duplicate argument name: START");
  EXPECT_EQ(
      Error("SELECT * FROM TABLE(sequence(1, stop => 3))"),
      "INVALID_ARGUMENTS line 1:30: All arguments must be passed by name or all must be passed "
      "positionally");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(start => 1, foo => 2, stop => 3))"),
            "INVALID_FUNCTION_ARGUMENT line 1:42: Unexpected argument name: FOO");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(start => 1))"),
            "MISSING_ARGUMENT line 1:30: Missing argument: STOP");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(start => DESCRIPTOR(a), stop => 3))"),
            "INVALID_FUNCTION_ARGUMENT line 1:30: Invalid argument START. Expected expression, got "
            "descriptor");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(1, 2, 3, 4))"),
            "INVALID_ARGUMENTS line 1:30: Too many arguments. Expected at most 3 arguments, got 4 "
            "arguments");
  EXPECT_EQ(Error("SELECT * FROM TABLE(sequence(start => NULL, stop => 3))"),
            "INVALID_FUNCTION_ARGUMENT Start is null");
}

TEST_F(AnalyzerTest, ViewsAreExpandedInTheirOwnCatalog) {
  tables_.AddView({"awsdatacatalog", "views", "v"}, "n varchar, k bigint",
                  "SELECT n_name n, n_nationkey FROM awsdatacatalog.default.nation");
  tables_.AddView({"awsdatacatalog", "default", "w"}, "name varchar(25)",
                  "SELECT n_name AS name FROM nation ORDER BY 1");
  EXPECT_EQ(Error("SELECT * FROM awsdatacatalog.views.v"),
            "VIEW_IS_STALE line 1:15: View 'awsdatacatalog.views.v' is stale or in invalid state: "
            "column [n_nationkey] of type bigint projected from query view at position 1 has a "
            "different name from column [k] of type bigint stored in view definition; it must be "
            "re-created");
  EXPECT_EQ(Plan("SELECT w.name FROM awsdatacatalog.default.w"),
            "Project c4 -> [c5 name: varchar(25)]\n"
            "  Project c1 -> [c4 name: varchar(25)]\n"
            "    Scan awsdatacatalog.default.nation (n_name) -> [c1 n_name: varchar(25)]\n");
}

TEST_F(AnalyzerTest, ViewsThatDoNotWorkAreNamed) {
  const catalog::QualifiedName name{"tpch", "tiny", "v"};
  tables_.AddView(name, "a bigint", "SELECT name FROM nation");
  EXPECT_EQ(Error("SELECT * FROM v"),
            "VIEW_IS_STALE line 1:15: View 'tpch.tiny.v' is stale or in invalid state: column "
            "[name] of type varchar(25) projected from query view at position 0 has a different "
            "name from column [a] of type bigint stored in view definition; it must be "
            "re-created");
  tables_.AddView(name, "name bigint", "SELECT name FROM nation");
  EXPECT_EQ(Error("SELECT * FROM v"),
            "VIEW_IS_STALE line 1:15: View 'tpch.tiny.v' is stale or in invalid state: column "
            "[name] of type varchar(25) projected from query view at position 0 cannot be coerced "
            "to column [name] of type bigint stored in view definition; it must be re-created");
  tables_.AddView(name, "a bigint, b bigint", "SELECT 1 a");
  EXPECT_EQ(Error("SELECT * FROM v"),
            "VIEW_IS_STALE line 1:15: View 'tpch.tiny.v' is stale or in invalid state: stored view "
            "column count (2) does not match column count derived from the view query analysis "
            "(1); it must be re-created");
  tables_.AddView(name, "a bigint", "SELECT x FROM nation");
  EXPECT_EQ(Error("SELECT * FROM v"),
            "INVALID_VIEW line 1:15: Failed analyzing stored view 'tpch.tiny.v': line 1:8: Column "
            "'x' cannot be resolved");
  tables_.AddView(name, "a bigint", "SELECT * FROM v");
  EXPECT_EQ(Error("SELECT * FROM v"), "VIEW_IS_RECURSIVE line 1:15: View is recursive");
}

TEST_F(AnalyzerTest, ViewsThatMultiplyAreStopped) {
  tables_.AddView({"tpch", "tiny", "v0"}, "a bigint", "SELECT BIGINT '1' a");
  for (int i = 1; i <= 40; ++i) {
    const std::string below = absl::StrCat("v", i - 1);
    tables_.AddView({"tpch", "tiny", absl::StrCat("v", i)}, "a bigint",
                    absl::StrCat("SELECT x.a FROM ", below, " x, ", below, " y"));
  }
  EXPECT_EQ(Error("SELECT * FROM v8"), "OK");
  EXPECT_THAT(Error("SELECT * FROM v40"),
              testing::AllOf(testing::StartsWith("QUERY_HAS_TOO_MANY_STAGES line "),
                             testing::HasSubstr("reads views more than 1000 times")));
}

TEST_F(AnalyzerTest, EachTableIsAskedForOnce) {
  ASSERT_EQ(Analyze("SELECT * FROM nation a, nation b, tpch.tiny.nation c WHERE EXISTS (TABLE "
                    "nation)")
                .status(),
            absl::OkStatus());
  EXPECT_EQ(tables_.num_resolved(), 1);
}

TEST_F(AnalyzerTest, HiddenColumnsAreReachedByNameOnly) {
  tables_.Add({"tpch", "tiny", "t"}, "a bigint, $path varchar");
  EXPECT_EQ(Outputs("SELECT * FROM t"), "a bigint");
  EXPECT_EQ(Outputs("SELECT \"$path\", t.\"$path\" FROM t"), "$path varchar, $path varchar");
  EXPECT_EQ(Outputs("SELECT b FROM t AS u(b)"), "b bigint");
}

TEST_F(AnalyzerTest, WideTablesAndLongListsAreNoTrouble) {
  std::vector<std::string> columns;
  std::vector<std::string> items;
  for (int i = 0; i < 2000; ++i) {
    columns.push_back(absl::StrCat("column_", i, " bigint"));
    items.push_back(absl::StrCat("wide.column_", i, " + 1 AS x", i));
  }
  tables_.Add({"tpch", "tiny", "wide"}, absl::StrJoin(columns, ", "));
  const absl::StatusOr<AnalyzedQuery> query =
      Analyze(absl::StrCat("SELECT ", absl::StrJoin(items, ", "), " FROM wide ORDER BY x7, 9"));
  ASSERT_EQ(query.status(), absl::OkStatus());
  EXPECT_EQ(query->outputs.size(), 2000);

  std::string terms;
  std::string numbers;
  for (int i = 0; i < 10000; ++i) {
    absl::StrAppend(&terms, i == 0 ? "" : " OR ", "nationkey=", i);
    absl::StrAppend(&numbers, i == 0 ? "" : ",", i);
  }
  EXPECT_EQ(Analyze(absl::StrCat("SELECT 1 FROM nation WHERE ", terms)).status(), absl::OkStatus());
  EXPECT_EQ(
      Analyze(absl::StrCat("SELECT 1 FROM nation WHERE nationkey IN (", numbers, ")")).status(),
      absl::OkStatus());
}

std::string Repeat(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) {
    absl::StrAppend(&repeated, text);
  }
  return repeated;
}

// Nesting is analysed, or refused by the parser's limits or our own; the stack never overflows.
TEST_F(AnalyzerTest, DeepNestingIsAnalysedOrRefused) {
  EXPECT_EQ(Analyze(Repeat("SELECT * FROM (", 100) + "SELECT 1" + Repeat(")", 100)).status(),
            absl::OkStatus());
  EXPECT_EQ(Analyze("SELECT 1" + Repeat(" UNION ALL SELECT 1", 900)).status(), absl::OkStatus());
  EXPECT_EQ(Analyze("SELECT 1 FROM nation" + Repeat(", nation", 200)).status(), absl::OkStatus());
  EXPECT_FALSE(Analyze("SELECT 1" + Repeat(" UNION ALL SELECT 1", 10000)).ok());
  EXPECT_FALSE(Analyze("SELECT 1 FROM nation" + Repeat(", nation", 10000)).ok());
  std::string with = "WITH t0 AS (SELECT 1 AS a)";
  for (int i = 1; i < 500; ++i) {
    absl::StrAppend(&with, ", t", i, " AS (SELECT * FROM t", i - 1, ")");
  }
  EXPECT_EQ(Analyze(with + " SELECT * FROM t499").status(), absl::OkStatus());
}

}  // namespace
}  // namespace pallas::sql
