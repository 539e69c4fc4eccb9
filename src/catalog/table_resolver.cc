#include "catalog/table_resolver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "base/suggestion.h"
#include "catalog/information_schema.h"
#include "catalog/metastore.h"
#include "catalog/name_matching.h"
#include "catalog/presto_view.h"
#include "federation/source.h"
#include "lake/lake_table.h"
#include "lake/text_connector.h"
#include "sdk/connector.h"
#include "storage/locations.h"

namespace pallas::catalog {
namespace {

using Table = std::shared_ptr<const ResolvedTable>;
using SourcePtr = std::shared_ptr<const federation::Source>;
using Names = std::vector<std::string>;

absl::Status NotFound(std::string_view error, std::string_view message) {
  return NamedError(error, message, absl::StatusCode::kNotFound);
}

absl::Status SchemaNotFound(std::string_view database, const Names& databases) {
  return NotFound("SCHEMA_NOT_FOUND", absl::StrCat("Schema '", database, "' does not exist",
                                                   Suggestion(database, databases)));
}

absl::Status TableNotFound(const QualifiedName& name, const Names& tables) {
  return NotFound("TABLE_NOT_FOUND", absl::StrCat("Table '", name.ToString(), "' does not exist",
                                                  Suggestion(name.table, tables)));
}

absl::Status Ambiguous(std::string_view kind, std::string_view name, const Names& candidates) {
  return NamedError("AMBIGUOUS_NAME", absl::StrCat(kind, " '", name, "' is ambiguous: there are '",
                                                   absl::StrJoin(candidates, "', '"), "'"));
}

// All pages of a listing.
template <typename T, typename Fetch>
absl::StatusOr<std::vector<T>> AllPages(const sdk::RequestContext& context, Fetch fetch) {
  std::vector<T> items;
  sdk::PageRequest request;
  do {
    RETURN_IF_ERROR(context.Check());
    ASSIGN_OR_RETURN(sdk::Page<T> page, fetch(request));
    std::move(page.items.begin(), page.items.end(), std::back_inserter(items));
    request.token = std::move(page.next_token);
  } while (!request.token.empty());
  return items;
}

std::string FieldComment(const arrow::Field& field) {
  if (field.metadata() == nullptr) {
    return "";
  }
  return field.metadata()->Get(sdk::kCommentKey).ValueOr("");
}

absl::StatusOr<std::vector<ResolvedColumn>> ColumnsOf(const sdk::Table& table) {
  std::vector<ResolvedColumn> columns;
  columns.reserve(static_cast<size_t>(table.schema->num_fields()));
  for (const auto& field : table.schema->fields()) {
    auto type = sdk::ColumnType(*field);
    if (!type.ok()) {
      return Annotate(type.status(), absl::StrCat("column '", field->name(), "': "));
    }
    ResolvedColumn& column = columns.emplace_back();
    column.name = field->name();
    column.type = *std::move(type);
    column.comment = FieldComment(*field);
    column.partition_key = std::find(table.partition_columns.begin(), table.partition_columns.end(),
                                     field->name()) != table.partition_columns.end();
  }
  return columns;
}

// The tables of one federated catalog.
class FederatedNames {
 public:
  FederatedNames(const SourcePtr& source, const sdk::RequestContext& context)
      : source_(source), context_(source->Bind(context)) {}

  absl::StatusOr<Names> Databases() const {
    return Named(AllPages<std::string>(context_, [&](const sdk::PageRequest& page) {
      return source_->connector().ListDatabases(context_, page);
    }));
  }

  // REQUIRES: `database` as stored.
  absl::StatusOr<Names> Tables(const std::string& database) const {
    ASSIGN_OR_RETURN(const std::vector<sdk::TableName> tables,
                     Named(AllPages<sdk::TableName>(context_, [&](const sdk::PageRequest& page) {
                       return source_->connector().ListTables(context_, database, page);
                     })));
    Names names;
    names.reserve(tables.size());
    for (const sdk::TableName& table : tables) {
      names.push_back(table.table);
    }
    return names;
  }

  // The stored name that `database` means.
  absl::StatusOr<std::string> FindDatabase(const std::string& database) const {
    ASSIGN_OR_RETURN(const Names databases, Databases());
    Names matches = MatchName(database, databases);
    if (matches.empty()) {
      return SchemaNotFound(database, databases);
    }
    if (matches.size() > 1) {
      return Ambiguous("Schema", database, matches);
    }
    return std::move(matches.front());
  }

  // A table by its stored name.
  absl::StatusOr<sdk::Table> ExactTable(const sdk::TableName& name) const {
    return Named(source_->connector().GetTable(context_, name));
  }

  absl::StatusOr<sdk::Table> FindTable(const QualifiedName& name) const {
    auto exact = source_->connector().GetTable(context_, {name.database, name.table});
    if (exact.ok() || exact.status().code() != absl::StatusCode::kNotFound) {
      return Named(std::move(exact));
    }
    ASSIGN_OR_RETURN(const std::string database, FindDatabase(name.database));
    ASSIGN_OR_RETURN(const Names tables, Tables(database));
    const Names matches = MatchName(name.table, tables);
    if (matches.empty()) {
      return TableNotFound(name, tables);
    }
    if (matches.size() > 1) {
      return Ambiguous("Table", name.ToString(), matches);
    }
    auto table = source_->connector().GetTable(context_, {database, matches.front()});
    if (!table.ok() && table.status().code() == absl::StatusCode::kNotFound) {
      return TableNotFound(name, {});  // dropped since it was listed
    }
    return Named(std::move(table));
  }

  // What the source estimates; a source that cannot tell is no reason to fail.
  std::optional<double> RowCount(const sdk::Table& table) const {
    auto* statistics = dynamic_cast<sdk::TableStatistics*>(&source_->connector());
    if (statistics == nullptr) {
      return std::nullopt;
    }
    const auto got = statistics->GetStatistics(context_, table);
    return got.ok() ? got->row_count : std::nullopt;
  }

  const sdk::RequestContext& context() const { return context_; }

 private:
  // `result`, its error with the catalog's name before it.
  template <typename T>
  absl::StatusOr<T> Named(absl::StatusOr<T> result) const {
    if (!result.ok()) {
      return Annotate(result.status(), absl::StrCat("Catalog '", source_->catalog(), "': "));
    }
    return result;
  }

  const SourcePtr& source_;
  const sdk::RequestContext context_;
};

// What a source tells about itself, for its information_schema.
class FederatedContents final : public CatalogContents {
 public:
  explicit FederatedContents(SourcePtr source) : source_(std::move(source)) {}

  absl::StatusOr<Names> Databases(const sdk::RequestContext& context) override {
    return FederatedNames(source_, context).Databases();
  }

  absl::StatusOr<std::vector<TableSummary>> Tables(const sdk::RequestContext& context,
                                                   const std::string& database) override {
    ASSIGN_OR_RETURN(Names names, FederatedNames(source_, context).Tables(database));
    std::vector<TableSummary> tables;
    tables.reserve(names.size());
    for (std::string& name : names) {
      tables.push_back({std::move(name), "", false, ""});
    }
    return tables;
  }

  absl::StatusOr<std::vector<ResolvedColumn>> Columns(const sdk::RequestContext& context,
                                                      const std::string& database,
                                                      const std::string& table) override {
    ASSIGN_OR_RETURN(const sdk::Table found,
                     FederatedNames(source_, context).ExactTable({database, table}));
    auto columns = ColumnsOf(found);
    return columns.ok()
               ? std::move(columns)
               : Annotate(columns.status(), absl::StrCat("Table '", found.name.ToString(), "': "));
  }

 private:
  const SourcePtr source_;
};

// What the metastore tells about itself. Tables are not opened: their definitions say enough.
class StoredContents final : public CatalogContents {
 public:
  explicit StoredContents(Metastore& metastore) : metastore_(metastore) {}

  absl::StatusOr<Names> Databases(const sdk::RequestContext& /*context*/) override {
    ASSIGN_OR_RETURN(const std::vector<Database> databases, metastore_.ListDatabases());
    Names names;
    names.reserve(databases.size());
    for (const Database& database : databases) {
      names.push_back(database.name);
    }
    return names;
  }

  absl::StatusOr<std::vector<TableSummary>> Tables(const sdk::RequestContext& /*context*/,
                                                   const std::string& database) override {
    ASSIGN_OR_RETURN(const auto definitions, metastore_.ListTables(database));
    std::vector<TableSummary> tables;
    tables.reserve(definitions.size());
    for (const sdk::TableDefinition& definition : definitions) {
      TableSummary& table = tables.emplace_back();
      table.name = definition.name;
      table.comment = definition.comment;
      table.view = IsView(definition);
      if (table.view) {
        const auto view = DecodePrestoView(definition);
        table.view_sql = view.ok() ? view->sql : definition.view_original_text;
      }
    }
    return tables;
  }

  absl::StatusOr<std::vector<ResolvedColumn>> Columns(const sdk::RequestContext& /*context*/,
                                                      const std::string& database,
                                                      const std::string& table) override {
    ASSIGN_OR_RETURN(const sdk::TableDefinition definition, metastore_.GetTable(database, table));
    std::vector<ResolvedColumn> columns;
    if (IsView(definition)) {
      ASSIGN_OR_RETURN(PrestoView view, DecodePrestoView(definition));
      for (ViewColumn& column : view.columns) {
        columns.push_back(
            {std::move(column.name), std::move(column.type), std::move(column.comment)});
      }
      return columns;
    }
    for (const auto* defined : {&definition.storage.columns, &definition.partition_keys}) {
      for (const sdk::ColumnDefinition& column : *defined) {
        auto type = ParseHiveType(column.type);
        if (!type.ok()) {
          return Annotate(type.status(), absl::StrCat("Table '", database, ".", table,
                                                      "': column '", column.name, "': "));
        }
        columns.push_back({column.name, *std::move(type), column.comment, false,
                           defined == &definition.partition_keys});
      }
    }
    return columns;
  }

 private:
  Metastore& metastore_;
};

class Resolver final : public TableResolver {
 public:
  Resolver(Metastore& metastore, const federation::SourceRegistry& sources,
           storage::Locations& locations, const lake::TextOptions& text)
      : metastore_(metastore), sources_(sources), locations_(locations), text_(text) {}

  absl::StatusOr<Table> ResolveTable(const sdk::RequestContext& context,
                                     const QualifiedName& name) override {
    RETURN_IF_ERROR(context.Check());
    if (IsInformationSchema(name.database)) {
      return ResolveInformation(context, name);
    }
    if (IsMetastore(name.catalog)) {
      return ResolveStored(name);
    }
    ASSIGN_OR_RETURN(const SourcePtr source, FindSource(name.catalog));
    return ResolveFederated(context, source, name);
  }

  absl::StatusOr<sdk::PassthroughFunction> FindTableFunction(const sdk::RequestContext& /*context*/,
                                                             const QualifiedName& name) override {
    ASSIGN_OR_RETURN(TableFunction function, FindFunction(name));
    return std::move(function.signature);
  }

  absl::StatusOr<Table> CallTableFunction(const sdk::RequestContext& context,
                                          const QualifiedName& name,
                                          const sdk::PassthroughArguments& arguments) override {
    RETURN_IF_ERROR(context.Check());
    ASSIGN_OR_RETURN(const TableFunction function, FindFunction(name));
    absl::StatusOr<sdk::Table> table = function.connector->DescribeQuery(
        function.source->Bind(context), function.signature, arguments);
    if (!table.ok()) {
      return Annotate(table.status(), absl::StrCat("Catalog '", function.source->catalog(), "': "));
    }
    sdk::PassthroughArguments passthrough = arguments;
    passthrough[sdk::kPassthroughFunctionKey] = function.signature.Signature();
    sdk::SetPassthrough(passthrough, &*table);
    return Federated(function.source, *std::move(table));
  }

  absl::StatusOr<Names> ListCatalogs(const sdk::RequestContext& /*context*/) override {
    return Catalogs();
  }

  absl::StatusOr<Names> ListDatabases(const sdk::RequestContext& context,
                                      const std::string& catalog) override {
    if (IsMetastore(catalog)) {
      return StoredDatabases();
    }
    ASSIGN_OR_RETURN(const SourcePtr source, FindSource(catalog));
    return FederatedNames(source, context).Databases();
  }

  absl::StatusOr<Names> ListTables(const sdk::RequestContext& context, const std::string& catalog,
                                   const std::string& database) override {
    if (IsMetastore(catalog)) {
      return IsInformationSchema(database) ? InformationSchemaTables() : StoredTables(database);
    }
    ASSIGN_OR_RETURN(const SourcePtr source, FindSource(catalog));
    if (IsInformationSchema(database)) {
      return InformationSchemaTables();
    }
    const FederatedNames names(source, context);
    ASSIGN_OR_RETURN(const std::string stored, names.FindDatabase(database));
    return names.Tables(stored);
  }

 private:
  static bool IsMetastore(std::string_view catalog) {
    return absl::AsciiStrToLower(catalog) == kAwsDataCatalog;
  }

  Names Catalogs() const {
    Names names = sources_.catalogs();
    names.emplace_back(kAwsDataCatalog);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::StatusOr<SourcePtr> FindSource(const std::string& catalog) const {
    ASSIGN_OR_RETURN(SourcePtr source, sources_.Open(catalog));
    if (source == nullptr) {
      return NotFound("CATALOG_NOT_FOUND", absl::StrCat("Catalog '", catalog, "' not found",
                                                        Suggestion(catalog, Catalogs())));
    }
    return source;
  }

  static absl::StatusOr<std::shared_ptr<ResolvedTable>> ResolveFederated(
      const sdk::RequestContext& context, const SourcePtr& source, const QualifiedName& name) {
    const FederatedNames names(source, context);
    ASSIGN_OR_RETURN(sdk::Table found, names.FindTable(name));
    const std::optional<double> row_count = names.RowCount(found);
    RETURN_IF_ERROR(context.Check());
    ASSIGN_OR_RETURN(std::shared_ptr<ResolvedTable> table, Federated(source, std::move(found)));
    table->row_count = row_count;
    return table;
  }

  static absl::StatusOr<std::shared_ptr<ResolvedTable>> Federated(const SourcePtr& source,
                                                                  sdk::Table found) {
    auto table = std::make_shared<ResolvedTable>();
    table->name = {source->catalog(), found.name.database, found.name.table};
    table->kind = TableKind::kFederated;
    auto columns = ColumnsOf(found);
    if (!columns.ok()) {
      return Annotate(columns.status(), absl::StrCat("Table '", table->name.ToString(), "': "));
    }
    table->columns = *std::move(columns);
    table->source = source;
    table->table = std::make_shared<const sdk::Table>(std::move(found));
    return table;
  }

  // The function's signature, and the power of the connector that has it.
  struct TableFunction {
    SourcePtr source;
    sdk::QueryPassthrough* connector = nullptr;
    sdk::PassthroughFunction signature;
  };

  absl::StatusOr<TableFunction> FindFunction(const QualifiedName& name) const {
    TableFunction found;
    if (!IsMetastore(name.catalog)) {
      ASSIGN_OR_RETURN(found.source, FindSource(name.catalog));
      found.connector = dynamic_cast<sdk::QueryPassthrough*>(&found.source->connector());
    }
    if (found.connector != nullptr) {
      for (sdk::PassthroughFunction& function : found.connector->PassthroughFunctions()) {
        if (absl::EqualsIgnoreCase(function.schema, name.database) &&
            absl::EqualsIgnoreCase(function.name, name.table)) {
          found.signature = std::move(function);
          return found;
        }
      }
    }
    return NotFound("FUNCTION_NOT_FOUND",
                    absl::StrCat("Table function '", name.ToString(), "' not registered"));
  }

  // A source of its own, so that scans of it wait for none of the catalog's.
  absl::StatusOr<Table> ResolveInformation(const sdk::RequestContext& context,
                                           const QualifiedName& as_given) const {
    const QualifiedName name{absl::AsciiStrToLower(as_given.catalog), kInformationSchema,
                             absl::AsciiStrToLower(as_given.table)};
    std::unique_ptr<CatalogContents> contents;
    if (IsMetastore(name.catalog)) {
      contents = std::make_unique<StoredContents>(metastore_);
    } else {
      ASSIGN_OR_RETURN(SourcePtr source, FindSource(as_given.catalog));
      contents = std::make_unique<FederatedContents>(std::move(source));
    }
    const Names tables = InformationSchemaTables();
    if (std::find(tables.begin(), tables.end(), name.table) == tables.end()) {
      return TableNotFound(name, tables);
    }
    const auto information = std::make_shared<const federation::Source>(
        name.catalog, MakeInformationSchema(name.catalog, std::move(contents)),
        federation::SourceOptions{}, Clock::System());
    ASSIGN_OR_RETURN(std::shared_ptr<ResolvedTable> table,
                     ResolveFederated(context, information, name));
    for (ResolvedColumn& column : table->columns) {
      column.hidden = IsHiddenInformation(column.name);
    }
    return table;
  }

  absl::StatusOr<Names> StoredDatabases() const { return StoredContents(metastore_).Databases({}); }

  absl::StatusOr<Names> StoredTables(const std::string& database) const {
    const auto tables = metastore_.ListTables(database);
    if (!tables.ok() && tables.status().code() == absl::StatusCode::kNotFound) {
      ASSIGN_OR_RETURN(const Names databases, StoredDatabases());
      return SchemaNotFound(absl::AsciiStrToLower(database), databases);
    }
    RETURN_IF_ERROR(tables.status());
    Names names;
    names.reserve(tables->size());
    for (const sdk::TableDefinition& table : *tables) {
      names.push_back(table.name);
    }
    return names;
  }

  absl::StatusOr<Table> ResolveStored(const QualifiedName& as_given) const {
    const QualifiedName name{kAwsDataCatalog, absl::AsciiStrToLower(as_given.database),
                             absl::AsciiStrToLower(as_given.table)};
    const auto definition = metastore_.GetTable(name.database, name.table);
    if (!definition.ok() && definition.status().code() == absl::StatusCode::kNotFound) {
      ASSIGN_OR_RETURN(const Names tables, StoredTables(name.database));
      return TableNotFound(name, tables);
    }
    RETURN_IF_ERROR(definition.status());
    return IsView(*definition) ? ResolveView(name, *definition) : ResolveLake(name, *definition);
  }

  static absl::StatusOr<Table> ResolveView(const QualifiedName& name,
                                           const sdk::TableDefinition& definition) {
    ASSIGN_OR_RETURN(PrestoView view, DecodePrestoView(definition));
    auto table = std::make_shared<ResolvedTable>();
    table->name = name;
    table->kind = TableKind::kView;
    for (ViewColumn& column : view.columns) {
      table->columns.push_back(
          {std::move(column.name), std::move(column.type), std::move(column.comment)});
    }
    table->view_sql = std::move(view.sql);
    table->view_catalog = view.catalog.empty() ? name.catalog : std::move(view.catalog);
    table->view_database = view.database.empty() ? name.database : std::move(view.database);
    return table;
  }

  absl::StatusOr<Table> ResolveLake(const QualifiedName& name,
                                    const sdk::TableDefinition& definition) const {
    std::vector<lake::LakePartition> partitions;
    if (!definition.partition_keys.empty()) {
      ASSIGN_OR_RETURN(std::vector<sdk::PartitionDefinition> registered,
                       metastore_.ListPartitions(name.database, name.table));
      partitions.reserve(registered.size());
      for (sdk::PartitionDefinition& partition : registered) {
        partitions.push_back({std::move(partition.values), std::move(partition.location)});
      }
    }
    auto table = std::make_shared<ResolvedTable>();
    table->name = name;
    table->kind = TableKind::kLake;
    ASSIGN_OR_RETURN(table->lake_table,
                     lake::LakeTable::Make(definition, std::move(partitions), locations_));
    for (const lake::LakeColumn& column : table->lake_table->columns()) {
      table->columns.push_back({column.name, column.type, column.comment});
    }
    for (const lake::LakeColumn& key : table->lake_table->partition_keys()) {
      table->columns.push_back({key.name, key.type, key.comment, false, true});
    }
    for (lake::LakeColumn& hidden : lake::HiddenColumns()) {
      table->columns.push_back({std::move(hidden.name), std::move(hidden.type), "", true});
    }
    if (table->lake_table->format() == lake::FileFormat::kText) {
      table->source = lake::MakeTextSource(name.catalog, table->lake_table, text_);
      table->table = lake::DescribeTextTable(*table->lake_table);
    }
    const auto num_rows = definition.parameters.find("numRows");
    if (double rows = 0; num_rows != definition.parameters.end() &&
                         absl::SimpleAtod(num_rows->second, &rows) && rows >= 0) {
      table->row_count = rows;
    }
    return table;
  }

  Metastore& metastore_;
  const federation::SourceRegistry& sources_;
  storage::Locations& locations_;
  const lake::TextOptions text_;
};

}  // namespace

absl::StatusOr<sdk::PassthroughFunction> TableResolver::FindTableFunction(
    const sdk::RequestContext& /*context*/, const QualifiedName& name) {
  return NotFound("FUNCTION_NOT_FOUND",
                  absl::StrCat("Table function '", name.ToString(), "' not registered"));
}

absl::StatusOr<std::shared_ptr<const ResolvedTable>> TableResolver::CallTableFunction(
    const sdk::RequestContext& context, const QualifiedName& name,
    const sdk::PassthroughArguments& /*arguments*/) {
  return FindTableFunction(context, name).status();
}

std::unique_ptr<TableResolver> MakeTableResolver(Metastore& metastore,
                                                 const federation::SourceRegistry& sources,
                                                 storage::Locations& storage) {
  return MakeTableResolver(metastore, sources, storage, lake::TextOptions());
}

std::unique_ptr<TableResolver> MakeTableResolver(Metastore& metastore,
                                                 const federation::SourceRegistry& sources,
                                                 storage::Locations& storage,
                                                 const lake::TextOptions& text) {
  return std::make_unique<Resolver>(metastore, sources, storage, text);
}

}  // namespace pallas::catalog
