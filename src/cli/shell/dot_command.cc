#include "cli/shell/dot_command.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/terminal_text.h"

namespace pallas::cli {
namespace {

constexpr std::array kCommands = std::to_array<DotCommandEntry>({
    {DotCommandKind::kFormat, ".format", ".format table|vertical|csv|json", "how rows are shown",
     DotArgument::kChoice},
    {DotCommandKind::kHelp, ".help", ".help", "this list", DotArgument::kNone},
    {DotCommandKind::kNull, ".null", ".null TEXT", "what stands for NULL in tables",
     DotArgument::kText},
    {DotCommandKind::kOutput, ".output", ".output [FILE]",
     "write rows to a file; without one, to the terminal again", DotArgument::kText},
    {DotCommandKind::kPager, ".pager", ".pager on|off|COMMAND",
     "what shows rows that do not fit the screen", DotArgument::kChoice},
    {DotCommandKind::kQuit, ".quit", ".quit", "leave; so does Ctrl-D", DotArgument::kNone},
    {DotCommandKind::kTables, ".tables", ".tables [CATALOG.]DATABASE",
     "tables and views; without a name, of the current database", DotArgument::kCatalogOrDatabase},
    {DotCommandKind::kTiming, ".timing", ".timing on|off", "the time that a statement took",
     DotArgument::kChoice},
    {DotCommandKind::kUse, ".use", ".use CATALOG[.DATABASE]|DATABASE",
     "where names without a catalog or database are looked up", DotArgument::kCatalogOrDatabase},
});

}  // namespace

std::span<const DotCommandEntry> DotCommands() { return kCommands; }

absl::StatusOr<DotCommand> ParseDotCommand(std::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  absl::ConsumeSuffix(&line, ";");
  const size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view name = line.substr(0, end);
  const std::string_view argument = absl::StripAsciiWhitespace(line.substr(end));
  for (const DotCommandEntry& entry : kCommands) {
    if (!absl::EqualsIgnoreCase(entry.name, name)) {
      continue;
    }
    if (entry.argument == DotArgument::kNone && !argument.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(entry.name, " takes no argument"));
    }
    return DotCommand{entry.kind, std::string(argument)};
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no command ", Printable(name), "; there are ",
      absl::StrJoin(kCommands, ", ", [](std::string* out, const DotCommandEntry& entry) {
        out->append(entry.name);
      })));
}

}  // namespace pallas::cli
