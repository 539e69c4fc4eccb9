#include "sql/runtime/number.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "types/value_text.h"

namespace pallas::sql {
namespace {

using absl::int128;

// An exponent beyond this makes any decimal zero or too large.
constexpr int64_t kMaxExponent = 1'000'000;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// By halves, since the arithmetic of int128 is not constexpr.
struct Halves {
  uint64_t high = 0;
  uint64_t low = 1;
};

constexpr std::array<Halves, kMaxDecimalPrecision + 1> MakePowersOfTen() {
  std::array<Halves, kMaxDecimalPrecision + 1> powers{};
  for (size_t i = 1; i < powers.size(); ++i) {
    const Halves& last = powers[i - 1];
    const uint64_t low_part = (last.low & 0xFFFF'FFFFU) * 10;
    const uint64_t middle = (last.low >> 32U) * 10 + (low_part >> 32U);
    powers[i].low = last.low * 10;
    powers[i].high = last.high * 10 + (middle >> 32U);
  }
  return powers;
}

constexpr std::array<Halves, kMaxDecimalPrecision + 1> kPowersOfTen = MakePowersOfTen();

absl::Status CannotCast(std::string_view text, std::string_view type) {
  return NamedError("INVALID_CAST_ARGUMENT", absl::StrCat("Cannot cast '", text, "' to ", type));
}

std::string_view NameOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyint:
      return "TINYINT";
    case TypeKind::kSmallint:
      return "SMALLINT";
    case TypeKind::kInteger:
      return "INT";
    default:
      return "BIGINT";
  }
}

bool TakeSign(std::string_view& rest) {
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative || (!rest.empty() && rest[0] == '+')) {
    rest.remove_prefix(1);
  }
  return negative;
}

std::string_view WithoutBlanks(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool IsTypeSuffix(std::string_view rest) {
  return rest.empty() || rest == "d" || rest == "D" || rest == "f" || rest == "F";
}

// Digits with a point and an exponent, decimal or hexadecimal, without a sign.
template <typename Float>
bool ParseDigits(std::string_view text, Float* value) {
  // What begins with a letter absl::from_chars() would take as "inf" or "nan".
  if (text.empty() || (!IsDigit(text[0]) && text[0] != '.')) {
    return false;
  }
  absl::chars_format format = absl::chars_format::general;
  if (absl::StartsWithIgnoreCase(text, "0x")) {
    // Java wants an exponent here.
    if (!absl::StrContainsIgnoreCase(text, "p")) {
      return false;
    }
    text.remove_prefix(2);
    format = absl::chars_format::hex;
  }
  const absl::from_chars_result result =
      absl::from_chars(text.data(), text.data() + text.size(), *value, format);
  if (result.ec == std::errc::invalid_argument ||
      !IsTypeSuffix(text.substr(static_cast<size_t>(result.ptr - text.data())))) {
    return false;
  }
  if (result.ec == std::errc::result_out_of_range) {
    *value = std::abs(*value) > 1 ? std::numeric_limits<Float>::infinity() : 0;
  }
  return true;
}

// Java's grammar of floating-point texts; false: not of it.
template <typename Float>
bool ParseFloat(std::string_view text, Float* value) {
  text = WithoutBlanks(text);
  const bool negative = TakeSign(text);
  if (text == "NaN") {
    *value = std::numeric_limits<Float>::quiet_NaN();
  } else if (text == "Infinity") {
    *value = std::numeric_limits<Float>::infinity();
  } else if (!ParseDigits(text, value)) {
    return false;
  }
  if (negative) {
    *value = -*value;
  }
  return true;
}

// The parts of a decimal text.
struct DecimalText {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int64_t exponent = 0;
};

std::string_view TakeDigits(std::string_view& rest) {
  size_t count = 0;
  while (count < rest.size() && IsDigit(rest[count])) {
    ++count;
  }
  const std::string_view digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

std::optional<DecimalText> ScanDecimal(std::string_view rest, bool with_exponent) {
  DecimalText text;
  text.negative = TakeSign(rest);
  text.whole = TakeDigits(rest);
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    text.fraction = TakeDigits(rest);
  }
  if (text.whole.empty() && text.fraction.empty()) {
    return std::nullopt;
  }
  if (with_exponent && !rest.empty() && (rest[0] == 'e' || rest[0] == 'E')) {
    rest.remove_prefix(1);
    const bool negative = TakeSign(rest);
    const std::string_view digits = TakeDigits(rest);
    const std::optional<int64_t> exponent = ParseInteger(digits, 0, INT32_MAX);
    if (!exponent) {
      return std::nullopt;
    }
    text.exponent = negative ? -*exponent : *exponent;
  }
  if (!rest.empty()) {
    return std::nullopt;
  }
  return text;
}

// The digits of `text` (whole, then fraction) up to scale `scale`, half away from zero. nullopt:
// more digits than a decimal holds.
std::optional<int128> Unscaled(const DecimalText& text, int scale) {
  // Digit i stands for 10^(last - i), counted in units of the result's last digit.
  const int64_t count = static_cast<int64_t>(text.whole.size() + text.fraction.size());
  const int64_t kept = static_cast<int64_t>(text.whole.size()) + text.exponent + scale;
  const int128 largest = PowerOfTen(kMaxDecimalPrecision - 1);
  int128 value = 0;
  const auto digit_at = [&](int64_t i) {
    const size_t index = static_cast<size_t>(i);
    return (index < text.whole.size() ? text.whole[index]
                                      : text.fraction[index - text.whole.size()]) -
           '0';
  };
  for (int64_t i = 0; i < kept; ++i) {
    if (i >= count && value == 0) {
      break;
    }
    if (value >= largest) {
      return std::nullopt;
    }
    value = value * 10 + (i < count ? digit_at(i) : 0);
  }
  if (kept >= 0 && kept < count && digit_at(kept) >= 5) {
    ++value;
  }
  return text.negative ? -value : value;
}

absl::Status CannotCastDecimal(std::string_view text, int precision, int scale,
                               std::string_view why) {
  return NamedError("INVALID_CAST_ARGUMENT",
                    absl::StrCat("Cannot cast VARCHAR '", text, "' to DECIMAL(", precision, ", ",
                                 scale, "). ", why));
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max) {
  std::string_view rest = text;
  const bool negative = TakeSign(rest);
  if (rest.empty()) {
    return std::nullopt;
  }
  // Below zero there is one value more.
  int64_t value = 0;
  for (const char c : rest) {
    if (!IsDigit(c) || __builtin_mul_overflow(value, 10, &value) ||
        __builtin_sub_overflow(value, c - '0', &value)) {
      return std::nullopt;
    }
  }
  if (!negative) {
    if (value == std::numeric_limits<int64_t>::min()) {
      return std::nullopt;
    }
    value = -value;
  }
  return value < min || value > max ? std::nullopt : std::optional(value);
}

int64_t MinInteger(TypeKind kind) { return -MaxInteger(kind) - 1; }

int64_t MaxInteger(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyint:
      return INT8_MAX;
    case TypeKind::kSmallint:
      return INT16_MAX;
    case TypeKind::kInteger:
      return INT32_MAX;
    default:
      return INT64_MAX;
  }
}

absl::StatusOr<int64_t> CastTextToInteger(std::string_view text, TypeKind kind) {
  const std::optional<int64_t> value =
      ParseInteger(WithoutBlanks(text), MinInteger(kind), MaxInteger(kind));
  if (!value) {
    return CannotCast(text, NameOf(kind));
  }
  return *value;
}

absl::StatusOr<double> CastTextToDouble(std::string_view text) {
  double value = 0;
  if (!ParseFloat(text, &value)) {
    return CannotCast(text, "DOUBLE");
  }
  return value;
}

absl::StatusOr<float> CastTextToReal(std::string_view text) {
  float value = 0;
  if (!ParseFloat(text, &value)) {
    return CannotCast(text, "REAL");
  }
  return value;
}

absl::StatusOr<bool> CastTextToBoolean(std::string_view text) {
  for (const std::string_view yes : {"true", "t", "1"}) {
    if (absl::EqualsIgnoreCase(text, yes)) {
      return true;
    }
  }
  for (const std::string_view no : {"false", "f", "0"}) {
    if (absl::EqualsIgnoreCase(text, no)) {
      return false;
    }
  }
  return CannotCast(text, "BOOLEAN");
}

int128 PowerOfTen(int exponent) {
  const Halves& power = kPowersOfTen[static_cast<size_t>(exponent)];
  return absl::MakeInt128(static_cast<int64_t>(power.high), power.low);
}

bool Overflows(int128 value, int precision) {
  const int128 limit = PowerOfTen(precision);
  return value >= limit || value <= -limit;
}

int128 DivideRounded(int128 numerator, int128 denominator) {
  const int128 quotient = numerator / denominator;
  const int128 rest = numerator % denominator;
  const int128 rest_size = rest < 0 ? -rest : rest;
  const int128 size = denominator < 0 ? -denominator : denominator;
  // rest_size * 2 >= size, without overflow.
  if (rest_size < size - rest_size) {
    return quotient;
  }
  return (numerator < 0) == (denominator < 0) ? quotient + 1 : quotient - 1;
}

std::optional<int128> RescaleDecimal(int128 value, int from_scale, int to_scale, int precision) {
  if (to_scale >= from_scale) {
    const int shift = to_scale - from_scale;
    if (shift > kMaxDecimalPrecision || Overflows(value, kMaxDecimalPrecision - shift)) {
      return value == 0 ? std::optional<int128>(0) : std::nullopt;
    }
    value *= PowerOfTen(shift);
  } else {
    value = DivideRounded(value, PowerOfTen(from_scale - to_scale));
  }
  return Overflows(value, precision) ? std::nullopt : std::optional(value);
}

absl::StatusOr<int128> CastTextToDecimal(std::string_view text, int precision, int scale) {
  const std::optional<DecimalText> scanned = ScanDecimal(text, /*with_exponent=*/true);
  if (!scanned) {
    return CannotCastDecimal(text, precision, scale, "Value is not a number.");
  }
  if (scanned->exponent > kMaxExponent || scanned->exponent < -kMaxExponent) {
    return CannotCastDecimal(text, precision, scale, "Value too large.");
  }
  const std::optional<int128> value = Unscaled(*scanned, scale);
  if (!value || Overflows(*value, precision)) {
    return CannotCastDecimal(text, precision, scale, "Value too large.");
  }
  return *value;
}

absl::StatusOr<std::optional<DecimalLiteral>> ParseDecimalLiteral(std::string_view text) {
  std::optional<DecimalText> scanned = ScanDecimal(text, /*with_exponent=*/false);
  if (!scanned) {
    return std::nullopt;
  }
  while (!scanned->whole.empty() && scanned->whole[0] == '0') {
    scanned->whole.remove_prefix(1);
  }
  const size_t digits = scanned->whole.size() + scanned->fraction.size();
  if (digits > static_cast<size_t>(kMaxDecimalPrecision)) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("DECIMAL precision must be in range [1, 38]: ", digits));
  }
  DecimalLiteral literal;
  literal.scale = static_cast<int>(scanned->fraction.size());
  literal.precision = std::max(1, static_cast<int>(digits));
  literal.unscaled = Unscaled(*scanned, literal.scale).value_or(0);
  return literal;
}

std::string DecimalToText(int128 value, int scale) {
  std::string text;
  AppendDecimal(absl::Int128High64(value), absl::Int128Low64(value), scale, &text);
  return text;
}

}  // namespace pallas::sql
