#include "sql/runtime/json_path.h"

#include <string>

#include "gtest/gtest.h"

namespace pallas::sql {
namespace {

constexpr std::string_view kStore =
    R"({"store": {"book": [{"price": 8.950, "isbn": null}, {"price": 1e2, "t": "a\"b"}], "b c": true}})";

std::string Extract(std::string_view json, std::string_view path) {
  return JsonPath::Parse(path)->Extract(json).value_or("NULL");
}

std::string Scalar(std::string_view json, std::string_view path) {
  return JsonPath::Parse(path)->ExtractScalar(json).value_or("NULL");
}

TEST(JsonPathTest, ExtractsValues) {
  EXPECT_EQ(Extract(kStore, "$.store.book[0]"), R"({"price":8.95,"isbn":null})");
  EXPECT_EQ(Extract(kStore, "$[\"store\"][\"b c\"]"), "true");
  EXPECT_EQ(Extract(kStore, "$.store.book[0].isbn"), "null");
  EXPECT_EQ(Extract(kStore, "$.store.book[7]"), "NULL");
  EXPECT_EQ(Extract(kStore, "$.store.nothing"), "NULL");
  EXPECT_EQ(Extract(R"({"fuu": [0.1, 1, 2]})", "$[\"fuu\"][0]"), "0.1");
  EXPECT_EQ(Extract("no json", "$"), "NULL");
  EXPECT_EQ(Extract("", "$"), "NULL");
}

TEST(JsonPathTest, ExtractsScalars) {
  EXPECT_EQ(Scalar(kStore, "$.store.book[0].price"), "8.950");
  EXPECT_EQ(Scalar(kStore, "$.store.book[1].t"), "a\"b");
  EXPECT_EQ(Scalar(kStore, "$.store.book[0].isbn"), "NULL");
  EXPECT_EQ(Scalar(kStore, "$.store.book"), "NULL");
  EXPECT_EQ(Scalar("  12 ", "$"), "12");
}

TEST(JsonPathTest, Sizes) {
  EXPECT_EQ(JsonPath::Parse("$.x")->Size(R"({"x": {"a": 1, "b": 2}})"), 2);
  EXPECT_EQ(JsonPath::Parse("$.x.a")->Size(R"({"x": {"a": 1, "b": 2}})"), 0);
  EXPECT_EQ(JsonPath::Parse("$")->Size("[1,2,3]"), 3);
  EXPECT_EQ(JsonPath::Parse("$.y")->Size("{}"), std::nullopt);
}

TEST(JsonPathTest, MalformedPaths) {
  for (std::string_view path : {"", "x", "$.", "$[", "$[]", "$.a b", "$[\"a\\x\"]", "$.a["}) {
    EXPECT_FALSE(JsonPath::Parse(path).ok()) << path;
  }
  EXPECT_EQ(JsonPath::Parse("$.").status().message(), "Invalid JSON path: '$.'");
}

TEST(JsonArrayTest, LengthGetContains) {
  EXPECT_EQ(JsonArrayLength("[1, [2, 3], {}]"), 3);
  EXPECT_EQ(JsonArrayLength("{}"), std::nullopt);
  EXPECT_EQ(JsonArrayLength("[1"), std::nullopt);
  EXPECT_EQ(JsonArrayGet("[3.14, null, [1, 2]]", -1), "[1,2]");
  EXPECT_EQ(JsonArrayGet("[3.14, null]", 1), std::nullopt);
  EXPECT_EQ(JsonArrayGet("[3.14, null]", 0), "3.14");
  EXPECT_EQ(JsonArrayGet("[\"c\"]", -10), std::nullopt);
  EXPECT_EQ(JsonArrayContains("[2, 4, {\"a\": [8, 9]}, [], [5], false]", false), true);
  EXPECT_EQ(JsonArrayContains("[1, 2.0, 3]", int64_t{2}), false);
  EXPECT_EQ(JsonArrayContains("[-9.5]", -9.5), true);
  EXPECT_EQ(JsonArrayContains("[\"a\\u0062\"]", std::string_view("ab")), true);
  EXPECT_EQ(JsonArrayContains("1", true), std::nullopt);
}

TEST(JsonScalarTest, NeedsOneValue) {
  EXPECT_EQ(*IsJsonScalar(" 1 "), true);
  EXPECT_EQ(*IsJsonScalar("[1, 2, 3]"), false);
  EXPECT_EQ(IsJsonScalar("[1").status().message(), "Invalid JSON value: [1");
}

}  // namespace
}  // namespace pallas::sql
