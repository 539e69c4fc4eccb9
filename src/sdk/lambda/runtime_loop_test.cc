#include "sdk/lambda/runtime_loop.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_server.h"

namespace pallas::sdk {
namespace {

using ::testing::ElementsAre;

// Lambda's Runtime API with two invocations, after which the loop is told to stop.
class RuntimeApi {
 public:
  explicit RuntimeApi(Cancellation stop) : stop_(std::move(stop)) {
    absl::StatusOr<std::unique_ptr<net::HttpServer>> server =
        net::HttpServer::Start({}, [this](net::HttpExchange& exchange) { Handle(exchange); });
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string host() const { return absl::StrCat("127.0.0.1:", server_->port()); }

  // What was posted: path, error type, body.
  std::vector<std::string> posts() {
    const std::lock_guard lock(mutex_);
    return posts_;
  }

 private:
  void Handle(net::HttpExchange& exchange) {
    const std::lock_guard lock(mutex_);
    if (exchange.method() == "POST") {
      posts_.push_back(
          absl::StrCat(exchange.target(), " ",
                       exchange.Header("Lambda-Runtime-Function-Error-Type").value_or("-"), " ",
                       exchange.ReadAll(1000).value_or("?")));
      EXPECT_TRUE(exchange.Send(202, {}, "").ok());
      return;
    }
    EXPECT_EQ(exchange.target(), "/2018-06-01/runtime/invocation/next");
    invocations_ += 1;
    if (invocations_ > 2) {
      stop_.Cancel(absl::CancelledError("enough"));
      exchange.Send(500, {}, "").IgnoreError();
      return;
    }
    EXPECT_TRUE(exchange
                    .Send(200,
                          {{"Lambda-Runtime-Aws-Request-Id", absl::StrCat("id-", invocations_)},
                           {"Lambda-Runtime-Deadline-Ms", "4102444800000"}},
                          absl::StrCat("request ", invocations_))
                    .ok());
  }

  const Cancellation stop_;
  std::mutex mutex_;
  int invocations_ = 0;
  std::vector<std::string> posts_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST(RuntimeLoopTest, InvocationsAreTakenAndAnswered) {
  const Cancellation stop;
  RuntimeApi api(stop);
  absl::StatusOr<std::unique_ptr<net::HttpClient>> http = net::HttpClient::Make({});
  std::vector<absl::Time> deadlines;
  const absl::Status status = RunLambdaRuntime(
      api.host(), **http, {},
      [&deadlines](const RequestContext& context, std::string_view request) {
        deadlines.push_back(context.deadline);
        return absl::EndsWith(request, "1")
                   ? protocol::Invocation{absl::StrCat("answer to ", request), false}
                   : protocol::Invocation{R"({"errorMessage":"no"})", true};
      },
      stop);
  EXPECT_TRUE(absl::IsCancelled(status) || absl::IsUnavailable(status)) << status;
  EXPECT_THAT(api.posts(),
              ElementsAre("/2018-06-01/runtime/invocation/id-1/response - answer to request 1",
                          "/2018-06-01/runtime/invocation/id-2/error Runtime.UserException "
                          R"({"errorMessage":"no"})"));
  EXPECT_THAT(deadlines,
              ElementsAre(absl::FromUnixSeconds(4102444800), absl::FromUnixSeconds(4102444800)));
}

TEST(RuntimeLoopTest, AFunctionThatCannotStartSaysWhy) {
  RuntimeApi api{Cancellation()};
  absl::StatusOr<std::unique_ptr<net::HttpClient>> http = net::HttpClient::Make({});
  ReportLambdaInitError(api.host(), **http, absl::InvalidArgumentError("no host is set"));
  ASSERT_EQ(api.posts().size(), 1U);
  EXPECT_THAT(api.posts()[0],
              testing::StartsWith("/2018-06-01/runtime/init/error Runtime.InitError "));
  EXPECT_THAT(api.posts()[0], testing::HasSubstr("no host is set"));
}

TEST(RuntimeLoopTest, WithoutARuntimeApiTheLoopEnds) {
  absl::StatusOr<std::unique_ptr<net::HttpClient>> http = net::HttpClient::Make({});
  const absl::Status status = RunLambdaRuntime(
      "127.0.0.1:1", **http, {},
      [](const RequestContext&, std::string_view) { return protocol::Invocation(); },
      Cancellation());
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

}  // namespace
}  // namespace pallas::sdk
