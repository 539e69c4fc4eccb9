#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_SCALAR_LOOPS_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_SCALAR_LOOPS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/types/string_type.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/scalar_function.hpp"

#include "engine/duckdb/functions/run_time_error.h"

// Loops over vectors, made of a function on single values.
//
//   Unary<A, R>(fn), Binary<A, B, R>(fn)   physical types in and out; the fastest form
//   Rows<Args...>(fn)                      any number of arguments; texts are std::string_view
//   AppendText<Args...>(fn)                fn(args..., std::string* out) makes the text
//
// A NULL argument gives NULL without a call, unless it is declared as std::optional<Arg>. What `fn`
// returns may be R, std::optional<R> (nullopt is NULL), absl::StatusOr<R> (an error is raised) or
// absl::StatusOr<std::optional<R>>; R is a physical type, std::string or std::string_view.

namespace pallas::engine {

namespace scalar_loops_internal {

template <typename T>
struct Cell {
  using Physical = T;

  static const T& Read(const T& value) { return value; }
};

template <>
struct Cell<std::string_view> {
  using Physical = duckdb::string_t;

  static std::string_view Read(const duckdb::string_t& value) {
    return {value.GetData(), value.GetSize()};
  }
};

// Reads one argument column.
template <typename T>
class Column {
 public:
  Column(duckdb::Vector& vector, duckdb::idx_t count) { vector.ToUnifiedFormat(count, format_); }

  bool IsNull(duckdb::idx_t row) const {
    return !format_.validity.RowIsValid(format_.sel->get_index(row));
  }

  decltype(auto) operator[](duckdb::idx_t row) const {
    using Physical = typename Cell<T>::Physical;
    return Cell<T>::Read(
        duckdb::UnifiedVectorFormat::GetData<Physical>(format_)[format_.sel->get_index(row)]);
  }

 private:
  duckdb::UnifiedVectorFormat format_;
};

template <typename T>
class Column<std::optional<T>> {
 public:
  Column(duckdb::Vector& vector, duckdb::idx_t count) : column_(vector, count) {}

  bool IsNull(duckdb::idx_t /*row*/) const { return false; }

  std::optional<T> operator[](duckdb::idx_t row) const {
    return column_.IsNull(row) ? std::optional<T>() : std::optional<T>(column_[row]);
  }

 private:
  Column<T> column_;
};

inline void Store(duckdb::Vector& result, duckdb::idx_t row, std::string_view value) {
  duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
      duckdb::StringVector::AddStringOrBlob(result, value.data(), value.size());
}

inline void Store(duckdb::Vector& result, duckdb::idx_t row, const std::string& value) {
  Store(result, row, std::string_view(value));
}

template <typename R>
  requires(!std::is_convertible_v<R, std::string_view>)
void Store(duckdb::Vector& result, duckdb::idx_t row, R value) {
  duckdb::FlatVector::GetData<R>(result)[row] = value;
}

template <typename R>
void Store(duckdb::Vector& result, duckdb::idx_t row, std::optional<R> value) {
  if (value.has_value()) {
    Store(result, row, *std::move(value));
  } else {
    duckdb::FlatVector::SetNull(result, row, true);
  }
}

template <typename R>
void Store(duckdb::Vector& result, duckdb::idx_t row, absl::StatusOr<R> value) {
  Store(result, row, ValueOrRaise(std::move(value)));
}

// Calls `row_fn(row, columns...)` for each row without a NULL, and leaves a constant result if all
// arguments are constant.
template <typename... Args, size_t... I, typename Fn>
void ForEachRow(duckdb::DataChunk& chunk, duckdb::Vector& result, Fn row_fn,
                std::index_sequence<I...> /*indices*/) {
  const bool constant = chunk.AllConstant();
  const duckdb::idx_t count = constant ? 1 : chunk.size();
  const std::tuple<Column<Args>...> columns(Column<Args>(chunk.data[I], count)...);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if ((false || ... || std::get<I>(columns).IsNull(row))) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      row_fn(row, std::get<I>(columns)[row]...);
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

}  // namespace scalar_loops_internal

template <typename A, typename R, typename Fn>
duckdb::scalar_function_t Unary(Fn fn) {
  return [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
    duckdb::UnaryExecutor::Execute<A, R>(arguments.data[0], result, arguments.size(), fn);
  };
}

template <typename A, typename B, typename R, typename Fn>
duckdb::scalar_function_t Binary(Fn fn) {
  return [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
    duckdb::BinaryExecutor::Execute<A, B, R>(arguments.data[0], arguments.data[1], result,
                                             arguments.size(), fn);
  };
}

template <typename... Args, typename Fn>
duckdb::scalar_function_t Rows(Fn fn) {
  return [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
    scalar_loops_internal::ForEachRow<Args...>(
        arguments, result,
        [&](duckdb::idx_t row, const auto&... values) {
          scalar_loops_internal::Store(result, row, fn(values...));
        },
        std::index_sequence_for<Args...>());
  };
}

template <typename... Args, typename Fn>
duckdb::scalar_function_t AppendText(Fn fn) {
  return [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
    std::string text;
    scalar_loops_internal::ForEachRow<Args...>(
        arguments, result,
        [&](duckdb::idx_t row, const auto&... values) {
          text.clear();
          fn(values..., &text);
          scalar_loops_internal::Store(result, row, std::string_view(text));
        },
        std::index_sequence_for<Args...>());
  };
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_SCALAR_LOOPS_H_
