#ifndef PALLAS_ENGINE_DUCKDB_ROUNDED_FILTER_H_
#define PALLAS_ENGINE_DUCKDB_ROUNDED_FILTER_H_

#include <cstdint>

#include "duckdb/common/types.hpp"
#include "duckdb/planner/table_filter.hpp"

namespace pallas::engine {

// How timestamps of a file become those of a table: floor((ticks + unit / 2) / unit) units, each of
// `unit / ticks_per_micro` microseconds.
struct TimestampRounding {
  int64_t unit = 1;
  int64_t ticks_per_micro = 1;
};

// A filter on rounded timestamps as one on the file's own values of `type`, which passes the same
// rows, so that the statistics of a file still skip row groups. Null where there is none.
duckdb::unique_ptr<duckdb::TableFilter> FilterBeforeRounding(const duckdb::TableFilter& filter,
                                                             const TimestampRounding& rounding,
                                                             const duckdb::LogicalType& type);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_ROUNDED_FILTER_H_
