#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_CAST_LOOP_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_CAST_LOOP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/common/types/vector.hpp"

#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "types/type.h"

// Casts as loops over vectors: one for each pair of types, put together for nested ones.

namespace pallas::engine {

// Rows whose cast failed, for TRY_CAST: they become NULL.
class FailedRows {
 public:
  explicit FailedRows(duckdb::idx_t count) : failed_(count) {}

  void Add(duckdb::idx_t row) { failed_[row] = true; }

  bool Contains(duckdb::idx_t row) const { return failed_[row]; }

 private:
  std::vector<bool> failed_;
};

// Casts rows 0..count-1 of `source` into `target`, which becomes flat. A row that cannot be cast
// raises, or with `failed` is added there and becomes NULL.
using CastLoop = std::function<void(duckdb::Vector& source, duckdb::Vector& target,
                                    duckdb::idx_t count, FailedRows* failed)>;

struct CastContext {
  int session_zone_key = 0;
  int64_t session_start = 0;  // seconds after 1970: the day of a time that has none
  // Whether char(n) becomes varchar with its padding (CharCoercion of types/coercion.h).
  bool pads_char = true;
};

// The loop of a cast; nullopt: there is no such cast. REQUIRES: not the same type.
std::optional<CastLoop> MakeCast(const Type& from, const Type& to, const CastContext& context);

// The same for some types; MakeCast() asks all of them.
std::optional<CastLoop> MakeNumericCast(const Type& from, const Type& to);
std::optional<CastLoop> MakeTextCast(const Type& from, const Type& to, const CastContext& context);
std::optional<CastLoop> MakeTemporalCast(const Type& from, const Type& to,
                                         const CastContext& context);
std::optional<CastLoop> MakeJsonCast(const Type& from, const Type& to);
std::optional<CastLoop> MakeNestedCast(const Type& from, const Type& to,
                                       const CastContext& context);

// Marks a row as failed, or raises `error`.
inline void FailRow(duckdb::Vector& target, duckdb::idx_t row, FailedRows* failed,
                    const absl::Status& error) {
  if (failed == nullptr) {
    Raise(error);
  }
  failed->Add(row);
  duckdb::FlatVector::SetNull(target, row, true);
}

template <typename R>
void StoreCast(duckdb::Vector& target, duckdb::idx_t row, FailedRows* /*failed*/, R&& value) {
  scalar_loops_internal::Store(target, row, std::forward<R>(value));
}

template <typename R>
void StoreCast(duckdb::Vector& target, duckdb::idx_t row, FailedRows* failed,
               absl::StatusOr<R> value) {
  if (value.ok()) {
    scalar_loops_internal::Store(target, row, *std::move(value));
  } else {
    FailRow(target, row, failed, value.status());
  }
}

// A loop that calls `fn` with each value; it returns as for Rows() of scalar_loops.h.
template <typename A, typename Fn>
CastLoop EachCell(Fn fn) {
  return [fn](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count,
              FailedRows* failed) {
    const scalar_loops_internal::Column<A> column(source, count);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (column.IsNull(row)) {
        duckdb::FlatVector::SetNull(target, row, true);
      } else {
        StoreCast(target, row, failed, fn(column[row]));
      }
    }
  };
}

// Calls `fn` with the C++ type of the cells of DECIMAL vectors of that precision, as a template
// argument: fn.template operator()<int64_t>().
template <typename Fn>
auto WithDecimalCell(int precision, Fn fn) {
  constexpr int kMaxDigits16 = 4;
  constexpr int kMaxDigits32 = 9;
  constexpr int kMaxDigits64 = 18;
  if (precision <= kMaxDigits16) {
    return fn.template operator()<int16_t>();
  }
  if (precision <= kMaxDigits32) {
    return fn.template operator()<int32_t>();
  }
  if (precision <= kMaxDigits64) {
    return fn.template operator()<int64_t>();
  }
  return fn.template operator()<duckdb::hugeint_t>();
}

// The same for integer types. REQUIRES: IsInteger(type).
template <typename Fn>
auto WithIntegerCell(const Type& type, Fn fn) {
  switch (type.kind()) {
    case TypeKind::kTinyint:
      return fn.template operator()<int8_t>();
    case TypeKind::kSmallint:
      return fn.template operator()<int16_t>();
    case TypeKind::kInteger:
      return fn.template operator()<int32_t>();
    default:
      return fn.template operator()<int64_t>();
  }
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_CAST_LOOP_H_
