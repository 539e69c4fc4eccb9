#include "engine/duckdb/settings.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::engine {
namespace {

using testing::HasSubstr;

// What `sql` gives in a DuckDB as we set it, or as it comes.
class SettingsTest : public testing::Test {
 protected:
  SettingsTest() : plain_(nullptr), ours_(MakeOurs()) {}

  static duckdb::DuckDB MakeOurs() {
    duckdb::DBConfig config;
    Configure({.threads = 2, .memory_limit_bytes = 100 * 1024 * 1024, .temp_limit_bytes = 4096}, "",
              config);
    return duckdb::DuckDB(nullptr, &config);
  }

  static std::string Run(duckdb::DuckDB& database, const std::string& sql) {
    duckdb::Connection connection(database);
    ConfigureConnection(*connection.context);
    auto result = connection.Query(sql);
    return result->HasError() ? result->GetError() : result->GetValue(0, 0).ToString();
  }

  std::string Ours(const std::string& sql) { return Run(ours_, sql); }

  std::string Setting(const std::string& name) {
    return Ours(absl::StrCat("SELECT current_setting('", name, "')"));
  }

  duckdb::DuckDB plain_;
  duckdb::DuckDB ours_;
};

TEST_F(SettingsTest, AllAreInPlace) {
  for (const FixedSetting& setting : FixedSettings()) {
    EXPECT_THAT(Setting(setting.name), testing::StrCaseEq(setting.value)) << setting.name;
  }
  EXPECT_EQ(Setting("threads"), "2");
  EXPECT_EQ(Setting("memory_limit"), "100.0 MiB");
}

TEST_F(SettingsTest, NobodyChangesThem) {
  EXPECT_THAT(Ours("SET threads = 1"), HasSubstr("configuration has been locked"));
  EXPECT_THAT(Ours("SET scalar_subquery_error_on_multiple_rows = false"),
              HasSubstr("configuration has been locked"));
}

// Each of these rows would be wrong with the setting's other value.
TEST_F(SettingsTest, DecideRows) {
  EXPECT_THAT(Ours("SELECT (SELECT range FROM range(2))"), HasSubstr("More than one row"));
  EXPECT_EQ(Ours("SELECT x FROM (VALUES (NULL), (1)) t(x) ORDER BY x LIMIT 1"), "1");
  EXPECT_EQ(Ours("SELECT 1.0::DOUBLE / 0"), "inf");

  duckdb::Connection connection(plain_);
  connection.Query("SET GLOBAL scalar_subquery_error_on_multiple_rows = false");
  connection.Query("SET GLOBAL default_null_order = 'nulls_first'");
  connection.Query("SET GLOBAL ieee_floating_point_ops = false");
  EXPECT_EQ(Run(plain_, "SELECT (SELECT 7 FROM range(2))"), "7");
  EXPECT_EQ(Run(plain_, "SELECT x FROM (VALUES (NULL), (1)) t(x) ORDER BY x LIMIT 1"), "NULL");
  EXPECT_EQ(Run(plain_, "SELECT 1.0::DOUBLE / 0"), "NULL");
}

TEST_F(SettingsTest, NoExtensionComesFromElsewhere) {
  EXPECT_THAT(Ours("SELECT * FROM 'gs://bucket/file.parquet'"), HasSubstr("does not exist"));
  EXPECT_THAT(Ours("SELECT * FROM read_parquet('gs://bucket/file.parquet')"),
              testing::AnyOf(HasSubstr("httpfs"), HasSubstr("No files found")));
}

}  // namespace
}  // namespace pallas::engine
