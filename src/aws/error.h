#ifndef PALLAS_AWS_ERROR_H_
#define PALLAS_AWS_ERROR_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "net/http_client.h"

namespace pallas::aws {

// An answer that says no. Travels as a payload of an absl::Status, whose message is complete
// without it.
struct AwsError {
  std::string type;  // "ResourceNotFoundException", without a namespace; "HTTP 502" if not given
  std::string message;
  std::string request_id;
  int http_status = 0;
  std::string region;  // where S3 says the bucket is; mostly empty

  bool operator==(const AwsError&) const = default;
};

// Reads the error of an AWS JSON answer (`__type`, `message`) or of S3's and STS' XML.
AwsError ReadJsonError(const net::HttpResponse& response, std::string_view body);
AwsError ReadXmlError(const net::HttpResponse& response, std::string_view body);

// The status of the nearest code: credentials that are wrong or expired UNAUTHENTICATED, a denied
// action PERMISSION_DENIED, what is not there NOT_FOUND, throttling RESOURCE_EXHAUSTED, a failed
// server UNAVAILABLE, what the request has wrong INVALID_ARGUMENT. `what` says who was asked for
// what: "dynamodb Query".
absl::Status ToStatus(const AwsError& error, std::string_view what);

std::optional<AwsError> GetAwsError(const absl::Status& status);

// Whether the service asked to be asked less often.
bool IsThrottling(const AwsError& error);
bool IsThrottling(const absl::Status& status);

// Whether the credentials were refused because they are past their time.
bool IsExpired(const AwsError& error);

// Whether the signature's time is too far from the server's.
bool IsSkewed(const AwsError& error);

}  // namespace pallas::aws

#endif  // PALLAS_AWS_ERROR_H_
