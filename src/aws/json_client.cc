#include "aws/json_client.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "base/status_macros.h"

namespace pallas::aws {

absl::StatusOr<std::unique_ptr<JsonClient>> JsonClient::Make(
    JsonClientOptions options, net::HttpClient& http,
    std::shared_ptr<CredentialsProvider> credentials, Clock& clock) {
  if (options.region.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.service, ": a region is needed, for example us-east-1"));
  }
  std::string endpoint = options.endpoint.empty() ? ServiceEndpoint(options.service, options.region)
                                                  : options.endpoint;
  endpoint = absl::StripSuffix(endpoint, "/");
  if (!absl::StartsWith(endpoint, "http://") && !absl::StartsWith(endpoint, "https://")) {
    return absl::InvalidArgumentError(absl::StrCat(options.service, ": the endpoint '", endpoint,
                                                   "' is not http://host:port or https://host"));
  }
  return std::unique_ptr<JsonClient>(
      new JsonClient(std::move(options), std::move(endpoint), http, std::move(credentials), clock));
}

JsonClient::JsonClient(JsonClientOptions options, std::string endpoint, net::HttpClient& http,
                       std::shared_ptr<CredentialsProvider> credentials, Clock& clock)
    : endpoint_(std::move(endpoint)),
      target_prefix_(std::move(options.target_prefix)),
      content_type_(absl::StrCat("application/x-amz-json-", options.json_version)),
      client_(SigningScope{std::move(options.service), std::move(options.region)}, http,
              std::move(credentials), clock, ReadJsonError, options.retry) {}

absl::StatusOr<std::string> JsonClient::Call(std::string_view operation, std::string body,
                                             const CallOptions& call) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = absl::StrCat(endpoint_, "/");
  request.headers = {{"Content-Type", content_type_},
                     {"X-Amz-Target", absl::StrCat(target_prefix_, ".", operation)}};
  request.body = std::move(body);
  ASSIGN_OR_RETURN(net::HttpResponse response,
                   client_.Send(std::move(request),
                                absl::StrCat(client_.scope().service, " ", operation), call));
  return std::move(response.body);
}

std::string ServiceEndpoint(std::string_view service, std::string_view region) {
  std::string_view domain = "amazonaws.com";
  if (absl::StartsWith(region, "cn-")) {
    domain = "amazonaws.com.cn";
  } else if (absl::StartsWith(region, "us-iso-")) {
    domain = "c2s.ic.gov";
  } else if (absl::StartsWith(region, "us-isob-")) {
    domain = "sc2s.sgov.gov";
  }
  return absl::StrCat("https://", service, ".", region, ".", domain);
}

}  // namespace pallas::aws
