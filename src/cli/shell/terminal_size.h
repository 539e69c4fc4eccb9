#ifndef PALLAS_CLI_SHELL_TERMINAL_SIZE_H_
#define PALLAS_CLI_SHELL_TERMINAL_SIZE_H_

#include <cstddef>

namespace pallas::cli {

struct TerminalSize {
  size_t rows = 24;
  size_t columns = 80;
};

// Of the terminal at standard output, as it is now; what is not known is as above.
TerminalSize SizeOfTerminal();

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_TERMINAL_SIZE_H_
