#include "engine/duckdb/types.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/check.h"

namespace pallas::engine {
namespace {

using duckdb::LogicalType;

// Two numbers where one of 64 bits does not hold the value.
LogicalType Pair(LogicalType base) {
  duckdb::child_list_t<LogicalType> fields;
  fields.emplace_back("base", std::move(base));
  fields.emplace_back("rest", LogicalType::INTEGER);
  return LogicalType::STRUCT(std::move(fields));
}

LogicalType RowType(const Type& type) {
  duckdb::child_list_t<LogicalType> fields;
  for (size_t i = 0; i < type.children().size(); ++i) {
    fields.emplace_back(absl::StrCat("f", i + 1), ToDuckDbType(type.children()[i]));
  }
  return LogicalType::STRUCT(std::move(fields));
}

LogicalType NestedType(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kArray:
      return LogicalType::LIST(ToDuckDbType(type.element()));
    case TypeKind::kMap:
      return LogicalType::MAP(ToDuckDbType(type.key()), ToDuckDbType(type.value()));
    default:
      CHECK(type.kind() == TypeKind::kRow);
      return RowType(type);
  }
}

LogicalType TemporalType(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kDate:
      return LogicalType::DATE;
    case TypeKind::kTimeTz:
      return type.precision() <= 9 ? LogicalType::BIGINT : Pair(LogicalType::BIGINT);
    case TypeKind::kTimestamp:
      return type.precision() <= 6 ? LogicalType::TIMESTAMP : Pair(LogicalType::TIMESTAMP);
    case TypeKind::kTimestampTz:
      return type.precision() <= 3 ? LogicalType::BIGINT : Pair(LogicalType::BIGINT);
    default:
      CHECK(type.kind() == TypeKind::kTime);
      return LogicalType::BIGINT;
  }
}

}  // namespace

LogicalType ToDuckDbType(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return LogicalType::BOOLEAN;
    case TypeKind::kTinyint:
      return LogicalType::TINYINT;
    case TypeKind::kSmallint:
      return LogicalType::SMALLINT;
    case TypeKind::kUnknown:
    case TypeKind::kInteger:
    case TypeKind::kIntervalYearMonth:
      return LogicalType::INTEGER;
    case TypeKind::kBigint:
    case TypeKind::kIntervalDayTime:
      return LogicalType::BIGINT;
    case TypeKind::kReal:
      return LogicalType::FLOAT;
    case TypeKind::kDouble:
      return LogicalType::DOUBLE;
    case TypeKind::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision()),
                                  static_cast<uint8_t>(type.scale()));
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kJson:
      return LogicalType::VARCHAR;
    case TypeKind::kUuid:
      return LogicalType::UUID;
    case TypeKind::kVarbinary:
    case TypeKind::kIpAddress:
    case TypeKind::kOpaque:
      return LogicalType::BLOB;
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimeTz:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return TemporalType(type);
    default:
      return NestedType(type);
  }
}

bool HasNativeComparison(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kUnknown:
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kIntervalYearMonth:
    case TypeKind::kIntervalDayTime:
    case TypeKind::kUuid:
    case TypeKind::kIpAddress:
      return true;
    case TypeKind::kOpaque:
      return type.opaque_name() == "color";
    case TypeKind::kTimestamp:
      return type.precision() <= 6;
    default:
      return false;
  }
}

}  // namespace pallas::engine
