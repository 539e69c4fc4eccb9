#ifndef PALLAS_SDK_METADATA_TABLE_DEFINITIONS_H_
#define PALLAS_SDK_METADATA_TABLE_DEFINITIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table.h"
#include "sdk/model/table_definition.h"
#include "sdk/request_context.h"

namespace pallas::sdk {

// What a connector asks for descriptions of tables that its source does not describe itself: the
// Glue Data Catalog, or the metastore of this process (decision D2). Thread-safe; calls may wait,
// within `context`. Errors: NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED (throttled),
// UNAVAILABLE.
class TableDefinitions {
 public:
  virtual ~TableDefinitions() = default;

  virtual absl::StatusOr<std::vector<DatabaseDefinition>> ListDatabases(
      const RequestContext& context) = 0;
  virtual absl::StatusOr<std::vector<TableDefinition>> ListTables(const RequestContext& context,
                                                                  const std::string& database) = 0;
  virtual absl::StatusOr<TableDefinition> GetTable(const RequestContext& context,
                                                   const TableName& name) = 0;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_METADATA_TABLE_DEFINITIONS_H_
