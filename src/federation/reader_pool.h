#ifndef PALLAS_FEDERATION_READER_POOL_H_
#define PALLAS_FEDERATION_READER_POOL_H_

#include "base/thread_pool.h"

namespace pallas::federation {

// The threads that wait on sources (decision D17): they plan splits and read them.
class ReaderPool final : public ThreadPool {
 public:
  using ThreadPool::ThreadPool;
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_READER_POOL_H_
