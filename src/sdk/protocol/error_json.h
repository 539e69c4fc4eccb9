#ifndef PALLAS_SDK_PROTOCOL_ERROR_JSON_H_
#define PALLAS_SDK_PROTOCOL_ERROR_JSON_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Errors as the Lambda runtime carries them (sections 2.2 and 17): only the class of an exception
// and its message survive. Pure functions, any thread.

namespace pallas::sdk::protocol {

inline constexpr char kConnectorException[] =
    "com.amazonaws.athena.connector.lambda.exceptions.AthenaConnectorException";
// Asks the caller to lower its concurrency.
inline constexpr char kThrottleException[] =
    "com.amazonaws.athena.connector.lambda.exceptions.FederationThrottleException";

struct LambdaError {
  std::string message;  // empty: it had none
  std::string type;     // empty: it had none
  std::vector<std::string> stack_trace;
  // Ours: the canonical code ("NOT_FOUND"), which a class name does not say. Other readers skip the
  // field.
  std::string code = {};

  bool operator==(const LambdaError&) const = default;
};

// The envelope in the body of a failed invocation: every field may be missing, unknown ones are
// skipped. INVALID_ARGUMENT: the body is not a JSON object.
absl::StatusOr<LambdaError> DecodeLambdaError(std::string_view json);

// The envelope, if a body that claims success is one: an emulator may leave out the header that
// says so.
std::optional<LambdaError> FindLambdaError(std::string_view json);

std::string EncodeLambdaError(const LambdaError& error);

// `status` as a connector reports it. REQUIRES: !status.ok().
LambdaError ToLambdaError(const absl::Status& status);

// What a caller can do about `error`: its own code, or RESOURCE_EXHAUSTED for all that section 17.3
// counts as congestion, DEADLINE_EXCEEDED, UNAVAILABLE (the process died), PERMISSION_DENIED,
// NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION (the response was too large), otherwise UNKNOWN.
// The message is the connector's.
absl::Status ToStatus(const LambdaError& error);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_ERROR_JSON_H_
