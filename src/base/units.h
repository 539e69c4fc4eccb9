#ifndef PALLAS_BASE_UNITS_H_
#define PALLAS_BASE_UNITS_H_

#include <cstdint>

namespace pallas {

inline constexpr int64_t kKiB = 1024;
inline constexpr int64_t kMiB = 1024 * kKiB;
inline constexpr int64_t kGiB = 1024 * kMiB;

}  // namespace pallas

#endif  // PALLAS_BASE_UNITS_H_
