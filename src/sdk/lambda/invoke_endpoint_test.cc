#include "sdk/lambda/invoke_endpoint.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_client.h"

namespace pallas::sdk {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(30);

class InvokeEndpointTest : public testing::Test {
 protected:
  void Serve(std::map<std::string, LambdaFunction> functions) {
    endpoint_ = std::make_unique<InvokeEndpoint>(options_, RequestContext(), std::move(functions));
    absl::StatusOr<std::unique_ptr<net::HttpServer>> server = net::HttpServer::Start(
        {}, [this](net::HttpExchange& exchange) { endpoint_->Handle(exchange); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  net::HttpResponse Post(const std::string& path, const std::string& body,
                         net::HttpHeaders headers = {}, const std::string& method = "POST") {
    net::HttpRequest request;
    request.method = method;
    request.url = absl::StrCat("http://127.0.0.1:", server_->port(), path);
    request.headers = std::move(headers);
    request.body = body;
    absl::StatusOr<std::unique_ptr<net::HttpClient>> client = net::HttpClient::Make({});
    absl::StatusOr<net::HttpResponse> response =
        (*client)->Send(request, Cancellation(), absl::Now() + kPatience);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(net::HttpResponse());
  }

  net::HttpResponse Invoke(const std::string& function, const std::string& body,
                           net::HttpHeaders headers = {}) {
    return Post(absl::StrCat("/2015-03-31/functions/", function, "/invocations"), body,
                std::move(headers));
  }

  static LambdaFunction Echo() {
    LambdaFunction function;
    function.invoke = [](const RequestContext&, std::string_view request) {
      return protocol::Invocation{absl::StrCat("got ", request), false};
    };
    return function;
  }

  InvokeEndpointOptions options_;
  std::unique_ptr<InvokeEndpoint> endpoint_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(InvokeEndpointTest, AFunctionIsInvokedByItsNameOrArn) {
  Serve({{"f", Echo()}});
  for (const char* name :
       {"f", "f:$LATEST", "f%3A%24LATEST", "000000000000:function:f",
        "arn:aws:lambda:us-east-1:000000000000:function:f",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af%3A%24LATEST"}) {
    const net::HttpResponse response = Invoke(name, "{}");
    EXPECT_EQ(response.status, 200) << name;
    EXPECT_EQ(response.body, "got {}") << name;
    EXPECT_EQ(response.Header("X-Amz-Function-Error"), std::nullopt);
    EXPECT_EQ(response.Header("X-Amz-Executed-Version"), "$LATEST");
  }
}

TEST_F(InvokeEndpointTest, AnErrorOfTheFunctionIsASuccessWithAHeader) {
  LambdaFunction function;
  function.invoke = [](const RequestContext&, std::string_view) {
    return protocol::Invocation{R"({"errorMessage":"no"})", true};
  };
  Serve({{"f", function}});
  const net::HttpResponse response = Invoke("f", "{}");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("X-Amz-Function-Error"), "Unhandled");
  EXPECT_EQ(response.body, R"({"errorMessage":"no"})");
}

TEST_F(InvokeEndpointTest, WhatIsNotThereIsLambdasError) {
  Serve({{"f", Echo()}});
  const net::HttpResponse missing = Invoke("g", "{}");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.Header("x-amzn-ErrorType"), "ResourceNotFoundException");
  EXPECT_EQ(missing.body, R"({"Type":"User","Message":"Function not found: )"
                          R"(arn:aws:lambda:us-east-1:000000000000:function:g"})");
  EXPECT_EQ(Invoke("f:7", "{}").status, 404);
  EXPECT_EQ(Post("/2015-03-31/functions/f", "{}").status, 404);
  EXPECT_EQ(Post("/other", "{}").status, 404);
  EXPECT_EQ(Post("/2015-03-31/functions/f/invocations", "", {}, "GET").status, 405);
}

TEST_F(InvokeEndpointTest, OnlySynchronousInvocationsRun) {
  Serve({{"f", Echo()}});
  EXPECT_EQ(Invoke("f", "{}", {{"X-Amz-Invocation-Type", "RequestResponse"}}).status, 200);
  EXPECT_EQ(Invoke("f", "{}", {{"X-Amz-Invocation-Type", "DryRun"}}).status, 204);
  const net::HttpResponse event = Invoke("f", "{}", {{"X-Amz-Invocation-Type", "Event"}});
  EXPECT_EQ(event.status, 400);
  EXPECT_THAT(event.body, HasSubstr("Invocation type Event is not supported"));
}

TEST_F(InvokeEndpointTest, LimitsAreLambdas) {
  options_.max_request_bytes = 10;
  options_.max_response_bytes = 12;
  Serve({{"f", Echo()}});
  EXPECT_EQ(Invoke("f", "12345678").body, "got 12345678");
  const net::HttpResponse large_answer = Invoke("f", "123456789");
  EXPECT_EQ(large_answer.Header("X-Amz-Function-Error"), "Unhandled");
  EXPECT_THAT(large_answer.body, HasSubstr("Function.ResponseSizeTooLarge"));
  const net::HttpResponse large_request = Invoke("f", "12345678901");
  EXPECT_EQ(large_request.status, 413);
  EXPECT_EQ(large_request.Header("x-amzn-ErrorType"), "RequestTooLargeException");
}

TEST_F(InvokeEndpointTest, MoreInvocationsThanAllowedAreThrottled) {
  std::atomic<bool> go_on = false;
  std::atomic<int> running = 0;
  LambdaFunction function;
  function.max_concurrency = 2;
  function.invoke = [&](const RequestContext&, std::string_view) {
    running += 1;
    while (!go_on) {
      std::this_thread::yield();
    }
    return protocol::Invocation{"done", false};
  };
  Serve({{"f", function}});
  std::thread first([this] { EXPECT_EQ(Invoke("f", "{}").body, "done"); });
  std::thread second([this] { EXPECT_EQ(Invoke("f", "{}").body, "done"); });
  while (running < 2) {
    std::this_thread::yield();
  }
  const net::HttpResponse refused = Invoke("f", "{}");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("x-amzn-ErrorType"), "TooManyRequestsException");
  go_on = true;
  first.join();
  second.join();
  EXPECT_EQ(Invoke("f", "{}").body, "done");
}

TEST_F(InvokeEndpointTest, AFunctionHasItsTime) {
  LambdaFunction function;
  function.timeout = absl::Milliseconds(10);
  function.invoke = [](const RequestContext& context, std::string_view) {
    while (context.Check().ok()) {
      std::this_thread::yield();
    }
    return protocol::Invocation{R"({"errorMessage":"stopped"})", true};
  };
  Serve({{"f", function}});
  const net::HttpResponse response = Invoke("f", "{}");
  EXPECT_EQ(response.Header("X-Amz-Function-Error"), "Unhandled");
  EXPECT_THAT(response.body, HasSubstr("Task timed out after 0.01 seconds"));
  EXPECT_THAT(response.body, HasSubstr("Sandbox.Timedout"));
}

}  // namespace
}  // namespace pallas::sdk
