#include "engine/duckdb/functions/run_time_error.h"

#include <algorithm>
#include <unordered_map>

#include "duckdb/common/exception.hpp"

#include "base/error_detail.h"

namespace pallas::engine {
namespace {

constexpr std::string_view kCaughtByTry[] = {"DIVISION_BY_ZERO", "INVALID_CAST_ARGUMENT",
                                             "INVALID_FUNCTION_ARGUMENT",
                                             "NUMERIC_VALUE_OUT_OF_RANGE"};

}  // namespace

void Raise(std::string_view name, const std::string& message) {
  const bool caught =
      std::find(std::begin(kCaughtByTry), std::end(kCaughtByTry), name) != std::end(kCaughtByTry);
  const duckdb::unordered_map<std::string, std::string> extra = {
      {"trino_error", std::string(name)}};
  throw duckdb::Exception(
      extra, caught ? duckdb::ExceptionType::INVALID_INPUT : duckdb::ExceptionType::EXECUTOR,
      message);
}

void Raise(const absl::Status& status) { Raise(ErrorName(status), std::string(status.message())); }

}  // namespace pallas::engine
