#include "engine/duckdb/select_block.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "duckdb/parser/parsed_data/sample_options.hpp"
#include "duckdb/parser/result_modifier.hpp"
#include "duckdb/parser/tableref/emptytableref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"

#include "base/check.h"

namespace pallas::engine {
namespace {

std::vector<SelectBlock::Item> PassThrough(const std::vector<std::string>& columns) {
  std::vector<SelectBlock::Item> items;
  items.reserve(columns.size());
  for (const std::string& column : columns) {
    items.push_back({column, ColumnRef(column)});
  }
  return items;
}

std::vector<std::string> NamesOf(const std::vector<SelectBlock::Item>& items) {
  std::vector<std::string> names;
  names.reserve(items.size());
  for (const SelectBlock::Item& item : items) {
    names.push_back(item.name);
  }
  return names;
}

}  // namespace

SelectBlock::SelectBlock(TableRefPtr from, std::vector<std::string> columns, NameGenerator& names)
    : names_(&names), node_(duckdb::make_uniq<duckdb::SelectNode>()), columns_(std::move(columns)) {
  node_->from_table = std::move(from);
  if (node_->from_table == nullptr) {
    node_->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  }
}

void SelectBlock::PrepareExpressions() {
  if (selected_ || fixed_ || sorted_ || limited_) {
    Wrap();
  }
}

void SelectBlock::AddFilter(DuckExpr condition) {
  DCHECK(!selected_ && !fixed_ && !sorted_ && !limited_);
  filters_.push_back(std::move(condition));
}

void SelectBlock::PrepareSelect() {
  if (selected_ || fixed_ || limited_) {
    Wrap();
  }
}

void SelectBlock::Select(std::vector<Item> items) {
  DCHECK(!selected_ && !fixed_);
  columns_ = NamesOf(items);
  items_ = std::move(items);
  selected_ = true;
}

void SelectBlock::SelectAlso(std::vector<Item> items) {
  std::vector<Item> all = PassThrough(columns_);
  for (Item& item : items) {
    all.push_back(std::move(item));
  }
  Select(std::move(all));
}

void SelectBlock::Aggregate(duckdb::GroupByNode groups, std::vector<Item> items) {
  const bool one_row = groups.group_expressions.empty();
  node_->groups = std::move(groups);
  Select(std::move(items));
  fixed_ = one_row;
}

void SelectBlock::Narrow(std::vector<std::string> columns) {
  if (fixed_) {
    if (columns == columns_) {
      return;
    }
    Wrap();
  }
  if (selected_) {
    std::vector<Item> kept;
    kept.reserve(columns.size());
    for (const std::string& column : columns) {
      for (const Item& item : items_) {
        if (item.name == column) {
          kept.push_back({column, item.expression->Copy()});
          break;
        }
      }
    }
    CHECK(kept.size() == columns.size());
    items_ = std::move(kept);
  }
  columns_ = std::move(columns);
}

void SelectBlock::Distinct() {
  if (fixed_ || sorted_ || limited_) {
    Wrap();
  }
  node_->AddDistinct();
  fixed_ = true;
}

void SelectBlock::DistinctOn(DuckExprs keys) {
  DCHECK(!selected_ && !fixed_ && !sorted_ && !limited_);
  auto distinct = duckdb::make_uniq<duckdb::DistinctModifier>();
  distinct->distinct_on_targets = std::move(keys);
  node_->modifiers.push_back(std::move(distinct));
  fixed_ = true;
}

void SelectBlock::PrepareSort(bool plain) {
  if (sorted_ || limited_ || ((selected_ || fixed_) && !plain)) {
    Wrap();
  }
}

void SelectBlock::Sort(duckdb::vector<duckdb::OrderByNode> orders) {
  if (orders.empty()) {
    return;
  }
  auto sort = duckdb::make_uniq<duckdb::OrderModifier>();
  sort->orders = std::move(orders);
  node_->modifiers.push_back(std::move(sort));
  sorted_ = true;
  fixed_ = fixed_ || selected_;
}

void SelectBlock::Limit(DuckExpr limit, DuckExpr offset) {
  if (limited_) {
    Wrap();
  }
  auto modifier = duckdb::make_uniq<duckdb::LimitModifier>();
  modifier->limit = std::move(limit);
  modifier->offset = std::move(offset);
  node_->modifiers.push_back(std::move(modifier));
  limited_ = true;
}

void SelectBlock::Sample(double percentage) {
  Wrap();
  auto sample = duckdb::make_uniq<duckdb::SampleOptions>();
  sample->is_percentage = true;
  sample->method = duckdb::SampleMethod::BERNOULLI_SAMPLE;
  sample->sample_size = duckdb::Value::DOUBLE(percentage);
  node_->from_table->sample = std::move(sample);
}

void SelectBlock::AddCte(const std::string& name,
                         duckdb::unique_ptr<duckdb::CommonTableExpressionInfo> table) {
  node_->cte_map.map.insert(name, std::move(table));
}

void SelectBlock::Wrap() {
  auto table = duckdb::make_uniq<duckdb::SubqueryRef>(Statement(TakeNode()), names_->Table());
  *this = SelectBlock(std::move(table), std::move(columns_), *names_);
}

bool SelectBlock::IsBareTable() const {
  return !selected_ && !fixed_ && !sorted_ && !limited_ && filters_.empty() &&
         node_->cte_map.map.empty() &&
         node_->from_table->type != duckdb::TableReferenceType::EMPTY_FROM;
}

TableRefPtr SelectBlock::IntoTable() {
  if (!IsBareTable()) {
    Wrap();
  }
  return std::move(node_->from_table);
}

QueryNodePtr SelectBlock::IntoNode(const std::vector<std::string>& columns) {
  Narrow(columns);
  return TakeNode();
}

QueryNodePtr SelectBlock::TakeNode() {
  if (!filters_.empty()) {
    node_->where_clause = And(std::move(filters_));
    filters_.clear();
  }
  if (!selected_) {
    items_ = PassThrough(columns_);
  }
  for (Item& item : items_) {
    item.expression->SetAlias(item.name);
    node_->select_list.push_back(std::move(item.expression));
  }
  if (node_->select_list.empty()) {
    node_->select_list.push_back(BigintConstant(1));
  }
  return std::move(node_);
}

}  // namespace pallas::engine
