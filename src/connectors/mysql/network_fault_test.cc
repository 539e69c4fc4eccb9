// The suite of faults over a MariaDB server behind a proxy, with and without TLS.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "base/status_macros.h"
#include "connectors/mysql/testing/mariadb_server.h"
#include "sdk/testing/fault_suite.h"

namespace pallas::mysql {
namespace {

using sdk::ConnectorFaults;
using sdk::FaultSubject;

constexpr char kWrongPassword[] = "wr0ng passw0rd";

constexpr char kTables[] = R"(
CREATE DATABASE faults CHARACTER SET utf8mb4;
USE faults;
CREATE TABLE small (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(10,2));
INSERT INTO small VALUES (1, 'one', 1.50), (2, NULL, 2.25), (3, 'drei', NULL);
CREATE TABLE large (id INT PRIMARY KEY, text VARCHAR(200));
INSERT INTO large SELECT seq, REPEAT(CHAR(65 + seq % 26), 100) FROM seq_1_to_20000;
)";

// A server of its own, because it is killed, with a certificate for the name "db.example" of an
// authority of its own.
class FaultServer {
 public:
  static absl::StatusOr<std::shared_ptr<FaultServer>> Start() {
    auto result = std::make_shared<FaultServer>();
    std::string folder = (std::filesystem::temp_directory_path() / "pallas-tls-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
      return absl::InternalError("cannot make a temporary folder");
    }
    result->folder_ = folder;
    const std::string script = absl::StrCat(
        "set -e; cd ", folder, "; for ca in ca other; do ",
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout $ca.key -out $ca.pem -subj ",
        "/CN=$ca 2>/dev/null; done; ",
        "openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj ",
        "/CN=db.example 2>/dev/null; ",
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out ",
        "server.pem 2>/dev/null; chmod 755 . && chmod 644 server.key");
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread changes what the shell inherits.
    if (std::system(script.c_str()) != 0) {
      return absl::InternalError("cannot make certificates");
    }
    ASSIGN_OR_RETURN(result->server_, MariaDbServer::Start(result->Options()));
    RETURN_IF_ERROR(result->server_->Execute(kTables));
    ASSIGN_OR_RETURN(std::unique_ptr<net::FaultProxy> proxy,
                     net::FaultProxy::Start(result->server_->port()));
    result->proxy_ = std::move(proxy);
    return result;
  }

  FaultServer() = default;

  ~FaultServer() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  std::string File(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  MariaDbServer& server() { return *server_; }

  const std::shared_ptr<net::FaultProxy>& proxy() const { return proxy_; }

  absl::Status Restart() { return server_->Restart(Options()); }

  sdk::MakeConnector Connector(std::map<std::string, std::string> options) {
    options["port"] = absl::StrCat(proxy_->port());
    return [this, options] { return server_->MakeConnector(options); };
  }

 private:
  // What is written stays written when the server is killed.
  std::vector<std::string> Options() const {
    return {absl::StrCat("--ssl-ca=", File("ca.pem")),
            absl::StrCat("--ssl-cert=", File("server.pem")),
            absl::StrCat("--ssl-key=", File("server.key")), "--innodb-flush-log-at-trx-commit=1"};
  }

  std::string folder_;
  std::unique_ptr<MariaDbServer> server_;
  std::shared_ptr<net::FaultProxy> proxy_;
};

std::shared_ptr<FaultServer> TheServer() {
  static const std::shared_ptr<FaultServer> server_of_program = [] {
    auto server = FaultServer::Start();
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }();
  return server_of_program;
}

std::shared_ptr<FaultSubject> MakeSubject(const std::map<std::string, std::string>& options) {
  const std::shared_ptr<FaultServer> server = TheServer();
  if (server == nullptr) {
    return nullptr;
  }
  auto subject = std::make_shared<FaultSubject>();
  subject->connect = server->Connector(options);
  subject->proxy = server->proxy();
  subject->source = server;
  subject->small = {"faults", "small"};
  subject->large = {"faults", "large"};
  subject->source_name = absl::StrCat("127.0.0.1:", server->proxy()->port());
  subject->secrets = {MariaDbServer::kPassword, kWrongPassword};
  subject->kill = [server] { return server->server().Kill(); };
  subject->restart = [server] { return server->Restart(); };
  return subject;
}

std::shared_ptr<FaultSubject> MakePlain() {
  std::shared_ptr<FaultSubject> subject = MakeSubject({{"ssl_mode", "DISABLED"}});
  if (subject == nullptr) {
    return nullptr;
  }
  FaultServer* const server = TheServer().get();
  subject->throttle = [server](bool on) {
    return server->server().Execute(absl::StrCat("ALTER USER '", MariaDbServer::kUser,
                                                 "'@'%' WITH MAX_CONNECTIONS_PER_HOUR ", on ? 1 : 0,
                                                 "; FLUSH USER_RESOURCES"));
  };
  subject->refusals = {
      {"a wrong password", server->Connector({{"password", kWrongPassword}})},
      {"an unknown user", server->Connector({{"user", "nobody"}})},
  };
  return subject;
}

std::shared_ptr<FaultSubject> MakeTls() {
  FaultServer* const server = TheServer().get();
  if (server == nullptr) {
    return nullptr;
  }
  std::shared_ptr<FaultSubject> subject =
      MakeSubject({{"ssl_mode", "VERIFY_CA"}, {"ssl_ca", server->File("ca.pem")}});
  subject->detects_corruption = true;
  subject->max_breaks = 250;  // a handshake is long, and costs more than it tells
  subject->refusals = {
      {"a certificate for another name",
       server->Connector({{"ssl_mode", "VERIFY_IDENTITY"}, {"ssl_ca", server->File("ca.pem")}})},
      {"an unknown authority",
       server->Connector({{"ssl_mode", "VERIFY_CA"}, {"ssl_ca", server->File("other.pem")}})},
      {"an unknown authority, and another name",
       server->Connector({{"ssl_mode", "VERIFY_IDENTITY"}, {"ssl_ca", server->File("other.pem")}})},
  };
  return subject;
}

INSTANTIATE_TEST_SUITE_P(MySql, ConnectorFaults, testing::Values(&MakePlain));
INSTANTIATE_TEST_SUITE_P(MySqlTls, ConnectorFaults, testing::Values(&MakeTls));

}  // namespace
}  // namespace pallas::mysql
