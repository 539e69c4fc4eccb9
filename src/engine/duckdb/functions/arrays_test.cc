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

void ExpectAll(const std::vector<Case>& cases) {
  FunctionBench bench;
  for (const Case& test : cases) {
    EXPECT_EQ(bench.Run(test.function, test.arguments), test.want) << test.function;
  }
}

TEST(ArraysTest, Places) {
  ExpectAll({
      {"$subscript", {"array(integer) [7,NULL,9]", "bigint 3"}, "9"},
      {"$subscript", {"array(integer) [7,NULL,9]", "bigint 2"}, "NULL"},
      {"$subscript",
       {"array(integer) [7]", "bigint 0"},
       "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"},
      {"$subscript",
       {"array(integer) [7]", "bigint -1"},
       "INVALID_FUNCTION_ARGUMENT: Array subscript is negative: -1"},
      {"$subscript",
       {"array(integer) [7]", "bigint 2"},
       "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 2 > "
       "1"},
      {"element_at", {"array(varchar) [a,b]", "bigint -1"}, "b"},
      {"element_at", {"array(varchar) [a,b]", "bigint 5"}, "NULL"},
      {"cardinality", {"array(varchar) [a,b]"}, "2"},
      {"contains", {"array(integer) [1,2]", "integer 2"}, "true"},
      {"contains", {"array(integer) [1,NULL]", "integer 2"}, "NULL"},
      {"array_position", {"array(integer) [1,NULL,2]", "integer 2"}, "3"},
      {"contains_sequence", {"array(integer) [1,2,3]", "array(integer) [2,3]"}, "true"},
      {"contains_sequence", {"array(integer) [1,2,3]", "array(integer) [3,2]"}, "false"},
  });
}

TEST(ArraysTest, SetsAndOrder) {
  ExpectAll({
      {"array_distinct", {"array(integer) [3,1,3,NULL,NULL]"}, "[3, 1, NULL]"},
      {"array_union", {"array(integer) [1,2]", "array(integer) [2,3]"}, "[1, 2, 3]"},
      {"array_except", {"array(integer) [1,5,3,5]", "array(integer) [3]"}, "[1, 5]"},
      {"array_intersect", {"array(integer) [1,5]", "array(integer) [5,7,1]"}, "[5, 1]"},
      {"arrays_overlap", {"array(integer) [1,NULL]", "array(integer) [2]"}, "NULL"},
      {"arrays_overlap", {"array(integer) [1,2]", "array(integer) [2]"}, "true"},
      {"array_remove", {"array(integer) [1,2,NULL,1]", "integer 1"}, "[2, NULL]"},
      {"array_max", {"array(integer) [1,7,3]"}, "7"},
      {"array_min", {"array(integer) [1,NULL,3]"}, "NULL"},
      {"array_max", {"array(integer) []"}, "NULL"},
      {"array_sort", {"array(varchar) [c,NULL,a]"}, "[a, c, NULL]"},
      {"reverse", {"array(varchar) [c,a]"}, "[a, c]"},
  });
}

TEST(ArraysTest, PartsAndWholes) {
  ExpectAll({
      {"slice", {"array(integer) [1,2,3,4]", "bigint -3", "bigint 2"}, "[2, 3]"},
      {"slice", {"array(integer) [1,2,3,4]", "bigint -6", "bigint 5"}, "[]"},
      {"trim_array", {"array(integer) [1,2,3,4]", "bigint 3"}, "[1]"},
      {"repeat", {"varchar x", "bigint 2"}, "[x, x]"},
      {"repeat", {"varchar NULL", "bigint 2"}, "[NULL, NULL]"},
      {"ngrams", {"array(integer) [1,2,3]", "integer 2"}, "[[1, 2], [2, 3]]"},
      {"combinations", {"array(integer) [1,2,3]", "integer 2"}, "[[1, 2], [1, 3], [2, 3]]"},
      {"flatten", {"array(array(integer)) [[1,2],NULL,[3]]"}, "[1, 2, 3]"},
      {"$concat", {"array(integer) [1]", "array(integer) [2,3]"}, "[1, 2, 3]"},
      {"$concat", {"array(integer) [1]", "integer NULL"}, "NULL"},
      {"$concat", {"integer 0", "array(integer) [1]"}, "[0, 1]"},
      {"$concat", {"array(integer) NULL", "array(integer) [1]"}, "NULL"},
      {"zip",
       {"array(integer) [1,2]", "array(varchar) [a]"},
       "[{'f1': 1, 'f2': a}, {'f1': 2, 'f2': NULL}]"},
      {"array_join", {"array(integer) [1,NULL,2]", "varchar -"}, "1-2"},
      {"array_join", {"array(integer) [1,NULL,2]", "varchar -", "varchar ?"}, "1-?-2"},
      {"concat_ws", {"varchar -", "array(varchar) [a,NULL,b]"}, "a-b"},
      {"array_histogram", {"array(varchar) [a,b,NULL,a]"}, "{a=2, b=1}"},
  });
}

TEST(MapsTest, MakeAndRead) {
  ExpectAll({
      {"map", {"array(varchar) [a,b]", "array(integer) [1,2]"}, "{a=1, b=2}"},
      {"map",
       {"array(varchar) [a,a]", "array(integer) [1,2]"},
       "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (a) are not allowed"},
      {"map",
       {"array(varchar) [a]", "array(integer) [1,2]"},
       "INVALID_FUNCTION_ARGUMENT: Key and value arrays must be the same length"},
      {"map",
       {"array(varchar) [NULL]", "array(integer) [1]"},
       "INVALID_FUNCTION_ARGUMENT: map key cannot be null"},
      {"cardinality", {"map(varchar,integer) {a:1,b:2}"}, "2"},
      {"$subscript", {"map(varchar,integer) {a:1,b:2}", "varchar b"}, "2"},
      {"$subscript",
       {"map(varchar,integer) {a:1}", "varchar x"},
       "INVALID_FUNCTION_ARGUMENT: Key not present in map: x"},
      {"element_at", {"map(varchar,integer) {a:1}", "varchar x"}, "NULL"},
      {"map_keys", {"map(varchar,integer) {a:1,b:2}"}, "[a, b]"},
      {"map_values", {"map(varchar,integer) {a:1,b:2}"}, "[1, 2]"},
      {"map_entries", {"map(varchar,integer) {a:1}"}, "[{'f1': a, 'f2': 1}]"},
      {"map_from_entries", {"array(row(varchar,integer)) [(a,1),(b,2)]"}, "{a=1, b=2}"},
      {"map_from_entries",
       {"array(row(varchar,integer)) [(a,1),(a,2)]"},
       "INVALID_FUNCTION_ARGUMENT: Duplicate map keys (a) are not allowed"},
      {"multimap_from_entries",
       {"array(row(integer,varchar)) [(1,x),(2,y),(1,z)]"},
       "{1=[x, z], 2=[y]}"},
      {"map_concat",
       {"map(varchar,integer) {a:1}", "map(varchar,integer) {a:2,b:3}"},
       "{a=2, b=3}"},
  });
}

}  // namespace
}  // namespace pallas::engine
