#include "engine/duckdb/boundary.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "duckdb/common/exception.hpp"

#include "base/error_detail.h"

namespace pallas::engine {
namespace {

using ExtraInfo = duckdb::unordered_map<duckdb::string, duckdb::string>;

// Keys of an exception's extra info.
constexpr char kCodeKey[] = "pallas_code";
constexpr char kPayloadPrefix[] = "pallas_payload ";
constexpr char kTrinoErrorKey[] = "trino_error";
constexpr char kLineKey[] = "line";
constexpr char kColumnKey[] = "column";

int IntegerOf(const ExtraInfo& info, const char* key) {
  int value = 0;
  if (const auto found = info.find(key); found != info.end()) {
    (void)absl::SimpleAtoi(found->second, &value);
  }
  return value;
}

// DuckDB has only the text to tell these errors by.
constexpr std::string_view kManyRows = "More than one row returned by a subquery";
constexpr std::string_view kTooDeep = "Max expression depth";
// What emitted trees say by DuckDB's error().
constexpr std::string_view kFrameOffset = "Window frame offset value must not be";
// What its Parquet reader says of files that are none, or are damaged.
constexpr std::string_view kBadFile[] = {"arquet", "magic bytes", "file '"};

absl::Status OwnStatus(const duckdb::ErrorData& error) {
  const ExtraInfo& info = error.ExtraInfo();
  absl::Status status(static_cast<absl::StatusCode>(IntegerOf(info, kCodeKey)), error.RawMessage());
  for (const auto& [key, value] : info) {
    std::string_view url = key;
    std::string payload;
    if (absl::ConsumePrefix(&url, kPayloadPrefix) && absl::CUnescape(value, &payload)) {
      status.SetPayload(url, absl::Cord(payload));
    }
  }
  return status;
}

absl::Status FunctionError(const duckdb::ErrorData& error, const std::string& name) {
  const absl::StatusCode code = name == "GENERIC_INTERNAL_ERROR"
                                    ? absl::StatusCode::kInternal
                                    : absl::StatusCode::kInvalidArgument;
  const Location location{IntegerOf(error.ExtraInfo(), kLineKey),
                          IntegerOf(error.ExtraInfo(), kColumnKey)};
  if (location.line > 0) {
    return ErrorAt(location, name, error.RawMessage(), code);
  }
  return NamedError(name, error.RawMessage(), code);
}

bool IsBadFile(std::string_view message) {
  return std::any_of(std::begin(kBadFile), std::end(kBadFile),
                     [&](std::string_view part) { return absl::StrContains(message, part); });
}

absl::Status Unexpected(const duckdb::ErrorData& error) {
  // Sums of decimals are DuckDB's own.
  if (error.Type() == duckdb::ExceptionType::OUT_OF_RANGE &&
      absl::StrContains(error.RawMessage(), "HUGEINT")) {
    return NamedError("NUMERIC_VALUE_OUT_OF_RANGE", "Decimal overflow",
                      absl::StatusCode::kOutOfRange);
  }
  return NamedError(
      "GENERIC_INTERNAL_ERROR",
      absl::StrCat("The engine failed (", duckdb::Exception::ExceptionTypeToString(error.Type()),
                   "): ", error.RawMessage()),
      absl::StatusCode::kInternal);
}

}  // namespace

absl::Status FromDuckDbError(const duckdb::ErrorData& error) {
  const ExtraInfo& info = error.ExtraInfo();
  if (info.contains(kCodeKey)) {
    return OwnStatus(error);
  }
  if (const auto name = info.find(kTrinoErrorKey); name != info.end()) {
    return FunctionError(error, name->second);
  }
  if (absl::StartsWith(error.RawMessage(), kManyRows)) {
    return NamedError("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows");
  }
  if (absl::StartsWith(error.RawMessage(), kFrameOffset)) {
    return NamedError("INVALID_WINDOW_FRAME", error.RawMessage());
  }
  if (absl::StrContains(error.RawMessage(), kTooDeep)) {
    return NamedError("STACK_OVERFLOW", "The statement nests expressions deeper than is supported");
  }
  switch (error.Type()) {
    case duckdb::ExceptionType::NOT_IMPLEMENTED:
      return NamedError("NOT_SUPPORTED", error.RawMessage(), absl::StatusCode::kUnimplemented);
    case duckdb::ExceptionType::IO:
      return NamedError("GENERIC_EXTERNAL", error.RawMessage(), absl::StatusCode::kUnavailable);
    case duckdb::ExceptionType::INVALID_INPUT:
      return IsBadFile(error.RawMessage())
                 ? NamedError("HIVE_BAD_DATA", error.RawMessage(), absl::StatusCode::kDataLoss)
                 : Unexpected(error);
    case duckdb::ExceptionType::OUT_OF_MEMORY:
      return NamedError("EXCEEDED_LOCAL_MEMORY_LIMIT",
                        "The query needs more memory than the engine may use. Make it smaller, or "
                        "raise the memory limit or the size of the temporary folder",
                        absl::StatusCode::kResourceExhausted);
    case duckdb::ExceptionType::INTERRUPT:
      return absl::CancelledError("The query was cancelled");
    default:
      return Unexpected(error);
  }
}

bool BreaksInstance(const duckdb::ErrorData& error) {
  return error.Type() == duckdb::ExceptionType::INTERNAL ||
         error.Type() == duckdb::ExceptionType::FATAL;
}

bool IsInterrupt(const duckdb::ErrorData& error) {
  return error.Type() == duckdb::ExceptionType::INTERRUPT;
}

void ThrowIfError(const absl::Status& status) {
  if (status.ok()) {
    return;
  }
  ExtraInfo info{{kCodeKey, absl::StrCat(status.raw_code())}};
  status.ForEachPayload([&](std::string_view url, const absl::Cord& payload) {
    info.emplace(absl::StrCat(kPayloadPrefix, url), absl::CHexEscape(std::string(payload)));
  });
  // EXECUTOR: DuckDB's TRY lets it pass.
  throw duckdb::Exception(info, duckdb::ExceptionType::EXECUTOR, std::string(status.message()));
}

duckdb::ErrorData CatchDuckDbError(const std::function<void()>& fn) {
  try {
    fn();
    return duckdb::ErrorData();
  } catch (const std::exception& exception) {
    return duckdb::ErrorData(exception);
  } catch (...) {
    return duckdb::ErrorData(duckdb::ExceptionType::INTERNAL, "an unknown exception");
  }
}

}  // namespace pallas::engine
