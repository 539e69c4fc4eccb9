#include "connectors/dynamodb/date_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

#include "base/status_macros.h"

namespace pallas::dynamodb {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int kMicroDigits = 6;
constexpr int kMaxFractionDigits = 9;
constexpr int kYearDigits = 4;
constexpr int64_t kSecondsPerMinute = 60;
constexpr int64_t kMinutesPerHour = 60;
constexpr int64_t kSecondsPerHour = kSecondsPerMinute * kMinutesPerHour;
constexpr int64_t kSecondsPerDay = 24 * kSecondsPerHour;
constexpr int kMaxOffsetHours = 18;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes fields off the front of a text. After a failure all that follows fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool failed() const { return failed_; }

  bool done() const { return !failed_ && text_.empty(); }

  bool Fail() {
    failed_ = true;
    return false;
  }

  bool Next(char c) {
    if (failed_ || text_.empty() || text_.front() != c) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }

  void Expect(char c) {
    if (!Next(c)) {
      failed_ = true;
    }
  }

  // Exactly `min` to `max` digits.
  int64_t Digits(int min, int max) {
    int64_t value = 0;
    int count = 0;
    for (; count < max && !text_.empty() && IsDigit(text_.front()); ++count) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    failed_ |= count < min;
    return value;
  }

  // The digits of a fraction as microseconds; more than six are cut off.
  int64_t FractionMicros(int min, int max) {
    int64_t micros = 0;
    int count = 0;
    for (; count < max && !text_.empty() && IsDigit(text_.front()); ++count) {
      if (count < kMicroDigits) {
        micros = micros * 10 + (text_.front() - '0');
      }
      text_.remove_prefix(1);
    }
    failed_ |= count < min;
    for (int i = std::min(count, kMicroDigits); i < kMicroDigits; ++i) {
      micros *= 10;
    }
    return micros;
  }

  // `Z`, `+hh`, `+hhmm` or `+hh:mm`, in seconds.
  std::optional<int> Offset() {
    if (Next('Z')) {
      return 0;
    }
    const bool negative = Next('-');
    if (!negative && !Next('+')) {
      return std::nullopt;
    }
    const int64_t hours = Digits(2, 2);
    int64_t minutes = 0;
    if (Next(':') || (!text_.empty() && IsDigit(text_.front()))) {
      minutes = Digits(2, 2);
    }
    failed_ |= hours > kMaxOffsetHours || minutes >= kMinutesPerHour;
    const int64_t seconds = hours * kSecondsPerHour + minutes * kSecondsPerMinute;
    return static_cast<int>(negative ? -seconds : seconds);
  }

  bool AtDigit() const { return !text_.empty() && IsDigit(text_.front()); }

 private:
  std::string_view text_;
  bool failed_ = false;
};

struct Fields {
  int64_t year = 1970;
  int64_t month = 1;
  int64_t day = 1;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t micros = 0;
  std::optional<int> offset;

  std::optional<DateTime> Assemble() const {
    const absl::CivilSecond time(year, static_cast<int>(month), static_cast<int>(day),
                                 static_cast<int>(hour), static_cast<int>(minute),
                                 static_cast<int>(second));
    // A civil time normalises what does not exist.
    if (time.year() != year || time.month() != month || time.day() != day || time.hour() != hour ||
        time.minute() != minute || time.second() != second) {
      return std::nullopt;
    }
    const int64_t seconds = time - absl::CivilSecond(1970, 1, 1);
    return DateTime{seconds * kMicrosPerSecond + micros, offset};
  }
};

void ReadTime(Scanner& scanner, bool has_colons, Fields& fields) {
  fields.hour = scanner.Digits(2, 2);
  if (has_colons) {
    scanner.Expect(':');
  }
  fields.minute = scanner.Digits(2, 2);
  if (has_colons) {
    scanner.Expect(':');
  }
  fields.second = scanner.Digits(2, 2);
  if (scanner.Next('.')) {
    fields.micros = scanner.FractionMicros(1, kMaxFractionDigits);
  }
  fields.offset = scanner.Offset();
}

// `yyyy-MM-dd` and nothing else, the commonest of all.
std::optional<DateTime> ParseIsoDay(std::string_view text) {
  const auto digit = [&](size_t at) { return static_cast<int64_t>(text[at] - '0'); };
  for (const size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (!IsDigit(text[at])) {
      return std::nullopt;
    }
  }
  const int64_t year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
  const int64_t month = digit(5) * 10 + digit(6);
  const int64_t day = digit(8) * 10 + digit(9);
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int64_t month_days =
      month == 2 ? (is_leap ? 29 : 28)
                 : (month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31);
  if (text[4] != '-' || text[7] != '-' || month < 1 || month > 12 || day < 1 || day > month_days) {
    return std::nullopt;
  }
  // Days since 1 March of the year 0, for the leap day to be a year's last.
  const int64_t y = month > 2 ? year : year - 1;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t days = era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
                       day_of_year - 719'468;
  return DateTime{days * kSecondsPerDay * kMicrosPerSecond, std::nullopt};
}

}  // namespace

int64_t DateTime::UtcMicros() const {
  return local_micros - static_cast<int64_t>(offset_seconds.value_or(0)) * kMicrosPerSecond;
}

std::optional<DateTime> ParseIsoDateTime(std::string_view text) {
  constexpr size_t kDaySize = 10;
  if (text.size() == kDaySize) {
    return ParseIsoDay(text);
  }
  Scanner scanner(text);
  Fields fields;
  fields.year = scanner.Digits(kYearDigits, kYearDigits);
  const bool extended = scanner.Next('-');
  fields.month = scanner.Digits(2, 2);
  if (extended) {
    scanner.Expect('-');
  }
  fields.day = scanner.Digits(2, 2);
  if (extended && scanner.done()) {
    return fields.Assemble();
  }
  if (!scanner.Next('T') && !(extended && scanner.Next(' '))) {
    return std::nullopt;
  }
  ReadTime(scanner, extended, fields);
  return scanner.done() ? fields.Assemble() : std::nullopt;
}

absl::StatusOr<DatePattern> DatePattern::Make(std::string_view pattern) {
  DatePattern result;
  result.text_ = pattern;
  result.is_epoch_millis_ = pattern == "epoch_millis";
  if (!result.is_epoch_millis_) {
    RETURN_IF_ERROR(result.Compile());
  }
  return result;
}

absl::Status DatePattern::Compile() {
  constexpr std::string_view kLetters = "yuMdHmsSXxZ";
  const auto literal = [&](char c) {
    if (fields_.empty() || fields_.back().letter != '\'') {
      fields_.emplace_back();
    }
    fields_.back().literal.push_back(c);
  };
  bool quoted = false;
  for (size_t i = 0; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '\'') {
      const bool is_quote = i + 1 < text_.size() && text_[i + 1] == '\'';
      if (is_quote) {
        literal(c);
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (quoted || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
      literal(c);
    } else if (!absl::StrContains(kLetters, c)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "DynamoDB: the letter '", std::string(1, c), "' of the date pattern '", text_,
          "' is not supported; supported are y M d H m s S X Z and quoted text"));
    } else if (!fields_.empty() && fields_.back().letter == c) {
      ++fields_.back().count;
    } else {
      fields_.push_back({c, 1, ""});
    }
  }
  return absl::OkStatus();
}

std::optional<DateTime> DatePattern::Parse(std::string_view text) const {
  Scanner scanner(text);
  Fields fields;
  for (size_t i = 0; i < fields_.size() && !scanner.failed(); ++i) {
    const Field& field = fields_[i];
    // Digits that run into those of the next field have the width of the pattern.
    const bool runs_on = i + 1 < fields_.size() && fields_[i + 1].letter != '\'';
    const int max = runs_on ? field.count : std::max(field.count, 2);
    switch (field.letter) {
      case '\'':
        for (const char c : field.literal) {
          scanner.Expect(c);
        }
        break;
      case 'y':
      case 'u':
        if (field.count == 2) {
          fields.year = 2000 + scanner.Digits(2, 2);
        } else {
          fields.year =
              scanner.Digits(runs_on ? field.count : 1, std::max(field.count, kYearDigits));
        }
        break;
      case 'M':
        fields.month = scanner.Digits(field.count, max);
        break;
      case 'd':
        fields.day = scanner.Digits(field.count, max);
        break;
      case 'H':
        fields.hour = scanner.Digits(field.count, max);
        break;
      case 'm':
        fields.minute = scanner.Digits(field.count, max);
        break;
      case 's':
        fields.second = scanner.Digits(field.count, max);
        break;
      case 'S':
        fields.micros = scanner.FractionMicros(field.count, field.count);
        break;
      default:
        fields.offset = scanner.Offset();
        if (!fields.offset) {
          scanner.Fail();
        }
        break;
    }
  }
  return scanner.done() ? fields.Assemble() : std::nullopt;
}

std::optional<std::string> IsoDay(int64_t days) {
  constexpr int64_t kMaxDays = 2'932'896;  // 9999-12-31
  constexpr int64_t kMinDays = -719'528;   // 0000-01-01
  if (days > kMaxDays || days < kMinDays) {
    return std::nullopt;
  }
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + days;
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

}  // namespace pallas::dynamodb
