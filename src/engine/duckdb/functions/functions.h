#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_FUNCTIONS_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_FUNCTIONS_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/main/database.hpp"
#include "duckdb/parser/expression/window_expression.hpp"
#include "duckdb/parser/parsed_expression.hpp"
#include "duckdb/parser/result_modifier.hpp"

#include "engine/duckdb/types.h"
#include "sql/plan/expression.h"
#include "sql/session.h"
#include "types/type.h"

// Trino's functions, operators, casts and comparisons in DuckDB: registration, and the syntax trees
// that call them. The rest of the emitter never names a DuckDB function for them itself.
//
// Errors at run time are DuckDB exceptions whose extra info has "trino_error" (the error name);
// those that TRY catches are INVALID_INPUT, all others EXECUTOR, which DuckDB's TRY lets pass.

namespace pallas::engine {

using DuckExpr = duckdb::unique_ptr<duckdb::ParsedExpression>;
using DuckExprs = duckdb::vector<DuckExpr>;

// Registers everything under private names ("trino$...") in DuckDB's system catalog. Once per
// instance, before any statement.
void RegisterFunctions(duckdb::DatabaseInstance& instance);

// Whether the registry entry `id` can be emitted. For the test that no entry lacks an adapter.
bool HasAdapter(std::string_view id);

// Parts of an aggregate call beside its arguments.
struct AggregateParts {
  bool distinct = false;
  DuckExpr filter;                               // may be null
  duckdb::vector<duckdb::OrderByNode> order_by;  // keys already through OrderKey()
};

// Parts of a window call beside its arguments.
struct WindowParts {
  bool distinct = false;
  bool ignore_nulls = false;
  DuckExpr filter;
  DuckExprs partition_by;                        // already through GroupKey()
  duckdb::vector<duckdb::OrderByNode> order_by;  // keys already through OrderKey()
  // Ignored by functions that have no frame (rank, lag, ...).
  duckdb::WindowBoundary start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
  duckdb::WindowBoundary end = duckdb::WindowBoundary::CURRENT_ROW_RANGE;
  DuckExpr start_offset;
  DuckExpr end_offset;
};

// Builds the trees, for one statement. Borrows the session, which must outlive it. Arguments must
// have the Trino types that the call names, in the form of ToDuckDbType(). Not thread-safe.
class FunctionEmitter {
 public:
  explicit FunctionEmitter(const sql::Session& session) : session_(session) {}

  // A typed constant; NULL becomes CAST(NULL AS t), because DuckDB forgets the type of a bare NULL.
  DuckExpr Constant(const Type& type, const sql::ConstantValue& value) const;
  DuckExpr Null(const Type& type) const;

  // Scalar functions and operators. A lambda argument is a duckdb::LambdaExpression.
  absl::StatusOr<DuckExpr> Call(const sql::ResolvedFunction& function, DuckExprs arguments) const;

  // With `safe` (TRY_CAST) a failing cast gives NULL.
  absl::StatusOr<DuckExpr> Cast(const Type& from, const Type& to, bool safe,
                                DuckExpr argument) const;

  // TRY(argument): NULL for exactly the errors that Trino's TRY catches.
  DuckExpr Try(DuckExpr argument) const;

  // Three-valued comparison of two values of `type`, as Trino has it: NaN is unequal to itself, a
  // NULL inside a nested value makes the answer unknown. Native DuckDB comparisons wherever that is
  // exact, so that scans and joins recognise them; for real and double also when one side is a
  // constant other than NaN.
  absl::StatusOr<DuckExpr> Compare(sql::CompareOp op, const Type& type, DuckExpr left,
                                   DuckExpr right) const;
  absl::StatusOr<DuckExpr> Between(const Type& type, DuckExpr value, DuckExpr low,
                                   DuckExpr high) const;
  // value IN (items...), REQUIRES: at least one item.
  absl::StatusOr<DuckExpr> InList(const Type& type, DuckExpr value, DuckExprs items) const;

  // left = right where unknown and false are the same (conjuncts of WHERE and ON): an equality that
  // DuckDB can use as a hash join key, and what else is needed to make it Trino's, ANDed.
  absl::StatusOr<DuckExpr> JoinEquality(const Type& type, DuckExpr left, DuckExpr right) const;

  // What DuckDB shall group, partition or deduplicate by. Equal keys iff not distinct in Trino's
  // sense. The argument itself for types of which IsOwnGroupKey() is true; else a BLOB, and the
  // value of the group is any of its members: `arbitrary(value)`.
  static bool IsOwnGroupKey(const Type& type);
  DuckExpr GroupKey(const Type& type, DuckExpr argument) const;

  // What DuckDB shall order by, ascending with NULLs placed by the OrderByNode.
  DuckExpr OrderKey(const Type& type, DuckExpr argument) const;

  absl::StatusOr<DuckExpr> Aggregate(const sql::ResolvedFunction& function, DuckExprs arguments,
                                     AggregateParts parts) const;

  // Window functions, and aggregates over a window.
  absl::StatusOr<DuckExpr> Window(const sql::ResolvedFunction& function, DuckExprs arguments,
                                  WindowParts parts) const;

  // ROW(...), ARRAY[...] and field access in the physical forms.
  DuckExpr Row(const Type& type, DuckExprs fields) const;
  DuckExpr Array(const Type& type, DuckExprs elements) const;
  DuckExpr Field(int index, DuckExpr row) const;

 private:
  const sql::Session& session_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_FUNCTIONS_H_
