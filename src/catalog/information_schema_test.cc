#include "catalog/information_schema.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/testing/conformance_suite.h"
#include "sdk/testing/memory_connector.h"

namespace pallas::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Databases a and b with tables t, u and a view; remembers what it was asked.
class FakeContents final : public CatalogContents {
 public:
  explicit FakeContents(std::vector<std::string>& asked) : asked_(asked) {}

  absl::StatusOr<std::vector<std::string>> Databases(const sdk::RequestContext&) override {
    asked_.emplace_back("databases");
    return std::vector<std::string>{"a", "b", "INFORMATION_SCHEMA"};
  }

  absl::StatusOr<std::vector<TableSummary>> Tables(const sdk::RequestContext&,
                                                   const std::string& database) override {
    asked_.push_back(absl::StrCat("tables of ", database));
    if (database != "a" && database != "b") {
      return absl::NotFoundError("no database");
    }
    return std::vector<TableSummary>{
        {"t", "about t", false, ""}, {"u", "", false, ""}, {"v", "", true, "SELECT 1 x"}};
  }

  absl::StatusOr<std::vector<ResolvedColumn>> Columns(const sdk::RequestContext&,
                                                      const std::string& database,
                                                      const std::string& table) override {
    asked_.push_back(absl::StrCat("columns of ", database, ".", table));
    if (table != "t" && table != "u") {
      return absl::NotFoundError("no table");
    }
    return std::vector<ResolvedColumn>{{"Id", Type::Bigint(), "key"},
                                       {"$path", Type::Varchar(), "", true},
                                       {"k", Type::Decimal(10, 2), "", false, true}};
  }

 private:
  std::vector<std::string>& asked_;
};

class InformationSchemaTest : public testing::Test {
 protected:
  InformationSchemaTest()
      : connector_(MakeInformationSchema("c", std::make_unique<FakeContents>(asked_))) {}

  // Rows with their fields joined by '|'.
  std::vector<std::string> Rows(const std::string& name, sdk::Scan scan) {
    const sdk::Table table = *connector_->GetTable(context_, {kInformationSchema, name});
    if (scan.columns.empty()) {
      scan.columns = table.schema->field_names();
    }
    const auto batch = sdk::ReadAll(*connector_, context_, table, scan);
    EXPECT_TRUE(batch.ok()) << batch.status();
    std::vector<std::string> rows;
    for (int64_t row = 0; batch.ok() && row < (*batch)->num_rows(); ++row) {
      std::vector<std::string> cells;
      for (const auto& column : (*batch)->columns()) {
        const auto value = sdk::CellValue(*column, row);
        const bool number = value && std::holds_alternative<int64_t>(*value);
        cells.push_back(!value   ? "NULL"
                        : number ? absl::StrCat(std::get<int64_t>(*value))
                                 : std::get<std::string>(*value));
      }
      rows.push_back(absl::StrJoin(cells, "|"));
    }
    return rows;
  }

  static sdk::ValueSet Only(const std::vector<std::string>& values) {
    std::vector<sdk::Range> ranges;
    for (const std::string& value : values) {
      ranges.push_back(sdk::Range::Equal(value));
    }
    return sdk::ValueSet::OfRanges(arrow::utf8(), std::move(ranges), false);
  }

  std::vector<std::string> asked_;
  std::unique_ptr<sdk::Connector> connector_;
  sdk::RequestContext context_;
};

TEST_F(InformationSchemaTest, ListsDatabasesTablesAndViews) {
  EXPECT_THAT(Rows("schemata", {}), ElementsAre("c|a", "c|b", "c|information_schema"));
  sdk::Scan scan;
  scan.constraints.summary.emplace("table_schema", Only({"a"}));
  EXPECT_THAT(Rows("tables", scan),
              ElementsAre("c|a|t|BASE TABLE|about t", "c|a|u|BASE TABLE|NULL", "c|a|v|VIEW|NULL"));
  EXPECT_THAT(Rows("views", {}), ElementsAre("c|a|v|SELECT 1 x", "c|b|v|SELECT 1 x"));
  scan = {};
  scan.columns = {"table_name", "column_name", "data_type"};
  scan.constraints.summary.emplace("table_schema", Only({kInformationSchema}));
  scan.constraints.summary.emplace("table_name", Only({"schemata", "nowhere"}));
  EXPECT_THAT(Rows("columns", scan),
              ElementsAre("schemata|catalog_name|varchar", "schemata|schema_name|varchar"));
}

TEST_F(InformationSchemaTest, ColumnsHaveTrinosForm) {
  sdk::Scan scan;
  scan.constraints.summary.emplace("table_schema", Only({"b"}));
  scan.dynamic_filters.emplace("table_name", Only({"t", "nowhere"}));
  EXPECT_THAT(Rows("columns", scan),
              ElementsAre("c|b|t|Id|1|NULL|YES|bigint|key|NULL|key",
                          "c|b|t|k|3|NULL|YES|decimal(10,2)|NULL|partition key|NULL"));
  EXPECT_THAT(asked_, ElementsAre("columns of b.nowhere", "columns of b.t"));
}

TEST_F(InformationSchemaTest, AsksForNoMoreThanTheFiltersLeave) {
  sdk::Scan scan;
  scan.constraints.summary.emplace("table_name", Only({"u"}));
  scan.constraints.summary.emplace("table_schema", Only({"a", "nowhere"}));
  EXPECT_THAT(Rows("tables", scan), ElementsAre("c|a|u|BASE TABLE|NULL"));
  EXPECT_THAT(asked_, ElementsAre("tables of a", "tables of nowhere"));
  asked_.clear();
  scan = {};
  scan.limit = 1;
  EXPECT_THAT(Rows("columns", scan).size(), 1U);
  EXPECT_THAT(asked_, ElementsAre("databases", "tables of a", "columns of a.t"));
  asked_.clear();
  scan = {};
  scan.constraints.summary.emplace("table_schema", Only({}));
  EXPECT_THAT(Rows("columns", scan), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(InformationSchemaTest, HasNoOtherTablesAndColumns) {
  EXPECT_TRUE(
      absl::IsNotFound(connector_->GetTable(context_, {kInformationSchema, "roles"}).status()));
  EXPECT_TRUE(absl::IsNotFound(connector_->GetTable(context_, {"a", "tables"}).status()));
  const sdk::Table table = *connector_->GetTable(context_, {kInformationSchema, "views"});
  sdk::Scan scan;
  scan.columns = {"nothing"};
  EXPECT_TRUE(absl::IsInvalidArgument(connector_->Read(context_, table, scan, {}).status()));
}

}  // namespace
}  // namespace pallas::catalog
