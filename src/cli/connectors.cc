#include "cli/connectors.h"

#include "connectors/dynamodb/connector.h"
#include "connectors/mysql/connector.h"
#include "connectors/redis/connector.h"
#include "federation/remote_catalog.h"

namespace pallas::cli {

sdk::ConnectorRegistry MakeConnectorRegistry() {
  sdk::ConnectorRegistry registry;
  registry.Register(dynamodb::kConnectorKind, dynamodb::MakeDynamoDbConnector);
  registry.Register(federation::kRemoteConnectorKind, federation::MakeRemoteCatalog);
  registry.Register(mysql::kConnectorKind, mysql::MakeMySqlConnector);
  registry.Register(redis::kConnectorKind, redis::MakeRedisConnector);
  return registry;
}

}  // namespace pallas::cli
