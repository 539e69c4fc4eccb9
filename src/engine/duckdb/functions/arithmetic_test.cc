#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "engine/duckdb/functions/function_bench.h"

namespace pallas::engine {
namespace {

struct Case {
  std::string_view function;
  std::vector<std::string_view> arguments;
  std::string_view want;
};

TEST(ArithmeticTest, IntegersAndFloatsFollowTrino) {
  const Case cases[] = {
      {"$add", {"integer 2147483646", "integer 1"}, "2147483647"},
      {"$add",
       {"integer 2147483647", "integer 1"},
       "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow: 2147483647 + 1"},
      {"$add",
       {"tinyint 127", "tinyint 1"},
       "NUMERIC_VALUE_OUT_OF_RANGE: tinyint addition overflow: 127 + 1"},
      {"$subtract",
       {"bigint -9223372036854775808", "bigint 1"},
       "NUMERIC_VALUE_OUT_OF_RANGE: bigint subtraction overflow: -9223372036854775808 - 1"},
      {"$multiply",
       {"smallint 200", "smallint 200"},
       "NUMERIC_VALUE_OUT_OF_RANGE: smallint multiplication overflow: 200 * 200"},
      {"$divide", {"integer 7", "integer 2"}, "3"},
      {"$divide", {"integer -7", "integer 2"}, "-3"},
      {"$divide", {"smallint 17", "smallint 0"}, "DIVISION_BY_ZERO: Division by zero"},
      {"$divide",
       {"integer -2147483648", "integer -1"},
       "NUMERIC_VALUE_OUT_OF_RANGE: integer division overflow: -2147483648 / -1"},
      {"$modulus", {"integer -7", "integer 2"}, "-1"},
      {"$modulus", {"bigint -9223372036854775808", "bigint -1"}, "0"},
      {"mod", {"integer 5", "integer 0"}, "GENERIC_INTERNAL_ERROR: / by zero"},
      {"$negate", {"integer 5"}, "-5"},
      {"$negate",
       {"integer -2147483648"},
       "NUMERIC_VALUE_OUT_OF_RANGE: integer negation overflow: -2147483648"},
      {"$add", {"integer NULL", "integer 1"}, "NULL"},
      {"$divide", {"double 1", "double 0"}, "inf"},
      {"$divide", {"double 0", "double 0"}, "nan"},
      {"$modulus", {"double -7.5", "double 2"}, "-1.5"},
      {"$add", {"real 0.5", "real 0.25"}, "0.75"},
  };
  FunctionBench bench;
  for (const Case& test : cases) {
    EXPECT_EQ(bench.Run(test.function, test.arguments), test.want)
        << test.function << " " << test.arguments[0];
  }
}

TEST(ArithmeticTest, DecimalsFollowTrino) {
  const Case cases[] = {
      {"$add", {"decimal(2,1) 1.5", "decimal(3,2) 2.25"}, "3.75"},
      {"$subtract", {"decimal(10,0) 1", "decimal(15,2) 0.05"}, "0.95"},
      {"$multiply", {"decimal(15,2) 21168.23", "decimal(16,2) 0.96"}, "20321.5008"},
      {"$multiply", {"decimal(3,1) -1.5", "decimal(3,1) 2.5"}, "-3.75"},
      {"$divide", {"decimal(2,0) 10", "decimal(1,0) 3"}, "3"},
      {"$divide", {"decimal(3,2) 1.00", "decimal(2,1) 0.3"}, "3.33"},
      {"$divide", {"decimal(2,1) -0.5", "decimal(1,0) 1"}, "-0.5"},
      {"$divide", {"decimal(1,0) 1", "decimal(1,0) 2"}, "1"},
      {"$divide", {"decimal(1,0) -1", "decimal(1,0) 2"}, "-1"},
      {"$divide", {"decimal(1,0) 1", "decimal(2,1) 0.0"}, "DIVISION_BY_ZERO: Division by zero"},
      {"$divide",
       {"decimal(38,0) 99999999999999999999999999999999999999", "decimal(38,10) 3.0000000000"},
       "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow"},
      {"$divide",
       {"decimal(38,18) 12345678901234567890.123456789012345678",
        "decimal(38,18) 3.000000000000000000"},
       "4115226300411522630.041152263004115226"},
      {"$modulus", {"decimal(3,1) -7.5", "decimal(1,0) 2"}, "-1.5"},
      {"$modulus",
       {"decimal(38,0) 99999999999999999999999999999999999999",
        "decimal(38,37) 0.3000000000000000000000000000000000000"},
       "0.0000000000000000000000000000000000000"},
      {"$modulus",
       {"decimal(38,37) 0.5000000000000000000000000000000000000",
        "decimal(38,0) 99999999999999999999999999999999999999"},
       "0.5000000000000000000000000000000000000"},
      {"$add",
       {"decimal(38,0) 99999999999999999999999999999999999999", "decimal(1,0) 1"},
       "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow"},
      {"$multiply",
       {"decimal(38,0) 99999999999999999999999999999999999999", "decimal(2,0) 10"},
       "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow"},
      {"$negate", {"decimal(3,2) 1.25"}, "-1.25"},
      {"$negate", {"decimal(20,2) 1.25"}, "-1.25"},
      {"$add", {"decimal(2,1) NULL", "decimal(3,2) 2.25"}, "NULL"},
  };
  FunctionBench bench;
  for (const Case& test : cases) {
    EXPECT_EQ(bench.Run(test.function, test.arguments), test.want)
        << test.function << " " << test.arguments[0] << " " << test.arguments.back();
  }
}

}  // namespace
}  // namespace pallas::engine
