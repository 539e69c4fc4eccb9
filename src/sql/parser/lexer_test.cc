#include "sql/parser/lexer.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"

namespace pallas::sql {
namespace {

using namespace std::string_literals;

struct TokenCase {
  const char* name;
  std::string sql;
  TokenKind kind;
  std::string text;
};

class LexerTokenTest : public testing::TestWithParam<TokenCase> {};

TEST_P(LexerTokenTest, IsOneToken) {
  const TokenCase& c = GetParam();
  const absl::StatusOr<std::vector<Token>> tokens = Tokenize(c.sql, LexMode::kTrino);
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  ASSERT_EQ(tokens->size(), 2U);
  EXPECT_EQ((*tokens)[0].kind, c.kind);
  EXPECT_EQ((*tokens)[0].text, c.text);
  EXPECT_EQ((*tokens)[0].end, c.sql.size());
}

INSTANTIATE_TEST_SUITE_P(
    Tokens, LexerTokenTest,
    testing::Values(TokenCase{"Word", "select", TokenKind::kWord, "select"},
                    TokenCase{"WordWithDigits", "_a1$b", TokenKind::kWord, "_a1$b"},
                    TokenCase{"Accented", "größe", TokenKind::kWord, "größe"},
                    TokenCase{"Quoted", "\"a \"\"b\"\"\"", TokenKind::kQuoted, "a \"b\""},
                    TokenCase{"Backquoted", "`a``b`", TokenKind::kBackquoted, "a`b"},
                    TokenCase{"String", "'it''s'", TokenKind::kString, "it's"},
                    TokenCase{"StringKeepsBackslash", "'a\\'", TokenKind::kString, "a\\"},
                    TokenCase{"StringOverLines", "'a\nb'", TokenKind::kString, "a\nb"},
                    TokenCase{"StringWithNul", "'a\0b'"s, TokenKind::kString, "a\0b"s},
                    TokenCase{"Unicode", "U&'\\0041\\+01F600'", TokenKind::kString,
                              "A\xF0\x9F\x98\x80"},
                    TokenCase{"UnicodeEscapedEscape", "u&'a\\\\b'", TokenKind::kString, "a\\b"},
                    TokenCase{"Uescape", "U&'#0041\\' UESCAPE '#'", TokenKind::kString, "A\\"},
                    TokenCase{"Binary", "X'41 4a'", TokenKind::kBinary, "AJ"},
                    TokenCase{"Integer", "1_000", TokenKind::kInteger, "1000"},
                    TokenCase{"Hexadecimal", "0xFF_ff", TokenKind::kInteger, "65535"},
                    TokenCase{"Octal", "0o17", TokenKind::kInteger, "15"},
                    TokenCase{"BinaryInteger", "0B101", TokenKind::kInteger, "5"},
                    TokenCase{"Decimal", "1.50", TokenKind::kDecimal, "1.50"},
                    TokenCase{"DecimalWithoutFraction", "1.", TokenKind::kDecimal, "1."},
                    TokenCase{"DecimalWithoutWhole", ".5", TokenKind::kDecimal, ".5"},
                    TokenCase{"Double", "1e-3", TokenKind::kDouble, "1e-3"},
                    TokenCase{"DoubleWithPoint", "1.5E+10", TokenKind::kDouble, "1.5E+10"},
                    TokenCase{"NotEqual", "!=", TokenKind::kSymbol, "<>"},
                    TokenCase{"Arrow", "->", TokenKind::kSymbol, "->"},
                    TokenCase{"NamedArgument", "=>", TokenKind::kSymbol, "=>"}),
    [](const auto& test) { return test.param.name; });

struct ErrorCase {
  const char* name;
  std::string sql;
  const char* message;
};

class LexerErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(LexerErrorTest, NamesThePlace) {
  const ErrorCase& c = GetParam();
  const absl::StatusOr<std::vector<Token>> tokens = Tokenize(c.sql, LexMode::kTrino);
  ASSERT_FALSE(tokens.ok());
  EXPECT_EQ(ErrorName(tokens.status()), "SYNTAX_ERROR");
  EXPECT_EQ(tokens.status().message(), c.message);
}

INSTANTIATE_TEST_SUITE_P(
    Errors, LexerErrorTest,
    testing::Values(
        ErrorCase{"OpenString", "SELECT 'abc",
                  "line 1:8: mismatched input '''. Expecting: the closing '"},
        ErrorCase{"OpenName", "SELECT\n \"abc",
                  "line 2:2: mismatched input '\"'. Expecting: the closing \""},
        ErrorCase{"OpenComment", "SELECT 1 /* x",
                  "line 1:10: mismatched input '/*'. Expecting: '*/' at the end of the comment"},
        ErrorCase{"OddBinary", "X'abc'",
                  "line 1:1: Binary literal must contain an even number of digits"},
        ErrorCase{"NoHexadecimal", "X'zz'",
                  "line 1:1: Binary literal can only contain hexadecimal digits"},
        ErrorCase{"ShortEscape", "U&'\\00'", "line 1:1: Incomplete escape sequence: 00"},
        ErrorCase{"NoEscapeDigit", "U&'\\zz'", "line 1:1: Invalid hexadecimal digit: z"},
        ErrorCase{
            "Surrogate", "U&'\\D800'",
            "line 1:1: Invalid escaped character: D800. Escaped character is a surrogate. Use "
            "'\\+123456' instead."},
        ErrorCase{"TooLargeHexadecimal", "0x1FFFFFFFFFFFFFFFF",
                  "line 1:1: Invalid numeric literal: 0x1FFFFFFFFFFFFFFFF"},
        ErrorCase{"NoDigits", "0x",
                  "line 1:1: identifiers must not start with a digit; surround the identifier with "
                  "double quotes"},
        ErrorCase{"WrongDigit", "0b12",
                  "line 1:1: identifiers must not start with a digit; surround the identifier with "
                  "double quotes"},
        ErrorCase{"DigitFirst", "SELECT 1abc",
                  "line 1:8: identifiers must not start with a digit; surround the identifier with "
                  "double quotes"},
        ErrorCase{"NoUtf8", "SELECT '\xFF'", "line 1:9: the statement is not valid UTF-8"},
        ErrorCase{"OverlongUtf8", "\xC0\x80", "line 1:1: the statement is not valid UTF-8"},
        ErrorCase{"CutUtf8", "SELECT '\xE2\x82", "line 1:9: the statement is not valid UTF-8"},
        ErrorCase{"SurrogateUtf8", "\xED\xA0\x80", "line 1:1: the statement is not valid UTF-8"}),
    [](const auto& test) { return test.param.name; });

TEST(LexerTest, PlacesCountLinesAndCodePoints) {
  const auto tokens = Tokenize("a -- x\n  'é' b /* \n */ c", LexMode::kTrino);
  ASSERT_TRUE(tokens.ok());
  ASSERT_EQ(tokens->size(), 5U);
  EXPECT_EQ((*tokens)[0].location, (Location{1, 1}));
  EXPECT_EQ((*tokens)[1].location, (Location{2, 3}));
  EXPECT_EQ((*tokens)[2].location, (Location{2, 7}));
  EXPECT_EQ((*tokens)[3].location, (Location{3, 5}));
}

TEST(LexerTest, HiveModeReadsBothQuotesAndBackslashes) {
  const auto tokens = Tokenize(R"("it's" 'a\'b' 'c\\d' '\001' `x`)", LexMode::kHive);
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  ASSERT_EQ(tokens->size(), 6U);
  EXPECT_EQ((*tokens)[0].kind, TokenKind::kQuoted);
  EXPECT_EQ((*tokens)[0].text, "it's");
  EXPECT_EQ((*tokens)[1].kind, TokenKind::kString);
  EXPECT_EQ((*tokens)[1].text, "a'b");
  EXPECT_EQ((*tokens)[2].text, "c\\d");
  EXPECT_EQ((*tokens)[3].text, "\\001");  // Read by whoever uses the delimiter.
  EXPECT_EQ((*tokens)[4].kind, TokenKind::kBackquoted);
}

TEST(LexerTest, IdentifiersAreQuotedWhenTheyMust) {
  EXPECT_TRUE(IsPlainIdentifier("name"));
  EXPECT_TRUE(IsPlainIdentifier("limit"));  // a keyword, but not a reserved one
  EXPECT_FALSE(IsPlainIdentifier("select"));
  EXPECT_FALSE(IsPlainIdentifier("1a"));
  EXPECT_FALSE(IsPlainIdentifier("a b"));
  EXPECT_FALSE(IsPlainIdentifier(""));
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace pallas::sql
