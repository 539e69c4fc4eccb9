#include "base/memory_budget.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include <unistd.h>

#include "base/units.h"

namespace pallas {

bool MemoryBudget::TryReserve(int64_t bytes) {
  int64_t used = used_bytes_.load();
  do {
    if (used > 0 && used + bytes > limit_bytes_) {
      return false;
    }
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes));
  return true;
}

int64_t DefaultMemoryLimitBytes() {
  int64_t available_bytes =
      static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGESIZE));
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    std::string text;
    int64_t limit_bytes = 0;
    if (file >> text && absl::SimpleAtoi(text, &limit_bytes) && limit_bytes > 0) {
      available_bytes = std::min(available_bytes, limit_bytes);
    }
  }
  constexpr int64_t kSmallestBytes = 64 * kMiB;
  return std::max(available_bytes / 10 * 6, kSmallestBytes);
}

}  // namespace pallas
