#include <array>
#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/error_detail.h"
#include "base/floor_division.h"
#include "base/memory_budget.h"
#include "base/status_macros.h"
#include "base/suggestion.h"

namespace pallas {
namespace {

absl::StatusOr<int> Half(int x) {
  if (x % 2 != 0) {
    return absl::InvalidArgumentError("odd");
  }
  return x / 2;
}

absl::StatusOr<int> Quarter(int x) {
  ASSIGN_OR_RETURN(const int half, Half(x));
  RETURN_IF_ERROR(Half(half));
  return half / 2;
}

TEST(StatusMacrosTest, PassValuesAndErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status(), absl::InvalidArgumentError("odd"));
}

TEST(FloorDivisionTest, RoundsDown) {
  for (const auto& [value, quotient, rest] : std::vector<std::array<int64_t, 3>>{
           {7, 2, 1}, {6, 2, 0}, {0, 0, 0}, {-1, -1, 2}, {-3, -1, 0}, {-7, -3, 2}}) {
    EXPECT_EQ(FloorDivide(value, 3), quotient) << value;
    EXPECT_EQ(FloorModulo(value, 3), rest) << value;
  }
  EXPECT_EQ(FloorDivide(std::numeric_limits<int64_t>::min(), 1),
            std::numeric_limits<int64_t>::min());
}

TEST(CancellationTest, FirstReasonWinsAndCallbacksRunOnce) {
  Cancellation cancellation;
  int calls = 0;
  auto registration = cancellation.OnCancel([&] { ++calls; });
  EXPECT_FALSE(cancellation.IsCancelled());
  cancellation.Cancel(absl::CancelledError("user"));
  cancellation.Cancel(absl::DeadlineExceededError("late"));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(cancellation.status(), absl::CancelledError("user"));
  auto late = cancellation.OnCancel([&] { ++calls; });
  EXPECT_EQ(calls, 2);
}

TEST(CancellationTest, WithdrawnCallbackDoesNotRun) {
  Cancellation cancellation;
  int calls = 0;
  {
    auto registration = cancellation.OnCancel([&] { ++calls; });
  }
  cancellation.Cancel(absl::CancelledError("user"));
  EXPECT_EQ(calls, 0);
}

TEST(CancellationTest, WithdrawingWaitsForARunningCallback) {
  for (int round = 0; round < 200; ++round) {
    Cancellation cancellation;
    auto alive = std::make_unique<std::atomic<int>>(0);
    auto registration =
        std::make_unique<Cancellation::Registration>(cancellation.OnCancel([&] { ++*alive; }));
    std::thread canceller([&] { cancellation.Cancel(absl::CancelledError("user")); });
    registration.reset();
    alive.reset();  // A callback that still ran would touch freed memory.
    canceller.join();
  }
}

TEST(ErrorDetailTest, TravelsWithTheStatus) {
  const absl::Status status = ErrorAt({2, 7}, "COLUMN_NOT_FOUND", "Column 'x' cannot be resolved");
  EXPECT_EQ(status.message(), "line 2:7: Column 'x' cannot be resolved");
  EXPECT_EQ(ErrorName(status), "COLUMN_NOT_FOUND");
  EXPECT_EQ(GetDetail(Annotate(status, "view v: "))->location, (Location{2, 7}));
  EXPECT_EQ(GetDetail(absl::InternalError("x")), std::nullopt);
  EXPECT_EQ(ErrorName(absl::CancelledError()), "USER_CANCELED");
}

TEST(MemoryBudgetTest, OneOversizedItemPasses) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.TryReserve(500));
  EXPECT_FALSE(budget.TryReserve(1));
  budget.Release(500);
  EXPECT_TRUE(budget.TryReserve(60));
  EXPECT_TRUE(budget.TryReserve(40));
  EXPECT_FALSE(budget.TryReserve(1));
}

TEST(SuggestionTest, OffersTheNearestThree) {
  EXPECT_EQ(Suggestion("abcdef", {"abcdeg", "ABCDEF1", "xbcdeg", "abcdefgh", "zzzzzz", "abcxef"}),
            ". Did you mean 'ABCDEF1', 'abcdeg' or 'abcxef'?");
  EXPECT_EQ(Suggestion("ab", {"abc", "b"}), "");
  EXPECT_EQ(Suggestion("abc", {}), "");
}

}  // namespace
}  // namespace pallas
