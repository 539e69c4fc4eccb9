#ifndef PALLAS_SQL_ANALYZER_PRUNE_COLUMNS_H_
#define PALLAS_SQL_ANALYZER_PRUNE_COLUMNS_H_

#include "sql/plan/plan.h"

namespace pallas::sql {

// Leaves out of a finished plan what nothing uses: columns of scans, projections, aggregates and
// windows, and tables of WITH. The columns of `plan` itself stay as they are.
void PruneColumns(PlanPtr& plan);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_PRUNE_COLUMNS_H_
