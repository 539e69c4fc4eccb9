#include "sql/runtime/color.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::sql {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"black", "red",     "green", "yellow",
                                                    "blue",  "magenta", "cyan",  "white"};
constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kBlock = "\u2588";
constexpr int kMaxPart = 255;
constexpr int64_t kMaxBarWidth = 10'000'000;

absl::Status InvalidArgument(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

struct Rgb {
  int red = 0;
  int green = 0;
  int blue = 0;
};

std::string TextOf(Rgb color) {
  return absl::StrFormat("#%02x%02x%02x", color.red, color.green, color.blue);
}

// Nullopt: it is one of the names.
std::optional<Rgb> RgbOf(std::string_view color) {
  uint32_t bits = 0;
  if (!color.starts_with('#') || !absl::SimpleHexAtoi(color.substr(1), &bits)) {
    return std::nullopt;
  }
  return Rgb{static_cast<int>(bits >> 16U), static_cast<int>((bits >> 8U) & 0xFFU),
             static_cast<int>(bits & 0xFFU)};
}

// Hue, saturation and brightness from 0 to 1.
struct Hsb {
  float hue = 0;
  float saturation = 0;
  float brightness = 0;
};

// The hexcone model (A. R. Smith, Color Gamut Transform Pairs, 1978), in single precision.
Hsb HsbOf(Rgb color) {
  const int most = std::max({color.red, color.green, color.blue});
  const int least = std::min({color.red, color.green, color.blue});
  Hsb hsb;
  hsb.brightness = static_cast<float>(most) / 255.0F;
  if (most == 0 || most == least) {
    return hsb;
  }
  const auto range = static_cast<float>(most - least);
  hsb.saturation = range / static_cast<float>(most);
  const float red = static_cast<float>(most - color.red) / range;
  const float green = static_cast<float>(most - color.green) / range;
  const float blue = static_cast<float>(most - color.blue) / range;
  if (color.red == most) {
    hsb.hue = blue - green;
  } else if (color.green == most) {
    hsb.hue = 2.0F + red - blue;
  } else {
    hsb.hue = 4.0F + green - red;
  }
  hsb.hue /= 6.0F;
  if (hsb.hue < 0) {
    hsb.hue += 1.0F;
  }
  return hsb;
}

int PartOf(float value) { return static_cast<int>(value * 255.0F + 0.5F); }

Rgb RgbOf(Hsb color) {
  const int v = PartOf(color.brightness);
  if (color.saturation == 0) {
    return {v, v, v};
  }
  const float hue = (color.hue - std::floor(color.hue)) * 6.0F;
  const float f = hue - std::floor(hue);
  const int p = PartOf(color.brightness * (1.0F - color.saturation));
  const int q = PartOf(color.brightness * (1.0F - color.saturation * f));
  const int t = PartOf(color.brightness * (1.0F - (color.saturation * (1.0F - f))));
  switch (static_cast<int>(hue)) {
    case 0:
      return {v, t, p};
    case 1:
      return {q, v, p};
    case 2:
      return {p, v, t};
    case 3:
      return {p, q, v};
    case 4:
      return {t, p, v};
    default:
      return {v, p, q};
  }
}

Rgb Mix(float share, Rgb low, Rgb high) {
  const Hsb a = HsbOf(low);
  const Hsb b = HsbOf(high);
  return RgbOf(Hsb{share * (b.hue - a.hue) + a.hue,
                   share * (b.saturation - a.saturation) + a.saturation,
                   share * (b.brightness - a.brightness) + a.brightness});
}

// The number of a terminal's color: its own eight, or the cube of 6 * 6 * 6.
int TerminalColor(Rgb color) {
  constexpr int kCubeStart = 16;
  constexpr int kSide = 6;
  const auto step = [](int part) { return part * kSide / (kMaxPart + 1); };
  return kCubeStart + step(color.red) * kSide * kSide + step(color.green) * kSide +
         step(color.blue);
}

void AppendEscape(int terminal_color, std::string* out) {
  absl::StrAppend(out, "\x1b[38;5;", terminal_color, "m");
}

int IndexOfName(std::string_view color) {
  return static_cast<int>(std::find(kNames.begin(), kNames.end(), color) - kNames.begin());
}

// Java's (int): toward zero, clipped, NaN is 0.
int64_t ToInt(double value) {
  if (std::isnan(value)) {
    return 0;
  }
  return static_cast<int64_t>(std::clamp(value, -2147483648.0, 2147483647.0));
}

}  // namespace

absl::StatusOr<std::string> ParseColor(std::string_view text) {
  const auto is_digit = [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c)) != 0;
  };
  constexpr size_t kShortForm = 4;
  if (text.size() == kShortForm && text[0] == '#' &&
      std::all_of(text.begin() + 1, text.end(), is_digit)) {
    std::string color = "#";
    for (char digit : absl::AsciiStrToLower(text.substr(1))) {
      color.append(2, digit);
    }
    return color;
  }
  const std::string name = absl::AsciiStrToLower(text);
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    return InvalidArgument(absl::StrCat("Invalid color: '", text, "'"));
  }
  return name;
}

absl::StatusOr<std::string> RgbColor(int64_t red, int64_t green, int64_t blue) {
  const auto valid = [](int64_t part) { return part >= 0 && part <= kMaxPart; };
  if (!valid(red)) {
    return InvalidArgument("red must be between 0 and 255");
  }
  if (!valid(green)) {
    return InvalidArgument("green must be between 0 and 255");
  }
  if (!valid(blue)) {
    return InvalidArgument("blue must be between 0 and 255");
  }
  return TextOf({static_cast<int>(red), static_cast<int>(green), static_cast<int>(blue)});
}

absl::StatusOr<std::string> MixColors(double share, std::string_view low, std::string_view high) {
  const std::optional<Rgb> first = RgbOf(low);
  const std::optional<Rgb> last = RgbOf(high);
  if (!first.has_value()) {
    return InvalidArgument("lowColor not a valid RGB color");
  }
  if (!last.has_value()) {
    return InvalidArgument("highColor not a valid RGB color");
  }
  if (std::isnan(share)) {
    return TextOf(Rgb());
  }
  return TextOf(Mix(static_cast<float>(std::clamp(share, 0.0, 1.0)), *first, *last));
}

std::string InColor(std::string_view text, std::string_view color) {
  std::string out;
  const std::optional<Rgb> rgb = RgbOf(color);
  AppendEscape(rgb.has_value() ? TerminalColor(*rgb) : IndexOfName(color), &out);
  absl::StrAppend(&out, text, kReset);
  return out;
}

absl::StatusOr<std::string> ColorBar(double share, int64_t width, std::string_view low,
                                     std::string_view high) {
  if (width > kMaxBarWidth) {
    return NamedError("EXCEEDED_FUNCTION_MEMORY_LIMIT",
                      absl::StrCat("A bar has at most ", kMaxBarWidth, " columns: ", width));
  }
  const int64_t filled =
      std::max<int64_t>(0, std::min(width, ToInt(share * static_cast<double>(width))));
  const std::optional<Rgb> first = RgbOf(low);
  const std::optional<Rgb> last = RgbOf(high);
  if (filled > 0 && (!first.has_value() || !last.has_value())) {
    return InvalidArgument("color is not a valid rgb value");
  }
  std::string bar;
  for (int64_t i = 0; i < filled; ++i) {
    const auto place = static_cast<float>(static_cast<double>(i) / static_cast<double>(width - 1));
    AppendEscape(TerminalColor(std::isnan(place) ? Rgb() : Mix(place, *first, *last)), &bar);
    absl::StrAppend(&bar, kBlock);
  }
  absl::StrAppend(&bar, kReset);
  bar.append(static_cast<size_t>(std::max<int64_t>(0, width - filled)), ' ');
  return bar;
}

int32_t ColorNumber(std::string_view color) {
  const std::optional<Rgb> rgb = RgbOf(color);
  return rgb.has_value() ? rgb->red << 16 | rgb->green << 8 | rgb->blue : -1 - IndexOfName(color);
}

}  // namespace pallas::sql
