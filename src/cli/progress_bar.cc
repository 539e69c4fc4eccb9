#include "cli/progress_bar.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace pallas::cli {
namespace {

constexpr auto kFirstDraw = std::chrono::seconds(1);
constexpr auto kRedraw = std::chrono::milliseconds(250);
constexpr int kBarCells = 20;
// A line longer than the terminal is wide is cut, not wrapped: wiping counts lines.
constexpr char kWrapOff[] = "\x1b[?7l";
constexpr char kWrapOn[] = "\x1b[?7h";

std::string Amount(int64_t count, int64_t step, std::initializer_list<const char*> units) {
  auto value = static_cast<double>(count);
  const char* const* unit = units.begin();
  while (value >= static_cast<double>(step) && unit + 1 != units.end()) {
    value /= static_cast<double>(step);
    ++unit;
  }
  return unit == units.begin() ? absl::StrCat(count, *unit)
                               : absl::StrFormat("%.1f%s", value, *unit);
}

}  // namespace

std::string FormatProgress(const engine::QueryProgress& progress, double elapsed_seconds) {
  std::string text;
  size_t name_width = 0;
  for (const engine::ScanProgress& scan : progress.scans) {
    name_width = std::max(name_width, scan.table.size());
  }
  for (const engine::ScanProgress& scan : progress.scans) {
    const federation::ScanStatistics& statistics = scan.statistics;
    const int64_t planned = std::max<int64_t>(statistics.splits_planned, 1);
    const auto filled = static_cast<size_t>(
        std::min<int64_t>(kBarCells, statistics.splits_finished * kBarCells / planned));
    absl::StrAppend(&text, absl::StrFormat("%-*s", static_cast<int>(name_width), scan.table), " [",
                    std::string(filled, '='), std::string(kBarCells - filled, ' '), "] ",
                    statistics.splits_finished, "/", statistics.splits_planned,
                    statistics.planning_finished ? " splits, " : "+ splits, ",
                    Amount(statistics.rows, 1000, {" rows, ", "k rows, ", "M rows, ", "G rows, "}),
                    Amount(std::max(statistics.bytes, statistics.bytes_received), 1024,
                           {" B", " KiB", " MiB", " GiB", " TiB"}),
                    "\n");
  }
  absl::StrAppend(&text, absl::StrFormat("%.1f s", elapsed_seconds), "  (Ctrl-C cancels)\n");
  return text;
}

ProgressBar::ProgressBar(std::function<engine::QueryProgress()> progress)
    : progress_(std::move(progress)), thread_([this] { Run(); }) {}

ProgressBar::~ProgressBar() { Stop(); }

void ProgressBar::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void ProgressBar::Run() {
  const auto start = std::chrono::steady_clock::now();
  int lines_drawn = 0;
  const auto wipe = [&lines_drawn] {
    if (lines_drawn > 0) {
      std::fputs("\x1b[2K", stderr);  // what was typed meanwhile
    }
    for (; lines_drawn > 0; --lines_drawn) {
      std::fputs("\x1b[1A\x1b[2K", stderr);
    }
    std::fputc('\r', stderr);
  };
  std::unique_lock lock(mutex_);
  if (wake_.wait_for(lock, kFirstDraw, [this] { return stopped_; })) {
    return;
  }
  do {
    lock.unlock();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    const std::string text = FormatProgress(progress_(), elapsed.count());
    wipe();
    std::fprintf(stderr, "%s%s%s", kWrapOff, text.c_str(), kWrapOn);
    std::fflush(stderr);
    lines_drawn = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    lock.lock();
  } while (!wake_.wait_for(lock, kRedraw, [this] { return stopped_; }));
  wipe();
  std::fflush(stderr);
}

}  // namespace pallas::cli
