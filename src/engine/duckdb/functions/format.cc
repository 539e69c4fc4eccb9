#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/execution/expression_executor_state.hpp"

#include "base/floor_division.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/temporal_vectors.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/java_format.h"
#include "types/time_zone.h"

// format(pattern, row of arguments), and texts with units.

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using sql::FormatMoment;
using sql::FormatValue;

// One argument column.
class FormatColumn {
 public:
  FormatColumn(duckdb::Vector& vector, idx_t count, const Type& type)
      : type_(type), cells_(vector, count) {
    if (IsTemporal(type)) {
      times_.emplace(vector, count, type);
    }
  }

  // Borrows the vector, and `text` for a value that is made.
  FormatValue At(idx_t row, std::string* text) const {
    const Cell cell = cells_[row];
    if (type_.kind() == TypeKind::kUnknown || cell.IsNull()) {
      return std::monostate();
    }
    switch (type_.kind()) {
      case TypeKind::kBoolean:
        return cell.Get<bool>();
      case TypeKind::kTinyint:
        return int64_t{cell.Get<int8_t>()};
      case TypeKind::kSmallint:
        return int64_t{cell.Get<int16_t>()};
      case TypeKind::kInteger:
        return int64_t{cell.Get<int32_t>()};
      case TypeKind::kBigint:
        return cell.Get<int64_t>();
      case TypeKind::kReal:
        return cell.Get<float>();
      case TypeKind::kDouble:
        return cell.Get<double>();
      case TypeKind::kDecimal:
        return Decimal(cell);
      case TypeKind::kChar:
        text->clear();
        AppendPadded(cell.Text(), *type_.length(), text);
        return std::string_view(*text);
      case TypeKind::kVarchar:
      case TypeKind::kJson:
        return cell.Text();
      default:
        return Moment(row);
    }
  }

 private:
  sql::FormatDecimal Decimal(const Cell& cell) const {
    switch (ToDuckDbType(type_).InternalType()) {
      case duckdb::PhysicalType::INT16:
        return {cell.Get<int16_t>(), type_.scale()};
      case duckdb::PhysicalType::INT32:
        return {cell.Get<int32_t>(), type_.scale()};
      case duckdb::PhysicalType::INT64:
        return {cell.Get<int64_t>(), type_.scale()};
      default: {
        const auto& wide = cell.Get<duckdb::hugeint_t>();
        return {absl::MakeInt128(wide.upper, wide.lower), type_.scale()};
      }
    }
  }

  FormatMoment Moment(idx_t row) const {
    constexpr int64_t kNanosPerMicro = 1'000;
    FormatMoment moment;
    moment.has_date = type_.kind() != TypeKind::kTime;
    moment.has_time = type_.kind() != TypeKind::kDate;
    if (type_.kind() == TypeKind::kTime) {
      // Nanoseconds are rounded, and never up to the next day.
      moment.nanos_of_day =
          std::min(FloorDivide(times_->Time(row) + sql::kPicosPerNano / 2, sql::kPicosPerNano),
                   sql::kNanosPerDay - 1);
      return moment;
    }
    const sql::TimestampValue local = times_->Local(row);
    moment.days = FloorDivide(local.micros, sql::kMicrosPerDay);
    moment.nanos_of_day = FloorModulo(local.micros, sql::kMicrosPerDay) * kNanosPerMicro +
                          (local.picos + sql::kPicosPerNano / 2) / sql::kPicosPerNano;
    if (type_.kind() == TypeKind::kTimestampTz) {
      const sql::ZonedTimestamp zoned = times_->TimestampTz(row);
      moment.zone_key = zoned.zone_key;
      moment.offset_seconds =
          ZoneOffsetSeconds(zoned.zone_key, FloorDivide(zoned.millis, sql::kMillisPerSecond));
    }
    return moment;
  }

  const Type& type_;
  Cells cells_;
  std::optional<TemporalColumn> times_;
};

// The pattern that a thread has compiled last.
struct FormatState : duckdb::FunctionLocalState {
  std::optional<sql::JavaFormat> format;
  std::string pattern;

  const sql::JavaFormat& Get(std::string_view wanted) {
    if (!format || wanted != pattern) {
      format.reset();
      format = ValueOrRaise(sql::JavaFormat::Parse(wanted));
      pattern = wanted;
    }
    return *format;
  }
};

duckdb::unique_ptr<duckdb::FunctionLocalState> InitFormatState(
    duckdb::ExpressionState& /*state*/, const duckdb::BoundFunctionExpression& /*expr*/,
    duckdb::FunctionData* /*bind_data*/) {
  return duckdb::make_uniq<FormatState>();
}

void FormatLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const Type& row_type = BindDataOf(state).Cast<TypedBindData>().arguments[1];
  auto& formats = duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<FormatState>();
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  const Cells patterns(arguments.data[0], count);
  arguments.data[1].Flatten(count);
  auto& children = duckdb::StructVector::GetEntries(arguments.data[1]);
  std::vector<std::unique_ptr<FormatColumn>> columns;
  for (size_t i = 0; i < children.size(); ++i) {
    columns.push_back(std::make_unique<FormatColumn>(*children[i], count, row_type.children()[i]));
  }
  std::vector<FormatValue> values(columns.size());
  std::vector<std::string> texts(columns.size());
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    if (patterns[row].IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    for (size_t i = 0; i < columns.size(); ++i) {
      values[i] = columns[i]->At(row, &texts[i]);
    }
    scalar_loops_internal::Store(result, row, formats.Get(patterns[row].Text()).Format(values));
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

duckdb::unique_ptr<duckdb::FunctionData> BindFormat(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(FormatLoop);
  function.SetInitStateCallback(InitFormatState);
  return types;
}

// Without its fraction; NaN is 0, and what is beyond int64 its nearest, as in Java.
int64_t ToLong(double value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (std::isnan(value)) {
    return 0;
  }
  if (value >= kLimit || value < -kLimit) {
    return value < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  }
  return static_cast<int64_t>(value);
}

}  // namespace

void AddFormat(AdapterTable& table) {
  table.Typed("format(varchar,t)", BindFormat);
  table.Scalar("format_number(bigint)", Rows<int64_t>(sql::FormatNumber));
  table.Scalar("format_number(double)",
               Rows<double>([](double value) { return sql::FormatNumber(ToLong(value)); }));
  const duckdb::LogicalType bytes = duckdb::LogicalType::DECIMAL(38, 0);
  table.Private(
      "parse_data_size", {duckdb::LogicalType::VARCHAR}, bytes,
      Rows<std::string_view>([](std::string_view text) -> absl::StatusOr<duckdb::hugeint_t> {
        const absl::StatusOr<absl::int128> size = sql::ParseDataSize(text);
        if (!size.ok()) {
          return size.status();
        }
        return duckdb::hugeint_t(absl::Int128High64(*size), absl::Int128Low64(*size));
      }),
      {.can_raise = true});
  for (std::string_view name : {"parse_data_size", "parse_presto_data_size"}) {
    table.Emit(absl::StrCat(name, "(varchar(x))"),
               [bytes](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
                 return NativeCast(bytes, CallPrivate("parse_data_size", std::move(values)));
               });
  }
}

}  // namespace pallas::engine
