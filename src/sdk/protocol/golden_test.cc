// The reference's messages: read, written again, compared. All text must be the same to the byte,
// in the same order; maps without an order are sorted first, and Arrow bytes, whose layout is the
// library's, are compared by what they hold.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/json/from_string.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "gtest/gtest.h"

#include "nlohmann/json.hpp"
#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/base64.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/testing/golden_messages.h"

namespace pallas::sdk::protocol {
namespace {

using Json = nlohmann::ordered_json;

std::shared_ptr<arrow::Buffer> Bytes(const std::string& base64) {
  return arrow::Buffer::FromString(DecodeBase64(base64).value());
}

std::shared_ptr<arrow::Schema> SchemaOf(const std::string& base64) {
  return ParseSchema(Bytes(base64)).value();
}

// What is compared in place of a schema's bytes.
std::string Described(const arrow::Schema& schema) {
  std::map<std::string, std::string> metadata;
  if (schema.metadata() != nullptr) {
    for (int64_t i = 0; i < schema.metadata()->size(); ++i) {
      metadata[schema.metadata()->key(i)] = schema.metadata()->value(i);
    }
  }
  return absl::StrCat(schema.ToString(), "\n", Json(metadata).dump());
}

bool IsUnorderedMap(const std::string& key) {
  static const std::set<std::string> kMaps = {"tags",
                                              "principalTags",
                                              "configOptions",
                                              "properties",
                                              "summary",
                                              "capabilities",
                                              "queryPassthroughArguments"};
  return kMaps.contains(key);
}

// Replaces Arrow bytes by what they hold, allocators' names by nothing, and sorts maps.
Json Normalized(const std::string& key, const Json& value, Version version);

Json NormalizedBlock(const Json& block) {
  const std::shared_ptr<arrow::Schema> schema = SchemaOf(block.at("schema"));
  const std::string records = block.at("records");
  return {{"schema", Described(*schema)},
          {"records",
           records.empty() ? records : ParseBatch(Bytes(records), schema).value()->ToString()}};
}

Json Normalized(const std::string& key, const Json& value, Version version) {
  if (value.is_object() && value.contains("aId")) {
    return NormalizedBlock(value);
  }
  if (value.is_string() && (key == "schema" || key == "outputSchema")) {
    return Described(*SchemaOf(value));
  }
  if (value.is_array()) {
    Json result = Json::array();
    for (const Json& item : value) {
      result.push_back(Normalized(key, item, version));
    }
    return result;
  }
  if (!value.is_object()) {
    return value;
  }
  std::vector<std::pair<std::string, Json>> fields;
  for (const auto& [name, item] : value.items()) {
    const bool left_out =
        version == Version::kV1 &&
        ((key == "identity" && (name == "id" || name == "principal")) || name == "children");
    if (!left_out) {
      fields.emplace_back(name, Normalized(name, item, version));
    }
  }
  if (IsUnorderedMap(key)) {
    std::sort(fields.begin(), fields.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  Json result = Json::object();
  for (auto& [name, item] : fields) {
    result[name] = std::move(item);
  }
  return result;
}

std::string Normalized(const std::string& json, Version version) {
  return Normalized("", Json::parse(json), version).dump(1);
}

bool HasNoBlocks(const std::string& json) {
  return !absl::StrContains(json, "aId") && !absl::StrContains(json, "chema\"");
}

struct Case {
  std::string path;
  Version version;
};

std::string CaseName(const testing::TestParamInfo<Case>& info) {
  std::string name = absl::StrCat(info.param.path, "_as_V", static_cast<int>(info.param.version));
  for (char& c : name) {
    c = absl::ascii_isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  return name;
}

std::vector<Case> GeneratedCases() {
  std::vector<Case> cases;
  for (int version = 1; version <= 6; ++version) {
    for (const std::string& path : TestMessages(absl::StrCat("generated/v", version))) {
      cases.push_back({path, static_cast<Version>(version)});
    }
  }
  return cases;
}

class GoldenTest : public testing::TestWithParam<Case> {};

TEST_P(GoldenTest, IsWrittenAsItWasRead) {
  const auto& [path, version] = GetParam();
  const std::string golden = ReadTestData(path);
  const absl::StatusOr<std::string> text = Recode(path, golden, version);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(Normalized(*text, version), Normalized(golden, version));
  if (HasNoBlocks(golden) && version != Version::kV1) {
    EXPECT_EQ(*text, Json::parse(golden).dump());
  }
  EXPECT_EQ(Recode(path, *text, version).value(), *text);
}

INSTANTIATE_TEST_SUITE_P(Generated, GoldenTest, testing::ValuesIn(GeneratedCases()), CaseName);

// Which versions read which of the upstream fixtures (section 24.2), from version 2 on.
const std::map<std::string, std::string> kAcceptance = {
    {"PingRequest", "====="},
    {"PingRequestForwardsCompatible", "~~~~~"},
    {"PingResponse", "====="},
    {"PingResponseForwardsCompatible", "~~~~~"},
    {"v2/GetSplitsRequest", "=~..."},
    {"v2/GetSplitsResponse", "====="},
    {"v2/GetTableLayoutRequest", "=~..."},
    {"v2/GetTableLayoutResponse", "=~~~~"},
    {"v2/GetTableRequest", "===.."},
    {"v2/GetTableResponse", "=~~~~"},
    {"v2/ListSchemasRequest", "====="},
    {"v2/ListTablesRequest", "====="},
    {"v2/ListSchemasResponse", "====="},
    {"v2/ListTablesResponse", "====="},
    {"v2/ReadRecordsRequest", "=~..."},
    {"v2/ReadRecordsResponse", "=~~~~"},
    {"v2/RemoteReadRecordsResponse", "=~~~~"},
    {"v2/UserDefinedFunctionRequest", "=~~~~"},
    {"v2/UserDefinedFunctionResponse", "=~~~~"},
    {"v4/GetDataSourceCapabilitiesResponse", "..==="},
    {"v4/ReadRecordsRequest", "..=.."},
    {"v5/GetTableRequest", "~~~=="},
    {"v5/ReadRecordsRequest", "...=."},
    {"v6/ReadRecordsRequest", "....="},
};

TEST(UpstreamTest, EachVersionReadsWhatTheReferenceReads) {
  for (const auto& [name, row] : kAcceptance) {
    const std::string path = absl::StrCat("upstream/", name, ".json");
    const std::string golden = ReadTestData(path);
    for (size_t i = 0; i < row.size(); ++i) {
      SCOPED_TRACE(absl::StrCat(name, " as version ", i + 2));
      const auto version = static_cast<Version>(i + 2);
      const absl::StatusOr<std::string> text = Recode(path, golden, version);
      EXPECT_EQ(text.ok(), row[i] != '.') << text.status();
      if (text.ok() && row[i] == '=') {
        EXPECT_EQ(Normalized(*text, version), Normalized(golden, version));
      }
    }
  }
}

// The first version reads in any order, and skips what it does not know.
TEST(UpstreamTest, TheFirstVersionReadsLaterMessages) {
  for (const char* name : {"PingRequest", "PingResponse", "v2/ListSchemasRequest",
                           "v2/ListTablesRequest", "v2/ListTablesResponse", "v2/GetSplitsResponse",
                           "v2/ReadRecordsResponse", "v2/UserDefinedFunctionResponse"}) {
    const std::string path = absl::StrCat("upstream/", name, ".json");
    const absl::StatusOr<std::string> text = Recode(path, ReadTestData(path), Version::kV1);
    EXPECT_TRUE(text.ok()) << name << ": " << text.status();
  }
}

// What a request says about its version (section 3.3): those without evidence are answered as the
// newest.
TEST(VersionTest, IsSeenFromTheStructure) {
  const std::map<std::string, std::vector<int>> resolved = {
      {"PingRequest", {1, 6, 6, 6, 6, 6}},
      {"ListSchemasRequest", {1, 6, 6, 6, 6, 6}},
      {"ListTablesRequest", {1, 6, 6, 6, 6, 6}},
      {"GetDataSourceCapabilitiesRequest", {0, 0, 0, 6, 6, 6}},
      {"GetTableRequest", {1, 4, 4, 4, 6, 6}},
      {"UserDefinedFunctionRequest", {1, 2, 6, 6, 6, 6}},
      {"GetTableLayoutRequest", {1, 2, 3, 4, 5, 6}},
      {"GetSplitsRequest", {1, 2, 3, 4, 5, 6}},
      {"ReadRecordsRequest", {1, 2, 3, 4, 5, 6}}};
  for (const auto& [name, versions] : resolved) {
    for (size_t i = 0; i < versions.size(); ++i) {
      if (versions[i] == 0) {
        continue;
      }
      const auto request =
          DecodeRequest(ReadTestData(absl::StrCat("generated/v", i + 1, "/", name, ".json")));
      ASSERT_TRUE(request.ok()) << name << " v" << i + 1 << ": " << request.status();
      EXPECT_EQ(static_cast<int>(request->version), versions[i]) << name << " v" << i + 1;
    }
  }
}

struct ColumnCase {
  const char* name;
  const char* type;
  const char* values;
};

// AllTypes.expected.json.
constexpr ColumnCase kAllTypes[] = {
    {"c_bit", "bool", "[true, false, null]"},
    {"c_tinyint", "int8", "[-128, 127, null]"},
    {"c_smallint", "int16", "[-32768, 32767, null]"},
    {"c_int", "int32", "[-2147483648, 2147483647, null]"},
    {"c_bigint", "int64", "[-9223372036854775808, 9223372036854775807, null]"},
    {"c_float4", "float", "[-1.5, NaN, null]"},
    {"c_float8", "double", "[-1.5E300, Inf, null]"},
    {"c_decimal", "decimal128(38, 10)",
     R"(["-12345678901234567890.0123456789", "0.0000000001", null])"},
    {"c_varchar", "string", R"(["hello", "é世😀", null])"},
    {"c_dateday", "date32[day]", "[-1, 18262, null]"},
    {"c_datemilli", "date64[ms]", "[-1, 1577836800000, null]"},
    {"c_tstz", "timestamp[ms, tz=UTC]", "[6617914259277623, -81100802926, null]"},
    {"c_list", "", "[[1, 2, 3], [], null]"},
    {"c_struct", "", R"([{"id": 7, "name": "seven"}, {"name": ""}, null])"},
    {"c_map", "", R"([[["a", 1], ["b", 2]], [], null])"},
};

void ExpectAllTypes(const arrow::RecordBatch& batch) {
  ASSERT_EQ(batch.num_columns(), static_cast<int>(std::size(kAllTypes)) + 1);
  for (const ColumnCase& want : kAllTypes) {
    const std::shared_ptr<arrow::Array> column = batch.GetColumnByName(want.name);
    ASSERT_NE(column, nullptr) << want.name;
    if (*want.type != '\0') {
      EXPECT_EQ(column->type()->ToString(), want.type);
    }
    const auto values = arrow::json::ArrayFromJSONString(column->type(), want.values);
    ASSERT_TRUE(values.ok()) << values.status().ToString();
    EXPECT_TRUE(column->Equals(**values, arrow::EqualOptions().nans_equal(true)))
        << want.name << ": " << column->ToString();
  }
  const auto& binary =
      static_cast<const arrow::BinaryArray&>(*batch.GetColumnByName("c_varbinary"));
  EXPECT_EQ(binary.GetView(0), std::string_view("\0\1\xFF", 3));
  EXPECT_EQ(binary.GetView(1), "");
  EXPECT_TRUE(binary.IsNull(2));
  EXPECT_EQ(batch.schema()->metadata()->Get("sourceTable").ValueOr(""), "Source.Table");
  EXPECT_EQ(BlockBytes(batch), 368);
}

TEST(AllTypesTest, HoldTheExpectedValues) {
  for (const int version : {1, 2, 3, 6}) {
    SCOPED_TRACE(version);
    const auto response = DecodeResponse(
        ReadTestData(absl::StrCat("generated/v", version, "/AllTypes.ReadRecordsResponse.json")),
        static_cast<Version>(version));
    ASSERT_TRUE(response.ok()) << response.status();
    ExpectAllTypes(*std::get<ReadRecordsResponse>(*response).records);
  }
}

TEST(AllTypesTest, ASpilledBlockHoldsThem) {
  const auto response = DecodeResponse(
      ReadTestData("generated/v6/Unencrypted.RemoteReadRecordsResponse.json"), Version::kV6);
  ASSERT_TRUE(response.ok()) << response.status();
  const auto batch =
      ParseBatch(arrow::Buffer::FromString(ReadTestData("generated/spill/block.plain.bin")),
                 std::get<RemoteReadRecordsResponse>(*response).schema);
  ASSERT_TRUE(batch.ok()) << batch.status();
  ExpectAllTypes(**batch);
}

}  // namespace
}  // namespace pallas::sdk::protocol
