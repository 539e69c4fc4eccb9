#include "sql/analyzer/decorrelation.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "sql/analyzer/columns.h"
#include "sql/plan/walk.h"

namespace pallas::sql {
namespace {

void CollectDefined(const Plan& plan, ColumnSet* columns);

void CollectDefined(const Expr& expr, ColumnSet* columns) {
  ForEachOperand(expr, [&](const Expr& operand) { CollectDefined(operand, columns); });
  if (const Plan* plan = SubqueryOf(expr)) {
    CollectDefined(*plan, columns);
  }
}

void CollectDefined(const Plan& plan, ColumnSet* columns) {
  for (const PlanColumn& column : plan.columns) {
    columns->insert(column.id);
  }
  ForEachExpression(plan, [&](const Expr& expr) { CollectDefined(expr, columns); });
  ForEachInput(plan, [&](const Plan& input) { CollectDefined(input, columns); });
}

// The columns that `plan` refers to and does not make.
ColumnSet OuterColumns(const Plan& plan) {
  ColumnSet used;
  ColumnSet defined;
  CollectColumns(plan, &used);
  CollectDefined(plan, &defined);
  absl::erase_if(used, [&](ColumnId column) { return defined.contains(column); });
  return used;
}

bool HasSubquery(const Expr& expr) {
  bool found = SubqueryOf(expr) != nullptr;
  ForEachOperand(expr, [&](const Expr& operand) { found = found || HasSubquery(operand); });
  return found;
}

void AddConjuncts(const Expr& expr, std::vector<const Expr*>* conjuncts) {
  if (const auto* all = std::get_if<AndExpr>(&expr.node)) {
    for (const ExprPtr& operand : all->terms) {
      AddConjuncts(*operand, conjuncts);
    }
  } else {
    conjuncts->push_back(&expr);
  }
}

bool IsTrue(const Expr& expr) {
  const auto* constant = std::get_if<ConstantExpr>(&expr.node);
  const bool* value = constant == nullptr ? nullptr : std::get_if<bool>(&constant->value);
  return value != nullptr && *value;
}

// The column that `expr` is, or that a coercion makes it of.
std::optional<ColumnId> ColumnOf(const Expr& expr) {
  if (const auto* cast = std::get_if<CastExpr>(&expr.node); cast != nullptr && !cast->safe) {
    return ColumnOf(*cast->operand);
  }
  const auto* column = std::get_if<ColumnExpr>(&expr.node);
  return column == nullptr ? std::nullopt : std::optional(column->column);
}

bool IsGlobal(const AggregatePlan& aggregate) {
  return aggregate.keys.empty() && aggregate.grouping_sets.empty();
}

// What becomes of a part of the subquery once its correlated conditions are conditions of a join.
struct Decorrelated {
  // Columns inside that the conditions of the join use, and those of them that equal a column from
  // outside, so that all rows of one join have one value.
  ColumnSet used;
  ColumnSet constant;
  bool at_most_one_row = false;
};

class Decorrelator {
 public:
  Decorrelator(const Plan& plan, ColumnSet outer) : outer_(std::move(outer)) { AddTables(plan); }

  bool Supports(const Plan& plan, SubqueryUse use) {
    switch (use) {
      case SubqueryUse::kIn:
        return SupportsIn(plan);
      case SubqueryUse::kExists:
        return AlwaysHasRow(plan) || IsUnnest(plan) || Visit(plan, {}).has_value();
      case SubqueryUse::kQuantified:
        return Visit(plan, OutputsOf(plan)).has_value();
      case SubqueryUse::kLateralOn:
        return Visit(plan, OutputsOf(plan)).has_value();
      case SubqueryUse::kScalar:
        return IsOneRow(plan) || SupportsAggregate(plan, /*grouped=*/false) || IsUnnest(plan) ||
               Visit(plan, OutputsOf(plan)).has_value();
      case SubqueryUse::kLateral:
        return IsOneRow(plan) || SupportsAggregate(plan, /*grouped=*/true) || IsUnnest(plan) ||
               Visit(plan, OutputsOf(plan)).has_value();
    }
    return true;
  }

 private:
  // The tables of WITH clauses inside the subquery.
  void AddTables(const Plan& plan) {
    if (const auto* with = std::get_if<WithPlan>(&plan.node)) {
      for (const Cte& table : with->ctes) {
        if (table.step == nullptr) {
          tables_.emplace(table.id, table.plan.get());
        }
      }
    }
    ForEachInput(plan, [&](const Plan& input) { AddTables(input); });
  }

  static ColumnSet OutputsOf(const Plan& plan) {
    ColumnSet columns;
    for (const PlanColumn& column : plan.columns) {
      columns.insert(column.id);
    }
    return columns;
  }

  bool IsCorrelated(const Expr& expr) const { return FindReference(expr, outer_) != nullptr; }

  bool IsCorrelated(const Plan& plan) const {
    bool found = FindReference(plan, outer_) != nullptr;
    if (!found && !tables_.empty()) {
      found = ReadsCorrelatedTable(plan);
    }
    return found;
  }

  // Whether it reads a table of a WITH inside the subquery that is correlated itself.
  bool ReadsCorrelatedTable(const Plan& plan) const {
    if (const auto* scan = std::get_if<CteScanPlan>(&plan.node)) {
      const auto table = tables_.find(scan->cte);
      return table != tables_.end() && IsCorrelated(*table->second);
    }
    bool found = false;
    ForEachInput(plan, [&](const Plan& input) { found = found || ReadsCorrelatedTable(input); });
    return found;
  }

  // Below what neither changes the number of rows nor their order: one literal row.
  bool IsOneRow(const Plan& plan) const {
    if (const auto* values = std::get_if<ValuesPlan>(&plan.node)) {
      return values->rows.size() == 1;
    }
    if (const auto* project = std::get_if<ProjectPlan>(&plan.node)) {
      return IsOneRow(*project->input);
    }
    if (const auto* filter = std::get_if<FilterPlan>(&plan.node)) {
      return IsTrue(*filter->condition) && IsOneRow(*filter->input);
    }
    if (const auto* with = std::get_if<WithPlan>(&plan.node)) {
      return IsOneRow(*with->body);
    }
    if (const auto* scan = std::get_if<CteScanPlan>(&plan.node)) {
      const auto table = tables_.find(scan->cte);
      return table != tables_.end() && IsOneRow(*table->second);
    }
    if (const auto* join = std::get_if<JoinPlan>(&plan.node)) {
      const bool all = join->kind == JoinKind::kCross ||
                       (join->kind == JoinKind::kInner && IsTrue(*join->condition));
      return all && IsOneRow(*join->left) && IsOneRow(*join->right);
    }
    if (const auto* sort = std::get_if<SortPlan>(&plan.node)) {
      return IsOneRow(*sort->input);
    }
    const auto* limit = std::get_if<LimitPlan>(&plan.node);
    return limit != nullptr && limit->limit.value_or(1) > 0 && limit->offset == 0 &&
           IsOneRow(*limit->input);
  }

  // Whether EXISTS is true whatever the rows are.
  bool AlwaysHasRow(const Plan& plan) const {
    if (const auto* project = std::get_if<ProjectPlan>(&plan.node)) {
      return AlwaysHasRow(*project->input);
    }
    if (const auto* window = std::get_if<WindowPlan>(&plan.node)) {
      return AlwaysHasRow(*window->input);
    }
    if (const auto* sort = std::get_if<SortPlan>(&plan.node)) {
      return AlwaysHasRow(*sort->input);
    }
    if (const auto* aggregate = std::get_if<AggregatePlan>(&plan.node)) {
      return IsGlobal(*aggregate);
    }
    if (const auto* operation = std::get_if<SetOperationPlan>(&plan.node)) {
      return operation->operation == SetOperation::kUnion &&
             (AlwaysHasRow(*operation->left) || AlwaysHasRow(*operation->right));
    }
    return IsOneRow(plan);
  }

  // UNNEST of the outer row's values, alone or under what works on the rows of each outer row.
  bool IsUnnest(const Plan& plan) const {
    if (const auto* unnest = std::get_if<UnnestPlan>(&plan.node)) {
      return unnest->input == nullptr || IsOneRow(*unnest->input);
    }
    if (const auto* project = std::get_if<ProjectPlan>(&plan.node)) {
      return IsUnnest(*project->input);
    }
    if (const auto* window = std::get_if<WindowPlan>(&plan.node)) {
      return IsUnnest(*window->input);
    }
    if (const auto* sort = std::get_if<SortPlan>(&plan.node)) {
      return IsUnnest(*sort->input);
    }
    if (const auto* limit = std::get_if<LimitPlan>(&plan.node)) {
      return limit->offset == 0 && !limit->with_ties && IsUnnest(*limit->input);
    }
    const auto* aggregate = std::get_if<AggregatePlan>(&plan.node);
    return aggregate != nullptr && IsGlobal(*aggregate) && IsUnnest(*aggregate->input);
  }

  // An aggregation on top, whose groups are made for each outer row.
  bool SupportsAggregate(const Plan& plan, bool grouped) {
    if (const auto* project = std::get_if<ProjectPlan>(&plan.node)) {
      return SupportsAggregate(*project->input, grouped);
    }
    if (const auto* distinct = std::get_if<DistinctPlan>(&plan.node)) {
      return grouped && Visit(*distinct->input, OutputsOf(*distinct->input)).has_value();
    }
    const auto* aggregate = std::get_if<AggregatePlan>(&plan.node);
    if (aggregate == nullptr || aggregate->grouping_sets.size() > 1 ||
        (!grouped && !IsGlobal(*aggregate))) {
      return false;
    }
    return !HasCorrelatedExpression(plan) && Visit(*aggregate->input, InputsOf(plan)).has_value();
  }

  // IN looks through projections and conditions only.
  bool SupportsIn(const Plan& plan) {
    if (!IsCorrelated(plan)) {
      return true;
    }
    if (const auto* project = std::get_if<ProjectPlan>(&plan.node)) {
      return !HasCorrelatedExpression(plan) && SupportsIn(*project->input);
    }
    if (const auto* filter = std::get_if<FilterPlan>(&plan.node)) {
      return !HasCorrelatedSubquery(*filter->condition) && SupportsIn(*filter->input);
    }
    const auto* join = std::get_if<JoinPlan>(&plan.node);
    return join != nullptr && join->kind == JoinKind::kInner && !join->lateral &&
           !IsCorrelated(*join->left) && !IsCorrelated(*join->right) &&
           !HasCorrelatedSubquery(*join->condition);
  }

  bool HasCorrelatedExpression(const Plan& plan) const {
    bool found = false;
    ForEachExpression(plan, [&](const Expr& expr) { found = found || IsCorrelated(expr); });
    return found;
  }

  bool HasCorrelatedSubquery(const Expr& condition) const {
    return IsCorrelated(condition) && HasSubquery(condition) && [&] {
      std::vector<const Expr*> conjuncts;
      AddConjuncts(condition, &conjuncts);
      return std::any_of(conjuncts.begin(), conjuncts.end(), [&](const Expr* conjunct) {
        return HasSubquery(*conjunct) && IsCorrelated(*conjunct);
      });
    }();
  }

  // The columns that the expressions of a node use.
  static ColumnSet InputsOf(const Plan& plan) {
    ColumnSet columns;
    ForEachExpression(plan, [&](const Expr& expr) { CollectColumns(expr, &columns); });
    return columns;
  }

  // `needed`: the columns that are used above. Nullopt: Trino cannot.
  std::optional<Decorrelated> Visit(const Plan& plan, const ColumnSet& needed) {
    if (const auto* with = std::get_if<WithPlan>(&plan.node)) {
      return Visit(*with->body, needed);
    }
    if (!IsCorrelated(plan)) {
      return Decorrelated{{}, {}, IsOneRow(plan) || IsSingle(plan)};
    }
    if (const auto* filter = std::get_if<FilterPlan>(&plan.node)) {
      return VisitCondition(*filter->condition, *filter->input, needed);
    }
    if (const auto* project = std::get_if<ProjectPlan>(&plan.node)) {
      return VisitProject(plan, *project, needed);
    }
    if (const auto* join = std::get_if<JoinPlan>(&plan.node)) {
      return VisitJoin(*join);
    }
    if (const auto* aggregate = std::get_if<AggregatePlan>(&plan.node)) {
      return VisitAggregate(plan, *aggregate);
    }
    if (const auto* distinct = std::get_if<DistinctPlan>(&plan.node)) {
      std::optional<Decorrelated> input = Visit(*distinct->input, OutputsOf(plan));
      return input && Groups(*input, OutputsOf(plan)) ? input : std::nullopt;
    }
    if (const auto* sort = std::get_if<SortPlan>(&plan.node)) {
      return Visit(*sort->input, needed);  // no LIMIT above: it orders nothing
    }
    if (const auto* limit = std::get_if<LimitPlan>(&plan.node)) {
      return VisitLimit(*limit, needed);
    }
    if (const auto* window = std::get_if<WindowPlan>(&plan.node)) {
      const size_t num_inputs = window->input->columns.size();
      for (size_t i = num_inputs; i < plan.columns.size(); ++i) {
        if (needed.contains(plan.columns[i].id)) {
          return std::nullopt;
        }
      }
      return Visit(*window->input, needed);
    }
    if (const auto* scan = std::get_if<CteScanPlan>(&plan.node)) {
      return VisitTable(plan, *tables_.at(scan->cte), needed);
    }
    return std::nullopt;
  }

  bool IsSingle(const Plan& plan) const {
    if (const auto* project = std::get_if<ProjectPlan>(&plan.node)) {
      return IsSingle(*project->input);
    }
    if (const auto* filter = std::get_if<FilterPlan>(&plan.node)) {
      return IsSingle(*filter->input);
    }
    if (const auto* limit = std::get_if<LimitPlan>(&plan.node)) {
      return limit->limit.value_or(2) <= 1 && !limit->with_ties;
    }
    const auto* aggregate = std::get_if<AggregatePlan>(&plan.node);
    return (aggregate != nullptr && IsGlobal(*aggregate)) || IsOneRow(plan);
  }

  std::optional<Decorrelated> VisitCondition(const Expr& condition, const Plan& input,
                                             const ColumnSet& needed) {
    if (HasCorrelatedSubquery(condition)) {
      return std::nullopt;
    }
    ColumnSet below = needed;
    CollectColumns(condition, &below);
    std::optional<Decorrelated> result = Visit(input, below);
    if (!result) {
      return std::nullopt;
    }
    std::vector<const Expr*> conjuncts;
    AddConjuncts(condition, &conjuncts);
    for (const Expr* conjunct : conjuncts) {
      if (IsCorrelated(*conjunct)) {
        AddJoinCondition(*conjunct, &*result);
      }
    }
    return result;
  }

  void AddJoinCondition(const Expr& conjunct, Decorrelated* result) const {
    ColumnSet columns;
    CollectColumns(conjunct, &columns);
    for (const ColumnId column : columns) {
      if (!outer_.contains(column)) {
        result->used.insert(column);
      }
    }
    const auto* compare = std::get_if<CompareExpr>(&conjunct.node);
    if (compare == nullptr || compare->op != CompareOp::kEqual) {
      result->used.insert(kNoColumn);
      return;
    }
    const std::optional<ColumnId> left = ColumnOf(*compare->left);
    const std::optional<ColumnId> right = ColumnOf(*compare->right);
    if (!left || !right || outer_.contains(*left) == outer_.contains(*right)) {
      result->used.insert(kNoColumn);
      return;
    }
    result->constant.insert(outer_.contains(*left) ? *right : *left);
  }

  std::optional<Decorrelated> VisitProject(const Plan& plan, const ProjectPlan& project,
                                           const ColumnSet& needed) {
    ColumnSet below;
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      if (!needed.contains(plan.columns[i].id)) {
        continue;
      }
      if (IsCorrelated(*project.expressions[i])) {
        return std::nullopt;
      }
      CollectColumns(*project.expressions[i], &below);
    }
    std::optional<Decorrelated> result = Visit(*project.input, below);
    if (!result) {
      return std::nullopt;
    }
    // A column that passes through is the same one above.
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      const std::optional<ColumnId> column = ColumnOf(*project.expressions[i]);
      Rename(column.value_or(kNoColumn), plan.columns[i].id, &*result);
    }
    return result;
  }

  static void Rename(ColumnId from, ColumnId to, Decorrelated* result) {
    if (from != kNoColumn && result->constant.contains(from)) {
      result->constant.insert(to);
    }
    if (from != kNoColumn && result->used.contains(from)) {
      result->used.insert(to);
      result->used.erase(from);
    }
  }

  // Only a condition of an inner join can be told from the join itself.
  std::optional<Decorrelated> VisitJoin(const JoinPlan& join) {
    if (join.kind != JoinKind::kInner || join.lateral || IsCorrelated(*join.left) ||
        IsCorrelated(*join.right) || HasCorrelatedSubquery(*join.condition)) {
      return std::nullopt;
    }
    Decorrelated result;
    std::vector<const Expr*> conjuncts;
    AddConjuncts(*join.condition, &conjuncts);
    for (const Expr* conjunct : conjuncts) {
      if (IsCorrelated(*conjunct)) {
        AddJoinCondition(*conjunct, &result);
      }
    }
    return result;
  }

  // Whether grouping by `keys` keeps what the join needs: a column that is not one value for each
  // outer row must be a key.
  static bool Groups(const Decorrelated& input, const ColumnSet& keys) {
    return std::all_of(input.used.begin(), input.used.end(), [&](ColumnId column) {
      return column == kNoColumn || input.constant.contains(column) || keys.contains(column);
    });
  }

  std::optional<Decorrelated> VisitAggregate(const Plan& plan, const AggregatePlan& aggregate) {
    if (aggregate.keys.empty() || aggregate.grouping_sets.size() > 1 ||
        HasCorrelatedExpression(plan)) {
      return std::nullopt;
    }
    std::optional<Decorrelated> result = Visit(*aggregate.input, InputsOf(plan));
    if (!result) {
      return std::nullopt;
    }
    ColumnSet keys;
    for (const ExprPtr& key : aggregate.keys) {
      CollectColumns(*key, &keys);
    }
    if (!Groups(*result, keys)) {
      return std::nullopt;
    }
    for (size_t i = 0; i < aggregate.keys.size(); ++i) {
      Rename(ColumnOf(*aggregate.keys[i]).value_or(kNoColumn), plan.columns[i].id, &*result);
    }
    result->at_most_one_row = false;
    return result;
  }

  std::optional<Decorrelated> VisitLimit(const LimitPlan& limit, const ColumnSet& needed) {
    if (limit.limit == 0) {
      return Decorrelated{{}, {}, true};
    }
    const auto* sort = std::get_if<SortPlan>(&limit.input->node);
    ColumnSet below = needed;
    if (sort != nullptr) {
      for (const SortKey& key : sort->keys) {
        if (IsCorrelated(*key.expression)) {
          return std::nullopt;
        }
        CollectColumns(*key.expression, &below);
      }
    }
    std::optional<Decorrelated> result =
        Visit(sort != nullptr ? *sort->input : *limit.input, below);
    if (!result || result->at_most_one_row) {
      return result;
    }
    const auto is_constant = [&](ColumnId column) { return result->constant.contains(column); };
    if (limit.offset != 0 || !std::all_of(result->used.begin(), result->used.end(), is_constant)) {
      return std::nullopt;
    }
    // LIMIT 1 becomes DISTINCT of what is the same in all rows anyway.
    if (sort == nullptr && limit.limit == 1 &&
        !std::all_of(needed.begin(), needed.end(), is_constant)) {
      return std::nullopt;
    }
    return result;
  }

  std::optional<Decorrelated> VisitTable(const Plan& scan, const Plan& table,
                                         const ColumnSet& needed) {
    ColumnSet below;
    for (size_t i = 0; i < scan.columns.size(); ++i) {
      if (needed.contains(scan.columns[i].id)) {
        below.insert(table.columns[i].id);
      }
    }
    std::optional<Decorrelated> result = Visit(table, below);
    for (size_t i = 0; result && i < scan.columns.size(); ++i) {
      Rename(table.columns[i].id, scan.columns[i].id, &*result);
    }
    return result;
  }

  // In `used`: a condition that is no equality of two columns.
  static constexpr ColumnId kNoColumn = -1;

  const ColumnSet outer_;
  absl::flat_hash_map<CteId, const Plan*> tables_;
};

}  // namespace

absl::Status CheckCorrelation(const Plan& plan, SubqueryUse use, Location location) {
  ColumnSet outer = OuterColumns(plan);
  if (outer.empty() || Decorrelator(plan, std::move(outer)).Supports(plan, use)) {
    return absl::OkStatus();
  }
  return ErrorAt(location, "NOT_SUPPORTED", "Given correlated subquery is not supported",
                 absl::StatusCode::kUnimplemented);
}

}  // namespace pallas::sql
