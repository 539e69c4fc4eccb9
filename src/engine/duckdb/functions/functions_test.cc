#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "gtest/gtest.h"

#include "engine/duckdb/functions/function_bench.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "sql/functions/registry.h"

namespace pallas::engine {
namespace {

using sql::CompareOp;

// Rows of typed columns, each row "a|b", a cell as the bench's literals have it.
duckdb::unique_ptr<duckdb::TableRef> Table(const FunctionBench& bench,
                                           const std::vector<std::string>& types,
                                           const std::vector<std::vector<std::string>>& rows) {
  auto table = duckdb::make_uniq<duckdb::ExpressionListRef>();
  table->alias = std::string("t");
  for (size_t i = 0; i < types.size(); ++i) {
    table->expected_names.push_back("k" + std::to_string(i));
  }
  for (const std::vector<std::string>& row : rows) {
    DuckExprs values;
    for (size_t i = 0; i < types.size(); ++i) {
      TypedTree cell = bench.Literal(types[i] + " " + row[i]);
      values.push_back(NativeCast(ToDuckDbType(cell.type), std::move(cell.tree)));
    }
    table->values.push_back(std::move(values));
  }
  return table;
}

DuckExpr Column(size_t index) {
  return duckdb::make_uniq<duckdb::ColumnRefExpression>("k" + std::to_string(index));
}

duckdb::unique_ptr<duckdb::SQLStatement> Select(DuckExpr item,
                                                duckdb::unique_ptr<duckdb::TableRef> from) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(std::move(item));
  node->from_table = std::move(from);
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(node);
  return statement;
}

struct AggregateCase {
  std::string_view function;
  std::vector<std::string> types;
  std::vector<std::vector<std::string>> rows;
  std::string_view want;
};

std::string RunAggregate(FunctionBench& bench, const AggregateCase& test, bool distinct = false) {
  std::vector<sql::FunctionArgument> types;
  for (const std::string& type : test.types) {
    types.push_back({.type = *ParseTrinoType(type)});
  }
  const auto function = sql::ResolveFunction(test.function, types);
  if (!function.ok()) {
    return std::string(function.status().message());
  }
  DuckExprs arguments;
  for (size_t i = 0; i < test.types.size(); ++i) {
    arguments.push_back(*bench.emitter().Cast(types[i].type, function->argument_types[i],
                                              /*safe=*/false, Column(i)));
  }
  AggregateParts parts;
  parts.distinct = distinct;
  auto tree = bench.emitter().Aggregate(*function, std::move(arguments), std::move(parts));
  if (!tree.ok()) {
    return std::string(tree.status().message());
  }
  return bench.Query(Select(*std::move(tree), Table(bench, test.types, test.rows)));
}

TEST(FunctionsTest, AggregatesFollowTrino) {
  const AggregateCase cases[] = {
      {"sum", {"bigint"}, {{"1"}, {"NULL"}, {"2"}}, "3"},
      {"sum", {"integer"}, {{"NULL"}}, "NULL"},
      {"sum",
       {"bigint"},
       {{"9223372036854775807"}, {"1"}},
       "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow"},
      {"sum", {"decimal(15,2)"}, {{"1.25"}, {"2.50"}}, "3.75"},
      {"sum",
       {"decimal(38,0)"},
       {{"99999999999999999999999999999999999999"}, {"1"}},
       "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow"},
      {"sum", {"real"}, {{"0.5"}, {"0.25"}}, "0.75"},
      {"avg", {"bigint"}, {{"1"}, {"2"}, {"NULL"}}, "1.5"},
      {"avg", {"decimal(3,1)"}, {{"0.1"}, {"0.2"}}, "0.2"},
      {"avg", {"decimal(3,1)"}, {{"-0.1"}, {"-0.2"}}, "-0.2"},
      {"avg", {"decimal(15,2)"}, {{"1.00"}, {"1.00"}, {"2.00"}}, "1.33"},
      {"avg", {"decimal(15,2)"}, {{"NULL"}}, "NULL"},
      {"avg", {"real"}, {{"1"}, {"2"}}, "1.5"},
      {"avg", {"interval day to second"}, {{"1"}, {"2"}}, "2"},
      {"count", {"varchar"}, {{"a"}, {"NULL"}}, "1"},
      {"count_if", {"boolean"}, {{"true"}, {"false"}, {"NULL"}}, "1"},
      {"min", {"double"}, {{"nan"}, {"1"}, {"2"}}, "1.0"},
      {"max", {"double"}, {{"nan"}, {"1"}, {"2"}}, "2.0"},
      {"max", {"double"}, {{"nan"}}, "nan"},
      {"max", {"varchar"}, {{"a"}, {"b"}}, "b"},
      {"max", {"array(integer)"}, {{"[1,2]"}, {"[1,3]"}}, "[1, 3]"},
      {"min_by", {"varchar", "integer"}, {{"a", "2"}, {"NULL", "1"}, {"b", "NULL"}}, "NULL"},
      {"max_by", {"varchar", "double"}, {{"a", "nan"}, {"b", "1"}}, "b"},
      {"array_agg", {"integer"}, {{"1"}, {"NULL"}}, "[1, NULL]"},
      {"bool_and", {"boolean"}, {{"true"}, {"NULL"}}, "true"},
      {"every", {"boolean"}, {{"true"}, {"false"}}, "false"},
      {"bool_or", {"boolean"}, {{"NULL"}}, "NULL"},
      {"bitwise_xor_agg", {"bigint"}, {{"5"}, {"3"}}, "6"},
      {"variance", {"double"}, {{"1"}}, "NULL"},
      {"var_pop", {"double"}, {{"1"}}, "0.0"},
      {"variance", {"bigint"}, {{"1"}, {"2"}, {"3"}}, "1.0"},
      {"stddev", {"double"}, {{"inf"}, {"1"}}, "nan"},
      {"corr", {"double", "double"}, {{"0", "0"}, {"0", "0"}, {"3", "3"}, {"3", "3"}}, "1.0"},
      {"regr_slope", {"double", "double"}, {{"2", "1"}, {"4", "2"}}, "2.0"},
      {"regr_slope", {"double", "double"}, {{"2", "1"}}, "NULL"},
      {"covar_samp", {"double", "double"}, {{"2", "1"}, {"4", "2"}}, "1.0"},
      {"geometric_mean", {"bigint"}, {{"2"}, {"8"}}, "4.0"},
      {"approx_distinct", {"integer"}, {{"1"}, {"1"}, {"2"}, {"NULL"}}, "2"},
      {"map_agg",
       {"varchar", "integer"},
       {{"a", "1"}, {"NULL", "2"}, {"b", "NULL"}},
       "{a=1, b=NULL}"},
      {"multimap_agg", {"varchar", "integer"}, {{"a", "1"}, {"a", "2"}}, "{a=[1, 2]}"},
      {"histogram", {"integer"}, {{"7"}, {"8"}, {"7"}}, "{7=2, 8=1}"},
  };
  FunctionBench bench;
  for (const AggregateCase& test : cases) {
    EXPECT_EQ(RunAggregate(bench, test), test.want) << test.function << " of " << test.types[0];
  }
}

TEST(FunctionsTest, DistinctCountsValuesAsTrinoComparesThem) {
  FunctionBench bench;
  EXPECT_EQ(RunAggregate(bench, {"count", {"double"}, {{"nan"}, {"nan"}, {"0"}, {"-0"}}, ""},
                         /*distinct=*/true),
            "2");
  EXPECT_EQ(RunAggregate(bench,
                         {"count",
                          {"timestamp(3) with time zone"},
                          {{"2020-01-01 00:00:00 UTC"}, {"2020-01-01 01:00:00 +01:00"}},
                          ""},
                         /*distinct=*/true),
            "1");
  EXPECT_EQ(
      RunAggregate(
          bench, {"count", {"map(integer,integer)"}, {{"{1:1,2:2}"}, {"{2:2,1:1}"}, {"{1:1}"}}, ""},
          /*distinct=*/true),
      "2");
}

struct WindowCase {
  std::string_view function;
  std::vector<std::string> more;  // literals after the column
  std::string_view want;          // of the rows 10, NULL, 30 in the order 1, 2, 3
  bool ignore_nulls = false;
};

TEST(FunctionsTest, WindowFunctionsFollowTrino) {
  const WindowCase cases[] = {
      {"lag", {}, "NULL; 10; NULL"},
      {"lag", {}, "NULL; 10; 10", true},
      {"lead", {"bigint 1", "integer 5"}, "NULL; 30; 5"},
      {"lead", {"bigint NULL"}, "INVALID_FUNCTION_ARGUMENT: Offset must not be null"},
      {"lead", {"bigint -1"}, "INVALID_FUNCTION_ARGUMENT: Offset must be at least 0"},
      {"first_value", {}, "10; 10; 10"},
      {"last_value", {}, "10; 10; 30", true},
      {"nth_value", {"bigint 2"}, "NULL; NULL; NULL"},
      {"nth_value", {"bigint 0"}, "INVALID_FUNCTION_ARGUMENT: Offset must be at least 1"},
      {"sum", {}, "10; 10; 40"},
      {"avg", {}, "10.0; 10.0; 20.0"},
      {"max", {}, "10; 10; 30"},
  };
  FunctionBench bench;
  for (const WindowCase& test : cases) {
    std::vector<sql::FunctionArgument> types = {{.type = Type::Integer()}};
    DuckExprs arguments = MakeTrees(Column(1));
    for (const std::string& literal : test.more) {
      TypedTree tree = bench.Literal(literal);
      types.push_back({.type = tree.type});
      arguments.push_back(std::move(tree.tree));
    }
    const auto function = sql::ResolveFunction(test.function, types);
    ASSERT_TRUE(function.ok()) << function.status();
    arguments[0] = *bench.emitter().Cast(Type::Integer(), function->argument_types[0],
                                         /*safe=*/false, std::move(arguments[0]));
    WindowParts parts;
    parts.ignore_nulls = test.ignore_nulls;
    parts.order_by.emplace_back(duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_LAST,
                                Column(0));
    auto tree = bench.emitter().Window(*function, std::move(arguments), std::move(parts));
    ASSERT_TRUE(tree.ok()) << tree.status();
    EXPECT_EQ(
        bench.Query(Select(*std::move(tree), Table(bench, {"integer", "integer"},
                                                   {{"1", "10"}, {"2", "NULL"}, {"3", "30"}}))),
        test.want)
        << test.function;
  }
}

struct CastCase {
  std::string_view literal;
  std::string_view to;
  std::string_view want;
};

TEST(FunctionsTest, CastsFollowTrino) {
  const CastCase cases[] = {
      {"integer 123", "varchar", "123"},
      {"smallint 123", "varchar(2)",
       "INVALID_CAST_ARGUMENT: Value 123 cannot be represented as varchar(2)"},
      {"varchar(5) abcde", "varchar(2)", "ab"},
      {"varchar(5) abc", "char(2)", "ab"},
      {"varchar(5) a  ", "char(5)", "a"},
      {"char(3) a", "varchar", "a  "},
      {"bigint 300", "tinyint", "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for tinyint: 300"},
      {"double 2.5", "integer", "3"},
      {"double -2.5", "integer", "-3"},
      {"double nan", "tinyint", "INVALID_CAST_ARGUMENT: Cannot cast double NaN to tinyint"},
      {"double 1e10", "integer", "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for integer: 1.0E10"},
      {"double 1e20", "bigint", "INVALID_CAST_ARGUMENT: Unable to cast 1.0E20 to bigint"},
      {"double 37.7", "varchar", "3.77E1"},
      {"double 0", "varchar", "0E0"},
      {"decimal(3,1) 2.5", "bigint", "3"},
      {"integer 10", "decimal(38,37)",
       "INVALID_CAST_ARGUMENT: Cannot cast INTEGER '10' to DECIMAL(38, 37)"},
      {"decimal(6,1) 12345.6", "decimal(4,2)",
       "INVALID_CAST_ARGUMENT: Cannot cast DECIMAL(6, 1) '12345.6' to DECIMAL(4, 2)"},
      {"decimal(3,2) 1.25", "decimal(2,1)", "1.3"},
      {"decimal(3,2) 1.25", "double", "1.25"},
      {"decimal(3,2) 1.20", "varchar", "1.20"},
      {"double 1.005", "decimal(3,2)", "1.01"},
      {"varchar abc", "integer", "INVALID_CAST_ARGUMENT: Cannot cast 'abc' to INT"},
      {"varchar 12", "bigint", "12"},
      {"varchar t", "boolean", "true"},
      {"boolean true", "varchar", "true"},
      {"boolean true", "decimal(3,1)", "1.0"},
      {"varchar 2020-05-10", "date", "2020-05-10"},
      {"varchar 2020-13-45", "date",
       "INVALID_CAST_ARGUMENT: Value cannot be cast to date: 2020-13-45"},
      {"date 2013-02-02", "varchar(9)",
       "INVALID_CAST_ARGUMENT: Value 2013-02-02 cannot be represented as varchar(9)"},
      {"timestamp(3) 2020-05-10 12:34:56.789", "date", "2020-05-10"},
      {"timestamp(6) 2020-05-10 12:34:56.789999", "timestamp(3)", "2020-05-10 12:34:56.79"},
      {"timestamp(3) 2020-05-10 12:34:56.700", "varchar", "2020-05-10 12:34:56.700"},
      {"timestamp(9) 2020-05-10 12:34:56.123456789", "varchar", "2020-05-10 12:34:56.123456789"},
      {"timestamp(3) with time zone 2020-05-10 12:34:56.789 Asia/Tokyo", "varchar",
       "2020-05-10 12:34:56.789 Asia/Tokyo"},
      {"time(3) 12:34:56.789", "varchar", "12:34:56.789"},
      {"interval year to month 18", "varchar", "1-6"},
      {"interval day to second 183845000", "varchar", "2 03:04:05.000"},
      {"uuid 6b5f5b65-67e4-43b0-8ee3-586cd49f58a0", "varchar",
       "6b5f5b65-67e4-43b0-8ee3-586cd49f58a0"},
      {"array(integer) [1,NULL,300]", "array(varchar)", "[1, NULL, 300]"},
      {"array(integer) [1,300]", "array(tinyint)",
       "NUMERIC_VALUE_OUT_OF_RANGE: Out of range for tinyint: 300"},
      {"row(integer,varchar) (1,2)", "row(a bigint,b integer)", "{'f1': 1, 'f2': 2}"},
      {"map(varchar,integer) {1:2}", "map(integer,varchar)", "{1=2}"},
      {"integer NULL", "varchar", "NULL"},
      {"varchar [1]", "json", "\"[1]\""},
      {"double 3.14", "json", "3.14"},
      {"row(v1 bigint,v2 varchar,v3 boolean) (123,abc,true)", "json",
       "{\"v1\":123,\"v2\":\"abc\",\"v3\":true}"},
      {"map(integer,decimal(3,2)) {2:NULL,1:3.14}", "json", "{\"1\":3.14,\"2\":null}"},
      {"json [[1,23],[456]]", "array(array(integer))", "[[1, 23], [456]]"},
      {"json [null]", "array(json)", "['null']"},
      {"json {\"k1\":[1,2],\"used\":3}", "row(used bigint)", "{'f1': 3}"},
      {"json {\"a\":1.5,\"b\":true}", "map(varchar,double)", "{a=1.5, b=1.0}"},
      {"json 1.5", "varchar", "1.5E0"},
      {"json \"a\\n\"", "varchar", "a\n"},
      {"json null", "integer", "NULL"},
      {"json 2.5", "integer", "3"},
      {"json {\"x\":123}", "integer",
       "INVALID_CAST_ARGUMENT: Cannot cast '{\"x\":123}' to integer"},
      {"json [[1],{}]", "array(array(bigint))",
       "INVALID_CAST_ARGUMENT: Cannot cast to array(array(bigint)). Expected a json array, but got "
       "{\n[[1],{}]"},
  };
  FunctionBench bench;
  for (const CastCase& test : cases) {
    EXPECT_EQ(bench.RunCast(test.literal, test.to), test.want) << test.literal << " to " << test.to;
  }
}

TEST(FunctionsTest, TryCastMakesFailuresNull) {
  FunctionBench bench;
  EXPECT_EQ(bench.RunCast("varchar abc", "integer", /*safe=*/true), "NULL");
  EXPECT_EQ(bench.RunCast("bigint 300", "tinyint", /*safe=*/true), "NULL");
  EXPECT_EQ(bench.RunCast("array(integer) [1,300]", "array(tinyint)", /*safe=*/true), "NULL");
  EXPECT_EQ(bench.RunCast("row(integer,varchar) (1,x)", "row(tinyint,integer)", /*safe=*/true),
            "NULL");
  EXPECT_EQ(bench.RunCast("array(integer) [1,3]", "array(tinyint)", /*safe=*/true), "[1, 3]");
}

struct CompareCase {
  CompareOp op;
  std::string_view left;
  std::string_view right;
  std::string_view want;
};

TEST(FunctionsTest, ComparisonsFollowTrino) {
  constexpr auto kEqual = CompareOp::kEqual;
  const CompareCase cases[] = {
      {kEqual, "integer 1", "integer 1", "true"},
      {kEqual, "double nan", "double nan", "false"},
      {CompareOp::kNotEqual, "double nan", "double nan", "true"},
      {CompareOp::kGreater, "double nan", "double 1", "false"},
      {CompareOp::kLess, "double nan", "double 1", "false"},
      {CompareOp::kLess, "double 1", "double nan", "false"},
      {CompareOp::kGreaterEqual, "double 2", "double 1", "true"},
      {CompareOp::kIsNotDistinctFrom, "double nan", "double nan", "true"},
      {CompareOp::kIsDistinctFrom, "double NULL", "double nan", "true"},
      {kEqual, "char(3) a", "char(3) a", "true"},
      {CompareOp::kLess, "char(3) a", "char(3) ab", "true"},
      {kEqual, "row(integer,integer) (1,NULL)", "row(integer,integer) (1,NULL)", "NULL"},
      {kEqual, "row(integer,integer) (1,NULL)", "row(integer,integer) (2,NULL)", "false"},
      {CompareOp::kNotEqual, "row(integer,integer) (1,2)", "row(integer,integer) (1,3)", "true"},
      {CompareOp::kLess, "row(integer,integer) (1,2)", "row(integer,integer) (1,3)", "true"},
      {kEqual, "array(integer) [1,NULL]", "array(integer) [1,NULL]", "NULL"},
      {kEqual, "array(integer) [1,NULL]", "array(integer) [2,NULL]", "false"},
      {kEqual, "array(integer) [1]", "array(integer) [1,2]", "false"},
      {CompareOp::kLess, "array(integer) [1]", "array(integer) [1,2]", "true"},
      {CompareOp::kLess, "array(integer) [NULL]", "array(integer) [1]",
       "NOT_SUPPORTED: ARRAY comparison not supported for arrays with null elements"},
      {CompareOp::kIsNotDistinctFrom, "array(integer) [1,NULL]", "array(integer) [1,NULL]", "true"},
      {kEqual, "map(integer,integer) {1:1,2:2}", "map(integer,integer) {2:2,1:1}", "true"},
      {kEqual, "timestamp(3) with time zone 2020-01-01 00:00:00 UTC",
       "timestamp(3) with time zone 2020-01-01 01:00:00 +01:00", "true"},
      {CompareOp::kLess, "timestamp(9) with time zone 2020-01-01 00:00:00.000000001 UTC",
       "timestamp(9) with time zone 2020-01-01 01:00:00.000000002 +01:00", "true"},
  };
  FunctionBench bench;
  for (const CompareCase& test : cases) {
    TypedTree left = bench.Literal(test.left);
    TypedTree right = bench.Literal(test.right);
    auto tree =
        bench.emitter().Compare(test.op, left.type, std::move(left.tree), std::move(right.tree));
    ASSERT_TRUE(tree.ok()) << tree.status();
    EXPECT_EQ(bench.Evaluate({Type::Boolean(), *std::move(tree)}), test.want)
        << test.left << " and " << test.right;
  }
}

struct CallCase {
  std::string_view function;
  std::vector<std::string_view> arguments;
  std::string_view want;
};

TEST(FunctionsTest, ScalarsFollowTrino) {
  const CallCase cases[] = {
      {"ln", {"double 0"}, "-inf"},
      {"sqrt", {"double -1"}, "nan"},
      {"acos", {"double 2"}, "nan"},
      {"abs", {"integer -5"}, "5"},
      {"abs",
       {"tinyint -128"},
       "NUMERIC_VALUE_OUT_OF_RANGE: Value -128 is out of range for abs(tinyint)"},
      {"round", {"double -2.5"}, "-3.0"},
      {"round", {"double 3.14159", "integer 2"}, "3.14"},
      {"round", {"bigint 1250", "integer -2"}, "1300"},
      {"round", {"decimal(3,2) 1.25"}, "1"},
      {"round", {"decimal(3,2) 1.25", "integer 1"}, "1.30"},
      {"ceil", {"decimal(3,2) -1.25"}, "-1"},
      {"floor", {"decimal(3,2) -1.25"}, "-2"},
      {"truncate", {"decimal(3,2) -1.25"}, "-1"},
      {"truncate", {"decimal(3,2) 1.29", "integer 1"}, "1.20"},
      {"sign", {"decimal(3,2) -1.25"}, "-1"},
      {"to_base", {"bigint 255", "bigint 16"}, "ff"},
      {"from_base", {"varchar ff", "bigint 16"}, "255"},
      {"from_base",
       {"varchar fg", "bigint 16"},
       "INVALID_FUNCTION_ARGUMENT: Not a valid base-16 number: fg"},
      {"width_bucket", {"double 3.14", "double 0", "double 4", "bigint 3"}, "3"},
      {"width_bucket", {"double 3.14", "array(double) [0,2,4]"}, "2"},
      {"bitwise_and", {"bigint 12", "bigint 10"}, "8"},
      {"bit_count", {"bigint -7", "bigint 64"}, "62"},
      {"bit_count", {"bigint -7", "bigint 8"}, "6"},
      {"bitwise_right_shift", {"tinyint -8", "integer 2"}, "62"},
      {"bitwise_right_shift_arithmetic", {"tinyint -8", "integer 2"}, "-2"},
      {"greatest", {"integer 1", "integer NULL", "integer 3"}, "NULL"},
      {"greatest", {"integer 1", "integer 3"}, "3"},
      {"greatest", {"double nan", "double 3"}, "3.0"},
      {"least", {"double nan", "double 3"}, "3.0"},
      {"least", {"varchar(1) b", "varchar(1) a"}, "a"},
      {"least", {"array(integer) [2]", "array(integer) [1,5]"}, "[1, 5]"},
      {"typeof", {"decimal(5,2) 1.00"}, "decimal(5,2)"},
      {"$like", {"varchar abc", "varchar a%"}, "true"},
      {"$like", {"varchar a%c", "varchar a#%c", "varchar #"}, "true"},
      {"$like",
       {"varchar abc", "varchar a#bc", "varchar #"},
       "INVALID_FUNCTION_ARGUMENT: Escape character must be followed by '%', '_' or the escape "
       "character itself"},
      {"substr", {"varchar hello", "bigint 2", "bigint 3"}, "ell"},
      {"substr", {"varchar hello", "bigint -3"}, "llo"},
      {"substr", {"varchar hello", "bigint 0"}, ""},
  };
  FunctionBench bench;
  for (const CallCase& test : cases) {
    EXPECT_EQ(bench.Run(test.function, test.arguments), test.want)
        << test.function << " " << test.arguments[0];
  }
}

// Every function that resolves must run.
TEST(FunctionsTest, EveryAggregateAndWindowFunctionHasAnAdapter) {
  std::string missing;
  for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
    if (entry.kind != sql::FunctionKind::kScalar && !HasAdapter(entry.id)) {
      missing.append(entry.id).append("\n");
    }
  }
  EXPECT_EQ(missing, "");
}

}  // namespace
}  // namespace pallas::engine
