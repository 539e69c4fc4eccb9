#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "duckdb/parser/expression/operator_expression.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "types/value_text.h"

// Aggregates made of DuckDB's own, with Trino's result types and errors around them.

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;

bool IsFloating(const Type& type) {
  return type.kind() == TypeKind::kReal || type.kind() == TypeKind::kDouble;
}

DuckExpr Coalesce(DuckExpr first, DuckExpr second) {
  return duckdb::make_uniq<duckdb::OperatorExpression>(ExpressionType::OPERATOR_COALESCE,
                                                       std::move(first), std::move(second));
}

// The values that are not NaN; others become NULL.
DuckExpr NumbersOnly(const CallSite& site, DuckExpr value) {
  const Type& type = site.argument(0);
  DuckExpr condition =
      NativeCompare(ExpressionType::COMPARE_LESSTHANOREQUALTO, value->Copy(),
                    site.emitter.Constant(type, std::numeric_limits<double>::infinity()));
  return IfElse(std::move(condition), std::move(value), site.emitter.Null(type));
}

// For max_by: NaN as the least number.
DuckExpr NaNFirst(const CallSite& site, const Type& type, DuckExpr value) {
  const double infinity = std::numeric_limits<double>::infinity();
  DuckExpr condition = NativeCompare(ExpressionType::COMPARE_GREATERTHAN, value->Copy(),
                                     site.emitter.Constant(type, infinity));
  return IfElse(std::move(condition), site.emitter.Constant(type, -infinity), std::move(value));
}

// What DISTINCT compares values of that type by; an error if the values themselves are needed.
absl::Status CheckDistinct(const CallSite& site) {
  if (site.distinct && !FunctionEmitter::IsOwnGroupKey(site.argument(0))) {
    return NamedError("NOT_SUPPORTED",
                      absl::StrCat(site.function.entry->name, "(DISTINCT ...) of ",
                                   site.argument(0).ToString(), " is not supported"),
                      absl::StatusCode::kUnimplemented);
  }
  return absl::OkStatus();
}

absl::StatusOr<DuckExpr> Count(const CallSite& site, DuckExprs values, const AggregateCall& call) {
  if (site.distinct) {
    values[0] = site.emitter.GroupKey(site.argument(0), std::move(values[0]));
  }
  return call("count", std::move(values));
}

// DuckDB's count_if is NULL where there are no rows.
absl::StatusOr<DuckExpr> CountIf(const CallSite& site, DuckExprs values,
                                 const AggregateCall& call) {
  return call("count", MakeTrees(IfElse(std::move(values[0]), BooleanConstant(true),
                                        site.emitter.Null(Type::Boolean()))));
}

// The standard error that a caller of approx_distinct() accepts.
double CheckStandardError(double error) {
  constexpr double kLowest = 0.0040625;
  constexpr double kHighest = 0.26;
  if (!(error >= kLowest && error <= kHighest)) {
    std::string text;
    AppendJavaDouble(error, &text);
    Raise("INVALID_FUNCTION_ARGUMENT",
          absl::StrCat("Max standard error must be in [", kLowest, ", ", kHighest, "]: ", text));
  }
  return error;
}

// Exact, which no error bound forbids. A row whose error is NULL does not count.
absl::StatusOr<DuckExpr> ApproxDistinct(const CallSite& site, DuckExprs values,
                                        const AggregateCall& call) {
  if (values.size() > 1) {
    DuckExpr checked = CallPrivate("check_standard_error", MakeTrees(std::move(values[1])));
    values[0] = IfElse(IsNull(std::move(checked)), site.emitter.Null(site.argument(0)),
                       std::move(values[0]));
  }
  return call.Distinct("count",
                       MakeTrees(site.emitter.GroupKey(site.argument(0), std::move(values[0]))));
}

// DuckDB's sum of integers has 128 bits.
absl::StatusOr<DuckExpr> SumIntegers(const CallSite& site, DuckExprs values,
                                     const AggregateCall& call) {
  const bool months = site.result().kind() == TypeKind::kIntervalYearMonth;
  return CallPrivate(months ? "sum_to_integer" : "sum_to_bigint",
                     MakeTrees(call("sum", std::move(values))));
}

absl::StatusOr<DuckExpr> SumDecimals(const CallSite& site, DuckExprs values,
                                     const AggregateCall& call) {
  return NativeCast(
      ToDuckDbType(site.result()),
      CallPrivate("check_decimal_sum", MakeTrees(call("sum", std::move(values)),
                                                 TypesArgument({site.result()}, site.result()))));
}

absl::StatusOr<DuckExpr> RealByDouble(const CallSite& site, DuckExprs values,
                                      const AggregateCall& call, const char* name) {
  DuckExpr result = call(name, MakeTrees(NativeCast(LogicalType::DOUBLE, std::move(values[0]))));
  return site.emitter.Cast(Type::Double(), Type::Real(), /*safe=*/false, std::move(result));
}

// In double division, as Trino does; DuckDB's avg() divides as long double.
absl::StatusOr<DuckExpr> AverageIntegers(const CallSite& /*site*/, DuckExprs values,
                                         const AggregateCall& call) {
  DuckExpr count = call("count", MakeTrees(values[0]->Copy()));
  DuckExpr sum = call("sum", std::move(values));
  return CallPrivate("$divide(double,double)",
                     MakeTrees(NativeCast(LogicalType::DOUBLE, std::move(sum)),
                               NativeCast(LogicalType::DOUBLE, std::move(count))));
}

absl::StatusOr<DuckExpr> AverageDecimals(const CallSite& site, DuckExprs values,
                                         const AggregateCall& call) {
  const Type sum_type = Type::Decimal(kMaxDecimalPrecision, site.result().scale());
  DuckExpr count = call("count", MakeTrees(values[0]->Copy()));
  DuckExpr sum = call("sum", std::move(values));
  return NativeCast(
      ToDuckDbType(site.result()),
      CallPrivate("decimal_average",
                  MakeTrees(std::move(sum), std::move(count),
                            TypesArgument({sum_type, Type::Bigint()}, site.result()))));
}

absl::StatusOr<DuckExpr> AverageIntervals(const CallSite& site, DuckExprs values,
                                          const AggregateCall& call) {
  DuckExpr count = call("count", MakeTrees(values[0]->Copy()));
  DuckExpr sum = call("sum", std::move(values));
  DuckExpr average = CallPrivate("interval_average", MakeTrees(std::move(sum), std::move(count)));
  return NativeCast(ToDuckDbType(site.result()), std::move(average));
}

template <bool largest>
absl::StatusOr<DuckExpr> Extreme(const CallSite& site, DuckExprs values,
                                 const AggregateCall& call) {
  const Type& type = site.argument(0);
  const char* name = largest ? "max" : "min";
  if (largest && IsFloating(type)) {
    // NaN counts only where there is nothing else.
    DuckExpr numbers = call(name, MakeTrees(NumbersOnly(site, values[0]->Copy())));
    return Coalesce(std::move(numbers), call(name, std::move(values)));
  }
  if (HasNativeComparison(type) || IsFloating(type)) {
    return call(name, std::move(values));
  }
  DuckExpr key = site.emitter.OrderKey(type, values[0]->Copy());
  return call(largest ? "arg_max" : "arg_min", MakeTrees(std::move(values[0]), std::move(key)));
}

template <bool largest>
absl::StatusOr<DuckExpr> ExtremeBy(const CallSite& site, DuckExprs values,
                                   const AggregateCall& call) {
  RETURN_IF_ERROR(CheckDistinct(site));
  const Type& type = site.argument(1);
  DuckExpr key = largest && IsFloating(type) ? NaNFirst(site, type, std::move(values[1]))
                                             : site.emitter.OrderKey(type, std::move(values[1]));
  return call(largest ? "arg_max_null" : "arg_min_null",
              MakeTrees(std::move(values[0]), std::move(key)));
}

AggregateEmitter Native(std::string name) {
  return [name = std::move(name)](const CallSite& site, DuckExprs values,
                                  const AggregateCall& call) -> absl::StatusOr<DuckExpr> {
    RETURN_IF_ERROR(CheckDistinct(site));
    return call(name, std::move(values));
  };
}

AggregateEmitter RealOf(const char* name) {
  return [name](const CallSite& site, DuckExprs values, const AggregateCall& call) {
    return RealByDouble(site, std::move(values), call, name);
  };
}

// exp(sum(ln(x)) / count(x))
absl::StatusOr<DuckExpr> GeometricMean(const CallSite& site, DuckExprs values,
                                       const AggregateCall& call) {
  DuckExpr value = NativeCast(LogicalType::DOUBLE, std::move(values[0]));
  DuckExpr mean = CallPrivate(
      "exp(double)",
      MakeTrees(call("avg", MakeTrees(CallPrivate("ln(double)", MakeTrees(std::move(value)))))));
  return site.result().kind() == TypeKind::kReal
             ? site.emitter.Cast(Type::Double(), Type::Real(), /*safe=*/false, std::move(mean))
             : absl::StatusOr<DuckExpr>(std::move(mean));
}

template <typename T>
T NarrowSum(duckdb::hugeint_t sum) {
  const Int128 value = FromHugeint(sum);
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
    Raise("NUMERIC_VALUE_OUT_OF_RANGE",
          absl::StrCat(sizeof(T) == sizeof(int64_t) ? "bigint" : "integer", " addition overflow"));
  }
  return static_cast<T>(value);
}

using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

duckdb::unique_ptr<duckdb::FunctionData> BindCheckSum(duckdb::ClientContext& context,
                                                      duckdb::ScalarFunction& function,
                                                      Arguments& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(
      Unary<duckdb::hugeint_t, duckdb::hugeint_t>([](duckdb::hugeint_t sum) {
        if (!FitsDigits(FromHugeint(sum), kMaxPowerOfTen)) {
          Raise("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow");
        }
        return sum;
      }));
  return types;
}

duckdb::unique_ptr<duckdb::FunctionData> BindDecimalAverage(duckdb::ClientContext& context,
                                                            duckdb::ScalarFunction& function,
                                                            Arguments& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(
      WithDecimalCell(types->result.precision(), []<typename R>() -> duckdb::scalar_function_t {
        return Rows<duckdb::hugeint_t, int64_t>([](duckdb::hugeint_t sum,
                                                   int64_t count) -> std::optional<R> {
          return count == 0 ? std::nullopt
                            : std::optional(NarrowCell<R>(DivideHalfUp(FromHugeint(sum), count)));
        });
      }));
  return types;
}

void AddPrivates(AdapterTable& table) {
  table.Private("sum_to_bigint", {LogicalType::HUGEINT}, LogicalType::BIGINT,
                Unary<duckdb::hugeint_t, int64_t>(NarrowSum<int64_t>), {.can_raise = true});
  table.Private("sum_to_integer", {LogicalType::HUGEINT}, LogicalType::INTEGER,
                Unary<duckdb::hugeint_t, int32_t>(NarrowSum<int32_t>), {.can_raise = true});
  table.Private("check_decimal_sum", BindCheckSum, LogicalType::ANY, {.can_raise = true});
  table.Private("decimal_average", BindDecimalAverage, LogicalType::ANY);
  table.Private(
      "interval_average", {LogicalType::HUGEINT, LogicalType::BIGINT}, LogicalType::BIGINT,
      Rows<duckdb::hugeint_t, int64_t>([](duckdb::hugeint_t sum,
                                          int64_t count) -> std::optional<int64_t> {
        if (count == 0) {
          return std::nullopt;
        }
        const double average = static_cast<double>(FromHugeint(sum)) / static_cast<double>(count);
        return static_cast<int64_t>(std::floor(average + 0.5));
      }));
}

void AddSums(AdapterTable& table) {
  table.EmitAggregate("sum(bigint)", SumIntegers);
  table.EmitAggregate("sum(double)", Native("sum"));
  table.EmitAggregate("sum(real)", RealOf("sum"));
  table.EmitAggregate("sum(decimal(p,s))", SumDecimals);
  table.EmitAggregate("sum(interval day to second)", SumIntegers);
  table.EmitAggregate("sum(interval year to month)", SumIntegers);
  table.EmitAggregate("avg(bigint)", AverageIntegers);
  table.EmitAggregate("avg(double)", Native("avg"));
  table.EmitAggregate("avg(real)", RealOf("avg"));
  table.EmitAggregate("avg(decimal(p,s))", AverageDecimals);
  table.EmitAggregate("avg(interval day to second)", AverageIntervals);
  table.EmitAggregate("avg(interval year to month)", AverageIntervals);
  for (std::string_view type : {"bigint", "double", "real"}) {
    table.EmitAggregate(absl::StrCat("geometric_mean(", type, ")"), GeometricMean);
  }
}

}  // namespace

void AddAggregates(AdapterTable& table) {
  AddPrivates(table);
  AddSums(table);
  table.EmitAggregate("count()", Native("count_star"));
  table.EmitAggregate("count(t)", Count);
  table.EmitAggregate("count_if(boolean)", CountIf);
  table.Private("check_standard_error", {LogicalType::DOUBLE}, LogicalType::DOUBLE,
                Rows<double>(CheckStandardError), {.can_raise = true});
  for (std::string_view type : {"t", "boolean", "unknown"}) {
    table.EmitAggregate(absl::StrCat("approx_distinct(", type, ")"), ApproxDistinct);
    table.EmitAggregate(absl::StrCat("approx_distinct(", type, ",double)"), ApproxDistinct);
  }
  table.EmitAggregate("min(t)", Extreme<false>);
  table.EmitAggregate("max(t)", Extreme<true>);
  table.EmitAggregate("min_by(v,k)", ExtremeBy<false>);
  table.EmitAggregate("max_by(v,k)", ExtremeBy<true>);
  table.EmitAggregate("arbitrary(t)", Native("any_value"));
  table.EmitAggregate("any_value(t)", Native("any_value"));
  table.EmitAggregate("array_agg(t)", Native("list"));
  table.EmitAggregate("bool_and(boolean)", Native("bool_and"));
  table.EmitAggregate("every(boolean)", Native("bool_and"));
  table.EmitAggregate("bool_or(boolean)", Native("bool_or"));
  table.EmitAggregate("bitwise_and_agg(bigint)", Native("bit_and"));
  table.EmitAggregate("bitwise_or_agg(bigint)", Native("bit_or"));
  table.EmitAggregate("bitwise_xor_agg(bigint)", Native("bit_xor"));
}

}  // namespace pallas::engine
