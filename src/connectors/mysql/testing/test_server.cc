#include "connectors/mysql/testing/test_server.h"

#include <cstdio>

#include "base/check.h"

namespace pallas::mysql {

MariaDbServer& TestServer() {
  static const std::unique_ptr<MariaDbServer> server_of_program = [] {
    // A cell of 64 MB must pass.
    auto server = MariaDbServer::Start({"--max-allowed-packet=256M"});
    if (!server.ok()) {
      std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
    }
    CHECK(server.ok());
    return *std::move(server);
  }();
  return *server_of_program;
}

}  // namespace pallas::mysql
