#include "sql/runtime/java_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "base/check.h"
#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/number.h"
#include "sql/runtime/text.h"
#include "types/time_zone.h"
#include "types/value_text.h"

namespace pallas::sql {
namespace {

constexpr int kDefaultPrecision = 6;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kNanosPerMilli = 1'000'000;
constexpr int64_t kSecondsPerDay = 86'400;
// Java's formats may ask for any width; no result is longer than this.
constexpr int kMaxWidth = 1'000'000;

// The flags by their letters, in the order in which Java's messages show them.
constexpr std::string_view kFlagLetters = "-#+ 0,(<";

std::string FlagText(unsigned flags) {
  std::string text;
  for (size_t i = 0; i < kFlagLetters.size(); ++i) {
    if ((flags & (1U << i)) != 0) {
      text.push_back(kFlagLetters[i]);
    }
  }
  return text;
}

absl::Status Unsupported(std::string_view what) {
  return NamedError("NOT_SUPPORTED", absl::StrCat("format() does not support ", what),
                    absl::StatusCode::kUnimplemented);
}

// A number as decimal digits: 0.d1d2d3... times ten to the `exponent`.
struct Digits {
  std::string digits;  // "0" for zero, else without leading zeros
  int exponent = 1;

  bool IsZero() const { return digits == "0"; }

  // Rounds half up to `count` digits, at least 0.
  void Round(int count) {
    if (count >= static_cast<int>(digits.size())) {
      return;
    }
    if (count < 0) {
      *this = {};
      digits = "0";
      return;
    }
    const bool up = digits[static_cast<size_t>(count)] >= '5';
    digits.resize(static_cast<size_t>(count));
    if (up) {
      size_t i = digits.size();
      while (i > 0 && digits[i - 1] == '9') {
        digits[--i] = '0';
      }
      if (i > 0) {
        ++digits[i - 1];
      } else {
        digits.insert(digits.begin(), '1');
        ++exponent;
      }
    }
    if (digits.find_first_not_of('0') == std::string::npos) {
      digits = "0";
      exponent = 1;
    }
  }
};

// The fewest digits that mean `value`, as Java's Double.toString has them. REQUIRES: finite, >= 0.
Digits ShortestDigits(double value) {
  Digits result;
  if (value == 0) {
    result.digits = "0";
    return result;
  }
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<size_t>(end.ptr - buffer));
  const size_t e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (c != '.') {
      result.digits.push_back(c);
    }
  }
  while (result.digits.size() > 1 && result.digits.back() == '0') {
    result.digits.pop_back();
  }
  int exponent = 0;
  const std::string_view exponent_text = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
  CHECK(absl::SimpleAtoi(exponent_text, &exponent));
  result.exponent = exponent + 1;
  return result;
}

Digits DecimalDigits(const FormatDecimal& value) {
  Digits result;
  result.digits = DecimalToText(value.unscaled < 0 ? -value.unscaled : value.unscaled, 0);
  result.exponent = result.digits == "0" ? 1 : static_cast<int>(result.digits.size()) - value.scale;
  return result;
}

// With `precision` digits after the point.
std::string FixedText(Digits number, int precision) {
  number.Round(number.exponent + precision);
  std::string text;
  const auto digit = [&](int place) {  // place 0 is the first behind 0.
    return !number.IsZero() && place >= 0 && place < static_cast<int>(number.digits.size())
               ? number.digits[static_cast<size_t>(place)]
               : '0';
  };
  if (number.IsZero() || number.exponent <= 0) {
    text = "0";
  }
  for (int place = 0; !number.IsZero() && place < number.exponent; ++place) {
    text.push_back(digit(place));
  }
  if (precision > 0) {
    text.push_back('.');
    const int first = number.IsZero() ? 0 : number.exponent;
    for (int i = 0; i < precision; ++i) {
      text.push_back(digit(first + i));
    }
  }
  return text;
}

struct Scientific {
  std::string mantissa;
  std::string exponent;  // "+05"
};

Scientific ScientificText(Digits number, int precision) {
  number.Round(precision + 1);
  Scientific result;
  const int exponent = number.IsZero() ? 0 : number.exponent - 1;
  result.mantissa = number.digits.substr(0, 1);
  if (precision > 0) {
    std::string rest = number.IsZero() ? "" : number.digits.substr(1);
    rest.resize(static_cast<size_t>(precision), '0');
    absl::StrAppend(&result.mantissa, ".", rest);
  }
  result.exponent = absl::StrFormat("%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
  return result;
}

int64_t Utf16Length(std::string_view text) {
  int64_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr unsigned char kFourByteLead = 0xF0;
    length += StartsCodePoint(c) ? (byte >= kFourByteLead ? 2 : 1) : 0;
  }
  return length;
}

// At most `units` of UTF-16.
std::string_view Utf16Prefix(std::string_view text, int64_t units) {
  size_t end = 0;
  for (size_t i = 0; i < text.size() && units > 0; i = end) {
    const size_t size = CodePointSize(text[i]);
    units -= size == 4 ? 2 : 1;
    if (units < 0) {
      break;
    }
    end = i + size;
  }
  return text.substr(0, end);
}

// What String.valueOf() makes of a moment.
void AppendMoment(const FormatMoment& moment, std::string* out) {
  if (moment.has_date) {
    const CivilDate date = CivilFromDays(moment.days);
    constexpr int64_t kMaxPlainYear = 9999;
    if (date.year > kMaxPlainYear) {
      out->push_back('+');
    }
    absl::StrAppendFormat(out, "%s%04d-%02d-%02d", date.year < 0 ? "-" : "", std::abs(date.year),
                          date.month, date.day);
  }
  if (!moment.has_time) {
    return;
  }
  if (moment.has_date) {
    out->push_back('T');
  }
  const int64_t seconds = moment.nanos_of_day / kNanosPerSecond;
  const int64_t nanos = moment.nanos_of_day % kNanosPerSecond;
  absl::StrAppendFormat(out, "%02d:%02d", seconds / 3600, seconds / 60 % 60);
  if (seconds % 60 != 0 || nanos != 0) {
    absl::StrAppendFormat(out, ":%02d", seconds % 60);
  }
  if (nanos != 0 && nanos % kNanosPerMilli == 0) {
    absl::StrAppendFormat(out, ".%03d", nanos / kNanosPerMilli);
  } else if (nanos != 0 && nanos % 1000 == 0) {
    absl::StrAppendFormat(out, ".%06d", nanos / 1000);
  } else if (nanos != 0) {
    absl::StrAppendFormat(out, ".%09d", nanos);
  }
  if (moment.zone_key) {
    const int offset = moment.offset_seconds;
    if (offset == 0) {
      out->push_back('Z');
    } else {
      absl::StrAppendFormat(out, "%c%02d:%02d", offset < 0 ? '-' : '+', std::abs(offset) / 3600,
                            std::abs(offset) / 60 % 60);
      if (offset % 60 != 0) {
        absl::StrAppendFormat(out, ":%02d", std::abs(offset) % 60);
      }
    }
    const std::string& zone = ZoneName(*moment.zone_key);
    if (zone[0] != '+' && zone[0] != '-') {
      absl::StrAppend(out, "[", zone, "]");
    }
  }
}

std::string_view ClassOf(const FormatValue& value) {
  static constexpr std::string_view kClasses[] = {"",
                                                  "java.lang.Boolean",
                                                  "java.lang.Long",
                                                  "java.lang.Float",
                                                  "java.lang.Double",
                                                  "java.math.BigDecimal",
                                                  "java.lang.String"};
  if (const auto* const moment = std::get_if<FormatMoment>(&value)) {
    if (moment->zone_key) {
      return "java.time.ZonedDateTime";
    }
    return !moment->has_time  ? "java.time.LocalDate"
           : moment->has_date ? "java.time.LocalDateTime"
                              : "java.time.LocalTime";
  }
  return kClasses[value.index()];
}

std::string TextOf(const FormatValue& value) {
  std::string text;

  struct Visitor {
    std::string* text;

    void operator()(std::monostate) const { *text = "null"; }

    void operator()(bool v) const { *text = v ? "true" : "false"; }

    void operator()(int64_t v) const { *text = absl::StrCat(v); }

    void operator()(float v) const { AppendJavaFloat(v, text); }

    void operator()(double v) const { AppendJavaDouble(v, text); }

    void operator()(const FormatDecimal& v) const { *text = DecimalToText(v.unscaled, v.scale); }

    void operator()(std::string_view v) const { *text = v; }

    void operator()(const FormatMoment& v) const { AppendMoment(v, text); }
  };

  std::visit(Visitor{&text}, value);
  return text;
}

// The pattern of Joda time for what follows %t; nullopt: none.
std::optional<std::string_view> TimePattern(char letter) {
  switch (letter) {
    case 'H':
      return "HH";
    case 'I':
      return "hh";
    case 'k':
      return "H";
    case 'l':
      return "h";
    case 'M':
      return "mm";
    case 'S':
      return "ss";
    case 'L':
      return "SSS";
    case 'p':
      return "a";
    case 'z':
      return "Z";
    case 'B':
      return "MMMM";
    case 'b':
    case 'h':
      return "MMM";
    case 'A':
      return "EEEE";
    case 'a':
      return "EEE";
    case 'Y':
      return "yyyy";
    case 'y':
      return "yy";
    case 'j':
      return "DDD";
    case 'm':
      return "MM";
    case 'd':
      return "dd";
    case 'e':
      return "d";
    case 'R':
      return "HH:mm";
    case 'T':
      return "HH:mm:ss";
    case 'r':
      return "hh:mm:ss a";
    case 'D':
      return "MM/dd/yy";
    case 'F':
      return "yyyy-MM-dd";
    default:
      return std::nullopt;
  }
}

constexpr std::string_view kClockLetters = "HIklMSLNpRTr";
constexpr std::string_view kCalendarLetters = "BbhAaCYyjmdeDF";

}  // namespace

// Reads one format string.
class JavaFormat::Parser {
 public:
  explicit Parser(std::string_view format) : format_(format) {}

  absl::StatusOr<std::vector<Specifier>> Parse() {
    std::vector<Specifier> specifiers;
    while (place_ < format_.size()) {
      const size_t percent = std::min(format_.find('%', place_), format_.size());
      if (percent > place_) {
        specifiers.emplace_back().plain = format_.substr(place_, percent - place_);
        place_ = percent;
        continue;
      }
      ++place_;
      ASSIGN_OR_RETURN(specifiers.emplace_back(), ParseSpecifier());
    }
    return specifiers;
  }

 private:
  absl::Status Illegal(std::string_view exception, std::string_view message) const {
    return NamedError(
        "INVALID_FUNCTION_ARGUMENT",
        absl::StrCat("Invalid format string: ", format_, " (", exception, ": ", message, ")"));
  }

  absl::Status UnknownConversion(std::string_view letter) const {
    return Illegal("UnknownFormatConversion", absl::StrCat("Conversion = '", letter, "'"));
  }

  char Peek() const { return place_ < format_.size() ? format_[place_] : '\0'; }

  // Digits from here; -1 without any.
  int ParseNumber() {
    int number = -1;
    while (absl::ascii_isdigit(static_cast<unsigned char>(Peek()))) {
      number = std::min(std::max(number, 0) * 10 + (Peek() - '0'), kMaxWidth);
      ++place_;
    }
    return number;
  }

  absl::Status ParseFlags(unsigned* flags) {
    for (size_t flag = kFlagLetters.find(Peek());
         place_ < format_.size() && flag != std::string_view::npos;
         flag = kFlagLetters.find(Peek())) {
      if ((*flags & (1U << flag)) != 0) {
        return Illegal("DuplicateFormatFlags",
                       absl::StrCat("Flags = '", FlagText(1U << flag), "'"));
      }
      *flags |= 1U << flag;
      ++place_;
      if (place_ >= format_.size()) {
        break;
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Specifier> ParseSpecifier() {
    Specifier specifier;
    const size_t start = place_;
    const int number = Peek() == '0' ? -1 : ParseNumber();
    if (number > 0 && Peek() == '$') {
      specifier.index = number;
      ++place_;
      RETURN_IF_ERROR(ParseFlags(&specifier.flags));
      specifier.width = ParseNumber();
    } else if (number > 0) {
      specifier.width = number;
    } else {
      place_ = start;
      RETURN_IF_ERROR(ParseFlags(&specifier.flags));
      specifier.width = ParseNumber();
    }
    if (Peek() == '.') {
      ++place_;
      specifier.precision = ParseNumber();
      if (specifier.precision < 0) {
        return UnknownConversion(".");
      }
    }
    RETURN_IF_ERROR(ParseConversion(&specifier));
    specifier.text =
        absl::StrCat("%", FlagText(specifier.flags),
                     specifier.index > 0 ? absl::StrCat(specifier.index, "$") : "",
                     specifier.width >= 0 ? absl::StrCat(specifier.width) : "",
                     specifier.precision >= 0 ? absl::StrCat(".", specifier.precision) : "",
                     format_.substr(conversion_, place_ - conversion_));
    RETURN_IF_ERROR(Check(specifier));
    if (specifier.width > kMaxWidth - 1 || specifier.precision > kMaxWidth - 1) {
      return Unsupported(absl::StrCat("widths of ", kMaxWidth, " or more"));
    }
    return specifier;
  }

  absl::Status ParseConversion(Specifier* specifier) {
    if (place_ >= format_.size()) {
      return UnknownConversion("%");
    }
    conversion_ = place_;
    const std::string_view letter = format_.substr(place_, CodePointSize(format_[place_]));
    place_ += letter.size();
    constexpr std::string_view kConversions = "bBhHsScCdoxXeEfgGaAtT%n";
    if (letter.size() != 1 || kConversions.find(letter[0]) == std::string_view::npos) {
      return UnknownConversion(letter);
    }
    specifier->conversion = absl::ascii_tolower(static_cast<unsigned char>(letter[0]));
    specifier->upper = absl::ascii_isupper(static_cast<unsigned char>(letter[0]));
    if (specifier->conversion != 't') {
      return absl::OkStatus();
    }
    if (place_ >= format_.size()) {
      return UnknownConversion(letter);
    }
    specifier->time = format_[place_++];
    if (specifier->time == 'c' || specifier->time == 'Z') {
      return Unsupported(absl::StrCat("%t", std::string(1, specifier->time)));
    }
    if (const auto pattern = TimePattern(specifier->time)) {
      ASSIGN_OR_RETURN(specifier->time_format, DateFormat::FromJoda(*pattern));
    } else if (std::string_view("NCsQ").find(specifier->time) == std::string_view::npos) {
      return UnknownConversion(absl::StrCat("t", std::string(1, specifier->time)));
    }
    return absl::OkStatus();
  }

  absl::Status RefuseFlags(const Specifier& s, unsigned flags) const {
    for (unsigned flag = 1; flag <= kPrevious; flag <<= 1U) {
      if ((s.flags & flags & flag) != 0) {
        return Illegal("FormatFlagsConversionMismatch",
                       absl::StrCat("Conversion = ", std::string(1, s.conversion),
                                    ", Flags = ", FlagText(flag)));
      }
    }
    return absl::OkStatus();
  }

  absl::Status RefusePrecision(const Specifier& s) const {
    return s.precision < 0 ? absl::OkStatus()
                           : Illegal("IllegalFormatPrecision", absl::StrCat(s.precision));
  }

  absl::Status NeedWidth(const Specifier& s, unsigned flags) const {
    return s.width < 0 && (s.flags & flags) != 0 ? Illegal("MissingFormatWidth", s.text)
                                                 : absl::OkStatus();
  }

  absl::Status CheckNumeric(const Specifier& s) const {
    RETURN_IF_ERROR(NeedWidth(s, kLeft | kZero));
    if ((s.Has(kPlus) && s.Has(kSpace)) || (s.Has(kLeft) && s.Has(kZero))) {
      return Illegal("IllegalFormatFlags", absl::StrCat("Flags = '", FlagText(s.flags), "'"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckText(const Specifier& s) const {
    RETURN_IF_ERROR(RefusePrecision(s));
    if (s.conversion == 'n' && s.width >= 0) {
      return Illegal("IllegalFormatWidth", absl::StrCat(s.width));
    }
    if (s.flags != 0 && (s.conversion == 'n' || s.flags != kLeft)) {
      return Illegal("IllegalFormatFlags", absl::StrCat("Flags = '", FlagText(s.flags), "'"));
    }
    return NeedWidth(s, kLeft);
  }

  absl::Status Check(const Specifier& s) const {
    constexpr unsigned kNumeric = kPlus | kSpace | kZero | kGroup | kParentheses;
    switch (s.conversion) {
      case '%':
      case 'n':
        return CheckText(s);
      case 'b':
      case 'h':
        RETURN_IF_ERROR(RefuseFlags(s, kAlternate));
        [[fallthrough]];
      case 's':
        RETURN_IF_ERROR(NeedWidth(s, kLeft));
        return RefuseFlags(s, kNumeric);
      case 'c':
      case 't':
        RETURN_IF_ERROR(RefusePrecision(s));
        RETURN_IF_ERROR(RefuseFlags(s, kNumeric | kAlternate));
        return NeedWidth(s, kLeft);
      case 'd':
      case 'o':
      case 'x':
        RETURN_IF_ERROR(CheckNumeric(s));
        RETURN_IF_ERROR(RefusePrecision(s));
        return RefuseFlags(s, s.conversion == 'd' ? kAlternate : kGroup);
      case 'a':
        return Unsupported("%a");
      default:
        RETURN_IF_ERROR(CheckNumeric(s));
        if (s.conversion == 'e') {
          return RefuseFlags(s, kGroup);
        }
        return s.conversion == 'g' ? RefuseFlags(s, kAlternate) : absl::OkStatus();
    }
  }

  std::string_view format_;
  size_t place_ = 0;
  size_t conversion_ = 0;  // where the conversion of the current specifier starts
};

// Prints the arguments of one call.
class JavaFormat::Printer {
 public:
  explicit Printer(std::string_view format) : format_(format) {}

  absl::Status Print(const Specifier& s, const FormatValue& value) {
    switch (s.conversion) {
      case 'b':
        return PrintBoolean(s, value);
      case 's':
        if (s.Has(kAlternate)) {
          return Mismatch(s, kAlternate);
        }
        return PrintText(s, TextOf(value));
      case 'h':
        return PrintHash(s, value);
      default:
        break;
    }
    if (std::holds_alternative<std::monostate>(value)) {
      return PrintText(s, "null");
    }
    switch (s.conversion) {
      case 'd':
      case 'o':
      case 'x':
        if (const auto* const integer = std::get_if<int64_t>(&value)) {
          return s.conversion == 'd' ? PrintInteger(s, *integer) : PrintBits(s, *integer);
        }
        return WrongClass(s, value);
      case 't':
        return PrintMoment(s, value);
      case 'c':
        return WrongClass(s, value);
      default:
        return PrintNumber(s, value);
    }
  }

  void PrintPlain(const Specifier& s) {
    if (s.conversion == '%') {
      Justify(s, "%");
    } else {
      out_.append(s.conversion == 'n' ? "\n" : s.plain);
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  absl::Status Illegal(std::string_view exception, std::string_view message) const {
    return NamedError(
        "INVALID_FUNCTION_ARGUMENT",
        absl::StrCat("Invalid format string: ", format_, " (", exception, ": ", message, ")"));
  }

  absl::Status Mismatch(const Specifier& s, unsigned flag) const {
    return Illegal(
        "FormatFlagsConversionMismatch",
        absl::StrCat("Conversion = ", std::string(1, s.conversion), ", Flags = ", FlagText(flag)));
  }

  absl::Status WrongClass(const Specifier& s, const FormatValue& value) const {
    return Illegal("IllegalFormatConversion",
                   absl::StrCat(std::string(1, s.conversion), " != ", ClassOf(value)));
  }

  void Justify(const Specifier& s, std::string_view text) {
    const auto blanks = static_cast<size_t>(std::max<int64_t>(0, s.width - Utf16Length(text)));
    if (!s.Has(kLeft)) {
      out_.append(blanks, ' ');
    }
    out_.append(text);
    if (s.Has(kLeft)) {
      out_.append(blanks, ' ');
    }
  }

  absl::Status PrintText(const Specifier& s, std::string_view text) {
    if (s.precision >= 0) {
      text = Utf16Prefix(text, s.precision);
    }
    std::string upper;
    if (s.upper) {
      AppendUpper(text, &upper);
      text = upper;
    }
    Justify(s, text);
    return absl::OkStatus();
  }

  absl::Status PrintBoolean(const Specifier& s, const FormatValue& value) {
    const auto* const boolean = std::get_if<bool>(&value);
    const bool holds =
        boolean != nullptr ? *boolean : !std::holds_alternative<std::monostate>(value);
    return PrintText(s, holds ? "true" : "false");
  }

  // Java's hash codes.
  absl::Status PrintHash(const Specifier& s, const FormatValue& value) {
    if (std::holds_alternative<std::monostate>(value)) {
      return PrintText(s, "null");
    }
    uint32_t hash = 0;
    const auto fold = [](uint64_t bits) { return static_cast<uint32_t>(bits ^ (bits >> 32U)); };
    if (const auto* const boolean = std::get_if<bool>(&value)) {
      constexpr uint32_t kTrue = 1231;
      constexpr uint32_t kFalse = 1237;
      hash = *boolean ? kTrue : kFalse;
    } else if (const auto* const integer = std::get_if<int64_t>(&value)) {
      hash = fold(static_cast<uint64_t>(*integer));
    } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
      constexpr uint32_t kFactor = 31;
      constexpr int32_t kSupplementary = 0x10000;
      for (const int32_t point : CodePointsOf(*text)) {
        if (point >= kSupplementary) {
          const auto rest = static_cast<uint32_t>(point - kSupplementary);
          hash = hash * kFactor + (0xD800U + (rest >> 10U));
          hash = hash * kFactor + (0xDC00U + (rest & 0x3FFU));
        } else {
          hash = hash * kFactor + static_cast<uint32_t>(point);
        }
      }
    } else {
      return Unsupported(absl::StrCat("%h of ", ClassOf(value)));
    }
    return PrintText(s, absl::StrFormat("%x", hash));
  }

  static std::string LeadingSign(const Specifier& s, bool negative) {
    if (negative) {
      return s.Has(kParentheses) ? "(" : "-";
    }
    return s.Has(kPlus) ? "+" : s.Has(kSpace) ? " " : "";
  }

  // Digits with groups, filled with zeros to `width` together with what stands before.
  static std::string Magnitude(const Specifier& s, std::string_view sign, std::string_view digits,
                               int width) {
    const size_t point = std::min(digits.find('.'), digits.size());
    std::string text;
    for (size_t i = 0; i < digits.size(); ++i) {
      if (s.Has(kGroup) && i > 0 && i < point && (point - i) % 3 == 0) {
        text.push_back(',');
      }
      text.push_back(digits[i]);
    }
    const size_t length = sign.size() + text.size();
    if (s.Has(kZero) && width > 0 && length < static_cast<size_t>(width)) {
      text.insert(0, static_cast<size_t>(width) - length, '0');
    }
    return absl::StrCat(sign, text);
  }

  static int AdjustedWidth(const Specifier& s, bool negative, int width) {
    return s.width < 0 ? -1 : width - (negative && s.Has(kParentheses) ? 1 : 0);
  }

  absl::Status PrintInteger(const Specifier& s, int64_t value) {
    const bool negative = value < 0;
    const uint64_t magnitude =
        negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    std::string text = Magnitude(s, LeadingSign(s, negative), absl::StrCat(magnitude),
                                 AdjustedWidth(s, negative, s.width));
    Finish(s, negative, std::move(text));
    return absl::OkStatus();
  }

  void Finish(const Specifier& s, bool negative, std::string text) {
    if (negative && s.Has(kParentheses)) {
      text.push_back(')');
    }
    if (s.upper) {
      absl::AsciiStrToUpper(&text);
    }
    Justify(s, text);
  }

  // %o and %x: two's complement.
  absl::Status PrintBits(const Specifier& s, int64_t value) {
    for (const Flag flag : {kParentheses, kSpace, kPlus}) {
      if (s.Has(flag)) {
        return Mismatch(s, flag);
      }
    }
    const bool octal = s.conversion == 'o';
    const std::string digits = octal ? absl::StrFormat("%o", static_cast<uint64_t>(value))
                                     : absl::StrFormat("%x", static_cast<uint64_t>(value));
    std::string text = !s.Has(kAlternate) ? "" : octal ? "0" : "0x";
    const size_t length = text.size() + digits.size();
    if (s.Has(kZero) && length < static_cast<size_t>(s.width)) {
      text.append(static_cast<size_t>(s.width) - length, '0');
    }
    Finish(s, /*negative=*/false, absl::StrCat(text, digits));
    return absl::OkStatus();
  }

  absl::Status PrintNumber(const Specifier& s, const FormatValue& value) {
    if (const auto* const decimal = std::get_if<FormatDecimal>(&value)) {
      PrintDigits(s, decimal->unscaled < 0, DecimalDigits(*decimal));
      return absl::OkStatus();
    }
    double number = 0;
    if (const auto* const real = std::get_if<float>(&value)) {
      number = static_cast<double>(*real);
    } else if (const auto* const wide = std::get_if<double>(&value)) {
      number = *wide;
    } else {
      return WrongClass(s, value);
    }
    const bool negative = std::signbit(number);
    if (std::isnan(number)) {
      Justify(s, s.upper ? "NAN" : "NaN");
    } else if (std::isinf(number)) {
      Finish(s, negative, absl::StrCat(LeadingSign(s, negative), "Infinity"));
    } else {
      PrintDigits(s, negative, ShortestDigits(std::abs(number)));
    }
    return absl::OkStatus();
  }

  void PrintDigits(const Specifier& s, bool negative, Digits number) {
    int precision = s.precision < 0 ? kDefaultPrecision : s.precision;
    bool scientific = s.conversion == 'e';
    if (s.conversion == 'g') {
      precision = std::max(precision, 1);
      Digits rounded = number;
      rounded.Round(precision);
      constexpr int kLeastExponent = -3;  // of 10^-4
      scientific =
          !rounded.IsZero() && (rounded.exponent < kLeastExponent || rounded.exponent > precision);
      precision -= scientific || rounded.IsZero() ? 1 : rounded.exponent;
    }
    std::string digits;
    std::string exponent;
    if (scientific) {
      Scientific text = ScientificText(std::move(number), precision);
      digits = std::move(text.mantissa);
      exponent = absl::StrCat("e", text.exponent);
    } else {
      digits = FixedText(std::move(number), precision);
    }
    if (s.Has(kAlternate) && precision == 0) {
      digits.push_back('.');
    }
    const int width = AdjustedWidth(s, negative, s.width - static_cast<int>(exponent.size()));
    Finish(s, negative,
           absl::StrCat(Magnitude(s, LeadingSign(s, negative), digits, width), exponent));
  }

  absl::Status PrintMoment(const Specifier& s, const FormatValue& value) {
    const auto* const moment = std::get_if<FormatMoment>(&value);
    if (std::holds_alternative<int64_t>(value)) {
      return Unsupported("%t of numbers");
    }
    if (moment == nullptr) {
      return Illegal("IllegalFormatConversion",
                     absl::StrCat(std::string(1, s.time), " != ", ClassOf(value)));
    }
    const bool needs_time = kClockLetters.find(s.time) != std::string_view::npos;
    const bool needs_date = kCalendarLetters.find(s.time) != std::string_view::npos;
    const bool needs_zone = std::string_view("zsQ").find(s.time) != std::string_view::npos;
    if ((needs_time && !moment->has_time) || (needs_date && !moment->has_date) ||
        (needs_zone && !moment->zone_key)) {
      return Illegal("IllegalFormatConversion",
                     absl::StrCat(std::string(1, s.time), " != ", ClassOf(value)));
    }
    ASSIGN_OR_RETURN(std::string text, MomentText(s, *moment));
    if (s.upper) {
      absl::AsciiStrToUpper(&text);
    }
    Justify(s, text);
    return absl::OkStatus();
  }

  static absl::StatusOr<std::string> MomentText(const Specifier& s, const FormatMoment& moment) {
    const int64_t epoch_seconds = moment.days * kSecondsPerDay +
                                  moment.nanos_of_day / kNanosPerSecond - moment.offset_seconds;
    switch (s.time) {
      case 'N':
        return absl::StrFormat("%09d", moment.nanos_of_day % kNanosPerSecond);
      case 'C': {
        constexpr int64_t kYears = 100;
        return absl::StrFormat("%02d", CivilFromDays(moment.days).year / kYears);
      }
      case 's':
        return absl::StrCat(epoch_seconds);
      case 'Q':
        return absl::StrCat(epoch_seconds * kMillisPerSecond +
                            moment.nanos_of_day % kNanosPerSecond / kNanosPerMilli);
      default:
        break;
    }
    ASSIGN_OR_RETURN(
        std::string text,
        s.time_format->Format(moment.days * kMillisPerDay + moment.nanos_of_day / kNanosPerMilli,
                              moment.zone_key.value_or(kUtcZoneKey), moment.offset_seconds));
    if (s.time == 'p') {
      absl::AsciiStrToLower(&text);
    }
    return text;
  }

  std::string_view format_;
  std::string out_;
};

absl::StatusOr<JavaFormat> JavaFormat::Parse(std::string_view format) {
  JavaFormat result;
  result.format_ = format;
  ASSIGN_OR_RETURN(result.specifiers_, Parser(result.format_).Parse());
  return result;
}

absl::StatusOr<std::string> JavaFormat::Format(std::span<const FormatValue> arguments) const {
  Printer printer(format_);
  int next = 0;
  int last = -1;
  for (const Specifier& specifier : specifiers_) {
    if (specifier.conversion == 0 || specifier.conversion == '%' || specifier.conversion == 'n') {
      printer.PrintPlain(specifier);
      continue;
    }
    if (!specifier.Has(kPrevious)) {
      last = specifier.index > 0 ? specifier.index - 1 : next++;
    }
    if (last < 0 || last >= static_cast<int>(arguments.size())) {
      return NamedError(
          "INVALID_FUNCTION_ARGUMENT",
          absl::StrCat("Invalid format string: ", format_,
                       " (MissingFormatArgument: Format specifier '", specifier.text, "')"));
    }
    RETURN_IF_ERROR(printer.Print(specifier, arguments[static_cast<size_t>(last)]));
  }
  return printer.Take();
}

std::string FormatNumber(int64_t number) {
  constexpr double kStep = 1000;
  static constexpr std::string_view kUnits[] = {"", "K", "M", "B", "T", "Q"};
  auto value = static_cast<double>(number);
  size_t unit = 0;
  while (unit + 1 < std::size(kUnits) && std::abs(value) >= kStep) {
    value /= kStep;
    ++unit;
  }
  constexpr double kTwoDigitsBelow = 10;
  constexpr double kOneDigitBelow = 100;
  const int precision = value < kTwoDigitsBelow ? 2 : value < kOneDigitBelow ? 1 : 0;
  std::string text = FixedText(ShortestDigits(std::abs(value)), precision);
  if (precision > 0) {
    while (text.back() == '0') {
      text.pop_back();
    }
    if (text.back() == '.') {
      text.pop_back();
    }
  }
  return absl::StrCat(std::signbit(value) ? "-" : "", text, kUnits[unit]);
}

absl::StatusOr<absl::int128> ParseDataSize(std::string_view text) {
  const auto bad = [&] {
    return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat("Invalid data size: '", text, "'"));
  };
  size_t digits = 0;
  while (digits < text.size() &&
         (absl::ascii_isdigit(static_cast<unsigned char>(text[digits])) || text[digits] == '.')) {
    ++digits;
  }
  static constexpr std::string_view kUnits[] = {"B",  "kB", "MB", "GB", "TB",
                                                "PB", "EB", "ZB", "YB"};
  const std::string_view unit = text.substr(digits);
  const auto* const found = std::find(std::begin(kUnits), std::end(kUnits), unit);
  const absl::StatusOr<std::optional<DecimalLiteral>> number =
      ParseDecimalLiteral(text.substr(0, digits));
  if (digits == 0 || found == std::end(kUnits) || !number.ok() || !number->has_value()) {
    return bad();
  }
  constexpr int kBitsPerStep = 10;
  constexpr int kMaxDigits = 38;
  absl::int128 value = (*number)->unscaled;
  for (const auto* step = std::begin(kUnits); step != found; ++step) {
    if (value > absl::Int128Max() >> kBitsPerStep) {
      return bad();
    }
    value *= absl::int128(1) << kBitsPerStep;
  }
  value /= PowerOfTen((*number)->scale);
  return Overflows(value, kMaxDigits) ? absl::StatusOr<absl::int128>(bad()) : value;
}

}  // namespace pallas::sql
