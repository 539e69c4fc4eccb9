#ifndef PALLAS_CLI_INTERRUPT_H_
#define PALLAS_CLI_INTERRUPT_H_

#include <mutex>
#include <optional>
#include <thread>

#include "base/cancellation.h"

namespace pallas::cli {

// What happens when a signal does not end what it cancels.
enum class Persistence {
  // The process ends: at a second signal, or when cancelling takes long because a source does not
  // answer.
  kEnd,
  // As kEnd, but Ctrl-C (SIGINT) only ends it the second time, and a word says so.
  kEndAtSecond,
  // Ctrl-C never ends the process: another program on the terminal may be meant.
  kStay,
};

// Turns SIGINT, SIGTERM and SIGHUP into cancellation. Made once, first thing in main(), before any
// other thread: it blocks the signals for them all and waits for them on a thread of its own.
// The first signal cancels what runs, so that sources are told; the process then ends in its
// ordinary way, or goes on if it is a shell. With nothing watched a signal ends the process at
// once, with 128 + the signal.
// A reader of our output that goes away shows as a failed write (EPIPE), not as a signal.
// SIGWINCH and SIGCONT are blocked too, for whoever waits for them by a descriptor.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();

  // What a signal cancels from now on; nullopt: nothing runs. An earlier signal is forgotten.
  void Watch(std::optional<Cancellation> cancellation, Persistence persistence = Persistence::kEnd);

  // The signal that has cancelled what is watched, if one has.
  std::optional<int> signal() const;

 private:
  void Run();
  void Handle(int signal);

  mutable std::mutex mutex_;
  std::optional<Cancellation> watched_;
  Persistence persistence_ = Persistence::kEnd;
  std::optional<int> signal_;  // set while the watched is being cancelled
  bool warned_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_INTERRUPT_H_
