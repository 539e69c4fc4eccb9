#include "types/arrow_mapping.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas {
namespace {

std::string FieldName(const Type& row, size_t index) {
  return row.field_names()[index].value_or(absl::StrCat("field", index));
}

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::DataType>> ToScanArrowType(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return arrow::boolean();
    case TypeKind::kTinyint:
      return arrow::int8();
    case TypeKind::kSmallint:
      return arrow::int16();
    case TypeKind::kInteger:
      return arrow::int32();
    case TypeKind::kBigint:
      return arrow::int64();
    case TypeKind::kReal:
      return arrow::float32();
    case TypeKind::kDouble:
      return arrow::float64();
    case TypeKind::kDecimal:
      return arrow::decimal128(type.precision(), type.scale());
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kJson:
    case TypeKind::kUuid:
      return arrow::utf8();
    case TypeKind::kVarbinary:
      return arrow::binary();
    case TypeKind::kDate:
      return arrow::date32();
    case TypeKind::kTimestamp:
      if (type.precision() <= 3) {
        return arrow::date64();
      }
      if (type.precision() <= 6) {
        return arrow::timestamp(arrow::TimeUnit::MICRO);
      }
      break;
    case TypeKind::kTimestampTz:
      if (type.precision() <= 3) {
        return arrow::timestamp(arrow::TimeUnit::MILLI, "UTC");
      }
      if (type.precision() <= 6) {
        return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
      }
      break;
    case TypeKind::kArray: {
      ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> element, ToScanArrowType(type.element()));
      return arrow::list(std::move(element));
    }
    case TypeKind::kMap: {
      ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> key, ToScanArrowType(type.key()));
      ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> value, ToScanArrowType(type.value()));
      return arrow::map(std::move(key), std::move(value));
    }
    case TypeKind::kRow: {
      std::vector<std::shared_ptr<arrow::Field>> fields;
      for (size_t i = 0; i < type.children().size(); ++i) {
        ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> field,
                         ToScanArrowType(type.children()[i]));
        fields.push_back(arrow::field(FieldName(type, i), std::move(field)));
      }
      return arrow::struct_(std::move(fields));
    }
    default:
      break;
  }
  return NamedError("NOT_SUPPORTED",
                    absl::StrCat("No source delivers values of type ", type.ToString()),
                    absl::StatusCode::kUnimplemented);
}

absl::StatusOr<Type> FromScanArrowType(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return Type::Boolean();
    case arrow::Type::INT8:
      return Type::Tinyint();
    case arrow::Type::INT16:
      return Type::Smallint();
    case arrow::Type::INT32:
      return Type::Integer();
    case arrow::Type::INT64:
      return Type::Bigint();
    case arrow::Type::FLOAT:
      return Type::Real();
    case arrow::Type::DOUBLE:
      return Type::Double();
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Type&>(type);
      if (decimal.scale() < 0 || decimal.scale() > decimal.precision()) {
        break;
      }
      return Type::Decimal(decimal.precision(), decimal.scale());
    }
    case arrow::Type::STRING:
      return Type::Varchar();
    case arrow::Type::BINARY:
      return Type::Varbinary();
    case arrow::Type::DATE32:
      return Type::Date();
    case arrow::Type::DATE64:
      return Type::Timestamp(3);
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      const bool zoned = !timestamp.timezone().empty();
      if (timestamp.unit() == arrow::TimeUnit::MICRO) {
        return zoned ? Type::TimestampTz(6) : Type::Timestamp(6);
      }
      if (timestamp.unit() == arrow::TimeUnit::MILLI && zoned) {
        return Type::TimestampTz(3);
      }
      break;
    }
    case arrow::Type::LIST: {
      ASSIGN_OR_RETURN(Type element, FromScanArrowType(*type.field(0)->type()));
      return Type::Array(std::move(element));
    }
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      ASSIGN_OR_RETURN(Type key, FromScanArrowType(*map.key_type()));
      ASSIGN_OR_RETURN(Type value, FromScanArrowType(*map.item_type()));
      return Type::Map(std::move(key), std::move(value));
    }
    case arrow::Type::STRUCT: {
      std::vector<Type::Field> fields;
      for (const std::shared_ptr<arrow::Field>& field : type.fields()) {
        ASSIGN_OR_RETURN(Type field_type, FromScanArrowType(*field->type()));
        fields.push_back({field->name(), std::move(field_type)});
      }
      return Type::Row(std::move(fields));
    }
    default:
      break;
  }
  return NamedError(
      "NOT_SUPPORTED",
      absl::StrCat("Connectors do not deliver columns of the Arrow type ", type.ToString()),
      absl::StatusCode::kUnimplemented);
}

std::shared_ptr<arrow::DataType> ToResultArrowType(const Type& type) {
  const auto pair = [](std::shared_ptr<arrow::DataType> base) {
    return arrow::struct_(
        {arrow::field("base", std::move(base)), arrow::field("rest", arrow::int32())});
  };
  switch (type.kind()) {
    case TypeKind::kUnknown:
    case TypeKind::kInteger:
    case TypeKind::kIntervalYearMonth:
      return arrow::int32();
    case TypeKind::kBoolean:
      return arrow::boolean();
    case TypeKind::kTinyint:
      return arrow::int8();
    case TypeKind::kSmallint:
      return arrow::int16();
    case TypeKind::kBigint:
    case TypeKind::kTime:
    case TypeKind::kIntervalDayTime:
      return arrow::int64();
    case TypeKind::kReal:
      return arrow::float32();
    case TypeKind::kDouble:
      return arrow::float64();
    case TypeKind::kDecimal:
      return arrow::decimal128(type.precision(), type.scale());
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kJson:
    case TypeKind::kUuid:
      return arrow::utf8();
    case TypeKind::kVarbinary:
    case TypeKind::kIpAddress:
    case TypeKind::kOpaque:
    case TypeKind::kFunction:
      return arrow::binary();
    case TypeKind::kDate:
      return arrow::date32();
    case TypeKind::kTimeTz:
      return type.precision() <= 9 ? arrow::int64() : pair(arrow::int64());
    case TypeKind::kTimestamp:
      return type.precision() <= 6 ? arrow::timestamp(arrow::TimeUnit::MICRO)
                                   : pair(arrow::timestamp(arrow::TimeUnit::MICRO));
    case TypeKind::kTimestampTz:
      return type.precision() <= 3 ? arrow::int64() : pair(arrow::int64());
    case TypeKind::kArray:
      return arrow::list(ToResultArrowType(type.element()));
    case TypeKind::kMap:
      return arrow::map(ToResultArrowType(type.key()), ToResultArrowType(type.value()));
    case TypeKind::kRow: {
      std::vector<std::shared_ptr<arrow::Field>> fields;
      for (size_t i = 0; i < type.children().size(); ++i) {
        fields.push_back(
            arrow::field(absl::StrCat("f", i + 1), ToResultArrowType(type.children()[i])));
      }
      return arrow::struct_(std::move(fields));
    }
  }
  return arrow::null();
}

}  // namespace pallas
