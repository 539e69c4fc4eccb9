#ifndef PALLAS_CATALOG_NAME_MATCHING_H_
#define PALLAS_CATALOG_NAME_MATCHING_H_

#include <string>
#include <string_view>
#include <vector>

namespace pallas::catalog {

// What `wanted` stands for among `names`: the one that is equal, else all that are equal without
// case (of A to Z). More than one: ambiguous.
std::vector<std::string> MatchName(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_NAME_MATCHING_H_
