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
    {"SELECT * FROM a.b.c.d", "SYNTAX_ERROR line 1:15: Too many dots in table name: a.b.c.d"},
    {"SELECT regionkey, name FROM nation GROUP BY regionkey",
     "EXPRESSION_NOT_AGGREGATE line 1:19: 'name' must be an aggregate expression or appear in "
     "GROUP BY clause"},
    {"SELECT * FROM nation n GROUP BY regionkey",
     "EXPRESSION_NOT_AGGREGATE line 1:8: Column 'n.nationkey' not in GROUP BY clause"},
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
     "MISSING_GROUP_BY line 1:8: A GROUPING() operation can only be used with a corresponding "
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
     "MISSING_ORDER_BY line 1:37: FETCH FIRST WITH TIES clause requires ORDER BY"},
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
     "NUMERIC_VALUE_OUT_OF_RANGE line 1:45: Sample percentage must be between 0 and 100"},
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

}  // namespace
}  // namespace pallas::sql
