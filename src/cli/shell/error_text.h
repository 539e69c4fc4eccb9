#ifndef PALLAS_CLI_SHELL_ERROR_TEXT_H_
#define PALLAS_CLI_SHELL_ERROR_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pallas::cli {

// The line of `statement` in which `error` happened with a caret under the place, in at most
// `columns` cells, as two lines; empty if the error names no place in it.
std::string PointAtError(const absl::Status& error, std::string_view statement, size_t columns);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_ERROR_TEXT_H_
