#ifndef PALLAS_ENGINE_DUCKDB_COLUMN_CONVERSION_H_
#define PALLAS_ENGINE_DUCKDB_COLUMN_CONVERSION_H_

#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/table_filter.hpp"

#include "types/type.h"

// How a column of a Parquet file becomes a column of the table that declares it, as Trino does it.

namespace pallas::engine {

using DuckExpression = duckdb::unique_ptr<duckdb::Expression>;

struct ColumnConversion {
  // What DuckDB's own mapping shall make of the file's column: its exact casts between integers,
  // and nested types field by field. Fields are found by name without case.
  duckdb::MultiFileColumnDefinition mapped;
  // Makes the declared type of that; null if it is that already.
  std::function<DuckExpression(duckdb::ClientContext&, DuckExpression)> convert;
  // Turns a filter on the declared type into one on the file's values that passes the same rows, or
  // says null: then, and without this, the filter sees the converted values, and the statistics of
  // the file cannot skip row groups.
  std::function<duckdb::unique_ptr<duckdb::TableFilter>(const duckdb::TableFilter&)> filter;
};

// The definition of a table's column for DuckDB: `name` in the file, NULL where a file lacks it.
duckdb::MultiFileColumnDefinition DefineColumn(const std::string& name, const Type& type);

// nullopt if a file's column of that type is no value of `declared`.
std::optional<ColumnConversion> ConvertColumn(const std::string& name, const Type& declared,
                                              const duckdb::MultiFileColumnDefinition& in_file);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_COLUMN_CONVERSION_H_
