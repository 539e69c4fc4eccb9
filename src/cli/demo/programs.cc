#include "cli/demo/programs.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

namespace fs = std::filesystem;

// The value of a variable that is set and not empty.
std::optional<std::string> Variable(std::string_view name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables.
  const char* const value = std::getenv(std::string(name).c_str());
  return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

// A program that may be run, or a folder that may be entered: both are the same permission.
bool Usable(const fs::path& path) { return access(path.c_str(), X_OK) == 0; }

// The folders .deps above the running program: it is build/<preset>/pallas of the source tree.
std::vector<fs::path> FetchedFolders() {
  constexpr int kLevels = 8;
  std::vector<fs::path> folders;
  if (const auto deps = Variable("PALLAS_DEPS")) {
    folders.emplace_back(*deps);
  }
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (int level = 0; !error && level < kLevels && folder.has_relative_path(); ++level) {
    folders.push_back(folder / ".deps");
    folder = folder.parent_path();
  }
  return folders;
}

std::vector<fs::path> SearchPath() {
  std::vector<fs::path> folders;
  for (const std::string_view folder : absl::StrSplit(Variable("PATH").value_or(""), ':')) {
    if (!folder.empty()) {
      folders.emplace_back(folder);
    }
  }
  for (const char* const folder : {"/usr/local/sbin", "/usr/sbin", "/sbin"}) {
    folders.emplace_back(folder);
  }
  return folders;
}

absl::Status Missing(const ProgramPlace& place) {
  return absl::NotFoundError(
      absl::StrCat(place.what, " is missing (", place.name.empty() ? place.fetched : place.name,
                   "): ", place.remedy, ", or set ", place.variable, " to where it is"));
}

}  // namespace

absl::StatusOr<std::string> FindProgram(const ProgramPlace& place) {
  if (const auto named = Variable(place.variable)) {
    if (!Usable(*named)) {
      return absl::NotFoundError(absl::StrCat(place.variable, " names ", *named,
                                              ", which is not there or may not be used"));
    }
    return *named;
  }
  if (!place.fetched.empty()) {
    for (const fs::path& folder : FetchedFolders()) {
      if (Usable(folder / place.fetched)) {
        return (folder / place.fetched).string();
      }
    }
  }
  for (const std::string_view name : {place.name, place.other_name}) {
    for (const fs::path& folder : SearchPath()) {
      if (!name.empty() && Usable(folder / name)) {
        return (folder / name).string();
      }
    }
  }
  return Missing(place);
}

absl::Status CheckPrograms(const std::vector<ProgramPlace>& places) {
  std::vector<std::string> missing;
  for (const ProgramPlace& place : places) {
    if (const auto path = FindProgram(place); !path.ok()) {
      missing.emplace_back(path.status().message());
    }
  }
  return missing.empty() ? absl::OkStatus() : absl::NotFoundError(absl::StrJoin(missing, "\n"));
}

}  // namespace pallas::cli
