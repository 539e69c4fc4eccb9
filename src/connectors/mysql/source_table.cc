#include "connectors/mysql/source_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "connectors/mysql/connection.h"

namespace pallas::mysql {
namespace {

std::optional<std::string> Fact(const arrow::Field& field, const char* key) {
  const int index = field.metadata() == nullptr ? -1 : field.metadata()->FindKey(key);
  return index < 0 ? std::nullopt : std::optional(field.metadata()->value(index));
}

}  // namespace

absl::StatusOr<SourceTable> SourceTable::Make(const sdk::Table& table, const TypeOptions& options) {
  SourceTable result;
  result.quoted_ = absl::StrCat(QuoteName(table.name.database), ".", QuoteName(table.name.table));
  for (const std::shared_ptr<arrow::Field>& field : table.schema->fields()) {
    SourceColumn column;
    column.name = field->name();
    column.quoted = QuoteName(field->name());
    if (const auto type = Fact(*field, kColumnTypeKey); type) {
      column.mapping = MapColumn(*type, Fact(*field, kCharacterSetKey).value_or(""), options);
    } else if (field->name() == kPartitionNameColumn) {
      column.is_partition_name = true;
      column.mapping.type = arrow::utf8();
    }
    if (column.mapping.type == nullptr || !column.mapping.type->Equals(*field->type())) {
      return absl::InvalidArgumentError(absl::StrCat("Table ", table.name.ToString(), ", column '",
                                                     field->name(),
                                                     "': it was described by another connector"));
    }
    result.index_.emplace(column.name, result.columns_.size());
    result.columns_.push_back(std::move(column));
  }
  return result;
}

const SourceColumn* SourceTable::Find(const std::string& name) const {
  const auto entry = index_.find(name);
  return entry == index_.end() ? nullptr : &columns_[entry->second];
}

}  // namespace pallas::mysql
