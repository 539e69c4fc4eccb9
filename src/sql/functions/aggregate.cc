#include <string>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "sql/functions/registry_builder.h"

namespace pallas::sql {
namespace {

constexpr int kMaxShortDecimal = 18;
constexpr int kMaxShortTimestamp = 6;
constexpr int kMaxShortTimestampTz = 3;
constexpr int kMaxShortTimeTz = 9;

// Trino keeps states of one number or text only.
bool CanBeState(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kDecimal:
      return type.precision() <= kMaxShortDecimal;
    case TypeKind::kTimestamp:
      return type.precision() <= kMaxShortTimestamp;
    case TypeKind::kTimestampTz:
      return type.precision() <= kMaxShortTimestampTz;
    case TypeKind::kTimeTz:
      return type.precision() <= kMaxShortTimeTz;
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return false;
    default:
      return true;
  }
}

absl::StatusOr<Type> ReducedState(std::span<const Type> arguments) {
  if (!CanBeState(arguments[1])) {
    return NamedError(
        "NOT_SUPPORTED",
        absl::StrCat("State type not supported for reduce_agg: ", arguments[1].ToString()),
        absl::StatusCode::kUnimplemented);
  }
  return arguments[1];
}

}  // namespace

void AddAggregateFunctions(RegistryBuilder& b) {
  b.Aggregate("count()", "bigint").Doc("Number of rows");
  b.Aggregate("count(t)", "bigint").Where("T").Doc("Number of values that are not NULL");
  b.Aggregate("count_if(boolean)", "bigint").Doc("Number of rows for which it is true");
  b.Aggregate("sum(bigint)", "bigint").Raises().Doc("Sum");
  b.Aggregate("sum(double)", "double").Doc("Sum");
  b.Aggregate("sum(real)", "real").Doc("Sum");
  b.Aggregate("sum(decimal(p,s))", "decimal(38,s)").Raises().Doc("Sum");
  b.Aggregate("sum(interval day to second)", "interval day to second").Raises().Doc("Sum");
  b.Aggregate("sum(interval year to month)", "interval year to month").Raises().Doc("Sum");
  b.Aggregate("avg(bigint)", "double").Doc("Arithmetic mean");
  b.Aggregate("avg(double)", "double").Doc("Arithmetic mean");
  b.Aggregate("avg(real)", "real").Doc("Arithmetic mean");
  b.Aggregate("avg(decimal(p,s))", "decimal(p,s)").Raises().Doc("Arithmetic mean, half rounded up");
  b.Aggregate("avg(interval day to second)", "interval day to second")
      .Raises()
      .Doc("Arithmetic mean");
  b.Aggregate("avg(interval year to month)", "interval year to month")
      .Raises()
      .Doc("Arithmetic mean");
  b.Aggregate("min(t)", "t").Where("T:orderable").Doc("Smallest");
  b.Aggregate("max(t)", "t").Where("T:orderable").Doc("Largest");
  b.Aggregate("min_by(v,k)", "v")
      .Where("K:orderable, V")
      .Doc("First argument where the second is smallest");
  b.Aggregate("max_by(v,k)", "v")
      .Where("K:orderable, V")
      .Doc("First argument where the second is largest");
  for (const std::string_view name : {"min", "max"}) {
    b.Aggregate(absl::StrCat(name, "(e,bigint)"), "array(e)")
        .Where("E:orderable")
        .Raises()
        .Doc("So many values from that end, in order");
    b.Aggregate(absl::StrCat(name, "_by(v,k,bigint)"), "array(v)")
        .Where("K:orderable, V")
        .Raises()
        .Doc("First arguments where the second is nearest to that end, in order");
  }
  b.Aggregate("arbitrary(t)", "t").Where("T").Doc("Any value that is not NULL");
  b.Aggregate("any_value(t)", "t").Where("T").Doc("Any value that is not NULL");
  b.Aggregate("array_agg(t)", "array(t)").Where("T").Doc("All values, NULLs too");
  b.Aggregate("bool_and(boolean)", "boolean").Doc("Whether all are true");
  b.Aggregate("bool_or(boolean)", "boolean").Doc("Whether one is true");
  b.Aggregate("every(boolean)", "boolean").Doc("Whether all are true");
  for (std::string_view name : {"stddev", "stddev_samp", "stddev_pop", "variance", "var_samp",
                                "var_pop", "skewness", "kurtosis"}) {
    for (std::string_view type : {"bigint", "double"}) {
      b.Aggregate(absl::StrCat(name, "(", type, ")"), "double").Doc("Statistic of the values");
    }
  }
  for (std::string_view name :
       {"corr", "covar_pop", "covar_samp", "regr_intercept", "regr_slope"}) {
    for (std::string_view type : {"real", "double"}) {
      b.Aggregate(absl::StrCat(name, "(", type, ",", type, ")"), type)
          .Doc("Statistic of the pairs");
    }
  }
  b.Aggregate("geometric_mean(bigint)", "double").Doc("Geometric mean");
  b.Aggregate("geometric_mean(double)", "double").Doc("Geometric mean");
  b.Aggregate("geometric_mean(real)", "real").Doc("Geometric mean");
  b.Aggregate("bitwise_and_agg(bigint)", "bigint").Doc("Bitwise AND of all");
  b.Aggregate("bitwise_or_agg(bigint)", "bigint").Doc("Bitwise OR of all");
  b.Aggregate("bitwise_xor_agg(bigint)", "bigint").Doc("Bitwise XOR of all");
  b.Aggregate("map_agg(k,v)", "map(k,v)")
      .Where("K:comparable, V")
      .Doc("A map of the pairs; one value of each key");
  b.Aggregate("multimap_agg(k,v)", "map(k,array(v))")
      .Where("K:comparable, V")
      .Doc("A map of the pairs; all values of each key");
  b.Aggregate("histogram(t)", "map(t,bigint)")
      .Where("T:comparable")
      .Doc("How often each value occurs");
  b.Aggregate("map_union(map(k,v))", "map(k,v)")
      .Where("K:comparable, V")
      .Doc("A map of the entries of all; one value of each key");
  b.Aggregate("reduce_agg(T,S,function(S,T,S),function(S,S,S))", "S")
      .ResultType(ReducedState)
      .Where("T, S")
      .Raises()
      .Doc("The state after all values have been added to it");
  b.Aggregate("listagg(varchar,varchar,boolean,varchar,boolean)", "varchar")
      .Raises()
      .Doc("The texts in one, with separators");
  for (const std::string_view type : {"bigint", "real", "double"}) {
    for (const std::string_view quantile : {"double", "array(double)"}) {
      const std::string result =
          quantile == "double" ? std::string(type) : absl::StrCat("array(", type, ")");
      b.Aggregate(absl::StrCat("approx_percentile(", type, ",", quantile, ")"), result)
          .Raises()
          .Doc("About the value below which that share of all lies");
      b.Aggregate(absl::StrCat("approx_percentile(", type, ",double,", quantile, ")"), result)
          .Raises()
          .Doc("About the value below which that share of all weights lies");
    }
    b.Aggregate(absl::StrCat("approx_percentile(", type, ",double,double,double)"), type)
        .Raises()
        .Doc("About the value below which that share of all weights lies");
  }
  b.Aggregate("checksum(t)", "varbinary")
      .Where("T:comparable")
      .Doc("A sum of hashes, whatever the order of the values");
  for (const std::string_view type : {"bigint", "varchar"}) {
    b.Aggregate(absl::StrCat("approx_most_frequent(bigint,", type, ",bigint)"),
                absl::StrCat("map(", type, ",bigint)"))
        .Raises()
        .Doc("About how often each of the most frequent values occurs");
  }
  for (const std::string_view type : {"t", "boolean", "unknown"}) {
    for (const std::string_view error : {"", ",double"}) {
      b.Aggregate(absl::StrCat("approx_distinct(", type, error, ")"), "bigint")
          .Doc("About how many distinct values there are");
      if (type == "t") {
        b.Where("T:comparable");
      }
      if (!error.empty()) {
        b.Raises();
      }
    }
  }
  for (const std::string_view type : {"double", "real"}) {
    for (const std::string_view weight : {"", ",double"}) {
      b.Aggregate(absl::StrCat("numeric_histogram(bigint,", type, weight, ")"),
                  absl::StrCat("map(", type, ",", type, ")"))
          .Raises()
          .Doc("About how the values are spread: centers of buckets and their weights");
    }
  }
}

void AddWindowFunctions(RegistryBuilder& b) {
  b.Window("row_number()", "bigint").Doc("Number of the row in its partition");
  b.Window("rank()", "bigint").Doc("Rank with gaps");
  b.Window("dense_rank()", "bigint").Doc("Rank without gaps");
  b.Window("percent_rank()", "double").Doc("Rank between 0 and 1");
  b.Window("cume_dist()", "double").Doc("Share of rows up to the peers");
  b.Window("ntile(bigint)", "bigint").Raises().Doc("Number of the bucket of nearly equal size");
  for (std::string_view name : {"first_value", "last_value"}) {
    b.Window(absl::StrCat(name, "(t)"), "t").Where("T").Doc("Value at an end of the frame");
  }
  b.Window("nth_value(t,bigint)", "t").Where("T").Raises().Doc("Value at that place of the frame");
  for (std::string_view name : {"lag", "lead"}) {
    b.Window(absl::StrCat(name, "(t)"), "t").Where("T").Doc("Value of a neighbouring row");
    b.Window(absl::StrCat(name, "(t,bigint)"), "t")
        .Where("T")
        .Raises()
        .Doc("Value of the row at that distance");
    b.Window(absl::StrCat(name, "(t,bigint,t)"), "t")
        .Where("T")
        .Raises()
        .Doc("Value of the row at that distance, or a default");
  }
}

}  // namespace pallas::sql
