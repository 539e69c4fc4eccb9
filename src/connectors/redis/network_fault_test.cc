// The suite of faults over a Redis server behind a proxy, with and without TLS.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "base/status_macros.h"
#include "connectors/redis/testing/redis_test.h"
#include "sdk/testing/fault_suite.h"

namespace pallas::redis {
namespace {

using sdk::ConnectorFaults;
using sdk::FaultSubject;

constexpr char kPassword[] = "se'cret \"pässword";
constexpr char kWrongPassword[] = "wr0ng passw0rd";
constexpr int kLargeKeys = 4000;
constexpr size_t kLargeBytes = 400;

// A server of its own, because it is killed. With TLS, its certificate is for the name
// "redis.example", of an authority of its own.
class FaultServer {
 public:
  static absl::StatusOr<std::unique_ptr<FaultServer>> Start(bool tls) {
    std::unique_ptr<FaultServer> result(new FaultServer());
    result->tls_ = tls;
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
        "/CN=redis.example 2>/dev/null; printf 'subjectAltName=DNS:redis.example' >san; ",
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile ",
        "san -out server.pem 2>/dev/null");
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread changes what the shell inherits.
    if (std::system(script.c_str()) != 0) {
      return absl::InternalError("cannot make certificates");
    }
    ASSIGN_OR_RETURN(result->server_, RedisServer::Start(result->Options()));
    RETURN_IF_ERROR(result->Fill());
    ASSIGN_OR_RETURN(std::unique_ptr<net::FaultProxy> proxy,
                     net::FaultProxy::Start(result->server_->port()));
    result->proxy_ = std::move(proxy);
    return result;
  }

  ~FaultServer() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;

  std::string File(const std::string& name) const { return absl::StrCat(folder_, "/", name); }

  const std::shared_ptr<net::FaultProxy>& proxy() const { return proxy_; }

  absl::Status Kill() { return server_->Kill(); }

  // It keeps nothing.
  absl::Status Restart() {
    RETURN_IF_ERROR(server_->Restart(Options()));
    return Fill();
  }

  // A catalog behind the proxy; `options` come on top of, or instead of, the usual ones.
  sdk::MakeConnector Connector(sdk::OptionList options) const {
    sdk::OptionList all = {{"host", "127.0.0.1"}, {"port", absl::StrCat(proxy_->port())}};
    for (const auto& [key, value] :
         TableOptions(0, "small", "id integer, name varchar",
                      {{"keys_zset", "small"}, {"value_type", "hash"}})) {
      all.emplace_back(key, value);
    }
    for (const auto& [key, value] : TableOptions(
             1, "large", "text varchar", {{"key_prefix", "large:"}, {"value_type", "hash"}})) {
      all.emplace_back(key, value);
    }
    all.insert(all.end(), options.begin(), options.end());
    return [this, all] { return server_->MakeConnector(all); };
  }

 private:
  FaultServer() = default;

  std::vector<std::string> Options() const {
    if (!tls_) {
      return {};
    }
    return {"--tls-cert-file",    File("server.pem"), "--tls-key-file",     File("server.key"),
            "--tls-ca-cert-file", File("ca.pem"),     "--tls-auth-clients", "no"};
  }

  absl::Status Fill() {
    for (int i = 1; i <= 3; ++i) {
      const std::string key = absl::StrCat("s:", i);
      RETURN_IF_ERROR(
          server_->Ask({"HSET", key, "id", absl::StrCat(i), "name", absl::StrCat("n", i)})
              .status());
      RETURN_IF_ERROR(server_->Ask({"ZADD", "small", absl::StrCat(i), key}).status());
    }
    for (int i = 0; i < kLargeKeys; ++i) {
      RETURN_IF_ERROR(server_
                          ->Ask({"HSET", absl::StrCat("large:", i), "text",
                                 std::string(kLargeBytes, static_cast<char>('a' + i % 26))})
                          .status());
    }
    return server_->Ask({"CONFIG", "SET", "requirepass", kPassword}).status();
  }

  bool tls_ = false;
  std::string folder_;
  std::unique_ptr<RedisServer> server_;
  std::shared_ptr<net::FaultProxy> proxy_;
};

// The servers of this program, made when first asked for.
FaultServer* TheServer(bool tls) {
  static const auto make = [](bool with_tls) -> std::unique_ptr<FaultServer> {
    auto server = FaultServer::Start(with_tls);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  };
  if (tls) {
    static const std::unique_ptr<FaultServer> server_of_program = make(true);
    return server_of_program.get();
  }
  static const std::unique_ptr<FaultServer> server_of_program = make(false);
  return server_of_program.get();
}

std::shared_ptr<FaultSubject> MakeSubject(FaultServer& server, const sdk::OptionList& options) {
  auto subject = std::make_shared<FaultSubject>();
  subject->connect = server.Connector(options);
  subject->proxy = server.proxy();
  subject->small = {"s", "small"};
  subject->large = {"s", "large"};
  subject->source_name = absl::StrCat("127.0.0.1:", server.proxy()->port());
  subject->secrets = {kPassword, kWrongPassword};
  subject->kill = [&server] { return server.Kill(); };
  subject->restart = [&server] { return server.Restart(); };
  return subject;
}

std::shared_ptr<FaultSubject> MakePlain() {
  FaultServer* const server = TheServer(false);
  if (server == nullptr) {
    return nullptr;
  }
  std::shared_ptr<FaultSubject> subject = MakeSubject(*server, {{"password", kPassword}});
  subject->refusals = {
      {"a wrong password", server->Connector({{"password", kWrongPassword}})},
      {"an unknown user", server->Connector({{"user", "nobody"}, {"password", kPassword}})},
      {"no password", server->Connector({})},
  };
  return subject;
}

std::shared_ptr<FaultSubject> MakeTls() {
  FaultServer* const server = TheServer(true);
  if (server == nullptr) {
    return nullptr;
  }
  const auto options = [&](const std::string& verify, const std::string& ca) {
    return sdk::OptionList{{"password", kPassword},
                           {"tls", "true"},
                           {"tls_verify", verify},
                           {"ca_file", server->File(ca)}};
  };
  std::shared_ptr<FaultSubject> subject = MakeSubject(*server, options("ca", "ca.pem"));
  subject->detects_corruption = true;
  subject->refusals = {
      {"a certificate for another name", server->Connector(options("full", "ca.pem"))},
      {"an unknown authority", server->Connector(options("ca", "other.pem"))},
  };
  return subject;
}

INSTANTIATE_TEST_SUITE_P(Redis, ConnectorFaults, testing::Values(&MakePlain));
INSTANTIATE_TEST_SUITE_P(RedisTls, ConnectorFaults, testing::Values(&MakeTls));

}  // namespace
}  // namespace pallas::redis
