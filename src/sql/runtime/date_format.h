#ifndef PALLAS_SQL_RUNTIME_DATE_FORMAT_H_
#define PALLAS_SQL_RUNTIME_DATE_FORMAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Dates and times by a pattern: those of MySQL (date_format, date_parse), of Joda time
// (format_datetime, parse_datetime) and of Teradata (to_char, to_date, to_timestamp), in English.

namespace pallas::sql {

// A compiled pattern. Immutable. Errors are INVALID_FUNCTION_ARGUMENT in Trino's words.
class DateFormat {
 public:
  static absl::StatusOr<DateFormat> FromMySql(std::string_view pattern);
  static absl::StatusOr<DateFormat> FromJoda(std::string_view pattern);
  static absl::StatusOr<DateFormat> FromTeradata(std::string_view pattern);

  // Whether a zone or offset is part of it.
  bool has_zone() const;

  // The clock that shows `local_millis`, in that zone, at that offset.
  absl::StatusOr<std::string> Format(int64_t local_millis, int zone_key, int offset_seconds) const;

  struct Parsed {
    int64_t local_millis = 0;
    std::optional<int> zone_key;  // if the text names a zone or offset
  };

  absl::StatusOr<Parsed> Parse(std::string_view text) const;

 private:
  enum class Kind {
    kLiteral,
    kEra,
    kCentury,
    kYearOfEra,
    kYear,
    kTwoDigitYear,
    kTwoDigitWeekYear,
    kWeekYear,
    kWeek,
    kDayOfWeek,
    kDayOfWeekText,
    kDayOfWeekShortText,
    kDayOfYear,
    kMonth,
    kMonthText,
    kMonthShortText,
    kDay,
    kHalfday,
    kHourOfHalfday,
    kClockHourOfHalfday,
    kHour,
    kClockHour,
    kMinute,
    kSecond,
    kFraction,
    kOffset,
    kOffsetWithColon,
    kZoneName,
    kZoneId,
  };

  struct Field {
    Kind kind = Kind::kLiteral;
    int min_digits = 1;
    int max_digits = 1;
    bool lenient = false;   // kTwoDigitYear: other numbers of digits are years as they are
    int pivot_year = 2020;  // kTwoDigitYear: 50 years before it to 49 after it
    std::string literal;
  };

  class Parser;
  struct Clock;

  static bool IsNumeric(const Field& field);
  static std::optional<Field> MySqlField(char letter);
  static Field JodaYear(char letter, int count, bool before_number);
  static std::optional<Kind> JodaText(char letter, int count);
  static std::optional<Field> JodaField(char letter, int count, bool before_number);

  void AddLiteral(std::string_view text);
  void AddNumber(Kind kind, int min_digits, int max_digits);
  static absl::Status AppendField(const Field& field, const Clock& clock, std::string* out);

  std::vector<Field> fields_;
};

// from_iso8601_date, from_iso8601_timestamp: calendar dates, weeks, days of the year; the
// time may be left out, and so may its end.
absl::StatusOr<int64_t> ParseIsoDate(std::string_view text);

struct IsoTimestamp {
  int64_t local_seconds = 0;
  int64_t nanos = 0;
  std::optional<int> offset_seconds;
};

absl::StatusOr<IsoTimestamp> ParseIsoTimestamp(std::string_view text);

// from_iso8601_timestamp_nanos, which reads yyyy-MM-ddTHH:mm[:ss[.fraction]][Z|+HH:mm] only; errors
// as Java words them.
absl::StatusOr<IsoTimestamp> ParseIsoTimestampNanos(std::string_view text);

// Milliseconds. `5m`, `1234.567 ms`.
absl::StatusOr<int64_t> ParseDuration(std::string_view text);
absl::StatusOr<std::string> HumanReadableSeconds(double seconds);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_DATE_FORMAT_H_
