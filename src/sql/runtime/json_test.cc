#include "sql/runtime/json.h"

#include <gtest/gtest.h>

#include "base/error_detail.h"

namespace pallas::sql {
namespace {

TEST(JsonTest, Canonicalizes) {
  struct Case {
    const char* text;
    const char* want;
  };

  const Case cases[] = {
      {" null ", "null"},
      {"[ 1 , 2.50 , true ]", "[1,2.5,true]"},
      {R"({"b": 1, "a": [1, 2.50, null, true]})", R"({"a":[1,2.5,null,true],"b":1})"},
      {R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
      {R"({"b":{"d":1,"c":2},"a":{}})", R"({"a":{},"b":{"c":2,"d":1}})"},
      {"[1e3]", "[1000.0]"},
      {"1E100", "1.0E100"},
      {"-0", "0"},
      {"-0.0", "-0.0"},
      {"1e-400", "0.0"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {R"("x\u00e9\ud83d\ude00\/\n\u0001")", "\"x\xC3\xA9\\uD83D\\uDE00/\\n\\u0001\""},
      {R"({"\ud83d\ude00":1,"\uffee":2})", "{\"\\uD83D\\uDE00\":1,\"\xEF\xBF\xAE\":2}"},
      {"[]", "[]"},
      {"\"\"", "\"\""},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<std::string> json = ParseJson(c.text);
    ASSERT_TRUE(json.ok()) << c.text;
    EXPECT_EQ(*json, c.want);
    EXPECT_EQ(*ParseJson(*json), *json);
  }
}

TEST(JsonTest, RefusesWhatIsNotOneValue) {
  for (const char* text :
       {"",        " ",           "INVALID", "{}abc", "{}{}",  "[1,]",  "{\"a\"}",
        "{a:1}",   "01",          "1.",      ".5",    "+1",    "1e",    "\"\t\"",
        "\"\\x\"", "\"\\ud83d\"", "'a'",     "nul",   "[1 2]", "\"abc", "-"}) {
    const absl::Status status = ParseJson(text).status();
    EXPECT_EQ(status.message(), std::string("Cannot convert value to JSON: '") + text + "'");
    EXPECT_EQ(ErrorName(status), "INVALID_FUNCTION_ARGUMENT");
  }
}

TEST(JsonTest, NestsToItsLimit) {
  EXPECT_TRUE(ParseJson(std::string(1'000, '[') + std::string(1'000, ']')).ok());
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')).ok());
}

TEST(JsonTest, KeepsTheOutputWhenItFails) {
  std::string out = "kept";
  EXPECT_FALSE(AppendCanonicalJson("[1, 2", &out));
  EXPECT_EQ(out, "kept");
}

}  // namespace
}  // namespace pallas::sql
