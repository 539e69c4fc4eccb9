#include "sql/analyzer/cast_rules.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pallas::sql {
namespace {

// What a JSON value is made of, besides arrays, maps and rows.
bool IsJsonScalar(const Type& type) {
  return type.kind() == TypeKind::kUnknown || type.kind() == TypeKind::kBoolean ||
         IsNumeric(type) || type.kind() == TypeKind::kVarchar;
}

bool CanCastToJson(const Type& from) {
  switch (from.kind()) {
    case TypeKind::kArray:
    case TypeKind::kRow:
      return std::all_of(from.children().begin(), from.children().end(), CanCastToJson);
    case TypeKind::kMap:
      return IsJsonScalar(from.key()) && CanCastToJson(from.value());
    case TypeKind::kJson:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
      return true;
    default:
      return IsJsonScalar(from);
  }
}

bool CanCastFromJson(const Type& to) {
  switch (to.kind()) {
    case TypeKind::kArray:
    case TypeKind::kRow:
      return std::all_of(to.children().begin(), to.children().end(), CanCastFromJson);
    case TypeKind::kMap:
      return IsJsonScalar(to.key()) && CanCastFromJson(to.value());
    case TypeKind::kJson:
      return true;
    default:
      return IsJsonScalar(to);
  }
}

bool CanCastFromVarchar(const Type& to) {
  switch (to.kind()) {
    case TypeKind::kIntervalYearMonth:
    case TypeKind::kIntervalDayTime:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
    case TypeKind::kFunction:
    case TypeKind::kUnknown:
      return false;
    case TypeKind::kOpaque:
      return to.opaque_name() == "JsonPath";
    default:
      return true;
  }
}

bool CanCastTemporal(const Type& from, const Type& to) {
  if (to.kind() == TypeKind::kVarchar) {
    return true;
  }
  switch (from.kind()) {
    case TypeKind::kDate:
      return to.kind() == TypeKind::kTimestamp || to.kind() == TypeKind::kTimestampTz;
    case TypeKind::kTime:
    case TypeKind::kTimeTz:
      return IsTemporal(to) && to.kind() != TypeKind::kDate;
    default:
      return IsTemporal(to);
  }
}

bool CanCastNested(const Type& from, const Type& to) {
  if (from.kind() != to.kind() || from.children().size() != to.children().size()) {
    return false;
  }
  for (size_t i = 0; i < from.children().size(); ++i) {
    if (!CanCast(from.children()[i], to.children()[i])) {
      return false;
    }
  }
  return true;
}

// Digests travel as varbinary.
bool IsDigest(const Type& type) {
  return type.kind() == TypeKind::kOpaque &&
         (absl::EndsWithIgnoreCase(type.opaque_name(), "digest") ||
          absl::EndsWithIgnoreCase(type.opaque_name(), "hyperloglog"));
}

bool CanCastBinary(const Type& to) {
  return to.kind() == TypeKind::kUuid || to.kind() == TypeKind::kIpAddress || IsDigest(to);
}

bool CanCastOpaque(const Type& from, const Type& to) {
  if (IsDigest(from) && to.kind() == TypeKind::kVarbinary) {
    return true;
  }
  return IsDigest(from) && IsDigest(to) &&
         absl::EndsWithIgnoreCase(from.opaque_name(), "hyperloglog") &&
         absl::EndsWithIgnoreCase(to.opaque_name(), "hyperloglog");
}

}  // namespace

bool CanCast(const Type& from, const Type& to) {
  if (from == to || from.kind() == TypeKind::kUnknown) {
    return true;
  }
  if (to.kind() == TypeKind::kJson && from.kind() != TypeKind::kVarchar) {
    return CanCastToJson(from);
  }
  if (IsNumeric(from) || from.kind() == TypeKind::kBoolean) {
    return IsNumeric(to) || to.kind() == TypeKind::kBoolean || to.kind() == TypeKind::kVarchar;
  }
  if (IsTemporal(from)) {
    return CanCastTemporal(from, to);
  }
  switch (from.kind()) {
    case TypeKind::kVarchar:
      return CanCastFromVarchar(to);
    case TypeKind::kChar:
      return IsCharacter(to);
    case TypeKind::kVarbinary:
      return CanCastBinary(to);
    case TypeKind::kJson:
      return CanCastFromJson(to);
    case TypeKind::kUuid:
    case TypeKind::kIpAddress:
      return to == Type::Varchar() || to.kind() == TypeKind::kVarbinary;
    case TypeKind::kIntervalYearMonth:
    case TypeKind::kIntervalDayTime:
      return to.kind() == TypeKind::kVarchar;
    case TypeKind::kOpaque:
      return CanCastOpaque(from, to);
    default:
      return CanCastNested(from, to);
  }
}

std::string DisplayName(const Type& type) {
  std::string out;
  switch (type.kind()) {
    case TypeKind::kArray:
      return absl::StrCat("array(", DisplayName(type.element()), ")");
    case TypeKind::kMap:
      return absl::StrCat("map(", DisplayName(type.key()), ", ", DisplayName(type.value()), ")");
    case TypeKind::kRow:
      out = "row(";
      for (size_t i = 0; i < type.children().size(); ++i) {
        absl::StrAppend(&out, i > 0 ? ", " : "");
        if (const std::optional<std::string>& name = type.field_names()[i]) {
          absl::StrAppend(&out, *name, " ");
        }
        out += DisplayName(type.children()[i]);
      }
      return out + ")";
    default:
      return type.ToString();
  }
}

}  // namespace pallas::sql
