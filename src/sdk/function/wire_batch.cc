#include "sdk/function/wire_batch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/type.h"

#include "base/floor_division.h"
#include "base/status_macros.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"
#include "types/time_zone.h"

namespace pallas::sdk {
namespace {

using DataTypePtr = std::shared_ptr<arrow::DataType>;

constexpr int64_t kMicrosPerMilli = 1000;

absl::StatusOr<DataTypePtr> WireTimestamp(const DataTypePtr& type) {
  const auto& timestamp = static_cast<const arrow::TimestampType&>(*type);
  const bool zoned = !timestamp.timezone().empty();
  if (timestamp.unit() == arrow::TimeUnit::MILLI && zoned) {
    return type;
  }
  if (timestamp.unit() != arrow::TimeUnit::MICRO) {
    return absl::UnimplementedError(
        absl::StrCat("the connector protocol does not have the type ", type->ToString()));
  }
  return zoned ? arrow::timestamp(arrow::TimeUnit::MILLI, timestamp.timezone()) : arrow::date64();
}

absl::StatusOr<DataTypePtr> WireStruct(const arrow::DataType& type) {
  arrow::FieldVector fields;
  for (const std::shared_ptr<arrow::Field>& field : type.fields()) {
    ASSIGN_OR_RETURN(DataTypePtr child, WireType(field->type()));
    fields.push_back(field->WithType(std::move(child)));
  }
  return arrow::struct_(std::move(fields));
}

absl::StatusOr<DataTypePtr> WireList(const arrow::DataType& type) {
  ASSIGN_OR_RETURN(DataTypePtr element, WireType(type.field(0)->type()));
  return arrow::list(type.field(0)->WithType(std::move(element)));
}

// With the names that Java writers insist on (section 9.3).
absl::StatusOr<DataTypePtr> WireMap(const arrow::MapType& type) {
  ASSIGN_OR_RETURN(DataTypePtr key, WireType(type.key_type()));
  ASSIGN_OR_RETURN(DataTypePtr item, WireType(type.item_type()));
  return arrow::map(std::move(key), std::move(item));
}

// The cells of a timestamp[us] column, each by `convert`.
template <typename Convert>
absl::StatusOr<std::shared_ptr<arrow::ArrayData>> ConvertCells(const arrow::ArrayData& data,
                                                               const DataTypePtr& type,
                                                               const Convert& convert) {
  ASSIGN_OR_RETURN(
      std::shared_ptr<arrow::Buffer> cells,
      arrow::AllocateBuffer((data.offset + data.length) * static_cast<int64_t>(sizeof(int64_t))));
  const auto* const from = data.GetValues<int64_t>(1, 0);
  auto* const to = reinterpret_cast<int64_t*>(cells->mutable_data());
  for (int64_t i = data.offset; i < data.offset + data.length; ++i) {
    to[i] = convert(from[i]);
  }
  std::shared_ptr<arrow::ArrayData> result = data.Copy();
  result->type = type;
  result->buffers[1] = std::move(cells);
  return result;
}

absl::StatusOr<std::shared_ptr<arrow::ArrayData>> Convert(
    const std::shared_ptr<arrow::ArrayData>& data, const DataTypePtr& type) {
  if (data->type->Equals(*type)) {
    return data;
  }
  if (data->type->id() == arrow::Type::TIMESTAMP && type->id() == arrow::Type::DATE64) {
    return ConvertCells(*data, type,
                        [](int64_t micros) { return FloorDivide(micros, kMicrosPerMilli); });
  }
  if (data->type->id() == arrow::Type::TIMESTAMP) {
    ASSIGN_OR_RETURN(const int key,
                     ZoneKeyOf(static_cast<const arrow::TimestampType&>(*data->type).timezone()));
    return ConvertCells(*data, type, [key](int64_t micros) {
      return PackTimestampTz(FloorDivide(micros, kMicrosPerMilli), key);
    });
  }
  std::shared_ptr<arrow::ArrayData> result = data->Copy();
  result->type = type;
  for (size_t i = 0; i < result->child_data.size(); ++i) {
    ASSIGN_OR_RETURN(result->child_data[i],
                     Convert(result->child_data[i], type->field(static_cast<int>(i))->type()));
  }
  return result;
}

}  // namespace

absl::StatusOr<DataTypePtr> WireType(const DataTypePtr& type) {
  switch (type->id()) {
    case arrow::Type::BOOL:
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DECIMAL128:
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
      return type;
    case arrow::Type::TIMESTAMP:
      return WireTimestamp(type);
    case arrow::Type::STRUCT:
      return WireStruct(*type);
    case arrow::Type::LIST:
      return WireList(*type);
    case arrow::Type::MAP:
      return WireMap(static_cast<const arrow::MapType&>(*type));
    default:
      return absl::UnimplementedError(
          absl::StrCat("the connector protocol does not have the type ", type->ToString()));
  }
}

absl::StatusOr<std::shared_ptr<arrow::Array>> ToWireColumn(
    const std::shared_ptr<arrow::Array>& column, const DataTypePtr& wire_type) {
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::ArrayData> data,
                   Convert(column->data(), wire_type));
  return arrow::MakeArray(data);
}

}  // namespace pallas::sdk
