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

TEST(StringsTest, LikeSeesThePaddingOfChars) {
  ExpectAll({
      {"$like", {"varchar foo", "varchar f%"}, "true"},
      {"$like", {"varchar 信念", "varchar 信_"}, "true"},
      {"$like", {"varchar a\\b", "varchar a\\b"}, "true"},
      {"$like", {"varchar aXb", "varchar a\\b"}, "false"},
      {"$like", {"char(6) foo", "varchar fo_"}, "false"},
      {"$like", {"char(6) foob", "varchar f%b__"}, "true"},
      {"$like", {"varchar NULL", "varchar f%"}, "NULL"},
      {"$like", {"varchar a%b", "varchar aX%b", "varchar X"}, "true"},
      {"$like",
       {"varchar a", "varchar aXb", "varchar X"},
       "INVALID_FUNCTION_ARGUMENT: Escape character must be followed by '%', '_' or the escape "
       "character itself"},
  });
}

TEST(StringsTest, Concatenation) {
  ExpectAll({
      {"$concat", {"varchar a", "varchar b"}, "ab"},
      {"concat", {"varchar a", "varchar NULL", "varchar b"}, "NULL"},
      {"concat", {"char(3) a", "char(2) b"}, "a  b"},
      {"concat_ws", {"varchar ,", "varchar def", "varchar NULL", "varchar mno"}, "def,mno"},
      {"concat_ws", {"varchar NULL", "varchar def"}, "NULL"},
      {"concat_ws", {"varchar ,", "varchar ", "varchar b"}, ",b"},
  });
}

TEST(StringsTest, PartsAndPlaces) {
  ExpectAll({
      {"length", {"varchar 信念 爱"}, "4"},
      {"length", {"char(8) abc"}, "8"},
      {"substr", {"varchar Quadratically", "bigint -3", "bigint 2"}, "ll"},
      {"substring", {"char(5) ab", "bigint 2", "bigint 3"}, "b  "},
      {"substr", {"varchar abc", "bigint 0"}, ""},
      {"strpos", {"varchar abcabc", "varchar b", "bigint -1"}, "5"},
      {"split", {"varchar a.b.c", "varchar ."}, "[a, b, c]"},
      {"split", {"varchar a.b.c", "varchar .", "bigint 2"}, "[a, b.c]"},
      {"split_part", {"varchar a.b", "varchar .", "bigint 3"}, "NULL"},
      {"split_to_map", {"varchar a=1,b=2", "varchar ,", "varchar ="}, "{a=1, b=2}"},
      {"split_to_multimap", {"varchar a=1,b=2,a=3", "varchar ,", "varchar ="}, "{a=[1, 3], b=[2]}"},
      {"starts_with", {"varchar abc", "varchar ab"}, "true"},
      {"levenshtein_distance", {"varchar kitten", "varchar sitting"}, "3"},
      {"hamming_distance", {"varchar abc", "varchar abd"}, "1"},
  });
}

TEST(StringsTest, Changes) {
  ExpectAll({
      {"upper", {"varchar äß"}, "Äß"},
      {"lower", {"char(3) AB"}, "ab"},
      {"trim", {"varchar   a b  "}, "a b"},
      {"rtrim", {"char(9)   hello", "varchar  "}, "  hello"},
      {"ltrim", {"varchar xxyx", "varchar x"}, "yx"},
      {"lpad", {"varchar text", "bigint 7", "varchar xy"}, "xyxtext"},
      {"rpad", {"varchar text", "bigint 3", "varchar xy"}, "tex"},
      {"reverse", {"varchar naïve"}, "evïan"},
      {"reverse", {"char(4) ab"}, "  ba"},
      {"replace", {"varchar aXbX", "varchar X"}, "ab"},
      {"replace", {"varchar aXbX", "varchar X", "varchar -"}, "a-b-"},
      {"translate", {"varchar abcd", "varchar ac", "varchar z"}, "zbd"},
      {"normalize", {"varchar scho\u0308n", "varchar NFC"}, "schön"},
      {"soundex", {"varchar jim"}, "J500"},
      {"chr", {"bigint 65"}, "A"},
      {"codepoint", {"varchar(1) A"}, "65"},
      {"luhn_check", {"varchar 4242424242424242"}, "true"},
  });
}

TEST(StringsTest, RegularExpressions) {
  ExpectAll({
      {"regexp_like", {"varchar Stephen", "varchar Ste(v|ph)en"}, "true"},
      {"regexp_like", {"varchar NULL", "varchar x"}, "NULL"},
      {"regexp_count", {"varchar 1a 2b", "varchar [a-z]"}, "2"},
      {"regexp_extract", {"varchar 1a 2b", "varchar x"}, "NULL"},
      {"regexp_extract", {"varchar 1a 2b", "varchar (\\d)([a-z])", "bigint 2"}, "a"},
      {"regexp_extract_all", {"varchar 1a 2b", "varchar [a-z]"}, "[a, b]"},
      {"regexp_extract_all", {"varchar aab", "varchar a(b)?", "bigint 1"}, "[NULL, b]"},
      {"regexp_split", {"varchar 1a2b3", "varchar [a-z]"}, "[1, 2, 3]"},
      {"regexp_replace", {"varchar 1a2b3", "varchar [a-z]"}, "123"},
      {"regexp_replace", {"varchar 1a2b3", "varchar ([a-z])", "varchar <$1>"}, "1<a>2<b>3"},
      {"regexp_position", {"varchar a,b,c", "varchar ,", "integer 3"}, "4"},
      {"regexp_position", {"varchar a,b,c", "varchar ,", "integer 1", "integer 2"}, "4"},
      {"regexp_like",
       {"varchar a", "varchar ("},
       "INVALID_FUNCTION_ARGUMENT: end pattern with unmatched parenthesis"},
  });
}

}  // namespace
}  // namespace pallas::engine
