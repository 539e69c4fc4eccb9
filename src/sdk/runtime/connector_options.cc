#include "sdk/runtime/connector_options.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"

namespace pallas::sdk {

ConnectorOptions::ConnectorOptions(std::string catalog, std::string kind, OptionList values)
    : catalog_(std::move(catalog)), kind_(std::move(kind)), written_(std::move(values)) {
  for (const auto& [key, value] : written_) {
    values_.emplace(absl::AsciiStrToLower(key), value);
  }
}

absl::StatusOr<std::optional<std::string>> ConnectorOptions::GetString(
    std::initializer_list<std::string_view> names) const {
  std::optional<std::string> value;
  std::string_view found;
  for (std::string_view name : names) {
    const std::string key = absl::AsciiStrToLower(name);
    read_.insert(key);
    const auto entry = values_.find(key);
    if (entry == values_.end()) {
      continue;
    }
    if (value) {
      return absl::InvalidArgumentError(absl::StrCat("Catalog '", catalog_, "': options '", found,
                                                     "' and '", name,
                                                     "' mean the same; set one of them"));
    }
    value = entry->second;
    found = name;
  }
  return value;
}

absl::StatusOr<std::optional<int64_t>> ConnectorOptions::GetInt(
    std::initializer_list<std::string_view> names, int64_t min, int64_t max) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, GetString(names));
  if (!text) {
    return std::nullopt;
  }
  int64_t value = 0;
  if (!absl::SimpleAtoi(*text, &value) || value < min || value > max) {
    return absl::InvalidArgumentError(absl::StrCat("Catalog '", catalog_, "': option '",
                                                   *names.begin(), "' must be a whole number from ",
                                                   min, " to ", max, ", not '", *text, "'"));
  }
  return value;
}

absl::StatusOr<std::optional<bool>> ConnectorOptions::GetBool(
    std::initializer_list<std::string_view> names) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, GetString(names));
  if (!text) {
    return std::nullopt;
  }
  bool value = false;
  if (!absl::SimpleAtob(*text, &value)) {
    return absl::InvalidArgumentError(absl::StrCat("Catalog '", catalog_, "': option '",
                                                   *names.begin(), "' must be true or false, not '",
                                                   *text, "'"));
  }
  return value;
}

std::vector<OptionList> ConnectorOptions::GetGroups(std::string_view name) const {
  const std::string prefix = absl::StrCat(absl::AsciiStrToLower(name), ".");
  std::map<int64_t, OptionList> groups;
  for (const auto& [key, value] : written_) {
    if (!absl::StartsWithIgnoreCase(key, prefix)) {
      continue;
    }
    const std::string_view rest = std::string_view(key).substr(prefix.size());
    const size_t dot = rest.find('.');
    int64_t number = 0;
    if (dot == std::string_view::npos || !absl::SimpleAtoi(rest.substr(0, dot), &number)) {
      continue;
    }
    groups[number].emplace_back(rest.substr(dot + 1), value);
    read_.insert(absl::AsciiStrToLower(key));
  }
  std::vector<OptionList> in_order;
  for (auto& [number, group] : groups) {
    in_order.push_back(std::move(group));
  }
  return in_order;
}

std::vector<std::string> ConnectorOptions::UnreadKeys() const {
  std::vector<std::string> unread;
  for (const auto& [key, value] : values_) {
    if (!read_.contains(key)) {
      unread.push_back(key);
    }
  }
  return unread;
}

}  // namespace pallas::sdk
