#ifndef PALLAS_ENGINE_DUCKDB_EXPRESSION_BUILDER_H_
#define PALLAS_ENGINE_DUCKDB_EXPRESSION_BUILDER_H_

#include <optional>

#include "duckdb/planner/expression.hpp"

#include "engine/duckdb/constraint_builder.h"
#include "sdk/model/expression.h"

namespace pallas::engine {

// The same condition in the functions of the connector protocol ($and, $equal, $like_pattern, ...),
// with the same truth for every row; nullopt where any part of it has no such form. Floating point
// columns have none: whether NaN is less or greater is each source's own.
std::optional<sdk::Expression> BuildExpression(const duckdb::Expression& condition,
                                               const ColumnOfBinding& column_of);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_EXPRESSION_BUILDER_H_
