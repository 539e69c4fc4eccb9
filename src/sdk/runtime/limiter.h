#ifndef PALLAS_SDK_RUNTIME_LIMITER_H_
#define PALLAS_SDK_RUNTIME_LIMITER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "sdk/request_context.h"

namespace pallas::sdk {

struct LimiterOptions {
  int max_concurrency = 4;  // splits read, or metadata calls made, at once
  std::optional<double> max_requests_per_second;
  std::optional<double> max_bytes_per_second;
  // AIMD on the delay between requests (connectors.md section 1.8).
  absl::Duration initial_delay = absl::Milliseconds(10);
  absl::Duration max_delay = absl::Seconds(1);
  double decrease_factor = 0.5;
  absl::Duration increase = absl::Milliseconds(10);
};

// How hard one source may be worked, over all queries of the process. Thread-safe.
class Limiter {
 public:
  Limiter(LimiterOptions options, Clock& clock);
  ~Limiter();

  // A slot of the source's concurrency; given back when destroyed.
  class Slot {
   public:
    Slot() = default;

    explicit Slot(Limiter& limiter) : limiter_(&limiter) {}

    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot();

    explicit operator bool() const { return limiter_ != nullptr; }

   private:
    Limiter* limiter_ = nullptr;
  };

  // A slot if one is free. Never blocks: who gets none is called through OnSlotFree.
  std::optional<Slot> TryAcquire();
  // Calls `callback` once, soon after a slot is given back (or at once if one is free). It then
  // competes again with TryAcquire. Callbacks are served in the order of registration.
  void OnSlotFree(std::function<void()> callback);

  // Waits for the turn of one request (requests/s and the AIMD delay); only reader threads wait.
  absl::Status BeforeRequest(const RequestContext& context);
  void OnThrottled();
  void OnSuccess();
  // Waits so that the bytes/s hold.
  absl::Status OnBytes(const RequestContext& context, int64_t bytes);

  absl::Duration current_delay() const;
  int slots_in_use() const;

  const LimiterOptions& options() const { return options_; }

 private:
  void Release();

  struct State;
  const LimiterOptions options_;
  std::unique_ptr<State> state_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_RUNTIME_LIMITER_H_
