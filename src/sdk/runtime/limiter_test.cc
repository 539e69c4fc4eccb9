#include "sdk/runtime/limiter.h"

#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace pallas::sdk {
namespace {

LimiterOptions OneSlot() {
  LimiterOptions options;
  options.max_concurrency = 1;
  return options;
}

TEST(LimiterTest, SlotsAreCountedAndServedInOrder) {
  FakeClock clock(absl::UnixEpoch());
  Limiter limiter(OneSlot(), clock);
  std::optional<Limiter::Slot> slot = limiter.TryAcquire();
  ASSERT_TRUE(slot.has_value());
  EXPECT_FALSE(limiter.TryAcquire().has_value());
  std::vector<int> served;
  std::vector<Limiter::Slot> taken;
  for (int i = 0; i < 3; ++i) {
    limiter.OnSlotFree([&, i] {
      served.push_back(i);
      if (std::optional<Limiter::Slot> mine = limiter.TryAcquire()) {
        taken.push_back(*std::move(mine));
      }
    });
  }
  // Giving back lets the next one in, which changes `taken`.
  const auto give_back = [&] { std::exchange(taken, {}).clear(); };
  slot.reset();
  EXPECT_EQ(served, std::vector<int>({0}));
  limiter.OnSlotFree([&] { served.push_back(3); });
  give_back();
  EXPECT_EQ(served, std::vector<int>({0, 1}));
  give_back();
  EXPECT_EQ(served, std::vector<int>({0, 1, 2}));
  give_back();
  EXPECT_EQ(served, std::vector<int>({0, 1, 2, 3}));
}

TEST(LimiterTest, AWaiterThatLostInterestPassesTheSlotOn) {
  FakeClock clock(absl::UnixEpoch());
  Limiter limiter(OneSlot(), clock);
  std::optional<Limiter::Slot> slot = limiter.TryAcquire();
  bool second_called = false;
  limiter.OnSlotFree([] {});
  limiter.OnSlotFree([&] { second_called = true; });
  slot.reset();
  EXPECT_TRUE(second_called);
  EXPECT_EQ(limiter.slots_in_use(), 0);
}

TEST(LimiterTest, AFreeSlotIsToldAtOnce) {
  FakeClock clock(absl::UnixEpoch());
  Limiter limiter(OneSlot(), clock);
  bool called = false;
  limiter.OnSlotFree([&] { called = true; });
  EXPECT_TRUE(called);
}

TEST(LimiterTest, ThrottlingDelaysAndSuccessRecovers) {
  FakeClock clock(absl::UnixEpoch());
  LimiterOptions options;
  Limiter limiter(options, clock);
  EXPECT_EQ(limiter.current_delay(), absl::ZeroDuration());
  limiter.OnThrottled();
  EXPECT_EQ(limiter.current_delay(), options.initial_delay);
  limiter.OnThrottled();
  EXPECT_EQ(limiter.current_delay(), 2 * options.initial_delay);
  for (int i = 0; i < 20; ++i) {
    limiter.OnThrottled();
  }
  EXPECT_EQ(limiter.current_delay(), options.max_delay);
  limiter.OnSuccess();
  EXPECT_EQ(limiter.current_delay(), options.max_delay - options.increase);
  for (int i = 0; i < 200; ++i) {
    limiter.OnSuccess();
  }
  EXPECT_EQ(limiter.current_delay(), absl::ZeroDuration());
}

TEST(LimiterTest, ACancelledRequestDoesNotWait) {
  FakeClock clock(absl::UnixEpoch());
  LimiterOptions options;
  options.max_requests_per_second = 0.001;
  Limiter limiter(options, clock);
  RequestContext context;
  context.clock = &clock;
  EXPECT_TRUE(limiter.BeforeRequest(context).ok());
  context.cancellation.Cancel(absl::CancelledError("enough"));
  EXPECT_TRUE(absl::IsCancelled(limiter.BeforeRequest(context)));
}

}  // namespace
}  // namespace pallas::sdk
