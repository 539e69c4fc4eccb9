#include "sdk/runtime/connector_options.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"

namespace pallas::sdk {

ConnectorOptions::ConnectorOptions(std::string catalog, std::string kind,
                                   std::map<std::string, std::string> values)
    : catalog_(std::move(catalog)), kind_(std::move(kind)) {
  for (auto& [key, value] : values) {
    values_.emplace(absl::AsciiStrToLower(key), std::move(value));
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
