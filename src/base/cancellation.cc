#include "base/cancellation.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace pallas {

struct Cancellation::Registration::Impl {
  enum class Phase { kWaiting, kRunning, kDone };

  std::mutex mutex;
  std::condition_variable done;
  Phase phase = Phase::kWaiting;
  std::thread::id runner;
  std::function<void()> callback;

  void Run() {
    {
      std::lock_guard lock(mutex);
      if (phase != Phase::kWaiting) {
        return;
      }
      phase = Phase::kRunning;
      runner = std::this_thread::get_id();
    }
    callback();
    {
      std::lock_guard lock(mutex);
      phase = Phase::kDone;
    }
    done.notify_all();
  }

  void Withdraw() {
    std::unique_lock lock(mutex);
    if (phase == Phase::kRunning && runner != std::this_thread::get_id()) {
      done.wait(lock, [this] { return phase == Phase::kDone; });
    }
    if (phase == Phase::kWaiting) {
      phase = Phase::kDone;
    }
  }
};

Cancellation::Registration::Registration(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Cancellation::Registration::Registration(Registration&& other) noexcept
    : impl_(std::exchange(other.impl_, nullptr)) {}

Cancellation::Registration& Cancellation::Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    if (impl_) {
      impl_->Withdraw();
    }
    impl_ = std::exchange(other.impl_, nullptr);
  }
  return *this;
}

Cancellation::Registration::~Registration() {
  if (impl_) {
    impl_->Withdraw();
  }
}

struct Cancellation::State {
  std::mutex mutex;
  absl::Status reason;
  std::vector<std::weak_ptr<Registration::Impl>> callbacks;
};

Cancellation::Cancellation() : state_(std::make_shared<State>()) {}

void Cancellation::Cancel(absl::Status reason) const {
  std::vector<std::weak_ptr<Registration::Impl>> callbacks;
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->reason.ok()) {
      return;
    }
    state_->reason = std::move(reason);
    callbacks.swap(state_->callbacks);
  }
  for (const auto& callback : callbacks) {
    if (auto impl = callback.lock()) {
      impl->Run();
    }
  }
}

bool Cancellation::IsCancelled() const { return !status().ok(); }

absl::Status Cancellation::status() const {
  std::lock_guard lock(state_->mutex);
  return state_->reason;
}

Cancellation::Registration Cancellation::OnCancel(std::function<void()> callback) const {
  auto impl = std::make_shared<Registration::Impl>();
  impl->callback = std::move(callback);
  bool run_now = false;
  {
    std::lock_guard lock(state_->mutex);
    run_now = !state_->reason.ok();
    if (!run_now) {
      std::erase_if(state_->callbacks, [](const auto& weak) { return weak.expired(); });
      state_->callbacks.push_back(impl);
    }
  }
  if (run_now) {
    impl->Run();
  }
  return Registration(std::move(impl));
}

}  // namespace pallas
