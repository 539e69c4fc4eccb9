#ifndef PALLAS_CONNECTORS_DYNAMODB_TESTING_ITEMS_H_
#define PALLAS_CONNECTORS_DYNAMODB_TESTING_ITEMS_H_

#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "connectors/dynamodb/table_description.h"
#include "sdk/model/table.h"

namespace pallas::dynamodb {

// A table with the hash key `id` (a number) and perhaps the range key `at` (a text), of which
// DynamoDB says that it has so many items of 200 bytes each.
TableDescription Described(int64_t num_items, bool has_range = false);

// A table that has been described so. With `inferred`, nobody declared the types.
sdk::Table TableOf(const TableDescription& description, const arrow::FieldVector& fields,
                   bool inferred = false);

// Cells of a column as texts, "NULL" for those.
std::vector<std::string> Texts(const arrow::Array& column);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_TESTING_ITEMS_H_
