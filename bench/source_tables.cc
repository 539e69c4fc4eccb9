#include "bench/source_tables.h"

#include <utility>

#include "arrow/type.h"

#include "base/status_macros.h"
#include "types/arrow_mapping.h"

namespace pallas::bench {
namespace {

constexpr char kCatalog[] = "awsdatacatalog";
constexpr char kDatabase[] = "default";
constexpr const char* kTpch[] = {"customer", "lineitem", "nation", "orders",
                                 "part",     "partsupp", "region", "supplier"};

}  // namespace

absl::Status SourceTables::MakeReadable(const std::string& name) {
  ASSIGN_OR_RETURN(const auto named, names_.ResolveTable({}, {kCatalog, kDatabase, name}));
  auto table = std::make_shared<catalog::ResolvedTable>(*named);
  arrow::FieldVector fields;
  for (const catalog::ResolvedColumn& column : table->columns) {
    ASSIGN_OR_RETURN(auto type, ToScanArrowType(column.type));
    fields.push_back(arrow::field(column.name, std::move(type)));
  }
  table->table = std::make_shared<sdk::Table>(
      sdk::Table{{kDatabase, name}, arrow::schema(std::move(fields)), {}, ""});
  tables_[name] = std::move(table);
  return absl::OkStatus();
}

absl::Status SourceTables::Add(const std::string& name, std::string_view columns) {
  names_.Add({kCatalog, kDatabase, name}, columns);
  return MakeReadable(name);
}

absl::Status SourceTables::AddTpch() {
  names_.AddTpch();
  for (const char* const name : kTpch) {
    RETURN_IF_ERROR(MakeReadable(name));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> SourceTables::ResolveTable(
    const sdk::RequestContext& context, const catalog::QualifiedName& name) {
  const auto found = tables_.find(name.table);
  return found == tables_.end() ? names_.ResolveTable(context, name) : found->second;
}

absl::StatusOr<std::vector<std::string>> SourceTables::ListCatalogs(
    const sdk::RequestContext& context) {
  return names_.ListCatalogs(context);
}

absl::StatusOr<std::vector<std::string>> SourceTables::ListDatabases(
    const sdk::RequestContext& context, const std::string& catalog) {
  return names_.ListDatabases(context, catalog);
}

absl::StatusOr<std::vector<std::string>> SourceTables::ListTables(
    const sdk::RequestContext& context, const std::string& catalog, const std::string& database) {
  return names_.ListTables(context, catalog, database);
}

}  // namespace pallas::bench
