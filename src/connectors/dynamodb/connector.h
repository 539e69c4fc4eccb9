#ifndef PALLAS_CONNECTORS_DYNAMODB_CONNECTOR_H_
#define PALLAS_CONNECTORS_DYNAMODB_CONNECTOR_H_

#include <memory>

#include "absl/status/statusor.h"

#include "sdk/connector.h"
#include "sdk/runtime/connector_options.h"
#include "sdk/runtime/connector_registry.h"

namespace pallas::dynamodb {

// The kind under which the connector is registered.
inline constexpr char kConnectorKind[] = "dynamodb";

// A connector to the tables of Amazon DynamoDB; README.md lists its options. Contacts nobody. It
// has also the power TableStatistics. Streams must end before the connector does.
absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeDynamoDbConnector(
    const sdk::ConnectorOptions& options, const sdk::ConnectorEnvironment& environment);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_CONNECTOR_H_
