#include "query/statements/table_definition.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/file_format.h"
#include "lake/partition_value.h"
#include "types/type.h"

namespace pallas::query {
namespace {

constexpr char kLazySimpleSerDe[] = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";

// What `\t`, `\001` and their like in a delimiter mean; the parser leaves them as they are.
std::string UnescapeDelimiter(std::string_view text) {
  static constexpr std::pair<char, char> kEscapes[] = {{'t', '\t'}, {'n', '\n'},  {'r', '\r'},
                                                       {'b', '\b'}, {'\\', '\\'}, {'0', '\0'}};
  constexpr size_t kOctalDigits = 3;
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, kOctalDigits);
    if (digits.size() == kOctalDigits &&
        digits.find_first_not_of("01234567") == std::string_view::npos && digits[0] < '2') {
      out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += kOctalDigits;
      continue;
    }
    ++i;
    const auto* escape = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                      [&](const auto& known) { return known.first == text[i]; });
    out += escape == std::end(kEscapes) ? absl::StrCat("\\", text.substr(i, 1))
                                        : std::string(1, escape->second);
  }
  return out;
}

// The format whose SerDe it is, for a statement that names no other classes.
std::string FormatOfSerDe(const std::string& serde) {
  for (const char* format : {"PARQUET", "ORC", "AVRO"}) {
    const std::optional<lake::FormatClasses> classes = lake::ClassesOfFormat(format);
    if (classes && classes->serde == serde) {
      return format;
    }
  }
  return "TEXTFILE";
}

// SerDe properties whose values are bytes, so that `'\t'` is a tab in them.
bool IsDelimiter(std::string_view key) {
  return key.ends_with(".delim") || key.ends_with("Char") || key == "serialization.format" ||
         key == "serialization.null.format";
}

void SetSerDeParameters(const sql::ast::CreateTable& statement, sdk::SerDeInfo& serde) {
  for (const auto& [key, value] : statement.delimited) {
    serde.parameters[key] = UnescapeDelimiter(value);
  }
  for (const auto& [key, value] : statement.serde_properties) {
    serde.parameters[key] = IsDelimiter(key) ? UnescapeDelimiter(value) : value;
  }
  const auto delimiter = serde.parameters.find("field.delim");
  serde.parameters.emplace("serialization.format",
                           delimiter == serde.parameters.end() ? "1" : delimiter->second);
}

// A text in quotes as the parser of DDL reads it back.
std::string Quoted(std::string_view text) {
  return absl::StrCat(
      "'",
      absl::StrReplaceAll(
          text, {{"\\", "\\\\"}, {"'", "\\'"}, {"\n", "\\n"}, {"\t", "\\t"}, {"\r", "\\r"}}),
      "'");
}

std::string BackQuoted(std::string_view name) {
  return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`");
}

// `items`, each on a line of its own after `opening`; the last one closes the parenthesis.
void AppendList(const std::string& opening, const std::vector<std::string>& items,
                std::string_view last_end, std::vector<std::string>& lines) {
  lines.push_back(opening);
  for (size_t i = 0; i < items.size(); ++i) {
    lines.push_back(absl::StrCat("  ", items[i], i + 1 == items.size() ? last_end : ", "));
  }
}

std::vector<std::string> ColumnTexts(const std::vector<sdk::ColumnDefinition>& columns) {
  std::vector<std::string> texts;
  texts.reserve(columns.size());
  for (const sdk::ColumnDefinition& column : columns) {
    texts.push_back(absl::StrCat(
        BackQuoted(column.name), " ", column.type,
        column.comment.empty() ? "" : absl::StrCat(" COMMENT ", Quoted(column.comment))));
  }
  return texts;
}

std::vector<std::string> PropertyTexts(const std::map<std::string, std::string>& properties) {
  std::vector<std::string> texts;
  texts.reserve(properties.size());
  for (const auto& [key, value] : properties) {
    texts.push_back(absl::StrCat(Quoted(key), "=", Quoted(value)));
  }
  return texts;
}

void AppendStorage(const sdk::StorageDescriptor& storage, std::vector<std::string>& lines) {
  if (!storage.bucket_columns.empty()) {
    AppendList("CLUSTERED BY ( ", storage.bucket_columns, ") ", lines);
    lines.push_back(absl::StrCat("INTO ", storage.num_buckets, " BUCKETS"));
  }
  if (!storage.serde.library.empty()) {
    AppendList("ROW FORMAT SERDE ", {Quoted(storage.serde.library)}, " ", lines);
  }
  if (!storage.serde.parameters.empty()) {
    AppendList("WITH SERDEPROPERTIES ( ", PropertyTexts(storage.serde.parameters), ") ", lines);
  }
  if (!storage.input_format.empty()) {
    AppendList("STORED AS INPUTFORMAT ", {Quoted(storage.input_format)}, " ", lines);
    AppendList("OUTPUTFORMAT ", {Quoted(storage.output_format)}, "", lines);
  }
  if (!storage.location.empty()) {
    AppendList("LOCATION", {Quoted(storage.location)}, "", lines);
  }
}

}  // namespace

absl::StatusOr<std::vector<sdk::ColumnDefinition>> ColumnDefinitions(
    const std::vector<sql::ast::HiveColumn>& columns) {
  std::vector<sdk::ColumnDefinition> definitions;
  definitions.reserve(columns.size());
  for (const sql::ast::HiveColumn& column : columns) {
    if (const auto type = ParseHiveType(column.type); !type.ok()) {
      return Annotate(type.status(), absl::StrCat("Column '", column.name, "': "));
    }
    definitions.push_back({absl::AsciiStrToLower(column.name), column.type, column.comment});
  }
  return definitions;
}

absl::Status CheckColumns(const sdk::TableDefinition& table) {
  std::set<std::string> names;
  for (const auto* columns : {&table.storage.columns, &table.partition_keys}) {
    for (const sdk::ColumnDefinition& column : *columns) {
      if (!names.insert(column.name).second) {
        return NamedError("DUPLICATE_COLUMN_NAME",
                          absl::StrCat("Column name '", column.name, "' specified more than once"));
      }
    }
  }
  for (const sdk::ColumnDefinition& key : table.partition_keys) {
    ASSIGN_OR_RETURN(const Type type, ParseHiveType(key.type));
    RETURN_IF_ERROR(lake::CheckPartitionKeyType(key.name, type));
  }
  for (const std::string& column : table.storage.bucket_columns) {
    if (!names.contains(column)) {
      return NamedError("COLUMN_NOT_FOUND",
                        absl::StrCat("Bucketing column '", column, "' does not exist"));
    }
  }
  return absl::OkStatus();
}

absl::Status SetFormat(const sql::ast::CreateTable& statement, sdk::StorageDescriptor& storage) {
  storage.input_format = statement.input_format;
  storage.output_format = statement.output_format;
  storage.serde.library = statement.serde;
  const std::string stored_as =
      statement.stored_as.empty() ? FormatOfSerDe(statement.serde) : statement.stored_as;
  const std::optional<lake::FormatClasses> classes = lake::ClassesOfFormat(stored_as);
  if (!classes) {
    return NamedError("NOT_SUPPORTED", absl::StrCat("Format '", stored_as, "' is not supported"),
                      absl::StatusCode::kUnimplemented);
  }
  if (storage.input_format.empty()) {
    storage.input_format = classes->input_format;
    storage.output_format = classes->output_format;
  }
  if (storage.serde.library.empty()) {
    // INPUTFORMAT without a SerDe: Hive's default, unless it is Parquet's.
    const std::optional<lake::FormatClasses> parquet = lake::ClassesOfFormat("PARQUET");
    storage.serde.library = classes->serde;
    if (statement.row_format_delimited) {
      storage.serde.library = kLazySimpleSerDe;
    } else if (parquet && storage.input_format == parquet->input_format) {
      storage.serde.library = parquet->serde;
    }
  }
  SetSerDeParameters(statement, storage.serde);
  return absl::OkStatus();
}

std::vector<std::string> CreateTableText(const sdk::TableDefinition& table) {
  std::vector<std::string> lines;
  AppendList(absl::StrCat("CREATE EXTERNAL TABLE ",
                          BackQuoted(absl::StrCat(table.database, ".", table.name)), "("),
             ColumnTexts(table.storage.columns), ")", lines);
  const auto comment = table.parameters.find("comment");
  if (comment != table.parameters.end()) {
    lines.push_back(absl::StrCat("COMMENT ", Quoted(comment->second)));
  }
  if (!table.partition_keys.empty()) {
    AppendList("PARTITIONED BY ( ", ColumnTexts(table.partition_keys), ")", lines);
  }
  AppendStorage(table.storage, lines);
  // What the statement says elsewhere is no property in it.
  std::map<std::string, std::string> properties = table.parameters;
  properties.erase("EXTERNAL");
  properties.erase("comment");
  if (!properties.empty()) {
    AppendList("TBLPROPERTIES (", PropertyTexts(properties), ")", lines);
  }
  return lines;
}

}  // namespace pallas::query
