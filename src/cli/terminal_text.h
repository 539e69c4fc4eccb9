#ifndef PALLAS_CLI_TERMINAL_TEXT_H_
#define PALLAS_CLI_TERMINAL_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace pallas::cli {

// How text looks on a terminal. All text is UTF-8; bytes that are not count one cell each.

// How many cells `text` takes: wide characters two, combining ones none.
size_t DisplayWidth(std::string_view text);

// `text` without what would tear a line or steer the terminal: control characters, line separators
// and marks that turn the direction of writing become \n, \x1b, \u202e.
std::string Printable(std::string_view text);

// `text` if it fits into `width` cells, else its start and an ellipsis, no wider than that.
// REQUIRES: width > 0.
std::string CutToWidth(std::string_view text, size_t width);

// The longest start of `text` that takes at most `width` cells.
std::string_view PrefixOfWidth(std::string_view text, size_t width);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_TERMINAL_TEXT_H_
