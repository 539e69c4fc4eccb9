#include "connectors/dynamodb/definition_schema.h"

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/dynamodb/date_text.h"
#include "connectors/dynamodb/source_table.h"
#include "sdk/metadata/definition_columns.h"
#include "types/time_zone.h"

namespace pallas::dynamodb {
namespace {

using Mapping = std::map<std::string, std::string>;

std::string Parameter(const sdk::TableDefinition& definition, const char* name) {
  for (const auto* const parameters : {&definition.parameters, &definition.storage.parameters}) {
    const auto found = parameters->find(name);
    if (found != parameters->end()) {
      return found->second;
    }
  }
  return "";
}

// `a=b,c=d`
absl::StatusOr<Mapping> ReadMapping(const sdk::TableDefinition& definition, const char* name) {
  Mapping mapping;
  const std::string text = Parameter(definition, name);
  for (const std::string_view entry : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::pair<std::string_view, std::string_view> parts =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (parts.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("DynamoDB: table ", definition.database, ".", definition.name, ": ", name,
                       " must be name=value, separated by commas; '", entry, "' is not"));
    }
    mapping.emplace(absl::StripAsciiWhitespace(parts.first),
                    absl::StripAsciiWhitespace(parts.second));
  }
  return mapping;
}

std::string Mapped(const Mapping& mapping, const std::string& name) {
  const auto found = mapping.find(name);
  return found == mapping.end() ? name : found->second;
}

// The key attribute that a column means: of exactly its name, else the one that is the same but for
// case.
std::string KeyAttribute(const TableDescription& description, const std::string& name) {
  if (description.key_types.contains(name)) {
    return name;
  }
  std::string match = name;
  int num_matches = 0;
  for (const auto& [attribute, type] : description.key_types) {
    if (absl::EqualsIgnoreCase(attribute, name)) {
      match = attribute;
      ++num_matches;
    }
  }
  return num_matches == 1 ? match : name;
}

class SchemaMaker {
 public:
  SchemaMaker(const sdk::TableDefinition& definition, const TableDescription& description)
      : definition_(definition), description_(description) {}

  absl::StatusOr<std::shared_ptr<arrow::Schema>> Make() {
    ASSIGN_OR_RETURN(columns_, ReadMapping(definition_, kColumnMappingParameter));
    ASSIGN_OR_RETURN(patterns_, ReadMapping(definition_, kDateFormatParameter));
    if (const std::string zone = Parameter(definition_, kTimeZoneParameter); !zone.empty()) {
      auto key = ZoneKeyOf(zone);
      if (!key.ok()) {
        return Annotate(key.status(), Where());
      }
      zone_key_ = *key;
    }
    absl::StatusOr<std::shared_ptr<arrow::Schema>> declared = sdk::DefinitionSchema(definition_);
    if (!declared.ok()) {
      return Annotate(declared.status(), Where());
    }
    arrow::FieldVector fields;
    std::set<std::string> names;
    for (const std::shared_ptr<arrow::Field>& field : (*declared)->fields()) {
      ASSIGN_OR_RETURN(fields.emplace_back(), MakeField(*field));
      if (!names.insert(fields.back()->name()).second) {
        return absl::InvalidArgumentError(
            absl::StrCat(Where(), "the column '", fields.back()->name(), "' is there twice"));
      }
    }
    return arrow::schema(std::move(fields));
  }

 private:
  std::string Where() const {
    return absl::StrCat("DynamoDB: table ", definition_.database, ".", definition_.name, ": ");
  }

  absl::StatusOr<std::shared_ptr<arrow::Field>> MakeField(const arrow::Field& declared) const {
    ASSIGN_OR_RETURN(const Type type, sdk::ColumnType(declared));
    if (type.kind() == TypeKind::kJson) {
      return absl::UnimplementedError(
          absl::StrCat(Where(), "column '", declared.name(),
                       "' cannot be json; declare it varchar and use json_parse"));
    }
    const std::string name = Mapped(columns_, declared.name());
    const std::string attribute = KeyAttribute(description_, name);
    std::shared_ptr<arrow::KeyValueMetadata> metadata =
        declared.metadata() == nullptr ? std::make_shared<arrow::KeyValueMetadata>()
                                       : declared.metadata()->Copy();
    if (attribute != name) {
      metadata->Append(kAttributeKey, attribute);
    }
    const auto pattern = patterns_.find(declared.name());
    const auto mapped_pattern = pattern == patterns_.end() ? patterns_.find(name) : pattern;
    if (mapped_pattern != patterns_.end()) {
      const auto compiled = DatePattern::Make(mapped_pattern->second);
      if (!compiled.ok()) {
        return Annotate(compiled.status(), absl::StrCat(Where(), "column '", name, "': "));
      }
      metadata->Append(kPatternKey, mapped_pattern->second);
    }
    if (zone_key_ != kUtcZoneKey) {
      metadata->Append(kTimeZoneKey, absl::StrCat(zone_key_));
    }
    return arrow::field(name, declared.type(), /*nullable=*/true, std::move(metadata));
  }

  const sdk::TableDefinition& definition_;
  const TableDescription& description_;
  Mapping columns_;
  Mapping patterns_;
  int zone_key_ = kUtcZoneKey;
};

}  // namespace

bool IsDynamoDbTable(const sdk::TableDefinition& definition) {
  return absl::StrContains(definition.storage.location, "dynamodb") ||
         Parameter(definition, "classification") == "dynamodb" ||
         !Parameter(definition, kSourceTableParameter).empty();
}

std::string SourceTableName(const sdk::TableDefinition& definition) {
  if (std::string name = Parameter(definition, kSourceTableParameter); !name.empty()) {
    return name;
  }
  constexpr std::string_view kTablePart = ":table/";
  const std::string& location = definition.storage.location;
  const size_t at = location.rfind(kTablePart);
  if (absl::StartsWith(location, "arn:aws") && at != std::string::npos) {
    return location.substr(at + kTablePart.size());
  }
  return definition.name;
}

bool IgnoresCase(const sdk::TableDefinition& definition, bool is_lower_case, Casing casing) {
  if (casing != Casing::kAuto) {
    return casing == Casing::kAlways;
  }
  if (!is_lower_case || !Parameter(definition, kColumnMappingParameter).empty()) {
    return false;
  }
  for (const auto* const columns : {&definition.storage.columns, &definition.partition_keys}) {
    for (const sdk::ColumnDefinition& column : *columns) {
      const std::string type = absl::AsciiStrToLower(column.type);
      if (absl::StrContains(type, "decimal") || absl::StrContains(type, "map<") ||
          absl::StrContains(type, "set<")) {
        return true;
      }
    }
  }
  return false;
}

absl::StatusOr<std::shared_ptr<arrow::Schema>> SchemaOf(const sdk::TableDefinition& definition,
                                                        const TableDescription& description) {
  return SchemaMaker(definition, description).Make();
}

}  // namespace pallas::dynamodb
