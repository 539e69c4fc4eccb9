// What is read of a real server is what the server holds.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/status_macros.h"
#include "connectors/mysql/testing/test_server.h"
#include "sdk/testing/conformance_suite.h"
#include "types/value_text.h"

namespace pallas::mysql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A fresh database, and a connector to the server.
class MySqlScanTest : public testing::Test {
 protected:
  void SetUp() override { Connect({}); }

  void Connect(const std::map<std::string, std::string>& options) {
    auto connector = TestServer().MakeConnector(options);
    ASSERT_TRUE(connector.ok()) << connector.status();
    connector_ = *std::move(connector);
  }

  static void Execute(std::string_view sql) {
    const absl::Status status = TestServer().Execute(
        absl::StrCat("SET SESSION sql_mode = ''; CREATE DATABASE IF NOT EXISTS "
                     "scan CHARACTER SET utf8mb4; USE scan; ",
                     sql));
    ASSERT_TRUE(status.ok()) << status;
  }

  absl::StatusOr<sdk::Table> GetTable(const std::string& name) {
    return connector_->GetTable(context_, {"scan", name});
  }

  // All columns but the partition's name; all where `columns` is empty.
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Read(const std::string& name) {
    ASSIGN_OR_RETURN(const sdk::Table table, GetTable(name));
    sdk::Scan scan;
    for (const auto& field : table.schema->fields()) {
      if (field->name() != "partition_name") {
        scan.columns.push_back(field->name());
      }
    }
    return sdk::ReadAll(*connector_, context_, table, scan);
  }

  sdk::RequestContext context_;
  std::unique_ptr<sdk::Connector> connector_;
};

std::string Text(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) {
    return "NULL";
  }
  std::string text = (*array.GetScalar(row))->ToString();
  if (array.type_id() == arrow::Type::BINARY) {
    return absl::AsciiStrToUpper(
        absl::BytesToHexString(static_cast<const arrow::BinaryArray&>(array).GetView(row)));
  }
  if (array.type_id() == arrow::Type::DATE64) {
    // Arrow prints the day only.
    text.clear();
    AppendTimestamp(static_cast<const arrow::Date64Array&>(array).Value(row) * 1000, 0, 3, &text);
  }
  return text;
}

std::vector<std::string> Column(const arrow::RecordBatch& batch, int column) {
  std::vector<std::string> texts;
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    texts.push_back(Text(*batch.column(column), row));
  }
  return texts;
}

struct TypeCase {
  std::string name;
  std::string sql_type;
  std::string arrow_type;
  std::vector<std::string> literals;
  std::vector<std::string> want;
};

class MySqlTypeTest : public MySqlScanTest, public testing::WithParamInterface<TypeCase> {};

TEST_P(MySqlTypeTest, EveryValueArrives) {
  const TypeCase& test = GetParam();
  std::string sql = absl::StrCat("CREATE OR REPLACE TABLE typed (n INT PRIMARY KEY, c ",
                                 test.sql_type, " NULL);");
  for (size_t i = 0; i < test.literals.size(); ++i) {
    absl::StrAppend(&sql, "INSERT INTO typed VALUES (", i, ", ", test.literals[i], ");");
  }
  Execute(sql);
  const auto table = GetTable("typed");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->schema->field(1)->type()->ToString(), test.arrow_type);
  const auto rows = Read("typed");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(Column(**rows, 1), test.want);
}

const TypeCase kTypeCases[] = {
    {"MySqlBit1", "BIT(1)", "bool", {"b'0'", "b'1'", "NULL"}, {"false", "true", "NULL"}},
    {"MySqlBit20", "BIT(20)", "int64", {"b'0'", "1048575", "NULL"}, {"0", "1048575", "NULL"}},
    {"MySqlBit63", "BIT(63)", "int64", {"1", "9223372036854775807"}, {"1", "9223372036854775807"}},
    {"MySqlBit64",
     "BIT(64)",
     "decimal128(20, 0)",
     {"0", "18446744073709551615", "NULL"},
     {"0", "18446744073709551615", "NULL"}},
    {"MySqlBool",
     "BOOL",
     "bool",
     {"0", "1", "2", "-1", "NULL"},
     {"false", "true", "true", "true", "NULL"}},
    {"MySqlTinyint", "TINYINT", "int8", {"-128", "127", "0", "NULL"}, {"-128", "127", "0", "NULL"}},
    {"MySqlTinyintUnsigned", "TINYINT UNSIGNED", "int16", {"0", "255"}, {"0", "255"}},
    {"MySqlSmallint", "SMALLINT", "int16", {"-32768", "32767"}, {"-32768", "32767"}},
    {"MySqlSmallintUnsigned", "SMALLINT UNSIGNED", "int32", {"0", "65535"}, {"0", "65535"}},
    {"MySqlMediumint", "MEDIUMINT", "int32", {"-8388608", "8388607"}, {"-8388608", "8388607"}},
    {"MySqlMediumintUnsigned", "MEDIUMINT UNSIGNED", "int32", {"16777215"}, {"16777215"}},
    {"MySqlInt", "INT", "int32", {"-2147483648", "2147483647"}, {"-2147483648", "2147483647"}},
    {"MySqlIntUnsigned", "INT UNSIGNED", "int64", {"4294967295"}, {"4294967295"}},
    {"MySqlIntZerofill", "INT(8) ZEROFILL", "int64", {"42"}, {"42"}},
    {"MySqlBigint",
     "BIGINT",
     "int64",
     {"-9223372036854775808", "9223372036854775807", "NULL"},
     {"-9223372036854775808", "9223372036854775807", "NULL"}},
    {"MySqlBigintUnsigned",
     "BIGINT UNSIGNED",
     "decimal128(20, 0)",
     {"0", "18446744073709551615"},
     {"0", "18446744073709551615"}},
    {"MySqlFloat",
     "FLOAT",
     "float",
     {"1234567.89", "0.1", "-3.402823466e38", "1.175494351e-38", "0", "NULL"},
     {"1234567.9", "0.1", "-3.4028235e+38", "1.1754944e-38", "0", "NULL"}},
    {"MySqlDouble",
     "DOUBLE",
     "double",
     {"0.1", "-1.7976931348623157e308", "2.2250738585072014e-308", "1e23", "NULL"},
     {"0.1", "-1.7976931348623157e+308", "2.2250738585072014e-308", "1e+23", "NULL"}},
    {"MySqlDecimal",
     "DECIMAL(15,2)",
     "decimal128(15, 2)",
     {"-9999999999999.99", "0.05", "-0.05", "0", "NULL"},
     {"-9999999999999.99", "0.05", "-0.05", "0.00", "NULL"}},
    {"MySqlDecimal38",
     "DECIMAL(38,10)",
     "decimal128(38, 10)",
     {"9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999", "1"},
     {"9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999",
      "1.0000000000"}},
    {"MySqlDecimalAllFraction",
     "DECIMAL(5,5)",
     "decimal128(5, 5)",
     {"0.12345", "-0.00001"},
     {"0.12345", "-0.00001"}},
    {"Jdbc6DecimalBeyond38",
     "DECIMAL(65,30)",
     "string",
     {"99999999999999999999999999999999999.999999999999999999999999999999", "-1.5"},
     {"99999999999999999999999999999999999.999999999999999999999999999999",
      "-1.500000000000000000000000000000"}},
    {"MySqlYear", "YEAR", "int32", {"1901", "2155", "0", "NULL"}, {"1901", "2155", "0", "NULL"}},
    {"MySqlDate",
     "DATE",
     "date32[day]",
     {"'0001-01-01'", "'9999-12-31'", "'1970-01-01'", "'2000-02-29'", "'0000-00-00'",
      "'2020-00-10'", "'2020-10-00'", "NULL"},
     {"0001-01-01", "9999-12-31", "1970-01-01", "2000-02-29", "NULL", "NULL", "NULL", "NULL"}},
    {"MySqlDateTime",
     "DATETIME",
     "date64[ms]",
     {"'2020-02-29 23:59:59'", "'0000-00-00'", "'0001-01-01 00:00:00'", "'1969-12-31 23:59:59'"},
     {"2020-02-29 23:59:59.000", "NULL", "0001-01-01 00:00:00.000", "1969-12-31 23:59:59.000"}},
    {"MySqlDateTime3",
     "DATETIME(3)",
     "date64[ms]",
     {"'1969-12-31 23:59:59.999'"},
     {"1969-12-31 23:59:59.999"}},
    {"Jdbc8DateTime6",
     "DATETIME(6)",
     "timestamp[us]",
     {"'1000-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'", "'0000-00-00'"},
     {"1000-01-01 00:00:00.000001", "9999-12-31 23:59:59.999999", "NULL"}},
    {"MySqlDateTime4",
     "DATETIME(4)",
     "timestamp[us]",
     {"'2020-01-01 00:00:00.1234'"},
     {"2020-01-01 00:00:00.123400"}},
    {"MySqlTimestamp6",
     "TIMESTAMP(6)",
     "timestamp[us]",
     {"'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'", "'0000-00-00'", "NULL"},
     {"1970-01-01 00:00:01.000000", "2038-01-19 03:14:07.999999", "NULL", "NULL"}},
    {"MySqlTime",
     "TIME(6)",
     "string",
     {"'-838:59:59'", "'838:59:59'", "'00:00:00.000001'", "NULL"},
     {"-838:59:59.000000", "838:59:59.000000", "00:00:00.000001", "NULL"}},
    {"MySqlChar",
     "CHAR(5)",
     "string",
     {"'ab  '", "''", "'🙂é'", "NULL"},
     {"ab", "", "🙂é", "NULL"}},
    {"MySqlVarchar",
     "VARCHAR(20)",
     "string",
     {"'ab  '", "'it''s'", "'a\\\\b'", "'\\0x'"},
     {"ab  ", "it's", "a\\b", std::string("\0x", 2)}},
    {"MySqlLatin1", "VARCHAR(20) CHARACTER SET latin1", "string", {"'straße €'"}, {"straße €"}},
    {"MySqlUtf16", "TEXT CHARACTER SET utf16", "string", {"'🙂é'"}, {"🙂é"}},
    {"MySqlText", "LONGTEXT", "string", {"REPEAT('x', 10)"}, {"xxxxxxxxxx"}},
    {"MySqlEnum",
     "ENUM('a','it''s (x) unsigned','ü')",
     "string",
     {"'ü'", "2", "''"},
     {"ü", "it's (x) unsigned", ""}},
    {"MySqlSet", "SET('a','b','c')", "string", {"'c,a'", "''"}, {"a,c", ""}},
    {"MySqlJson", "JSON", "string", {"'{\"a\": [1, 2]}'"}, {"{\"a\": [1, 2]}"}},
    {"MySqlBinary", "BINARY(3)", "binary", {"'a'", "x'00ff00'"}, {"610000", "00FF00"}},
    {"MySqlVarbinary", "VARBINARY(9)", "binary", {"x'00ff27'", "''"}, {"00FF27", ""}},
    {"MySqlBlob", "LONGBLOB", "binary", {"x'c328'"}, {"C328"}},
    {"MySqlPoint",
     "POINT",
     "binary",
     {"POINT(1, 2)"},
     {"00000000"
      "0101000000"
      "000000000000F03F"
      "0000000000000040"}},
    {"MySqlUuid",
     "UUID",
     "string",
     {"'6CCD780C-BABA-1026-9564-5B8C656024DB'"},
     {"6ccd780c-baba-1026-9564-5b8c656024db"}},
    {"MySqlInet4", "INET4", "string", {"'10.0.0.1'"}, {"10.0.0.1"}},
    {"MySqlInet6", "INET6", "string", {"'2001:db8::1'"}, {"2001:db8::1"}},
};

INSTANTIATE_TEST_SUITE_P(Types, MySqlTypeTest, testing::ValuesIn(kTypeCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace pallas::mysql
