#ifndef PALLAS_SDK_METADATA_DEFINITION_COLUMNS_H_
#define PALLAS_SDK_METADATA_DEFINITION_COLUMNS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/model/table_definition.h"

namespace pallas::sdk {

// A column of a Table as its definition describes it: the Arrow type in which a connector delivers
// it, with kTypeKey where that does not tell the Trino type, and the comment. Types are spelt as in
// Glue (`string`, `array<struct<a:int>>`, `timestamptz`, `set<string>`, bare `decimal` is
// decimal(38,18)) or as in Trino (`varchar`, `timestamp(6)`); connectors.md section 1.3.
// INVALID_ARGUMENT or UNIMPLEMENTED names the column and the type.
absl::StatusOr<std::shared_ptr<arrow::Field>> DefinitionField(const ColumnDefinition& column);

// All columns of a definition, its partition keys last.
absl::StatusOr<std::shared_ptr<arrow::Schema>> DefinitionSchema(const TableDefinition& definition);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_METADATA_DEFINITION_COLUMNS_H_
