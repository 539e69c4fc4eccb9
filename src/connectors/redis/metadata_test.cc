// Tables of the configuration and of table definitions.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/redis/testing/redis_test.h"
#include "sdk/metadata/table_definitions.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Definitions in memory.
class Definitions final : public sdk::TableDefinitions {
 public:
  absl::StatusOr<std::vector<sdk::DatabaseDefinition>> ListDatabases(
      const sdk::RequestContext& /*context*/) override {
    return databases;
  }

  absl::StatusOr<std::vector<sdk::TableDefinition>> ListTables(
      const sdk::RequestContext& /*context*/, const std::string& database) override {
    std::vector<sdk::TableDefinition> found;
    for (const sdk::TableDefinition& table : tables) {
      if (table.database == database) {
        found.push_back(table);
      }
    }
    return found;
  }

  absl::StatusOr<sdk::TableDefinition> GetTable(const sdk::RequestContext& /*context*/,
                                                const sdk::TableName& name) override {
    for (const sdk::TableDefinition& table : tables) {
      if (table.database == name.database && table.name == name.table) {
        return table;
      }
    }
    return absl::NotFoundError("no such table");
  }

  std::vector<sdk::DatabaseDefinition> databases;
  std::vector<sdk::TableDefinition> tables;
};

class RedisMetadataTest : public RedisTest {
 protected:
  void SetUp() override {
    RedisTest::SetUp();
    Run({"HSET customer-hm:1 custkey 1 name Ann", "HSET customer-hm:2 custkey 2 name Bob",
         "ZADD customer-hm-zset 1 customer-hm:1"});
    definitions_.databases.resize(2);
    definitions_.databases[0].name = "cache";
    definitions_.databases[0].location = "s3://fake-bucket?redis-db-flag=redis-db-flag/";
    definitions_.databases[1].name = "lake";
    definitions_.databases[1].location = "s3://bucket/lake";
    Add("cache", "customer", {{"redis-key-prefix", "customer-hm:*"}});
    Add("cache", "by_set", {{"redis-keys-zset", "customer-hm-zset"}});
    Add("lake", "customer", {{"redis-key-prefix", "customer-hm:*"}});
    Add("cache", "files", {});
    definitions_.tables.back().parameters.clear();
    sdk::ConnectorEnvironment environment;
    environment.definitions = &definitions_;
    auto connector = TestServer().MakeConnector(
        TableOptions(0, "configured", "v varchar", {{"key_prefix", "x"}, {"value_type", "hash"}}),
        environment);
    ASSERT_TRUE(connector.ok()) << connector.status();
    connector_ = *std::move(connector);
  }

  void Add(const std::string& database, const std::string& name,
           const std::map<std::string, std::string>& parameters) {
    sdk::TableDefinition& table = definitions_.tables.emplace_back();
    table.database = database;
    table.name = name;
    table.storage.columns = {{"custkey", "int", "its number"}, {"name", "string", ""}};
    table.partition_keys = {{"ignored", "string", ""}};
    table.parameters = parameters;
    table.parameters["redis-endpoint"] = absl::StrCat("127.0.0.1:", TestServer().port());
    table.parameters["redis-value-type"] = "Hash";
  }

  absl::StatusOr<std::vector<std::string>> ReadTable(const std::string& name) {
    const auto table = connector_->GetTable(context_, {"cache", name});
    if (!table.ok()) {
      return table.status();
    }
    sdk::Scan scan;
    scan.columns = table->schema->field_names();
    const auto batch = sdk::ReadAll(*connector_, context_, *table, scan);
    return batch.ok() ? absl::StatusOr<std::vector<std::string>>(Rows(**batch)) : batch.status();
  }

  Definitions definitions_;
  std::unique_ptr<sdk::Connector> connector_;
};

TEST_F(RedisMetadataTest, BothKindsAreListed) {
  EXPECT_THAT(connector_->ListDatabases(context_, {})->items, ElementsAre("cache", "s"));
  EXPECT_THAT(connector_->ListTables(context_, "cache", {})->items,
              ElementsAre(sdk::TableName{"cache", "by_set"}, sdk::TableName{"cache", "customer"}));
  EXPECT_THAT(connector_->ListTables(context_, "s", {})->items,
              ElementsAre(sdk::TableName{"s", "configured"}));
  EXPECT_TRUE(absl::IsNotFound(connector_->ListTables(context_, "lake", {}).status()));
  for (const auto& [database, name] : std::map<std::string, std::string>{
           {"lake", "customer"}, {"cache", "files"}, {"none", "customer"}}) {
    EXPECT_TRUE(absl::IsNotFound(connector_->GetTable(context_, {database, name}).status()));
  }
}

TEST_F(RedisMetadataTest, DefinitionsBecomeTables) {
  const auto table = connector_->GetTable(context_, {"cache", "customer"});
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(table->schema->field_names(), ElementsAre("custkey", "name", "_key_"));
  EXPECT_TRUE(table->partition_columns.empty());
  EXPECT_THAT(*ReadTable("customer"), ElementsAre("1|Ann|customer-hm:1", "2|Bob|customer-hm:2"));
  EXPECT_THAT(*ReadTable("by_set"), ElementsAre("1|Ann|customer-hm:1"));
}

TEST_F(RedisMetadataTest, ADefinitionThatLacksAPropertySaysWhich) {
  definitions_.tables[0].parameters.erase("redis-value-type");
  const absl::Status status = ReadTable("customer").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("cache.customer"));
  EXPECT_THAT(status.message(), HasSubstr("redis-value-type"));
}

// A password in the definition is used, though no table or split holds it.
TEST_F(RedisMetadataTest, PasswordsInDefinitions) {
  const auto server = RedisServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_TRUE(
      (*server)->Run({"HSET customer-hm:7 custkey 7", "CONFIG SET requirepass s3cret"}).ok());
  const std::string address = absl::StrCat("127.0.0.1:", (*server)->port());
  definitions_.tables[0].parameters["redis-endpoint"] = absl::StrCat(address, ":s3cret");
  EXPECT_THAT(*ReadTable("customer"), ElementsAre("7|NULL|customer-hm:7"));
  definitions_.tables[0].parameters["redis-endpoint"] = absl::StrCat("redis://:s3cret@", address);
  EXPECT_THAT(*ReadTable("customer"), ElementsAre("7|NULL|customer-hm:7"));
  definitions_.tables[0].parameters["redis-endpoint"] = absl::StrCat(address, ":other");
  EXPECT_TRUE(absl::IsUnauthenticated(ReadTable("customer").status()));
}

}  // namespace
}  // namespace pallas::redis
