#include "sql/runtime/regexp.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"

namespace pallas::sql {
namespace {

using testing::ElementsAre;
using testing::Optional;

std::shared_ptr<const Regexp> Compiled(std::string_view pattern) {
  auto regexp = Regexp::Compile(pattern);
  EXPECT_TRUE(regexp.ok()) << regexp.status();
  return *std::move(regexp);
}

TEST(RegexpTest, FindsAnywhere) {
  EXPECT_TRUE(*Compiled("Ste(v|ph)en")->Matches("my Stephen"));
  EXPECT_FALSE(*Compiled("^Ste(v|ph)en$")->Matches("Stevens"));
  EXPECT_TRUE(*Compiled("(?i)HELLO")->Matches("hello"));
  EXPECT_TRUE(*Compiled("(?<=a)b(?!c)")->Matches("abd"));
  EXPECT_TRUE(*Compiled("(a)\\1")->Matches("aa"));
  EXPECT_TRUE(*Compiled("^\\p{L}+$")->Matches("有朋"));
  EXPECT_TRUE(*Compiled("")->Matches(""));
}

TEST(RegexpTest, ReplacesAllMatches) {
  EXPECT_EQ(*Compiled("\\d+[ab] ")->Replace("1a 2b 14m", ""), "14m");
  EXPECT_EQ(*Compiled(".")->Replace("a有朋💰", "Y"), "YYYY");
  EXPECT_EQ(*Compiled(".*")->Replace("x", "xxxxx"), "xxxxxxxxxx");
  EXPECT_EQ(
      *Compiled("(\\d{3})\\.(\\d{3}).(\\d{4})")->Replace("call 555.123.4444 now", "($1) $2-$3"),
      "call (555) 123-4444 now");
  EXPECT_EQ(*Compiled("(?<xyz>[xyz])")->Replace("wxyz", "${xyz}${xyz}"), "wxxyyzz");
  EXPECT_EQ(*Compiled("(b)?")->Replace("", "[$1]"), "[]");
  EXPECT_EQ(*Compiled("a")->Replace("a", "\\$0$02"), "$0a2");
  EXPECT_EQ(Compiled("a")->Replace("a", "$1").status().message(),
            "Illegal replacement sequence: unknown group 1");
  EXPECT_EQ(Compiled("a")->Replace("a", "${n}").status().message(),
            "Illegal replacement sequence: unknown group { n }");
  EXPECT_EQ(Compiled("a")->Replace("a", "x$").status().message(),
            "Illegal replacement sequence: x$");
}

TEST(RegexpTest, ExtractsGroups) {
  const auto words = Compiled("\\b[a-z]([a-z]*)");
  EXPECT_THAT(*words->Extract("Hello world bye", 0), Optional(std::string_view("world")));
  EXPECT_THAT(*words->Extract("Hello world bye", 1), Optional(std::string_view("orld")));
  EXPECT_EQ(words->Extract("HELLO", 0)->has_value(), false);
  EXPECT_EQ(words->Extract("a", 2).status().message(),
            "Pattern has 1 groups. Cannot access group 2");
  EXPECT_EQ(words->Extract("a", -1).status().message(), "Group cannot be negative");
  EXPECT_THAT(*Compiled("(\\d+)([a-z]+)")->ExtractAll("1a 2b 14m", 2),
              ElementsAre(std::string_view("a"), std::string_view("b"), std::string_view("m")));
  EXPECT_THAT(*Compiled("a(b)?")->ExtractAll("aab", 1),
              ElementsAre(std::nullopt, std::string_view("b")));
  EXPECT_EQ(Compiled("")->ExtractAll("", 0)->size(), 1U);
}

TEST(RegexpTest, SplitsCountsAndFinds) {
  EXPECT_THAT(*Compiled("\\s*[a-z]+\\s*")->Split("1a 2b 14m"), ElementsAre("1", "2", "14", ""));
  EXPECT_THAT(*Compiled(",")->Split(",,,"), ElementsAre("", "", "", ""));
  EXPECT_THAT(*Compiled("x")->Split(""), ElementsAre(""));
  EXPECT_EQ(*Compiled("\\s*[a-z]+\\s*")->Count("1a 2b 14m"), 3);
  EXPECT_EQ(*Compiled("")->Count("有朋"), 3);
  EXPECT_EQ(*Compiled(",")->Position("a,b,c", 3, 1), 4);
  EXPECT_EQ(*Compiled("朋")->Position("有朋$%X自9远方来朋", 1, 2), 11);
  EXPECT_EQ(*Compiled(",")->Position("a,b,c", 1, 3), -1);
  EXPECT_EQ(*Compiled(", ")->Position("", 4, 1), -1);
  EXPECT_EQ(Compiled(",")->Position("a", 0, 1).status().message(),
            "start position cannot be smaller than 1");
}

TEST(RegexpTest, ShortClassesAreAsciiAndNamedOnesUnicode) {
  struct Case {
    const char* pattern;
    const char* text;
    bool want;
  };

  for (const Case& c : std::vector<Case>{{"\\w", "é", false},
                                         {"\\W", "é", true},
                                         {"[\\w]", "é", false},
                                         {"[^\\w]", "é", true},
                                         {"[\\W]", "é", true},
                                         {"[[:alpha:]]", "é", true},
                                         {"\\s", "\xC2\xA0", false},
                                         {"\\d", "٣", false},
                                         {"[\\d-x]", "-", true},
                                         {"\\Q\\d\\E", "\\d", true},
                                         {"\\Q\\d\\E", "5", false},
                                         {"x\\bé", "xé", false}}) {
    EXPECT_EQ(*Compiled(c.pattern)->Matches(c.text), c.want) << c.pattern;
  }
}

TEST(RegexpTest, BadPatternsAndEndlessSearchesFail) {
  EXPECT_EQ(Regexp::Compile("(").status().message(), "end pattern with unmatched parenthesis");
  const absl::Status endless = Compiled("(x+x+)+y\\1")->Matches(std::string(40, 'x')).status();
  EXPECT_EQ(ErrorName(endless), "GENERIC_INSUFFICIENT_RESOURCES");
}

TEST(RegexpTest, CacheFollowsThePattern) {
  RegexpCache cache;
  const Regexp* first = *cache.Get("a");
  EXPECT_EQ(*cache.Get("a"), first);
  EXPECT_TRUE(*(*cache.Get("b"))->Matches("b"));
  EXPECT_FALSE(cache.Get("[").ok());
}

}  // namespace
}  // namespace pallas::sql
