#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_TYPED_LOOP_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_TYPED_LOOP_H_

#include <utility>

#include "engine/duckdb/functions/adapter_table.h"

// The usual bind callback of AdapterTable::Typed(): the Trino types, and one loop.

namespace pallas::engine {

using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;
using Loop = void (*)(duckdb::DataChunk&, duckdb::ExpressionState&, duckdb::Vector&);

template <Loop loop>
duckdb::unique_ptr<duckdb::FunctionData> BindTyped(duckdb::ClientContext& context,
                                                   duckdb::ScalarFunction& function,
                                                   Arguments& arguments) {
  auto data = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(loop);
  return data;
}

// The same with the loop that `plain` makes for the type of argument 0's children[0] (the elements
// of an array, the keys of a map), where it makes one.
template <auto plain, Loop loop>
duckdb::unique_ptr<duckdb::FunctionData> BindPlain(duckdb::ClientContext& context,
                                                   duckdb::ScalarFunction& function,
                                                   Arguments& arguments) {
  auto data = TakeTypes(context, function, arguments);
  duckdb::scalar_function_t quick = plain(data->arguments[0].children()[0]);
  function.SetFunctionCallback(quick ? std::move(quick) : duckdb::scalar_function_t(loop));
  return data;
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_TYPED_LOOP_H_
