#include "aws/error.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include <pugixml.hpp>
#include <simdjson.h>

namespace pallas::aws {
namespace {

constexpr std::string_view kPayloadUrl = "pallas/aws-error";
constexpr char kSeparator = '\x1f';
constexpr size_t kMaxMessageBytes = 2000;

template <size_t N>
bool IsOneOf(std::string_view type, const std::array<std::string_view, N>& types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

constexpr std::array<std::string_view, 13> kThrottling = {
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "TransactionInProgressException",
};

constexpr std::array<std::string_view, 5> kExpired = {
    "ExpiredToken",   "ExpiredTokenException", "TokenRefreshRequired",
    "RequestExpired", "CredentialsExpired",
};

constexpr std::array<std::string_view, 9> kUnauthenticated = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "InvalidToken",
};

std::string HttpType(const net::HttpResponse& response) {
  return absl::StrCat("HTTP ", response.status);
}

std::string RequestId(const net::HttpResponse& response) {
  for (const std::string_view name : {"x-amzn-RequestId", "x-amz-request-id"}) {
    if (auto id = response.Header(name)) {
      return *std::move(id);
    }
  }
  return "";
}

// `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException:http://...` has the name in between.
std::string BareType(std::string_view type) {
  type = type.substr(0, type.find(':'));
  const size_t hash = type.rfind('#');
  return std::string(hash == std::string_view::npos ? type : type.substr(hash + 1));
}

absl::StatusCode CodeOf(const AwsError& error) {
  const std::string_view type = error.type;
  if (IsThrottling(error)) {
    return absl::StatusCode::kResourceExhausted;
  }
  if (IsExpired(error) || IsSkewed(error) || IsOneOf(type, kUnauthenticated) ||
      error.http_status == 401) {
    return absl::StatusCode::kUnauthenticated;
  }
  if (error.http_status >= 500) {
    return absl::StatusCode::kUnavailable;
  }
  if (absl::StartsWith(type, "AccessDenied") || type == "AllAccessDisabled" ||
      error.http_status == 403) {
    return absl::StatusCode::kPermissionDenied;
  }
  if (absl::StartsWith(type, "ResourceNotFound") || absl::StartsWith(type, "NoSuch") ||
      type == "EntityNotFoundException" || error.http_status == 404) {
    return absl::StatusCode::kNotFound;
  }
  if (error.http_status == 409) {
    return absl::StatusCode::kAborted;
  }
  if (error.http_status == 412) {
    return absl::StatusCode::kFailedPrecondition;
  }
  return absl::StatusCode::kInvalidArgument;
}

std::string_view Hint(const AwsError& error) {
  if (IsExpired(error)) {
    return "; the session's credentials have expired, get new ones";
  }
  if (IsSkewed(error)) {
    return "; the clock of this machine is wrong";
  }
  if (IsOneOf(error.type, kUnauthenticated)) {
    return "; the access key or its secret is wrong";
  }
  return "";
}

}  // namespace

AwsError ReadJsonError(const net::HttpResponse& response, std::string_view body) {
  AwsError error{.type = HttpType(response),
                 .message = "",
                 .request_id = RequestId(response),
                 .http_status = response.status,
                 .region = response.Header("x-amz-bucket-region").value_or("")};
  if (const auto type = response.Header("x-amzn-ErrorType")) {
    error.type = BareType(*type);
  }
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) {
    return error;
  }
  for (const auto& [key, value] : object) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      continue;
    }
    if (key == "__type" || key == "code") {
      error.type = BareType(text);
    } else if (absl::EqualsIgnoreCase(key, "message")) {
      error.message = text;
    }
  }
  return error;
}

AwsError ReadXmlError(const net::HttpResponse& response, std::string_view body) {
  AwsError error{.type = HttpType(response),
                 .message = "",
                 .request_id = RequestId(response),
                 .http_status = response.status,
                 .region = response.Header("x-amz-bucket-region").value_or("")};
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) {
    return error;
  }
  // S3: <Error>; STS: <ErrorResponse><Error>, in some of its answers with <Errors> in between.
  pugi::xml_node node = document.document_element();
  for (const char* const inner : {"Errors", "Error"}) {
    node = node.child(inner) ? node.child(inner) : node;
  }
  if (const pugi::xml_node code = node.child("Code"); !code.text().empty()) {
    error.type = code.text().get();
  }
  error.message = node.child("Message").text().get();
  if (error.region.empty()) {
    error.region = node.child("Region").text().get();
  }
  return error;
}

absl::Status ToStatus(const AwsError& error, std::string_view what) {
  const std::string_view message = std::string_view(error.message).substr(0, kMaxMessageBytes);
  absl::Status status(CodeOf(error),
                      absl::StrCat(what, ": ", error.type, message.empty() ? "" : ": ", message,
                                   Hint(error), error.request_id.empty() ? "" : " (request ",
                                   error.request_id, error.request_id.empty() ? "" : ")"));
  const std::string http_status = absl::StrCat(error.http_status);
  const std::initializer_list<std::string_view> fields = {error.type, error.request_id, http_status,
                                                          error.region, error.message};
  status.SetPayload(kPayloadUrl,
                    absl::Cord(absl::StrJoin(fields, std::string_view(&kSeparator, 1))));
  return status;
}

std::optional<AwsError> GetAwsError(const absl::Status& status) {
  const std::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload) {
    return std::nullopt;
  }
  const std::vector<std::string> fields =
      absl::StrSplit(std::string(*payload), absl::MaxSplits(kSeparator, 4));
  AwsError error;
  if (fields.size() != 5 || !absl::SimpleAtoi(fields[2], &error.http_status)) {
    return std::nullopt;
  }
  error.type = fields[0];
  error.request_id = fields[1];
  error.region = fields[3];
  error.message = fields[4];
  return error;
}

bool IsThrottling(const AwsError& error) {
  return error.http_status == 429 || IsOneOf(error.type, kThrottling) ||
         (error.http_status == 503 && error.type == "ServiceUnavailable");
}

bool IsThrottling(const absl::Status& status) {
  const std::optional<AwsError> error = GetAwsError(status);
  return error && IsThrottling(*error);
}

bool IsExpired(const AwsError& error) { return IsOneOf(error.type, kExpired); }

bool IsSkewed(const AwsError& error) {
  return error.type == "RequestTimeTooSkewed" || error.type == "RequestInTheFuture" ||
         (error.type == "InvalidSignatureException" &&
          (absl::StrContains(error.message, "Signature expired") ||
           absl::StrContains(error.message, "Signature not yet current")));
}

}  // namespace pallas::aws
