#include "sdk/protocol/error_json.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sdk/protocol/json_reader_internal.h"
#include "sdk/protocol/json_writer.h"

namespace pallas::sdk::protocol {
namespace {

using simdjson::dom::element;

// How the SDK's own invoker asks to slow down; its class says nothing of it.
constexpr char kSlowDown[] = "ThrottlingInvoker requesting slow down due to ";

struct Meaning {
  std::string_view part;  // of the error's type
  absl::StatusCode code;
};

constexpr Meaning kMeanings[] = {
    {"FederationThrottleException", absl::StatusCode::kResourceExhausted},
    {"Throttl", absl::StatusCode::kResourceExhausted},
    {"TooManyRequests", absl::StatusCode::kResourceExhausted},
    {"RequestLimitExceeded", absl::StatusCode::kResourceExhausted},
    {"ProvisionedThroughputExceeded", absl::StatusCode::kResourceExhausted},
    {"SlowDown", absl::StatusCode::kResourceExhausted},
    {"Sandbox.Timedout", absl::StatusCode::kDeadlineExceeded},
    {"OperationTimeoutException", absl::StatusCode::kDeadlineExceeded},
    {"Function.ResponseSizeTooLarge", absl::StatusCode::kFailedPrecondition},
    {"Runtime.ExitError", absl::StatusCode::kUnavailable},
    {"OutOfMemory", absl::StatusCode::kUnavailable},
    {"AccessDenied", absl::StatusCode::kPermissionDenied},
    {"InvalidCredentials", absl::StatusCode::kUnauthenticated},
    {"EntityNotFound", absl::StatusCode::kNotFound},
    {"ResourceNotFound", absl::StatusCode::kNotFound},
    {"InvalidInput", absl::StatusCode::kInvalidArgument},
    {"IllegalArgument", absl::StatusCode::kInvalidArgument},
    {"OperationNotSupported", absl::StatusCode::kUnimplemented},
    {"UnsupportedOperation", absl::StatusCode::kUnimplemented},
};

// The code of that name; none: it is no name of an error.
std::optional<absl::StatusCode> CodeNamed(std::string_view name) {
  for (int number = 1; number <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++number) {
    const auto code = static_cast<absl::StatusCode>(number);
    if (absl::StatusCodeToString(code) == name) {
      return code;
    }
  }
  return std::nullopt;
}

absl::StatusCode CodeOf(const LambdaError& error) {
  if (const std::optional<absl::StatusCode> code = CodeNamed(error.code)) {
    return *code;
  }
  if (absl::StartsWith(error.message, kSlowDown)) {
    return absl::StatusCode::kResourceExhausted;
  }
  const auto* const found = std::find_if(
      std::begin(kMeanings), std::end(kMeanings),
      [&](const Meaning& meaning) { return absl::StrContains(error.type, meaning.part); });
  if (found != std::end(kMeanings)) {
    return found->code;
  }
  if (absl::StrContains(error.message, "Task timed out after ")) {
    return absl::StatusCode::kDeadlineExceeded;
  }
  return absl::StatusCode::kUnknown;
}

std::string FieldOf(const element& object, std::string_view name) {
  std::string_view text;
  return object.at_key(name).get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

// Older runtimes wrap each frame in an array of its own.
void AddFrames(const element& value, std::vector<std::string>& frames) {
  simdjson::dom::array array;
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    frames.emplace_back(text);
  } else if (value.get(array) == simdjson::SUCCESS) {
    for (const element& item : array) {
      AddFrames(item, frames);
    }
  }
}

LambdaError ErrorOf(const element& document) {
  LambdaError error;
  error.message = FieldOf(document, "errorMessage");
  error.type = FieldOf(document, "errorType");
  error.code = FieldOf(document, "code");
  if (element frames; document.at_key("stackTrace").get(frames) == simdjson::SUCCESS) {
    AddFrames(frames, error.stack_trace);
  }
  return error;
}

}  // namespace

absl::StatusOr<LambdaError> DecodeLambdaError(std::string_view json) {
  simdjson::dom::parser parser;
  ASSIGN_OR_RETURN(const element document, ParseDocument(parser, json));
  if (!document.is_object()) {
    return absl::InvalidArgumentError("the error of the function is not a JSON object");
  }
  return ErrorOf(document);
}

std::optional<LambdaError> FindLambdaError(std::string_view json) {
  simdjson::dom::parser parser;
  const absl::StatusOr<element> document = ParseDocument(parser, json);
  element field;
  if (!document.ok() || document->at_key("@type").get(field) == simdjson::SUCCESS ||
      document->at_key("errorMessage").get(field) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return ErrorOf(*document);
}

std::string EncodeLambdaError(const LambdaError& error) {
  std::string text;
  JsonWriter out(&text);
  out.BeginObject();
  out.Field("errorMessage", error.message);
  out.Field("errorType", error.type);
  out.Field("stackTrace", error.stack_trace);
  if (!error.code.empty()) {
    out.Field("code", error.code);
  }
  out.EndObject();
  return text;
}

LambdaError ToLambdaError(const absl::Status& status) {
  LambdaError error;
  error.message = status.message();
  error.type = status.code() == absl::StatusCode::kResourceExhausted ? kThrottleException
                                                                     : kConnectorException;
  error.code = absl::StatusCodeToString(status.code());
  return error;
}

absl::Status ToStatus(const LambdaError& error) {
  const std::string_view type =
      error.type.empty() ? std::string_view("an error without a type") : error.type;
  return absl::Status(CodeOf(error), error.message.empty()
                                         ? absl::StrCat("the function failed with ", type)
                                         : absl::StrCat(error.message, " (", type, ")"));
}

}  // namespace pallas::sdk::protocol
