#include "catalog/metastore.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "catalog/metastore_definitions.h"

namespace pallas::catalog {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MetastoreTest : public testing::Test {
 public:
  ~MetastoreTest() override { fs::remove_all(folder_); }

 protected:
  MetastoreTest() {
    std::string pattern = (fs::temp_directory_path() / "pallas-metastore-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/metastore.sqlite";
    Reopen();
  }

  void Reopen() {
    metastore_.reset();
    auto opened = Metastore::Open(path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    metastore_ = *std::move(opened);
  }

  static sdk::TableDefinition FullTable() {
    sdk::TableDefinition table;
    table.database = "default";
    table.name = "t";
    table.comment = "it's \"quoted\" 😀\n";
    table.owner = "me";
    table.table_type = "EXTERNAL_TABLE";
    table.storage.columns = {{"a", "int", "first"}, {"b", "struct<x:int>", ""}};
    table.storage.location = "s3://b/t/";
    table.storage.input_format = "in";
    table.storage.output_format = "out";
    table.storage.serde = {"lib", {{"k", "v"}}};
    table.storage.compressed = true;
    table.storage.num_buckets = 4;
    table.storage.bucket_columns = {"a"};
    table.storage.parameters = {{"p", "q"}};
    table.partition_keys = {{"k", "string", ""}, {"l", "int", ""}};
    table.parameters = {{"EXTERNAL", "TRUE"}, {"", "empty key"}};
    table.view_original_text = "v";
    table.view_expanded_text = "w";
    return table;
  }

  std::string folder_;
  std::string path_;
  std::unique_ptr<Metastore> metastore_;
};

TEST_F(MetastoreTest, ConnectorsSeeItsDefinitions) {
  const auto definitions = MakeTableDefinitions(*metastore_);
  Database flagged{"cache", "", "s3://redis-db-flag/", {{"a", "b"}}};
  ASSERT_TRUE(metastore_->CreateDatabase(flagged).ok());
  ASSERT_TRUE(metastore_->CreateTable(FullTable()).ok());
  sdk::RequestContext context;
  EXPECT_THAT(*definitions->ListDatabases(context), testing::Contains(flagged));
  EXPECT_THAT(*definitions->ListTables(context, "default"), ElementsAre(FullTable()));
  EXPECT_EQ(*definitions->GetTable(context, {"default", "t"}), FullTable());
  EXPECT_TRUE(absl::IsNotFound(definitions->GetTable(context, {"default", "u"}).status()));
  context.cancellation.Cancel(absl::CancelledError("enough"));
  EXPECT_TRUE(absl::IsCancelled(definitions->ListDatabases(context).status()));
}

TEST_F(MetastoreTest, DatabasesComeBackAfterReopening) {
  const Database database{"sales", "what's sold", "s3://b/sales/", {{"owner", "me"}}};
  ASSERT_TRUE(
      metastore_
          ->CreateDatabase({"SALES", database.description, database.location, database.parameters})
          .ok());
  EXPECT_EQ(metastore_->CreateDatabase(database).code(), absl::StatusCode::kAlreadyExists);
  Reopen();
  EXPECT_EQ(*metastore_->GetDatabase("Sales"), database);
  EXPECT_EQ(metastore_->ListDatabases()->size(), 2U);
  EXPECT_EQ(metastore_->ListDatabases()->front().name, "default");
  const auto renew = [](Database& changed) {
    changed.description = "new";
    changed.location.clear();
    changed.parameters.clear();
    return absl::OkStatus();
  };
  ASSERT_TRUE(metastore_->ModifyDatabase("Sales", renew).ok());
  EXPECT_EQ(*metastore_->GetDatabase("sales"), (Database{"sales", "new", "", {}}));
  ASSERT_TRUE(metastore_->DropDatabase("sales", false).ok());
  EXPECT_EQ(metastore_->GetDatabase("sales").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(metastore_->DropDatabase("sales", true).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(metastore_->ModifyDatabase("sales", renew).code(), absl::StatusCode::kNotFound);
}

TEST_F(MetastoreTest, ATableKeepsAllOfItsDefinition) {
  sdk::TableDefinition table = FullTable();
  ASSERT_TRUE(metastore_->CreateTable(table).ok());
  EXPECT_EQ(metastore_->CreateTable(table).code(), absl::StatusCode::kAlreadyExists);
  Reopen();
  EXPECT_EQ(*metastore_->GetTable("DEFAULT", "T"), table);
  EXPECT_THAT(*metastore_->ListTables("default"), ElementsAre(table));
  ASSERT_TRUE(metastore_
                  ->ModifyTable("default", "t",
                                [](sdk::TableDefinition& changed) {
                                  changed.comment = "new";
                                  changed.name = "other";
                                  return absl::OkStatus();
                                })
                  .ok());
  table.comment = "new";
  EXPECT_EQ(*metastore_->GetTable("default", "t"), table);
  EXPECT_EQ(metastore_
                ->ModifyTable("default", "t",
                              [](sdk::TableDefinition& changed) {
                                changed.comment = "lost";
                                return absl::AbortedError("no");
                              })
                .code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(*metastore_->GetTable("default", "t"), table);
  ASSERT_TRUE(metastore_->DropTable("Default", "T").ok());
  EXPECT_EQ(metastore_->DropTable("default", "t").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(metastore_->GetTable("default", "t").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MetastoreTest, MissingDatabasesAreNamed) {
  sdk::TableDefinition table = FullTable();
  table.database = "nowhere";
  EXPECT_THAT(metastore_->CreateTable(table).message(), HasSubstr("Database 'nowhere'"));
  EXPECT_THAT(metastore_->GetTable("nowhere", "t").status().message(), HasSubstr("Database"));
  EXPECT_EQ(metastore_->ListTables("nowhere").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MetastoreTest, ADatabaseWithTablesGoesOnlyByCascade) {
  ASSERT_TRUE(metastore_->CreateTable(FullTable()).ok());
  ASSERT_TRUE(metastore_->AddPartitions("default", "t", {{{"x", "1"}, "l", {}}}, false).ok());
  EXPECT_EQ(metastore_->DropDatabase("default", false).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(metastore_->GetTable("default", "t").ok());
  ASSERT_TRUE(metastore_->DropDatabase("default", true).ok());
  ASSERT_TRUE(metastore_->CreateDatabase({"default", "", "", {}}).ok());
  ASSERT_TRUE(metastore_->CreateTable(FullTable()).ok());
  EXPECT_THAT(*metastore_->ListPartitions("default", "t"), IsEmpty());
}

TEST_F(MetastoreTest, PartitionsAreAddedAllOrNone) {
  ASSERT_TRUE(metastore_->CreateTable(FullTable()).ok());
  const sdk::PartitionDefinition first{{"a,\"b\"", "1"}, "s3://b/1/", {{"p", "q"}}};
  const sdk::PartitionDefinition second{{"b", "2"}, "s3://b/2/", {}};
  ASSERT_TRUE(metastore_->AddPartitions("default", "T", {first}, false).ok());
  EXPECT_EQ(metastore_->AddPartitions("default", "t", {second, first}, false).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(*metastore_->ListPartitions("default", "t"), ElementsAre(first));
  sdk::PartitionDefinition elsewhere = first;
  elsewhere.location = "elsewhere";
  ASSERT_TRUE(metastore_->AddPartitions("default", "t", {second, elsewhere}, true).ok());
  EXPECT_THAT(*metastore_->ListPartitions("default", "t"), ElementsAre(first, second));
  EXPECT_EQ(metastore_->AddPartitions("default", "t", {{{"only one"}, "", {}}}, false).code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(metastore_->SetPartitionLocation("default", "t", second.values, "moved").ok());
  EXPECT_EQ(metastore_->ListPartitions("default", "t")->back().location, "moved");
  EXPECT_EQ(metastore_->DropPartitions("default", "t", {second.values, {"x", "3"}}).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(metastore_->ListPartitions("default", "t")->size(), 2U);
  ASSERT_TRUE(metastore_->DropPartitions("default", "t", {second.values}).ok());
  EXPECT_THAT(*metastore_->ListPartitions("default", "t"), ElementsAre(first));
  ASSERT_TRUE(metastore_->DropTable("default", "t").ok());
  ASSERT_TRUE(metastore_->CreateTable(FullTable()).ok());
  EXPECT_THAT(*metastore_->ListPartitions("default", "t"), IsEmpty());
}

TEST_F(MetastoreTest, BadNamesAndTextsAreRefused) {
  sdk::TableDefinition table = FullTable();
  for (const std::string& name :
       {std::string(), std::string(256, 'x'), std::string("a\nb"), std::string("\xff")}) {
    table.name = name;
    EXPECT_EQ(metastore_->CreateTable(table).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(metastore_->CreateDatabase({name, "", "", {}}).code(),
              absl::StatusCode::kInvalidArgument);
  }
  table = FullTable();
  table.comment = "\xff";
  EXPECT_EQ(metastore_->CreateTable(table).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(metastore_->CreateDatabase({"x", "\xff", "", {}}).code(),
            absl::StatusCode::kInvalidArgument);
  table = FullTable();
  table.name = "odd name; DROP TABLE tables; '\"`😀%";
  ASSERT_TRUE(metastore_->CreateTable(table).ok());
  EXPECT_TRUE(metastore_->GetTable("default", table.name).ok());
}

TEST_F(MetastoreTest, DataCatalogsAndPreparedStatementsAreKept) {
  const DataCatalog catalog{"mine", DataCatalogType::kFederated, "d", {{"k", "v"}}};
  ASSERT_TRUE(metastore_->PutDataCatalog({"other", DataCatalogType::kLambda, "", {}}).ok());
  ASSERT_TRUE(metastore_->PutDataCatalog(catalog).ok());
  ASSERT_TRUE(metastore_->PutPreparedStatement("wg", {"p", "SELECT ?", ""}).ok());
  ASSERT_TRUE(metastore_->PutPreparedStatement("wg", {"p", "SELECT ?, 2", "d"}).ok());
  Reopen();
  EXPECT_EQ(metastore_->ListDataCatalogs()->front(), catalog);
  ASSERT_TRUE(metastore_->DropDataCatalog("MINE").ok());
  EXPECT_EQ(metastore_->DropDataCatalog("mine").code(), absl::StatusCode::kNotFound);
  const PreparedStatement prepared{"p", "SELECT ?, 2", "d"};
  EXPECT_EQ(*metastore_->GetPreparedStatement("wg", "p"), prepared);
  EXPECT_EQ(metastore_->GetPreparedStatement("wg2", "p").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(*metastore_->ListPreparedStatements("wg"), ElementsAre(prepared));
  ASSERT_TRUE(metastore_->DropPreparedStatement("wg", "p").ok());
  EXPECT_EQ(metastore_->DropPreparedStatement("wg", "p").code(), absl::StatusCode::kNotFound);
}

TEST_F(MetastoreTest, ManyThreadsAndTwoConnectionsLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 25;
  const auto other = *Metastore::Open(path_);
  ASSERT_TRUE(metastore_->CreateTable(FullTable()).ok());
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    Metastore& mine = thread % 2 == 0 ? *metastore_ : *other;
    threads.emplace_back([&mine, thread] {
      for (int round = 0; round < kRounds; ++round) {
        ASSERT_TRUE(mine.ModifyTable("default", "t",
                                     [&](sdk::TableDefinition& table) {
                                       table.parameters[absl::StrCat(thread, "-", round)] = "x";
                                       return absl::OkStatus();
                                     })
                        .ok());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(metastore_->GetTable("default", "t")->parameters.size(),
            2U + static_cast<size_t>(kThreads * kRounds));
}

void RunSql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

TEST_F(MetastoreTest, FilesOfOthersAreRefused) {
  metastore_.reset();
  RunSql(path_, "PRAGMA user_version = 99");
  EXPECT_EQ(Metastore::Open(path_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Metastore::Open(path_).status().message(), HasSubstr("newer"));
  RunSql(folder_ + "/other", "CREATE TABLE x (y)");
  EXPECT_EQ(Metastore::Open(folder_ + "/other").status().code(),
            absl::StatusCode::kFailedPrecondition);
  std::ofstream(folder_ + "/text") << std::string(10'000, 'x');
  EXPECT_EQ(Metastore::Open(folder_ + "/text").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Metastore::Open(folder_ + "/no/folder").status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(MetastoreTest, DamageIsToldAndNotTakenForAbsence) {
  ASSERT_TRUE(metastore_->CreateTable(FullTable()).ok());
  metastore_.reset();
  RunSql(path_, "UPDATE tables SET definition = '{\"database\": 1}'");
  Reopen();
  EXPECT_EQ(metastore_->GetTable("default", "t").status().code(), absl::StatusCode::kDataLoss);
  metastore_.reset();
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(4096)
      << std::string(20'000, 'x');
  auto opened = Metastore::Open(path_);
  const absl::Status status = opened.ok() ? (*opened)->ListDatabases().status() : opened.status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace pallas::catalog
