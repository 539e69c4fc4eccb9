#include "engine/duckdb/emitter.h"

#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/plan_emitter.h"

namespace pallas::engine {

absl::StatusOr<SelectStatementPtr> EmitQuery(const sql::AnalyzedQuery& query,
                                             const sql::Session& session, QueryScans& scans) {
  const FunctionEmitter functions(session);
  PlanEmitter emitter(functions, scans);
  ASSIGN_OR_RETURN(SelectBlock block, emitter.Emit(*query.plan));
  std::vector<std::string> outputs;
  outputs.reserve(query.outputs.size());
  for (const sql::PlanColumn& output : query.outputs) {
    outputs.push_back(ColumnName(output.id));
  }
  return Statement(block.IntoNode(outputs));
}

}  // namespace pallas::engine
