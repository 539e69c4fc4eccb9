#include "sql/runtime/json_path.h"

#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "unicode/uchar.h"

#include "base/error_detail.h"
#include "sql/runtime/json.h"
#include "sql/runtime/text.h"

namespace pallas::sql {
namespace {

constexpr int32_t kMaxUtf16Unit = 0xFFFF;

void SkipBlanks(std::string_view& rest) {
  const size_t end = rest.find_first_not_of(" \t\r\n");
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
}

bool Accept(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) {
    return false;
  }
  rest.remove_prefix(1);
  return true;
}

bool SkipValue(std::string_view& rest) {
  std::string scratch;
  return TakeJsonValue(rest, &scratch);
}

// Goes over the elements of an array: `visit(rest)` is called in front of each, takes it off and
// says whether to go on. True: all were seen. False: `visit` stopped; nullopt: no array.
template <typename Visit>
std::optional<bool> ForElements(std::string_view& rest, Visit visit) {
  SkipBlanks(rest);
  if (!Accept(rest, '[')) {
    return std::nullopt;
  }
  SkipBlanks(rest);
  if (Accept(rest, ']')) {
    return true;
  }
  while (true) {
    SkipBlanks(rest);
    const std::optional<bool> go_on = visit(rest);
    if (!go_on.has_value() || !*go_on) {
      return go_on;
    }
    SkipBlanks(rest);
    if (Accept(rest, ']')) {
      return true;
    }
    if (!Accept(rest, ',')) {
      return std::nullopt;
    }
  }
}

// The same for members: `visit(key, rest)` is in front of the value.
template <typename Visit>
std::optional<bool> ForMembers(std::string_view& rest, Visit visit) {
  SkipBlanks(rest);
  if (!Accept(rest, '{')) {
    return std::nullopt;
  }
  SkipBlanks(rest);
  if (Accept(rest, '}')) {
    return true;
  }
  while (true) {
    SkipBlanks(rest);
    std::string key;
    if (!TakeJsonString(rest, &key)) {
      return std::nullopt;
    }
    SkipBlanks(rest);
    if (!Accept(rest, ':')) {
      return std::nullopt;
    }
    SkipBlanks(rest);
    const std::optional<bool> go_on = visit(key, rest);
    if (!go_on.has_value() || !*go_on) {
      return go_on;
    }
    SkipBlanks(rest);
    if (Accept(rest, '}')) {
      return true;
    }
    if (!Accept(rest, ',')) {
      return std::nullopt;
    }
  }
}

std::optional<bool> Skip(std::string_view& rest) {
  return SkipValue(rest) ? std::optional<bool>(true) : std::nullopt;
}

// A scalar as text: a string unescaped, the rest as it stands. NULL is none.
std::optional<std::string> ScalarText(std::string_view rest) {
  std::string text;
  if (rest.starts_with('"')) {
    return TakeJsonString(rest, &text) ? std::optional(std::move(text)) : std::nullopt;
  }
  if (rest.starts_with('{') || rest.starts_with('[') || rest.starts_with('n')) {
    return std::nullopt;
  }
  const std::string_view start = rest;
  if (!TakeJsonValue(rest, &text)) {
    return std::nullopt;
  }
  return std::string(start.substr(0, start.size() - rest.size()));
}

// Whether any element, given as its own text, fulfils the condition.
template <typename Fn>
std::optional<bool> AnyElement(std::string_view json, Fn condition) {
  const std::optional<bool> none = ForElements(json, [&](std::string_view& rest) {
    const std::string_view start = rest;
    if (!SkipValue(rest)) {
      return std::optional<bool>();
    }
    return std::optional<bool>(!condition(start.substr(0, start.size() - rest.size())));
  });
  return none.has_value() ? std::optional<bool>(!*none) : std::nullopt;
}

bool IsNumber(std::string_view element) {
  return element.starts_with('-') || (element.front() >= '0' && element.front() <= '9');
}

bool IsInteger(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

absl::Status InvalidPath(std::string_view path) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat("Invalid JSON path: '", path, "'"));
}

// A name without quotes; a colon only behind a dot.
std::string TakeName(std::string_view& rest, bool colons) {
  std::string name;
  while (!rest.empty()) {
    const int32_t point = FirstCodePoint(rest);
    const bool part = point == '_' || (colons && point == ':') ||
                      (point <= kMaxUtf16Unit && u_isalnum(point) != 0);
    if (!part) {
      break;
    }
    const size_t size = CodePointSize(rest.front());
    name.append(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return name;
}

// What stands behind a quote, up to the next one.
std::optional<std::string> TakeQuoted(std::string_view& rest) {
  std::string name;
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') {
      return name;
    }
    if (c == '\\') {
      if (!rest.starts_with('"') && !rest.starts_with('\\')) {
        return std::nullopt;
      }
      c = rest.front();
      rest.remove_prefix(1);
    }
    name.push_back(c);
  }
  return std::nullopt;
}

// One step of a path; nullopt: malformed.
std::optional<std::string> TakeStep(std::string_view& rest) {
  if (Accept(rest, '.')) {
    std::string name = TakeName(rest, /*colons=*/true);
    return name.empty() ? std::nullopt : std::optional(std::move(name));
  }
  if (!Accept(rest, '[')) {
    return std::nullopt;
  }
  std::optional<std::string> name;
  if (Accept(rest, '"')) {
    name = TakeQuoted(rest);
  } else if (std::string plain = TakeName(rest, /*colons=*/false); !plain.empty()) {
    name = std::move(plain);
  }
  return Accept(rest, ']') ? name : std::nullopt;
}

// In front of what the step leads to; false: nowhere.
bool Follow(const std::string& step, std::string_view& rest) {
  SkipBlanks(rest);
  if (rest.starts_with('{')) {
    const std::optional<bool> missing =
        ForMembers(rest, [&step](const std::string& key, std::string_view& value) {
          return key == step ? std::optional<bool>(false) : Skip(value);
        });
    return missing.has_value() && !*missing;
  }
  int32_t index = -1;
  if (!rest.starts_with('[')) {
    return false;
  }
  if (!absl::SimpleAtoi(step, &index) || index < 0) {
    return false;
  }
  const std::optional<bool> missing = ForElements(rest, [&index](std::string_view& value) {
    return index-- == 0 ? std::optional<bool>(false) : Skip(value);
  });
  return missing.has_value() && !*missing;
}

}  // namespace

absl::StatusOr<JsonPath> JsonPath::Parse(std::string_view text) {
  JsonPath path;
  std::string_view rest = text;
  if (!Accept(rest, '$')) {
    return InvalidPath(text);
  }
  while (!rest.empty()) {
    std::optional<std::string> step = TakeStep(rest);
    if (!step.has_value()) {
      return InvalidPath(text);
    }
    path.steps_.push_back(*std::move(step));
  }
  return path;
}

namespace {

// Whether a number at the front stands alone: unlike other values it is none if more follows it.
bool EndsAfterNumber(std::string_view json) {
  if (json.empty() ||
      (json[0] != '-' && absl::ascii_isdigit(static_cast<unsigned char>(json[0])) == 0)) {
    return true;
  }
  std::string number;
  return TakeJsonValue(json, &number) &&
         (json.empty() || absl::ascii_isspace(static_cast<unsigned char>(json[0])) != 0);
}

}  // namespace

std::optional<std::string_view> JsonPath::Find(std::string_view json) const {
  for (const std::string& step : steps_) {
    if (!Follow(step, json)) {
      return std::nullopt;
    }
  }
  SkipBlanks(json);
  if (steps_.empty() && !EndsAfterNumber(json)) {
    return std::nullopt;
  }
  return json;
}

std::optional<std::string> JsonPath::Extract(std::string_view json) const {
  std::optional<std::string_view> rest = Find(json);
  std::string value;
  return rest.has_value() && TakeJsonValue(*rest, &value) ? std::optional(std::move(value))
                                                          : std::nullopt;
}

std::optional<std::string> JsonPath::ExtractScalar(std::string_view json) const {
  const std::optional<std::string_view> rest = Find(json);
  return rest.has_value() ? ScalarText(*rest) : std::nullopt;
}

std::optional<int64_t> JsonPath::Size(std::string_view json) const {
  std::optional<std::string_view> rest = Find(json);
  if (!rest.has_value() || rest->empty()) {
    return std::nullopt;
  }
  int64_t size = 0;
  if (rest->starts_with('{')) {
    const bool all = ForMembers(*rest, [&size](const std::string&, std::string_view& value) {
                       ++size;
                       return Skip(value);
                     }).has_value();
    return all ? std::optional(size) : std::nullopt;
  }
  if (rest->starts_with('[')) {
    return JsonArrayLength(*rest);
  }
  return SkipValue(*rest) ? std::optional<int64_t>(0) : std::nullopt;
}

std::optional<int64_t> JsonArrayLength(std::string_view json) {
  int64_t size = 0;
  const bool all = ForElements(json, [&size](std::string_view& rest) {
                     ++size;
                     return Skip(rest);
                   }).has_value();
  return all ? std::optional(size) : std::nullopt;
}

std::optional<std::string> JsonArrayGet(std::string_view json, int64_t index) {
  std::vector<std::optional<std::string>> elements;
  const std::optional<bool> all = ForElements(json, [&](std::string_view& rest) {
    const std::string_view start = rest;
    std::string value;
    if (!TakeJsonValue(rest, &value)) {
      return std::optional<bool>();
    }
    const bool nested = start.starts_with('{') || start.starts_with('[');
    elements.push_back(nested ? std::optional(std::move(value)) : ScalarText(start));
    return std::optional<bool>(index < 0 || static_cast<int64_t>(elements.size()) <= index);
  });
  const auto size = static_cast<int64_t>(elements.size());
  if (!all.has_value() || index >= size || index < -size) {
    return std::nullopt;
  }
  return elements[static_cast<size_t>(index < 0 ? size + index : index)];
}

std::optional<bool> JsonArrayContains(std::string_view json, bool value) {
  return AnyElement(
      json, [value](std::string_view element) { return element == (value ? "true" : "false"); });
}

std::optional<bool> JsonArrayContains(std::string_view json, int64_t value) {
  return AnyElement(json, [value](std::string_view element) {
    int64_t number = 0;
    return IsNumber(element) && IsInteger(element) && absl::SimpleAtoi(element, &number) &&
           number == value;
  });
}

std::optional<bool> JsonArrayContains(std::string_view json, double value) {
  if (!std::isfinite(value)) {
    return false;
  }
  return AnyElement(json, [value](std::string_view element) {
    double number = 0;
    return IsNumber(element) && !IsInteger(element) && absl::SimpleAtod(element, &number) &&
           number == value;
  });
}

std::optional<bool> JsonArrayContains(std::string_view json, std::string_view value) {
  return AnyElement(json, [value](std::string_view element) {
    std::string text;
    return element.starts_with('"') && TakeJsonString(element, &text) && text == value;
  });
}

absl::StatusOr<bool> IsJsonScalar(std::string_view json) {
  std::string_view rest = json;
  SkipBlanks(rest);
  const bool nested = rest.starts_with('{') || rest.starts_with('[');
  const bool valid = SkipValue(rest);
  SkipBlanks(rest);
  if (!valid || !rest.empty()) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat("Invalid JSON value: ", json));
  }
  return !nested;
}

}  // namespace pallas::sql
