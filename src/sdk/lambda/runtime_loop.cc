#include "sdk/lambda/runtime_loop.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "base/status_macros.h"
#include "sdk/protocol/error_json.h"

namespace pallas::sdk {
namespace {

// What Java's runtime says of an exception that a handler let out.
constexpr char kUserException[] = "Runtime.UserException";
constexpr char kInitError[] = "Runtime.InitError";
constexpr int kHttpErrors = 400;

std::string RuntimeUrl(const std::string& host, std::string_view path) {
  return absl::StrCat("http://", host, "/2018-06-01/runtime/", path);
}

net::HttpRequest ErrorPost(std::string url, std::string_view type, std::string envelope) {
  net::HttpRequest post;
  post.method = "POST";
  post.url = std::move(url);
  post.headers = {{"Content-Type", "application/json"},
                  {"Lambda-Runtime-Function-Error-Type", std::string(type)}};
  post.body = std::move(envelope);
  return post;
}

absl::Status Serve(
    const std::string& host, net::HttpClient& http, const RequestContext& base,
    const std::function<protocol::Invocation(const RequestContext&, std::string_view)>& function,
    const Cancellation& stop) {
  net::HttpRequest next;
  next.url = RuntimeUrl(host, "invocation/next");
  ASSIGN_OR_RETURN(const net::HttpResponse invocation,
                   http.Send(next, stop, absl::InfiniteFuture()));
  const std::optional<std::string> id = invocation.Header("Lambda-Runtime-Aws-Request-Id");
  if (invocation.status >= kHttpErrors || !id) {
    return absl::UnavailableError(
        absl::StrCat("the Lambda Runtime API answers with status ", invocation.status));
  }
  RequestContext context = base;
  int64_t deadline = 0;
  if (absl::SimpleAtoi(invocation.Header("Lambda-Runtime-Deadline-Ms").value_or(""), &deadline)) {
    context.deadline = absl::FromUnixMillis(deadline);
  }
  protocol::Invocation answer = function(context, invocation.body);
  const std::string url = RuntimeUrl(
      host, absl::StrCat("invocation/", *id, "/", answer.is_error ? "error" : "response"));
  net::HttpRequest post = ErrorPost(url, kUserException, std::move(answer.body));
  if (!answer.is_error) {
    post.headers.pop_back();
  }
  // A refusal (the answer is too large, the time is over) is the caller's to hear, from Lambda.
  return http.Send(post, stop, absl::InfiniteFuture()).status();
}

}  // namespace

absl::Status RunLambdaRuntime(
    const std::string& host, net::HttpClient& http, const RequestContext& base,
    const std::function<protocol::Invocation(const RequestContext&, std::string_view)>& function,
    const Cancellation& stop) {
  while (true) {
    RETURN_IF_ERROR(stop.status());
    RETURN_IF_ERROR(Serve(host, http, base, function, stop));
  }
}

void ReportLambdaInitError(const std::string& host, net::HttpClient& http,
                           const absl::Status& error) {
  const net::HttpRequest post =
      ErrorPost(RuntimeUrl(host, "init/error"), kInitError,
                protocol::EncodeLambdaError(protocol::ToLambdaError(error)));
  // Lambda ends the process in any case.
  http.Send(post, Cancellation(), absl::InfiniteFuture()).status().IgnoreError();
}

}  // namespace pallas::sdk
