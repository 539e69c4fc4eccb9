#include "engine/duckdb/functions/adapter_table.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/execution/expression_executor_state.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

#include "base/check.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

using duckdb::LogicalType;
using BoundArguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

constexpr std::string_view kPrefix = "trino$";

// The DuckDB type of a signature's template, if that does not depend on how it is bound.
std::optional<LogicalType> ConcreteType(std::string_view text) {
  for (std::string_view words : {"varchar(", "char("}) {
    if (absl::StartsWith(text, words)) {
      return LogicalType::VARCHAR;
    }
  }
  if (text == "codepoints" || text == "joniregexp" || text == "jsonpath") {
    return LogicalType::VARCHAR;
  }
  if (text == "time(p)") {
    return LogicalType::BIGINT;
  }
  for (std::string_view nested : {"array(", "map("}) {
    if (absl::StartsWith(text, nested) && absl::StrContains(text, "(x)")) {
      std::string unbounded(text);
      unbounded.erase(unbounded.find("(x)"), 3);
      return ConcreteType(unbounded);
    }
  }
  const absl::StatusOr<Type> type = ParseTrinoType(text);
  return type.ok() ? std::optional(ToDuckDbType(*type)) : std::nullopt;
}

void ApplyTraits(const Traits& traits, duckdb::ScalarFunction& function) {
  if (traits.called_on_null) {
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  }
  if (traits.can_raise) {
    function.SetFallible();
  }
  if (!traits.deterministic) {
    function.SetVolatile();
  }
}

Traits TraitsOf(const sql::FunctionEntry& entry) {
  return {.called_on_null = entry.called_on_null,
          .can_raise = entry.can_raise,
          .deterministic = entry.deterministic};
}

// Replaced by what the bind callback sets; never called.
void Unbound(duckdb::DataChunk& /*arguments*/, duckdb::ExpressionState& /*state*/,
             duckdb::Vector& /*result*/) {
  CHECK(false);
}

duckdb::ScalarFunction AnyFunction(std::string name, duckdb::bind_scalar_function_t bind,
                                   const LogicalType& result) {
  duckdb::ScalarFunction function(std::move(name), {}, result, Unbound, bind);
  function.SetVarArgs(LogicalType::ANY);
  return function;
}

Type WithoutFunction(const Type& type) {
  return type.kind() == TypeKind::kFunction ? type.children().back() : type;
}

duckdb::unique_ptr<TypedBindData> TakeTypesOf(duckdb::ClientContext& context,
                                              duckdb::BaseScalarFunction& function,
                                              BoundArguments& arguments) {
  CHECK(!arguments.empty());
  const duckdb::Value texts =
      duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments.back());
  arguments.pop_back();
  auto data = duckdb::make_uniq<TypedBindData>();
  for (const duckdb::Value& text : duckdb::ListValue::GetChildren(texts)) {
    data->arguments.push_back(ValueOrRaise(ParseTrinoType(duckdb::StringValue::Get(text))));
  }
  data->result = data->arguments.back();
  data->arguments.pop_back();
  CHECK(data->arguments.size() == arguments.size());
  function.arguments.clear();
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool lambda = arguments[i]->GetExpressionClass() == duckdb::ExpressionClass::BOUND_LAMBDA;
    function.arguments.push_back(lambda ? arguments[i]->return_type
                                        : ToDuckDbType(data->arguments[i]));
  }
  function.original_arguments.clear();
  function.SetVarArgs(LogicalType(duckdb::LogicalTypeId::INVALID));
  function.SetReturnType(ToDuckDbType(data->result));
  return data;
}

}  // namespace

duckdb::unique_ptr<duckdb::FunctionData> TypedBindData::Copy() const {
  return duckdb::make_uniq<TypedBindData>(*this);
}

bool TypedBindData::Equals(const duckdb::FunctionData& other) const {
  const auto* typed = dynamic_cast<const TypedBindData*>(&other);
  return typed != nullptr && typed->arguments == arguments && typed->result == result;
}

duckdb::unique_ptr<TypedBindData> TakeTypes(duckdb::ClientContext& context,
                                            duckdb::ScalarFunction& function,
                                            BoundArguments& arguments) {
  return TakeTypesOf(context, function, arguments);
}

duckdb::unique_ptr<TypedBindData> TakeTypes(duckdb::ClientContext& context,
                                            duckdb::AggregateFunction& function,
                                            BoundArguments& arguments) {
  return TakeTypesOf(context, function, arguments);
}

DuckExpr TypesArgument(const std::vector<Type>& arguments, const Type& result) {
  duckdb::vector<duckdb::Value> texts;
  for (const Type& type : arguments) {
    texts.emplace_back(WithoutFunction(type).ToString());
  }
  texts.emplace_back(result.ToString());
  return duckdb::make_uniq<duckdb::ConstantExpression>(
      duckdb::Value::LIST(LogicalType::VARCHAR, std::move(texts)));
}

DuckExpr CallTyped(std::string_view name, const std::vector<Type>& types, const Type& result,
                   DuckExprs values) {
  values.push_back(TypesArgument(types, result));
  return NativeCast(ToDuckDbType(result), CallPrivate(name, std::move(values)));
}

const duckdb::FunctionData& BindDataOf(const duckdb::ExpressionState& state) {
  return *state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info;
}

AdapterTable::AdapterTable() {
  for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
    entries_[entry.id] = &entry;
  }
  AddAggregates(*this);
  AddArithmetic(*this);
  AddArrays(*this);
  AddBinary(*this);
  AddCasts(*this);
  AddDecimalArithmetic(*this);
  AddChecksum(*this);
  AddColors(*this);
  AddDistributions(*this);
  AddNumericHistogram(*this);
  AddSession(*this);
  AddConditional(*this);
  AddDecimalMath(*this);
  AddFormat(*this);
  AddJson(*this);
  AddLambdas(*this);
  AddListAggregates(*this);
  AddMapAggregates(*this);
  AddMaps(*this);
  AddMath(*this);
  AddMoments(*this);
  AddRegexps(*this);
  AddSequences(*this);
  AddStrings(*this);
  AddWindows(*this);
  AddComparisons(*this);
  AddDateTime(*this);
  AddDateTimeText(*this);
  AddRecursion(*this);
}

const AdapterTable& AdapterTable::Get() {
  static const AdapterTable* const kTable = new AdapterTable();
  return *kTable;
}

const sql::FunctionEntry& AdapterTable::Entry(std::string_view id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) {
    duckdb::Printer::Print(absl::StrCat("no registry entry ", id));
  }
  CHECK(found != entries_.end());
  return *found->second;
}

void AdapterTable::Scalar(std::string_view id, duckdb::scalar_function_t loop,
                          duckdb::init_local_state_t init) {
  const sql::FunctionEntry& entry = Entry(id);
  CHECK(!entry.variadic);
  duckdb::vector<LogicalType> arguments;
  for (std::string_view argument : entry.arguments) {
    std::optional<LogicalType> type = ConcreteType(argument);
    CHECK(type.has_value());
    arguments.push_back(*std::move(type));
  }
  std::optional<LogicalType> result = ConcreteType(entry.result);
  CHECK(result.has_value());
  Scalar(id, std::move(arguments), *result, std::move(loop));
  scalars_.back().SetInitStateCallback(init);
}

void AdapterTable::Scalar(std::string_view id, duckdb::vector<LogicalType> arguments,
                          const LogicalType& result, duckdb::scalar_function_t loop) {
  const sql::FunctionEntry& entry = Entry(id);
  Private(id, std::move(arguments), result, std::move(loop), TraitsOf(entry));
  Emit(id, [name = entry.id](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    return CallPrivate(name, std::move(values));
  });
}

void AdapterTable::Bound(std::string_view id, duckdb::bind_scalar_function_t bind) {
  const sql::FunctionEntry& entry = Entry(id);
  Private(id, bind, LogicalType::ANY, TraitsOf(entry));
  Emit(id, [name = entry.id](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    return NativeCast(ToDuckDbType(site.result()), CallPrivate(name, std::move(values)));
  });
}

void AdapterTable::Typed(std::string_view id, duckdb::bind_scalar_function_t bind) {
  const sql::FunctionEntry& entry = Entry(id);
  Private(id, bind, LogicalType::ANY, TraitsOf(entry));
  Emit(id, [name = entry.id](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    values.push_back(TypesArgument(site.function.argument_types, site.result()));
    return NativeCast(ToDuckDbType(site.result()), CallPrivate(name, std::move(values)));
  });
}

void AdapterTable::Emit(std::string_view id, ScalarEmitter emit) {
  emit_scalar_[Entry(id).id] = std::move(emit);
}

void AdapterTable::Private(std::string_view name, duckdb::vector<LogicalType> arguments,
                           const LogicalType& result, duckdb::scalar_function_t loop,
                           Traits traits) {
  duckdb::ScalarFunction function(absl::StrCat(kPrefix, name), std::move(arguments), result,
                                  std::move(loop));
  ApplyTraits(traits, function);
  scalars_.push_back(std::move(function));
}

void AdapterTable::Private(std::string_view name, duckdb::bind_scalar_function_t bind,
                           const LogicalType& result, Traits traits) {
  duckdb::ScalarFunction function = AnyFunction(absl::StrCat(kPrefix, name), bind, result);
  ApplyTraits(traits, function);
  scalars_.push_back(std::move(function));
}

void AdapterTable::Private(duckdb::ScalarFunction function) {
  function.SetName(absl::StrCat(kPrefix, function.name));
  scalars_.push_back(std::move(function));
}

void AdapterTable::Private(duckdb::AggregateFunction function) {
  function.SetName(absl::StrCat(kPrefix, function.name));
  aggregates_.push_back(std::move(function));
}

void AdapterTable::Aggregate(std::string_view id, duckdb::AggregateFunction function) {
  const sql::FunctionEntry& entry = Entry(id);
  function.SetName(std::string(id));
  Private(std::move(function));
  NativeAggregate(id, absl::StrCat(kPrefix, entry.id));
}

void AdapterTable::NativeAggregate(std::string_view id, std::string name) {
  EmitAggregate(id,
                [name = std::move(name)](const CallSite&, DuckExprs values,
                                         const AggregateCall& call) -> absl::StatusOr<DuckExpr> {
                  return call(name, std::move(values));
                });
}

void AdapterTable::EmitAggregate(std::string_view id, AggregateEmitter emit) {
  emit_aggregate_[Entry(id).id] = std::move(emit);
}

void AdapterTable::EmitWindow(std::string_view id, WindowEmitter emit) {
  emit_window_[Entry(id).id] = std::move(emit);
}

const ScalarEmitter* AdapterTable::FindScalar(std::string_view id) const {
  const auto found = emit_scalar_.find(id);
  return found == emit_scalar_.end() ? nullptr : &found->second;
}

const AggregateEmitter* AdapterTable::FindAggregate(std::string_view id) const {
  const auto found = emit_aggregate_.find(id);
  return found == emit_aggregate_.end() ? nullptr : &found->second;
}

const WindowEmitter* AdapterTable::FindWindow(std::string_view id) const {
  const auto found = emit_window_.find(id);
  return found == emit_window_.end() ? nullptr : &found->second;
}

}  // namespace pallas::engine
