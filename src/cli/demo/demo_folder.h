#ifndef PALLAS_CLI_DEMO_DEMO_FOLDER_H_
#define PALLAS_CLI_DEMO_DEMO_FOLDER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pallas::cli {

// The folder below which all lies that the demo makes, marked as its own by a file. While this
// object lives no other process works with the folder.
class DemoFolder {
 public:
  // Makes the folder, or takes one with the demo's mark or nothing in it. FAILED_PRECONDITION for
  // any other, so that nobody's files are touched, and while another process works with it.
  static absl::StatusOr<DemoFolder> Open(const std::string& path);

  // As Open(), for a folder that is there; NOT_FOUND if there is none.
  static absl::StatusOr<DemoFolder> OpenPresent(const std::string& path);

  DemoFolder(DemoFolder&& other) noexcept
      : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

  DemoFolder& operator=(DemoFolder&& other) = delete;
  ~DemoFolder();

  // Absolute, symbolic links resolved.
  const std::string& path() const { return path_; }

  std::string PathOf(std::string_view name) const;

  // The text of the file `name`, which only its owner can read; made with 128 random bits where it
  // is missing.
  absl::StatusOr<std::string> Password(std::string_view name) const;

  // Removes what the demo has made, and the folder if nothing else is in it. Returns the names of
  // what else there was.
  absl::StatusOr<std::vector<std::string>> Remove();

 private:
  DemoFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  static absl::StatusOr<DemoFolder> Lock(const std::string& path);

  std::string path_;
  int lock_ = -1;
};

// Where the demo lives unless --data says otherwise: $XDG_DATA_HOME/pallas-demo, else
// ~/.local/share/pallas-demo.
absl::StatusOr<std::string> DefaultDemoFolder();

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_DEMO_FOLDER_H_
