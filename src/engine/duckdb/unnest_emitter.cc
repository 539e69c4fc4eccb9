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

// The lists that `expr` unnests, under names of their own: a map is its keys and its values.
void NameLists(const sql::Expr& expr, DuckExpr value, NameGenerator& names,
               std::vector<UnnestedList>* lists, std::vector<SelectBlock::Item>* items) {
  const auto add = [&](DuckExpr list, const Type& element, bool expand) {
    lists->push_back({names.Column(), element, expand});
    items->push_back({lists->back().name, std::move(list)});
  };
  if (expr.type.kind() == TypeKind::kMap) {
    add(NativeCall("map_keys", MakeTrees(value->Copy())), expr.type.key(), false);
    add(NativeCall("map_values", MakeTrees(std::move(value))), expr.type.value(), false);
    return;
  }
  const Type& element = expr.type.element();
  add(std::move(value), element, element.kind() == TypeKind::kRow);
}

// OUTER: a row without elements gets one, of NULLs.
DuckExpr PadIfEmpty(const FunctionEmitter& functions, const std::vector<UnnestedList>& lists,
                    DuckExpr list, const Type& element) {
  DuckExpr empty =
      NativeCompare(duckdb::ExpressionType::COMPARE_EQUAL, LongestOf(lists), BigintConstant(0));
  return IfElse(std::move(empty), NativeCall("list_value", MakeTrees(functions.Null(element))),
                std::move(list));
}

// The numbers from 1 to the length of the longest list.
DuckExpr Ordinals(const std::vector<UnnestedList>& lists) {
  DuckExpr end = NativeCall("+", MakeTrees(LongestOf(lists), BigintConstant(1)));
  return NativeCall("range", MakeTrees(BigintConstant(1), std::move(end)));
}

// The columns of `plan` after the first `num_inputs`.
std::vector<SelectBlock::Item> OutputColumns(const FunctionEmitter& functions,
                                             const sql::Plan& plan, size_t num_inputs,
                                             const std::vector<UnnestedList>& lists,
                                             const std::string* ordinality) {
  std::vector<SelectBlock::Item> columns;
  const auto add = [&](DuckExpr value) {
    columns.push_back({ColumnName(plan.columns[columns.size()].id), std::move(value)});
  };
  for (size_t i = 0; i < num_inputs; ++i) {
    add(ColumnRef(ColumnName(plan.columns[i].id)));
  }
  for (const UnnestedList& list : lists) {
    if (!list.expand) {
      add(ColumnRef(list.name));
      continue;
    }
    for (size_t field = 0; field < list.element.children().size(); ++field) {
      add(functions.Field(static_cast<int>(field), ColumnRef(list.name)));
    }
  }
  if (ordinality != nullptr) {
    add(ColumnRef(*ordinality));
  }
  return columns;
}

}  // namespace

// DuckDB unnests several lists of one select list beside each other and pads the shorter with NULL,
// as Trino does. Three levels: the lists get names; they are unnested; rows are taken apart.
absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::UnnestPlan& node,
                                                  const sql::Plan& plan) {
  SelectBlock block(nullptr, {}, names_);
  size_t num_inputs = 0;
  if (node.input != nullptr) {
    ASSIGN_OR_RETURN(block, Emit(*node.input));
    block.PrepareExpressions();
    num_inputs = node.input->columns.size();
  }
  const std::vector<std::string> inputs = block.columns();
  std::vector<UnnestedList> lists;
  std::vector<SelectBlock::Item> named;
  for (const sql::ExprPtr& expr : node.expressions) {
    ASSIGN_OR_RETURN(DuckExpr value, expressions_.Emit(*expr));
    NameLists(*expr, std::move(value), names_, &lists, &named);
  }
  block.SelectAlso(std::move(named));
  block.Wrap();

  std::vector<SelectBlock::Item> unnested;
  for (const std::string& column : inputs) {
    unnested.push_back({column, ColumnRef(column)});
  }
  const auto add = [&](const std::string& name, DuckExpr list, const Type& element) {
    if (node.outer) {
      list = PadIfEmpty(functions_, lists, std::move(list), element);
    }
    unnested.push_back({name, Unnest(std::move(list))});
  };
  for (const UnnestedList& list : lists) {
    add(list.name, ColumnRef(list.name), list.element);
  }
  const std::string ordinality = names_.Column();
  if (node.with_ordinality) {
    add(ordinality, Ordinals(lists), Type::Bigint());
  }
  block.Select(std::move(unnested));
  block.Wrap();
  block.Select(OutputColumns(functions_, plan, num_inputs, lists,
                             node.with_ordinality ? &ordinality : nullptr));
  return block;
}

}  // namespace pallas::engine
