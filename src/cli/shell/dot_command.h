#ifndef PALLAS_CLI_SHELL_DOT_COMMAND_H_
#define PALLAS_CLI_SHELL_DOT_COMMAND_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pallas::cli {

// The commands of the shell itself: lines that begin with a dot.
enum class DotCommandKind { kFormat, kHelp, kNull, kOutput, kPager, kQuit, kTables, kTiming, kUse };

struct DotCommand {
  DotCommandKind kind = DotCommandKind::kHelp;
  std::string argument;  // empty: none
};

// What may stand as the argument; for completion.
enum class DotArgument { kNone, kChoice, kCatalogOrDatabase, kText };

struct DotCommandEntry {
  DotCommandKind kind;
  std::string_view name;   // ".format"
  std::string_view usage;  // ".format table|vertical|csv|json"
  std::string_view description;
  DotArgument argument;
};

// In the order of their names.
std::span<const DotCommandEntry> DotCommands();

// `line` begins with a dot; a semicolon at its end is allowed. An unknown command is an error that
// lists those there are.
absl::StatusOr<DotCommand> ParseDotCommand(std::string_view line);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_DOT_COMMAND_H_
