#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/sql_type_name.h"

// Arithmetic on integers, which raises on overflow, and on real and double, which does not.

namespace pallas::engine {
namespace {

template <typename T>
[[noreturn]] void RaiseOverflow(std::string_view operation, std::string_view sign, T a, T b) {
  Raise("NUMERIC_VALUE_OUT_OF_RANGE",
        absl::StrCat(kSqlName<T>, " ", operation, " overflow: ", static_cast<int64_t>(a), " ", sign,
                     " ", static_cast<int64_t>(b)));
}

[[noreturn]] void RaiseDivisionByZero() { Raise("DIVISION_BY_ZERO", "Division by zero"); }

template <typename T>
std::string Signature(std::string_view name, int arguments) {
  return absl::StrCat(name, "(", kSqlName<T>, arguments == 2 ? "," : "",
                      arguments == 2 ? kSqlName<T> : "", ")");
}

template <typename T>
void AddInteger(AdapterTable& table) {
  table.Scalar(Signature<T>("$add", 2), Binary<T, T, T>([](T a, T b) {
                 T sum;
                 if (__builtin_add_overflow(a, b, &sum)) [[unlikely]] {
                   RaiseOverflow("addition", "+", a, b);
                 }
                 return sum;
               }));
  table.Scalar(Signature<T>("$subtract", 2), Binary<T, T, T>([](T a, T b) {
                 T difference;
                 if (__builtin_sub_overflow(a, b, &difference)) [[unlikely]] {
                   RaiseOverflow("subtraction", "-", a, b);
                 }
                 return difference;
               }));
  table.Scalar(Signature<T>("$multiply", 2), Binary<T, T, T>([](T a, T b) {
                 T product;
                 if (__builtin_mul_overflow(a, b, &product)) [[unlikely]] {
                   RaiseOverflow("multiplication", "*", a, b);
                 }
                 return product;
               }));
  table.Scalar(Signature<T>("$divide", 2), Binary<T, T, T>([](T a, T b) {
                 if (b == 0) [[unlikely]] {
                   RaiseDivisionByZero();
                 }
                 if (b == -1 && a == std::numeric_limits<T>::min()) [[unlikely]] {
                   RaiseOverflow("division", "/", a, b);
                 }
                 return static_cast<T>(a / b);
               }));
  table.Scalar(Signature<T>("$modulus", 2), Binary<T, T, T>([](T a, T b) {
                 if (b == 0) [[unlikely]] {
                   RaiseDivisionByZero();
                 }
                 return static_cast<T>(b == -1 ? 0 : a % b);
               }));
  // The function has another error than the operator.
  table.Scalar(Signature<T>("mod", 2), Binary<T, T, T>([](T a, T b) {
                 if (b == 0) [[unlikely]] {
                   Raise("GENERIC_INTERNAL_ERROR", "/ by zero");
                 }
                 return static_cast<T>(b == -1 ? 0 : a % b);
               }));
  table.Scalar(Signature<T>("$negate", 1), Unary<T, T>([](T a) {
                 if (a == std::numeric_limits<T>::min()) [[unlikely]] {
                   Raise(
                       "NUMERIC_VALUE_OUT_OF_RANGE",
                       absl::StrCat(kSqlName<T>, " negation overflow: ", static_cast<int64_t>(a)));
                 }
                 return static_cast<T>(-a);
               }));
}

template <typename T>
void AddFloating(AdapterTable& table) {
  table.Scalar(Signature<T>("$add", 2), Binary<T, T, T>([](T a, T b) { return a + b; }));
  table.Scalar(Signature<T>("$subtract", 2), Binary<T, T, T>([](T a, T b) { return a - b; }));
  table.Scalar(Signature<T>("$multiply", 2), Binary<T, T, T>([](T a, T b) { return a * b; }));
  table.Scalar(Signature<T>("$divide", 2), Binary<T, T, T>([](T a, T b) { return a / b; }));
  for (std::string_view name : {"$modulus", "mod"}) {
    table.Scalar(Signature<T>(name, 2), Binary<T, T, T>([](T a, T b) { return std::fmod(a, b); }));
  }
  table.Scalar(Signature<T>("$negate", 1), Unary<T, T>([](T a) { return -a; }));
}

}  // namespace

void AddArithmetic(AdapterTable& table) {
  AddInteger<int8_t>(table);
  AddInteger<int16_t>(table);
  AddInteger<int32_t>(table);
  AddInteger<int64_t>(table);
  AddFloating<float>(table);
  AddFloating<double>(table);
}

}  // namespace pallas::engine
