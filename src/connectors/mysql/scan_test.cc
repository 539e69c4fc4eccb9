// What is read of a real server is what the server holds.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/mysql/testing/mysql_test.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::mysql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct TypeCase {
  std::string name;
  std::string sql_type;
  std::string arrow_type;
  std::vector<std::string> literals;
  std::vector<std::string> want;
};

class MySqlTypeTest : public MySqlTest, public testing::WithParamInterface<TypeCase> {};

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
  EXPECT_EQ(ColumnTexts(**rows, 1), test.want);
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

class MySqlScanTest : public MySqlTest {};

TEST_F(MySqlScanTest, OptionsChangeTypes) {
  Execute(
      "CREATE OR REPLACE TABLE options (n INT PRIMARY KEY, t TINYINT(1), y YEAR, d DECIMAL(65,30));"
      "INSERT INTO options VALUES (1, 5, 2020, '12.5'), (2, 0, 0, NULL)");
  Connect({{"tinyInt1isBit", "false"}, {"yearIsDateType", "true"}, {"decimal_overflow", "error"}});
  const auto rows = Read("options");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(ColumnTexts(**rows, 1), ElementsAre("5", "0"));
  EXPECT_THAT(ColumnTexts(**rows, 2), ElementsAre("2020-01-01", "NULL"));
  EXPECT_THAT(ColumnTexts(**rows, 3), ElementsAre("12.500000000000000000000000000000", "NULL"));
  EXPECT_EQ((*rows)->column(3)->type()->ToString(), "decimal128(38, 30)");
  // A value that does not fit is an error, never a rounded one.
  Execute("INSERT INTO options VALUES (3, 1, 2000, '123456789.5')");
  const auto overflow = Read("options");
  EXPECT_TRUE(absl::IsInvalidArgument(overflow.status())) << overflow.status();
  EXPECT_THAT(overflow.status().message(), HasSubstr("'d'"));
}

TEST_F(MySqlScanTest, ADayThatDoesNotExistIsAnError) {
  Execute(
      "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'; CREATE OR REPLACE TABLE odd_days (d DATE);"
      "INSERT INTO odd_days VALUES ('2020-02-31')");
  const auto rows = Read("odd_days");
  EXPECT_TRUE(absl::IsInvalidArgument(rows.status())) << rows.status();
  EXPECT_THAT(rows.status().message(), HasSubstr("'d'"));
}

TEST_F(MySqlScanTest, EveryTypeReadsAsTheServersOwnText) {
  Execute(R"(
CREATE OR REPLACE TABLE texts (n INT PRIMARY KEY, b BIGINT, u BIGINT UNSIGNED, d DECIMAL(30,6),
  day DATE, moment DATETIME(6), s VARCHAR(40));
INSERT INTO texts SELECT seq, CAST(CRC32(seq) * 4294967291 AS SIGNED),
  CRC32(seq) * 4294967291, (CRC32(seq) - 2147483648.0) * CRC32(seq + 1) / 1000003,
  '0001-01-01' + INTERVAL CRC32(seq) % 3652058 DAY,
  '0001-01-01' + INTERVAL CRC32(seq) % 3652058 DAY + INTERVAL CRC32(seq + 7) * 20 MICROSECOND,
  CONCAT(CHAR(1 + seq % 127 USING utf8mb4), MD5(seq)) FROM seq_1_to_3000)");
  const auto rows = Read("texts");
  ASSERT_TRUE(rows.ok()) << rows.status();
  const auto want =
      TestServer().Query("SELECT n, b, u, d, day, moment, s FROM scan.texts ORDER BY n");
  ASSERT_TRUE(want.ok()) << want.status();
  ASSERT_EQ((*rows)->num_rows(), 3000);
  ASSERT_EQ(want->size(), 3000U);
  for (int column = 0; column < 7; ++column) {
    const std::vector<std::string> texts = ColumnTexts(**rows, column);
    for (size_t row = 0; row < want->size(); ++row) {
      ASSERT_EQ(texts[row], (*want)[row][static_cast<size_t>(column)].value_or("NULL"))
          << "column " << column << " row " << row;
    }
  }
}

TEST_F(MySqlScanTest, FloatsKeepEveryBit) {
  Execute(R"(
CREATE OR REPLACE TABLE floats (n INT PRIMARY KEY, f FLOAT, d DOUBLE);
INSERT INTO floats SELECT seq, (CRC32(seq) - 2147483648.0) / 7e5, (CRC32(seq) - 2e9) / 7e-9
FROM seq_1_to_3000)");
  const auto rows = Read("floats");
  ASSERT_TRUE(rows.ok()) << rows.status();
  const auto want = TestServer().Query("SELECT CAST(f AS DOUBLE), d FROM scan.floats ORDER BY n");
  ASSERT_TRUE(want.ok()) << want.status();
  const auto& floats = static_cast<const arrow::FloatArray&>(*(*rows)->column(1));
  const auto& doubles = static_cast<const arrow::DoubleArray&>(*(*rows)->column(2));
  for (size_t row = 0; row < want->size(); ++row) {
    const auto index = static_cast<int64_t>(row);
    ASSERT_EQ(static_cast<double>(floats.Value(index)), std::stod(*(*want)[row][0]));
    ASSERT_EQ(doubles.Value(index), std::stod(*(*want)[row][1]));
  }
}

TEST_F(MySqlScanTest, ACellOf64MegabytesArrives) {
  Execute(
      "CREATE OR REPLACE TABLE huge (n INT PRIMARY KEY, t LONGTEXT, b LONGBLOB);"
      "INSERT INTO huge VALUES (1, 'small', 'x'), (2, REPEAT('ab', 32 * 1024 * 1024), NULL),"
      "(3, 'after', REPEAT(x'00ff', 8 * 1024 * 1024))");
  const auto table = GetTable("huge");
  ASSERT_TRUE(table.ok()) << table.status();
  const sdk::Scan scan = FullScan(*table);
  const auto splits = sdk::PlanAll(connector(), context_, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  const auto stream = connector().Read(context_, *table, scan, splits->front());
  ASSERT_TRUE(stream.ok()) << stream.status();
  std::vector<int64_t> sizes;
  int64_t num_batches = 0;
  while (true) {
    const auto batch = (*stream)->Next();
    ASSERT_TRUE(batch.ok()) << batch.status();
    if (*batch == nullptr) {
      break;
    }
    ++num_batches;
    const auto& texts = static_cast<const arrow::StringArray&>(*(*batch)->column(1));
    for (int64_t row = 0; row < texts.length(); ++row) {
      sizes.push_back(texts.value_length(row));
    }
  }
  EXPECT_THAT(sizes, ElementsAre(5, 64 * 1024 * 1024, 5));
  EXPECT_EQ(num_batches, 2);  // a batch ends with the row that makes it too large
  EXPECT_GT((*stream)->bytes_received(), 80'000'000);
  Execute("DROP TABLE huge");
}

TEST_F(MySqlScanTest, TwoThousandColumns) {
  std::vector<std::string> definitions;
  std::vector<std::string> values;
  for (int i = 0; i < 2000; ++i) {
    definitions.push_back(absl::StrCat("c", i, " TINYINT"));
    values.push_back(i % 3 == 0 ? "NULL" : absl::StrCat(i % 100));
  }
  Execute(absl::StrCat("CREATE OR REPLACE TABLE wide (", absl::StrJoin(definitions, ","),
                       ") ENGINE = MyISAM; INSERT INTO wide VALUES (", absl::StrJoin(values, ","),
                       "); INSERT INTO wide SELECT wide.* FROM wide, seq_1_to_99"));
  const auto rows = Read("wide");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_columns(), 2000);
  EXPECT_EQ((*rows)->num_rows(), 100);
  EXPECT_EQ(ColumnTexts(**rows, 1999)[99], "99");
  EXPECT_EQ(ColumnTexts(**rows, 3)[0], "NULL");
}

TEST_F(MySqlScanTest, BytesThatAreNoUtf8ReachTheCheckAboveAsTheyAre) {
  Execute(
      "CREATE OR REPLACE TABLE raw_bytes (n INT PRIMARY KEY, b VARBINARY(10));"
      "INSERT INTO raw_bytes VALUES (1, x'c328')");
  const auto rows = Read("raw_bytes");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(ColumnTexts(**rows, 1), ElementsAre("C328"));
  // Text is converted by the server; what it cannot convert it replaces.
  Execute("CREATE OR REPLACE VIEW as_text AS SELECT CONVERT(b USING utf8mb4) AS t FROM raw_bytes");
  const auto text = Read("as_text");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ((*text)->num_rows(), 1);
}

TEST_F(MySqlScanTest, ZeroRowsZeroColumnsAndCounts) {
  Execute(
      "CREATE OR REPLACE TABLE counted (n INT PRIMARY KEY, v INT);"
      "INSERT INTO counted SELECT seq, seq % 10 FROM seq_1_to_70000");
  const auto table = GetTable("counted");
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan;
  scan.columns = {"partition_name"};
  const auto names = sdk::ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ((*names)->num_rows(), 70000);
  EXPECT_EQ(ColumnTexts(**names, 0)[69999], "*");
  scan.columns.clear();
  scan.constraints.summary.insert(
      {"v", sdk::ValueSet::OfRanges(arrow::int32(), {sdk::Range::LessThan(int64_t{3})}, false)});
  auto counted = sdk::ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(counted.ok()) << counted.status();
  EXPECT_EQ((*counted)->num_rows(), 21000);
  scan.limit = 5;
  counted = sdk::ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(counted.ok()) << counted.status();
  EXPECT_EQ((*counted)->num_rows(), 5);
}

TEST_F(MySqlScanTest, TopNComesSorted) {
  Execute(
      "CREATE OR REPLACE TABLE sorted (n INT PRIMARY KEY, v INT, s VARCHAR(10));"
      "INSERT INTO sorted VALUES (1, NULL, 'b'), (2, 5, 'B'), (3, 7, NULL), (4, -1, 'a'), (5, 7, "
      "'a ')");
  const auto table = GetTable("sorted");
  ASSERT_TRUE(table.ok()) << table.status();
  const auto first = [&](const char* column, sdk::SortOrder order) {
    sdk::Scan scan;
    scan.columns = {"n"};
    scan.order_by = {{column, order}, {"n", sdk::SortOrder::kAscNullsLast}};
    scan.limit = 3;
    const auto rows = sdk::ReadAll(connector(), context_, *table, scan);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? ColumnTexts(**rows, 0) : std::vector<std::string>();
  };
  EXPECT_THAT(first("v", sdk::SortOrder::kAscNullsLast), ElementsAre("4", "2", "3"));
  EXPECT_THAT(first("v", sdk::SortOrder::kAscNullsFirst), ElementsAre("1", "4", "2"));
  EXPECT_THAT(first("v", sdk::SortOrder::kDescNullsFirst), ElementsAre("1", "3", "5"));
  EXPECT_THAT(first("v", sdk::SortOrder::kDescNullsLast), ElementsAre("3", "5", "2"));
  EXPECT_THAT(first("s", sdk::SortOrder::kAscNullsLast), ElementsAre("2", "4", "5"));
}

}  // namespace
}  // namespace pallas::mysql
