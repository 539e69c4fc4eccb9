#ifndef PALLAS_SQL_ANALYZER_DECORRELATION_H_
#define PALLAS_SQL_ANALYZER_DECORRELATION_H_

#include "absl/status/status.h"

#include "base/error_detail.h"
#include "sql/plan/plan.h"

// Which correlated subqueries Trino answers. It runs a subquery by turning it into a join, and
// knows how for some shapes only; the others are an error there, whatever the data, and so they are
// here.

namespace pallas::sql {

enum class SubqueryUse {
  kScalar,
  kExists,
  kIn,          // IN, = ANY, <> ALL
  kQuantified,  // the other comparisons with ANY and ALL
  kLateral,     // CROSS JOIN LATERAL, or ON TRUE
  kLateralOn,   // JOIN LATERAL with a condition
};

// NOT_SUPPORTED "Given correlated subquery is not supported" at `location` if `plan`, analysed and
// not pruned, refers to columns from outside of it in a way that Trino cannot turn into a join.
absl::Status CheckCorrelation(const Plan& plan, SubqueryUse use, Location location);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_DECORRELATION_H_
