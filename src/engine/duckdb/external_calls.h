#ifndef PALLAS_ENGINE_DUCKDB_EXTERNAL_CALLS_H_
#define PALLAS_ENGINE_DUCKDB_EXTERNAL_CALLS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/main/database.hpp"

#include "engine/duckdb/functions/functions.h"
#include "federation/external_function.h"
#include "sdk/request_context.h"

// Calls of functions that run outside of the engine, a vector of rows at a time.

namespace pallas::engine {

// One external function as a query calls it. Immutable; shared by DuckDB's threads, each of which
// waits for its own calls. Borrows the invoker.
struct ExternalCall {
  sdk::RequestContext request;
  federation::ExternalFunctionInvoker* invoker = nullptr;
  std::shared_ptr<const federation::ExternalFunction> function;
};

// The external functions of one statement, by the number that its tree carries. Grows while the
// tree is emitted; then it is read only.
class ExternalCalls {
 public:
  // `invoker` may be null: then every call is an error.
  ExternalCalls(sdk::RequestContext request, federation::ExternalFunctionInvoker* invoker)
      : request_(std::move(request)), invoker_(invoker) {}

  // The call of `function`, whose arguments have the types of its parameters. NOT_SUPPORTED where
  // external functions cannot be called.
  absl::StatusOr<DuckExpr> Emit(std::shared_ptr<const federation::ExternalFunction> function,
                                DuckExprs arguments);

  // Null if there is none.
  std::shared_ptr<const ExternalCall> Find(size_t id) const;

 private:
  const sdk::RequestContext request_;
  federation::ExternalFunctionInvoker* const invoker_;
  std::vector<std::shared_ptr<const ExternalCall>> calls_;
};

// Registers the function that the trees call. Once per instance, before any statement.
void RegisterExternalCalls(duckdb::DatabaseInstance& instance);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_EXTERNAL_CALLS_H_
