#include "cli/interrupt.h"

#include <csignal>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace pallas::cli {
namespace {

// Ends the thread; sent by the destructor.
constexpr int kQuitSignal = SIGUSR1;

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, kQuitSignal);
  return signals;
}

}  // namespace

InterruptHandler::InterruptHandler() {
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this] { Run(); });
}

InterruptHandler::~InterruptHandler() {
  pthread_kill(thread_.native_handle(), kQuitSignal);
  thread_.join();
}

void InterruptHandler::Watch(std::optional<Cancellation> cancellation) {
  std::lock_guard lock(mutex_);
  watched_ = std::move(cancellation);
}

void InterruptHandler::Run() {
  const sigset_t signals = HandledSignals();
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) {
      continue;
    }
    if (signal == kQuitSignal) {
      return;
    }
    std::optional<Cancellation> running;
    {
      std::lock_guard lock(mutex_);
      running = std::exchange(watched_, std::nullopt);
    }
    if (!running) {
      _exit(128 + signal);
    }
    running->Cancel(absl::CancelledError("Query was canceled"));
    if (signal == SIGTERM) {
      _exit(128 + signal);
    }
  }
}

}  // namespace pallas::cli
