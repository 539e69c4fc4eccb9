#ifndef PALLAS_CLI_DEMO_LOCAL_SERVER_H_
#define PALLAS_CLI_DEMO_LOCAL_SERVER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/demo/detached_process.h"

#include "sdk/request_context.h"

namespace pallas::cli {

// A server of the demo: one process on a free port of 127.0.0.1, all it has below one folder. It
// lives on when this object and this process are gone, and is found again in the folder. One thread
// at a time.
class LocalServer {
 public:
  // `folder` is absolute.
  LocalServer(std::string name, std::string folder);
  virtual ~LocalServer() = default;
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  const std::string& name() const { return name_; }

  enum class Outcome { kStarted, kWasRunning };

  // Starts the server unless it runs, and waits until it answers. One that runs and does not answer
  // is ended and started anew. UNAVAILABLE shows the end of its log.
  absl::StatusOr<Outcome> Start(const sdk::RequestContext& context);

  // Stops it, if it runs; the data stay. OK when it has ended.
  void Stop();

  // Asks it to end and does not wait for that.
  void Terminate();

  std::optional<DetachedProcess> Running() const;

  // REQUIRES: it runs.
  int port() const { return port_; }

  const std::string& folder() const { return folder_; }

 protected:
  // Whatever must be there before it starts. Called with the folder made.
  virtual absl::Status Prepare(const sdk::RequestContext& context) = 0;

  struct Program {
    std::string path;
    std::vector<std::string> arguments;
    std::string called_as = {};  // empty: by its path
  };

  virtual absl::StatusOr<Program> MakeProgram(int port) = 0;

  // OK if the server on `port` answers and is this one. UNAVAILABLE and DEADLINE_EXCEEDED: not yet.
  virtual absl::Status Ping(const sdk::RequestContext& context, int port) = 0;

  std::string PathOf(std::string_view file) const;

 private:
  absl::Status StartProcess(const sdk::RequestContext& context);
  absl::Status WaitUntilReady(const sdk::RequestContext& context, const DetachedProcess& process);
  std::string LogEnd() const;

  std::string name_;
  std::string folder_;
  int port_ = 0;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_LOCAL_SERVER_H_
