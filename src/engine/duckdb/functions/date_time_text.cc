#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/temporal_vectors.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/functions/typed_loop.h"
#include "engine/duckdb/types.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/date_format.h"
#include "types/time_zone.h"
#include "types/value_text.h"

// Dates and times as text by patterns and ISO 8601, and as numbers of seconds. Functions whose
// result is in the session's zone have its key as their last argument.

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using sql::DateFormat;
using sql::ZonedTimestamp;
using std::string_view;

constexpr int64_t kNanosPerMilli = 1'000'000;
// Zoned timestamps keep their milliseconds in 52 bits.
constexpr int64_t kMaxPackedMillis = (int64_t{1} << 51) - 1;

// Calls `fn(row)` for each row without a NULL.
template <typename Fn>
void ForRows(duckdb::DataChunk& arguments, duckdb::Vector& result, Fn fn) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  bool nulls = false;
  for (size_t i = 0; i < formats.size(); ++i) {
    arguments.data[i].ToUnifiedFormat(count, formats[i]);
    nulls |= !formats[i].validity.AllValid();
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    bool null = false;
    for (size_t i = 0; nulls && i < formats.size(); ++i) {
      const duckdb::UnifiedVectorFormat& format = formats[i];
      null |= !format.validity.RowIsValid(format.sel->get_index(row));
    }
    if (null) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      fn(row);
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

template <typename T>
scalar_loops_internal::Column<T> ValuesOf(duckdb::DataChunk& arguments, idx_t index) {
  return {arguments.data[index], arguments.AllConstant() ? 1 : arguments.size()};
}

TemporalColumn TimesOf(duckdb::DataChunk& arguments, const Type& type) {
  return {arguments.data[0], arguments.AllConstant() ? 1 : arguments.size(), type};
}

const TypedBindData& TypesOf(const duckdb::ExpressionState& state) {
  return BindDataOf(state).Cast<TypedBindData>();
}

using Compile = absl::StatusOr<DateFormat> (*)(string_view);

// The pattern that was compiled last.
template <Compile compile>
class FormatCache {
 public:
  const DateFormat& Get(string_view pattern) {
    if (!format_.has_value() || pattern != pattern_) {
      format_ = ValueOrRaise(compile(pattern));
      pattern_ = std::string(pattern);
    }
    return *format_;
  }

 private:
  std::string pattern_;
  std::optional<DateFormat> format_;
};

// ---- Text of times ----

template <Compile compile, bool checks_zone>
void FormatLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const Type type(TypesOf(state).arguments[0]);
  const TemporalColumn times = TimesOf(arguments, type);
  const auto patterns = ValuesOf<string_view>(arguments, 1);
  FormatCache<compile> cache;
  ForRows(arguments, result, [&](idx_t row) {
    const DateFormat& format = cache.Get(patterns[row]);
    std::string text;
    if (type.kind() == TypeKind::kTimestampTz) {
      const ZonedTimestamp value = sql::RoundZonedTimestamp(times.TimestampTz(row), 3);
      const int offset =
          ZoneOffsetSeconds(value.zone_key, FloorDivide(value.millis, sql::kMillisPerSecond));
      text = ValueOrRaise(
          format.Format(value.millis + offset * sql::kMillisPerSecond, value.zone_key, offset));
    } else {
      if (checks_zone && format.has_zone()) {
        Raise("INVALID_FUNCTION_ARGUMENT",
              "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type "
              "does not contain TZ information");
      }
      const int64_t micros = sql::RoundTimestamp(times.Timestamp(row), 3).micros;
      text = ValueOrRaise(format.Format(FloorDivide(micros, sql::kMicrosPerMilli), kUtcZoneKey, 0));
    }
    scalar_loops_internal::Store(result, row, string_view(text));
  });
}

constexpr int kSecondsPerMinute = 60;

void IsoTextLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                 duckdb::Vector& result) {
  const Type type(TypesOf(state).arguments[0]);
  const TemporalColumn times = TimesOf(arguments, type);
  ForRows(arguments, result, [&](idx_t row) {
    std::string text;
    const sql::TimestampValue local = times.Local(row);
    AppendTimestamp(local.micros, local.picos, type.precision(), &text);
    text[text.find(' ')] = 'T';
    if (type.kind() == TypeKind::kTimestampTz) {
      const ZonedTimestamp value = times.TimestampTz(row);
      const int offset =
          ZoneOffsetSeconds(value.zone_key, FloorDivide(value.millis, sql::kMillisPerSecond));
      if (offset % kSecondsPerMinute != 0) {
        Raise("INVALID_ARGUMENTS",
              absl::StrCat("Timezone with non-zero seconds offset cannot be rendered as ISO8601: ",
                           sql::OffsetText(offset / kSecondsPerMinute),
                           absl::StrFormat(":%02d", std::abs(offset % kSecondsPerMinute))));
      }
      text.append(offset == 0 ? "Z" : sql::OffsetText(offset / kSecondsPerMinute));
    }
    scalar_loops_internal::Store(result, row, string_view(text));
  });
}

// to_char: what is finer than milliseconds is cut.
void ToCharLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const TemporalColumn times = TimesOf(arguments, TypesOf(state).arguments[0]);
  const auto patterns = ValuesOf<string_view>(arguments, 1);
  FormatCache<DateFormat::FromTeradata> cache;
  ForRows(arguments, result, [&](idx_t row) {
    const ZonedTimestamp value = times.TimestampTz(row);
    const int offset =
        ZoneOffsetSeconds(value.zone_key, FloorDivide(value.millis, sql::kMillisPerSecond));
    scalar_loops_internal::Store(
        result, row,
        cache.Get(patterns[row])
            .Format(value.millis + offset * sql::kMillisPerSecond, value.zone_key, offset));
  });
}

// ---- Times of text ----

template <Compile compile>
void DateParseLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                   duckdb::Vector& result) {
  FormatCache<compile> cache;
  scalar_loops_internal::ForEachRow<string_view, string_view>(
      arguments, result,
      [&](idx_t row, string_view text, string_view pattern) {
        const DateFormat::Parsed parsed = ValueOrRaise(cache.Get(pattern).Parse(text));
        duckdb::FlatVector::GetData<int64_t>(result)[row] =
            parsed.local_millis * sql::kMicrosPerMilli;
      },
      std::index_sequence_for<string_view, string_view>());
}

void ToDateLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                duckdb::Vector& result) {
  FormatCache<DateFormat::FromTeradata> cache;
  scalar_loops_internal::ForEachRow<string_view, string_view>(
      arguments, result,
      [&](idx_t row, string_view text, string_view pattern) {
        const DateFormat::Parsed parsed = ValueOrRaise(cache.Get(pattern).Parse(text));
        duckdb::FlatVector::GetData<int32_t>(result)[row] =
            static_cast<int32_t>(FloorDivide(parsed.local_millis, sql::kMillisPerDay));
      },
      std::index_sequence_for<string_view, string_view>());
}

void ParseDatetimeLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                       duckdb::Vector& result) {
  const auto texts = ValuesOf<string_view>(arguments, 0);
  const auto patterns = ValuesOf<string_view>(arguments, 1);
  const auto zones = ValuesOf<int64_t>(arguments, 2);
  FormatCache<DateFormat::FromJoda> cache;
  TemporalResult out(result, TypesOf(state).result);
  ForRows(arguments, result, [&](idx_t row) {
    const DateFormat::Parsed parsed = ValueOrRaise(cache.Get(patterns[row]).Parse(texts[row]));
    if (std::abs(parsed.local_millis) > kMaxPackedMillis) {
      Raise("INVALID_FUNCTION_ARGUMENT", absl::StrCat("Millis overflow: ", parsed.local_millis));
    }
    const ZonedTimestamp value =
        sql::AtZone({.micros = parsed.local_millis * sql::kMicrosPerMilli},
                    parsed.zone_key.value_or(static_cast<int>(zones[row])));
    out.PutTimestampTz(row, value);
  });
}

void IsoTimestampLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                      duckdb::Vector& result) {
  const auto texts = ValuesOf<string_view>(arguments, 0);
  const auto zones = ValuesOf<int64_t>(arguments, 1);
  const Type type(TypesOf(state).result);
  TemporalResult out(result, type);
  ForRows(arguments, result, [&](idx_t row) {
    const bool nanos = type.precision() > 3;
    sql::IsoTimestamp value = ValueOrRaise(nanos ? sql::ParseIsoTimestampNanos(texts[row])
                                                 : sql::ParseIsoTimestamp(texts[row]));
    if (!nanos) {
      value.nanos -= value.nanos % kNanosPerMilli;
    }
    const int zone = value.offset_seconds.has_value()
                         ? ValueOrRaise(sql::ZoneKeyOfOffset(*value.offset_seconds / 60))
                         : static_cast<int>(zones[row]);
    if (std::abs(value.local_seconds) > kMaxPackedMillis / sql::kMillisPerSecond) {
      Raise("INVALID_FUNCTION_ARGUMENT",
            absl::StrCat("Millis overflow: ", value.local_seconds * sql::kMillisPerSecond));
    }
    const sql::TimestampValue local = {
        .micros = value.local_seconds * sql::kMicrosPerSecond + value.nanos / 1000,
        .picos = static_cast<int32_t>(value.nanos % 1000 * sql::kPicosPerNano)};
    out.PutTimestampTz(row, sql::AtZone(local, zone));
  });
}

// ---- Seconds ----

int64_t MillisOf(double seconds) {
  const double millis = std::floor(seconds * 1000 + 0.5);
  if (std::isnan(millis)) {
    return 0;
  }
  if (std::abs(millis) > static_cast<double>(kMaxPackedMillis)) {
    // Java's conversion to long clips.
    constexpr double kTwoTo63 = 9223372036854775808.0;
    const int64_t clipped = millis >= kTwoTo63    ? std::numeric_limits<int64_t>::max()
                            : millis <= -kTwoTo63 ? std::numeric_limits<int64_t>::min()
                                                  : static_cast<int64_t>(millis);
    Raise("INVALID_FUNCTION_ARGUMENT", absl::StrCat("Millis overflow: ", clipped));
  }
  return static_cast<int64_t>(millis);
}

// from_unixtime(seconds, zone key).
void FromUnixtimeLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                      duckdb::Vector& result) {
  const auto seconds = ValuesOf<double>(arguments, 0);
  const auto zones = ValuesOf<int64_t>(arguments, 1);
  TemporalResult out(result, TypesOf(state).result);
  ForRows(arguments, result, [&](idx_t row) {
    out.PutTimestampTz(
        row, {.millis = MillisOf(seconds[row]), .zone_key = static_cast<int>(zones[row])});
  });
}

int ZoneKeyOrRaise(string_view name) {
  const absl::StatusOr<int> key = ZoneKeyOf(name);
  if (!key.ok()) {
    Raise("NOT_SUPPORTED", std::string(key.status().message()));
  }
  return *key;
}

void FromUnixtimeInZoneLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                            duckdb::Vector& result) {
  const auto seconds = ValuesOf<double>(arguments, 0);
  const auto zones = ValuesOf<string_view>(arguments, 1);
  TemporalResult out(result, TypesOf(state).result);
  ForRows(arguments, result, [&](idx_t row) {
    out.PutTimestampTz(row,
                       {.millis = MillisOf(seconds[row]), .zone_key = ZoneKeyOrRaise(zones[row])});
  });
}

void FromUnixtimeAtOffsetLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                              duckdb::Vector& result) {
  const auto seconds = ValuesOf<double>(arguments, 0);
  const auto hours = ValuesOf<int64_t>(arguments, 1);
  const auto minutes = ValuesOf<int64_t>(arguments, 2);
  TemporalResult out(result, TypesOf(state).result);
  ForRows(arguments, result, [&](idx_t row) {
    // Far beyond any offset, so that the sum does not overflow.
    constexpr int64_t kFar = 1'000'000;
    const int64_t offset =
        std::clamp(hours[row], -kFar, kFar) * 60 + std::clamp(minutes[row], -kFar, kFar);
    out.PutTimestampTz(row, {.millis = MillisOf(seconds[row]),
                             .zone_key = ValueOrRaise(sql::ZoneKeyOfOffset(offset))});
  });
}

void FromNanosLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                   duckdb::Vector& result) {
  const auto nanos = ValuesOf<int64_t>(arguments, 0);
  const auto zones = ValuesOf<int64_t>(arguments, 1);
  TemporalResult out(result, TypesOf(state).result);
  ForRows(arguments, result, [&](idx_t row) {
    out.PutTimestampTz(row, {.millis = FloorDivide(nanos[row], kNanosPerMilli),
                             .picos = static_cast<int32_t>(FloorModulo(nanos[row], kNanosPerMilli) *
                                                           sql::kPicosPerNano),
                             .zone_key = static_cast<int>(zones[row])});
  });
}

void ToUnixtimeLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
  const TemporalColumn times = TimesOf(arguments, TypesOf(state).arguments[0]);
  ForRows(arguments, result, [&](idx_t row) {
    const ZonedTimestamp value = times.TimestampTz(row);
    constexpr double kPicosOfSecond = 1e12;
    duckdb::FlatVector::GetData<double>(result)[row] =
        static_cast<double>(value.millis) / 1000.0 + value.picos / kPicosOfSecond;
  });
}

// ---- Trees ----

// Calls a private typed function with the session's zone as one argument more.
ScalarEmitter WithSessionZone(std::string name) {
  return
      [name = std::move(name)](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
        std::vector<Type> types = site.function.argument_types;
        for (size_t i = 0; i < types.size(); ++i) {
          if (types[i].kind() == TypeKind::kDecimal) {
            ASSIGN_OR_RETURN(values[i], site.emitter.Cast(types[i], Type::Bigint(), /*safe=*/false,
                                                          std::move(values[i])));
            types[i] = Type::Bigint();
          }
        }
        types.push_back(Type::Bigint());
        values.push_back(BigintConstant(site.session.time_zone_key));
        values.push_back(TypesArgument(types, site.result()));
        return NativeCast(ToDuckDbType(site.result()), CallPrivate(name, std::move(values)));
      };
}

template <Loop loop>
void AddInSessionZone(AdapterTable& table, const std::string& name,
                      std::initializer_list<string_view> ids) {
  table.Private(name, BindTyped<loop>, duckdb::LogicalType::ANY, {.can_raise = true});
  for (string_view id : ids) {
    table.Emit(id, WithSessionZone(name));
  }
}

}  // namespace

void AddDateTimeText(AdapterTable& table) {
  for (string_view type : {"timestamp(p)", "timestamp(p) with time zone"}) {
    table.Typed(absl::StrCat("date_format(", type, ",varchar(x))"),
                BindTyped<FormatLoop<DateFormat::FromMySql, false>>);
    table.Typed(absl::StrCat("format_datetime(", type, ",varchar(x))"),
                BindTyped<FormatLoop<DateFormat::FromJoda, true>>);
    table.Typed(absl::StrCat("to_iso8601(", type, ")"), BindTyped<IsoTextLoop>);
  }
  table.Scalar("to_iso8601(date)", AppendText<int32_t>([](int32_t days, std::string* out) {
                 sql::AppendIsoDate(days, out);
               }));
  table.Scalar("date_parse(varchar(x),varchar(y))", DateParseLoop<DateFormat::FromMySql>);
  table.Typed("to_char(timestamp(p) with time zone,varchar)", BindTyped<ToCharLoop>);
  table.Scalar("to_timestamp(varchar,varchar)", DateParseLoop<DateFormat::FromTeradata>);
  table.Scalar("to_date(varchar,varchar)", ToDateLoop);
  table.Scalar("from_iso8601_date(varchar(x))",
               Rows<string_view>([](string_view text) -> absl::StatusOr<int32_t> {
                 ASSIGN_OR_RETURN(const int64_t days, sql::ParseIsoDate(text));
                 return static_cast<int32_t>(days);
               }));
  AddInSessionZone<ParseDatetimeLoop>(table, "parse_datetime",
                                      {"parse_datetime(varchar(x),varchar(y))"});
  AddInSessionZone<IsoTimestampLoop>(
      table, "from_iso8601_timestamp",
      {"from_iso8601_timestamp(varchar(x))", "from_iso8601_timestamp_nanos(varchar(x))"});
  AddInSessionZone<FromUnixtimeLoop>(table, "from_unixtime", {"from_unixtime(double)"});
  AddInSessionZone<FromNanosLoop>(
      table, "from_unixtime_nanos",
      {"from_unixtime_nanos(bigint)", "from_unixtime_nanos(decimal(p,s))"});
  table.Typed("from_unixtime(double,varchar(x))", BindTyped<FromUnixtimeInZoneLoop>);
  table.Typed("from_unixtime(double,bigint,bigint)", BindTyped<FromUnixtimeAtOffsetLoop>);
  table.Typed("to_unixtime(timestamp(p) with time zone)", BindTyped<ToUnixtimeLoop>);
  table.Scalar("parse_duration(varchar(x))", Rows<string_view>(sql::ParseDuration));
  table.Scalar("human_readable_seconds(double)", Rows<double>(sql::HumanReadableSeconds));
}

}  // namespace pallas::engine
