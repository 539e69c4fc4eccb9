#include "sdk/runtime/limiter.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace pallas::sdk {

struct Limiter::State {
  explicit State(Clock& clock_in) : clock(clock_in) {}

  Clock& clock;
  mutable std::mutex mutex;
  int slots_in_use = 0;
  std::deque<std::function<void()>> waiting;
  absl::Duration delay = absl::ZeroDuration();
  // When the next request, and the next byte, may go.
  absl::Time next_request = absl::InfinitePast();
  absl::Time next_byte = absl::InfinitePast();
};

namespace {

// Sleeps until `until`, or until the request ends.
absl::Status WaitUntil(const RequestContext& context, Clock& clock, absl::Time until) {
  absl::Duration wait = until - clock.Now();
  if (wait <= absl::ZeroDuration()) {
    return context.Check();
  }
  if (until > context.deadline) {
    wait = context.deadline - clock.Now();
  }
  std::mutex mutex;
  std::condition_variable cancelled;
  bool is_cancelled = false;
  const Cancellation::Registration registration = context.OnCancel([&] {
    const std::lock_guard lock(mutex);
    is_cancelled = true;
    cancelled.notify_all();
  });
  std::unique_lock lock(mutex);
  cancelled.wait_for(lock, absl::ToChronoNanoseconds(wait), [&] { return is_cancelled; });
  lock.unlock();
  return context.Check();
}

}  // namespace

Limiter::Slot::Slot(Slot&& other) noexcept : limiter_(std::exchange(other.limiter_, nullptr)) {}

Limiter::Slot& Limiter::Slot::operator=(Slot&& other) noexcept {
  if (this != &other) {
    if (limiter_ != nullptr) {
      limiter_->Release();
    }
    limiter_ = std::exchange(other.limiter_, nullptr);
  }
  return *this;
}

Limiter::Slot::~Slot() {
  if (limiter_ != nullptr) {
    limiter_->Release();
  }
}

Limiter::Limiter(LimiterOptions options, Clock& clock)
    : options_(options), state_(std::make_unique<State>(clock)) {}

Limiter::~Limiter() = default;

std::optional<Limiter::Slot> Limiter::TryAcquire() {
  const std::lock_guard lock(state_->mutex);
  if (state_->slots_in_use >= options_.max_concurrency) {
    return std::nullopt;
  }
  ++state_->slots_in_use;
  return Slot(*this);
}

void Limiter::OnSlotFree(std::function<void()> callback) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->slots_in_use >= options_.max_concurrency) {
      state_->waiting.push_back(std::move(callback));
      return;
    }
  }
  callback();
}

void Limiter::Release() {
  {
    const std::lock_guard lock(state_->mutex);
    --state_->slots_in_use;
  }
  // Who is called may no longer want the slot: go on until it is taken or nobody waits.
  while (true) {
    std::function<void()> next;
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->waiting.empty() || state_->slots_in_use >= options_.max_concurrency) {
        return;
      }
      next = std::move(state_->waiting.front());
      state_->waiting.pop_front();
    }
    next();
  }
}

absl::Status Limiter::BeforeRequest(const RequestContext& context) {
  absl::Time turn;
  {
    const std::lock_guard lock(state_->mutex);
    absl::Duration step = state_->delay;
    if (options_.max_requests_per_second) {
      step = std::max(step, absl::Seconds(1) / *options_.max_requests_per_second);
    }
    turn = std::max(state_->clock.Now(), state_->next_request);
    state_->next_request = turn + step;
  }
  return WaitUntil(context, state_->clock, turn);
}

void Limiter::OnThrottled() {
  const std::lock_guard lock(state_->mutex);
  const absl::Duration slower = state_->delay / options_.decrease_factor;
  state_->delay = std::clamp(slower, options_.initial_delay, options_.max_delay);
  state_->next_request = std::max(state_->next_request, state_->clock.Now() + state_->delay);
}

void Limiter::OnSuccess() {
  const std::lock_guard lock(state_->mutex);
  state_->delay = std::max(absl::ZeroDuration(), state_->delay - options_.increase);
}

absl::Status Limiter::OnBytes(const RequestContext& context, int64_t bytes) {
  if (!options_.max_bytes_per_second) {
    return absl::OkStatus();
  }
  absl::Time turn;
  {
    const std::lock_guard lock(state_->mutex);
    turn = std::max(state_->clock.Now(), state_->next_byte);
    state_->next_byte =
        turn + absl::Seconds(static_cast<double>(bytes) / *options_.max_bytes_per_second);
  }
  return WaitUntil(context, state_->clock, turn);
}

absl::Duration Limiter::current_delay() const {
  const std::lock_guard lock(state_->mutex);
  return state_->delay;
}

int Limiter::slots_in_use() const {
  const std::lock_guard lock(state_->mutex);
  return state_->slots_in_use;
}

}  // namespace pallas::sdk
