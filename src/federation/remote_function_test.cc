#include "federation/remote_function.h"

#include <string>

#include "absl/strings/ascii.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/json/from_string.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "sdk/protocol/codec.h"
#include "sdk/protocol/error_json.h"

namespace pallas::federation {
namespace {

namespace protocol = sdk::protocol;

using protocol::Version;
using testing::HasSubstr;

// Knows `shout`: its argument in upper case, with a mark.
class Shouter final : public LambdaInvoker {
 public:
  explicit Shouter(int64_t version) : version_(version) {}

  absl::StatusOr<sdk::protocol::Invocation> Invoke(const sdk::RequestContext& /*context*/,
                                                   const std::string& /*function*/,
                                                   const std::string& payload) override {
    const protocol::DecodedRequest decoded = protocol::DecodeRequest(payload).value();
    if (const auto* const ping = std::get_if<protocol::PingRequest>(&decoded.request)) {
      protocol::PingResponse response;
      response.catalog = ping->head.catalog;
      response.query_id = ping->head.query_id.value_or("");
      response.serde_version = version_;
      return sdk::protocol::Invocation{protocol::EncodeResponse(response, Version::kV2).value(),
                                       false};
    }
    ++calls_;
    last_payload_ = payload;
    const auto& request = std::get<protocol::UserDefinedFunctionRequest>(decoded.request);
    if (request.method != "shout") {
      return sdk::protocol::Invocation{
          protocol::EncodeLambdaError(
              {"Failed to find UDF method.", protocol::kConnectorException, {}}),
          true};
    }
    return sdk::protocol::Invocation{
        protocol::EncodeResponse(Shout(request), static_cast<Version>(version_)).value(), false};
  }

  int calls() const { return calls_; }

  const std::string& last_payload() const { return last_payload_; }

  int extra_rows = 0;

 private:
  protocol::UserDefinedFunctionResponse Shout(
      const protocol::UserDefinedFunctionRequest& request) const {
    const auto& texts = static_cast<const arrow::StringArray&>(*request.input->column(0));
    arrow::StringBuilder results;
    for (int64_t i = 0; i < texts.length(); ++i) {
      EXPECT_TRUE((texts.IsNull(i) ? results.AppendNull()
                                   : results.Append(absl::AsciiStrToUpper(texts.GetView(i)) + "!"))
                      .ok());
    }
    for (int i = 0; i < extra_rows; ++i) {
      EXPECT_TRUE(results.Append("more").ok());
    }
    const int64_t rows = results.length();
    return {arrow::RecordBatch::Make(request.output_schema, rows, {results.Finish().ValueOrDie()}),
            request.method};
  }

  int64_t version_;
  int calls_ = 0;
  std::string last_payload_;
};

std::shared_ptr<arrow::RecordBatch> Texts(const std::string& json) {
  const auto column = arrow::json::ArrayFromJSONString(arrow::utf8(), json).ValueOrDie();
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("text", arrow::utf8())}),
                                  column->length(), {column});
}

TEST(RemoteFunctionsTest, CallInEveryVersion) {
  for (int64_t version = 1; version <= 6; ++version) {
    SCOPED_TRACE(version);
    Shouter shouter(version);
    RemoteFunctions functions(shouter);
    sdk::RequestContext context;
    context.identity.arn = "arn:aws:iam::1:user/me";
    const auto result =
        functions.Call(context, "f", "shout", Texts(R"(["a", null, "ß"])"), arrow::utf8());
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE((*result)->Equals(
        **arrow::json::ArrayFromJSONString(arrow::utf8(), R"(["A!", null, "ß!"])")));
    EXPECT_THAT(shouter.last_payload(), HasSubstr("arn:aws:iam::1:user/me"));
  }
}

TEST(RemoteFunctionsTest, ManyRowsGoInPieces) {
  Shouter shouter(6);
  RemoteFunctions functions(shouter, /*max_request_bytes=*/20);
  const auto result =
      functions.Call(sdk::RequestContext(), "f", "shout",
                     Texts(R"(["a", "b", "c", "d", "e", "f", "g"])"), arrow::utf8());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE((*result)->Equals(**arrow::json::ArrayFromJSONString(
      arrow::utf8(), R"(["A!", "B!", "C!", "D!", "E!", "F!", "G!"])")));
  EXPECT_GT(shouter.calls(), 1);
}

TEST(RemoteFunctionsTest, AnotherNumberOfRowsIsAnError) {
  Shouter shouter(6);
  shouter.extra_rows = 1;
  RemoteFunctions functions(shouter);
  const auto result =
      functions.Call(sdk::RequestContext(), "f", "shout", Texts(R"(["a"])"), arrow::utf8());
  EXPECT_THAT(result.status().message(), HasSubstr("for 1 rows with 2 rows"));
}

TEST(RemoteFunctionsTest, AMissingMethodIsTheFunctionsError) {
  Shouter shouter(6);
  RemoteFunctions functions(shouter);
  const auto result =
      functions.Call(sdk::RequestContext(), "f", "whisper", Texts(R"(["a"])"), arrow::utf8());
  EXPECT_THAT(result.status().message(), HasSubstr("function f: Failed to find UDF method."));
}

}  // namespace
}  // namespace pallas::federation
