#include "engine/duckdb/scan_value.h"

#include <cmath>
#include <limits>
#include <utility>

#include "arrow/type.h"
#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/hugeint.hpp"

#include "base/check.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

constexpr int64_t kMicrosPerMilli = 1000;

bool FitsInteger(const Type& type, int64_t value) {
  switch (type.kind()) {
    case TypeKind::kTinyint:
      return value >= std::numeric_limits<int8_t>::min() &&
             value <= std::numeric_limits<int8_t>::max();
    case TypeKind::kSmallint:
      return value >= std::numeric_limits<int16_t>::min() &&
             value <= std::numeric_limits<int16_t>::max();
    case TypeKind::kInteger:
      return value >= std::numeric_limits<int32_t>::min() &&
             value <= std::numeric_limits<int32_t>::max();
    default:
      return true;
  }
}

// Integers of any width: DuckDB compares a narrow column with a wide constant through a cast.
std::optional<sdk::Value> IntegerValue(const Type& type, const duckdb::Value& value) {
  switch (value.type().id()) {
    case duckdb::LogicalTypeId::TINYINT:
    case duckdb::LogicalTypeId::SMALLINT:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::BIGINT: {
      const auto number = value.GetValue<int64_t>();
      return FitsInteger(type, number) ? std::optional<sdk::Value>(number) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

absl::int128 DecimalValue(const duckdb::Value& value) {
  switch (value.type().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return value.GetValueUnsafe<int16_t>();
    case duckdb::PhysicalType::INT32:
      return value.GetValueUnsafe<int32_t>();
    case duckdb::PhysicalType::INT64:
      return value.GetValueUnsafe<int64_t>();
    default: {
      const auto number = value.GetValueUnsafe<duckdb::hugeint_t>();
      return absl::MakeInt128(number.upper, number.lower);
    }
  }
}

std::optional<sdk::Value> TimestampValue(const ScanColumn& column, const duckdb::Value& value) {
  const int64_t micros = value.GetValueUnsafe<int64_t>();
  if (column.arrow_type->id() != arrow::Type::DATE64) {
    return sdk::Value(micros);
  }
  if (micros % kMicrosPerMilli != 0) {
    return std::nullopt;
  }
  return sdk::Value(micros / kMicrosPerMilli);
}

std::optional<sdk::Value> FloatingValue(double value) {
  return std::isnan(value) ? std::nullopt : std::optional<sdk::Value>(value);
}

}  // namespace

bool HasValueSets(const ScanColumn& column) {
  if (column.arrow_type == nullptr) {
    return false;
  }
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
    case TypeKind::kDate:
      return true;
    case TypeKind::kTimestamp:
      return column.type.precision() <= 6;
    default:
      return false;
  }
}

std::optional<sdk::Value> ToSdkValue(const ScanColumn& column, const duckdb::Value& value) {
  DCHECK(HasValueSets(column));
  if (value.IsNull()) {
    return std::nullopt;
  }
  if (IsInteger(column.type)) {
    return IntegerValue(column.type, value);
  }
  if (value.type() != ToDuckDbType(column.type)) {
    return std::nullopt;
  }
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
      return sdk::Value(value.GetValueUnsafe<bool>());
    case TypeKind::kReal:
      return FloatingValue(double{value.GetValueUnsafe<float>()});
    case TypeKind::kDouble:
      return FloatingValue(value.GetValueUnsafe<double>());
    case TypeKind::kDecimal:
      return sdk::Value(DecimalValue(value));
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
      return sdk::Value(duckdb::StringValue::Get(value));
    case TypeKind::kDate:
      return sdk::Value(int64_t{value.GetValueUnsafe<int32_t>()});
    default:
      return TimestampValue(column, value);
  }
}

duckdb::Value ToDuckDbValue(const Type& type, const std::optional<sdk::Value>& value) {
  const duckdb::LogicalType duck_type = ToDuckDbType(type);
  if (!value) {
    return duckdb::Value(duck_type);
  }
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return duckdb::Value::BOOLEAN(std::get<bool>(*value));
    case TypeKind::kReal:
      return duckdb::Value::FLOAT(static_cast<float>(std::get<double>(*value)));
    case TypeKind::kDouble:
      return duckdb::Value::DOUBLE(std::get<double>(*value));
    case TypeKind::kDecimal: {
      const absl::int128 number = std::get<absl::int128>(*value);
      const auto width = static_cast<uint8_t>(type.precision());
      const auto scale = static_cast<uint8_t>(type.scale());
      if (type.precision() > duckdb::Decimal::MAX_WIDTH_INT64) {
        return duckdb::Value::DECIMAL(
            duckdb::hugeint_t(absl::Int128High64(number), absl::Int128Low64(number)), width, scale);
      }
      return duckdb::Value::DECIMAL(static_cast<int64_t>(number), width, scale);
    }
    case TypeKind::kVarbinary:
      return duckdb::Value::BLOB_RAW(std::get<std::string>(*value));
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return duckdb::Value(std::get<std::string>(*value));
    case TypeKind::kDate:
      return duckdb::Value::DATE(duckdb::date_t(static_cast<int32_t>(std::get<int64_t>(*value))));
    case TypeKind::kTimestamp: {
      const int64_t number = std::get<int64_t>(*value);
      return duckdb::Value::TIMESTAMP(
          duckdb::timestamp_t(type.precision() <= 3 ? number * kMicrosPerMilli : number));
    }
    default:
      return duckdb::Value::Numeric(duck_type, std::get<int64_t>(*value));
  }
}

}  // namespace pallas::engine
