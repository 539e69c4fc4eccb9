#include "query/statements/name_pattern.h"

#include "absl/strings/str_cat.h"
#include "re2/re2.h"

#include "base/error_detail.h"

namespace pallas::query {
namespace {

absl::Status Invalid(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

// Hive's patterns: `a*` is a and anything, `.*` and `[ab]*` are what they are in expressions.
std::string FromHive(const std::string& pattern) {
  std::string expression;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char before = i == 0 ? '\0' : pattern[i - 1];
    if (pattern[i] == '%') {
      expression += ".*";
    } else if (pattern[i] == '*' && before != '.' && before != ']' && before != ')' &&
               before != '}') {
      expression += ".*";
    } else {
      expression += pattern[i];
    }
  }
  return expression;
}

absl::StatusOr<std::string> FromLike(const std::string& pattern, char escape) {
  std::string expression;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == escape) {
      if (i + 1 == pattern.size() ||
          (pattern[i + 1] != '%' && pattern[i + 1] != '_' && pattern[i + 1] != escape)) {
        return Invalid(
            "Escape character must be followed by '%', '_' or the escape character itself");
      }
      ++i;
      expression += re2::RE2::QuoteMeta(pattern.substr(i, 1));
    } else if (pattern[i] == '%') {
      expression += ".*";
    } else if (pattern[i] == '_') {
      expression += ".";
    } else if (static_cast<unsigned char>(pattern[i]) >= 0x80U) {
      expression += pattern[i];  // part of a character that means nothing in expressions
    } else {
      expression += re2::RE2::QuoteMeta(pattern.substr(i, 1));
    }
  }
  return expression;
}

}  // namespace

absl::StatusOr<NamePattern> NamePattern::Make(const std::string& pattern,
                                              const std::optional<std::string>& escape) {
  NamePattern made;
  if (escape && escape->size() != 1) {
    return Invalid("Escape string must be a single character");
  }
  if (pattern.empty()) {
    return made;
  }
  const absl::StatusOr<std::string> text =
      escape ? FromLike(pattern, escape->front()) : FromHive(pattern);
  if (!text.ok()) {
    return text.status();
  }
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  auto expression = std::make_shared<re2::RE2>(*text, options);
  if (!expression->ok()) {
    return Invalid(absl::StrCat("'", pattern, "' is no regular expression: ", expression->error()));
  }
  made.expression_ = std::move(expression);
  return made;
}

bool NamePattern::Matches(std::string_view name) const {
  return expression_ == nullptr ||
         re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *expression_);
}

}  // namespace pallas::query
