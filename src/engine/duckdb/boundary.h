#ifndef PALLAS_ENGINE_DUCKDB_BOUNDARY_H_
#define PALLAS_ENGINE_DUCKDB_BOUNDARY_H_

#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "duckdb/common/error_data.hpp"

// The border between our errors (absl::Status) and DuckDB's (exceptions, ErrorData).

namespace pallas::engine {

// The status of a DuckDB error:
//   thrown by ThrowIfError()        that very status
//   with "trino_error" (functions)  that error name, code by the exception's type
//   OUT_OF_MEMORY                   RESOURCE_EXHAUSTED, EXCEEDED_LOCAL_MEMORY_LIMIT
//   INTERRUPT                       CANCELLED; callers that know the reason say that instead
//   IO; a damaged file              UNAVAILABLE, GENERIC_EXTERNAL; DATA_LOSS, HIVE_BAD_DATA
//   NOT_IMPLEMENTED                 UNIMPLEMENTED, NOT_SUPPORTED
//   two rows of a scalar subquery   SUBQUERY_MULTIPLE_ROWS
//   anything else                   INTERNAL, GENERIC_INTERNAL_ERROR: an emitted tree does not fail
//                                   otherwise
absl::Status FromDuckDbError(const duckdb::ErrorData& error);

// Whether an error of this kind leaves its DuckDB instance unusable.
bool BreaksInstance(const duckdb::ErrorData& error);

// Whether the query stopped because it was told to.
bool IsInterrupt(const duckdb::ErrorData& error);

// For DuckDB callbacks: throws `status`, if it is an error, in a form that FromDuckDbError() turns
// back into an equal one.
void ThrowIfError(const absl::Status& status);

// The value, or throws.
template <typename T>
T ValueOrThrow(absl::StatusOr<T> value) {
  ThrowIfError(value.status());
  return *std::move(value);
}

// Calls `fn`, which returns a DuckDB error if it threw: none (HasError() is false) if it did not.
duckdb::ErrorData CatchDuckDbError(const std::function<void()>& fn);

// What `fn` returns, or the status of what it throws.
template <typename Fn>
auto CallDuckDb(Fn&& fn) {
  using Result = std::invoke_result_t<Fn>;
  if constexpr (std::is_void_v<Result>) {
    const duckdb::ErrorData error = CatchDuckDbError(std::forward<Fn>(fn));
    return error.HasError() ? FromDuckDbError(error) : absl::OkStatus();
  } else {
    absl::StatusOr<Result> result;
    const duckdb::ErrorData error = CatchDuckDbError([&] { result = fn(); });
    if (error.HasError()) {
      result = FromDuckDbError(error);
    }
    return result;
  }
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_BOUNDARY_H_
