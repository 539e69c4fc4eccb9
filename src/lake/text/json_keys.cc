#include "lake/text/json_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"

namespace pallas::lake {

KeyIndex::KeyIndex(const std::vector<std::string>& names, const TextFormat& format,
                   std::function<int(int64_t)> by_ordinal)
    : format_(format), by_ordinal_(std::move(by_ordinal)) {
  for (size_t i = 0; i < names.size(); ++i) {
    const auto mapping = format.mappings.find(names[i]);
    std::string key = mapping == format.mappings.end() ? names[i] : mapping->second;
    if (format.case_insensitive) {
      absl::AsciiStrToLower(&key);
    }
    fields_.emplace(std::move(key), static_cast<int>(i));
    if (format.dots_in_keys && names[i].find('_') != std::string::npos) {
      dotted_.emplace(names[i], static_cast<int>(i));
    }
  }
}

KeyIndex::Match KeyIndex::Find(std::string_view key) {
  std::string_view wanted = key;
  if (format_.case_insensitive) {
    lower_.assign(key);
    absl::AsciiStrToLower(&lower_);
    wanted = lower_;
  }
  if (const auto found = fields_.find(wanted); found != fields_.end()) {
    return {found->second, false};
  }
  if (!dotted_.empty() && wanted.find('.') != std::string_view::npos) {
    const auto found = dotted_.find(absl::StrReplaceAll(wanted, {{".", "_"}}));
    if (found != dotted_.end()) {
      return {found->second, true};
    }
  }
  constexpr std::string_view kInternal = "_col";
  if (format_.serde == TextSerDe::kHiveJson && key.starts_with(kInternal)) {
    const std::string_view digits = key.substr(kInternal.size());
    const bool number = std::all_of(digits.begin(), digits.end(), [](char c) {
      return absl::ascii_isdigit(static_cast<unsigned char>(c));
    });
    int64_t ordinal = 0;
    if (number && absl::SimpleAtoi(digits, &ordinal)) {
      return {by_ordinal_(ordinal), false};
    }
  }
  return {};
}

}  // namespace pallas::lake
