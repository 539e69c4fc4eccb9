#include "query/statements/create_view.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "catalog/presto_view.h"
#include "catalog/table_resolver.h"
#include "query/statements/stored_name.h"
#include "sql/analyzer/analyzer.h"

namespace pallas::query {
namespace {

// Resolves as `below` does, but for the view that is being made: to read it in its own query, also
// through other views, would never end once it is there.
class WithoutItself final : public catalog::TableResolver {
 public:
  WithoutItself(catalog::TableResolver& below, const StoredName& view)
      : below_(below), view_(view) {}

  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> ResolveTable(
      const sdk::RequestContext& context, const catalog::QualifiedName& name) override {
    if (absl::AsciiStrToLower(name.catalog) == catalog::kAwsDataCatalog &&
        absl::AsciiStrToLower(name.database) == view_.database &&
        absl::AsciiStrToLower(name.table) == view_.table && exists_) {
      return NamedError("VIEW_IS_RECURSIVE", "Statement would create a recursive view");
    }
    return below_.ResolveTable(context, name);
  }

  absl::StatusOr<sdk::PassthroughFunction> FindTableFunction(
      const sdk::RequestContext& context, const catalog::QualifiedName& name) override {
    return below_.FindTableFunction(context, name);
  }

  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> CallTableFunction(
      const sdk::RequestContext& context, const catalog::QualifiedName& name,
      const sdk::PassthroughArguments& arguments) override {
    return below_.CallTableFunction(context, name, arguments);
  }

  absl::StatusOr<std::vector<std::string>> ListCatalogs(
      const sdk::RequestContext& context) override {
    return below_.ListCatalogs(context);
  }

  absl::StatusOr<std::vector<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                         const std::string& catalog) override {
    return below_.ListDatabases(context, catalog);
  }

  absl::StatusOr<std::vector<std::string>> ListTables(const sdk::RequestContext& context,
                                                      const std::string& catalog,
                                                      const std::string& database) override {
    return below_.ListTables(context, catalog, database);
  }

  // Where there is nothing of that name yet, the query fails for want of it.
  void set_exists(bool exists) { exists_ = exists; }

 private:
  catalog::TableResolver& below_;
  const StoredName& view_;
  bool exists_ = false;
};

// Whether something of the view's name is there; an error if it may not be replaced.
absl::StatusOr<bool> CheckReplaced(const sql::ast::CreateView& statement, const StoredName& name,
                                   const Services& services) {
  const auto old = services.metastore.GetTable(name.database, name.table);
  if (!old.ok()) {
    const bool no_table = old.status().code() == absl::StatusCode::kNotFound &&
                          services.metastore.GetDatabase(name.database).ok();
    return no_table ? absl::StatusOr<bool>(false) : AsStatementError(old.status(), name);
  }
  if (!catalog::IsView(*old)) {
    return ErrorAt(name.location, "TABLE_ALREADY_EXISTS",
                   absl::StrCat("Table already exists: '", name.ToString(), "'"),
                   absl::StatusCode::kAlreadyExists);
  }
  if (!statement.or_replace) {
    return ErrorAt(name.location, "TABLE_ALREADY_EXISTS",
                   absl::StrCat("View already exists: '", name.ToString(), "'"),
                   absl::StatusCode::kAlreadyExists);
  }
  return true;
}

absl::Status Keep(const sdk::TableDefinition& definition, bool exists, const StoredName& name,
                  const Services& services) {
  if (!exists) {
    return services.metastore.CreateTable(definition);
  }
  return services.metastore.ModifyTable(
      name.database, name.table, [&](sdk::TableDefinition& old) -> absl::Status {
        // It may have become a table since it was looked at.
        if (!catalog::IsView(old)) {
          return ErrorAt(name.location, "TABLE_ALREADY_EXISTS",
                         absl::StrCat("Table already exists: '", name.ToString(), "'"),
                         absl::StatusCode::kAlreadyExists);
        }
        old = definition;
        return absl::OkStatus();
      });
}

absl::StatusOr<std::vector<catalog::ViewColumn>> ColumnsOf(const sql::AnalyzedQuery& query,
                                                           const StoredName& name) {
  std::vector<catalog::ViewColumn> columns;
  columns.reserve(query.outputs.size());
  std::set<std::string> names;
  for (size_t i = 0; i < query.outputs.size(); ++i) {
    const sql::PlanColumn& output = query.outputs[i];
    // The analyzer's name for a column that has none.
    if (output.name.empty() || output.name == absl::StrCat("_col", i)) {
      return ErrorAt(name.location, "MISSING_COLUMN_NAME",
                     absl::StrCat("Column name not specified at position ", i + 1));
    }
    if (!names.insert(absl::AsciiStrToLower(output.name)).second) {
      return ErrorAt(name.location, "DUPLICATE_COLUMN_NAME",
                     absl::StrCat("Column name '", output.name, "' specified more than once"));
    }
    if (output.type.kind() == TypeKind::kUnknown) {
      return ErrorAt(name.location, "COLUMN_TYPE_UNKNOWN",
                     absl::StrCat("Column type is unknown at position ", i + 1));
    }
    columns.push_back({output.name, output.type, ""});
  }
  return columns;
}

}  // namespace

absl::StatusOr<StatementResult> RunCreateView(const sql::ast::CreateView& statement,
                                              const Services& services, const sql::Session& session,
                                              const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.name, session));
  WithoutItself resolver(services.resolver, name);
  ASSIGN_OR_RETURN(const bool exists, CheckReplaced(statement, name, services));
  resolver.set_exists(exists);
  ASSIGN_OR_RETURN(
      const sql::AnalyzedQuery query,
      sql::AnalyzeQuery(*statement.query, statement.query_text, session, context, resolver));
  catalog::PrestoView view;
  view.sql = statement.query_text;
  view.catalog = session.catalog;
  view.database = session.database;
  ASSIGN_OR_RETURN(view.columns, ColumnsOf(query, name));
  if (!statement.comment.empty()) {
    view.comment = statement.comment;
  }
  if (!session.user.empty()) {
    view.owner = session.user;
  }
  view.run_as_invoker = statement.security == "invoker";
  ASSIGN_OR_RETURN(const sdk::TableDefinition definition,
                   catalog::EncodePrestoView(name.database, name.table, view));
  RETURN_IF_ERROR(AsStatementError(Keep(definition, exists, name, services), name));
  return DoneResult();
}

}  // namespace pallas::query
