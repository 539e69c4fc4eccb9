#ifndef PALLAS_CONNECTORS_DYNAMODB_NUMBER_TEXT_H_
#define PALLAS_CONNECTORS_DYNAMODB_NUMBER_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"

// DynamoDB's numbers: up to 38 significant digits, exponents from -130 to 125, sent as text.

namespace pallas::dynamodb {

// digits * 10^-scale. Without trailing zeros in `digits` if `scale` is positive; `scale` may be
// negative. Zero is 0 * 10^0.
struct Number {
  absl::int128 digits = 0;
  int scale = 0;

  bool operator==(const Number&) const = default;
};

// nullopt: the text is no number, or has more than 38 significant digits.
std::optional<Number> ParseNumber(std::string_view text);

// Digits of the number before and after the point, without zeros that say nothing.
int IntegerDigits(const Number& number);
int FractionDigits(const Number& number);

// The integer that the number is; nullopt if it has a fraction or more than 64 bits.
std::optional<int64_t> ToInteger(const Number& number);

// What becomes of digits behind the scale.
enum class Rounding { kNone, kHalfUp };

// The number at that scale as an unscaled integer of at most `precision` digits; nullopt if it does
// not fit, or would have to be rounded and may not.
std::optional<absl::int128> ToUnscaled(const Number& number, int precision, int scale,
                                       Rounding rounding);

// An unscaled integer as text: (150, 2) is "1.50".
std::string DecimalText(absl::int128 unscaled, int scale);

// 10^exponent. REQUIRES: 0 <= exponent <= 38.
absl::int128 PowerOfTen(int exponent);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_NUMBER_TEXT_H_
