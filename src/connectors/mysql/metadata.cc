#include "connectors/mysql/metadata.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/source_table.h"
#include "simdjson.h"

namespace pallas::mysql {
namespace {

// Not listed unless asked for, but there for queries.
constexpr std::array<std::string_view, 4> kSystemDatabases = {"information_schema", "mysql",
                                                              "performance_schema", "sys"};

absl::Status NotFound(std::string_view what) {
  return WithDetail(absl::NotFoundError(what),
                    {.name = "", .location = std::nullopt, .source_code = "ENTITY_NOT_FOUND"});
}

// `TABLE_SCHEMA = '...' AND TABLE_NAME = '...'`. The server compares without case, but needs both
// as plain equalities to look at this one table only; rows of others are dropped by IsOf().
std::string NameCondition(const sdk::TableName& name) {
  return absl::StrCat("TABLE_SCHEMA = ", QuoteText(name.database),
                      " AND TABLE_NAME = ", QuoteText(name.table));
}

// Whether a row that starts with schema and table is of exactly this one.
bool IsOf(const sdk::TableName& name, const Row& row) {
  return row[0] == name.database && row[1] == name.table;
}

// Whether anything can have this name: the server's names have no characters beyond the basic
// plane, and it refuses to compare them with any.
bool IsPossible(std::string_view name) {
  constexpr unsigned char kBeyondBasicPlane = 0xF0;
  return simdjson::validate_utf8(name) && std::none_of(name.begin(), name.end(), [](char byte) {
           return static_cast<unsigned char>(byte) >= kBeyondBasicPlane;
         });
}

absl::Status TableNotFound(const sdk::TableName& name) {
  return NotFound(absl::StrCat("Table '", name.ToString(), "' does not exist"));
}

absl::Status DatabaseNotFound(const std::string& name) {
  return NotFound(absl::StrCat("Database '", name, "' does not exist"));
}

std::optional<double> ToDouble(const std::optional<std::string>& text) {
  double value = 0;
  return text && absl::SimpleAtod(*text, &value) ? std::optional(value) : std::nullopt;
}

// The items of a page out of all of them; the token is an offset.
template <typename T>
absl::StatusOr<sdk::Page<T>> Cut(std::vector<T> all, const sdk::PageRequest& page) {
  size_t offset = 0;
  if (!page.token.empty() && !absl::SimpleAtoi(page.token, &offset)) {
    return absl::InvalidArgumentError("The token of a page is not one of ours");
  }
  sdk::Page<T> result;
  if (offset >= all.size()) {
    return result;
  }
  const size_t left = all.size() - offset;
  const size_t count =
      page.page_size < 0 ? left : std::min(left, static_cast<size_t>(page.page_size));
  const auto first = all.begin() + static_cast<ptrdiff_t>(offset);
  result.items.assign(std::make_move_iterator(first),
                      std::make_move_iterator(first + static_cast<ptrdiff_t>(count)));
  if (count < left) {
    result.next_token = absl::StrCat(offset + count);
  }
  return result;
}

std::shared_ptr<arrow::Field> ToField(const Row& row, const TypeOptions& options) {
  const std::string& column_type = row[3].value_or("");
  const std::string& character_set = row[4].value_or("");
  const ColumnMapping mapping = MapColumn(column_type, character_set, options);
  std::string comment = row[5].value_or("");
  if (!mapping.remark.empty()) {
    absl::StrAppend(&comment, comment.empty() ? "" : " ", "(", mapping.remark, ")");
  }
  auto facts = arrow::key_value_metadata({{kColumnTypeKey, column_type}});
  if (!character_set.empty()) {
    facts->Append(kCharacterSetKey, character_set);
  }
  if (!comment.empty()) {
    facts->Append(sdk::kCommentKey, comment);
  }
  return arrow::field(row[2].value_or(""), mapping.type, std::move(facts));
}

}  // namespace

absl::StatusOr<sdk::Page<std::string>> Metadata::ListDatabases(const sdk::RequestContext& context,
                                                               const sdk::PageRequest& page) const {
  ASSIGN_OR_RETURN(const Rows rows,
                   pool_.Query(context, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"));
  std::vector<std::string> names;
  for (const Row& row : rows) {
    const std::string name = row[0].value_or("");
    const bool system = std::find(kSystemDatabases.begin(), kSystemDatabases.end(),
                                  absl::AsciiStrToLower(name)) != kSystemDatabases.end();
    if (options_.list_system_databases || !system) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return Cut(std::move(names), page);
}

absl::StatusOr<sdk::Page<sdk::TableName>> Metadata::ListTables(const sdk::RequestContext& context,
                                                               const std::string& database,
                                                               const sdk::PageRequest& page) const {
  if (!IsPossible(database)) {
    return DatabaseNotFound(database);
  }
  ASSIGN_OR_RETURN(
      const Rows rows,
      pool_.Query(context,
                  absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
                               "WHERE TABLE_SCHEMA = ",
                               QuoteText(database), " AND TABLE_TYPE <> 'SEQUENCE'")));
  std::vector<sdk::TableName> names;
  for (const Row& row : rows) {
    if (row[0] == database) {
      names.push_back({database, row[1].value_or("")});
    }
  }
  if (names.empty()) {
    ASSIGN_OR_RETURN(const Rows databases,
                     pool_.Query(context, absl::StrCat("SELECT SCHEMA_NAME FROM "
                                                       "information_schema.SCHEMATA WHERE "
                                                       "SCHEMA_NAME = ",
                                                       QuoteText(database))));
    const bool exists = std::any_of(databases.begin(), databases.end(),
                                    [&](const Row& row) { return row[0] == database; });
    if (!exists) {
      return DatabaseNotFound(database);
    }
  }
  // In the order of bytes, whatever the server's collation, so that pages fit together.
  std::sort(names.begin(), names.end());
  return Cut(std::move(names), page);
}

absl::StatusOr<sdk::Table> Metadata::GetTable(const sdk::RequestContext& context,
                                              const sdk::TableName& name) const {
  if (!IsPossible(name.database) || !IsPossible(name.table)) {
    return TableNotFound(name);
  }
  ASSIGN_OR_RETURN(
      const Rows tables,
      pool_.Query(context,
                  absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM "
                               "information_schema.TABLES WHERE ",
                               NameCondition(name))));
  const auto row =
      std::find_if(tables.begin(), tables.end(), [&](const Row& r) { return IsOf(name, r); });
  if (row == tables.end()) {
    // JDBC-2: an unknown table must not look like an empty one.
    return TableNotFound(name);
  }
  ASSIGN_OR_RETURN(
      const Rows columns,
      pool_.Query(context,
                  absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, "
                               "CHARACTER_SET_NAME, COLUMN_COMMENT FROM information_schema.COLUMNS "
                               "WHERE ",
                               NameCondition(name), " ORDER BY ORDINAL_POSITION")));
  arrow::FieldVector fields;
  bool has_partition_name = false;
  for (const Row& column : columns) {
    if (IsOf(name, column)) {
      fields.push_back(ToField(column, options_.types));
      has_partition_name = has_partition_name ||
                           absl::AsciiStrToLower(fields.back()->name()) == kPartitionNameColumn;
    }
  }
  const bool is_view = row->at(2) == "VIEW";
  const std::string comment = row->at(3).value_or("");
  if (fields.empty()) {
    // A view over a table that is gone says why in its comment; a table has always columns.
    return absl::FailedPreconditionError(absl::StrCat(
        "Table '", name.ToString(), "' has no columns that can be seen. ", is_view ? comment : ""));
  }
  sdk::Table table;
  table.name = name;
  if (!has_partition_name) {
    fields.push_back(arrow::field(kPartitionNameColumn, arrow::utf8()));
    table.partition_columns = {kPartitionNameColumn};
  }
  table.schema = arrow::schema(std::move(fields));
  table.comment = is_view && comment == "VIEW" ? "" : comment;
  return table;
}

absl::StatusOr<std::optional<double>> Metadata::EstimateRows(const sdk::RequestContext& context,
                                                             const sdk::TableName& name) const {
  ASSIGN_OR_RETURN(const Rows rows,
                   pool_.Query(context, absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS "
                                                     "FROM information_schema.TABLES WHERE ",
                                                     NameCondition(name))));
  for (const Row& row : rows) {
    if (IsOf(name, row)) {
      return ToDouble(row[2]);
    }
  }
  return TableNotFound(name);
}

absl::StatusOr<sdk::Statistics> Metadata::GetStatistics(const sdk::RequestContext& context,
                                                        const sdk::Table& table) const {
  sdk::Statistics statistics;
  ASSIGN_OR_RETURN(statistics.row_count, EstimateRows(context, table.name));
  ASSIGN_OR_RETURN(
      const Rows columns,
      pool_.Query(context, absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, "
                                        "IS_NULLABLE FROM information_schema.COLUMNS "
                                        "WHERE ",
                                        NameCondition(table.name))));
  // CARDINALITY counts the distinct values of the columns of an index up to this one.
  ASSIGN_OR_RETURN(
      const Rows indexes,
      pool_.Query(context, absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, "
                                        "CARDINALITY FROM information_schema.STATISTICS "
                                        "WHERE ",
                                        NameCondition(table.name), " AND SEQ_IN_INDEX = 1")));
  std::map<std::string, double> distinct;
  for (const Row& row : indexes) {
    if (const auto count = ToDouble(row[3]); count && IsOf(table.name, row)) {
      double& known = distinct[row[2].value_or("")];
      known = std::max(known, *count);
    }
  }
  for (const Row& row : columns) {
    sdk::ColumnStatistics column;
    column.column = row[2].value_or("");
    if (const auto count = distinct.find(column.column); count != distinct.end()) {
      column.distinct_values = count->second;
    }
    if (row[3] == "NO") {
      column.null_fraction = 0;
    }
    const bool known = column.distinct_values || column.null_fraction;
    if (IsOf(table.name, row) && known && table.schema->GetFieldByName(column.column) != nullptr) {
      statistics.columns.push_back(std::move(column));
    }
  }
  return statistics;
}

absl::StatusOr<std::vector<std::string>> Metadata::PartitionNames(
    const sdk::RequestContext& context, const sdk::TableName& name) const {
  ASSIGN_OR_RETURN(
      const Rows rows,
      pool_.Query(context, absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME, PARTITION_NAME FROM "
                                        "information_schema.PARTITIONS WHERE ",
                                        NameCondition(name),
                                        " ORDER BY PARTITION_ORDINAL_POSITION, "
                                        "SUBPARTITION_ORDINAL_POSITION")));
  std::vector<std::string> names;
  for (const Row& row : rows) {
    // A partition with parts of its own has a row for each.
    const std::string partition = row[2].value_or("");
    if (IsOf(name, row) && !partition.empty() && (names.empty() || names.back() != partition)) {
      names.push_back(partition);
    }
  }
  return names;
}

absl::StatusOr<std::optional<std::string>> Metadata::FirstKeyColumn(
    const sdk::RequestContext& context, const sdk::TableName& name) const {
  ASSIGN_OR_RETURN(
      const Rows rows,
      pool_.Query(context, absl::StrCat("SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM "
                                        "information_schema.STATISTICS WHERE ",
                                        NameCondition(name),
                                        " AND INDEX_NAME = 'PRIMARY' AND SEQ_IN_INDEX = 1")));
  for (const Row& row : rows) {
    if (IsOf(name, row)) {
      return row[2];
    }
  }
  return std::nullopt;
}

}  // namespace pallas::mysql
