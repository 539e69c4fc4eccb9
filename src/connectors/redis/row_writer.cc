#include "connectors/redis/row_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/redis/pushdown.h"

namespace pallas::redis {
namespace {

constexpr int64_t kCellBytes = 8;  // what a cell costs beside its text

// How times are written in the table.
std::string DateTimeMapping(const sdk::Table& table) {
  const auto& metadata = table.schema->metadata();
  const int key = metadata ? metadata->FindKey(kDateTimeParameter) : -1;
  return key < 0 ? "" : metadata->value(key);
}

}  // namespace

RowWriter::RowWriter(const SourceTable& source, sdk::BatchBuilder builder)
    : table_(source.name.ToString()), on_error_(source.on_error), builder_(std::move(builder)) {}

absl::StatusOr<RowWriter> RowWriter::Make(const SourceTable& source, const sdk::Table& table,
                                          const sdk::Scan& scan) {
  arrow::FieldVector fields;
  for (const std::string& name : scan.columns) {
    fields.push_back(table.schema->GetFieldByName(name));
  }
  ASSIGN_OR_RETURN(sdk::BatchBuilder builder, sdk::BatchBuilder::Make(arrow::schema(fields)));
  RowWriter writer(source, std::move(builder));
  const std::string mapping = DateTimeMapping(table);
  size_t num_values = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    ASSIGN_OR_RETURN(
        CellDecoder decoder,
        CellDecoder::Make(*fields[i], mapping, writer.builder_.column(static_cast<int>(i))));
    const bool is_key = fields[i]->name() == kKeyColumn;
    absl::StatusOr<Type> type = sdk::ColumnType(*fields[i]);
    RETURN_IF_ERROR(type.status());
    writer.columns_.push_back({fields[i]->name(), type->ToString(),
                               is_key ? std::nullopt : std::optional(num_values),
                               std::move(decoder)});
    num_values += is_key ? 0 : 1;
  }
  return writer;
}

absl::Status RowWriter::AddCell(Column& column, std::string_view key, std::string_view text) {
  ASSIGN_OR_RETURN(const bool good, column.decoder.Append(text));
  if (good) {
    return absl::OkStatus();
  }
  if (on_error_ == OnError::kNull) {
    return column.decoder.AppendNull();
  }
  return WithDetail(
      absl::InvalidArgumentError(absl::StrCat(
          "Table '", table_, "', key '", Show(key), "', column '", column.name,
          "': the value is not of type ", column.type,
          "; mend the value, declare the column as varchar, or set on_error = \"null\" "
          "(redis-on-error) for the table to get NULL instead")),
      {.name = "", .location = std::nullopt, .source_code = "INVALID_RESPONSE"});
}

absl::Status RowWriter::Add(std::string_view key, const RowTexts* texts) {
  int64_t num_bytes = static_cast<int64_t>(key.size());
  for (Column& column : columns_) {
    num_bytes += kCellBytes;
    if (!column.value) {
      RETURN_IF_ERROR(column.decoder.Append(key).status());
      continue;
    }
    const auto text = texts == nullptr ? std::nullopt : texts->Get(*column.value);
    RETURN_IF_ERROR(text ? AddCell(column, key, *text) : column.decoder.AppendNull());
  }
  num_bytes += texts == nullptr ? 0 : texts->num_bytes();
  is_full_ = builder_.FinishRow(num_bytes);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> RowWriter::Flush() {
  is_full_ = false;
  return builder_.Flush();
}

}  // namespace pallas::redis
