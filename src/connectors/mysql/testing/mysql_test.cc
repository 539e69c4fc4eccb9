#include "connectors/mysql/testing/mysql_test.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "connectors/mysql/source_table.h"
#include "sdk/testing/conformance_suite.h"
#include "types/value_text.h"

namespace pallas::mysql {
namespace {

std::string CellText(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) {
    return "NULL";
  }
  if (array.type_id() == arrow::Type::BINARY) {
    return absl::AsciiStrToUpper(
        absl::BytesToHexString(static_cast<const arrow::BinaryArray&>(array).GetView(row)));
  }
  if (array.type_id() == arrow::Type::DATE64) {
    // Arrow prints the day only.
    std::string text;
    AppendTimestamp(static_cast<const arrow::Date64Array&>(array).Value(row) * 1000, 0, 3, &text);
    return text;
  }
  return (*array.GetScalar(row))->ToString();
}

}  // namespace

void MySqlTest::Connect(const std::map<std::string, std::string>& options) {
  auto connector = TestServer().MakeConnector(options);
  ASSERT_TRUE(connector.ok()) << connector.status();
  connector_ = *std::move(connector);
}

void MySqlTest::Execute(std::string_view sql) {
  const absl::Status status = TestServer().Execute(
      absl::StrCat("SET SESSION sql_mode = ''; CREATE DATABASE IF NOT EXISTS scan CHARACTER SET "
                   "utf8mb4; USE scan; ",
                   sql));
  ASSERT_TRUE(status.ok()) << status;
}

absl::StatusOr<sdk::Table> MySqlTest::GetTable(const std::string& name) {
  return connector_->GetTable(context_, {"scan", name});
}

sdk::Scan MySqlTest::FullScan(const sdk::Table& table) {
  sdk::Scan scan;
  for (const auto& field : table.schema->fields()) {
    if (field->name() != kPartitionNameColumn) {
      scan.columns.push_back(field->name());
    }
  }
  return scan;
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> MySqlTest::Read(const std::string& name) {
  ASSIGN_OR_RETURN(const sdk::Table table, GetTable(name));
  return sdk::ReadAll(*connector_, context_, table, FullScan(table));
}

std::vector<std::string> ColumnTexts(const arrow::RecordBatch& batch, int column) {
  std::vector<std::string> texts;
  texts.reserve(static_cast<size_t>(batch.num_rows()));
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    texts.push_back(CellText(*batch.column(column), row));
  }
  return texts;
}

}  // namespace pallas::mysql
