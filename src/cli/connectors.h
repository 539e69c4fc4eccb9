#ifndef PALLAS_CLI_CONNECTORS_H_
#define PALLAS_CLI_CONNECTORS_H_

#include "sdk/runtime/connector_registry.h"

namespace pallas::cli {

// All connectors that this program has.
sdk::ConnectorRegistry MakeConnectorRegistry();

}  // namespace pallas::cli

#endif  // PALLAS_CLI_CONNECTORS_H_
