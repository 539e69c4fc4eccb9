#ifndef PALLAS_LAKE_TEXT_TEXT_VALUE_H_
#define PALLAS_LAKE_TEXT_TEXT_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"

// What the text of a field means by Hive's rules. Pure functions; nullopt where it means nothing.

namespace pallas::lake {

// Digits with a sign and a fraction, which is cut off: `12.7` is 12.
std::optional<int64_t> ParseHiveInteger(std::string_view text);

// As Java's Double.parseDouble: blanks around, `NaN`, `Infinity`, `1e5`, `1d`; no hexadecimals.
std::optional<double> ParseJavaDouble(std::string_view text);
std::optional<float> ParseJavaFloat(std::string_view text);

// As Java's BigDecimal (`1`, `-1.5`, `1e3`), rounded half up to `scale` digits; nullopt also for
// more than `precision` digits.
std::optional<absl::int128> ParseDecimal(std::string_view text, int precision, int scale);

// `true` and `false` in any case; `extended`: also `t`, `f`, `1`, `0`.
std::optional<bool> ParseHiveBoolean(std::string_view text, bool extended);

// Days since 1970 of `2024-1-31`, with blanks around and whatever follows a blank. Months and days
// past their end roll over.
std::optional<int32_t> ParseHiveDate(std::string_view text);

struct HiveTimestamp {
  int64_t seconds = 0;  // since 1970
  int32_t nanos = 0;
};

// `2024-01-31 12:00:00.5`, `2024-01-31T12:00`; a date alone is none.
std::optional<HiveTimestamp> ParseHiveTimestamp(std::string_view text);

int64_t DaysFromCivil(int64_t year, int month, int day);

// One of `timestamp.formats`: a pattern of Joda-Time's letters G, y, Y, M, d, H, h, m, s, S, a, Z,
// E, or `millis`. Immutable.
class TimestampPattern {
 public:
  // NOT_SUPPORTED names the letter that it cannot have.
  static absl::StatusOr<TimestampPattern> Make(std::string_view pattern);

  // The whole text must match.
  std::optional<HiveTimestamp> Parse(std::string_view text) const;

 private:
  struct Part {
    char letter = 0;  // 0: a literal
    int count = 0;
    std::string literal;
  };

  TimestampPattern() = default;

  bool millis_ = false;
  std::vector<Part> parts_;
};

// The patterns of a comma-separated list, where `\,` and `\\` stand for themselves.
absl::StatusOr<std::vector<TimestampPattern>> ParseTimestampPatterns(std::string_view list);

// The bytes of `text` as Base64 (RFC 4648, padding optional) has them.
std::optional<std::string> DecodeBase64(std::string_view text);

// The first `length` code points.
std::string_view TruncateText(std::string_view text, int64_t length);

// Without blanks at the end: char(n), whose padding is no part of the value.
std::string_view StripPadding(std::string_view text);

// Java's String.trim().
std::string_view TrimText(std::string_view text);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_TEXT_VALUE_H_
