#include "sql/analyzer/expression_analyzer.h"

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <gtest/gtest.h>

#include "base/error_detail.h"
#include "sql/ast/query.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

// Every subquery is a table of bigint columns, as many as its SELECT has items, named n1, n2, ...
class FakeSubqueries : public SubqueryAnalyzer {
 public:
  explicit FakeSubqueries(ColumnIds& ids) : ids_(ids) {}

  absl::StatusOr<PlanPtr> AnalyzeSubquery(const ast::Query& query, const Scope&) override {
    auto plan = std::make_unique<Plan>();
    plan->node = ValuesPlan{};
    for (size_t i = 0; i < std::get<ast::Select>(query.body).items.size(); ++i) {
      plan->columns.push_back({ids_.Next(), absl::StrCat("n", i + 1), Type::Bigint()});
    }
    return plan;
  }

 private:
  ColumnIds& ids_;
};

// A place in a SELECT over the tables t, u and hive.sales.orders, inside a query over o.
struct Place {
  Place() : subqueries(ids) {
    session.dialect.decimal_literals = DialectOptions::DecimalLiterals::kDecimal;
    // 2020-05-10 12:34:56.789123 UTC
    session.start_time = absl::FromUnixMicros(1'589'114'096'789'123);
    session.user = "ann";
    outer.fields.push_back({{"o"}, "far", ids.Next(), Type::Bigint()});
    Add("t", "i", "integer");
    Add("t", "b", "bigint");
    Add("t", "d", "double");
    Add("t", "s", "varchar(25)");
    Add("t", "dt", "date");
    Add("t", "ts", "timestamp(3)");
    Add("t", "tz", "timestamp(3) with time zone");
    Add("t", "dec", "decimal(12,2)");
    Add("t", "arr", "array(integer)");
    Add("t", "m", "map(varchar, bigint)");
    Add("t", "r", "row(x integer, y row(z varchar), x2 date)");
    Add("t", "f", "boolean");
    Add("t", "k", "bigint");
    Add("u", "k", "bigint");
    Add("t", "j", "json");
    scope.fields.push_back(
        {{"hive", "sales", "orders"}, "Total", ids.Next(), Type::Decimal(12, 2)});
    scope.outer = &outer;
    place.clause = "SELECT clause";
    place.select = {1, 1};
    place.calls = &calls;
    place.windows_allowed = true;
  }

  // `type: expression`, or `CODE: message`.
  std::string Show(std::string_view sql) {
    const absl::StatusOr<ExprPtr> expr = Analyze(sql);
    return expr.ok() ? absl::StrCat((*expr)->type.ToString(), ": ", ToString(**expr))
                     : absl::StrCat(ErrorName(expr.status()), ": ", expr.status().message());
  }

  void Add(const char* table, const char* name, const char* type) {
    scope.fields.push_back({{table}, name, ids.Next(), *ParseTrinoType(type)});
  }

  absl::StatusOr<ExprPtr> Analyze(std::string_view sql) {
    absl::StatusOr<ast::ExprPtr> parsed = ParseExpression(sql);
    if (!parsed.ok()) {
      return parsed.status();
    }
    return ExpressionAnalyzer(session, ids, subqueries).Analyze(**parsed, scope, place);
  }

  Session session;
  ColumnIds ids;
  FakeSubqueries subqueries;
  Scope outer;
  Scope scope;
  CapturedCalls calls;
  ExpressionPlace place;
};

struct Case {
  std::string_view sql;
  std::string_view want;
};

void Expect(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(Place().Show(c.sql), c.want) << c.sql;
  }
}

TEST(ExpressionAnalyzerTest, ReadsLiterals) {
  Expect({
      {"1", "integer: 1"},
      {"2147483648", "bigint: 2147483648"},
      {"-2147483648", "integer: -2147483648"},
      {"9223372036854775808",
       "SYNTAX_ERROR: line 1:1: Invalid numeric literal: 9223372036854775808"},
      {"-9223372036854775808", "bigint: -9223372036854775808"},
      {"1.10", "decimal(3,2): DECIMAL '1.10'"},
      {"-.5", "decimal(1,1): DECIMAL '-0.5'"},
      {"1e0", "double: 1.0E0"},
      {"'abc'", "varchar(3): 'abc'"},
      {"'żółć'", "varchar(4): 'żółć'"},
      {"X'4142'", "varbinary: X'4142'"},
      {"true", "boolean: true"},
      {"null", "unknown: NULL"},
      {"0xFF", "integer: 255"},
      {"1_000", "integer: 1000"},
  });
}

TEST(ExpressionAnalyzerTest, ReadsTypedLiterals) {
  Expect({
      {"DATE '2020-5-1'", "date: date '2020-05-01'"},
      {"DATE '2020-13-45'", "INVALID_LITERAL: line 1:1: '2020-13-45' is not a valid DATE literal"},
      {"TIME '12:34:56.123'", "time(3): time(3) '12:34:56.123'"},
      {"TIME '12:34:56 +05:30'",
       "time(0) with time zone: time(0) with time zone '52215808000001170'"},
      {"TIMESTAMP '2020-05-10 12:34:56.123'",
       "timestamp(3): timestamp(3) '2020-05-10 12:34:56.123'"},
      {"TIMESTAMP '2020-05-10 12:34:56.1234567'",
       "timestamp(7): timestamp(7) '1589114096123456+700000'"},
      {"TIMESTAMP '2020-05-10 12:34:56 Europe/Vienna'",
       "timestamp(0) with time zone: timestamp(0) with time zone '6508981846018100'"},
      {"TIMESTAMP '2020-01-01 00:00:00 Mars/Phobos'",
       "INVALID_LITERAL: line 1:1: '2020-01-01 00:00:00 Mars/Phobos' is not a valid TIMESTAMP "
       "literal"},
      {"TIMESTAMP '2020-01-01 00:00:00.1234567890123'",
       "NUMERIC_VALUE_OUT_OF_RANGE: line 1:1: TIMESTAMP precision must be in range [0, 12]: 13"},
      {"DECIMAL '0.12'", "decimal(2,2): DECIMAL '0.12'"},
      {"DECIMAL 'x'", "INVALID_LITERAL: line 1:1: 'x' is not a valid DECIMAL literal"},
      {"JSON '{\"b\":1,\"a\":2}'", "json: json '{\"a\":2,\"b\":1}'"},
      {"JSON ''", "INVALID_LITERAL: line 1:1: '' is not a valid JSON literal"},
      {"CHAR 'ab '", "char(3): char(3) 'ab'"},
      {"BIGINT '12'", "bigint: 12"},
      {"BIGINT 'x'", "INVALID_LITERAL: line 1:1: 'x' is not a valid BIGINT literal"},
      {"DOUBLE '1.5'", "double: 1.5E0"},
      {"UUID '6b5f5b65-67e4-43b0-8ee3-586cd49f58a0'",
       "uuid: uuid'6b5f5b6567e443b08ee3586cd49f58a0'"},
      {"nosuch 'x'", "TYPE_NOT_FOUND: line 1:1: Unknown type: nosuch"},
      {"VARCHAR 'abc'", "varchar: 'abc'"},
      {"INTERVAL '2' DAY", "interval day to second: interval day to second '172800000'"},
      {"INTERVAL - '1-6' YEAR TO MONTH", "interval year to month: interval year to month '-18'"},
      {"INTERVAL '3 04:05:06.789' DAY TO SECOND",
       "interval day to second: interval day to second '273906789'"},
      {"INTERVAL 'x' DAY", "INVALID_LITERAL: line 1:1: Invalid INTERVAL DAY value: x"},
  });
}

TEST(ExpressionAnalyzerTest, KnowsTheSession) {
  Expect({
      {"current_date", "date: date '2020-05-10'"},
      {"current_timestamp",
       "timestamp(3) with time zone: timestamp(3) with time zone '6509011340447744'"},
      {"current_timestamp(6)",
       "timestamp(6) with time zone: timestamp(6) with time zone '6509011340447744+123000000'"},
      {"localtimestamp(0)", "timestamp(0): timestamp(0) '2020-05-10 12:34:57'"},
      {"localtime", "time(3): time(3) '12:34:56.789'"},
      {"current_time", "time(3) with time zone: time(3) with time zone '92767823872000840'"},
      {"now()", "timestamp(3) with time zone: timestamp(3) with time zone '6509011340447744'"},
      {"current_user", "varchar: 'ann'"},
      {"current_catalog", "varchar: 'awsdatacatalog'"},
      {"current_timezone()", "varchar: 'UTC'"},
  });
}

TEST(ExpressionAnalyzerTest, ResolvesNames) {
  Expect({
      {"i", "integer: c1"},
      {"I", "integer: c1"},
      {"\"I\"", "integer: c1"},
      {"t.i", "integer: c1"},
      {"t.k", "bigint: c13"},
      {"k", "AMBIGUOUS_NAME: line 1:1: Column 'k' is ambiguous"},
      {"nosuch", "COLUMN_NOT_FOUND: line 1:1: Column 'nosuch' cannot be resolved"},
      {"t.nosuch", "COLUMN_NOT_FOUND: line 1:1: Column 't.nosuch' cannot be resolved"},
      {"Total", "decimal(12,2): c16"},
      {"orders.total", "decimal(12,2): c16"},
      {"sales.orders.total", "decimal(12,2): c16"},
      {"HIVE.sales.orders.TOTAL", "decimal(12,2): c16"},
      {"x.sales.orders.total",
       "COLUMN_NOT_FOUND: line 1:1: Column 'x.sales.orders.total' cannot be resolved"},
      {"far", "bigint: c0"},
      {"o.far", "bigint: c0"},
  });
}

TEST(ExpressionAnalyzerTest, ResolvesFieldsOfRows) {
  Expect({
      {"r.x", "integer: c11[1]"},
      {"t.r.y.z", "varchar: c11[2][1]"},
      {"r.y.nosuch",
       "INVALID_COLUMN_REFERENCE: line 1:1: Column reference 'r.y.nosuch' is invalid"},
      {"i.x", "TYPE_MISMATCH: line 1:1: Expression i is not of type ROW"},
      {"r[1]", "integer: c11[1]"},
      {"r[4]",
       "INVALID_FUNCTION_ARGUMENT: line 1:3: Subscript index out of bounds: 4, max value is 3"},
      {"r[i]",
       "EXPRESSION_NOT_CONSTANT: line 1:3: Subscript expression on ROW requires a constant index"},
      {"(r.y).z", "varchar: c11[2][1]"},
  });
}

TEST(ExpressionAnalyzerTest, TypesArithmetic) {
  Expect({
      {"i + b", "bigint: $add(CAST(c1 AS bigint), c2)"},
      {"i + 1.5", "decimal(12,1): $add(CAST(c1 AS decimal(10,0)), DECIMAL '1.5')"},
      {"dec * 2", "decimal(22,2): $multiply(c8, DECIMAL '2')"},
      {"d / 2", "double: $divide(c3, 2.0E0)"},
      {"i % 3", "integer: $modulus(c1, 3)"},
      {"i + s", "TYPE_MISMATCH: line 1:3: Cannot apply operator: integer + varchar(25)"},
      {"-i", "integer: $negate(c1)"},
      {"-s", "TYPE_MISMATCH: line 1:1: Cannot negate varchar(25)"},
      {"+i", "integer: c1"},
      {"+dec",
       "TYPE_MISMATCH: line 1:1: Unary '+' operator cannot by applied to decimal(12,2) type"},
      {"8 * 'x'", "TYPE_MISMATCH: line 1:3: Cannot apply operator: integer * varchar(1)"},
      {"INTERVAL '1' DAY + INTERVAL '1' MONTH",
       "TYPE_MISMATCH: line 1:18: Cannot apply operator: interval day to second + interval year to "
       "month"},
      {"DATE '2020-01-01' + 1", "TYPE_MISMATCH: line 1:19: Cannot apply operator: date + integer"},
      {"dt + INTERVAL '1' DAY", "date: $add(c5, interval day to second '86400000')"},
      {"1 + 2 + 3 - i", "integer: $subtract($add($add(1, 2), 3), c1)"},
  });
}

TEST(ExpressionAnalyzerTest, TypesConcatenation) {
  Expect({
      {"s || 'x' || s", "varchar: $concat(CAST(c4 AS varchar), 'x', CAST(c4 AS varchar))"},
      {"s || 1",
       "FUNCTION_NOT_FOUND: line 1:3: Unexpected parameters (varchar(25), integer) for function "
       "concat. Expected: concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, "
       "concat(char(x), char(y)), concat(varbinary), concat(varchar)"},
      {"arr || 1", "array(integer): $concat(c9, 1)"},
      {"arr || ARRAY[1] || 2", "array(integer): $concat($concat(c9, ARRAY[1]), 2)"},
  });
}

TEST(ExpressionAnalyzerTest, TypesComparisons) {
  Expect({
      {"i = 1", "boolean: (c1 = 1)"},
      {"b = 1", "boolean: (c2 = 1)"},
      {"d = 1", "boolean: (c3 = 1.0E0)"},
      {"dec < 1", "boolean: (c8 < DECIMAL '1.00')"},
      {"dec > 1.555", "boolean: (CAST(c8 AS decimal(13,3)) > DECIMAL '1.555')"},
      {"dt < TIMESTAMP '2020-01-01 00:00:00'",
       "boolean: (CAST(c5 AS timestamp(0)) < timestamp(0) '2020-01-01 00:00:00')"},
      {"tz > TIMESTAMP '2020-01-01 00:00:00'",
       "boolean: (c7 > timestamp(3) with time zone '6462819532800000')"},
      {"tz > DATE '2020-01-01'", "boolean: (c7 > timestamp(3) with time zone '6462819532800000')"},
      {"s = 1", "TYPE_MISMATCH: line 1:3: Cannot apply operator: varchar(25) = integer"},
      {"8 > 'x'", "TYPE_MISMATCH: line 1:3: Cannot apply operator: integer < varchar(1)"},
      {"i <> b", "boolean: (CAST(c1 AS bigint) <> c2)"},
      {"m < m",
       "TYPE_MISMATCH: line 1:3: Cannot apply operator: map(varchar, bigint) < map(varchar, "
       "bigint)"},
      {"m = m", "boolean: (c10 = c10)"},
      {"i IS DISTINCT FROM 1", "boolean: (c1 IS DISTINCT FROM 1)"},
      {"i IS NOT DISTINCT FROM null", "boolean: (c1 IS NOT DISTINCT FROM NULL)"},
      {"null = null", "boolean: (NULL = NULL)"},
      {"r = r", "boolean: (c11 = c11)"},
      {"(b, s) = (1, 'x')", "boolean: (ROW(c2, c4) = ROW(1, 'x'))"},
  });
}

TEST(ExpressionAnalyzerTest, TypesLogic) {
  Expect({
      {"f AND i = 1 AND (f AND f)", "boolean: AND(c12, (c1 = 1), c12, c12)"},
      {"f OR i",
       "TYPE_MISMATCH: line 1:6: Logical expression term must evaluate to a boolean (actual: "
       "integer)"},
      {"NOT f", "boolean: NOT(c12)"},
      {"NOT i",
       "TYPE_MISMATCH: line 1:5: Value of logical NOT expression must evaluate to a boolean "
       "(actual: integer)"},
      {"i IS NULL", "boolean: (c1 IS NULL)"},
      {"i IS NOT NULL", "boolean: NOT((c1 IS NULL))"},
  });
}

TEST(ExpressionAnalyzerTest, TypesPredicates) {
  Expect({
      {"i BETWEEN 1 AND b", "boolean: (CAST(c1 AS bigint) BETWEEN 1 AND c2)"},
      {"i NOT BETWEEN 1 AND 2", "boolean: NOT((c1 BETWEEN 1 AND 2))"},
      {"i BETWEEN SYMMETRIC 2 AND 1",
       "SYNTAX_ERROR: line 1:3: BETWEEN SYMMETRIC needs dialect.level 477 or above; it is 476"},
      {"i BETWEEN 1 AND 'x'",
       "TYPE_MISMATCH: line 1:3: Cannot check if integer is BETWEEN integer and varchar(1)"},
      {"b IN (1, 2, null)", "boolean: (c2 IN (1, 2, NULL))"},
      {"b NOT IN (1)", "boolean: NOT((c2 IN (1)))"},
      {"b IN (1, 'x')",
       "TYPE_MISMATCH: line 1:10: IN value and list items must be the same type or coercible to a "
       "common type. Cannot find common type between bigint and varchar(1), all types (without "
       "duplicates): [bigint, integer, varchar(1)]"},
      {"(b, s) IN ((1, 'a'), (2, 'b'))", "boolean: (ROW(c2, c4) IN (ROW(1, 'a'), ROW(2, 'b')))"},
      {"s LIKE 'a%'", "boolean: $like(c4, 'a%')"},
      {"s NOT LIKE 'a!%' ESCAPE '!'", "boolean: NOT($like(c4, 'a!%', '!'))"},
      {"i LIKE 'a'",
       "TYPE_MISMATCH: line 1:1: Left side of LIKE expression must evaluate to a varchar (actual: "
       "integer)"},
      {"s LIKE 1",
       "TYPE_MISMATCH: line 1:8: Pattern for LIKE expression must evaluate to a varchar (actual: "
       "integer)"},
  });
}

TEST(ExpressionAnalyzerTest, FollowsTheDialectOfTheSession) {
  Place place;
  EXPECT_EQ(place.Show("CAST(CAST('1' AS char(3)) AS integer)"),
            "TYPE_MISMATCH: line 1:1: Cannot cast char(3) to integer");
  EXPECT_EQ(place.Show("CAST('a' AS char(3)) = 'a '"), "boolean: (char(3) 'a' = char(3) 'a')");
  place.session.dialect.level = 484;
  place.session.dialect.char_coercion = DialectOptions::CharCoercion::kTrino482;
  EXPECT_EQ(place.Show("i BETWEEN SYMMETRIC 2 AND 1"),
            "boolean: OR((c1 BETWEEN 2 AND 1), (c1 BETWEEN 1 AND 2))");
  EXPECT_EQ(place.Show("CAST(CAST('1' AS char(3)) AS integer)"),
            "integer: CAST(CAST(char(3) '1' AS varchar) AS integer)");
  EXPECT_EQ(place.Show("CAST('a' AS char(3)) = 'a '"),
            "boolean: (CAST(char(3) 'a' AS varchar(3)) = 'a ')");
}

TEST(ExpressionAnalyzerTest, TypesConditionals) {
  Expect({
      {"CASE WHEN f THEN 1 ELSE b END", "bigint: CASE WHEN c12 THEN 1 ELSE c2 END"},
      {"CASE i WHEN 1 THEN 'a' WHEN b THEN 'bcd' END",
       "varchar(3): CASE WHEN (CAST(c1 AS bigint) = 1) THEN 'a' WHEN (CAST(c1 AS bigint) = c2) "
       "THEN 'bcd' END"},
      {"CASE WHEN 1 THEN 2 END",
       "TYPE_MISMATCH: line 1:11: CASE WHEN clause must evaluate to a boolean (actual: integer)"},
      {"CASE WHEN true THEN 1 ELSE 'a' END",
       "TYPE_MISMATCH: line 1:28: All CASE results must be the same type or coercible to a common "
       "type. Cannot find common type between integer and varchar(1), all types (without "
       "duplicates): [integer, varchar(1)]"},
      {"CASE i WHEN 'x' THEN 1 END",
       "TYPE_MISMATCH: line 1:13: CASE operand type does not match WHEN clause operand type: "
       "integer vs varchar(1)"},
      {"if(f, 1, 2.5)", "decimal(11,1): CASE WHEN c12 THEN DECIMAL '1.0' ELSE DECIMAL '2.5' END"},
      {"if(f, 1)", "integer: CASE WHEN c12 THEN 1 END"},
      {"if(f, 1, 'a')",
       "TYPE_MISMATCH: line 1:1: Result types for IF must be the same: integer vs varchar(1)"},
      {"if(i, 1)",
       "TYPE_MISMATCH: line 1:4: IF condition must evaluate to a boolean (actual: integer)"},
      {"if(f)", "SYNTAX_ERROR: line 1:1: Invalid number of arguments for 'if' function"},
      {"nullif(i, b)", "integer: CASE WHEN (CAST(c1 AS bigint) = c2) THEN NULL ELSE c1 END"},
      {"nullif(i, 'x')",
       "TYPE_MISMATCH: line 1:1: Types are not comparable with NULLIF: integer vs varchar(1)"},
      {"coalesce(i, b, null)", "bigint: COALESCE(CAST(c1 AS bigint), c2, NULL)"},
      {"coalesce(i)",
       "SYNTAX_ERROR: line 1:1: The 'coalesce' function must have at least two arguments"},
      {"coalesce(i, 'x')",
       "TYPE_MISMATCH: line 1:13: All COALESCE operands must be the same type or coercible to a "
       "common type. Cannot find common type between integer and varchar(1), all types (without "
       "duplicates): [integer, varchar(1)]"},
      {"try(i / 0)", "integer: TRY($divide(c1, 0))"},
      {"typeof(r)", "varchar: 'row(x integer, y row(z varchar), x2 date)'"},
      {"typeof(1.5)", "varchar: 'decimal(2,1)'"},
  });
}

TEST(ExpressionAnalyzerTest, TypesCasts) {
  Expect({
      {"CAST(i AS bigint)", "bigint: CAST(c1 AS bigint)"},
      {"TRY_CAST(s AS integer)", "integer: TRY_CAST(c4 AS integer)"},
      {"CAST('abc' AS integer)", "integer: CAST('abc' AS integer)"},
      {"CAST('12' AS integer)", "integer: 12"},
      {"CAST(1 AS date)", "TYPE_MISMATCH: line 1:1: Cannot cast integer to date"},
      {"CAST(DATE '2020-01-01' AS integer)",
       "TYPE_MISMATCH: line 1:1: Cannot cast date to integer"},
      {"CAST(ROW(1, 2) AS row(a integer))",
       "TYPE_MISMATCH: line 1:1: Cannot cast row(integer, integer) to row(a integer)"},
      {"CAST(ROW(1, 'x') AS row(a bigint, b varchar))",
       "row(\"a\" bigint, \"b\" varchar): CAST(ROW(1, 'x') AS row(\"a\" bigint, \"b\" varchar))"},
      {"CAST(i AS nosuch)", "TYPE_MISMATCH: line 1:1: Unknown type: nosuch"},
      {"CAST(1 AS decimal(39, 1))",
       "INVALID_FUNCTION_ARGUMENT: DECIMAL precision must be in range [1, 38]: 39"},
      {"CAST('2020-01-01' AS date)", "date: date '2020-01-01'"},
      {"CAST('x' AS varchar(10))", "varchar(10): 'x'"},
      {"CAST('abc' AS varchar(2))", "varchar(2): CAST('abc' AS varchar(2))"},
      {"CAST(null AS bigint)", "bigint: NULL"},
      {"CAST(s AS char)", "char(1): CAST(c4 AS char(1))"},
      {"CAST(j AS array(bigint))", "array(bigint): CAST(c15 AS array(bigint))"},
      {"CAST(i AS interval day to second)",
       "TYPE_MISMATCH: line 1:1: Cannot cast integer to interval day to second"},
  });
}

TEST(ExpressionAnalyzerTest, TypesDateForms) {
  Expect({
      {"EXTRACT(YEAR FROM dt)", "bigint: year(c5)"},
      {"EXTRACT(HOUR FROM DATE '2020-05-10')",
       "TYPE_MISMATCH: line 1:19: Cannot extract HOUR from date"},
      {"EXTRACT(DOW FROM ts)", "bigint: day_of_week(c6)"},
      {"EXTRACT(TIMEZONE_HOUR FROM tz)", "bigint: timezone_hour(c7)"},
      {"tz AT TIME ZONE 'Europe/Vienna'",
       "timestamp(3) with time zone: $at_timezone(c7, 'Europe/Vienna')"},
      {"ts AT TIME ZONE 'Europe/Vienna'",
       "timestamp(3) with time zone: $at_timezone(CAST(c6 AS timestamp(3) with time zone), "
       "'Europe/Vienna')"},
      {"dt AT TIME ZONE 'UTC'",
       "TYPE_MISMATCH: line 1:1: Type of value must be a time or timestamp with or without time "
       "zone (actual date)"},
  });
}

TEST(ExpressionAnalyzerTest, TypesNestedValues) {
  Expect({
      {"ROW(1, s)", "row(integer, varchar(25)): ROW(1, c4)"},
      {"ARRAY[1, 2.5]", "array(decimal(11,1)): ARRAY[DECIMAL '1.0', DECIMAL '2.5']"},
      {"ARRAY[]", "array(unknown): ARRAY[]"},
      {"ARRAY[1, 2, 'a']",
       "TYPE_MISMATCH: line 1:13: All ARRAY elements must be the same type or coercible to a "
       "common type. Cannot find common type between integer and varchar(1), all types (without "
       "duplicates): [integer, varchar(1)]"},
      {"arr[1]", "integer: $subscript(c9, 1)"},
      {"m['x']", "bigint: $subscript(c10, 'x')"},
      {"m[1]", "TYPE_MISMATCH: line 1:1: Cannot use integer for subscript of map(varchar, bigint)"},
      {"i[1]", "TYPE_MISMATCH: line 1:1: Cannot use integer for subscript of integer"},
  });
}

TEST(ExpressionAnalyzerTest, TypesCalls) {
  Expect({
      {"abs(i)", "integer: abs(c1)"},
      {"ABS(d)", "double: abs(c3)"},
      {"abs('a')",
       "FUNCTION_NOT_FOUND: line 1:1: Unexpected parameters (varchar(1)) for function abs. "
       "Expected: abs(bigint), abs(decimal(p,s)), abs(double), abs(integer), abs(real), "
       "abs(smallint), abs(tinyint)"},
      {"nosuchfn(1)", "FUNCTION_NOT_FOUND: line 1:1: Function 'nosuchfn' not registered"},
      {"lengt(s)",
       "FUNCTION_NOT_FOUND: line 1:1: Function 'lengt' not registered. Did you mean 'length'?"},
      {"length(1)",
       "FUNCTION_NOT_FOUND: line 1:1: Unexpected parameters (integer) for function length. "
       "Expected: length(char(x)), length(varbinary), length(varchar(x))"},
      {"system.builtin.length(s)", "bigint: length(c4)"},
      {"length(DISTINCT s)",
       "FUNCTION_NOT_AGGREGATE: line 1:1: DISTINCT is not supported for non-aggregation functions"},
  });
}

TEST(ExpressionAnalyzerTest, TypesLambdas) {
  Expect({
      {"transform(arr, x -> x + 1)", "array(integer): transform(c9, (p17) -> $add(p17, 1))"},
      {"filter(ARRAY[1], x -> x + 1)",
       "FUNCTION_NOT_FOUND: line 1:1: Unexpected parameters (array(integer), <function>) for "
       "function filter. Expected: filter(array(t), function(t,boolean)) T"},
      {"filter(arr, v -> v > i)", "array(integer): filter(c9, (p17) -> (p17 > c1))"},
      {"reduce(arr, 0, (a, x) -> a + x, a -> a)",
       "integer: reduce(c9, 0, (p17, p18) -> $add(p17, p18), (p19) -> p19)"},
      {"transform(arr, x -> nosuch)",
       "COLUMN_NOT_FOUND: line 1:21: Column 'nosuch' cannot be resolved"},
      {"transform(arr, x -> count(*))",
       "EXPRESSION_NOT_SCALAR: line 1:21: Lambda expression cannot contain aggregations, window "
       "functions or grouping operations: [count(*)]"},
      {"transform(arr, x -> transform(arr, y -> x + y))",
       "array(array(integer)): transform(c9, (p17) -> transform(c9, (p18) -> $add(p17, p18)))"},
      {"x -> 1",
       "TYPE_MISMATCH: line 1:1: Lambda expression should always be used inside a function"},
  });
}

TEST(ExpressionAnalyzerTest, CapturesAggregates) {
  Expect({
      {"count(*)", "bigint: c17"},
      {"sum(i)", "bigint: c17"},
      {"sum(i) + sum(i)", "bigint: $add(c17, c17)"},
      {"count(DISTINCT s)", "bigint: c17"},
      {"count(count(*))",
       "NESTED_AGGREGATION: line 1:1: Cannot nest aggregations inside aggregation 'count': "
       "[count(*)]"},
      {"sum(i) FILTER (WHERE f)", "bigint: c17"},
      {"array_agg(s ORDER BY i DESC)", "array(varchar(25)): c17"},
      {"array_agg(DISTINCT s ORDER BY i)",
       "EXPRESSION_NOT_IN_DISTINCT: line 1:31: For aggregate function with DISTINCT, ORDER BY "
       "expressions must appear in arguments"},
      {"max(j)",
       "FUNCTION_NOT_FOUND: line 1:1: Unexpected parameters (json) for function max. Expected: "
       "max(e, bigint) E:orderable, max(t) T:orderable"},
      {"rank()",
       "MISSING_OVER: line 1:1: Window function system.builtin.rank requires an OVER clause"},
      {"count(DISTINCT j)", "bigint: c17"},
      {"sum(rank() OVER ())",
       "NESTED_WINDOW: line 1:1: Cannot nest window functions or row pattern measures inside "
       "aggregation 'sum': [rank() OVER ()]"},
      {"grouping(i, b)", "integer: c17"},
  });
}

TEST(ExpressionAnalyzerTest, CapturesWindows) {
  Expect({
      {"rank() OVER (PARTITION BY s ORDER BY i DESC)", "bigint: c17"},
      {"sum(b) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", "bigint: c17"},
      {"sum(b) OVER (ORDER BY i RANGE BETWEEN 1 PRECEDING AND 1.5 FOLLOWING)", "bigint: c17"},
      {"sum(b) OVER (ORDER BY dt RANGE INTERVAL '1' DAY PRECEDING)", "bigint: c17"},
      {"sum(b) OVER (ORDER BY dt RANGE 1 PRECEDING)",
       "TYPE_MISMATCH: line 1:32: Window frame RANGE value type (integer) not compatible with sort "
       "item type (date)"},
      {"sum(b) OVER (RANGE 1 PRECEDING)",
       "MISSING_ORDER_BY: line 1:14: Window frame of type RANGE PRECEDING or FOLLOWING requires "
       "ORDER BY"},
      {"sum(b) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING)",
       "INVALID_WINDOW_FRAME: line 1:14: Window frame starting from CURRENT ROW cannot end with "
       "PRECEDING"},
      {"sum(b) OVER (ROWS UNBOUNDED FOLLOWING)",
       "INVALID_WINDOW_FRAME: line 1:14: Window frame start cannot be UNBOUNDED FOLLOWING"},
      {"sum(b) OVER (ROWS 1.5 PRECEDING)",
       "TYPE_MISMATCH: line 1:19: Window frame ROWS start value type must be exact numeric type "
       "with scale 0 (actual decimal(2,1))"},
      {"abs(i) OVER ()", "FUNCTION_NOT_WINDOW: line 1:1: Not a window function: abs"},
      {"lag(i) OVER ()",
       "MISSING_ORDER_BY: line 1:14: lag function requires an ORDER BY window clause"},
      {"lag(i) IGNORE NULLS OVER (ORDER BY b)", "integer: c17"},
      {"rank() OVER (ORDER BY b ROWS UNBOUNDED PRECEDING)",
       "INVALID_WINDOW_FRAME: line 1:25: Cannot specify window frame for rank function"},
      {"rank() IGNORE NULLS OVER (ORDER BY b)",
       "NULL_TREATMENT_NOT_ALLOWED: line 1:1: Cannot specify null treatment clause for rank "
       "function"},
      {"sum(sum(i)) OVER ()", "bigint: c18"},
      {"sum(rank() OVER ()) OVER ()",
       "NESTED_WINDOW: line 1:5: Cannot nest window functions or row pattern measures inside "
       "window function arguments"},
      {"rank() OVER w", "INVALID_WINDOW_REFERENCE: line 1:13: Cannot resolve WINDOW name w"},
      {"sum(DISTINCT b) OVER ()", "bigint: c17"},
      {"rank() OVER (ORDER BY rank() OVER ())",
       "NESTED_WINDOW: line 1:23: Cannot nest window functions or row pattern measures inside "
       "window specification"},
  });
}

TEST(ExpressionAnalyzerTest, TypesSubqueries) {
  Expect({
      {"EXISTS (SELECT 1)", "boolean: EXISTS (Values  -> [c17 n1: bigint])"},
      {"(SELECT 1)", "bigint: (Values  -> [c17 n1: bigint])"},
      {"(SELECT 1, 2)",
       "row(\"n1\" bigint, \"n2\" bigint): (Project ROW(c17, c18) -> [c19: row(\"n1\" bigint, "
       "\"n2\" bigint)];   Values  -> [c17 n1: bigint, c18 n2: bigint])"},
      {"i IN (SELECT 1)", "boolean: (CAST(c1 AS bigint) = ANY (Values  -> [c17 n1: bigint]))"},
      {"i NOT IN (SELECT 1)",
       "boolean: NOT((CAST(c1 AS bigint) = ANY (Values  -> [c17 n1: bigint])))"},
      {"b IN (SELECT 1, 2)",
       "TYPE_MISMATCH: line 1:3: Value expression and result of subquery must be of the same type: "
       "row(bigint) vs row(n1 bigint, n2 bigint)"},
      {"(i, b) IN (SELECT 1, 2)",
       "boolean: (ROW(CAST(c1 AS bigint), c2) = ANY (Values  -> [c17 n1: bigint, c18 n2: "
       "bigint]))"},
      {"i > ALL (SELECT 1)", "boolean: (CAST(c1 AS bigint) > ALL (Values  -> [c17 n1: bigint]))"},
      {"s = ANY (SELECT 1)",
       "TYPE_MISMATCH: line 1:3: Value expression and result of subquery must be of the same type: "
       "row(varchar(25)) vs row(n1 bigint)"},
      {"null IN (SELECT 1)", "boolean: (NULL = ANY (Values  -> [c17 n1: bigint]))"},
      {"transform(arr, x -> (SELECT 1))",
       "NOT_SUPPORTED: line 1:21: Lambda expression cannot contain subqueries"},
  });
}

TEST(ExpressionAnalyzerTest, TypesSpecialForms) {
  Expect({
      {"trim(s)", "varchar(25): trim(c4)"},
      {"trim(LEADING 'x' FROM s)", "varchar(25): ltrim(c4, 'x')"},
      {"position('a' IN s)", "bigint: strpos(c4, 'a')"},
      {"substring(s FROM 2 FOR 3)", "varchar(25): substr(c4, 2, 3)"},
      {"normalize(s)", "varchar: normalize(c4, 'NFC')"},
      {"json_value(s, 'lax $')", "NOT_SUPPORTED: line 1:1: JSON_VALUE is not supported"},
      {"?", "INVALID_PARAMETER_USAGE: line 1:1: Query takes no parameters"},
      {"listagg(arr, ',') WITHIN GROUP (ORDER BY s)",
       "TYPE_MISMATCH: line 1:1: Expected expression of varchar, but 'arr' has array(integer) "
       "type"},
  });
}

TEST(ExpressionAnalyzerTest, SharesEqualCalls) {
  Place p;
  ASSERT_TRUE(p.Analyze("sum(i + 1) / count(*) + sum(i + 1)").ok());
  ASSERT_TRUE(p.Analyze("SUM(t.i + 1)").ok());
  ASSERT_TRUE(p.Analyze("sum(DISTINCT i + 1)").ok());
  EXPECT_EQ(p.calls.aggregates.size(), 3U);
  ASSERT_TRUE(p.Analyze("sum(count(*)) OVER (ORDER BY s) + sum(count(*)) OVER (ORDER BY s)").ok());
  EXPECT_EQ(p.calls.aggregates.size(), 3U);
  ASSERT_EQ(p.calls.windows.size(), 1U);
  ASSERT_TRUE(p.Analyze("sum(count(*)) OVER (ORDER BY s DESC)").ok());
  EXPECT_EQ(p.calls.windows.size(), 2U);
  ASSERT_TRUE(p.Analyze("grouping(i) + grouping(i) + grouping(b)").ok());
  EXPECT_EQ(p.calls.groupings.size(), 2U);
}

TEST(ExpressionAnalyzerTest, CapturesWindowFrames) {
  Place p;
  ASSERT_TRUE(p.Analyze("sum(b) OVER (PARTITION BY s ORDER BY i DESC NULLS FIRST "
                        "RANGE BETWEEN 1 PRECEDING AND 1.5 FOLLOWING)")
                  .ok());
  const WindowCall& range = p.calls.windows[0].call;
  EXPECT_EQ(range.unit, FrameUnit::kRange);
  EXPECT_EQ(ToString(*range.partition_by[0]), "c4");
  EXPECT_TRUE(range.order_by[0].descending && range.order_by[0].nulls_first);
  EXPECT_EQ(range.start.kind, FrameBoundKind::kPreceding);
  EXPECT_EQ(ToString(*range.start.offset), "1");
  EXPECT_EQ(ToString(*range.end.offset), "DECIMAL '1.5'");
  // The key is as wide as what is added to it.
  EXPECT_EQ(range.order_by[0].expression->type, Type::Decimal(10, 0));

  ASSERT_TRUE(p.Analyze("sum(b) OVER (ORDER BY i ROWS 2 PRECEDING)").ok());
  const WindowCall& rows = p.calls.windows[1].call;
  EXPECT_EQ(rows.unit, FrameUnit::kRows);
  EXPECT_EQ(rows.start.offset->type, Type::Bigint());
  EXPECT_EQ(rows.end.kind, FrameBoundKind::kCurrentRow);

  ASSERT_TRUE(p.Analyze("sum(b) OVER ()").ok());
  const WindowCall& all = p.calls.windows[2].call;
  EXPECT_EQ(all.unit, FrameUnit::kRange);
  EXPECT_EQ(all.start.kind, FrameBoundKind::kUnboundedPreceding);
  EXPECT_EQ(all.end.kind, FrameBoundKind::kCurrentRow);
}

TEST(ExpressionAnalyzerTest, ResolvesNamedWindows) {
  const absl::StatusOr<ast::QueryPtr> query = ParseQuery(
      "SELECT 1 FROM t WINDOW w AS (PARTITION BY s), v AS (w ORDER BY i), "
      "x AS (v ROWS 1 PRECEDING)");
  ASSERT_TRUE(query.ok());
  std::map<std::string, const ast::Window*> windows;
  for (const ast::WindowDefinition& definition : std::get<ast::Select>((*query)->body).windows) {
    windows.emplace(WindowKey(definition.name), &definition.window);
  }
  Place p;
  p.place.named_windows = &windows;
  EXPECT_EQ(p.Show("sum(b) OVER x"), "bigint: c17");
  const WindowCall& call = p.calls.windows[0].call;
  EXPECT_EQ(call.partition_by.size(), 1U);
  EXPECT_EQ(call.order_by.size(), 1U);
  EXPECT_EQ(call.unit, FrameUnit::kRows);
  EXPECT_EQ(p.Show("sum(b) OVER (w PARTITION BY i)"),
            "INVALID_PARTITION_BY: line 1:29: WINDOW specification with named WINDOW reference "
            "cannot specify PARTITION BY");
  EXPECT_EQ(p.Show("sum(b) OVER (v ORDER BY i)"),
            "INVALID_ORDER_BY: line 1:16: Cannot specify ORDER BY if referenced named WINDOW "
            "specifies ORDER BY");
  EXPECT_EQ(p.Show("sum(b) OVER \"w\""),
            "INVALID_WINDOW_REFERENCE: line 1:13: Cannot resolve WINDOW name w");
}

TEST(ExpressionAnalyzerTest, RefusesCallsWhereRowsAreNotGrouped) {
  Place p;
  p.place.calls = nullptr;
  p.place.clause = "WHERE clause";
  EXPECT_EQ(p.Show("i > 1 AND count(*) > 1 AND rank() OVER (ORDER BY s) = 1"),
            "EXPRESSION_NOT_SCALAR: line 1:1: WHERE clause cannot contain aggregations, window "
            "functions or grouping operations: [count(*), rank() OVER (ORDER BY s ASC)]");
  EXPECT_EQ(p.Show("grouping(i) = 1"),
            "EXPRESSION_NOT_SCALAR: line 1:13: WHERE clause cannot contain aggregations, window "
            "functions or grouping operations: [GROUPING (i)]");
  p.place.calls = &p.calls;
  p.place.windows_allowed = false;
  p.place.clause = "HAVING clause";
  EXPECT_EQ(p.Show("count(*) > 1"), "boolean: (c17 > 1)");
  EXPECT_EQ(p.Show("rank() OVER () = 1"),
            "NESTED_WINDOW: line 1:1: HAVING clause cannot contain window functions or row "
            "pattern measures");
}

TEST(ExpressionAnalyzerTest, KeepsCorrelationInsideClosedScopes) {
  Place p;
  p.outer.closed = true;
  EXPECT_EQ(p.Show("i"), "integer: c1");
  EXPECT_EQ(p.Show("o.far"),
            "NOT_SUPPORTED: line 1:1: Reference to column 'o.far' from outer scope not allowed in "
            "this context");
}

TEST(ExpressionAnalyzerTest, ReadsDecimalsAsDoublesByDefault) {
  Place p;
  p.session.dialect.decimal_literals = DialectOptions::DecimalLiterals::kDouble;
  EXPECT_EQ(p.Show("1.5"), "double: 1.5E0");
  EXPECT_EQ(p.Show("DECIMAL '1.5'"), "decimal(2,1): DECIMAL '1.5'");
}

TEST(ExpressionAnalyzerTest, ChecksConditions) {
  Place p;
  p.place.clause = "WHERE clause";
  ExpressionAnalyzer analyzer(p.session, p.ids, p.subqueries);
  const absl::StatusOr<ast::ExprPtr> number = ParseExpression("b");
  EXPECT_EQ(analyzer.AnalyzeCondition(**number, p.scope, p.place).status().message(),
            "line 1:1: WHERE clause must evaluate to a boolean: actual type bigint");
  const absl::StatusOr<ast::ExprPtr> null = ParseExpression("null");
  EXPECT_EQ((*analyzer.AnalyzeCondition(**null, p.scope, p.place))->type, Type::Boolean());
}

TEST(ExpressionAnalyzerTest, MatchesStars) {
  Place p;
  p.scope.fields.push_back({{"t"}, "$path", p.ids.Next(), Type::Varchar(), /*hidden=*/true});
  EXPECT_EQ(ExpressionAnalyzer::MatchStar(p.scope, {}).size(), p.scope.fields.size() - 1);
  EXPECT_EQ(ExpressionAnalyzer::MatchStar(p.scope, {"U"}).size(), 1U);
  EXPECT_EQ(ExpressionAnalyzer::MatchStar(p.scope, {"sales", "orders"}).size(), 1U);
  EXPECT_TRUE(ExpressionAnalyzer::MatchStar(p.scope, {"far"}).empty());
}

TEST(ExpressionAnalyzerTest, FindsColumnsOfWideTables) {
  Place p;
  for (int i = 0; i < 100; ++i) {
    p.scope.fields.push_back({{"wide"}, absl::StrCat("Col", i), p.ids.Next(), Type::Bigint()});
  }
  EXPECT_EQ(p.Show("col99"), "bigint: c116");
  EXPECT_EQ(p.Show("WIDE.COL0"), "bigint: c17");
  EXPECT_EQ(p.Show("k"), "AMBIGUOUS_NAME: line 1:1: Column 'k' is ambiguous");
}

TEST(ExpressionAnalyzerTest, TakesLongExpressions) {
  Place p;
  std::string list = "b IN (0";
  std::string sum = "b";
  std::string choice = "b = 0";
  for (int i = 1; i < 900; ++i) {
    absl::StrAppend(&list, ", ", i);
    absl::StrAppend(&sum, " + ", i);
    absl::StrAppend(&choice, " OR b = ", i);
  }
  EXPECT_TRUE(p.Analyze(list + ")").ok());
  EXPECT_TRUE(p.Analyze(sum).ok());
  EXPECT_TRUE(p.Analyze(choice).ok());
}

}  // namespace
}  // namespace pallas::sql
