#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/decorrelation.h"
#include "sql/analyzer/relation_analyzer.h"
#include "sql/coercion.h"

namespace pallas::sql {
namespace {

JoinKind KindOf(ast::JoinType type) {
  switch (type) {
    case ast::JoinType::kInner:
      return JoinKind::kInner;
    case ast::JoinType::kLeft:
      return JoinKind::kLeft;
    case ast::JoinType::kRight:
      return JoinKind::kRight;
    case ast::JoinType::kFull:
      return JoinKind::kFull;
    case ast::JoinType::kCross:
    case ast::JoinType::kImplicit:
      return JoinKind::kCross;
  }
  return JoinKind::kCross;
}

bool IsLateral(const ast::Relation& relation) {
  const auto* subquery = std::get_if<ast::SubqueryRelation>(&relation.node);
  return subquery != nullptr && subquery->lateral;
}

std::vector<PlanColumn> BothColumns(const JoinPlan& join) {
  std::vector<PlanColumn> columns = join.left->columns;
  columns.insert(columns.end(), join.right->columns.begin(), join.right->columns.end());
  return columns;
}

void Append(std::vector<ScopeField> from, std::vector<ScopeField>* to) {
  to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// A pair of columns that USING makes one.
struct SharedColumn {
  std::string name;
  const ScopeField* left = nullptr;
  const ScopeField* right = nullptr;
  Type type;
};

absl::StatusOr<const ScopeField*> FindColumn(const std::vector<ScopeField>& fields,
                                             const ast::Identifier& name, std::string_view side) {
  const ScopeField* found = nullptr;
  for (const ScopeField& field : fields) {
    if (!absl::EqualsIgnoreCase(field.name, name.text)) {
      continue;
    }
    if (found != nullptr) {
      return ErrorAt(name.location, "AMBIGUOUS_NAME",
                     absl::StrCat("Column '", name.text, "' is ambiguous"));
    }
    found = &field;
  }
  if (found == nullptr) {
    return ErrorAt(
        name.location, "COLUMN_NOT_FOUND",
        absl::StrCat("Column '", name.text, "' is missing from ", side, " side of join"));
  }
  return found;
}

absl::StatusOr<SharedColumn> Share(const ast::Identifier& name, const RelationPlan& left,
                                   const RelationPlan& right, const DialectOptions& dialect) {
  SharedColumn shared;
  shared.name = name.text;
  ASSIGN_OR_RETURN(shared.left, FindColumn(left.fields, name, "left"));
  ASSIGN_OR_RETURN(shared.right, FindColumn(right.fields, name, "right"));
  const std::optional<Type> common =
      CommonSuperType(shared.left->type, shared.right->type, dialect);
  if (!common.has_value() || !IsComparable(*common)) {
    return ErrorAt(name.location, "TYPE_MISMATCH",
                   absl::StrCat("Cannot apply operator: ", shared.left->type.ToString(), " = ",
                                shared.right->type.ToString()));
  }
  shared.type = *common;
  return shared;
}

ExprPtr KeysEqual(const std::vector<SharedColumn>& shared) {
  std::vector<ExprPtr> terms;
  for (const SharedColumn& column : shared) {
    terms.push_back(
        MakeExpr(Type::Boolean(),
                 CompareExpr{CompareOp::kEqual, Coerce(ColumnRef(*column.left), column.type),
                             Coerce(ColumnRef(*column.right), column.type)}));
  }
  return terms.size() == 1 ? std::move(terms.front())
                           : MakeExpr(Type::Boolean(), AndExpr{std::move(terms)});
}

// The value of a shared column: of the side whose rows are all kept, or of whichever has one.
ExprPtr SharedValue(const SharedColumn& column, JoinKind kind) {
  if (kind == JoinKind::kRight) {
    return Coerce(ColumnRef(*column.right), column.type);
  }
  if (kind != JoinKind::kFull) {
    return Coerce(ColumnRef(*column.left), column.type);
  }
  CoalesceExpr coalesce;
  coalesce.operands.push_back(Coerce(ColumnRef(*column.left), column.type));
  coalesce.operands.push_back(Coerce(ColumnRef(*column.right), column.type));
  return MakeExpr(column.type, std::move(coalesce));
}

absl::StatusOr<ExprPtr> JoinCondition(ExpressionAnalyzer& expressions, const ast::Expr& on,
                                      const Scope& scope) {
  ASSIGN_OR_RETURN(ExprPtr condition, expressions.Analyze(on, scope, {.clause = "JOIN clause"}));
  if (!CanCoerce(condition->type, Type::Boolean())) {
    return ErrorAt(NodeLocation(on), "TYPE_MISMATCH",
                   absl::StrCat("JOIN ON clause must evaluate to a boolean: actual type ",
                                condition->type.ToString()));
  }
  return Coerce(std::move(condition), Type::Boolean());
}

}  // namespace

// FROM a, b, c and a JOIN b JOIN c are chains down the left side: walked, not recursed into.
absl::StatusOr<RelationPlan> RelationAnalyzer::AnalyzeJoin(const ast::JoinRelation& join,
                                                           Location location, const Scope* outer) {
  std::vector<const ast::JoinRelation*> chain = {&join};
  while (true) {
    const ast::Relation& left = *chain.back()->left;
    const auto* below = std::get_if<ast::JoinRelation>(&left.node);
    if (below == nullptr || left.alias.has_value() || left.sample_method.has_value()) {
      break;
    }
    chain.push_back(below);
  }
  std::vector<std::unique_ptr<NestingGuard>> nesting;
  for (size_t i = 0; i < chain.size(); ++i) {
    nesting.push_back(std::make_unique<NestingGuard>(queries_.state()));
    RETURN_IF_ERROR(nesting.back()->Check());
  }
  ASSIGN_OR_RETURN(RelationPlan result, Analyze(*chain.back()->left, outer));
  for (size_t i = chain.size(); i-- > 0;) {
    if (chain[i]->natural) {
      return ErrorAt(location, "NOT_SUPPORTED", "Natural join not supported",
                     absl::StatusCode::kUnimplemented);
    }
    ASSIGN_OR_RETURN(result, JoinPair(*chain[i], std::move(result), outer));
  }
  return result;
}

absl::StatusOr<RelationPlan> RelationAnalyzer::JoinPair(const ast::JoinRelation& join,
                                                        RelationPlan left, const Scope* outer) {
  if (std::holds_alternative<ast::UnnestRelation>(join.right->node)) {
    return JoinUnnest(join, std::move(left), outer);
  }
  JoinPlan node{KindOf(join.type), IsLateral(*join.right), nullptr, nullptr, nullptr};
  RelationPlan right;
  if (node.lateral) {
    Scope scope{std::move(left.fields), outer};
    ASSIGN_OR_RETURN(right, Analyze(*join.right, &scope));
    left.fields = std::move(scope.fields);
    const bool on_true = join.on == nullptr || IsTrue(*join.on);
    RETURN_IF_ERROR(
        CheckCorrelation(*right.plan, on_true ? SubqueryUse::kLateral : SubqueryUse::kLateralOn,
                         std::get<ast::SubqueryRelation>(join.right->node).query->location));
  } else {
    ASSIGN_OR_RETURN(right, Analyze(*join.right, outer));
  }
  if (node.lateral && (node.kind == JoinKind::kRight || node.kind == JoinKind::kFull)) {
    RETURN_IF_ERROR(CheckNotLateral(*left.plan, *right.plan, join.type));
    node.lateral = false;
  }
  if (!join.using_columns.empty()) {
    return JoinUsing(join.using_columns, std::move(node), std::move(left), std::move(right));
  }
  return JoinOn(join, std::move(node), std::move(left), std::move(right), outer);
}

absl::StatusOr<RelationPlan> RelationAnalyzer::JoinOn(const ast::JoinRelation& join, JoinPlan node,
                                                      RelationPlan left, RelationPlan right,
                                                      const Scope* outer) {
  node.left = std::move(left.plan);
  node.right = std::move(right.plan);
  Scope scope{std::move(left.fields), outer, node.kind != JoinKind::kInner};
  Append(std::move(right.fields), &scope.fields);
  if (join.on != nullptr) {
    ASSIGN_OR_RETURN(node.condition, JoinCondition(queries_.expressions(), *join.on, scope));
  } else if (node.kind != JoinKind::kCross) {
    node.condition = TrueConstant();
  }
  RelationPlan result;
  result.fields = std::move(scope.fields);
  std::vector<PlanColumn> columns = BothColumns(node);
  result.plan = MakePlan(std::move(columns), std::move(node));
  return result;
}

// The shared columns first, once each; then what is left of the left side and of the right.
absl::StatusOr<RelationPlan> RelationAnalyzer::JoinUsing(const std::vector<ast::Identifier>& names,
                                                         JoinPlan node, RelationPlan left,
                                                         RelationPlan right) {
  std::vector<SharedColumn> shared;
  absl::flat_hash_set<std::string> seen;
  ColumnSet merged;
  for (const ast::Identifier& name : names) {
    if (!seen.insert(absl::AsciiStrToLower(name.text)).second) {
      return ErrorAt(
          name.location, "DUPLICATE_COLUMN_NAME",
          absl::StrCat("Column '", name.text, "' appears multiple times in USING clause"));
    }
    ASSIGN_OR_RETURN(SharedColumn column, Share(name, left, right, queries_.session().dialect));
    merged.insert(column.left->column);
    merged.insert(column.right->column);
    shared.push_back(std::move(column));
  }
  node.condition = KeysEqual(shared);
  node.left = std::move(left.plan);
  node.right = std::move(right.plan);
  const JoinKind kind = node.kind;
  std::vector<PlanColumn> columns = BothColumns(node);
  ProjectPlan project{MakePlan(std::move(columns), std::move(node)), {}};
  RelationPlan result;
  std::vector<PlanColumn> outputs;
  const auto add = [&](ScopeField field, ExprPtr value) {
    field.column = queries_.NextColumn();
    outputs.push_back({field.column, field.name, field.type});
    project.expressions.push_back(std::move(value));
    result.fields.push_back(std::move(field));
  };
  for (const SharedColumn& column : shared) {
    add({{}, column.name, -1, column.type}, SharedValue(column, kind));
  }
  for (const RelationPlan* side : {&left, &right}) {
    for (const ScopeField& field : side->fields) {
      if (!merged.contains(field.column)) {
        add(field, ColumnRef(field));
      }
    }
  }
  result.plan = MakePlan(std::move(outputs), std::move(project));
  return result;
}

}  // namespace pallas::sql
