#include "engine/duckdb/arrow_import.h"

#include <memory>
#include <string>
#include <vector>

#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/json/from_string.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "duckdb.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "engine/duckdb/types.h"
#include "types/arrow_mapping.h"

namespace pallas::engine {
namespace {

using testing::HasSubstr;

std::shared_ptr<arrow::Array> FromJson(const std::shared_ptr<arrow::DataType>& type,
                                       std::string_view json) {
  auto array = arrow::json::ArrayFromJSONString(type, json);
  EXPECT_TRUE(array.ok()) << array.status();
  return *array;
}

// The rows [offset, offset + count) as DuckDB shows them.
absl::StatusOr<std::vector<std::string>> ImportRows(const Type& type,
                                                    const std::shared_ptr<arrow::Array>& array,
                                                    int64_t offset, int64_t count) {
  const absl::Status importable = CheckImportable(type, *array->type());
  if (!importable.ok()) {
    return importable;
  }
  auto batch = arrow::RecordBatch::Make(arrow::schema({arrow::field("c", array->type())}),
                                        array->length(), {array});
  duckdb::Vector vector(ToDuckDbType(type));
  const absl::Status status = Import(type, batch, *array, offset, count, vector);
  if (!status.ok()) {
    return status;
  }
  std::vector<std::string> rows;
  for (int64_t i = 0; i < count; ++i) {
    rows.push_back(vector.GetValue(static_cast<duckdb::idx_t>(i)).ToString());
  }
  return rows;
}

struct ImportCase {
  const char* name;
  Type type;
  const char* json;
  std::vector<std::string> rows;
};

class ArrowImportTest : public testing::TestWithParam<ImportCase> {};

// Each whole, and each part of it as a slice of the array and as an offset into it.
TEST_P(ArrowImportTest, ShowsTheValues) {
  const ImportCase& test = GetParam();
  const auto array = FromJson(*ToScanArrowType(test.type), test.json);
  const auto length = array->length();
  ASSERT_EQ(length, static_cast<int64_t>(test.rows.size()));
  for (int64_t start = 0; start <= length; ++start) {
    for (int64_t end = start; end <= length; ++end) {
      const std::vector<std::string> want(test.rows.begin() + start, test.rows.begin() + end);
      EXPECT_EQ(*ImportRows(test.type, array, start, end - start), want);
      EXPECT_EQ(*ImportRows(test.type, array->Slice(start), 0, end - start), want);
    }
  }
}

const ImportCase kImportCases[] = {
    {"Boolean", Type::Boolean(), "[true, null, false]", {"true", "NULL", "false"}},
    {"Tinyint", Type::Tinyint(), "[-128, null, 127]", {"-128", "NULL", "127"}},
    {"Smallint", Type::Smallint(), "[-1, null]", {"-1", "NULL"}},
    {"Integer", Type::Integer(), "[7, null, 8]", {"7", "NULL", "8"}},
    {"Bigint", Type::Bigint(), "[9223372036854775807, null]", {"9223372036854775807", "NULL"}},
    {"Real", Type::Real(), "[0.5, null]", {"0.5", "NULL"}},
    {"Double", Type::Double(), "[0.1, null]", {"0.1", "NULL"}},
    {"Decimal4", Type::Decimal(4, 1), R"(["-999.9", null, "0.1"])", {"-999.9", "NULL", "0.1"}},
    {"Decimal9", Type::Decimal(9, 2), R"(["-1234567.89", null])", {"-1234567.89", "NULL"}},
    {"Decimal18", Type::Decimal(18, 0), R"(["999999999999999999"])", {"999999999999999999"}},
    {"Decimal38",
     Type::Decimal(38, 0),
     R"(["-99999999999999999999999999999999999999", null, "1"])",
     {"-99999999999999999999999999999999999999", "NULL", "1"}},
    {"Varchar",
     Type::Varchar(),
     R"(["", null, "short", "a text of more than twelve bytes"])",
     {"", "NULL", "short", "a text of more than twelve bytes"}},
    {"Char", Type::Char(5), R"(["ab   ", null, "     "])", {"ab", "NULL", ""}},
    {"Varbinary", Type::Varbinary(), R"(["ab", null])", {"ab", "NULL"}},
    {"Date", Type::Date(), "[0, null, -1]", {"1970-01-01", "NULL", "1969-12-31"}},
    {"Millis",
     Type::Timestamp(3),
     "[-1, null, 86400123]",
     {"1969-12-31 23:59:59.999", "NULL", "1970-01-02 00:00:00.123"}},
    {"Micros", Type::Timestamp(6), "[-1, null]", {"1969-12-31 23:59:59.999999", "NULL"}},
    {"Packed", Type::TimestampTz(3), "[4097, null]", {"4097", "NULL"}},
    {"Instants",
     Type::TimestampTz(6),
     "[-1, null, 1500]",
     {"{'base': -4096, 'rest': 999000000}", "NULL", "{'base': 4096, 'rest': 500000000}"}},
    {"Uuid",
     Type::Uuid(),
     R"(["00112233-4455-6677-8899-AABBCCDDEEFF", null])",
     {"00112233-4455-6677-8899-aabbccddeeff", "NULL"}},
    {"Array",
     Type::Array(Type::Integer()),
     "[[1, null], null, [], [2]]",
     {"[1, NULL]", "NULL", "[]", "[2]"}},
    {"ArrayOfArrays",
     Type::Array(Type::Array(Type::Varchar())),
     R"([[["a"], null], [], [[], ["b", "c"]]])",
     {"[[a], NULL]", "[]", "[[], [b, c]]"}},
    {"Row",
     Type::Row({{"x", Type::Integer()}, {"y", Type::Varchar()}}),
     R"([{"x": 1, "y": "a"}, null, {"x": null, "y": "b"}])",
     {"{'f1': 1, 'f2': a}", "NULL", "{'f1': NULL, 'f2': b}"}},
    {"ArrayOfRows",
     Type::Array(Type::Row({{"x", Type::Bigint()}})),
     R"([[{"x": 1}, null], null, [{"x": 2}]])",
     {"[{'f1': 1}, NULL]", "NULL", "[{'f1': 2}]"}},
    {"Map",
     Type::Map(Type::Varchar(), Type::Integer()),
     R"([[["a", 1], ["b", null]], null, [], [["a", 2]]])",
     {"{a=1, b=NULL}", "NULL", "{}", "{a=2}"}},
};

INSTANTIATE_TEST_SUITE_P(Types, ArrowImportTest, testing::ValuesIn(kImportCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ArrowImportErrorTest, MapWithTheSameKeyTwice) {
  const Type type = Type::Map(Type::Varchar(), Type::Integer());
  const auto array = FromJson(*ToScanArrowType(type), R"([[["a", 1]], [["b", 1], ["b", 2]]])");
  EXPECT_EQ(ImportRows(type, array, 0, 1)->size(), 1U);
  EXPECT_EQ(ErrorName(ImportRows(type, array, 0, 2).status()), "INVALID_FUNCTION_ARGUMENT");
}

TEST(ArrowImportErrorTest, DecimalOfTooManyDigits) {
  arrow::Decimal128Builder builder(arrow::decimal128(4, 0));
  ASSERT_TRUE(builder.Append(arrow::Decimal128(1'000'000)).ok());
  EXPECT_EQ(ErrorName(ImportRows(Type::Decimal(4, 0), *builder.Finish(), 0, 1).status()),
            "NUMERIC_VALUE_OUT_OF_RANGE");
}

TEST(ArrowImportErrorTest, NoUuid) {
  EXPECT_EQ(ErrorName(ImportRows(Type::Uuid(), FromJson(arrow::utf8(), R"(["x"])"), 0, 1).status()),
            "INVALID_CAST_ARGUMENT");
}

TEST(ArrowImportErrorTest, OtherTypesAreRefused) {
  EXPECT_EQ(ErrorName(CheckImportable(Type::Bigint(), *arrow::int32())), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorName(CheckImportable(Type::Time(3), *arrow::int64())), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorName(CheckImportable(Type::Array(Type::Bigint()), *arrow::list(arrow::utf8()))),
            "NOT_SUPPORTED");
  EXPECT_EQ(ErrorName(CheckImportable(Type::TimestampTz(3),
                                      *arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"))),
            "NOT_SUPPORTED");
}

// More elements than a vector holds, with NULLs among the last.
TEST(ArrowImportLifetimeTest, LongLists) {
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int64Builder>());
  auto& elements = static_cast<arrow::Int64Builder&>(*lists.value_builder());
  constexpr int64_t kElements = 10'000;
  ASSERT_TRUE(lists.Append().ok());
  for (int64_t i = 0; i < kElements; ++i) {
    ASSERT_TRUE((i % 1000 == 999 ? elements.AppendNull() : elements.Append(i)).ok());
  }
  const std::string text = ImportRows(Type::Array(Type::Bigint()), *lists.Finish(), 0, 1)->at(0);
  EXPECT_THAT(text, HasSubstr("9998, NULL]"));
}

// Vectors keep what they point into.
TEST(ArrowImportLifetimeTest, OutlivesTheBatch) {
  duckdb::Vector vector(duckdb::LogicalType::VARCHAR);
  {
    auto array = FromJson(arrow::utf8(), R"(["a text of more than twelve bytes"])");
    auto batch =
        arrow::RecordBatch::Make(arrow::schema({arrow::field("c", array->type())}), 1, {array});
    ASSERT_TRUE(Import(Type::Varchar(), batch, *batch->column(0), 0, 1, vector).ok());
  }
  EXPECT_EQ(vector.GetValue(0).ToString(), "a text of more than twelve bytes");
}

}  // namespace
}  // namespace pallas::engine
