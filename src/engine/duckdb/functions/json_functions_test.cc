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

TEST(JsonFunctionsTest, ValuesAndTexts) {
  const Case cases[] = {
      {"json_parse", {"varchar {\"b\": 1, \"a\": [1.0]}"}, R"({"a":[1.0],"b":1})"},
      {"json_parse",
       {"varchar {}abc"},
       "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '{}abc'"},
      {"json_format", {"json [1,2]"}, "[1,2]"},
      {"json_extract", {"varchar {\"a\": {\"b\": 7}}", "varchar $.a"}, R"({"b":7})"},
      {"json_extract", {"json {\"a\":[1]}", "varchar $.a[0]"}, "1"},
      {"json_extract", {"json {\"a\":[1]}", "varchar $.x"}, "NULL"},
      {"json_extract",
       {"json 1", "varchar a"},
       "INVALID_FUNCTION_ARGUMENT: Invalid JSON path: 'a'"},
      {"json_extract_scalar", {"json {\"a\":\"x\"}", "varchar $.a"}, "x"},
      {"json_size", {"json {\"a\":[1,2]}", "varchar $.a"}, "2"},
      {"json_array_length", {"varchar [1, 2]"}, "2"},
      {"json_array_get", {"json [true,false]", "bigint -1"}, "false"},
      {"json_array_contains", {"json [1,\"a\"]", "varchar a"}, "true"},
      {"json_array_contains", {"json [1,2]", "bigint 3"}, "false"},
      {"is_json_scalar", {"varchar 1"}, "true"},
      {"is_json_scalar", {"varchar ]"}, "INVALID_FUNCTION_ARGUMENT: Invalid JSON value: ]"},
  };
  FunctionBench bench;
  for (const Case& test : cases) {
    EXPECT_EQ(bench.Run(test.function, test.arguments), test.want) << test.function;
  }
}

}  // namespace
}  // namespace pallas::engine
