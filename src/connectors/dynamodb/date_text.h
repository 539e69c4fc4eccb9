#ifndef PALLAS_CONNECTORS_DYNAMODB_DATE_TEXT_H_
#define PALLAS_CONNECTORS_DYNAMODB_DATE_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Dates and times, which DynamoDB has no type for: texts in a known form, or milliseconds since
// 1970.

namespace pallas::dynamodb {

// A wall-clock time as if it were UTC, and its offset if the text has one.
struct DateTime {
  int64_t local_micros = 0;
  std::optional<int> offset_seconds;

  // The wall clock; with an offset, that of UTC.
  int64_t UtcMicros() const;

  bool operator==(const DateTime&) const = default;
};

// The forms that need no pattern: `yyyy-MM-dd`, `yyyy-MM-dd'T'HH:mm:ss` (or a space for the T) and
// `yyyyMMdd'T'HHmmss`, both with or without a fraction of a second and a zone (`Z`, `+01`, `+0100`,
// `+01:00`). nullopt for any other text, and for days that do not exist.
std::optional<DateTime> ParseIsoDateTime(std::string_view text);

// A pattern of `datetimeFormatMapping`, with Java's letters: y M d H m s S, X and Z for an offset,
// quoted text. `epoch_millis` says that the attribute is a number.
class DatePattern {
 public:
  // INVALID_ARGUMENT names the letter that is not supported.
  static absl::StatusOr<DatePattern> Make(std::string_view pattern);

  std::optional<DateTime> Parse(std::string_view text) const;

  bool is_epoch_millis() const { return is_epoch_millis_; }

  // The pattern is exactly `yyyy-MM-dd`: texts sort as days do.
  bool is_iso_day() const { return text_ == "yyyy-MM-dd"; }

  const std::string& text() const { return text_; }

 private:
  struct Field {
    char letter = '\'';  // a quote: `literal`
    int count = 0;
    std::string literal;
  };

  absl::Status Compile();

  std::string text_;
  bool is_epoch_millis_ = false;
  std::vector<Field> fields_;
};

// Days since 1970 as `yyyy-MM-dd`; nullopt for years that have not four digits.
std::optional<std::string> IsoDay(int64_t days);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_DATE_TEXT_H_
