#include "cli/shell/error_text.h"

#include <string>

#include "cli/terminal_text.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"

namespace pallas::cli {
namespace {

absl::Status At(int line, int column) { return ErrorAt({line, column}, "SYNTAX_ERROR", "no"); }

TEST(PointAtErrorTest, TheCaretStandsBelowThePlace) {
  EXPECT_EQ(PointAtError(At(1, 8), "SELECT nothing", 80), "  SELECT nothing\n         ^\n");
  EXPECT_EQ(PointAtError(At(2, 1), "SELECT 1\nFORM t\nWHERE x", 80), "  FORM t\n  ^\n");
  // At the end of the line.
  EXPECT_EQ(PointAtError(At(1, 7), "SELECT", 80), "  SELECT\n        ^\n");
}

TEST(PointAtErrorTest, ColumnsAreCodePointsAndCellsAreCells) {
  EXPECT_EQ(PointAtError(At(1, 13), "SELECT '日本', x", 80),
            "  SELECT '日本', x\n                ^\n");
  EXPECT_EQ(PointAtError(At(1, 4), "\ta\tx", 80), "   a x\n     ^\n");
}

TEST(PointAtErrorTest, ALongLineIsCutAroundThePlace) {
  const std::string line = std::string(200, 'a') + " here " + std::string(200, 'b');
  const std::string text = PointAtError(At(1, 202), line, 40);
  const size_t end = text.find('\n');
  EXPECT_LE(DisplayWidth(text.substr(0, end)), 40U);
  const size_t caret = text.find('^') - end - 1;
  // The ellipsis before it has three bytes and one cell.
  EXPECT_EQ(text.substr(caret + 2, 4), "here");
}

TEST(PointAtErrorTest, ErrorsElsewhereHaveNoPlace) {
  EXPECT_EQ(PointAtError(absl::UnavailableError("down"), "SELECT 1", 80), "");
  EXPECT_EQ(PointAtError(At(3, 1), "SELECT 1", 80), "");
  EXPECT_EQ(PointAtError(At(1, 20), "SELECT 1", 80), "");
}

}  // namespace
}  // namespace pallas::cli
