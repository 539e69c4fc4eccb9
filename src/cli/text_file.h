#ifndef PALLAS_CLI_TEXT_FILE_H_
#define PALLAS_CLI_TEXT_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace pallas::cli {

// The whole content of a file. NOT_FOUND "cannot read <path>: <why>", for a folder too.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_TEXT_FILE_H_
