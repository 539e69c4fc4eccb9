// What goes wrong with a server ends soon, is told for what it is, and tells no secret.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <hiredis/hiredis.h>
#include <unistd.h>

#include "base/status_macros.h"
#include "connectors/redis/testing/redis_test.h"
#include "connectors/redis/testing/scripted_server.h"
#include "sdk/runtime/limiter.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::map<std::string, std::string>& Literals() {
  static const std::map<std::string, std::string> keys = {{"key_prefix", "l:"},
                                                          {"value_type", "literal"}};
  return keys;
}

// Reads to the end; the error, if there is one.
absl::Status Drain(sdk::RecordBatchStream& stream) {
  while (true) {
    ASSIGN_OR_RETURN(const auto batch, stream.Next());
    if (batch == nullptr) {
      return absl::OkStatus();
    }
  }
}

// All rows of `s.t` through a connector of its own.
absl::Status TryRead(sdk::Connector& connector, const sdk::RequestContext& context = {}) {
  ASSIGN_OR_RETURN(const sdk::Table table, connector.GetTable(context, {"s", "t"}));
  sdk::Scan scan;
  scan.columns = table.schema->field_names();
  return sdk::ReadAll(connector, context, table, scan).status();
}

absl::Status TryRead(const RedisServer& server, sdk::OptionList options) {
  const sdk::OptionList table = TableOptions(0, "t", "v varchar", Literals());
  options.insert(options.end(), table.begin(), table.end());
  ASSIGN_OR_RETURN(const auto connector, server.MakeConnector(options));
  return TryRead(*connector);
}

class RedisFaultTest : public RedisTest {
 protected:
  void SetUp() override {
    RedisTest::SetUp();
    Run({"SET l:1 x"});
  }

  // The answer to a scan of a server that says `replies`.
  absl::StatusOr<std::vector<std::string>> ReadScripted(const std::vector<std::string>& replies) {
    const ScriptedServer server(replies);
    Connect("v varchar", Literals(),
            {{"host", "127.0.0.1"}, {"port", absl::StrCat(server.port())}});
    return ReadColumns({"v"});
  }

  // A connector to a server that never answers; `act` runs when it has been asked.
  absl::Status ReadSilent(const sdk::RequestContext& context, const std::function<void()>& act) {
    const ScriptedServer server({});
    Connect("v varchar", Literals(),
            {{"host", "127.0.0.1"}, {"port", absl::StrCat(server.port())}});
    std::thread actor([&] {
      while (server.num_requests() == 0) {
        std::this_thread::yield();
      }
      act();
    });
    const absl::Status status = TryRead(connector(), context);
    actor.join();
    return status;
  }
};

TEST_F(RedisFaultTest, PasswordsAndAccessLists) {
  const auto server = RedisServer::Start({"--requirepass", "s3cret"});
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_TRUE((*server)->Restart().ok());
  const auto admin = [&](const std::vector<std::string>& words) {
    redisContext* const context = redisConnectUnix(absl::StrCat((*server)->folder(), "/s").c_str());
    freeReplyObject(redisCommand(context, "AUTH s3cret"));
    std::vector<const char*> texts;
    for (const std::string& word : words) {
      texts.push_back(word.c_str());
    }
    freeReplyObject(
        redisCommandArgv(context, static_cast<int>(texts.size()), texts.data(), nullptr));
    redisFree(context);
  };
  admin({"SET", "l:1", "x"});
  admin({"ACL", "SETUSER", "reader", "on", ">pw:1", "~l:*", "+scan", "+mget", "+dbsize"});
  admin({"ACL", "SETUSER", "poor", "on", ">pw", "~l:*", "+scan"});
  EXPECT_TRUE(TryRead(**server, {{"password", "s3cret"}}).ok());
  EXPECT_TRUE(TryRead(**server, {{"user", "default"}, {"password", "s3cret"}}).ok());
  EXPECT_TRUE(TryRead(**server, {{"user", "reader"}, {"password", "pw:1"}}).ok());
  const std::string port = absl::StrCat((*server)->port());
  EXPECT_TRUE(TryRead(**server, {{"endpoint", absl::StrCat("127.0.0.1:", port, ":s3cret")}}).ok());
  EXPECT_TRUE(TryRead(**server,
                      {{"endpoint", absl::StrCat("redis://reader:pw%3A1@127.0.0.1:", port, "/0")}})
                  .ok());
  const std::string file = absl::StrCat((*server)->folder(), "/secret");
  std::ofstream(file) << R"({"username": "reader", "password": "pw:1"})" << "\n";
  EXPECT_TRUE(TryRead(**server, {{"credentials", absl::StrCat("${file:", file, "}")}}).ok());

  absl::Status status = TryRead(**server, {{"password", "wr0ng"}});
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(status.ToString(), Not(HasSubstr("wr0ng")));
  EXPECT_THAT(status.message(), HasSubstr(absl::StrCat("127.0.0.1:", port)));
  status = TryRead(**server, {});
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("set 'password'"));
  status = TryRead(**server, {{"user", "poor"}, {"password", "pw"}});
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  status = TryRead(TestServer(), {{"password", "needless"}});
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
}

TEST_F(RedisFaultTest, AServerThatIsNotThere) {
  Connect("v varchar", Literals(), {{"host", "127.0.0.1"}, {"port", "1"}});
  absl::Status status = ReadAll().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("127.0.0.1:1"));
  // The next host is tried.
  Connect("v varchar", Literals(),
          {{"host", absl::StrCat("127.0.0.1:1,127.0.0.1:", TestServer().port())}});
  EXPECT_THAT(*ReadColumns({"v"}), ElementsAre("x"));
  Connect("v varchar", Literals(), {{"host", "no-such-host.invalid"}});
  EXPECT_TRUE(absl::IsUnavailable(ReadAll().status()));
}

TEST_F(RedisFaultTest, StatesOfTheServer) {
  struct State {
    std::string reply;
    absl::StatusCode code;
    std::string advice;
  };

  const std::vector<State> states = {
      {"-LOADING Redis is loading the dataset in memory\r\n", absl::StatusCode::kUnavailable,
       "try again later"},
      {"-MASTERDOWN Link with MASTER is down\r\n", absl::StatusCode::kUnavailable, "primary"},
      {"-BUSY Redis is busy running a script\r\n", absl::StatusCode::kUnavailable, "SCRIPT KILL"},
      {"-OOM command not allowed\r\n", absl::StatusCode::kUnavailable, "maxmemory"},
      {"-NOPERM no permission\r\n", absl::StatusCode::kPermissionDenied, "ACL SETUSER"},
      {"-ERR max number of clients reached\r\n", absl::StatusCode::kResourceExhausted,
       "maxclients"},
      {"-MOVED 1 127.0.0.1:1\r\n", absl::StatusCode::kFailedPrecondition, "cluster = true"},
      {"-ERR unknown command 'SCAN'\r\n", absl::StatusCode::kUnimplemented, "too old"},
      {"HTTP/1.1 400 Bad Request\r\n", absl::StatusCode::kUnavailable, "check the port"},
      {"*2\r\n$1\r\n5\r\n*1\r\n$10\r\nl:1", absl::StatusCode::kUnavailable,
       "closed the connection"},
  };
  for (const State& state : states) {
    const absl::Status status = ReadScripted({state.reply}).status();
    EXPECT_EQ(status.code(), state.code) << state.reply << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(state.advice)) << state.reply;
    EXPECT_THAT(std::string(status.message()), HasSubstr("Redis server 127.0.0.1:"));
  }
}

// Servers before 6.0 do not know SCAN's filter by type.
TEST_F(RedisFaultTest, AServerWithoutTheFilterByType) {
  const auto rows =
      ReadScripted({"-ERR syntax error\r\n", "*2\r\n$1\r\n0\r\n*2\r\n$3\r\nl:1\r\n$3\r\nl:2\r\n",
                    "*2\r\n$1\r\nx\r\n$-1\r\n"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre("x"));
}

TEST_F(RedisFaultTest, ABusyServerIsAskedAgain) {
  sdk::Limiter limiter({}, Clock::System());
  context_.limiter = &limiter;
  const auto rows = ReadScripted({"-BUSY a script runs\r\n", "*2\r\n$1\r\n0\r\n*1\r\n$3\r\nl:1\r\n",
                                  "-BUSY a script runs\r\n", "*1\r\n$1\r\nx\r\n"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre("x"));
  EXPECT_GT(limiter.current_delay(), absl::ZeroDuration());
}

TEST_F(RedisFaultTest, TooManyClientsAreThrottling) {
  const auto server = RedisServer::Start({"--maxclients", "1"});
  ASSERT_TRUE(server.ok()) << server.status();
  redisContext* const other = redisConnect("127.0.0.1", (*server)->port());
  freeReplyObject(redisCommand(other, "PING"));
  const absl::Status status = TryRead(**server, {});
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  redisFree(other);
}

TEST_F(RedisFaultTest, ACancelAndADeadlineEndARead) {
  sdk::RequestContext context = context_;
  context.cancellation = Cancellation();
  absl::Time cancelled;
  absl::Status status = ReadSilent(context, [&] {
    cancelled = absl::Now();
    context.cancellation.Cancel(absl::CancelledError("enough"));
  });
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_LT(absl::Now() - cancelled, absl::Seconds(1));
  context = {};
  context.deadline = absl::Now() + absl::Milliseconds(300);
  status = ReadSilent(context, [] {});
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(RedisFaultTest, ASilentServerIsGivenUp) {
  const ScriptedServer server({});
  Connect("v varchar", Literals(),
          {{"host", "127.0.0.1"},
           {"port", absl::StrCat(server.port())},
           {"command_timeout_ms", "200"}});
  const absl::Status status = ReadAll().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("command_timeout_ms"));
}

TEST_F(RedisFaultTest, SessionsAreKeptAndReplaced) {
  Connect("v varchar", Literals());
  ASSERT_TRUE(ReadAll().ok());
  ASSERT_TRUE(ReadAll().ok());
  const auto count = [] {
    const auto clients = TestServer().Ask({"CLIENT", "LIST", "TYPE", "normal"});
    return std::count(clients->begin(), clients->end(), '\n');
  };
  EXPECT_EQ(count(), 2);  // ours and the one that asks
  ASSERT_TRUE(TestServer().Ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}).ok());
  const auto rows = ReadAll();
  EXPECT_TRUE(rows.ok()) << rows.status();
}

TEST_F(RedisFaultTest, AServerKilledInTheMiddleOfAScan) {
  auto server = RedisServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE((*server)->Ask({"SET", absl::StrCat("l:", i), std::string(100'000, 'x')}).ok());
  }
  const auto connector = (*server)->MakeConnector(TableOptions(0, "t", "v varchar", Literals()));
  ASSERT_TRUE(connector.ok()) << connector.status();
  const auto table = (*connector)->GetTable(context_, {"s", "t"});
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan;
  scan.columns = {"v"};
  const auto splits = sdk::PlanAll(**connector, context_, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  const auto stream = (*connector)->Read(context_, *table, scan, splits->front());
  ASSERT_TRUE(stream.ok()) << stream.status();
  ASSERT_TRUE((*stream)->Next().ok());
  ASSERT_TRUE((*server)->Kill().ok());
  const absl::Status status = Drain(**stream);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr(absl::StrCat("127.0.0.1:", (*server)->port())));
  EXPECT_TRUE(absl::IsUnavailable(TryRead(**connector)));
  // Life goes on when the server is back.
  ASSERT_TRUE((*server)->Restart().ok());
  EXPECT_TRUE(TryRead(**connector).ok());
}

// Certificates of an authority of our own for the name "db.example", and a server that has them.
class RedisTlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = testing::TempDir() + absl::StrCat("pallas-redis-tls-", getpid());
    const std::string script = absl::StrCat(
        "set -e; mkdir -p ", folder_, "; cd ", folder_, "; for ca in ca other; do ",
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout $ca.key -out $ca.pem -subj ",
        "/CN=$ca 2>/dev/null; done; ",
        "openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj ",
        "/CN=db.example -addext subjectAltName=DNS:db.example 2>/dev/null; ",
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 ",
        "-copy_extensions copy -out server.pem 2>/dev/null");
    ASSERT_EQ(std::system(script.c_str()), 0);
    auto server = RedisServer::Start(Options("no"));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server).release();
    ASSERT_TRUE(server_->Ask({"SET", "l:1", "x"}).ok());
  }

  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
    std::system(absl::StrCat("rm -rf ", folder_).c_str());
  }

  static std::vector<std::string> Options(const std::string& wants_clients) {
    return {"--tls-cert-file",    File("server.pem"), "--tls-key-file",     File("server.key"),
            "--tls-ca-cert-file", File("ca.pem"),     "--tls-auth-clients", wants_clients};
  }

  static std::string File(const std::string& name) { return absl::StrCat(folder_, "/", name); }

  static inline std::string folder_;
  static inline RedisServer* server_ = nullptr;
};

TEST_F(RedisTlsTest, CertificatesAreChecked) {
  const std::string ca = File("ca.pem");
  absl::Status status =
      TryRead(*server_, {{"tls", "true"}, {"ca_file", ca}, {"server_name", "db.example"}});
  EXPECT_TRUE(status.ok()) << status;
  const std::string url = absl::StrCat("rediss://127.0.0.1:", server_->port());
  status = TryRead(*server_, {{"endpoint", url}, {"ca_file", ca}, {"server_name", "db.example"}});
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(TryRead(*server_, {{"tls", "true"}, {"ca_file", ca}, {"tls_verify", "ca"}}).ok());
  EXPECT_TRUE(TryRead(*server_, {{"tls", "true"}, {"tls_verify", "none"}}).ok());
  // The certificate is for another name than 127.0.0.1.
  for (const sdk::OptionList& name : {sdk::OptionList{}, {{"server_name", "other.example"}}}) {
    sdk::OptionList options = {{"tls", "true"}, {"ca_file", ca}};
    options.insert(options.end(), name.begin(), name.end());
    status = TryRead(*server_, options);
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("another name"));
  }
  for (const sdk::OptionList& authorities : {sdk::OptionList{}, {{"ca_file", File("other.pem")}}}) {
    sdk::OptionList options = {{"tls", "true"}, {"server_name", "db.example"}};
    options.insert(options.end(), authorities.begin(), authorities.end());
    status = TryRead(*server_, options);
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("not trusted"));
  }
  status = TryRead(*server_, {{"tls", "true"}, {"ca_file", File("missing.pem")}});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(RedisTlsTest, WhereOneSideSpeaksTlsAndTheOtherDoesNot) {
  absl::Status status = TryRead(*server_, {});
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("tls = true"));
  // A server without TLS takes the hand-shake for a line that is not yet complete.
  status = TryRead(TestServer(),
                   {{"tls", "true"}, {"tls_verify", "none"}, {"connect_timeout_ms", "300"}});
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("does the server speak TLS"));
}

TEST_F(RedisTlsTest, CertificatesOfClients) {
  const auto server = RedisServer::Start(Options("yes"));
  ASSERT_TRUE(server.ok()) << server.status();
  sdk::OptionList options = {{"tls", "true"}, {"ca_file", File("ca.pem")}, {"tls_verify", "ca"}};
  EXPECT_FALSE(TryRead(**server, options).ok());
  options.insert(options.end(),
                 {{"cert_file", File("server.pem")}, {"key_file", File("server.key")}});
  const absl::Status status = TryRead(**server, options);
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace pallas::redis
