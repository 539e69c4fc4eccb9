#include <string>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "sdk/metadata/configured_tables.h"
#include "sdk/metadata/definition_columns.h"
#include "sdk/model/table.h"
#include "types/type.h"

namespace pallas::sdk {
namespace {

using testing::HasSubstr;

const std::map<std::string, std::string>& Parameters() {
  static const std::map<std::string, std::string> names = {
      {"key_prefix", "redis-key-prefix"}, {"redis-key-prefix", "redis-key-prefix"}};
  return names;
}

absl::StatusOr<std::vector<TableDefinition>> Read(const OptionList& options,
                                                  std::string_view database = "") {
  return ConfiguredTables(ConnectorOptions("cache", "redis", options), Parameters(), database);
}

TEST(ConfiguredTablesTest, ReadsTablesInOrder) {
  const OptionList options = {{"host", "h"},
                              {"tables.10.name", "last"},
                              {"Tables.2.Schema", "redis"},
                              {"tables.2.name", "Nation"},
                              {"tables.2.columns.Zeta", "int"},
                              {"tables.2.columns.a.b", "varchar"},
                              {"tables.2.KEY_PREFIX", "Nation-"},
                              {"tables.2.comment", "nations"}};
  const ConnectorOptions all("cache", "redis", options);
  const absl::StatusOr<std::vector<TableDefinition>> tables =
      ConfiguredTables(all, Parameters(), "other");
  ASSERT_TRUE(tables.ok()) << tables.status();
  ASSERT_EQ(tables->size(), 2U);
  const TableDefinition& nation = tables->front();
  EXPECT_EQ(nation.database, "redis");
  EXPECT_EQ(nation.name, "Nation");
  EXPECT_EQ(nation.comment, "nations");
  EXPECT_EQ(nation.storage.columns,
            (std::vector<ColumnDefinition>{{"Zeta", "int", ""}, {"a.b", "varchar", ""}}));
  EXPECT_EQ(nation.parameters,
            (std::map<std::string, std::string>{{"redis-key-prefix", "Nation-"}}));
  EXPECT_EQ(tables->back().database, "other");
  EXPECT_EQ(all.UnreadKeys(), std::vector<std::string>{"host"});
}

struct BadTable {
  OptionList options;
  std::string message;
};

TEST(ConfiguredTablesTest, BadTablesSayWhatIsWrong) {
  const std::vector<BadTable> cases = {
      {{{"tables.0.schema", "s"}}, "table 1 of 'tables' has no name"},
      {{{"tables.0.name", "t"}}, "table 1 of 'tables' ('t') has no schema"},
      {{{"tables.0.name", "t"}, {"tables.0.prefix", "p"}},
       "table 1 of 'tables' ('t') has an unknown key 'prefix'; known are schema, name, comment, "
       "columns, key_prefix, redis-key-prefix"},
      {{{"tables.0.name", "t"}, {"tables.0.key_prefix", "p"}, {"tables.0.redis-key-prefix", "q"}},
       "two keys that mean 'redis-key-prefix'"},
      {{{"tables.0.name", "t"},
        {"tables.0.schema", "s"},
        {"tables.1.name", "t"},
        {"tables.1.schema", "s"}},
       "table 2 of 'tables': s.t is described twice"},
  };
  for (const BadTable& bad : cases) {
    EXPECT_THAT(std::string(Read(bad.options).status().message()), HasSubstr(bad.message));
  }
}

TEST(DefinitionFieldTest, GlueAndTrinoSpellings) {
  const std::map<std::string, Type> cases = {
      {"int", Type::Integer()},
      {"integer", Type::Integer()},
      {"STRING", Type::Varchar()},
      {"varchar(10)", Type::Varchar(10)},
      {"char(3)", Type::Char(3)},
      {"float", Type::Real()},
      {"real", Type::Real()},
      {"decimal", Type::Decimal(38, 18)},
      {"decimal(12,2)", Type::Decimal(12, 2)},
      {"timestamp", Type::Timestamp(3)},
      {"timestamp(6)", Type::Timestamp(6)},
      {"timestamptz", Type::TimestampTz(3)},
      {"timestamp(3) with time zone", Type::TimestampTz(3)},
      {"json", Type::Json()},
      {"set<string>", Type::Array(Type::Varchar())},
      {"array(bigint)", Type::Array(Type::Bigint())},
      {"map<string,array<struct<a:int,b:string>>>",
       Type::Map(Type::Varchar(),
                 Type::Array(Type::Row({{"a", Type::Integer()}, {"b", Type::Varchar()}})))},
  };
  for (const auto& [text, type] : cases) {
    const auto field = DefinitionField({"c", text, "what it is"});
    ASSERT_TRUE(field.ok()) << text << ": " << field.status();
    EXPECT_EQ(*ColumnType(**field), type) << text;
    EXPECT_EQ(*(*field)->metadata()->Get(kCommentKey), "what it is");
  }
}

TEST(DefinitionFieldTest, ErrorsNameColumnAndType) {
  for (const std::string_view text : {"strng", "time(3)", "interval day to second", ""}) {
    const auto field = DefinitionField({"c", std::string(text), ""});
    ASSERT_FALSE(field.ok()) << text;
    EXPECT_THAT(std::string(field.status().message()),
                HasSubstr(absl::StrCat("Column 'c' of type '", text, "'")));
  }
}

}  // namespace
}  // namespace pallas::sdk
