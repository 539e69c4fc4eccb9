#ifndef PALLAS_BENCH_FUNCTION_PAIRS_H_
#define PALLAS_BENCH_FUNCTION_PAIRS_H_

#include <span>
#include <vector>

// Functions beside DuckDB's nearest own.

namespace pallas::bench {

enum class Form {
  kScalar,     // SELECT x FROM t
  kAggregate,  // SELECT x FROM t, and SELECT k, x FROM t GROUP BY k
  kWindow,     // SELECT x OVER (...) FROM t: the expressions have their OVER themselves
};

// Both over the columns of the table that functions_bench.cc makes.
struct Pair {
  const char* ours;  // Athena's SQL
  const char* duck;  // DuckDB's
};

struct Family {
  const char* name;
  Form form;
  std::vector<Pair> pairs;
};

std::vector<Family> FunctionFamilies();

}  // namespace pallas::bench

#endif  // PALLAS_BENCH_FUNCTION_PAIRS_H_
