#ifndef PALLAS_SQL_RUNTIME_COLOR_H_
#define PALLAS_SQL_RUNTIME_COLOR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Colors for terminals. A value of the type color is its text: "red", one of the eight names of
// terminals' own colors, or "#rrggbb". Errors are INVALID_FUNCTION_ARGUMENT in Trino's words.

namespace pallas::sql {

// A name in any case, or #rgb.
absl::StatusOr<std::string> ParseColor(std::string_view text);

// Each from 0 to 255.
absl::StatusOr<std::string> RgbColor(int64_t red, int64_t green, int64_t blue);

// The color at that share, from 0 to 1, of the way between two by hue, saturation and brightness.
absl::StatusOr<std::string> MixColors(double share, std::string_view low, std::string_view high);

// `text` between the escape sequences that give it that color.
std::string InColor(std::string_view text, std::string_view color);

// A bar of `width` columns filled to that share, colored from `low` to `high`.
absl::StatusOr<std::string> ColorBar(double share, int64_t width, std::string_view low,
                                     std::string_view high);

// What the hash of a color is computed from: 0xrrggbb, or -1 less the number of its name.
int32_t ColorNumber(std::string_view color);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_COLOR_H_
