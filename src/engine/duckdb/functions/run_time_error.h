#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_RUN_TIME_ERROR_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_RUN_TIME_ERROR_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Errors of functions while rows are computed. They leave as DuckDB exceptions with the Trino error
// name in "trino_error", and come back as statuses in engine/duckdb/boundary.h.

namespace pallas::engine {

// Throws Trino's error `name`: INVALID_INPUT if Trino's TRY catches it, else EXECUTOR, which
// DuckDB's TRY lets pass.
[[noreturn]] void Raise(std::string_view name, const std::string& message);

// Throws the named error that `status` carries. REQUIRES: !status.ok().
[[noreturn]] void Raise(const absl::Status& status);

inline void RaiseIfError(const absl::Status& status) {
  if (!status.ok()) [[unlikely]] {
    Raise(status);
  }
}

template <typename T>
T ValueOrRaise(absl::StatusOr<T> value) {
  RaiseIfError(value.status());
  return *std::move(value);
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_RUN_TIME_ERROR_H_
