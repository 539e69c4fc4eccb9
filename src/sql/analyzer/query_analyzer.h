#ifndef PALLAS_SQL_ANALYZER_QUERY_ANALYZER_H_
#define PALLAS_SQL_ANALYZER_QUERY_ANALYZER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/table_resolver.h"
#include "sdk/request_context.h"
#include "sql/analyzer/columns.h"
#include "sql/analyzer/expression_analyzer.h"
#include "sql/analyzer/external_functions.h"
#include "sql/ast/query.h"
#include "sql/session.h"

namespace pallas::sql {

// What the parameters (`?`) of a statement turn out to be.
struct ParameterNotes {
  // By number; unknown where nothing says.
  std::vector<Type> types;
  // Numbers by place: NULLs stand there, and take the types that the statement wants of them.
  std::map<std::pair<int, int>, int> places;
};

// What all queries of one statement share, views included. Borrows what it refers to. One thread.
struct StatementState {
  const sdk::RequestContext& context;
  catalog::TableResolver& resolver;
  ExternalFunctions functions;
  ColumnIds ids;
  CteId next_cte = 0;
  // Each table is asked for once.
  std::map<catalog::QualifiedName, std::shared_ptr<const catalog::ResolvedTable>> tables;
  // The views whose text is being analysed, outermost first.
  std::vector<catalog::QualifiedName> views;
  int views_read = 0;  // each time that one stands somewhere
  // Where the types of parameters go; null: parameters without a value are an error.
  ParameterNotes* parameters = nullptr;
  int depth = 0;
};

// Counts nested queries and relations while it lives, so that no input overflows the stack.
class NestingGuard {
 public:
  explicit NestingGuard(StatementState& state) : state_(state) { ++state_.depth; }

  ~NestingGuard() { --state_.depth; }

  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;

  absl::Status Check() const;

 private:
  StatementState& state_;
};

// A name of a WITH clause while the queries that may use it are analysed.
struct CommonTable {
  CteId id = -1;
  std::string name;
  std::vector<PlanColumn> columns;
  // UNION DISTINCT in a recursive one: its rows are made distinct where they are read.
  bool distinct = false;
  std::vector<std::shared_ptr<const catalog::QualifiedName>> origins = {};  // of the columns
};

// LIMIT, OFFSET and FETCH FIRST as values.
struct RowLimits {
  std::optional<int64_t> limit;
  int64_t offset = 0;
  bool with_ties = false;

  bool any() const { return limit.has_value() || offset != 0; }
};

// Analyses the queries of one text: a statement, or a view inside it. One thread.
class QueryAnalyzer final : public SubqueryAnalyzer {
 public:
  // Borrows both, which outlive it.
  QueryAnalyzer(StatementState& state, const Session& session);

  // `outer` is the scope of the enclosing query, or null. ORDER BY without LIMIT has an effect only
  // with `ordered`; elsewhere it is checked and dropped.
  absl::StatusOr<RelationPlan> AnalyzeQuery(const ast::Query& query, const Scope* outer,
                                            bool ordered);

  absl::StatusOr<PlanPtr> AnalyzeSubquery(const ast::Query& query, const Scope& outer) override;

  std::shared_ptr<const federation::ExternalFunction> FindExternalFunction(
      std::string_view name) const override;

  bool NoteParameter(int index, Location location) override;

  // A table, view or name of a WITH clause.
  absl::StatusOr<RelationPlan> AnalyzeTable(const ast::QualifiedName& name, Location location);

  // A name with the session's catalog and database where it does not say.
  absl::StatusOr<catalog::QualifiedName> FullName(const ast::QualifiedName& name,
                                                  Location location) const;

  // Reads all columns of `table`.
  RelationPlan Scan(std::shared_ptr<const catalog::ResolvedTable> table, Location location);

  StatementState& state() { return state_; }

  const Session& session() const { return session_; }

  ExpressionAnalyzer& expressions() { return expressions_; }

  ColumnId NextColumn() { return state_.ids.Next(); }

  // The plan of `relation` with exactly its visible fields as columns, in order, coerced to `types`
  // if there are any.
  PlanPtr Positional(RelationPlan relation, const std::vector<Type>& types = {});

  // Checks and reads LIMIT and OFFSET of `query`.
  absl::StatusOr<RowLimits> AnalyzeLimits(const ast::Query& query);

  absl::StatusOr<int64_t> RowCount(const ast::Expr& count, std::string_view what);

  // SORT and LIMIT on top of `plan`.
  static PlanPtr SortAndLimit(PlanPtr plan, std::vector<SortKey> keys, const RowLimits& limits);

  // A sort key of ORDER BY: an ordinal among `outputs`, or an expression over `scope`. `query` is
  // where the query starts.
  absl::StatusOr<SortKey> AnalyzeSortItem(const ast::SortItem& item,
                                          std::span<const ScopeField> outputs, const Scope& scope,
                                          const ExpressionPlace& place, Location query);

 private:
  absl::StatusOr<RelationPlan> AnalyzeBody(const ast::Query& query, const Scope* outer,
                                           bool ordered);
  absl::StatusOr<RelationPlan> AnalyzeTail(const ast::Query& query, RelationPlan body,
                                           const Scope* outer, bool ordered);

  // with.cc
  absl::Status AnalyzeWith(const ast::Query& query, const Scope* outer, std::vector<Cte>* ctes);
  absl::StatusOr<Cte> AnalyzeCommonTable(const ast::CommonTable& table, bool recursive,
                                         const Scope* outer);
  absl::StatusOr<Cte> AnalyzeRecursive(const ast::CommonTable& table, const ast::SetOperation& body,
                                       const Scope* outer);
  absl::StatusOr<PlanPtr> AnalyzeStep(const ast::Query& step, const CommonTable& table,
                                      const Scope* outer);
  std::optional<RelationPlan> ReadCommonTable(const std::string& name);

  // table.cc
  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> ResolveTable(
      const ast::QualifiedName& name, Location location);
  absl::StatusOr<RelationPlan> ExpandView(const catalog::ResolvedTable& view, Location location);

  // set_operation.cc
  absl::StatusOr<RelationPlan> AnalyzeSetOperation(const ast::Query& query, const Scope* outer);
  absl::StatusOr<RelationPlan> Combine(const ast::SetOperation& operation, RelationPlan left,
                                       RelationPlan right);

  // values.cc
  absl::StatusOr<RelationPlan> AnalyzeValues(const ast::Values& values, Location location,
                                             const Scope* outer);

  StatementState& state_;
  const Session& session_;
  ExpressionAnalyzer expressions_;
  std::vector<CommonTable> common_tables_;  // visible, innermost last
};

// The number of a GROUP BY or ORDER BY item that is a position in the select list.
std::optional<std::string> OrdinalText(const ast::Expr& expression);

// Where messages about `expression` point: to its operator, if it has one.
Location NodeLocation(const ast::Expr& expression);

// "Column alias list has 2 entries but relation has 1 columns", and names given twice.
absl::Status CheckColumnAliases(const std::vector<ast::Identifier>& aliases, size_t num_columns);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_QUERY_ANALYZER_H_
