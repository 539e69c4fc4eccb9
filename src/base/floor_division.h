#ifndef PALLAS_BASE_FLOOR_DIVISION_H_
#define PALLAS_BASE_FLOOR_DIVISION_H_

#include <cstdint>

namespace pallas {

// Division rounding down, and its remainder, which is never negative. REQUIRES: divisor > 0.
constexpr int64_t FloorDivide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

constexpr int64_t FloorModulo(int64_t value, int64_t divisor) {
  const int64_t rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

}  // namespace pallas

#endif  // PALLAS_BASE_FLOOR_DIVISION_H_
