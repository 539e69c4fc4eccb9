#ifndef PALLAS_CLI_SHELL_LINE_EDITOR_H_
#define PALLAS_CLI_SHELL_LINE_EDITOR_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cli/shell/completer.h"

namespace pallas::cli {

// Candidates for the word at the byte `cursor` of the line.
using LineCompletion = std::function<Completion(std::string_view line, size_t cursor)>;

// Reads lines from the terminal, with editing, history and completion. Owns the terminal's modes
// while Read() runs and gives them back before it returns. One thread, but for Interrupt().
// Signals SIGWINCH and SIGCONT must be blocked in every thread.
class LineEditor {
 public:
  enum class Ending {
    kLine,         // the user pressed Enter
    kAbandoned,    // Ctrl-C: the line is to be forgotten
    kEnd,          // Ctrl-D, or the terminal has gone
    kInterrupted,  // Interrupt() was called
  };

  struct Input {
    Ending ending = Ending::kEnd;
    std::string text;  // kLine: without the line break at its end
  };

  // Sets the process' character type to UTF-8, which all of Pallas writes, whatever the locale.
  static absl::StatusOr<std::unique_ptr<LineEditor>> Make(LineCompletion completion);

  virtual ~LineEditor() = default;

  virtual Input Read(const std::string& prompt) = 0;

  // Arrow up brings it back; it may have several lines.
  virtual void AddHistory(const std::string& text) = 0;

  // Ends Read(), the present one or the next. Any thread.
  virtual void Interrupt() = 0;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_LINE_EDITOR_H_
