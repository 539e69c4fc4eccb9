#include "catalog/name_matching.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"

namespace pallas::catalog {

std::vector<std::string> MatchName(std::string_view wanted, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), wanted) != names.end()) {
    return {std::string(wanted)};
  }
  std::vector<std::string> matches;
  std::copy_if(names.begin(), names.end(), std::back_inserter(matches),
               [&](const std::string& name) { return absl::EqualsIgnoreCase(name, wanted); });
  return matches;
}

}  // namespace pallas::catalog
