#include "cli/terminal_text.h"

#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

TEST(TerminalTextTest, WidthCountsCells) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("abc"), 3U);
  EXPECT_EQ(DisplayWidth("日本"), 4U);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1U);  // a combining accent
  EXPECT_EQ(DisplayWidth("\U0001F600"), 2U);
  EXPECT_EQ(DisplayWidth("a\xff"), 2U);
}

TEST(TerminalTextTest, NothingSteersTheTerminal) {
  EXPECT_EQ(Printable("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(Printable("\x1b[2J\x7f"), "\\x1b[2J\\x7f");
  EXPECT_EQ(Printable("\u009b2J"), "\\u009b2J");  // the one-character form of an escape sequence
  EXPECT_EQ(Printable("a\u202eb\u2028"), "a\\u202eb\\u2028");
  EXPECT_EQ(Printable("日本 é \xff"), "日本 é \\xff");
  EXPECT_EQ(Printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(TerminalTextTest, CutsWithAnEllipsis) {
  EXPECT_EQ(CutToWidth("abcdef", 6), "abcdef");
  EXPECT_EQ(CutToWidth("abcdef", 5), "abcd…");
  EXPECT_EQ(CutToWidth("abcdef", 1), "…");
  // A wide character does not stand half.
  EXPECT_EQ(CutToWidth("日本語", 6), "日本語");
  EXPECT_EQ(CutToWidth("日本語", 5), "日本…");
  EXPECT_EQ(CutToWidth("日本語", 4), "日…");
  // A combining accent stays with its letter.
  EXPECT_EQ(PrefixOfWidth("e\u0301x", 1), "e\u0301");
}

}  // namespace
}  // namespace pallas::cli
