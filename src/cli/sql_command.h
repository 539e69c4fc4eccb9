#ifndef PALLAS_CLI_SQL_COMMAND_H_
#define PALLAS_CLI_SQL_COMMAND_H_

#include <optional>
#include <string>

#include "cli/config.h"
#include "cli/interrupt.h"

namespace pallas::cli {

enum class OutputFormat { kTable, kCsv, kJson, kArrow, kParquet };

struct SqlCommandOptions {
  std::optional<std::string> statement;  // -e
  std::optional<std::string> file;       // -f; "-" is standard input
  std::string catalog = "awsdatacatalog";
  std::string database = "default";
  OutputFormat format = OutputFormat::kTable;
  std::string output;  // a file; empty: standard output
};

// `pallas sql`: runs the statements of -e, -f or standard input one after the other and stops at
// the first error, which goes to standard error. Returns the exit code: 0, 1 for an error, 130 for
// a query cancelled by Ctrl-C.
int RunSqlCommand(const Config& config, const SqlCommandOptions& options,
                  InterruptHandler& interrupts);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SQL_COMMAND_H_
