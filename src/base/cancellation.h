#ifndef PALLAS_BASE_CANCELLATION_H_
#define PALLAS_BASE_CANCELLATION_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"

namespace pallas {

// One piece of work that can be asked to stop. A copy shares the state. Thread-safe.
// Callbacks run once, on the thread that cancels, without any lock of this class held.
class Cancellation {
 public:
  // Undoes a registration when destroyed; then the callback neither runs nor is running, unless it
  // is this very callback that destroys it.
  class Registration {
   public:
    struct Impl;

    Registration() = default;
    explicit Registration(std::shared_ptr<Impl> impl);
    Registration(Registration&& other) noexcept;
    Registration& operator=(Registration&& other) noexcept;
    ~Registration();

   private:
    std::shared_ptr<Impl> impl_;
  };

  Cancellation();

  // Stops the work with `reason` (not OK). The first reason wins.
  void Cancel(absl::Status reason) const;

  bool IsCancelled() const;

  // OK, or the reason given to Cancel().
  absl::Status status() const;

  // Calls `callback` at cancellation, or at once if that has happened.
  [[nodiscard]] Registration OnCancel(std::function<void()> callback) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pallas

#endif  // PALLAS_BASE_CANCELLATION_H_
