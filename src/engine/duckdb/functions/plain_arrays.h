#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_PLAIN_ARRAYS_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_PLAIN_ARRAYS_H_

#include "duckdb/function/scalar_function.hpp"

#include "types/type.h"

// Functions on arrays whose elements DuckDB's vectors hold as single values with the order of the
// dialect (numbers, texts without padding, dates, ...): loops over these values, many times as fast
// as those over cells of any type. Empty for element types that are no such values.

namespace pallas::engine {

duckdb::scalar_function_t PlainContains(const Type& element);
duckdb::scalar_function_t PlainPosition(const Type& element);
// NaN is taken only if there is nothing else.
duckdb::scalar_function_t PlainMaximum(const Type& element);
duckdb::scalar_function_t PlainMinimum(const Type& element);
// The value of a key, of a map with keys of that type; NULL if it is missing.
duckdb::scalar_function_t PlainElementOfMap(const Type& key);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_PLAIN_ARRAYS_H_
