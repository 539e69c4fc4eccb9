#include "query/statements/show.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "base/status_macros.h"
#include "catalog/information_schema.h"
#include "catalog/metastore.h"
#include "catalog/presto_view.h"
#include "catalog/table_resolver.h"
#include "lake/lake_table.h"
#include "query/results/text_rows.h"
#include "query/statements/describe.h"
#include "query/statements/describe_prepared.h"
#include "query/statements/name_pattern.h"
#include "query/statements/partition_spec.h"
#include "query/statements/show_functions.h"
#include "query/statements/stored_name.h"
#include "query/statements/table_definition.h"
#include "sql/formatter/formatter.h"
#include "sql/parser/lexer.h"
#include "sql/parser/parser.h"

namespace pallas::query {
namespace {

using What = sql::ast::Show::What;
using Rows = std::vector<TextRow>;

absl::StatusOr<StatementResult> Answer(std::vector<std::string> columns, const Rows& rows) {
  StatementResult result;
  result.type = StatementType::kUtility;
  ASSIGN_OR_RETURN(result.rows, MakeTextRows(std::move(columns), rows));
  return result;
}

Rows OneColumn(std::vector<std::string> values) {
  Rows rows;
  rows.reserve(values.size());
  for (std::string& value : values) {
    rows.push_back({std::move(value)});
  }
  return rows;
}

// As queries write a name.
std::string NameText(const std::string& name) {
  return sql::IsPlainIdentifier(name) ? name : sql::QuoteIdentifier(name);
}

class ShowStatement {
 public:
  ShowStatement(const sql::ast::Show& show, Location location, const Services& services,
                const sql::Session& session, const sdk::RequestContext& context)
      : show_(show),
        location_(show.name.empty() ? location : show.name.front().location),
        services_(services),
        session_(session),
        context_(context) {}

  absl::StatusOr<StatementResult> Run() {
    switch (show_.what) {
      case What::kCatalogs:
        return Catalogs();
      case What::kDatabases:
        return Databases();
      case What::kTables:
        return Tables();
      case What::kViews:
        return Views();
      case What::kColumns:
        return Columns();
      case What::kDescribe:
        return Describe();
      case What::kPartitions:
        return Partitions();
      case What::kTableProperties:
        return TableProperties();
      case What::kCreateTable:
        return CreateTable();
      case What::kCreateView:
        return CreateView();
      case What::kFunctions:
        return RunShowFunctions(show_);
      case What::kDescribeInput:
      case What::kDescribeOutput:
        return DescribePrepared(show_, services_, session_, context_);
    }
    return absl::InternalError("a SHOW of no kind");
  }

 private:
  absl::Status NotSupported(std::string_view what) const {
    return ErrorAt(location_, "NOT_SUPPORTED", absl::StrCat(what, " is not supported"),
                   absl::StatusCode::kUnimplemented);
  }

  // An error of the resolver at the name that the statement gives.
  absl::Status At(const absl::Status& status) const {
    const std::optional<ErrorDetail> detail = GetDetail(status);
    return status.ok() || !detail || detail->location
               ? status
               : ErrorAt(location_, detail->name, status.message(), status.code());
  }

  absl::StatusOr<Rows> Filtered(std::vector<std::string> names) const {
    const auto pattern = NamePattern::Make(show_.pattern, show_.escape);
    RETURN_IF_ERROR(pattern.status());
    std::erase_if(names, [&](const std::string& name) { return !pattern->Matches(name); });
    return OneColumn(std::move(names));
  }

  absl::StatusOr<StatementResult> Catalogs() const {
    ASSIGN_OR_RETURN(auto names, services_.resolver.ListCatalogs(context_));
    ASSIGN_OR_RETURN(Rows rows, Filtered(std::move(names)));
    return Answer({"Catalog"}, std::move(rows));
  }

  absl::StatusOr<StatementResult> Databases() const {
    if (show_.name.size() > 1) {
      return ErrorAt(location_, "SYNTAX_ERROR", "Too many dots in a name");
    }
    auto names = services_.resolver.ListDatabases(
        context_, show_.name.empty() ? session_.catalog : show_.name.front().text);
    RETURN_IF_ERROR(At(names.status()));
    ASSIGN_OR_RETURN(Rows rows, Filtered(*std::move(names)));
    return Answer({"database_name"}, std::move(rows));
  }

  // IN [catalog.]database, or the session's.
  absl::StatusOr<std::pair<std::string, std::string>> Place() const {
    constexpr size_t kMaxParts = 2;
    if (show_.name.size() > kMaxParts) {
      return ErrorAt(location_, "SYNTAX_ERROR", "Too many dots in a name");
    }
    return std::pair(show_.name.size() == kMaxParts ? show_.name.front().text : session_.catalog,
                     show_.name.empty() ? session_.database : show_.name.back().text);
  }

  absl::StatusOr<StatementResult> Tables() const {
    ASSIGN_OR_RETURN(const auto place, Place());
    auto names = services_.resolver.ListTables(context_, place.first, place.second);
    RETURN_IF_ERROR(At(names.status()));
    ASSIGN_OR_RETURN(Rows rows, Filtered(*std::move(names)));
    return Answer({"tab_name"}, std::move(rows));
  }

  absl::StatusOr<StatementResult> Views() const {
    ASSIGN_OR_RETURN(const auto place, Place());
    if (absl::AsciiStrToLower(place.first) != catalog::kAwsDataCatalog) {
      // Views of a source are tables here, as in its information_schema.
      RETURN_IF_ERROR(
          At(services_.resolver.ListTables(context_, place.first, place.second).status()));
      return Answer({"views"}, {});
    }
    const StoredName database{absl::AsciiStrToLower(place.second), "", location_};
    const auto tables = services_.metastore.ListTables(database.database);
    RETURN_IF_ERROR(AsStatementError(tables.status(), database));
    std::vector<std::string> names;
    for (const sdk::TableDefinition& table : *tables) {
      if (catalog::IsView(table)) {
        names.push_back(table.name);
      }
    }
    ASSIGN_OR_RETURN(Rows rows, Filtered(std::move(names)));
    return Answer({"views"}, std::move(rows));
  }

  // Whether the table that the statement names is one that the metastore keeps.
  bool IsStored() const {
    constexpr size_t kFullSize = 3;
    if (catalog::IsInformationSchema(show_.name.size() > 1 ? show_.name[show_.name.size() - 2].text
                                                           : session_.database)) {
      return false;
    }
    return absl::AsciiStrToLower(show_.name.size() >= kFullSize
                                     ? show_.name.front().text
                                     : session_.catalog) == catalog::kAwsDataCatalog;
  }

  absl::StatusOr<sdk::TableDefinition> Definition() const {
    ASSIGN_OR_RETURN(const StoredName name, StoredTable(show_.name, session_));
    auto table = services_.metastore.GetTable(name.database, name.table);
    RETURN_IF_ERROR(AsStatementError(table.status(), name));
    return table;
  }

  // The definition of what must be a table.
  absl::StatusOr<sdk::TableDefinition> TableOnly() const {
    ASSIGN_OR_RETURN(sdk::TableDefinition table, Definition());
    if (catalog::IsView(table)) {
      return ErrorAt(location_, "NOT_SUPPORTED",
                     absl::StrCat("'", table.database, ".", table.name, "' is a view, not a table"),
                     absl::StatusCode::kUnimplemented);
    }
    return table;
  }

  // Names and Trino types of a view or of a source's table.
  absl::StatusOr<StatementResult> ResolvedColumns() const {
    catalog::QualifiedName name{session_.catalog, session_.database, show_.name.back().text};
    if (show_.name.size() > 1) {
      name.database = show_.name[show_.name.size() - 2].text;
    }
    if (show_.name.size() > 2) {
      name.catalog = show_.name.front().text;
    }
    const auto table = services_.resolver.ResolveTable(context_, name);
    RETURN_IF_ERROR(At(table.status()));
    Rows rows;
    for (const catalog::ResolvedColumn& column : (*table)->columns) {
      if (!column.hidden &&
          (show_.column.empty() || absl::AsciiStrToLower(column.name) == show_.column.front())) {
        rows.push_back({column.name, column.type.ToString()});
      }
    }
    if (rows.empty() && !show_.column.empty()) {
      return ErrorAt(location_, "COLUMN_NOT_FOUND",
                     absl::StrCat("Column '", show_.column.front(), "' does not exist"));
    }
    return Answer({"column", "type"}, std::move(rows));
  }

  absl::StatusOr<StatementResult> Columns() const {
    if (!IsStored()) {
      return ResolvedColumns();
    }
    ASSIGN_OR_RETURN(const sdk::TableDefinition table, Definition());
    if (catalog::IsView(table)) {
      return ResolvedColumns();
    }
    Rows rows;
    for (const auto* columns : {&table.storage.columns, &table.partition_keys}) {
      for (const sdk::ColumnDefinition& column : *columns) {
        rows.push_back({HivePadded(column.name)});
      }
    }
    return Answer({"field"}, std::move(rows));
  }

  absl::StatusOr<StatementResult> Describe() const {
    const bool wants_storage = show_.extended || show_.formatted;
    const bool wants_more = wants_storage || !show_.partition.values.empty();
    if (!IsStored()) {
      if (wants_more || show_.column.size() > 1) {
        return NotSupported("DESCRIBE of more than the columns of a table of an external catalog");
      }
      return ResolvedColumns();
    }
    ASSIGN_OR_RETURN(const sdk::TableDefinition table, Definition());
    const bool is_view = catalog::IsView(table);
    if (is_view && show_.column.size() <= 1 && !wants_more) {
      return ResolvedColumns();
    }
    if (is_view && !(wants_storage && show_.column.empty() && show_.partition.values.empty())) {
      return NotSupported("DESCRIBE of a partition or of the inside of a column of a view");
    }
    std::optional<sdk::PartitionDefinition> partition;
    if (!show_.partition.values.empty()) {
      ASSIGN_OR_RETURN(partition, Partition(table));
    }
    Rows rows;
    if (!show_.column.empty()) {
      auto found = DescribeColumn(table, show_.column);
      RETURN_IF_ERROR(At(found.status()));
      rows = *std::move(found);
    } else if (show_.formatted) {
      rows = DescribeFormatted(table, partition ? &*partition : nullptr);
    } else if (show_.extended) {
      rows = DescribeExtended(table, partition ? &*partition : nullptr);
    } else {
      rows = DescribeColumns(table);
    }
    return Answer({"col_name", "data_type", "comment"}, std::move(rows));
  }

  // The partition that the statement names.
  absl::StatusOr<sdk::PartitionDefinition> Partition(const sdk::TableDefinition& table) const {
    const auto wanted = PartitionValues(show_.partition, table, /*partial=*/false);
    RETURN_IF_ERROR(At(wanted.status()));
    ASSIGN_OR_RETURN(const auto partitions,
                     services_.metastore.ListPartitions(table.database, table.name));
    for (const sdk::PartitionDefinition& partition : partitions) {
      if (std::equal(wanted->begin(), wanted->end(), partition.values.begin(),
                     partition.values.end())) {
        return partition;
      }
    }
    return ErrorAt(
        location_, "NOT_FOUND",
        absl::StrCat("Table '", table.database, ".", table.name, "' has no such partition"),
        absl::StatusCode::kNotFound);
  }

  absl::StatusOr<StatementResult> Partitions() const {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table, TableOnly());
    if (table.partition_keys.empty()) {
      return ErrorAt(
          location_, "GENERIC_USER_ERROR",
          absl::StrCat("Table '", table.database, ".", table.name, "' is not a partitioned table"));
    }
    ASSIGN_OR_RETURN(const auto partitions,
                     services_.metastore.ListPartitions(table.database, table.name));
    std::vector<std::string> names;
    names.reserve(partitions.size());
    for (const sdk::PartitionDefinition& partition : partitions) {
      names.push_back(PartitionName(table, partition.values));
    }
    if (partitions.empty()) {
      // Then the folders below the location are the partitions.
      ASSIGN_OR_RETURN(const auto lake, lake::LakeTable::Make(table, {}, services_.locations));
      ASSIGN_OR_RETURN(const auto found, lake->FindPartitions(context_));
      for (const lake::LakePartition& partition : found) {
        names.push_back(PartitionName(table, partition.values));
      }
    }
    std::sort(names.begin(), names.end());
    return Answer({"partition"}, OneColumn(std::move(names)));
  }

  absl::StatusOr<StatementResult> TableProperties() const {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table, Definition());
    Rows rows;
    for (const auto& [key, value] : table.parameters) {
      if (show_.property.empty() || key == show_.property) {
        rows.push_back({key, value});
      }
    }
    if (rows.empty() && !show_.property.empty()) {
      rows.push_back({absl::StrCat("Table ", table.database, ".", table.name,
                                   " does not have property: ", show_.property),
                      std::nullopt});
    }
    return Answer({"prpt_name", "prpt_value"}, std::move(rows));
  }

  absl::StatusOr<StatementResult> CreateTable() const {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table, TableOnly());
    return Answer({"createtab_stmt"}, OneColumn(CreateTableText(table)));
  }

  absl::StatusOr<StatementResult> CreateView() const {
    ASSIGN_OR_RETURN(const sdk::TableDefinition definition, Definition());
    if (!catalog::IsView(definition)) {
      return ErrorAt(
          location_, "NOT_SUPPORTED",
          absl::StrCat("'", definition.database, ".", definition.name, "' is a table, not a view"),
          absl::StatusCode::kUnimplemented);
    }
    ASSIGN_OR_RETURN(const catalog::PrestoView view, catalog::DecodePrestoView(definition));
    // Printed anew, as Athena does; as it stands if another engine's SQL is in it.
    const absl::StatusOr<sql::ast::QueryPtr> query = sql::ParseQuery(view.sql);
    const std::string text =
        query.ok() ? sql::FormatQuery(**query, {.lines = true}) : std::string(view.sql);
    std::vector<std::string> lines = {absl::StrCat("CREATE VIEW ", NameText(definition.database),
                                                   ".", NameText(definition.name), " AS")};
    for (const std::string_view line : absl::StrSplit(text, '\n')) {
      lines.emplace_back(line);
    }
    return Answer({"create view"}, OneColumn(std::move(lines)));
  }

  const sql::ast::Show& show_;
  const Location location_;
  const Services& services_;
  const sql::Session& session_;
  const sdk::RequestContext& context_;
};

}  // namespace

absl::StatusOr<StatementResult> RunShow(const sql::ast::Show& statement, Location location,
                                        const Services& services, const sql::Session& session,
                                        const sdk::RequestContext& context) {
  return ShowStatement(statement, location, services, session, context).Run();
}

}  // namespace pallas::query
