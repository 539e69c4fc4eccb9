#include "base/error_detail.h"

#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pallas {
namespace {

constexpr std::string_view kPayloadUrl = "pallas/error-detail";

}  // namespace

absl::Status WithDetail(absl::Status status, const ErrorDetail& detail) {
  // Four fields separated by a byte that no name holds.
  const Location location = detail.location.value_or(Location{});
  status.SetPayload(kPayloadUrl,
                    absl::Cord(absl::StrCat(detail.name, "\x1f", location.line, "\x1f",
                                            location.column, "\x1f", detail.source_code)));
  return status;
}

std::optional<ErrorDetail> GetDetail(const absl::Status& status) {
  const std::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload) {
    return std::nullopt;
  }
  const std::vector<std::string> fields = absl::StrSplit(std::string(*payload), '\x1f');
  if (fields.size() != 4) {
    return std::nullopt;
  }
  ErrorDetail detail{.name = fields[0], .location = std::nullopt, .source_code = fields[3]};
  Location location;
  if (absl::SimpleAtoi(fields[1], &location.line) &&
      absl::SimpleAtoi(fields[2], &location.column) && location.line > 0) {
    detail.location = location;
  }
  return detail;
}

absl::Status NamedError(std::string_view name, std::string_view message, absl::StatusCode code) {
  return WithDetail(absl::Status(code, message),
                    {.name = std::string(name), .location = std::nullopt, .source_code = ""});
}

absl::Status ErrorAt(Location location, std::string_view name, std::string_view message,
                     absl::StatusCode code) {
  return WithDetail(
      absl::Status(code, absl::StrCat("line ", location.line, ":", location.column, ": ", message)),
      {.name = std::string(name), .location = location, .source_code = ""});
}

std::string ErrorName(const absl::Status& status) {
  if (auto detail = GetDetail(status); detail && !detail->name.empty()) {
    return detail->name;
  }
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return "USER_CANCELED";
    case absl::StatusCode::kDeadlineExceeded:
      return "EXCEEDED_TIME_LIMIT";
    case absl::StatusCode::kInvalidArgument:
      return "GENERIC_USER_ERROR";
    case absl::StatusCode::kNotFound:
      return "NOT_FOUND";
    case absl::StatusCode::kAlreadyExists:
      return "ALREADY_EXISTS";
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return "PERMISSION_DENIED";
    case absl::StatusCode::kUnimplemented:
      return "NOT_SUPPORTED";
    case absl::StatusCode::kOutOfRange:
      return "NUMERIC_VALUE_OUT_OF_RANGE";
    case absl::StatusCode::kResourceExhausted:
      return "GENERIC_INSUFFICIENT_RESOURCES";
    case absl::StatusCode::kUnavailable:
      return "GENERIC_EXTERNAL";
    default:
      return "GENERIC_INTERNAL_ERROR";
  }
}

absl::Status Annotate(const absl::Status& status, std::string_view prefix) {
  absl::Status annotated(status.code(), absl::StrCat(prefix, status.message()));
  status.ForEachPayload(
      [&](std::string_view url, const absl::Cord& payload) { annotated.SetPayload(url, payload); });
  return annotated;
}

}  // namespace pallas
