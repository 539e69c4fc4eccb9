#include "sdk/protocol/value_block.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/decimal.h"

#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::sdk::protocol {
namespace {

absl::Status NoValuesOf(const arrow::DataType& type) {
  return absl::UnimplementedError(
      absl::StrCat("values of the Arrow type ", type.ToString(), " in constraints"));
}

absl::Status DoesNotFit(const arrow::DataType& type) {
  return absl::InvalidArgumentError(
      absl::StrCat("a value of a constraint does not fit its type ", type.ToString()));
}

template <typename Builder>
absl::Status AppendInteger(Builder& builder, const Value& value) {
  using Cell = typename Builder::value_type;
  const auto* const number = std::get_if<int64_t>(&value);
  if (number == nullptr || *number < std::numeric_limits<Cell>::min() ||
      *number > std::numeric_limits<Cell>::max()) {
    return DoesNotFit(*builder.type());
  }
  return ToAbslStatus(builder.Append(static_cast<Cell>(*number)));
}

template <typename Builder, typename Alternative>
absl::Status AppendAs(Builder& builder, const Value& value) {
  const auto* const cell = std::get_if<Alternative>(&value);
  return cell == nullptr
             ? DoesNotFit(*builder.type())
             : ToAbslStatus(builder.Append(static_cast<typename Builder::value_type>(*cell)));
}

template <typename Builder>
absl::Status AppendBytes(Builder& builder, const Value& value) {
  const auto* const bytes = std::get_if<std::string>(&value);
  return bytes == nullptr ? DoesNotFit(*builder.type()) : ToAbslStatus(builder.Append(*bytes));
}

absl::Status AppendDecimal(arrow::Decimal128Builder& builder, const Value& value) {
  const auto* const unscaled = std::get_if<absl::int128>(&value);
  const int32_t precision = static_cast<const arrow::Decimal128Type&>(*builder.type()).precision();
  if (unscaled == nullptr) {
    return DoesNotFit(*builder.type());
  }
  const arrow::Decimal128 cell(absl::Int128High64(*unscaled), absl::Int128Low64(*unscaled));
  return cell.FitsInPrecision(precision) ? ToAbslStatus(builder.Append(cell))
                                         : DoesNotFit(*builder.type());
}

// One `case` for each physical type.
absl::Status Append(arrow::ArrayBuilder& builder, const Value& value) {
  switch (builder.type()->id()) {
    case arrow::Type::BOOL:
      return AppendAs<arrow::BooleanBuilder, bool>(static_cast<arrow::BooleanBuilder&>(builder),
                                                   value);
    case arrow::Type::INT8:
      return AppendInteger(static_cast<arrow::Int8Builder&>(builder), value);
    case arrow::Type::INT16:
      return AppendInteger(static_cast<arrow::Int16Builder&>(builder), value);
    case arrow::Type::INT32:
      return AppendInteger(static_cast<arrow::Int32Builder&>(builder), value);
    case arrow::Type::DATE32:
      return AppendInteger(static_cast<arrow::Date32Builder&>(builder), value);
    case arrow::Type::INT64:
      return AppendInteger(static_cast<arrow::Int64Builder&>(builder), value);
    case arrow::Type::DATE64:
      return AppendInteger(static_cast<arrow::Date64Builder&>(builder), value);
    case arrow::Type::TIMESTAMP:
      return AppendInteger(static_cast<arrow::TimestampBuilder&>(builder), value);
    case arrow::Type::FLOAT:
      return AppendAs<arrow::FloatBuilder, double>(static_cast<arrow::FloatBuilder&>(builder),
                                                   value);
    case arrow::Type::DOUBLE:
      return AppendAs<arrow::DoubleBuilder, double>(static_cast<arrow::DoubleBuilder&>(builder),
                                                    value);
    case arrow::Type::DECIMAL128:
      return AppendDecimal(static_cast<arrow::Decimal128Builder&>(builder), value);
    case arrow::Type::STRING:
      return AppendBytes(static_cast<arrow::StringBuilder&>(builder), value);
    case arrow::Type::BINARY:
      return AppendBytes(static_cast<arrow::BinaryBuilder&>(builder), value);
    default:
      return NoValuesOf(*builder.type());
  }
}

template <typename Array>
Value IntegerAt(const arrow::Array& array, int64_t row) {
  return static_cast<int64_t>(static_cast<const Array&>(array).Value(row));
}

Value DecimalAt(const arrow::Decimal128Array& array, int64_t row) {
  const arrow::Decimal128 value(array.GetValue(row));
  return absl::MakeInt128(value.high_bits(), value.low_bits());
}

absl::StatusOr<Value> ValueAt(const arrow::Array& array, int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(array).Value(row);
    case arrow::Type::INT8:
      return IntegerAt<arrow::Int8Array>(array, row);
    case arrow::Type::INT16:
      return IntegerAt<arrow::Int16Array>(array, row);
    case arrow::Type::INT32:
      return IntegerAt<arrow::Int32Array>(array, row);
    case arrow::Type::DATE32:
      return IntegerAt<arrow::Date32Array>(array, row);
    case arrow::Type::INT64:
      return IntegerAt<arrow::Int64Array>(array, row);
    case arrow::Type::DATE64:
      return IntegerAt<arrow::Date64Array>(array, row);
    case arrow::Type::TIMESTAMP:
      return IntegerAt<arrow::TimestampArray>(array, row);
    case arrow::Type::FLOAT:
      return static_cast<double>(static_cast<const arrow::FloatArray&>(array).Value(row));
    case arrow::Type::DOUBLE:
      return static_cast<const arrow::DoubleArray&>(array).Value(row);
    case arrow::Type::DECIMAL128:
      return DecimalAt(static_cast<const arrow::Decimal128Array&>(array), row);
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return std::string(static_cast<const arrow::BinaryArray&>(array).GetView(row));
    default:
      return NoValuesOf(*array.type());
  }
}

bool SameValues(const arrow::DataType& a, const arrow::DataType& b) {
  if (a.id() == arrow::Type::TIMESTAMP && b.id() == arrow::Type::TIMESTAMP) {
    return static_cast<const arrow::TimestampType&>(a).unit() ==
           static_cast<const arrow::TimestampType&>(b).unit();
  }
  return a.Equals(b);
}

// A type without its children, which are lost on the wire (section 5.5).
bool LosesChildren(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::STRUCT ||
         type.id() == arrow::Type::MAP;
}

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ToValueBlock(
    const std::shared_ptr<arrow::DataType>& type, const std::vector<std::optional<Value>>& values) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  RETURN_IF_ERROR(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder));
  for (const std::optional<Value>& value : values) {
    if (value) {
      RETURN_IF_ERROR(Append(*builder, *value));
    } else {
      RETURN_IF_ERROR(builder->AppendNull());
    }
  }
  std::shared_ptr<arrow::Array> column;
  RETURN_IF_ERROR(builder->Finish(&column));
  return arrow::RecordBatch::Make(arrow::schema({arrow::field(kValueColumn, type)}),
                                  column->length(), {column});
}

absl::StatusOr<std::vector<std::optional<Value>>> FromValueBlock(const arrow::RecordBatch& block,
                                                                 const arrow::DataType& type) {
  if (block.num_columns() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a block of values has ", block.num_columns(), " columns"));
  }
  const arrow::Array& column = *block.column(0);
  if (LosesChildren(type) ? column.type_id() != type.id() : !SameValues(*column.type(), type)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "values of the Arrow type ", column.type()->ToString(), " stand for ", type.ToString()));
  }
  std::vector<std::optional<Value>> values;
  values.reserve(static_cast<size_t>(column.length()));
  for (int64_t row = 0; row < column.length(); ++row) {
    if (column.IsNull(row)) {
      values.emplace_back();
    } else {
      ASSIGN_OR_RETURN(Value value, ValueAt(column, row));
      values.emplace_back(std::move(value));
    }
  }
  return values;
}

}  // namespace pallas::sdk::protocol
