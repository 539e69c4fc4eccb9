
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/date_time.h"
#include "types/time_zone.h"

namespace pallas::sql {
namespace {

// More digits overflow 64 bits.
constexpr int kMaxFractionDigits = 18;
constexpr int kMaxYearDigits = 9;
// The years whose microseconds fit into 64 bits.
constexpr int64_t kMaxTimestampYear = 294'246;
constexpr int64_t kMinTimestampYear = -290'307;
constexpr int kMaxOffsetMinutes = 840;

// Reads from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }

  bool done() const { return rest_.empty(); }

  bool Accept(char c) {
    if (rest_.empty() || rest_[0] != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  void SkipBlanks() {
    while (!rest_.empty() && absl::ascii_isspace(static_cast<unsigned char>(rest_[0]))) {
      rest_.remove_prefix(1);
    }
  }

  // The number of digits read, at least `min` and at most `max`; 0 if there are fewer or more.
  int Digits(int min, int max, int64_t* value) {
    size_t count = 0;
    *value = 0;
    while (count < rest_.size() && absl::ascii_isdigit(static_cast<unsigned char>(rest_[count]))) {
      if (count == static_cast<size_t>(max)) {
        return 0;
      }
      *value = *value * 10 + (rest_[count] - '0');
      ++count;
    }
    if (count < static_cast<size_t>(min)) {
      return 0;
    }
    rest_.remove_prefix(count);
    return static_cast<int>(count);
  }

 private:
  std::string_view rest_;
};

bool ScanCivilDate(Scanner& scanner, int min_year_digits, CivilDate* date) {
  const bool negative = scanner.Accept('-');
  if (!negative) {
    scanner.Accept('+');
  }
  int64_t month = 0;
  int64_t day = 0;
  if (scanner.Digits(min_year_digits, kMaxYearDigits, &date->year) == 0 || !scanner.Accept('-') ||
      scanner.Digits(1, 2, &month) == 0 || !scanner.Accept('-') ||
      scanner.Digits(1, 2, &day) == 0) {
    return false;
  }
  if (negative) {
    date->year = -date->year;
  }
  date->month = static_cast<int>(month);
  date->day = static_cast<int>(day);
  return IsValidDate(*date);
}

// h:m[:s[.f]]
bool ScanClock(Scanner& scanner, int64_t* seconds, int64_t* fraction, int* digits) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if (scanner.Digits(1, 2, &hour) == 0 || !scanner.Accept(':') ||
      scanner.Digits(1, 2, &minute) == 0) {
    return false;
  }
  if (scanner.Accept(':')) {
    if (scanner.Digits(1, 2, &second) == 0) {
      return false;
    }
    if (scanner.Accept('.')) {
      *digits = scanner.Digits(1, kMaxFractionDigits, fraction);
      if (*digits == 0) {
        return false;
      }
    }
  }
  *seconds = (hour * 60 + minute) * 60 + second;
  return hour < 24 && minute < 60 && second < 60;
}

// The fraction in units of 10^-12 after rounding it half up to `precision` digits; may be a second.
int64_t FractionPicos(int64_t fraction, int digits, int precision) {
  for (; digits > precision + 1; --digits) {
    fraction /= 10;
  }
  if (digits > precision) {
    fraction = (fraction + 5) / 10;
    --digits;
  }
  for (; digits < 12; ++digits) {
    fraction *= 10;
  }
  return fraction;
}

std::string_view Trimmed(std::string_view text) { return absl::StripAsciiWhitespace(text); }

absl::Status CannotCast(std::string_view type, std::string_view text) {
  return NamedError("INVALID_CAST_ARGUMENT",
                    absl::StrCat("Value cannot be cast to ", type, ": ", text));
}

}  // namespace

std::optional<TimestampText> ScanTimestamp(std::string_view text) {
  Scanner scanner(text);
  CivilDate date;
  TimestampText result;
  if (!ScanCivilDate(scanner, 4, &date) || date.year > kMaxTimestampYear ||
      date.year < kMinTimestampYear) {
    return std::nullopt;
  }
  result.epoch_seconds = DaysFromCivil(date) * 86'400;
  if (scanner.done()) {
    return result;
  }
  if (!scanner.Accept(' ')) {
    return std::nullopt;
  }
  Scanner clock = scanner;
  int64_t seconds = 0;
  if (ScanClock(clock, &seconds, &result.fraction, &result.digits)) {
    result.epoch_seconds += seconds;
    scanner = clock;
  } else {
    result.fraction = 0;
    result.digits = 0;
  }
  scanner.SkipBlanks();
  result.zone = scanner.rest();
  return result;
}

std::optional<TimeText> ScanTime(std::string_view text) {
  Scanner scanner(text);
  TimeText result;
  if (!ScanClock(scanner, &result.seconds, &result.fraction, &result.digits)) {
    return std::nullopt;
  }
  scanner.SkipBlanks();
  if (scanner.done()) {
    return result;
  }
  const bool negative = scanner.Accept('-');
  int64_t hours = 0;
  int64_t minutes = 0;
  if ((!negative && !scanner.Accept('+')) || scanner.Digits(2, 2, &hours) == 0 ||
      !scanner.Accept(':') || scanner.Digits(2, 2, &minutes) == 0 || !scanner.done()) {
    return std::nullopt;
  }
  const int64_t offset = hours * 60 + minutes;
  if (minutes >= 60 || offset > kMaxOffsetMinutes) {
    return std::nullopt;
  }
  result.offset_minutes = static_cast<int>(negative ? -offset : offset);
  return result;
}

TimestampValue ToTimestamp(const TimestampText& text, int precision) {
  const int64_t picos = FractionPicos(text.fraction, text.digits, precision);
  return {text.epoch_seconds * kMicrosPerSecond + picos / kPicosPerMicro,
          static_cast<int32_t>(picos % kPicosPerMicro)};
}

int64_t ToTime(const TimeText& text, int precision) {
  return (text.seconds * kPicosPerSecond + FractionPicos(text.fraction, text.digits, precision)) %
         kPicosPerDay;
}

std::optional<ZonedTimestamp> ToZonedTimestamp(const TimestampText& text, int precision,
                                               int default_zone) {
  int zone = default_zone;
  if (!text.zone.empty()) {
    const absl::StatusOr<int> key = ZoneKeyOf(text.zone);
    if (!key.ok()) {
      return std::nullopt;
    }
    zone = *key;
  }
  // The fraction is added after the zone is applied, as it may round up to the next second.
  const int64_t picos = FractionPicos(text.fraction, text.digits, precision);
  ZonedTimestamp result;
  result.millis =
      LocalToEpochSeconds(zone, text.epoch_seconds) * kMillisPerSecond + picos / kPicosPerMilli;
  result.picos = static_cast<int32_t>(picos % kPicosPerMilli);
  result.zone_key = zone;
  return result;
}

ZonedTime ToZonedTime(const TimeText& text, int precision, int default_offset_minutes) {
  return {ToTime(text, precision), text.offset_minutes.value_or(default_offset_minutes)};
}

std::optional<int64_t> ParseDate(std::string_view text) {
  Scanner scanner(Trimmed(text));
  CivilDate date;
  if (!ScanCivilDate(scanner, 1, &date) || !scanner.done()) {
    return std::nullopt;
  }
  const int64_t days = DaysFromCivil(date);
  if (days > INT32_MAX || days < INT32_MIN) {
    return std::nullopt;
  }
  return days;
}

absl::StatusOr<int64_t> CastTextToDate(std::string_view text) {
  const std::optional<int64_t> days = ParseDate(text);
  if (!days) {
    return CannotCast("date", text);
  }
  return *days;
}

absl::StatusOr<int64_t> CastTextToTime(std::string_view text, int precision) {
  const std::optional<TimeText> scanned = ScanTime(Trimmed(text));
  if (!scanned || scanned->offset_minutes) {
    return CannotCast("time", text);
  }
  return ToTime(*scanned, precision);
}

absl::StatusOr<ZonedTime> CastTextToTimeTz(std::string_view text, int precision,
                                           int session_offset_minutes) {
  const std::optional<TimeText> scanned = ScanTime(Trimmed(text));
  if (!scanned) {
    // Trino's words, though the type is a time.
    return CannotCast("timestamp", text);
  }
  return ToZonedTime(*scanned, precision, session_offset_minutes);
}

absl::StatusOr<TimestampValue> CastTextToTimestamp(std::string_view text, int precision) {
  const std::optional<TimestampText> scanned = ScanTimestamp(Trimmed(text));
  // A zone is allowed and does not count: the local time is taken as it stands.
  if (!scanned || (!scanned->zone.empty() && !ZoneKeyOf(scanned->zone).ok())) {
    return CannotCast("timestamp", text);
  }
  return ToTimestamp(*scanned, precision);
}

absl::StatusOr<ZonedTimestamp> CastTextToTimestampTz(std::string_view text, int precision,
                                                     int session_zone_key) {
  const std::optional<TimestampText> scanned = ScanTimestamp(Trimmed(text));
  std::optional<ZonedTimestamp> value;
  if (scanned) {
    value = ToZonedTimestamp(*scanned, precision, session_zone_key);
  }
  if (!value) {
    return CannotCast("timestamp", text);
  }
  return *value;
}

}  // namespace pallas::sql
