#include "connectors/dynamodb/metadata.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/dynamodb/definition_schema.h"
#include "connectors/dynamodb/page_decoder.h"
#include "connectors/dynamodb/source_table.h"
#include "connectors/dynamodb/type_mapping.h"
#include "nlohmann/json.hpp"
#include "sdk/runtime/limiter.h"
#include "simdjson.h"

namespace pallas::dynamodb {
namespace {

// Databases of the Glue catalogue whose location says this hold definitions of ours.
constexpr char kDatabaseFlag[] = "dynamo-db-flag";
// Items are sampled from so many segments, so that not all have one hash key.
constexpr int64_t kSampleSegments = 4;
constexpr int64_t kFewSampleItems = 100;  // of one segment at least
// Pages read of one segment until it has given its share.
constexpr int kMaxSamplePages = 8;

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The items of a page whose token is the index of its first item.
template <typename T>
absl::StatusOr<sdk::Page<T>> Cut(std::vector<T> all, const sdk::PageRequest& request) {
  size_t begin = 0;
  if (!request.token.empty() && (!absl::SimpleAtoi(request.token, &begin) || begin > all.size())) {
    return absl::InvalidArgumentError("DynamoDB: the page token does not come from this connector");
  }
  const size_t end = request.page_size < 0
                         ? all.size()
                         : std::min(all.size(), begin + static_cast<size_t>(request.page_size));
  sdk::Page<T> page;
  page.items.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(begin)),
                    std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(end)));
  if (end < all.size()) {
    page.next_token = absl::StrCat(end);
  }
  return page;
}

absl::Status NoTable(const sdk::TableName& name) {
  ErrorDetail detail;
  detail.source_code = "ENTITY_NOT_FOUND";
  return WithDetail(
      absl::NotFoundError(absl::StrCat("DynamoDB: there is no table '", name.ToString(), "'")),
      detail);
}

absl::Status BeforeRequest(const sdk::RequestContext& context) {
  return context.limiter == nullptr ? context.Check() : context.limiter->BeforeRequest(context);
}

}  // namespace

absl::StatusOr<sdk::Page<std::string>> Metadata::ListDatabases(const sdk::RequestContext& context,
                                                               const sdk::PageRequest& page) const {
  RETURN_IF_ERROR(context.Check());
  std::set<std::string> names = {kDefaultDatabase};
  for (const sdk::TableDefinition& table : options_.tables) {
    names.insert(table.database);
  }
  if (definitions_ != nullptr && options_.use_definitions) {
    const auto databases = definitions_->ListDatabases(context);
    // Who may not see Glue has the tables of the service still.
    if (!databases.ok() && !absl::IsPermissionDenied(databases.status())) {
      return databases.status();
    }
    for (size_t i = 0; databases.ok() && i < databases->size(); ++i) {
      if (absl::StrContains((*databases)[i].location, kDatabaseFlag)) {
        names.insert((*databases)[i].name);
      }
    }
  }
  return Cut(std::vector<std::string>(names.begin(), names.end()), page);
}

absl::StatusOr<std::vector<std::string>> Metadata::SourceTables(
    const sdk::RequestContext& context) const {
  std::vector<std::string> names;
  std::string start;
  do {
    RETURN_IF_ERROR(BeforeRequest(context));
    const std::string body =
        start.empty() ? "{}" : absl::StrCat("{\"ExclusiveStartTableName\":", Quoted(start), "}");
    ASSIGN_OR_RETURN(const std::string answer, connection_.Call(context, "ListTables", body, ""));
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    simdjson::dom::array tables;
    if (parser.parse(answer).get(root) != simdjson::SUCCESS ||
        root["TableNames"].get(tables) != simdjson::SUCCESS) {
      return absl::InternalError("DynamoDB: the answer to ListTables has no table names");
    }
    for (const simdjson::dom::element table : tables) {
      std::string_view name;
      if (table.get(name) == simdjson::SUCCESS) {
        names.emplace_back(name);
      }
    }
    std::string_view last;
    start = root["LastEvaluatedTableName"].get(last) == simdjson::SUCCESS ? std::string(last) : "";
  } while (!start.empty());
  return names;
}

absl::StatusOr<sdk::Page<sdk::TableName>> Metadata::ListTables(const sdk::RequestContext& context,
                                                               const std::string& database,
                                                               const sdk::PageRequest& page) const {
  RETURN_IF_ERROR(context.Check());
  std::set<sdk::TableName> names;
  for (const sdk::TableDefinition& table : options_.tables) {
    if (table.database == database) {
      names.insert({database, table.name});
    }
  }
  if (definitions_ != nullptr && options_.use_definitions) {
    const auto tables = definitions_->ListTables(context, database);
    if (!tables.ok() && !absl::IsPermissionDenied(tables.status()) &&
        !absl::IsNotFound(tables.status())) {
      return tables.status();
    }
    for (size_t i = 0; tables.ok() && i < tables->size(); ++i) {
      if (IsDynamoDbTable((*tables)[i])) {
        names.insert({database, (*tables)[i].name});
      }
    }
  }
  if (database == kDefaultDatabase) {
    ASSIGN_OR_RETURN(const std::vector<std::string> tables, SourceTables(context));
    for (const std::string& table : tables) {
      names.insert({database, table});
    }
  }
  return Cut(std::vector<sdk::TableName>(names.begin(), names.end()), page);
}

absl::StatusOr<std::optional<Metadata::Definition>> Metadata::FindDefinition(
    const sdk::RequestContext& context, const sdk::TableName& name) const {
  for (const sdk::TableDefinition& table : options_.tables) {
    if (table.database == name.database && table.name == name.table) {
      return Definition{table, /*is_lower_case=*/false};
    }
  }
  if (definitions_ == nullptr || !options_.use_definitions) {
    return std::nullopt;
  }
  absl::StatusOr<sdk::TableDefinition> table = definitions_->GetTable(context, name);
  if (table.ok()) {
    return IsDynamoDbTable(*table)
               ? std::optional(Definition{*std::move(table), /*is_lower_case=*/true})
               : std::nullopt;
  }
  if (absl::IsNotFound(table.status()) || absl::IsPermissionDenied(table.status())) {
    return std::nullopt;
  }
  return table.status();
}

absl::StatusOr<TableDescription> Metadata::Describe(const sdk::RequestContext& context,
                                                    const std::string& name) const {
  RETURN_IF_ERROR(BeforeRequest(context));
  ASSIGN_OR_RETURN(const std::string answer,
                   connection_.Call(context, "DescribeTable",
                                    absl::StrCat("{\"TableName\":", Quoted(name), "}"), name));
  simdjson::dom::parser parser;
  simdjson::dom::element table;
  if (parser.parse(answer)["Table"].get(table) != simdjson::SUCCESS) {
    return absl::InternalError("DynamoDB: the answer to DescribeTable describes no table");
  }
  return ParseTableDescription(simdjson::minify(table));
}

absl::StatusOr<TableDescription> Metadata::DescribeInAnyCase(const sdk::RequestContext& context,
                                                             const std::string& name) const {
  // Names of fewer than three characters, or with odd ones, are refused as invalid.
  absl::StatusOr<TableDescription> exact = Describe(context, name);
  if (exact.ok() ||
      !(absl::IsNotFound(exact.status()) || absl::IsInvalidArgument(exact.status()))) {
    return exact;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> all, SourceTables(context));
  std::vector<std::string> matches;
  for (const std::string& table : all) {
    if (absl::EqualsIgnoreCase(table, name)) {
      matches.push_back(table);
    }
  }
  if (matches.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "DynamoDB: the name '", name, "' may mean several tables: ", absl::StrJoin(matches, ", "),
        ". Give one of them as source_table"));
  }
  if (matches.empty()) {
    return absl::NotFoundError(absl::StrCat("DynamoDB: there is no table '", name, "'"));
  }
  return Describe(context, matches.front());
}

absl::StatusOr<sdk::Table> Metadata::GetTable(const sdk::RequestContext& context,
                                              const sdk::TableName& name) const {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(const std::optional<Definition> definition, FindDefinition(context, name));
  if (!definition && name.database != kDefaultDatabase) {
    return NoTable(name);
  }
  const std::string source = definition ? SourceTableName(definition->table) : name.table;
  absl::StatusOr<TableDescription> description =
      definition ? DescribeInAnyCase(context, source) : Describe(context, source);
  if (!description.ok()) {
    const bool is_missing =
        absl::IsNotFound(description.status()) || absl::IsInvalidArgument(description.status());
    if (is_missing && !definition) {
      return NoTable(name);
    }
    return Annotate(description.status(), absl::StrCat("Table ", name.ToString(), ": "));
  }
  const bool has_columns = definition && !definition->table.storage.columns.empty();
  std::shared_ptr<arrow::Schema> schema;
  if (has_columns) {
    ASSIGN_OR_RETURN(schema, SchemaOf(definition->table, *description));
  } else {
    ASSIGN_OR_RETURN(schema, Infer(context, *description));
  }
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  metadata->Append(kDescriptionKey, ToJson(*description));
  sdk::Table table;
  table.name = name;
  if (definition) {
    table.comment = definition->table.comment;
    for (const auto& [key, value] : definition->table.parameters) {
      metadata->Append(key, value);
    }
    if (has_columns && IgnoresCase(definition->table, definition->is_lower_case, options_.casing)) {
      metadata->Append(kIgnoreCaseKey, "true");
    }
  }
  table.schema = schema->WithMetadata(std::move(metadata));
  return table;
}

absl::StatusOr<std::shared_ptr<arrow::Schema>> Metadata::Infer(
    const sdk::RequestContext& context, const TableDescription& description) const {
  SchemaInference inference(options_.inference.mode, description);
  const int64_t num_segments =
      std::clamp<int64_t>(options_.inference.items / kFewSampleItems, 1, kSampleSegments);
  const int64_t share = (options_.inference.items + num_segments - 1) / num_segments;
  for (int64_t segment = 0; segment < num_segments; ++segment) {
    const int64_t end = std::min(inference.num_items() + share, options_.inference.items);
    std::string start;
    for (int page = 0; page < kMaxSamplePages && inference.num_items() < end; ++page) {
      RETURN_IF_ERROR(BeforeRequest(context));
      const std::string body = absl::StrCat(
          "{\"TableName\":", Quoted(description.name), ",\"Limit\":", end - inference.num_items(),
          ",\"Segment\":", segment, ",\"TotalSegments\":", num_segments,
          start.empty() ? "" : absl::StrCat(",\"ExclusiveStartKey\":", start), "}");
      ASSIGN_OR_RETURN(const std::string answer,
                       connection_.Call(context, "Scan", body, description.name));
      RETURN_IF_ERROR(inference.AddPage(answer));
      ASSIGN_OR_RETURN(const PageInfo info, ReadCounts(answer));
      start = info.last_evaluated_key;
      if (start.empty()) {
        break;
      }
    }
  }
  arrow::FieldVector fields;
  const std::shared_ptr<arrow::Schema> inferred = inference.Finish();
  for (const std::shared_ptr<arrow::Field>& field : inferred->fields()) {
    std::shared_ptr<arrow::KeyValueMetadata> metadata =
        field->metadata() == nullptr ? std::make_shared<arrow::KeyValueMetadata>()
                                     : field->metadata()->Copy();
    metadata->Append(kInferredKey, "true");
    fields.push_back(field->WithMetadata(std::move(metadata)));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace pallas::dynamodb
