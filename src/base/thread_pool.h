#ifndef PALLAS_BASE_THREAD_POOL_H_
#define PALLAS_BASE_THREAD_POOL_H_

#include <functional>
#include <memory>

namespace pallas {

// Threads that wait for others' work: sources, the network. Grows on demand up to `max_threads`,
// threads end after some idle time. Thread-safe.
class ThreadPool {
 public:
  explicit ThreadPool(int max_threads);
  // Runs what is queued, then joins. Callers cancel their work first.
  ~ThreadPool();

  void Submit(std::function<void()> work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pallas

#endif  // PALLAS_BASE_THREAD_POOL_H_
