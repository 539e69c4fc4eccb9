#include "sql/runtime/date_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "base/zero_padded.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/date_time.h"
#include "types/time_zone.h"

namespace pallas::sql {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};
constexpr size_t kShortText = 3;
constexpr int kDefaultYear = 2000;  // of texts with a month or day alone
constexpr int64_t kMillisPerHour = 3'600'000;
constexpr int64_t kMillisPerMinute = 60'000;
constexpr int kSampleLength = 32;

absl::Status InvalidArgument(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What Joda time says of a text that breaks off at `position`.
absl::Status InvalidFormat(std::string_view text, size_t position) {
  const size_t length = position + kSampleLength;
  const std::string sample =
      text.size() <= length + 3 ? std::string(text) : absl::StrCat(text.substr(0, length), "...");
  if (position == 0) {
    return InvalidArgument(absl::StrCat("Invalid format: \"", sample, "\""));
  }
  if (position >= text.size()) {
    return InvalidArgument(absl::StrCat("Invalid format: \"", sample, "\" is too short"));
  }
  return InvalidArgument(absl::StrCat("Invalid format: \"", sample, "\" is malformed at \"",
                                      sample.substr(position), "\""));
}

// What it says of a field that no calendar or clock has.
absl::Status OutOfRange(std::string_view text, int64_t value, std::string_view name, int64_t low,
                        int64_t high) {
  return InvalidArgument(absl::StrCat("Cannot parse \"", text, "\": Value ", value, " for ", name,
                                      " must be in the range [", low, ",", high, "]"));
}

constexpr int64_t kWeekDays = 7;

// The Monday of the first week.
int64_t WeekStart(int64_t week_year) {
  const int64_t fourth = DaysFromCivil({.year = week_year, .month = 1, .day = 4});
  return fourth - DayOfWeek(fourth) + 1;
}

int64_t WeeksIn(int64_t week_year) {
  return (WeekStart(week_year + 1) - WeekStart(week_year)) / kWeekDays;
}

void AppendNumber(int64_t value, int digits, std::string* out) {
  if (value < 0) {
    out->push_back('-');
    value = -value;
  }
  AppendZeroPadded(static_cast<uint64_t>(value), digits, out);
}

void AppendOffset(int seconds, bool colon, std::string* out) {
  out->push_back(seconds < 0 ? '-' : '+');
  const int minutes = std::abs(seconds) / 60;
  AppendZeroPadded(static_cast<uint64_t>(minutes / 60), 2, out);
  out->append(colon ? ":" : "");
  AppendZeroPadded(static_cast<uint64_t>(minutes % 60), 2, out);
}

// Digits of the milliseconds: at least and at most so many.
void AppendFraction(int64_t millis, int min_digits, int max_digits, std::string* out) {
  std::string digits;
  AppendZeroPadded(static_cast<uint64_t>(millis), 3, &digits);
  digits.resize(static_cast<size_t>(std::max(max_digits, 3)), '0');
  digits.resize(static_cast<size_t>(max_digits));
  while (static_cast<int>(digits.size()) > min_digits && digits.back() == '0') {
    digits.pop_back();
  }
  out->append(digits);
}

// The first name that the text continues with, full or short, in any case: its index and length.
template <size_t n>
std::optional<std::pair<int, size_t>> MatchName(std::string_view rest,
                                                const std::array<std::string_view, n>& names) {
  for (const bool full : {true, false}) {
    for (size_t i = 0; i < n; ++i) {
      const std::string_view name = full ? names[i] : names[i].substr(0, kShortText);
      if (absl::StartsWithIgnoreCase(rest, name)) {
        return std::pair(static_cast<int>(i) + 1, name.size());
      }
    }
  }
  return std::nullopt;
}

bool IsLetter(std::string_view pattern, size_t i) {
  return i < pattern.size() && absl::ascii_isalpha(static_cast<unsigned char>(pattern[i])) != 0;
}

// The literal in quotes at `i`, which moves behind it. Two quotes are one, inside and alone.
std::string TakeQuoted(std::string_view pattern, size_t& i) {
  std::string literal;
  for (++i; i < pattern.size(); ++i) {
    if (pattern[i] == '\'' && !pattern.substr(i + 1).starts_with('\'')) {
      break;
    }
    if (pattern[i] == '\'') {
      ++i;
    }
    literal.push_back(pattern[i]);
  }
  i = std::min(i + 1, pattern.size());
  return literal.empty() ? std::string("'") : literal;
}

}  // namespace

// A local time in parts.
struct DateFormat::Clock {
  Clock(int64_t local_millis, int zone, int offset)
      : days(FloorDivide(local_millis, kMillisPerDay)),
        millis(FloorModulo(local_millis, kMillisPerDay)),
        date(CivilFromDays(days)),
        zone_key(zone),
        offset_seconds(offset) {}

  int64_t hour() const { return millis / kMillisPerHour; }

  // The number that the field shows.
  int64_t Number(Kind kind) const;

  int64_t days;
  int64_t millis;
  CivilDate date;
  int zone_key;
  int offset_seconds;
};

int64_t DateFormat::Clock::Number(Kind kind) const {
  const int64_t year_of_era = date.year > 0 ? date.year : 1 - date.year;
  switch (kind) {
    case Kind::kCentury:
      return year_of_era / 100;
    case Kind::kYearOfEra:
      return year_of_era;
    case Kind::kYear:
      return date.year;
    case Kind::kTwoDigitYear:
      return std::abs(date.year % 100);
    case Kind::kTwoDigitWeekYear:
      return std::abs(IsoWeekOf(days).year % 100);
    case Kind::kWeekYear:
      return IsoWeekOf(days).year;
    case Kind::kWeek:
      return IsoWeekOf(days).week;
    case Kind::kDayOfWeek:
      return pallas::sql::DayOfWeek(days);
    case Kind::kDayOfYear:
      return pallas::sql::DayOfYear(days);
    case Kind::kMonth:
      return date.month;
    case Kind::kDay:
      return date.day;
    case Kind::kHourOfHalfday:
      return hour() % 12;
    case Kind::kClockHourOfHalfday:
      return hour() % 12 == 0 ? 12 : hour() % 12;
    case Kind::kHour:
      return hour();
    case Kind::kClockHour:
      return hour() == 0 ? 24 : hour();
    case Kind::kMinute:
      return millis % kMillisPerHour / kMillisPerMinute;
    default:
      return millis % kMillisPerMinute / kMillisPerSecond;
  }
}

bool DateFormat::IsNumeric(const Field& field) {
  switch (field.kind) {
    case Kind::kLiteral:
    case Kind::kEra:
    case Kind::kDayOfWeekText:
    case Kind::kDayOfWeekShortText:
    case Kind::kMonthText:
    case Kind::kMonthShortText:
    case Kind::kHalfday:
    case Kind::kOffset:
    case Kind::kOffsetWithColon:
    case Kind::kZoneName:
    case Kind::kZoneId:
      return false;
    default:
      return true;
  }
}

void DateFormat::AddLiteral(std::string_view text) {
  fields_.push_back({.kind = Kind::kLiteral, .literal = std::string(text)});
}

void DateFormat::AddNumber(Kind kind, int min_digits, int max_digits) {
  fields_.push_back(
      {.kind = kind, .min_digits = min_digits, .max_digits = max_digits, .literal = {}});
}

std::optional<DateFormat::Field> DateFormat::MySqlField(char letter) {
  static const std::map<char, Field> fields = {
      {'a', {.kind = Kind::kDayOfWeekShortText, .literal = {}}},
      {'b', {.kind = Kind::kMonthShortText, .literal = {}}},
      {'c', {.kind = Kind::kMonth, .min_digits = 1, .max_digits = 2, .literal = {}}},
      {'d', {.kind = Kind::kDay, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'e', {.kind = Kind::kDay, .min_digits = 1, .max_digits = 2, .literal = {}}},
      {'f', {.kind = Kind::kFraction, .min_digits = 6, .max_digits = 9, .literal = {}}},
      {'H', {.kind = Kind::kHour, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'h', {.kind = Kind::kClockHourOfHalfday, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'I', {.kind = Kind::kClockHourOfHalfday, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'i', {.kind = Kind::kMinute, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'j', {.kind = Kind::kDayOfYear, .min_digits = 3, .max_digits = 3, .literal = {}}},
      {'k', {.kind = Kind::kHour, .min_digits = 1, .max_digits = 2, .literal = {}}},
      {'l', {.kind = Kind::kClockHourOfHalfday, .min_digits = 1, .max_digits = 2, .literal = {}}},
      {'M', {.kind = Kind::kMonthText, .literal = {}}},
      {'m', {.kind = Kind::kMonth, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'p', {.kind = Kind::kHalfday, .literal = {}}},
      {'S', {.kind = Kind::kSecond, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'s', {.kind = Kind::kSecond, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'v', {.kind = Kind::kWeek, .min_digits = 2, .max_digits = 2, .literal = {}}},
      {'x', {.kind = Kind::kWeekYear, .min_digits = 4, .max_digits = 4, .literal = {}}},
      {'W', {.kind = Kind::kDayOfWeekText, .literal = {}}},
      {'Y', {.kind = Kind::kYear, .min_digits = 4, .max_digits = 4, .literal = {}}},
      {'y', {.kind = Kind::kTwoDigitYear, .min_digits = 2, .max_digits = 2, .literal = {}}},
  };
  const auto found = fields.find(letter);
  return found == fields.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<DateFormat> DateFormat::FromMySql(std::string_view pattern) {
  DateFormat format;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      format.AddLiteral(pattern.substr(i, 1));
      continue;
    }
    if (++i == pattern.size()) {
      break;
    }
    const char letter = pattern[i];
    if (letter == 'r' || letter == 'T') {
      ASSIGN_OR_RETURN(DateFormat time, FromMySql(letter == 'r' ? "%h:%i:%S %p" : "%H:%i:%S"));
      format.fields_.insert(format.fields_.end(), time.fields_.begin(), time.fields_.end());
    } else if (std::string_view("wUuVXD").find(letter) != std::string_view::npos) {
      return InvalidArgument(
          absl::StrCat("%", std::string(1, letter), " not supported in date format string"));
    } else if (std::optional<Field> field = MySqlField(letter); field.has_value()) {
      format.fields_.push_back(*std::move(field));
    } else {
      format.AddLiteral(pattern.substr(i, 1));
    }
  }
  if (format.fields_.empty()) {
    return InvalidArgument("Both printing and parsing not supported");
  }
  return format;
}

DateFormat::Field DateFormat::JodaYear(char letter, int count, bool before_number) {
  constexpr int kMaxYearDigits = 9;
  Field field{.kind = Kind::kYear, .min_digits = count, .max_digits = count, .literal = {}};
  if (count == 2) {
    field.kind = letter == 'x' ? Kind::kTwoDigitWeekYear : Kind::kTwoDigitYear;
    field.lenient = !before_number;
    return field;
  }
  field.max_digits = before_number ? count : std::max(count, kMaxYearDigits);
  if (letter != 'y') {
    field.kind = letter == 'x' ? Kind::kWeekYear : Kind::kYearOfEra;
  }
  return field;
}

std::optional<DateFormat::Kind> DateFormat::JodaText(char letter, int count) {
  switch (letter) {
    case 'G':
      return Kind::kEra;
    case 'a':
      return Kind::kHalfday;
    case 'E':
      return count >= 4 ? Kind::kDayOfWeekText : Kind::kDayOfWeekShortText;
    case 'M':
      return count >= 4   ? std::optional(Kind::kMonthText)
             : count == 3 ? std::optional(Kind::kMonthShortText)
                          : std::nullopt;
    case 'z':
      return Kind::kZoneName;
    case 'Z':
      return count == 1 ? Kind::kOffset : count == 2 ? Kind::kOffsetWithColon : Kind::kZoneId;
    default:
      return std::nullopt;
  }
}

std::optional<DateFormat::Field> DateFormat::JodaField(char letter, int count, bool before_number) {
  if (letter == 'x' || letter == 'y' || letter == 'Y') {
    return JodaYear(letter, count, before_number);
  }
  if (const std::optional<Kind> text = JodaText(letter, count); text.has_value()) {
    return Field{.kind = *text, .literal = {}};
  }

  struct Number {
    char letter;
    Kind kind;
    int max_digits;
  };

  static constexpr std::array<Number, 13> kNumbers = {{{'C', Kind::kCentury, 1},
                                                       {'M', Kind::kMonth, 2},
                                                       {'d', Kind::kDay, 2},
                                                       {'h', Kind::kClockHourOfHalfday, 2},
                                                       {'H', Kind::kHour, 2},
                                                       {'k', Kind::kClockHour, 2},
                                                       {'K', Kind::kHourOfHalfday, 2},
                                                       {'m', Kind::kMinute, 2},
                                                       {'s', Kind::kSecond, 2},
                                                       {'S', Kind::kFraction, 1},
                                                       {'e', Kind::kDayOfWeek, 1},
                                                       {'D', Kind::kDayOfYear, 3},
                                                       {'w', Kind::kWeek, 2}}};
  for (const Number& number : kNumbers) {
    if (number.letter == letter) {
      return Field{.kind = number.kind,
                   .min_digits = count,
                   .max_digits = std::max(count, number.max_digits),
                   .literal = {}};
    }
  }
  return std::nullopt;
}

absl::StatusOr<DateFormat> DateFormat::FromJoda(std::string_view pattern) {
  DateFormat format;
  for (size_t i = 0; i < pattern.size();) {
    if (!IsLetter(pattern, i)) {
      format.AddLiteral(pattern[i] == '\'' ? TakeQuoted(pattern, i)
                                           : std::string(pattern.substr(i++, 1)));
      continue;
    }
    const size_t end = std::min(pattern.find_first_not_of(pattern[i], i), pattern.size());
    // A number directly behind limits the digits of this one.
    const bool before_number =
        IsLetter(pattern, end) && IsNumeric(JodaField(pattern[end], 1, false).value_or(Field()));
    std::optional<Field> field = JodaField(pattern[i], static_cast<int>(end - i), before_number);
    if (!field.has_value()) {
      return InvalidArgument(
          absl::StrCat("Illegal pattern component: ", pattern.substr(i, end - i)));
    }
    format.fields_.push_back(*std::move(field));
    i = end;
  }
  if (format.fields_.empty()) {
    return InvalidArgument("Invalid pattern specification: Pattern is null or empty");
  }
  return format;
}

absl::StatusOr<DateFormat> DateFormat::FromTeradata(std::string_view pattern) {
  struct Part {
    std::string_view text;
    Kind kind;
    int digits;
  };

  // The longest that fits comes first.
  static constexpr std::array<Part, 8> kParts = {{{"yyyy", Kind::kYear, 4},
                                                  {"hh24", Kind::kHour, 2},
                                                  {"yy", Kind::kTwoDigitYear, 2},
                                                  {"hh", Kind::kHourOfHalfday, 2},
                                                  {"mm", Kind::kMonth, 2},
                                                  {"mi", Kind::kMinute, 2},
                                                  {"dd", Kind::kDay, 2},
                                                  {"ss", Kind::kSecond, 2}}};
  constexpr std::string_view kLiterals = "-,./:; ";
  constexpr int kTeradataPivot = 2050;
  DateFormat format;
  int offset = 0;  // in code points
  while (!pattern.empty()) {
    const auto part = std::find_if(kParts.begin(), kParts.end(), [&](const Part& candidate) {
      return pattern.starts_with(candidate.text);
    });
    size_t size = 1;
    if (part != kParts.end()) {
      size = part->text.size();
      format.AddNumber(part->kind, part->digits, part->digits);
      format.fields_.back().pivot_year = kTeradataPivot;
    } else if (kLiterals.find(pattern.front()) != std::string_view::npos) {
      format.AddLiteral(pattern.substr(0, 1));
    } else {
      while (size < pattern.size() &&
             (static_cast<unsigned char>(pattern[size]) & 0xC0U) == 0x80U) {
        ++size;
      }
      return InvalidArgument(absl::StrCat("Failed to tokenize string [", pattern.substr(0, size),
                                          "] at offset [", offset, "]"));
    }
    pattern.remove_prefix(size);
    offset += static_cast<int>(size);
  }
  if (format.fields_.empty()) {
    return InvalidArgument("Both printing and parsing not supported");
  }
  return format;
}

bool DateFormat::has_zone() const {
  return std::any_of(fields_.begin(), fields_.end(), [](const Field& field) {
    return field.kind == Kind::kOffset || field.kind == Kind::kOffsetWithColon ||
           field.kind == Kind::kZoneName || field.kind == Kind::kZoneId;
  });
}

absl::Status DateFormat::AppendField(const Field& field, const Clock& clock, std::string* out) {
  switch (field.kind) {
    case Kind::kLiteral:
      out->append(field.literal);
      return absl::OkStatus();
    case Kind::kEra:
      out->append(clock.date.year > 0 ? "AD" : "BC");
      return absl::OkStatus();
    case Kind::kDayOfWeekText:
    case Kind::kDayOfWeekShortText: {
      const std::string_view name = kDays[static_cast<size_t>(DayOfWeek(clock.days) - 1)];
      out->append(field.kind == Kind::kDayOfWeekText ? name : name.substr(0, kShortText));
      return absl::OkStatus();
    }
    case Kind::kMonthText:
    case Kind::kMonthShortText: {
      const std::string_view name = kMonths[static_cast<size_t>(clock.date.month - 1)];
      out->append(field.kind == Kind::kMonthText ? name : name.substr(0, kShortText));
      return absl::OkStatus();
    }
    case Kind::kHalfday:
      out->append(clock.hour() < 12 ? "AM" : "PM");
      return absl::OkStatus();
    case Kind::kFraction:
      AppendFraction(clock.millis % kMillisPerSecond, field.min_digits, field.max_digits, out);
      return absl::OkStatus();
    case Kind::kOffset:
    case Kind::kOffsetWithColon:
      AppendOffset(clock.offset_seconds, field.kind == Kind::kOffsetWithColon, out);
      return absl::OkStatus();
    case Kind::kZoneId:
      out->append(ZoneName(clock.zone_key));
      return absl::OkStatus();
    case Kind::kZoneName: {
      const std::string& name = ZoneName(clock.zone_key);
      if (name != "UTC" && !name.starts_with('+') && !name.starts_with('-')) {
        return NamedError("NOT_SUPPORTED", "Names of time zones are not supported; use ZZZ or ZZ",
                          absl::StatusCode::kUnimplemented);
      }
      out->append(name);
      return absl::OkStatus();
    }
    default:
      AppendNumber(clock.Number(field.kind), field.min_digits, out);
      return absl::OkStatus();
  }
}

absl::StatusOr<std::string> DateFormat::Format(int64_t local_millis, int zone_key,
                                               int offset_seconds) const {
  const Clock clock(local_millis, zone_key, offset_seconds);
  std::string text;
  for (const Field& field : fields_) {
    RETURN_IF_ERROR(AppendField(field, clock, &text));
  }
  return text;
}

// Reads one text, field by field, and computes the time.
class DateFormat::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<Parsed> Run(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      if (field.kind == Kind::kZoneName) {
        return NamedError("NOT_SUPPORTED", "Names of time zones are not supported; use ZZZ or ZZ",
                          absl::StatusCode::kUnimplemented);
      }
      if (!Take(field)) {
        return InvalidFormat(text_, position_);
      }
    }
    if (position_ < text_.size()) {
      return InvalidFormat(text_, position_);
    }
    return Compute();
  }

 private:
  std::string_view rest() const { return text_.substr(position_); }

  bool Take(const Field& field) {
    switch (field.kind) {
      case Kind::kLiteral:
        if (!absl::StartsWithIgnoreCase(rest(), field.literal)) {
          return false;
        }
        position_ += field.literal.size();
        return true;
      case Kind::kEra:
        return TakeWord("AD", "BC", Kind::kEra);
      case Kind::kHalfday:
        return TakeWord("AM", "PM", Kind::kHalfday);
      case Kind::kMonthText:
      case Kind::kMonthShortText:
        return TakeName(MatchName(rest(), kMonths), Kind::kMonth);
      case Kind::kDayOfWeekText:
      case Kind::kDayOfWeekShortText:
        return TakeName(MatchName(rest(), kDays), Kind::kDayOfWeek);
      case Kind::kFraction:
        return TakeFraction(field.max_digits);
      case Kind::kTwoDigitYear:
      case Kind::kTwoDigitWeekYear:
        return TakeTwoDigitYear(field);
      case Kind::kOffset:
      case Kind::kOffsetWithColon:
        return TakeOffset();
      case Kind::kZoneId:
        return TakeZoneId();
      default:
        return TakeNumber(field);
    }
  }

  bool TakeWord(std::string_view zero, std::string_view one, Kind kind) {
    if (!absl::StartsWithIgnoreCase(rest(), zero) && !absl::StartsWithIgnoreCase(rest(), one)) {
      return false;
    }
    values_[static_cast<size_t>(kind)] = absl::StartsWithIgnoreCase(rest(), one) ? 1 : 0;
    position_ += zero.size();
    return true;
  }

  bool TakeName(std::optional<std::pair<int, size_t>> match, Kind kind) {
    if (!match.has_value()) {
      return false;
    }
    values_[static_cast<size_t>(kind)] = match->first;
    position_ += match->second;
    return true;
  }

  std::string_view TakeDigits(size_t most) {
    const size_t start = position_;
    while (position_ < text_.size() && position_ - start < most && IsDigit(text_[position_])) {
      ++position_;
    }
    return text_.substr(start, position_ - start);
  }

  bool TakeNumber(const Field& field) {
    const size_t start = position_;
    const bool is_year = field.kind == Kind::kYear || field.kind == Kind::kWeekYear;
    const bool sign =
        is_year && position_ < text_.size() && (text_[position_] == '-' || text_[position_] == '+');
    const bool negative = sign && text_[position_] == '-';
    position_ += sign ? 1 : 0;
    const std::string_view digits = TakeDigits(static_cast<size_t>(field.max_digits));
    int64_t value = 0;
    if (digits.empty() || !absl::SimpleAtoi(digits, &value)) {
      position_ = start;
      return false;
    }
    values_[static_cast<size_t>(field.kind)] = negative ? -value : value;
    return true;
  }

  bool TakeTwoDigitYear(const Field& field) {
    const size_t start = position_;
    const Kind kind = field.kind == Kind::kTwoDigitYear ? Kind::kYear : Kind::kWeekYear;
    constexpr size_t kMaxYearDigits = 9;
    const bool sign = field.lenient && position_ < text_.size() &&
                      (text_[position_] == '-' || text_[position_] == '+');
    const bool negative = sign && text_[position_] == '-';
    position_ += sign ? 1 : 0;
    const std::string_view digits = TakeDigits(field.lenient ? kMaxYearDigits : 2);
    int64_t year = 0;
    if ((digits.size() != 2 && !field.lenient) || digits.empty() ||
        !absl::SimpleAtoi(digits, &year)) {
      position_ = start;
      return false;
    }
    if (digits.size() == 2 && !sign) {
      const int64_t first = field.pivot_year - 50;
      year = first + FloorModulo(year - first, 100);
    }
    values_[static_cast<size_t>(kind)] = negative ? -year : year;
    return true;
  }

  bool TakeFraction(int max_digits) {
    const std::string_view digits = TakeDigits(static_cast<size_t>(max_digits));
    if (digits.empty()) {
      return false;
    }
    std::string millis(digits.substr(0, 3));
    millis.resize(3, '0');
    int64_t value = 0;
    if (!absl::SimpleAtoi(millis, &value)) {
      return false;
    }
    values_[static_cast<size_t>(Kind::kFraction)] = value;
    return true;
  }

  // "Z", "+05", "+0500", "+05:00".
  bool TakeOffset() {
    if (absl::StartsWithIgnoreCase(rest(), "Z")) {
      ++position_;
      offset_minutes_ = 0;
      return true;
    }
    const size_t start = position_;
    if (rest().empty() || (rest()[0] != '+' && rest()[0] != '-')) {
      return false;
    }
    const bool negative = rest()[0] == '-';
    ++position_;
    const std::string_view hours = TakeDigits(2);
    if (rest().starts_with(':')) {
      ++position_;
    }
    const std::string_view minutes = TakeDigits(2);
    int hour = 0;
    int minute = 0;
    if (hours.size() != 2 || minutes.size() != 2 || !absl::SimpleAtoi(hours, &hour) ||
        !absl::SimpleAtoi(minutes, &minute) || hour > 23 || minute > 59) {
      position_ = start;
      return false;
    }
    offset_minutes_ = (negative ? -1 : 1) * (hour * 60 + minute);
    return true;
  }

  bool TakeZoneId() {
    size_t size = 0;
    while (size < rest().size() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(rest()[size])) != 0 ||
            std::string_view("/_+-:").find(rest()[size]) != std::string_view::npos)) {
      ++size;
    }
    const absl::StatusOr<int> key = ZoneKeyOf(rest().substr(0, size));
    if (!key.ok()) {
      return false;
    }
    zone_key_ = *key;
    position_ += size;
    return true;
  }

  std::optional<int64_t> Get(Kind kind) const { return values_[static_cast<size_t>(kind)]; }

  // The value of the field, if it is there, which must be in that range.
  absl::StatusOr<std::optional<int64_t>> InRange(Kind kind, std::string_view name, int64_t low,
                                                 int64_t high) const {
    const std::optional<int64_t> value = Get(kind);
    if (value.has_value() && (*value < low || *value > high)) {
      return OutOfRange(text_, *value, name, low, high);
    }
    return value;
  }

  std::optional<int64_t> Year() const {
    std::optional<int64_t> year = Get(Kind::kYear);
    if (!year.has_value()) {
      year = Get(Kind::kYearOfEra);
    }
    if (year.has_value() && Get(Kind::kEra) == 1 && Get(Kind::kYearOfEra).has_value()) {
      year = 1 - *year;
    }
    return year;
  }

  // As Joda time: the fields are set one after the other, larger ones first, twice, because the
  // first setting of a larger one may lose its value to a smaller one.
  absl::StatusOr<int64_t> Days() const {
    static constexpr std::array<Kind, 6> kSmaller = {
        Kind::kWeekYear, Kind::kMonth, Kind::kWeek, Kind::kDayOfYear, Kind::kDay, Kind::kDayOfWeek};
    std::vector<std::pair<Kind, int64_t>> settings;
    if (const std::optional<int64_t> year = Year(); year.has_value()) {
      settings.emplace_back(Kind::kYear, *year);
    }
    for (const Kind kind : kSmaller) {
      if (const std::optional<int64_t> value = Get(kind); value.has_value()) {
        settings.emplace_back(kind, *value);
      }
    }
    if (!settings.empty() && settings.front().first != Kind::kYear &&
        settings.front().first != Kind::kWeekYear) {
      settings.emplace(settings.begin(), Kind::kYear, kDefaultYear);
    }
    int64_t days = 0;
    for (const bool first : {true, false}) {
      for (const auto& [kind, value] : settings) {
        ASSIGN_OR_RETURN(days, SetField(kind, value, days));
        const bool smallest = kind == settings.back().first && !HasClock();
        days = first || smallest ? FloorField(kind, days) : days;
      }
    }
    return days;
  }

  bool HasClock() const {
    static constexpr std::array<Kind, 8> kClock = {
        Kind::kHalfday, Kind::kHourOfHalfday, Kind::kClockHourOfHalfday,
        Kind::kHour,    Kind::kClockHour,     Kind::kMinute,
        Kind::kSecond,  Kind::kFraction};
    return std::any_of(kClock.begin(), kClock.end(),
                       [this](Kind kind) { return Get(kind).has_value(); });
  }

  absl::StatusOr<int64_t> Checked(int64_t value, std::string_view name, int64_t high) const {
    if (value < 1 || value > high) {
      return OutOfRange(text_, value, name, 1, high);
    }
    return value;
  }

  absl::StatusOr<int64_t> SetField(Kind kind, int64_t value, int64_t days) const {
    const CivilDate date = CivilFromDays(days);
    switch (kind) {
      case Kind::kYear:
        return SetYear(value, days);
      case Kind::kWeekYear:
        return WeekStart(value) +
               (std::min<int64_t>(IsoWeekOf(days).week, WeeksIn(value)) - 1) * kWeekDays +
               DayOfWeek(days) - 1;
      case Kind::kMonth: {
        ASSIGN_OR_RETURN(const int64_t month, Checked(value, "monthOfYear", 12));
        const int last = DaysInMonth(date.year, static_cast<int>(month));
        return DaysFromCivil(
            {.year = date.year, .month = static_cast<int>(month), .day = std::min(date.day, last)});
      }
      case Kind::kWeek: {
        const IsoWeek now = IsoWeekOf(days);
        ASSIGN_OR_RETURN(const int64_t week, Checked(value, "weekOfWeekyear", WeeksIn(now.year)));
        return days + (week - now.week) * kWeekDays;
      }
      case Kind::kDayOfYear: {
        ASSIGN_OR_RETURN(const int64_t day,
                         Checked(value, "dayOfYear", IsLeapYear(date.year) ? 366 : 365));
        return days + day - DayOfYear(days);
      }
      case Kind::kDay: {
        ASSIGN_OR_RETURN(const int64_t day,
                         Checked(value, "dayOfMonth", DaysInMonth(date.year, date.month)));
        return days + day - date.day;
      }
      default: {
        ASSIGN_OR_RETURN(const int64_t day, Checked(value, "dayOfWeek", kWeekDays));
        return days + day - DayOfWeek(days);
      }
    }
  }

  // The same day of the year, by its month behind February.
  static int64_t SetYear(int64_t year, int64_t days) {
    constexpr int kEndOfFebruary = 59;
    int64_t day = DayOfYear(days);
    if (day > kEndOfFebruary) {
      day += (IsLeapYear(year) ? 1 : 0) - (IsLeapYear(CivilFromDays(days).year) ? 1 : 0);
    }
    return DaysFromCivil({.year = year, .month = 1, .day = 1}) + day - 1;
  }

  // The first day that has the same value of the field.
  static int64_t FloorField(Kind kind, int64_t days) {
    const CivilDate date = CivilFromDays(days);
    switch (kind) {
      case Kind::kYear:
        return DaysFromCivil({.year = date.year, .month = 1, .day = 1});
      case Kind::kWeekYear:
        return WeekStart(IsoWeekOf(days).year);
      case Kind::kMonth:
        return days - date.day + 1;
      case Kind::kWeek:
        return days - DayOfWeek(days) + 1;
      default:
        return days;
    }
  }

  absl::StatusOr<int64_t> Hour() const {
    ASSIGN_OR_RETURN(const auto hour, InRange(Kind::kHour, "hourOfDay", 0, 23));
    ASSIGN_OR_RETURN(const auto clock_hour, InRange(Kind::kClockHour, "clockhourOfDay", 1, 24));
    ASSIGN_OR_RETURN(const auto half, InRange(Kind::kHourOfHalfday, "hourOfHalfday", 0, 11));
    ASSIGN_OR_RETURN(const auto clock_half,
                     InRange(Kind::kClockHourOfHalfday, "clockhourOfHalfday", 1, 12));
    const int64_t afternoon = Get(Kind::kHalfday).value_or(0) * 12;
    if (clock_half.has_value()) {
      return *clock_half % 12 + afternoon;
    }
    if (half.has_value()) {
      return *half + afternoon;
    }
    if (clock_hour.has_value()) {
      return *clock_hour % 24;
    }
    if (hour.has_value()) {
      return Get(Kind::kHalfday).has_value() ? *hour % 12 + afternoon : *hour;
    }
    return afternoon;
  }

  absl::StatusOr<Parsed> Compute() const {
    ASSIGN_OR_RETURN(const int64_t days, Days());
    ASSIGN_OR_RETURN(const int64_t hour, Hour());
    ASSIGN_OR_RETURN(const auto minute, InRange(Kind::kMinute, "minuteOfHour", 0, 59));
    ASSIGN_OR_RETURN(const auto second, InRange(Kind::kSecond, "secondOfMinute", 0, 59));
    Parsed parsed;
    parsed.local_millis = days * kMillisPerDay + hour * kMillisPerHour +
                          minute.value_or(0) * kMillisPerMinute +
                          second.value_or(0) * kMillisPerSecond + Get(Kind::kFraction).value_or(0);
    parsed.zone_key = zone_key_;
    if (offset_minutes_.has_value()) {
      ASSIGN_OR_RETURN(parsed.zone_key, ZoneKeyOfOffset(*offset_minutes_));
    }
    return parsed;
  }

  std::string_view text_;
  size_t position_ = 0;
  std::array<std::optional<int64_t>, static_cast<size_t>(Kind::kZoneId) + 1> values_;  // by kind
  std::optional<int> offset_minutes_;
  std::optional<int> zone_key_;
};

absl::StatusOr<DateFormat::Parsed> DateFormat::Parse(std::string_view text) const {
  return Parser(text).Run(fields_);
}

namespace {

// Reads ISO 8601 from left to right, as leniently as Joda-Time: numbers may have fewer digits than
// are written, and what does not go on as expected ends the part before it.
class IsoReader {
 public:
  explicit IsoReader(std::string_view text) : text_(text) {}

  absl::Status Malformed() const { return InvalidFormat(text_, position_); }

  absl::Status OutOfRange(std::string_view field, int64_t value, int64_t low, int64_t high) const {
    return InvalidArgument(absl::StrCat("Cannot parse \"", text_, "\": Value ", value, " for ",
                                        field, " must be in the range [", low, ",", high, "]"));
  }

  bool done() const { return position_ == text_.size(); }

  size_t position() const { return position_; }

  bool Accept(char c) {
    const bool next = !done() && text_[position_] == c;
    position_ += next ? 1 : 0;
    return next;
  }

  std::optional<int> Number(size_t max_digits, bool with_sign = false) {
    const size_t start = position_;
    const bool negative = with_sign && Accept('-');
    if (with_sign && !negative) {
      Accept('+');
    }
    int value = 0;
    size_t digits = 0;
    for (; digits < max_digits && !done() && IsDigit(text_[position_]); ++digits) {
      value = value * 10 + (text_[position_++] - '0');
    }
    if (digits == 0) {
      position_ = start;
      return std::nullopt;
    }
    return negative ? -value : value;
  }

  // `prefix` and a number, or nothing.
  std::optional<int> NumberAfter(std::string_view prefix, size_t max_digits) {
    const size_t start = position_;
    if (text_.substr(position_, prefix.size()) != prefix) {
      return std::nullopt;
    }
    position_ += prefix.size();
    const std::optional<int> number = Number(max_digits);
    position_ = number.has_value() ? position_ : start;
    return number;
  }

  // Digits behind a point or a comma, as that share of `unit` nanoseconds.
  std::optional<int64_t> FractionOf(int64_t unit) {
    constexpr int kMaxDigits = 9;
    const size_t start = position_;
    if (!Accept('.') && !Accept(',')) {
      return std::nullopt;
    }
    int64_t numerator = 0;
    int64_t denominator = 1;
    for (int digits = 0; digits < kMaxDigits && !done() && IsDigit(text_[position_]); ++digits) {
      numerator = numerator * 10 + (text_[position_++] - '0');
      denominator *= 10;
    }
    if (denominator == 1) {
      position_ = start;
      return std::nullopt;
    }
    return static_cast<int64_t>(absl::int128(numerator) * unit / denominator);
  }

  // Hours and minutes with a sign, or Z, as seconds; nothing if they are not whole.
  std::optional<int> Offset() {
    const size_t start = position_;
    if (Accept('Z')) {
      return 0;
    }
    const bool negative = !done() && text_[position_] == '-';
    if (!Accept('-') && !Accept('+')) {
      return std::nullopt;
    }
    const std::optional<int> hours = TwoDigits();
    if (!hours.has_value()) {
      position_ = start;
      return std::nullopt;
    }
    const size_t after_hours = position_;
    Accept(':');
    const std::optional<int> minutes = TwoDigits();
    position_ = minutes.has_value() ? position_ : after_hours;
    return (negative ? -1 : 1) * (*hours * 60 + minutes.value_or(0)) * 60;
  }

 private:
  std::optional<int> TwoDigits() {
    if (position_ + 2 > text_.size() || !IsDigit(text_[position_]) ||
        !IsDigit(text_[position_ + 1])) {
      return std::nullopt;
    }
    return Number(2);
  }

  std::string_view text_;
  size_t position_ = 0;
};

struct IsoDate {
  std::optional<int> year;
  std::optional<int> month;
  std::optional<int> day;
  std::optional<int> week;
  std::optional<int> day_of_week;
  std::optional<int> day_of_year;
};

// 2020, 2020-05, 2020-05-11; or 2020-W10, 2020-W10-3; or 2020-132: whichever takes most.
IsoDate ReadDate(IsoReader& reader) {
  constexpr size_t kYearDigits = 9;
  IsoDate date;
  date.year = reader.Number(kYearDigits, /*with_sign=*/true);
  if (!date.year.has_value()) {
    return date;
  }
  IsoReader by_day_of_year = reader;
  date.week = reader.NumberAfter("-W", 2);
  if (date.week.has_value()) {
    date.day_of_week = reader.NumberAfter("-", 1);
    return date;
  }
  date.month = reader.NumberAfter("-", 2);
  if (date.month.has_value()) {
    date.day = reader.NumberAfter("-", 2);
  }
  const std::optional<int> day_of_year = by_day_of_year.NumberAfter("-", 3);
  if (day_of_year.has_value() && by_day_of_year.position() > reader.position()) {
    reader = by_day_of_year;
    return {.year = date.year,
            .month = {},
            .day = {},
            .week = {},
            .day_of_week = {},
            .day_of_year = day_of_year};
  }
  return date;
}

absl::Status CheckRange(const IsoReader& reader, std::string_view field, std::optional<int> value,
                        int low, int high) {
  return value.has_value() && (*value < low || *value > high)
             ? reader.OutOfRange(field, *value, low, high)
             : absl::OkStatus();
}

absl::StatusOr<int64_t> DaysOf(const IsoReader& reader, const IsoDate& date) {
  constexpr int kMonthsOfYear = 12;
  constexpr int kDaysOfWeek = 7;
  const int64_t year = date.year.value_or(1970);
  const int64_t new_year = DaysFromCivil({.year = year, .month = 1, .day = 1});
  if (date.week.has_value()) {
    const auto start_of = [](int64_t week_year) {
      const int64_t fourth = DaysFromCivil({.year = week_year, .month = 1, .day = 4});
      return fourth - DayOfWeek(fourth) + 1;
    };
    const int64_t start = start_of(year);
    const int weeks = static_cast<int>(start_of(year + 1) - start) / kDaysOfWeek;
    RETURN_IF_ERROR(CheckRange(reader, "weekOfWeekyear", date.week, 1, weeks));
    RETURN_IF_ERROR(CheckRange(reader, "dayOfWeek", date.day_of_week, 1, kDaysOfWeek));
    return start + int64_t{*date.week - 1} * kDaysOfWeek + date.day_of_week.value_or(1) - 1;
  }
  if (date.day_of_year.has_value()) {
    RETURN_IF_ERROR(
        CheckRange(reader, "dayOfYear", date.day_of_year, 1, IsLeapYear(year) ? 366 : 365));
    return new_year + *date.day_of_year - 1;
  }
  RETURN_IF_ERROR(CheckRange(reader, "monthOfYear", date.month, 1, kMonthsOfYear));
  const int month = date.month.value_or(1);
  RETURN_IF_ERROR(CheckRange(reader, "dayOfMonth", date.day, 1, DaysInMonth(year, month)));
  return DaysFromCivil({.year = year, .month = month, .day = date.day.value_or(1)});
}

// HH[:mm[:ss[.fraction]]], each of which may have the fraction instead of what follows.
absl::Status ReadTime(IsoReader& reader, int hour, IsoTimestamp& value) {
  constexpr int64_t kNanos = 1'000'000'000;
  constexpr int64_t kSixty = 60;
  absl::Status status = CheckRange(reader, "hourOfDay", hour, 0, 23);
  int64_t nanos_of_day = hour * kSixty * kSixty * kNanos;
  int64_t unit = kSixty * kSixty * kNanos;
  for (const std::string_view field : {"minuteOfHour", "secondOfMinute"}) {
    const std::optional<int> number = reader.NumberAfter(":", 2);
    if (!number.has_value()) {
      break;
    }
    status.Update(CheckRange(reader, field, number, 0, 59));
    unit /= kSixty;
    nanos_of_day += *number * unit;
  }
  nanos_of_day += reader.FractionOf(unit).value_or(0);
  value.local_seconds += nanos_of_day / kNanos;
  value.nanos = nanos_of_day % kNanos;
  return status;
}

}  // namespace

absl::StatusOr<int64_t> ParseIsoDate(std::string_view text) {
  IsoReader reader(text);
  const IsoDate date = ReadDate(reader);
  return reader.done() && date.year.has_value() ? DaysOf(reader, date) : reader.Malformed();
}

absl::StatusOr<IsoTimestamp> ParseIsoTimestamp(std::string_view text) {
  IsoReader reader(text);
  const IsoDate date = ReadDate(reader);
  IsoTimestamp value;
  absl::Status time;
  if (reader.Accept('T')) {
    if (const std::optional<int> hour = reader.Number(2)) {
      time = ReadTime(reader, *hour, value);
    }
    value.offset_seconds = reader.Offset();
  }
  if (!reader.done() || text.empty()) {
    return reader.Malformed();
  }
  ASSIGN_OR_RETURN(const int64_t days, DaysOf(reader, date));
  RETURN_IF_ERROR(time);
  value.local_seconds += days * (kMillisPerDay / kMillisPerSecond);
  return value;
}

namespace {

// Reads fields of two digits and what separates them, by java.time's rules.
class StrictIsoReader {
 public:
  explicit StrictIsoReader(std::string_view text) : text_(text) {}

  bool failed() const { return failed_; }

  bool Next(char c) const {
    return position_ < text_.size() &&
           absl::ascii_toupper(static_cast<unsigned char>(text_[position_])) == c;
  }

  // A part that must be there: without it the reader has failed, at the start of the part.
  void Expect(char c) {
    failed_ |= !Next(c);
    position_ += failed_ ? 0 : 1;
  }

  int64_t Digits(size_t least, size_t most) {
    size_t count = 0;
    int64_t value = 0;
    while (!failed_ && count < most && position_ + count < text_.size() &&
           IsDigit(text_[position_ + count])) {
      value = value * 10 + (text_[position_ + count] - '0');
      ++count;
    }
    failed_ |= count < least;
    position_ += failed_ ? 0 : count;
    digits_ = count;
    return value;
  }

  int64_t Year() {
    constexpr size_t kDigits = 4;
    constexpr size_t kMaxDigits = 10;
    const size_t start = position_;
    const bool negative = Next('-');
    const bool sign = negative || Next('+');
    position_ += sign ? 1 : 0;
    const int64_t year = Digits(kDigits, kMaxDigits);
    failed_ |= !sign && digits_ > kDigits;
    position_ = failed_ ? start : position_;
    return negative ? -year : year;
  }

  // Where the part that starts with `c` is not whole it is not there at all.
  template <typename Part>
  void Optional(char c, const Part& part) {
    const size_t start = position_;
    if (failed_ || !Next(c)) {
      return;
    }
    ++position_;
    part();
    if (failed_) {
      failed_ = false;
      position_ = start;
    }
  }

  size_t digits() const { return digits_; }

  absl::Status Check() const {
    if (failed_) {
      return Error(absl::StrCat(" at index ", position_));
    }
    if (position_ < text_.size()) {
      return Error(absl::StrCat(", unparsed text found at index ", position_));
    }
    return absl::OkStatus();
  }

  absl::Status Error(std::string_view what) const {
    return InvalidArgument(absl::StrCat("Text '", text_, "' could not be parsed", what));
  }

 private:
  std::string_view text_;
  size_t position_ = 0;
  size_t digits_ = 0;  // of the last number
  bool failed_ = false;
};

struct IsoField {
  std::string_view name;
  std::string_view range;
  int64_t value;
  int64_t least;
  int64_t most;
};

absl::Status CheckFields(const StrictIsoReader& reader, const CivilDate& date, int64_t hour,
                         int64_t minute, int64_t second) {
  for (const IsoField& field : {IsoField{"HourOfDay", "0 - 23", hour, 0, 23},
                                IsoField{"MinuteOfHour", "0 - 59", minute, 0, 59},
                                IsoField{"SecondOfMinute", "0 - 59", second, 0, 59},
                                IsoField{"MonthOfYear", "1 - 12", date.month, 1, 12},
                                IsoField{"DayOfMonth", "1 - 28/31", date.day, 1, 31}}) {
    if (field.value < field.least || field.value > field.most) {
      return reader.Error(absl::StrCat(": Invalid value for ", field.name, " (valid values ",
                                       field.range, "): ", field.value));
    }
  }
  if (date.day <= DaysInMonth(date.year, date.month)) {
    return absl::OkStatus();
  }
  constexpr int kLeapDay = 29;
  if (date.month == 2 && date.day == kLeapDay) {
    return reader.Error(
        absl::StrCat(": Invalid date 'February 29' as '", date.year, "' is not a leap year"));
  }
  const std::string month = absl::AsciiStrToUpper(kMonths[static_cast<size_t>(date.month) - 1]);
  return reader.Error(absl::StrCat(": Invalid date '", month, " ", date.day, "'"));
}

}  // namespace

absl::StatusOr<IsoTimestamp> ParseIsoTimestampNanos(std::string_view text) {
  constexpr size_t kTwo = 2;
  constexpr size_t kNanoDigits = 9;
  StrictIsoReader reader(text);
  CivilDate date;
  date.year = reader.Year();
  reader.Expect('-');
  date.month = static_cast<int>(reader.Digits(kTwo, kTwo));
  reader.Expect('-');
  date.day = static_cast<int>(reader.Digits(kTwo, kTwo));
  reader.Expect('T');
  const int64_t hour = reader.Digits(kTwo, kTwo);
  reader.Expect(':');
  const int64_t minute = reader.Digits(kTwo, kTwo);
  int64_t second = 0;
  IsoTimestamp value;
  reader.Optional(':', [&] {
    second = reader.Digits(kTwo, kTwo);
    reader.Optional('.', [&] {
      value.nanos = reader.Digits(0, kNanoDigits);
      for (size_t i = reader.digits(); i < kNanoDigits; ++i) {
        value.nanos *= 10;
      }
    });
  });
  reader.Optional('Z', [&] { value.offset_seconds = 0; });
  for (const char sign : {'+', '-'}) {
    reader.Optional(sign, [&] {
      const int64_t hours = reader.Digits(kTwo, kTwo);
      reader.Expect(':');
      const int64_t minutes = reader.Digits(kTwo, kTwo);
      if (!reader.failed()) {
        value.offset_seconds =
            static_cast<int>((sign == '-' ? -1 : 1) * (hours * 60 + minutes)) * 60;
      }
    });
  }
  RETURN_IF_ERROR(reader.Check());
  RETURN_IF_ERROR(CheckFields(reader, date, hour, minute, second));
  value.local_seconds =
      DaysFromCivil(date) * (kMillisPerDay / kMillisPerSecond) + hour * 3600 + minute * 60 + second;
  return value;
}

absl::StatusOr<int64_t> ParseDuration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double millis;
  };

  static constexpr std::array<Unit, 7> kUnits = {
      {{"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}}};
  const std::string_view trimmed = absl::StripAsciiWhitespace(text);
  if (trimmed.empty()) {
    return InvalidArgument("duration is empty");
  }
  size_t size = 0;
  while (size < trimmed.size() && (IsDigit(trimmed[size]) || trimmed[size] == '.')) {
    ++size;
  }
  double value = 0;
  const std::string_view number = trimmed.substr(0, size);
  const std::string_view unit = absl::StripLeadingAsciiWhitespace(trimmed.substr(size));
  const bool letters = std::all_of(unit.begin(), unit.end(), [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) != 0;
  });
  if (number.empty() || !IsDigit(number.front()) || !IsDigit(number.back()) ||
      !absl::SimpleAtod(number, &value) || unit.empty() || !letters) {
    return InvalidArgument(absl::StrCat("duration is not a valid data duration string: ", text));
  }
  for (const Unit& known : kUnits) {
    if (unit == known.name) {
      return static_cast<int64_t>(std::floor(value * known.millis + 0.5));
    }
  }
  return InvalidArgument(absl::StrCat("Unknown time unit: ", unit));
}

absl::StatusOr<std::string> HumanReadableSeconds(double seconds) {
  if (!std::isfinite(seconds)) {
    return InvalidArgument(absl::StrCat("Invalid argument found: ", std::isnan(seconds) ? "NaN"
                                                                    : seconds > 0       ? "Infinity"
                                                                                  : "-Infinity"));
  }

  struct Unit {
    std::string_view name;
    int64_t seconds;
  };

  static constexpr std::array<Unit, 5> kUnits = {
      {{"week", 604'800}, {"day", 86'400}, {"hour", 3600}, {"minute", 60}, {"second", 1}}};
  int64_t rest = static_cast<int64_t>(std::abs(std::floor(seconds + 0.5)));
  std::string text;
  for (const Unit& unit : kUnits) {
    const int64_t count = rest / unit.seconds;
    rest %= unit.seconds;
    if (count > 0) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", count, " ", unit.name,
                      count == 1 ? "" : "s");
    }
  }
  return text.empty() ? std::string("0 seconds") : text;
}

}  // namespace pallas::sql
