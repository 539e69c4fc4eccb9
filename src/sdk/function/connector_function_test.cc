#include "sdk/function/connector_function.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/json/from_string.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "sdk/protocol/error_json.h"
#include "sdk/spill/spilled_block.h"
#include "sdk/spill/testing/memory_object_store.h"
#include "sdk/testing/memory_connector.h"

namespace pallas::sdk {
namespace {

using protocol::Version;
using testing::HasSubstr;
using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int64_t kInlineBytes = 1 << 20;
constexpr int64_t kAnySize = int64_t{1} << 40;

std::shared_ptr<arrow::Schema> OrdersSchema() {
  return arrow::schema(
      {arrow::field("O_Id", arrow::int64(), true,
                    arrow::key_value_metadata({kCommentKey}, {"the key"})),
       arrow::field("o_name", arrow::utf8()),
       arrow::field("o_time", arrow::timestamp(arrow::TimeUnit::MICRO)),
       arrow::field("o_zoned", arrow::timestamp(arrow::TimeUnit::MICRO, "+01:00"))},
      arrow::key_value_metadata({"private"}, {"note"}));
}

Batch Orders(int64_t first, int64_t count) {
  std::string ids;
  std::string names;
  std::string times;
  for (int64_t i = first; i < first + count; ++i) {
    absl::StrAppend(&ids, i == first ? "" : ",", i);
    absl::StrAppend(&names, i == first ? "" : ",", "\"order ", i, "\"");
    absl::StrAppend(&times, i == first ? "" : ",", -1500 + i * 1000);
  }
  const auto schema = OrdersSchema();
  const auto column = [&](int i, const std::string& values) {
    return arrow::json::ArrayFromJSONString(schema->field(i)->type(),
                                            absl::StrCat("[", values, "]"))
        .ValueOrDie();
  };
  return arrow::RecordBatch::Make(
      schema, count, {column(0, ids), column(1, names), column(2, times), column(3, times)});
}

MemoryTable Table(const std::string& database, const std::string& name) {
  MemoryTable table;
  table.name = {database, name};
  table.schema = OrdersSchema();
  table.splits = {Orders(0, 10), Orders(10, 10), Orders(20, 10)};
  return table;
}

class ConnectorFunctionTest : public testing::Test {
 protected:
  ConnectorFunctionTest() : ConnectorFunctionTest({Table("Sales", "Orders")}) {}

  explicit ConnectorFunctionTest(std::vector<MemoryTable> tables)
      : connector_(std::move(tables)),
        function_(
            connector_, Options(),
            [this](const std::string& bucket) -> absl::StatusOr<storage::ObjectStore*> {
              buckets_.push_back(bucket);
              return &store_;
            },
            pool_) {}

  static FunctionOptions Options() {
    FunctionOptions options;
    options.source_type = "memory";
    options.spill_bucket = "bucket";
    options.max_splits_of_page = 2;
    options.max_uploads = 1;
    return options;
  }

  static protocol::RequestHead Head() {
    protocol::RequestHead head;
    head.identity.account = "123456789012";
    head.query_id = "query";
    head.catalog = "cat";
    return head;
  }

  template <typename ResponseType, typename RequestType>
  absl::StatusOr<ResponseType> Ask(const RequestType& request, Version version = Version::kV6) {
    const auto json = protocol::EncodeRequest(request, version);
    EXPECT_TRUE(json.ok()) << json.status();
    const protocol::Invocation answer = function_.Invoke(RequestContext(), *json);
    if (answer.is_error) {
      error_ = protocol::DecodeLambdaError(answer.body).value();
      return protocol::ToStatus(error_);
    }
    const auto response = protocol::DecodeResponse(answer.body, version);
    EXPECT_TRUE(response.ok()) << response.status();
    return std::get<ResponseType>(*response);
  }

  absl::StatusOr<protocol::GetTableResponse> GetTable(const TableName& name,
                                                      Version version = Version::kV6) {
    return Ask<protocol::GetTableResponse>(protocol::GetTableRequest{Head(), name, {}}, version);
  }

  // All splits of the table, page by page.
  std::vector<protocol::WireSplit> Splits(const protocol::GetTableResponse& table,
                                          Version version) {
    const auto layout = Ask<protocol::GetTableLayoutResponse>(
        protocol::GetTableLayoutRequest{Head(), table.table, {}, table.schema, {}}, version);
    EXPECT_TRUE(layout.ok()) << layout.status();
    std::vector<protocol::WireSplit> splits;
    protocol::GetSplitsRequest request{Head(), table.table, layout->partitions, {}, {}, {}};
    do {
      const auto page = Ask<protocol::GetSplitsResponse>(request, version);
      EXPECT_TRUE(page.ok()) << page.status();
      EXPECT_LE(page->splits.size(), 2U);
      splits.insert(splits.end(), page->splits.begin(), page->splits.end());
      request.continuation_token = page->continuation_token;
    } while (request.continuation_token);
    return splits;
  }

  static protocol::ReadRecordsRequest ReadRequest(const protocol::GetTableResponse& table,
                                                  const protocol::WireSplit& split) {
    protocol::ReadRecordsRequest request;
    request.head = Head();
    request.table = table.table;
    request.schema = table.schema;
    request.split = split;
    request.max_block_bytes = 16'000'000;
    request.max_inline_block_bytes = kInlineBytes;
    return request;
  }

  MemoryConnector connector_;
  MemoryObjectStore store_;
  ThreadPool pool_{2};
  std::vector<std::string> buckets_;
  ConnectorFunction function_;
  protocol::LambdaError error_;
};

TEST_F(ConnectorFunctionTest, AnswersAPing) {
  const auto response = Ask<protocol::PingResponse>(protocol::PingRequest{Head()}, Version::kV2);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->catalog, "cat");
  EXPECT_EQ(response->query_id, "query");
  EXPECT_EQ(response->source_type, "memory");
  EXPECT_EQ(response->serde_version, 6);
}

TEST_F(ConnectorFunctionTest, ListsInLowerCase) {
  const auto schemas = Ask<protocol::ListSchemasResponse>(protocol::ListSchemasRequest{Head()});
  ASSERT_TRUE(schemas.ok()) << schemas.status();
  EXPECT_THAT(schemas->schemas, testing::ElementsAre("sales"));
  const auto tables = Ask<protocol::ListTablesResponse>(
      protocol::ListTablesRequest{Head(), "sales", std::nullopt, -1});
  ASSERT_TRUE(tables.ok()) << tables.status();
  EXPECT_EQ(tables->tables, (std::vector<TableName>{{"sales", "orders"}}));
}

TEST_F(ConnectorFunctionTest, FindsATableInAnyCaseAndNamesItAsTheSourceDoes) {
  for (const TableName& name :
       {TableName{"sales", "orders"}, TableName{"Sales", "Orders"}, TableName{"SALES", "oRDERS"}}) {
    const auto table = GetTable(name);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->table, (TableName{"Sales", "Orders"}));
    EXPECT_THAT(table->schema->field_names(),
                testing::ElementsAre("o_id", "o_name", "o_time", "o_zoned"));
    EXPECT_EQ(table->schema->field(2)->type()->ToString(), "date64[ms]");
    EXPECT_EQ(table->schema->field(3)->type()->ToString(), "timestamp[ms, tz=+01:00]");
    EXPECT_EQ(table->schema->metadata()->Get("private").ValueOr(""), "note");
    EXPECT_EQ(table->schema->metadata()->Get("o_id").ValueOr(""), "the key");
  }
  EXPECT_FALSE(GetTable({"sales", "others"}).ok());
  EXPECT_EQ(error_.type, protocol::kConnectorException);
  EXPECT_THAT(error_.message, HasSubstr("there is no table 'others'"));
}

// Every version, inline and spilled: the rows are the source's.
TEST_F(ConnectorFunctionTest, ReadsEveryRowInEveryVersion) {
  for (int number = 1; number <= 6; ++number) {
    SCOPED_TRACE(number);
    const auto version = static_cast<Version>(number);
    const auto table = GetTable({"sales", "orders"}, version);
    ASSERT_TRUE(table.ok()) << table.status();
    const std::vector<protocol::WireSplit> splits = Splits(*table, version);
    ASSERT_EQ(splits.size(), 3U);
    int64_t sum = 0;
    for (const protocol::WireSplit& split : splits) {
      ASSERT_TRUE(split.encryption_key && split.spill_location);
      EXPECT_TRUE(split.spill_location->directory);
      EXPECT_EQ(split.spill_location->bucket, "bucket");
      protocol::ReadRecordsRequest request = ReadRequest(*table, split);
      const auto inlined = Ask<protocol::ReadRecordsResponse>(request, version);
      ASSERT_TRUE(inlined.ok()) << inlined.status();
      const arrow::RecordBatch& rows = *inlined->records;
      ASSERT_EQ(rows.num_rows(), 10);
      for (int64_t row = 0; row < 10; ++row) {
        const int64_t id = static_cast<const arrow::Int64Array&>(*rows.column(0)).Value(row);
        sum += id;
        // -1500 µs lies in the millisecond -2.
        EXPECT_EQ(static_cast<const arrow::Date64Array&>(*rows.column(2)).Value(row), id - 2);
        EXPECT_EQ(static_cast<const arrow::TimestampArray&>(*rows.column(3)).Value(row),
                  (id - 2) * 4096 + 900);
      }
      request.max_inline_block_bytes = 0;
      request.max_block_bytes = 200;
      const auto remote = Ask<protocol::RemoteReadRecordsResponse>(request, version);
      ASSERT_TRUE(remote.ok()) << remote.status();
      ASSERT_GT(remote->remote_blocks.size(), 1U);
      const BlockCipher cipher =
          BlockCipher::Make({remote->encryption_key->key, remote->encryption_key->nonce}).value();
      int64_t offset = 0;
      for (const protocol::SpillLocation& location : remote->remote_blocks) {
        const auto block = ReadSpilledBlock(store_, *location.key, remote->schema, &cipher,
                                            kAnySize, Cancellation());
        ASSERT_TRUE(block.ok()) << block.status();
        EXPECT_TRUE((*block)->Equals(*rows.Slice(offset, (*block)->num_rows())));
        offset += (*block)->num_rows();
      }
      EXPECT_EQ(offset, 10);
    }
    EXPECT_EQ(sum, 29 * 30 / 2);
  }
}

TEST_F(ConnectorFunctionTest, TellsTheConnectorWhatItCanUse) {
  const auto table = GetTable({"sales", "orders"});
  ASSERT_TRUE(table.ok()) << table.status();
  protocol::ReadRecordsRequest request = ReadRequest(*table, Splits(*table, Version::kV6)[0]);
  request.schema = arrow::schema({table->schema->field(1)}, table->schema->metadata());
  const ValueSet ids = ValueSet::OfRanges(arrow::int64(), {Range::AtLeast(int64_t{4})}, false);
  request.constraints.filter.summary.emplace("o_id", ids);
  request.constraints.limit = 3;
  ASSERT_TRUE(Ask<protocol::ReadRecordsResponse>(request).ok());
  Scan scan = connector_.reads().back();
  EXPECT_THAT(scan.columns, testing::ElementsAre("o_name"));
  ASSERT_EQ(scan.constraints.summary.size(), 1U);
  EXPECT_EQ(scan.constraints.summary.at("O_Id"), ids);
  EXPECT_EQ(scan.limit, 3);

  // Milliseconds say nothing exact of microseconds, so neither the set nor the limit may go down.
  request.constraints.filter.summary.emplace(
      "o_time", ValueSet::OfRanges(arrow::date64(), {Range::Equal(int64_t{5})}, false));
  ASSERT_TRUE(Ask<protocol::ReadRecordsResponse>(request).ok());
  scan = connector_.reads().back();
  EXPECT_EQ(scan.constraints.summary.size(), 1U);
  EXPECT_FALSE(scan.limit.has_value());

  // What Java writes for IS NOT NULL looks like nothing at all.
  request.constraints.filter.summary = {};
  request.constraints.filter.summary.emplace("o_id",
                                             ValueSet::AllOrNone(arrow::int64(), false, false));
  ASSERT_TRUE(Ask<protocol::ReadRecordsResponse>(request).ok());
  EXPECT_TRUE(connector_.reads().back().constraints.summary.empty());
}

TEST_F(ConnectorFunctionTest, SpillsWhereTheRequestSays) {
  const auto table = GetTable({"sales", "orders"});
  protocol::GetSplitsRequest splits{Head(), table->table, SinglePartition().rows, {}, {}, {}};
  splits.head.identity.config_options = {{"spill_bucket", "other"}, {"spill_prefix", "here"}};
  const auto page = Ask<protocol::GetSplitsResponse>(splits);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->splits[0].spill_location->bucket, "other");
  EXPECT_THAT(*page->splits[0].spill_location->key, testing::StartsWith("here/query/"));
  protocol::ReadRecordsRequest request = ReadRequest(*table, page->splits[0]);
  request.max_inline_block_bytes = 0;
  ASSERT_TRUE(Ask<protocol::RemoteReadRecordsResponse>(request).ok());
  EXPECT_THAT(buckets_, testing::Each("other"));

  request.split.spill_location->bucket.reset();
  EXPECT_FALSE(Ask<protocol::RemoteReadRecordsResponse>(request).ok());
  EXPECT_THAT(error_.message, HasSubstr("there is no spill_bucket"));
}

TEST_F(ConnectorFunctionTest, ErrorsSayWhatIsWrong) {
  const auto table = GetTable({"sales", "orders"});
  protocol::ReadRecordsRequest request = ReadRequest(*table, Splits(*table, Version::kV6)[0]);
  request.schema = arrow::schema({arrow::field("nothing", arrow::int64())});
  EXPECT_EQ(Ask<protocol::ReadRecordsResponse>(request).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(error_.message, HasSubstr("no column 'nothing'"));

  request.schema = arrow::schema({arrow::field("o_id", arrow::utf8())});
  EXPECT_FALSE(Ask<protocol::ReadRecordsResponse>(request).ok());
  EXPECT_THAT(error_.message, HasSubstr("is asked for as string, but is int64 now"));

  request.schema = table->schema;
  request.split.encryption_key->nonce = "short";
  EXPECT_FALSE(Ask<protocol::ReadRecordsResponse>(request).ok());
  EXPECT_THAT(error_.message, HasSubstr("Expected 12 nonce bytes but found 5"));

  const protocol::Invocation answer = function_.Invoke(RequestContext(), "{}");
  EXPECT_TRUE(answer.is_error);
  EXPECT_THAT(answer.body, HasSubstr("@type is missing"));
}

TEST_F(ConnectorFunctionTest, ThrottlingIsReportedAsSuchUntilABlockIsSpilled) {
  const auto table = GetTable({"sales", "orders"});
  protocol::ReadRecordsRequest request = ReadRequest(*table, Splits(*table, Version::kV6)[0]);
  connector_.options().batch_rows = 2;
  connector_.options().faults.fail_after_batches = 3;
  connector_.options().faults.error = absl::ResourceExhaustedError("slower");
  EXPECT_FALSE(Ask<protocol::ReadRecordsResponse>(request).ok());
  EXPECT_EQ(error_.type, protocol::kThrottleException);
  request.max_block_bytes = 100;
  EXPECT_FALSE(Ask<protocol::ReadRecordsResponse>(request).ok());
  EXPECT_EQ(error_.type, protocol::kConnectorException);
  EXPECT_TRUE(store_.objects().empty());
}

class AmbiguousNamesTest : public ConnectorFunctionTest {
 protected:
  AmbiguousNamesTest()
      : ConnectorFunctionTest({Table("Sales", "Orders"), Table("Sales", "ORDERS")}) {}
};

TEST_F(AmbiguousNamesTest, AreAnErrorThatNamesThem) {
  EXPECT_FALSE(Ask<protocol::ListTablesResponse>(
                   protocol::ListTablesRequest{Head(), "sales", std::nullopt, -1})
                   .ok());
  EXPECT_THAT(error_.message, testing::AllOf(HasSubstr("'Orders'"), HasSubstr("'ORDERS'")));
  EXPECT_FALSE(GetTable({"sales", "orders"}).ok());
  EXPECT_THAT(error_.message, HasSubstr("may be any of"));
  EXPECT_TRUE(GetTable({"Sales", "ORDERS"}).ok());
}

}  // namespace
}  // namespace pallas::sdk
