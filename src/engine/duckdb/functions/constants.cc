#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/common/types/value.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"

#include "base/check.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"

// Constants, rows, arrays and fields.

namespace pallas::engine {
namespace {

using duckdb::Value;

// The most digits of a decimal in 64 bits.
constexpr int kMaxShortDecimal = 18;

duckdb::hugeint_t ToHugeint(absl::int128 value) {
  return {absl::Int128High64(value), absl::Int128Low64(value)};
}

Value IntegerValue(const Type& type, int64_t value) {
  switch (type.kind()) {
    case TypeKind::kTinyint:
      return Value::TINYINT(static_cast<int8_t>(value));
    case TypeKind::kSmallint:
      return Value::SMALLINT(static_cast<int16_t>(value));
    case TypeKind::kInteger:
    case TypeKind::kIntervalYearMonth:
      return Value::INTEGER(static_cast<int32_t>(value));
    case TypeKind::kDate:
      return Value::DATE(duckdb::date_t(static_cast<int32_t>(value)));
    case TypeKind::kTimestamp:
      return Value::TIMESTAMP(duckdb::timestamp_t(value));
    default:
      return Value::BIGINT(value);
  }
}

Value DecimalValue(const Type& type, absl::int128 value) {
  const auto precision = static_cast<uint8_t>(type.precision());
  const auto scale = static_cast<uint8_t>(type.scale());
  if (type.precision() > kMaxShortDecimal) {
    return Value::DECIMAL(ToHugeint(value), precision, scale);
  }
  return Value::DECIMAL(static_cast<int64_t>(value), precision, scale);
}

Value TextValue(const Type& type, const std::string& text) {
  const auto* bytes = reinterpret_cast<duckdb::const_data_ptr_t>(text.data());
  switch (type.kind()) {
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kJson:
      return Value(text);
    case TypeKind::kUuid:
      CHECK(text.size() == sizeof(duckdb::hugeint_t));
      return Value::UUID(duckdb::BaseUUID::FromBlob(bytes));
    default:
      return Value::BLOB(bytes, text.size());
  }
}

Value LongTimeValue(const Type& type, const sql::LongTime& value) {
  const Value base = type.kind() == TypeKind::kTimestamp
                         ? Value::TIMESTAMP(duckdb::timestamp_t(value.base))
                         : Value::BIGINT(value.base);
  return Value::STRUCT({{"base", base}, {"rest", Value::INTEGER(value.rest)}});
}

Value ToValue(const Type& type, const sql::ConstantValue& constant) {
  if (const auto* boolean = std::get_if<bool>(&constant)) {
    return Value::BOOLEAN(*boolean);
  }
  if (const auto* integer = std::get_if<int64_t>(&constant)) {
    return IntegerValue(type, *integer);
  }
  if (const auto* real = std::get_if<double>(&constant)) {
    return type.kind() == TypeKind::kReal ? Value::FLOAT(static_cast<float>(*real))
                                          : Value::DOUBLE(*real);
  }
  if (const auto* decimal = std::get_if<absl::int128>(&constant)) {
    return DecimalValue(type, *decimal);
  }
  if (const auto* text = std::get_if<std::string>(&constant)) {
    return TextValue(type, *text);
  }
  return LongTimeValue(type, std::get<sql::LongTime>(constant));
}

}  // namespace

DuckExpr FunctionEmitter::Null(const Type& type) const {
  return NativeCast(ToDuckDbType(type),
                    duckdb::make_uniq<duckdb::ConstantExpression>(Value(nullptr)));
}

DuckExpr FunctionEmitter::Constant(const Type& type, const sql::ConstantValue& value) const {
  if (std::holds_alternative<std::monostate>(value)) {
    return Null(type);
  }
  return duckdb::make_uniq<duckdb::ConstantExpression>(ToValue(type, value));
}

DuckExpr FunctionEmitter::Row(const Type& type, DuckExprs fields) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    fields[i]->SetAlias(absl::StrCat("f", i + 1));
  }
  CHECK(fields.size() == type.children().size());
  return CallDuckDbFunction("struct_pack", std::move(fields));
}

DuckExpr FunctionEmitter::Array(const Type& type, DuckExprs elements) const {
  const bool empty = elements.empty();
  DuckExpr list = CallDuckDbFunction("list_value", std::move(elements));
  return empty ? NativeCast(ToDuckDbType(type), std::move(list)) : std::move(list);
}

DuckExpr FunctionEmitter::Field(int index, DuckExpr row) const {
  return CallDuckDbFunction("struct_extract",
                            MakeTrees(std::move(row), TextConstant(absl::StrCat("f", index + 1))));
}

}  // namespace pallas::engine
