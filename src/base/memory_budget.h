#ifndef PALLAS_BASE_MEMORY_BUDGET_H_
#define PALLAS_BASE_MEMORY_BUDGET_H_

#include <atomic>
#include <cstdint>

namespace pallas {

// Bytes in flight of one query or one process. Thread-safe. Never blocks: who cannot have bytes
// tries again when others have given theirs back.
class MemoryBudget {
 public:
  explicit MemoryBudget(int64_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // Takes `bytes` if they fit, or if nothing is in use (one oversized item may always pass, so that
  // a single huge row cannot stall a query forever).
  bool TryReserve(int64_t bytes);

  void Release(int64_t bytes) { used_bytes_ -= bytes; }

  int64_t used_bytes() const { return used_bytes_.load(); }

  int64_t limit_bytes() const { return limit_bytes_; }

 private:
  const int64_t limit_bytes_;
  std::atomic<int64_t> used_bytes_{0};
};

// 60 % (decision D18) of the memory this process may use: the cgroup's limit if there is one,
// else the machine's.
int64_t DefaultMemoryLimitBytes();

}  // namespace pallas

#endif  // PALLAS_BASE_MEMORY_BUDGET_H_
