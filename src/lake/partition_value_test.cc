#include "lake/partition_value.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/error_detail.h"

namespace pallas::lake {
namespace {

struct ValueCase {
  std::string type;
  std::string text;
  std::optional<sdk::Value> want;  // nullopt: refused
};

class PartitionValueTest : public testing::TestWithParam<ValueCase> {};

TEST_P(PartitionValueTest, IsReadOrRefused) {
  const auto& [type_name, text, want] = GetParam();
  const Type type = *ParseHiveType(type_name);
  SCOPED_TRACE(type_name + " '" + text + "'");
  ASSERT_TRUE(CheckPartitionKeyType("k", type).ok());
  const auto got = ParsePartitionValue("k", type, text);
  ASSERT_EQ(got.ok(), want.has_value());
  if (want) {
    EXPECT_EQ(*got, want);
  } else {
    EXPECT_EQ(ErrorName(got.status()), "HIVE_INVALID_PARTITION_VALUE");
  }
}

absl::int128 Big(std::string_view digits) {
  absl::int128 value = 0;
  for (const char digit : digits) {
    value = value * 10 + (digit - '0');
  }
  return value;
}

INSTANTIATE_TEST_SUITE_P(Values, PartitionValueTest,
                         testing::ValuesIn(std::vector<ValueCase>{
                             {"boolean", "TRUE", true},
                             {"boolean", "false", false},
                             {"boolean", "1", std::nullopt},
                             {"tinyint", "-128", int64_t{-128}},
                             {"tinyint", "128", std::nullopt},
                             {"smallint", "-32769", std::nullopt},
                             {"int", "007", int64_t{7}},
                             {"int", "+7", int64_t{7}},
                             {"int", " 7", std::nullopt},
                             {"int", "7 ", std::nullopt},
                             {"int", "", std::nullopt},
                             {"int", "2147483648", std::nullopt},
                             {"int", "1.0", std::nullopt},
                             {"bigint", "9223372036854775807", int64_t{9223372036854775807}},
                             {"bigint", "9223372036854775808", std::nullopt},
                             {"float", "0.1", static_cast<double>(0.1F)},
                             {"double", "-1e3", -1000.0},
                             {"double", "x", std::nullopt},
                             {"decimal(5,2)", "1.5", absl::int128(150)},
                             {"decimal(5,2)", "-001.500", absl::int128(-150)},
                             {"decimal(5,2)", ".05", absl::int128(5)},
                             {"decimal(5,2)", "1.005", std::nullopt},
                             {"decimal(5,2)", "1000", std::nullopt},
                             {"decimal(5,2)", ".", std::nullopt},
                             {"decimal(5,2)", "1e2", std::nullopt},
                             {"decimal(38,0)", "99999999999999999999999999999999999999",
                              Big("99999999999999999999999999999999999999")},
                             {"date", "1970-01-02", int64_t{1}},
                             {"date", "0001-01-01", int64_t{-719162}},
                             {"date", "2024-02-29", int64_t{19782}},
                             {"date", "2023-02-29", std::nullopt},
                             {"date", "2024-2-1", std::nullopt},
                             {"date", "2024-01-01 00:00:00", std::nullopt},
                             {"timestamp", "1970-01-01 00:00:01.5", int64_t{1500}},
                             {"timestamp", "1969-12-31 23:59:59.999000", int64_t{-1}},
                             {"timestamp", "1970-01-02", int64_t{86400000}},
                             {"timestamp", "1970-01-01 00:00:00.0001", std::nullopt},
                             {"timestamp", "1970-01-01 24:00:00", std::nullopt},
                             {"timestamp", "1970-01-01T00:00:00", std::nullopt},
                             {"string", "", std::string()},
                             {"string", "é=/%", std::string("é=/%")},
                             {"string", "\xff", std::nullopt},
                             {"varchar(2)", "éé", std::string("éé")},
                             {"varchar(2)", "abc", std::nullopt},
                             {"char(3)", "a    ", std::string("a")},
                         }));

TEST(PartitionValueTest, TheDefaultPartitionIsNull) {
  EXPECT_EQ(*ParsePartitionValue("k", Type::Bigint(), kNullPartition), std::nullopt);
}

TEST(PartitionValueTest, KeysOfNestedTypesAreNotSupported) {
  for (const char* type : {"array<int>", "binary", "map<int,int>", "struct<a:int>"}) {
    EXPECT_EQ(ErrorName(CheckPartitionKeyType("k", *ParseHiveType(type))), "NOT_SUPPORTED");
  }
}

TEST(PathNameTest, IsEscapedAsHiveDoes) {
  EXPECT_EQ(EscapePathName("2024-01-01 10:00:00"), "2024-01-01 10%3A00%3A00");
  EXPECT_EQ(EscapePathName("a/b=c%\n"), "a%2Fb%3Dc%25%0A");
  EXPECT_EQ(UnescapePathName("a%2fb%3Dc%25%0A"), "a/b=c%\n");
  EXPECT_EQ(UnescapePathName("%"), "%");
  EXPECT_EQ(UnescapePathName("5%zz%4"), "5%zz%4");
  EXPECT_EQ(UnescapePathName(EscapePathName("é😀 'x'")), "é😀 'x'");
}

}  // namespace
}  // namespace pallas::lake
