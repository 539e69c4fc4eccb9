#include "lake/text/text_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::lake {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kSecondsPerHour = 3'600;
constexpr int64_t kSecondsPerMinute = 60;
constexpr int64_t kMillisPerSecond = 1'000;
constexpr int32_t kNanosPerMilli = 1'000'000;
constexpr size_t kMaxLongDigits = 19;
constexpr size_t kNanoDigits = 9;
// Java's LocalDate: years of at most ten digits as written, nine as a value.
constexpr size_t kMaxYearDigits = 9;
constexpr size_t kMaxPartDigits = 9;
constexpr size_t kMaxFractionDigits = 9;
constexpr int64_t kMaxExponent = 100'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the digits at the start of `text`, at most `most`; -1 if there are none.
int64_t TakeDigits(std::string_view& text, size_t most) {
  int64_t value = 0;
  size_t count = 0;
  while (count < text.size() && count < most && IsDigit(text[count])) {
    value = value * 10 + (text[count] - '0');
    ++count;
  }
  text.remove_prefix(count);
  return count == 0 ? -1 : value;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// A number with a sign, as Java's lenient formatters read it; nullopt if there is none.
std::optional<int64_t> TakeSigned(std::string_view& text, size_t most) {
  const bool negative = TakeChar(text, '-');
  if (!negative) {
    TakeChar(text, '+');
  }
  const int64_t value = TakeDigits(text, most);
  if (value < 0) {
    return std::nullopt;
  }
  return negative ? -value : value;
}

// The days of `YYYY-MM-DD` at the start of `text`, which is taken; false if it starts otherwise.
bool TakePlainDays(std::string_view& text, int64_t& days) {
  constexpr size_t kLength = 10;
  if (text.size() < kLength || (text.size() > kLength && IsDigit(text[kLength]))) {
    return false;
  }
  const auto digit = [&](size_t i) { return static_cast<unsigned>(text[i] - '0'); };
  unsigned not_digit = 0;
  for (const size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    not_digit |= digit(i) > 9 ? 1U : 0U;
  }
  const unsigned month = digit(5) * 10 + digit(6);
  if (not_digit != 0 || text[4] != '-' || text[7] != '-' || month < 1 || month > 12) {
    return false;
  }
  const unsigned year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
  days = DaysFromCivil(year, static_cast<int>(month), 1) + digit(8) * 10 + digit(9) - 1;
  text.remove_prefix(kLength);
  return true;
}

// Year, month and day, which roll over; what follows stays in `text`.
std::optional<int64_t> TakeDays(std::string_view& text) {
  if (int64_t days = 0; TakePlainDays(text, days)) {
    return days;
  }
  const std::optional<int64_t> year = TakeSigned(text, kMaxYearDigits);
  if (!year || !TakeChar(text, '-')) {
    return std::nullopt;
  }
  const std::optional<int64_t> month = TakeSigned(text, kMaxPartDigits);
  if (!month || !TakeChar(text, '-')) {
    return std::nullopt;
  }
  const std::optional<int64_t> day = TakeSigned(text, kMaxPartDigits);
  if (!day) {
    return std::nullopt;
  }
  int64_t years = *year + (*month - 1) / 12;
  int64_t months = (*month - 1) % 12;
  if (months < 0) {
    months += 12;
    --years;
  }
  return DaysFromCivil(years, static_cast<int>(months + 1), 1) + *day - 1;
}

template <typename Float>
std::optional<Float> ParseFloating(std::string_view text) {
  // What Java calls white space here is all up to the blank.
  text = TrimText(text);
  const bool negative = TakeChar(text, '-');
  if (!negative) {
    TakeChar(text, '+');
  }
  Float value = 0;
  if (text == "NaN") {
    return std::numeric_limits<Float>::quiet_NaN();
  }
  if (text == "Infinity") {
    value = std::numeric_limits<Float>::infinity();
    return negative ? -value : value;
  }
  if (text.empty() || !(IsDigit(text.front()) || text.front() == '.')) {
    return std::nullopt;
  }
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (stop != end) {
    const std::string_view suffix(stop, static_cast<size_t>(end - stop));
    if (suffix != "d" && suffix != "D" && suffix != "f" && suffix != "F") {
      return std::nullopt;
    }
  }
  if (error == std::errc::result_out_of_range) {
    // Too large or too small for the type: Java has infinity or zero there.
    double wide = 0;
    if (!absl::SimpleAtod(std::string_view(text.data(), static_cast<size_t>(stop - text.data())),
                          &wide)) {
      return std::nullopt;
    }
    value = static_cast<Float>(wide);
  }
  return negative ? -value : value;
}

// The digits of a number without sign, point and exponent, and where its point stands.
struct DecimalDigits {
  bool negative = false;
  std::string digits;
  int64_t scale = 0;  // digits after the point; may be negative
};

std::optional<DecimalDigits> ReadDecimal(std::string_view text) {
  DecimalDigits read;
  read.negative = TakeChar(text, '-');
  if (!read.negative) {
    TakeChar(text, '+');
  }
  bool point = false;
  bool any = false;
  while (!text.empty() && (IsDigit(text.front()) || (text.front() == '.' && !point))) {
    if (text.front() == '.') {
      point = true;
    } else {
      any = true;
      if (!read.digits.empty() || text.front() != '0') {
        read.digits += text.front();
      }
      read.scale += point ? 1 : 0;
    }
    text.remove_prefix(1);
  }
  if (!any) {
    return std::nullopt;
  }
  if (TakeChar(text, 'e') || TakeChar(text, 'E')) {
    const std::optional<int64_t> exponent = TakeSigned(text, kMaxPartDigits);
    if (!exponent || *exponent > kMaxExponent || *exponent < -kMaxExponent) {
      return std::nullopt;
    }
    read.scale -= *exponent;
  }
  return text.empty() ? std::optional<DecimalDigits>(std::move(read)) : std::nullopt;
}

// The common case, `123.45`, without any allocation; false if it is another.
bool ParsePlainDecimal(std::string_view text, int precision, int scale, absl::int128& out) {
  constexpr int kMaxDigits = 18;
  const bool negative = TakeChar(text, '-');
  int64_t value = 0;
  int digits = 0;
  int fraction = -1;
  for (const char c : text) {
    if (IsDigit(c)) {
      if (digits == kMaxDigits) {
        return false;
      }
      value = value * 10 + (c - '0');
      digits += value != 0 ? 1 : 0;
      fraction += fraction >= 0 ? 1 : 0;
    } else if (c == '.' && fraction < 0) {
      fraction = 0;
    } else {
      return false;
    }
  }
  fraction = std::max(fraction, 0);
  const int more = scale - fraction;
  if (text.empty() || text == "." || more < 0 || digits + more > std::min(precision, kMaxDigits)) {
    return false;
  }
  for (int i = 0; i < more; ++i) {
    value *= 10;
  }
  out = negative ? -value : value;
  return true;
}

}  // namespace

int64_t DaysFromCivil(int64_t year, int month, int day) {
  // Years start in March, so that the leap day is the last of them.
  const int64_t shifted = month <= 2 ? year - 1 : year;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int64_t year_of_era = shifted - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

std::optional<int64_t> ParseHiveInteger(std::string_view text) {
  const bool negative = TakeChar(text, '-');
  if (!negative) {
    TakeChar(text, '+');
  }
  if (text.empty()) {
    return std::nullopt;
  }
  uint64_t value = 0;
  size_t digits = 0;
  size_t i = 0;
  for (; i < text.size() && IsDigit(text[i]); ++i) {
    value = value * 10 + static_cast<uint64_t>(text[i] - '0');
    digits += value != 0 ? 1 : 0;
    if (digits > kMaxLongDigits) {
      return std::nullopt;
    }
  }
  if (i < text.size()) {
    if (text[i] != '.' ||
        !std::all_of(text.begin() + static_cast<ptrdiff_t>(i) + 1, text.end(), IsDigit)) {
      return std::nullopt;
    }
  }
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (value > kMax + (negative ? 1 : 0)) {
    return std::nullopt;
  }
  return static_cast<int64_t>(negative ? ~value + 1 : value);
}

std::optional<double> ParseJavaDouble(std::string_view text) { return ParseFloating<double>(text); }

std::optional<float> ParseJavaFloat(std::string_view text) { return ParseFloating<float>(text); }

std::optional<absl::int128> ParseDecimal(std::string_view text, int precision, int scale) {
  absl::int128 plain = 0;
  if (ParsePlainDecimal(text, precision, scale, plain)) {
    return plain;
  }
  std::optional<DecimalDigits> read = ReadDecimal(text);
  if (!read) {
    return std::nullopt;
  }
  if (read->digits.empty()) {
    return 0;
  }
  int64_t drop = read->scale - scale;
  bool round_up = false;
  if (drop > 0) {
    const auto length = static_cast<int64_t>(read->digits.size());
    if (drop > length) {
      return 0;
    }
    round_up = read->digits[static_cast<size_t>(length - drop)] >= '5';
    read->digits.resize(static_cast<size_t>(length - drop));
    drop = 0;
  }
  if (static_cast<int64_t>(read->digits.size()) - drop > precision) {
    return std::nullopt;
  }
  read->digits.append(static_cast<size_t>(-drop), '0');
  absl::int128 value = 0;
  absl::int128 limit = 1;
  for (const char digit : read->digits) {
    value = value * 10 + (digit - '0');
  }
  for (int i = 0; i < precision; ++i) {
    limit *= 10;
  }
  value += round_up ? 1 : 0;
  if (value >= limit) {
    return std::nullopt;
  }
  return read->negative ? -value : value;
}

std::optional<bool> ParseHiveBoolean(std::string_view text, bool extended) {
  if (absl::EqualsIgnoreCase(text, "true")) {
    return true;
  }
  if (absl::EqualsIgnoreCase(text, "false")) {
    return false;
  }
  if (extended && text.size() == 1) {
    const char c = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
    if (c == 't' || c == '1') {
      return true;
    }
    if (c == 'f' || c == '0') {
      return false;
    }
  }
  return std::nullopt;
}

std::optional<int32_t> ParseHiveDate(std::string_view text) {
  text = TrimText(text);
  text = text.substr(0, text.find(' '));
  const std::optional<int64_t> days = TakeDays(text);
  if (!days || !text.empty() || *days > std::numeric_limits<int32_t>::max() ||
      *days < std::numeric_limits<int32_t>::min()) {
    return std::nullopt;
  }
  return static_cast<int32_t>(*days);
}

std::optional<HiveTimestamp> ParseHiveTimestamp(std::string_view text) {
  text = TrimText(text);
  const std::optional<int64_t> days = TakeDays(text);
  if (!days) {
    return std::nullopt;
  }
  HiveTimestamp timestamp{*days * kSecondsPerDay, 0};
  const bool iso = text.starts_with('T') || text.starts_with('t');
  if (!iso && !text.starts_with(' ')) {
    return std::nullopt;  // also for a date alone
  }
  text.remove_prefix(1);
  const std::optional<int64_t> hours = TakeSigned(text, kMaxPartDigits);
  if (!hours || !TakeChar(text, ':')) {
    return std::nullopt;
  }
  const std::optional<int64_t> minutes = TakeSigned(text, kMaxPartDigits);
  if (!minutes) {
    return std::nullopt;
  }
  timestamp.seconds += *hours * kSecondsPerHour + *minutes * kSecondsPerMinute;
  if (text.empty() && iso) {
    return timestamp;
  }
  if (!TakeChar(text, ':')) {
    return std::nullopt;
  }
  const std::optional<int64_t> seconds = TakeSigned(text, kMaxPartDigits);
  if (!seconds) {
    return std::nullopt;
  }
  timestamp.seconds += *seconds;
  if (TakeChar(text, '.')) {
    const std::string_view fraction = text;
    int64_t nanos = TakeDigits(text, kMaxFractionDigits);
    if (nanos < 0) {
      return std::nullopt;
    }
    for (size_t digits = fraction.size() - text.size(); digits < kNanoDigits; ++digits) {
      nanos *= 10;
    }
    timestamp.nanos = static_cast<int32_t>(nanos);
  }
  return text.empty() ? std::optional<HiveTimestamp>(timestamp) : std::nullopt;
}

// ---- Patterns ----

namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};
constexpr size_t kShortName = 3;
constexpr std::string_view kPatternLetters = "GyYMdHhmsSaZE";
constexpr std::string_view kDateLetters = "GyYMdE";

// Takes a name or its first three letters; -1 if there is none.
template <size_t kCount>
int TakeName(std::string_view& text, const std::array<std::string_view, kCount>& names) {
  for (size_t i = 0; i < kCount; ++i) {
    for (const std::string_view name : {names[i], names[i].substr(0, kShortName)}) {
      if (text.size() >= name.size() && absl::EqualsIgnoreCase(text.substr(0, name.size()), name)) {
        text.remove_prefix(name.size());
        return static_cast<int>(i);
      }
    }
  }
  return -1;
}

struct PatternFields {
  int64_t year = 1970;
  int64_t month = 1;
  int64_t day = 1;
  int64_t hour = 0;
  int64_t half_day = -1;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t millis = 0;
  int64_t offset_seconds = 0;
};

bool TakeOffset(std::string_view& text, PatternFields& fields) {
  if (TakeChar(text, 'Z')) {
    return true;
  }
  const bool negative = TakeChar(text, '-');
  if (!negative && !TakeChar(text, '+')) {
    return false;
  }
  const int64_t hours = TakeDigits(text, 2);
  TakeChar(text, ':');
  const int64_t minutes = TakeDigits(text, 2);
  if (hours < 0 || minutes < 0) {
    return false;
  }
  const int64_t seconds = hours * kSecondsPerHour + minutes * kSecondsPerMinute;
  fields.offset_seconds = negative ? -seconds : seconds;
  return true;
}

// Digits for a number in [low, high]. A number that another follows has exactly `count` digits.
bool TakeNumber(std::string_view& text, size_t digits, int64_t low, int64_t high, int64_t& out) {
  const int64_t value = TakeDigits(text, digits);
  if (value < low || value > high) {
    return false;
  }
  out = value;
  return true;
}

// Takes what stands for one letter of a pattern, `count` times; `exact` if another number follows
// it, so that it has exactly as many digits. False if the text has none.
bool TakeDatePart(std::string_view& text, char letter, size_t count, bool exact,
                  PatternFields& fields) {
  switch (letter) {
    case 'y':
    case 'Y': {
      const size_t before = text.size();
      if (!TakeNumber(text, exact ? count : kMaxPartDigits, 0, 999'999'999, fields.year)) {
        return false;
      }
      if (count == 2 && before - text.size() == 2) {
        // Two digits are of the century around 2020, as Joda-Time has it: 1970 to 2069.
        fields.year += fields.year < 70 ? 2000 : 1900;
      }
      return true;
    }
    case 'M':
      if (count <= 2) {
        return TakeNumber(text, exact ? count : 2, 1, 12, fields.month);
      }
      fields.month = TakeName(text, kMonths) + 1;
      return fields.month > 0;
    case 'd':
      return TakeNumber(text, exact ? count : 2, 1, 31, fields.day);
    case 'E':
      return TakeName(text, kDays) >= 0;
    default: {  // 'G'
      const int era = TakeName(text, std::array<std::string_view, 2>{"bc", "ad"});
      fields.year = era == 0 ? 1 - fields.year : fields.year;
      return era >= 0;
    }
  }
}

// The same for the letters of the time.
bool TakeTimePart(std::string_view& text, char letter, size_t count, bool exact,
                  PatternFields& fields) {
  const size_t digits = exact ? count : 2;
  switch (letter) {
    case 'H':
      return TakeNumber(text, digits, 0, 23, fields.hour);
    case 'h': {
      const bool taken = TakeNumber(text, digits, 1, 12, fields.hour);
      fields.hour %= 12;
      return taken;
    }
    case 'm':
      return TakeNumber(text, digits, 0, 59, fields.minute);
    case 's':
      return TakeNumber(text, digits, 0, 59, fields.second);
    case 'a':
      fields.half_day = TakeName(text, std::array<std::string_view, 2>{"am", "pm"});
      return fields.half_day >= 0;
    case 'S': {
      const size_t before = text.size();
      if (!TakeNumber(text, exact ? count : kNanoDigits, 0, 999'999'999, fields.millis)) {
        return false;
      }
      for (size_t n = before - text.size(); n < 3; ++n) {
        fields.millis *= 10;
      }
      for (size_t n = before - text.size(); n > 3; --n) {
        fields.millis /= 10;
      }
      return true;
    }
    default:  // 'Z'
      return TakeOffset(text, fields);
  }
}

// Nullopt for a day that its month does not have.
std::optional<HiveTimestamp> ToTimestamp(const PatternFields& fields) {
  const int64_t days = DaysFromCivil(fields.year, static_cast<int>(fields.month), 1);
  const bool december = fields.month == 12;
  const int64_t next_month = DaysFromCivil(fields.year + (december ? 1 : 0),
                                           december ? 1 : static_cast<int>(fields.month) + 1, 1);
  if (fields.day > next_month - days) {
    return std::nullopt;
  }
  const int64_t hour = fields.hour + (fields.half_day == 1 ? 12 : 0);
  const int64_t seconds = (days + fields.day - 1) * kSecondsPerDay + hour * kSecondsPerHour +
                          fields.minute * kSecondsPerMinute + fields.second - fields.offset_seconds;
  return HiveTimestamp{seconds, static_cast<int32_t>(fields.millis) * kNanosPerMilli};
}

std::optional<HiveTimestamp> ParseMillis(std::string_view text) {
  const std::optional<int64_t> value = ParseHiveInteger(text);
  if (!value || text.front() == '+') {
    return std::nullopt;
  }
  int64_t seconds = *value / kMillisPerSecond;
  int64_t millis = *value % kMillisPerSecond;
  if (millis < 0) {
    --seconds;
    millis += kMillisPerSecond;
  }
  return HiveTimestamp{seconds, static_cast<int32_t>(millis) * kNanosPerMilli};
}

}  // namespace

absl::StatusOr<TimestampPattern> TimestampPattern::Make(std::string_view pattern) {
  TimestampPattern made;
  if (absl::EqualsIgnoreCase(pattern, "millis")) {
    made.millis_ = true;
    return made;
  }
  const auto literal = [&](char c) {
    if (made.parts_.empty() || made.parts_.back().letter != 0) {
      made.parts_.emplace_back();
    }
    made.parts_.back().literal += c;
  };
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\'') {
      const bool quote = i + 1 < pattern.size() && pattern[i + 1] == '\'';
      if (quote) {
        literal('\'');
        ++i;
        continue;
      }
      // A quoted part, in which two quotes are one.
      for (++i; i < pattern.size(); ++i) {
        const bool one = pattern[i] == '\'';
        if (one && (i + 1 == pattern.size() || pattern[i + 1] != '\'')) {
          break;
        }
        i += one ? size_t{1} : size_t{0};
        literal(pattern[i]);
      }
    } else if (!absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      literal(c);
    } else if (kPatternLetters.find(c) == std::string_view::npos) {
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("the timestamp format '", pattern, "' has the letter '",
                                     std::string_view(&c, 1), "'; supported are ", kPatternLetters,
                                     " and the word millis"),
                        absl::StatusCode::kUnimplemented);
    } else if (!made.parts_.empty() && made.parts_.back().letter == c) {
      ++made.parts_.back().count;
    } else {
      made.parts_.push_back({c, 1, ""});
    }
  }
  return made;
}

std::optional<HiveTimestamp> TimestampPattern::Parse(std::string_view text) const {
  if (millis_) {
    return ParseMillis(text);
  }
  PatternFields fields;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (part.letter == 0) {
      if (!text.starts_with(part.literal)) {
        return std::nullopt;
      }
      text.remove_prefix(part.literal.size());
      continue;
    }
    const bool exact = i + 1 < parts_.size() && parts_[i + 1].letter != 0;
    const auto count = static_cast<size_t>(part.count);
    const bool is_date = kDateLetters.find(part.letter) != std::string_view::npos;
    if (!(is_date ? TakeDatePart(text, part.letter, count, exact, fields)
                  : TakeTimePart(text, part.letter, count, exact, fields))) {
      return std::nullopt;
    }
  }
  return text.empty() ? ToTimestamp(fields) : std::nullopt;
}

absl::StatusOr<std::vector<TimestampPattern>> ParseTimestampPatterns(std::string_view list) {
  std::vector<TimestampPattern> patterns;
  std::string pattern;
  const auto finish = [&]() -> absl::Status {
    if (!pattern.empty()) {
      ASSIGN_OR_RETURN(TimestampPattern made, TimestampPattern::Make(pattern));
      patterns.push_back(std::move(made));
      pattern.clear();
    }
    return absl::OkStatus();
  };
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '\\') {
      ++i;
      if (i == list.size() || (list[i] != ',' && list[i] != '\\')) {
        return NamedError("HIVE_INVALID_METADATA",
                          absl::StrCat("Invalid 'timestamp.formats' property value '", list,
                                       "': a backslash stands before a comma or another"));
      }
      pattern += list[i];
    } else if (list[i] == ',') {
      RETURN_IF_ERROR(finish());
    } else {
      pattern += list[i];
    }
  }
  RETURN_IF_ERROR(finish());
  return patterns;
}

// ---- Texts ----

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string bytes;
  // Blanks, which Abseil skips, are none of Java's alphabet.
  const bool blank = std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '.';
  });
  if (blank || !absl::Base64Unescape(text, &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

std::string_view TruncateText(std::string_view text, int64_t length) {
  if (text.size() <= static_cast<uint64_t>(length)) {
    return text;
  }
  int64_t points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (starts && ++points > length) {
      return text.substr(0, i);
    }
  }
  return text;
}

std::string_view StripPadding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string_view TrimText(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace pallas::lake
