#include "sql/functions/registry_builder.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/check.h"
#include "base/error_detail.h"

namespace pallas::sql {

absl::StatusOr<Type> SameOfTwoOrMore(std::span<const Type> arguments, std::string_view what) {
  if (arguments.size() < 2) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("There must be two or more ", what));
  }
  return arguments[0];
}

std::string_view RegistryBuilder::Keep(std::string text) {
  return texts_.emplace_back(std::move(text));
}

RegistryBuilder& RegistryBuilder::Add(FunctionKind kind, std::string_view signature,
                                      std::string_view result) {
  FunctionEntry entry;
  entry.id = Keep(std::string(signature));
  entry.kind = kind;
  entry.result = Keep(std::string(result));
  const size_t open = entry.id.find('(');
  CHECK(open != std::string_view::npos && entry.id.back() == ')');
  entry.name = entry.id.substr(0, open);
  const std::string_view arguments = entry.id.substr(open + 1, entry.id.size() - open - 2);
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= arguments.size(); ++i) {
    if (i < arguments.size() && arguments[i] == '(') {
      ++depth;
    } else if (i < arguments.size() && arguments[i] == ')') {
      --depth;
    } else if (i == arguments.size() || (arguments[i] == ',' && depth == 0)) {
      std::string_view argument = absl::StripAsciiWhitespace(arguments.substr(start, i - start));
      if (absl::EndsWith(argument, "...")) {
        argument.remove_suffix(3);
        entry.variadic = true;
      }
      if (!argument.empty()) {
        entry.arguments.push_back(argument);
      }
      start = i + 1;
    }
  }
  entries_.push_back(std::move(entry));
  return *this;
}

RegistryBuilder& RegistryBuilder::Scalar(std::string_view signature, std::string_view result) {
  return Add(FunctionKind::kScalar, signature, result);
}

RegistryBuilder& RegistryBuilder::Aggregate(std::string_view signature, std::string_view result) {
  return Add(FunctionKind::kAggregate, signature, result);
}

RegistryBuilder& RegistryBuilder::Window(std::string_view signature, std::string_view result) {
  return Add(FunctionKind::kWindow, signature, result);
}

RegistryBuilder& RegistryBuilder::Raises() {
  entries_.back().can_raise = true;
  return *this;
}

RegistryBuilder& RegistryBuilder::CalledOnNull() {
  entries_.back().called_on_null = true;
  return *this;
}

RegistryBuilder& RegistryBuilder::NotDeterministic() {
  entries_.back().deterministic = false;
  return *this;
}

RegistryBuilder& RegistryBuilder::Hidden() {
  entries_.back().hidden = true;
  return *this;
}

RegistryBuilder& RegistryBuilder::Where(std::string_view constraints) {
  entries_.back().constraints = Keep(std::string(constraints));
  return *this;
}

RegistryBuilder& RegistryBuilder::ResultType(ResultTypeFunction function) {
  entries_.back().result_type = function;
  return *this;
}

RegistryBuilder& RegistryBuilder::Doc(std::string_view description) {
  entries_.back().description = Keep(std::string(description));
  return *this;
}

}  // namespace pallas::sql
