#ifndef PALLAS_BASE_SUGGESTION_H_
#define PALLAS_BASE_SUGGESTION_H_

#include <string>
#include <string_view>
#include <vector>

namespace pallas {

// The end of a message about a name that does not exist: ". Did you mean 'a' or 'b'?" with the
// names that are few edits away (without case), the nearest first; empty if there are none. Names
// of one or two letters are near to everything, so nothing is offered for them.
std::string Suggestion(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace pallas

#endif  // PALLAS_BASE_SUGGESTION_H_
