#include "sdk/runtime/connector_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/check.h"
#include "base/error_detail.h"

namespace pallas::sdk {

void ConnectorRegistry::Register(std::string kind, ConnectorFactory factory) {
  const bool inserted = factories_.emplace(std::move(kind), std::move(factory)).second;
  CHECK(inserted);
}

absl::StatusOr<std::unique_ptr<Connector>> ConnectorRegistry::Make(
    const ConnectorOptions& options, const ConnectorEnvironment& environment) const {
  const auto factory = factories_.find(options.kind());
  if (factory == factories_.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Catalog '", options.catalog(), "': no connector is of the kind '",
                     options.kind(), "'; there are: ", absl::StrJoin(kinds(), ", ")));
  }
  absl::StatusOr<std::unique_ptr<Connector>> connector = factory->second(options, environment);
  if (!connector.ok()) {
    return connector;
  }
  if (const std::vector<std::string> unread = options.UnreadKeys(); !unread.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Catalog '", options.catalog(), "': the connector '", options.kind(),
                     "' has no option '", absl::StrJoin(unread, "', '"), "'"));
  }
  return connector;
}

std::vector<std::string> ConnectorRegistry::kinds() const {
  std::vector<std::string> kinds;
  for (const auto& [kind, factory] : factories_) {
    kinds.push_back(kind);
  }
  return kinds;
}

}  // namespace pallas::sdk
