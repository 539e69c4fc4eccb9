#include "engine/duckdb/scan_optimizer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "duckdb/execution/operator/join/join_filter_pushdown.hpp"
#include "duckdb/optimizer/join_filter_pushdown_optimizer.hpp"
#include "duckdb/planner/operator/list.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/constraint_builder.h"
#include "engine/duckdb/lake_scan.h"
#include "engine/duckdb/scan_function.h"
#include "engine/duckdb/scan_operator.h"
#include "federation/source.h"

namespace pallas::engine {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

// ---- Dynamic filters ----

bool LimitsRows(const LogicalOperator& op) {
  return op.type == LogicalOperatorType::LOGICAL_TOP_N ||
         op.type == LogicalOperatorType::LOGICAL_LIMIT;
}

// Allows joins to filter the scans below `op`, except those under a limit that lies under a join:
// DuckDB's pass walks through limits, but the first ten rows of those that match are not those that
// match among the first ten.
void AllowJoinFilters(LogicalOperator& op, bool below_join, bool allowed, bool& any) {
  if (op.type == LogicalOperatorType::LOGICAL_GET) {
    auto& get = op.Cast<duckdb::LogicalGet>();
    if (IsFederatedScan(op) || IsLakeScan(op)) {
      get.function.filter_pushdown = allowed;
      get.dynamic_filters = nullptr;
      any = true;
    }
  }
  allowed &= !(below_join && LimitsRows(op));
  below_join |= op.type == LogicalOperatorType::LOGICAL_COMPARISON_JOIN;
  for (const auto& child : op.children) {
    AllowJoinFilters(*child, below_join, allowed, any);
  }
}

// The outputs of `get` that joins in `op` filter.
void CollectFilteredOutputs(LogicalOperator& op, const duckdb::LogicalGet& get,
                            std::set<duckdb::idx_t>& outputs) {
  if (op.type == LogicalOperatorType::LOGICAL_COMPARISON_JOIN) {
    const auto& join = op.Cast<duckdb::LogicalComparisonJoin>();
    if (join.filter_pushdown) {
      for (const auto& probe : join.filter_pushdown->probe_info) {
        if (probe.dynamic_filters != get.dynamic_filters) {
          continue;
        }
        for (const auto& column : probe.columns) {
          outputs.insert(column.probe_column_index.column_index);
        }
      }
    }
  }
  for (const auto& child : op.children) {
    CollectFilteredOutputs(*child, get, outputs);
  }
}

// ---- Static constraints ----

// What lies above a scan and may go to its source.
struct Above {
  const duckdb::LogicalFilter* filter = nullptr;
  std::optional<int64_t> limit;
};

// The question to the source about one scan, and its answer.
class ScanPlanner {
 public:
  ScanPlanner(const duckdb::LogicalGet& get, const Above& above)
      : get_(get), above_(above), data_(get.bind_data->Cast<ScanBindData>()), scan_(*data_.scan) {}

  absl::StatusOr<FederatedScanPlan> Plan() {
    AddColumns();
    AddConstraints();
    RETURN_IF_ERROR(AskSource());
    plan_.scan = data_.scan;
    plan_.request = std::move(request_);
    plan_.dynamic_filters = get_.dynamic_filters;
    return std::move(plan_);
  }

  ScanExplanation TakeExplanation() { return std::move(explanation_); }

 private:
  void AddColumns() {
    for (const duckdb::ColumnIndex& id : get_.GetColumnIds()) {
      if (id.IsVirtualColumn() || id.GetPrimaryIndex() >= scan_.columns.size()) {
        plan_.outputs.emplace_back(std::nullopt);
        continue;
      }
      plan_.outputs.emplace_back(id.GetPrimaryIndex());
      const std::string& name = scan_.columns[id.GetPrimaryIndex()].name;
      if (std::find(request_.columns.begin(), request_.columns.end(), name) ==
          request_.columns.end()) {
        request_.columns.push_back(name);
      }
    }
  }

  void AddSet(const std::string& column, const sdk::ValueSet& set) {
    const auto [known, added] = request_.constraints.summary.emplace(column, set);
    if (!added) {
      known->second = known->second.Intersect(set);
    }
  }

  void AddConstraints() {
    for (const auto& [column, set] : data_.early_sets) {
      AddSet(column, set);
    }
    if (above_.filter == nullptr) {
      return;
    }
    const ColumnOfBinding column_of = [&](const duckdb::ColumnBinding& binding) {
      return ColumnOf(get_, scan_, binding);
    };
    for (const auto& condition : above_.filter->expressions) {
      ScanTerm term = BuildTerm(*condition, column_of);
      all_complete_ &= term.complete;
      if (term.set) {
        AddSet(term.column, *term.set);
      }
      if (term.expression) {
        request_.constraints.expressions.push_back(*std::move(term.expression));
      }
      if (!term.complete) {
        AddLine(absl::StrCat("a condition on ", absl::StrJoin(term.columns, ", ")),
                term.set ? "pushed in part, checked again: a source cannot be told all of it"
                         : "not pushed: a source cannot be told it");
      }
    }
  }

  void AddLine(std::string_view term, std::string_view verdict) {
    explanation_.terms.push_back(absl::StrCat(term, ": ", verdict));
  }

  void AddVerdict(std::string_view term, const sdk::TermSupport& support) {
    switch (support.support) {
      case sdk::Support::kExact:
        AddLine(term, "pushed (exact)");
        return;
      case sdk::Support::kInexact:
        AddLine(term, absl::StrCat("pushed, checked again: ", support.reason));
        return;
      case sdk::Support::kUnsupported:
        AddLine(term, absl::StrCat("not pushed: ", support.reason));
    }
  }

  absl::StatusOr<sdk::Pushdown> PlanPushdown() const {
    const catalog::ResolvedTable& table = *scan_.table;
    absl::StatusOr<sdk::Pushdown> pushdown = table.source->connector().PlanPushdown(
        table.source->Bind(scan_.environment.request), *table.table, request_);
    if (!pushdown.ok()) {
      return Annotate(pushdown.status(), absl::StrCat(table.name.ToString(), ": "));
    }
    if (pushdown->expressions.size() != request_.constraints.expressions.size()) {
      return absl::InternalError(absl::StrCat(
          table.name.ToString(), ": the connector answered for ", pushdown->expressions.size(),
          " expressions, not for ", request_.constraints.expressions.size()));
    }
    return pushdown;
  }

  // Leaves in the request what the source takes.
  absl::Status AskSource() {
    request_.limit = all_complete_ ? above_.limit : std::nullopt;
    ASSIGN_OR_RETURN(sdk::Pushdown pushdown, PlanPushdown());
    bool asked_too_much = false;
    bool exact = KeepSupported(pushdown, asked_too_much);
    exact &= pushdown.limit.support != sdk::Support::kUnsupported;
    if (request_.limit && !exact) {
      request_.limit.reset();
      asked_too_much = true;
    }
    ExplainLimit(pushdown.limit);
    if (asked_too_much) {
      ASSIGN_OR_RETURN(pushdown, PlanPushdown());  // the statement as it will be
    }
    explanation_.table = scan_.table->name.ToString();
    explanation_.columns = request_.columns;
    explanation_.statement = pushdown.statement;
    return absl::OkStatus();
  }

  // True if every term is exact.
  bool KeepSupported(const sdk::Pushdown& pushdown, bool& dropped) {
    bool exact = true;
    auto& summary = request_.constraints.summary;
    for (auto item = summary.begin(); item != summary.end();) {
      const auto answer = pushdown.summary.find(item->first);
      const sdk::TermSupport support =
          answer == pushdown.summary.end()
              ? sdk::TermSupport{sdk::Support::kUnsupported, "the source says nothing about it"}
              : answer->second;
      AddVerdict(absl::StrCat(item->first, " in ", item->second.ToString()), support);
      exact &= support.support == sdk::Support::kExact;
      const bool drop = support.support == sdk::Support::kUnsupported;
      dropped |= drop;
      item = drop ? summary.erase(item) : std::next(item);
    }
    std::vector<sdk::Expression> kept;
    auto& expressions = request_.constraints.expressions;
    for (size_t i = 0; i < expressions.size(); ++i) {
      const sdk::TermSupport& support = pushdown.expressions[i];
      AddVerdict(expressions[i].ToString(), support);
      exact &= support.support == sdk::Support::kExact;
      if (support.support != sdk::Support::kUnsupported) {
        kept.push_back(std::move(expressions[i]));
      }
    }
    dropped |= kept.size() != expressions.size();
    expressions = std::move(kept);
    return exact;
  }

  void ExplainLimit(const sdk::TermSupport& answer) {
    if (!above_.limit) {
      return;
    }
    const std::string term = absl::StrCat("limit ", *above_.limit);
    if (request_.limit) {
      AddLine(term, "pushed, checked again: it holds for each split");
    } else if (!all_complete_ || answer.support != sdk::Support::kUnsupported) {
      AddLine(term, "not pushed: a condition below it is not exact");
    } else {
      AddLine(term, absl::StrCat("not pushed: ", answer.reason));
    }
  }

  const duckdb::LogicalGet& get_;
  const Above above_;
  const ScanBindData& data_;
  const TableScan& scan_;
  bool all_complete_ = true;  // the constraints say all that the filter above says
  sdk::Scan request_;
  FederatedScanPlan plan_;
  ScanExplanation explanation_;
};

// ---- Replacement ----

class ScanReplacer {
 public:
  explicit ScanReplacer(LogicalOperator& root) : root_(root) {}

  void Visit(duckdb::unique_ptr<LogicalOperator>& op, const Above& above) {
    if (IsFederatedScan(*op)) {
      Replace(op, above);
      return;
    }
    if (IsLakeScan(*op)) {
      ExplainLake(op->Cast<duckdb::LogicalGet>());
      return;
    }
    const Above below = Below(*op, above);
    for (auto& child : op->children) {
      Visit(child, below);
    }
  }

 private:
  static Above Below(const LogicalOperator& op, const Above& above) {
    Above below;
    switch (op.type) {
      case LogicalOperatorType::LOGICAL_LIMIT:
        below.limit = RowsNeeded(op.Cast<duckdb::LogicalLimit>());
        break;
      case LogicalOperatorType::LOGICAL_PROJECTION:
        below.limit = above.limit;
        break;
      case LogicalOperatorType::LOGICAL_FILTER:
        // Only the filter right above the scan is looked at; a limit above others must not pass.
        if (IsFederatedScan(*op.children[0])) {
          below.filter = &op.Cast<duckdb::LogicalFilter>();
          below.limit = above.limit;
        }
        break;
      default:
        break;
    }
    return below;
  }

  static std::optional<int64_t> RowsNeeded(const duckdb::LogicalLimit& limit) {
    if (limit.limit_val.Type() != duckdb::LimitNodeType::CONSTANT_VALUE) {
      return std::nullopt;
    }
    auto rows = static_cast<int64_t>(limit.limit_val.GetConstantValue());
    if (limit.offset_val.Type() == duckdb::LimitNodeType::CONSTANT_VALUE) {
      if (__builtin_add_overflow(rows, static_cast<int64_t>(limit.offset_val.GetConstantValue()),
                                 &rows)) {
        return std::nullopt;
      }
    } else if (limit.offset_val.Type() != duckdb::LimitNodeType::UNSET) {
      return std::nullopt;
    }
    return rows;
  }

  std::vector<std::string> FilteredColumns(const duckdb::LogicalGet& get,
                                           const TableScan& scan) const {
    std::vector<std::string> names;
    if (get.dynamic_filters == nullptr) {
      return names;
    }
    std::set<duckdb::idx_t> outputs;
    CollectFilteredOutputs(root_, get, outputs);
    for (const duckdb::idx_t output : outputs) {
      const ScanColumn* const column =
          ColumnOf(get, scan, duckdb::ColumnBinding(get.table_index, output));
      if (column != nullptr && HasValueSets(*column)) {
        names.push_back(column->name);
      }
    }
    return names;
  }

  void Replace(duckdb::unique_ptr<LogicalOperator>& op, const Above& above) const {
    auto& get = op->Cast<duckdb::LogicalGet>();
    TableScan& scan = *get.bind_data->Cast<ScanBindData>().scan;
    ScanPlanner planner(get, above);
    FederatedScanPlan plan = ValueOrThrow(planner.Plan());
    ScanExplanation explanation = planner.TakeExplanation();
    explanation.dynamic_filters = FilteredColumns(get, scan);
    scan.SetExplanation(std::move(explanation));
    op = duckdb::make_uniq<LogicalFederatedScan>(get, std::move(plan));
  }

  void ExplainLake(duckdb::LogicalGet& get) const {
    TableScan& scan = LakeScanOf(get);
    ScanExplanation explanation = ExplainLakeScan(get);
    explanation.dynamic_filters = FilteredColumns(get, scan);
    scan.SetExplanation(std::move(explanation));
  }

  LogicalOperator& root_;
};

void Optimize(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<LogicalOperator>& plan) {
  bool any = false;
  AllowJoinFilters(*plan, false, true, any);
  if (!any) {
    return;
  }
  duckdb::JoinFilterPushdownOptimizer(input.optimizer).VisitOperator(*plan);
  ScanReplacer(*plan).Visit(plan, Above());
}

}  // namespace

duckdb::OptimizerExtension MakeScanOptimizer() {
  duckdb::OptimizerExtension extension;
  extension.optimize_function = Optimize;
  return extension;
}

}  // namespace pallas::engine
