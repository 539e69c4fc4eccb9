#ifndef PALLAS_CLI_SHELL_SHELL_H_
#define PALLAS_CLI_SHELL_SHELL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/application.h"
#include "cli/interrupt.h"
#include "cli/output.h"

namespace pallas::cli {

struct ShellOptions {
  std::string catalog;
  std::string database;
  OutputFormat format = OutputFormat::kTable;
  std::string output;  // a file for the rows; empty: the terminal
};

// `pallas sql` on a terminal: reads statements and dot commands with line editing, runs them one by
// one and shows their rows, until the user leaves. An error ends no more than what was entered with
// it. Returns the exit code: 0, or 128 + the signal that ended it (not Ctrl-C, which cancels a
// query or clears a line).
absl::StatusOr<int> RunShell(Application& application, const ShellOptions& options,
                             InterruptHandler& interrupts);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_SHELL_H_
