#include "sql/runtime/text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::sql {
namespace {

using testing::ElementsAre;

std::string Lower(std::string_view text) {
  std::string out;
  AppendLower(text, &out);
  return out;
}

std::string Upper(std::string_view text) {
  std::string out;
  AppendUpper(text, &out);
  return out;
}

std::string Reversed(std::string_view text) {
  std::string out;
  AppendReversed(text, &out);
  return out;
}

std::string Replaced(std::string_view text, std::string_view search, std::string_view by) {
  std::string out;
  AppendReplaced(text, search, by, &out);
  return out;
}

std::string Translated(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  AppendTranslated(text, from, to, &out);
  return out;
}

TEST(TextTest, SubstringCountsCodePointsFromBothEnds) {
  EXPECT_EQ(Substring("Quadratically", 5), "ratically");
  EXPECT_EQ(Substring("Quadratically", 5, 6), "ratica");
  EXPECT_EQ(Substring("Quadratically", 50), "");
  EXPECT_EQ(Substring("Quadratically", -5), "cally");
  EXPECT_EQ(Substring("Quadratically", -50), "");
  EXPECT_EQ(Substring("Quadratically", 0), "");
  EXPECT_EQ(Substring("Quadratically", -3, 2), "ll");
  EXPECT_EQ(Substring("Quadratically", 5, 0), "");
  EXPECT_EQ(Substring("信念,爱,希望", 4), "爱,希望");
  EXPECT_EQ(Substring("信念,爱,希望", -2, 1), "希");
  EXPECT_EQ(Substring("abc", INT64_MIN, 1), "");
  EXPECT_EQ(Substring("abc", 2, INT64_MAX), "bc");
}

TEST(TextTest, CasesMapCodePointByCodePoint) {
  EXPECT_EQ(Lower("WHAT!! ÄÖ"), "what!! äö");
  EXPECT_EQ(Upper("what!! äß"), "WHAT!! Äß");
  EXPECT_EQ(Upper("from the end"), "FROM THE END");
}

TEST(TextTest, ReplaceTranslateReverse) {
  EXPECT_EQ(Replaced("aaa", "aa", "b"), "ba");
  EXPECT_EQ(Replaced("ab", "", "-"), "-a-b-");
  EXPECT_EQ(Replaced("", "", "x"), "x");
  EXPECT_EQ(Replaced("信念,爱,希望", "爱", "X"), "信念,X,希望");
  EXPECT_EQ(Translated("abcd", "ac", "z"), "zbd");
  EXPECT_EQ(Translated("abcda", "aa", "zy"), "zbcdz");
  EXPECT_EQ(Translated("Palhoça", "ç", "c"), "Palhoca");
  EXPECT_EQ(Reversed("naïve"), "evïan");
}

TEST(TextTest, TrimKnowsUnicodeWhiteSpace) {
  EXPECT_EQ(Trim(" \t\u2028 hello \u2003", Ends::kBoth), "hello");
  EXPECT_EQ(Trim("\u00a0hello", Ends::kBoth), "\u00a0hello");
  EXPECT_EQ(Trim("  hello  ", Ends::kLeft), "hello  ");
  EXPECT_EQ(Trim("$var$", "$", Ends::kBoth), "var");
  EXPECT_EQ(Trim("\u017a\u00f3abc\u017a", "\u00f3\u017a", Ends::kRight), "\u017a\u00f3abc");
}

TEST(TextTest, RefusesTextsBeyondTheLimit) {
  EXPECT_EQ(Pad("a", 1'000'000'000, "x", Ends::kLeft).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(PadBytes("a", 1'000'000'000, "x", Ends::kRight).status().code(),
            absl::StatusCode::kResourceExhausted);
  const std::string many(100'000, 'a');
  EXPECT_TRUE(CheckReplacedSize(many, "a", "bb").ok());
  EXPECT_TRUE(CheckReplacedSize(many, "b", many).ok());
  EXPECT_FALSE(CheckReplacedSize(many, "a", many).ok());
  EXPECT_FALSE(CheckReplacedSize(many, "", many).ok());
}

TEST(TextTest, PadFillsAndCuts) {
  EXPECT_EQ(*Pad("text", 7, "xy", Ends::kLeft), "xyxtext");
  EXPECT_EQ(*Pad("信念 爱 希望  ", 13, "希望", Ends::kRight), "信念 爱 希望  希望希望");
  EXPECT_EQ(*Pad("text", 2, "xy", Ends::kLeft), "te");
  EXPECT_EQ(Pad("text", -1, "xy", Ends::kLeft).status().message(),
            "Target length must be in the range [0..2147483647]");
  EXPECT_EQ(Pad("text", 9, "", Ends::kLeft).status().message(), "Padding string must not be empty");
  EXPECT_EQ(PadBytes("x", 9, "", Ends::kLeft).status().message(),
            "Padding bytes must not be empty");
  EXPECT_EQ(*PadBytes("\x01", 4, "\x02\x03", Ends::kRight), "\x01\x02\x03\x02");
}

TEST(TextTest, PositionsOfInstances) {
  EXPECT_EQ(*Position("Quadratically", "a", 1), 3);
  EXPECT_EQ(*Position("aaa", "aa", 2), 2);
  EXPECT_EQ(*Position("abc/xyz/foo/bar", "/", -1), 12);
  EXPECT_EQ(*Position("爱,念,爱", "爱", -2), 1);
  EXPECT_EQ(*Position("abc", "x", 1), 0);
  EXPECT_EQ(*Position("", "", 1), 1);
  EXPECT_EQ(*Position("abc", "a", INT64_MIN), 0);
  EXPECT_EQ(Position("abc", "a", 0).status().message(),
            "'instance' must be a positive or negative number.");
}

TEST(TextTest, Splits) {
  EXPECT_THAT(*Split(".a.b.c", ".", 4), ElementsAre("", "a", "b", "c"));
  EXPECT_THAT(*Split("a.b.c", ".", 2), ElementsAre("a", "b.c"));
  EXPECT_THAT(*Split("a.b.c", ".", 1), ElementsAre("a.b.c"));
  EXPECT_THAT(*Split("", ".", std::nullopt), ElementsAre(""));
  EXPECT_EQ(Split("a", "", std::nullopt).status().message(),
            "The delimiter may not be the empty string");
  EXPECT_EQ(Split("a", ".", 0).status().message(), "Limit must be positive");
  EXPECT_EQ(SplitPart("abc-@-def-@-ghi", "-@-", 3)->value(), "ghi");
  EXPECT_EQ(SplitPart("abc-@-def-@-ghi", "-@-", 4)->has_value(), false);
  EXPECT_EQ(SplitPart("", "", 1)->has_value(), false);
  EXPECT_EQ(SplitPart("", "abc", 1)->value(), "");
  EXPECT_EQ(SplitPart("爱b", "", 1)->value(), "爱");
  EXPECT_EQ(SplitPart("abc", "", 0).status().message(), "Index must be greater than zero");
}

TEST(TextTest, SplitEntriesWantsOneDelimiterAnEntry) {
  EXPECT_THAT(*SplitEntries("a=1,b=", ",", "=", false),
              ElementsAre(TextEntry("a", "1"), TextEntry("b", "")));
  EXPECT_EQ(SplitEntries("a=1=2", ",", "=", false).status().message(),
            "Key-value delimiter must appear exactly once in each entry. Bad input: 'a=1=2'");
  EXPECT_EQ(SplitEntries("a=1,a=2", ",", "=", false).status().message(),
            "Duplicate keys (a) are not allowed");
  EXPECT_EQ(SplitEntries("a=1,a=2", ",", "=", true)->size(), 2U);
  EXPECT_EQ(SplitEntries("", "=", "=", false).status().message(),
            "entryDelimiter and keyValueDelimiter must not be the same");
}

TEST(TextTest, Distances) {
  EXPECT_EQ(*LevenshteinDistance("kitten", "sitting"), 3);
  EXPECT_EQ(*LevenshteinDistance("", "爱b"), 2);
  EXPECT_EQ(LevenshteinDistance(std::string(2000, 'a'), std::string(2000, 'b')).status().message(),
            "The combined inputs for Levenshtein distance are too large");
  EXPECT_EQ(*HammingDistance("halло", "hello"), 3);
  EXPECT_FALSE(HammingDistance("hello", "o").ok());
}

TEST(TextTest, CodesOfCharactersAndWords) {
  EXPECT_EQ(*Chr(0x1F4B0), "💰");
  EXPECT_EQ(Chr(0xD800).status().message(), "Not a valid Unicode code point: 55296");
  EXPECT_EQ(Chr(-1).status().message(), "Not a valid Unicode code point: -1");
  EXPECT_EQ(*CodePoint("💰"), 0x1F4B0);
  EXPECT_EQ(CodePoint("").status().message(), "Input string must be a single character string");
  EXPECT_EQ(*LuhnCheck("4242424242424242"), true);
  EXPECT_EQ(*LuhnCheck("79927398714"), false);
  EXPECT_EQ(*LuhnCheck(""), false);
  EXPECT_EQ(LuhnCheck("abc").status().message(), "Input contains non-digit character");
  EXPECT_EQ(*Soundex("jim"), "J500");
  EXPECT_EQ(*Soundex("Ashcraft"), "A261");
  EXPECT_EQ(*Soundex("123"), "");
  EXPECT_EQ(Soundex("jąmes").status().message(), "The character is not mapped: Ą (index=195)");
  EXPECT_EQ(*Normalize("scho\u0308n", "NFC"), "schön");
  EXPECT_EQ(*Normalize("\u3231\u3327\u3326\u2162", "NFKC"), "(株)トンドルIII");
  EXPECT_EQ(Normalize("x", "nfc").status().message(),
            "Normalization form must be one of [NFD, NFC, NFKD, NFKC]");
}

}  // namespace
}  // namespace pallas::sql
