#include "sql/runtime/url.h"

#include <string>

#include "gtest/gtest.h"

namespace pallas::sql {
namespace {

TEST(UrlTest, Parts) {
  const std::optional<Url> url =
      ParseUrl("http://user@example.com:8080/path%201/p.php?k1=v1&k2=v2#Ref1");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->protocol, "http");
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->path, "/path 1/p.php");
  EXPECT_EQ(url->query, "k1=v1&k2=v2");
  EXPECT_EQ(url->fragment, "Ref1");
}

TEST(UrlTest, WhatIsMissingIsEmpty) {
  EXPECT_EQ(ParseUrl("foo")->path, "foo");
  EXPECT_EQ(ParseUrl("foo")->protocol, "");
  EXPECT_EQ(ParseUrl("foo")->port, std::nullopt);
  EXPECT_EQ(ParseUrl("mailto:test@example.com")->protocol, "mailto");
  EXPECT_EQ(ParseUrl("mailto:test@example.com")->path, "");
  EXPECT_EQ(ParseUrl("http://under_score.com/x")->host, "");
  EXPECT_EQ(ParseUrl("http://[::1]:80/")->host, "[::1]");
  EXPECT_EQ(ParseUrl("http://127.0.0.1/")->host, "127.0.0.1");
}

TEST(UrlTest, WhatIsNoUrl) {
  EXPECT_FALSE(ParseUrl("http://example.com/^").has_value());
  EXPECT_FALSE(ParseUrl("http://not uri/cannot contain whitespace").has_value());
  EXPECT_FALSE(ParseUrl("1http:x").has_value());
  EXPECT_FALSE(ParseUrl("http://").has_value());
  EXPECT_FALSE(ParseUrl("http://x/%zz").has_value());
}

TEST(UrlTest, Parameters) {
  constexpr std::string_view kUrl = "http://example.com/p.php?k1=v1&k2=v%202+&k3&k1=x#Ref1";
  EXPECT_EQ(UrlParameter(kUrl, "k1")->value(), "v1");
  EXPECT_EQ(UrlParameter(kUrl, "k2")->value(), "v 2 ");
  EXPECT_EQ(UrlParameter(kUrl, "k3")->value(), "");
  EXPECT_EQ(UrlParameter(kUrl, "k4")->has_value(), false);
  EXPECT_EQ(UrlParameter("http://example.com/?k=a=b=c", "k")->value(), "a=b=c");
}

TEST(UrlTest, FormEscapes) {
  EXPECT_EQ(UrlEncode("http://a.b/? ü*"), "http%3A%2F%2Fa.b%2F%3F+%C3%BC*");
  EXPECT_EQ(*UrlDecode("http%3A%2F%2Fa.b%2F%3F+%C3%BC*"), "http://a.b/? ü*");
  EXPECT_EQ(UrlDecode("%2").status().message(),
            "URLDecoder: Incomplete trailing escape (%) pattern");
  EXPECT_EQ(UrlDecode("%2x").status().message(),
            "URLDecoder: Illegal hex characters in escape (%) pattern - not a hexadecimal digit: "
            "\"x\" = 120");
}

}  // namespace
}  // namespace pallas::sql
