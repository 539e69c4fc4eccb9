#include "aws/assume_role.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <pugixml.hpp>

#include "aws/json_client.h"
#include "aws/uri.h"
#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::aws {
namespace {

constexpr char kStsVersion[] = "2011-06-15";

class AssumedRole final : public CredentialsProvider {
 public:
  AssumedRole(AssumeRoleOptions options, std::shared_ptr<CredentialsProvider> source,
              net::HttpClient& http, Clock& clock)
      : options_(std::move(options)),
        client_({.service = "sts", .region = options_.region}, http, std::move(source), clock,
                ReadXmlError, options_.retry) {}

  absl::StatusOr<Credentials> Get(const Cancellation& cancellation, absl::Time deadline) override {
    net::HttpRequest request;
    request.method = "POST";
    const std::string endpoint =
        options_.endpoint.empty() ? ServiceEndpoint("sts", options_.region) : options_.endpoint;
    request.url = absl::StrCat(absl::StripSuffix(endpoint, "/"), "/");
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.body = Form();
    ASSIGN_OR_RETURN(
        const net::HttpResponse response,
        client_.Send(std::move(request), absl::StrCat("sts AssumeRole ", options_.role_arn),
                     {.cancellation = cancellation,
                      .deadline = deadline,
                      .safe_to_repeat = true,
                      .on_throttled = nullptr,
                      .before_retry = nullptr}));
    return Read(response.body);
  }

 private:
  std::string Form() const {
    return absl::StrCat("Action=AssumeRole&Version=", kStsVersion,
                        "&RoleArn=", EncodeUriPart(options_.role_arn),
                        "&RoleSessionName=", EncodeUriPart(options_.session_name),
                        "&DurationSeconds=", absl::ToInt64Seconds(options_.duration),
                        options_.external_id.empty()
                            ? ""
                            : absl::StrCat("&ExternalId=", EncodeUriPart(options_.external_id)));
  }

  absl::StatusOr<Credentials> Read(const std::string& body) const {
    pugi::xml_document document;
    document.load_buffer(body.data(), body.size());
    const pugi::xml_node node =
        document.document_element().child("AssumeRoleResult").child("Credentials");
    Credentials credentials;
    credentials.access_key_id = node.child("AccessKeyId").text().get();
    credentials.secret_access_key = node.child("SecretAccessKey").text().get();
    credentials.session_token = node.child("SessionToken").text().get();
    std::string error;
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
        !absl::ParseTime(absl::RFC3339_full, node.child("Expiration").text().get(),
                         &credentials.expiration, &error)) {
      return absl::UnavailableError(
          absl::StrCat("sts AssumeRole ", options_.role_arn,
                       ": the answer has no credentials that can be read"));
    }
    return credentials;
  }

  const AssumeRoleOptions options_;
  SignedClient client_;
};

}  // namespace

std::shared_ptr<CredentialsProvider> AssumeRoleCredentials(
    AssumeRoleOptions options, std::shared_ptr<CredentialsProvider> source, net::HttpClient& http,
    Clock& clock) {
  return CachedCredentials(
      std::make_shared<AssumedRole>(std::move(options), std::move(source), http, clock), clock,
      {.max_age = absl::InfiniteDuration()});
}

}  // namespace pallas::aws
