#include "types/coercion.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace pallas {
namespace {

// The integer type as a decimal that holds all of its values.
Type DecimalOf(TypeKind integer) {
  switch (integer) {
    case TypeKind::kTinyint:
      return Type::Decimal(3, 0);
    case TypeKind::kSmallint:
      return Type::Decimal(5, 0);
    case TypeKind::kInteger:
      return Type::Decimal(10, 0);
    default:
      return Type::Decimal(19, 0);
  }
}

std::optional<Type> CommonDecimal(const Type& a, const Type& b) {
  const int scale = std::max(a.scale(), b.scale());
  const int whole = std::max(a.precision() - a.scale(), b.precision() - b.scale());
  return Type::Decimal(std::min(kMaxDecimalPrecision, whole + scale), scale);
}

std::optional<Type> CommonNumeric(const Type& a, const Type& b) {
  if (a.kind() == TypeKind::kDouble || b.kind() == TypeKind::kDouble) {
    return Type::Double();
  }
  if (a.kind() == TypeKind::kReal || b.kind() == TypeKind::kReal) {
    return Type::Real();
  }
  if (a.kind() == TypeKind::kDecimal || b.kind() == TypeKind::kDecimal) {
    return CommonDecimal(IsInteger(a) ? DecimalOf(a.kind()) : a,
                         IsInteger(b) ? DecimalOf(b.kind()) : b);
  }
  return a.kind() > b.kind() ? a : b;
}

std::optional<Type> CommonText(const Type& a, const Type& b, CharCoercion rule) {
  const bool one_is_varchar = a.kind() == TypeKind::kVarchar || b.kind() == TypeKind::kVarchar;
  if (a.kind() == b.kind() ? a.kind() == TypeKind::kVarchar
                           : one_is_varchar && rule == CharCoercion::kCharToVarchar) {
    if (!a.length() || !b.length()) {
      return Type::Varchar();
    }
    return Type::Varchar(std::max(*a.length(), *b.length()));
  }
  // Both are char, or one becomes it.
  const int64_t longest =
      std::max(a.length().value_or(kMaxCharLength), b.length().value_or(kMaxCharLength));
  return Type::Char(std::min(longest, kMaxCharLength));
}

// date < timestamp < timestamp with time zone; time < time with time zone.
std::optional<Type> CommonTemporal(const Type& a, const Type& b) {
  const auto is_time = [](const Type& type) {
    return type.kind() == TypeKind::kTime || type.kind() == TypeKind::kTimeTz;
  };
  if (is_time(a) != is_time(b)) {
    return std::nullopt;
  }
  const int precision = std::max(a.precision(), b.precision());
  switch (std::max(a.kind(), b.kind())) {
    case TypeKind::kTime:
      return Type::Time(precision);
    case TypeKind::kTimeTz:
      return Type::TimeTz(precision);
    case TypeKind::kTimestamp:
      return Type::Timestamp(precision);
    case TypeKind::kTimestampTz:
      return Type::TimestampTz(precision);
    default:
      return a;
  }
}

}  // namespace

std::optional<Type> CommonSuperType(const Type& a, const Type& b, CharCoercion rule) {
  if (a == b) {
    return a;
  }
  if (a.kind() == TypeKind::kUnknown) {
    return b;
  }
  if (b.kind() == TypeKind::kUnknown) {
    return a;
  }
  if (IsNumeric(a) && IsNumeric(b)) {
    return CommonNumeric(a, b);
  }
  if (IsCharacter(a) && IsCharacter(b)) {
    return CommonText(a, b, rule);
  }
  if (IsTemporal(a) && IsTemporal(b)) {
    return CommonTemporal(a, b);
  }
  if (a.kind() != b.kind() || a.children().size() != b.children().size() || a.children().empty() ||
      a.kind() == TypeKind::kFunction || a.kind() == TypeKind::kOpaque) {
    return std::nullopt;
  }
  std::vector<Type> children;
  for (size_t i = 0; i < a.children().size(); ++i) {
    std::optional<Type> child = CommonSuperType(a.children()[i], b.children()[i], rule);
    if (!child) {
      return std::nullopt;
    }
    children.push_back(*std::move(child));
  }
  if (a.kind() == TypeKind::kArray) {
    return Type::Array(children[0]);
  }
  if (a.kind() == TypeKind::kMap) {
    return Type::Map(children[0], children[1]);
  }
  std::vector<Type::Field> fields;
  for (size_t i = 0; i < children.size(); ++i) {
    const bool same_name = a.field_names()[i] == b.field_names()[i];
    fields.push_back({same_name ? a.field_names()[i] : std::nullopt, std::move(children[i])});
  }
  return Type::Row(std::move(fields));
}

bool CanCoerce(const Type& from, const Type& to, CharCoercion rule) {
  if (from == to) {
    return true;
  }
  // Rows coerce by position whatever the names of the target.
  if (from.kind() == to.kind() && !from.children().empty() &&
      from.children().size() == to.children().size() && from.kind() != TypeKind::kFunction &&
      from.kind() != TypeKind::kOpaque) {
    for (size_t i = 0; i < from.children().size(); ++i) {
      if (!CanCoerce(from.children()[i], to.children()[i], rule)) {
        return false;
      }
    }
    return true;
  }
  const std::optional<Type> common = CommonSuperType(from, to, rule);
  return common.has_value() && *common == to;
}

std::optional<Type> CommonSuperType(const Type& a, const Type& b) {
  return CommonSuperType(a, b, CharCoercion::kVarcharToChar);
}

bool CanCoerce(const Type& from, const Type& to) {
  return CanCoerce(from, to, CharCoercion::kVarcharToChar);
}

}  // namespace pallas
