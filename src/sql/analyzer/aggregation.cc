#include "sql/analyzer/aggregation.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "sql/plan/walk.h"

namespace pallas::sql {
namespace {

// More would be a mistake: each set is one pass over the groups.
constexpr uint64_t kMaxGroupingSets = 2048;

absl::Status CheckCount(uint64_t count, Location location) {
  if (count <= kMaxGroupingSets) {
    return absl::OkStatus();
  }
  return ErrorAt(location, "TOO_MANY_GROUPING_SETS",
                 absl::StrCat("GROUP BY has ", count, " grouping sets but can contain at most ",
                              kMaxGroupingSets));
}

void AppendAll(const std::vector<int>& from, std::vector<int>* to) {
  to->insert(to->end(), from.begin(), from.end());
}

}  // namespace

absl::StatusOr<GroupingSets> ExpandGrouping(ast::GroupingElement::Kind kind,
                                            const GroupingSets& groups, Location location) {
  using Kind = ast::GroupingElement::Kind;
  GroupingSets sets;
  if (kind == Kind::kGroupingSets) {
    return groups;
  }
  if (kind == Kind::kRollup) {
    // All groups, then one less each time, down to the grand total.
    for (size_t length = groups.size() + 1; length-- > 0;) {
      std::vector<int> set;
      for (size_t i = 0; i < length; ++i) {
        AppendAll(groups[i], &set);
      }
      sets.push_back(std::move(set));
    }
    return sets;
  }
  constexpr size_t kMaxCubed = 62;  // so that the count fits
  const uint64_t count = uint64_t{1} << std::min(groups.size(), kMaxCubed);
  if (absl::Status status = CheckCount(count, location); !status.ok()) {
    return status;
  }
  // Counting down, so that the set of all groups comes first.
  for (uint64_t mask = count; mask-- > 0;) {
    std::vector<int> set;
    for (size_t i = 0; i < groups.size(); ++i) {
      if ((mask >> (groups.size() - 1 - i) & 1) != 0) {
        AppendAll(groups[i], &set);
      }
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

absl::StatusOr<GroupingSets> CrossGroupings(const GroupingSets& left, const GroupingSets& right,
                                            Location location) {
  if (absl::Status status = CheckCount(uint64_t{left.size()} * right.size(), location);
      !status.ok()) {
    return status;
  }
  GroupingSets sets;
  for (const std::vector<int>& a : left) {
    for (const std::vector<int>& b : right) {
      sets.push_back(a);
      AppendAll(b, &sets.back());
    }
  }
  return sets;
}

void NormalizeGroupings(bool distinct, GroupingSets* sets) {
  GroupingSets unique;
  for (std::vector<int>& set : *sets) {
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    if (!distinct || std::find(unique.begin(), unique.end(), set) == unique.end()) {
      unique.push_back(std::move(set));
    }
  }
  *sets = std::move(unique);
}

AggregationRewriter::AggregationRewriter(std::span<const GroupingKey> keys, ColumnSet input)
    : input_(std::move(input)) {
  for (const GroupingKey& key : keys) {
    if (const auto* column = std::get_if<ColumnExpr>(&key.expression->node)) {
      columns_.emplace(column->column, key.column);
    } else {
      expressions_.push_back(&key);
    }
  }
}

ColumnId AggregationRewriter::KeyColumn(const Expr& expr) const {
  if (const auto* column = std::get_if<ColumnExpr>(&expr.node)) {
    const auto key = columns_.find(column->column);
    return key == columns_.end() ? -1 : key->second;
  }
  for (const GroupingKey* key : expressions_) {
    if (Equal(*key->expression, expr)) {
      return key->column;
    }
  }
  return -1;
}

AggregationRewriter::Stray AggregationRewriter::Rewrite(ExprPtr& expr) const {
  if (const ColumnId key = KeyColumn(*expr); key != -1) {
    expr = ColumnRef(key, expr->type, expr->location);
    return {};
  }
  if (const auto* column = std::get_if<ColumnExpr>(&expr->node)) {
    return {input_.contains(column->column) ? expr.get() : nullptr, false};
  }
  Stray stray;
  ForEachOperand(*expr, [&](ExprPtr& operand) {
    if (stray.reference == nullptr) {
      stray = Rewrite(operand);
    }
  });
  if (Plan* plan = SubqueryOf(*expr); stray.reference == nullptr && plan != nullptr) {
    stray = RewriteSubquery(*plan);
  }
  return stray;
}

AggregationRewriter::Stray AggregationRewriter::RewriteSubquery(Plan& plan) const {
  Stray stray;
  ForEachExpression(plan, [&](ExprPtr& expr) {
    if (stray.reference == nullptr) {
      stray = RewriteInSubquery(expr);
    }
  });
  ForEachInput(plan, [&](PlanPtr& input) {
    if (stray.reference == nullptr) {
      stray = RewriteSubquery(*input);
    }
  });
  return stray;
}

// Inside a subquery only plain columns are the outer query's; whole keys are not looked for.
AggregationRewriter::Stray AggregationRewriter::RewriteInSubquery(ExprPtr& expr) const {
  if (auto* column = std::get_if<ColumnExpr>(&expr->node)) {
    const auto key = columns_.find(column->column);
    if (key != columns_.end()) {
      column->column = key->second;
      return {};
    }
    return {input_.contains(column->column) ? expr.get() : nullptr, true};
  }
  Stray stray;
  ForEachOperand(*expr, [&](ExprPtr& operand) {
    if (stray.reference == nullptr) {
      stray = RewriteInSubquery(operand);
    }
  });
  if (Plan* plan = SubqueryOf(*expr); stray.reference == nullptr && plan != nullptr) {
    stray = RewriteSubquery(*plan);
  }
  return stray;
}

}  // namespace pallas::sql
