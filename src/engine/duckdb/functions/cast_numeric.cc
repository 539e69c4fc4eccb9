#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "sql/runtime/number.h"
#include "types/value_text.h"

// Casts between numbers and boolean.

namespace pallas::engine {
namespace {

// From this on a double is no bigint.
constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr int kMaxExactPower = 22;

absl::int128 ToAbsl(Int128 value) {
  const duckdb::hugeint_t halves = ToHugeint(value);
  return absl::MakeInt128(halves.upper, halves.lower);
}

Int128 FromAbsl(absl::int128 value) {
  return FromHugeint({absl::Int128High64(value), absl::Int128Low64(value)});
}

absl::Status InvalidCast(const std::string& message) {
  return NamedError("INVALID_CAST_ARGUMENT", message);
}

std::string DecimalText(Int128 value, int scale) {
  return sql::DecimalToText(ToAbsl(value), scale);
}

std::string DecimalName(const Type& type) {
  return absl::StrCat("DECIMAL(", type.precision(), ", ", type.scale(), ")");
}

template <typename Float>
std::string JavaText(Float value) {
  std::string text;
  if constexpr (std::is_same_v<Float, float>) {
    AppendJavaFloat(value, &text);
  } else {
    AppendJavaDouble(value, &text);
  }
  return text;
}

template <typename To>
CastLoop FromIntegerToInteger(const Type& from, const Type& to) {
  return WithIntegerCell(from, [&]<typename From>() {
    return EachCell<From>([name = to.ToString()](From value) -> absl::StatusOr<To> {
      if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max()) {
        return NamedError("NUMERIC_VALUE_OUT_OF_RANGE",
                          absl::StrCat("Out of range for ", name, ": ", int64_t{value}));
      }
      return static_cast<To>(value);
    });
  });
}

// Half away from zero, as Java's rounding of doubles to integers does here.
template <typename Float, typename To>
CastLoop FromFloatToInteger(const Type& from, const Type& to) {
  return EachCell<Float>([from = from.ToString(),
                          to = to.ToString()](Float value) -> absl::StatusOr<To> {
    constexpr bool bigint = std::is_same_v<To, int64_t>;
    constexpr bool real = std::is_same_v<Float, float>;
    if (std::isnan(value)) {
      return InvalidCast(bigint && !real ? std::string("Unable to cast NaN to bigint")
                                         : absl::StrCat("Cannot cast ", from, " NaN to ", to));
    }
    const double rounded = std::round(static_cast<double>(value));
    const bool fits = bigint ? rounded >= -kTwoTo63 && rounded < kTwoTo63
                             : rounded >= static_cast<double>(std::numeric_limits<To>::min()) &&
                                   rounded <= static_cast<double>(std::numeric_limits<To>::max());
    if (fits) {
      return static_cast<To>(rounded);
    }
    if constexpr (!bigint) {
      return NamedError("NUMERIC_VALUE_OUT_OF_RANGE",
                        absl::StrCat("Out of range for ", to, ": ", JavaText(value)));
    } else if constexpr (real) {
      return rounded < 0 ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
    } else {
      return InvalidCast(absl::StrCat("Unable to cast ", JavaText(value), " to bigint"));
    }
  });
}

// The integer next to a decimal, half away from zero; in 64 bits where the cell has no more, which
// divide much faster than 128.
template <typename Cell>
auto RoundedQuotient(Cell cell, Int128 divisor) {
  if constexpr (sizeof(Cell) <= sizeof(int64_t)) {
    // Neither side has more than 18 digits.
    const auto unit = static_cast<int64_t>(divisor);
    const auto value = static_cast<int64_t>(cell);
    return (value + (value < 0 ? -(unit / 2) : unit / 2)) / unit;
  } else {
    return DivideHalfUp(WidenCell(cell), divisor);
  }
}

template <typename To>
CastLoop FromDecimalToInteger(const Type& from, const Type& to) {
  return WithDecimalCell(from.precision(), [&]<typename From>() {
    return EachCell<From>(
        [scale = from.scale(), divisor = PowerOfTen(from.scale()),
         name = absl::AsciiStrToUpper(to.ToString())](From cell) -> absl::StatusOr<To> {
          const auto value = RoundedQuotient(cell, divisor);
          if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max()) {
            return InvalidCast(
                absl::StrCat("Cannot cast '", DecimalText(WidenCell(cell), scale), "' to ", name));
          }
          return static_cast<To>(value);
        });
  });
}

std::optional<CastLoop> ToInteger(const Type& from, const Type& to) {
  return WithIntegerCell(to, [&]<typename To>() -> std::optional<CastLoop> {
    switch (from.kind()) {
      case TypeKind::kTinyint:
      case TypeKind::kSmallint:
      case TypeKind::kInteger:
      case TypeKind::kBigint:
        return FromIntegerToInteger<To>(from, to);
      case TypeKind::kReal:
        return FromFloatToInteger<float, To>(from, to);
      case TypeKind::kDouble:
        return FromFloatToInteger<double, To>(from, to);
      case TypeKind::kDecimal:
        return FromDecimalToInteger<To>(from, to);
      case TypeKind::kBoolean:
        return EachCell<bool>([](bool value) { return static_cast<To>(value ? 1 : 0); });
      default:
        return std::nullopt;
    }
  });
}

template <typename To>
CastLoop FromDecimalToFloat(const Type& from) {
  return WithDecimalCell(from.precision(), [&]<typename From>() {
    return EachCell<From>([scale = from.scale()](From cell) {
      const Int128 value = WidenCell(cell);
      const bool exact = Magnitude(value) < (Uint128{1} << 53U) && scale <= kMaxExactPower;
      if (exact) {
        return static_cast<To>(static_cast<To>(value) / static_cast<To>(PowerOfTen(scale)));
      }
      double result = 0;
      (void)absl::SimpleAtod(DecimalText(value, scale), &result);
      return static_cast<To>(result);
    });
  });
}

template <typename To>
std::optional<CastLoop> ToFloat(const Type& from) {
  switch (from.kind()) {
    case TypeKind::kReal:
      return EachCell<float>([](float value) { return static_cast<To>(value); });
    case TypeKind::kDouble:
      return EachCell<double>([](double value) { return static_cast<To>(value); });
    case TypeKind::kDecimal:
      return FromDecimalToFloat<To>(from);
    case TypeKind::kBoolean:
      return EachCell<bool>([](bool value) { return static_cast<To>(value ? 1 : 0); });
    default:
      if (!IsInteger(from)) {
        return std::nullopt;
      }
      return WithIntegerCell(from, []<typename From>() {
        return EachCell<From>([](From value) { return static_cast<To>(value); });
      });
  }
}

template <typename To>
CastLoop FromIntegerToDecimal(const Type& from, const Type& to) {
  return WithIntegerCell(from, [&]<typename From>() {
    return EachCell<From>([from, to](From value) -> absl::StatusOr<To> {
      Int128 unscaled = 0;
      if (__builtin_mul_overflow(Int128{value}, PowerOfTen(to.scale()), &unscaled) ||
          !FitsDigits(unscaled, to.precision())) {
        return InvalidCast(absl::StrCat("Cannot cast ", absl::AsciiStrToUpper(from.ToString()),
                                        " '", int64_t{value}, "' to ", DecimalName(to)));
      }
      return NarrowCell<To>(unscaled);
    });
  });
}

template <typename To>
CastLoop FromDecimalToDecimal(const Type& from, const Type& to) {
  return WithDecimalCell(from.precision(), [&]<typename From>() {
    return EachCell<From>([from, to](From cell) -> absl::StatusOr<To> {
      const std::optional<absl::int128> value =
          sql::RescaleDecimal(ToAbsl(WidenCell(cell)), from.scale(), to.scale(), to.precision());
      if (!value.has_value()) {
        return InvalidCast(absl::StrCat("Cannot cast ", DecimalName(from), " '",
                                        DecimalText(WidenCell(cell), from.scale()), "' to ",
                                        DecimalName(to)));
      }
      return NarrowCell<To>(FromAbsl(*value));
    });
  });
}

// The unscaled decimal of a double that is so small, and so far from the middle of two decimals,
// that its shortest text, which is nearer to it than its neighbours are, must give the same.
std::optional<int64_t> RoundedOffMiddle(double value, double one) {
  constexpr double kMaxScaled = 1e9;     // neighbours are 1.2e-7 apart
  constexpr double kMinDistance = 1e-5;  // to the middle
  const double scaled = std::abs(value) * one;
  if (!(scaled < kMaxScaled)) {
    return std::nullopt;
  }
  const double whole = std::floor(scaled);
  const double over = scaled - whole - 0.5;
  if (std::abs(over) < kMinDistance) {
    return std::nullopt;
  }
  const auto rounded = static_cast<int64_t>(whole) + (over > 0 ? 1 : 0);
  return value < 0 ? -rounded : rounded;
}

// By way of the shortest text, as Java's BigDecimal.valueOf does.
template <typename Float, typename To>
CastLoop FromFloatToDecimal(const Type& from, const Type& to) {
  const auto one = static_cast<double>(PowerOfTen(to.scale()));
  return EachCell<Float>([from, to, one](Float value) -> absl::StatusOr<To> {
    if constexpr (std::is_same_v<Float, double>) {
      const std::optional<int64_t> rounded = RoundedOffMiddle(value, one);
      if (rounded.has_value() && FitsDigits(*rounded, to.precision())) {
        return NarrowCell<To>(*rounded);
      }
    }
    const std::string text = JavaText(value);
    const absl::StatusOr<absl::int128> decimal =
        std::isfinite(value) ? sql::CastTextToDecimal(text, to.precision(), to.scale())
                             : absl::StatusOr<absl::int128>(absl::InvalidArgumentError(""));
    if (!decimal.ok()) {
      return InvalidCast(absl::StrCat("Cannot cast ", absl::AsciiStrToUpper(from.ToString()), " '",
                                      text, "' to ", DecimalName(to)));
    }
    return NarrowCell<To>(FromAbsl(*decimal));
  });
}

std::optional<CastLoop> ToDecimal(const Type& from, const Type& to) {
  return WithDecimalCell(to.precision(), [&]<typename To>() -> std::optional<CastLoop> {
    switch (from.kind()) {
      case TypeKind::kReal:
        return FromFloatToDecimal<float, To>(from, to);
      case TypeKind::kDouble:
        return FromFloatToDecimal<double, To>(from, to);
      case TypeKind::kDecimal:
        return FromDecimalToDecimal<To>(from, to);
      case TypeKind::kBoolean:
        return EachCell<bool>(
            [one = PowerOfTen(to.scale())](bool value) { return NarrowCell<To>(value ? one : 0); });
      default:
        return IsInteger(from) ? std::optional(FromIntegerToDecimal<To>(from, to)) : std::nullopt;
    }
  });
}

std::optional<CastLoop> ToBoolean(const Type& from) {
  switch (from.kind()) {
    case TypeKind::kReal:
      return EachCell<float>([](float value) { return value != 0; });
    case TypeKind::kDouble:
      return EachCell<double>([](double value) { return value != 0; });
    case TypeKind::kDecimal:
      return WithDecimalCell(from.precision(), []<typename From>() {
        return EachCell<From>([](From cell) { return WidenCell(cell) != 0; });
      });
    default:
      if (!IsInteger(from)) {
        return std::nullopt;
      }
      return WithIntegerCell(from, []<typename From>() {
        return EachCell<From>([](From value) { return value != 0; });
      });
  }
}

}  // namespace

std::optional<CastLoop> MakeNumericCast(const Type& from, const Type& to) {
  switch (to.kind()) {
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
      return ToInteger(from, to);
    case TypeKind::kReal:
      return ToFloat<float>(from);
    case TypeKind::kDouble:
      return ToFloat<double>(from);
    case TypeKind::kDecimal:
      return ToDecimal(from, to);
    case TypeKind::kBoolean:
      return ToBoolean(from);
    default:
      return std::nullopt;
  }
}

}  // namespace pallas::engine
