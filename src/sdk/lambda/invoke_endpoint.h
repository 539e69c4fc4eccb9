#ifndef PALLAS_SDK_LAMBDA_INVOKE_ENDPOINT_H_
#define PALLAS_SDK_LAMBDA_INVOKE_ENDPOINT_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "net/http_server.h"
#include "sdk/function/connector_function.h"
#include "sdk/request_context.h"

namespace pallas::sdk {

// A function as the endpoint knows it. `invoke` is called on threads of the server, several at
// once.
struct LambdaFunction {
  std::function<protocol::Invocation(const RequestContext& context, std::string_view request)>
      invoke;
  int max_concurrency = 32;  // invocations at once; more are refused with status 429
  absl::Duration timeout = absl::Seconds(900);  // of one invocation, as Lambda's longest
};

struct InvokeEndpointOptions {
  std::string region = "us-east-1";  // of the functions' ARNs
  std::string account = "000000000000";
  // Lambda's limits of a synchronous invocation.
  size_t max_request_bytes = 6'291'456;
  size_t max_response_bytes = 6'291'556;
};

// Lambda's Invoke operation for functions of this process (protocol section 2.1):
// POST /2015-03-31/functions/<name or ARN>/invocations. Errors are Lambda's. A client that goes
// away cancels its invocation. Thread-safe.
class InvokeEndpoint {
 public:
  // `base` is what every invocation is given, but for its deadline and cancellation.
  InvokeEndpoint(InvokeEndpointOptions options, RequestContext base,
                 std::map<std::string, LambdaFunction> functions);

  // Whether a request is for this endpoint, by its target.
  static bool IsFor(std::string_view target);

  // Answers a request that IsFor() it.
  void Handle(net::HttpExchange& exchange);

  // "arn:aws:lambda:<region>:<account>:function:<name>"
  std::string ArnOf(std::string_view name) const;

 private:
  struct Entry {
    explicit Entry(LambdaFunction given) : function(std::move(given)) {}

    const LambdaFunction function;
    std::atomic<int> running = 0;
  };

  // The function of a name, partial or full ARN, each with or without the qualifier `$LATEST`.
  Entry* Find(std::string_view reference) const;
  void Invoke(net::HttpExchange& exchange, Entry& entry);
  void Run(net::HttpExchange& exchange, const LambdaFunction& function, const std::string& request);

  const InvokeEndpointOptions options_;
  const RequestContext base_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> functions_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_LAMBDA_INVOKE_ENDPOINT_H_
