#ifndef PALLAS_SQL_RUNTIME_NUMBER_H_
#define PALLAS_SQL_RUNTIME_NUMBER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"

#include "types/type.h"

// Numbers and booleans from text, and decimals, as Trino's casts have them. Pure functions, any
// thread, no allocation but for errors.

namespace pallas::sql {

// Digits with an optional sign, nothing else. nullopt: not that, or outside min...max.
std::optional<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max);

// CAST(text AS tinyint ... bigint); blanks around the digits do not count. "Cannot cast 'x' to
// INT". REQUIRES: an integer type.
absl::StatusOr<int64_t> CastTextToInteger(std::string_view text, TypeKind kind);

// The range of an integer type. REQUIRES: an integer type.
int64_t MinInteger(TypeKind kind);
int64_t MaxInteger(TypeKind kind);

// The plain and scientific forms, NaN, Infinity; blanks around them and a type suffix (1.5d) as
// Java allows. Too large is infinite, too small is zero. "Cannot cast 'x' to DOUBLE".
absl::StatusOr<double> CastTextToDouble(std::string_view text);
absl::StatusOr<float> CastTextToReal(std::string_view text);

// true, false, t, f, 1, 0 in any case. "Cannot cast 'x' to BOOLEAN".
absl::StatusOr<bool> CastTextToBoolean(std::string_view text);

// Decimals are unscaled 128-bit integers --------------------------------------------------------

// 10^exponent. REQUIRES: 0 <= exponent <= 38.
absl::int128 PowerOfTen(int exponent);

// Whether `value` has more than `precision` digits.
bool Overflows(absl::int128 value, int precision);

// From one scale to another, half away from zero. nullopt: more than `precision` digits.
std::optional<absl::int128> RescaleDecimal(absl::int128 value, int from_scale, int to_scale,
                                           int precision);

// numerator / denominator, half away from zero. REQUIRES: denominator != 0.
absl::int128 DivideRounded(absl::int128 numerator, absl::int128 denominator);

// CAST(text AS decimal(precision, scale)): also scientific forms.
absl::StatusOr<absl::int128> CastTextToDecimal(std::string_view text, int precision, int scale);

// A decimal literal: its type is what its digits are, leading zeros not counted.
struct DecimalLiteral {
  absl::int128 unscaled = 0;
  int precision = 1;
  int scale = 0;

  bool operator==(const DecimalLiteral&) const = default;
};

// `12.340`, `.5`, `5.`, with a sign. nullopt: not of that form. More than 38 digits is an error:
// "DECIMAL precision must be in range [1, 38]: 39".
absl::StatusOr<std::optional<DecimalLiteral>> ParseDecimalLiteral(std::string_view text);

// Exactly `scale` digits after the point.
std::string DecimalToText(absl::int128 value, int scale);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_NUMBER_H_
