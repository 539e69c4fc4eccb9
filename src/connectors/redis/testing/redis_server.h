#ifndef PALLAS_CONNECTORS_REDIS_TESTING_REDIS_SERVER_H_
#define PALLAS_CONNECTORS_REDIS_TESTING_REDIS_SERVER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sdk/connector.h"
#include "sdk/runtime/connector_options.h"
#include "sdk/runtime/connector_registry.h"

namespace pallas::redis {

// A Redis server of its own for tests and benchmarks, made by tools/servers/redis in a temporary
// folder. The destructor ends it and removes the folder. The working folder must be the top of the
// repository. One thread.
class RedisServer {
 public:
  // `options` are those of redis-server.
  static absl::StatusOr<std::unique_ptr<RedisServer>> Start(
      const std::vector<std::string>& options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // A cluster of so many primaries; each has its own object.
  static absl::StatusOr<std::vector<std::unique_ptr<RedisServer>>> StartCluster(int num_nodes);

  // Runs one command over the socket of the server's folder; what it answers, the elements of
  // arrays as lines. An error of the server is a status.
  absl::StatusOr<std::string> Ask(const std::vector<std::string>& words);
  // Runs commands, their words separated by single spaces; a word in single quotes may hold some.
  absl::Status Run(const std::vector<std::string>& commands);
  // How often a command ran since ResetStatistics().
  int64_t Calls(std::string_view command);
  void ResetStatistics();

  // Ends the server at once, as a crash would; and starts it again on the same port.
  absl::Status Kill();
  absl::Status Restart(const std::vector<std::string>& options = {});

  // A catalog of the connector "redis" on this server, with more options or other ones.
  absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeConnector(
      const sdk::OptionList& options = {}, const sdk::ConnectorEnvironment& environment = {}) const;

  int port() const { return port_; }

  const std::string& folder() const { return folder_; }

 private:
  // `top` is what is removed in the end.
  RedisServer(std::string folder, std::string top)
      : folder_(std::move(folder)), top_(std::move(top)) {}

  std::string folder_;
  std::string top_;
  int port_ = 0;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_TESTING_REDIS_SERVER_H_
