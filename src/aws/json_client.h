#ifndef PALLAS_AWS_JSON_CLIENT_H_
#define PALLAS_AWS_JSON_CLIENT_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "aws/credentials.h"
#include "aws/signed_client.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace pallas::aws {

struct JsonClientOptions {
  std::string service;        // its signing name: "dynamodb"
  std::string region;         // "us-east-1"
  std::string endpoint;       // "http://127.0.0.1:8000"; empty: AWS' own (ServiceEndpoint)
  std::string target_prefix;  // "DynamoDB_20120810"
  std::string json_version = "1.0";
  RetryOptions retry;
};

// Calls operations of a service that speaks AWS JSON. Thread-safe; each call has a connection of
// its own. How many run at once is the caller's limiter's business.
class JsonClient {
 public:
  // `http` and `clock` outlive the client. INVALID_ARGUMENT for an endpoint that is no URL.
  static absl::StatusOr<std::unique_ptr<JsonClient>> Make(
      JsonClientOptions options, net::HttpClient& http,
      std::shared_ptr<CredentialsProvider> credentials, Clock& clock);

  // The bytes of the answer to `operation` ("Query") with the JSON `body`. An error of the service
  // is a status with an AwsError (error.h) that names service and operation; UNAVAILABLE or
  // DEADLINE_EXCEEDED without one say that the service could not be reached.
  absl::StatusOr<std::string> Call(std::string_view operation, std::string body,
                                   const CallOptions& call);

  // Where requests go: scheme, host and port.
  const std::string& endpoint() const { return endpoint_; }

 private:
  JsonClient(JsonClientOptions options, std::string endpoint, net::HttpClient& http,
             std::shared_ptr<CredentialsProvider> credentials, Clock& clock);

  const std::string endpoint_;
  const std::string target_prefix_;
  const std::string content_type_;
  SignedClient client_;
};

// `https://dynamodb.us-east-1.amazonaws.com`, and its like in AWS' other partitions.
std::string ServiceEndpoint(std::string_view service, std::string_view region);

}  // namespace pallas::aws

#endif  // PALLAS_AWS_JSON_CLIENT_H_
