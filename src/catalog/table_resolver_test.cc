#include "catalog/table_resolver.h"

#include <cstdlib>
#include <filesystem>

#include "arrow/type.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_detail.h"
#include "catalog/metastore.h"
#include "catalog/name_matching.h"
#include "catalog/presto_view.h"
#include "federation/source.h"
#include "lake/lake_table.h"
#include "sdk/testing/memory_connector.h"
#include "storage/locations.h"

namespace pallas::catalog {
namespace {

using testing::ElementsAre;

class TableResolverTest : public testing::Test {
 protected:
  TableResolverTest() {
    metastore_ = *Metastore::Open(":memory:");
    locations_ = *storage::Locations::Make({testing::TempDir() + "/objects", {}});
    const auto schema =
        arrow::schema({arrow::field("Id", arrow::int64()), arrow::field("name", arrow::utf8())});
    std::vector<sdk::MemoryTable> tables;
    for (const auto& [database, table] :
         std::vector<std::pair<std::string, std::string>>{{"sales", "orders"},
                                                          {"sales", "Mixed"},
                                                          {"sales", "twice"},
                                                          {"sales", "Twice"},
                                                          {"sales", "TWICE"},
                                                          {"Both", "t"},
                                                          {"BOTH", "t"},
                                                          {"odd 😀%'\"", "a b"}}) {
      tables.push_back({{database, table}, schema, {}, 42});
    }
    auto connector = std::make_unique<sdk::MemoryConnector>(std::move(tables));
    connector_ = connector.get();
    sources_.Put(std::make_shared<federation::Source>(
        "mysql", std::move(connector), federation::SourceOptions{}, Clock::System()));
    resolver_ = MakeTableResolver(*metastore_, sources_, *locations_);
  }

  absl::StatusOr<std::shared_ptr<const ResolvedTable>> Resolve(const QualifiedName& name) {
    return resolver_->ResolveTable(context_, name);
  }

  void ExpectError(const QualifiedName& name, std::string_view error, const std::string& message) {
    const absl::Status status = Resolve(name).status();
    EXPECT_EQ(ErrorName(status), error) << status;
    EXPECT_EQ(status.message(), message);
  }

  static sdk::TableDefinition LakeDefinition() {
    sdk::TableDefinition table;
    table.database = "default";
    table.name = "lineitem";
    table.table_type = "EXTERNAL_TABLE";
    table.storage.columns = {{"a", "int", "first"}};
    table.storage.location = "s3://b/lineitem/";
    table.storage.serde.library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
    table.partition_keys = {{"k", "date", ""}};
    table.parameters = {{"numRows", "1000"}};
    return table;
  }

  std::unique_ptr<Metastore> metastore_;
  std::unique_ptr<storage::Locations> locations_;
  federation::SourceRegistry sources_;
  sdk::MemoryConnector* connector_ = nullptr;
  std::unique_ptr<TableResolver> resolver_;
  sdk::RequestContext context_;
};

TEST_F(TableResolverTest, AFederatedTableHasTypesAndAnEstimate) {
  const auto table = *Resolve({"MYSQL", "sales", "orders"});
  EXPECT_EQ(table->name, (QualifiedName{"mysql", "sales", "orders"}));
  EXPECT_EQ(table->kind, TableKind::kFederated);
  ASSERT_EQ(table->columns.size(), 2U);
  EXPECT_EQ(table->columns[0].name, "Id");
  EXPECT_EQ(table->columns[0].type, Type::Bigint());
  EXPECT_EQ(table->row_count, 42);
  EXPECT_EQ(table->source->catalog(), "mysql");
  EXPECT_EQ(table->table->name.table, "orders");
}

TEST_F(TableResolverTest, ExactNamesComeFirstThenAUniqueOneWithoutCase) {
  EXPECT_EQ((*Resolve({"mysql", "sales", "Twice"}))->name.table, "Twice");
  EXPECT_EQ((*Resolve({"mysql", "SALES", "MIXED"}))->name,
            (QualifiedName{"mysql", "sales", "Mixed"}));
  EXPECT_EQ((*Resolve({"mysql", "Both", "T"}))->name, (QualifiedName{"mysql", "Both", "t"}));
  EXPECT_TRUE(Resolve({"mysql", "odd 😀%'\"", "A B"}).ok());
  ExpectError({"mysql", "sales", "tWICE"}, "AMBIGUOUS_NAME",
              "Table 'mysql.sales.tWICE' is ambiguous: there are 'TWICE', 'Twice', 'twice'");
  ExpectError({"mysql", "both", "t"}, "AMBIGUOUS_NAME",
              "Schema 'both' is ambiguous: there are 'BOTH', 'Both'");
}

TEST_F(TableResolverTest, WhatIsMissingIsNamedWithItsNeighbours) {
  ExpectError({"mysqll", "sales", "orders"}, "CATALOG_NOT_FOUND",
              "Catalog 'mysqll' not found. Did you mean 'mysql'?");
  ExpectError({"tiny", "sales", "orders"}, "CATALOG_NOT_FOUND", "Catalog 'tiny' not found");
  ExpectError({"mysql", "sale", "orders"}, "SCHEMA_NOT_FOUND",
              "Schema 'sale' does not exist. Did you mean 'sales'?");
  ExpectError({"mysql", "sales", "ordrs"}, "TABLE_NOT_FOUND",
              "Table 'mysql.sales.ordrs' does not exist. Did you mean 'orders'?");
  ExpectError({"mysql", "sales", "nothing_like_it"}, "TABLE_NOT_FOUND",
              "Table 'mysql.sales.nothing_like_it' does not exist");
  ASSERT_TRUE(metastore_->CreateTable(LakeDefinition()).ok());
  ExpectError({"awsdatacatalog", "Default", "LineItems"}, "TABLE_NOT_FOUND",
              "Table 'awsdatacatalog.default.lineitems' does not exist. Did you mean 'lineitem'?");
  ExpectError({"awsdatacatalog", "defualt", "lineitem"}, "SCHEMA_NOT_FOUND",
              "Schema 'defualt' does not exist. Did you mean 'default'?");
}

TEST_F(TableResolverTest, ASourceThatIsDownKeepsItsCodeAndIsNamed) {
  connector_->options().faults.fail_at_call = 1;
  const absl::Status status = Resolve({"mysql", "sales", "orders"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "Catalog 'mysql': the source is down");
}

TEST_F(TableResolverTest, ALakeTableHasItsPartitionKeysLast) {
  ASSERT_TRUE(metastore_->CreateTable(LakeDefinition()).ok());
  ASSERT_TRUE(
      metastore_->AddPartitions("default", "lineitem", {{{"2024-01-01"}, "s3://b/x/", {}}}, false)
          .ok());
  const auto table = *Resolve({"AwsDataCatalog", "DEFAULT", "LINEITEM"});
  EXPECT_EQ(table->kind, TableKind::kLake);
  ASSERT_GE(table->columns.size(), 2U);
  for (size_t i = 0; i < table->columns.size(); ++i) {  // $path and its like come behind
    EXPECT_EQ(table->columns[i].hidden, i >= 2) << table->columns[i].name;
  }
  EXPECT_FALSE(table->columns[0].partition_key);
  EXPECT_EQ(table->columns[0].comment, "first");
  EXPECT_TRUE(table->columns[1].partition_key);
  EXPECT_EQ(table->columns[1].type, Type::Date());
  EXPECT_EQ(table->row_count, 1000);
  EXPECT_TRUE(table->lake_table->ListFiles(context_, {})->files.empty());
}

TEST_F(TableResolverTest, AViewBringsItsTextAndItsPlace) {
  PrestoView view;
  view.sql = "SELECT 1 AS x";
  view.catalog = "mysql";
  view.database = "sales";
  view.columns = {{"x", Type::Integer(), ""}};
  ASSERT_TRUE(metastore_->CreateTable(*EncodePrestoView("default", "v", view)).ok());
  const auto table = *Resolve({"awsdatacatalog", "default", "V"});
  EXPECT_EQ(table->kind, TableKind::kView);
  EXPECT_EQ(table->view_sql, view.sql);
  EXPECT_EQ(table->view_catalog, "mysql");
  EXPECT_EQ(table->view_database, "sales");
  EXPECT_EQ(table->columns[0].type, Type::Integer());
}

TEST_F(TableResolverTest, ListsWhatThereIs) {
  EXPECT_THAT(*resolver_->ListCatalogs(context_), ElementsAre("awsdatacatalog", "mysql"));
  EXPECT_THAT(*resolver_->ListDatabases(context_, "awsdatacatalog"), ElementsAre("default"));
  EXPECT_THAT(*resolver_->ListTables(context_, "mysql", "Sales"),
              ElementsAre("Mixed", "TWICE", "Twice", "orders", "twice"));
  EXPECT_EQ(resolver_->ListDatabases(context_, "no").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorName(resolver_->ListTables(context_, "awsdatacatalog", "no").status()),
            "SCHEMA_NOT_FOUND");
}

TEST_F(TableResolverTest, ACancelledRequestStops) {
  context_.cancellation.Cancel(absl::CancelledError("user"));
  EXPECT_EQ(Resolve({"mysql", "sales", "orders"}).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace pallas::catalog
