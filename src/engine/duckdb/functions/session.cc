#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/tree.h"

// What a statement is told about where it runs.

namespace pallas::engine {
namespace {

constexpr char kTrinoRelease[] = "476";

}  // namespace

void AddSession(AdapterTable& table) {
  table.Emit("version()", [](const CallSite&, DuckExprs) -> absl::StatusOr<DuckExpr> {
    return TextConstant(kTrinoRelease);
  });
  // Users have no groups here.
  table.Emit("current_groups()", [](const CallSite& site, DuckExprs) -> absl::StatusOr<DuckExpr> {
    return site.emitter.Array(site.result(), DuckExprs());
  });
}

}  // namespace pallas::engine
