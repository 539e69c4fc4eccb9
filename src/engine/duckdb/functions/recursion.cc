#include <cstdint>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"

// What WITH RECURSIVE counts its steps with.

namespace pallas::engine {
namespace {

// Trino's default of max_recursion_depth.
constexpr int64_t kMaxRecursionDepth = 10;

int64_t NextDepth(int64_t depth) {
  if (depth >= kMaxRecursionDepth) {
    Raise("NOT_SUPPORTED",
          absl::StrCat("Recursion depth limit exceeded (", kMaxRecursionDepth,
                       "). Use 'max_recursion_depth' session property to modify the limit."));
  }
  return depth + 1;
}

}  // namespace

void AddRecursion(AdapterTable& table) {
  table.Private("next_recursion_depth", {duckdb::LogicalType::BIGINT}, duckdb::LogicalType::BIGINT,
                Unary<int64_t, int64_t>(NextDepth), {.can_raise = true});
}

}  // namespace pallas::engine
