#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/temporal_vectors.h"
#include "engine/duckdb/functions/typed_loop.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/date_arithmetic.h"

// sequence(start, stop[, step]).

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using sql::TimestampValue;

constexpr int64_t kMaxEntries = 10'000;

[[noreturn]] void RaiseInvalid(const std::string& message) {
  Raise("INVALID_FUNCTION_ARGUMENT", message);
}

// `direction` is the sign of stop - start.
void CheckStep(int direction, int64_t step) {
  if (step == 0) {
    RaiseInvalid("step must not be zero");
  }
  if (step > 0 ? direction < 0 : direction > 0) {
    RaiseInvalid(
        "sequence stop value should be greater than or equal to start value if step is greater "
        "than zero otherwise stop should be less than or equal to start");
  }
}

int SignOf(absl::int128 value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

int64_t CheckCount(absl::int128 count) {
  if (count > kMaxEntries) {
    RaiseInvalid(absl::StrCat("result of sequence function must not have more than ", kMaxEntries,
                              " entries"));
  }
  return static_cast<int64_t>(count);
}

// Entries of a sequence whose ends are that far apart.
int64_t EntryCount(absl::int128 distance, int64_t step) {
  CheckStep(SignOf(distance), step);
  return CheckCount(distance / step + 1);
}

// The values of all lists of a result.
struct Sequences {
  std::vector<TimestampValue> values;  // numbers and days in `micros`
};

// Calls `fill(row)`, which appends the values of a list, for each row without a NULL.
template <typename Fill>
void EachSequence(duckdb::DataChunk& arguments, duckdb::Vector& result, Sequences& sequences,
                  Fill fill) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (size_t i = 0; i < formats.size(); ++i) {
    arguments.data[i].ToUnifiedFormat(count, formats[i]);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    bool null = false;
    for (const duckdb::UnifiedVectorFormat& format : formats) {
      null |= !format.validity.RowIsValid(format.sel->get_index(row));
    }
    if (null) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const idx_t begin = sequences.values.size();
    fill(row);
    lists[row] = duckdb::list_entry_t(begin, sequences.values.size() - begin);
  }
}

void Finish(duckdb::DataChunk& arguments, const Type& element, const Sequences& sequences,
            duckdb::Vector& result) {
  const idx_t size = sequences.values.size();
  duckdb::ListVector::Reserve(result, size);
  duckdb::ListVector::SetListSize(result, size);
  duckdb::Vector& child = duckdb::ListVector::GetEntry(result);
  if (element.kind() == TypeKind::kBigint) {
    auto* numbers = duckdb::FlatVector::GetData<int64_t>(child);
    for (idx_t i = 0; i < size; ++i) {
      numbers[i] = sequences.values[i].micros;
    }
  } else {
    TemporalResult out(child, element);
    for (idx_t i = 0; i < size; ++i) {
      if (element.kind() == TypeKind::kDate) {
        out.PutDate(i, sequences.values[i].micros);
      } else {
        out.PutTimestamp(i, sequences.values[i]);
      }
    }
  }
  if (arguments.AllConstant()) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

void AddSteps(int64_t start, int64_t stop, int64_t step, Sequences& sequences) {
  const int64_t count = EntryCount(absl::int128(stop) - start, step);
  for (int64_t i = 0; i < count; ++i) {
    sequences.values.push_back({.micros = start + i * step});
  }
}

int64_t DefaultStep(int64_t start, int64_t stop) { return stop >= start ? 1 : -1; }

void NumberLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  using Column = scalar_loops_internal::Column<int64_t>;
  const idx_t count = arguments.AllConstant() ? 1 : arguments.size();
  const Column start(arguments.data[0], count);
  const Column stop(arguments.data[1], count);
  const bool has_step = arguments.ColumnCount() == 3;
  const Column step(arguments.data[has_step ? 2 : 0], count);
  Sequences sequences;
  EachSequence(arguments, result, sequences, [&](idx_t row) {
    AddSteps(start[row], stop[row], has_step ? step[row] : DefaultStep(start[row], stop[row]),
             sequences);
  });
  Finish(arguments, BindDataOf(state).Cast<TypedBindData>().result.element(), sequences, result);
}

// Months from one to the other, for counting entries.
int64_t MonthsBetween(const Type& type, const TimestampValue& from, const TimestampValue& to) {
  return type.kind() == TypeKind::kDate
             ? sql::DateDifference(sql::TimeUnit::kMonth, from.micros, to.micros)
             : sql::TimestampDifference(sql::TimeUnit::kMonth, from, to);
}

bool Precedes(const TimestampValue& a, const TimestampValue& b) {
  return a.micros < b.micros || (a.micros == b.micros && a.picos < b.picos);
}

void AddMonthSteps(const Type& type, const TimestampValue& start, const TimestampValue& stop,
                   int64_t step, Sequences& sequences) {
  CheckStep(start == stop ? 0 : Precedes(start, stop) ? 1 : -1, step);
  const int64_t count = CheckCount(MonthsBetween(type, start, stop) / step + 1);
  for (int64_t i = 0; i < count; ++i) {
    if (type.kind() == TypeKind::kDate) {
      sequences.values.push_back({.micros = sql::AddMonths(start.micros, i * step)});
    } else {
      sequences.values.push_back(ValueOrRaise(sql::AddMonthsToTimestamp(start, i * step)));
    }
  }
}

void AddTimeSteps(const TimestampValue& start, const TimestampValue& stop, int64_t step_millis,
                  Sequences& sequences) {
  const absl::int128 kPicos = sql::kPicosPerMicro;
  const absl::int128 distance =
      (absl::int128(stop.micros) - start.micros) * kPicos + (stop.picos - start.picos);
  const int64_t step_micros = step_millis * sql::kMicrosPerMilli;
  CheckStep(SignOf(distance), step_millis);
  const int64_t count = CheckCount(distance / (kPicos * step_micros) + 1);
  for (int64_t i = 0; i < count; ++i) {
    sequences.values.push_back({.micros = start.micros + i * step_micros, .picos = start.picos});
  }
}

void TimeLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
              duckdb::Vector& result) {
  const auto& types = BindDataOf(state).Cast<TypedBindData>();
  const Type type(types.arguments[0]);
  const bool dates = type.kind() == TypeKind::kDate;
  const bool has_step = arguments.ColumnCount() == 3;
  const bool months = has_step && types.arguments[2].kind() == TypeKind::kIntervalYearMonth;
  const idx_t count = arguments.AllConstant() ? 1 : arguments.size();
  const TemporalColumn starts(arguments.data[0], count, types.arguments[0]);
  const TemporalColumn stops(arguments.data[1], count, types.arguments[1]);
  duckdb::UnifiedVectorFormat steps;
  arguments.data[has_step ? 2 : 0].ToUnifiedFormat(count, steps);
  const auto read = [dates](const TemporalColumn& column, idx_t row) {
    return dates ? TimestampValue{.micros = column.Date(row)} : column.Timestamp(row);
  };
  Sequences sequences;
  EachSequence(arguments, result, sequences, [&](idx_t row) {
    const TimestampValue start = read(starts, row);
    const TimestampValue stop = read(stops, row);
    const idx_t at = steps.sel->get_index(row);
    if (!has_step) {
      AddSteps(start.micros, stop.micros, DefaultStep(start.micros, stop.micros), sequences);
    } else if (months) {
      AddMonthSteps(type, start, stop, duckdb::UnifiedVectorFormat::GetData<int32_t>(steps)[at],
                    sequences);
    } else if (dates) {
      const int64_t millis = duckdb::UnifiedVectorFormat::GetData<int64_t>(steps)[at];
      if (millis % sql::kMillisPerDay != 0) {
        RaiseInvalid("sequence step must be a day interval if start and end values are dates");
      }
      AddSteps(start.micros, stop.micros, millis / sql::kMillisPerDay, sequences);
    } else {
      AddTimeSteps(start, stop, duckdb::UnifiedVectorFormat::GetData<int64_t>(steps)[at],
                   sequences);
    }
  });
  Finish(arguments, types.result.element(), sequences, result);
}

}  // namespace

void AddSequences(AdapterTable& table) {
  table.Typed("sequence(bigint,bigint)", BindTyped<NumberLoop>);
  table.Typed("sequence(bigint,bigint,bigint)", BindTyped<NumberLoop>);
  table.Typed("sequence(date,date)", BindTyped<TimeLoop>);
  for (std::string_view step : {"interval day to second", "interval year to month"}) {
    table.Typed(absl::StrCat("sequence(date,date,", step, ")"), BindTyped<TimeLoop>);
    table.Typed(absl::StrCat("sequence(timestamp(p),timestamp(p),", step, ")"),
                BindTyped<TimeLoop>);
  }
}

}  // namespace pallas::engine
