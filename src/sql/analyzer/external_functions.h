#ifndef PALLAS_SQL_ANALYZER_EXTERNAL_FUNCTIONS_H_
#define PALLAS_SQL_ANALYZER_EXTERNAL_FUNCTIONS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "federation/external_function.h"

namespace pallas::sql {

namespace ast {
struct ExternalFunction;
}  // namespace ast

// The functions that a statement declares, by their names in lower case. They come before built-in
// ones, and what the text of a view calls is never one of them.
using ExternalFunctions =
    std::map<std::string, std::shared_ptr<const federation::ExternalFunction>, std::less<>>;

// Gives types to the declarations of USING EXTERNAL FUNCTION. Errors have line:column: a type that
// there is not, or that does not travel to a function; a name declared twice; no target.
absl::StatusOr<ExternalFunctions> DeclareFunctions(
    const std::vector<ast::ExternalFunction>& declarations);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_EXTERNAL_FUNCTIONS_H_
