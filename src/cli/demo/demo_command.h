#ifndef PALLAS_CLI_DEMO_DEMO_COMMAND_H_
#define PALLAS_CLI_DEMO_DEMO_COMMAND_H_

#include <string>
#include <vector>

#include "cli/interrupt.h"

namespace pallas::cli {

enum class DemoAction { kRun, kStop, kStatus };

struct DemoCommandOptions {
  DemoAction action = DemoAction::kRun;
  std::string folder;  // empty: DefaultDemoFolder()
  std::string scale = "0.01";
};

// `pallas demo`: makes the data mesh on this machine, runs the query and the view over it, and
// leaves it up. Writes to standard output; errors to standard error. `environment` is environ's
// form. Returns the exit code: 0, 1 for an error, 128 + the signal that cancelled it.
int RunDemoCommand(const DemoCommandOptions& options, const std::vector<std::string>& environment,
                   InterruptHandler& interrupts);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_DEMO_COMMAND_H_
