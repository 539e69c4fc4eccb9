#include "cli/demo/demo_folder.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <sys/file.h>
#include <sys/random.h>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "cli/application.h"
#include "cli/text_file.h"
#include <fcntl.h>
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kMark[] = ".pallas-demo";
constexpr std::string_view kMarkText =
    "This folder was made by `pallas demo`; `pallas demo --stop` removes it.\n";
// All that the demo makes at the top of its folder, but for the mark.
constexpr const char* kParts[] = {"data", "pallas.toml", "secrets", "servers", "tables"};
constexpr size_t kPasswordBytes = 16;

absl::Status Cannot(std::string_view what, const std::string& path, const std::string& why) {
  return absl::PermissionDeniedError(absl::StrCat("cannot ", what, " ", path, ": ", why));
}

bool HasMark(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::path(path) / kMark, error);
}

}  // namespace

absl::StatusOr<DemoFolder> DemoFolder::Open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return Cannot("make the folder", path, error.message());
  }
  const std::string folder = fs::canonical(path, error).string();
  if (error) {
    return Cannot("use the folder", path, error.message());
  }
  if (!HasMark(folder)) {
    if (!fs::is_empty(folder, error) || error) {
      return absl::FailedPreconditionError(
          absl::StrCat(folder,
                       " holds other things than a demo of ours; choose another folder "
                       "with --data"));
    }
    RETURN_IF_ERROR(WriteTextFile(absl::StrCat(folder, "/", kMark), kMarkText, 0600));
  }
  return Lock(folder);
}

absl::StatusOr<DemoFolder> DemoFolder::OpenPresent(const std::string& path) {
  std::error_code error;
  const std::string folder = fs::canonical(path, error).string();
  if (error == std::errc::no_such_file_or_directory) {
    return absl::NotFoundError(absl::StrCat("there is no demo in ", path));
  }
  if (error) {
    return Cannot("use the folder", path, error.message());
  }
  if (!HasMark(folder)) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, " was not made by pallas demo; nothing was touched"));
  }
  return Lock(folder);
}

absl::StatusOr<DemoFolder> DemoFolder::Lock(const std::string& path) {
  const std::string mark = absl::StrCat(path, "/", kMark);
  const int file = open(mark.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) {
    return Cannot("open", mark, std::generic_category().message(errno));
  }
  DemoFolder folder(path, file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("another pallas demo works in ", path, "; wait until it is done"));
  }
  return folder;
}

DemoFolder::~DemoFolder() {
  if (lock_ >= 0) {
    close(lock_);
  }
}

std::string DemoFolder::PathOf(std::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

absl::StatusOr<std::string> DemoFolder::Password(std::string_view name) const {
  const std::string folder = PathOf("secrets");
  const std::string path = absl::StrCat(folder, "/", name);
  if (const auto present = ReadTextFile(path); present.ok() && !present->empty()) {
    return *present;
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return Cannot("make the folder", folder, error.message());
  }
  std::array<char, kPasswordBytes> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return absl::UnavailableError("the system gives no random numbers");
  }
  std::string password = absl::BytesToHexString(std::string_view(random.data(), random.size()));
  RETURN_IF_ERROR(WriteTextFile(path, password, 0600));
  return password;
}

absl::StatusOr<std::vector<std::string>> DemoFolder::Remove() {
  std::error_code error;
  for (const char* const part : kParts) {
    fs::remove_all(PathOf(part), error);
    if (error) {
      return Cannot("remove", PathOf(part), error.message());
    }
  }
  std::vector<std::string> others;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, error)) {
    if (entry.path().filename() != kMark) {
      others.push_back(entry.path().filename().string());
    }
  }
  // The mark goes last: a removal that was cut short can be taken up again.
  fs::remove(PathOf(kMark), error);
  if (!error && others.empty()) {
    fs::remove(path_, error);
  }
  if (error) {
    return Cannot("remove", path_, error.message());
  }
  return others;
}

absl::StatusOr<std::string> DefaultDemoFolder() {
  ASSIGN_OR_RETURN(const std::string data, DefaultDataDir());
  return absl::StrCat(data, "-demo");
}

}  // namespace pallas::cli
