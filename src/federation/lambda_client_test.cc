#include "federation/lambda_client.h"

#include <csignal>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "net/testing/test_server.h"

namespace pallas::federation {
namespace {

using testing::HasSubstr;

std::string Answer(int status, std::string_view body, std::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 ", status, " X\r\nContent-Length: ", body.size(), "\r\n", headers,
                      "\r\n", body);
}

class FixedCredentials final : public aws::CredentialsProvider {
 public:
  absl::StatusOr<aws::Credentials> Get(const Cancellation& /*cancellation*/,
                                       absl::Time /*deadline*/) override {
    aws::Credentials credentials;
    credentials.access_key_id = "AKID";
    credentials.secret_access_key = "secret";
    return credentials;
  }

  void Forget(const std::string& /*access_key_id*/) override {}
};

class LambdaClientTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  LambdaClientTest() : http_(net::HttpClient::Make({}).value()) {}

  std::unique_ptr<LambdaClient> Client(const net::TestServer& server) {
    LambdaClientOptions options;
    options.region = "us-east-1";
    options.endpoint = server.url();
    options.retry.throttling_patience = absl::ZeroDuration();
    options.retry.first_delay = absl::ZeroDuration();
    return LambdaClient::Make(options, *http_, std::make_shared<FixedCredentials>(),
                              Clock::System())
        .value();
  }

  std::unique_ptr<net::HttpClient> http_;
  sdk::RequestContext context_;
};

TEST_F(LambdaClientTest, PostsTheSignedPayload) {
  std::string seen;
  const net::TestServer server([&](const std::string& request) {
    seen = request;
    return Answer(200, R"({"@type":"PingResponse"})");
  });
  const auto invocation =
      Client(server)->Invoke(context_, "arn:aws:lambda:us-east-1:1:function:f:live", "{\"a\":1}");
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_EQ(invocation->body, R"({"@type":"PingResponse"})");
  EXPECT_FALSE(invocation->is_error);
  EXPECT_THAT(seen, testing::StartsWith("POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1"
                                        "%3A1%3Afunction%3Af%3Alive/invocations HTTP/1.1"));
  EXPECT_THAT(seen, HasSubstr("/us-east-1/lambda/aws4_request"));
  EXPECT_TRUE(absl::EndsWith(seen, "{\"a\":1}"));
}

TEST_F(LambdaClientTest, AnErrorOfTheFunctionIsAnAnswer) {
  const net::TestServer server([](const std::string&) {
    return Answer(200, R"({"errorMessage":"m"})", "X-Amz-Function-Error: Unhandled\r\n");
  });
  const auto invocation = Client(server)->Invoke(context_, "f", "{}");
  ASSERT_TRUE(invocation.ok()) << invocation.status();
  EXPECT_TRUE(invocation->is_error);
}

struct RefusalCase {
  int status;
  const char* type;
  absl::StatusCode code;
};

class RefusalTest : public LambdaClientTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, HasACodeThatSaysWhatToDo) {
  const auto& [status, type, code] = GetParam();
  const net::TestServer server([&](const std::string&) {
    return Answer(status, R"({"Type":"User","Message":"because"})",
                  absl::StrCat("x-amzn-ErrorType: ", type, "\r\n"));
  });
  const auto invocation = Client(server)->Invoke(context_, "f", "{}");
  EXPECT_EQ(invocation.status().code(), code) << invocation.status();
  EXPECT_THAT(invocation.status().message(), HasSubstr("lambda Invoke f"));
}

INSTANTIATE_TEST_SUITE_P(
    Service, RefusalTest,
    testing::Values(RefusalCase{429, "TooManyRequestsException",
                                absl::StatusCode::kResourceExhausted},
                    RefusalCase{404, "ResourceNotFoundException", absl::StatusCode::kNotFound},
                    RefusalCase{403, "AccessDeniedException", absl::StatusCode::kPermissionDenied}),
    [](const auto& test) { return test.param.type; });

}  // namespace
}  // namespace pallas::federation
