// The 22 TPC-H queries through SQL, with tables spread over a real MariaDB and Parquet files,
// against the answers of Trino 476 on the same files (answers/, made by record_answers.py).
// PALLAS_TPCH_SCALE picks the scale: 0.01 unless set; at other scales the tables must have been
// made by tools/make_fixtures.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/application.h"
#include "cli/config.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "tests/conformance/answer.h"

namespace pallas {
namespace {

constexpr int kQueries = 22;

// What the lake and MariaDB hold. In the lake's database each table of MariaDB has a view of its
// name, so that the queries need no catalog names.
constexpr const char* kServerTables[] = {"orders", "customer", "supplier", "nation"};

struct LakeTable {
  const char* name;
  const char* columns;
};

constexpr LakeTable kLakeTables[] = {
    {"lineitem",
     "l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber int, "
     "l_quantity decimal(15,2), l_extendedprice decimal(15,2), l_discount decimal(15,2), "
     "l_tax decimal(15,2), l_returnflag string, l_linestatus string, l_shipdate date, "
     "l_commitdate date, l_receiptdate date, l_shipinstruct string, l_shipmode string, "
     "l_comment string"},
    {"part",
     "p_partkey bigint, p_name string, p_mfgr string, p_brand string, p_type string, p_size int, "
     "p_container string, p_retailprice decimal(15,2), p_comment string"},
    {"partsupp",
     "ps_partkey bigint, ps_suppkey bigint, ps_availqty int, ps_supplycost decimal(15,2), "
     "ps_comment string"},
    {"region", "r_regionkey bigint, r_name string, r_comment string"}};

std::string Scale() {
  const char* const set = std::getenv("PALLAS_TPCH_SCALE");
  return set != nullptr ? set : "0.01";
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The output of a command of this repository, without the newline at its end.
std::string Output(const std::string& command) {
  std::string text;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot run " << command;
    return text;
  }
  char buffer[4096];
  while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe)) {
    text.append(buffer, size);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

class TpchTest : public testing::TestWithParam<int> {
 protected:
  static void SetUpTestSuite() {
    tables_ = absl::StrCat(std::getenv("PALLAS_FIXTURES"), "/tpch/sf", Scale());
    ASSERT_TRUE(std::filesystem::is_directory(tables_))
        << tables_ << " is missing; run tools/make_fixtures " << Scale();
    folder_ = (std::filesystem::temp_directory_path() / "pallas-tpch-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    const std::string server = absl::StrCat(folder_, "/m");
    const std::string address = Output(absl::StrCat("tools/servers/mariadb start ", server));
    ASSERT_FALSE(address.empty());
    std::string load =
        absl::StrCat("tools/servers/load_tpch_mariadb ", server, "/s tpch ", tables_, "/csv");
    for (const char* const table : kServerTables) {
      absl::StrAppend(&load, " ", table);
    }
    Output(load);
    OpenApplication(address);
  }

  static void TearDownTestSuite() {
    application_.reset();
    Output(absl::StrCat("tools/servers/mariadb kill ", folder_, "/m"));
    std::filesystem::remove_all(folder_);
  }

  static void OpenApplication(const std::string& address) {
    const size_t colon = address.find(':');
    absl::StatusOr<cli::Config> config = cli::ParseConfig(
        absl::StrCat("data = \"", folder_, "/data\"\n[lake]\nlocal_roots = [\"", tables_,
                     "\"]\n[dialect]\ndecimal_literals = \"decimal\"\n[catalogs.mysql]\n",
                     "connector = \"mysql\"\nuser = \"root\"\nhost = \"", address.substr(0, colon),
                     "\"\nport = ", address.substr(colon + 1), "\n"),
        "test", {});
    ASSERT_TRUE(config.ok()) << config.status();
    absl::StatusOr<std::unique_ptr<cli::Application>> application = cli::Application::Open(*config);
    ASSERT_TRUE(application.ok()) << application.status();
    application_ = *std::move(application);
    ASSERT_EQ(Run("CREATE DATABASE tpch").error_message, "");
    for (const LakeTable& table : kLakeTables) {
      ASSERT_EQ(Run(absl::StrCat("CREATE EXTERNAL TABLE ", table.name, " (", table.columns,
                                 ") STORED AS PARQUET LOCATION 'file://", tables_, "/parquet/",
                                 table.name, "/'"))
                    .error_message,
                "");
    }
    for (const char* const table : kServerTables) {
      ASSERT_EQ(Run(absl::StrCat("CREATE VIEW ", table, " AS SELECT * FROM mysql.tpch.", table))
                    .error_message,
                "");
    }
  }

  static conformance::Answer Run(const std::string& sql) {
    sql::Session session = application_->default_session();
    session.database = "tpch";
    session.start_time = absl::Now();
    absl::StatusOr<query::StatementResult> result = application_->runner().Run(sql, session, {});
    return result.ok() ? conformance::ReadAnswer(*result->rows)
                       : conformance::ErrorAnswer(result.status());
  }

  static std::string folder_;
  static std::string tables_;
  static std::unique_ptr<cli::Application> application_;
};

std::string TpchTest::folder_;
std::string TpchTest::tables_;
std::unique_ptr<cli::Application> TpchTest::application_;

TEST_P(TpchTest, SameRowsAsTrino) {
  const std::string name = absl::StrFormat("q%02d", GetParam());
  const std::string sql = ReadFile(absl::StrCat("tests/tpch/queries/", name, ".sql"));
  const std::string recorded =
      ReadFile(absl::StrCat("tests/tpch/answers/sf", Scale(), "/", name, ".json"));
  ASSERT_FALSE(sql.empty());
  ASSERT_FALSE(recorded.empty()) << "no answer for scale " << Scale();
  const nlohmann::json want = nlohmann::json::parse(recorded);

  const conformance::Answer got = Run(sql);
  ASSERT_FALSE(got.failed()) << got.error_code << " " << got.error_message;
  conformance::Expectation expect;
  expect.kind = conformance::Expectation::Kind::kRows;
  expect.types = want["types"].get<std::vector<std::string>>();
  expect.rows = want["rows"].dump();
  expect.ordered = true;
  EXPECT_EQ(conformance::Judge(expect, got), conformance::Verdict::kSame)
      << "expected " << want["types"] << "\n"
      << expect.rows.substr(0, 2000) << "\ngot " << nlohmann::json(got.types) << "\n"
      << got.rows.dump().substr(0, 2000);
}

INSTANTIATE_TEST_SUITE_P(Queries, TpchTest, testing::Range(1, kQueries + 1),
                         [](const auto& test) { return absl::StrFormat("Q%02d", test.param); });

}  // namespace
}  // namespace pallas
