#include "engine/duckdb/types.h"

#include <string>

#include "gtest/gtest.h"

namespace pallas::engine {
namespace {

struct TypeCase {
  std::string trino;
  std::string duckdb;
  bool native;
};

class DuckDbTypeTest : public testing::TestWithParam<TypeCase> {};

TEST_P(DuckDbTypeTest, HasItsPhysicalForm) {
  const TypeCase& test = GetParam();
  const Type type = ParseTrinoType(test.trino).value();
  EXPECT_EQ(ToDuckDbType(type).ToString(), test.duckdb);
  EXPECT_EQ(HasNativeComparison(type), test.native);
}

INSTANTIATE_TEST_SUITE_P(
    Types, DuckDbTypeTest,
    testing::Values(
        TypeCase{"unknown", "INTEGER", true}, TypeCase{"boolean", "BOOLEAN", true},
        TypeCase{"tinyint", "TINYINT", true}, TypeCase{"bigint", "BIGINT", true},
        TypeCase{"real", "FLOAT", false}, TypeCase{"double", "DOUBLE", false},
        TypeCase{"decimal(38,9)", "DECIMAL(38,9)", true}, TypeCase{"varchar(3)", "VARCHAR", true},
        TypeCase{"char(3)", "VARCHAR", false}, TypeCase{"varbinary", "BLOB", true},
        TypeCase{"date", "DATE", true}, TypeCase{"time(9)", "BIGINT", true},
        TypeCase{"time(9) with time zone", "BIGINT", false},
        TypeCase{"time(10) with time zone", "STRUCT(base BIGINT, rest INTEGER)", false},
        TypeCase{"timestamp(6)", "TIMESTAMP", true},
        TypeCase{"timestamp(9)", "STRUCT(base TIMESTAMP, rest INTEGER)", false},
        TypeCase{"timestamp(3) with time zone", "BIGINT", false},
        TypeCase{"timestamp(4) with time zone", "STRUCT(base BIGINT, rest INTEGER)", false},
        TypeCase{"interval year to month", "INTEGER", true},
        TypeCase{"interval day to second", "BIGINT", true}, TypeCase{"json", "VARCHAR", false},
        TypeCase{"uuid", "UUID", true}, TypeCase{"ipaddress", "BLOB", true},
        TypeCase{"HyperLogLog", "BLOB", false}, TypeCase{"array(integer)", "INTEGER[]", false},
        TypeCase{"map(varchar,double)", "MAP(VARCHAR, DOUBLE)", false},
        TypeCase{"row(a integer, a date)", "STRUCT(f1 INTEGER, f2 DATE)", false}));

}  // namespace
}  // namespace pallas::engine
