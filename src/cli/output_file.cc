#include "cli/output_file.h"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include <fcntl.h>
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr mode_t kNewFileMode = 0666;  // less what the umask takes

}  // namespace

OutputFile::~OutputFile() {
  file_.reset();
  if (!aside_.empty()) {
    unlink(aside_.c_str());
  }
}

absl::Status OutputFile::CannotWrite(int error) const {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write to ", path_, ": ", std::generic_category().message(error)));
}

absl::StatusOr<std::FILE*> OutputFile::Open() {
  if (file_ == nullptr) {
    struct stat present = {};
    if (path_.empty()) {
      file_.reset(stdout);
    } else if (stat(path_.c_str(), &present) == 0 && !S_ISREG(present.st_mode)) {
      file_.reset(std::fopen(path_.c_str(), "wbe"));
    } else {
      RETURN_IF_ERROR(OpenAside());
    }
    if (file_ == nullptr) {
      return CannotWrite(errno);
    }
  }
  return file_.get();
}

absl::Status OutputFile::OpenAside() {
  std::error_code error;
  target_ = std::filesystem::weakly_canonical(path_, error).string();
  if (error) {
    return CannotWrite(error.value());
  }
  struct stat present = {};
  const bool exists = stat(target_.c_str(), &present) == 0;
  if (exists && access(target_.c_str(), W_OK) != 0) {
    return CannotWrite(errno);
  }
  std::string aside = absl::StrCat(target_, ".", getpid(), ".part");
  unlink(aside.c_str());  // of a process of this number that was killed
  const int descriptor = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode);
  if (descriptor < 0) {
    return CannotWrite(errno);
  }
  aside_ = std::move(aside);
  if (exists && fchmod(descriptor, present.st_mode & ALLPERMS) != 0) {
    const int failed = errno;
    close(descriptor);
    return CannotWrite(failed);
  }
  file_.reset(fdopen(descriptor, "wb"));
  return absl::OkStatus();
}

absl::Status OutputFile::Commit() {
  if (file_ == nullptr) {
    return absl::OkStatus();
  }
  if (std::fflush(file_.get()) != 0) {
    return CannotWrite(errno);
  }
  if (aside_.empty()) {
    return absl::OkStatus();
  }
  file_.reset();
  if (std::rename(aside_.c_str(), target_.c_str()) != 0) {
    return CannotWrite(errno);
  }
  aside_.clear();
  return absl::OkStatus();
}

}  // namespace pallas::cli
