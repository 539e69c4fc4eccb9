#ifndef PALLAS_CLI_SHELL_PAGER_H_
#define PALLAS_CLI_SHELL_PAGER_H_

#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/shell/terminal_size.h"

namespace pallas::cli {

// Where the rows of one result go on the terminal: straight to it if they fit the screen, else
// through another program that lets the user move about in them. One thread.
// Calls: any number of Write(), then Finish() once. Destroyed unfinished, it lets the program show
// what it has and waits for the user to leave it.
class Pager {
 public:
  struct Options {
    std::string command;  // for the shell; empty: everything goes straight to the terminal
    TerminalSize screen;
    // Called before anything is written.
    std::function<void()> on_first_output = [] {};
    // Called with true when the program has the terminal, with false when it has ended.
    std::function<void(bool open)> on_open = [](bool) {};
  };

  explicit Pager(Options options) : options_(std::move(options)) {}

  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  ~Pager();

  // IsReaderGone() when the user has left the program.
  absl::Status Write(std::string_view bytes);

  // Waits until the user has left the program. An error if the command could not be run.
  absl::Status Finish();

  // How long writes have waited for the user.
  absl::Duration waited() const { return waited_; }

 private:
  absl::Status Open();
  absl::Status WriteToProgram(std::string_view bytes);
  absl::Status Close();

  Options options_;
  std::string held_;  // until it is known whether it fits
  size_t lines_ = 0;
  size_t column_ = 0;
  bool direct_ = false;  // to the terminal, from now on
  pid_t program_ = -1;
  int pipe_ = -1;
  absl::Duration waited_ = absl::ZeroDuration();
};

// $PALLAS_PAGER, else $PAGER, else less if it is there; empty: none.
std::string DefaultPager();

// Whether the command shows faint letters rather than the bytes that ask for them.
bool PagerShowsStyles(std::string_view command);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_PAGER_H_
