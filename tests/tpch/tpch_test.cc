// The 22 TPC-H queries through SQL, with tables spread over four kinds of sources as in the data
// mesh: lineitem in the lake, once as Parquet and once as text; orders, customer and supplier in
// MariaDB, nation and region in Redis, part and partsupp in DynamoDB. The answers are those of
// Trino 476 on the same tables (answers/, made by record_answers.py). PALLAS_TPCH_SCALE picks the
// scale: 0.01 unless set.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/application.h"
#include "cli/config.h"
#include "cli/demo/demo.h"
#include "cli/demo/dynamodb_loader.h"
#include "cli/demo/mariadb_session.h"
#include "cli/demo/mesh.h"
#include "cli/demo/redis_session.h"
#include "cli/demo/tpch_tables.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "aws/credentials.h"
#include "aws/json_client.h"
#include "base/status_macros.h"
#include "net/http_client.h"
#include "tests/conformance/answer.h"

namespace pallas {
namespace {

constexpr int kQueries = 22;

// Databases of the lake in which every table has its name, so that the queries need no catalogs:
// lineitem as Parquet, or as text, and views of the others.
constexpr std::string_view kParquet = "tpch";
constexpr std::string_view kText = "tpch_text";

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

class Silent final : public cli::DemoProgress {
 public:
  void Begin(std::string_view /*step*/) override {}

  void Advance(std::string_view /*how_far*/) override {}

  void End(std::string_view /*outcome*/) override {}
};

// The mesh is made by the first suite and goes when the tests have ended.
class MeshTest : public testing::Test {
 public:
  static void RemoveMesh() {
    application_.reset();
    if (demo_ != nullptr) {
      Silent progress;
      EXPECT_TRUE(demo_->Remove(progress).ok());
      demo_.reset();
    }
    if (!folder_.empty()) {
      std::filesystem::remove_all(folder_);
    }
  }

 protected:
  static void SetUpTestSuite() {
    if (folder_.empty()) {
      folder_ = (std::filesystem::temp_directory_path() / "pallas-tpch-XXXXXX").string();
      ASSERT_NE(mkdtemp(folder_.data()), nullptr);
      const absl::Status made = MakeMesh();
      ASSERT_TRUE(made.ok()) << made;
    }
  }

  void SetUp() override { ASSERT_NE(application_, nullptr) << "there is no mesh"; }

  static absl::Status MakeMesh() {
    Silent progress;
    ASSIGN_OR_RETURN(demo_, cli::Demo::Open({.folder = folder_ + "/demo", .scale = Scale()}));
    RETURN_IF_ERROR(demo_->StartServers({}, progress));
    RETURN_IF_ERROR(demo_->LoadServers({}, progress));
    ASSIGN_OR_RETURN(cli::TpchGenerator generator,
                     cli::TpchGenerator::Make(demo_->scale(), folder_ + "/generated"));
    RETURN_IF_ERROR(
        cli::LoadIntoRedis({}, demo_->redis(), cli::GetTpchTable("region"), generator).status());
    ASSIGN_OR_RETURN(
        const cli::Config config,
        cli::ParseConfig(absl::StrCat(ReadFile(demo_->config_file()), MoreConfiguration()), "test",
                         {}));
    ASSIGN_OR_RETURN(application_, cli::Application::Open(config));
    RETURN_IF_ERROR(demo_->LoadLake({}, *application_, progress));
    return MakeDatabases(generator);
  }

  static std::string MoreConfiguration() {
    return absl::StrCat(
        "\n[[catalogs.redis.tables]]\nschema = \"redis\"\nname = \"region\"\nkey_prefix = \"",
        cli::RedisKeyPrefix(cli::GetTpchTable("region")),
        "\"\nvalue_type = \"hash\"\ncolumns = { r_regionkey = \"bigint\", r_name = \"varchar\", "
        "r_comment = \"varchar\" }\n[lake]\nlocal_roots = [\"",
        folder_, "\"]\n[dialect]\ndecimal_literals = \"decimal\"\n");
  }

  static absl::Status MakeDatabases(cli::TpchGenerator& generator) {
    const cli::TpchTable& lineitem = cli::GetTpchTable("lineitem");
    ASSIGN_OR_RETURN(const std::string text, generator.MakeText({}, lineitem));
    std::filesystem::create_directories(folder_ + "/text");
    std::filesystem::rename(text, folder_ + "/text/lineitem.tbl");
    for (const std::string_view database : {kParquet, kText}) {
      RETURN_IF_ERROR(Execute(absl::StrCat("CREATE DATABASE ", database), database));
      for (const std::string_view table : {"nation", "region"}) {
        RETURN_IF_ERROR(MakeView(database, table, "redis.redis"));
      }
      for (const std::string_view table : cli::kMariaDbTables) {
        RETURN_IF_ERROR(MakeView(database, table, "mysql.sales"));
      }
      for (const std::string_view table : cli::kDynamoDbTables) {
        RETURN_IF_ERROR(MakeView(database, table, "dynamo.default"));
      }
    }
    RETURN_IF_ERROR(MakeView(kParquet, "lineitem", cli::kLakeDatabase));
    const std::string columns =
        absl::StrJoin(lineitem.columns, ", ", [](std::string* out, const cli::TpchColumn& column) {
          absl::StrAppend(out, column.name, " ", column.is_text() ? "string" : column.type);
        });
    return Execute(absl::StrCat("CREATE EXTERNAL TABLE lineitem (", columns,
                                ") ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' "
                                "STORED AS TEXTFILE LOCATION 'file://",
                                folder_, "/text/'"),
                   kText);
  }

  static absl::Status MakeView(std::string_view database, std::string_view table,
                               std::string_view place) {
    return Execute(absl::StrCat("CREATE VIEW ", table, " AS SELECT * FROM ", place, ".", table),
                   database);
  }

  static absl::StatusOr<query::StatementResult> Start(const std::string& sql,
                                                      std::string_view database) {
    sql::Session session = application_->default_session();
    session.database = database;
    session.start_time = absl::Now();
    return application_->runner().Run(sql, session, {});
  }

  static absl::Status Execute(const std::string& sql, std::string_view database) {
    return Start(sql, database).status();
  }

  static conformance::Answer Run(const std::string& sql, std::string_view database) {
    absl::StatusOr<query::StatementResult> result = Start(sql, database);
    return result.ok() ? conformance::ReadAnswer(*result->rows)
                       : conformance::ErrorAnswer(result.status());
  }

  // The rows as JSON, or the error.
  static std::string Rows(const std::string& sql) {
    const conformance::Answer answer = Run(sql, kParquet);
    return answer.failed() ? answer.error_message : answer.rows.dump();
  }

  static std::string folder_;
  static std::unique_ptr<cli::Demo> demo_;
  static std::unique_ptr<cli::Application> application_;
};

class MeshEnvironment final : public testing::Environment {
 public:
  void TearDown() override { MeshTest::RemoveMesh(); }
};

const testing::Environment* const kEnvironment =
    testing::AddGlobalTestEnvironment(new MeshEnvironment);

std::string MeshTest::folder_;
std::unique_ptr<cli::Demo> MeshTest::demo_;
std::unique_ptr<cli::Application> MeshTest::application_;

class TpchTest : public MeshTest,
                 public testing::WithParamInterface<std::tuple<int, std::string_view>> {};

TEST_P(TpchTest, SameRowsAsTrino) {
  const auto& [number, database] = GetParam();
  const std::string name = absl::StrFormat("q%02d", number);
  const std::string sql = ReadFile(absl::StrCat("tests/tpch/queries/", name, ".sql"));
  const std::string recorded =
      ReadFile(absl::StrCat("tests/tpch/answers/sf", Scale(), "/", name, ".json"));
  ASSERT_FALSE(sql.empty());
  ASSERT_FALSE(recorded.empty()) << "no answer for scale " << Scale();
  const nlohmann::json want = nlohmann::json::parse(recorded);

  const conformance::Answer got = Run(sql, database);
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

INSTANTIATE_TEST_SUITE_P(Queries, TpchTest,
                         testing::Combine(testing::Range(1, kQueries + 1),
                                          testing::Values(kParquet, kText)),
                         [](const auto& test) {
                           return absl::StrFormat("Q%02d_%s", std::get<0>(test.param),
                                                  std::get<1>(test.param));
                         });

absl::Status CallDynamoDb(const cli::DynamoDbServer& server, const char* operation,
                          const char* request) {
  ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpClient> http, net::HttpClient::Make({}));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<aws::JsonClient> client,
      aws::JsonClient::Make({.service = "dynamodb",
                             .region = cli::kDynamoDbRegion,
                             .endpoint = server.endpoint(),
                             .target_prefix = "DynamoDB_20120810",
                             .json_version = "1.0",
                             .retry = {}},
                            *http,
                            aws::StaticCredentials({.access_key_id = cli::kDynamoDbAccessKey,
                                                    .secret_access_key = cli::kDynamoDbAccessKey,
                                                    .session_token = "",
                                                    .expiration = absl::InfiniteFuture()}),
                            Clock::System()));
  return client->Call(operation, request, {}).status();
}

TEST_F(MeshTest, ARowWrittenToASourceIsInTheNextAnswer) {
  const std::string suppliers = "SELECT s_name FROM supplier WHERE s_suppkey = -7";
  const std::string nations = "SELECT n_name FROM nation WHERE n_nationkey = -7";
  const std::string parts = "SELECT p_name FROM part WHERE p_partkey = -7";
  for (const std::string& sql : {suppliers, nations, parts}) {
    EXPECT_EQ(Rows(sql), "[]") << sql;
  }
  const auto mariadb =
      cli::MariaDbSession::Open({}, demo_->mariadb().port(), demo_->mariadb().account());
  ASSERT_TRUE(mariadb.ok()) << mariadb.status();
  const auto inserted =
      (*mariadb)->Execute("INSERT INTO supplier VALUES (-7, 'new', '', 1, '', 0, '')");
  EXPECT_TRUE(inserted.ok()) << inserted.status();
  const auto redis = cli::RedisSession::Open({}, demo_->redis().port(), demo_->redis().password());
  ASSERT_TRUE(redis.ok()) << redis.status();
  const auto set = (*redis)->Call({"HSET", "nation--7", "n_nationkey", "-7", "n_name", "new"});
  EXPECT_TRUE(set.ok()) << set.status();
  const absl::Status put = CallDynamoDb(
      demo_->dynamodb(), "PutItem",
      R"({"TableName": "part", "Item": {"p_partkey": {"N": "-7"}, "p_name": {"S": "new"}}})");
  EXPECT_TRUE(put.ok()) << put;
  for (const std::string& sql : {suppliers, nations, parts}) {
    EXPECT_EQ(Rows(sql), R"([["new"]])") << sql;
  }
  // And gone again, for the queries of the other tests.
  EXPECT_TRUE((*mariadb)->Execute("DELETE FROM supplier WHERE s_suppkey = -7").ok());
  EXPECT_TRUE((*redis)->Call({"DEL", "nation--7"}).ok());
  EXPECT_TRUE(CallDynamoDb(demo_->dynamodb(), "DeleteItem",
                           R"({"TableName": "part", "Key": {"p_partkey": {"N": "-7"}}})")
                  .ok());
}

}  // namespace
}  // namespace pallas
