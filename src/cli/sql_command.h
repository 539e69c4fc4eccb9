#ifndef PALLAS_CLI_SQL_COMMAND_H_
#define PALLAS_CLI_SQL_COMMAND_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cli/config.h"
#include "cli/interrupt.h"
#include "cli/output.h"

namespace pallas::cli {

struct SqlCommandOptions {
  std::optional<std::string> statement;  // -e
  std::optional<std::string> file;       // -f; "-" is standard input
  std::string catalog = "awsdatacatalog";
  std::string database = "default";
  OutputFormat format = OutputFormat::kTable;
  std::string output;  // a file; empty: standard output
};

// `pallas sql`: runs the statements of -e, -f or standard input one after the other and stops at
// the first error, which goes to standard error; without -e and -f on a terminal it is a shell
// (shell/shell.h). Returns the exit code: 0, 1 for an error, 128 +
// the signal for a query that one cancelled (130 for Ctrl-C), and 141 when the reader of the rows
// has gone.
int RunSqlCommand(const Config& config, const SqlCommandOptions& options,
                  InterruptHandler& interrupts);

// Writes "NAME: message" to standard error.
void PrintError(const absl::Status& status);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SQL_COMMAND_H_
