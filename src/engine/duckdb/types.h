#ifndef PALLAS_ENGINE_DUCKDB_TYPES_H_
#define PALLAS_ENGINE_DUCKDB_TYPES_H_

#include "duckdb/common/types.hpp"

#include "types/type.h"

// The physical form of Trino types inside DuckDB (decision table "Types"). What DuckDB's type does
// not say (the length of varchar and char, the digits of times, field names, the zone) is known to
// the analyzer only; functions that need it get it as constants from FunctionEmitter.
//
//   boolean, integers, real, double, decimal, varchar, varbinary, date, uuid   the same
//   char(n), json                VARCHAR: without trailing blanks; canonical text
//   time(p)                      BIGINT, picoseconds of the day
//   time(p <= 9) with time zone  BIGINT, UTC nanoseconds of the day << 11 | offset minutes + 840
//   time(p > 9) with time zone   STRUCT(base BIGINT, rest INTEGER): picoseconds, offset minutes
//   timestamp(p <= 6)            TIMESTAMP
//   timestamp(p > 6)             STRUCT(base TIMESTAMP, rest INTEGER): picoseconds of the micro
//   timestamp(p <= 3) with zone  BIGINT, millis << 12 | zone key
//   timestamp(p > 3) with zone   STRUCT(base BIGINT, rest INTEGER): packed, picos of the milli
//   interval year to month       INTEGER months;  interval day to second: BIGINT milliseconds
//   ipaddress, opaque types      BLOB
//   array, map, row              LIST, MAP, STRUCT with fields f1...fn
//   unknown                      INTEGER (always NULL)
//
// No alias types: they do not unify in DuckDB (UNION, CASE), and every comparison, key and cast of
// these values is emitted by us anyway.

namespace pallas::engine {

// REQUIRES: not a function type.
duckdb::LogicalType ToDuckDbType(const Type& type);

// Whether DuckDB's own comparisons, grouping and order agree with Trino's (decision D13).
bool HasNativeComparison(const Type& type);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_TYPES_H_
