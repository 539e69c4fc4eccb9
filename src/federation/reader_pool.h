#ifndef PALLAS_FEDERATION_READER_POOL_H_
#define PALLAS_FEDERATION_READER_POOL_H_

#include <functional>
#include <memory>

namespace pallas::federation {

// The threads that wait on sources (decision D17): they plan splits and read them. Grows on demand
// up to `max_threads`, threads end after some idle time. Thread-safe.
class ReaderPool {
 public:
  explicit ReaderPool(int max_threads);
  // Runs what is queued, then joins. Callers cancel their work first.
  ~ReaderPool();

  void Submit(std::function<void()> work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_READER_POOL_H_
