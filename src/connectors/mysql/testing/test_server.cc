#include "connectors/mysql/testing/test_server.h"

#include <cstdio>
#include <cstdlib>

namespace pallas::mysql {

MariaDbServer& TestServer() {
  static const std::unique_ptr<MariaDbServer> kServer = [] {
    // A cell of 64 MB must pass.
    auto server = MariaDbServer::Start({"--max-allowed-packet=256M"});
    if (!server.ok()) {
      std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
      std::exit(1);
    }
    return *std::move(server);
  }();
  return *kServer;
}

}  // namespace pallas::mysql
