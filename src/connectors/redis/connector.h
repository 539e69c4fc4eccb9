#ifndef PALLAS_CONNECTORS_REDIS_CONNECTOR_H_
#define PALLAS_CONNECTORS_REDIS_CONNECTOR_H_

#include <memory>

#include "absl/status/statusor.h"

#include "sdk/connector.h"
#include "sdk/runtime/connector_options.h"
#include "sdk/runtime/connector_registry.h"

namespace pallas::redis {

// The kind under which the connector is registered.
inline constexpr char kConnectorKind[] = "redis";

// A connector to Redis servers and clusters; README.md lists its options. Contacts nobody. It has
// also the power TableStatistics. Streams must end before the connector does.
absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeRedisConnector(
    const sdk::ConnectorOptions& options, const sdk::ConnectorEnvironment& environment);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_CONNECTOR_H_
