// The rules for JSON (section 4), one by one, and what Arrow messages may not claim.

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/json/from_string.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/base64.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/error_json.h"
#include "sdk/protocol/testing/golden_messages.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

namespace pallas::sdk::protocol {
namespace {

using testing::HasSubstr;

constexpr char kIdentity[] =
    R"("identity":{"id":"UNKNOWN","principal":"UNKNOWN","account":"1","arn":"a","tags":{"k":"v"},)"
    R"("groups":["g"],"configOptions":{}})";

std::string ListTables(const std::string& rest) {
  return absl::StrCat(R"({"@type":"ListTablesRequest",)", kIdentity,
                      R"(,"queryId":"q","catalogName":"c","schemaName":"s")", rest, "}");
}

struct RuleCase {
  const char* name;
  // What is replaced in a ListTablesRequest that is right, and by what.
  const char* from;
  const char* to;
  // Part of the error; empty: the request is read.
  const char* error;
};

constexpr RuleCase kRules[] = {
    {"Right", "", "", ""},
    {"Spaced", R"("queryId":)", "\n \"queryId\" : ", ""},
    {"TypeNotFirst", R"("@type":"ListTablesRequest",)", "", "unexpected field identity"},
    {"UnknownType", "ListTablesRequest", "ListTabelsRequest", "there is no request"},
    {"WrongOrder", R"("queryId":"q","catalogName":"c")", R"("catalogName":"c","queryId":"q")",
     "unexpected field catalogName while expecting queryId"},
    {"MissingField", R"("catalogName":"c",)", "", "unexpected field schemaName"},
    {"NullCatalog", R"("catalogName":"c")", R"("catalogName":null)", "missing or null"},
    {"NullQueryId", R"("queryId":"q")", R"("queryId":null)", ""},
    {"UnknownFieldBetween", R"("queryId":"q")", R"("x":1,"queryId":"q")", "unexpected field x"},
    {"UnknownFieldInside", R"("configOptions":{})", R"("configOptions":{},"x":1)",
     "unexpected field x"},
    {"WithoutConfigOptions", R"(,"configOptions":{})", "", ""},
    {"UnknownFieldAtTheEnd", R"("pageSize":-1)", R"("pageSize":-1,"x":{"y":[]})", ""},
    {"NullMap", R"("tags":{"k":"v"})", R"("tags":null)", "missing or null"},
    {"NullArray", R"("groups":["g"])", R"("groups":null)", "missing or null"},
    {"KeyTwice", R"({"k":"v"})", R"({"k":"v","k":"w"})", "comes twice"},
    {"NumberAsText", R"("queryId":"q")", R"("queryId":17)", ""},
    {"TextAsNumber", R"("pageSize":-1)", R"("pageSize":"25")", ""},
    {"NoNumber", R"("pageSize":-1)", R"("pageSize":"many")", "whole number"},
    {"PageSizeWithoutToken", R"("nextToken":null,)", "", "expected together"},
    {"TokenWithoutPageSize", R"(,"pageSize":-1)", "", "expected together"},
    {"MisspelledToken", "nextToken", "nextTokem", "expected together"},
    {"WithoutPaging", R"(,"nextToken":null,"pageSize":-1)", "", ""},
    {"NoJson", "{\"@type\"", "{@type", "not JSON"},
};

class RuleTest : public testing::TestWithParam<RuleCase> {};

TEST_P(RuleTest, OfRequests) {
  const auto& [name, from, to, error] = GetParam();
  std::string json = ListTables(R"(,"nextToken":null,"pageSize":-1)");
  if (*from != '\0') {
    const size_t place = json.find(from);
    ASSERT_NE(place, std::string::npos);
    json.replace(place, std::strlen(from), to);
  }
  const auto request = DecodeRequestAs(json, Version::kV6);
  if (*error == '\0') {
    EXPECT_TRUE(request.ok()) << request.status();
  } else {
    ASSERT_FALSE(request.ok());
    EXPECT_THAT(request.status().message(), HasSubstr(error));
  }
}

INSTANTIATE_TEST_SUITE_P(Json, RuleTest, testing::ValuesIn(kRules),
                         [](const auto& test) { return test.param.name; });

TEST(PingTest, SaysVersion1WithoutAVersion) {
  const std::string head = R"({"@type":"PingResponse","catalogName":"c","queryId":"q",)"
                           R"("sourceType":null,"capabilities":23)";
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"}", 1},
      {R"(,"serDeVersion":0})", 1},
      {R"(,"serDeVersion":null})", 1},
      {R"(,"other":4})", 1},
      {R"(,"serDeVersion":5})", 5},
      {R"(,"serDeVersion":9,"other":4})", 9},
  };
  for (const auto& [tail, version] : cases) {
    const auto response = DecodeResponse(head + tail, Version::kV2);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(std::get<PingResponse>(*response).serde_version, version) << tail;
  }
}

TEST(ListTablesTest, AMisspelledTokenOfAResponseIsAnError) {
  const std::string head = R"({"@type":"ListTablesResponse","tables":[],"catalogName":"c")";
  EXPECT_TRUE(DecodeResponse(head + "}", Version::kV2).ok());
  EXPECT_FALSE(DecodeResponse(head + R"(,"nextTokem":"t"})", Version::kV2).ok());
}

TEST(PassthroughTest, NeedsVersion5) {
  GetTableRequest request;
  request.passthrough_arguments = {{"QUERY", "select 1"}};
  EXPECT_TRUE(EncodeRequest(request, Version::kV5).ok());
  EXPECT_EQ(EncodeRequest(request, Version::kV4).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(RangeTest, WithEndsInTheWrongOrderIsAnErrorAndNotAnEmptySet) {
  const std::string json = ReadTestData("generated/v6/GetSplitsRequest.json");
  const auto request = DecodeRequestAs(json, Version::kV6);
  ASSERT_TRUE(request.ok()) << request.status();
  GetSplitsRequest wrong = std::get<GetSplitsRequest>(*request);
  wrong.constraints = {};
  wrong.constraints.filter.summary.emplace(
      "c", ValueSet::OfRanges(arrow::int32(),
                              {Range{Bound{int64_t{1}, true}, Bound{int64_t{9}, true}}}, false));
  std::string text = EncodeRequest(wrong, Version::kV6).value();
  const auto low = text.find(R"("low")");
  const auto high = text.find(R"("high")");
  const auto end = text.find(R"(,"nullAllowed")");
  const std::string low_value = text.substr(low + 5, high - low - 6);
  const std::string high_value = text.substr(high + 6, end - high - 8);
  text.replace(low, end - low - 2, absl::StrCat(R"("low")", high_value, R"(,"high")", low_value));
  const auto swapped = DecodeRequestAs(text, Version::kV6);
  ASSERT_FALSE(swapped.ok());
  EXPECT_THAT(swapped.status().message(), HasSubstr("above its high end"));
}

TEST(Base64Test, RoundTripsAndIsStrict) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    AppendBase64(bytes, &text);
    EXPECT_EQ(text.size(), Base64EncodedSize(bytes.size()));
    EXPECT_EQ(DecodeBase64(text).value(), bytes);
    if (!text.empty()) {
      EXPECT_EQ(DecodeBase64(absl::StrCat(" ", text.substr(0, 2), "\n", text.substr(2))).value(),
                bytes);
    }
    bytes.push_back(static_cast<char>(i * 7));
  }
  std::string text;
  AppendBase64("\xFB\xEF\xBE\xFF", &text);
  EXPECT_EQ(text, "++++/w==");
  for (const char* wrong :
       {"++++/w", "++++/w=", "----_w==", "A===", "====", "AA=A", "A", "AAAAA", "AAA\xC3\xA9"}) {
    EXPECT_FALSE(DecodeBase64(wrong).ok()) << wrong;
  }
}

TEST(BlockBytesTest, CountsAsTheReference) {
  struct Case {
    std::shared_ptr<arrow::DataType> type;
    const char* values;
    int64_t bytes;
  };

  const std::vector<Case> cases = {
      {arrow::int32(), "[1,2,3,4,5,6,7,8,9]", 38},
      {arrow::boolean(), "[true,true,true,true,true,true,true,true,true]", 4},
      {arrow::utf8(), R"(["abc"])", 12},
      {arrow::decimal128(10, 2), R"(["1.00"])", 17},
      {arrow::int64(), "[1,2,3,4,5,6,7,8,9]", 74},
      {arrow::int64(), "[]", 0},
  };
  for (const auto& [type, values, bytes] : cases) {
    const auto column = arrow::json::ArrayFromJSONString(type, values).ValueOrDie();
    const auto schema = arrow::schema({arrow::field("c", type)});
    const auto batch = arrow::RecordBatch::Make(schema, column->length(), {column});
    EXPECT_EQ(BlockBytes(*batch), bytes) << type->ToString();
  }
}

class ArrowTest : public testing::Test {
 protected:
  ArrowTest()
      : schema_(
            arrow::schema({arrow::field("i", arrow::int32()), arrow::field("s", arrow::utf8())})),
        batch_(arrow::RecordBatch::Make(
            schema_, 3,
            {arrow::json::ArrayFromJSONString(arrow::int32(), "[1, null, 3]").ValueOrDie(),
             arrow::json::ArrayFromJSONString(arrow::utf8(), R"(["ab", "cd", "ef"])")
                 .ValueOrDie()})),
        bytes_(SerializeBatch(*batch_, Framing::kModern).value()->ToString()) {}

  // Replaces the last place where the little-endian number `from` stands in the message.
  template <typename Number>
  std::string Replaced(Number from, Number to) const {
    const std::string pattern(reinterpret_cast<const char*>(&from), sizeof(from));
    std::string bytes = bytes_;
    const size_t place = bytes.rfind(pattern);
    EXPECT_NE(place, std::string::npos);
    bytes.replace(place, sizeof(to), reinterpret_cast<const char*>(&to), sizeof(to));
    return bytes;
  }

  std::string Error(const std::string& bytes) const {
    const auto batch = ParseBatch(arrow::Buffer::FromString(bytes), schema_);
    EXPECT_FALSE(batch.ok());
    EXPECT_EQ(batch.status().code(), absl::StatusCode::kInvalidArgument) << batch.status();
    return std::string(batch.status().message());
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::string bytes_;
};

TEST_F(ArrowTest, BothFramingsAreRead) {
  for (const Framing framing : {Framing::kLegacy, Framing::kModern}) {
    const auto schema = ParseSchema(SerializeSchema(*schema_, framing).value());
    ASSERT_TRUE(schema.ok()) << schema.status();
    const auto bytes = SerializeBatch(*batch_, framing).value();
    EXPECT_EQ(bytes->size() % 8, 0);
    const auto batch = ParseBatch(bytes, *schema);
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_TRUE((*batch)->Equals(*batch_));
  }
}

TEST_F(ArrowTest, WhatFollowsTheMessageIsIgnored) {
  EXPECT_TRUE(ParseBatch(arrow::Buffer::FromString(bytes_ + "more"), schema_).ok());
}

TEST_F(ArrowTest, EachLieHasItsError) {
  EXPECT_THAT(Error(""), HasSubstr("cut off before its metadata"));
  EXPECT_THAT(Error(std::string(8, '\0')), HasSubstr("cut off before its metadata"));
  EXPECT_THAT(Error(std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8)),
              HasSubstr("claims 2147483647 bytes of metadata"));
  EXPECT_THAT(Error(bytes_.substr(0, bytes_.size() - 8)), HasSubstr("claims a body"));
  EXPECT_THAT(Error(SerializeSchema(*schema_, Framing::kModern).value()->ToString()),
              HasSubstr("not a record batch"));
}

TEST_F(ArrowTest, OffsetsThatLieAreFound) {
  // The offsets 0, 2, 4, 6 of the texts: the third beyond the data, then before the second.
  EXPECT_THAT(Error(Replaced<uint64_t>(0x0000000600000004, 0x0000010000000004)),
              HasSubstr("column"));
  EXPECT_THAT(Error(Replaced<uint64_t>(0x0000000200000000, 0x0000000500000000)),
              HasSubstr("offsets do not rise"));
  EXPECT_THAT(Error(Replaced<uint64_t>(0x0000000200000000, 0x00000002FFFFFFFF)),
              HasSubstr("ffset"));
}

TEST_F(ArrowTest, CountsThatLieAreFound) {
  const auto other = arrow::schema({arrow::field("i", arrow::int32())});
  const auto batch = ParseBatch(arrow::Buffer::FromString(bytes_), other);
  ASSERT_FALSE(batch.ok());
  EXPECT_THAT(batch.status().message(), HasSubstr("2 columns and 5 buffers"));
}

TEST_F(ArrowTest, ATypeOutsideOfTheProtocolIsNamed) {
  const auto schema =
      arrow::schema({arrow::field("v", arrow::utf8_view()), arrow::field("i", arrow::int32())});
  const auto parsed = ParseSchema(SerializeSchema(*schema, Framing::kModern).value());
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.status().message(), HasSubstr("column 'v' has the Arrow type string_view"));
}

TEST(ZoneTest, CellsArePackedAsTheReferencePacksThem) {
  const std::string csv = ReadTestData("generated/timezone-packing.csv");
  const std::vector<std::string> lines = absl::StrSplit(csv, '\n', absl::SkipEmpty());
  ASSERT_GT(lines.size(), 100U);
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = absl::StrSplit(lines[i], ',');
    ASSERT_EQ(cells.size(), 3U) << lines[i];
    const auto key = ZoneKeyOf(cells[0]);
    int64_t millis = 0;
    int64_t packed = 0;
    if (!absl::SimpleAtoi(cells[2], &packed)) {
      EXPECT_FALSE(key.ok()) << lines[i];
      continue;
    }
    ASSERT_TRUE(key.ok() && absl::SimpleAtoi(cells[1], &millis)) << lines[i];
    EXPECT_EQ(PackTimestampTz(millis, *key), packed) << lines[i];
    EXPECT_EQ(UnpackMillis(packed), millis) << lines[i];
    EXPECT_EQ(UnpackZoneKey(packed), *key) << lines[i];
  }
}

TEST(ErrorTest, EnvelopesAreReadInEveryShape) {
  const std::vector<std::pair<std::string, LambdaError>> cases = {
      {R"({"errorMessage":"m","errorType":"t","stackTrace":["a","b"]})", {"m", "t", {"a", "b"}}},
      {R"({"errorMessage":"m","stackTrace":[["a"],["b","c"]],"cause":{"errorMessage":"n"}})",
       {"m", "", {"a", "b", "c"}}},
      {R"({"errorType":"t","stackTrace":"a","requestId":1})", {"", "t", {"a"}}},
      {R"({"errorMessage":null,"errorType":null,"stackTrace":null})", {"", "", {}}},
      {"{}", {"", "", {}}},
  };
  for (const auto& [json, want] : cases) {
    const auto error = DecodeLambdaError(json);
    ASSERT_TRUE(error.ok()) << error.status();
    EXPECT_EQ(*error, want) << json;
  }
  EXPECT_FALSE(DecodeLambdaError("[]").ok());
  EXPECT_FALSE(DecodeLambdaError("Task timed out").ok());
}

TEST(ErrorTest, ABodyWithoutTypeAndWithAMessageIsAnError) {
  EXPECT_TRUE(FindLambdaError(R"({"errorMessage":"m"})").has_value());
  EXPECT_FALSE(FindLambdaError(R"({"@type":"X","errorMessage":"m"})").has_value());
  EXPECT_FALSE(FindLambdaError(ReadTestData("upstream/PingResponse.json")).has_value());
  EXPECT_TRUE(
      FindLambdaError(ReadTestData("upstream/v2/LambdaFunctionException.json")).has_value());
}

TEST(ErrorTest, SaysWhatTheCallerCanDo) {
  const std::vector<std::pair<LambdaError, absl::StatusCode>> cases = {
      {{"m", kThrottleException, {}}, absl::StatusCode::kResourceExhausted},
      {{"ThrottlingInvoker requesting slow down due to x", kConnectorException, {}},
       absl::StatusCode::kResourceExhausted},
      {{"m",
        "software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException",
        {}},
       absl::StatusCode::kResourceExhausted},
      {{"2026 r Task timed out after 3.00 seconds", "", {}}, absl::StatusCode::kDeadlineExceeded},
      {{"m", "Sandbox.Timedout", {}}, absl::StatusCode::kDeadlineExceeded},
      {{"m", "Function.ResponseSizeTooLarge", {}}, absl::StatusCode::kFailedPrecondition},
      {{"m", "Runtime.ExitError", {}}, absl::StatusCode::kUnavailable},
      {{"m", kConnectorException, {}}, absl::StatusCode::kUnknown},
  };
  for (const auto& [error, code] : cases) {
    EXPECT_EQ(ToStatus(error).code(), code) << error.type;
  }
  const absl::Status throttled = absl::ResourceExhaustedError("slower");
  EXPECT_EQ(ToLambdaError(throttled).type, kThrottleException);
  EXPECT_EQ(ToStatus(ToLambdaError(throttled)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ToLambdaError(absl::NotFoundError("no table")).type, kConnectorException);
  EXPECT_EQ(ToStatus(ToLambdaError(absl::NotFoundError("no table"))).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ToStatus({"m", "", {}}).message(), "m (an error without a type)");
  EXPECT_EQ(ToStatus({"m", "t", {}}).message(), "m (t)");
  EXPECT_EQ(DecodeLambdaError(EncodeLambdaError({"m\n\"é", "t", {"f"}})).value(),
            (LambdaError{"m\n\"é", "t", {"f"}}));
}

}  // namespace
}  // namespace pallas::sdk::protocol
