#include "sdk/metadata/definition_columns.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/model/table.h"
#include "types/arrow_mapping.h"

namespace pallas::sdk {
namespace {

constexpr int kBareDecimalScale = 18;

absl::StatusOr<Type> ParseDefinitionType(std::string_view text) {
  const std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  if (word == "decimal") {
    return Type::Decimal(kMaxDecimalPrecision, kBareDecimalScale);
  }
  if (word == "timestamptz") {
    return Type::TimestampTz(3);
  }
  absl::StatusOr<Type> hive = ParseHiveType(absl::StrReplaceAll(word, {{"set<", "array<"}}));
  if (hive.ok()) {
    return hive;
  }
  absl::StatusOr<Type> trino = ParseTrinoType(text);
  return trino.ok() ? trino : hive;
}

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::Field>> DefinitionField(const ColumnDefinition& column) {
  const std::string where =
      absl::StrCat("Column '", column.name, "' of type '", column.type, "': ");
  absl::StatusOr<Type> type = ParseDefinitionType(column.type);
  if (!type.ok()) {
    return Annotate(type.status(), where);
  }
  absl::StatusOr<std::shared_ptr<arrow::DataType>> arrow_type = ToScanArrowType(*type);
  if (!arrow_type.ok()) {
    return Annotate(arrow_type.status(), where);
  }
  std::vector<std::string> keys;
  std::vector<std::string> values;
  const absl::StatusOr<Type> implied = FromScanArrowType(**arrow_type);
  if (!implied.ok() || !(*implied == *type)) {
    keys.emplace_back(kTypeKey);
    values.push_back(type->ToString());
  }
  if (!column.comment.empty()) {
    keys.emplace_back(kCommentKey);
    values.push_back(column.comment);
  }
  return arrow::field(column.name, *std::move(arrow_type), /*nullable=*/true,
                      keys.empty() ? nullptr : arrow::key_value_metadata(keys, values));
}

absl::StatusOr<std::shared_ptr<arrow::Schema>> DefinitionSchema(const TableDefinition& definition) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto* const columns : {&definition.storage.columns, &definition.partition_keys}) {
    for (const ColumnDefinition& column : *columns) {
      ASSIGN_OR_RETURN(fields.emplace_back(), DefinitionField(column));
    }
  }
  return arrow::schema(std::move(fields));
}

}  // namespace pallas::sdk
