#ifndef PALLAS_ENGINE_DUCKDB_SELECT_BLOCK_H_
#define PALLAS_ENGINE_DUCKDB_SELECT_BLOCK_H_

#include <string>
#include <vector>

#include "duckdb/parser/query_node/select_node.hpp"

#include "engine/duckdb/tree.h"

namespace pallas::engine {

// Makes aliases t1, t2, ... and column names k1, k2, ... that are unique in one statement.
class NameGenerator {
 public:
  std::string Table() { return absl::StrCat("t", ++tables_); }

  std::string Column() { return absl::StrCat("k", ++columns_); }

 private:
  int tables_ = 0;
  int columns_ = 0;
};

// One SELECT under construction. Operations are applied in the order in which the rows meet them;
// one that SQL would evaluate earlier than what is already there goes into a new SELECT around it.
// So consecutive scan, filter, projection, sort and limit become one SELECT, and what is written in
// the tree is evaluated in the order of the plan.
//
// Expressions handed in refer to the columns that the block has at that moment; call the Prepare
// function before emitting them, because it may wrap the block. (Names stay the same: wrapping
// passes all columns on.)
class SelectBlock {
 public:
  // Reads `from` (null: no input, one row), whose columns are `columns`.
  SelectBlock(TableRefPtr from, std::vector<std::string> columns, NameGenerator& names);

  // The columns that the block delivers.
  const std::vector<std::string>& columns() const { return columns_; }

  // From here on expressions may be added to WHERE, to the select list, as groups or as windows.
  void PrepareExpressions();
  void AddFilter(DuckExpr condition);

  struct Item {
    std::string name;
    DuckExpr expression;
  };

  // The select list. REQUIRES: PrepareSelect() or PrepareExpressions().
  void PrepareSelect();
  void Select(std::vector<Item> items);
  // The present columns, and more. REQUIRES: as Select().
  void SelectAlso(std::vector<Item> items);
  // With groups (none: one row) and aggregates in the items. REQUIRES: PrepareExpressions().
  void Aggregate(duckdb::GroupByNode groups, std::vector<Item> items);
  // Some of the present columns, perhaps in another order.
  void Narrow(std::vector<std::string> columns);

  // No two equal rows.
  void Distinct();
  // No two rows with equal `keys`. REQUIRES: PrepareExpressions() before the keys were emitted.
  void DistinctOn(DuckExprs keys);

  // Makes expressions over the columns valid as sort keys. `plain`: they are just columns.
  void PrepareSort(bool plain);
  void Sort(duckdb::vector<duckdb::OrderByNode> orders);
  // Null: no limit, no offset.
  void Limit(DuckExpr limit, DuckExpr offset);

  // Every row with the given chance, in percent.
  void Sample(double percentage);

  void AddCte(const std::string& name, duckdb::unique_ptr<duckdb::CommonTableExpressionInfo> table);

  // What is there so far becomes the FROM of an empty SELECT.
  void Wrap();

  // The block as a table under an alias of its own; its columns keep their names.
  TableRefPtr IntoTable();
  // The block as a query with exactly `columns`, in this order. A query must have a column: for
  // none it gets one of no meaning.
  QueryNodePtr IntoNode(const std::vector<std::string>& columns);

 private:
  bool IsBareTable() const;
  QueryNodePtr TakeNode();

  NameGenerator* names_;
  duckdb::unique_ptr<duckdb::SelectNode> node_;
  duckdb::vector<DuckExpr> filters_;
  std::vector<std::string> columns_;
  // The select list, one per column, once it holds more than columns of FROM.
  std::vector<Item> items_;
  bool selected_ = false;
  // The select list must stay as it is: DISTINCT, the one row of an aggregate without groups, or a
  // sort by a name in it.
  bool fixed_ = false;
  bool sorted_ = false;
  bool limited_ = false;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SELECT_BLOCK_H_
