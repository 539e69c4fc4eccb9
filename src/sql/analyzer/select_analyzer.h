#ifndef PALLAS_SQL_ANALYZER_SELECT_ANALYZER_H_
#define PALLAS_SQL_ANALYZER_SELECT_ANALYZER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sql/analyzer/aggregation.h"
#include "sql/analyzer/query_analyzer.h"
#include "sql/ast/query.h"

namespace pallas::sql {

// Analyses one SELECT with the ORDER BY and LIMIT that belong to it. Everything is typed over the
// rows of FROM first; then the plan is built in SQL's order: filter, aggregate, HAVING, windows,
// select list, DISTINCT, windows of ORDER BY, sort, limit. Used once; borrows what it is given.
class SelectAnalyzer {
 public:
  SelectAnalyzer(QueryAnalyzer& queries, const ast::Query& query, const ast::Select& select,
                 const Scope* outer, bool ordered)
      : queries_(queries), query_(query), select_(select), outer_(outer), ordered_(ordered) {}

  absl::StatusOr<RelationPlan> Analyze();

 private:
  // A column of the select list.
  struct Output {
    ExprPtr expression;
    ScopeField field;
    const ast::Expr* written = nullptr;  // null: came from a star
    Location location;
  };

  absl::Status AnalyzeFrom();
  absl::Status AnalyzeWindowNames();
  absl::Status AnalyzeWhere();

  absl::Status AnalyzeItems();
  absl::Status AnalyzeItem(const ast::SelectItem& item);
  absl::Status ExpandStar(const ast::SelectItem& item);
  absl::Status ExpandRow(const ast::SelectItem& item);
  absl::Status AddFields(const ast::SelectItem& item, const std::vector<const ScopeField*>& fields);
  absl::Status CheckDistinctTypes() const;
  void AddOutput(Output output);

  absl::Status AnalyzeGroupBy();
  absl::StatusOr<std::vector<std::vector<int>>> AnalyzeGroupingElement(
      const ast::GroupingElement& element);
  absl::StatusOr<int> AnalyzeKey(const ast::Expr& expression, bool column_only);
  absl::StatusOr<int> KeyOfOrdinal(std::string_view ordinal, Location location);
  int KeyInColumn(const Expr& expr) const;
  absl::StatusOr<int> AddKey(ExprPtr key, Location location);

  absl::Status AnalyzeHaving();
  absl::Status AnalyzeOrderBy();
  absl::Status CheckOrderBySeesNoOutput(size_t num_aggregates) const;

  bool IsAggregation() const;
  absl::Status Aggregate();
  absl::StatusOr<std::vector<std::vector<int>>> AnalyzeGroupings();
  absl::Status RewriteOverKeys(const AggregationRewriter& rewriter);
  absl::Status RewriteWindow(const AggregationRewriter& rewriter, WindowCall* call) const;
  absl::Status RewriteOutput(const AggregationRewriter& rewriter, Output* output) const;
  absl::Status RewriteSortKeys(const AggregationRewriter& rewriter);

  absl::Status SortByOutputs();
  PlanPtr TakeWindows(size_t begin, size_t end);
  void PutOnTop(PlanPtr windows);
  void Project(const Plan* later_windows);
  absl::StatusOr<RelationPlan> Finish(const RowLimits& limits);

  ExpressionPlace SelectPlace() {
    return {"SELECT clause", &calls_, /*windows_allowed=*/true, &named_windows_, select_.location};
  }

  QueryAnalyzer& queries_;
  const ast::Query& query_;
  const ast::Select& select_;
  const Scope* outer_;
  const bool ordered_;

  Scope source_;
  PlanPtr plan_;  // grows from FROM upwards
  std::map<std::string, const ast::Window*> named_windows_;
  CapturedCalls calls_;
  std::vector<Output> outputs_;
  ExprPtr having_;
  std::vector<SortKey> sort_keys_;
  size_t num_select_windows_ = 0;  // the first of calls_.windows; the rest are ORDER BY's

  std::vector<GroupingKey> keys_;
  std::vector<std::vector<int>> grouping_sets_;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_SELECT_ANALYZER_H_
