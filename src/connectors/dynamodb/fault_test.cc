// What the service or the network does wrong, from a server that is told what to answer.
#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "connectors/dynamodb/testing/dynamodb_server.h"
#include "sdk/runtime/limiter.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::dynamodb {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kDescription[] =
    R"({"Table":{"TableName":"things","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],)"
    R"("AttributeDefinitions":[{"AttributeName":"id","AttributeType":"N"}],"ItemCount":3}})";
constexpr char kFirstPage[] =
    R"({"Count":2,"ScannedCount":2,"Items":[{"id":{"N":"1"}},{"id":{"N":"2"}}],)"
    R"("LastEvaluatedKey":{"id":{"N":"2"}}})";
constexpr char kLastPage[] = R"({"Count":1,"ScannedCount":1,"Items":[{"id":{"N":"3"}}]})";

// A service with one table of two pages, which `fault_` may spoil.
class FaultTest : public testing::Test {
 protected:
  using Fault = std::function<std::optional<std::string>(const RecordedRequest&)>;

  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  void SetUp() override { connector_ = Connector(proxy_.endpoint()); }

  static std::unique_ptr<sdk::Connector> Connector(const std::string& endpoint,
                                                   const sdk::OptionList& more = {}) {
    sdk::OptionList options = {{"endpoint", endpoint},
                               {"access_key", "AKIDEXAMPLE"},
                               {"secret_key", "very-secret"},
                               {"session_token", "token-secret"},
                               {"throttle_initial_delay_ms", "1"},
                               {"throttle_max_delay_ms", "1"},
                               {"tables.0.name", "things"},
                               {"tables.0.columns.id", "bigint"}};
    options.insert(options.end(), more.begin(), more.end());
    auto connector = MakeConnector(std::move(options));
    EXPECT_TRUE(connector.ok()) << connector.status();
    return *std::move(connector);
  }

  std::optional<std::string> Answer(const RecordedRequest& request) {
    if (fault_ != nullptr) {
      if (auto answer = fault_(request)) {
        return answer;
      }
    }
    if (request.operation == "DescribeTable") {
      return HttpAnswer(200, kDescription);
    }
    return HttpAnswer(
        200, absl::StrContains(request.body, "ExclusiveStartKey") ? kLastPage : kFirstPage);
  }

  // The number of rows, or the error.
  absl::StatusOr<int64_t> Read() {
    auto table = connector_->GetTable(context_, {"default", "things"});
    if (!table.ok()) {
      return table.status();
    }
    sdk::Scan scan;
    scan.columns = {"id"};
    auto rows = sdk::ReadAll(*connector_, context_, *table, scan);
    return rows.ok() ? absl::StatusOr<int64_t>((*rows)->num_rows()) : rows.status();
  }

  // Reads, and expects an error that hides secrets.
  void ExpectError(absl::StatusCode code, const std::string& text, const std::string& source_code) {
    const auto rows = Read();
    EXPECT_EQ(rows.status().code(), code) << rows.status();
    EXPECT_THAT(rows.status().message(), HasSubstr(text));
    EXPECT_THAT(rows.status().message(), HasSubstr("things"));
    EXPECT_THAT(rows.status().message(), Not(HasSubstr("-secret")));
    const auto detail = GetDetail(rows.status());
    EXPECT_TRUE(detail && detail->source_code == source_code) << rows.status();
  }

  Fault fault_;
  // Outlive the proxy's threads.
  absl::Notification asked_;
  absl::Notification end_;
  RecordingProxy proxy_{"http://127.0.0.1:1",
                        [this](const RecordedRequest& request) { return Answer(request); }};
  std::unique_ptr<sdk::Connector> connector_;
  sdk::RequestContext context_;
};

TEST_F(FaultTest, ReadsAllPages) { EXPECT_EQ(*Read(), 3); }

TEST_F(FaultTest, WrongKeysSayWhatToCheck) {
  fault_ = [](const auto&) {
    return ErrorAnswer(400, "UnrecognizedClientException", "The security token is invalid.");
  };
  ExpectError(absl::StatusCode::kUnauthenticated, "check access_key", "INVALID_CREDENTIALS");
  fault_ = [](const auto&) { return ErrorAnswer(400, "InvalidSignatureException", "no"); };
  ExpectError(absl::StatusCode::kUnauthenticated, "check secret_key", "INVALID_CREDENTIALS");
}

TEST_F(FaultTest, ExpiredCredentialsSaySo) {
  fault_ = [](const auto&) { return ErrorAnswer(400, "ExpiredTokenException", "too late"); };
  ExpectError(absl::StatusCode::kUnauthenticated, "have expired", "INVALID_CREDENTIALS");
}

TEST_F(FaultTest, ADeniedActionNamesThePolicy) {
  fault_ = [](const auto&) { return ErrorAnswer(400, "AccessDeniedException", "not you"); };
  ExpectError(absl::StatusCode::kPermissionDenied, "policy", "ACCESS_DENIED");
}

TEST_F(FaultTest, AnUnknownTableIsNotFound) {
  fault_ = [](const RecordedRequest& request) -> std::optional<std::string> {
    if (request.operation == "ListTables") {
      return HttpAnswer(200, R"({"TableNames":["Other"]})");
    }
    return ErrorAnswer(400, "ResourceNotFoundException", "no such table");
  };
  EXPECT_TRUE(absl::IsNotFound(Read().status()));
}

TEST_F(FaultTest, ANameThatMayMeanTwoTablesNamesThem) {
  fault_ = [](const RecordedRequest& request) -> std::optional<std::string> {
    if (request.operation == "ListTables") {
      return HttpAnswer(200, R"({"TableNames":["Things","THINGS"]})");
    }
    return ErrorAnswer(400, "ResourceNotFoundException", "no such table");
  };
  const auto rows = Read();
  EXPECT_TRUE(absl::IsInvalidArgument(rows.status()));
  EXPECT_THAT(rows.status().message(), HasSubstr("Things, THINGS"));
}

// As many refusals as a minute of throttling has, in the middle of a split: the limiter slows down,
// and no row is lost or doubled.
TEST_F(FaultTest, ThrottlingIsWaitedOut) {
  sdk::LimiterOptions options;
  options.initial_delay = absl::Microseconds(10);
  options.max_delay = absl::Microseconds(100);
  sdk::Limiter limiter(options, Clock::System());
  context_.limiter = &limiter;
  constexpr int kRefusals = 60;
  std::atomic<int> refused = 0;
  std::atomic<bool> slowed_down = false;
  fault_ = [&](const RecordedRequest& request) -> std::optional<std::string> {
    if (absl::StrContains(request.body, "ExclusiveStartKey") && refused < kRefusals) {
      ++refused;
      slowed_down = slowed_down || limiter.current_delay() > absl::ZeroDuration();
      return ErrorAnswer(400, "ProvisionedThroughputExceededException", "slow down");
    }
    return std::nullopt;
  };
  const auto rows = Read();
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(*rows, 3);
  EXPECT_EQ(refused, kRefusals);
  EXPECT_TRUE(slowed_down);
}

TEST_F(FaultTest, ThrottlingEndsWithTheDeadline) {
  fault_ = [](const auto&) { return ErrorAnswer(400, "ThrottlingException", "slow down"); };
  context_.deadline = absl::Now() + absl::Milliseconds(300);
  const auto rows = Read();
  EXPECT_TRUE(absl::IsDeadlineExceeded(rows.status()) || absl::IsResourceExhausted(rows.status()))
      << rows.status();
}

TEST_F(FaultTest, AFailedServerIsAskedAgain) {
  std::atomic<int> failures = 0;
  fault_ = [&](const auto&) -> std::optional<std::string> {
    if (failures++ % 2 == 0) {
      return ErrorAnswer(500, "InternalServerError", "try again");
    }
    return std::nullopt;
  };
  const auto rows = Read();
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(*rows, 3);
}

TEST_F(FaultTest, ABrokenConnectionIsMadeAnew) {
  std::atomic<int> calls = 0;
  fault_ = [&](const auto&) -> std::optional<std::string> {
    return ++calls == 2 ? std::optional<std::string>("") : std::nullopt;
  };
  const auto rows = Read();
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(*rows, 3);
}

TEST_F(FaultTest, AnswersThatAreNotTheServicesAreErrors) {
  for (const std::string body :
       {"", "[]", "{\"Items\":[{\"id\":{\"N\":\"1\"}}", "{\"Items\":{}}",
        "{\"Items\":[{\"id\":1}]}", "{\"Items\":[{\"id\":{\"N\":1}}]}",
        "{\"Items\":[{\"id\":{\"X\":\"1\"}}]}", "{\"Items\":[{\"id\":{}}]}",
        "{\"Items\":[{\"id\":{\"N\":\"1\",\"S\":\"2\"}}]}",
        "{\"Items\":[{\"id\":{\"N\":\"\xff\"}}]}", "<html>"}) {
    fault_ = [&](const RecordedRequest& request) -> std::optional<std::string> {
      return request.operation == "Scan" ? std::optional(HttpAnswer(200, body)) : std::nullopt;
    };
    EXPECT_FALSE(Read().ok()) << body;
  }
}

TEST_F(FaultTest, KeysThatCameBackUnreadAreAskedForAgain) {
  std::atomic<int> batches = 0;
  fault_ = [&](const RecordedRequest& request) -> std::optional<std::string> {
    if (request.operation != "BatchGetItem") {
      return std::nullopt;
    }
    switch (++batches) {
      case 1:
        return HttpAnswer(200, R"({"Responses":{"things":[{"id":{"N":"1"}}]},"UnprocessedKeys":)"
                               R"({"things":{"Keys":[{"id":{"N":"2"}}]}}})");
      case 2:
        return HttpAnswer(200, R"({"Responses":{"things":[]},"UnprocessedKeys":)"
                               R"({"things":{"Keys":[{"id":{"N":"2"}}]}}})");
      default:
        EXPECT_THAT(request.body,
                    HasSubstr(R"("RequestItems":{"things":{"Keys":[{"id":{"N":"2"}}]}})"));
        return HttpAnswer(200,
                          R"({"Responses":{"things":[{"id":{"N":"2"}}]},"UnprocessedKeys":{}})");
    }
  };
  const auto table = connector_->GetTable(context_, {"default", "things"});
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan;
  scan.columns = {"id"};
  scan.constraints.summary.insert_or_assign(
      "id", sdk::ValueSet::OfRanges(arrow::int64(),
                                    {sdk::Range::Equal(sdk::Value(int64_t{1})),
                                     sdk::Range::Equal(sdk::Value(int64_t{2}))},
                                    false));
  const auto rows = sdk::ReadAll(*connector_, context_, *table, scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 2);
  EXPECT_EQ(batches, 3);
}

// DDB-22
TEST_F(FaultTest, ACancelEndsAWait) {
  fault_ = [&](const RecordedRequest& request) -> std::optional<std::string> {
    if (request.operation == "Scan") {
      asked_.Notify();
      end_.WaitForNotification();
    }
    return std::nullopt;
  };
  std::thread canceller([&] {
    asked_.WaitForNotification();
    context_.cancellation.Cancel(absl::CancelledError("enough"));
  });
  EXPECT_TRUE(absl::IsCancelled(Read().status()));
  canceller.join();
  end_.Notify();
}

TEST_F(FaultTest, NobodyThereNamesTheAddress) {
  connector_ = Connector("http://127.0.0.1:1", {{"connect_timeout_ms", "2000"}});
  ExpectError(absl::StatusCode::kUnavailable, "127.0.0.1:1", "INTERNAL_SERVICE");
}

TEST_F(FaultTest, ACertificateOfAnotherNameIsRefused) {
  const net::TestCertificate certificate;
  net::TestServer server([](const std::string&) { return HttpAnswer(200, kDescription); },
                         certificate.context());
  const std::string by_name = absl::StrCat("https://localhost:", server.port());
  connector_ = Connector(by_name, {{"ca_file", certificate.file()}});
  ExpectError(absl::StatusCode::kUnauthenticated, "localhost", "INVALID_CREDENTIALS");
  connector_ = Connector(server.url("https"), {{"ca_file", certificate.file()}});
  EXPECT_TRUE(connector_->GetTable(context_, {"default", "things"}).ok());
}

}  // namespace
}  // namespace pallas::dynamodb
