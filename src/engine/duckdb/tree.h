#ifndef PALLAS_ENGINE_DUCKDB_TREE_H_
#define PALLAS_ENGINE_DUCKDB_TREE_H_

#include <string>

#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref.hpp"

#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/functions/tree.h"

// More pieces of DuckDB syntax trees than functions/tree.h has: those of queries.

namespace pallas::engine {

using TableRefPtr = duckdb::unique_ptr<duckdb::TableRef>;
using QueryNodePtr = duckdb::unique_ptr<duckdb::QueryNode>;
using SelectStatementPtr = duckdb::unique_ptr<duckdb::SelectStatement>;

DuckExpr ColumnRef(std::string name);

// A function that DuckDB's binder treats specially by its bare name (unnest, count_star), one of
// its operators ("+"), or any other of its own.
DuckExpr NativeCall(const std::string& name, DuckExprs arguments);

// A native cast to the form of `type`.
DuckExpr CastTo(const Type& type, DuckExpr operand);

DuckExpr Coalesce(DuckExprs operands);

SelectStatementPtr Statement(QueryNodePtr node);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_TREE_H_
