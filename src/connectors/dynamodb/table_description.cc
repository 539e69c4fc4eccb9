#include "connectors/dynamodb/table_description.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "nlohmann/json.hpp"
#include "simdjson.h"

namespace pallas::dynamodb {
namespace {

using simdjson::dom::element;

std::string Text(const element& object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

int64_t Number(const element& object, const char* name) {
  int64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

// The elements of a member that is a list; none if it is not there.
std::vector<element> Elements(const element& object, const char* name) {
  std::vector<element> elements;
  simdjson::dom::array array;
  if (object[name].get(array) == simdjson::SUCCESS) {
    for (const element item : array) {
      elements.push_back(item);
    }
  }
  return elements;
}

KeySchema ReadKey(const element& object) {
  KeySchema key;
  for (const element& part : Elements(object, "KeySchema")) {
    (Text(part, "KeyType") == "HASH" ? key.hash : key.range) = Text(part, "AttributeName");
  }
  return key;
}

IndexDescription ReadIndex(const element& object, bool global) {
  IndexDescription index;
  index.name = Text(object, "IndexName");
  index.global = global;
  index.active = !global || Text(object, "IndexStatus") == "ACTIVE";
  index.key = ReadKey(object);
  index.is_complete = !global;
  element projection;
  if (object["Projection"].get(projection) == simdjson::SUCCESS) {
    index.is_complete |= Text(projection, "ProjectionType") == "ALL";
    for (const element& attribute : Elements(projection, "NonKeyAttributes")) {
      std::string_view name;
      if (attribute.get(name) == simdjson::SUCCESS) {
        index.included.emplace_back(name);
      }
    }
  }
  return index;
}

nlohmann::json KeyJson(const KeySchema& key) {
  nlohmann::json json = nlohmann::json::array();
  json.push_back({{"AttributeName", key.hash}, {"KeyType", "HASH"}});
  if (!key.range.empty()) {
    json.push_back({{"AttributeName", key.range}, {"KeyType", "RANGE"}});
  }
  return json;
}

}  // namespace

absl::StatusOr<TableDescription> ParseTableDescription(std::string_view json) {
  simdjson::dom::parser parser;
  element table;
  if (parser.parse(json.data(), json.size()).get(table) != simdjson::SUCCESS) {
    return absl::InternalError("DynamoDB: the description of a table is not JSON");
  }
  TableDescription result;
  result.name = Text(table, "TableName");
  result.key = ReadKey(table);
  if (result.name.empty() || result.key.hash.empty()) {
    return absl::InternalError("DynamoDB: the description of a table has no name or no hash key");
  }
  for (const element& attribute : Elements(table, "AttributeDefinitions")) {
    const std::string type = Text(attribute, "AttributeType");
    result.key_types[Text(attribute, "AttributeName")] = type.empty() ? 'S' : type.front();
  }
  for (const element& index : Elements(table, "LocalSecondaryIndexes")) {
    result.indexes.push_back(ReadIndex(index, false));
  }
  for (const element& index : Elements(table, "GlobalSecondaryIndexes")) {
    result.indexes.push_back(ReadIndex(index, true));
  }
  result.item_count = Number(table, "ItemCount");
  result.size_bytes = Number(table, "TableSizeBytes");
  element part;
  if (table["ProvisionedThroughput"].get(part) == simdjson::SUCCESS) {
    result.read_units = Number(part, "ReadCapacityUnits");
  }
  if (table["BillingModeSummary"].get(part) == simdjson::SUCCESS) {
    result.on_demand = Text(part, "BillingMode") == "PAY_PER_REQUEST";
  }
  return result;
}

std::string ToJson(const TableDescription& description) {
  nlohmann::json json = {
      {"TableName", description.name},
      {"KeySchema", KeyJson(description.key)},
      {"ItemCount", description.item_count},
      {"TableSizeBytes", description.size_bytes},
      {"ProvisionedThroughput", {{"ReadCapacityUnits", description.read_units}}}};
  for (const auto& [name, type] : description.key_types) {
    json["AttributeDefinitions"].push_back(
        {{"AttributeName", name}, {"AttributeType", std::string(1, type)}});
  }
  for (const IndexDescription& index : description.indexes) {
    nlohmann::json entry = {{"IndexName", index.name},
                            {"KeySchema", KeyJson(index.key)},
                            {"Projection",
                             {{"ProjectionType", index.is_complete ? "ALL" : "INCLUDE"},
                              {"NonKeyAttributes", index.included}}}};
    if (index.global) {
      entry["IndexStatus"] = index.active ? "ACTIVE" : "CREATING";
    }
    json[index.global ? "GlobalSecondaryIndexes" : "LocalSecondaryIndexes"].push_back(
        std::move(entry));
  }
  if (description.on_demand) {
    json["BillingModeSummary"]["BillingMode"] = "PAY_PER_REQUEST";
  }
  return json.dump();
}

}  // namespace pallas::dynamodb
