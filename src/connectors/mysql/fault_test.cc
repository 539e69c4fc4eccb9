// What goes wrong with a server ends soon, is told for what it is, and tells no secret.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "base/status_macros.h"
#include "connectors/mysql/testing/mysql_test.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::mysql {
namespace {

using testing::HasSubstr;
using testing::Not;

class MySqlFaultTest : public MySqlTest {
 protected:
  // A table that is too much for the buffers of a socket.
  static void MakeLong() {
    Execute(
        "CREATE TABLE IF NOT EXISTS long_table (n INT PRIMARY KEY, s VARCHAR(200)); REPLACE INTO "
        "long_table SELECT seq, REPEAT('x', 200) FROM seq_1_to_100000");
  }

  absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> Open(const std::string& name,
                                                               const sdk::RequestContext& context) {
    ASSIGN_OR_RETURN(const sdk::Table table, GetTable(name));
    const sdk::Scan scan = FullScan(table);
    ASSIGN_OR_RETURN(const auto splits, sdk::PlanAll(connector(), context, table, scan));
    return connector().Read(context, table, scan, splits.front());
  }

  // Reads to the end; the error, if there is one.
  static absl::Status Drain(sdk::RecordBatchStream& stream) {
    while (true) {
      ASSIGN_OR_RETURN(const auto batch, stream.Next());
      if (batch == nullptr) {
        return absl::OkStatus();
      }
    }
  }

  // How many sessions of ours run a statement about `table`.
  static int CountRunning(const std::string& table) {
    const auto running = TestServer().Query(
        absl::StrCat("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '",
                     MariaDbServer::kUser, "' AND INFO LIKE 'SELECT%`", table, "`%'"));
    return running.ok() ? std::stoi((*running)[0][0].value_or("-1")) : -1;
  }

  // Waits until none does; that is what the test waits for.
  static bool NothingRuns(const std::string& table) {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (absl::Now() < deadline) {
      if (CountRunning(table) == 0) {
        return true;
      }
    }
    return false;
  }
};

TEST_F(MySqlFaultTest, WrongPassword) {
  Connect({{"password", "wr0ng"}});
  const auto databases = connector().ListDatabases(context_, {});
  EXPECT_TRUE(absl::IsUnauthenticated(databases.status())) << databases.status();
  EXPECT_THAT(databases.status().message(),
              HasSubstr(absl::StrCat("127.0.0.1:", TestServer().port())));
  EXPECT_THAT(databases.status().ToString(), Not(HasSubstr("wr0ng")));
}

TEST_F(MySqlFaultTest, NoRightToReadIsToldApart) {
  ASSERT_TRUE(
      TestServer()
          .Execute("CREATE USER IF NOT EXISTS poor@'%' IDENTIFIED BY 'p'; CREATE DATABASE IF "
                   "NOT EXISTS scan; CREATE OR REPLACE TABLE scan.secret (n INT, m INT); "
                   "GRANT SELECT (n) ON scan.secret TO poor@'%'")
          .ok());
  const auto table = GetTable("secret");
  ASSERT_TRUE(table.ok()) << table.status();
  Connect({{"user", "poor"}, {"password", "p"}});
  const auto rows = sdk::ReadAll(connector(), context_, *table, FullScan(*table));
  EXPECT_TRUE(absl::IsPermissionDenied(rows.status())) << rows.status();
  EXPECT_TRUE(absl::IsNotFound(GetTable("long_table").status()));
}

TEST_F(MySqlFaultTest, Jdbc1AServerThatIsDownIsNotAWrongPassword) {
  Connect({{"host", "127.0.0.1"}, {"port", "1"}});
  const auto databases = connector().ListDatabases(context_, {});
  EXPECT_TRUE(absl::IsUnavailable(databases.status())) << databases.status();
  EXPECT_THAT(databases.status().message(), HasSubstr("127.0.0.1:1"));
  // The next host is tried.
  Connect({{"host", absl::StrCat("127.0.0.1:1,127.0.0.1:", TestServer().port())}, {"port", "1"}});
  EXPECT_TRUE(connector().ListDatabases(context_, {}).ok());
  Connect({{"host", "no-such-host.invalid"}});
  EXPECT_TRUE(absl::IsUnavailable(connector().ListDatabases(context_, {}).status()));
}

TEST_F(MySqlFaultTest, ATableThatChangesUnderAScan) {
  Execute("CREATE OR REPLACE TABLE changing (n INT, m INT)");
  const auto table = GetTable("changing");
  ASSERT_TRUE(table.ok()) << table.status();
  const auto read = [&] {
    return sdk::ReadAll(connector(), context_, *table, FullScan(*table)).status();
  };
  Execute("ALTER TABLE changing DROP COLUMN m");
  EXPECT_TRUE(absl::IsInvalidArgument(read())) << read();
  Execute("ALTER TABLE changing ADD COLUMN m VARCHAR(5); INSERT INTO changing VALUES (1, 'x')");
  EXPECT_TRUE(absl::IsInvalidArgument(read())) << read();
  Execute("DROP TABLE changing");
  EXPECT_TRUE(absl::IsNotFound(read())) << read();
}

TEST_F(MySqlFaultTest, SessionsAreReadOnlyAndInUtc) {
  const auto login = Login{MariaDbServer::kUser, MariaDbServer::kPassword};
  ServerOptions options;
  options.hosts = {{"127.0.0.1", TestServer().port()}};
  ASSERT_TRUE(TestServer()
                  .Execute(absl::StrCat("GRANT CREATE, INSERT ON scan.* TO '", MariaDbServer::kUser,
                                        "'@'%'; CREATE OR REPLACE TABLE scan.written (n INT)"))
                  .ok());
  sdk::DeadlineTimer timer;
  auto connection = Connection::Open(context_, options, login, timer);
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_FALSE((*connection)->Query("INSERT INTO scan.written VALUES (1)").ok());
  const auto zone = (*connection)->Query("SELECT @@time_zone, @@character_set_results");
  ASSERT_TRUE(zone.ok()) << zone.status();
  EXPECT_THAT((*zone)[0], testing::ElementsAre("+00:00", "utf8mb4"));
}

TEST_F(MySqlFaultTest, AStreamDroppedEarlyStopsTheServer) {
  MakeLong();
  {
    const auto stream = Open("long_table", context_);
    ASSERT_TRUE(stream.ok()) << stream.status();
    ASSERT_TRUE((*stream)->Next().ok());
  }
  EXPECT_TRUE(NothingRuns("long_table"));
}

TEST_F(MySqlFaultTest, ACancelEndsTheQueryOnTheServer) {
  Execute("CREATE OR REPLACE VIEW asleep AS SELECT seq AS n, SLEEP(5) AS s FROM seq_1_to_1000");
  sdk::RequestContext context = context_;
  context.cancellation = Cancellation();
  absl::Time cancelled;
  std::thread canceller([&] {
    // The statement is on its way as soon as the server shows it.
    while (CountRunning("asleep") == 0) {
    }
    cancelled = absl::Now();
    context.cancellation.Cancel(absl::CancelledError("enough"));
  });
  const auto stream = Open("asleep", context);
  const absl::Status status = stream.ok() ? Drain(**stream) : stream.status();
  const absl::Time ended = absl::Now();
  canceller.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_LT(ended - cancelled, absl::Seconds(1));
  EXPECT_TRUE(NothingRuns("long_table"));
}

TEST_F(MySqlFaultTest, ACancelEndsMetadataAndConnecting) {
  // A listener that never answers: 127.0.0.1 accepts, and nobody speaks.
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 5), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  Connect({{"host", "127.0.0.1"}, {"port", absl::StrCat(ntohs(address.sin_port))}});
  sdk::RequestContext context = context_;
  context.cancellation = Cancellation();
  std::thread canceller([&] {
    const int accepted = accept(listener, nullptr, nullptr);
    context.cancellation.Cancel(absl::CancelledError("enough"));
    close(accepted);
  });
  const auto databases = connector().ListDatabases(context, {});
  canceller.join();
  EXPECT_TRUE(absl::IsCancelled(databases.status())) << databases.status();
  // A deadline ends it as well.
  context = context_;
  context.deadline = absl::Now() + absl::Milliseconds(300);
  const absl::Time start = absl::Now();
  const auto late = connector().ListDatabases(context, {});
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.status())) << late.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  close(listener);
}

TEST_F(MySqlFaultTest, ADeadlineEndsARead) {
  Execute("CREATE OR REPLACE VIEW asleep AS SELECT seq AS n, SLEEP(5) AS s FROM seq_1_to_1000");
  sdk::RequestContext context = context_;
  context.deadline = absl::Now() + absl::Seconds(1);
  const auto stream = Open("asleep", context);
  const absl::Status status = stream.ok() ? Drain(**stream) : stream.status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_LT(absl::Now() - context.deadline, absl::Seconds(3));
  EXPECT_TRUE(NothingRuns("asleep"));
}

TEST_F(MySqlFaultTest, ManyRequestsShareFewMetadataSessions) {
  Connect({{"metadata_connections", "1"}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto databases = connector().ListDatabases(context_, {});
      EXPECT_TRUE(databases.ok()) << databases.status();
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_F(MySqlFaultTest, AKeptSessionThatTheServerEndedIsReplaced) {
  ASSERT_TRUE(connector().ListDatabases(context_, {}).ok());
  const auto sessions = TestServer().Query(absl::StrCat(
      "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '", MariaDbServer::kUser, "'"));
  ASSERT_TRUE(sessions.ok());
  for (const Row& row : *sessions) {
    ASSERT_TRUE(TestServer().Execute(absl::StrCat("KILL ", *row[0])).ok());
  }
  const auto databases = connector().ListDatabases(context_, {});
  EXPECT_TRUE(databases.ok()) << databases.status();
}

TEST_F(MySqlFaultTest, PasswordsComeFromFilesAndTheEnvironment) {
  const std::string path = absl::StrCat(TestServer().folder(), "/password");
  std::ofstream(path) << MariaDbServer::kPassword << "\n";
  Connect({{"password", absl::StrCat("${file:", path, "}")}});
  EXPECT_TRUE(connector().ListDatabases(context_, {}).ok());
  // A secret that changes takes effect at the next connection.
  std::ofstream(path) << "changed";
  Connect({{"password", absl::StrCat("${file:", path, "}")}});
  EXPECT_TRUE(absl::IsUnauthenticated(connector().ListDatabases(context_, {}).status()));
}

// Certificates of an authority of our own for the name "db.example", and a server that has them.
class MySqlTlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = testing::TempDir() + absl::StrCat("pallas-tls-", getpid());
    const std::string script = absl::StrCat(
        "set -e; mkdir -p ", folder_, "; cd ", folder_, "; for ca in ca other; do ",
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout $ca.key -out $ca.pem -subj ",
        "/CN=$ca 2>/dev/null; done; ",
        "openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj ",
        "/CN=db.example 2>/dev/null; ",
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out ",
        "server.pem 2>/dev/null; chmod 644 server.key");
    ASSERT_EQ(std::system(script.c_str()), 0);
    auto server = MariaDbServer::Start({absl::StrCat("--ssl-ca=", folder_, "/ca.pem"),
                                        absl::StrCat("--ssl-cert=", folder_, "/server.pem"),
                                        absl::StrCat("--ssl-key=", folder_, "/server.key")});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server).release();
  }

  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
    std::system(absl::StrCat("rm -rf ", folder_).c_str());
  }

  // What a connection says with these options on top of the usual ones.
  static absl::Status Try(const MariaDbServer& server, std::map<std::string, std::string> options) {
    const auto connector = server.MakeConnector(options);
    RETURN_IF_ERROR(connector.status());
    return (*connector)->ListDatabases({}, {}).status();
  }

  static std::string File(const std::string& name) { return absl::StrCat(folder_, "/", name); }

  static inline std::string folder_;
  static inline MariaDbServer* server_ = nullptr;
};

TEST_F(MySqlTlsTest, EveryModeKeepsItsPromise) {
  EXPECT_TRUE(Try(*server_, {{"ssl_mode", "DISABLED"}}).ok());
  EXPECT_TRUE(Try(*server_, {{"ssl_mode", "PREFERRED"}}).ok());
  EXPECT_TRUE(Try(*server_, {{"ssl_mode", "REQUIRED"}}).ok());
  absl::Status status = Try(*server_, {{"ssl_mode", "VERIFY_CA"}, {"ssl_ca", File("ca.pem")}});
  EXPECT_TRUE(status.ok()) << status;
  // The certificate is for another name than 127.0.0.1.
  status = Try(*server_, {{"ssl_mode", "VERIFY_IDENTITY"}, {"ssl_ca", File("ca.pem")}});
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  for (const char* const mode : {"VERIFY_CA", "VERIFY_IDENTITY"}) {
    status = Try(*server_, {{"ssl_mode", mode}, {"ssl_ca", File("other.pem")}});
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << mode << status;
    EXPECT_FALSE(Try(*server_, {{"ssl_mode", mode}, {"ssl_ca", File("missing.pem")}}).ok());
  }
}

TEST_F(MySqlTlsTest, AServerWithoutTlsIsRefusedWhereTlsIsRequired) {
  EXPECT_TRUE(Try(TestServer(), {{"ssl_mode", "PREFERRED"}}).ok());
  for (const char* const mode : {"REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"}) {
    const absl::Status status = Try(TestServer(), {{"ssl_mode", mode}, {"ssl_ca", File("ca.pem")}});
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << mode << status;
  }
}

// The last test of this program that needs the server, on one of its own.
TEST_F(MySqlTlsTest, AServerKilledInTheMiddleOfAScan) {
  ASSERT_TRUE(server_
                  ->Execute("CREATE DATABASE IF NOT EXISTS scan; USE scan; CREATE OR REPLACE TABLE "
                            "doomed (n INT PRIMARY KEY, s VARCHAR(200)); INSERT INTO doomed SELECT "
                            "seq, REPEAT('x', 200) FROM seq_1_to_200000")
                  .ok());
  const auto connector = server_->MakeConnector();
  ASSERT_TRUE(connector.ok()) << connector.status();
  const sdk::RequestContext context;
  const auto table = (*connector)->GetTable(context, {"scan", "doomed"});
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan;
  scan.columns = {"n", "s"};
  const auto splits = sdk::PlanAll(**connector, context, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  const auto stream = (*connector)->Read(context, *table, scan, splits->front());
  ASSERT_TRUE(stream.ok()) << stream.status();
  ASSERT_TRUE((*stream)->Next().ok());
  const absl::Time start = absl::Now();
  ASSERT_TRUE(server_->Kill().ok());
  absl::Status status;
  while (status.ok()) {
    const auto batch = (*stream)->Next();
    status = batch.status();
    ASSERT_FALSE(status.ok() && *batch == nullptr) << "a broken scan must not look complete";
  }
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_THAT(status.message(), HasSubstr(absl::StrCat("127.0.0.1:", server_->port())));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("cret")));
  EXPECT_TRUE(absl::IsUnavailable((*connector)->ListDatabases(context, {}).status()));
  // Life goes on when the server is back.
  ASSERT_TRUE(server_->Restart().ok());
  const auto databases = (*connector)->ListDatabases(context, {});
  EXPECT_TRUE(databases.ok()) << databases.status();
}

}  // namespace
}  // namespace pallas::mysql
