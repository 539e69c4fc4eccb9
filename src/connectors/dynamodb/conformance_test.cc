#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

#include "connectors/dynamodb/testing/dynamodb_server.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::dynamodb {
namespace {

using sdk::ConnectorConformance;

constexpr int kItems = 160;
constexpr absl::Duration kVerySlow = absl::Seconds(30);

std::string Attribute(const std::string& name, const std::string& type, const std::string& json) {
  return absl::StrCat(",\"", name, "\":{\"", type, "\":", json, "}");
}

std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }

// Attributes of many types, missing or NULL in some items; among the numbers some are text, and one
// attribute has three types.
std::string Item(int i) {
  static const std::vector<std::string> kNames = {"abc", "ABC", "abd",  "zo\\u00eb",
                                                  "",    " ",   "it's", "\\uD83D\\uDE42 %_\\\\"};
  std::string item = absl::StrCat(R"({"hash":{"S":"h)", i % 40, R"("},"range":{"N":")", i, "\"}");
  if (i % 7 != 0) {
    absl::StrAppend(&item,
                    Attribute("big", "N", Quoted(absl::StrCat((i - 80) * 90071992547409919))));
  }
  absl::StrAppend(
      &item, Attribute("price", i % 11 == 3 ? "S" : "N", Quoted(absl::StrCat((i - 80) / 4.0))));
  if (i % 5 == 0) {
    absl::StrAppend(&item, Attribute("name", "NULL", "true"));
  } else if (i % 5 != 1) {
    absl::StrAppend(&item, Attribute("name", "S", Quoted(kNames[static_cast<size_t>(i) % 8])));
  }
  absl::StrAppend(&item, Attribute("mixed", i % 3 == 0 ? "S" : (i % 3 == 1 ? "N" : "BOOL"),
                                   i % 3 == 2 ? "true" : Quoted(absl::StrCat(i % 10))));
  if (i % 4 != 0) {
    absl::StrAppend(&item, Attribute("flag", "BOOL", i % 8 < 4 ? "true" : "false"));
    absl::StrAppend(&item, Attribute("bytes", "B", Quoted(i % 2 == 0 ? "AP9h" : "YQ==")));
    absl::StrAppend(
        &item,
        Attribute("place", "M", absl::StrCat(R"({"x":{"N":")", i, R"("},"y":{"L":[{"S":"a"}]}})")));
  }
  return absl::StrCat(item, "}");
}

void Fill(DynamoDbServer& server) {
  constexpr char kIndexes[] =
      R"(,"LocalSecondaryIndexes":[{"IndexName":"by_big","KeySchema":[{"AttributeName":"hash",)"
      R"("KeyType":"HASH"},{"AttributeName":"big","KeyType":"RANGE"}],)"
      R"("Projection":{"ProjectionType":"KEYS_ONLY"}}],)"
      R"("GlobalSecondaryIndexes":[{"IndexName":"sparse","KeySchema":[{"AttributeName":"range",)"
      R"("KeyType":"HASH"},{"AttributeName":"big","KeyType":"RANGE"}],)"
      R"("Projection":{"ProjectionType":"ALL"}}])";
  for (const char* const table : {"data", "empty"}) {
    ASSERT_TRUE(server.CreateTable(table, "hash S, range N", "big N", kIndexes).ok());
  }
  ASSERT_TRUE(server.CreateTable("slow", "hash S").ok());
  std::vector<std::string> items;
  for (int i = 0; i < kItems; ++i) {
    items.push_back(Item(i));
  }
  const absl::Status put = server.Put("data", items);
  ASSERT_TRUE(put.ok()) << put;
}

// A proxy that keeps whoever reads the table `slow` waiting.
struct SlowSource {
  ~SlowSource() { end.Notify(); }

  absl::Notification end;
  RecordingProxy proxy{
      TestServer().endpoint(),
      [this](const RecordedRequest& request) -> std::optional<std::string> {
        if (request.operation == "Scan" && absl::StrContains(request.body, "slow")) {
          end.WaitForNotificationWithTimeout(kVerySlow);
        }
        return std::nullopt;
      }};
};

std::shared_ptr<sdk::ConformanceSubject> MakeSubject(sdk::OptionList more) {
  static const bool kFilled = [] {
    Fill(TestServer());
    return !testing::Test::HasFailure();
  }();
  if (!kFilled) {
    return nullptr;
  }
  auto source = std::make_shared<SlowSource>();
  sdk::OptionList options = {{"endpoint", source->proxy.endpoint()},
                             {"access_key", DynamoDbServer::kAccessKey},
                             {"secret_key", DynamoDbServer::kSecretKey},
                             {"tables.0.name", "slow"},
                             {"tables.0.columns.hash", "varchar"}};
  options.insert(options.end(), more.begin(), more.end());
  auto connector = MakeConnector(std::move(options));
  EXPECT_TRUE(connector.ok()) << connector.status();
  auto subject = std::make_shared<sdk::ConformanceSubject>();
  subject->source = std::move(source);
  subject->connector = *std::move(connector);
  subject->data = {"default", "data"};
  subject->empty = {"default", "empty"};
  subject->slow = {"default", "slow"};
  subject->secrets = {DynamoDbServer::kSecretKey};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(DynamoDb, ConnectorConformance,
                         testing::Values([] { return MakeSubject({}); }));
INSTANTIATE_TEST_SUITE_P(DynamoDbSegments, ConnectorConformance,
                         testing::Values([] { return MakeSubject({{"scan_segments", "4"}}); }));
// Declared types, which round and truncate nothing of a key.
INSTANTIATE_TEST_SUITE_P(DynamoDbDeclared, ConnectorConformance, testing::Values([] {
                           sdk::OptionList options;
                           for (const std::string table : {"data", "empty"}) {
                             const std::string group =
                                 absl::StrCat("tables.", table == "data" ? 1 : 2, ".");
                             options.insert(options.end(),
                                            {{group + "name", table},
                                             {group + "columns.hash", "varchar"},
                                             {group + "columns.range", "integer"},
                                             {group + "columns.big", "bigint"},
                                             {group + "columns.price", "decimal(10,1)"},
                                             {group + "columns.flag", "boolean"},
                                             {group + "columns.name", "varchar"}});
                           }
                           return MakeSubject(options);
                         }));

}  // namespace
}  // namespace pallas::dynamodb
