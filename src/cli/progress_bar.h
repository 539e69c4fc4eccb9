#ifndef PALLAS_CLI_PROGRESS_BAR_H_
#define PALLAS_CLI_PROGRESS_BAR_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "engine/query_engine.h"

namespace pallas::cli {

// One line per source on a terminal (standard error) while a query takes longer than a second:
// splits, rows and bytes. Draws from a thread of its own; Stop() (or the destructor) wipes it.
class ProgressBar {
 public:
  // `progress` is called from the drawing thread.
  explicit ProgressBar(std::function<engine::QueryProgress()> progress);
  ~ProgressBar();

  // Removes the lines; nothing is drawn any more. Call before rows go to the same terminal.
  void Stop();

 private:
  void Run();

  std::function<engine::QueryProgress()> progress_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

// What the bar shows, one line per scan; `elapsed_seconds` since the query started.
std::string FormatProgress(const engine::QueryProgress& progress, double elapsed_seconds);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_PROGRESS_BAR_H_
