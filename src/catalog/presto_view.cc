#include "catalog/presto_view.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "nlohmann/json.hpp"
#include "simdjson.h"

namespace pallas::catalog {
namespace {

using simdjson::dom::element;

constexpr std::string_view kPrefix = "/* Presto View: ";
constexpr std::string_view kSuffix = " */";
constexpr char kVirtualView[] = "VIRTUAL_VIEW";

absl::Status Invalid(const sdk::TableDefinition& definition, std::string_view why) {
  return NamedError("HIVE_INVALID_VIEW_DATA", absl::StrCat("View '", definition.database, ".",
                                                           definition.name, "' is damaged: ", why));
}

// Whether the member is there and a text.
bool Text(element object, const char* name, std::string& out) {
  std::string_view text;
  if (object.at_key(name).get(text) != simdjson::SUCCESS) {
    return false;
  }
  out = std::string(text);
  return true;
}

std::optional<std::string> OptionalText(element object, const char* name) {
  std::string text;
  return Text(object, name, text) ? std::optional(text) : std::nullopt;
}

absl::StatusOr<ViewColumn> ReadColumn(const sdk::TableDefinition& definition, element from) {
  ViewColumn column;
  std::string type;
  if (!Text(from, "name", column.name) || !Text(from, "type", type)) {
    return Invalid(definition, "a column has no name or no type");
  }
  auto parsed = ParseTrinoType(type);
  if (!parsed.ok()) {
    return Invalid(definition,
                   absl::StrCat("column '", column.name, "': ", parsed.status().message()));
  }
  column.type = *std::move(parsed);
  column.comment = OptionalText(from, "comment").value_or("");
  return column;
}

}  // namespace

bool IsView(const sdk::TableDefinition& definition) {
  return absl::AsciiStrToUpper(definition.table_type) == kVirtualView;
}

absl::StatusOr<PrestoView> DecodePrestoView(const sdk::TableDefinition& definition) {
  std::string_view encoded = absl::StripAsciiWhitespace(definition.view_original_text);
  if (!absl::ConsumePrefix(&encoded, kPrefix) || !absl::ConsumeSuffix(&encoded, kSuffix)) {
    return NamedError("NOT_SUPPORTED",
                      absl::StrCat("View '", definition.database, ".", definition.name,
                                   "' was not made by Athena or Trino; views of Hive and Spark are "
                                   "not supported"),
                      absl::StatusCode::kUnimplemented);
  }
  std::string json;
  simdjson::dom::parser parser;
  element root;
  if (!absl::Base64Unescape(encoded, &json) || parser.parse(json).get(root) != simdjson::SUCCESS) {
    return Invalid(definition, "its text is not base64 of JSON");
  }
  PrestoView view;
  simdjson::dom::array columns;
  if (!Text(root, "originalSql", view.sql) ||
      root.at_key("columns").get(columns) != simdjson::SUCCESS) {
    return Invalid(definition, "it has no originalSql or no columns");
  }
  view.catalog = OptionalText(root, "catalog").value_or("");
  view.database = OptionalText(root, "schema").value_or("");
  view.comment = OptionalText(root, "comment");
  view.owner = OptionalText(root, "owner");
  if (bool invoker = false; root.at_key("runAsInvoker").get(invoker) == simdjson::SUCCESS) {
    view.run_as_invoker = invoker;
  }
  for (const element from : columns) {
    ASSIGN_OR_RETURN(ViewColumn column, ReadColumn(definition, from));
    view.columns.push_back(std::move(column));
  }
  return view;
}

absl::StatusOr<sdk::TableDefinition> EncodePrestoView(const std::string& database,
                                                      const std::string& name,
                                                      const PrestoView& view) {
  std::string all = absl::StrCat(view.sql, view.catalog, view.database, view.comment.value_or(""),
                                 view.owner.value_or(""));
  nlohmann::json columns = nlohmann::json::array();
  sdk::TableDefinition definition;
  for (const ViewColumn& column : view.columns) {
    absl::StrAppend(&all, column.name, column.comment);
    nlohmann::json& json = columns.emplace_back(
        nlohmann::json{{"name", column.name}, {"type", column.type.ToString()}});
    if (!column.comment.empty()) {
      json["comment"] = column.comment;
    }
    definition.storage.columns.push_back(
        {column.name, ToHiveTypeName(column.type).value_or("string"), column.comment});
  }
  if (!simdjson::validate_utf8(all)) {
    return absl::InvalidArgumentError("The text of a view must be UTF-8");
  }
  nlohmann::json json = {{"originalSql", view.sql},
                         {"catalog", view.catalog},
                         {"schema", view.database},
                         {"columns", std::move(columns)},
                         {"runAsInvoker", view.run_as_invoker}};
  if (view.comment) {
    json["comment"] = *view.comment;
  }
  if (view.owner) {
    json["owner"] = *view.owner;
  }
  definition.database = database;
  definition.name = name;
  definition.comment = view.comment.value_or("");
  definition.owner = view.owner.value_or("");
  definition.table_type = kVirtualView;
  definition.parameters = {{"presto_view", "true"}, {"comment", "Presto View"}};
  definition.view_original_text = absl::StrCat(kPrefix, absl::Base64Escape(json.dump()), kSuffix);
  definition.view_expanded_text = "/* Presto View */";
  return definition;
}

}  // namespace pallas::catalog
