#include "federation/lambda_client.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "aws/error.h"
#include "aws/json_client.h"
#include "aws/uri.h"
#include "base/status_macros.h"

namespace pallas::federation {

absl::StatusOr<std::unique_ptr<LambdaClient>> LambdaClient::Make(
    LambdaClientOptions options, net::HttpClient& http,
    std::shared_ptr<aws::CredentialsProvider> credentials, Clock& clock) {
  if (options.region.empty()) {
    return absl::InvalidArgumentError("lambda: a region is needed, for example us-east-1");
  }
  std::string endpoint =
      options.endpoint.empty() ? aws::ServiceEndpoint("lambda", options.region) : options.endpoint;
  endpoint = absl::StripSuffix(endpoint, "/");
  if (!absl::StartsWith(endpoint, "http://") && !absl::StartsWith(endpoint, "https://")) {
    return absl::InvalidArgumentError(absl::StrCat("lambda: the endpoint '", endpoint,
                                                   "' is not http://host:port or https://host"));
  }
  return std::unique_ptr<LambdaClient>(new LambdaClient(std::move(options), std::move(endpoint),
                                                        http, std::move(credentials), clock));
}

LambdaClient::LambdaClient(LambdaClientOptions options, std::string endpoint, net::HttpClient& http,
                           std::shared_ptr<aws::CredentialsProvider> credentials, Clock& clock)
    : endpoint_(std::move(endpoint)),
      client_(aws::SigningScope{"lambda", std::move(options.region)}, http, std::move(credentials),
              clock, aws::ReadJsonError, options.retry) {}

absl::StatusOr<sdk::protocol::Invocation> LambdaClient::Invoke(const sdk::RequestContext& context,
                                                               const std::string& function,
                                                               const std::string& payload) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = absl::StrCat(endpoint_, "/2015-03-31/functions/", aws::EncodeUriPart(function),
                             "/invocations");
  request.headers = {{"Content-Type", "application/json"},
                     {"X-Amz-Invocation-Type", "RequestResponse"}};
  request.body = payload;
  aws::CallOptions call;
  call.cancellation = context.cancellation;
  call.deadline = context.deadline;
  call.safe_to_repeat = false;
  ASSIGN_OR_RETURN(
      net::HttpResponse response,
      client_.Send(std::move(request), absl::StrCat("lambda Invoke ", function), call));
  // Lambda says 200 to errors of functions as well.
  const bool is_error = response.Header("X-Amz-Function-Error").has_value();
  return sdk::protocol::Invocation{std::move(response.body), is_error};
}

}  // namespace pallas::federation
