#include <utility>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/relation_analyzer.h"

namespace pallas::sql {
namespace {

struct UnnestedColumn {
  std::string name;
  Type type;
};

// What one argument of UNNEST gives.
absl::StatusOr<std::vector<UnnestedColumn>> ColumnsOf(const Type& type) {
  std::vector<UnnestedColumn> columns;
  if (type.kind() == TypeKind::kMap) {
    return std::vector<UnnestedColumn>{{"", type.key()}, {"", type.value()}};
  }
  if (type.kind() != TypeKind::kArray) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("Cannot unnest type: ", type.ToString()));
  }
  const Type& element = type.element();
  if (element.kind() != TypeKind::kRow) {
    columns.push_back({"", element});
    return columns;
  }
  for (size_t i = 0; i < element.children().size(); ++i) {
    columns.push_back({element.field_names()[i].value_or(""), element.children()[i]});
  }
  return columns;
}

// A column, or a field inside one: its value is the same each time.
bool IsPath(const Expr& expr) {
  const auto* field = std::get_if<FieldExpr>(&expr.node);
  return field != nullptr ? IsPath(*field->row) : std::holds_alternative<ColumnExpr>(expr.node);
}

bool IsArrayOfRows(const Type& type) {
  return type.kind() == TypeKind::kArray && type.element().kind() == TypeKind::kRow;
}

std::string_view NameOf(ast::JoinType type) {
  switch (type) {
    case ast::JoinType::kLeft:
      return "LEFT";
    case ast::JoinType::kRight:
      return "RIGHT";
    case ast::JoinType::kFull:
      return "FULL";
    case ast::JoinType::kInner:
    case ast::JoinType::kCross:
    case ast::JoinType::kImplicit:
      return "INNER";
  }
  return "";
}

}  // namespace

bool IsTrue(const ast::Expr& expr) {
  return expr.kind == ast::ExprKind::kBoolean && expr.text == "true";
}

absl::Status CheckNotLateral(const Plan& left, const Plan& right, ast::JoinType type) {
  ColumnSet columns;
  for (const PlanColumn& column : left.columns) {
    columns.insert(column.id);
  }
  const Expr* reference = FindReference(right, columns);
  return reference == nullptr
             ? absl::OkStatus()
             : ErrorAt(reference->location, "INVALID_COLUMN_REFERENCE",
                       absl::StrCat("LATERAL reference not allowed in ", NameOf(type), " JOIN"));
}

absl::StatusOr<RelationPlan> RelationAnalyzer::Unnest(const ast::Relation& relation, PlanPtr input,
                                                      bool outer_join, const Scope* scope) {
  const auto& unnest = std::get<ast::UnnestRelation>(relation.node);
  RelationPlan result;
  UnnestPlan node{nullptr, {}, unnest.with_ordinality, outer_join};
  std::vector<PlanColumn> columns;
  if (input != nullptr) {
    columns = input->columns;
    node.input = std::move(input);
  }
  const auto add = [&](std::string name, const Type& type) {
    columns.push_back({queries_.NextColumn(), name, type});
    result.fields.push_back({{}, std::move(name), columns.back().id, type});
  };
  for (const ast::ExprPtr& expression : unnest.expressions) {
    ASSIGN_OR_RETURN(ExprPtr value,
                     queries_.expressions().Analyze(*expression, *scope, {.clause = "UNNEST"}));
    ASSIGN_OR_RETURN(const std::vector<UnnestedColumn> unnested, ColumnsOf(value->type));
    for (const UnnestedColumn& column : unnested) {
      add(column.name, column.type);
    }
    node.expressions.push_back(std::move(value));
  }
  if (unnest.with_ordinality) {
    add("", Type::Bigint());
  }
  const bool whole_rows = WantsWholeRows(relation, node, result.fields.size());
  result.plan = MakePlan(std::move(columns), std::move(node));
  return whole_rows ? KeepRowsWhole(std::move(result)) : std::move(result);
}

// Athena lets an alias list name the rows of an array instead of their fields:
// UNNEST(users) AS t(person). Told by the number of names, where they would otherwise not fit.
bool RelationAnalyzer::WantsWholeRows(const ast::Relation& relation, const UnnestPlan& node,
                                      size_t num_fields) {
  size_t num_whole = node.with_ordinality ? 1 : 0;
  for (const ExprPtr& expression : node.expressions) {
    num_whole += expression->type.kind() == TypeKind::kMap ? size_t{2} : size_t{1};
    if (IsArrayOfRows(expression->type) && !IsPath(*expression)) {
      return false;  // it would be evaluated twice
    }
  }
  const size_t num_names = relation.column_aliases.size();
  return num_names != num_fields && num_names == num_whole;
}

// The rows are fetched from their array by the ordinality, so that a NULL among them stays one.
absl::StatusOr<RelationPlan> RelationAnalyzer::KeepRowsWhole(RelationPlan unnested) {
  auto& node = std::get<UnnestPlan>(unnested.plan->node);
  const bool with_ordinality = std::exchange(node.with_ordinality, true);
  if (!with_ordinality) {
    unnested.plan->columns.push_back({queries_.NextColumn(), "", Type::Bigint()});
  }
  const PlanColumn ordinality = unnested.plan->columns.back();
  ProjectPlan project;
  std::vector<PlanColumn> columns;
  RelationPlan result;
  const auto pass = [&](const PlanColumn& column) {
    columns.push_back(column);
    project.expressions.push_back(ColumnRef(column));
  };
  for (const PlanColumn& column : unnested.plan->columns) {
    if (node.input != nullptr && columns.size() < node.input->columns.size()) {
      pass(column);
    }
  }
  size_t next = 0;  // among the fields that UNNEST makes
  for (const ExprPtr& expression : node.expressions) {
    const Type& type = expression->type;
    if (!IsArrayOfRows(type)) {
      const size_t end = next + (type.kind() == TypeKind::kMap ? 2 : 1);
      for (; next < end; ++next) {
        const ScopeField& field = unnested.fields[next];
        pass({field.column, field.name, field.type});
        result.fields.push_back(field);
      }
      continue;
    }
    next += type.element().children().size();
    const FunctionArgument arguments[] = {{type}, {Type::Bigint()}};
    ASSIGN_OR_RETURN(ResolvedFunction element_at, ResolveFunction("element_at", arguments));
    CallExpr call{std::move(element_at), {}};
    call.arguments.push_back(Clone(*expression));
    call.arguments.push_back(ColumnRef(ordinality));
    project.expressions.push_back(MakeExpr(type.element(), std::move(call)));
    columns.push_back({queries_.NextColumn(), "", type.element()});
    result.fields.push_back({{}, "", columns.back().id, type.element()});
  }
  if (with_ordinality) {
    pass(ordinality);
    result.fields.push_back({{}, "", ordinality.id, ordinality.type});
  }
  project.input = std::move(unnested.plan);
  result.plan = MakePlan(std::move(columns), std::move(project));
  return result;
}

absl::StatusOr<RelationPlan> RelationAnalyzer::JoinUnnest(const ast::JoinRelation& join,
                                                          RelationPlan left, const Scope* outer) {
  const bool on_true = join.on != nullptr && IsTrue(*join.on);
  const bool cross = join.type == ast::JoinType::kCross || join.type == ast::JoinType::kImplicit;
  if (!cross && !on_true) {
    return ErrorAt(join.on != nullptr ? NodeLocation(*join.on) : join.right->location,
                   "NOT_SUPPORTED",
                   absl::StrCat(NameOf(join.type),
                                " JOIN involving UNNEST is only supported with condition ON TRUE"));
  }
  if (join.right->sample_method.has_value()) {
    return ErrorAt(join.right->location, "NOT_SUPPORTED",
                   "TABLESAMPLE of UNNEST in a join is not supported");
  }
  const bool keeps_left = join.type == ast::JoinType::kLeft || join.type == ast::JoinType::kFull;
  const bool keeps_right = join.type == ast::JoinType::kRight || join.type == ast::JoinType::kFull;
  Scope scope{std::move(left.fields), outer};
  if (!keeps_right) {
    ASSIGN_OR_RETURN(RelationPlan right,
                     Unnest(*join.right, std::move(left.plan), keeps_left, &scope));
    left.plan = std::move(right.plan);
    RETURN_IF_ERROR(ApplyAlias(*join.right, &right.fields));
    left.fields = std::move(scope.fields);
    left.fields.insert(left.fields.end(), right.fields.begin(), right.fields.end());
    return left;
  }
  // Rows of UNNEST that no left row has made cannot be without one; only constant ones can.
  ASSIGN_OR_RETURN(RelationPlan right, Unnest(*join.right, nullptr, false, &scope));
  RETURN_IF_ERROR(CheckNotLateral(*left.plan, *right.plan, join.type));
  RETURN_IF_ERROR(ApplyAlias(*join.right, &right.fields));
  left.fields = std::move(scope.fields);
  left.fields.insert(left.fields.end(), right.fields.begin(), right.fields.end());
  std::vector<PlanColumn> columns = left.plan->columns;
  columns.insert(columns.end(), right.plan->columns.begin(), right.plan->columns.end());
  JoinPlan node{keeps_left ? JoinKind::kFull : JoinKind::kRight, false, std::move(left.plan),
                std::move(right.plan), TrueConstant()};
  left.plan = MakePlan(std::move(columns), std::move(node));
  return left;
}

}  // namespace pallas::sql
