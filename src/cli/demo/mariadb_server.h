#ifndef PALLAS_CLI_DEMO_MARIADB_SERVER_H_
#define PALLAS_CLI_DEMO_MARIADB_SERVER_H_

#include <string>
#include <vector>

#include "cli/demo/local_server.h"

namespace pallas::cli {

// Who comes in, and where: `user` owns `database`, and nothing else.
struct MariaDbAccount {
  std::string user;
  std::string password;
  std::string database;
};

// A MariaDB with one account. Its data outlive it. Root comes in from nowhere but the server's own
// start file.
class MariaDbServer : public LocalServer {
 public:
  MariaDbServer(std::string folder, MariaDbAccount account);

  const MariaDbAccount& account() const { return account_; }

 protected:
  absl::Status Prepare(const sdk::RequestContext& context) override;
  absl::StatusOr<Program> MakeProgram(int port) override;
  absl::Status Ping(const sdk::RequestContext& context, int port) override;

 private:
  MariaDbAccount account_;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_MARIADB_SERVER_H_
