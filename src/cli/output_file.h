#ifndef PALLAS_CLI_OUTPUT_FILE_H_
#define PALLAS_CLI_OUTPUT_FILE_H_

#include <cstdio>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/output.h"

namespace pallas::cli {

// Where the rows of a script go: standard output, or a file that holds them all or stays as it was.
// What is written lies in a file beside it until Commit(). Pipes and devices are written at once.
// One thread.
class OutputFile {
 public:
  // An empty path is standard output. Touches nothing yet.
  explicit OutputFile(std::string path) : path_(std::move(path)) {}

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  // Without Commit(), what was written goes.
  ~OutputFile();

  // The file to write to; the same at each call. Belongs to this object.
  absl::StatusOr<std::FILE*> Open();

  // Puts the file in its place, if there was anything to write. Nothing is written afterwards.
  absl::Status Commit();

 private:
  absl::Status OpenAside();
  absl::Status CannotWrite(int error) const;

  std::string path_;
  std::string target_;  // what `path_` is, links followed
  std::string aside_;   // empty: written in place
  FilePtr file_;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_OUTPUT_FILE_H_
