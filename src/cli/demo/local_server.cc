#include "cli/demo/local_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/text_file.h"
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(90);
constexpr absl::Duration kStopPatience = absl::Seconds(30);
// How long a server that was found running may take to answer.
constexpr absl::Duration kAnswerPatience = absl::Seconds(5);
constexpr absl::Duration kPollInterval = absl::Milliseconds(30);
// Another process may take a free port between our look and the server's.
constexpr int kStartAttempts = 3;
constexpr int kShownLogLines = 8;

// A port that was free a moment ago: `wanted` if possible (0: any).
absl::StatusOr<int> FreePort(int wanted) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return absl::UnavailableError("cannot make a socket");
  }
  // As servers do: a port whose last connections are still being forgotten is free.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(wanted));
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);  // as the socket interface wants it
  const bool bound = bind(fd, any, size) == 0 && getsockname(fd, any, &size) == 0;
  close(fd);
  if (bound) {
    return ntohs(address.sin_port);
  }
  if (wanted != 0) {
    return FreePort(0);
  }
  return absl::UnavailableError("no port of 127.0.0.1 is free");
}

// `context`, for at most `patience`.
sdk::RequestContext Within(sdk::RequestContext context, absl::Duration patience) {
  context.deadline = std::min(context.deadline, context.clock->Now() + patience);
  return context;
}

}  // namespace

LocalServer::LocalServer(std::string name, std::string folder)
    : name_(std::move(name)), folder_(std::move(folder)) {
  const absl::StatusOr<std::string> port = ReadTextFile(PathOf("port"));
  if (!port.ok() || !absl::SimpleAtoi(*port, &port_)) {
    port_ = 0;
  }
}

std::string LocalServer::PathOf(std::string_view file) const {
  return absl::StrCat(folder_, "/", file);
}

std::optional<DetachedProcess> LocalServer::Running() const {
  return DetachedProcess::Find(PathOf("process"));
}

void LocalServer::Stop() {
  if (const auto process = Running()) {
    process->Stop(kStopPatience);
  }
}

void LocalServer::Terminate() {
  if (const auto process = Running()) {
    process->Terminate();
  }
}

std::string LocalServer::LogEnd() const { return LastLines(PathOf("log"), kShownLogLines); }

absl::StatusOr<LocalServer::Outcome> LocalServer::Start(const sdk::RequestContext& context) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot make the folder ", folder_, ": ", error.message()));
  }
  if (const auto process = Running()) {
    if (WaitUntilReady(Within(context, kAnswerPatience), *process).ok()) {
      return Outcome::kWasRunning;
    }
    RETURN_IF_ERROR(context.Check());
    Stop();
  }
  RETURN_IF_ERROR(Prepare(context));
  absl::Status status;
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    status = StartProcess(Within(context, kStartPatience));
    if (status.ok()) {
      return Outcome::kStarted;
    }
    RETURN_IF_ERROR(context.Check());
    port_ = 0;
  }
  return status;
}

absl::Status LocalServer::StartProcess(const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(port_, FreePort(port_));
  RETURN_IF_ERROR(WriteTextFile(PathOf("port"), absl::StrCat(port_), 0600));
  ASSIGN_OR_RETURN(Program program, MakeProgram(port_));
  ASSIGN_OR_RETURN(const DetachedProcess process,
                   DetachedProcess::Start({.program = std::move(program.path),
                                           .arguments = std::move(program.arguments),
                                           .called_as = std::move(program.called_as),
                                           .folder = folder_,
                                           .log_file = PathOf("log"),
                                           .id_file = PathOf("process")}));
  const absl::Status ready = WaitUntilReady(context, process);
  if (!ready.ok()) {
    process.Kill();
  }
  return ready;
}

absl::Status LocalServer::WaitUntilReady(const sdk::RequestContext& context,
                                         const DetachedProcess& process) {
  for (;;) {
    const absl::Status answer = Ping(context, port_);
    if (answer.ok()) {
      return absl::OkStatus();
    }
    if (!process.Running()) {
      return absl::UnavailableError(
          absl::StrCat(name_, " has ended; the end of its log ", PathOf("log"), ":\n", LogEnd()));
    }
    const absl::Status time = context.Check();
    if (absl::IsDeadlineExceeded(time)) {
      return absl::UnavailableError(absl::StrCat(name_, " does not answer (", answer.message(),
                                                 "); see its log ", PathOf("log")));
    }
    RETURN_IF_ERROR(time);
    absl::SleepFor(kPollInterval);
  }
}

}  // namespace pallas::cli
