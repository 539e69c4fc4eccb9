#ifndef PALLAS_CATALOG_TABLE_RESOLVER_H_
#define PALLAS_CATALOG_TABLE_RESOLVER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table.h"
#include "sdk/model/table_definition.h"
#include "sdk/passthrough.h"
#include "sdk/request_context.h"
#include "types/type.h"

namespace pallas::federation {
class Source;
class SourceRegistry;
}  // namespace pallas::federation

namespace pallas::lake {
class LakeTable;
struct TextOptions;
}  // namespace pallas::lake

namespace pallas::storage {
class Locations;  // which object store serves which URI
}  // namespace pallas::storage

namespace pallas::catalog {

class Metastore;

// catalog.database.table; each part as the user wrote it or as stored.
struct QualifiedName {
  std::string catalog;
  std::string database;
  std::string table;

  auto operator<=>(const QualifiedName&) const = default;

  std::string ToString() const { return catalog + "." + database + "." + table; }
};

struct ResolvedColumn {
  std::string name;  // as stored; compared without case in SQL
  Type type;
  std::string comment;
  bool hidden = false;  // left out of SELECT *
  bool partition_key = false;
};

enum class TableKind { kFederated, kLake, kView };

// A table as SQL sees it. Immutable; shared by the plan of a query.
struct ResolvedTable {
  QualifiedName name;  // as stored
  TableKind kind = TableKind::kFederated;
  std::vector<ResolvedColumn> columns;
  std::optional<double> row_count;  // an estimate, if the source has one

  // kFederated, and lake tables of text files, which are read as a source is
  // (lake/text_connector.h)
  std::shared_ptr<const federation::Source> source;
  std::shared_ptr<const sdk::Table> table;

  // kLake
  std::shared_ptr<const lake::LakeTable> lake_table;

  // kView: its Trino text and the names that unqualified tables in it resolve against.
  // `columns` are the types stored when it was made.
  std::string view_sql;
  std::string view_catalog;
  std::string view_database;
};

// What the analyzer asks for tables. Thread-safe; calls may wait on sources, within `context`.
class TableResolver {
 public:
  virtual ~TableResolver() = default;

  // Exact case first, then a unique match without case. Errors name what was not found and the
  // nearest names: CATALOG_NOT_FOUND, SCHEMA_NOT_FOUND, TABLE_NOT_FOUND; an ambiguous name
  // (AMBIGUOUS_NAME) lists its candidates. Messages are Trino's, e.g.
  // "Table 'mysql.sales.ordrs' does not exist. Did you mean 'orders'?", without line:column, which
  // the analyzer adds.
  virtual absl::StatusOr<std::shared_ptr<const ResolvedTable>> ResolveTable(
      const sdk::RequestContext& context, const QualifiedName& name) = 0;

  // The table function `name` of a catalog, such as mysql.system.query. FUNCTION_NOT_FOUND: there
  // is none of that name.
  virtual absl::StatusOr<sdk::PassthroughFunction> FindTableFunction(
      const sdk::RequestContext& context, const QualifiedName& name);

  // What a call of it gives. `arguments` by their names in the function; the required ones are
  // there.
  virtual absl::StatusOr<std::shared_ptr<const ResolvedTable>> CallTableFunction(
      const sdk::RequestContext& context, const QualifiedName& name,
      const sdk::PassthroughArguments& arguments);

  virtual absl::StatusOr<std::vector<std::string>> ListCatalogs(
      const sdk::RequestContext& context) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                                 const std::string& catalog) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListTables(const sdk::RequestContext& context,
                                                              const std::string& catalog,
                                                              const std::string& database) = 0;
};

// Resolves over the metastore (catalog "awsdatacatalog": lake tables and views), whose table
// locations `storage` serves, and the federated sources. Borrows all three, which outlive it.
std::unique_ptr<TableResolver> MakeTableResolver(Metastore& metastore,
                                                 const federation::SourceRegistry& sources,
                                                 storage::Locations& storage);

// The same with other than the default ways to read text files.
std::unique_ptr<TableResolver> MakeTableResolver(Metastore& metastore,
                                                 const federation::SourceRegistry& sources,
                                                 storage::Locations& storage,
                                                 const lake::TextOptions& text);

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_TABLE_RESOLVER_H_
