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
      {"mod", {"integer 5", "integer 0"}, "DIVISION_BY_ZERO: Division by zero"},
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

}  // namespace
}  // namespace pallas::engine
