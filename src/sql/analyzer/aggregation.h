#ifndef PALLAS_SQL_ANALYZER_AGGREGATION_H_
#define PALLAS_SQL_ANALYZER_AGGREGATION_H_

#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

#include "sql/analyzer/columns.h"
#include "sql/ast/query.h"

namespace pallas::sql {

// An expression of GROUP BY over the input, and the column it becomes.
struct GroupingKey {
  ExprPtr expression;
  ColumnId column = -1;
};

// Grouping sets as indexes of keys.
using GroupingSets = std::vector<std::vector<int>>;

// The sets of ROLLUP, CUBE or GROUPING SETS over `groups`, or an error at `location` if they are
// too many.
absl::StatusOr<GroupingSets> ExpandGrouping(ast::GroupingElement::Kind kind,
                                            const GroupingSets& groups, Location location);

// Every set of `left` joined with every set of `right`: GROUP BY a, ROLLUP (b).
absl::StatusOr<GroupingSets> CrossGroupings(const GroupingSets& left, const GroupingSets& right,
                                            Location location);

// Sorts each set, drops repeated keys in it and, if `distinct`, repeated sets.
void NormalizeGroupings(bool distinct, GroupingSets* sets);

// Moves expressions from above the rows of an aggregation's input to above its groups: what equals
// a key becomes the key's column. Borrows the keys; immutable.
class AggregationRewriter {
 public:
  // A reference to the input that is in no key.
  struct Stray {
    const Expr* reference = nullptr;
    bool in_subquery = false;
  };

  AggregationRewriter(std::span<const GroupingKey> keys, ColumnSet input);

  // Null `reference`: all went well. Otherwise `expr` is partly rewritten and of no use.
  Stray Rewrite(ExprPtr& expr) const;

  // The column of the key that `expr` is, or -1.
  ColumnId KeyColumn(const Expr& expr) const;

 private:
  Stray RewriteSubquery(Plan& plan) const;
  Stray RewriteInSubquery(ExprPtr& expr) const;

  absl::flat_hash_map<ColumnId, ColumnId> columns_;  // keys that are plain columns
  std::vector<const GroupingKey*> expressions_;      // the others
  ColumnSet input_;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_AGGREGATION_H_
