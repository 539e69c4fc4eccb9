// The data mesh of `pallas demo` at a small scale: MariaDB, Redis, DynamoDB Local and the lake in
// one statement, against what Trino 476 answers over its own TPC-H tables (answers/, made by
// tests/tpch/record_answers.py from queries/), and with each server killed while the query reads
// it.

#include "cli/demo/mesh.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/application.h"
#include "cli/config.h"
#include "cli/demo/demo.h"
#include "cli/demo/dynamodb_loader.h"
#include "cli/demo/mariadb_session.h"
#include "cli/demo/redis_session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "tests/conformance/answer.h"

namespace pallas {
namespace {

using conformance::Answer;
using testing::HasSubstr;

// Small, and one at which no two rows of partsupp have the same key: DynamoDB could not hold both.
constexpr char kScale[] = "0.0035";
// No test waits for this; it ends one that hangs.
constexpr absl::Duration kPatience = absl::Seconds(60);

class SilentProgress final : public cli::DemoProgress {
 public:
  void Begin(std::string_view /*step*/) override {}

  void Advance(std::string_view /*how_far*/) override {}

  void End(std::string_view /*outcome*/) override {}
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// One demo for all tests; each leaves it whole.
class MeshTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = (std::filesystem::temp_directory_path() / "pallas-mesh-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    absl::StatusOr<std::unique_ptr<cli::Demo>> demo =
        cli::Demo::Open({.folder = absl::StrCat(folder_, "/demo"), .scale = kScale});
    ASSERT_TRUE(demo.ok()) << demo.status();
    demo_ = *std::move(demo);
    ASSERT_NO_FATAL_FAILURE(BringUp());
    const absl::StatusOr<cli::Config> config = cli::LoadConfig(demo_->config_file(), {});
    ASSERT_TRUE(config.ok()) << config.status();
    absl::StatusOr<std::unique_ptr<cli::Application>> application = cli::Application::Open(*config);
    ASSERT_TRUE(application.ok()) << application.status();
    application_ = *std::move(application);
    SilentProgress progress;
    const absl::Status lake = demo_->LoadLake({}, *application_, progress);
    ASSERT_TRUE(lake.ok()) << lake;
    ASSERT_EQ(Rows(absl::StrCat(cli::kCreateView, cli::kMeshQuery)), "[]");
  }

  static void TearDownTestSuite() {
    application_.reset();
    SilentProgress progress;
    if (demo_) {
      EXPECT_TRUE(demo_->Remove(progress).ok());
    }
    demo_.reset();
    EXPECT_FALSE(std::filesystem::exists(absl::StrCat(folder_, "/demo")));
    std::filesystem::remove_all(folder_);
  }

  // Starts what does not run and loads what is missing.
  static void BringUp() {
    SilentProgress progress;
    const absl::Status started = demo_->StartServers({}, progress);
    ASSERT_TRUE(started.ok()) << started;
    const absl::Status loaded = demo_->LoadServers({}, progress);
    ASSERT_TRUE(loaded.ok()) << loaded;
  }

  static Answer Run(std::string_view sql) {
    sql::Session session = application_->default_session();
    session.database = cli::kLakeDatabase;
    session.start_time = absl::Now();
    sdk::RequestContext context;
    context.deadline = absl::Now() + kPatience;
    absl::StatusOr<query::StatementResult> result =
        application_->runner().Run(sql, session, context);
    return result.ok() ? conformance::ReadAnswer(*result->rows)
                       : conformance::ErrorAnswer(result.status());
  }

  // The rows as JSON, or the error.
  static std::string Rows(std::string_view sql) {
    const Answer answer = Run(sql);
    return answer.failed() ? absl::StrCat(answer.error_code, ": ", answer.error_message)
                           : answer.rows.dump();
  }

  static void ExpectTotals() {
    const nlohmann::json want = nlohmann::json::parse(
        ReadFile(absl::StrCat("tests/mesh/answers/sf", kScale, "/totals.json")));
    const Answer got = Run(cli::kTotalsQuery);
    ASSERT_FALSE(got.failed()) << got.error_code << " " << got.error_message;
    conformance::Expectation expect;
    expect.kind = conformance::Expectation::Kind::kRows;
    expect.types = {"varchar", "decimal(18,2)"};
    expect.rows = want["rows"].dump();
    expect.ordered = true;
    EXPECT_EQ(conformance::Judge(expect, got), conformance::Verdict::kSame)
        << "expected " << expect.rows << "\ngot " << nlohmann::json(got.types) << got.rows;
  }

  static std::string folder_;
  static std::unique_ptr<cli::Demo> demo_;
  static std::unique_ptr<cli::Application> application_;
};

std::string MeshTest::folder_;
std::unique_ptr<cli::Demo> MeshTest::demo_;
std::unique_ptr<cli::Application> MeshTest::application_;

TEST_F(MeshTest, TotalsAreTrinos) { ExpectTotals(); }

TEST_F(MeshTest, TheQueryItselfHasARowForEachOrderLine) {
  EXPECT_EQ(Rows(absl::StrCat("SELECT count(*), count(nation), count(o_year), count(amount) FROM (",
                              cli::kMeshQuery, ")")),
            "[[21034,21034,21034,21034]]");
}

TEST_F(MeshTest, ActiveOrdersAreThoseBeingDelivered) {
  EXPECT_EQ(Rows("SELECT count(*), count(o_orderkey), count_if(o_orderstatus = 'P') FROM "
                 "redis.redis.active_orders LEFT JOIN mysql.sales.orders USING (o_orderkey)"),
            Rows("SELECT count(*), count(*), count(*) FROM mysql.sales.orders WHERE o_orderstatus "
                 "= 'P'"));
}

TEST_F(MeshTest, KeysBecomePointReads) {
  const Answer partsupp =
      Run("EXPLAIN SELECT * FROM dynamo.default.partsupp WHERE ps_partkey = 17");
  ASSERT_FALSE(partsupp.failed()) << partsupp.error_message;
  EXPECT_THAT(partsupp.rows.dump(), HasSubstr("Query"));
  EXPECT_EQ(Rows("SELECT count(*) FROM dynamo.default.partsupp WHERE ps_partkey = 17"), "[[4]]");
  EXPECT_EQ(Rows("SELECT n_name FROM redis.redis.nation WHERE _key_ = 'nation-7'"),
            "[[\"GERMANY\"]]");
}

TEST_F(MeshTest, ARowWrittenToASourceIsInTheNextAnswer) {
  const auto redis = cli::RedisSession::Open({}, demo_->redis().port(), demo_->redis().password());
  ASSERT_TRUE(redis.ok()) << redis.status();
  const std::string sql =
      "SELECT count(*) FROM federated_view WHERE nation IN ('PERU', 'VINLAND') GROUP BY nation";
  const std::string before = Rows(sql);
  ASSERT_TRUE((*redis)->Call({"HSET", "nation-17", "n_name", "VINLAND"}).ok());
  EXPECT_THAT(Rows("SELECT DISTINCT nation FROM federated_view WHERE nation LIKE 'VIN%'"),
              "[[\"VINLAND\"]]");
  EXPECT_EQ(Rows(sql), before);
  ASSERT_TRUE((*redis)->Call({"HSET", "nation-17", "n_name", "PERU"}).ok());

  const auto mariadb =
      cli::MariaDbSession::Open({}, demo_->mariadb().port(), demo_->mariadb().account());
  ASSERT_TRUE(mariadb.ok()) << mariadb.status();
  const std::string lines_of_1 = "SELECT count(*) FROM federated_view WHERE o_year = 2026";
  EXPECT_EQ(Rows(lines_of_1), "[[0]]");
  ASSERT_TRUE((*mariadb)
                  ->Execute("UPDATE orders SET o_orderdate = '2026-01-02' WHERE o_orderkey = 1")
                  .ok());
  EXPECT_EQ(Rows(lines_of_1), "[[6]]");
  ASSERT_TRUE((*mariadb)
                  ->Execute("UPDATE orders SET o_orderdate = '1996-01-02' WHERE o_orderkey = 1")
                  .ok());
  ExpectTotals();
}

TEST_F(MeshTest, WhatIsLoadedIsNotLoadedAgain) {
  const auto redis = cli::RedisSession::Open({}, demo_->redis().port(), demo_->redis().password());
  ASSERT_TRUE(redis.ok()) << redis.status();
  ASSERT_TRUE((*redis)->Call({"HSET", "nation-0", "n_comment", "mine"}).ok());
  ASSERT_NO_FATAL_FAILURE(BringUp());
  EXPECT_EQ(*(*redis)->Call({"HGET", "nation-0", "n_comment"}), "mine");
  // A load that was cut short has no mark.
  ASSERT_TRUE((*redis)->Call({"DEL", "pallas-demo:nation", "nation-3"}).ok());
  ASSERT_NO_FATAL_FAILURE(BringUp());
  EXPECT_NE(*(*redis)->Call({"HGET", "nation-0", "n_comment"}), "mine");
  ExpectTotals();
}

// Whether some connection to the port of 127.0.0.1 stands, whose server may be asleep.
bool HasConnection(int port) {
  constexpr size_t kRemote = 2;
  constexpr size_t kState = 3;
  const std::string remote = absl::StrFormat("0100007F:%04X", port);
  for (const std::string_view line : absl::StrSplit(ReadFile("/proc/net/tcp"), '\n')) {
    const std::vector<std::string_view> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() > kState && fields[kRemote] == remote && fields[kState] == "01") {
      return true;
    }
  }
  return false;
}

struct KilledServer {
  std::string name;
  std::function<cli::LocalServer&(cli::Demo&)> server;
  std::string catalog;
};

class KilledServerTest : public MeshTest, public testing::WithParamInterface<KilledServer> {};

TEST_P(KilledServerTest, TheErrorNamesItAndTheNextQueryWorks) {
  cli::LocalServer& server = GetParam().server(*demo_);
  ASSERT_NO_FATAL_FAILURE(BringUp());
  const std::optional<cli::DetachedProcess> process = server.Running();
  ASSERT_TRUE(process.has_value());
  // Stopped, it takes connections and answers nothing: the query comes as far as this source and
  // waits there, however fast the machine is. Connections of earlier queries are gone with a
  // process of its own for them.
  const absl::StatusOr<cli::Config> config = cli::LoadConfig(demo_->config_file(), {});
  ASSERT_TRUE(config.ok()) << config.status();
  application_.reset();
  absl::StatusOr<std::unique_ptr<cli::Application>> application = cli::Application::Open(*config);
  ASSERT_TRUE(application.ok()) << application.status();
  application_ = *std::move(application);
  kill(process->pid(), SIGSTOP);
  Answer answer;
  std::thread query([&] { answer = Run(cli::kTotalsQuery); });
  const absl::Time deadline = absl::Now() + kPatience;
  while (!HasConnection(server.port()) && absl::Now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(HasConnection(server.port())) << "the query never came to " << server.name();
  process->Kill();
  query.join();
  EXPECT_TRUE(answer.failed()) << answer.rows.dump();
  EXPECT_THAT(answer.error_message, testing::AnyOf(HasSubstr(GetParam().catalog),
                                                   HasSubstr(absl::StrCat(":", server.port()))));
  EXPECT_NE(answer.error_code, "EXCEEDED_TIME_LIMIT") << answer.error_message;

  // Still down: refused, and said.
  const Answer down = Run(cli::kTotalsQuery);
  EXPECT_TRUE(down.failed()) << down.rows.dump() << "\nbefore: " << answer.error_message;
  EXPECT_THAT(down.error_message, HasSubstr(absl::StrCat(server.port())));
  // What does not need it works all the while.
  EXPECT_EQ(Rows("SELECT count(*) FROM lineitem"), "[[21034]]");

  ASSERT_NO_FATAL_FAILURE(BringUp());
  ExpectTotals();
}

INSTANTIATE_TEST_SUITE_P(
    Servers, KilledServerTest,
    testing::Values(
        KilledServer{"MariaDB", [](cli::Demo& d) -> cli::LocalServer& { return d.mariadb(); },
                     "mysql"},
        KilledServer{"Redis", [](cli::Demo& d) -> cli::LocalServer& { return d.redis(); }, "redis"},
        KilledServer{"DynamoDb", [](cli::Demo& d) -> cli::LocalServer& { return d.dynamodb(); },
                     "dynamo"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace pallas
