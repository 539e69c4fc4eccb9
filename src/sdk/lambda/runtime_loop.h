#ifndef PALLAS_SDK_LAMBDA_RUNTIME_LOOP_H_
#define PALLAS_SDK_LAMBDA_RUNTIME_LOOP_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "net/http_client.h"
#include "sdk/function/connector_function.h"
#include "sdk/request_context.h"

namespace pallas::sdk {

// Serves one function inside AWS Lambda, as a custom runtime does (protocol section 2.4): takes
// invocations from the Runtime API at `host` ("127.0.0.1:9001", the variable
// AWS_LAMBDA_RUNTIME_API), one at a time, and returns their answers. `base` is what every
// invocation is given, but for its deadline. `http` must have no idle time-out: the next invocation
// may be hours away.
//
// Returns when `stop` is cancelled, with its reason, or when the Runtime API cannot be reached,
// after which Lambda ends the process. An invocation that fails does not end the loop.
absl::Status RunLambdaRuntime(
    const std::string& host, net::HttpClient& http, const RequestContext& base,
    const std::function<protocol::Invocation(const RequestContext&, std::string_view)>& function,
    const Cancellation& stop);

// Tells the Runtime API that the function could not start; `error` says why.
void ReportLambdaInitError(const std::string& host, net::HttpClient& http,
                           const absl::Status& error);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_LAMBDA_RUNTIME_LOOP_H_
