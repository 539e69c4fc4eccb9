#ifndef PALLAS_SDK_METADATA_CONFIGURED_TABLES_H_
#define PALLAS_SDK_METADATA_CONFIGURED_TABLES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"
#include "sdk/runtime/connector_options.h"

namespace pallas::sdk {

// The tables that the settings of a catalog describe, in the form in which Glue would:
//
//   [[catalogs.redis.tables]]
//   schema = "redis"
//   name = "nation"
//   comment = "one hash for each nation"
//   columns = { n_nationkey = "integer", n_name = "varchar" }
//   key_prefix = "nation-"
//
// Columns come in the order of the file, their types in Hive's or Trino's spelling, unparsed.
// `parameters` names the connector's own keys (lower case), each with the table parameter that it
// becomes: {"key_prefix", "redis-key-prefix"}. `default_database` stands in for a missing schema;
// empty: a schema must be given.
// INVALID_ARGUMENT names catalog, table and key: an unknown key, a key under two names, a table
// without a name or described twice.
absl::StatusOr<std::vector<TableDefinition>> ConfiguredTables(
    const ConnectorOptions& options, const std::map<std::string, std::string>& parameters,
    std::string_view default_database);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_METADATA_CONFIGURED_TABLES_H_
