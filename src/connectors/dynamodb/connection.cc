#include "connectors/dynamodb/connection.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "aws/assume_role.h"
#include "aws/error.h"
#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/runtime/limiter.h"

namespace pallas::dynamodb {
namespace {

constexpr char kService[] = "dynamodb";
constexpr char kTargetPrefix[] = "DynamoDB_20120810";
// An answer of BatchGetItem has up to 16 MiB of items; as JSON they may be several times as long.
constexpr size_t kMaxAnswerBytes = size_t{128} * kMiB;
// Of one request whose server failed or could not be reached.
constexpr int kMaxAttempts = 3;
// Of a query without a deadline.
constexpr absl::Duration kThrottlingPatience = absl::Minutes(15);

// What the user can do about an error of the service.
std::string_view Advice(const aws::AwsError& error) {
  const std::string& type = error.type;
  if (type == "UnrecognizedClientException" || type == "InvalidClientTokenId") {
    return "the access key is not known there; check access_key (or profile), region and endpoint";
  }
  if (type == "InvalidSignatureException" || type == "SignatureDoesNotMatch" ||
      type == "IncompleteSignatureException") {
    return "the secret key does not belong to the access key; check secret_key";
  }
  if (aws::IsExpired(error)) {
    return "the credentials have expired; get new ones, or use a profile or role that renews them";
  }
  if (type == "MissingAuthenticationTokenException") {
    return "the request came without credentials; set access_key and secret_key, or a profile";
  }
  if (error.http_status == 403 || absl::StartsWith(type, "AccessDenied")) {
    return "allow it in the policy of the credentials (DescribeTable, ListTables, Scan, Query and "
           "BatchGetItem are needed)";
  }
  if (aws::IsThrottling(error)) {
    return "the table has not enough read capacity; lower limits.max_concurrency of the catalog, "
           "or "
           "raise the capacity";
  }
  return "";
}

absl::StatusCode CodeOf(const aws::AwsError& error, const absl::Status& status) {
  if (error.type == "ResourceNotFoundException") {
    return absl::StatusCode::kNotFound;
  }
  return status.code();
}

std::string_view SourceCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kNotFound:
      return "ENTITY_NOT_FOUND";
    case absl::StatusCode::kPermissionDenied:
      return "ACCESS_DENIED";
    case absl::StatusCode::kUnauthenticated:
      return "INVALID_CREDENTIALS";
    case absl::StatusCode::kResourceExhausted:
      return "THROTTLING";
    case absl::StatusCode::kDeadlineExceeded:
      return "OPERATION_TIMEOUT";
    case absl::StatusCode::kInvalidArgument:
      return "INVALID_INPUT";
    default:
      return "INTERNAL_SERVICE";
  }
}

}  // namespace

absl::StatusOr<std::string> Connection::Call(const sdk::RequestContext& context,
                                             std::string_view operation, std::string body,
                                             std::string_view subject) {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(aws::JsonClient* const client, Client());
  aws::CallOptions call;
  call.cancellation = context.cancellation;
  call.deadline = context.deadline;
  if (context.limiter != nullptr) {
    call.on_throttled = [limiter = context.limiter] { limiter->OnThrottled(); };
  }
  absl::StatusOr<std::string> answer = client->Call(operation, std::move(body), call);
  if (answer.ok()) {
    return answer;
  }
  // Whoever waits no longer is not told about the service.
  RETURN_IF_ERROR(context.Check());
  return Explain(answer.status(), operation, subject);
}

absl::StatusOr<aws::JsonClient*> Connection::Client() {
  const std::lock_guard lock(mutex_);
  if (client_ != nullptr) {
    return client_.get();
  }
  net::HttpClientOptions http;
  http.connect_timeout = options_.connect_timeout;
  http.idle_timeout = options_.read_timeout;
  http.max_body_bytes = kMaxAnswerBytes;
  http.tls.ca_file = options_.ca_file;
  ASSIGN_OR_RETURN(http_, net::HttpClient::Make(std::move(http)));
  ASSIGN_OR_RETURN(auto credentials, Credentials());
  aws::JsonClientOptions client;
  client.service = kService;
  client.region = options_.region;
  client.endpoint = options_.endpoint;
  client.target_prefix = kTargetPrefix;
  client.retry.max_attempts = kMaxAttempts;
  client.retry.throttling_patience = kThrottlingPatience;
  client.retry.first_delay = options_.throttle_initial_delay;
  client.retry.max_delay = options_.throttle_max_delay;
  ASSIGN_OR_RETURN(
      client_, aws::JsonClient::Make(std::move(client), *http_, std::move(credentials), clock_));
  return client_.get();
}

absl::StatusOr<std::shared_ptr<aws::CredentialsProvider>> Connection::Credentials() const {
  std::shared_ptr<aws::CredentialsProvider> credentials;
  if (!options_.access_key.empty()) {
    aws::Credentials keys;
    ASSIGN_OR_RETURN(keys.access_key_id, sdk::ResolveSecrets(options_.access_key, secrets_));
    ASSIGN_OR_RETURN(keys.secret_access_key, sdk::ResolveSecrets(options_.secret_key, secrets_));
    ASSIGN_OR_RETURN(keys.session_token, sdk::ResolveSecrets(options_.session_token, secrets_));
    credentials = aws::StaticCredentials(std::move(keys));
  } else if (!options_.profile.empty()) {
    credentials = aws::ProfileCredentials(options_.profile);
  } else {
    credentials = aws::DefaultCredentials();
  }
  if (!options_.role_arn.empty()) {
    aws::AssumeRoleOptions role;
    role.role_arn = options_.role_arn;
    role.region = options_.region;
    credentials =
        aws::AssumeRoleCredentials(std::move(role), std::move(credentials), *http_, clock_);
  }
  return aws::CachedCredentials(std::move(credentials), clock_);
}

absl::Status Connection::Explain(const absl::Status& status, std::string_view operation,
                                 std::string_view subject) const {
  const std::optional<aws::AwsError> error = aws::GetAwsError(status);
  const absl::StatusCode code = error ? CodeOf(*error, status) : status.code();
  std::string message = absl::StrCat("DynamoDB ", operation,
                                     subject.empty() ? "" : absl::StrCat(" of table ", subject));
  if (error) {
    absl::StrAppend(&message, ": ", error->type, ": ", error->message);
    if (const std::string_view advice = Advice(*error); !advice.empty()) {
      absl::StrAppend(&message, " (", advice, ")");
    }
    if (!error->request_id.empty()) {
      absl::StrAppend(&message, " (request ", error->request_id, ")");
    }
  } else {
    absl::StrAppend(&message, ": ", status.message());
    if (code == absl::StatusCode::kUnavailable) {
      absl::StrAppend(&message, " (check region '", options_.region, "'",
                      options_.endpoint.empty() ? "" : " and endpoint", " of the catalog)");
    }
  }
  ErrorDetail detail;
  detail.source_code = SourceCode(code);
  return WithDetail(absl::Status(code, message), detail);
}

}  // namespace pallas::dynamodb
