#ifndef PALLAS_CONNECTORS_DYNAMODB_DEFINITION_SCHEMA_H_
#define PALLAS_CONNECTORS_DYNAMODB_DEFINITION_SCHEMA_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/table_description.h"
#include "sdk/model/table_definition.h"

namespace pallas::dynamodb {

// Whether a definition is one of a DynamoDB table (connectors.md section 7.2). Tables of the lake
// lie in the same catalogue.
bool IsDynamoDbTable(const sdk::TableDefinition& definition);

// The name in DynamoDB: `sourceTable`, else the end of an ARN in the location, else the table's
// own.
std::string SourceTableName(const sdk::TableDefinition& definition);

// Whether attribute names are to be matched without case (connectors.md section 7.8): always, or
// because a definition in lower case has types that only newer connectors know, and no mapping.
bool IgnoresCase(const sdk::TableDefinition& definition, bool is_lower_case, Casing casing);

// The columns of a definition, with what SourceTable wants to know of each.
absl::StatusOr<std::shared_ptr<arrow::Schema>> SchemaOf(const sdk::TableDefinition& definition,
                                                        const TableDescription& description);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_DEFINITION_SCHEMA_H_
