#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/scalar_loops.h"

// Mathematical functions. Where DuckDB raises out of a function's domain, Trino answers NaN or an
// infinity, as the C library does.

namespace pallas::engine {
namespace {

using DoubleFunction = double (*)(double);

struct OneDouble {
  std::string_view id;
  DoubleFunction function;
};

constexpr double kDegreesPerRadian = 180.0 / std::numbers::pi;

constexpr OneDouble kOneDouble[] = {
    {"acos(double)", [](double x) { return std::acos(x); }},
    {"asin(double)", [](double x) { return std::asin(x); }},
    {"atan(double)", [](double x) { return std::atan(x); }},
    {"cbrt(double)", [](double x) { return std::cbrt(x); }},
    {"cos(double)", [](double x) { return std::cos(x); }},
    {"cosh(double)", [](double x) { return std::cosh(x); }},
    {"degrees(double)", [](double x) { return x * kDegreesPerRadian; }},
    {"exp(double)", [](double x) { return std::exp(x); }},
    {"ln(double)", [](double x) { return std::log(x); }},
    {"log2(double)", [](double x) { return std::log(x) / std::log(2.0); }},
    {"log10(double)", [](double x) { return std::log10(x); }},
    {"radians(double)", [](double x) { return x / 180.0 * std::numbers::pi; }},
    {"sin(double)", [](double x) { return std::sin(x); }},
    {"sinh(double)", [](double x) { return std::sinh(x); }},
    {"sqrt(double)", [](double x) { return std::sqrt(x); }},
    {"tan(double)", [](double x) { return std::tan(x); }},
    {"tanh(double)", [](double x) { return std::tanh(x); }},
};

}  // namespace

void AddMath(AdapterTable& table) {
  for (const OneDouble& entry : kOneDouble) {
    table.Scalar(entry.id, Unary<double, double>(entry.function));
  }
}

}  // namespace pallas::engine
