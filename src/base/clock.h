#ifndef PALLAS_BASE_CLOCK_H_
#define PALLAS_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace pallas {

// Where time comes from; passed in, so that tests need not wait. Any thread may call it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;

  // The system's clock. Never destroyed.
  static Clock& System();
};

// Stands still until told otherwise. For tests; thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now) : nanos_(absl::ToUnixNanos(now)) {}

  absl::Time Now() override { return absl::FromUnixNanos(nanos_.load()); }

  void Advance(absl::Duration by) { nanos_ += absl::ToInt64Nanoseconds(by); }

 private:
  std::atomic<int64_t> nanos_;
};

}  // namespace pallas

#endif  // PALLAS_BASE_CLOCK_H_
