// USING EXTERNAL FUNCTION: declared, resolved, called a batch at a time.

#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/compute/api.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "tests/athena/fixture.h"

namespace pallas {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using ArrayPtr = std::shared_ptr<arrow::Array>;

// Twice the argument; NULL is 0.
absl::StatusOr<ArrayPtr> Twice(const federation::ExternalFunction& /*function*/,
                               const arrow::RecordBatch& arguments) {
  const auto& values = dynamic_cast<const arrow::Int64Array&>(*arguments.column(0));
  arrow::Int64Builder result;
  for (int64_t i = 0; i < values.length(); ++i) {
    EXPECT_TRUE(result.Append(values.IsNull(i) ? 0 : 2 * values.Value(i)).ok());
  }
  return *result.Finish();
}

// The argument itself.
absl::StatusOr<ArrayPtr> Same(const federation::ExternalFunction& /*function*/,
                              const arrow::RecordBatch& arguments) {
  return arguments.column(0);
}

// The name of the method, the parameters and their types.
absl::StatusOr<ArrayPtr> Signature(const federation::ExternalFunction& function,
                                   const arrow::RecordBatch& arguments) {
  arrow::StringBuilder result;
  for (int64_t i = 0; i < arguments.num_rows(); ++i) {
    EXPECT_TRUE(
        result.Append(absl::StrCat(function.name, ": ", arguments.schema()->ToString())).ok());
  }
  return *result.Finish();
}

class ExternalFunctionTest : public AthenaTest {
 protected:
  void SetUp() override {
    AthenaTest::SetUp();
    functions_.Add("twice", Twice);
    functions_.Add("same", Same);
    functions_.Add("signature", Signature);
    MakeEngine(&functions_);
  }

  TestFunctions functions_;
};

TEST_F(ExternalFunctionTest, ComputesRowsOfASource) {
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION double_it(v BIGINT) RETURNS BIGINT LAMBDA 'twice' "
                 "SELECT o_orderkey, double_it(o_orderkey) FROM mysql.sales.orders "
                 "WHERE DOUBLE_IT(o_orderkey) > 2"),
            "[[2,4]]");
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION t(v BIGINT) RETURNS BIGINT LAMBDA 'twice' "
                 "SELECT sum(t(x)), count(*) FROM UNNEST(sequence(1, 10000)) AS u (x)"),
            "[[100010000,10000]]");
  EXPECT_EQ(functions_.rows(), 10003);  // two are looked at by WHERE, one is left
  EXPECT_LT(functions_.calls(), 20);    // batches, not rows
}

TEST_F(ExternalFunctionTest, NullsReachIt) {
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION t(v BIGINT) RETURNS BIGINT LAMBDA 'twice' "
                 "SELECT t(NULL), t(x) FROM (VALUES 3, NULL) AS u (x) ORDER BY 2"),
            "[[0,0],[0,6]]");
}

TEST_F(ExternalFunctionTest, SeveralInOneStatementAndTheOlderForm) {
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice', "
                 "EXTERNAL FUNCTION g(v VARCHAR) RETURNS VARCHAR LAMBDA 'same' "
                 "SELECT f(f(2)), g('a' || 'b')"),
            R"([[8,"ab"]])");
  EXPECT_EQ(Rows("USING FUNCTION f(v BIGINT) RETURNS BIGINT TYPE LAMBDA_INVOKE "
                 "WITH (lambda_name = 'twice') SELECT f(4)"),
            "[[8]]");
}

TEST_F(ExternalFunctionTest, ComesBeforeBuiltInFunctions) {
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION sum(v BIGINT) RETURNS BIGINT LAMBDA 'twice' "
                 "SELECT sum(o_orderkey) FROM mysql.sales.orders ORDER BY 1"),
            "[[2],[4]]");
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION coalesce(v BIGINT) RETURNS BIGINT LAMBDA 'twice' "
                 "SELECT coalesce(5)"),
            "[[10]]");
}

TEST_F(ExternalFunctionTest, ArgumentsAreCoerced) {
  const std::string function =
      "USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice' SELECT ";
  EXPECT_EQ(Rows(function + "f(TINYINT '3')"), "[[6]]");
  EXPECT_EQ(Rows(function + "f('3')"),
            "FUNCTION_NOT_FOUND: line 1:74: Unexpected parameters (varchar(1)) for function f. "
            "Expected: f(bigint)");
  EXPECT_EQ(Rows(function + "f(1, 2)"),
            "FUNCTION_NOT_FOUND: line 1:74: Unexpected parameters (integer, integer) for function "
            "f. Expected: f(bigint)");
  EXPECT_THAT(Rows(function + "f(x -> x)"), StartsWith("FUNCTION_NOT_FOUND"));
  EXPECT_THAT(Rows(function + "f(DISTINCT 1)"), StartsWith("FUNCTION_NOT_AGGREGATE"));
  EXPECT_THAT(Rows(function + "f(1) OVER ()"), StartsWith("FUNCTION_NOT_WINDOW"));
}

TEST_F(ExternalFunctionTest, EveryTypeTravelsBothWays) {
  for (const auto& [type, value] : std::vector<std::pair<std::string, std::string>>{
           {"boolean", "true"},
           {"tinyint", "TINYINT '-7'"},
           {"smallint", "SMALLINT '-7'"},
           {"integer", "-7"},
           {"bigint", "BIGINT '9223372036854775807'"},
           {"real", "REAL '1.5'"},
           {"double", "2.5E0"},
           {"decimal(20,2)", "DECIMAL '123456789012345678.25'"},
           {"varchar", "CAST('dé' AS varchar)"},
           {"varchar(3)", "'abc'"},
           {"varbinary", "X'00ff'"},
           {"date", "DATE '1969-12-31'"},
           {"timestamp(3)", "TIMESTAMP '1969-12-31 23:59:59.999'"},
           {"timestamp(6)", "TIMESTAMP '2001-02-03 04:05:06.123456'"},
           {"timestamp(3) with time zone", "TIMESTAMP '2001-02-03 04:05:06.789 Europe/Paris'"},
           {"array(bigint)", "ARRAY[BIGINT '1']"},
           {"array(timestamp(3))", "ARRAY[TIMESTAMP '1969-12-31 23:59:59.999']"},
           {"row(id integer, completed boolean)",
            "CAST(ROW(5, true) AS ROW(id integer, completed boolean))"}}) {
    const std::string statement =
        absl::StrCat("USING EXTERNAL FUNCTION f(v ", type, ") RETURNS ", type,
                     " LAMBDA 'same' SELECT f(v) = v, CAST(NULL AS ", type,
                     ") IS NOT DISTINCT FROM f(NULL), typeof(f(v)) FROM (SELECT ", value, " AS v)");
    EXPECT_EQ(Rows(statement), absl::StrCat("[[true,true,\"", type, "\"]]")) << statement;
  }
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION f(m map(varchar, timestamp(3))) RETURNS map(varchar, "
                 "timestamp(3)) LAMBDA 'same' SELECT CAST(f(m)['k'] AS varchar) FROM (SELECT "
                 "MAP(ARRAY['k'], ARRAY[TIMESTAMP '2020-01-02 03:04:05.006']) AS m)"),
            R"([["2020-01-02 03:04:05.006"]])");
}

TEST_F(ExternalFunctionTest, TheFunctionSeesNamesAndTypes) {
  EXPECT_THAT(
      Rows("USING FUNCTION check_it(value ROW(id INT, completed boolean), n DOUBLE) RETURNS "
           "VARCHAR TYPE LAMBDA_INVOKE WITH (lambda_name = 'signature') "
           "SELECT check_it(ROW(5, true), 1)"),
      HasSubstr("check_it: value: struct<id: int32, completed: bool>\\nn: double"));
}

TEST_F(ExternalFunctionTest, StandsInLambdasSubqueriesAndAggregates) {
  const std::string function =
      "USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice' SELECT ";
  EXPECT_EQ(Rows(function + "transform(ARRAY[1, 2, 3], x -> f(x) + 1)"), "[[[3,5,7]]]");
  EXPECT_EQ(Rows(function + "(SELECT max(f(o_orderkey)) FROM mysql.sales.orders)"), "[[4]]");
  EXPECT_EQ(Rows(function + "f(o_orderkey) AS k, count(*) FROM mysql.sales.orders "
                            "GROUP BY f(o_orderkey) ORDER BY 1"),
            "[[2,1],[4,1]]");
  EXPECT_EQ(Rows(function + "CASE WHEN f(x) > 5 THEN 'big' ELSE 'small' END FROM (VALUES 2, 3) t "
                            "(x) ORDER BY x"),
            R"([["small"],["big"]])");
}

TEST_F(ExternalFunctionTest, NoArgumentsAndNoRows) {
  functions_.Add("one", [](const auto&, const arrow::RecordBatch& arguments) {
    arrow::Int32Builder ones;
    for (int64_t i = 0; i < arguments.num_rows(); ++i) {
      EXPECT_TRUE(ones.Append(1).ok());
    }
    return absl::StatusOr<ArrayPtr>(*ones.Finish());
  });
  const std::string function = "USING EXTERNAL FUNCTION one() RETURNS INTEGER LAMBDA 'one' SELECT ";
  EXPECT_EQ(Rows(function + "one() FROM mysql.sales.orders"), "[[1],[1]]");
  const int calls = functions_.calls();
  EXPECT_EQ(Rows(function + "one() FROM mysql.sales.orders WHERE o_orderkey > 99"), "[]");
  EXPECT_EQ(functions_.calls(), calls);
}

TEST_F(ExternalFunctionTest, ViewsDoNotSeeIt) {
  Run("CREATE VIEW default.sizes AS SELECT abs(o_orderkey) AS n FROM mysql.sales.orders");
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION abs(v BIGINT) RETURNS BIGINT LAMBDA 'twice' "
                 "SELECT n, abs(n) FROM default.sizes ORDER BY 1"),
            "[[1,2],[2,4]]");
}

TEST_F(ExternalFunctionTest, PlanningCallsNothing) {
  const std::string function =
      "USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice' SELECT f(1)";
  Run("EXPLAIN " + function);
  EXPECT_EQ(functions_.calls(), 0);
}

TEST_F(ExternalFunctionTest, IsPreparedWithParameters) {
  Run("PREPARE p FROM USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice' "
      "SELECT f(?)");
  EXPECT_EQ(Rows("EXECUTE p USING 21"), "[[42]]");
  EXPECT_EQ(Rows("DESCRIBE INPUT p"), R"([[0,"bigint"]])");
}

TEST_F(ExternalFunctionTest, WhatItAnswersIsChecked) {
  const auto values = [](const auto& builder_of) {
    return [builder_of](const auto&, const arrow::RecordBatch&) {
      return absl::StatusOr<ArrayPtr>(builder_of());
    };
  };
  const std::string function =
      "USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'bad' SELECT f(1)";
  const std::string name = "External function f (Lambda function 'bad')";
  functions_.Add("bad", values([] {
                   arrow::Int64Builder two;
                   EXPECT_TRUE(two.AppendValues({1, 2}).ok());
                   return *two.Finish();
                 }));
  EXPECT_EQ(Rows(function),
            absl::StrCat("FUNCTION_IMPLEMENTATION_ERROR: ", name, " gave 2 values for 1 rows"));
  functions_.Add("bad", values([] {
                   arrow::StringBuilder text;
                   EXPECT_TRUE(text.Append("1").ok());
                   return *text.Finish();
                 }));
  EXPECT_EQ(Rows(function),
            absl::StrCat("FUNCTION_IMPLEMENTATION_ERROR: ", name,
                         " gave values of the type string where it returns bigint"));
  functions_.Add("bad", values([] { return ArrayPtr(); }));
  EXPECT_EQ(Rows(function),
            absl::StrCat("FUNCTION_IMPLEMENTATION_ERROR: ", name, " gave no values"));
  functions_.Add("bad", values([] {
                   arrow::StringBuilder text;
                   EXPECT_TRUE(text.Append("\xFF").ok());
                   return *text.Finish();
                 }));
  EXPECT_THAT(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS VARCHAR LAMBDA 'bad' SELECT f(1)"),
              StartsWith(absl::StrCat("FUNCTION_IMPLEMENTATION_ERROR: ", name)));
  functions_.Add("bad", values([] {
                   arrow::StringBuilder text;
                   EXPECT_TRUE(text.Append("abcd").ok());
                   return *text.Finish();
                 }));
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS VARCHAR(3) LAMBDA 'bad' SELECT f(1)"),
            absl::StrCat("FUNCTION_IMPLEMENTATION_ERROR: ", name,
                         " gave a text that is longer than varchar(3)"));
}

TEST_F(ExternalFunctionTest, ErrorsKeepTheirNames) {
  functions_.Add("fails", [](const auto&, const auto&) -> absl::StatusOr<ArrayPtr> {
    return absl::UnavailableError("it is down");
  });
  functions_.Add("throttled", [](const auto&, const auto&) -> absl::StatusOr<ArrayPtr> {
    return NamedError("TOO_MANY_REQUESTS_FAILED", "slow down");
  });
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'fails' SELECT f(1)"),
            "GENERIC_USER_ERROR: External function f (Lambda function 'fails') failed: it is down");
  EXPECT_EQ(
      Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'throttled' SELECT f(1)"),
      "TOO_MANY_REQUESTS_FAILED: slow down");
  EXPECT_EQ(
      Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice' SELECT TRY(f(1))"),
      "NOT_SUPPORTED: line 1:74: TRY over an external function is not supported");
  EXPECT_THAT(
      Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'nobody' SELECT f(1)"),
      HasSubstr("Function not found: nobody"));
}

TEST_F(ExternalFunctionTest, DeclarationsAreChecked) {
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION f(v NOSUCH) RETURNS BIGINT LAMBDA 'twice' SELECT f(1)"),
            "TYPE_MISMATCH: line 1:25: Unknown type: nosuch");
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION f(v TIME) RETURNS BIGINT LAMBDA 'twice' SELECT 1"),
            "NOT_SUPPORTED: line 1:25: Type time(3) is not supported in the external function f");
  EXPECT_THAT(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice', "
                   "EXTERNAL FUNCTION F(v BIGINT) RETURNS BIGINT LAMBDA 'twice' SELECT 1"),
              StartsWith("ALREADY_EXISTS"));
  EXPECT_THAT(Rows("USING FUNCTION f(v BIGINT) RETURNS BIGINT TYPE LAMBDA_INVOKE WITH (name = 'x') "
                   "SELECT 1"),
              StartsWith("SYNTAX_ERROR: line 1:68: unknown property 'name'"));
  EXPECT_THAT(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA '' SELECT 1"),
              StartsWith("SYNTAX_ERROR"));
}

TEST_F(ExternalFunctionTest, WithoutAnInvokerItIsRefused) {
  MakeEngine(nullptr);
  EXPECT_EQ(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT LAMBDA 'twice' SELECT f(1)"),
            "NOT_SUPPORTED: line 1:74: External function f (Lambda function 'twice') cannot be "
            "called: no endpoint for it is configured");
  EXPECT_THAT(Rows("USING EXTERNAL FUNCTION f(v BIGINT) RETURNS BIGINT SAGEMAKER 'model' "
                   "SELECT f(1) LIMIT 0"),
              HasSubstr("(SageMaker endpoint 'model') cannot be called"));
}

}  // namespace
}  // namespace pallas
