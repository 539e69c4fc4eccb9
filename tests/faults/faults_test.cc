// Bad input and broken sources, seen through SQL over a real MariaDB and Parquet files: each ends
// in an error that names what and where, and the process goes on.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/application.h"
#include "cli/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/mysql/testing/mariadb_server.h"
#include "net/testing/fault_proxy.h"
#include "tests/conformance/answer.h"

namespace pallas {
namespace {

using conformance::Answer;
using mysql::MariaDbServer;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kHugeCellBytes = int64_t{64} * 1024 * 1024;
constexpr int kManyColumns = 2000;
constexpr absl::Duration kErrorTime = absl::Seconds(10);
constexpr absl::Duration kCancelTime = absl::Seconds(1);

// What is written stays written when the server is killed.
const std::vector<std::string> kServerOptions = {"--max-allowed-packet=256M",
                                                 "--innodb-flush-log-at-trx-commit=1"};

// A data folder with the catalog `mysql` on a server, and the program over it.
class FaultsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    absl::StatusOr<std::unique_ptr<MariaDbServer>> server = MariaDbServer::Start(kServerOptions);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    Execute(
        "CREATE DATABASE sales; CREATE DATABASE d CHARACTER SET utf8mb4; CREATE TABLE d.orders (id "
        "BIGINT PRIMARY KEY, "
        "price DECIMAL(15,2)); INSERT INTO d.orders VALUES (1, 1.50), (2, NULL)");
  }

  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "pallas-faults-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }

  void TearDown() override {
    application_.reset();
    std::filesystem::remove_all(folder_);
  }

  static void Execute(const std::string& sql) {
    const absl::Status status = server_->Execute(sql);
    ASSERT_TRUE(status.ok()) << status;
  }

  // The password reaches the connector as a reference, as it should.
  cli::CatalogConfig Catalog(std::string_view password = MariaDbServer::kPassword,
                             int port = server_->port()) {
    const std::string secret = absl::StrCat(folder_, "/secret");
    std::ofstream(secret) << password;
    cli::CatalogConfig catalog;
    catalog.name = "mysql";
    catalog.connector = "mysql";
    catalog.options = {{"host", "127.0.0.1"},
                       {"port", absl::StrCat(port)},
                       {"user", MariaDbServer::kUser},
                       {"password", absl::StrCat("${file:", secret, "}")}};
    return catalog;
  }

  void Open(std::vector<cli::CatalogConfig> catalogs) {
    cli::Config config;
    config.data_dir = absl::StrCat(folder_, "/data");
    config.lake_roots = {folder_};
    config.threads = 2;
    config.catalogs = std::move(catalogs);
    absl::StatusOr<std::unique_ptr<cli::Application>> application = cli::Application::Open(config);
    ASSERT_TRUE(application.ok()) << application.status();
    application_ = *std::move(application);
  }

  void Open(cli::CatalogConfig catalog) { Open(std::vector{std::move(catalog)}); }

  void Open() { Open(Catalog()); }

  // Beside the catalog `mysql` the catalog `far`, which reaches the same server through `proxy_`.
  void OpenFar() {
    absl::StatusOr<std::unique_ptr<net::FaultProxy>> proxy =
        net::FaultProxy::Start(server_->port());
    ASSERT_TRUE(proxy.ok()) << proxy.status();
    proxy_ = *std::move(proxy);
    cli::CatalogConfig far = Catalog(MariaDbServer::kPassword, proxy_->port());
    far.name = "far";
    Open({Catalog(), std::move(far)});
  }

  // What every error of the catalog `far` says: which catalog, and where its server is.
  auto NamesFar() const {
    return AllOf(HasSubstr("far"), HasSubstr(absl::StrCat("127.0.0.1:", proxy_->port())),
                 Not(HasSubstr("cret")));
  }

  Answer Run(const std::string& sql, const sdk::RequestContext& context = {}) {
    sql::Session session = application_->default_session();
    session.catalog = "mysql";
    session.database = "d";
    session.start_time = absl::Now();
    absl::StatusOr<query::StatementResult> result =
        application_->runner().Run(sql, session, context);
    return result.ok() ? conformance::ReadAnswer(*result->rows)
                       : conformance::ErrorAnswer(result.status());
  }

  // The rows as JSON, or the error.
  std::string Rows(const std::string& sql) {
    const Answer answer = Run(sql);
    return answer.failed() ? absl::StrCat(answer.error_code, ": ", answer.error_message)
                           : answer.rows.dump();
  }

  static std::unique_ptr<MariaDbServer> server_;
  std::string folder_;
  std::unique_ptr<net::FaultProxy> proxy_;  // before the application, which uses it
  std::unique_ptr<cli::Application> application_;
};

std::unique_ptr<MariaDbServer> FaultsTest::server_;

TEST_F(FaultsTest, UnknownNamesOfferNearOnes) {
  Open();
  EXPECT_THAT(Rows("SELECT * FROM mysqll.d.orders"),
              AllOf(HasSubstr("CATALOG_NOT_FOUND: line 1:15: "), HasSubstr("'mysql'")));
  EXPECT_THAT(Rows("SELECT * FROM mysql.sale.orders"),
              AllOf(HasSubstr("SCHEMA_NOT_FOUND: line 1:15: "), HasSubstr("'sales'")));
  EXPECT_THAT(Rows("SELECT * FROM ordrs"),
              AllOf(HasSubstr("TABLE_NOT_FOUND: line 1:15: "), HasSubstr("'orders'")));
  EXPECT_THAT(Rows("SELECT prise FROM orders"),
              AllOf(HasSubstr("COLUMN_NOT_FOUND: line 1:8: Column 'prise' cannot be resolved"),
                    HasSubstr("'price'")));
  EXPECT_THAT(Rows("SELECT nofunc(id) FROM orders"), HasSubstr("FUNCTION_NOT_FOUND: line 1:8: "));
  EXPECT_EQ(Rows("SELECT id FROM orders ORDER BY id"), "[[1],[2]]");
}

TEST_F(FaultsTest, NamesThatDifferInCaseOnly) {
  Execute(
      "CREATE TABLE d.Twice (a INT); CREATE TABLE d.twicE (b INT); CREATE TABLE d.Mixed (X INT);"
      "INSERT INTO d.Mixed VALUES (7)");
  Open();
  EXPECT_THAT(Rows("SELECT * FROM twice"), AllOf(HasSubstr("Twice"), HasSubstr("twicE")));
  EXPECT_EQ(Rows("SELECT x FROM MIXED"), "[[7]]");
}

TEST_F(FaultsTest, OddNames) {
  Execute(
      "CREATE TABLE d.`it's a \"100%\" ☃ tab``le` (`na\"me` INT, `per%cent` INT, `☃` INT, "
      "`a b` INT); INSERT INTO d.`it's a \"100%\" ☃ tab``le` VALUES (1, 2, 3, 4)");
  Open();
  EXPECT_EQ(Rows("SELECT \"na\"\"me\", \"per%cent\", \"☃\", \"a b\" FROM \"it's a \"\"100%\"\" ☃ "
                 "tab`le\" WHERE \"na\"\"me\" = 1"),
            "[[1,2,3,4]]");
  EXPECT_THAT(Rows("SELECT * FROM \"😀\""), HasSubstr("TABLE_NOT_FOUND"));
}

TEST_F(FaultsTest, WrongPasswordIsNotShown) {
  Open(Catalog("not-the-password"));
  const std::string error = Rows("SELECT * FROM orders");
  EXPECT_THAT(
      error, AllOf(HasSubstr("mysql"), HasSubstr("127.0.0.1"), Not(HasSubstr("not-the-password"))));
  EXPECT_EQ(Rows("SELECT 1"), "[[1]]");
}

TEST_F(FaultsTest, ServerDownAtStartBreaksOnlyItsQueries) {
  Open(Catalog(MariaDbServer::kPassword, /*port=*/1));
  EXPECT_THAT(Rows("SELECT * FROM orders"), AllOf(HasSubstr("mysql"), HasSubstr("127.0.0.1:1")));
  EXPECT_EQ(Rows("SELECT 1"), "[[1]]");
}

TEST_F(FaultsTest, ServerKilledInTheMiddleOfAScan) {
  Execute(
      "USE d; CREATE VIEW many AS SELECT seq AS id, repeat('x', 100) AS t FROM "
      "seq_1_to_100000000");
  Open();
  sql::Session session = application_->default_session();
  session.start_time = absl::Now();
  absl::StatusOr<query::StatementResult> result =
      application_->runner().Run("SELECT id, t FROM mysql.d.many", session, {});
  ASSERT_TRUE(result.ok()) << result.status();
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> batch = result->rows->Next();
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_TRUE(server_->Kill().ok());
  const absl::Time killed = absl::Now();
  while (batch.ok() && *batch != nullptr) {
    batch = result->rows->Next();
  }
  EXPECT_LT(absl::Now() - killed, kErrorTime);
  ASSERT_FALSE(batch.ok());
  EXPECT_THAT(std::string(batch.status().message()),
              AllOf(HasSubstr("mysql.d.many"), HasSubstr("split")));
  // The process lives on, and reads again once the server is back.
  EXPECT_EQ(Rows("SELECT 1"), "[[1]]");
  ASSERT_TRUE(server_->Restart(kServerOptions).ok());
  Execute("CREATE TABLE d.later AS SELECT 7 AS a");
  EXPECT_EQ(Rows("SELECT a FROM later"), "[[7]]");
}

TEST_F(FaultsTest, ASourceThatCannotBeReachedIsNamedWithAWayOut) {
  OpenFar();
  EXPECT_EQ(Rows("SELECT count(*) FROM far.d.orders"), "[[2]]");
  for (const net::Accepting accepting : {net::Accepting::kRefuse, net::Accepting::kReset}) {
    proxy_->SetAccepting(accepting);
    proxy_->ResetConnections();
    for (const char* const sql :
         {"SELECT * FROM far.d.orders", "SHOW TABLES FROM far.d",
          "SELECT count(*) FROM mysql.d.orders a JOIN far.d.orders b ON a.id = b.id"}) {
      const std::string error = Rows(sql);
      EXPECT_THAT(error, NamesFar()) << sql;
      EXPECT_THAT(error, AnyOf(HasSubstr("Check that the server runs"),
                               HasSubstr("ask again once the server is well")))
          << sql;
    }
    EXPECT_EQ(Rows("SELECT count(*) FROM mysql.d.orders"), "[[2]]");
    proxy_->Heal();
    EXPECT_EQ(Rows("SELECT count(*) FROM far.d.orders"), "[[2]]");
  }
}

// Batches hold 4 MiB or 64 Ki rows, so that nothing is delivered of the first megabyte, and much of
// ten.
TEST_F(FaultsTest, ABrokenScanIsReadAgainOnceAndOnlyIfNoRowWasDelivered) {
  Execute(
      "USE d; CREATE TABLE d.long_one (id INT PRIMARY KEY, t VARCHAR(200)); INSERT INTO d.long_one "
      "SELECT seq, repeat('x', 150) FROM seq_1_to_100000");
  OpenFar();
  const std::string sql = "SELECT count(t), sum(id) FROM far.d.long_one";
  const std::string right = "[[100000,5000050000]]";
  EXPECT_EQ(Rows(sql), right);
  for (const net::Fault fault : {net::Fault::kReset, net::Fault::kClose}) {
    const auto break_after = [&](int64_t bytes, int64_t times) {
      proxy_->SetRule(net::Direction::kToClient,
                      {.fault = fault, .after_bytes = bytes, .max_hits = times});
    };
    int64_t hits = proxy_->hits();
    break_after(1'000'000, 1);
    EXPECT_EQ(Rows(sql), right);
    EXPECT_EQ(proxy_->hits(), hits + 1);
    hits = proxy_->hits();
    break_after(1'000'000, 9);
    EXPECT_THAT(Rows(sql), AllOf(NamesFar(), HasSubstr("far.d.long_one")));
    EXPECT_EQ(proxy_->hits(), hits + 2);
    hits = proxy_->hits();
    break_after(10'000'000, 9);
    EXPECT_THAT(Rows(sql), AllOf(NamesFar(), HasSubstr("far.d.long_one")));
    EXPECT_EQ(proxy_->hits(), hits + 1);
    proxy_->Heal();
    EXPECT_EQ(Rows(sql), right);
  }
}

TEST_F(FaultsTest, AStalledSourceEndsWithTheDeadlineOrACancel) {
  OpenFar();
  const std::string sql = "SELECT count(id) FROM far.d.orders";
  const std::vector<std::function<void(net::FaultProxy&)>> stalls = {
      [](net::FaultProxy& proxy) { proxy.SetAccepting(net::Accepting::kStall); },
      [](net::FaultProxy& proxy) {
        proxy.SetRule(net::Direction::kToClient, {.fault = net::Fault::kStall});
      },
  };
  for (const auto& stall : stalls) {
    proxy_->ResetConnections();
    stall(*proxy_);
    sdk::RequestContext context;
    context.deadline = absl::Now() + absl::Milliseconds(300);
    EXPECT_EQ(Run(sql, context).error_code, "EXCEEDED_TIME_LIMIT");
    EXPECT_LT(absl::Now() - context.deadline, kErrorTime);
    proxy_->Heal();
    proxy_->ResetConnections();
    EXPECT_EQ(Rows(sql), "[[2]]");

    proxy_->ResetConnections();
    stall(*proxy_);
    const int64_t before = proxy_->connections();
    context = {};
    std::thread cancel([&] {
      EXPECT_TRUE(proxy_->WaitForConnections(before + 1));
      context.cancellation.Cancel(absl::CancelledError("Query was canceled"));
    });
    EXPECT_EQ(Run(sql, context).error_code, "USER_CANCELED");
    cancel.join();
    proxy_->Heal();
    proxy_->ResetConnections();
    EXPECT_EQ(Rows(sql), "[[2]]");
  }
}

TEST_F(FaultsTest, CancelReachesTheSourceWithinASecond) {
  Execute(
      "USE d; CREATE VIEW endless AS SELECT a.seq AS id FROM seq_1_to_1000000 a JOIN "
      "seq_1_to_1000000 b ON a.seq + b.seq = -1");
  Open();
  sdk::RequestContext context;
  std::atomic<bool> done = false;
  std::thread cancel([&] {
    // Until the server works on it.
    while (!done.load()) {
      const auto running = server_->Query(
          "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%endless%' AND "
          "info NOT LIKE '%processlist%'");
      if (running.ok() && (*running)[0][0] != "0") {
        break;
      }
      std::this_thread::yield();
    }
    context.cancellation.Cancel(absl::CancelledError("Query was canceled"));
  });
  const Answer answer = Run("SELECT count(id) FROM endless", context);
  const absl::Time ended = absl::Now();
  done = true;
  cancel.join();
  EXPECT_EQ(answer.error_code, "USER_CANCELED");
  // The statement is gone from the server too.
  std::string left = "1";
  while (left != "0" && absl::Now() - ended < kCancelTime) {
    const auto running = server_->Query(
        "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%endless%' AND info "
        "NOT LIKE '%processlist%'");
    ASSERT_TRUE(running.ok()) << running.status();
    left = (*running)[0][0].value_or("");
  }
  EXPECT_EQ(left, "0");
}

TEST_F(FaultsTest, DeadlineEndsAQuery) {
  Execute(
      "USE d; CREATE VIEW endless2 AS SELECT a.seq AS id FROM seq_1_to_1000000 a JOIN "
      "seq_1_to_1000000 b ON a.seq + b.seq = -1");
  Open();
  sdk::RequestContext context;
  context.deadline = absl::Now() + absl::Milliseconds(300);
  EXPECT_EQ(Run("SELECT count(id) FROM endless2", context).error_code, "EXCEEDED_TIME_LIMIT");
}

TEST_F(FaultsTest, HugeCell) {
  Execute("SET GLOBAL max_allowed_packet = 268435456");
  Execute(absl::StrCat("CREATE TABLE d.huge (t LONGTEXT); INSERT INTO d.huge VALUES (repeat('x', ",
                       kHugeCellBytes, ")), ('y')"));
  Open();
  EXPECT_EQ(Rows("SELECT count(*), count(t), max(CASE WHEN t = 'y' THEN 1 END) FROM huge"),
            "[[2,2,1]]");
  const Answer answer = Run("SELECT t FROM huge WHERE t <> 'y'");
  ASSERT_FALSE(answer.failed()) << answer.error_message;
  ASSERT_EQ(answer.rows.size(), 1U);
  EXPECT_EQ(answer.rows[0][0].get<std::string>(), std::string(kHugeCellBytes, 'x'));
}

TEST_F(FaultsTest, ThousandsOfColumns) {
  std::vector<std::string> columns;
  std::vector<std::string> values;
  for (int i = 0; i < kManyColumns; ++i) {
    columns.push_back(absl::StrCat("c", i, " INT"));
    values.push_back(absl::StrCat(i));
  }
  Execute(absl::StrCat("CREATE TABLE d.wide (", absl::StrJoin(columns, ", "),
                       ") ENGINE=MyISAM; INSERT INTO d.wide VALUES (", absl::StrJoin(values, ", "),
                       ")"));
  Open();
  EXPECT_EQ(Rows("SELECT * FROM wide"),
            absl::StrCat("[[", absl::StrJoin(values, ","), ",\"*\"]]"));  // and partition_name
  EXPECT_EQ(Rows("SELECT c1999, c0 FROM wide WHERE c1000 = 1000"), "[[1999,0]]");
}

TEST_F(FaultsTest, EmptyTableAndNoSplits) {
  Execute(
      "CREATE TABLE d.empty (a INT, b VARCHAR(5)); CREATE TABLE d.parts (a INT) PARTITION BY "
      "RANGE (a) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN "
      "MAXVALUE); INSERT INTO d.parts VALUES (1), (20)");
  Open();
  EXPECT_EQ(Rows("SELECT * FROM empty"), "[]");
  EXPECT_EQ(Rows("SELECT count(*), max(b) FROM empty"), "[[0,null]]");
  EXPECT_EQ(Rows("SELECT a FROM parts WHERE partition_name = 'high'"), "[[20]]");
  EXPECT_EQ(Rows("SELECT a FROM parts WHERE partition_name = 'none'"), "[]");
}

TEST_F(FaultsTest, ZeroDatesAreNull) {
  Execute(
      "SET sql_mode = ''; CREATE TABLE d.zero (id INT, at DATE, ts DATETIME); INSERT INTO d.zero "
      "VALUES (1, '0000-00-00', '0000-00-00 00:00:00'), (2, '2020-02-29', '2020-02-29 01:02:03')");
  Open();
  EXPECT_EQ(Rows("SELECT id FROM zero WHERE at IS NULL AND ts IS NULL"), "[[1]]");
  EXPECT_EQ(Rows("SELECT id FROM zero WHERE at IS NOT NULL"), "[[2]]");
  EXPECT_EQ(Rows("SELECT count(at) FROM zero"), "[[1]]");
}

TEST_F(FaultsTest, InvalidUtf8IsAnErrorOrReplaced) {
  Execute(
      "CREATE TABLE d.bytes (id INT, t VARBINARY(10)); INSERT INTO d.bytes VALUES (1, "
      "x'61FF62'); CREATE VIEW d.texts AS SELECT id, CAST(t AS CHAR CHARACTER SET binary) AS t "
      "FROM d.bytes");
  Open();
  EXPECT_EQ(Rows("SELECT t FROM bytes"), "[[\"0x61ff62\"]]");
}

TEST_F(FaultsTest, LongAndDeepStatements) {
  Open();
  const std::string million(1'000'000, ' ');
  EXPECT_THAT(Rows(absl::StrCat("SELECT 1", million)), HasSubstr("262144"));
  std::string deep = "1";
  for (int i = 0; i < 5000; ++i) {
    deep = absl::StrCat("(", deep, ")");
  }
  EXPECT_THAT(Rows(absl::StrCat("SELECT ", deep)), HasSubstr("SYNTAX_ERROR"));
  std::vector<std::string> terms;
  for (int i = 0; i < 10'000; ++i) {
    terms.push_back(absl::StrCat(i));
  }
  EXPECT_EQ(Rows(absl::StrCat("SELECT count(*) FROM orders WHERE id IN (",
                              absl::StrJoin(terms, ", "), ")")),
            "[[2]]");
}

TEST_F(FaultsTest, TruncatedParquetFileIsNamed) {
  const std::filesystem::path source = std::filesystem::path(std::getenv("PALLAS_FIXTURES")) /
                                       "tpch/sf0.01/parquet/lineitem/lineitem.parquet";
  const std::filesystem::path table = std::filesystem::path(folder_) / "broken";
  std::filesystem::create_directory(table);
  std::filesystem::copy_file(source, table / "part-0.parquet");
  std::filesystem::resize_file(table / "part-0.parquet", std::filesystem::file_size(source) / 2);
  Open();
  sql::Session session = application_->default_session();
  ASSERT_TRUE(application_->runner().Run("CREATE DATABASE lake", session, {}).ok());
  session.database = "lake";
  ASSERT_TRUE(application_->runner()
                  .Run(absl::StrCat("CREATE EXTERNAL TABLE broken (l_orderkey bigint) STORED AS "
                                    "PARQUET LOCATION 'file://",
                                    table.string(), "/'"),
                       session, {})
                  .ok());
  EXPECT_THAT(Rows("SELECT sum(l_orderkey) FROM awsdatacatalog.lake.broken"),
              AllOf(HasSubstr("HIVE_"), HasSubstr("part-0.parquet")));
  EXPECT_EQ(Rows("SELECT 1"), "[[1]]");
}

TEST_F(FaultsTest, FilesOutsideOfTheRootsAreRefused) {
  Open();
  sql::Session session = application_->default_session();
  const absl::StatusOr<query::StatementResult> result = application_->runner().Run(
      "CREATE EXTERNAL TABLE outside (a int) STORED AS PARQUET LOCATION 'file:///etc/'", session,
      {});
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("local_roots"));
}

}  // namespace
}  // namespace pallas
