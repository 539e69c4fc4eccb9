#include <utility>
#include <vector>

#include "duckdb/parser/expression/list.hpp"

#include "base/status_macros.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/plan_emitter.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

// One list that is unnested beside others, and the columns it makes.
struct UnnestedList {
  std::string name;  // the column that holds the list
  Type element;
  bool expand = false;  // into the fields of its rows
};

DuckExpr Unnest(DuckExpr list) { return NativeCall("unnest", MakeTrees(std::move(list))); }

// The length of the longest list; NULL counts as empty.
DuckExpr LongestOf(const std::vector<UnnestedList>& lists) {
  DuckExprs lengths;
  for (const UnnestedList& list : lists) {
    lengths.push_back(
        Coalesce(MakeTrees(NativeCall("len", MakeTrees(ColumnRef(list.name))), BigintConstant(0))));
  }
  return lengths.size() == 1 ? std::move(lengths.front())
                             : NativeCall("greatest", std::move(lengths));
}

}  // namespace

// DuckDB unnests several lists of one select list beside each other and pads the shorter with NULL,
// as Trino does. Three levels: the lists get names; they are unnested; rows are taken apart.
absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::UnnestPlan& node,
                                                  const sql::Plan& plan) {
  SelectBlock block(nullptr, {}, names_);
  size_t next_column = 0;
  if (node.input != nullptr) {
    ASSIGN_OR_RETURN(block, Emit(*node.input));
    block.PrepareExpressions();
    next_column = node.input->columns.size();
  }
  const std::vector<std::string> inputs = block.columns();
  std::vector<UnnestedList> lists;
  std::vector<SelectBlock::Item> named;
  const auto add = [&](DuckExpr list, const Type& element, bool expand) {
    lists.push_back({names_.Column(), element, expand});
    named.push_back({lists.back().name, std::move(list)});
  };
  for (const sql::ExprPtr& expr : node.expressions) {
    ASSIGN_OR_RETURN(DuckExpr value, expressions_.Emit(*expr));
    if (expr->type.kind() == TypeKind::kMap) {
      add(NativeCall("map_keys", MakeTrees(value->Copy())), expr->type.key(), false);
      add(NativeCall("map_values", MakeTrees(std::move(value))), expr->type.value(), false);
    } else {
      const Type& element = expr->type.element();
      add(std::move(value), element, element.kind() == TypeKind::kRow);
    }
  }
  block.SelectAlso(std::move(named));
  block.Wrap();

  std::vector<SelectBlock::Item> unnested;
  for (const std::string& column : inputs) {
    unnested.push_back({column, ColumnRef(column)});
  }
  const auto none = [&] {
    return NativeCompare(duckdb::ExpressionType::COMPARE_EQUAL, LongestOf(lists),
                         BigintConstant(0));
  };
  // OUTER: a row without elements gets one, of NULLs.
  const auto padded = [&](DuckExpr list, const Type& element) -> DuckExpr {
    if (!node.outer) {
      return list;
    }
    return IfElse(none(), NativeCall("list_value", MakeTrees(functions_.Null(element))),
                  std::move(list));
  };
  for (const UnnestedList& list : lists) {
    unnested.push_back({list.name, Unnest(padded(ColumnRef(list.name), list.element))});
  }
  const std::string ordinality = names_.Column();
  if (node.with_ordinality) {
    DuckExpr numbers = NativeCall(
        "range", MakeTrees(BigintConstant(1),
                           NativeCall("+", MakeTrees(LongestOf(lists), BigintConstant(1)))));
    unnested.push_back({ordinality, Unnest(padded(std::move(numbers), Type::Bigint()))});
  }
  block.Select(std::move(unnested));
  block.Wrap();

  std::vector<SelectBlock::Item> columns;
  for (size_t i = 0; i < next_column; ++i) {
    const std::string name = ColumnName(plan.columns[i].id);
    columns.push_back({name, ColumnRef(name)});
  }
  const auto emit_column = [&](DuckExpr value) {
    columns.push_back({ColumnName(plan.columns[columns.size()].id), std::move(value)});
  };
  for (const UnnestedList& list : lists) {
    if (!list.expand) {
      emit_column(ColumnRef(list.name));
      continue;
    }
    for (size_t field = 0; field < list.element.children().size(); ++field) {
      emit_column(functions_.Field(static_cast<int>(field), ColumnRef(list.name)));
    }
  }
  if (node.with_ordinality) {
    emit_column(ColumnRef(ordinality));
  }
  block.Select(std::move(columns));
  return block;
}

}  // namespace pallas::engine
