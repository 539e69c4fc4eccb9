#include "sql/functions/type_template.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

#include "base/check.h"

namespace pallas::sql {
namespace {

// "a(b,c), d" -> {"a(b,c)", "d"}.
std::vector<std::string_view> SplitTopLevel(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      std::string_view part = absl::StripAsciiWhitespace(text.substr(start, i - start));
      if (!part.empty()) {
        parts.push_back(part);
      }
      start = i + 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    }
  }
  return parts;
}

struct NamedType {
  std::string_view name;
  Type type;
};

std::optional<Type> SimpleType(std::string_view name) {
  static const auto* const kTypes = new std::vector<NamedType>{
      {"boolean", Type::Boolean()},
      {"tinyint", Type::Tinyint()},
      {"smallint", Type::Smallint()},
      {"integer", Type::Integer()},
      {"bigint", Type::Bigint()},
      {"real", Type::Real()},
      {"double", Type::Double()},
      {"varchar", Type::Varchar()},
      {"varbinary", Type::Varbinary()},
      {"date", Type::Date()},
      {"json", Type::Json()},
      {"uuid", Type::Uuid()},
      {"ipaddress", Type::IpAddress()},
      {"color", Type::Opaque("color")},
      {"unknown", Type::Unknown()},
      {"interval year to month", Type::IntervalYearMonth()},
      {"interval day to second", Type::IntervalDayTime()},
  };
  for (const NamedType& candidate : *kTypes) {
    if (candidate.name == name) {
      return candidate.type;
    }
  }
  return std::nullopt;
}

// Where the actual type is of the kind but for its numbers, or coerces to that kind: the type of
// the kind that it becomes.
std::optional<Type> AsKind(const Type& actual, TypeKind kind, std::optional<CharCoercion> coerce) {
  constexpr int kOfUnknown = 3;  // fraction digits of a time that only NULL stands for
  if (actual.kind() == kind) {
    return actual;
  }
  if (!coerce) {
    return std::nullopt;
  }
  switch (kind) {
    case TypeKind::kDecimal:
      switch (actual.kind()) {
        case TypeKind::kUnknown:
          return Type::Decimal(1, 0);
        case TypeKind::kTinyint:
          return Type::Decimal(3, 0);
        case TypeKind::kSmallint:
          return Type::Decimal(5, 0);
        case TypeKind::kInteger:
          return Type::Decimal(10, 0);
        case TypeKind::kBigint:
          return Type::Decimal(19, 0);
        default:
          return std::nullopt;
      }
    case TypeKind::kVarchar:
      if (actual.kind() == TypeKind::kChar && coerce == CharCoercion::kCharToVarchar) {
        return Type::Varchar(*actual.length());
      }
      return actual.kind() == TypeKind::kUnknown ? std::optional(Type::Varchar(0)) : std::nullopt;
    case TypeKind::kChar:
      if (actual.kind() == TypeKind::kVarchar && coerce == CharCoercion::kVarcharToChar) {
        return Type::Char(
            std::clamp<int64_t>(actual.length().value_or(kMaxCharLength), 1, kMaxCharLength));
      }
      return actual.kind() == TypeKind::kUnknown ? std::optional(Type::Char(1)) : std::nullopt;
    case TypeKind::kTime:
      return actual.kind() == TypeKind::kUnknown ? std::optional(Type::Time(kOfUnknown))
                                                 : std::nullopt;
    case TypeKind::kTimeTz:
      if (actual.kind() == TypeKind::kTime) {
        return Type::TimeTz(actual.precision());
      }
      return actual.kind() == TypeKind::kUnknown ? std::optional(Type::TimeTz(kOfUnknown))
                                                 : std::nullopt;
    case TypeKind::kTimestamp:
      if (actual.kind() == TypeKind::kDate) {
        return Type::Timestamp(0);
      }
      return actual.kind() == TypeKind::kUnknown ? std::optional(Type::Timestamp(kOfUnknown))
                                                 : std::nullopt;
    case TypeKind::kTimestampTz:
      if (actual.kind() == TypeKind::kTimestamp) {
        return Type::TimestampTz(actual.precision());
      }
      if (actual.kind() == TypeKind::kDate) {
        return Type::TimestampTz(0);
      }
      return actual.kind() == TypeKind::kUnknown ? std::optional(Type::TimestampTz(kOfUnknown))
                                                 : std::nullopt;
    default:
      return std::nullopt;
  }
}

bool BindNumber(const std::string& name, std::optional<int64_t> value, bool coerce,
                Bindings& bindings) {
  int64_t literal = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), literal);
  if (error == std::errc() && end == name.data() + name.size()) {
    return value.has_value() && (coerce ? *value <= literal : *value == literal);
  }
  const auto [position, inserted] = bindings.numbers.try_emplace(name, value);
  if (inserted || position->second == value) {
    return true;
  }
  if (!coerce) {
    return false;
  }
  if (!position->second.has_value() || !value.has_value()) {
    position->second = std::nullopt;
  } else {
    position->second = std::max(*position->second, *value);
  }
  return true;
}

}  // namespace

TypeTemplate TypeTemplate::Parse(std::string_view text) {
  TypeTemplate result;
  text = absl::StripAsciiWhitespace(text);
  if (std::optional<Type> simple = SimpleType(text)) {
    result.concrete_ = *simple;
    return result;
  }
  if (text == "joniregexp" || text == "codepoints" || text == "jsonpath") {
    result.kind_ = Kind::kText;
    return result;
  }
  const size_t open = text.find('(');
  if (open == std::string_view::npos) {
    result.kind_ = Kind::kVariable;
    result.variable_ = std::string(text);
    return result;
  }
  const size_t close = text.rfind(')');
  CHECK(close != std::string_view::npos && close > open);
  const std::string_view name = text.substr(0, open);
  const std::string_view suffix = text.substr(close + 1);
  const std::vector<std::string_view> parts =
      SplitTopLevel(text.substr(open + 1, close - open - 1));
  if (name == "array" || name == "map" || name == "row" || name == "function") {
    result.kind_ = name == "array" ? Kind::kArray
                   : name == "map" ? Kind::kMap
                   : name == "row" ? Kind::kRow
                                   : Kind::kFunction;
    for (std::string_view part : parts) {
      result.children_.push_back(Parse(part));
    }
    return result;
  }
  const bool zoned = suffix == " with time zone";
  result.kind_ = Kind::kParametric;
  result.base_ = name == "decimal"     ? TypeKind::kDecimal
                 : name == "varchar"   ? TypeKind::kVarchar
                 : name == "char"      ? TypeKind::kChar
                 : name == "time"      ? (zoned ? TypeKind::kTimeTz : TypeKind::kTime)
                 : name == "timestamp" ? (zoned ? TypeKind::kTimestampTz : TypeKind::kTimestamp)
                                       : TypeKind::kUnknown;
  CHECK(result.base_ != TypeKind::kUnknown);
  for (std::string_view part : parts) {
    result.numbers_.emplace_back(part);
  }
  return result;
}

bool TypeTemplate::is_concrete() const {
  switch (kind_) {
    case Kind::kConcrete:
      return true;
    case Kind::kVariable:
    case Kind::kText:
      return false;
    case Kind::kParametric:
      return std::all_of(numbers_.begin(), numbers_.end(), [](const std::string& number) {
        return absl::ascii_isdigit(static_cast<unsigned char>(number[0]));
      });
    default:
      return std::all_of(children_.begin(), children_.end(),
                         [](const TypeTemplate& child) { return child.is_concrete(); });
  }
}

bool TypeTemplate::Bind(const Type& actual, std::optional<CharCoercion> coerce,
                        Bindings& bindings) const {
  switch (kind_) {
    case Kind::kConcrete:
      return actual == concrete_ || (coerce && CanCoerce(actual, concrete_, *coerce));
    case Kind::kText:
      return actual.kind() == TypeKind::kVarchar || actual.kind() == TypeKind::kChar ||
             actual.kind() == TypeKind::kUnknown;
    case Kind::kVariable: {
      const auto [position, inserted] = bindings.types.try_emplace(variable_, actual);
      if (inserted || position->second == actual) {
        return true;
      }
      if (!coerce) {
        return false;
      }
      std::optional<Type> common = CommonSuperType(position->second, actual, *coerce);
      if (!common.has_value()) {
        return false;
      }
      position->second = *std::move(common);
      return true;
    }
    case Kind::kParametric: {
      const std::optional<Type> same = AsKind(actual, base_, coerce);
      if (!same.has_value()) {
        return false;
      }
      switch (base_) {
        case TypeKind::kDecimal:
          return BindNumber(numbers_[0], same->precision(), coerce.has_value(), bindings) &&
                 BindNumber(numbers_[1], same->scale(), coerce.has_value(), bindings);
        case TypeKind::kVarchar:
        case TypeKind::kChar:
          return BindNumber(numbers_[0], same->length(), coerce.has_value(), bindings);
        default:
          return BindNumber(numbers_[0], same->precision(), coerce.has_value(), bindings);
      }
    }
    case Kind::kArray:
    case Kind::kMap:
    case Kind::kRow:
    case Kind::kFunction: {
      if (actual.kind() == TypeKind::kUnknown) {
        return coerce.has_value() && kind_ != Kind::kFunction;
      }
      const TypeKind wanted = kind_ == Kind::kArray ? TypeKind::kArray
                              : kind_ == Kind::kMap ? TypeKind::kMap
                              : kind_ == Kind::kRow ? TypeKind::kRow
                                                    : TypeKind::kFunction;
      if (actual.kind() != wanted || actual.children().size() != children_.size()) {
        return false;
      }
      for (size_t i = 0; i < children_.size(); ++i) {
        if (!children_[i].Bind(actual.children()[i], coerce, bindings)) {
          return false;
        }
      }
      return true;
    }
  }
  return false;
}

std::optional<Type> TypeTemplate::Substitute(const Bindings& bindings) const {
  switch (kind_) {
    case Kind::kConcrete:
      return concrete_;
    case Kind::kText:
      return Type::Varchar();
    case Kind::kVariable: {
      const auto bound = bindings.types.find(variable_);
      return bound == bindings.types.end() ? Type::Unknown() : bound->second;
    }
    case Kind::kParametric: {
      std::vector<std::optional<int64_t>> values;
      for (const std::string& number : numbers_) {
        int64_t literal = 0;
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), literal);
        if (error == std::errc()) {
          values.emplace_back(literal);
          continue;
        }
        const auto bound = bindings.numbers.find(number);
        if (bound == bindings.numbers.end()) {
          return std::nullopt;
        }
        values.push_back(bound->second);
      }
      if (base_ == TypeKind::kVarchar) {
        return values[0].has_value() ? Type::Varchar(*values[0]) : Type::Varchar();
      }
      if (!values[0].has_value()) {
        return std::nullopt;
      }
      const int64_t first = *values[0];
      switch (base_) {
        case TypeKind::kDecimal: {
          const int64_t scale = values[1].value_or(0);
          if (first < 1 || first > kMaxDecimalPrecision || scale < 0 || scale > first) {
            return std::nullopt;
          }
          return Type::Decimal(static_cast<int>(first), static_cast<int>(scale));
        }
        case TypeKind::kChar:
          return first <= kMaxCharLength ? std::optional(Type::Char(first)) : std::nullopt;
        case TypeKind::kTime:
          return Type::Time(static_cast<int>(first));
        case TypeKind::kTimeTz:
          return Type::TimeTz(static_cast<int>(first));
        case TypeKind::kTimestamp:
          return Type::Timestamp(static_cast<int>(first));
        case TypeKind::kTimestampTz:
          return Type::TimestampTz(static_cast<int>(first));
        default:
          return std::nullopt;
      }
    }
    case Kind::kArray:
    case Kind::kMap:
    case Kind::kRow:
    case Kind::kFunction: {
      std::vector<Type> children;
      for (const TypeTemplate& child : children_) {
        std::optional<Type> type = child.Substitute(bindings);
        if (!type.has_value()) {
          return std::nullopt;
        }
        children.push_back(*std::move(type));
      }
      if (kind_ == Kind::kArray) {
        return Type::Array(children[0]);
      }
      if (kind_ == Kind::kMap) {
        return Type::Map(children[0], children[1]);
      }
      if (kind_ == Kind::kFunction) {
        Type result = children.back();
        children.pop_back();
        return Type::Function(std::move(children), std::move(result));
      }
      std::vector<Type::Field> fields;
      for (Type& child : children) {
        fields.push_back({std::nullopt, std::move(child)});
      }
      return Type::Row(std::move(fields));
    }
  }
  return std::nullopt;
}

}  // namespace pallas::sql
