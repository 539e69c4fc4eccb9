#include "sdk/runtime/deadline_timer.h"

#include "absl/time/clock.h"

namespace pallas::sdk {

DeadlineTimer::Registration::Registration(Registration&& other) noexcept
    : timer_(std::exchange(other.timer_, nullptr)), key_(std::move(other.key_)) {}

DeadlineTimer::Registration& DeadlineTimer::Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    Undo();
    timer_ = std::exchange(other.timer_, nullptr);
    key_ = other.key_;
  }
  return *this;
}

DeadlineTimer::Registration::~Registration() { Undo(); }

void DeadlineTimer::Registration::Undo() {
  if (timer_ != nullptr) {
    // Callbacks run with the lock held.
    const std::lock_guard lock(timer_->mutex_);
    timer_->waiting_.erase(key_);
    timer_ = nullptr;
  }
}

DeadlineTimer::~DeadlineTimer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

DeadlineTimer::Registration DeadlineTimer::At(absl::Time deadline, std::function<void()> callback) {
  if (deadline == absl::InfiniteFuture()) {
    return {};
  }
  bool is_first = false;
  Registration::Key key;
  {
    const std::lock_guard lock(mutex_);
    key = {deadline, next_id_++};
    const auto added = waiting_.emplace(key, std::move(callback)).first;
    is_first = added == waiting_.begin();
    if (!thread_.joinable()) {
      thread_ = std::thread([this] { Run(); });
    }
  }
  if (is_first) {
    changed_.notify_one();
  }
  return Registration(*this, key);
}

void DeadlineTimer::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = waiting_.begin();
    const absl::Duration left = first->first.first - absl::Now();
    if (left > absl::ZeroDuration()) {
      changed_.wait_for(lock, absl::ToChronoNanoseconds(left));
      continue;
    }
    first->second();
    waiting_.erase(first);
  }
}

}  // namespace pallas::sdk
