#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/tree.h"

// Variance, skewness, correlation and their kin: DuckDB's raise where the result is not finite, and
// some follow other formulas.

namespace pallas::engine {
namespace {

using duckdb::LogicalType;

// Central moments of the values so far.
struct Moments {
  int64_t count;
  double mean;
  double m2;
  double m3;
  double m4;
};

void AddValue(Moments& state, double value) {
  const auto before = static_cast<double>(state.count);
  ++state.count;
  const auto n = static_cast<double>(state.count);
  const double delta = value - state.mean;
  const double step = delta / n;
  const double step2 = step * step;
  const double more = delta * step * before;
  state.mean += step;
  state.m4 += more * step2 * (n * n - 3 * n + 3) + 6 * step2 * state.m2 - 4 * step * state.m3;
  state.m3 += more * step * (n - 2) - 3 * step * state.m2;
  state.m2 += more;
}

// The first two only, by a formula that gives NaN after an infinite value.
void AddToVariance(Moments& state, double value) {
  ++state.count;
  const double delta = value - state.mean;
  state.mean += delta / static_cast<double>(state.count);
  state.m2 += delta * (value - state.mean);
}

void Merge(const Moments& other, Moments& state) {
  if (other.count == 0) {
    return;
  }
  if (state.count == 0) {
    state = other;
    return;
  }
  const auto na = static_cast<double>(state.count);
  const auto nb = static_cast<double>(other.count);
  const double n = na + nb;
  const double delta = other.mean - state.mean;
  const double delta2 = delta * delta;
  Moments sum{};
  sum.count = state.count + other.count;
  sum.mean = (na * state.mean + nb * other.mean) / n;
  sum.m2 = state.m2 + other.m2 + delta2 * na * nb / n;
  sum.m3 = state.m3 + other.m3 + delta * delta2 * na * nb * (na - nb) / (n * n) +
           3 * delta * (na * other.m2 - nb * state.m2) / n;
  sum.m4 = state.m4 + other.m4 +
           delta2 * delta2 * na * nb * (na * na - na * nb + nb * nb) / (n * n * n) +
           6 * delta2 * (na * na * other.m2 + nb * nb * state.m2) / (n * n) +
           4 * delta * (na * other.m3 - nb * state.m3) / n;
  state = sum;
}

// Results; NULL with fewer than kLeast values.
struct SampleVariance {
  static constexpr int64_t kLeast = 2;
  static constexpr auto kAdd = AddToVariance;

  static double Result(const Moments& state) {
    return state.m2 / static_cast<double>(state.count - 1);
  }
};

struct PopulationVariance {
  static constexpr int64_t kLeast = 1;
  static constexpr auto kAdd = AddToVariance;

  static double Result(const Moments& state) { return state.m2 / static_cast<double>(state.count); }
};

struct SampleDeviation {
  static constexpr int64_t kLeast = 2;
  static constexpr auto kAdd = AddToVariance;

  static double Result(const Moments& state) { return std::sqrt(SampleVariance::Result(state)); }
};

struct PopulationDeviation {
  static constexpr int64_t kLeast = 1;
  static constexpr auto kAdd = AddToVariance;

  static double Result(const Moments& state) {
    return std::sqrt(PopulationVariance::Result(state));
  }
};

struct Skewness {
  static constexpr int64_t kLeast = 3;
  static constexpr auto kAdd = AddValue;

  static double Result(const Moments& state) {
    return std::sqrt(static_cast<double>(state.count)) * state.m3 / std::pow(state.m2, 1.5);
  }
};

struct Kurtosis {
  static constexpr int64_t kLeast = 4;
  static constexpr auto kAdd = AddValue;

  static double Result(const Moments& state) {
    const auto n = static_cast<double>(state.count);
    const double pairs = (n - 2) * (n - 3);
    return (n - 1) * n * (n + 1) / pairs * state.m4 / (state.m2 * state.m2) -
           3 * ((n - 1) * (n - 1)) / pairs;
  }
};

// The form in which DuckDB calls an aggregate of one argument.
template <typename Statistic>
struct OneArgument {
  template <typename State>
  static void Initialize(State& state) {
    state = State{};
  }

  template <typename Input, typename State, typename Op>
  static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput& /*data*/) {
    Statistic::kAdd(state, input);
  }

  template <typename Input, typename State, typename Op>
  static void ConstantOperation(State& state, const Input& input,
                                duckdb::AggregateUnaryInput& /*data*/, duckdb::idx_t count) {
    for (duckdb::idx_t i = 0; i < count; ++i) {
      Statistic::kAdd(state, input);
    }
  }

  template <typename State, typename Op>
  static void Combine(const State& source, State& target, duckdb::AggregateInputData& /*data*/) {
    Merge(source, target);
  }

  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    if (state.count < Statistic::kLeast) {
      data.ReturnNull();
    } else {
      target = Statistic::Result(state);
    }
  }

  static bool IgnoreNull() { return true; }
};

// Moments of pairs (y, x).
struct PairMoments {
  int64_t count;
  double mean_x;
  double mean_y;
  double c2;
  double m2_x;
  double m2_y;
};

void AddPair(PairMoments& state, double y, double x) {
  ++state.count;
  const auto n = static_cast<double>(state.count);
  const double delta_x = x - state.mean_x;
  state.mean_x += delta_x / n;
  const double delta_y = y - state.mean_y;
  state.mean_y += delta_y / n;
  state.c2 += delta_x * (y - state.mean_y);
  state.m2_x += delta_x * (x - state.mean_x);
  state.m2_y += delta_y * (y - state.mean_y);
}

void Merge(const PairMoments& other, PairMoments& state) {
  if (other.count == 0) {
    return;
  }
  if (state.count == 0) {
    state = other;
    return;
  }
  const auto na = static_cast<double>(state.count);
  const auto nb = static_cast<double>(other.count);
  const double n = na + nb;
  const double delta_x = other.mean_x - state.mean_x;
  const double delta_y = other.mean_y - state.mean_y;
  state.c2 += other.c2 + delta_x * delta_y * na * nb / n;
  state.m2_x += other.m2_x + delta_x * delta_x * na * nb / n;
  state.m2_y += other.m2_y + delta_y * delta_y * na * nb / n;
  state.mean_x += delta_x * nb / n;
  state.mean_y += delta_y * nb / n;
  state.count += other.count;
}

struct SampleCovariance {
  static constexpr int64_t kLeast = 2;
  static constexpr bool kFinite = false;

  static double Result(const PairMoments& state) {
    return state.c2 / static_cast<double>(state.count - 1);
  }
};

struct PopulationCovariance {
  static constexpr int64_t kLeast = 1;
  static constexpr bool kFinite = false;

  static double Result(const PairMoments& state) {
    return state.c2 / static_cast<double>(state.count);
  }
};

struct Correlation {
  static constexpr int64_t kLeast = 1;
  static constexpr bool kFinite = true;

  static double Result(const PairMoments& state) {
    return state.c2 / std::sqrt(state.m2_x) / std::sqrt(state.m2_y);
  }
};

struct Slope {
  static constexpr int64_t kLeast = 1;
  static constexpr bool kFinite = true;

  static double Result(const PairMoments& state) { return state.c2 / state.m2_x; }
};

struct Intercept {
  static constexpr int64_t kLeast = 1;
  static constexpr bool kFinite = true;

  static double Result(const PairMoments& state) {
    return state.mean_y - Slope::Result(state) * state.mean_x;
  }
};

template <typename Statistic>
struct TwoArguments {
  template <typename State>
  static void Initialize(State& state) {
    state = State{};
  }

  template <typename A, typename B, typename State, typename Op>
  static void Operation(State& state, const A& y, const B& x,
                        duckdb::AggregateBinaryInput& /*data*/) {
    AddPair(state, y, x);
  }

  template <typename State, typename Op>
  static void Combine(const State& source, State& target, duckdb::AggregateInputData& /*data*/) {
    Merge(source, target);
  }

  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    const double result = state.count < Statistic::kLeast ? 0 : Statistic::Result(state);
    if (state.count < Statistic::kLeast || (Statistic::kFinite && !std::isfinite(result))) {
      data.ReturnNull();
    } else {
      target = result;
    }
  }

  static bool IgnoreNull() { return true; }
};

// Arguments as doubles; the result in the type of the call.
AggregateEmitter InDoubles(std::string name) {
  return
      [name = absl::StrCat("trino$", name)](const CallSite& site, DuckExprs values,
                                            const AggregateCall& call) -> absl::StatusOr<DuckExpr> {
        for (DuckExpr& value : values) {
          value = NativeCast(LogicalType::DOUBLE, std::move(value));
        }
        return site.emitter.Cast(Type::Double(), site.result(), /*safe=*/false,
                                 call(name, std::move(values)));
      };
}

template <typename Statistic>
void AddOne(AdapterTable& table, std::string_view name) {
  auto function =
      duckdb::AggregateFunction::UnaryAggregate<Moments, double, double, OneArgument<Statistic>>(
          LogicalType::DOUBLE, LogicalType::DOUBLE);
  function.SetName(std::string(name));
  table.Private(std::move(function));
  for (std::string_view type : {"bigint", "double"}) {
    table.EmitAggregate(absl::StrCat(name, "(", type, ")"), InDoubles(std::string(name)));
  }
}

template <typename Statistic>
void AddTwo(AdapterTable& table, std::string_view name) {
  auto function = duckdb::AggregateFunction::BinaryAggregate<PairMoments, double, double, double,
                                                             TwoArguments<Statistic>>(
      LogicalType::DOUBLE, LogicalType::DOUBLE, LogicalType::DOUBLE);
  function.SetName(std::string(name));
  table.Private(std::move(function));
  for (std::string_view type : {"real", "double"}) {
    table.EmitAggregate(absl::StrCat(name, "(", type, ",", type, ")"),
                        InDoubles(std::string(name)));
  }
}

}  // namespace

void AddMoments(AdapterTable& table) {
  AddOne<SampleVariance>(table, "variance");
  AddOne<SampleVariance>(table, "var_samp");
  AddOne<PopulationVariance>(table, "var_pop");
  AddOne<SampleDeviation>(table, "stddev");
  AddOne<SampleDeviation>(table, "stddev_samp");
  AddOne<PopulationDeviation>(table, "stddev_pop");
  AddOne<Skewness>(table, "skewness");
  AddOne<Kurtosis>(table, "kurtosis");
  AddTwo<SampleCovariance>(table, "covar_samp");
  AddTwo<PopulationCovariance>(table, "covar_pop");
  AddTwo<Correlation>(table, "corr");
  AddTwo<Slope>(table, "regr_slope");
  AddTwo<Intercept>(table, "regr_intercept");
}

}  // namespace pallas::engine
