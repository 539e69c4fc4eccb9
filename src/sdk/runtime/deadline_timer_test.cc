#include "sdk/runtime/deadline_timer.h"

#include <atomic>
#include <future>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace pallas::sdk {
namespace {

TEST(DeadlineTimerTest, CallsAtTheDeadlineAndNotBefore) {
  DeadlineTimer timer;
  std::promise<absl::Time> called;
  const absl::Time deadline = absl::Now() + absl::Milliseconds(20);
  const auto registration = timer.At(deadline, [&] { called.set_value(absl::Now()); });
  EXPECT_GE(called.get_future().get(), deadline);
}

TEST(DeadlineTimerTest, ADeadlineThatHasPassedIsCalledAtOnce) {
  DeadlineTimer timer;
  std::promise<void> called;
  const auto registration = timer.At(absl::InfinitePast(), [&] { called.set_value(); });
  called.get_future().wait();
}

TEST(DeadlineTimerTest, TheEarliestComesFirstWhateverTheOrder) {
  DeadlineTimer timer;
  std::vector<int> order;  // written by the timer's thread only
  std::promise<void> last;
  const absl::Time now = absl::Now();
  const auto late = timer.At(now + absl::Milliseconds(40), [&] {
    order.push_back(2);
    last.set_value();
  });
  const auto early = timer.At(now + absl::Milliseconds(10), [&] { order.push_back(1); });
  const auto never = timer.At(absl::InfiniteFuture(), [&] { order.push_back(3); });
  last.get_future().wait();
  EXPECT_EQ(order, std::vector<int>({1, 2}));
}

TEST(DeadlineTimerTest, AnUndoneRegistrationIsNotCalled) {
  DeadlineTimer timer;
  std::atomic<int> calls = 0;
  for (int i = 0; i < 1000; ++i) {
    // Around the moment of its deadline.
    auto registration = timer.At(absl::Now() + absl::Microseconds(i % 50), [&] { ++calls; });
    registration = DeadlineTimer::Registration();
    const int before = calls;
    std::promise<void> called;
    const auto next = timer.At(absl::InfinitePast(), [&] { called.set_value(); });
    called.get_future().wait();
    ASSERT_EQ(calls, before);
  }
}

TEST(DeadlineTimerTest, EndsWithWorkLeft) {
  DeadlineTimer timer;
  const auto registration = timer.At(absl::Now() + absl::Hours(1), [] { FAIL(); });
}

}  // namespace
}  // namespace pallas::sdk
