#ifndef PALLAS_SDK_RUNTIME_DEADLINE_TIMER_H_
#define PALLAS_SDK_RUNTIME_DEADLINE_TIMER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/time/time.h"

namespace pallas::sdk {

// Ends calls of client libraries that know no deadline, or only one for each read of a socket: at
// the time given it calls back from a thread of its own, which starts when it is first needed.
// Thread-safe; outlives its registrations.
class DeadlineTimer {
 public:
  // Undoes a registration when destroyed; then the callback neither runs nor is running.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept;
    Registration& operator=(Registration&& other) noexcept;
    ~Registration();

   private:
    friend class DeadlineTimer;

    using Key = std::pair<absl::Time, uint64_t>;

    Registration(DeadlineTimer& timer, Key key) : timer_(&timer), key_(key) {}

    void Undo();

    DeadlineTimer* timer_ = nullptr;
    Key key_ = {};
  };

  DeadlineTimer() = default;
  ~DeadlineTimer();
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  // Calls `callback` once `deadline` has come, which may be at once. The callback must be short (it
  // breaks a socket) and not use this timer. Never, for the infinite future.
  [[nodiscard]] Registration At(absl::Time deadline, std::function<void()> callback);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Registration::Key, std::function<void()>> waiting_;
  uint64_t next_id_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_RUNTIME_DEADLINE_TIMER_H_
