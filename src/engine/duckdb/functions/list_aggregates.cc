#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/lambda_expression.hpp"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/array_rows.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "types/value_text.h"

// Aggregates that need all values, or the first n of an order: DuckDB collects them in a list, from
// which a function makes the result.

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

// ---- listagg ----

// The longest text, in bytes.
constexpr size_t kMaxListagg = size_t{1} << 20;

struct ListaggOptions {
  std::string_view separator;
  bool fails = true;  // on overflow; else it is cut
  std::string_view filler;
  bool counts = false;  // what was cut off
};

// Appends the texts that are not NULL; false: there was none.
bool Listagg(const Cell& list, const ListaggOptions& options, std::string* out) {
  const idx_t size = list.size();
  int64_t written = 0;
  for (idx_t i = 0; i < size; ++i) {
    if (list.Element(i).IsNull()) {
      continue;
    }
    const std::string_view text = list.Element(i).Text();
    const std::string_view separator = written == 0 ? "" : options.separator;
    if (out->size() + separator.size() + text.size() > kMaxListagg) {
      if (options.fails) {
        Raise("EXCEEDED_FUNCTION_MEMORY_LIMIT",
              absl::StrCat("Concatenated string has the length in bytes larger than the maximum "
                           "output length ",
                           kMaxListagg));
      }
      absl::StrAppend(out, separator, options.filler);
      if (options.counts) {
        int64_t cut = 0;
        for (idx_t k = i; k < size; ++k) {
          cut += list.Element(k).IsNull() ? 0 : 1;
        }
        absl::StrAppend(out, "(", cut, ")");
      }
      return true;
    }
    absl::StrAppend(out, separator, text);
    ++written;
  }
  return written > 0;
}

void ListaggLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                 duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Cells lists(arguments.data[0], count);
  const Cells separators(arguments.data[1], count);
  const Cells fails(arguments.data[2], count);
  const Cells fillers(arguments.data[3], count);
  const Cells counts(arguments.data[4], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::string text;
  for (idx_t row = 0; row < count; ++row) {
    text.clear();
    if (!lists[row].IsNull() && Listagg(lists[row],
                                        {separators[row].Text(), fails[row].Get<bool>(),
                                         fillers[row].Text(), counts[row].Get<bool>()},
                                        &text)) {
      duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
          duckdb::StringVector::AddString(result, text);
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

absl::StatusOr<DuckExpr> EmitListagg(const CallSite& /*site*/, DuckExprs values,
                                     const AggregateCall& call) {
  DuckExpr list = call("list", MakeTrees(std::move(values[0])));
  return CallPrivate("listagg",
                     MakeTrees(std::move(list), std::move(values[1]), std::move(values[2]),
                               std::move(values[3]), std::move(values[4])));
}

// ---- min(x, n), max(x, n), min_by(x, y, n), max_by(x, y, n) ----

constexpr int64_t kMaxCount = 10000;

template <bool largest, bool by_key>
int64_t CheckCount(int64_t n) {
  constexpr std::string_view kName = largest ? "max" : "min";
  const std::string what = by_key ? absl::StrCat("third argument of ", kName, "_by")
                                  : absl::StrCat("second argument of ", kName, "_n");
  if (n <= 0) {
    Raise("INVALID_FUNCTION_ARGUMENT",
          absl::StrCat(what, by_key ? " must be a positive integer" : " must be positive"));
  }
  if (n > kMaxCount) {
    Raise("INVALID_FUNCTION_ARGUMENT",
          absl::StrCat(what, " must be less than or equal to ", kMaxCount, "; found ", n));
  }
  return n;
}

template <bool largest, bool by_key>
constexpr std::string_view kCheckCount =
    by_key ? (largest ? "check_count_max_by" : "check_count_min_by")
           : (largest ? "check_count_max" : "check_count_min");

bool IsFloating(const Type& type) {
  return type.kind() == TypeKind::kReal || type.kind() == TypeKind::kDouble;
}

// NaN is the greatest for min() and the least for max().
DuckExpr CountedKey(const CallSite& site, const Type& type, bool largest, DuckExpr value) {
  if (!largest || !IsFloating(type)) {
    return site.emitter.OrderKey(type, std::move(value));
  }
  const double infinity = std::numeric_limits<double>::infinity();
  DuckExpr is_nan = NativeCompare(duckdb::ExpressionType::COMPARE_GREATERTHAN, value->Copy(),
                                  site.emitter.Constant(type, infinity));
  return IfElse(std::move(is_nan), site.emitter.Constant(type, -infinity), std::move(value));
}

// NULL of the type that the other branch has, which may be that of an order key.
DuckExpr NullTree() { return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value()); }

// The values stand in rows of one field, because DuckDB leaves NULL values out. A row whose count
// is NULL does not count.
template <bool largest, bool by_key>
absl::StatusOr<DuckExpr> EmitCounted(const CallSite& site, DuckExprs values,
                                     const AggregateCall& call) {
  const Type& type = site.argument(0);
  const Type boxed = Type::Row({{std::nullopt, type}});
  DuckExpr key = by_key ? CountedKey(site, site.argument(1), largest, std::move(values[1]))
                        : CountedKey(site, type, largest, values[0]->Copy());
  key = IfElse(IsNull(values.back()->Copy()), NullTree(), std::move(key));
  // A count beside which there is no key is not looked at.
  DuckExpr n =
      IfElse(IsNull(key->Copy()), site.emitter.Constant(Type::Bigint(), int64_t{1}),
             CallPrivate(kCheckCount<largest, by_key>, MakeTrees(std::move(values.back()))));
  DuckExpr box = site.emitter.Row(boxed, MakeTrees(std::move(values[0])));
  DuckExpr boxes = call(largest ? "arg_max" : "arg_min",
                        MakeTrees(std::move(box), std::move(key), std::move(n)));
  constexpr char kBox[] = "counted_box";
  DuckExpr field =
      site.emitter.Field(0, duckdb::make_uniq<duckdb::ColumnRefExpression>(std::string(kBox)));
  DuckExpr unbox = duckdb::make_uniq<duckdb::LambdaExpression>(duckdb::vector<std::string>{kBox},
                                                               std::move(field));
  return NativeCast(
      ToDuckDbType(site.result()),
      CallDuckDbFunction("list_transform", MakeTrees(std::move(boxes), std::move(unbox))));
}

template <bool largest, bool by_key>
void AddCounted(AdapterTable& table, std::string_view id) {
  table.Private(kCheckCount<largest, by_key>, {LogicalType::BIGINT}, LogicalType::BIGINT,
                Unary<int64_t, int64_t>(CheckCount<largest, by_key>), {.can_raise = true});
  table.EmitAggregate(id, EmitCounted<largest, by_key>);
}

// ---- map_union ----

// The first value of each key, as map_agg has it.
absl::StatusOr<DuckExpr> EmitMapUnion(const CallSite& site, DuckExprs values,
                                      const AggregateCall& call) {
  const Type& map = site.argument(0);
  const Type entries =
      Type::Array(Type::Row({{std::nullopt, map.key()}, {std::nullopt, map.value()}}));
  DuckExpr lists = call(
      "list", MakeTrees(CallTyped("map_entries(map(k,v))", {map}, entries, std::move(values))));
  return CallTyped("map_of_entries", {entries}, map,
                   MakeTrees(CallDuckDbFunction("flatten", MakeTrees(std::move(lists)))));
}

// ---- approx_percentile ----

// Exact, which no error bound forbids: a value and its weight count as in a t-digest that has
// merged nothing (T. Dunning, "Computing extremely accurate quantiles using t-digests").
class Quantiles {
 public:
  void Add(double value, double weight) {
    if (!std::isfinite(value)) {
      Raise("INVALID_FUNCTION_ARGUMENT", absl::StrCat("value must be finite; was ", Text(value)));
    }
    if (!(weight >= 1)) {
      Raise("INVALID_FUNCTION_ARGUMENT", absl::StrCat("weight must be >= 1, was ", Text(weight)));
    }
    points_.emplace_back(value, weight);
    total_ += weight;
  }

  bool empty() const { return points_.empty(); }

  void Sort() { std::sort(points_.begin(), points_.end()); }

  double At(double quantile) const {
    if (!(quantile >= 0 && quantile <= 1)) {
      Raise("INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1");
    }
    const double index = quantile * total_;
    double before = points_.front().second / 2;
    if (points_.size() == 1 || index < std::min(before, 1.0)) {
      return points_.front().first;
    }
    for (size_t i = 0; i + 1 < points_.size(); ++i) {
      const auto& [left, left_weight] = points_[i];
      const auto& [right, right_weight] = points_[i + 1];
      const double step = (left_weight + right_weight) / 2;
      if (before + step > index) {
        return Between(left, left_weight, right, right_weight, index - before,
                       before + step - index);
      }
      before += step;
    }
    return points_.back().first;
  }

 private:
  static std::string Text(double value) {
    std::string text;
    AppendJavaDouble(value, &text);
    return text;
  }

  // Half a unit on the side of a point of weight one belongs to that point.
  static double Between(double left, double left_weight, double right, double right_weight,
                        double from_left, double to_right) {
    constexpr double kHalfUnit = 0.5;
    if (left_weight == 1) {
      if (from_left < kHalfUnit) {
        return left;
      }
      from_left -= kHalfUnit;
    }
    if (right_weight == 1) {
      if (to_right <= kHalfUnit) {
        return right;
      }
      to_right -= kHalfUnit;
    }
    return (left * to_right + right * from_left) / (to_right + from_left);
  }

  std::vector<std::pair<double, double>> points_;
  double total_ = 0;
};

double NumberIn(const Cell& cell, TypeKind kind) {
  switch (kind) {
    case TypeKind::kBigint:
      return static_cast<double>(cell.Get<int64_t>());
    case TypeKind::kReal:
      return static_cast<double>(cell.Get<float>());
    default:
      return cell.Get<double>();
  }
}

void StoreNumber(duckdb::Vector& vector, idx_t row, double value, TypeKind kind) {
  switch (kind) {
    case TypeKind::kBigint:
      duckdb::FlatVector::GetData<int64_t>(vector)[row] = std::llround(value);
      break;
    case TypeKind::kReal:
      duckdb::FlatVector::GetData<float>(vector)[row] = static_cast<float>(value);
      break;
    default:
      duckdb::FlatVector::GetData<double>(vector)[row] = value;
  }
}

// The points of one list of rows (value, weight); those with a NULL are left out.
Quantiles QuantilesOf(const Cell& list, TypeKind kind) {
  Quantiles quantiles;
  for (idx_t i = 0; i < list.size(); ++i) {
    const Cell point = list.Element(i);
    if (!point.Field(0).IsNull() && !point.Field(1).IsNull()) {
      quantiles.Add(NumberIn(point.Field(0), kind), point.Field(1).Get<double>());
    }
  }
  quantiles.Sort();
  return quantiles;
}

// Arguments: a list of rows (value, weight), and a quantile or a list of them.
void PercentileLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
  const auto& types = BindDataOf(state).Cast<TypedBindData>();
  const bool many = types.result.kind() == TypeKind::kArray;
  const TypeKind kind = (many ? types.result.element() : types.result).kind();
  const idx_t count = arguments.size();
  const Cells lists(arguments.data[0], count);
  const Cells wanted(arguments.data[1], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    const Quantiles quantiles = lists[row].IsNull() ? Quantiles() : QuantilesOf(lists[row], kind);
    if (quantiles.empty() || wanted[row].IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else if (!many) {
      StoreNumber(result, row, quantiles.At(wanted[row].Get<double>()), kind);
    } else {
      const idx_t begin = duckdb::ListVector::GetListSize(result);
      const idx_t size = wanted[row].size();
      duckdb::ListVector::Reserve(result, begin + size);
      duckdb::ListVector::SetListSize(result, begin + size);
      duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {begin, size};
      for (idx_t i = 0; i < size; ++i) {
        const Cell quantile = wanted[row].Element(i);
        if (quantile.IsNull()) {
          Raise("INVALID_FUNCTION_ARGUMENT", "Percentile cannot be null");
        }
        StoreNumber(duckdb::ListVector::GetEntry(result), begin + i,
                    quantiles.At(quantile.Get<double>()), kind);
      }
    }
  }
}

duckdb::unique_ptr<duckdb::FunctionData> BindPercentile(duckdb::ClientContext& context,
                                                        duckdb::ScalarFunction& function,
                                                        Arguments& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(PercentileLoop);
  return types;
}

// approx_percentile(value [, weight], quantile or quantiles [, accuracy])
AggregateEmitter Percentile(bool weighted) {
  return [weighted](const CallSite& site, DuckExprs values,
                    const AggregateCall& call) -> absl::StatusOr<DuckExpr> {
    const Type point =
        Type::Row({{std::nullopt, site.argument(0)}, {std::nullopt, Type::Double()}});
    const size_t quantile = weighted ? 2 : 1;
    DuckExpr weight = weighted ? std::move(values[1]) : site.emitter.Constant(Type::Double(), 1.0);
    DuckExpr points = call("list", MakeTrees(site.emitter.Row(
                                       point, MakeTrees(std::move(values[0]), std::move(weight)))));
    DuckExpr wanted = call("any_value", MakeTrees(std::move(values[quantile])));
    return CallTyped("approx_percentile", {Type::Array(point), site.argument(quantile)},
                     site.result(), MakeTrees(std::move(points), std::move(wanted)));
  };
}

void AddPercentiles(AdapterTable& table) {
  table.Private("approx_percentile", BindPercentile, LogicalType::ANY,
                {.called_on_null = true, .can_raise = true});
  for (const std::string_view type : {"bigint", "real", "double"}) {
    for (const std::string_view quantile : {"double", "array(double)"}) {
      table.EmitAggregate(absl::StrCat("approx_percentile(", type, ",", quantile, ")"),
                          Percentile(/*weighted=*/false));
      table.EmitAggregate(absl::StrCat("approx_percentile(", type, ",double,", quantile, ")"),
                          Percentile(/*weighted=*/true));
    }
    table.EmitAggregate(absl::StrCat("approx_percentile(", type, ",double,double,double)"),
                        Percentile(/*weighted=*/true));
  }
}

// ---- reduce_agg ----

// reduce_agg(value, initial, step, combine): one state for all, so that nothing is combined. Rows
// without a value or an initial state are skipped; without any other the result is NULL.
absl::StatusOr<DuckExpr> EmitReduceAgg(const CallSite& site, DuckExprs values,
                                       const AggregateCall& call) {
  const Type& state = site.argument(1);
  DuckExpr no_value = IsNull(values[0]->Copy());
  values[0] = IfElse(IsNull(values[1]->Copy()), NullTree(), std::move(values[0]));
  values[1] = IfElse(std::move(no_value), NullTree(), std::move(values[1]));
  DuckExpr any = NativeCompare(duckdb::ExpressionType::COMPARE_GREATERTHAN,
                               call("count", MakeTrees(values[0]->Copy())), BigintConstant(0));
  constexpr char kElement[] = "reduced_element";
  DuckExpr keep = duckdb::make_uniq<duckdb::LambdaExpression>(
      duckdb::vector<std::string>{kElement},
      IsNotNull(duckdb::make_uniq<duckdb::ColumnRefExpression>(std::string(kElement))));
  DuckExpr list = CallDuckDbFunction(
      "list_filter", MakeTrees(call("list", MakeTrees(std::move(values[0]))), std::move(keep)));
  DuckExpr initial =
      NativeCast(ToDuckDbType(state), call("any_value", MakeTrees(std::move(values[1]))));
  DuckExpr states =
      CallPrivate("reduce", MakeTrees(std::move(list), std::move(values[2]), std::move(initial)));
  DuckExpr last =
      CallDuckDbFunction("list_extract", MakeTrees(std::move(states), BigintConstant(1)));
  return NativeCast(ToDuckDbType(site.result()),
                    IfElse(std::move(any), std::move(last), site.emitter.Null(site.result())));
}

}  // namespace

void AddListAggregates(AdapterTable& table) {
  table.Private("listagg",
                {LogicalType::LIST(LogicalType::VARCHAR), LogicalType::VARCHAR,
                 LogicalType::BOOLEAN, LogicalType::VARCHAR, LogicalType::BOOLEAN},
                LogicalType::VARCHAR, ListaggLoop, {.called_on_null = true, .can_raise = true});
  table.EmitAggregate("listagg(varchar,varchar,boolean,varchar,boolean)", EmitListagg);
  AddCounted<false, false>(table, "min(e,bigint)");
  AddCounted<true, false>(table, "max(e,bigint)");
  AddCounted<false, true>(table, "min_by(v,k,bigint)");
  AddCounted<true, true>(table, "max_by(v,k,bigint)");
  table.EmitAggregate("map_union(map(k,v))", EmitMapUnion);
  table.EmitAggregate("reduce_agg(T,S,function(S,T,S),function(S,S,S))", EmitReduceAgg);
  AddPercentiles(table);
}

}  // namespace pallas::engine
