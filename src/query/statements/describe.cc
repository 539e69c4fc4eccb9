#include "query/statements/describe.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "catalog/presto_view.h"
#include "types/type.h"

namespace pallas::query {
namespace {

using Rows = std::vector<TextRow>;
using Properties = std::map<std::string, std::string>;

constexpr size_t kFieldWidth = 20;
constexpr char kChangedAt[] = "transient_lastDdlTime";  // seconds since 1970, as Hive keeps it
constexpr char kUnknown[] = "UNKNOWN";

TextRow Blank() { return {"", " ", " "}; }

TextRow Heading(std::string text) { return {std::move(text), " ", " "}; }

TextRow Fact(std::string name, std::string value) {
  return {HivePadded(std::move(name)), HivePadded(std::move(value)), " "};
}

TextRow ColumnRow(const sdk::ColumnDefinition& column) {
  return {HivePadded(column.name), HivePadded(column.type), HivePadded(column.comment)};
}

void AddColumnHeading(Rows& rows) {
  rows.push_back({HivePadded("# col_name"), HivePadded("data_type"), HivePadded("comment")});
  rows.push_back(Blank());
}

void AddPartitionKeys(const sdk::TableDefinition& table, Rows& rows) {
  if (table.partition_keys.empty()) {
    return;
  }
  rows.push_back(Blank());
  rows.push_back(Heading("# Partition Information"));
  AddColumnHeading(rows);
  for (const sdk::ColumnDefinition& key : table.partition_keys) {
    rows.push_back(ColumnRow(key));
  }
}

void AddProperties(const std::string& heading, const Properties& properties, Rows& rows) {
  if (properties.empty()) {
    return;
  }
  rows.push_back(Heading(heading));
  for (const auto& [key, value] : properties) {
    rows.push_back({"", HivePadded(key), HivePadded(value)});
  }
}

int64_t ChangedAt(const Properties& properties) {
  const auto found = properties.find(kChangedAt);
  int64_t seconds = 0;
  return found != properties.end() && absl::SimpleAtoi(found->second, &seconds) ? seconds : 0;
}

std::string ChangedAtText(const Properties& properties) {
  const int64_t seconds = ChangedAt(properties);
  return seconds == 0 ? kUnknown
                      : absl::FormatTime("%a %b %d %H:%M:%S UTC %Y", absl::FromUnixSeconds(seconds),
                                         absl::UTCTimeZone());
}

std::string Bracketed(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

void AddTableFacts(const sdk::TableDefinition& table, Rows& rows) {
  rows.push_back(Heading("# Detailed Table Information"));
  rows.push_back(Fact("Database:", table.database));
  rows.push_back(Fact("Owner:", table.owner));
  rows.push_back(Fact("CreateTime:", ChangedAtText(table.parameters)));
  rows.push_back(Fact("LastAccessTime:", kUnknown));
  rows.push_back(Fact("Protect Mode:", "None"));
  rows.push_back(Fact("Retention:", "0"));
  rows.push_back(Fact("Location:", table.storage.location));
  rows.push_back(Fact("Table Type:", table.table_type));
  AddProperties("Table Parameters:", table.parameters, rows);
}

void AddPartitionFacts(const sdk::TableDefinition& table, const sdk::PartitionDefinition& partition,
                       Rows& rows) {
  rows.push_back(Heading("# Detailed Partition Information"));
  rows.push_back(Fact("Partition Value:", Bracketed(partition.values)));
  rows.push_back(Fact("Database:", table.database));
  rows.push_back(Fact("Table:", table.name));
  rows.push_back(Fact("CreateTime:", ChangedAtText(partition.parameters)));
  rows.push_back(Fact("LastAccessTime:", kUnknown));
  rows.push_back(Fact("Protect Mode:", "None"));
  rows.push_back(Fact("Location:", partition.location));
  AddProperties("Partition Parameters:", partition.parameters, rows);
}

void AddStorage(const sdk::StorageDescriptor& storage, Rows& rows) {
  rows.push_back(Blank());
  rows.push_back(Heading("# Storage Information"));
  rows.push_back(Fact("SerDe Library:", storage.serde.library));
  rows.push_back(Fact("InputFormat:", storage.input_format));
  rows.push_back(Fact("OutputFormat:", storage.output_format));
  rows.push_back(Fact("Compressed:", storage.compressed ? "Yes" : "No"));
  rows.push_back(Fact("Num Buckets:", absl::StrCat(storage.num_buckets)));
  rows.push_back(Fact("Bucket Columns:", Bracketed(storage.bucket_columns)));
  rows.push_back(Fact("Sort Columns:", "[]"));
  AddProperties("Storage Desc Params:", storage.serde.parameters, rows);
}

void AddView(const sdk::TableDefinition& table, Rows& rows) {
  rows.push_back(Blank());
  rows.push_back(Heading("# View Information"));
  rows.push_back(Fact("View Original Text:", table.view_original_text));
  rows.push_back(Fact("View Expanded Text:", table.view_expanded_text));
}

// The spelling in which Hive prints its objects in one line: name(field:value, ...).
std::string MapText(const Properties& properties) {
  return absl::StrCat("{", absl::StrJoin(properties, ", ", absl::PairFormatter("=")), "}");
}

std::string OrNull(const std::string& text) { return text.empty() ? "null" : text; }

std::string FieldsText(const std::vector<sdk::ColumnDefinition>& columns) {
  std::vector<std::string> fields;
  fields.reserve(columns.size());
  for (const sdk::ColumnDefinition& column : columns) {
    fields.push_back(absl::StrCat("FieldSchema(name:", column.name, ", type:", column.type,
                                  ", comment:", OrNull(column.comment), ")"));
  }
  return Bracketed(fields);
}

std::string StorageText(const sdk::TableDefinition& table, const std::string& location) {
  const sdk::StorageDescriptor& storage = table.storage;
  std::vector<sdk::ColumnDefinition> columns = storage.columns;
  columns.insert(columns.end(), table.partition_keys.begin(), table.partition_keys.end());
  return absl::StrCat(
      "StorageDescriptor(cols:", FieldsText(columns), ", location:", OrNull(location),
      ", inputFormat:", OrNull(storage.input_format),
      ", outputFormat:", OrNull(storage.output_format),
      ", compressed:", storage.compressed ? "true" : "false", ", numBuckets:", storage.num_buckets,
      ", serdeInfo:SerDeInfo(name:null, serializationLib:", OrNull(storage.serde.library),
      ", parameters:", MapText(storage.serde.parameters),
      "), bucketCols:", Bracketed(storage.bucket_columns),
      ", sortCols:[], parameters:", MapText(storage.parameters), ")");
}

std::string TableText(const sdk::TableDefinition& table) {
  return absl::StrCat(
      "Table(tableName:", table.name, ", dbName:", table.database, ", owner:", OrNull(table.owner),
      ", createTime:", ChangedAt(table.parameters),
      ", lastAccessTime:0, retention:0, sd:", StorageText(table, table.storage.location),
      ", partitionKeys:", FieldsText(table.partition_keys),
      ", parameters:", MapText(table.parameters),
      ", viewOriginalText:", OrNull(table.view_original_text),
      ", viewExpandedText:", OrNull(table.view_expanded_text), ", tableType:", table.table_type,
      ")");
}

std::string PartitionText(const sdk::TableDefinition& table,
                          const sdk::PartitionDefinition& partition) {
  return absl::StrCat("Partition(values:", Bracketed(partition.values), ", dbName:", table.database,
                      ", tableName:", table.name, ", createTime:", ChangedAt(partition.parameters),
                      ", lastAccessTime:0, sd:", StorageText(table, partition.location),
                      ", parameters:", MapText(partition.parameters), ")");
}

absl::StatusOr<Type> Inside(const Type& type, const std::string& step) {
  if (type.kind() == TypeKind::kArray && step == "$elem$") {
    return type.element();
  }
  if (type.kind() == TypeKind::kMap && step == "$key$") {
    return type.key();
  }
  if (type.kind() == TypeKind::kMap && step == "$value$") {
    return type.value();
  }
  if (type.kind() == TypeKind::kRow) {
    for (size_t i = 0; i < type.children().size(); ++i) {
      if (absl::AsciiStrToLower(type.field_names()[i].value_or("")) == step) {
        return type.children()[i];
      }
    }
  }
  return NamedError("COLUMN_NOT_FOUND",
                    absl::StrCat("There is no '", step, "' in a ",
                                 ToHiveTypeName(type).value_or(type.ToString())));
}

}  // namespace

std::string HivePadded(std::string text) {
  text.resize(std::max(text.size(), kFieldWidth), ' ');
  return text;
}

std::vector<TextRow> DescribeColumns(const sdk::TableDefinition& table) {
  Rows rows;
  for (const auto* columns : {&table.storage.columns, &table.partition_keys}) {
    for (const sdk::ColumnDefinition& column : *columns) {
      rows.push_back(ColumnRow(column));
    }
  }
  AddPartitionKeys(table, rows);
  return rows;
}

std::vector<TextRow> DescribeFormatted(const sdk::TableDefinition& table,
                                       const sdk::PartitionDefinition* partition) {
  Rows rows;
  AddColumnHeading(rows);
  for (const sdk::ColumnDefinition& column : table.storage.columns) {
    rows.push_back(ColumnRow(column));
  }
  AddPartitionKeys(table, rows);
  rows.push_back(Blank());
  if (partition == nullptr) {
    AddTableFacts(table, rows);
  } else {
    AddPartitionFacts(table, *partition, rows);
  }
  AddStorage(table.storage, rows);
  if (catalog::IsView(table)) {
    AddView(table, rows);
  }
  return rows;
}

std::vector<TextRow> DescribeExtended(const sdk::TableDefinition& table,
                                      const sdk::PartitionDefinition* partition) {
  Rows rows = DescribeColumns(table);
  rows.push_back(Blank());
  if (partition == nullptr) {
    rows.push_back({"Detailed Table Information", TableText(table), ""});
  } else {
    rows.push_back({"Detailed Partition Information", PartitionText(table, *partition), ""});
  }
  return rows;
}

absl::StatusOr<std::vector<TextRow>> DescribeColumn(const sdk::TableDefinition& table,
                                                    const std::vector<std::string>& path) {
  for (const auto* columns : {&table.storage.columns, &table.partition_keys}) {
    for (const sdk::ColumnDefinition& column : *columns) {
      if (absl::AsciiStrToLower(column.name) != path.front()) {
        continue;
      }
      if (path.size() == 1) {
        return Rows{ColumnRow(column)};
      }
      ASSIGN_OR_RETURN(Type type, ParseHiveType(column.type));
      for (size_t i = 1; i < path.size(); ++i) {
        ASSIGN_OR_RETURN(type, Inside(type, path[i]));
      }
      ASSIGN_OR_RETURN(std::string name, ToHiveTypeName(type));
      return Rows{ColumnRow({path.back(), std::move(name), "from deserializer"})};
    }
  }
  return NamedError("COLUMN_NOT_FOUND", absl::StrCat("Column '", path.front(), "' does not exist"));
}

}  // namespace pallas::query
