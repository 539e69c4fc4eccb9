#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "connectors/redis/testing/redis_test.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::redis {
namespace {

using sdk::ConnectorConformance;

constexpr char kPassword[] = "se'cret \"pässword";

// A port that takes connections and never answers.
class SilentPort {
 public:
  SilentPort() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const bool open = bind(listener_, generic, sizeof(address)) == 0 && listen(listener_, 5) == 0 &&
                      getsockname(listener_, generic, &size) == 0;
    EXPECT_TRUE(open);
    port_ = ntohs(address.sin_port);
  }

  ~SilentPort() { close(listener_); }

  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  int port() const { return port_; }

 private:
  int listener_;
  int port_ = 0;
};

// Hashes with NULLs, fields in other letters, values of many types; sorted sets of their keys;
// literals.
void Fill(RedisServer& server) {
  for (int i = 1; i <= 200; ++i) {
    const std::string key = absl::StrCat("data:", i);
    std::vector<std::string> hash = {"HSET", key, i % 3 == 0 ? "ID" : "id", absl::StrCat(i)};
    const auto add = [&](const char* field, const std::string& value, bool there) {
      if (there) {
        hash.insert(hash.end(), {field, value});
      }
    };
    add("name", absl::StrCat("näme ", i % 17), i % 7 != 0);
    add("big", absl::StrCat(i * int64_t{9007199254740991}), i % 5 != 0);
    add("price", absl::StrCat(i, ".", i % 10, "5"), i % 11 != 0);
    add("score", absl::StrCat(i * 1.37), i % 6 != 0);
    add("flag", i % 2 == 0 ? "true" : "FALSE", i % 4 != 0);
    add("day", absl::StrCat("2020-01-", 10 + i % 20), i % 8 != 0);
    add("moment", absl::StrCat("2020-01-01T10:", 10 + i % 50, ":00.5"), i % 9 != 0);
    add("bin", std::string(1, static_cast<char>(i)) + std::string(1, '\0'), i % 10 != 0);
    EXPECT_TRUE(server.Ask(hash).ok());
    EXPECT_TRUE(
        server.Ask({"SET", absl::StrCat("literal:", i), absl::StrCat("value ", i % 30)}).ok());
    EXPECT_TRUE(server.Ask({"ZADD", "keys:a", absl::StrCat(i), key}).ok());
    EXPECT_TRUE(server.Ask({"ZADD", absl::StrCat("zset:", i % 9), absl::StrCat(i), key}).ok());
  }
}

sdk::OptionList Tables(int silent_port) {
  const std::string columns =
      "id integer, name varchar, big bigint, price decimal(12,2), score double, flag boolean, "
      "day date, moment timestamp, bin varbinary";
  sdk::OptionList all = {{"password", kPassword}};
  const auto add = [&](int number, const std::string& name, const std::string& of,
                       const std::map<std::string, std::string>& keys) {
    const sdk::OptionList table = TableOptions(number, name, of, keys);
    all.insert(all.end(), table.begin(), table.end());
  };
  add(0, "data", columns, {{"key_prefix", "data:"}, {"value_type", "hash"}});
  add(1, "empty", columns, {{"key_prefix", "nothing:"}, {"value_type", "hash"}});
  add(2, "slow", columns,
      {{"key_prefix", "data:"},
       {"value_type", "hash"},
       {"endpoint", absl::StrCat("127.0.0.1:", silent_port)}});
  add(3, "by_zset", columns, {{"keys_zset", "keys:*"}, {"value_type", "hash"}});
  add(4, "literals", "value varchar",
      {{"redis-key-prefix", "literal:?,literal:*"}, {"redis-value-type", "LITERAL"}});
  add(5, "members", "member varchar", {{"key_prefix", "zset:"}, {"value_type", "zset"}});
  return all;
}

std::shared_ptr<sdk::ConformanceSubject> MakeSubject(const std::string& data) {
  struct Sources {
    std::unique_ptr<RedisServer> server;
    SilentPort silent;
  };

  static const std::shared_ptr<Sources> kSources = [] {
    auto sources = std::make_shared<Sources>();
    auto server = RedisServer::Start();
    EXPECT_TRUE(server.ok()) << server.status();
    if (server.ok()) {
      sources->server = *std::move(server);
      Fill(*sources->server);
      EXPECT_TRUE(sources->server->Ask({"CONFIG", "SET", "requirepass", kPassword}).ok());
    }
    return sources;
  }();
  if (kSources->server == nullptr) {
    return nullptr;
  }
  auto subject = std::make_shared<sdk::ConformanceSubject>();
  auto connector = kSources->server->MakeConnector(Tables(kSources->silent.port()));
  EXPECT_TRUE(connector.ok()) << connector.status();
  subject->connector = *std::move(connector);
  subject->source = kSources;
  subject->data = {"s", data};
  subject->empty = {"s", "empty"};
  subject->slow = {"s", "slow"};
  subject->secrets = {kPassword};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(Redis, ConnectorConformance,
                         testing::Values([] { return MakeSubject("data"); }));
INSTANTIATE_TEST_SUITE_P(RedisKeysZset, ConnectorConformance,
                         testing::Values([] { return MakeSubject("by_zset"); }));

}  // namespace
}  // namespace pallas::redis
