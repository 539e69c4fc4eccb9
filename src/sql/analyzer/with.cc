#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/analyzer/recursive_reference.h"
#include "sql/coercion.h"

namespace pallas::sql {
namespace {

std::vector<std::shared_ptr<const catalog::QualifiedName>> OriginsOf(const RelationPlan& relation) {
  std::vector<std::shared_ptr<const catalog::QualifiedName>> origins;
  for (const ScopeField& field : VisibleFields(relation.fields)) {
    origins.push_back(field.origin);
  }
  return origins;
}

void Rename(const std::vector<ast::Identifier>& names, std::vector<PlanColumn>* columns) {
  for (size_t i = 0; i < names.size(); ++i) {
    (*columns)[i].name = names[i].text;
  }
}

}  // namespace

absl::Status QueryAnalyzer::AnalyzeWith(const ast::Query& query, const Scope* outer,
                                        std::vector<Cte>* ctes) {
  absl::flat_hash_set<std::string> names;
  for (const ast::CommonTable& table : query.with) {
    if (!names.insert(absl::AsciiStrToLower(table.name.text)).second) {
      return ErrorAt(
          table.name.location, "DUPLICATE_NAMED_QUERY",
          absl::StrCat("WITH query name '", table.name.text, "' specified more than once"));
    }
    ASSIGN_OR_RETURN(Cte cte, AnalyzeCommonTable(table, query.recursive, outer));
    ctes->push_back(std::move(cte));
  }
  return absl::OkStatus();
}

absl::StatusOr<Cte> QueryAnalyzer::AnalyzeCommonTable(const ast::CommonTable& table, bool recursive,
                                                      const Scope* outer) {
  if (recursive && table.columns.empty()) {
    return ErrorAt(table.name.location, "MISSING_COLUMN_ALIASES",
                   "missing column aliases in recursive WITH query");
  }
  if (recursive) {
    ASSIGN_OR_RETURN(const ast::SetOperation* recursion, FindRecursion(table));
    if (recursion != nullptr) {
      return AnalyzeRecursive(table, *recursion, outer);
    }
  }
  ASSIGN_OR_RETURN(RelationPlan relation, AnalyzeQuery(*table.query, outer, /*ordered=*/false));
  std::vector<std::shared_ptr<const catalog::QualifiedName>> origins = OriginsOf(relation);
  Cte cte{state_.next_cte++, table.name.text, Positional(std::move(relation)), nullptr};
  if (!table.columns.empty()) {
    RETURN_IF_ERROR(CheckColumnAliases(table.columns, cte.plan->columns.size()));
    Rename(table.columns, &cte.plan->columns);
  }
  common_tables_.push_back({.id = cte.id,
                            .name = cte.name,
                            .columns = cte.plan->columns,
                            .origins = std::move(origins)});
  return cte;
}

absl::StatusOr<Cte> QueryAnalyzer::AnalyzeRecursive(const ast::CommonTable& table,
                                                    const ast::SetOperation& body,
                                                    const Scope* outer) {
  ASSIGN_OR_RETURN(RelationPlan anchor, AnalyzeQuery(*body.left, outer, /*ordered=*/false));
  Cte cte{state_.next_cte++, table.name.text, Positional(std::move(anchor)), nullptr};
  CommonTable entry{
      .id = cte.id, .name = cte.name, .columns = cte.plan->columns, .distinct = !body.all};
  RETURN_IF_ERROR(CheckColumnAliases(table.columns, entry.columns.size()));
  Rename(table.columns, &entry.columns);
  ASSIGN_OR_RETURN(cte.step, AnalyzeStep(*body.right, entry, outer));
  cte.plan->columns = entry.columns;
  common_tables_.push_back(std::move(entry));
  return cte;
}

absl::StatusOr<PlanPtr> QueryAnalyzer::AnalyzeStep(const ast::Query& step, const CommonTable& table,
                                                   const Scope* outer) {
  common_tables_.push_back(table);
  common_tables_.back().distinct = false;  // the step sees rows as they come
  absl::StatusOr<RelationPlan> relation = AnalyzeQuery(step, outer, /*ordered=*/false);
  common_tables_.pop_back();
  RETURN_IF_ERROR(relation.status());
  const std::vector<ScopeField> fields = VisibleFields(relation->fields);
  if (fields.size() != table.columns.size()) {
    return ErrorAt(step.location, "TYPE_MISMATCH",
                   absl::StrCat("base and step relations of recursion have different number of "
                                "fields: ",
                                table.columns.size(), ", ", fields.size()));
  }
  std::vector<Type> types;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!CanCoerce(fields[i].type, table.columns[i].type, session_.dialect)) {
      return ErrorAt(
          step.location, "TYPE_MISMATCH",
          absl::StrCat("recursion step relation output type (", fields[i].type.ToString(),
                       ") is not coercible to recursion base relation output type (",
                       table.columns[i].type.ToString(), ") at column ", i + 1));
    }
    types.push_back(table.columns[i].type);
  }
  return Positional(*std::move(relation), types);
}

std::optional<RelationPlan> QueryAnalyzer::ReadCommonTable(const std::string& name) {
  for (size_t i = common_tables_.size(); i-- > 0;) {
    CommonTable& table = common_tables_[i];
    if (!absl::EqualsIgnoreCase(table.name, name)) {
      continue;
    }
    RelationPlan relation;
    std::vector<PlanColumn> columns;
    for (size_t column = 0; column < table.columns.size(); ++column) {
      const auto& [id, column_name, type] = table.columns[column];
      columns.push_back({NextColumn(), column_name, type});
      relation.fields.push_back({{name},
                                 column_name,
                                 columns.back().id,
                                 type,
                                 false,
                                 column < table.origins.size() ? table.origins[column] : nullptr});
    }
    relation.plan = MakePlan(columns, CteScanPlan{table.id});
    if (table.distinct) {
      relation.plan = MakePlan(std::move(columns), DistinctPlan{std::move(relation.plan)});
    }
    return relation;
  }
  return std::nullopt;
}

}  // namespace pallas::sql
