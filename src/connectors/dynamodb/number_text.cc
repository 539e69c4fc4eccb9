#include "connectors/dynamodb/number_text.h"

#include <algorithm>
#include <array>
#include <limits>

namespace pallas::dynamodb {
namespace {

constexpr int kMaxDigits = 38;
constexpr int kMaxExponent = 1000;  // more than DynamoDB ever sends
constexpr int kBase = 10;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int NumDigits(absl::int128 value) {
  int digits = 0;
  for (; value != 0; value /= kBase) {
    ++digits;
  }
  return digits;
}

// Reads the digits of a number, without its sign and exponent.
class DigitReader {
 public:
  // False: too many digits.
  bool Add(char c, bool behind_point) {
    any_ = true;
    if (c == '0' && digits_ != 0) {
      // Zeros count only if another digit follows.
      ++zeros_;
    } else if (c != '0') {
      if (!Flush()) {
        return false;
      }
      digits_ = digits_ * kBase + (c - '0');
      ++count_;
    }
    scale_ += behind_point ? 1 : 0;
    return true;
  }

  bool any() const { return any_; }

  Number Finish(int exponent) const {
    if (digits_ == 0) {
      return {};
    }
    return Number{digits_, scale_ - zeros_ - exponent};
  }

 private:
  bool Flush() {
    if (count_ + zeros_ >= kMaxDigits) {
      return false;
    }
    for (; zeros_ > 0; --zeros_) {
      digits_ *= kBase;
      ++count_;
    }
    return true;
  }

  absl::int128 digits_ = 0;
  int count_ = 0;
  int zeros_ = 0;  // at the end, not yet in `digits_`
  int scale_ = 0;
  bool any_ = false;
};

// The exponent behind an 'e'; nullopt if it is none.
std::optional<int> ParseExponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || !std::all_of(text.begin(), text.end(), IsDigit)) {
    return std::nullopt;
  }
  int exponent = 0;
  for (const char c : text) {
    exponent = std::min(exponent * kBase + (c - '0'), kMaxExponent);
  }
  return negative ? -exponent : exponent;
}

}  // namespace

absl::int128 PowerOfTen(int exponent) {
  static const std::array<absl::int128, kMaxDigits + 1> kPowers = [] {
    std::array<absl::int128, kMaxDigits + 1> powers{};
    powers[0] = 1;
    for (size_t i = 1; i < powers.size(); ++i) {
      powers[i] = powers[i - 1] * kBase;
    }
    return powers;
  }();
  return kPowers[static_cast<size_t>(exponent)];
}

std::optional<Number> ParseNumber(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  DigitReader reader;
  bool behind_point = false;
  size_t i = 0;
  for (; i < text.size() && (IsDigit(text[i]) || (text[i] == '.' && !behind_point)); ++i) {
    if (text[i] == '.') {
      behind_point = true;
    } else if (!reader.Add(text[i], behind_point)) {
      return std::nullopt;
    }
  }
  std::optional<int> exponent = 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    exponent = ParseExponent(text.substr(i + 1));
    i = text.size();
  }
  if (!reader.any() || i != text.size() || !exponent) {
    return std::nullopt;
  }
  Number number = reader.Finish(*exponent);
  if (negative) {
    number.digits = -number.digits;
  }
  return number;
}

int IntegerDigits(const Number& number) {
  return std::max(0, NumDigits(number.digits) - number.scale);
}

int FractionDigits(const Number& number) { return std::max(0, number.scale); }

std::optional<int64_t> ToInteger(const Number& number) {
  constexpr int kDigits = std::numeric_limits<int64_t>::digits10 + 1;
  const std::optional<absl::int128> value = ToUnscaled(number, kDigits, 0, Rounding::kNone);
  if (!value || *value < std::numeric_limits<int64_t>::min() ||
      *value > std::numeric_limits<int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(*value);
}

std::optional<absl::int128> ToUnscaled(const Number& number, int precision, int scale,
                                       Rounding rounding) {
  if (number.digits == 0) {
    return 0;
  }
  absl::int128 value = number.digits;
  const int up = scale - number.scale;
  if (up >= 0) {
    if (NumDigits(value) + up > precision) {
      return std::nullopt;
    }
    return value * PowerOfTen(up);
  }
  if (rounding == Rounding::kNone) {
    return std::nullopt;  // the last digit is not zero
  }
  if (-up > kMaxDigits) {
    return 0;
  }
  const absl::int128 divisor = PowerOfTen(-up);
  const absl::int128 rest = value % divisor;
  value /= divisor;
  const absl::int128 distance = rest < 0 ? -rest : rest;
  // As `distance * 2 >= divisor`, which might overflow.
  if (distance >= divisor - distance) {
    value += number.digits < 0 ? -1 : 1;
  }
  return NumDigits(value) > precision ? std::nullopt : std::optional(value);
}

std::string DecimalText(absl::int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  std::string digits;
  do {
    const int digit = static_cast<int>(unscaled % kBase);
    digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    unscaled /= kBase;
  } while (unscaled != 0);
  while (static_cast<int>(digits.size()) <= scale) {
    digits.push_back('0');
  }
  if (negative) {
    digits.push_back('-');
  }
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) {
    digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  }
  return digits;
}

}  // namespace pallas::dynamodb
