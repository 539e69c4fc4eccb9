#ifndef PALLAS_STORAGE_READ_AHEAD_H_
#define PALLAS_STORAGE_READ_AHEAD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "absl/status/status.h"

#include "base/thread_pool.h"
#include "base/units.h"

namespace pallas::storage {

struct ReadAheadOptions {
  int64_t first_window_bytes = 256 * kKiB;
  int64_t max_window_bytes = 4 * kMiB;  // each window is twice the one before, up to this
  int windows_ahead = 2;                // fetched or waiting at once
};

// Reads of one object. Those that follow each other are served from windows that the pool's threads
// fetch before they are asked for; others fetch just what they want. Thread-safe.
class ReadAhead {
 public:
  // Fetches a range that lies within the object. Called by many threads at once.
  using Fetch = std::function<absl::Status(int64_t offset, int64_t length, char* out)>;

  // `pool` outlives it. Fetches under way when it is destroyed run on: `fetch` must allow that.
  ReadAhead(Fetch fetch, int64_t size, ThreadPool& pool, ReadAheadOptions options = {});
  ~ReadAhead();

  // REQUIRES: the range lies within the object.
  absl::Status Read(int64_t offset, int64_t length, char* out);

 private:
  struct Window;

  // The windows that hold the range, after those that are no longer needed have gone and those
  // ahead are on their way. REQUIRES: mutex_ held.
  std::deque<std::shared_ptr<Window>> Prepare(int64_t offset, int64_t length);
  void StartWindow();

  const std::shared_ptr<const Fetch> fetch_;
  const int64_t size_;
  ThreadPool& pool_;
  const ReadAheadOptions options_;

  std::mutex mutex_;
  int64_t next_offset_ = -1;                     // where the last read ended
  std::deque<std::shared_ptr<Window>> windows_;  // adjacent
  int64_t windows_end_ = 0;
  int64_t next_window_bytes_ = 0;
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_READ_AHEAD_H_
