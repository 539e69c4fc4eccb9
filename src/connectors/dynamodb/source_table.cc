#include "connectors/dynamodb/source_table.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/status_macros.h"

namespace pallas::dynamodb {
namespace {

// The value of a key; nullopt if it is not there.
std::optional<std::string> Metadata(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata,
                                    const char* key) {
  const int index = metadata == nullptr ? -1 : metadata->FindKey(key);
  return index < 0 ? std::nullopt : std::optional(metadata->value(index));
}

}  // namespace

absl::StatusOr<SourceTable> SourceTable::Make(const sdk::Table& table) {
  const std::optional<std::string> description =
      Metadata(table.schema->metadata(), kDescriptionKey);
  if (!description) {
    return absl::InternalError(absl::StrCat("table ", table.name.ToString(),
                                            " was not described by the DynamoDB connector"));
  }
  SourceTable result;
  ASSIGN_OR_RETURN(result.description_, ParseTableDescription(*description));
  result.ignores_case_ = Metadata(table.schema->metadata(), kIgnoreCaseKey).has_value();
  for (const std::shared_ptr<arrow::Field>& field : table.schema->fields()) {
    SourceColumn column;
    column.name = field->name();
    column.field = field;
    const auto& metadata = field->metadata();
    column.attribute = Metadata(metadata, kAttributeKey).value_or(column.name);
    column.is_inferred = Metadata(metadata, kInferredKey).has_value();
    const auto key = result.description_.key_types.find(column.attribute);
    if (key != result.description_.key_types.end()) {
      column.key_type = key->second;
    }
    column.is_name_known = !result.ignores_case_ || column.key_type != 0;
    if (const auto pattern = Metadata(metadata, kPatternKey)) {
      ASSIGN_OR_RETURN(column.pattern, DatePattern::Make(*pattern));
    }
    if (const auto zone = Metadata(metadata, kTimeZoneKey);
        zone && !absl::SimpleAtoi(*zone, &column.zone_key)) {
      return absl::InternalError(absl::StrCat("column ", column.name, " has no time zone key"));
    }
    result.index_.emplace(column.name, result.columns_.size());
    result.columns_.push_back(std::move(column));
  }
  return result;
}

const SourceColumn* SourceTable::Find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &columns_[found->second];
}

const SourceColumn* SourceTable::FindAttribute(const std::string& attribute) const {
  for (const SourceColumn& column : columns_) {
    if (column.attribute == attribute && column.is_name_known) {
      return &column;
    }
  }
  return nullptr;
}

}  // namespace pallas::dynamodb
