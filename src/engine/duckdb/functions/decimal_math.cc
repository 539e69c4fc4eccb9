#include <algorithm>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "sql/runtime/number.h"

// Mathematical functions on decimals.

namespace pallas::engine {
namespace {

using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

// A function of the unscaled value and of the power of ten of its scale.
using OneDecimal = Int128 (*)(Int128 value, Int128 one);

Int128 Abs(Int128 value, Int128 /*one*/) { return value < 0 ? -value : value; }

Int128 SignOf(Int128 value, Int128 /*one*/) { return (value > 0) - (value < 0); }

Int128 Truncate(Int128 value, Int128 one) { return value / one; }

Int128 Floor(Int128 value, Int128 one) { return value / one - (value % one < 0 ? 1 : 0); }

Int128 Ceiling(Int128 value, Int128 one) { return value / one + (value % one > 0 ? 1 : 0); }

template <OneDecimal function>
duckdb::unique_ptr<duckdb::FunctionData> BindOne(duckdb::ClientContext& context,
                                                 duckdb::ScalarFunction& bound,
                                                 Arguments& arguments) {
  auto types = TakeTypes(context, bound, arguments);
  const Int128 one = PowerOfTen(types->arguments[0].scale());
  bound.SetFunctionCallback(WithDecimalCell(types->arguments[0].precision(), [&]<typename A>() {
    return WithDecimalCell(types->result.precision(), [&]<typename R>() {
      return Unary<A, R>([one](A cell) { return NarrowCell<R>(function(WidenCell(cell), one)); });
    });
  }));
  return types;
}

// The digits of a value, without a point.
std::string DigitsOf(Int128 value) {
  const duckdb::hugeint_t parts = ToHugeint(value);
  return sql::DecimalToText(absl::MakeInt128(parts.upper, parts.lower), 0);
}

// Keeps `digits` after the point (negative: zeros before it) of a value with `scale` of them.
template <bool round>
Int128 CutDigits(Int128 value, int scale, int32_t digits) {
  const int64_t dropped = int64_t{scale} - digits;
  if (dropped <= 0) {
    return value;
  }
  if (dropped >= kMaxPowerOfTen) {
    return 0;
  }
  const Int128 unit = PowerOfTen(static_cast<int>(dropped));
  return (round ? DivideHalfUp(value, unit) : value / unit) * unit;
}

template <bool round>
duckdb::unique_ptr<duckdb::FunctionData> BindCut(duckdb::ClientContext& context,
                                                 duckdb::ScalarFunction& bound,
                                                 Arguments& arguments) {
  auto types = TakeTypes(context, bound, arguments);
  const int scale = types->arguments[0].scale();
  bound.SetFunctionCallback(WithDecimalCell(types->arguments[0].precision(), [&]<typename A>() {
    return WithDecimalCell(types->result.precision(), [&]<typename R>() {
      return Binary<A, int32_t, R>([scale](A cell, int32_t digits) {
        const Int128 value = CutDigits<round>(WidenCell(cell), scale, digits);
        if (!FitsDigits(value, kMaxPowerOfTen)) [[unlikely]] {
          Raise("NUMERIC_VALUE_OUT_OF_RANGE",
                absl::StrCat("decimal overflow: ", DigitsOf(WidenCell(cell))));
        }
        return NarrowCell<R>(value);
      });
    });
  }));
  return types;
}

}  // namespace

void AddDecimalMath(AdapterTable& table) {
  table.Typed("abs(decimal(p,s))", BindOne<Abs>);
  table.Typed("sign(decimal(p,s))", BindOne<SignOf>);
  table.Typed("ceil(decimal(p,s))", BindOne<Ceiling>);
  table.Typed("ceiling(decimal(p,s))", BindOne<Ceiling>);
  table.Typed("floor(decimal(p,s))", BindOne<Floor>);
  table.Typed("round(decimal(p,s))", BindOne<DivideHalfUp>);
  table.Typed("truncate(decimal(p,s))", BindOne<Truncate>);
  table.Typed("round(decimal(p,s),integer)", BindCut<true>);
  table.Typed("truncate(decimal(p,s),integer)", BindCut<false>);
}

}  // namespace pallas::engine
