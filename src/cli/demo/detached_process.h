#ifndef PALLAS_CLI_DEMO_DETACHED_PROCESS_H_
#define PALLAS_CLI_DEMO_DETACHED_PROCESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "sdk/request_context.h"

namespace pallas::cli {

// How a process is begun.
struct DetachedProcessOptions {
  std::string program;                 // its path
  std::vector<std::string> arguments;  // after its name
  std::string called_as;               // its own name, for it to read; empty: the path
  std::string folder;                  // it works there
  std::string log_file;                // its output, from the start of the file
  std::string id_file;                 // by which Find() knows it again
};

// A process that lives on when this one ends: in a session of its own, so that a Ctrl-C does not
// reach it. A file holds its number and the time of its start, since numbers are used again. The
// file is there before the program runs: whoever is killed in between leaves no process unknown.
// A value; destroying it ends nothing.
class DetachedProcess {
 public:
  static absl::StatusOr<DetachedProcess> Start(const DetachedProcessOptions& options);

  // The process of an id file, if it still runs.
  static std::optional<DetachedProcess> Find(const std::string& id_file);

  bool Running() const;

  pid_t pid() const { return pid_; }

  // Changes when the process is another one: "4711 123456".
  std::string identity() const;

  // Asks it to end; does not wait.
  void Terminate() const;

  // Ends it and what it has started, at once.
  void Kill() const;

  // Asks it to end, insists when `patience` is over, and waits until it has.
  void Stop(absl::Duration patience) const;

  // Waits for its end. A cancelled request ends it. REQUIRES: this process has started it. Returns
  // its exit code, 128 + the signal that ended it.
  absl::StatusOr<int> Wait(const sdk::RequestContext& context) const;

 private:
  DetachedProcess(pid_t pid, uint64_t start_ticks) : pid_(pid), start_ticks_(start_ticks) {}

  bool WaitForEnd(absl::Duration patience) const;

  pid_t pid_;
  uint64_t start_ticks_;  // of the machine's clock, since it was booted
};

// The last lines of a log, to show why a process has ended; at most `max_lines`.
std::string LastLines(const std::string& file, int max_lines);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_DETACHED_PROCESS_H_
