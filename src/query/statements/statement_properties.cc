#include "query/statements/statement_properties.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/formatter/formatter.h"

namespace pallas::query {
namespace {

using sql::ast::Expr;
using sql::ast::ExprKind;

std::string_view TypeName(PropertyKind kind) {
  switch (kind) {
    case PropertyKind::kText:
    case PropertyKind::kTextOrInteger:
      return "varchar";
    case PropertyKind::kInteger:
      return "integer";
    case PropertyKind::kBoolean:
      return "boolean";
    case PropertyKind::kTextArray:
      return "array(varchar)";
  }
  return "";
}

std::optional<int64_t> IntegerOf(const Expr& value) {
  const bool negative = value.kind == ExprKind::kNegate;
  const Expr& number = negative ? *value.args.front() : value;
  int64_t parsed = 0;
  if (number.kind != ExprKind::kInteger || !absl::SimpleAtoi(number.text, &parsed) ||
      parsed > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  return negative ? -parsed : parsed;
}

std::optional<PropertyValue> TextsOf(const Expr& value) {
  std::vector<std::string> texts;
  for (const sql::ast::ExprPtr& element : value.args) {
    if (element->kind != ExprKind::kString) {
      return std::nullopt;
    }
    texts.push_back(element->text);
  }
  return texts;
}

// The value as that kind of property; nullopt: it is none.
std::optional<PropertyValue> ValueOf(const Expr& value, PropertyKind kind) {
  const bool wants_text = kind == PropertyKind::kText || kind == PropertyKind::kTextOrInteger;
  if (wants_text && value.kind == ExprKind::kString) {
    return value.text;
  }
  if (kind == PropertyKind::kInteger || kind == PropertyKind::kTextOrInteger) {
    const std::optional<int64_t> number = IntegerOf(value);
    if (!number) {
      return std::nullopt;
    }
    return kind == PropertyKind::kInteger ? PropertyValue(*number)
                                          : PropertyValue(absl::StrCat(*number));
  }
  if (kind == PropertyKind::kBoolean && value.kind == ExprKind::kBoolean) {
    return value.text == "true";
  }
  return kind == PropertyKind::kTextArray && value.kind == ExprKind::kArray
             ? TextsOf(value)
             : std::optional<PropertyValue>();
}

absl::Status Invalid(const sql::ast::WithProperty& property, std::string_view message) {
  return ErrorAt(property.name.location, "INVALID_TABLE_PROPERTY", message);
}

std::string Capitalized(std::string_view text) {
  std::string result(text);
  result[0] = absl::ascii_toupper(static_cast<unsigned char>(result[0]));
  return result;
}

absl::StatusOr<PropertyValue> Convert(const sql::ast::WithProperty& property,
                                      const PropertyRule& rule, std::string_view subject) {
  const std::string text = sql::FormatExpression(*property.value);
  if (property.value->kind == ExprKind::kNull) {
    return Invalid(property, absl::StrCat("Invalid null value for ", subject, " '", rule.name,
                                          "' from [null]"));
  }
  std::optional<PropertyValue> value = ValueOf(*property.value, rule.kind);
  if (!value) {
    return Invalid(property,
                   absl::StrCat("Invalid value for ", subject, " '", rule.name,
                                "': Cannot convert [", text, "] to ", TypeName(rule.kind)));
  }
  auto* const word = std::get_if<std::string>(&*value);
  if (word == nullptr || rule.values.empty()) {
    return *std::move(value);
  }
  const std::string written = *word;
  absl::AsciiStrToUpper(word);
  if (std::find(rule.values.begin(), rule.values.end(), *word) == rule.values.end()) {
    return Invalid(property, absl::StrCat("Unable to set ", subject, " '", rule.name, "' to [",
                                          text, "]: Invalid value [", written, "]. Valid values: [",
                                          absl::StrJoin(rule.values, ", "), "]"));
  }
  return *std::move(value);
}

template <typename T>
T Get(const std::map<std::string, PropertyValue, std::less<>>& values, std::string_view name,
      T otherwise) {
  const auto found = values.find(name);
  const T* const value = found == values.end() ? nullptr : std::get_if<T>(&found->second);
  return value == nullptr ? std::move(otherwise) : *value;
}

}  // namespace

absl::StatusOr<StatementProperties> StatementProperties::Make(
    const sql::ast::WithProperties& written, std::span<const PropertyRule> rules,
    std::string_view subject) {
  StatementProperties properties;
  for (const sql::ast::WithProperty& property : written) {
    const std::string name = absl::AsciiStrToLower(property.name.text);
    if (properties.Has(name)) {
      return ErrorAt(property.name.location, "DUPLICATE_PROPERTY",
                     absl::StrCat("Duplicate property: ", name));
    }
    const auto rule = std::find_if(rules.begin(), rules.end(),
                                   [&](const PropertyRule& one) { return one.name == name; });
    if (rule == rules.end()) {
      return Invalid(property, absl::StrCat(Capitalized(subject), " '", name, "' does not exist"));
    }
    ASSIGN_OR_RETURN(properties.values_[name], Convert(property, *rule, subject));
  }
  return properties;
}

std::string StatementProperties::Text(std::string_view name) const {
  return Get<std::string>(values_, name, "");
}

int64_t StatementProperties::Integer(std::string_view name) const {
  return Get<int64_t>(values_, name, 0);
}

bool StatementProperties::Boolean(std::string_view name, bool otherwise) const {
  return Get<bool>(values_, name, otherwise);
}

std::vector<std::string> StatementProperties::Texts(std::string_view name) const {
  return Get<std::vector<std::string>>(values_, name, {});
}

}  // namespace pallas::query
