#include "cli/interrupt.h"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <string_view>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace pallas::cli {
namespace {

// Wakes the thread; sent by the destructor.
constexpr int kWakeSignal = SIGUSR1;
// What a shell reports for a process that a signal ended.
constexpr int kSignalExitBase = 128;
// How long the ordinary end may take once a query is cancelled. A source that answers is told in
// milliseconds; one that hangs would hold its connections for their whole timeouts.
constexpr timespec kGrace = {.tv_sec = 1, .tv_nsec = 500'000'000};

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, kWakeSignal}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

[[noreturn]] void EndAtOnce(int signal) {
  constexpr std::string_view kMessage = "USER_CANCELED: Query was canceled\n";
  // Nothing can be done about a message that cannot be written.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kMessage.data(), kMessage.size());
  _exit(kSignalExitBase + signal);
}

}  // namespace

InterruptHandler::InterruptHandler() {
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = std::thread([this] { Run(); });
}

InterruptHandler::~InterruptHandler() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  pthread_kill(thread_.native_handle(), kWakeSignal);
  thread_.join();
}

void InterruptHandler::Watch(std::optional<Cancellation> cancellation) {
  std::lock_guard lock(mutex_);
  watched_ = std::move(cancellation);
}

std::optional<int> InterruptHandler::signal() const {
  std::lock_guard lock(mutex_);
  return signal_;
}

void InterruptHandler::Run() {
  const sigset_t signals = HandledSignals();
  std::optional<int> first;  // the signal that has cancelled
  for (;;) {
    const int signal =
        first ? sigtimedwait(&signals, nullptr, &kGrace) : sigwaitinfo(&signals, nullptr);
    if (signal < 0 && errno == EINTR) {
      continue;
    }
    std::unique_lock lock(mutex_);
    if (stopping_) {
      return;
    }
    if (signal == kWakeSignal) {
      continue;  // From outside; it means nothing.
    }
    if (first) {
      EndAtOnce(*first);
    }
    if (!watched_) {
      _exit(kSignalExitBase + signal);
    }
    first = signal_ = signal;
    const Cancellation running = *watched_;
    watched_.reset();
    lock.unlock();
    running.Cancel(absl::CancelledError("Query was canceled"));
  }
}

}  // namespace pallas::cli
