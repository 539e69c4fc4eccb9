#ifndef PALLAS_CATALOG_INFORMATION_SCHEMA_H_
#define PALLAS_CATALOG_INFORMATION_SCHEMA_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/table_resolver.h"
#include "sdk/connector.h"
#include "sdk/request_context.h"

// The database `information_schema` that every catalog has, as in Trino: schemata, tables, columns
// and views. It is a connector over what the catalog tells about itself, so that engines scan it
// like any other source. A database of that name that a source has of its own is hidden by it.

namespace pallas::catalog {

inline constexpr char kInformationSchema[] = "information_schema";

bool IsInformationSchema(std::string_view database);

struct TableSummary {
  std::string name;
  std::string comment;
  bool view = false;
  std::string view_sql;
};

// What one catalog tells about itself; names as stored. Thread-safe; calls may wait on the source.
// What does not exist is NOT_FOUND.
class CatalogContents {
 public:
  virtual ~CatalogContents() = default;

  virtual absl::StatusOr<std::vector<std::string>> Databases(
      const sdk::RequestContext& context) = 0;
  virtual absl::StatusOr<std::vector<TableSummary>> Tables(const sdk::RequestContext& context,
                                                           const std::string& database) = 0;
  virtual absl::StatusOr<std::vector<ResolvedColumn>> Columns(const sdk::RequestContext& context,
                                                              const std::string& database,
                                                              const std::string& table) = 0;
};

// Filters on any column are applied, exactly. Values of table_schema and table_name that a filter
// or a join lists are asked for by name; the catalog's other tables are not.
std::unique_ptr<sdk::Connector> MakeInformationSchema(std::string catalog,
                                                      std::unique_ptr<CatalogContents> contents);

// Columns that SELECT * leaves out.
bool IsHiddenInformation(std::string_view column);

// The names of its tables.
std::vector<std::string> InformationSchemaTables();

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_INFORMATION_SCHEMA_H_
