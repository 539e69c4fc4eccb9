#include "sql/functions/registry.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "sql/functions/resolution.h"

namespace pallas::sql {
namespace {

using testing::HasSubstr;

Type Parse(const std::string& text) {
  absl::StatusOr<Type> type = ParseTrinoType(text);
  EXPECT_TRUE(type.ok()) << text << ": " << type.status();
  return *type;
}

std::vector<FunctionArgument> Arguments(const std::vector<std::string>& types) {
  std::vector<FunctionArgument> arguments;
  for (const std::string& type : types) {
    arguments.push_back({.type = Parse(type)});
  }
  return arguments;
}

FunctionArgument Lambda(int arity, std::function<Type(std::span<const Type>)> result) {
  FunctionArgument argument;
  argument.lambda_arity = arity;
  argument.type_lambda = [result = std::move(result)](std::span<const Type> parameters) {
    return absl::StatusOr<Type>(result(parameters));
  };
  return argument;
}

TEST(RegistryTest, IdsAreUniqueAndNamesAreTheirPrefix) {
  std::set<std::string_view> ids;
  for (const FunctionEntry& entry : AllFunctions()) {
    EXPECT_TRUE(ids.insert(entry.id).second) << entry.id;
    EXPECT_EQ(entry.id.substr(0, entry.name.size()), entry.name);
    // Trino hides some of its own, too.
    EXPECT_TRUE(entry.hidden || entry.name[0] != '$') << entry.id;
    EXPECT_TRUE(entry.hidden || !entry.description.empty()) << entry.id;
  }
  EXPECT_GT(ids.size(), 400U);
}

struct ResolveCase {
  std::string name;
  std::vector<std::string> types;
  std::string id;
  std::string result;
};

class ResolveTest : public testing::TestWithParam<ResolveCase> {};

TEST_P(ResolveTest, FindsTrinosOverload) {
  const ResolveCase& c = GetParam();
  absl::StatusOr<ResolvedFunction> found = ResolveFunction(c.name, Arguments(c.types));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->entry->id, c.id);
  EXPECT_EQ(found->result_type.ToString(), c.result);
}

INSTANTIATE_TEST_SUITE_P(
    Overloads, ResolveTest,
    testing::ValuesIn(std::vector<ResolveCase>{
        {"$add", {"integer", "integer"}, "$add(integer,integer)", "integer"},
        {"$add", {"integer", "bigint"}, "$add(bigint,bigint)", "bigint"},
        {"$add", {"tinyint", "double"}, "$add(double,double)", "double"},
        {"$add", {"integer", "real"}, "$add(real,real)", "real"},
        {"$add",
         {"decimal(10,2)", "bigint"},
         "$add(decimal(p1,s1),decimal(p2,s2))",
         "decimal(22,2)"},
        {"$add",
         {"decimal(17,0)", "decimal(19,19)"},
         "$add(decimal(p1,s1),decimal(p2,s2))",
         "decimal(37,19)"},
        {"$multiply",
         {"decimal(17,0)", "decimal(19,0)"},
         "$multiply(decimal(p1,s1),decimal(p2,s2))",
         "decimal(36,0)"},
        {"$divide",
         {"decimal(5,2)", "decimal(2,2)"},
         "$divide(decimal(p1,s1),decimal(p2,s2))",
         "decimal(7,2)"},
        {"$divide",
         {"bigint", "decimal(2,1)"},
         "$divide(decimal(p1,s1),decimal(p2,s2))",
         "decimal(21,1)"},
        {"$divide", {"decimal(12,2)", "double"}, "$divide(double,double)", "double"},
        {"$modulus",
         {"decimal(5,2)", "decimal(3,1)"},
         "$modulus(decimal(p1,s1),decimal(p2,s2))",
         "decimal(4,2)"},
        {"$add", {"date", "interval day to second"}, "$add(date,interval day to second)", "date"},
        {"$subtract", {"date", "date"}, "$subtract(date,date)", "interval day to second"},
        {"$subtract",
         {"date", "timestamp(3)"},
         "$subtract(timestamp(p),timestamp(p))",
         "interval day to second"},
        {"$subscript",
         {"array(varchar(3))", "integer"},
         "$subscript(array(E),bigint)",
         "varchar(3)"},
        {"$subscript", {"map(varchar,bigint)", "varchar(1)"}, "$subscript(map(K,V),K)", "bigint"},
        {"abs", {"unknown"}, "abs(tinyint)", "tinyint"},
        {"abs", {"decimal(5,2)"}, "abs(decimal(p,s))", "decimal(5,2)"},
        {"round", {"decimal(3,2)"}, "round(decimal(p,s))", "decimal(2,0)"},
        {"round", {"decimal(3,1)", "integer"}, "round(decimal(p,s),integer)", "decimal(4,1)"},
        {"truncate", {"decimal(2,2)"}, "truncate(decimal(p,s))", "decimal(1,0)"},
        {"sqrt", {"integer"}, "sqrt(double)", "double"},
        {"sum", {"integer"}, "sum(bigint)", "bigint"},
        {"sum", {"decimal(12,2)"}, "sum(decimal(p,s))", "decimal(38,2)"},
        {"avg", {"decimal(12,2)"}, "avg(decimal(p,s))", "decimal(12,2)"},
        {"avg", {"smallint"}, "avg(bigint)", "double"},
        {"count", {}, "count()", "bigint"},
        {"count", {"row(a integer)"}, "count(t)", "bigint"},
        {"max_by", {"varchar(3)", "date"}, "max_by(v,k)", "varchar(3)"},
        {"year", {"date"}, "year(date)", "bigint"},
        {"year", {"timestamp(6) with time zone"}, "year(timestamp(p) with time zone)", "bigint"},
        {"date_trunc", {"varchar(5)", "date"}, "date_trunc(varchar(x),date)", "date"},
        {"date_diff",
         {"varchar(3)", "timestamp(3)", "timestamp(9)"},
         "date_diff(varchar(x),timestamp(p),timestamp(p))",
         "bigint"},
        {"date_diff",
         {"varchar(3)", "date", "timestamp(3)"},
         "date_diff(varchar(x),timestamp(p),timestamp(p))",
         "bigint"},
        {"to_unixtime", {"timestamp(3)"}, "to_unixtime(timestamp(p) with time zone)", "double"},
        {"substr", {"varchar(13)", "integer"}, "substr(varchar(x),bigint)", "varchar(13)"},
        {"upper", {"char(10)"}, "upper(char(x))", "char(10)"},
        {"concat", {"varchar(5)", "varchar(6)"}, "concat(varchar...)", "varchar"},
        {"concat", {"varchar(11)", "char(6)"}, "concat(char(x),char(y))", "char(17)"},
        {"concat", {"array(integer)", "bigint"}, "concat(array(E),E)", "array(bigint)"},
        {"$concat", {"integer", "array(integer)"}, "$concat(E,array(E))", "array(integer)"},
        {"$like", {"varchar(6)", "varchar(3)"}, "$like(varchar(x),varchar(y))", "boolean"},
        {"$like", {"char(6)", "varchar(3)"}, "$like(char(x),varchar(y))", "boolean"},
        {"replace",
         {"varchar(3)", "varchar(1)", "varchar(2)"},
         "replace(varchar(x),varchar(y),varchar(z))",
         "varchar(11)"},
        {"regexp_extract",
         {"varchar(15)", "varchar(4)", "integer"},
         "regexp_extract(varchar(x),joniregexp,bigint)",
         "varchar(15)"},
        {"regexp_like", {"varchar(5)", "char(5)"}, "regexp_like(varchar(x),joniregexp)", "boolean"},
        {"regexp_replace",
         {"varchar(21)", "varchar(3)", "varchar(10)"},
         "regexp_replace(varchar(x),joniregexp,varchar(y))",
         "varchar(2331)"},
        {"greatest", {"integer", "bigint", "double"}, "greatest(E...)", "double"},
        {"element_at", {"array(double)", "integer"}, "element_at(array(e),bigint)", "double"},
        {"contains", {"array(integer)", "bigint"}, "contains(array(t),t)", "boolean"},
        {"split", {"varchar", "varchar(1)"}, "split(varchar(x),varchar(y))", "array(varchar)"},
        {"json_extract_scalar",
         {"json", "varchar(3)"},
         "json_extract_scalar(json,jsonpath)",
         "varchar"},
        {"bitwise_right_shift",
         {"integer", "integer"},
         "bitwise_right_shift(integer,integer)",
         "integer"},
        {"lag", {"varchar(4)", "integer"}, "lag(t,bigint)", "varchar(4)"},
        {"to_iso8601", {"timestamp(3)"}, "to_iso8601(timestamp(p))", "varchar(26)"},
    }),
    [](const auto& test) { return std::to_string(test.index); });

TEST(ResolveTest, RevisedDecimalsKeepSixDigitsAndGiveUpWhatDoesNotFit) {
  DialectOptions dialect;
  dialect.decimal_arithmetic = DialectOptions::DecimalArithmetic::kTrino481;
  const ResolveCase cases[] = {
      {"$add", {"decimal(5,2)", "decimal(3,1)"}, "", "decimal(6,2)"},
      {"$add", {"decimal(38,0)", "decimal(38,1)"}, "", "decimal(38,0)"},
      {"$subtract", {"decimal(38,10)", "decimal(38,12)"}, "", "decimal(38,10)"},
      {"$multiply", {"decimal(16,16)", "decimal(1,0)"}, "", "decimal(17,16)"},
      {"$multiply", {"decimal(38,0)", "decimal(38,0)"}, "", "decimal(38,0)"},
      {"$multiply", {"decimal(38,10)", "decimal(38,10)"}, "", "decimal(38,6)"},
      {"$multiply", {"decimal(30,25)", "decimal(20,18)"}, "", "decimal(38,31)"},
      {"$divide", {"decimal(1,0)", "decimal(1,0)"}, "", "decimal(7,6)"},
      {"$divide", {"decimal(5,2)", "decimal(2,2)"}, "", "decimal(11,6)"},
      {"$divide", {"decimal(38,38)", "decimal(2,2)"}, "", "decimal(38,36)"},
      {"$divide", {"decimal(38,0)", "decimal(38,0)"}, "", "decimal(38,6)"},
      {"$divide", {"bigint", "decimal(2,1)"}, "", "decimal(26,6)"},
      {"$modulus", {"decimal(5,2)", "decimal(3,1)"}, "", "decimal(4,2)"},
      {"avg", {"decimal(5,2)"}, "", "decimal(5,2)"},
  };
  for (const ResolveCase& c : cases) {
    const absl::StatusOr<ResolvedFunction> found =
        ResolveFunction(c.name, Arguments(c.types), dialect);
    ASSERT_TRUE(found.ok()) << c.name << found.status();
    EXPECT_EQ(found->result_type.ToString(), c.result) << c.name;
  }
}

TEST(ResolveTest, CharBecomesVarcharSince482) {
  DialectOptions dialect;
  dialect.char_coercion = DialectOptions::CharCoercion::kTrino482;
  const std::vector<std::string> mixed = {"varchar(3)", "char(1)"};
  EXPECT_EQ(ResolveFunction("concat", Arguments(mixed))->result_type.ToString(), "char(4)");
  EXPECT_EQ(ResolveFunction("concat", Arguments(mixed), dialect)->result_type.ToString(),
            "varchar");
  EXPECT_EQ(
      ResolveFunction("concat", Arguments({"char(3)", "char(1)"}), dialect)->result_type.ToString(),
      "char(4)");
  const std::vector<std::string> texts = {"char(3)", "varchar(1)"};
  EXPECT_FALSE(ResolveFunction("split", Arguments(texts)).ok());
  EXPECT_TRUE(ResolveFunction("split", Arguments(texts), dialect).ok());
}

TEST(ResolveTest, ArgumentsAreToBeCoercedToOneType) {
  absl::StatusOr<ResolvedFunction> found =
      ResolveFunction("greatest", Arguments({"integer", "double", "decimal(5,2)"}));
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(found->argument_types, testing::Each(Type::Double()));
  found = ResolveFunction("regexp_like", Arguments({"varchar(3)", "varchar(2)"}));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->argument_types[0], Type::Varchar(3));
  EXPECT_EQ(found->argument_types[1], Type::Varchar());
}

TEST(ResolveTest, LambdasAreTypedFromTheOtherArguments) {
  std::vector<FunctionArgument> arguments = Arguments({"array(integer)"});
  arguments.push_back(Lambda(1, [](std::span<const Type> parameters) {
    EXPECT_EQ(parameters[0], Type::Integer());
    return Type::Varchar(7);
  }));
  absl::StatusOr<ResolvedFunction> found = ResolveFunction("transform", arguments);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->result_type, Type::Array(Type::Varchar(7)));
  EXPECT_EQ(found->argument_types[1], Type::Function({Type::Integer()}, Type::Varchar(7)));
}

TEST(ResolveTest, AnAccumulatorBecomesAsWideAsItsLambdaMakesIt) {
  std::vector<FunctionArgument> arguments = Arguments({"array(integer)", "integer"});
  arguments.push_back(Lambda(2, [](std::span<const Type>) { return Type::Bigint(); }));
  arguments.push_back(Lambda(1, [](std::span<const Type> parameters) { return parameters[0]; }));
  absl::StatusOr<ResolvedFunction> found = ResolveFunction("reduce", arguments);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->result_type, Type::Bigint());
  EXPECT_EQ(found->argument_types[1], Type::Bigint());
}

struct ErrorCase {
  std::string name;
  std::vector<std::string> types;
  std::string error;
  std::string message;
};

class ResolveErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(ResolveErrorTest, SaysWhatTrinoSays) {
  const ErrorCase& c = GetParam();
  absl::StatusOr<ResolvedFunction> found = ResolveFunction(c.name, Arguments(c.types));
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(ErrorName(found.status()), c.error);
  EXPECT_EQ(found.status().message(), c.message);
}

INSTANTIATE_TEST_SUITE_P(
    Messages, ResolveErrorTest,
    testing::ValuesIn(std::vector<ErrorCase>{
        {"nosuchfn", {"integer"}, "FUNCTION_NOT_FOUND", "Function 'nosuchfn' not registered"},
        {"date_trnc",
         {},
         "FUNCTION_NOT_FOUND",
         "Function 'date_trnc' not registered. Did you mean 'date_trunc'?"},
        {"abs",
         {"varchar(1)"},
         "FUNCTION_NOT_FOUND",
         "Unexpected parameters (varchar(1)) for function abs. Expected: abs(bigint), "
         "abs(decimal(p,s)), abs(double), abs(integer), abs(real), abs(smallint), abs(tinyint)"},
        {"date_diff",
         {"varchar(3)", "date", "varchar(10)"},
         "FUNCTION_NOT_FOUND",
         "Unexpected parameters (varchar(3), date, varchar(10)) for function date_diff. Expected: "
         "date_diff(varchar(x), date, date), "
         "date_diff(varchar(x), time(p) with time zone, time(p) with time zone), "
         "date_diff(varchar(x), time(p), time(p)), "
         "date_diff(varchar(x), timestamp(p) with time zone, timestamp(p) with time zone), "
         "date_diff(varchar(x), timestamp(p), timestamp(p))"},
        {"$concat",
         {"integer", "varchar(1)"},
         "FUNCTION_NOT_FOUND",
         "Unexpected parameters (integer, varchar(1)) for function concat. Expected: "
         "concat(E, array(E)) E, concat(array(E)) E, concat(array(E), E) E, "
         "concat(char(x), char(y)), concat(varbinary), concat(varchar)"},
        {"array_max",
         {"array(map(varchar,bigint))"},
         "FUNCTION_NOT_FOUND",
         "Unexpected parameters (array(map(varchar,bigint))) for function array_max. Expected: "
         "array_max(array(t)) T:orderable"},
        {"max_by",
         {"integer"},
         "FUNCTION_NOT_FOUND",
         "Unexpected parameters (integer) for function max_by. Expected: "
         "max_by(v, k) K:orderable, V, max_by(v, k, bigint) K:orderable, V"},
        {"$multiply",
         {"integer", "varchar(1)"},
         "TYPE_MISMATCH",
         "Cannot apply operator: integer * varchar(1)"},
        {"$add", {"date", "integer"}, "TYPE_MISMATCH", "Cannot apply operator: date + integer"},
        {"$add",
         {"interval day to second", "interval year to month"},
         "TYPE_MISMATCH",
         "Cannot apply operator: interval day to second + interval year to month"},
        {"$negate", {"varchar(1)"}, "TYPE_MISMATCH", "Cannot negate varchar(1)"},
        {"$subscript",
         {"array(integer)", "varchar(1)"},
         "TYPE_MISMATCH",
         "Cannot use varchar(1) for subscript of array(integer)"},
        {"$multiply",
         {"decimal(38,20)", "decimal(38,20)"},
         "INVALID_FUNCTION_ARGUMENT",
         "DECIMAL scale must be in range [0, precision (38)]: 40"},
    }),
    [](const auto& test) { return std::to_string(test.index); });

TEST(ResolveTest, ALambdaThatDoesNotFitIsAnUnexpectedParameter) {
  std::vector<FunctionArgument> arguments = Arguments({"array(integer)"});
  arguments.push_back(Lambda(1, [](std::span<const Type>) { return Type::Integer(); }));
  absl::StatusOr<ResolvedFunction> found = ResolveFunction("filter", arguments);
  EXPECT_EQ(found.status().message(),
            "Unexpected parameters (array(integer), <function>) for function filter. Expected: "
            "filter(array(t), function(t,boolean)) T");
  arguments.back().lambda_arity = 2;
  found = ResolveFunction("filter", arguments);
  EXPECT_EQ(ErrorName(found.status()), "INVALID_PARAMETER_USAGE");
  EXPECT_THAT(found.status().message(), HasSubstr("takes 1 argument(s) but got 2"));
}

}  // namespace
}  // namespace pallas::sql
