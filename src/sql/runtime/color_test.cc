#include "sql/runtime/color.h"

#include <gtest/gtest.h>

namespace pallas::sql {
namespace {

TEST(ColorTest, ReadsNamesAndShortHexadecimals) {
  EXPECT_EQ(*ParseColor("RED"), "red");
  EXPECT_EQ(*ParseColor("#F0a"), "#ff00aa");
  for (const char* text : {"", " red", "orange", "#12", "#xyz", "#1a2b3c"}) {
    EXPECT_EQ(ParseColor(text).status().message(), std::string("Invalid color: '") + text + "'");
  }
}

TEST(ColorTest, RgbPartsAreBytes) {
  EXPECT_EQ(*RgbColor(1, 255, 0), "#01ff00");
  EXPECT_EQ(RgbColor(256, -1, 0).status().message(), "red must be between 0 and 255");
  EXPECT_EQ(RgbColor(0, -1, 0).status().message(), "green must be between 0 and 255");
  EXPECT_EQ(RgbColor(0, 0, 256).status().message(), "blue must be between 0 and 255");
}

TEST(ColorTest, MixesByHueNotByParts) {
  EXPECT_EQ(*MixColors(0.5, "#ff0000", "#00ff00"), "#ffff00");
  EXPECT_EQ(*MixColors(0.5, "#000000", "#ffffff"), "#808080");
  EXPECT_EQ(*MixColors(-1, "#ff0000", "#00ff00"), "#ff0000");
  EXPECT_FALSE(MixColors(0.5, "red", "#00ff00").ok());
}

TEST(ColorTest, BarsFillTheirWidth) {
  EXPECT_EQ(*ColorBar(0.25, 4, "#ff0000", "#00ff00"), "\x1b[38;5;196m\u2588\x1b[0m   ");
  EXPECT_EQ(*ColorBar(-2, 3, "#ff0000", "#00ff00"), "\x1b[0m   ");
  EXPECT_EQ(*ColorBar(1, 1, "#ff0000", "#00ff00"), "\x1b[38;5;16m\u2588\x1b[0m");
  EXPECT_FALSE(ColorBar(0.5, int64_t{1} << 40, "#ff0000", "#00ff00").ok());
}

}  // namespace
}  // namespace pallas::sql
