#ifndef PALLAS_SQL_ANALYZER_RELATION_ANALYZER_H_
#define PALLAS_SQL_ANALYZER_RELATION_ANALYZER_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sql/analyzer/query_analyzer.h"
#include "sql/ast/query.h"

namespace pallas::sql {

// Analyses what stands in FROM. Borrows everything it is given. One thread.
class RelationAnalyzer {
 public:
  explicit RelationAnalyzer(QueryAnalyzer& queries) : queries_(queries) {}

  // Names that the relation itself does not define are looked up in `outer`, which may be null.
  absl::StatusOr<RelationPlan> Analyze(const ast::Relation& relation, const Scope* outer);

 private:
  absl::StatusOr<RelationPlan> AnalyzeNode(const ast::Relation& relation, const Scope* outer);
  absl::StatusOr<PlanPtr> Sample(const ast::Relation& relation, PlanPtr plan);

  // table_function.cc
  absl::StatusOr<RelationPlan> CallTableFunction(const ast::TableFunctionRelation& function);
  absl::StatusOr<std::string> PassthroughArgument(const ast::TableFunctionRelation& function,
                                                  std::string_view name, bool required,
                                                  const ast::TableFunctionArgument& argument);
  absl::StatusOr<RelationPlan> AnalyzeTableFunction(const ast::TableFunctionRelation& function,
                                                    Location location, const Scope* outer);
  absl::StatusOr<RelationPlan> MakeSequence(const ast::TableFunctionRelation& function);
  absl::StatusOr<RelationPlan> ExcludeColumns(const ast::TableFunctionRelation& function,
                                              Location location, const Scope* outer);

  // unnest.cc
  // The rows of UNNEST for each row of `input`, or once if it is null.
  absl::StatusOr<RelationPlan> Unnest(const ast::Relation& relation, PlanPtr input, bool outer_join,
                                      const Scope* scope);
  static bool WantsWholeRows(const ast::Relation& relation, const UnnestPlan& node,
                             size_t num_fields);
  absl::StatusOr<RelationPlan> KeepRowsWhole(RelationPlan unnested);
  absl::StatusOr<RelationPlan> JoinUnnest(const ast::JoinRelation& join, RelationPlan left,
                                          const Scope* outer);

  // join.cc
  absl::StatusOr<RelationPlan> AnalyzeJoin(const ast::JoinRelation& join, Location location,
                                           const Scope* outer);
  absl::StatusOr<RelationPlan> JoinPair(const ast::JoinRelation& join, RelationPlan left,
                                        const Scope* outer);
  absl::StatusOr<RelationPlan> JoinOn(const ast::JoinRelation& join, JoinPlan node,
                                      RelationPlan left, RelationPlan right, const Scope* outer);
  absl::StatusOr<RelationPlan> JoinUsing(const std::vector<ast::Identifier>& names, JoinPlan node,
                                         RelationPlan left, RelationPlan right);

  QueryAnalyzer& queries_;
};

// Gives the visible fields of `fields` the alias of `relation`, if it has one. Hidden fields go
// where column aliases are given.
absl::Status ApplyAlias(const ast::Relation& relation, std::vector<ScopeField>* fields);

// Whether it is the literal TRUE.
bool IsTrue(const ast::Expr& expr);

// INVALID_COLUMN_REFERENCE if `right` refers to columns of `left`, which a join of a type that
// keeps rows of the right side alone does not allow.
absl::Status CheckNotLateral(const Plan& left, const Plan& right, ast::JoinType type);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_RELATION_ANALYZER_H_
