#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/expression_text.h"
#include "sql/analyzer/select_analyzer.h"

namespace pallas::sql {
namespace {

using Stray = AggregationRewriter::Stray;

constexpr std::string_view kNotAggregate = "EXPRESSION_NOT_AGGREGATE";

// More arguments make GROUPING() a bigint.
constexpr size_t kMaxIntegerGrouping = 31;

absl::Status SubqueryError(const Expr& reference, const Scope& source) {
  std::string name;
  for (const ScopeField& field : source.fields) {
    if (field.column == std::get<ColumnExpr>(reference.node).column) {
      name = field.name;
    }
  }
  return ErrorAt(reference.location, kNotAggregate,
                 absl::StrCat("Subquery uses '", name, "' which must appear in GROUP BY clause"));
}

absl::Status ExpressionError(const Stray& stray, const ast::Expr& written, const Scope& source) {
  if (stray.in_subquery) {
    return SubqueryError(*stray.reference, source);
  }
  return ErrorAt(NodeLocation(written), kNotAggregate,
                 absl::StrCat("'", ExpressionText(written),
                              "' must be an aggregate expression or appear in GROUP BY clause"));
}

absl::Status NotAColumn(const ast::Expr& expression) {
  return ErrorAt(
      NodeLocation(expression), "INVALID_COLUMN_REFERENCE",
      absl::StrCat("GROUP BY expression must be a column reference: ", ExpressionText(expression)));
}

// A column that `*` stands for.
absl::Status StarError(const ScopeField& field, size_t position) {
  std::string name = absl::StrCat("'", field.name, "'");
  if (field.name.empty()) {
    name = absl::StrCat(position);
  } else if (!field.qualifier.empty()) {
    name = absl::StrCat("'", field.qualifier.back(), ".", field.name, "'");
  }
  return NamedError(kNotAggregate, absl::StrCat("Column ", name, " not in GROUP BY clause"));
}

// Part of a window, which is kept typed only.
absl::Status WindowError(const Stray& stray, const Scope& source, std::string_view what) {
  if (stray.in_subquery) {
    return SubqueryError(*stray.reference, source);
  }
  std::string name;
  for (const ScopeField& field : source.fields) {
    if (field.column == std::get<ColumnExpr>(stray.reference->node).column) {
      name = field.name;
    }
  }
  return ErrorAt(stray.reference->location, kNotAggregate,
                 absl::StrCat(what, "'", name,
                              "' must be an aggregate expression or appear in GROUP BY clause"));
}

}  // namespace

absl::Status SelectAnalyzer::AnalyzeGroupBy() {
  if (!select_.has_group_by) {
    return absl::OkStatus();
  }
  grouping_sets_ = {{}};
  for (const ast::GroupingElement& element : select_.group_by) {
    ASSIGN_OR_RETURN(const GroupingSets sets, AnalyzeGroupingElement(element));
    ASSIGN_OR_RETURN(grouping_sets_, CrossGroupings(grouping_sets_, sets, element.location));
  }
  NormalizeGroupings(select_.group_by_distinct, &grouping_sets_);
  return absl::OkStatus();
}

absl::StatusOr<GroupingSets> SelectAnalyzer::AnalyzeGroupingElement(
    const ast::GroupingElement& element) {
  const bool simple = element.kind == ast::GroupingElement::Kind::kExpressions;
  GroupingSets groups;
  for (const std::vector<ast::ExprPtr>& expressions : element.sets) {
    groups.emplace_back();
    for (const ast::ExprPtr& expression : expressions) {
      ASSIGN_OR_RETURN(const int key, AnalyzeKey(*expression, /*column_only=*/!simple));
      groups.back().push_back(key);
    }
  }
  return simple ? groups : ExpandGrouping(element.kind, groups, element.location);
}

absl::StatusOr<int> SelectAnalyzer::AnalyzeKey(const ast::Expr& expression, bool column_only) {
  if (column_only && expression.kind != ast::ExprKind::kColumn &&
      expression.kind != ast::ExprKind::kDereference) {
    return NotAColumn(expression);
  }
  if (const std::optional<std::string> ordinal = OrdinalText(expression)) {
    return KeyOfOrdinal(*ordinal, expression.location);
  }
  ASSIGN_OR_RETURN(ExprPtr key, queries_.expressions().Analyze(expression, source_,
                                                               {.clause = "GROUP BY clause"}));
  if (column_only && !std::holds_alternative<ColumnExpr>(key->node)) {
    return NotAColumn(expression);
  }
  return AddKey(std::move(key), expression.location);
}

absl::StatusOr<int> SelectAnalyzer::KeyOfOrdinal(std::string_view ordinal, Location location) {
  size_t position = 0;
  if (!absl::SimpleAtoi(ordinal, &position) || position < 1 || position > outputs_.size()) {
    return ErrorAt(location, "INVALID_COLUMN_REFERENCE",
                   absl::StrCat("GROUP BY position ", ordinal, " is not in select list"));
  }
  Output& output = outputs_[position - 1];
  ColumnSet captured;
  for (const CapturedCalls::Aggregate& aggregate : calls_.aggregates) {
    captured.insert(aggregate.column);
  }
  for (const CapturedCalls::Grouping& grouping : calls_.groupings) {
    captured.insert(grouping.column);
  }
  for (const CapturedCalls::WindowUse& window : calls_.windows) {
    captured.insert(window.column);
  }
  if (FindReference(*output.expression, captured) != nullptr) {
    return ErrorAt(output.location, "EXPRESSION_NOT_SCALAR",
                   absl::StrCat("GROUP BY clause cannot contain aggregations, window functions or "
                                "grouping operations: [",
                                ExpressionText(*output.written), "]"));
  }
  // The key takes the expression over, because a copy of a subquery would not be equal to it.
  if (const int key = KeyInColumn(*output.expression); key != -1) {
    return key;
  }
  const Type type = output.expression->type;
  ASSIGN_OR_RETURN(const int key, AddKey(std::move(output.expression), output.location));
  output.expression = ColumnRef(keys_[static_cast<size_t>(key)].column, type, output.location);
  return key;
}

// The key whose column `expr` is, or -1.
int SelectAnalyzer::KeyInColumn(const Expr& expr) const {
  const auto* column = std::get_if<ColumnExpr>(&expr.node);
  for (size_t i = 0; column != nullptr && i < keys_.size(); ++i) {
    if (keys_[i].column == column->column) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

absl::StatusOr<int> SelectAnalyzer::AddKey(ExprPtr key, Location location) {
  if (!IsComparable(key->type)) {
    return ErrorAt(location, "TYPE_MISMATCH",
                   absl::StrCat(key->type.ToString(),
                                " is not comparable, and therefore cannot be used in GROUP BY"));
  }
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (Equal(*keys_[i].expression, *key)) {
      return static_cast<int>(i);
    }
  }
  keys_.push_back({std::move(key), queries_.NextColumn()});
  return static_cast<int>(keys_.size()) - 1;
}

bool SelectAnalyzer::IsAggregation() const {
  return select_.has_group_by || select_.having != nullptr || !calls_.aggregates.empty() ||
         !calls_.groupings.empty();
}

absl::Status SelectAnalyzer::Aggregate() {
  if (!IsAggregation()) {
    return absl::OkStatus();
  }
  ColumnSet input;
  for (const PlanColumn& column : plan_->columns) {
    input.insert(column.id);
  }
  const AggregationRewriter rewriter(keys_, std::move(input));
  ASSIGN_OR_RETURN(GroupingSets groupings, AnalyzeGroupings());
  RETURN_IF_ERROR(RewriteOverKeys(rewriter));

  AggregatePlan node;
  node.input = std::move(plan_);
  std::vector<PlanColumn> columns;
  for (GroupingKey& key : keys_) {
    columns.push_back({key.column, "", key.expression->type});
    node.keys.push_back(std::move(key.expression));
  }
  const bool plain = grouping_sets_.size() <= 1;
  if (!plain) {
    node.grouping_sets = std::move(grouping_sets_);
  }
  for (CapturedCalls::Aggregate& aggregate : calls_.aggregates) {
    columns.push_back({aggregate.column, "", aggregate.call.function.result_type});
    node.calls.push_back(std::move(aggregate.call));
  }
  for (size_t i = 0; i < groupings.size(); ++i) {
    const bool small = groupings[i].size() <= kMaxIntegerGrouping;
    columns.push_back({calls_.groupings[i].column, "", small ? Type::Integer() : Type::Bigint()});
  }
  node.groupings = std::move(groupings);
  plan_ = MakePlan(std::move(columns), std::move(node));
  if (having_ != nullptr) {
    plan_ = Filter(std::move(plan_), std::move(having_));
  }
  return absl::OkStatus();
}

// Each grouping() as the keys it asks about.
absl::StatusOr<GroupingSets> SelectAnalyzer::AnalyzeGroupings() {
  GroupingSets groupings;
  for (const CapturedCalls::Grouping& grouping : calls_.groupings) {
    if (!select_.has_group_by) {
      return ErrorAt(select_.location, "MISSING_GROUP_BY",
                     "A GROUPING() operation can only be used with a corresponding GROUPING "
                     "SET/CUBE/ROLLUP/GROUP BY clause");
    }
    groupings.emplace_back();
    for (size_t j = 0; j < grouping.arguments.size(); ++j) {
      int found = -1;
      for (size_t i = 0; i < keys_.size(); ++i) {
        if (Equal(*keys_[i].expression, *grouping.arguments[j])) {
          found = static_cast<int>(i);
        }
      }
      if (found == -1) {
        return ErrorAt(grouping.location, "INVALID_ARGUMENTS",
                       absl::StrCat("The arguments to GROUPING() must be expressions referenced by "
                                    "the GROUP BY at the associated query level. Mismatch due to ",
                                    grouping.texts[j], "."));
      }
      groupings.back().push_back(found);
    }
  }
  return groupings;
}

absl::Status SelectAnalyzer::RewriteOverKeys(const AggregationRewriter& rewriter) {
  for (Output& output : outputs_) {
    RETURN_IF_ERROR(RewriteOutput(rewriter, &output));
  }
  if (having_ != nullptr) {
    if (const Stray stray = rewriter.Rewrite(having_); stray.reference != nullptr) {
      return ExpressionError(stray, *select_.having, source_);
    }
  }
  for (CapturedCalls::WindowUse& window : calls_.windows) {
    RETURN_IF_ERROR(RewriteWindow(rewriter, &window.call));
  }
  return RewriteSortKeys(rewriter);
}

absl::Status SelectAnalyzer::RewriteOutput(const AggregationRewriter& rewriter,
                                           Output* output) const {
  const Stray stray = rewriter.Rewrite(output->expression);
  if (stray.reference == nullptr) {
    return absl::OkStatus();
  }
  if (output->written != nullptr) {
    return ExpressionError(stray, *output->written, source_);
  }
  size_t position = 1;
  while (position < source_.fields.size() &&
         source_.fields[position - 1].column !=
             std::get<ColumnExpr>(stray.reference->node).column) {
    ++position;
  }
  return StarError(output->field, position);
}

absl::Status SelectAnalyzer::RewriteSortKeys(const AggregationRewriter& rewriter) {
  for (size_t i = 0; i < sort_keys_.size(); ++i) {
    const Stray stray = rewriter.Rewrite(sort_keys_[i].expression);
    if (stray.reference != nullptr) {
      return ExpressionError(stray, *query_.order_by[i].expression, source_);
    }
  }
  return absl::OkStatus();
}

absl::Status SelectAnalyzer::RewriteWindow(const AggregationRewriter& rewriter,
                                           WindowCall* call) const {
  for (ExprPtr& argument : call->arguments) {
    if (const Stray stray = rewriter.Rewrite(argument); stray.reference != nullptr) {
      return WindowError(stray, source_, "");
    }
  }
  for (ExprPtr& expression : call->partition_by) {
    if (const Stray stray = rewriter.Rewrite(expression); stray.reference != nullptr) {
      return WindowError(stray, source_, "PARTITION BY expression ");
    }
  }
  for (SortKey& key : call->order_by) {
    if (const Stray stray = rewriter.Rewrite(key.expression); stray.reference != nullptr) {
      return WindowError(stray, source_, "ORDER BY expression ");
    }
  }
  for (ExprPtr* part : {&call->filter, &call->start.offset, &call->end.offset}) {
    if (*part == nullptr) {
      continue;
    }
    if (const Stray stray = rewriter.Rewrite(*part); stray.reference != nullptr) {
      return WindowError(stray, source_, "");
    }
  }
  return absl::OkStatus();
}

}  // namespace pallas::sql
