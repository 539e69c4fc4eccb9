#ifndef PALLAS_SQL_RUNTIME_DISTRIBUTIONS_H_
#define PALLAS_SQL_RUNTIME_DISTRIBUTIONS_H_

#include <cstdint>

#include "absl/status/statusor.h"

// Cumulative distribution functions, their inverses and densities, and the Wilson score interval.
//
// Answers agree with Trino's to the last digits, so the algorithms are those that it computes with:
// gamma and beta functions by the Naval Surface Warfare Center's library (A. H. Morris, NSWC
// Library of Mathematics Subroutines, 1993) and Lanczos' approximation, continued fractions by
// Lentz's method, roots by R. P. Brent's method (Algorithms for Minimization without Derivatives,
// 1973), the inverse error function by M. Giles (Approximating the erfinv function, 2010).
//
// Errors are INVALID_FUNCTION_ARGUMENT; where a fraction does not converge, GENERIC_INTERNAL_ERROR.

namespace pallas::sql {

absl::StatusOr<double> NormalCdf(double mean, double deviation, double value);
absl::StatusOr<double> InverseNormalCdf(double mean, double deviation, double p);
absl::StatusOr<double> BetaCdf(double a, double b, double value);
absl::StatusOr<double> InverseBetaCdf(double a, double b, double p);
absl::StatusOr<double> StudentCdf(double value, double degrees_of_freedom);
absl::StatusOr<double> StudentPdf(double value, double degrees_of_freedom);

enum class IntervalEnd { kLower, kUpper };

absl::StatusOr<double> WilsonInterval(IntervalEnd end, int64_t successes, int64_t trials, double z);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_DISTRIBUTIONS_H_
