#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_INT128_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_INT128_H_

#include <array>
#include <cstdint>

#include "duckdb/common/hugeint.hpp"

// The compiler's 128-bit integers, and decimals as numbers of them: overflow checks compile to a
// flag, where DuckDB's hugeint_t calls into its library.

namespace pallas::engine {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

inline Int128 FromHugeint(duckdb::hugeint_t value) {
  return static_cast<Int128>((static_cast<Uint128>(static_cast<uint64_t>(value.upper)) << 64U) |
                             value.lower);
}

inline duckdb::hugeint_t ToHugeint(Int128 value) {
  const auto bits = static_cast<Uint128>(value);
  return {static_cast<int64_t>(static_cast<uint64_t>(bits >> 64U)), static_cast<uint64_t>(bits)};
}

// A cell of a decimal vector as a number, and back. The cell types are int16_t, int32_t, int64_t
// and hugeint_t, by precision.
template <typename Cell>
Int128 WidenCell(Cell value) {
  return value;
}

template <>
inline Int128 WidenCell(duckdb::hugeint_t value) {
  return FromHugeint(value);
}

template <typename Cell>
Cell NarrowCell(Int128 value) {
  return static_cast<Cell>(value);
}

template <>
inline duckdb::hugeint_t NarrowCell(Int128 value) {
  return ToHugeint(value);
}

inline constexpr int kMaxPowerOfTen = 38;

constexpr std::array<Int128, kMaxPowerOfTen + 1> MakePowersOfTen() {
  std::array<Int128, kMaxPowerOfTen + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1] * 10;
  }
  return powers;
}

inline constexpr std::array<Int128, kMaxPowerOfTen + 1> kPowersOfTen = MakePowersOfTen();

// REQUIRES: 0 <= exponent <= 38.
constexpr Int128 PowerOfTen(int exponent) { return kPowersOfTen[static_cast<size_t>(exponent)]; }

constexpr Uint128 Magnitude(Int128 value) {
  return value < 0 ? Uint128{0} - static_cast<Uint128>(value) : static_cast<Uint128>(value);
}

// Whether a decimal of that many digits holds the number.
constexpr bool FitsDigits(Int128 value, int precision) {
  return Magnitude(value) < static_cast<Uint128>(PowerOfTen(precision));
}

// value / divisor, rounded half away from zero. REQUIRES: divisor > 0, below 2^126.
constexpr Int128 DivideHalfUp(Int128 value, Int128 divisor) {
  const Int128 quotient = value / divisor;
  const Int128 remainder = value % divisor;
  if (Magnitude(remainder) * 2 >= static_cast<Uint128>(divisor)) {
    return quotient + (value < 0 ? -1 : 1);
  }
  return quotient;
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_INT128_H_
