#include "cli/shell/terminal_size.h"

#include <sys/ioctl.h>

#include <unistd.h>

namespace pallas::cli {

TerminalSize SizeOfTerminal() {
  TerminalSize size;
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0) {
    size.rows = window.ws_row > 0 ? window.ws_row : size.rows;
    size.columns = window.ws_col > 0 ? window.ws_col : size.columns;
  }
  return size;
}

}  // namespace pallas::cli
