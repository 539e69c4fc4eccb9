#include "catalog/presto_view.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_detail.h"

namespace pallas::catalog {
namespace {

using testing::HasSubstr;

PrestoView ExampleView() {
  PrestoView view;
  view.sql = "SELECT 1 AS \"é\"\n-- 😀";
  view.catalog = "awsdatacatalog";
  view.database = "db";
  view.columns = {
      {"é", Type::Integer(), "c"},
      {"r", Type::Row({{"a", Type::TimestampTz(3)}, {std::nullopt, Type::Json()}}), ""}};
  view.comment = "what";
  view.run_as_invoker = true;
  return view;
}

TEST(PrestoViewTest, ComesBackAsItWas) {
  const PrestoView view = ExampleView();
  const sdk::TableDefinition definition = *EncodePrestoView("db", "v", view);
  EXPECT_TRUE(IsView(definition));
  EXPECT_EQ(*DecodePrestoView(definition), view);
  EXPECT_EQ(definition.parameters.at("presto_view"), "true");
  EXPECT_EQ(definition.view_expanded_text, "/* Presto View */");
  EXPECT_EQ(definition.storage.columns[0].type, "int");
  EXPECT_EQ(definition.storage.columns[1].type, "string");
}

// As another client of Glue writes it, with members that we do not know.
TEST(PrestoViewTest, ViewsOfOthersAreRead) {
  const std::string json =
      R"json({"originalSql":"SELECT a FROM t","catalog":"awsdatacatalog","schema":"s",)json"
      R"json("columns":[{"name":"a","type":"varchar(5)"},{"name":"b","type":"timestamp"}],)json"
      R"json("owner":"x","runAsInvoker":false,"future":{"x":[1]}})json";
  sdk::TableDefinition definition;
  definition.table_type = "VIRTUAL_VIEW";
  definition.view_original_text = absl::StrCat("/* Presto View: ", absl::Base64Escape(json), " */");
  const PrestoView view = *DecodePrestoView(definition);
  EXPECT_EQ(view.sql, "SELECT a FROM t");
  EXPECT_EQ(view.database, "s");
  EXPECT_EQ(view.columns[0].type, Type::Varchar(5));
  EXPECT_EQ(view.columns[1].type, Type::Timestamp(3));
  EXPECT_EQ(view.owner, "x");
}

TEST(PrestoViewTest, WhatIsNoViewIsAnError) {
  sdk::TableDefinition definition;
  definition.table_type = "VIRTUAL_VIEW";
  definition.view_original_text = "SELECT 1";
  EXPECT_EQ(ErrorName(DecodePrestoView(definition).status()), "NOT_SUPPORTED");
  for (const std::string& text :
       {std::string("*"), absl::Base64Escape("[1"), absl::Base64Escape("[]"),
        absl::Base64Escape("{}"), absl::Base64Escape(R"({"originalSql":"x","columns":[1]})"),
        absl::Base64Escape(R"({"originalSql":"x","columns":[{"name":"a","type":"no"}]})")}) {
    definition.view_original_text = absl::StrCat("/* Presto View: ", text, " */");
    EXPECT_EQ(ErrorName(DecodePrestoView(definition).status()), "HIVE_INVALID_VIEW_DATA") << text;
  }
  PrestoView view = ExampleView();
  view.columns[0].comment = "\xff";
  EXPECT_EQ(EncodePrestoView("db", "v", view).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace pallas::catalog
