#include "sql/runtime/like.h"

#include "gtest/gtest.h"

namespace pallas::sql {
namespace {

TEST(LikeTest, EscapedWildcardsAreCharacters) {
  EXPECT_TRUE(LikeWithEscape("a%b", "aX%b", "X"));
  EXPECT_FALSE(LikeWithEscape("a0b", "aX%b", "X"));
  EXPECT_FALSE(LikeWithEscape("b_", "aY_", "Y"));
  EXPECT_TRUE(LikeWithEscape("c%", "cZ%", "Z"));
  EXPECT_TRUE(LikeWithEscape("信念_爱", "%$_爱", "$"));
  EXPECT_TRUE(LikeWithEscape("信念x爱", "信%_爱", "$"));
  EXPECT_FALSE(LikeWithEscape("信爱", "信%_爱", "$"));
  EXPECT_TRUE(LikeWithEscape("aXbaXc", "a%XXc", "X"));
  EXPECT_TRUE(LikeWithEscape("100%", "100%%", "%"));
  EXPECT_FALSE(LikeWithEscape("1000", "100%%", "%"));
  EXPECT_TRUE(LikeWithEscape("", "%%", "X"));
  EXPECT_FALSE(LikeWithEscape("", "_", "X"));
  EXPECT_TRUE(LikeWithEscape("abcabd", "%ab_", "X"));
}

TEST(LikeTest, EscapesMustBeOneCharacterBeforeAWildcard) {
  EXPECT_TRUE(CheckLikePattern("a#%b##", "#").ok());
  EXPECT_EQ(CheckLikePattern("a", "").message(), "Escape string must be a single character");
  EXPECT_EQ(CheckLikePattern("a", "##").message(), "Escape string must be a single character");
  EXPECT_EQ(CheckLikePattern("a#b", "#").message(),
            "Escape character must be followed by '%', '_' or the escape character itself");
  EXPECT_FALSE(CheckLikePattern("a#", "#").ok());
}

}  // namespace
}  // namespace pallas::sql
