#ifndef PALLAS_CLI_DEMO_DYNAMODB_SERVER_H_
#define PALLAS_CLI_DEMO_DYNAMODB_SERVER_H_

#include <string>

#include "cli/demo/local_server.h"

namespace pallas::cli {

// A DynamoDB Local, which knows no accounts: whoever reaches its port may do all. It keeps its data
// in memory only: they end with its process.
class DynamoDbServer : public LocalServer {
 public:
  explicit DynamoDbServer(std::string folder);

  // http://127.0.0.1:PORT. REQUIRES: it runs.
  std::string endpoint() const;

 protected:
  absl::Status Prepare(const sdk::RequestContext& context) override;
  absl::StatusOr<Program> MakeProgram(int port) override;
  absl::Status Ping(const sdk::RequestContext& context, int port) override;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_DYNAMODB_SERVER_H_
