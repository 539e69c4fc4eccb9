#ifndef PALLAS_ENGINE_DUCKDB_NAMES_H_
#define PALLAS_ENGINE_DUCKDB_NAMES_H_

#include <string>

#include "absl/strings/str_cat.h"

#include "sql/plan/expression.h"

// Names in emitted trees. Users' names never reach DuckDB (decision D15).

namespace pallas::engine {

// A plan's column: unique in the statement, so that it needs no table before it.
inline std::string ColumnName(sql::ColumnId id) { return absl::StrCat("c", id); }

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_NAMES_H_
