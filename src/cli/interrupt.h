#ifndef PALLAS_CLI_INTERRUPT_H_
#define PALLAS_CLI_INTERRUPT_H_

#include <mutex>
#include <optional>
#include <thread>

#include "base/cancellation.h"

namespace pallas::cli {

// Turns SIGINT and SIGTERM into cancellation. Made once, first thing in main(), before any other
// thread: it blocks the signals for them all and waits for them on a thread of its own.
// The first SIGINT cancels what runs; a second one, or one while nothing runs, ends the process
// with 130; SIGTERM cancels and ends it with 143.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();

  // What a signal cancels from now on; nullopt: nothing runs.
  void Watch(std::optional<Cancellation> cancellation);

 private:
  void Run();

  std::mutex mutex_;
  std::optional<Cancellation> watched_;
  std::thread thread_;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_INTERRUPT_H_
