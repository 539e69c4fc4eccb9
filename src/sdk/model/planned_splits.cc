#include "sdk/model/planned_splits.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/check.h"
#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::sdk {
namespace {

bool IsText(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRING || type.id() == arrow::Type::BINARY;
}

}  // namespace

absl::StatusOr<Partitions> ToPartitions(const std::vector<Split>& splits,
                                        std::span<const char* const> properties,
                                        const std::shared_ptr<arrow::DataType>& type) {
  CHECK(IsText(*type));
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const char* const name : properties) {
    std::unique_ptr<arrow::ArrayBuilder> made;
    RETURN_IF_ERROR(arrow::MakeBuilder(arrow::default_memory_pool(), type, &made));
    auto& builder = static_cast<arrow::BinaryBuilder&>(*made);  // a StringBuilder is one
    for (const Split& split : splits) {
      const auto value = split.properties.find(name);
      RETURN_IF_ERROR(value != split.properties.end() ? builder.Append(value->second)
                                                      : builder.AppendNull());
    }
    std::shared_ptr<arrow::Array> column;
    RETURN_IF_ERROR(builder.Finish(&column));
    fields.push_back(arrow::field(name, type));
    columns.push_back(std::move(column));
  }
  return Partitions{arrow::RecordBatch::Make(
      arrow::schema(std::move(fields)), static_cast<int64_t>(splits.size()), std::move(columns))};
}

absl::StatusOr<ResumeToken> DeliverSplits(const RequestContext& context,
                                          const Partitions& partitions,
                                          std::span<const char* const> properties,
                                          const std::shared_ptr<arrow::DataType>& type,
                                          const ResumeToken& from, SplitSink& sink) {
  CHECK(IsText(*type));
  int64_t row = 0;
  if (!from.empty() && (!absl::SimpleAtoi(from, &row) || row < 0)) {
    return absl::InvalidArgumentError("The token to resume planning is not one of ours");
  }
  for (; row < partitions.rows->num_rows(); ++row) {
    RETURN_IF_ERROR(context.Check());
    Split split;
    for (const char* const name : properties) {
      const auto column = partitions.rows->GetColumnByName(name);
      if (column != nullptr && column->type_id() == type->id() && column->IsValid(row)) {
        // A StringArray is a BinaryArray.
        split.properties[name] = static_cast<const arrow::BinaryArray&>(*column).GetString(row);
      }
    }
    ASSIGN_OR_RETURN(const Flow flow, sink.Add(std::move(split)));
    if (flow == Flow::kStop && row + 1 < partitions.rows->num_rows()) {
      return absl::StrCat(row + 1);
    }
  }
  return ResumeToken();
}

}  // namespace pallas::sdk
