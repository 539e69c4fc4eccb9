#ifndef PALLAS_ENGINE_DUCKDB_SCAN_VALUE_H_
#define PALLAS_ENGINE_DUCKDB_SCAN_VALUE_H_

#include <memory>
#include <optional>
#include <string>

#include "arrow/type_fwd.h"
#include "duckdb/common/types/value.hpp"

#include "sdk/model/value.h"
#include "types/type.h"

namespace pallas::engine {

// A column of a scan, as constraints see it.
struct ScanColumn {
  std::string name;  // as the source spells it
  Type type;
  std::shared_ptr<arrow::DataType> arrow_type;  // scan-side; null if there is none
};

// Whether DuckDB's order of the values of `column` is that of value sets, so that its comparisons
// can be told to a source. Not so: zoned times (compared by functions), json and uuid (a source may
// spell one value in many ways), char (padding), nested types.
bool HasValueSets(const ScanColumn& column);

// A constant that DuckDB compares `column` with, in the form of value sets, if it is one exactly:
// nullopt for NULL, NaN, another type, digits that the column's Arrow type does not have.
// REQUIRES: HasValueSets(column).
std::optional<sdk::Value> ToSdkValue(const ScanColumn& column, const duckdb::Value& value);

// The other way round, for partition values: a constant of ToDuckDbType(type); NULL for nullopt.
duckdb::Value ToDuckDbValue(const Type& type, const std::optional<sdk::Value>& value);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SCAN_VALUE_H_
