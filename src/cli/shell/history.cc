#include "cli/shell/history.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/text_file.h"
#include <fcntl.h>
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr mode_t kOwnerOnly = 0600;

std::string Escape(std::string_view text) {
  std::string line;
  line.reserve(text.size() + 1);
  for (const char c : text) {
    if (c == '\\' || c == '\n') {
      line.append(c == '\n' ? "\\n" : "\\\\");
    } else {
      line.push_back(c);
    }
  }
  line.push_back('\n');
  return line;
}

std::string Unescape(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      ++i;
      text.push_back(line[i] == 'n' ? '\n' : line[i]);
    } else {
      text.push_back(line[i]);
    }
  }
  return text;
}

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::UnavailableError(absl::StrCat("cannot keep the history in ", path, ": ",
                                             std::generic_category().message(error)));
}

// One write() for each call, so that lines of several shells do not mix.
absl::Status WriteTo(const std::string& path, int flags, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, kOwnerOnly);
  if (file < 0) {
    return CannotWrite(path, errno);
  }
  const ssize_t written = ::write(file, bytes.data(), bytes.size());
  const int error = written < 0 ? errno : ENOSPC;
  ::close(file);
  return written == static_cast<ssize_t>(bytes.size()) ? absl::OkStatus()
                                                       : CannotWrite(path, error);
}

}  // namespace

absl::StatusOr<History> History::Open(std::string path) {
  History history(std::move(path));
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(history.path_).parent_path();
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (!std::filesystem::exists(history.path_, error)) {
    RETURN_IF_ERROR(WriteTo(history.path_, O_APPEND, ""));
    return history;
  }
  ASSIGN_OR_RETURN(const std::string text, ReadTextFile(history.path_));
  const std::vector<std::string_view> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  const size_t skipped = lines.size() > kMaxEntries ? lines.size() - kMaxEntries : 0;
  for (size_t i = skipped; i < lines.size(); ++i) {
    history.entries_.push_back(Unescape(lines[i]));
  }
  if (!history.entries_.empty()) {
    history.last_ = history.entries_.back();
  }
  if (lines.size() >= 2 * kMaxEntries) {
    RETURN_IF_ERROR(history.Rewrite());
  }
  return history;
}

bool History::Wants(std::string_view text) const {
  return !absl::StripAsciiWhitespace(text).empty() && text.size() <= kMaxEntryBytes &&
         text[0] != ' ' && text != last_;
}

absl::Status History::Add(std::string_view text) {
  last_ = text;
  return WriteTo(path_, O_APPEND, Escape(text));
}

absl::Status History::Rewrite() const {
  const std::string aside = absl::StrCat(path_, ".", getpid());
  std::string text;
  for (const std::string& entry : entries_) {
    text.append(Escape(entry));
  }
  absl::Status status = WriteTo(aside, O_TRUNC, text);
  if (status.ok() && std::rename(aside.c_str(), path_.c_str()) != 0) {
    status = CannotWrite(path_, errno);
  }
  if (!status.ok()) {
    ::unlink(aside.c_str());
  }
  return status;
}

std::string DefaultHistoryPath() {
  // The thread that asks is the only one that reads or changes the environment.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (const char* const state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return absl::StrCat(state, "/pallas/history");
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return absl::StrCat(home, "/.local/state/pallas/history");
  }
  return "";
}

}  // namespace pallas::cli
