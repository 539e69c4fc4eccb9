#include "connectors/mysql/pushdown.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "connectors/mysql/connection.h"
#include "connectors/mysql/expression_sql.h"
#include "connectors/mysql/value_set_sql.h"

namespace pallas::mysql {
namespace {

using sdk::Support;

bool IsExact(const sdk::Pushdown& pushdown) {
  for (const auto& [column, support] : pushdown.summary) {
    if (support.support != Support::kExact) {
      return false;
    }
  }
  for (const sdk::TermSupport& support : pushdown.expressions) {
    if (support.support != Support::kExact) {
      return false;
    }
  }
  return true;
}

// Whether the server sorts the column as the engine does.
bool Sorts(const SourceColumn& column) {
  switch (column.mapping.filter) {
    case FilterKind::kNumber:
    case FilterKind::kYear:
    case FilterKind::kFloat:
    case FilterKind::kDouble:
    case FilterKind::kText:
    case FilterKind::kBinary:
      return true;
    default:
      return false;
  }
}

std::string OrderTerm(const SourceColumn& column, sdk::SortOrder order) {
  const bool descending =
      order == sdk::SortOrder::kDescNullsFirst || order == sdk::SortOrder::kDescNullsLast;
  std::string nulls;
  // The server puts NULL first when ascending and last when descending.
  if (order == sdk::SortOrder::kAscNullsLast) {
    nulls = absl::StrCat("ISNULL(", column.quoted, ") ASC, ");
  } else if (order == sdk::SortOrder::kDescNullsFirst) {
    nulls = absl::StrCat("ISNULL(", column.quoted, ") DESC, ");
  }
  return absl::StrCat(nulls, ComparedExpression(column), descending ? " DESC" : " ASC");
}

// The ORDER BY clause, or nullopt if the server's order is not the engine's.
std::optional<std::string> OrderClause(const SourceTable& table, const sdk::Scan& scan) {
  std::vector<std::string> terms;
  terms.reserve(scan.order_by.size());
  for (const sdk::OrderBy& order : scan.order_by) {
    const SourceColumn* const column = table.Find(order.column);
    if (column == nullptr || column->is_partition_name || !Sorts(*column)) {
      return std::nullopt;
    }
    terms.push_back(OrderTerm(*column, order.order));
  }
  return absl::StrCat(" ORDER BY ", absl::StrJoin(terms, ", "));
}

// ORDER BY goes out only with a LIMIT, and a LIMIT only where nothing is filtered after it.
void PlanLimit(const SourceTable& table, const sdk::Scan& scan, ScanPlan& plan) {
  sdk::Pushdown& pushdown = plan.pushdown;
  if (!scan.order_by.empty() && !scan.limit) {
    pushdown.order_by = {Support::kUnsupported, "sorting without a limit is left to the engine"};
    return;
  }
  if (!scan.limit) {
    return;
  }
  if (!IsExact(pushdown)) {
    pushdown.limit = {Support::kUnsupported, "the engine filters the rows again"};
    pushdown.order_by = pushdown.limit;
    return;
  }
  std::string order;
  if (!scan.order_by.empty()) {
    const auto clause = OrderClause(table, scan);
    if (!clause) {
      pushdown.order_by = {Support::kUnsupported, "the server sorts a column in another order"};
      pushdown.limit = {Support::kUnsupported, pushdown.order_by.reason};
      return;
    }
    order = *clause;
    pushdown.order_by = {Support::kExact, ""};
  }
  pushdown.limit = {Support::kExact, ""};
  plan.order_and_limit = absl::StrCat(order, " LIMIT ", *scan.limit);
}

}  // namespace

ScanPlan PlanScan(const SourceTable& table, const sdk::Scan& scan) {
  ScanPlan plan;
  const auto take = [&](Condition condition) {
    if (!condition.sql.empty()) {
      plan.conditions.push_back(std::move(condition.sql));
    }
    return std::move(condition.support);
  };
  // In the order of the table's columns, so that the text does not depend on their names.
  for (const SourceColumn& column : table.columns()) {
    const auto set = scan.constraints.summary.find(column.name);
    if (set == scan.constraints.summary.end()) {
      continue;
    }
    // The partition's name is looked at when partitions are planned.
    plan.pushdown.summary[column.name] = column.is_partition_name
                                             ? sdk::TermSupport{Support::kExact, ""}
                                             : take(ColumnCondition(column, set->second));
  }
  for (const auto& [column, set] : scan.constraints.summary) {
    plan.pushdown.summary.try_emplace(
        column, sdk::TermSupport{Support::kUnsupported, "the table has no such column"});
  }
  for (const sdk::Expression& expression : scan.constraints.expressions) {
    plan.pushdown.expressions.push_back(take(ExpressionCondition(table, expression)));
  }
  if (scan.aggregation) {
    plan.pushdown.aggregation = {Support::kUnsupported, "aggregates are left to the engine"};
  }
  PlanLimit(table, scan, plan);
  return plan;
}

absl::StatusOr<std::vector<SourceColumn>> SelectedColumns(const SourceTable& table,
                                                          const sdk::Scan& scan) {
  std::vector<SourceColumn> columns;
  for (const std::string& name : scan.columns) {
    const SourceColumn* const column = table.Find(name);
    if (column == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("The table ", table.quoted(), " has no column '", name, "'"));
    }
    if (!column->is_partition_name) {
      columns.push_back(*column);
    }
  }
  return columns;
}

std::string Statement(const SourceTable& table, const std::vector<SourceColumn>& columns,
                      const ScanPlan& plan, const SplitRange& range) {
  std::vector<std::string> items;
  items.reserve(columns.size());
  for (const SourceColumn& column : columns) {
    items.push_back(SelectExpression(column.mapping, column.quoted));
  }
  std::string from = absl::StrCat(" FROM ", table.quoted());
  if (range.partition != kNoPartition) {
    // MY-2: a partition may be named like a keyword.
    absl::StrAppend(&from, " PARTITION(", QuoteName(range.partition), ")");
  }
  std::vector<std::string> conditions = plan.conditions;
  if (range.low) {
    conditions.push_back(absl::StrCat("(", QuoteName(range.key_column), " >= ", *range.low, ")"));
  }
  if (range.high) {
    conditions.push_back(absl::StrCat("(", QuoteName(range.key_column), " < ", *range.high, ")"));
  }
  if (!conditions.empty()) {
    absl::StrAppend(&from, " WHERE ", absl::StrJoin(conditions, " AND "));
  }
  absl::StrAppend(&from, plan.order_and_limit);
  if (!items.empty()) {
    return absl::StrCat("SELECT ", absl::StrJoin(items, ", "), from);
  }
  return plan.order_and_limit.empty()
             ? absl::StrCat("SELECT COUNT(*)", from)
             : absl::StrCat("SELECT COUNT(*) FROM (SELECT 1", from, ") AS `rows`");
}

void AddDynamicFilters(const SourceTable& table, const sdk::Scan& scan, ScanPlan& plan) {
  for (const SourceColumn& column : table.columns()) {
    const auto set = scan.dynamic_filters.find(column.name);
    if (set == scan.dynamic_filters.end() || column.is_partition_name) {
      continue;
    }
    if (Condition condition = ColumnCondition(column, set->second); !condition.sql.empty()) {
      plan.conditions.push_back(std::move(condition.sql));
    }
  }
}

}  // namespace pallas::mysql
