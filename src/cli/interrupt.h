#ifndef PALLAS_CLI_INTERRUPT_H_
#define PALLAS_CLI_INTERRUPT_H_

#include <mutex>
#include <optional>
#include <thread>

#include "base/cancellation.h"

namespace pallas::cli {

// Turns SIGINT, SIGTERM and SIGHUP into cancellation. Made once, first thing in main(), before any
// other thread: it blocks the signals for them all and waits for them on a thread of its own.
// The first signal cancels what runs, so that sources are told; the process then ends in its
// ordinary way. It ends at once, with 128 + the signal, at a second signal, at one that comes while
// nothing runs, and when cancelling takes long because a source does not answer.
// A reader of our output that goes away shows as a failed write (EPIPE), not as a signal.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();

  // What a signal cancels from now on; nullopt: nothing runs.
  void Watch(std::optional<Cancellation> cancellation);

  // The signal that has cancelled something, if one has.
  std::optional<int> signal() const;

 private:
  void Run();

  mutable std::mutex mutex_;
  std::optional<Cancellation> watched_;
  std::optional<int> signal_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_INTERRUPT_H_
