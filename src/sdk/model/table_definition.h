#ifndef PALLAS_SDK_MODEL_TABLE_DEFINITION_H_
#define PALLAS_SDK_MODEL_TABLE_DEFINITION_H_

#include <map>
#include <string>
#include <vector>

namespace pallas::sdk {

// A database as the Glue Data Catalog describes it.
struct DatabaseDefinition {
  std::string name;
  std::string description;
  std::string location;  // LocationUri
  std::map<std::string, std::string> parameters;

  bool operator==(const DatabaseDefinition&) const = default;
};

// A table as the Glue Data Catalog describes it (decision D2). Types are Hive's spelling.
struct ColumnDefinition {
  std::string name;
  std::string type;
  std::string comment;

  bool operator==(const ColumnDefinition&) const = default;
};

struct SerDeInfo {
  std::string library;  // SerializationLibrary
  std::map<std::string, std::string> parameters;

  bool operator==(const SerDeInfo&) const = default;
};

struct StorageDescriptor {
  std::vector<ColumnDefinition> columns;
  std::string location;
  std::string input_format;
  std::string output_format;
  SerDeInfo serde;
  bool compressed = false;
  int num_buckets = -1;
  std::vector<std::string> bucket_columns;
  std::map<std::string, std::string> parameters;

  bool operator==(const StorageDescriptor&) const = default;
};

struct TableDefinition {
  std::string database;
  std::string name;
  std::string comment;
  std::string owner;
  std::string table_type;  // "EXTERNAL_TABLE", "VIRTUAL_VIEW"
  StorageDescriptor storage;
  std::vector<ColumnDefinition> partition_keys;
  std::map<std::string, std::string> parameters;
  // Views: Presto form in `view_original_text`, as Glue keeps it.
  std::string view_original_text;
  std::string view_expanded_text;

  bool operator==(const TableDefinition&) const = default;
};

struct PartitionDefinition {
  std::vector<std::string> values;  // one per partition key, as text
  std::string location;
  std::map<std::string, std::string> parameters;

  bool operator==(const PartitionDefinition&) const = default;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_MODEL_TABLE_DEFINITION_H_
