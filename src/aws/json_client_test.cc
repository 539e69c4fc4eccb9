#include "aws/json_client.h"

#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/test_server.h"

namespace pallas::aws {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Answer(int status, std::string_view body, std::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 ", status, " X\r\nContent-Length: ", body.size(),
                      "\r\nx-amzn-RequestId: R1\r\n", headers, "\r\n", body);
}

std::string ErrorBody(std::string_view type, std::string_view message = "because") {
  return absl::StrCat(R"({"__type":"com.amazonaws.dynamodb.v20120810#)", type, R"(","message":")",
                      message, R"("})");
}

// Counts what it is told to forget, and then gives other keys.
class RotatingCredentials final : public CredentialsProvider {
 public:
  absl::StatusOr<Credentials> Get(const Cancellation& /*cancellation*/,
                                  absl::Time /*deadline*/) override {
    return Credentials{.access_key_id = absl::StrCat("KEY", forgotten_.load()),
                       .secret_access_key = "very-secret",
                       .session_token = "session-secret"};
  }

  void Forget(const std::string& access_key_id) override {
    EXPECT_EQ(access_key_id, absl::StrCat("KEY", forgotten_.load()));
    ++forgotten_;
  }

  int forgotten() const { return forgotten_.load(); }

 private:
  std::atomic<int> forgotten_{0};
};

class JsonClientTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  std::unique_ptr<JsonClient> Client(const net::TestServer& server) {
    return *JsonClient::Make({.service = "dynamodb",
                              .region = "us-east-1",
                              .endpoint = server.url(),
                              .target_prefix = "DynamoDB_20120810",
                              .json_version = "1.0",
                              .retry = {.max_attempts = 3,
                                        .throttling_patience = absl::Seconds(60),
                                        .first_delay = absl::Microseconds(10),
                                        .max_delay = absl::Microseconds(100)}},
                             *http_, credentials_, clock_);
  }

  // A server that gives these answers in turn, the last one for ever.
  net::TestServer::Answer InTurn(std::vector<std::string> answers) {
    return [this, answers = std::move(answers)](const std::string& request) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      return answers[std::min(requests_.size(), answers.size()) - 1];
    };
  }

  size_t num_requests() {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }

  std::unique_ptr<net::HttpClient> http_ = *net::HttpClient::Make({});
  std::shared_ptr<RotatingCredentials> credentials_ = std::make_shared<RotatingCredentials>();
  FakeClock clock_{absl::FromUnixSeconds(1700000000)};  // 2023-11-14 22:13:20
  std::mutex mutex_;
  std::vector<std::string> requests_;  // under mutex_
};

TEST_F(JsonClientTest, SendsASignedRequestAndHandsTheBytesBack) {
  net::TestServer server(InTurn({Answer(200, R"({"Items": []})")}));
  EXPECT_EQ(*Client(server)->Call("Scan", R"({"TableName":"t"})", {}), R"({"Items": []})");
  ASSERT_EQ(num_requests(), 1);
  EXPECT_THAT(requests_[0], HasSubstr("POST / HTTP/1.1"));
  EXPECT_THAT(requests_[0], HasSubstr("\r\nX-Amz-Target: DynamoDB_20120810.Scan\r\n"));
  EXPECT_THAT(requests_[0], HasSubstr("\r\nContent-Type: application/x-amz-json-1.0\r\n"));
  EXPECT_THAT(requests_[0], HasSubstr("Credential=KEY0/20231114/us-east-1/dynamodb/aws4_request"));
  EXPECT_THAT(requests_[0], HasSubstr(R"({"TableName":"t"})"));
}

struct ErrorCase {
  int status;
  std::string type;
  absl::StatusCode code;
};

TEST_F(JsonClientTest, ErrorsHaveTheNearestCodeAndSayWhoWasAskedForWhat) {
  const ErrorCase cases[] = {
      {400, "ResourceNotFoundException", absl::StatusCode::kNotFound},
      {400, "ValidationException", absl::StatusCode::kInvalidArgument},
      {400, "AccessDeniedException", absl::StatusCode::kPermissionDenied},
      {400, "UnrecognizedClientException", absl::StatusCode::kUnauthenticated},
      {400, "InvalidSignatureException", absl::StatusCode::kUnauthenticated},
      {400, "ExpiredTokenException", absl::StatusCode::kUnauthenticated},
      {403, "SomethingElse", absl::StatusCode::kPermissionDenied},
      {500, "InternalServerError", absl::StatusCode::kUnavailable},
  };
  for (const ErrorCase& expected : cases) {
    net::TestServer server(InTurn({Answer(expected.status, ErrorBody(expected.type))}));
    const absl::Status status = Client(server)->Call("Query", "{}", {}).status();
    EXPECT_EQ(status.code(), expected.code) << status;
    EXPECT_THAT(status.message(),
                HasSubstr(absl::StrCat("dynamodb Query: ", expected.type, ": because")));
    EXPECT_THAT(status.message(), HasSubstr("(request R1)"));
    EXPECT_THAT(status.message(), Not(HasSubstr("-secret")));
    const AwsError error = *GetAwsError(status);
    EXPECT_EQ(error.type, expected.type);
    EXPECT_EQ(error.message, "because");
    EXPECT_EQ(error.request_id, "R1");
    EXPECT_EQ(error.http_status, expected.status);
  }
}

TEST_F(JsonClientTest, AnErrorThatIsNoJsonIsToldByItsStatus) {
  net::TestServer server(InTurn({Answer(404, "<html>")}));
  const absl::Status status = Client(server)->Call("Query", "{}", {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(GetAwsError(status)->type, "HTTP 404");
}

TEST_F(JsonClientTest, AFailedServerIsAskedAgainAndAtLastGivenUp) {
  const std::string failed = Answer(503, ErrorBody("InternalServerError"));
  net::TestServer server(InTurn({failed, "", Answer(200, "ok"), failed}));
  const auto client = Client(server);
  EXPECT_EQ(*client->Call("Scan", "{}", {}), "ok");
  EXPECT_EQ(num_requests(), 3);
  EXPECT_EQ(client->Call("Scan", "{}", {}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(num_requests(), 6);
}

TEST_F(JsonClientTest, WhatMustNotHappenTwiceIsNotSentAgain) {
  net::TestServer server(InTurn({Answer(500, "{}"), Answer(200, "ok")}));
  CallOptions call;
  call.safe_to_repeat = false;
  EXPECT_EQ(Client(server)->Call("PutItem", "{}", call).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(num_requests(), 1);
}

TEST_F(JsonClientTest, ThrottlingIsReportedAndOutlasted) {
  const std::string throttled = Answer(400, ErrorBody("ProvisionedThroughputExceededException"));
  std::vector<std::string> answers(20, throttled);
  answers.push_back(Answer(200, "ok"));
  net::TestServer server(InTurn(answers));
  int reported = 0;
  CallOptions call;
  call.on_throttled = [&] { ++reported; };
  EXPECT_EQ(*Client(server)->Call("Scan", "{}", call), "ok");
  EXPECT_EQ(reported, 20);
}

TEST_F(JsonClientTest, ThrottlingThatDoesNotEndIsAnErrorAtTheDeadline) {
  net::TestServer server(InTurn({Answer(400, ErrorBody("ThrottlingException"))}));
  CallOptions call;
  call.deadline = absl::Now() + absl::Milliseconds(200);
  const absl::Status status = Client(server)->Call("Scan", "{}", call).status();
  // The last attempt may have run into the deadline itself.
  EXPECT_TRUE(IsThrottling(status) || absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(JsonClientTest, ExpiredCredentialsAreReplacedOnce) {
  const std::string expired = Answer(400, ErrorBody("ExpiredTokenException"));
  net::TestServer server(InTurn({expired, Answer(200, "ok"), expired}));
  const auto client = Client(server);
  EXPECT_EQ(*client->Call("Scan", "{}", {}), "ok");
  EXPECT_THAT(requests_[1], HasSubstr("Credential=KEY1/"));
  const absl::Status status = client->Call("Scan", "{}", {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(status.message(), HasSubstr("have expired"));
  EXPECT_EQ(num_requests(), 4);
}

TEST_F(JsonClientTest, TheServersClockIsFollowed) {
  net::TestServer server(
      InTurn({Answer(400, ErrorBody("InvalidSignatureException", "Signature expired: 2023 is now"),
                     "Date: Tue, 14 Nov 2023 23:13:20 GMT\r\n"),
              Answer(200, "ok")}));
  const auto client = Client(server);
  EXPECT_EQ(*client->Call("Scan", "{}", {}), "ok");
  EXPECT_THAT(requests_[0], HasSubstr("X-Amz-Date: 20231114T221320Z"));
  EXPECT_THAT(requests_[1], HasSubstr("X-Amz-Date: 20231114T231320Z"));
  EXPECT_TRUE(client->Call("Scan", "{}", {}).ok());
  EXPECT_THAT(requests_[2], HasSubstr("X-Amz-Date: 20231114T231320Z"));
}

TEST_F(JsonClientTest, ACancelledCallEndsInTheMiddleOfAWait) {
  net::TestServer server(InTurn({Answer(400, ErrorBody("ThrottlingException"))}));
  CallOptions call;
  const auto client =
      *JsonClient::Make({.service = "dynamodb",
                         .region = "us-east-1",
                         .endpoint = server.url(),
                         .target_prefix = "D",
                         .json_version = "1.0",
                         .retry = {.first_delay = absl::Hours(1), .max_delay = absl::Hours(1)}},
                        *http_, credentials_, clock_);
  std::thread canceller;
  call.on_throttled = [&] {
    canceller = std::thread([&] { call.cancellation.Cancel(absl::CancelledError("stop")); });
  };
  EXPECT_EQ(client->Call("Scan", "{}", call).status(), absl::CancelledError("stop"));
  canceller.join();
}

TEST_F(JsonClientTest, AServerThatIsNotThereIsUnavailable) {
  std::string endpoint;
  {
    const net::TestServer gone([](const std::string&) { return ""; });
    endpoint = gone.url();
  }
  const auto client = *JsonClient::Make({.service = "glue",
                                         .region = "us-east-1",
                                         .endpoint = endpoint,
                                         .target_prefix = "AWSGlue",
                                         .json_version = "1.1",
                                         .retry = {.max_attempts = 1}},
                                        *http_, credentials_, clock_);
  const absl::Status status = client->Call("GetTables", "{}", {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("glue GetTables: http://127.0.0.1:"));
  EXPECT_EQ(GetAwsError(status), std::nullopt);
}

TEST_F(JsonClientTest, TlsWithAWrongNameIsRefused) {
  const net::TestCertificate certificate;
  net::TestServer server([](const std::string&) { return Answer(200, "ok"); },
                         certificate.context());
  net::HttpClientOptions options;
  options.tls.ca_file = certificate.file();
  const auto http = *net::HttpClient::Make(options);
  for (const bool right : {true, false}) {
    const auto client =
        *JsonClient::Make({.service = "dynamodb",
                           .region = "us-east-1",
                           .endpoint = absl::StrCat("https://", right ? "127.0.0.1" : "localhost",
                                                    ":", server.port()),
                           .target_prefix = "D",
                           .json_version = "1.0",
                           .retry = {.max_attempts = 1}},
                          *http, credentials_, clock_);
    const auto answer = client->Call("Scan", "{}", {});
    EXPECT_EQ(answer.status().code(),
              right ? absl::StatusCode::kOk : absl::StatusCode::kUnauthenticated)
        << answer.status();
  }
}

TEST_F(JsonClientTest, SettingsThatCannotBeAreErrors) {
  for (const auto& [region, endpoint] :
       {std::pair("", "http://x"), std::pair("us-east-1", "x:80")}) {
    EXPECT_EQ(JsonClient::Make({.service = "dynamodb",
                                .region = region,
                                .endpoint = endpoint,
                                .target_prefix = "D",
                                .json_version = "1.0",
                                .retry = {}},
                               *http_, credentials_, clock_)
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(ServiceEndpoint("glue", "cn-north-1"), "https://glue.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(ServiceEndpoint("sts", "eu-west-1"), "https://sts.eu-west-1.amazonaws.com");
}

}  // namespace
}  // namespace pallas::aws
