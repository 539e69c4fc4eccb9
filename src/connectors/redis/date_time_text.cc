#include "connectors/redis/date_time_text.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

#include "base/status_macros.h"

namespace pallas::redis {
namespace {

constexpr size_t kNanoDigits = 9;
constexpr int kMaxOffsetHours = 18;

// Takes from `min` to `max` digits off the front.
std::optional<int> TakeDigits(std::string_view& text, size_t min, size_t max) {
  int value = 0;
  size_t count = 0;
  for (; count < max && count < text.size() &&
         absl::ascii_isdigit(static_cast<unsigned char>(text[count]));
       ++count) {
    value = value * 10 + (text[count] - '0');
  }
  if (count < min) {
    return std::nullopt;
  }
  text.remove_prefix(count);
  return value;
}

// The parts of a date and a time as they are read.
struct Fields {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int32_t nanos = 0;
  std::optional<int32_t> offset_minutes;

  std::optional<DateTime> ToDateTime() const {
    const absl::CivilSecond civil(year, month, day, hour, minute, second);
    const bool exists = civil.year() == year && civil.month() == month && civil.day() == day &&
                        civil.hour() == hour && civil.minute() == minute &&
                        civil.second() == second;
    if (!exists) {
      return std::nullopt;
    }
    return DateTime{civil - absl::CivilSecond(), nanos, offset_minutes};
  }
};

bool TakeDate(std::string_view& text, Fields& fields) {
  const auto year = TakeDigits(text, 4, 4);
  const bool first = absl::ConsumePrefix(&text, "-");
  const auto month = TakeDigits(text, 2, 2);
  const bool second = absl::ConsumePrefix(&text, "-");
  const auto day = TakeDigits(text, 2, 2);
  if (!year || !first || !month || !second || !day) {
    return false;
  }
  fields.year = *year;
  fields.month = *month;
  fields.day = *day;
  return true;
}

// `.f{1,9}` if there is a point.
bool TakeFraction(std::string_view& text, Fields& fields) {
  if (!absl::ConsumePrefix(&text, ".")) {
    return true;
  }
  const size_t before = text.size();
  const auto digits = TakeDigits(text, 1, kNanoDigits);
  if (!digits) {
    return false;
  }
  fields.nanos = *digits;
  for (size_t i = before - text.size(); i < kNanoDigits; ++i) {
    fields.nanos *= 10;
  }
  return true;
}

// `Z` or `±HH[[:]mm]`.
bool TakeOffset(std::string_view& text, Fields& fields) {
  if (absl::ConsumePrefix(&text, "Z")) {
    fields.offset_minutes = 0;
    return true;
  }
  if (text.empty() || (text[0] != '+' && text[0] != '-')) {
    return false;
  }
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = TakeDigits(text, 2, 2);
  const bool has_colon = absl::ConsumePrefix(&text, ":");
  const auto minutes = TakeDigits(text, 2, 2);
  if (!hours || *hours > kMaxOffsetHours || (has_colon && !minutes) || minutes.value_or(0) > 59) {
    return false;
  }
  fields.offset_minutes = sign * (*hours * 60 + minutes.value_or(0));
  return true;
}

bool TakeTime(std::string_view& text, Fields& fields) {
  const auto hour = TakeDigits(text, 2, 2);
  const bool colon = absl::ConsumePrefix(&text, ":");
  const auto minute = TakeDigits(text, 2, 2);
  if (!hour || !colon || !minute) {
    return false;
  }
  fields.hour = *hour;
  fields.minute = *minute;
  if (absl::ConsumePrefix(&text, ":")) {
    const auto second = TakeDigits(text, 2, 2);
    if (!second || !TakeFraction(text, fields)) {
      return false;
    }
    fields.second = *second;
  }
  return text.empty() || TakeOffset(text, fields);
}

// Puts what the letter of a pattern stands for. False: it is not there.
bool TakeField(char letter, size_t digits, bool is_bounded, std::string_view& text,
               Fields& fields) {
  constexpr size_t kMostDigits = 9;
  if (letter == 'X' || letter == 'Z') {
    return TakeOffset(text, fields);
  }
  const auto value = TakeDigits(text, 1, is_bounded ? digits : kMostDigits);
  if (!value) {
    return false;
  }
  constexpr int kNanosPerMilli = 1'000'000;
  constexpr int kMillisPerSecond = 1000;
  switch (letter) {
    case 'y':
      fields.year = *value;
      return true;
    case 'M':
      fields.month = *value;
      return true;
    case 'd':
      fields.day = *value;
      return true;
    case 'H':
      fields.hour = *value;
      return true;
    case 'm':
      fields.minute = *value;
      return true;
    case 's':
      fields.second = *value;
      return true;
    default:
      fields.nanos = *value < kMillisPerSecond ? *value * kNanosPerMilli : -1;
      return fields.nanos >= 0;
  }
}

}  // namespace

std::optional<int32_t> ParseDate(std::string_view text) {
  Fields fields;
  if (!TakeDate(text, fields) || !text.empty()) {
    return std::nullopt;
  }
  const absl::CivilDay day(fields.year, fields.month, fields.day);
  if (day.month() != fields.month || day.day() != fields.day) {
    return std::nullopt;
  }
  return static_cast<int32_t>(day - absl::CivilDay());
}

std::optional<DateTime> ParseIsoDateTime(std::string_view text) {
  Fields fields;
  if (!TakeDate(text, fields)) {
    return std::nullopt;
  }
  if (!text.empty()) {
    const bool has_time = text[0] == 'T' || text[0] == ' ';
    text.remove_prefix(1);
    if (!has_time || !TakeTime(text, fields) || !text.empty()) {
      return std::nullopt;
    }
  }
  return fields.ToDateTime();
}

void DateTimePattern::AddText(char character) {
  if (items_.empty() || items_.back().letter != 0) {
    items_.emplace_back();
  }
  items_.back().text.push_back(character);
}

absl::Status DateTimePattern::AddLetter(char letter) {
  constexpr std::string_view kLetters = "yMdHmsSXZ";
  if (kLetters.find(letter) == std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("the letter '", std::string(1, letter),
                     "' of a date pattern is not supported; use y M d H m s S X Z"));
  }
  if (!items_.empty() && items_.back().letter == letter) {
    items_.back().digits += 1;
    return absl::OkStatus();
  }
  if (!items_.empty()) {
    items_.back().is_bounded = items_.back().letter != 0;
  }
  items_.push_back({letter, 1, false, ""});
  return absl::OkStatus();
}

// MMM and longer are names of months; yy leaves the century open.
absl::Status DateTimePattern::Check() const {
  for (const Item& item : items_) {
    if ((item.letter == 'M' && item.digits > 2) || (item.letter == 'y' && item.digits == 2)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", std::string(item.digits, item.letter),
          "' in a date pattern is not supported; use years of four digits and months as numbers"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<DateTimePattern> DateTimePattern::Parse(std::string_view pattern) {
  DateTimePattern result;
  bool quoted = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char character = pattern[i];
    const bool is_quote = character == '\'';
    if (is_quote && pattern.substr(i + 1, 1) == "'") {
      result.AddText('\'');
      ++i;
    } else if (is_quote) {
      quoted = !quoted;
    } else if (quoted || !absl::ascii_isalpha(static_cast<unsigned char>(character))) {
      result.AddText(character);
    } else {
      RETURN_IF_ERROR(result.AddLetter(character));
    }
  }
  RETURN_IF_ERROR(result.Check());
  if (quoted) {
    return absl::InvalidArgumentError("a quote in a date pattern has no end");
  }
  return result;
}

std::optional<DateTime> DateTimePattern::Read(std::string_view text) const {
  Fields fields;
  for (const Item& item : items_) {
    const bool taken = item.letter == 0
                           ? absl::ConsumePrefix(&text, item.text)
                           : TakeField(item.letter, item.digits, item.is_bounded, text, fields);
    if (!taken) {
      return std::nullopt;
    }
  }
  return text.empty() ? fields.ToDateTime() : std::nullopt;
}

}  // namespace pallas::redis
