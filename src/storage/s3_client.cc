#include "storage/s3_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "aws/error.h"
#include "aws/json_client.h"
#include "aws/uri.h"
#include "base/status_macros.h"

namespace pallas::storage {
namespace {

// A name that TLS certificates for *.s3.<region>.amazonaws.com cover.
bool CanBeHost(std::string_view bucket) {
  return std::all_of(bucket.begin(), bucket.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  });
}

}  // namespace

S3Client::S3Client(std::string bucket, S3Options options, net::HttpClient& http,
                   std::shared_ptr<aws::CredentialsProvider> credentials, Clock& clock)
    : bucket_(std::move(bucket)),
      options_(std::move(options)),
      http_(http),
      credentials_(std::move(credentials)),
      clock_(clock),
      home_(HomeIn(options_.region)) {}

absl::StatusOr<net::HttpResponse> S3Client::Send(S3Request request, const aws::CallOptions& call) {
  const std::string what = absl::StrCat("s3 ", request.operation, " ", UriOf(request.key));
  net::HttpRequest http;
  http.method = request.method;
  http.headers = request.headers;
  http.body = std::move(request.body);
  http.on_body = std::move(request.on_body);
  const std::shared_ptr<Home> first = home();
  http.url = UrlOf(*first, request);
  // A redirect may need the request once more.
  absl::StatusOr<net::HttpResponse> response = first->client.Send(http, what, call);
  if (response.ok() || !Follow(response.status(), *first)) {
    return response;
  }
  const std::shared_ptr<Home> second = home();
  http.url = UrlOf(*second, request);
  return second->client.Send(std::move(http), what, call);
}

std::string S3Client::UriOf(std::string_view key) const {
  return absl::StrCat("s3://", bucket_, "/", key);
}

std::shared_ptr<S3Client::Home> S3Client::HomeIn(const std::string& region) const {
  const bool own = !options_.endpoint.empty();
  const std::string endpoint = own ? options_.endpoint : aws::ServiceEndpoint("s3", region);
  std::string url(absl::StripSuffix(endpoint, "/"));
  if (options_.path_style.value_or(own) || !CanBeHost(bucket_)) {
    absl::StrAppend(&url, "/", aws::EncodeUriPart(bucket_));
  } else {
    url.insert(url.find("://") + 3, bucket_ + ".");
  }
  return std::make_shared<Home>(std::move(url),
                                aws::SigningScope{.service = "s3", .region = region}, http_,
                                credentials_, clock_, options_.retry);
}

std::shared_ptr<S3Client::Home> S3Client::home() const {
  const std::lock_guard lock(mutex_);
  return home_;
}

bool S3Client::Follow(const absl::Status& error, const Home& tried) {
  const std::optional<aws::AwsError> refusal = aws::GetAwsError(error);
  // A redirect, or the refusal of a signature that is for another region.
  if (!refusal || refusal->region.empty() || refusal->region == tried.client.scope().region ||
      (refusal->http_status / 100 != 3 && refusal->http_status != 400)) {
    return false;
  }
  std::shared_ptr<Home> home = HomeIn(refusal->region);
  const std::lock_guard lock(mutex_);
  home_ = std::move(home);
  return true;
}

std::string S3Client::UrlOf(const Home& home, const S3Request& request) const {
  std::string url = absl::StrCat(home.url, "/", aws::EncodeUriPath(request.key));
  std::string_view separator = "?";
  for (const auto& [name, value] : request.query) {
    absl::StrAppend(&url, separator, aws::EncodeUriPart(name), "=", aws::EncodeUriPart(value));
    separator = "&";
  }
  return url;
}

}  // namespace pallas::storage
