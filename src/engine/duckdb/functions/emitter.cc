#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/operator_expression.hpp"
#include "duckdb/parser/expression/window_expression.hpp"
#include "duckdb/parser/parsed_data/create_aggregate_function_info.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"

#include "base/error_detail.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

absl::Status NoAdapter(const sql::ResolvedFunction& function) {
  return NamedError("NOT_SUPPORTED",
                    absl::StrCat("Function ", function.entry->id, " is not supported here"),
                    absl::StatusCode::kUnimplemented);
}

duckdb::vector<duckdb::OrderByNode> CopyOrder(const duckdb::vector<duckdb::OrderByNode>& order) {
  duckdb::vector<duckdb::OrderByNode> copies;
  for (const duckdb::OrderByNode& node : order) {
    copies.emplace_back(node.type, node.null_order, node.expression->Copy());
  }
  return copies;
}

DuckExpr CopyOrNull(const DuckExpr& tree) { return tree ? tree->Copy() : nullptr; }

DuckExpr GroupedCall(const std::string& name, DuckExprs arguments, bool distinct,
                     const AggregateParts& parts) {
  auto call = CallDuckDbFunction(name, std::move(arguments));
  call->distinct = distinct;
  call->filter = CopyOrNull(parts.filter);
  if (!parts.order_by.empty()) {
    call->order_bys = duckdb::make_uniq<duckdb::OrderModifier>();
    call->order_bys->orders = CopyOrder(parts.order_by);
  }
  return call;
}

DuckExpr WindowedCall(const std::string& name, DuckExprs arguments, bool distinct,
                      const WindowParts& parts) {
  auto call = duckdb::make_uniq<duckdb::WindowExpression>(duckdb::ExpressionType::WINDOW_AGGREGATE,
                                                          "system", "main", name);
  call->children = std::move(arguments);
  call->distinct = distinct;
  call->filter_expr = CopyOrNull(parts.filter);
  for (const DuckExpr& key : parts.partition_by) {
    call->partitions.push_back(key->Copy());
  }
  call->orders = CopyOrder(parts.order_by);
  call->start = parts.start;
  call->end = parts.end;
  call->start_expr = CopyOrNull(parts.start_offset);
  call->end_expr = CopyOrNull(parts.end_offset);
  return call;
}

}  // namespace

void RegisterFunctions(duckdb::DatabaseInstance& instance) {
  const AdapterTable& table = AdapterTable::Get();
  duckdb::ExtensionLoader loader(instance, "pallas");
  for (const duckdb::ScalarFunction& function : table.scalars()) {
    duckdb::CreateScalarFunctionInfo info(function);
    info.schema = DEFAULT_SCHEMA;
    info.internal = true;
    loader.RegisterFunction(std::move(info));
  }
  for (const duckdb::AggregateFunction& function : table.aggregates()) {
    duckdb::CreateAggregateFunctionInfo info(function);
    info.schema = DEFAULT_SCHEMA;
    info.internal = true;
    loader.RegisterFunction(std::move(info));
  }
}

bool HasAdapter(std::string_view id) {
  const AdapterTable& table = AdapterTable::Get();
  return table.FindScalar(id) != nullptr || table.FindAggregate(id) != nullptr ||
         table.FindWindow(id) != nullptr;
}

absl::StatusOr<DuckExpr> FunctionEmitter::Call(const sql::ResolvedFunction& function,
                                               DuckExprs arguments) const {
  const ScalarEmitter* emit = AdapterTable::Get().FindScalar(function.entry->id);
  if (emit == nullptr) {
    return NoAdapter(function);
  }
  return (*emit)({function, session_, *this}, std::move(arguments));
}

absl::StatusOr<DuckExpr> FunctionEmitter::Aggregate(const sql::ResolvedFunction& function,
                                                    DuckExprs arguments,
                                                    AggregateParts parts) const {
  const AggregateEmitter* emit = AdapterTable::Get().FindAggregate(function.entry->id);
  if (emit == nullptr) {
    return NoAdapter(function);
  }
  return (*emit)({function, session_, *this, parts.distinct}, std::move(arguments),
                 AggregateCall(
                     [&parts](const std::string& name, DuckExprs values, bool distinct) {
                       return GroupedCall(name, std::move(values), distinct, parts);
                     },
                     parts.distinct));
}

absl::StatusOr<DuckExpr> FunctionEmitter::Window(const sql::ResolvedFunction& function,
                                                 DuckExprs arguments, WindowParts parts) const {
  const AdapterTable& table = AdapterTable::Get();
  if (const WindowEmitter* emit = table.FindWindow(function.entry->id)) {
    return (*emit)({function, session_, *this, parts.distinct}, std::move(arguments),
                   std::move(parts));
  }
  const AggregateEmitter* emit = table.FindAggregate(function.entry->id);
  if (emit == nullptr) {
    return NoAdapter(function);
  }
  return (*emit)({function, session_, *this, parts.distinct}, std::move(arguments),
                 AggregateCall(
                     [&parts](const std::string& name, DuckExprs values, bool distinct) {
                       return WindowedCall(name, std::move(values), distinct, parts);
                     },
                     parts.distinct));
}

}  // namespace pallas::engine
