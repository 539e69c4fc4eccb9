#include "sdk/lambda/invoke_endpoint.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "aws/uri.h"
#include "sdk/protocol/error_json.h"
#include "sdk/protocol/json_writer.h"

namespace pallas::sdk {
namespace {

constexpr std::string_view kPrefix = "/2015-03-31/functions/";
constexpr std::string_view kSuffix = "/invocations";
constexpr std::string_view kLatest = "$LATEST";

constexpr int kOk = 200;
constexpr int kNoContent = 204;
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kTooLarge = 413;
constexpr int kTooManyRequests = 429;

// What the service itself says, rather than a function. A network that fails while it is said has
// no one left to be told.
void Refuse(net::HttpExchange& exchange, int status, std::string_view type,
            std::string_view message) {
  std::string body;
  protocol::JsonWriter writer(&body);
  writer.BeginObject();
  writer.Field("Type", "User");
  writer.Field("Message", message);
  writer.EndObject();
  exchange
      .Send(status, {{"Content-Type", "application/json"}, {"x-amzn-ErrorType", std::string(type)}},
            body)
      .IgnoreError();
}

void Answer(net::HttpExchange& exchange, const protocol::Invocation& answer) {
  net::HttpHeaders headers = {{"Content-Type", "application/json"},
                              {"X-Amz-Executed-Version", std::string(kLatest)}};
  if (answer.is_error) {
    headers.emplace_back("X-Amz-Function-Error", "Unhandled");
  }
  exchange.Send(kOk, std::move(headers), answer.body).IgnoreError();
}

protocol::Invocation ErrorAnswer(std::string type, std::string message) {
  return {protocol::EncodeLambdaError({std::move(message), std::move(type), {}}), true};
}

}  // namespace

InvokeEndpoint::InvokeEndpoint(InvokeEndpointOptions options, RequestContext base,
                               std::map<std::string, LambdaFunction> functions)
    : options_(std::move(options)), base_(std::move(base)) {
  for (auto& [name, function] : functions) {
    functions_.emplace(name, std::make_unique<Entry>(std::move(function)));
  }
}

bool InvokeEndpoint::IsFor(std::string_view target) { return absl::StartsWith(target, kPrefix); }

std::string InvokeEndpoint::ArnOf(std::string_view name) const {
  return absl::StrCat("arn:aws:lambda:", options_.region, ":", options_.account,
                      ":function:", name);
}

InvokeEndpoint::Entry* InvokeEndpoint::Find(std::string_view reference) const {
  // name[:version], account:function:name[:version], arn:aws:lambda:region:account:function:...
  constexpr std::string_view kFunction = "function:";
  if (const size_t at = reference.find(kFunction); at != std::string_view::npos) {
    reference.remove_prefix(at + kFunction.size());
  }
  const std::vector<std::string_view> parts = absl::StrSplit(reference, absl::MaxSplits(':', 1));
  if (parts.size() > 1 && parts[1] != kLatest) {
    return nullptr;
  }
  const auto found = functions_.find(parts[0]);
  return found == functions_.end() ? nullptr : found->second.get();
}

void InvokeEndpoint::Handle(net::HttpExchange& exchange) {
  const std::vector<std::string> target =
      absl::StrSplit(exchange.target(), absl::MaxSplits('?', 1));
  std::string_view path = target[0];
  if (!absl::ConsumePrefix(&path, kPrefix) || !absl::ConsumeSuffix(&path, kSuffix)) {
    Refuse(exchange, kNotFound, "ResourceNotFoundException",
           "Only functions/<name>/invocations is served here");
    return;
  }
  if (exchange.method() != "POST") {
    Refuse(exchange, kMethodNotAllowed, "InvalidRequestContentException",
           "A function is invoked by POST");
    return;
  }
  const std::string name = aws::DecodeUri(path);
  Entry* const entry = Find(name);
  if (entry == nullptr) {
    Refuse(
        exchange, kNotFound, "ResourceNotFoundException",
        absl::StrCat("Function not found: ", absl::StartsWith(name, "arn:") ? name : ArnOf(name)));
    return;
  }
  const std::string_view type =
      exchange.Header("X-Amz-Invocation-Type").value_or("RequestResponse");
  if (type == "DryRun") {
    exchange.Send(kNoContent, {}, "").IgnoreError();
  } else if (type != "RequestResponse") {
    Refuse(exchange, kBadRequest, "InvalidParameterValueException",
           absl::StrCat("Invocation type ", type, " is not supported; use RequestResponse"));
  } else {
    Invoke(exchange, *entry);
  }
}

void InvokeEndpoint::Invoke(net::HttpExchange& exchange, Entry& entry) {
  const absl::Cleanup done = [&entry] { entry.running -= 1; };
  if (entry.running.fetch_add(1) >= entry.function.max_concurrency) {
    Refuse(exchange, kTooManyRequests, "TooManyRequestsException", "Rate Exceeded.");
    return;
  }
  const absl::StatusOr<std::string> request = exchange.ReadAll(options_.max_request_bytes);
  if (request.ok()) {
    Run(exchange, entry.function, *request);
  } else if (absl::IsResourceExhausted(request.status())) {
    Refuse(exchange, kTooLarge, "RequestTooLargeException",
           absl::StrCat("Request must be smaller than ", options_.max_request_bytes,
                        " bytes for the InvokeFunction operation"));
  } else {
    Refuse(exchange, kBadRequest, "InvalidRequestContentException", request.status().message());
  }
}

void InvokeEndpoint::Run(net::HttpExchange& exchange, const LambdaFunction& function,
                         const std::string& request) {
  RequestContext context = base_;
  context.cancellation = exchange.cancellation();
  context.deadline = context.clock->Now() + function.timeout;
  protocol::Invocation answer = function.invoke(context, request);
  if (answer.is_error && context.clock->Now() >= context.deadline) {
    answer =
        ErrorAnswer("Sandbox.Timedout", absl::StrFormat("Task timed out after %.2f seconds",
                                                        absl::ToDoubleSeconds(function.timeout)));
  } else if (answer.body.size() > options_.max_response_bytes) {
    answer = ErrorAnswer("Function.ResponseSizeTooLarge",
                         absl::StrCat("Response payload size (", answer.body.size(),
                                      " bytes) exceeded maximum allowed payload size (",
                                      options_.max_response_bytes, " bytes)."));
  }
  Answer(exchange, answer);
}

}  // namespace pallas::sdk
