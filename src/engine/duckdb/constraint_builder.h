#ifndef PALLAS_ENGINE_DUCKDB_CONSTRAINT_BUILDER_H_
#define PALLAS_ENGINE_DUCKDB_CONSTRAINT_BUILDER_H_

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/table_filter.hpp"

#include "engine/duckdb/scan_value.h"
#include "sdk/model/expression.h"
#include "sdk/model/value_set.h"

// DuckDB's bound conditions and filters, told in the words of sources.

namespace pallas::engine {

// The column of the scan that a bound reference means; null if it is none of it.
using ColumnOfBinding = std::function<const ScanColumn*(const duckdb::ColumnBinding&)>;

// One conjunct of a WHERE above a scan. With neither `set` nor `expression`, a source cannot be
// told about the condition.
struct ScanTerm {
  std::set<std::string> columns;  // that the condition reads
  // The condition implies that `column` lies in the set.
  std::string column;
  std::optional<sdk::ValueSet> set;
  // The condition is this; not there if `set` says it all.
  std::optional<sdk::Expression> expression;
  // The set or the expression says all that the condition says.
  bool complete = false;
};

ScanTerm BuildTerm(const duckdb::Expression& condition, const ColumnOfBinding& column_of);

// The values that may pass a filter which a join made; nullopt if it says nothing that we
// understand. REQUIRES: HasValueSets(column).
std::optional<sdk::ValueSet> BuildDynamicSet(const duckdb::TableFilter& filter,
                                             const ScanColumn& column);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_CONSTRAINT_BUILDER_H_
