#include "base/thread_pool.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace pallas {
namespace {

constexpr std::chrono::seconds kIdleTime(10);

}  // namespace

struct ThreadPool::State {
  explicit State(int max_threads_in) : max_threads(max_threads_in) {}

  const int max_threads;
  std::mutex mutex;
  std::condition_variable work_or_stop;
  std::condition_variable thread_ended;
  std::deque<std::function<void()>> queue;
  int threads = 0;
  int idle = 0;
  bool stopping = false;

  void Run() {
    std::unique_lock lock(mutex);
    while (true) {
      if (queue.empty()) {
        if (stopping) {
          break;
        }
        ++idle;
        const bool woken =
            work_or_stop.wait_for(lock, kIdleTime, [&] { return stopping || !queue.empty(); });
        --idle;
        if (!woken) {
          break;
        }
        continue;
      }
      std::function<void()> work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work();
      work = nullptr;  // what it holds goes before the lock is taken
      lock.lock();
    }
    --threads;
    thread_ended.notify_all();
  }
};

ThreadPool::ThreadPool(int max_threads) : state_(std::make_unique<State>(max_threads)) {}

ThreadPool::~ThreadPool() {
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  state_->work_or_stop.notify_all();
  state_->thread_ended.wait(lock, [&] { return state_->threads == 0; });
}

void ThreadPool::Submit(std::function<void()> work) {
  const std::lock_guard lock(state_->mutex);
  state_->queue.push_back(std::move(work));
  if (static_cast<int>(state_->queue.size()) > state_->idle &&
      state_->threads < state_->max_threads) {
    ++state_->threads;
    std::thread([state = state_.get()] { state->Run(); }).detach();
  }
  state_->work_or_stop.notify_one();
}

}  // namespace pallas
