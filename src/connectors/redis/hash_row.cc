#include "connectors/redis/hash_row.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "connectors/redis/pushdown.h"

namespace pallas::redis {

HashRow::HashRow(const std::vector<std::string>& columns)
    : columns_(columns),
      matches_(columns.size()),
      folded_names_(columns.size()),
      other_names_(columns.size()) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    exact_.emplace(columns_[i], i);
    folded_[absl::AsciiStrToLower(columns_[i])].push_back(i);
  }
}

void HashRow::Clear() {
  std::fill(matches_.begin(), matches_.end(), Match::kNone);
  num_fields_ = 0;
  num_exact_ = 0;
}

void HashRow::OnField(std::string_view name) {
  ++num_fields_;
  targets_.clear();
  if (const auto exact = exact_.find(name); exact != exact_.end()) {
    matches_[exact->second] = Match::kExact;
    ++num_exact_;
    targets_.push_back(exact->second);
    return;
  }
  const auto folded = folded_.find(absl::AsciiStrToLower(name));
  if (folded == folded_.end()) {
    return;
  }
  for (const size_t column : folded->second) {
    if (matches_[column] == Match::kNone) {
      matches_[column] = Match::kFolded;
      folded_names_[column] = name;
      targets_.push_back(column);
    } else if (matches_[column] == Match::kFolded) {
      matches_[column] = Match::kAmbiguous;
      other_names_[column] = name;
    }
  }
}

void HashRow::OnValue(std::string_view value, RowTexts& row) {
  for (const size_t column : targets_) {
    row.Set(column, value);
  }
}

absl::Status HashRow::Check(std::string_view key) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (matches_[i] == Match::kAmbiguous) {
      return absl::InvalidArgumentError(absl::StrCat(
          "key '", Show(key), "' has the fields '", Show(folded_names_[i]), "' and '",
          Show(other_names_[i]), "', and either may be column '", columns_[i],
          "'; set field_match = \"exact\" (redis-field-match) for the table, or remove one"));
    }
  }
  return absl::OkStatus();
}

}  // namespace pallas::redis
