#include "types/type.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "base/check.h"

namespace pallas {

struct Type::Impl {
  TypeKind kind = TypeKind::kUnknown;
  int precision = 0;
  int scale = 0;
  std::optional<int64_t> length;
  std::vector<Type> children;
  std::vector<std::optional<std::string>> field_names;
  std::string opaque_name;
};

namespace {

const std::vector<Type>& NoChildren() {
  static const auto* const kNone = new std::vector<Type>();
  return *kNone;
}

}  // namespace

// The parameterless types exist once; a Type is then a shared pointer to them.

#define PALLAS_SIMPLE_TYPE(function, type_kind)                      \
  Type Type::function() {                                            \
    static const auto* const kType = [] {                            \
      auto impl = std::make_shared<Impl>();                          \
      impl->kind = type_kind;                                        \
      return new Type(std::shared_ptr<const Impl>(std::move(impl))); \
    }();                                                             \
    return *kType;                                                   \
  }

Type::Type() {
  static const auto* const kUnknownImpl =
      new std::shared_ptr<const Impl>(std::make_shared<const Impl>());
  impl_ = *kUnknownImpl;
}

PALLAS_SIMPLE_TYPE(Boolean, TypeKind::kBoolean)
PALLAS_SIMPLE_TYPE(Tinyint, TypeKind::kTinyint)
PALLAS_SIMPLE_TYPE(Smallint, TypeKind::kSmallint)
PALLAS_SIMPLE_TYPE(Integer, TypeKind::kInteger)
PALLAS_SIMPLE_TYPE(Bigint, TypeKind::kBigint)
PALLAS_SIMPLE_TYPE(Real, TypeKind::kReal)
PALLAS_SIMPLE_TYPE(Double, TypeKind::kDouble)
PALLAS_SIMPLE_TYPE(Varchar, TypeKind::kVarchar)
PALLAS_SIMPLE_TYPE(Varbinary, TypeKind::kVarbinary)
PALLAS_SIMPLE_TYPE(Date, TypeKind::kDate)
PALLAS_SIMPLE_TYPE(IntervalYearMonth, TypeKind::kIntervalYearMonth)
PALLAS_SIMPLE_TYPE(IntervalDayTime, TypeKind::kIntervalDayTime)
PALLAS_SIMPLE_TYPE(Json, TypeKind::kJson)
PALLAS_SIMPLE_TYPE(Uuid, TypeKind::kUuid)
PALLAS_SIMPLE_TYPE(IpAddress, TypeKind::kIpAddress)

#undef PALLAS_SIMPLE_TYPE

Type Type::Decimal(int precision, int scale) {
  CHECK(precision >= 1 && precision <= kMaxDecimalPrecision && scale >= 0 && scale <= precision);
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kDecimal;
  impl->precision = precision;
  impl->scale = scale;
  return Type(std::move(impl));
}

Type Type::Varchar(int64_t length) {
  CHECK(length >= 0 && length <= kMaxVarcharLength);
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kVarchar;
  impl->length = length;
  return Type(std::move(impl));
}

Type Type::Char(int64_t length) {
  CHECK(length >= 0 && length <= kMaxCharLength);
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kChar;
  impl->length = length;
  return Type(std::move(impl));
}

#define PALLAS_PRECISION_TYPE(function, type_kind)           \
  Type Type::function(int precision) {                       \
    CHECK(precision >= 0 && precision <= kMaxTimePrecision); \
    auto impl = std::make_shared<Impl>();                    \
    impl->kind = type_kind;                                  \
    impl->precision = precision;                             \
    return Type(std::move(impl));                            \
  }

PALLAS_PRECISION_TYPE(Time, TypeKind::kTime)
PALLAS_PRECISION_TYPE(TimeTz, TypeKind::kTimeTz)
PALLAS_PRECISION_TYPE(Timestamp, TypeKind::kTimestamp)
PALLAS_PRECISION_TYPE(TimestampTz, TypeKind::kTimestampTz)

#undef PALLAS_PRECISION_TYPE

Type Type::Array(Type element) {
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kArray;
  impl->children.push_back(std::move(element));
  return Type(std::move(impl));
}

Type Type::Map(Type key, Type value) {
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kMap;
  impl->children.push_back(std::move(key));
  impl->children.push_back(std::move(value));
  return Type(std::move(impl));
}

Type Type::Row(std::vector<Field> fields) {
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kRow;
  for (Field& field : fields) {
    impl->field_names.push_back(std::move(field.name));
    impl->children.push_back(std::move(field.type));
  }
  return Type(std::move(impl));
}

Type Type::Function(std::vector<Type> parameters, Type result) {
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kFunction;
  impl->children = std::move(parameters);
  impl->children.push_back(std::move(result));
  return Type(std::move(impl));
}

Type Type::Opaque(std::string name, std::vector<Type> parameters) {
  auto impl = std::make_shared<Impl>();
  impl->kind = TypeKind::kOpaque;
  impl->opaque_name = std::move(name);
  impl->children = std::move(parameters);
  return Type(std::move(impl));
}

TypeKind Type::kind() const { return impl_->kind; }

int Type::precision() const { return impl_->precision; }

int Type::scale() const { return impl_->scale; }

std::optional<int64_t> Type::length() const { return impl_->length; }

const std::vector<Type>& Type::children() const {
  return impl_->children.empty() ? NoChildren() : impl_->children;
}

const std::vector<std::optional<std::string>>& Type::field_names() const {
  return impl_->field_names;
}

const std::string& Type::opaque_name() const { return impl_->opaque_name; }

bool Type::operator==(const Type& other) const {
  if (impl_ == other.impl_) {
    return true;
  }
  const Impl& a = *impl_;
  const Impl& b = *other.impl_;
  return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale &&
         a.length == b.length && a.opaque_name == b.opaque_name && a.children == b.children &&
         a.field_names == b.field_names;
}

namespace {

std::string WithPrecision(std::string_view name, int precision, std::string_view suffix) {
  return absl::StrCat(name, "(", precision, ")", suffix);
}

std::string JoinTypes(const std::vector<Type>& types) {
  return absl::StrJoin(types, ", ", [](std::string* out, const Type& type) {
    absl::StrAppend(out, type.ToString());
  });
}

}  // namespace

std::string Type::ToString() const {
  switch (kind()) {
    case TypeKind::kUnknown:
      return "unknown";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kTinyint:
      return "tinyint";
    case TypeKind::kSmallint:
      return "smallint";
    case TypeKind::kInteger:
      return "integer";
    case TypeKind::kBigint:
      return "bigint";
    case TypeKind::kReal:
      return "real";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kDecimal:
      return absl::StrCat("decimal(", precision(), ",", scale(), ")");
    case TypeKind::kVarchar:
      return length() ? absl::StrCat("varchar(", *length(), ")") : "varchar";
    case TypeKind::kChar:
      return absl::StrCat("char(", *length(), ")");
    case TypeKind::kVarbinary:
      return "varbinary";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return WithPrecision("time", precision(), "");
    case TypeKind::kTimeTz:
      return WithPrecision("time", precision(), " with time zone");
    case TypeKind::kTimestamp:
      return WithPrecision("timestamp", precision(), "");
    case TypeKind::kTimestampTz:
      return WithPrecision("timestamp", precision(), " with time zone");
    case TypeKind::kIntervalYearMonth:
      return "interval year to month";
    case TypeKind::kIntervalDayTime:
      return "interval day to second";
    case TypeKind::kJson:
      return "json";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kIpAddress:
      return "ipaddress";
    case TypeKind::kArray:
      return absl::StrCat("array(", element().ToString(), ")");
    case TypeKind::kMap:
      return absl::StrCat("map(", key().ToString(), ", ", value().ToString(), ")");
    case TypeKind::kRow: {
      std::string out = "row(";
      for (size_t i = 0; i < children().size(); ++i) {
        if (i > 0) {
          out += ", ";
        }
        if (const std::optional<std::string>& name = field_names()[i]) {
          absl::StrAppend(&out, "\"", absl::StrReplaceAll(*name, {{"\"", "\"\""}}), "\" ");
        }
        out += children()[i].ToString();
      }
      return out + ")";
    }
    case TypeKind::kFunction:
      return absl::StrCat("function(", JoinTypes(children()), ")");
    case TypeKind::kOpaque:
      return children().empty() ? opaque_name()
                                : absl::StrCat(opaque_name(), "(", JoinTypes(children()), ")");
  }
  return "";
}

bool IsInteger(const Type& type) {
  return type.kind() >= TypeKind::kTinyint && type.kind() <= TypeKind::kBigint;
}

bool IsNumeric(const Type& type) {
  return type.kind() >= TypeKind::kTinyint && type.kind() <= TypeKind::kDecimal;
}

bool IsCharacter(const Type& type) {
  return type.kind() == TypeKind::kVarchar || type.kind() == TypeKind::kChar;
}

bool IsTemporal(const Type& type) {
  return type.kind() >= TypeKind::kDate && type.kind() <= TypeKind::kTimestampTz;
}

bool IsComparable(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kFunction:
      return false;
    case TypeKind::kOpaque:
      return type.opaque_name() == "color";
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return std::all_of(type.children().begin(), type.children().end(), IsComparable);
    default:
      return true;
  }
}

bool IsOrderable(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kFunction:
    case TypeKind::kOpaque:
    case TypeKind::kMap:
    case TypeKind::kJson:
      return false;
    case TypeKind::kArray:
    case TypeKind::kRow:
      return std::all_of(type.children().begin(), type.children().end(), IsOrderable);
    default:
      return true;
  }
}

}  // namespace pallas
