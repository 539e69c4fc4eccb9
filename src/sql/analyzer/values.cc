#include <utility>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/coercion.h"

namespace pallas::sql {
namespace {

// The fields of a row value that is not written as one, such as CAST(ROW(1, 2) AS row(...)).
std::vector<ExprPtr> FieldsOf(ExprPtr row) {
  if (auto* literal = std::get_if<RowExpr>(&row->node)) {
    return std::move(literal->fields);
  }
  std::vector<ExprPtr> fields;
  const Type type = row->type;
  for (size_t i = 0; i < type.children().size(); ++i) {
    fields.push_back(MakeExpr(type.children()[i], FieldExpr{Clone(*row), static_cast<int>(i)}));
  }
  return fields;
}

Type RowType(const std::vector<ExprPtr>& fields) {
  std::vector<Type::Field> types;
  for (const ExprPtr& field : fields) {
    types.push_back({std::nullopt, field->type});
  }
  return Type::Row(std::move(types));
}

// Widens `types` to hold `row` too; false if there is no such type.
bool Widen(const std::vector<ExprPtr>& row, const DialectOptions& dialect,
           std::vector<Type>* types) {
  for (size_t i = 0; i < row.size(); ++i) {
    std::optional<Type> common = CommonSuperType((*types)[i], row[i]->type, dialect);
    if (!common.has_value()) {
      return false;
    }
    (*types)[i] = *std::move(common);
  }
  return true;
}

// The names that the fields of all rows have in common.
void MergeNames(const Type& row, std::vector<std::string>* names) {
  for (size_t i = 0; i < names->size(); ++i) {
    const bool named = row.kind() == TypeKind::kRow && i < row.field_names().size() &&
                       row.field_names()[i].has_value();
    if (!named || *row.field_names()[i] != (*names)[i]) {
      (*names)[i].clear();
    }
  }
}

std::vector<std::string> NamesOf(const Type& row, size_t num_fields) {
  std::vector<std::string> names(num_fields);
  for (size_t i = 0; row.kind() == TypeKind::kRow && i < row.field_names().size(); ++i) {
    names[i] = row.field_names()[i].value_or("");
  }
  return names;
}

}  // namespace

absl::StatusOr<RelationPlan> QueryAnalyzer::AnalyzeValues(const ast::Values& values,
                                                          Location location, const Scope* outer) {
  const Scope scope{{}, outer};
  ValuesPlan node;
  std::vector<Type> types;
  std::vector<std::string> names;
  for (const ast::ExprPtr& written : values.rows) {
    ASSIGN_OR_RETURN(ExprPtr value, expressions_.Analyze(*written, scope, {.clause = "VALUES"}));
    const Type type = value->type;
    std::vector<ExprPtr> row;
    if (type.kind() == TypeKind::kRow) {
      row = FieldsOf(std::move(value));
    } else {
      row.push_back(std::move(value));
    }
    if (node.rows.empty()) {
      types.resize(row.size());
      names = NamesOf(type, row.size());
    }
    if (row.size() != types.size()) {
      return ErrorAt(
          location, "TYPE_MISMATCH",
          absl::StrCat("Values rows have mismatched sizes: ", types.size(), " vs ", row.size()));
    }
    if (!Widen(row, session_.dialect, &types)) {
      return ErrorAt(
          location, "TYPE_MISMATCH",
          absl::StrCat("Values rows have mismatched types: ", RowType(node.rows.front()).ToString(),
                       " vs ", RowType(row).ToString()));
    }
    MergeNames(type, &names);
    node.rows.push_back(std::move(row));
  }
  RelationPlan relation;
  std::vector<PlanColumn> columns;
  for (size_t i = 0; i < types.size(); ++i) {
    for (std::vector<ExprPtr>& row : node.rows) {
      row[i] = Coerce(std::move(row[i]), types[i]);
    }
    columns.push_back({NextColumn(), names[i], types[i]});
    relation.fields.push_back({{}, names[i], columns.back().id, types[i]});
  }
  relation.plan = MakePlan(std::move(columns), std::move(node));
  return relation;
}

}  // namespace pallas::sql
