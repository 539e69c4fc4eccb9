#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

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

// The functions get the unscaled value and the power of ten of its scale, both as Number: 64 bits
// where the cells have no more, which divide much faster than 128.
template <typename A>
using NumberOf = std::conditional_t<sizeof(A) <= sizeof(int64_t), int64_t, Int128>;

template <typename A>
NumberOf<A> Read(A cell) {
  return static_cast<NumberOf<A>>(WidenCell(cell));
}

struct Abs {
  template <typename Number>
  static Number Apply(Number value, Number /*one*/) {
    return value < 0 ? -value : value;
  }
};

struct Sign {
  template <typename Number>
  static Number Apply(Number value, Number /*one*/) {
    return (value > 0) - (value < 0);
  }
};

struct Truncate {
  template <typename Number>
  static Number Apply(Number value, Number one) {
    return value / one;
  }
};

struct Floor {
  template <typename Number>
  static Number Apply(Number value, Number one) {
    return value / one - (value % one < 0 ? 1 : 0);
  }
};

struct Ceiling {
  template <typename Number>
  static Number Apply(Number value, Number one) {
    return value / one + (value % one > 0 ? 1 : 0);
  }
};

// Half away from zero.
struct Round {
  template <typename Number>
  static Number Apply(Number value, Number one) {
    if constexpr (std::is_same_v<Number, Int128>) {
      return DivideHalfUp(value, one);
    } else {
      // Neither side has more than 18 digits.
      const Number half = one / 2;
      return (value + (value < 0 ? -half : half)) / one;
    }
  }
};

template <typename Op>
duckdb::unique_ptr<duckdb::FunctionData> BindOne(duckdb::ClientContext& context,
                                                 duckdb::ScalarFunction& bound,
                                                 Arguments& arguments) {
  auto types = TakeTypes(context, bound, arguments);
  const Int128 one = PowerOfTen(types->arguments[0].scale());
  bound.SetFunctionCallback(WithDecimalCell(types->arguments[0].precision(), [&]<typename A>() {
    return WithDecimalCell(types->result.precision(), [&]<typename R>() {
      return Unary<A, R>([one = static_cast<NumberOf<A>>(one)](A cell) {
        return NarrowCell<R>(Op::Apply(Read(cell), one));
      });
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
template <typename Op, typename Number>
Int128 CutDigits(Number value, int scale, int32_t digits) {
  const int64_t dropped = int64_t{scale} - digits;
  if (dropped <= 0) {
    return value;
  }
  // A power of ten that Number holds.
  constexpr int64_t kMaxDropped = std::is_same_v<Number, Int128> ? kMaxPowerOfTen : 19;
  if (dropped >= kMaxDropped) {
    return 0;
  }
  const auto unit = static_cast<Number>(PowerOfTen(static_cast<int>(dropped)));
  return Int128{Op::Apply(value, unit)} * unit;
}

template <typename Op>
duckdb::unique_ptr<duckdb::FunctionData> BindCut(duckdb::ClientContext& context,
                                                 duckdb::ScalarFunction& bound,
                                                 Arguments& arguments) {
  auto types = TakeTypes(context, bound, arguments);
  const int scale = types->arguments[0].scale();
  bound.SetFunctionCallback(WithDecimalCell(types->arguments[0].precision(), [&]<typename A>() {
    return WithDecimalCell(types->result.precision(), [&]<typename R>() {
      return Binary<A, int32_t, R>([scale](A cell, int32_t digits) {
        const Int128 value = CutDigits<Op>(Read(cell), scale, digits);
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
  table.Typed("sign(decimal(p,s))", BindOne<Sign>);
  table.Typed("ceil(decimal(p,s))", BindOne<Ceiling>);
  table.Typed("ceiling(decimal(p,s))", BindOne<Ceiling>);
  table.Typed("floor(decimal(p,s))", BindOne<Floor>);
  table.Typed("round(decimal(p,s))", BindOne<Round>);
  table.Typed("truncate(decimal(p,s))", BindOne<Truncate>);
  table.Typed("round(decimal(p,s),integer)", BindCut<Round>);
  table.Typed("truncate(decimal(p,s),integer)", BindCut<Truncate>);
}

}  // namespace pallas::engine
