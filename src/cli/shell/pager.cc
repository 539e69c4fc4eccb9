#include "cli/shell/pager.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/output.h"
#include "cli/terminal_text.h"
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

// Lines are not folded, styles shown, and the screen is left as it is when all fits.
constexpr char kDefaultPager[] = "less -SRFX";
// What a shell says of a command that cannot be run, or is not there.
constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;

bool IsOnPath(const std::string& program) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment.
  const char* const path = std::getenv("PATH");
  for (const std::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    if (!folder.empty() && ::access(absl::StrCat(folder, "/", program).c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

// Starts `command` by the shell, reading from `input`, with the signals as programs expect them.
absl::StatusOr<pid_t> Spawn(const std::string& command, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string text = command;
  std::array<char*, 4> arguments = {const_cast<char*>("sh"), const_cast<char*>("-c"), text.data(),
                                    nullptr};
  pid_t program = -1;
  const int error =
      posix_spawn(&program, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("cannot start the pager '", command,
                                               "': ", std::generic_category().message(error)));
  }
  return program;
}

}  // namespace

Pager::~Pager() {
  // The error of a result that is given up is told already.
  Close().IgnoreError();
}

absl::Status Pager::Write(std::string_view bytes) {
  if (bytes.empty()) {
    return absl::OkStatus();
  }
  if (direct_) {
    return WriteAll(stdout, bytes);
  }
  if (program_ >= 0) {
    return WriteToProgram(bytes);
  }
  if (held_.empty()) {
    options_.on_first_output();
  }
  if (options_.command.empty()) {
    direct_ = true;
    return WriteAll(stdout, bytes);
  }
  held_.append(bytes);
  const std::vector<std::string_view> lines = absl::StrSplit(bytes, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    column_ = (i == 0 ? column_ : 0) + DisplayWidth(lines[i]);
    // A line break ends a screen line; so does each time that the text is as wide as the screen.
    lines_ += column_ / options_.screen.columns + (i + 1 < lines.size() ? 1 : 0);
    column_ %= options_.screen.columns;
  }
  // The line that tells of the result, and the next prompt, stand below.
  constexpr size_t kLinesBelow = 2;
  return lines_ + kLinesBelow > options_.screen.rows ? Open() : absl::OkStatus();
}

absl::Status Pager::Finish() {
  if (program_ < 0 && !direct_) {
    RETURN_IF_ERROR(WriteAll(stdout, held_));
    held_.clear();
  }
  RETURN_IF_ERROR(Close());
  return FlushOutput(stdout);
}

absl::Status Pager::Open() {
  RETURN_IF_ERROR(FlushOutput(stdout));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return WriteError(errno);
  }
  absl::StatusOr<pid_t> program = Spawn(options_.command, ends[0]);
  ::close(ends[0]);
  if (!program.ok()) {
    ::close(ends[1]);
    return program.status();
  }
  program_ = *program;
  pipe_ = ends[1];
  options_.on_open(true);
  const std::string held = std::exchange(held_, {});
  return WriteToProgram(held);
}

absl::Status Pager::WriteToProgram(std::string_view bytes) {
  const absl::Time start = absl::Now();
  absl::Status status;
  while (!bytes.empty() && status.ok()) {
    const ssize_t written = ::write(pipe_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      status = WriteError(errno);
    }
  }
  waited_ += absl::Now() - start;
  if (IsReaderGone(status)) {
    RETURN_IF_ERROR(Close());  // perhaps because it never was there
  }
  return status;
}

absl::Status Pager::Close() {
  if (program_ < 0) {
    return absl::OkStatus();
  }
  ::close(pipe_);
  int state = 0;
  while (::waitpid(program_, &state, 0) < 0 && errno == EINTR) {
  }
  program_ = -1;
  direct_ = true;
  options_.on_open(false);
  if (WIFEXITED(state) && (WEXITSTATUS(state) == kNotFound || WEXITSTATUS(state) == kCannotRun)) {
    return absl::NotFoundError(absl::StrCat("cannot run the pager '", options_.command,
                                            "'; see .pager, or set PALLAS_PAGER"));
  }
  return absl::OkStatus();
}

std::string DefaultPager() {
  for (const char* const variable : {"PALLAS_PAGER", "PAGER"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment.
    if (const char* const command = std::getenv(variable); command != nullptr) {
      return command;  // An empty one is the user's wish for none.
    }
  }
  return IsOnPath("less") ? kDefaultPager : "";
}

bool PagerShowsStyles(std::string_view command) {
  const std::vector<std::string_view> words =
      absl::StrSplit(command, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.empty()) {
    return true;  // the terminal itself
  }
  if (std::filesystem::path(words[0]).filename() != "less") {
    return false;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment.
  const char* const more_options = std::getenv("LESS");
  const auto has_r = [](std::string_view option) {
    return absl::StartsWith(option, "-") && option.find('R') != std::string_view::npos;
  };
  for (size_t i = 1; i < words.size(); ++i) {
    if (has_r(words[i])) {
      return true;
    }
  }
  return more_options != nullptr &&
         std::string_view(more_options).find('R') != std::string_view::npos;
}

}  // namespace pallas::cli
