#include "aws/signature.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <aws/auth/credentials.h>
#include <aws/auth/signable.h>
#include <aws/auth/signing.h>
#include <aws/auth/signing_config.h>
#include <aws/auth/signing_result.h>
#include <aws/cal/hash.h>
#include <aws/http/request_response.h>

#include "aws/crt.h"
#include "base/status_macros.h"

namespace pallas::aws {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using CredentialsPtr = std::unique_ptr<aws_credentials, Freed<aws_credentials_release>>;
using MessagePtr = std::unique_ptr<aws_http_message, Freed<aws_http_message_release>>;
using SignablePtr = std::unique_ptr<aws_signable, Freed<aws_signable_destroy>>;

absl::Status CrtError() {
  return absl::InternalError(
      absl::StrCat("a request cannot be signed: ", aws_error_str(aws_last_error())));
}

struct UrlParts {
  std::string_view host;    // with the port unless it is the scheme's own
  std::string_view target;  // path and query
};

absl::StatusOr<UrlParts> SplitUrl(std::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) {
    return absl::InvalidArgumentError("the URL of a request to sign is malformed");
  }
  const std::string_view scheme = url.substr(0, scheme_end);
  const size_t host_start = scheme_end + 3;
  const size_t host_end = std::min(url.find_first_of("/?", host_start), url.size());
  UrlParts parts{url.substr(host_start, host_end - host_start), url.substr(host_end)};
  const std::string_view own_port = scheme == "https" ? ":443" : ":80";
  if (absl::EndsWith(parts.host, own_port)) {
    parts.host.remove_suffix(own_port.size());
  }
  return parts;
}

absl::StatusOr<std::string> Sha256Hex(std::string_view bytes) {
  std::array<char, AWS_SHA256_LEN> digest = {};
  aws_byte_buf output = aws_byte_buf_from_empty_array(digest.data(), digest.size());
  const aws_byte_cursor input = ToCursor(bytes);
  if (aws_sha256_compute(Crt(), &input, &output, 0) != AWS_OP_SUCCESS) {
    return CrtError();
  }
  return absl::BytesToHexString(std::string_view(digest.data(), digest.size()));
}

// What the runtime signs: method, target and headers, without the body.
absl::StatusOr<MessagePtr> ToMessage(const net::HttpRequest& request, std::string_view target) {
  MessagePtr message(aws_http_message_new_request(Crt()));
  const std::string path = absl::StrCat(target.starts_with('/') ? "" : "/", target);
  bool made = message != nullptr &&
              aws_http_message_set_request_method(message.get(), ToCursor(request.method)) ==
                  AWS_OP_SUCCESS &&
              aws_http_message_set_request_path(message.get(), ToCursor(path)) == AWS_OP_SUCCESS;
  for (const auto& [name, value] : request.headers) {
    const aws_http_header header = {.name = ToCursor(name),
                                    .value = ToCursor(value),
                                    .compression = AWS_HTTP_HEADER_COMPRESSION_USE_CACHE};
    made = made && aws_http_message_add_header(message.get(), header) == AWS_OP_SUCCESS;
  }
  if (!made) {
    return CrtError();
  }
  return message;
}

// With credentials at hand, the runtime answers before aws_sign_request_aws() returns.
struct Outcome {
  net::HttpHeaders headers;
  int error = AWS_ERROR_UNKNOWN;
};

void OnSigned(aws_signing_result* result, int error, void* user_data) {
  auto* outcome = static_cast<Outcome*>(user_data);
  outcome->error = error;
  aws_array_list* list = nullptr;
  if (result != nullptr) {
    aws_signing_result_get_property_list(result, g_aws_http_headers_property_list_name, &list);
  }
  const size_t count = list == nullptr ? 0 : aws_array_list_length(list);
  for (size_t i = 0; i < count; ++i) {
    aws_signing_result_property property = {};
    aws_array_list_get_at(list, &property, i);
    outcome->headers.emplace_back(aws_string_c_str(property.name),
                                  aws_string_c_str(property.value));
  }
}

aws_signing_config_aws MakeConfig(const SigningScope& scope, absl::Time now,
                                  const aws_credentials* credentials, std::string_view body_hash) {
  const bool is_s3 = scope.service == "s3";
  aws_signing_config_aws config = {};
  config.config_type = AWS_SIGNING_CONFIG_AWS;
  config.algorithm = AWS_SIGNING_ALGORITHM_V4;
  config.signature_type = AWS_ST_HTTP_REQUEST_HEADERS;
  config.region = ToCursor(scope.region);
  config.service = ToCursor(scope.service);
  aws_date_time_init_epoch_secs(&config.date, static_cast<double>(absl::ToUnixSeconds(now)));
  // The keys of S3 are signed as they are sent: `a//b` and `..` mean themselves.
  config.flags.use_double_uri_encode = is_s3 ? 0 : 1;
  config.flags.should_normalize_uri_path = is_s3 ? 0 : 1;
  config.signed_body_value = ToCursor(body_hash);
  config.signed_body_header = is_s3 ? AWS_SBHT_X_AMZ_CONTENT_SHA256 : AWS_SBHT_NONE;
  config.credentials = credentials;
  return config;
}

}  // namespace

absl::Status SignRequest(const SigningScope& scope, const Credentials& credentials, absl::Time now,
                         net::HttpRequest* request) {
  aws_allocator* crt = Crt();
  ASSIGN_OR_RETURN(const UrlParts url, SplitUrl(request->url));
  request->headers.emplace_back("Host", url.host);
  ASSIGN_OR_RETURN(const std::string body_hash, Sha256Hex(request->body));
  ASSIGN_OR_RETURN(const MessagePtr message, ToMessage(*request, url.target));
  const SignablePtr signable(aws_signable_new_http_request(crt, message.get()));
  const CredentialsPtr keys(aws_credentials_new(crt, ToCursor(credentials.access_key_id),
                                                ToCursor(credentials.secret_access_key),
                                                ToCursor(credentials.session_token), UINT64_MAX));
  if (signable == nullptr || keys == nullptr) {
    return CrtError();
  }
  const aws_signing_config_aws config = MakeConfig(scope, now, keys.get(), body_hash);
  Outcome outcome;
  if (aws_sign_request_aws(crt, signable.get(),
                           reinterpret_cast<const aws_signing_config_base*>(&config), OnSigned,
                           &outcome) != AWS_OP_SUCCESS) {
    return CrtError();
  }
  if (outcome.error != AWS_ERROR_SUCCESS) {
    return absl::InternalError(
        absl::StrCat("a request cannot be signed: ", aws_error_str(outcome.error)));
  }
  std::move(outcome.headers.begin(), outcome.headers.end(), std::back_inserter(request->headers));
  return absl::OkStatus();
}

}  // namespace pallas::aws
