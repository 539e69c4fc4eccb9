#ifndef PALLAS_CONNECTORS_DYNAMODB_METADATA_H_
#define PALLAS_CONNECTORS_DYNAMODB_METADATA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/dynamodb/connection.h"
#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/table_description.h"
#include "sdk/connector.h"
#include "sdk/metadata/table_definitions.h"

namespace pallas::dynamodb {

// Databases, tables and their columns: from definitions where there are some (the configuration's,
// then Glue's), else from what the service tells and from sampled items (connectors.md sections 7.2
// to 7.5). Borrows its arguments; `definitions` may be null. Thread-safe.
class Metadata {
 public:
  Metadata(const DynamoDbOptions& options, Connection& connection,
           sdk::TableDefinitions* definitions)
      : options_(options), connection_(connection), definitions_(definitions) {}

  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                       const sdk::PageRequest& page) const;
  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& context,
                                                       const std::string& database,
                                                       const sdk::PageRequest& page) const;
  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& context,
                                      const sdk::TableName& name) const;

 private:
  // A definition and whether its names have lost their case on the way, as Glue's have.
  struct Definition {
    sdk::TableDefinition table;
    bool is_lower_case = false;
  };

  absl::StatusOr<std::vector<std::string>> SourceTables(const sdk::RequestContext& context) const;
  absl::StatusOr<std::optional<Definition>> FindDefinition(const sdk::RequestContext& context,
                                                           const sdk::TableName& name) const;
  absl::StatusOr<TableDescription> Describe(const sdk::RequestContext& context,
                                            const std::string& name) const;
  absl::StatusOr<TableDescription> DescribeInAnyCase(const sdk::RequestContext& context,
                                                     const std::string& name) const;
  absl::StatusOr<std::shared_ptr<arrow::Schema>> Infer(const sdk::RequestContext& context,
                                                       const TableDescription& description) const;

  const DynamoDbOptions& options_;
  Connection& connection_;
  sdk::TableDefinitions* const definitions_;
};

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_METADATA_H_
