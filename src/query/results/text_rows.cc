#include "query/results/text_rows.h"

#include <utility>

#include "arrow/array.h"
#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::query {
namespace {

class HeldRows final : public engine::ResultStream {
 public:
  HeldRows(std::vector<engine::ResultColumn> columns, std::shared_ptr<arrow::RecordBatch> batch)
      : columns_(std::move(columns)), batch_(std::move(batch)) {}

  const std::vector<engine::ResultColumn>& columns() const override { return columns_; }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    return std::exchange(batch_, nullptr);
  }

  engine::QueryProgress progress() const override { return {}; }

 private:
  std::vector<engine::ResultColumn> columns_;
  std::shared_ptr<arrow::RecordBatch> batch_;
};

using TextRows = std::vector<std::vector<std::optional<std::string>>>;

absl::StatusOr<std::shared_ptr<arrow::Array>> TextColumn(const TextRows& rows, size_t column) {
  arrow::StringBuilder builder;
  for (const auto& row : rows) {
    const std::optional<std::string>& cell = row[column];
    RETURN_IF_ERROR(cell ? builder.Append(*cell) : builder.AppendNull());
  }
  std::shared_ptr<arrow::Array> array;
  RETURN_IF_ERROR(builder.Finish(&array));
  return array;
}

absl::StatusOr<std::shared_ptr<arrow::Array>> BooleanColumn(const TextRows& rows, size_t column) {
  arrow::BooleanBuilder builder;
  for (const auto& row : rows) {
    const std::optional<std::string>& cell = row[column];
    RETURN_IF_ERROR(cell ? builder.Append(*cell == "true") : builder.AppendNull());
  }
  std::shared_ptr<arrow::Array> array;
  RETURN_IF_ERROR(builder.Finish(&array));
  return array;
}

}  // namespace

absl::StatusOr<std::unique_ptr<engine::ResultStream>> MakeTextRows(
    std::vector<std::string> columns,
    const std::vector<std::vector<std::optional<std::string>>>& rows,
    const std::set<size_t>& booleans) {
  std::vector<engine::ResultColumn> result_columns;
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool boolean = booleans.contains(i);
    ASSIGN_OR_RETURN(arrays.emplace_back(), boolean ? BooleanColumn(rows, i) : TextColumn(rows, i));
    fields.push_back(arrow::field(columns[i], arrays.back()->type()));
    result_columns.push_back({columns[i], boolean ? Type::Boolean() : Type::Varchar()});
  }
  std::shared_ptr<arrow::RecordBatch> batch;
  if (!rows.empty()) {
    batch = arrow::RecordBatch::Make(arrow::schema(std::move(fields)),
                                     static_cast<int64_t>(rows.size()), std::move(arrays));
  }
  return std::make_unique<HeldRows>(std::move(result_columns), std::move(batch));
}

std::unique_ptr<engine::ResultStream> MakeNoRows() {
  return std::make_unique<HeldRows>(std::vector<engine::ResultColumn>{}, nullptr);
}

}  // namespace pallas::query
