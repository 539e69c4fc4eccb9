#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/coercion.h"

namespace pallas::sql {
namespace {

std::string_view NameOf(ast::SetOperator op) {
  switch (op) {
    case ast::SetOperator::kUnion:
      return "UNION";
    case ast::SetOperator::kIntersect:
      return "INTERSECT";
    case ast::SetOperator::kExcept:
      return "EXCEPT";
  }
  return "";
}

SetOperation OperationOf(ast::SetOperator op) {
  switch (op) {
    case ast::SetOperator::kUnion:
      return SetOperation::kUnion;
    case ast::SetOperator::kIntersect:
      return SetOperation::kIntersect;
    case ast::SetOperator::kExcept:
      return SetOperation::kExcept;
  }
  return SetOperation::kUnion;
}

// The set operation that is all of `query`'s left side, so that chains need no recursion.
const ast::Query* ChainBelow(const ast::Query& query) {
  const ast::Query& left = *std::get<ast::SetOperation>(query.body).left;
  const bool bare = left.with.empty() && left.order_by.empty() && left.offset == nullptr &&
                    left.limit == nullptr && !left.fetch_first && left.inline_functions.empty();
  return bare && std::holds_alternative<ast::SetOperation>(left.body) ? &left : nullptr;
}

using FieldsByName = absl::flat_hash_map<std::string, const ScopeField*>;

absl::StatusOr<FieldsByName> ByName(const std::vector<ScopeField>& fields, Location location) {
  FieldsByName by_name;
  for (const ScopeField& field : fields) {
    if (field.name.empty()) {
      return ErrorAt(location, "NOT_SUPPORTED",
                     "CORRESPONDING requires names for all columns of both queries");
    }
    const std::string name = absl::AsciiStrToLower(field.name);
    if (!by_name.emplace(name, &field).second) {
      return ErrorAt(location, "AMBIGUOUS_NAME",
                     absl::StrCat("Duplicate columns found when using CORRESPONDING in set "
                                  "operations: ",
                                  name));
    }
  }
  return by_name;
}

// CORRESPONDING: leaves the columns that both sides have, in the order of the left.
absl::Status KeepCorresponding(Location location, RelationPlan* left, RelationPlan* right) {
  ASSIGN_OR_RETURN(const FieldsByName left_names, ByName(left->fields, location));
  ASSIGN_OR_RETURN(const FieldsByName right_names, ByName(right->fields, location));
  std::vector<ScopeField> left_fields;
  std::vector<ScopeField> right_fields;
  for (const ScopeField& field : left->fields) {
    const auto other = right_names.find(absl::AsciiStrToLower(field.name));
    if (other != right_names.end()) {
      left_fields.push_back(field);
      right_fields.push_back(*other->second);
    }
  }
  if (left_fields.empty()) {
    return ErrorAt(location, "MISMATCHED_COLUMN_ALIASES", "No corresponding columns");
  }
  left->fields = std::move(left_fields);
  right->fields = std::move(right_fields);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RelationPlan> QueryAnalyzer::AnalyzeSetOperation(const ast::Query& query,
                                                                const Scope* outer) {
  std::vector<const ast::Query*> chain;
  for (const ast::Query* link = &query; link != nullptr; link = ChainBelow(*link)) {
    chain.push_back(link);
  }
  // Plans nest as the chain does.
  std::vector<std::unique_ptr<NestingGuard>> nesting;
  for (size_t i = 0; i < chain.size(); ++i) {
    nesting.push_back(std::make_unique<NestingGuard>(state_));
    RETURN_IF_ERROR(nesting.back()->Check());
  }
  ASSIGN_OR_RETURN(RelationPlan result,
                   AnalyzeQuery(*std::get<ast::SetOperation>(chain.back()->body).left, outer,
                                /*ordered=*/false));
  for (size_t i = chain.size(); i-- > 0;) {
    const auto& operation = std::get<ast::SetOperation>(chain[i]->body);
    ASSIGN_OR_RETURN(RelationPlan right, AnalyzeQuery(*operation.right, outer, /*ordered=*/false));
    ASSIGN_OR_RETURN(result, Combine(operation, std::move(result), std::move(right)));
  }
  return result;
}

absl::StatusOr<RelationPlan> QueryAnalyzer::Combine(const ast::SetOperation& operation,
                                                    RelationPlan left, RelationPlan right) {
  const std::string_view name = NameOf(operation.op);
  left.fields = VisibleFields(left.fields);
  right.fields = VisibleFields(right.fields);
  if (!operation.corresponding_by.empty()) {
    return ErrorAt(operation.location, "NOT_SUPPORTED",
                   "CORRESPONDING with columns is unsupported");
  }
  if (operation.corresponding) {
    RETURN_IF_ERROR(KeepCorresponding(operation.location, &left, &right));
  }
  if (left.fields.size() != right.fields.size()) {
    return ErrorAt(operation.location, "TYPE_MISMATCH",
                   absl::StrCat(name, " query has different number of fields: ", left.fields.size(),
                                ", ", right.fields.size()));
  }
  std::vector<Type> types;
  std::vector<PlanColumn> columns;
  RelationPlan result;
  for (size_t i = 0; i < left.fields.size(); ++i) {
    const std::optional<Type> common =
        CommonSuperType(left.fields[i].type, right.fields[i].type, session_.dialect);
    if (!common.has_value()) {
      return ErrorAt(operation.location, "TYPE_MISMATCH",
                     absl::StrCat("column ", i + 1, " in ", name,
                                  " query has incompatible types: ", left.fields[i].type.ToString(),
                                  ", ", right.fields[i].type.ToString()));
    }
    if (!operation.all && !IsComparable(*common)) {
      return ErrorAt(operation.location, "TYPE_MISMATCH",
                     absl::StrCat("Type ", common->ToString(),
                                  " is not comparable and therefore cannot be used in ", name));
    }
    types.push_back(*common);
    columns.push_back({NextColumn(), left.fields[i].name, *common});
    result.fields.push_back({{},
                             left.fields[i].name,
                             columns.back().id,
                             *common,
                             false,
                             left.fields[i].origin,
                             left.fields[i].aliased});
  }
  SetOperationPlan node{OperationOf(operation.op), !operation.all,
                        Positional(std::move(left), types), Positional(std::move(right), types)};
  result.plan = MakePlan(std::move(columns), std::move(node));
  return result;
}

}  // namespace pallas::sql
