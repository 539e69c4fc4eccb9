#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "catalog/table_resolver.h"
#include "engine/duckdb/scan_bench.h"
#include "lake/lake_table.h"

namespace pallas::engine {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LakeScanTest : public testing::Test {
 protected:
  using Columns = std::vector<sdk::ColumnDefinition>;

  // Writes the rows of `sql` to a Parquet file of table `t`.
  void Write(const std::string& file, const std::string& sql, const std::string& options = "") {
    const fs::path path = fs::path(bench_.lake_dir()) / "t" / file;
    fs::create_directories(path.parent_path());
    duckdb::Connection connection(bench_.database());
    const auto result = connection.Query(
        absl::StrCat("COPY (", sql, ") TO '", path.string(), "' (FORMAT parquet", options, ")"));
    ASSERT_FALSE(result->HasError()) << result->GetError();
  }

  std::shared_ptr<const catalog::ResolvedTable> Table(Columns columns, Columns keys = {},
                                                      bool hidden = false) {
    sdk::TableDefinition definition;
    definition.database = "db";
    definition.name = "t";
    definition.storage.columns = std::move(columns);
    definition.partition_keys = std::move(keys);
    definition.storage.location = absl::StrCat("file://", bench_.lake_dir(), "/t");
    definition.storage.serde.library =
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
    definition.storage.input_format =
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
    auto table = lake::LakeTable::Make(definition, {}, bench_.locations());
    EXPECT_TRUE(table.ok()) << table.status();
    auto resolved = std::make_shared<catalog::ResolvedTable>();
    resolved->name = {"awsdatacatalog", "db", "t"};
    resolved->kind = catalog::TableKind::kLake;
    for (const auto& column : (*table)->columns()) {
      resolved->columns.push_back({column.name, column.type, "", false, false});
    }
    for (const auto& key : (*table)->partition_keys()) {
      resolved->columns.push_back({key.name, key.type, "", false, true});
    }
    if (hidden) {
      resolved->columns.push_back({"$path", Type::Varchar(), "", true, false});
      resolved->columns.push_back({"$file_size", Type::Bigint(), "", true, false});
    }
    resolved->lake_table = *table;
    return resolved;
  }

  absl::StatusOr<std::vector<std::string>> Run(
      const std::shared_ptr<const catalog::ResolvedTable>& table, const std::string& sql) {
    ScanBench::Query query(bench_, ScanBench::ResolvedTables{{table}});
    auto rows = query.Run(sql);
    explanation_ = query.scans().Explain()[0];
    return rows;
  }

  absl::Status Error(const std::shared_ptr<const catalog::ResolvedTable>& table,
                     const std::string& sql) {
    return Run(table, sql).status();
  }

  std::string PathOf(const std::string& file) const {
    return (fs::path(bench_.lake_dir()) / "t" / file).string();
  }

  ScanBench bench_;
  ScanExplanation explanation_;
};

constexpr char kAll[] = "SELECT * FROM pallas_lake_scan('0') ORDER BY ALL";

TEST_F(LakeScanTest, ReadsTheTablesColumnsByNameWithoutCase) {
  Write("a.parquet", "SELECT 1::BIGINT AS \"ID\", 'x' AS Name, 7 AS unknown");
  Write("b.parquet", "SELECT 'y' AS name, 2::BIGINT AS id");
  Write("c.parquet", "SELECT 3::BIGINT AS id");
  EXPECT_THAT(*Run(Table({{"id", "bigint", ""}, {"name", "string", ""}}), kAll),
              ElementsAre("1|x", "2|y", "3|NULL"));
  EXPECT_EQ(explanation_.statistics.rows, 3);
  EXPECT_EQ(explanation_.statistics.splits_finished, 3);
  EXPECT_GT(explanation_.statistics.bytes_received, 0);
}

TEST_F(LakeScanTest, CountsRowsWithoutColumns) {
  Write("a.parquet", "SELECT range AS id FROM range(1000)");
  EXPECT_THAT(*Run(Table({{"id", "bigint", ""}}), "SELECT count(*) FROM pallas_lake_scan('0')"),
              ElementsAre("1000"));
}

TEST_F(LakeScanTest, ATableWithoutFilesIsEmpty) {
  fs::create_directories(PathOf(""));
  EXPECT_THAT(*Run(Table({{"id", "bigint", ""}}), kAll), IsEmpty());
  EXPECT_THAT(*Run(Table({{"id", "bigint", ""}}), "SELECT count(*) FROM pallas_lake_scan('0')"),
              ElementsAre("0"));
}

TEST_F(LakeScanTest, PartitionKeysAreColumnsOfTheDeclaredType) {
  Write("y=2020/d=2020-01-31/a.parquet", "SELECT 1::BIGINT AS id");
  Write("y=2021/d=__HIVE_DEFAULT_PARTITION__/a.parquet", "SELECT 2::BIGINT AS id");
  EXPECT_THAT(*Run(Table({{"id", "bigint", ""}}, {{"y", "int", ""}, {"d", "date", ""}}), kAll),
              ElementsAre("1|2020|2020-01-31", "2|2021|NULL"));
}

TEST_F(LakeScanTest, PrunesPartitionsByConditions) {
  for (int year = 2015; year < 2025; ++year) {
    Write(absl::StrCat("y=", year, "/a.parquet"), absl::StrCat("SELECT ", year, "::BIGINT AS id"));
  }
  const auto table = Table({{"id", "bigint", ""}}, {{"y", "int", ""}});
  EXPECT_THAT(*Run(table, "SELECT c0 FROM pallas_lake_scan('0') WHERE c1 > 2022 ORDER BY 1"),
              ElementsAre("2023", "2024"));
  EXPECT_EQ(explanation_.statistics.splits_finished, 2);
  EXPECT_THAT(explanation_.statement, HasSubstr("8 of 10 partitions pruned"));
  EXPECT_THAT(*Run(table, "SELECT c0 FROM pallas_lake_scan('0') WHERE c1 + c0 = 4032"),
              ElementsAre("2016"));
  EXPECT_EQ(explanation_.statistics.splits_finished, 10);
}

TEST_F(LakeScanTest, PrunesFilesByTheKeysOfAJoin) {
  for (int year = 2015; year < 2025; ++year) {
    Write(absl::StrCat("y=", year, "/a.parquet"), absl::StrCat("SELECT ", year, "::BIGINT AS id"));
  }
  EXPECT_THAT(*Run(Table({{"id", "bigint", ""}}, {{"y", "int", ""}}),
                   "SELECT c0 FROM pallas_lake_scan('0') JOIN (VALUES (2016), (2023)) k(k) ON c1 = "
                   "k ORDER BY 1"),
              ElementsAre("2016", "2023"));
  EXPECT_EQ(explanation_.statistics.splits_finished, 2);
  EXPECT_THAT(explanation_.dynamic_filters, ElementsAre("y"));
}

TEST_F(LakeScanTest, NeverFiltersByAJoinBelowALimit) {
  Write("a.parquet", "SELECT range AS id FROM range(100000)", ", ROW_GROUP_SIZE 2048");
  EXPECT_THAT(
      *Run(Table({{"id", "bigint", ""}}),
           "SELECT count(*) FROM (SELECT c0 FROM pallas_lake_scan('0') ORDER BY c0 LIMIT 10) JOIN "
           "(VALUES (5), (50000), (70000)) k(k) ON c0 = k"),
      ElementsAre("1"));
  // The condition in the reader stays where it is.
  EXPECT_THAT(
      *Run(Table({{"id", "bigint", ""}}),
           "SELECT count(*) FROM (SELECT c0 FROM pallas_lake_scan('0') WHERE c0 > 45000 ORDER BY "
           "c0 LIMIT 10) JOIN (VALUES (45005), (50000), (70000)) k(k) ON c0 = k"),
      ElementsAre("1"));
}

TEST_F(LakeScanTest, SkipsRowGroups) {
  Write("a.parquet",
        "SELECT range AS id, repeat(md5(range::VARCHAR), 10) AS text FROM range(100000)",
        ", ROW_GROUP_SIZE 10000");
  const auto table = Table({{"id", "bigint", ""}, {"text", "string", ""}});
  ASSERT_TRUE(Run(table, "SELECT max(c1) FROM pallas_lake_scan('0')").ok());
  const int64_t all = explanation_.statistics.bytes_received;
  EXPECT_THAT(*Run(table, "SELECT count(c1) FROM pallas_lake_scan('0') WHERE c0 = 77777"),
              ElementsAre("1"));
  EXPECT_LT(explanation_.statistics.bytes_received, all / 4);
}

TEST_F(LakeScanTest, HiddenColumns) {
  Write("a.parquet", "SELECT 1::BIGINT AS id");
  EXPECT_THAT(
      *Run(Table({{"id", "bigint", ""}}, {}, true), "SELECT c1, c2 FROM pallas_lake_scan('0')"),
      ElementsAre(
          absl::StrCat("file://", PathOf("a.parquet"), "|", fs::file_size(PathOf("a.parquet")))));
}

// ---- Types ----

struct TypeCase {
  const char* name;
  const char* in_file;   // an expression
  const char* declared;  // Hive
  const char* value;     // as DuckDB shows it; null: refused
};

class LakeTypeTest : public LakeScanTest, public testing::WithParamInterface<TypeCase> {};

TEST_P(LakeTypeTest, ReadsAsDeclared) {
  const TypeCase& test = GetParam();
  Write("a.parquet", absl::StrCat("SELECT ", test.in_file, " AS c"));
  const auto rows = Run(Table({{"c", test.declared, ""}}), "SELECT c0 FROM pallas_lake_scan('0')");
  if (test.value == nullptr) {
    EXPECT_EQ(ErrorName(rows.status()), "HIVE_BAD_DATA");
    EXPECT_THAT(rows.status().message(), HasSubstr("a.parquet"));
    EXPECT_THAT(rows.status().message(), HasSubstr("'c'"));
    return;
  }
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre(test.value));
  // The same under a filter that only that value passes.
  const std::string filter = absl::StrCat("SELECT count(*) FROM pallas_lake_scan('0') WHERE c0 = (",
                                          "SELECT max(c0) FROM pallas_lake_scan('0'))");
  const auto count = Run(Table({{"c", test.declared, ""}}), filter);
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_THAT(*count, ElementsAre("1"));
}

constexpr TypeCase kTypeCases[] = {
    {"IntToBigint", "7::INTEGER", "bigint", "7"},
    {"BigintToInt", "7::BIGINT", "int", "7"},
    {"UnsignedToBigint", "4000000000::UINTEGER", "bigint", "4000000000"},
    {"IntToDecimal", "7::INTEGER", "decimal(10,2)", "7.00"},
    {"DecimalToWider", "1.25::DECIMAL(5,2)", "decimal(20,4)", "1.2500"},
    {"FloatToDouble", "0.5::FLOAT", "double", "0.5"},
    {"DoubleToFloat", "0.5::DOUBLE", "float", nullptr},
    {"IntToDouble", "7::INTEGER", "double", nullptr},
    {"TextToInt", "'7'", "int", nullptr},
    {"IntToText", "7", "string", nullptr},
    {"BlobToText", "'ab'::BLOB", "string", "ab"},
    {"TextToBinary", "'ab'", "binary", "ab"},
    {"CutVarchar", "'äbcdef'", "varchar(3)", "äbc"},
    {"CutChar", "'a b   '", "char(5)", "a b"},
    {"MicrosRoundToMillis", "TIMESTAMP '2020-01-01 00:00:00.123500'", "timestamp",
     "2020-01-01 00:00:00.124"},
    {"BeforeTheEpoch", "TIMESTAMP '1969-12-31 23:59:59.999400'", "timestamp",
     "1969-12-31 23:59:59.999"},
    {"Nanos", "'2020-01-01 00:00:00.1234567'::TIMESTAMP_NS", "timestamp",
     "2020-01-01 00:00:00.123"},
    {"Zoned", "'2020-01-01 12:00:00+00'::TIMESTAMPTZ", "timestamp", "2020-01-01 12:00:00"},
    {"DateToTimestamp", "DATE '2020-01-01'", "timestamp", nullptr},
    {"Array", "[1, NULL]", "array<int>", "[1, NULL]"},
    {"ArrayOfOther", "['1']", "array<int>", nullptr},
    {"Map", "MAP {'a': 1}", "map<string,int>", "{a=1}"},
    {"Row", "{'B': 2, 'a': 1}", "struct<a:int,b:bigint,gone:string>",
     "{'f1': 1, 'f2': 2, 'f3': NULL}"},
    {"RowsInArray", "[{'x': [1]}]", "array<struct<x:array<bigint>>>", "[{'f1': [1]}]"},
};

INSTANTIATE_TEST_SUITE_P(Types, LakeTypeTest, testing::ValuesIn(kTypeCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(LakeScanTest, FiltersSeeTheDeclaredValues) {
  Write("a.parquet", "SELECT * FROM (VALUES ('abc  '), ('abcd'), ('abx')) v(s)");
  const auto table = Table({{"s", "char(3)", ""}});
  EXPECT_THAT(*Run(table, "SELECT count(*) FROM pallas_lake_scan('0') WHERE c0 = 'abc'"),
              ElementsAre("2"));
  EXPECT_THAT(*Run(table,
                   "SELECT count(*) FROM pallas_lake_scan('0') JOIN (VALUES ('abc'), ('zzz')) "
                   "k(k) ON c0 = k"),
              ElementsAre("2"));
}

// Each comparison of rounded timestamps finds what it finds without a filter in the reader.
TEST_F(LakeScanTest, FiltersOnRoundedTimestamps) {
  const std::string micros = "TIMESTAMP '1970-01-01' + INTERVAL (range - 5000) MICROSECOND";
  for (const std::string& in_file : {micros, absl::StrCat("(", micros, ")::TIMESTAMP_NS"),
                                     absl::StrCat("(", micros, ") AT TIME ZONE 'UTC'")}) {
    Write("a.parquet", absl::StrCat("SELECT ", in_file, " AS t FROM range(10000)"),
          ", ROW_GROUP_SIZE 2048");
    const auto table = Table({{"t", "timestamp", ""}});
    for (const char* const constant :
         {"1970-01-01 00:00:00.002", "1969-12-31 23:59:59.998", "1970-01-01 00:00:00.0015"}) {
      for (const char* const op : {"=", "<>", "<", "<=", ">", ">=", "IN"}) {
        const std::string condition =
            absl::StrCat(op, op == std::string("IN") ? " (" : " ", "TIMESTAMP '", constant, "'",
                         op == std::string("IN") ? ", TIMESTAMP '1970-01-01')" : "");
        const auto filtered = Run(
            table, absl::StrCat("SELECT count(*) FROM pallas_lake_scan('0') WHERE c0 ", condition));
        const auto counted = Run(table, absl::StrCat("SELECT count(*) FILTER (c0 ", condition,
                                                     ") FROM pallas_lake_scan('0')"));
        ASSERT_TRUE(filtered.ok()) << filtered.status();
        EXPECT_EQ(*filtered, *counted) << in_file << " " << condition;
      }
    }
  }
}

TEST_F(LakeScanTest, RoundedTimestampsSkipRowGroups) {
  Write("a.parquet",
        "SELECT TIMESTAMP '2020-01-01' + INTERVAL (range) SECOND AS t, "
        "repeat(md5(range::VARCHAR), 10) AS text FROM range(100000)",
        ", ROW_GROUP_SIZE 10000");
  const auto table = Table({{"t", "timestamp", ""}, {"text", "string", ""}});
  ASSERT_TRUE(Run(table, "SELECT max(c1) FROM pallas_lake_scan('0')").ok());
  const int64_t all = explanation_.statistics.bytes_received;
  EXPECT_THAT(*Run(table,
                   "SELECT count(c1) FROM pallas_lake_scan('0') WHERE c0 = TIMESTAMP "
                   "'2020-01-01 12:00:00'"),
              ElementsAre("1"));
  EXPECT_LT(explanation_.statistics.bytes_received, all / 4);
}

TEST_F(LakeScanTest, NarrowerFloatsAreComparedAsDoubles) {
  Write("a.parquet", "SELECT 0.1::FLOAT AS x");
  const auto table = Table({{"x", "double", ""}});
  EXPECT_THAT(*Run(table, "SELECT count(*) FROM pallas_lake_scan('0') WHERE c0 = 0.1::DOUBLE"),
              ElementsAre("0"));
}

TEST_F(LakeScanTest, NumbersOutOfRange) {
  Write("a.parquet", "SELECT 5000000000::BIGINT AS c");
  const absl::Status status = Error(Table({{"c", "int", ""}}), kAll);
  EXPECT_EQ(ErrorName(status), "HIVE_BAD_DATA");
  EXPECT_THAT(status.message(), HasSubstr("a.parquet"));
}

TEST_F(LakeScanTest, NanIsNotPrunedByStatistics) {
  Write("a.parquet", "SELECT * FROM (VALUES (5.0::DOUBLE), ('NaN'::DOUBLE)) v(x)");
  EXPECT_THAT(*Run(Table({{"x", "double", ""}}),
                   "SELECT count(*) FROM pallas_lake_scan('0') WHERE c0 <> 5.0::DOUBLE"),
              ElementsAre("1"));
}

// ---- Bad files ----

TEST_F(LakeScanTest, ATruncatedFileIsNamed) {
  Write("a.parquet", "SELECT range AS id FROM range(100000)");
  for (const double part : {0.0001, 0.5, 0.999}) {
    Write("b.parquet", "SELECT range AS id FROM range(100000)");
    fs::resize_file(
        PathOf("b.parquet"),
        static_cast<uintmax_t>(static_cast<double>(fs::file_size(PathOf("b.parquet"))) * part));
    const absl::Status status = Error(Table({{"id", "bigint", ""}}), kAll);
    EXPECT_THAT(ErrorName(status), testing::AnyOf("HIVE_BAD_DATA", "HIVE_CANNOT_OPEN_SPLIT"))
        << status;
    EXPECT_THAT(status.message(), HasSubstr(PathOf("b.parquet")));
  }
}

TEST_F(LakeScanTest, DamagedPagesAreAnError) {
  Write("a.parquet", "SELECT md5(range::VARCHAR) AS s FROM range(100000)");
  {
    std::fstream file(PathOf("a.parquet"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4);
    file << std::string(4000, '\xFF');
  }
  const absl::Status status = Error(Table({{"s", "string", ""}}), kAll);
  EXPECT_EQ(ErrorName(status), "HIVE_BAD_DATA") << status;
  EXPECT_THAT(status.message(), HasSubstr(PathOf("a.parquet")));
  // The instance lives on.
  Write("a.parquet", "SELECT 'x' AS s");
  EXPECT_THAT(*Run(Table({{"s", "string", ""}}), kAll), ElementsAre("x"));
}

TEST_F(LakeScanTest, AFileThatIsReplacedIsReadAnew) {
  const auto table = Table({{"id", "bigint", ""}});
  for (const char* const value : {"1", "22", "333"}) {
    Write("a.parquet", absl::StrCat("SELECT ", value, "::BIGINT AS id"));
    EXPECT_THAT(*Run(table, kAll), ElementsAre(value));
  }
}

// Nothing but what the table lists is within reach, however a statement spells it.
TEST_F(LakeScanTest, OtherFilesAreOutOfReach) {
  Write("a.parquet", "SELECT 1::BIGINT AS id");
  ScanBench::Query query(bench_, std::vector<std::string>{});
  const absl::Status status =
      query.Run("SELECT * FROM read_text('pallas:file:///etc/passwd')").status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), testing::Not(HasSubstr("root:")));
}

}  // namespace
}  // namespace pallas::engine
