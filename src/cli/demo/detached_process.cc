#include "cli/demo/detached_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "cli/text_file.h"
#include <fcntl.h>
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(20);
constexpr int kSignalExitBase = 128;
constexpr int kExitCannotRun = 127;
constexpr int kFirstOtherDescriptor = 3;
// Where servers lie that an ordinary user's PATH leaves out.
constexpr std::string_view kSystemFolders = "/usr/local/sbin:/usr/sbin:/sbin";

// A descriptor that is closed when this is.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}

  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~Descriptor() { Close(); }

  void Close() {
    if (fd_ >= 0) {
      close(std::exchange(fd_, -1));
    }
  }

  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status SystemError(std::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::generic_category().message(errno)));
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return SystemError("cannot make a pipe");
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// What the kernel says of a process: its state and the time of its start; nullopt: there is none.
struct ProcessState {
  char state = '?';
  uint64_t start_ticks = 0;
};

std::optional<ProcessState> StateOf(pid_t pid) {
  constexpr size_t kStateField = 0;  // counted from the name's closing bracket
  constexpr size_t kStartField = 19;
  const absl::StatusOr<std::string> text = ReadTextFile(absl::StrCat("/proc/", pid, "/stat"));
  if (!text.ok()) {
    return std::nullopt;
  }
  const size_t bracket = text->rfind(") ");
  if (bracket == std::string::npos) {
    return std::nullopt;
  }
  const std::vector<std::string_view> fields =
      absl::StrSplit(std::string_view(*text).substr(bracket + 2), ' ');
  ProcessState state;
  if (fields.size() <= kStartField || fields[kStateField].empty() ||
      !absl::SimpleAtoi(fields[kStartField], &state.start_ticks)) {
    return std::nullopt;
  }
  state.state = fields[kStateField].front();
  return state;
}

// The environment of this process, with a PATH that finds servers.
std::vector<std::string> ChildEnvironment() {
  constexpr std::string_view kPath = "PATH=";
  std::vector<std::string> variables;
  std::string path(kPath);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (text.substr(0, kPath.size()) == kPath) {
      path = absl::StrCat(text, ":");
    } else {
      variables.emplace_back(text);
    }
  }
  variables.push_back(absl::StrCat(path, kSystemFolders));
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs, made before it is forked: afterwards it may call little.
struct Launch {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string folder;
  Descriptor log;
  Descriptor null;
  Pipe go;       // one byte: the id file is written, run the program
  Pipe failure;  // the errno of a program that could not be run
};

// In the child, where only what is safe in a signal handler may be called.
[[noreturn]] void RunChild(Launch& launch, char* const* arguments, char* const* environment) {
  setsid();
  launch.go.write.Close();
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  char byte = 0;
  if (read(launch.go.read.get(), &byte, 1) != 1) {
    _exit(kExitCannotRun);  // Whoever wanted the server is gone.
  }
  const bool ready =
      dup2(launch.null.get(), STDIN_FILENO) >= 0 && dup2(launch.log.get(), STDOUT_FILENO) >= 0 &&
      dup2(launch.log.get(), STDERR_FILENO) >= 0 && chdir(launch.folder.c_str()) == 0 &&
      close_range(kFirstOtherDescriptor, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
  if (ready) {
    execve(launch.program.c_str(), arguments, environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(launch.failure.write.get(), &error, sizeof(error));
  _exit(kExitCannotRun);
}

absl::StatusOr<Launch> MakeLaunch(const DetachedProcessOptions& options) {
  Launch launch;
  launch.program = options.program;
  launch.arguments = {options.called_as.empty() ? options.program : options.called_as};
  launch.arguments.insert(launch.arguments.end(), options.arguments.begin(),
                          options.arguments.end());
  launch.environment = ChildEnvironment();
  launch.folder = options.folder;
  launch.log = Descriptor(
      open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  launch.null = Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (launch.log.get() < 0 || launch.null.get() < 0) {
    return SystemError(absl::StrCat("cannot write ", options.log_file));
  }
  ASSIGN_OR_RETURN(launch.go, MakePipe());
  ASSIGN_OR_RETURN(launch.failure, MakePipe());
  return launch;
}

}  // namespace

absl::StatusOr<DetachedProcess> DetachedProcess::Start(const DetachedProcessOptions& options) {
  ASSIGN_OR_RETURN(Launch launch, MakeLaunch(options));
  const std::vector<char*> arguments = Pointers(launch.arguments);
  const std::vector<char*> environment = Pointers(launch.environment);
  const pid_t pid = fork();
  if (pid < 0) {
    return SystemError("cannot start a process");
  }
  if (pid == 0) {
    RunChild(launch, arguments.data(), environment.data());
  }
  launch.go.read.Close();
  launch.failure.write.Close();
  const std::optional<ProcessState> state = StateOf(pid);
  const DetachedProcess process(pid, state ? state->start_ticks : 0);
  absl::Status status = state ? WriteTextFile(options.id_file, process.identity(), 0600)
                              : absl::InternalError("a process that was started is not to be seen");
  if (status.ok() && write(launch.go.write.get(), "g", 1) != 1) {
    status = SystemError("cannot start a process");
  }
  launch.go.write.Close();
  int error = 0;
  if (status.ok() && read(launch.failure.read.get(), &error, sizeof(error)) == sizeof(error)) {
    errno = error;
    status = SystemError(absl::StrCat("cannot run ", options.program));
  }
  if (!status.ok()) {
    waitpid(pid, nullptr, 0);
    unlink(options.id_file.c_str());
    return status;
  }
  return process;
}

std::optional<DetachedProcess> DetachedProcess::Find(const std::string& id_file) {
  const absl::StatusOr<std::string> text = ReadTextFile(id_file);
  if (!text.ok()) {
    return std::nullopt;
  }
  const std::vector<std::string_view> parts = absl::StrSplit(*text, ' ');
  pid_t pid = 0;
  uint64_t start_ticks = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &pid) || pid <= 0 ||
      !absl::SimpleAtoi(parts[1], &start_ticks)) {
    return std::nullopt;
  }
  const DetachedProcess process(pid, start_ticks);
  return process.Running() ? std::optional(process) : std::nullopt;
}

std::string DetachedProcess::identity() const { return absl::StrCat(pid_, " ", start_ticks_); }

bool DetachedProcess::Running() const {
  // One that we have started ourselves stays to be seen until it is waited for; for another's
  // child this does nothing.
  waitpid(pid_, nullptr, WNOHANG);
  const std::optional<ProcessState> state = StateOf(pid_);
  return state && state->start_ticks == start_ticks_ && state->state != 'Z' && state->state != 'X';
}

void DetachedProcess::Terminate() const {
  if (Running()) {
    kill(pid_, SIGTERM);
  }
}

void DetachedProcess::Kill() const {
  if (Running()) {
    kill(-pid_, SIGKILL);
    WaitForEnd(absl::InfiniteDuration());
  }
}

bool DetachedProcess::WaitForEnd(absl::Duration patience) const {
  const absl::Time deadline = absl::Now() + patience;
  while (Running()) {
    if (absl::Now() >= deadline) {
      return false;
    }
    absl::SleepFor(kPollInterval);
  }
  return true;
}

void DetachedProcess::Stop(absl::Duration patience) const {
  Terminate();
  if (!WaitForEnd(patience)) {
    Kill();
  }
}

absl::StatusOr<int> DetachedProcess::Wait(const sdk::RequestContext& context) const {
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalExitBase + WTERMSIG(status);
    }
    if (ended < 0 && errno != EINTR) {
      return SystemError("cannot wait for a process");
    }
    if (absl::Status cancelled = context.Check(); !cancelled.ok()) {
      Kill();
      return cancelled;
    }
    absl::SleepFor(kPollInterval);
  }
}

std::string LastLines(const std::string& file, int max_lines) {
  const absl::StatusOr<std::string> text = ReadTextFile(file);
  if (!text.ok()) {
    return "";
  }
  std::vector<std::string_view> lines =
      absl::StrSplit(absl::StripTrailingAsciiWhitespace(*text), '\n');
  const size_t kept = std::min(lines.size(), static_cast<size_t>(max_lines));
  return absl::StrJoin(lines.end() - static_cast<std::ptrdiff_t>(kept), lines.end(), "\n");
}

}  // namespace pallas::cli
