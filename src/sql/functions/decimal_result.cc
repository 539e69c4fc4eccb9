#include "sql/functions/decimal_result.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"

namespace pallas::sql {
namespace {

constexpr int kMax = kMaxDecimalPrecision;
// What quotients and products keep after the point however many digits stand before it.
constexpr int kKeptScale = 6;

absl::StatusOr<Type> MakeDecimal(int precision, int scale) {
  if (scale > kMax) {
    return NamedError(
        "INVALID_FUNCTION_ARGUMENT",
        absl::StrCat("DECIMAL scale must be in range [0, precision (", precision, ")]: ", scale));
  }
  return Type::Decimal(std::min(kMax, precision), scale);
}

// A product or quotient that needs `precision` digits, `scale` of them after the point.
Type WithinPrecision(int precision, int scale) {
  if (precision <= kMax) {
    return Type::Decimal(precision, scale);
  }
  const int integer_digits = precision - scale;
  return Type::Decimal(kMax, std::min(scale, std::max(kMax - integer_digits, kKeptScale)));
}

absl::StatusOr<Type> RevisedSum(std::span<const Type> arguments) {
  const Type& a = arguments[0];
  const Type& b = arguments[1];
  const int scale = std::max(a.scale(), b.scale());
  const int integer_digits = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  const int precision = 1 + scale + integer_digits;
  return precision <= kMax ? Type::Decimal(precision, scale)
                           : Type::Decimal(kMax, std::min(scale, kMax - integer_digits));
}

absl::StatusOr<Type> RevisedProduct(std::span<const Type> arguments) {
  const Type& a = arguments[0];
  const Type& b = arguments[1];
  return WithinPrecision(a.precision() + b.precision(), a.scale() + b.scale());
}

absl::StatusOr<Type> RevisedQuotient(std::span<const Type> arguments) {
  const Type& a = arguments[0];
  const Type& b = arguments[1];
  const int scale = std::max(kKeptScale, a.scale() + b.precision() + 1);
  return WithinPrecision(a.precision() - a.scale() + b.scale() + scale, scale);
}

}  // namespace

absl::StatusOr<Type> DecimalSum(std::span<const Type> arguments) {
  const Type& a = arguments[0];
  const Type& b = arguments[1];
  const int scale = std::max(a.scale(), b.scale());
  const int integer_digits = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  return MakeDecimal(std::min(kMax, 1 + scale + integer_digits), scale);
}

absl::StatusOr<Type> DecimalProduct(std::span<const Type> arguments) {
  const Type& a = arguments[0];
  const Type& b = arguments[1];
  return MakeDecimal(std::min(kMax, a.precision() + b.precision()), a.scale() + b.scale());
}

absl::StatusOr<Type> DecimalQuotient(std::span<const Type> arguments) {
  const Type& a = arguments[0];
  const Type& b = arguments[1];
  const int precision = a.precision() + b.scale() + std::max(0, b.scale() - a.scale());
  return MakeDecimal(std::min(kMax, precision), std::max(a.scale(), b.scale()));
}

absl::StatusOr<Type> DecimalRemainder(std::span<const Type> arguments) {
  const Type& a = arguments[0];
  const Type& b = arguments[1];
  const int scale = std::max(a.scale(), b.scale());
  const int integer_digits = std::min(a.precision() - a.scale(), b.precision() - b.scale());
  return MakeDecimal(std::min(kMax, integer_digits + scale), scale);
}

ResultTypeFunction RevisedDecimalRule(ResultTypeFunction rule) {
  if (rule == DecimalSum) {
    return RevisedSum;
  }
  if (rule == DecimalProduct) {
    return RevisedProduct;
  }
  return rule == DecimalQuotient ? RevisedQuotient : rule;
}

}  // namespace pallas::sql
