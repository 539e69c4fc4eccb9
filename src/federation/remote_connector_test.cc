// Our engine's side of the protocol against our connector's side, in one process: whatever passes
// the suite of connectors in process passes it over the wire, in every version, inline and spilled.

#include "federation/remote_connector.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "sdk/function/connector_function.h"
#include "sdk/protocol/error_json.h"
#include "sdk/spill/testing/memory_object_store.h"
#include "sdk/testing/conformance_suite.h"
#include "sdk/testing/memory_connector.h"

namespace pallas::federation {
namespace {

namespace protocol = sdk::protocol;

using protocol::Version;
using testing::HasSubstr;

std::shared_ptr<arrow::Schema> TestSchema() {
  return arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()),
                        arrow::field("score", arrow::float64())});
}

std::shared_ptr<arrow::RecordBatch> TestRows(int64_t from, int64_t count) {
  arrow::Int64Builder ids;
  arrow::StringBuilder names;
  arrow::DoubleBuilder scores;
  for (int64_t i = from; i < from + count; ++i) {
    EXPECT_TRUE(ids.Append(i).ok());
    EXPECT_TRUE((i % 7 == 0 ? names.AppendNull() : names.Append(absl::StrCat("n", i % 50))).ok());
    EXPECT_TRUE(
        (i % 11 == 0 ? scores.AppendNull() : scores.Append(static_cast<double>(i) / 4)).ok());
  }
  return arrow::RecordBatch::Make(TestSchema(), count,
                                  {*ids.Finish(), *names.Finish(), *scores.Finish()});
}

std::vector<sdk::MemoryTable> TestTables() {
  sdk::MemoryTable data{{"db", "data"}, TestSchema(), {TestRows(0, 150), TestRows(150, 60)}, 210};
  sdk::MemoryTable empty{{"db", "empty"}, TestSchema(), {}, 0};
  sdk::MemoryTable slow{{"db", "slow"}, TestSchema(), {TestRows(0, 10'000)}, {}, absl::Seconds(30)};
  return {data, empty, slow};
}

sdk::FunctionOptions FunctionOptions() {
  sdk::FunctionOptions options;
  options.spill_bucket = "bucket";
  options.max_splits_of_page = 1;
  return options;
}

// A connector in memory as a Lambda function that announces `version`.
class LocalFunction final : public LambdaInvoker {
 public:
  explicit LocalFunction(int64_t version)
      : version_(version),
        connector_(TestTables()),
        function_(
            connector_, FunctionOptions(),
            [this](const std::string&) -> absl::StatusOr<storage::ObjectStore*> { return &store_; },
            uploads_) {}

  absl::StatusOr<sdk::protocol::Invocation> Invoke(const sdk::RequestContext& context,
                                                   const std::string& /*function*/,
                                                   const std::string& payload) override {
    {
      const std::lock_guard lock(mutex_);
      payloads_.push_back(payload);
    }
    if (!answer_.empty()) {
      return sdk::protocol::Invocation{answer_, answer_is_error_};
    }
    const sdk::protocol::Invocation answer = function_.Invoke(context, payload);
    if (answer.is_error) {
      return sdk::protocol::Invocation{answer.body, true};
    }
    auto response = protocol::DecodeResponse(answer.body, Version::kV2);
    if (response.ok() && std::holds_alternative<protocol::PingResponse>(*response)) {
      std::get<protocol::PingResponse>(*response).serde_version = version_;
      return sdk::protocol::Invocation{protocol::EncodeResponse(*response, Version::kV2).value(),
                                       false};
    }
    return sdk::protocol::Invocation{answer.body, false};
  }

  // Answers every call with `body` from now on.
  void AnswerAlways(std::string body, bool is_error) {
    answer_ = std::move(body);
    answer_is_error_ = is_error;
  }

  sdk::MemoryObjectStore& store() { return store_; }

  sdk::MemoryConnector& connector() { return connector_; }

  const std::vector<std::string>& payloads() const { return payloads_; }

 private:
  int64_t version_;
  sdk::MemoryConnector connector_;
  sdk::MemoryObjectStore store_;
  ThreadPool uploads_{2};
  sdk::ConnectorFunction function_;
  std::mutex mutex_;
  std::vector<std::string> payloads_;
  std::string answer_;
  bool answer_is_error_ = false;
};

RemoteOptions Options(int64_t max_inline_bytes) {
  RemoteOptions options;
  options.metadata_function = "function";
  options.record_function = "function";
  options.catalog = "cat";
  options.max_inline_block_bytes = max_inline_bytes;
  options.max_block_bytes = 1000;
  return options;
}

constexpr int64_t kInline = 1 << 20;
constexpr int64_t kSpill = 0;

std::unique_ptr<RemoteConnector> Connect(LocalFunction& function, int64_t max_inline_bytes) {
  return std::make_unique<RemoteConnector>(
      Options(max_inline_bytes),
      // Borrowed.
      std::shared_ptr<LambdaInvoker>(std::shared_ptr<void>(), &function),
      [&function](const std::string&) -> absl::StatusOr<storage::ObjectStore*> {
        return &function.store();
      });
}

std::shared_ptr<sdk::ConformanceSubject> Subject(int64_t version, int64_t max_inline_bytes) {
  auto subject = std::make_shared<sdk::ConformanceSubject>();
  auto function = std::make_shared<LocalFunction>(version);
  subject->connector = Connect(*function, max_inline_bytes);
  subject->source = function;
  subject->splits_repeat = false;
  subject->data = {"db", "data"};
  subject->empty = {"db", "empty"};
  subject->slow = {"db", "slow"};
  return subject;
}

}  // namespace
}  // namespace pallas::federation

namespace pallas::sdk {

using federation::kInline;
using federation::kSpill;
using federation::Subject;

INSTANTIATE_TEST_SUITE_P(V2Inline, ConnectorConformance,
                         testing::Values([] { return Subject(2, kInline); }));
INSTANTIATE_TEST_SUITE_P(V6Inline, ConnectorConformance,
                         testing::Values([] { return Subject(6, kInline); }));
INSTANTIATE_TEST_SUITE_P(V6Spilled, ConnectorConformance,
                         testing::Values([] { return Subject(6, kSpill); }));

}  // namespace pallas::sdk

namespace pallas::federation {
namespace {

class RemoteConnectorTest : public testing::Test {
 protected:
  absl::StatusOr<std::vector<std::string>> Rows(sdk::Connector& connector) {
    const auto table = connector.GetTable(context_, {"db", "data"});
    if (!table.ok()) {
      return table.status();
    }
    const auto batch = sdk::ReadAll(connector, context_, *table, sdk::FullScan(*table));
    if (!batch.ok()) {
      return batch.status();
    }
    return sdk::RowTexts(**batch);
  }

  sdk::RequestContext context_;
};

TEST_F(RemoteConnectorTest, EveryVersionGivesTheSameRows) {
  sdk::MemoryConnector local(TestTables());
  const auto want = Rows(local);
  ASSERT_TRUE(want.ok()) << want.status();
  for (int64_t version = 1; version <= 6; ++version) {
    for (const int64_t max_inline : {kInline, kSpill}) {
      SCOPED_TRACE(absl::StrCat("version ", version, " inline ", max_inline));
      LocalFunction function(version);
      const auto got = Rows(*Connect(function, max_inline));
      ASSERT_TRUE(got.ok()) << got.status();
      EXPECT_EQ(*got, *want);
    }
  }
}

TEST_F(RemoteConnectorTest, ANewerConnectorIsSpokenToInOurNewestVersion) {
  LocalFunction function(9);
  ASSERT_TRUE(Rows(*Connect(function, kInline)).ok());
  EXPECT_THAT(function.payloads().back(), HasSubstr("\"queryPlan\":null"));
}

TEST_F(RemoteConnectorTest, PingsOnce) {
  LocalFunction function(5);
  const auto connector = Connect(function, kInline);
  ASSERT_TRUE(Rows(*connector).ok());
  ASSERT_TRUE(Rows(*connector).ok());
  int pings = 0;
  for (const std::string& payload : function.payloads()) {
    pings += payload.find("PingRequest") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(pings, 1);
}

TEST_F(RemoteConnectorTest, TheCallersIdentityReachesTheConnector) {
  LocalFunction function(6);
  context_.identity.account = "123456789012";
  context_.identity.arn = "arn:aws:sts::123456789012:assumed-role/analyst/me";
  context_.identity.principal_tags = {{"team", "data"}};
  context_.identity.iam_groups = {"readers"};
  ASSERT_TRUE(Connect(function, kInline)->ListDatabases(context_, {}).ok());
  EXPECT_THAT(function.payloads().back(),
              HasSubstr(R"("account":"123456789012","arn":"arn:aws:sts::123456789012:assumed-role)"
                        R"(/analyst/me","tags":{"team":"data"},"groups":["readers"])"));
}

TEST_F(RemoteConnectorTest, ErrorsOfTheFunctionSayWhatToDo) {
  LocalFunction function(6);
  const auto connector = Connect(function, kInline);
  function.AnswerAlways(
      protocol::EncodeLambdaError({"slow down", protocol::kThrottleException, {}}), true);
  const absl::Status throttled = connector->ListDatabases(context_, {}).status();
  EXPECT_EQ(throttled.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(throttled.message(), HasSubstr("function function: slow down"));
  // An emulator may not say that it is an error.
  function.AnswerAlways(R"({"errorMessage":"2026 Task timed out after 3.00 seconds"})", false);
  EXPECT_EQ(connector->ListDatabases(context_, {}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  function.AnswerAlways("<html>", false);
  EXPECT_THAT(connector->ListDatabases(context_, {}).status().message(),
              HasSubstr("answer of the function function: the message is not JSON"));
}

TEST_F(RemoteConnectorTest, AnAnswerForAnotherCatalogIsRefused) {
  LocalFunction function(6);
  const auto connector = Connect(function, kInline);
  function.AnswerAlways(
      protocol::EncodeResponse(protocol::PingResponse{"other", "q", std::nullopt}, Version::kV2)
          .value(),
      false);
  EXPECT_THAT(connector->ListDatabases(context_, {}).status().message(),
              HasSubstr("answered for the catalog 'other' instead of 'cat'"));
}

TEST_F(RemoteConnectorTest, AnAnswerOfAnotherKindIsRefused) {
  LocalFunction function(6);
  const auto connector = Connect(function, kInline);
  ASSERT_TRUE(connector->ListDatabases(context_, {}).ok());
  function.AnswerAlways(
      protocol::EncodeResponse(protocol::ListTablesResponse{{}, "cat", std::nullopt}, Version::kV6)
          .value(),
      false);
  EXPECT_THAT(connector->ListDatabases(context_, {}).status().message(),
              HasSubstr("answered a ListSchemasRequest with ListTablesResponse"));
}

TEST_F(RemoteConnectorTest, AMissingSpilledBlockIsNamed) {
  LocalFunction function(6);
  const auto connector = Connect(function, kSpill);
  const auto table = connector->GetTable(context_, {"db", "data"});
  ASSERT_TRUE(table.ok()) << table.status();
  const auto splits = sdk::PlanAll(*connector, context_, *table, sdk::FullScan(*table));
  ASSERT_TRUE(splits.ok()) << splits.status();
  const auto stream = connector->Read(context_, *table, sdk::FullScan(*table), (*splits)[0]);
  ASSERT_TRUE(stream.ok()) << stream.status();
  for (const auto& [key, bytes] : function.store().objects()) {
    ASSERT_TRUE(function.store().Delete(key).ok());
  }
  const absl::Status status = (*stream)->Next().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("spilled block '"));
}

TEST_F(RemoteConnectorTest, TextsThatJavaOrdersOtherwiseAreNotSent) {
  LocalFunction function(6);
  const auto connector = Connect(function, kInline);
  const auto table = connector->GetTable(context_, {"db", "data"});
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan = sdk::FullScan(*table);
  const auto support = [&](sdk::Range range) {
    scan.constraints.summary.clear();
    scan.constraints.summary.emplace(
        "name", sdk::ValueSet::OfRanges(arrow::utf8(), {std::move(range)}, false));
    return connector->PlanPushdown(context_, *table, scan)->summary.at("name").support;
  };
  EXPECT_EQ(support(sdk::Range::AtLeast(std::string("m"))), sdk::Support::kInexact);
  EXPECT_EQ(support(sdk::Range::AtLeast(std::string("\xEF\xBC\x80"))), sdk::Support::kUnsupported);
  EXPECT_EQ(support(sdk::Range::Equal(std::string("\xEF\xBC\x80"))), sdk::Support::kInexact);
}

}  // namespace
}  // namespace pallas::federation
