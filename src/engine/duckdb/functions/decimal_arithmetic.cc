#include <cstdint>
#include <type_traits>
#include <utility>

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"

// Arithmetic on decimals. Operands are read as 64 or 128 bits (DuckDB widens the smaller ones);
// results have the precision and scale that the registry computes.

namespace pallas::engine {
namespace {

using duckdb::LogicalType;

constexpr uint8_t kMaxDigits64 = 18;
constexpr int kBits = 128;

[[noreturn]] void RaiseOverflow() { Raise("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow"); }

[[noreturn]] void RaiseDivisionByZero() { Raise("DIVISION_BY_ZERO", "Division by zero"); }

Int128 CheckedMultiply(Int128 a, Int128 b) {
  Int128 product = 0;
  if (__builtin_mul_overflow(a, b, &product)) [[unlikely]] {
    RaiseOverflow();
  }
  return product;
}

Int128 CheckDigits(Int128 value) {
  if (!FitsDigits(value, kMaxPowerOfTen)) [[unlikely]] {
    RaiseOverflow();
  }
  return value;
}

// 256 bits, for dividends that are scaled up.
struct Wide {
  Uint128 high = 0;
  Uint128 low = 0;
};

Wide Multiply(Uint128 a, Uint128 b) {
  constexpr unsigned kHalf = 64;
  const Uint128 a_low = static_cast<uint64_t>(a);
  const Uint128 a_high = a >> kHalf;
  const Uint128 b_low = static_cast<uint64_t>(b);
  const Uint128 b_high = b >> kHalf;
  const Uint128 low = a_low * b_low;
  const Uint128 middle = a_high * b_low + (low >> kHalf);
  const Uint128 other = a_low * b_high + static_cast<uint64_t>(middle);
  return {.high = a_high * b_high + (middle >> kHalf) + (other >> kHalf),
          .low = (other << kHalf) | static_cast<uint64_t>(low)};
}

struct Division {
  Uint128 quotient = 0;
  Uint128 remainder = 0;
  bool overflow = false;
};

// REQUIRES: 0 < divisor < 2^127.
Division Divide(Wide dividend, Uint128 divisor) {
  Division result;
  if (dividend.high == 0) {
    result.quotient = dividend.low / divisor;
    result.remainder = dividend.low % divisor;
    return result;
  }
  result.overflow = dividend.high / divisor != 0;
  Uint128 rest = dividend.high % divisor;
  for (int bit = kBits - 1; bit >= 0; --bit) {
    rest = (rest << 1U) | ((dividend.low >> static_cast<unsigned>(bit)) & 1U);
    result.quotient <<= 1U;
    if (rest >= divisor) {
      rest -= divisor;
      result.quotient |= 1U;
    }
  }
  result.remainder = rest;
  return result;
}

// What a loop needs beside its cells; factors scale operands to a common scale.
struct Scales {
  Int128 left_factor = 1;
  Int128 right_factor = 1;
  int left_exponent = 0;
  int right_exponent = 0;
  // What the exact result is divided by where its type has fewer digits after the point.
  Int128 reduction = 1;
  // Whether a result may need more than 38 digits.
  bool checked = false;
  // Whether both scaled operands have at most 18 digits.
  bool fits64 = false;
};

Wide Plus(Wide a, Wide b) {
  Wide sum{.high = a.high + b.high, .low = a.low + b.low};
  sum.high += sum.low < a.low ? 1U : 0U;
  return sum;
}

// REQUIRES: a >= b.
Wide Minus(Wide a, Wide b) {
  return {.high = a.high - b.high - (a.low < b.low ? 1U : 0U), .low = a.low - b.low};
}

bool IsLess(Wide a, Wide b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }

// Divided by `divisor`, half away from zero.
Int128 Reduce(bool negative, Wide magnitude, Int128 divisor) {
  const auto unsigned_divisor = static_cast<Uint128>(divisor);
  const Division division = Divide(magnitude, unsigned_divisor);
  const Uint128 rounded =
      division.quotient + (division.remainder >= unsigned_divisor - division.remainder ? 1U : 0U);
  if (division.overflow || rounded >= static_cast<Uint128>(PowerOfTen(kMaxPowerOfTen))) {
    RaiseOverflow();
  }
  const auto value = static_cast<Int128>(rounded);
  return negative ? -value : value;
}

Int128 ReducedSum(const Scales& scales, Int128 a, Int128 b) {
  const Wide left = Multiply(Magnitude(a), static_cast<Uint128>(scales.left_factor));
  const Wide right = Multiply(Magnitude(b), static_cast<Uint128>(scales.right_factor));
  if ((a < 0) == (b < 0)) {
    return Reduce(a < 0, Plus(left, right), scales.reduction);
  }
  return IsLess(left, right) ? Reduce(b < 0, Minus(right, left), scales.reduction)
                             : Reduce(a < 0, Minus(left, right), scales.reduction);
}

struct Add {
  template <typename A, typename B, typename R>
  static R Apply(const Scales& scales, A a, B b) {
    if constexpr (sizeof(R) <= sizeof(int64_t)) {
      return static_cast<R>(
          static_cast<int64_t>(WidenCell(a)) * static_cast<int64_t>(scales.left_factor) +
          static_cast<int64_t>(WidenCell(b)) * static_cast<int64_t>(scales.right_factor));
    } else {
      if (!scales.checked) {
        return NarrowCell<R>(WidenCell(a) * scales.left_factor +
                             WidenCell(b) * scales.right_factor);
      }
      if (scales.reduction != 1) {
        return NarrowCell<R>(ReducedSum(scales, WidenCell(a), WidenCell(b)));
      }
      Int128 sum = 0;
      if (__builtin_add_overflow(CheckedMultiply(WidenCell(a), scales.left_factor),
                                 CheckedMultiply(WidenCell(b), scales.right_factor), &sum)) {
        RaiseOverflow();
      }
      return NarrowCell<R>(CheckDigits(sum));
    }
  }
};

struct Subtract {
  template <typename A, typename B, typename R>
  static R Apply(const Scales& scales, A a, B b) {
    return Add::Apply<A, B, R>(scales, a, Negated(b));
  }

  static int64_t Negated(int64_t value) { return -value; }

  static duckdb::hugeint_t Negated(duckdb::hugeint_t value) {
    return ToHugeint(-FromHugeint(value));
  }
};

struct Multiplication {
  template <typename A, typename B, typename R>
  static R Apply(const Scales& scales, A a, B b) {
    if constexpr (sizeof(R) <= sizeof(int64_t)) {
      return static_cast<R>(static_cast<int64_t>(WidenCell(a)) *
                            static_cast<int64_t>(WidenCell(b)));
    } else if constexpr (sizeof(A) == sizeof(int64_t) && sizeof(B) == sizeof(int64_t)) {
      return NarrowCell<R>(WidenCell(a) * WidenCell(b));
    } else {
      if (!scales.checked) {
        return NarrowCell<R>(WidenCell(a) * WidenCell(b));
      }
      if (scales.reduction != 1) {
        const Int128 left = WidenCell(a);
        const Int128 right = WidenCell(b);
        return NarrowCell<R>(Reduce((left < 0) != (right < 0),
                                    Multiply(Magnitude(left), Magnitude(right)), scales.reduction));
      }
      return NarrowCell<R>(CheckDigits(CheckedMultiply(WidenCell(a), WidenCell(b))));
    }
  }
};

struct Quotient {
  // Scaled by 10^left_exponent and divided, half away from zero.
  template <typename A, typename B, typename R>
  static R Apply(const Scales& scales, A a, B b) {
    const Int128 dividend = WidenCell(a);
    const Int128 divisor = WidenCell(b);
    if (divisor == 0) [[unlikely]] {
      RaiseDivisionByZero();
    }
    if (scales.left_exponent >= kMaxPowerOfTen) [[unlikely]] {
      RaiseOverflow();
    }
    const Uint128 magnitude = Magnitude(divisor);
    const Division division =
        Divide(Multiply(Magnitude(dividend), static_cast<Uint128>(scales.left_factor)), magnitude);
    const Uint128 rounded =
        division.quotient + (division.remainder * 2 >= magnitude ? Uint128{1} : Uint128{0});
    if (division.overflow || rounded >= static_cast<Uint128>(PowerOfTen(kMaxPowerOfTen))) {
      RaiseOverflow();
    }
    const auto quotient = static_cast<Int128>(rounded);
    return NarrowCell<R>((dividend < 0) != (divisor < 0) ? -quotient : quotient);
  }
};

struct Remainder {
  template <typename A, typename B, typename R>
  static R Apply(const Scales& scales, A a, B b) {
    if (WidenCell(b) == 0) [[unlikely]] {
      RaiseDivisionByZero();
    }
    if constexpr (sizeof(A) == sizeof(int64_t) && sizeof(B) == sizeof(int64_t)) {
      if (scales.fits64) {
        // A result type of fewer digits than the operands holds any remainder.
        return NarrowCell<R>(a * static_cast<int64_t>(scales.left_factor) %
                             (b * static_cast<int64_t>(scales.right_factor)));
      }
    }
    const Int128 dividend = WidenCell(a);
    const Wide divisor =
        Multiply(Magnitude(WidenCell(b)), static_cast<Uint128>(scales.right_factor));
    const Wide scaled = Multiply(Magnitude(dividend), static_cast<Uint128>(scales.left_factor));
    // Only one side is scaled: a divisor beyond 2^127 is more than any dividend.
    const bool larger = divisor.high != 0 || (divisor.low >> (kBits - 1)) != 0;
    const auto rest =
        static_cast<Int128>(larger ? scaled.low : Divide(scaled, divisor.low).remainder);
    return NarrowCell<R>(dividend < 0 ? -rest : rest);
  }
};

template <typename Op, typename A, typename B, typename R>
duckdb::scalar_function_t Loop(const Scales& scales) {
  return Binary<A, B, R>([scales](A a, B b) { return Op::template Apply<A, B, R>(scales, a, b); });
}

template <typename Fn>
auto WithOperandCell(int precision, Fn fn) {
  return precision <= kMaxDigits64 ? fn.template operator()<int64_t>()
                                   : fn.template operator()<duckdb::hugeint_t>();
}

template <typename Op>
duckdb::scalar_function_t MakeLoop(const TypedBindData& types, const Scales& scales) {
  return WithOperandCell(types.arguments[0].precision(), [&]<typename A>() {
    return WithOperandCell(types.arguments[1].precision(), [&]<typename B>() {
      return WithDecimalCell(types.result.precision(),
                             [&]<typename R>() { return Loop<Op, A, B, R>(scales); });
    });
  });
}

template <typename Op>
Scales ScalesOf(const TypedBindData& types) {
  const Type& a = types.arguments[0];
  const Type& b = types.arguments[1];
  const int scale = types.result.scale();
  Scales scales;
  if constexpr (std::is_same_v<Op, Quotient>) {
    scales.left_exponent = scale - a.scale() + b.scale();
  } else if constexpr (std::is_same_v<Op, Multiplication>) {
    scales.reduction = PowerOfTen(a.scale() + b.scale() - scale);
  } else {
    const int exact = std::max(a.scale(), b.scale());
    scales.left_exponent = exact - a.scale();
    scales.right_exponent = exact - b.scale();
    scales.reduction = PowerOfTen(exact - scale);
  }
  scales.left_factor = PowerOfTen(std::min(scales.left_exponent, kMaxPowerOfTen));
  scales.right_factor = PowerOfTen(std::min(scales.right_exponent, kMaxPowerOfTen));
  scales.checked = types.result.precision() == kMaxPowerOfTen;
  scales.fits64 = a.precision() + scales.left_exponent <= kMaxDigits64 &&
                  b.precision() + scales.right_exponent <= kMaxDigits64;
  return scales;
}

void WidenOperands(duckdb::ScalarFunction& function) {
  for (LogicalType& type : function.arguments) {
    if (duckdb::GetTypeIdSize(type.InternalType()) < sizeof(int64_t)) {
      type = LogicalType::DECIMAL(kMaxDigits64, duckdb::DecimalType::GetScale(type));
    }
  }
}

template <typename Op>
duckdb::unique_ptr<duckdb::FunctionData> Bind(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto types = TakeTypes(context, function, arguments);
  WidenOperands(function);
  function.SetFunctionCallback(MakeLoop<Op>(*types, ScalesOf<Op>(*types)));
  return types;
}

duckdb::unique_ptr<duckdb::FunctionData> BindNegate(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(
      WithDecimalCell(types->result.precision(), []<typename T>() -> duckdb::scalar_function_t {
        return Unary<T, T>([](T value) { return NarrowCell<T>(-WidenCell(value)); });
      }));
  return types;
}

}  // namespace

void AddDecimalArithmetic(AdapterTable& table) {
  table.Typed("$add(decimal(p1,s1),decimal(p2,s2))", Bind<Add>);
  table.Typed("$subtract(decimal(p1,s1),decimal(p2,s2))", Bind<Subtract>);
  table.Typed("$multiply(decimal(p1,s1),decimal(p2,s2))", Bind<Multiplication>);
  table.Typed("$divide(decimal(p1,s1),decimal(p2,s2))", Bind<Quotient>);
  table.Typed("$modulus(decimal(p1,s1),decimal(p2,s2))", Bind<Remainder>);
  table.Typed("mod(decimal(a_precision,a_scale),decimal(b_precision,b_scale))", Bind<Remainder>);
  table.Typed("$negate(decimal(p,s))", BindNegate);
}

}  // namespace pallas::engine
