#include "sql/analyzer/prune_columns.h"

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "sql/analyzer/columns.h"
#include "sql/plan/walk.h"

namespace pallas::sql {
namespace {

// Two walks. Mark() goes from users to makers, so that when it comes to a node, everything that can
// refer to its columns has been seen: expressions before inputs, a lateral right side before the
// left, the body of WITH before its tables, later tables before earlier. Drop() comes back up.
class Pruner {
 public:
  void MarkAll(const Plan& plan) {
    for (const PlanColumn& column : plan.columns) {
      needed_.insert(column.id);
    }
  }

  void Mark(Plan& plan) {
    std::visit([&](auto& node) { MarkNode(plan, node); }, plan.node);
  }

  // What `plan` leaves out itself goes first, so that only what has been marked is walked.
  void Drop(PlanPtr& plan) {
    std::visit([&](auto& node) { DropParts(*plan, node); }, plan->node);
    DropInside(*plan);
    std::visit([&](auto& node) { DropColumns(*plan, node); }, plan->node);
    auto* project = std::get_if<ProjectPlan>(&plan->node);
    if (project != nullptr && project->expressions.empty()) {
      PlanPtr input = std::move(project->input);
      plan = std::move(input);
    }
  }

  // Makes `columns` all that `plan` has, for users that go by position.
  static void Restrict(const std::vector<PlanColumn>& columns, PlanPtr& plan) {
    bool same = plan->columns.size() == columns.size();
    for (size_t i = 0; same && i < columns.size(); ++i) {
      same = plan->columns[i].id == columns[i].id;
    }
    if (same) {
      return;
    }
    ProjectPlan project{std::move(plan), {}};
    for (const PlanColumn& column : columns) {
      project.expressions.push_back(ColumnRef(column));
    }
    plan = MakePlan(columns, std::move(project));
  }

 private:
  // The plans below `plan`.
  void DropInside(Plan& plan) {
    ForEachExpression(plan, [&](ExprPtr& expr) { DropInExpr(*expr); });
    if (auto* set = std::get_if<SetOperationPlan>(&plan.node)) {
      // A side may make more columns than are needed here: one that compares whole rows itself.
      std::vector<PlanColumn> left;
      std::vector<PlanColumn> right;
      for (size_t i = 0; i < plan.columns.size(); ++i) {
        if (Needed(plan.columns[i])) {
          left.push_back(set->left->columns[i]);
          right.push_back(set->right->columns[i]);
        }
      }
      Drop(set->left);
      Restrict(left, set->left);
      Drop(set->right);
      Restrict(right, set->right);
    } else if (auto* with = std::get_if<WithPlan>(&plan.node)) {
      DropTables(*with);
      Drop(with->body);
    } else {
      ForEachInput(plan, [&](PlanPtr& input) { Drop(input); });
    }
  }

  bool Needed(const PlanColumn& column) const { return needed_.contains(column.id); }

  // Engines have no rows without columns except those of scans.
  void KeepOne(const Plan& plan) {
    for (const PlanColumn& column : plan.columns) {
      if (Needed(column)) {
        return;
      }
    }
    if (!plan.columns.empty()) {
      needed_.insert(plan.columns.front().id);
    }
  }

  void MarkExpr(Expr& expr) {
    if (const auto* column = std::get_if<ColumnExpr>(&expr.node)) {
      needed_.insert(column->column);
      return;
    }
    ForEachOperand(expr, [&](ExprPtr& operand) { MarkExpr(*operand); });
    if (Plan* subquery = SubqueryOf(expr)) {
      if (!std::holds_alternative<ExistsExpr>(expr.node)) {
        MarkAll(*subquery);
      }
      Mark(*subquery);
    }
  }

  template <typename Node>
  void MarkNode(Plan& plan, Node&) {
    ForEachExpression(plan, [&](ExprPtr& expr) { MarkExpr(*expr); });
    ForEachInput(plan, [&](PlanPtr& input) { Mark(*input); });
  }

  void MarkNode(Plan& plan, ProjectPlan& node) {
    for (size_t i = 0; i < node.expressions.size(); ++i) {
      if (Needed(plan.columns[i])) {
        MarkExpr(*node.expressions[i]);
      }
    }
    Mark(*node.input);
  }

  void MarkNode(Plan& plan, JoinPlan& node) {
    ForEachExpression(plan, [&](ExprPtr& expr) { MarkExpr(*expr); });
    Mark(*node.right);
    Mark(*node.left);
  }

  void MarkNode(Plan& plan, AggregatePlan& node) {
    for (ExprPtr& key : node.keys) {
      MarkExpr(*key);
    }
    if (node.keys.empty()) {
      KeepOne(plan);
    }
    for (size_t i = 0; i < node.calls.size(); ++i) {
      if (Needed(plan.columns[node.keys.size() + i])) {
        MarkCall(node.calls[i]);
      }
    }
    Mark(*node.input);
  }

  void MarkNode(Plan& plan, WindowPlan& node) {
    const size_t first = plan.columns.size() - node.calls.size();
    for (size_t i = 0; i < node.calls.size(); ++i) {
      if (Needed(plan.columns[first + i])) {
        MarkWindow(node.calls[i]);
      }
    }
    Mark(*node.input);
  }

  void MarkNode(Plan& plan, DistinctPlan& node) {
    MarkAll(plan);
    Mark(*node.input);
  }

  void MarkNode(Plan& plan, SetOperationPlan& node) {
    KeepOne(plan);
    const bool by_row = node.distinct || node.operation != SetOperation::kUnion;
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      if (by_row || Needed(plan.columns[i])) {
        needed_.insert(plan.columns[i].id);
        needed_.insert(node.left->columns[i].id);
        needed_.insert(node.right->columns[i].id);
      }
    }
    Mark(*node.right);
    Mark(*node.left);
  }

  void MarkNode(Plan&, WithPlan& node) {
    for (Cte& cte : node.ctes) {
      tables_[cte.id].columns = cte.plan->columns;
    }
    Mark(*node.body);
    for (size_t i = node.ctes.size(); i-- > 0;) {
      MarkTable(node.ctes[i]);
    }
  }

  void MarkNode(Plan& plan, CteScanPlan& node) {
    Table& table = tables_[node.cte];
    table.used = true;
    KeepOne(plan);
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      if (Needed(plan.columns[i])) {
        needed_.insert(table.columns[i].id);
      }
    }
  }

  void MarkTable(Cte& cte) {
    if (!tables_[cte.id].used) {
      return;
    }
    if (cte.step != nullptr) {
      MarkAll(*cte.plan);
      MarkAll(*cte.step);
      Mark(*cte.step);
    }
    Mark(*cte.plan);
  }

  void MarkCall(AggregateCall& call) {
    for (ExprPtr& argument : call.arguments) {
      MarkExpr(*argument);
    }
    if (call.filter != nullptr) {
      MarkExpr(*call.filter);
    }
    MarkKeys(call.order_by);
  }

  void MarkWindow(WindowCall& call) {
    for (std::vector<ExprPtr>* parts : {&call.arguments, &call.partition_by}) {
      for (ExprPtr& part : *parts) {
        MarkExpr(*part);
      }
    }
    MarkKeys(call.order_by);
    for (ExprPtr* part : {&call.filter, &call.start.offset, &call.end.offset}) {
      if (*part != nullptr) {
        MarkExpr(**part);
      }
    }
  }

  void MarkKeys(std::vector<SortKey>& keys) {
    for (SortKey& key : keys) {
      MarkExpr(*key.expression);
    }
  }

  // Drop.

  void DropInExpr(Expr& expr) {
    ForEachOperand(expr, [&](ExprPtr& operand) { DropInExpr(*operand); });
    for (PlanPtr* plan : SubqueryPlans(expr)) {
      const std::vector<PlanColumn> columns = (*plan)->columns;
      Drop(*plan);
      if (!std::holds_alternative<ExistsExpr>(expr.node)) {
        Restrict(columns, *plan);
      }
    }
  }

  static std::vector<PlanPtr*> SubqueryPlans(Expr& expr) {
    if (auto* scalar = std::get_if<ScalarSubqueryExpr>(&expr.node)) {
      return {&scalar->plan};
    }
    if (auto* exists = std::get_if<ExistsExpr>(&expr.node)) {
      return {&exists->plan};
    }
    if (auto* quantified = std::get_if<QuantifiedExpr>(&expr.node)) {
      return {&quantified->plan};
    }
    return {};
  }

  std::vector<PlanColumn> NeededOf(const std::vector<PlanColumn>& columns) const {
    std::vector<PlanColumn> needed;
    for (const PlanColumn& column : columns) {
      if (Needed(column)) {
        needed.push_back(column);
      }
    }
    return needed;
  }

  void DropSide(PlanPtr& side) {
    const std::vector<PlanColumn> columns = NeededOf(side->columns);
    Drop(side);
    Restrict(columns, side);
  }

  void DropTables(WithPlan& node) {
    std::vector<Cte> used;
    for (Cte& cte : node.ctes) {
      if (!tables_[cte.id].used) {
        continue;
      }
      DropSide(cte.plan);
      if (cte.step != nullptr) {
        DropSide(cte.step);
      }
      used.push_back(std::move(cte));
    }
    node.ctes = std::move(used);
  }

  // DropParts: what a node makes and nobody needs.

  template <typename Node>
  void DropParts(Plan&, Node&) {}

  void DropParts(Plan& plan, ProjectPlan& node) {
    std::vector<PlanColumn> columns;
    KeepNeeded(plan.columns, 0, &node.expressions, &columns);
    plan.columns = std::move(columns);
  }

  void DropParts(Plan& plan, AggregatePlan& node) {
    const size_t num_keys = node.keys.size();
    const size_t num_calls = node.calls.size();
    std::vector<PlanColumn> columns(plan.columns.begin(),
                                    plan.columns.begin() + static_cast<ptrdiff_t>(num_keys));
    KeepNeeded(plan.columns, num_keys, &node.calls, &columns);
    KeepNeeded(plan.columns, num_keys + num_calls, &node.groupings, &columns);
    plan.columns = std::move(columns);
  }

  void DropParts(Plan& plan, WindowPlan& node) {
    std::vector<PlanColumn> columns;
    KeepNeeded(plan.columns, plan.columns.size() - node.calls.size(), &node.calls, &columns);
    plan.columns = std::move(columns);  // DropColumns() puts the input's before them
  }

  // Keeps the parts whose column, from `first` on, is needed.
  template <typename Part>
  void KeepNeeded(const std::vector<PlanColumn>& columns, size_t first, std::vector<Part>* parts,
                  std::vector<PlanColumn>* kept_columns) const {
    std::vector<Part> kept;
    for (size_t i = 0; i < parts->size(); ++i) {
      if (Needed(columns[first + i])) {
        kept.push_back(std::move((*parts)[i]));
        kept_columns->push_back(columns[first + i]);
      }
    }
    *parts = std::move(kept);
  }

  // DropColumns: once the inputs are done. By default a node has the columns of its input.

  template <typename Node>
  void DropColumns(Plan& plan, Node& node) {
    plan.columns = node.input->columns;
  }

  void DropColumns(Plan&, ValuesPlan&) {}

  void DropColumns(Plan&, ProjectPlan&) {}

  void DropColumns(Plan&, AggregatePlan&) {}

  void DropColumns(Plan& plan, SetOperationPlan&) { plan.columns = NeededOf(plan.columns); }

  void DropColumns(Plan& plan, WithPlan& node) { plan.columns = node.body->columns; }

  void DropColumns(Plan& plan, ScanPlan& node) {
    std::vector<PlanColumn> columns;
    KeepNeeded(plan.columns, 0, &node.table_columns, &columns);
    plan.columns = std::move(columns);
  }

  void DropColumns(Plan& plan, CteScanPlan& node) {
    const Table& table = tables_[node.cte];
    std::vector<PlanColumn> kept;
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      if (Needed(table.columns[i])) {
        kept.push_back(std::move(plan.columns[i]));
      }
    }
    plan.columns = std::move(kept);
  }

  void DropColumns(Plan& plan, JoinPlan& node) {
    plan.columns = node.left->columns;
    plan.columns.insert(plan.columns.end(), node.right->columns.begin(), node.right->columns.end());
  }

  void DropColumns(Plan& plan, WindowPlan& node) {
    plan.columns.insert(plan.columns.begin(), node.input->columns.begin(),
                        node.input->columns.end());
  }

  // What UNNEST itself makes stays: its arrays are read anyway.
  void DropColumns(Plan& plan, UnnestPlan& node) {
    size_t num_own = node.with_ordinality ? 1 : 0;
    for (const ExprPtr& expression : node.expressions) {
      num_own += NumUnnested(expression->type);
    }
    std::vector<PlanColumn> columns;
    if (node.input != nullptr) {
      columns = node.input->columns;
    }
    columns.insert(columns.end(), plan.columns.end() - static_cast<ptrdiff_t>(num_own),
                   plan.columns.end());
    plan.columns = std::move(columns);
  }

  static size_t NumUnnested(const Type& type) {
    if (type.kind() == TypeKind::kMap) {
      return 2;
    }
    const bool rows = type.element().kind() == TypeKind::kRow;
    return rows ? type.element().children().size() : 1;
  }

  // A table of WITH as it was before anything was dropped.
  struct Table {
    std::vector<PlanColumn> columns;
    bool used = false;
  };

  ColumnSet needed_;
  absl::flat_hash_map<CteId, Table> tables_;
};

}  // namespace

void PruneColumns(PlanPtr& plan) {
  const std::vector<PlanColumn> columns = plan->columns;
  Pruner pruner;
  pruner.MarkAll(*plan);
  pruner.Mark(*plan);
  pruner.Drop(plan);
  Pruner::Restrict(columns, plan);
}

}  // namespace pallas::sql
