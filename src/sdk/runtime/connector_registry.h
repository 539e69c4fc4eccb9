#ifndef PALLAS_SDK_RUNTIME_CONNECTOR_REGISTRY_H_
#define PALLAS_SDK_RUNTIME_CONNECTOR_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/connector.h"
#include "sdk/model/table_definition.h"
#include "sdk/runtime/connector_options.h"

namespace pallas::sdk {

class SecretResolver;
class TableDefinitions;  // sdk/metadata/table_definitions.h

// What a connector is given when it is made. Borrowed; all outlive the connector.
struct ConnectorEnvironment {
  SecretResolver* secrets = nullptr;
  Clock* clock = &Clock::System();
  // Where tables are described that the source does not describe itself; null: nowhere.
  TableDefinitions* definitions = nullptr;
};

using ConnectorFactory = std::function<absl::StatusOr<std::unique_ptr<Connector>>(
    const ConnectorOptions& options, const ConnectorEnvironment& environment)>;

// The connectors of this process by kind ("mysql"). Filled in main(), then read-only.
class ConnectorRegistry {
 public:
  // REQUIRES: `kind` is not registered.
  void Register(std::string kind, ConnectorFactory factory);

  // Makes a connector; checks its options but contacts no source. An unknown kind is
  // INVALID_ARGUMENT and lists the known ones; an option nobody read is INVALID_ARGUMENT.
  absl::StatusOr<std::unique_ptr<Connector>> Make(const ConnectorOptions& options,
                                                  const ConnectorEnvironment& environment) const;

  std::vector<std::string> kinds() const;

 private:
  std::map<std::string, ConnectorFactory> factories_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_RUNTIME_CONNECTOR_REGISTRY_H_
