#ifndef PALLAS_BENCH_COST_H_
#define PALLAS_BENCH_COST_H_

#include <algorithm>
#include <sys/resource.h>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "base/status_macros.h"

// What the sides of a comparison cost. One thread measures at a time.

namespace pallas::bench {

struct Cost {
  double wall = 0;  // seconds
  double cpu = 0;   // seconds of this process, all threads
};

inline double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// What `work()`, which gives a status, cost.
template <typename Work>
absl::StatusOr<Cost> Measure(const Work& work) {
  const double cpu = CpuSeconds();
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(work());
  return Cost{absl::ToDoubleSeconds(absl::Now() - start), CpuSeconds() - cpu};
}

// REQUIRES: not empty.
inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace pallas::bench

#endif  // PALLAS_BENCH_COST_H_
