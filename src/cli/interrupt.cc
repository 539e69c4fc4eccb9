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

// Nothing can be done about a message that cannot be written.
void Say(std::string_view message) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, message.data(), message.size());
}

[[noreturn]] void EndAtOnce(int signal) {
  Say("USER_CANCELED: Query was canceled\n");
  _exit(kSignalExitBase + signal);
}

}  // namespace

InterruptHandler::InterruptHandler() {
  sigset_t signals = HandledSignals();
  sigaddset(&signals, SIGWINCH);
  sigaddset(&signals, SIGCONT);
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

void InterruptHandler::Watch(std::optional<Cancellation> cancellation, Persistence persistence) {
  std::lock_guard lock(mutex_);
  watched_ = std::move(cancellation);
  persistence_ = persistence;
  if (signal_) {
    signal_.reset();
    pthread_kill(thread_.native_handle(), kWakeSignal);  // The thread may be counting the time.
  }
}

std::optional<int> InterruptHandler::signal() const {
  std::lock_guard lock(mutex_);
  return signal_;
}

void InterruptHandler::Run() {
  const sigset_t signals = HandledSignals();
  for (;;) {
    bool cancelling = false;
    {
      std::lock_guard lock(mutex_);
      cancelling = signal_.has_value();
    }
    const int signal =
        cancelling ? sigtimedwait(&signals, nullptr, &kGrace) : sigwaitinfo(&signals, nullptr);
    if (signal < 0 && errno == EINTR) {
      continue;
    }
    {
      std::lock_guard lock(mutex_);
      if (stopping_) {
        return;
      }
    }
    if (signal != kWakeSignal) {  // else signal_ has changed, or it comes from outside
      Handle(signal);
    }
  }
}

// `signal` is negative when the time of grace has passed.
void InterruptHandler::Handle(int signal) {
  std::unique_lock lock(mutex_);
  if (signal_) {
    const bool of_terminal = *signal_ == SIGINT && (signal < 0 || signal == SIGINT);
    if (of_terminal && persistence_ == Persistence::kStay) {
      return;
    }
    if (of_terminal && persistence_ == Persistence::kEndAtSecond && signal < 0) {
      if (!std::exchange(warned_, true)) {
        Say("A source does not answer yet; a second Ctrl-C leaves at once.\n");
      }
      return;
    }
    EndAtOnce(signal < 0 ? *signal_ : signal);
  }
  if (signal < 0) {
    return;
  }
  if (!watched_) {
    _exit(kSignalExitBase + signal);
  }
  signal_ = signal;
  warned_ = false;
  const Cancellation running = *watched_;
  lock.unlock();
  running.Cancel(absl::CancelledError("Query was canceled"));
}

}  // namespace pallas::cli
