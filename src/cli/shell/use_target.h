#ifndef PALLAS_CLI_SHELL_USE_TARGET_H_
#define PALLAS_CLI_SHELL_USE_TARGET_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "catalog/table_resolver.h"
#include "sdk/request_context.h"

namespace pallas::cli {

struct UseTarget {
  std::string catalog;
  std::string database;
};

// What `.use text` means: CATALOG.DATABASE, a catalog with its only or default database, or a
// database of `current_catalog`; each may be quoted. Asks `resolver` what there is. An error lists
// the databases.
absl::StatusOr<UseTarget> FindUseTarget(std::string_view text, const std::string& current_catalog,
                                        catalog::TableResolver& resolver,
                                        const sdk::RequestContext& context);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_USE_TARGET_H_
