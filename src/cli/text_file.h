#ifndef PALLAS_CLI_TEXT_FILE_H_
#define PALLAS_CLI_TEXT_FILE_H_

#include <string>
#include <string_view>
#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pallas::cli {

// The whole content of a file. NOT_FOUND "cannot read <path>: <why>", for a folder too.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

// Makes or replaces a file with the permissions `mode`: it is there whole or as it was before.
absl::Status WriteTextFile(const std::string& path, std::string_view text, mode_t mode);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_TEXT_FILE_H_
