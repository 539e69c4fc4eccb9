#include "base/suggestion.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace pallas {
namespace {

constexpr size_t kMaxSuggestions = 3;
// One edit is allowed for so many bytes of a name.
constexpr size_t kBytesPerEdit = 3;

// Insertions, deletions and replacements of bytes between two names.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Suggestion(std::string_view wanted, const std::vector<std::string>& names) {
  const std::string lower = absl::AsciiStrToLower(wanted);
  const size_t max_edits = wanted.size() / kBytesPerEdit;
  if (max_edits == 0) {
    return "";
  }
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& name : names) {
    const size_t longer = std::max(name.size(), wanted.size());
    if (longer - std::min(name.size(), wanted.size()) > max_edits) {
      continue;
    }
    const size_t edits = EditDistance(lower, absl::AsciiStrToLower(name));
    if (edits <= max_edits) {
      near.emplace_back(edits, name);
    }
  }
  std::sort(near.begin(), near.end());
  near.resize(std::min(near.size(), kMaxSuggestions));
  std::string text;
  for (size_t i = 0; i < near.size(); ++i) {
    const char* before = i == 0 ? ". Did you mean " : i + 1 == near.size() ? " or " : ", ";
    absl::StrAppend(&text, before, "'", near[i].second, "'");
  }
  return text.empty() ? text : text + "?";
}

}  // namespace pallas
