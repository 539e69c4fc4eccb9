#include "storage/read_ahead.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/status_macros.h"

namespace pallas::storage {

// A range on its way. Shared by the reader and the thread that fetches it.
struct ReadAhead::Window {
  Window(int64_t window_offset, int64_t window_length)
      : offset(window_offset), length(window_length) {}

  const int64_t offset;
  const int64_t length;
  std::mutex mutex;
  std::condition_variable done;
  std::string bytes;                    // complete once `outcome` is there
  std::optional<absl::Status> outcome;  // under mutex

  int64_t end() const { return offset + length; }

  void Fill(const Fetch& fetch) {
    bytes.resize(static_cast<size_t>(length));
    absl::Status status = fetch(offset, length, bytes.data());
    const std::lock_guard lock(mutex);
    outcome = std::move(status);
    done.notify_all();
  }

  absl::Status Wait() {
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return outcome.has_value(); });
    return *outcome;
  }
};

ReadAhead::ReadAhead(Fetch fetch, int64_t size, ThreadPool& pool, ReadAheadOptions options)
    : fetch_(std::make_shared<const Fetch>(std::move(fetch))),
      size_(size),
      pool_(pool),
      options_(options) {}

ReadAhead::~ReadAhead() = default;

absl::Status ReadAhead::Read(int64_t offset, int64_t length, char* out) {
  std::deque<std::shared_ptr<Window>> windows;
  {
    const std::lock_guard lock(mutex_);
    const bool follows = offset == next_offset_;
    next_offset_ = offset + length;
    if (follows && length <= options_.max_window_bytes) {
      windows = Prepare(offset, length);
    } else {
      windows_.clear();
    }
  }
  if (windows.empty()) {
    return (*fetch_)(offset, length, out);
  }
  for (const std::shared_ptr<Window>& window : windows) {
    if (absl::Status fetched = window->Wait(); !fetched.ok()) {
      const std::lock_guard lock(mutex_);
      windows_.clear();
      return fetched;
    }
    const int64_t begin = std::max(offset, window->offset);
    const int64_t end = std::min(offset + length, window->end());
    std::memcpy(out + (begin - offset), window->bytes.data() + (begin - window->offset),
                static_cast<size_t>(end - begin));
  }
  return absl::OkStatus();
}

std::deque<std::shared_ptr<ReadAhead::Window>> ReadAhead::Prepare(int64_t offset, int64_t length) {
  while (!windows_.empty() && windows_.front()->end() <= offset) {
    windows_.pop_front();
  }
  if (windows_.empty() || windows_.front()->offset > offset) {
    windows_.clear();
    windows_end_ = offset;
    next_window_bytes_ = options_.first_window_bytes;
  }
  const int64_t end = offset + length;
  while (windows_end_ < end) {
    StartWindow();
  }
  std::deque<std::shared_ptr<Window>> needed;
  std::copy_if(windows_.begin(), windows_.end(), std::back_inserter(needed),
               [&](const auto& window) { return window->offset < end; });
  const size_t wanted = needed.size() + static_cast<size_t>(options_.windows_ahead) - 1;
  while (windows_end_ < size_ && windows_.size() < wanted) {
    StartWindow();
  }
  return needed;
}

void ReadAhead::StartWindow() {
  auto window =
      std::make_shared<Window>(windows_end_, std::min(next_window_bytes_, size_ - windows_end_));
  windows_end_ = window->end();
  next_window_bytes_ = std::min(next_window_bytes_ * 2, options_.max_window_bytes);
  windows_.push_back(window);
  pool_.Submit([window, fetch = fetch_] { window->Fill(*fetch); });
}

}  // namespace pallas::storage
