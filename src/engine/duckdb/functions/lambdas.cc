#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/function/lambda_functions.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/lambda_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/planner/expression/bound_lambda_expression.hpp"

#include "base/check.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/array_rows.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"

// Functions with lambdas. DuckDB takes one lambda, over the elements of one list: lambdas of two
// parameters become lambdas of one row, and maps lists of entries.

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

duckdb::LambdaExpression& LambdaOf(DuckExpr& tree) {
  CHECK(tree->GetExpressionClass() == duckdb::ExpressionClass::LAMBDA);
  return tree->Cast<duckdb::LambdaExpression>();
}

std::vector<std::string> ParameterNames(const duckdb::LambdaExpression& lambda) {
  std::string error;
  std::vector<std::string> names;
  for (const auto& parameter : lambda.ExtractColumnRefExpressions(error)) {
    names.push_back(parameter.get().Cast<duckdb::ColumnRefExpression>().GetColumnName());
  }
  CHECK(error.empty());
  return names;
}

DuckExpr Parameter(const std::string& name) {
  return duckdb::make_uniq<duckdb::ColumnRefExpression>(name);
}

// Replaces references to parameters by fields of the row that `row` names.
void UseFields(DuckExpr& tree, const std::vector<std::string>& names, const std::string& row,
               const FunctionEmitter& emitter) {
  if (tree->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
    const auto& column = tree->Cast<duckdb::ColumnRefExpression>();
    const auto found = column.IsQualified()
                           ? names.end()
                           : std::find(names.begin(), names.end(), column.GetColumnName());
    if (found != names.end()) {
      const std::string alias = tree->GetAlias();
      tree = emitter.Field(static_cast<int>(found - names.begin()), Parameter(row));
      tree->SetAlias(alias);
    }
    return;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      *tree, [&](DuckExpr& child) { UseFields(child, names, row, emitter); });
}

// The lambda as one of a single row, whose fields are its parameters.
DuckExpr OfRow(const CallSite& site, DuckExpr tree) {
  duckdb::LambdaExpression& lambda = LambdaOf(tree);
  const std::vector<std::string> names = ParameterNames(lambda);
  const std::string row = absl::StrCat(names[0], "_row");
  DuckExpr body = std::move(lambda.expr);
  UseFields(body, names, row, site.emitter);
  return duckdb::make_uniq<duckdb::LambdaExpression>(duckdb::vector<std::string>{row},
                                                     std::move(body));
}

DuckExpr Transform(DuckExpr list, DuckExpr lambda) {
  return CallDuckDbFunction("list_transform", MakeTrees(std::move(list), std::move(lambda)));
}

DuckExpr Filter(DuckExpr list, DuckExpr lambda) {
  return CallDuckDbFunction("list_filter", MakeTrees(std::move(list), std::move(lambda)));
}

Type RowOf(const Type& first, const Type& second) {
  return Type::Row({{std::nullopt, first}, {std::nullopt, second}});
}

DuckExpr EntriesOf(const Type& map, DuckExpr tree) {
  return CallTyped("map_entries(map(k,v))", {map}, Type::Array(RowOf(map.key(), map.value())),
                   MakeTrees(std::move(tree)));
}

// ---- Emitters ----

absl::StatusOr<DuckExpr> EmitTransform(const CallSite& /*site*/, DuckExprs values) {
  return Transform(std::move(values[0]), std::move(values[1]));
}

absl::StatusOr<DuckExpr> EmitFilter(const CallSite& /*site*/, DuckExprs values) {
  return Filter(std::move(values[0]), std::move(values[1]));
}

ScalarEmitter EmitMatch(std::string_view name) {
  return [name](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    return CallPrivate(name, MakeTrees(Transform(std::move(values[0]), std::move(values[1]))));
  };
}

absl::StatusOr<DuckExpr> EmitZipWith(const CallSite& site, DuckExprs values) {
  const Type& left = site.argument(0);
  const Type& right = site.argument(1);
  DuckExpr lambda = OfRow(site, std::move(values[2]));
  DuckExpr rows = CallTyped("zip(array(T1),array(T2))", {left, right},
                            Type::Array(RowOf(left.element(), right.element())),
                            MakeTrees(std::move(values[0]), std::move(values[1])));
  return Transform(std::move(rows), std::move(lambda));
}

absl::StatusOr<DuckExpr> EmitMapFilter(const CallSite& site, DuckExprs values) {
  const Type& map = site.argument(0);
  DuckExpr lambda = OfRow(site, std::move(values[1]));
  DuckExpr kept = Filter(EntriesOf(map, std::move(values[0])), std::move(lambda));
  return CallTyped("entries_to_map", {Type::Array(RowOf(map.key(), map.value()))}, map,
                   MakeTrees(std::move(kept)));
}

// transform_keys, transform_values: the lambda gives one field of the new entries.
absl::StatusOr<DuckExpr> EmitTransformEntries(const CallSite& site, DuckExprs values, bool keys) {
  const Type& map = site.argument(0);
  const Type entry = RowOf(site.result().key(), site.result().value());
  DuckExpr tree = OfRow(site, std::move(values[1]));
  duckdb::LambdaExpression& lambda = LambdaOf(tree);
  DuckExpr kept = site.emitter.Field(keys ? 1 : 0, Parameter(ParameterNames(lambda)[0]));
  DuckExpr made = std::move(lambda.expr);
  lambda.expr = site.emitter.Row(entry, keys ? MakeTrees(std::move(made), std::move(kept))
                                             : MakeTrees(std::move(kept), std::move(made)));
  DuckExpr entries = Transform(EntriesOf(map, std::move(values[0])), std::move(tree));
  return CallTyped(keys ? "entries_to_map_checked" : "entries_to_map", {Type::Array(entry)},
                   site.result(), MakeTrees(std::move(entries)));
}

// map_zip_with: the lambda of a key and two values gives the value of the new entry.
absl::StatusOr<DuckExpr> EmitMapZipWith(const CallSite& site, DuckExprs values) {
  const Type& left = site.argument(0);
  const Type& right = site.argument(1);
  const Type pair = Type::Row(
      {{std::nullopt, left.key()}, {std::nullopt, left.value()}, {std::nullopt, right.value()}});
  const Type entry = RowOf(site.result().key(), site.result().value());
  DuckExpr tree = OfRow(site, std::move(values[2]));
  duckdb::LambdaExpression& lambda = LambdaOf(tree);
  DuckExpr key = site.emitter.Field(0, Parameter(ParameterNames(lambda)[0]));
  DuckExpr made = std::move(lambda.expr);
  lambda.expr = site.emitter.Row(entry, MakeTrees(std::move(key), std::move(made)));
  DuckExpr pairs = CallTyped("pair_entries", {left, right}, Type::Array(pair),
                             MakeTrees(std::move(values[0]), std::move(values[1])));
  DuckExpr entries = Transform(std::move(pairs), std::move(tree));
  return CallTyped("entries_to_map", {Type::Array(entry)}, site.result(),
                   MakeTrees(std::move(entries)));
}

// reduce(list, init, step, finish): "reduce" makes a list of the last state, NULL for a NULL list,
// and `finish` is applied to its element.
absl::StatusOr<DuckExpr> EmitReduce(const CallSite& site, DuckExprs values) {
  const Type& state = site.argument(1);
  DuckExpr states =
      CallPrivate("reduce", MakeTrees(std::move(values[0]), std::move(values[2]),
                                      NativeCast(ToDuckDbType(state), std::move(values[1]))));
  DuckExpr finished = Transform(std::move(states), std::move(values[3]));
  return NativeCast(
      ToDuckDbType(site.result()),
      CallDuckDbFunction("list_extract", MakeTrees(std::move(finished), BigintConstant(1))));
}

// ---- any_match, all_match, none_match on what the lambda gave ----

enum class Match { kAny, kAll, kNone };

template <Match match>
void MatchLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
               duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Cells lists(arguments.data[0], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  // What one element decides, and what it decides.
  constexpr bool kDecisive = match != Match::kAll;
  constexpr bool kDecided = match == Match::kAny;
  for (idx_t row = 0; row < count; ++row) {
    if (lists[row].IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    bool null = false;
    bool decided = false;
    for (idx_t i = 0; i < lists[row].size() && !decided; ++i) {
      const Cell element = lists[row].Element(i);
      null |= element.IsNull();
      decided = !element.IsNull() && element.Get<bool>() == kDecisive;
    }
    duckdb::FlatVector::GetData<bool>(result)[row] = decided == kDecided;
    if (!decided && null) {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

// ---- reduce ----

// The lambda's parameters are the state and the element.
LogicalType BindReduceParameter(duckdb::ClientContext& /*context*/,
                                const duckdb::vector<LogicalType>& argument_types,
                                idx_t parameter) {
  return parameter == 0 ? argument_types[2] : duckdb::ListType::GetChildType(argument_types[0]);
}

duckdb::unique_ptr<duckdb::FunctionData> BindReduce(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto& lambda = arguments[1]->Cast<duckdb::BoundLambdaExpression>();
  const LogicalType state = arguments[2]->return_type;
  auto body =
      duckdb::BoundCastExpression::AddCastToType(context, std::move(lambda.lambda_expr), state);
  function.arguments = {arguments[0]->return_type, LogicalType::LAMBDA, state};
  function.SetReturnType(LogicalType::LIST(state));
  return duckdb::make_uniq<duckdb::ListLambdaBindData>(function.GetReturnType(), std::move(body));
}

// The rows of one vector, the longest lists first, so that those that still have elements are
// always the first ones.
class Reduction {
 public:
  Reduction(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, idx_t count)
      : arguments_(arguments),
        lambda_(*BindDataOf(state).Cast<duckdb::ListLambdaBindData>().lambda_expr),
        executor_(state.GetContext(), lambda_),
        elements_(duckdb::ListVector::GetEntry(arguments.data[0])) {
    arguments.data[0].ToUnifiedFormat(count, lists_);
    for (idx_t row = 0; row < count; ++row) {
      if (!IsNull(row)) {
        rows_.push_back(row);
      }
    }
    std::stable_sort(rows_.begin(), rows_.end(),
                     [this](idx_t a, idx_t b) { return ListAt(a).length > ListAt(b).length; });
  }

  bool IsNull(idx_t row) const { return !lists_.validity.RowIsValid(lists_.sel->get_index(row)); }

  // The rows that are not NULL, in the order of Run()'s states.
  const std::vector<idx_t>& rows() const { return rows_; }

  // Writes the last state of each of rows() to `states`.
  void Run(duckdb::Vector& states) {
    const LogicalType& type = arguments_.data[1].GetType();
    duckdb::Vector state(type, std::max<idx_t>(rows_.size(), 1));
    Slice(arguments_.data[1], rows_.size(), [this](idx_t i) { return rows_[i]; }, state);
    idx_t active = rows_.size();
    for (idx_t position = 0; active > 0; ++position) {
      idx_t left = active;
      while (left > 0 && ListAt(rows_[left - 1]).length <= position) {
        --left;
      }
      if (left < active) {
        duckdb::VectorOperations::Copy(state, states, active, left, left);
        active = left;
      }
      if (active > 0) {
        duckdb::Vector next(type);
        Step(position, active, state, next);
        state.Reference(next);
      }
    }
  }

 private:
  const duckdb::list_entry_t& ListAt(idx_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(
        lists_)[lists_.sel->get_index(row)];
  }

  template <typename Index>
  static void Slice(duckdb::Vector& source, idx_t count, Index index, duckdb::Vector& target) {
    if (count == 0) {
      return;
    }
    duckdb::SelectionVector selection(count);
    for (idx_t i = 0; i < count; ++i) {
      selection.set_index(i, index(i));
    }
    target.Slice(source, selection, count);
  }

  // The lambda sees the element, the state, and what it captures.
  void Step(idx_t position, idx_t active, duckdb::Vector& state, duckdb::Vector& next) {
    duckdb::vector<LogicalType> types = {elements_.GetType(), state.GetType()};
    for (idx_t i = 2; i < arguments_.ColumnCount(); ++i) {
      types.push_back(arguments_.data[i].GetType());
    }
    duckdb::DataChunk input;
    input.InitializeEmpty(types);
    Slice(
        elements_, active, [&](idx_t i) { return ListAt(rows_[i]).offset + position; },
        input.data[0]);
    input.data[1].Reference(state);
    for (idx_t i = 2; i < arguments_.ColumnCount(); ++i) {
      Slice(arguments_.data[i], active, [&](idx_t k) { return rows_[k]; }, input.data[i]);
    }
    input.SetCardinality(active);
    duckdb::Vector made(next.GetType());
    executor_.ExecuteExpression(input, made);
    duckdb::VectorOperations::Copy(made, next, active, 0, 0);
  }

  duckdb::DataChunk& arguments_;
  const duckdb::Expression& lambda_;
  duckdb::ExpressionExecutor executor_;
  duckdb::Vector& elements_;
  duckdb::UnifiedVectorFormat lists_;
  std::vector<idx_t> rows_;
};

void ReduceLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  Reduction reduction(arguments, state, count);
  const idx_t size = reduction.rows().size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  duckdb::ListVector::Reserve(result, size);
  duckdb::ListVector::SetListSize(result, size);
  reduction.Run(duckdb::ListVector::GetEntry(result));
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    if (reduction.IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  for (idx_t i = 0; i < size; ++i) {
    lists[reduction.rows()[i]] = duckdb::list_entry_t(i, 1);
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

void AddReduce(AdapterTable& table) {
  duckdb::ScalarFunction reduce(
      "reduce", {LogicalType::LIST(LogicalType::ANY), LogicalType::LAMBDA, LogicalType::ANY},
      LogicalType::LIST(LogicalType::ANY), ReduceLoop, BindReduce);
  reduce.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  reduce.SetFallible();
  reduce.SetBindLambdaCallback(BindReduceParameter);
  table.Private(std::move(reduce));
  table.Emit("reduce(array(T),S,function(S,T,S),function(S,R))", EmitReduce);
}

// ---- array_sort with a comparator ----

LogicalType BindSortParameter(duckdb::ClientContext& /*context*/,
                              const duckdb::vector<LogicalType>& argument_types,
                              idx_t /*parameter*/) {
  return duckdb::ListType::GetChildType(argument_types[0]);
}

duckdb::unique_ptr<duckdb::FunctionData> BindSort(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto& lambda = arguments[1]->Cast<duckdb::BoundLambdaExpression>();
  auto body = duckdb::BoundCastExpression::AddCastToType(context, std::move(lambda.lambda_expr),
                                                         LogicalType::INTEGER);
  function.arguments = {arguments[0]->return_type, LogicalType::LAMBDA};
  function.SetReturnType(arguments[0]->return_type);
  return duckdb::make_uniq<duckdb::ListLambdaBindData>(function.GetReturnType(), std::move(body));
}

// Sorts lists by merging, which ends in time whatever the comparator answers.
class ComparatorSort {
 public:
  ComparatorSort(duckdb::DataChunk& arguments, duckdb::ExpressionState& state)
      : arguments_(arguments),
        lambda_(*BindDataOf(state).Cast<duckdb::ListLambdaBindData>().lambda_expr),
        executor_(state.GetContext(), lambda_),
        elements_(duckdb::ListVector::GetEntry(arguments.data[0])) {
    types_ = {elements_.GetType(), elements_.GetType()};
    for (idx_t i = 1; i < arguments.ColumnCount(); ++i) {
      types_.push_back(arguments.data[i].GetType());
    }
  }

  // Sorts the indices of elements of one row.
  void Sort(idx_t row, std::vector<idx_t>& indices) {
    std::vector<idx_t> merged(indices.size());
    for (size_t width = 1; width < indices.size(); width *= 2) {
      for (size_t begin = 0; begin < indices.size(); begin += 2 * width) {
        Merge(row, indices, begin, std::min(begin + width, indices.size()),
              std::min(begin + 2 * width, indices.size()), merged);
      }
      indices.swap(merged);
    }
  }

 private:
  void Merge(idx_t row, const std::vector<idx_t>& from, size_t begin, size_t middle, size_t end,
             std::vector<idx_t>& to) {
    size_t left = begin;
    size_t right = middle;
    for (size_t i = begin; i < end; ++i) {
      const bool take_left =
          right == end || (left < middle && Compare(row, from[left], from[right]) <= 0);
      to[i] = take_left ? from[left++] : from[right++];
    }
  }

  int Compare(idx_t row, idx_t a, idx_t b) {
    duckdb::DataChunk input;
    input.InitializeEmpty(types_);
    SliceOne(elements_, b, input.data[0]);
    SliceOne(elements_, a, input.data[1]);
    for (idx_t i = 1; i < arguments_.ColumnCount(); ++i) {
      SliceOne(arguments_.data[i], row, input.data[i + 1]);
    }
    input.SetCardinality(1);
    duckdb::Vector made(LogicalType::INTEGER);
    executor_.ExecuteExpression(input, made);
    const Cells answers(made, 1);
    const int order = answers[0].IsNull() ? 2 : answers[0].Get<int32_t>();
    if (order < -1 || order > 1) {
      Raise("INVALID_FUNCTION_ARGUMENT", "Lambda comparator must return either -1, 0, or 1");
    }
    return order;
  }

  static void SliceOne(duckdb::Vector& source, idx_t index, duckdb::Vector& target) {
    duckdb::SelectionVector selection(1);
    selection.set_index(0, index);
    target.Slice(source, selection, 1);
  }

  duckdb::DataChunk& arguments_;
  const duckdb::Expression& lambda_;
  duckdb::ExpressionExecutor executor_;
  duckdb::Vector& elements_;
  duckdb::vector<LogicalType> types_;
};

void SortLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
              duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  duckdb::UnifiedVectorFormat format;
  arguments.data[0].ToUnifiedFormat(count, format);
  ComparatorSort sorter(arguments, state);
  std::vector<idx_t> picks;
  std::vector<idx_t> indices;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    const idx_t place = format.sel->get_index(row);
    if (!format.validity.RowIsValid(place)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const auto& list = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format)[place];
    indices.resize(list.length);
    std::iota(indices.begin(), indices.end(), list.offset);
    sorter.Sort(row, indices);
    lists[row] = duckdb::list_entry_t(picks.size(), indices.size());
    picks.insert(picks.end(), indices.begin(), indices.end());
  }
  duckdb::ListVector::Reserve(result, picks.size());
  CopyPicked(duckdb::ListVector::GetEntry(arguments.data[0]), picks,
             duckdb::ListVector::GetEntry(result));
  duckdb::ListVector::SetListSize(result, picks.size());
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

void AddSort(AdapterTable& table) {
  duckdb::ScalarFunction sort("sort_by", {LogicalType::LIST(LogicalType::ANY), LogicalType::LAMBDA},
                              LogicalType::LIST(LogicalType::ANY), SortLoop, BindSort);
  sort.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  sort.SetFallible();
  sort.SetBindLambdaCallback(BindSortParameter);
  table.Private(std::move(sort));
  table.Emit("array_sort(array(t),function(t,t,integer))",
             [](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
               return NativeCast(ToDuckDbType(site.result()),
                                 CallPrivate("sort_by", std::move(values)));
             });
}

}  // namespace

void AddLambdas(AdapterTable& table) {
  table.Emit("transform(array(T),function(T,U))", EmitTransform);
  table.Emit("filter(array(t),function(t,boolean))", EmitFilter);
  const LogicalType booleans = LogicalType::LIST(LogicalType::BOOLEAN);
  table.Private("any_true", {booleans}, LogicalType::BOOLEAN, MatchLoop<Match::kAny>);
  table.Private("all_true", {booleans}, LogicalType::BOOLEAN, MatchLoop<Match::kAll>);
  table.Private("none_true", {booleans}, LogicalType::BOOLEAN, MatchLoop<Match::kNone>);
  table.Emit("any_match(array(t),function(t,boolean))", EmitMatch("any_true"));
  table.Emit("all_match(array(t),function(t,boolean))", EmitMatch("all_true"));
  table.Emit("none_match(array(t),function(t,boolean))", EmitMatch("none_true"));
  table.Emit("zip_with(array(T),array(U),function(T,U,R))", EmitZipWith);
  table.Emit("map_zip_with(map(K,V1),map(K,V2),function(K,V1,V2,V3))", EmitMapZipWith);
  table.Emit("map_filter(map(K,V),function(K,V,boolean))", EmitMapFilter);
  table.Emit("transform_keys(map(K1,V),function(K1,V,K2))",
             [](const CallSite& site, DuckExprs values) {
               return EmitTransformEntries(site, std::move(values), /*keys=*/true);
             });
  table.Emit("transform_values(map(K,V1),function(K,V1,V2))",
             [](const CallSite& site, DuckExprs values) {
               return EmitTransformEntries(site, std::move(values), /*keys=*/false);
             });
  AddReduce(table);
  AddSort(table);
}

}  // namespace pallas::engine
