#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/sql_type_name.h"
#include "engine/duckdb/functions/tree.h"
#include "types/value_text.h"

// Mathematical functions on integers and floats. Where DuckDB raises out of a function's domain,
// Trino answers NaN or an infinity, as the C library does.

namespace pallas::engine {
namespace {

using DoubleFunction = double (*)(double);

struct OneDouble {
  std::string_view id;
  DoubleFunction function;
};

constexpr double kHalfTurnDegrees = 180.0;

constexpr OneDouble kOneDouble[] = {
    {"acos(double)", [](double x) { return std::acos(x); }},
    {"asin(double)", [](double x) { return std::asin(x); }},
    {"atan(double)", [](double x) { return std::atan(x); }},
    {"cbrt(double)", [](double x) { return std::cbrt(x); }},
    {"cos(double)", [](double x) { return std::cos(x); }},
    {"cosh(double)", [](double x) { return std::cosh(x); }},
    {"degrees(double)", [](double x) { return x * (kHalfTurnDegrees / std::numbers::pi); }},
    {"exp(double)", [](double x) { return std::exp(x); }},
    {"ln(double)", [](double x) { return std::log(x); }},
    {"log2(double)", [](double x) { return std::log(x) / std::log(2.0); }},
    {"log10(double)", [](double x) { return std::log10(x); }},
    {"radians(double)", [](double x) { return x * (std::numbers::pi / kHalfTurnDegrees); }},
    {"sin(double)", [](double x) { return std::sin(x); }},
    {"sinh(double)", [](double x) { return std::sinh(x); }},
    {"sqrt(double)", [](double x) { return std::sqrt(x); }},
    {"tan(double)", [](double x) { return std::tan(x); }},
    {"tanh(double)", [](double x) { return std::tanh(x); }},
};

[[noreturn]] void RaiseArgument(const std::string& message) {
  Raise("INVALID_FUNCTION_ARGUMENT", message);
}

void CheckArgument(bool holds, const char* message) {
  if (!holds) [[unlikely]] {
    RaiseArgument(message);
  }
}

template <typename T>
std::string Id(std::string_view name, std::string_view more = "") {
  return absl::StrCat(name, "(", kSqlName<T>, more, ")");
}

// Rounding of integers to powers of ten, half away from zero.
template <typename T>
T RoundInteger(T value, int32_t decimals) {
  constexpr int kMaxDigits = 18;
  if (decimals >= 0) {
    return value;
  }
  const auto overflow = [&] {
    Raise("NUMERIC_VALUE_OUT_OF_RANGE", absl::StrCat("numerical overflow: ", int64_t{value}));
  };
  if (decimals < -kMaxDigits) {
    overflow();
  }
  const Int128 factor = PowerOfTen(-decimals);
  const Int128 rounded = DivideHalfUp(value, factor) * factor;
  if (rounded < std::numeric_limits<T>::min() || rounded > std::numeric_limits<T>::max()) {
    if constexpr (std::is_same_v<T, int64_t>) {
      overflow();
    }
    if constexpr (std::is_same_v<T, int32_t>) {
      Raise("GENERIC_INTERNAL_ERROR", "integer overflow");
    }
    Raise("NUMERIC_VALUE_OUT_OF_RANGE",
          absl::StrCat("Out of range for ", kSqlName<T>, ": ", static_cast<int64_t>(rounded)));
  }
  return static_cast<T>(rounded);
}

// As Trino: through factor and quotient where that is finite, else by the decimal digits.
template <typename T>
T RoundFloat(T value, int32_t decimals) {
  if (value == 0) {
    return 0;  // also of the negative zero
  }
  if (!std::isfinite(value)) {
    return value;
  }
  const double factor = std::pow(10.0, decimals);
  const double wide = static_cast<double>(value);
  const double scaled = wide * factor;
  if (factor == 0) {
    return std::numeric_limits<T>::quiet_NaN();
  }
  if (!std::isfinite(scaled) || !std::isfinite(factor)) {
    return value;
  }
  const double rounded = std::round(scaled) / factor;
  return static_cast<T>(rounded);
}

template <typename T>
void AddIntegerMath(AdapterTable& table) {
  table.Scalar(Id<T>("abs"), Unary<T, T>([](T value) {
                 if (value == std::numeric_limits<T>::min()) [[unlikely]] {
                   Raise("NUMERIC_VALUE_OUT_OF_RANGE",
                         absl::StrCat("Value ", int64_t{value}, " is out of range for abs(",
                                      kSqlName<T>, ")"));
                 }
                 return static_cast<T>(value < 0 ? -value : value);
               }));
  table.Scalar(Id<T>("sign"),
               Unary<T, T>([](T value) { return static_cast<T>((value > 0) - (value < 0)); }));
  for (std::string_view name : {"ceil", "ceiling", "floor", "round"}) {
    table.Emit(Id<T>(name), [](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
      return std::move(values[0]);
    });
  }
  table.Scalar(Id<T>("round", ",integer"), Binary<T, int32_t, T>(RoundInteger<T>));
}

template <typename T>
void AddFloatMath(AdapterTable& table) {
  table.Scalar(Id<T>("abs"), Unary<T, T>([](T value) { return std::abs(value); }));
  table.Scalar(Id<T>("sign"), Unary<T, T>([](T value) {
                 return std::isnan(value) || value == 0 ? value : std::copysign(T{1}, value);
               }));
  for (std::string_view name : {"ceil", "ceiling"}) {
    table.Scalar(Id<T>(name), Unary<T, T>([](T value) { return std::ceil(value); }));
  }
  table.Scalar(Id<T>("floor"), Unary<T, T>([](T value) { return std::floor(value); }));
  table.Scalar(Id<T>("round"), Unary<T, T>([](T value) { return RoundFloat<T>(value, 0); }));
  table.Scalar(Id<T>("round", ",integer"), Binary<T, int32_t, T>(RoundFloat<T>));
  table.Scalar(Id<T>("truncate"), Unary<T, T>([](T value) { return std::trunc(value); }));
  table.Scalar(Id<T>("is_nan"), Unary<T, bool>([](T value) { return std::isnan(value); }));
}

// Bits ------------------------------------------------------------------------------------------

template <typename T>
void AddShifts(AdapterTable& table) {
  using Bits = std::make_unsigned_t<T>;
  constexpr int kWidth = std::numeric_limits<Bits>::digits;
  // Java shifts its 64-bit values by the last six bits of a distance, negative ones too.
  const auto distance = [](int32_t shift) { return static_cast<unsigned>(shift) % 64U; };
  table.Scalar(Id<T>("bitwise_left_shift", ",integer"),
               Binary<T, int32_t, T>([distance](T value, int32_t shift) {
                 const auto bits = static_cast<uint64_t>(static_cast<Bits>(value));
                 return shift >= kWidth ? T{0} : static_cast<T>(bits << distance(shift));
               }));
  table.Scalar(Id<T>("bitwise_right_shift", ",integer"),
               Binary<T, int32_t, T>([distance](T value, int32_t shift) {
                 const auto bits = static_cast<uint64_t>(static_cast<Bits>(value));
                 return shift >= kWidth ? T{0} : static_cast<T>(bits >> distance(shift));
               }));
  table.Scalar(Id<T>("bitwise_right_shift_arithmetic", ",integer"),
               Binary<T, int32_t, T>([distance](T value, int32_t shift) {
                 if (shift >= kWidth) {
                   return static_cast<T>(value < 0 ? -1 : 0);
                 }
                 return static_cast<T>(int64_t{value} >> distance(shift));
               }));
}

// Whether a number of that many bits holds the value in two's complement.
int64_t BitCount(int64_t value, int64_t bits) {
  constexpr int64_t kMaxBits = 64;
  if (bits <= 1 || bits > kMaxBits) {
    RaiseArgument(absl::StrCat("Bits specified in bit_count must be between 2 and 64, got ", bits));
  }
  if (bits == kMaxBits) {
    return std::popcount(static_cast<uint64_t>(value));
  }
  const int64_t limit = int64_t{1} << (bits - 1);
  if (value < -limit || value >= limit) {
    RaiseArgument(absl::StrCat("Number must be representable with the bits specified. ", value,
                               " cannot be represented with ", bits, " bits"));
  }
  const uint64_t mask = (uint64_t{1} << static_cast<unsigned>(bits)) - 1;
  return std::popcount(static_cast<uint64_t>(value) & mask);
}

void AddBits(AdapterTable& table) {
  table.Scalar("bitwise_and(bigint,bigint)",
               Binary<int64_t, int64_t, int64_t>([](int64_t a, int64_t b) { return a & b; }));
  table.Scalar("bitwise_or(bigint,bigint)",
               Binary<int64_t, int64_t, int64_t>([](int64_t a, int64_t b) { return a | b; }));
  table.Scalar("bitwise_xor(bigint,bigint)",
               Binary<int64_t, int64_t, int64_t>([](int64_t a, int64_t b) { return a ^ b; }));
  table.Scalar("bitwise_not(bigint)", Unary<int64_t, int64_t>([](int64_t a) { return ~a; }));
  table.Scalar("bit_count(bigint,bigint)", Binary<int64_t, int64_t, int64_t>(BitCount));
  AddShifts<int8_t>(table);
  AddShifts<int16_t>(table);
  AddShifts<int32_t>(table);
  AddShifts<int64_t>(table);
}

// Bases and buckets -----------------------------------------------------------------------------

constexpr int64_t kMinBase = 2;
constexpr int64_t kMaxBase = 36;

void CheckBase(int64_t base) {
  if (base < kMinBase || base > kMaxBase) {
    RaiseArgument("Radix must be between 2 and 36");
  }
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'z') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : static_cast<int>(kMaxBase);
}

int64_t FromBase(std::string_view text, int64_t base) {
  CheckBase(base);
  std::string_view digits = text;
  const bool negative = !digits.empty() && digits[0] == '-';
  if (negative || (!digits.empty() && digits[0] == '+')) {
    digits.remove_prefix(1);
  }
  Int128 value = 0;
  bool valid = !digits.empty();
  for (size_t i = 0; i < digits.size() && valid; ++i) {
    const int digit = DigitOf(digits[i]);
    value = value * base + digit;
    valid = digit < base && value <= Int128{std::numeric_limits<int64_t>::max()} + 1;
  }
  value = negative ? -value : value;
  if (!valid || value > std::numeric_limits<int64_t>::max()) {
    RaiseArgument(absl::StrCat("Not a valid base-", base, " number: ", text));
  }
  return static_cast<int64_t>(value);
}

std::string ToBase(int64_t value, int64_t base) {
  CheckBase(base);
  uint64_t rest =
      value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  std::string reversed;
  do {
    reversed.push_back("0123456789abcdefghijklmnopqrstuvwxyz"[rest % static_cast<uint64_t>(base)]);
    rest /= static_cast<uint64_t>(base);
  } while (rest != 0);
  if (value < 0) {
    reversed.push_back('-');
  }
  return {reversed.rbegin(), reversed.rend()};
}

int64_t WidthBucket(double operand, double low, double high, int64_t buckets) {
  CheckArgument(buckets > 0, "bucketCount must be greater than 0");
  CheckArgument(!std::isnan(operand), "operand must not be NaN");
  CheckArgument(std::isfinite(low), "first bound must be finite");
  CheckArgument(std::isfinite(high), "second bound must be finite");
  CheckArgument(low != high, "bounds cannot equal each other");
  const double lower = std::min(low, high);
  const double upper = std::max(low, high);
  int64_t bucket = 0;
  if (operand < lower) {
    bucket = 0;
  } else if (operand >= upper) {
    if (buckets == std::numeric_limits<int64_t>::max()) {
      Raise("NUMERIC_VALUE_OUT_OF_RANGE",
            absl::StrCat("Bucket for value ", operand, " is out of range"));
    }
    bucket = buckets + 1;
  } else {
    bucket =
        static_cast<int64_t>(static_cast<double>(buckets) * (operand - lower) / (upper - lower)) +
        1;
  }
  return low > high ? buckets - bucket + 1 : bucket;
}

int64_t BucketAmong(double operand, const Cell& bounds) {
  CheckArgument(bounds.size() > 0, "Bins cannot be an empty array");
  CheckArgument(!std::isnan(operand), "Operand cannot be NaN");
  duckdb::idx_t lower = 0;
  duckdb::idx_t upper = bounds.size();
  while (lower < upper) {
    const auto bound_at = [&](duckdb::idx_t index) {
      const Cell bound = bounds.Element(index);
      return bound.IsNull() ? 0.0 : bound.Get<double>();
    };
    CheckArgument(!(bound_at(lower) > bound_at(upper - 1)),
                  "Bin values are not sorted in ascending order");
    const double bound = bound_at((lower + upper) / 2);
    if (!std::isfinite(bound)) {
      std::string text;
      AppendJavaDouble(bound, &text);
      RaiseArgument(absl::StrCat("Bin value must be finite, got ", text));
    }
    const duckdb::idx_t middle = (lower + upper) / 2;
    if (operand < bound) {
      upper = middle;
    } else {
      lower = middle + 1;
    }
  }
  return static_cast<int64_t>(lower);
}

void BucketLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const duckdb::idx_t count = constant ? 1 : arguments.size();
  const Cells operands(arguments.data[0], count);
  const Cells bounds(arguments.data[1], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if (operands[row].IsNull() || bounds[row].IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      duckdb::FlatVector::GetData<int64_t>(result)[row] =
          BucketAmong(operands[row].Get<double>(), bounds[row]);
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

// Random numbers ----------------------------------------------------------------------------------

DuckExpr Random() { return CallDuckDbFunction("random", DuckExprs()); }

template <typename T>
T CheckBound(T bound) {
  if (bound <= 0) {
    RaiseArgument("bound must be positive");
  }
  return bound;
}

// The first bound and a share of the distance to the second.
template <typename T>
T Within(double share, T low, T high) {
  if (high <= low) {
    RaiseArgument(low == 0 ? "bound must be positive" : "start value must be less than stop value");
  }
  const auto distance = static_cast<uint64_t>(static_cast<int64_t>(high)) -
                        static_cast<uint64_t>(static_cast<int64_t>(low));
  const auto offset = static_cast<uint64_t>(share * static_cast<double>(distance));
  return static_cast<T>(static_cast<uint64_t>(static_cast<int64_t>(low)) +
                        std::min(offset, distance - 1));
}

template <typename T>
void AddRandom(AdapterTable& table, const duckdb::LogicalType& type) {
  const std::string name = Id<T>("random_within");
  table.Private(name, {duckdb::LogicalType::DOUBLE, type, type}, type,
                Rows<double, T, T>(Within<T>), {.can_raise = true, .deterministic = false});
  const std::string check = Id<T>("check_bound");
  table.Private(check, {type}, type, Rows<T>(CheckBound<T>), {.can_raise = true});
  for (std::string_view function : {"rand", "random"}) {
    table.Emit(Id<T>(function),
               [name, check, type](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
                 return CallPrivate(name, MakeTrees(Random(), NativeCast(type, IntegerConstant(0)),
                                                    CallPrivate(check, std::move(values))));
               });
    table.Emit(Id<T>(function, absl::StrCat(",", kSqlName<T>)),
               [name](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
                 return CallPrivate(
                     name, MakeTrees(Random(), std::move(values[0]), std::move(values[1])));
               });
  }
}

void AddConstants(AdapterTable& table) {
  const auto add = [&](std::string_view id, double value) {
    table.Emit(id, [value](const CallSite&, DuckExprs) -> absl::StatusOr<DuckExpr> {
      return DoubleConstant(value);
    });
  };
  add("pi()", std::numbers::pi);
  add("e()", std::numbers::e);
  add("infinity()", std::numeric_limits<double>::infinity());
  add("nan()", std::numeric_limits<double>::quiet_NaN());
}

void AddTwoDoubles(AdapterTable& table) {
  table.Scalar("atan2(double,double)",
               Binary<double, double, double>([](double a, double b) { return std::atan2(a, b); }));
  table.Scalar("log(double,double)", Binary<double, double, double>([](double base, double x) {
                 return std::log(x) / std::log(base);
               }));
  for (std::string_view id : {"pow(double,double)", "power(double,double)"}) {
    table.Scalar(id, Binary<double, double, double>([](double base, double exponent) {
                   // Java: NaN to anything but 0, and 1 to an infinite power, are NaN.
                   if (std::isnan(exponent) || (std::abs(base) == 1 && std::isinf(exponent))) {
                     return std::numeric_limits<double>::quiet_NaN();
                   }
                   return std::pow(base, exponent);
                 }));
  }
  table.Scalar("is_finite(double)", Unary<double, bool>([](double x) { return std::isfinite(x); }));
  table.Scalar("is_infinite(double)", Unary<double, bool>([](double x) { return std::isinf(x); }));
}

}  // namespace

void AddMath(AdapterTable& table) {
  for (const OneDouble& entry : kOneDouble) {
    table.Scalar(entry.id, Unary<double, double>(entry.function));
  }
  AddIntegerMath<int8_t>(table);
  AddIntegerMath<int16_t>(table);
  AddIntegerMath<int32_t>(table);
  AddIntegerMath<int64_t>(table);
  AddFloatMath<float>(table);
  AddFloatMath<double>(table);
  AddTwoDoubles(table);
  AddConstants(table);
  AddBits(table);
  table.Scalar("from_base(varchar(x),bigint)", Rows<std::string_view, int64_t>(FromBase));
  table.Scalar("to_base(bigint,bigint)", {duckdb::LogicalType::BIGINT, duckdb::LogicalType::BIGINT},
               duckdb::LogicalType::VARCHAR, Rows<int64_t, int64_t>(ToBase));
  table.Scalar("width_bucket(double,double,double,bigint)",
               Rows<double, double, double, int64_t>(WidthBucket));
  table.Scalar("width_bucket(double,array(double))", BucketLoop);
  for (std::string_view id : {"rand()", "random()"}) {
    table.Emit(id, [](const CallSite&, DuckExprs) -> absl::StatusOr<DuckExpr> { return Random(); });
  }
  AddRandom<int8_t>(table, duckdb::LogicalType::TINYINT);
  AddRandom<int16_t>(table, duckdb::LogicalType::SMALLINT);
  AddRandom<int32_t>(table, duckdb::LogicalType::INTEGER);
  AddRandom<int64_t>(table, duckdb::LogicalType::BIGINT);
}

}  // namespace pallas::engine
