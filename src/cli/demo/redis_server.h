#ifndef PALLAS_CLI_DEMO_REDIS_SERVER_H_
#define PALLAS_CLI_DEMO_REDIS_SERVER_H_

#include <string>

#include "cli/demo/local_server.h"

namespace pallas::cli {

// A Redis with a password. It keeps its data in memory only: they end with its process.
class RedisServer : public LocalServer {
 public:
  RedisServer(std::string folder, std::string password);

  const std::string& password() const { return password_; }

 protected:
  absl::Status Prepare(const sdk::RequestContext& context) override;
  absl::StatusOr<Program> MakeProgram(int port) override;
  absl::Status Ping(const sdk::RequestContext& context, int port) override;

 private:
  std::string password_;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_REDIS_SERVER_H_
