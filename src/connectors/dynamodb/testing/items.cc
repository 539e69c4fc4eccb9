#include "connectors/dynamodb/testing/items.h"

#include <utility>

#include "arrow/array.h"
#include "arrow/scalar.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "connectors/dynamodb/source_table.h"

namespace pallas::dynamodb {

TableDescription Described(int64_t num_items, bool has_range) {
  constexpr int64_t kItemBytes = 200;
  TableDescription description;
  description.name = "things";
  description.key.hash = "id";
  description.key_types["id"] = 'N';
  if (has_range) {
    description.key.range = "at";
    description.key_types["at"] = 'S';
  }
  description.item_count = num_items;
  description.size_bytes = num_items * kItemBytes;
  description.on_demand = true;
  return description;
}

sdk::Table TableOf(const TableDescription& description, const arrow::FieldVector& fields,
                   bool inferred) {
  arrow::FieldVector described;
  for (const auto& field : fields) {
    auto metadata = field->metadata() == nullptr ? std::make_shared<arrow::KeyValueMetadata>()
                                                 : field->metadata()->Copy();
    if (inferred) {
      metadata->Append(kInferredKey, "true");
    }
    described.push_back(field->WithMetadata(std::move(metadata)));
  }
  sdk::Table table;
  table.name = {"default", description.name};
  table.schema = arrow::schema(std::move(described),
                               arrow::key_value_metadata({{kDescriptionKey, ToJson(description)}}));
  return table;
}

std::vector<std::string> Texts(const arrow::Array& column) {
  std::vector<std::string> texts;
  for (int64_t i = 0; i < column.length(); ++i) {
    texts.push_back(column.IsNull(i) ? "NULL" : (*column.GetScalar(i))->ToString());
  }
  return texts;
}

}  // namespace pallas::dynamodb
