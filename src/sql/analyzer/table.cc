#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

// Views inside views, each a text of its own.
constexpr size_t kMaxViewDepth = 64;
// All views of a statement: a few that each read the one below twice would else be a plan without
// end.
constexpr int kMaxViewsRead = 1'000;

// What the catalog says about a name, at the place where the statement has it. Errors of sources
// (a server that is down) stay as they are.
absl::Status At(Location location, const absl::Status& status) {
  std::optional<ErrorDetail> detail = GetDetail(status);
  if (!detail.has_value() || detail->name.empty() || detail->location.has_value()) {
    return status;
  }
  detail->location = location;
  return WithDetail(
      Annotate(status, absl::StrCat("line ", location.line, ":", location.column, ": ")), *detail);
}

absl::Status StaleView(const catalog::ResolvedTable& view, Location location,
                       std::string_view reason) {
  return ErrorAt(location, "VIEW_IS_STALE",
                 absl::StrCat("View '", view.name.ToString(), "' is stale or in invalid state: ",
                              reason, "; it must be re-created"));
}

// The view's query must still give the columns that were stored when it was made.
absl::Status CheckViewColumns(const catalog::ResolvedTable& view,
                              const std::vector<ScopeField>& fields, Location location) {
  if (fields.size() != view.columns.size()) {
    return StaleView(view, location,
                     absl::StrCat("stored view column count (", view.columns.size(),
                                  ") does not match column count derived from the view query "
                                  "analysis (",
                                  fields.size(), ")"));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const catalog::ResolvedColumn& stored = view.columns[i];
    const std::string projected =
        absl::StrCat("column [", fields[i].name, "] of type ", fields[i].type.ToString(),
                     " projected from query view at position ", i);
    const std::string expected = absl::StrCat("column [", stored.name, "] of type ",
                                              stored.type.ToString(), " stored in view definition");
    // A column without a name has been given one when the view was stored.
    if (!fields[i].name.empty() && !absl::EqualsIgnoreCase(fields[i].name, stored.name)) {
      return StaleView(view, location,
                       absl::StrCat(projected, " has a different name from ", expected));
    }
    if (!CanCoerce(fields[i].type, stored.type)) {
      return StaleView(view, location, absl::StrCat(projected, " cannot be coerced to ", expected));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> Qualifier(const catalog::QualifiedName& name) {
  return {name.catalog, name.database, name.table};
}

}  // namespace

absl::StatusOr<RelationPlan> QueryAnalyzer::AnalyzeTable(const ast::QualifiedName& name,
                                                         Location location) {
  if (name.size() == 1) {
    if (std::optional<RelationPlan> common = ReadCommonTable(name.front().text)) {
      return *std::move(common);
    }
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const catalog::ResolvedTable> table,
                   ResolveTable(name, location));
  if (table->kind == catalog::TableKind::kView) {
    return ExpandView(*table, location);
  }
  return Scan(std::move(table), location);
}

absl::StatusOr<catalog::QualifiedName> QueryAnalyzer::FullName(const ast::QualifiedName& name,
                                                               Location location) const {
  if (name.size() > 3) {
    const std::string text = absl::StrJoin(
        name, ".",
        [](std::string* out, const ast::Identifier& part) { absl::StrAppend(out, part.text); });
    return NamedError("SYNTAX_ERROR", absl::StrCat("Too many dots in table name: ", text));
  }
  catalog::QualifiedName full{session_.catalog, session_.database, name.back().text};
  if (name.size() >= 2) {
    full.database = name[name.size() - 2].text;
  }
  if (name.size() == 3) {
    full.catalog = name.front().text;
  }
  if (full.catalog.empty()) {
    return ErrorAt(location, "MISSING_CATALOG_NAME",
                   "Catalog must be specified when session catalog is not set");
  }
  if (full.database.empty()) {
    return ErrorAt(location, "MISSING_SCHEMA_NAME",
                   "Schema must be specified when session schema is not set");
  }
  return full;
}

absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> QueryAnalyzer::ResolveTable(
    const ast::QualifiedName& name, Location location) {
  ASSIGN_OR_RETURN(const catalog::QualifiedName full, FullName(name, location));
  auto& table = state_.tables[full];
  if (table == nullptr) {
    auto resolved = state_.resolver.ResolveTable(state_.context, full);
    if (!resolved.ok()) {
      return At(location, resolved.status());
    }
    table = *std::move(resolved);
  }
  return table;
}

RelationPlan QueryAnalyzer::Scan(std::shared_ptr<const catalog::ResolvedTable> table,
                                 Location location) {
  RelationPlan relation;
  std::vector<PlanColumn> columns;
  ScanPlan scan{table, {}, location};
  const std::vector<std::string> qualifier = Qualifier(table->name);
  const auto origin = std::make_shared<const catalog::QualifiedName>(table->name);
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const catalog::ResolvedColumn& column = table->columns[i];
    columns.push_back({NextColumn(), column.name, column.type});
    scan.table_columns.push_back(static_cast<int>(i));
    relation.fields.push_back(
        {qualifier, column.name, columns.back().id, column.type, column.hidden, origin});
  }
  relation.plan = MakePlan(std::move(columns), std::move(scan));
  return relation;
}

absl::StatusOr<RelationPlan> QueryAnalyzer::ExpandView(const catalog::ResolvedTable& view,
                                                       Location location) {
  if (std::find(state_.views.begin(), state_.views.end(), view.name) != state_.views.end() ||
      state_.views.size() >= kMaxViewDepth) {
    return ErrorAt(location, "VIEW_IS_RECURSIVE", "View is recursive");
  }
  if (++state_.views_read > kMaxViewsRead) {
    return ErrorAt(location, "QUERY_HAS_TOO_MANY_STAGES",
                   absl::StrCat("The statement reads views more than ", kMaxViewsRead,
                                " times, through other views too; view '", view.name.ToString(),
                                "' is one of them"),
                   absl::StatusCode::kResourceExhausted);
  }
  const auto invalid = [&](const absl::Status& status) {
    const absl::Status cause = Annotate(
        status, absl::StrCat("line ", location.line, ":", location.column,
                             ": Failed analyzing stored view '", view.name.ToString(), "': "));
    return status.code() == absl::StatusCode::kInvalidArgument ||
                   status.code() == absl::StatusCode::kNotFound
               ? WithDetail(cause, {"INVALID_VIEW", location, ""})
               : cause;
  };
  absl::StatusOr<ast::QueryPtr> query = ParseQuery(view.view_sql);
  if (!query.ok()) {
    return invalid(query.status());
  }
  Session session = session_;
  session.catalog = view.view_catalog;
  session.database = view.view_database;
  state_.views.push_back(view.name);
  QueryAnalyzer analyzer(state_, session);
  absl::StatusOr<RelationPlan> body =
      analyzer.AnalyzeQuery(**query, /*outer=*/nullptr, /*ordered=*/false);
  state_.views.pop_back();
  if (!body.ok()) {
    const std::string error = ErrorName(body.status());
    return error == "VIEW_IS_RECURSIVE" || error == "QUERY_HAS_TOO_MANY_STAGES"
               ? body.status()
               : invalid(body.status());
  }
  RETURN_IF_ERROR(CheckViewColumns(view, VisibleFields(body->fields), location));
  std::vector<Type> types;
  for (const catalog::ResolvedColumn& column : view.columns) {
    types.push_back(column.type);
  }
  RelationPlan relation;
  relation.plan = Positional(*std::move(body), types);
  const std::vector<std::string> qualifier = Qualifier(view.name);
  const auto origin = std::make_shared<const catalog::QualifiedName>(view.name);
  for (size_t i = 0; i < types.size(); ++i) {
    relation.fields.push_back(
        {qualifier, view.columns[i].name, relation.plan->columns[i].id, types[i], false, origin});
  }
  return relation;
}

}  // namespace pallas::sql
