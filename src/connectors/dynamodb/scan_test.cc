// Scans of a real server, with the requests that they are made of.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/dynamodb/testing/dynamodb_server.h"
#include "connectors/dynamodb/testing/items.h"
#include "sdk/metadata/table_definitions.h"
#include "sdk/runtime/connector_registry.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::dynamodb {
namespace {

using sdk::Range;
using sdk::Value;
using sdk::ValueSet;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

ValueSet Numbers(const std::vector<int64_t>& values) {
  std::vector<Range> ranges;
  ranges.reserve(values.size());
  for (const int64_t value : values) {
    ranges.push_back(Range::Equal(Value(value)));
  }
  return ValueSet::OfRanges(arrow::int64(), std::move(ranges), false);
}

ValueSet Text(const std::string& value) {
  return ValueSet::OfRanges(arrow::utf8(), {Range::Equal(Value(value))}, false);
}

class ScanTest : public testing::Test {
 protected:
  void SetUp() override { Connect({}); }

  void Connect(const sdk::OptionList& more) {
    sdk::OptionList options = {{"endpoint", proxy_.endpoint()},
                               {"access_key", DynamoDbServer::kAccessKey},
                               {"secret_key", DynamoDbServer::kSecretKey}};
    options.insert(options.end(), more.begin(), more.end());
    auto connector = MakeConnector(std::move(options));
    ASSERT_TRUE(connector.ok()) << connector.status();
    connector_ = *std::move(connector);
  }

  // A new table with these items, for this test.
  static void Fill(const std::string& name, const std::string& keys,
                   const std::vector<std::string>& items, const std::string& attributes = "",
                   const std::string& more = "") {
    TestServer().Call("DeleteTable", absl::StrCat("{\"TableName\":\"", name, "\"}")).IgnoreError();
    const absl::Status created = TestServer().CreateTable(name, keys, attributes, more);
    ASSERT_TRUE(created.ok()) << created;
    const absl::Status put = TestServer().Put(name, items);
    ASSERT_TRUE(put.ok()) << put;
  }

  sdk::Table Table(const std::string& name) {
    auto table = connector_->GetTable(context_, {"default", name});
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Read(const sdk::Table& table,
                                                           const sdk::Scan& scan) {
    proxy_.TakeRequests();
    return sdk::ReadAll(*connector_, context_, table, scan);
  }

  // The column of a table, sorted; or the error.
  std::vector<std::string> Column(const std::string& table, const std::string& column) {
    sdk::Scan scan;
    scan.columns = {column};
    const auto rows = Read(Table(table), scan);
    if (!rows.ok()) {
      return {std::string(rows.status().message())};
    }
    std::vector<std::string> texts = Texts(*(*rows)->column(0));
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  std::vector<std::string> Operations() {
    std::vector<std::string> operations;
    for (const RecordedRequest& request : proxy_.TakeRequests()) {
      operations.push_back(request.operation);
    }
    return operations;
  }

  std::vector<std::string> Schema(const std::string& table) {
    std::vector<std::string> fields;
    const sdk::Table described = Table(table);
    for (const auto& field : described.schema->fields()) {
      fields.push_back(absl::StrCat(field->name(), " ", field->type()->ToString()));
    }
    return fields;
  }

  RecordingProxy proxy_{TestServer().endpoint()};
  std::unique_ptr<sdk::Connector> connector_;
  sdk::RequestContext context_;
};

// partsupp of TPC-H: a hash key with four items each.
std::vector<std::string> PartSupp(int num_parts) {
  std::vector<std::string> items;
  for (int part = 1; part <= num_parts; ++part) {
    for (int supplier = 1; supplier <= 4; ++supplier) {
      items.push_back(absl::StrCat(R"({"ps_partkey":{"N":")", part, R"("},"ps_suppkey":{"N":")",
                                   supplier, R"("},"ps_supplycost":{"N":")", part * supplier,
                                   R"(.25"}})"));
    }
  }
  return items;
}

sdk::OptionList PartSuppColumns() {
  return {{"tables.0.name", "partsupp"},
          {"tables.0.columns.ps_partkey", "bigint"},
          {"tables.0.columns.ps_suppkey", "bigint"},
          {"tables.0.columns.ps_supplycost", "decimal(15,2)"}};
}

TEST_F(ScanTest, AHashKeyIsOneQueryAndNoMore) {
  Fill("partsupp", "ps_partkey N, ps_suppkey N", PartSupp(50));
  Connect(PartSuppColumns());
  const sdk::Table table = Table("partsupp");
  sdk::Scan scan;
  scan.columns = {"ps_suppkey", "ps_supplycost"};
  scan.constraints.summary.insert_or_assign("ps_partkey", Numbers({17}));
  const auto rows = Read(table, scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(Texts(*(*rows)->column(1)), ElementsAre("17.25", "34.25", "51.25", "68.25"));
  EXPECT_THAT(Operations(), ElementsAre("Query"));
}

TEST_F(ScanTest, KeysOfAJoinAreQueries) {
  Fill("partsupp", "ps_partkey N, ps_suppkey N", PartSupp(50));
  Connect(PartSuppColumns());
  sdk::Scan scan;
  scan.columns = {"ps_partkey"};
  scan.dynamic_filters.insert_or_assign("ps_partkey", Numbers({3, 7, 999}));
  const auto rows = Read(Table("partsupp"), scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 8);
  EXPECT_THAT(Operations(), ElementsAre("Query", "Query", "Query"));
}

TEST_F(ScanTest, WholeKeysAreBatches) {
  std::vector<std::string> items;
  for (int i = 0; i < 300; ++i) {
    items.push_back(absl::StrCat(R"({"id":{"N":")", i, R"("},"name":{"S":"n)", i, R"("}})"));
  }
  Fill("things", "id N", items);
  Connect({{"tables.0.name", "things"},
           {"tables.0.columns.id", "bigint"},
           {"tables.0.columns.name", "varchar"}});
  std::vector<int64_t> keys;
  for (int64_t key = 0; key < 8; ++key) {
    keys.push_back(key * 50);
  }
  sdk::Scan scan;
  scan.columns = {"name"};
  scan.dynamic_filters.insert_or_assign("id", Numbers(keys));
  const auto rows = Read(Table("things"), scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(Texts(*(*rows)->column(0)),
              UnorderedElementsAre("n0", "n50", "n100", "n150", "n200", "n250"));
  EXPECT_THAT(Operations(), ElementsAre("BatchGetItem"));
  // Without columns too.
  scan.columns.clear();
  const auto counted = Read(Table("things"), scan);
  ASSERT_TRUE(counted.ok()) << counted.status();
  EXPECT_EQ((*counted)->num_rows(), 6);
}

TEST_F(ScanTest, ReportsWhatTheServiceDid) {
  Fill("partsupp", "ps_partkey N, ps_suppkey N", PartSupp(5));
  Connect(PartSuppColumns());
  const sdk::Table table = Table("partsupp");
  sdk::Scan scan;
  scan.columns = {"ps_suppkey"};
  const auto splits = sdk::PlanAll(*connector_, context_, table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  const auto stream = connector_->Read(context_, table, scan, splits->at(0));
  ASSERT_TRUE(stream.ok()) << stream.status();
  ASSERT_TRUE((*stream)->Next().ok());
  const sdk::SourceMetrics metrics = (*stream)->metrics();
  EXPECT_EQ(metrics.at("requests"), 1);
  EXPECT_EQ(metrics.at("items evaluated"), 20);
  EXPECT_EQ(metrics.at("read units"), 0.5);
  EXPECT_GT((*stream)->bytes_received(), 0);
}

TEST_F(ScanTest, PagesOfAMegabyteAreFollowed) {
  const std::string text(300'000, 'x');
  std::vector<std::string> items;
  for (int i = 0; i < 9; ++i) {
    items.push_back(absl::StrCat(R"({"id":{"N":")", i, R"("},"text":{"S":")", text, R"("}})"));
  }
  Fill("large", "id N", {});
  for (const std::string& item : items) {
    ASSERT_TRUE(TestServer().Put("large", {item}).ok());
  }
  Connect({{"tables.0.name", "large"},
           {"tables.0.columns.id", "bigint"},
           {"tables.0.columns.text", "varchar"}});
  const sdk::Table table = Table("large");
  sdk::Scan scan;
  scan.columns = {"id", "text"};
  const auto rows = Read(table, scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 9);
  EXPECT_EQ(static_cast<const arrow::StringArray&>(*(*rows)->column(1)).GetString(8), text);
  EXPECT_GT(Operations().size(), 2U);
  // DDB-9: the limit counts rows, page by page.
  scan.limit = 4;
  const auto some = Read(table, scan);
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_EQ((*some)->num_rows(), 4);
  // DDB-22: pages of which the filter leaves nothing.
  scan.limit.reset();
  scan.constraints.summary.insert_or_assign("text", Text("none"));
  const auto none = Read(table, scan);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ((*none)->num_rows(), 0);
}

// DDB-3, DDB-4: columns from what all sampled items have in common.
TEST_F(ScanTest, InfersColumnsFromManyItems) {
  std::vector<std::string> items = {
      R"({"id":{"N":"1"},"m":{"M":{"a":{"S":"x"}}},"l":{"L":[{"N":"1"},{"NULL":true}]}})",
      R"({"id":{"N":"2"},"m":{"M":{"b":{"N":"2"}}},"l":{"L":[]},"mixed":{"S":"t"}})",
      R"({"id":{"N":"3"},"mixed":{"N":"5"},"nothing":{"NULL":true},"ss":{"SS":["p","q"]}})",
      R"({"id":{"N":"4"},"mixed":{"BOOL":true},"fine":{"N":"1E-12"},"ll":{"L":[{"S":"a"},{"N":"1"}]}})",
      R"({"id":{"N":"5"},"huge":{"N":"12345678901234567890123456789012345678"},"e":{"M":{}}})"};
  for (int i = 6; i < 60; ++i) {
    items.push_back(absl::StrCat(R"({"id":{"N":")", i, R"("}})"));
  }
  items.push_back(R"({"id":{"N":"99"},"rare":{"B":"YQ=="}})");
  Fill("odd", "id N", items);
  std::vector<std::string> schema = Schema("odd");
  EXPECT_EQ(schema.at(0), "id decimal128(38, 9)");
  std::sort(schema.begin(), schema.end());
  EXPECT_THAT(schema, ElementsAre("e string", "fine decimal128(38, 12)", "huge string",
                                  "id decimal128(38, 9)", "l list<l.element: decimal128(38, 9)>",
                                  "ll list<ll.element: string>",
                                  "m struct<a: string, b: decimal128(38, 9)>", "mixed string",
                                  "nothing string", "rare binary", "ss list<ss.element: string>"));
  EXPECT_THAT(Column("odd", "huge"), testing::Contains("12345678901234567890123456789012345678"));
  std::vector<std::string> mixed = Column("odd", "mixed");
  mixed.erase(std::remove(mixed.begin(), mixed.end(), "NULL"), mixed.end());
  EXPECT_THAT(mixed, UnorderedElementsAre("t", "5", "true"));
  // As the Java connector does it: the last of four items counts.
  Connect({{"schema_inference_mode", "last"}});
  EXPECT_LT(Schema("odd").size(), schema.size());
}

TEST_F(ScanTest, AnEmptyTableHasItsKeys) {
  Fill(
      "keys", "hash S, range B", {}, "other N",
      R"(,"GlobalSecondaryIndexes":[{"IndexName":"by_other","KeySchema":[{"AttributeName":"other",)"
      R"("KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}])");
  EXPECT_THAT(Schema("keys"),
              ElementsAre("hash string", "range binary", "other decimal128(38, 9)"));
}

// DDB-20 and the attribute with three types.
TEST_F(ScanTest, AValueOfAnotherTypeIsAnErrorThatNamesIt) {
  Fill("typed", "id N",
       {R"({"id":{"N":"1"},"a":{"N":"5"}})", R"({"id":{"N":"2"},"a":{"S":"6"}})",
        R"({"id":{"N":"3"},"a":{"M":{}}})"});
  const sdk::OptionList columns = {{"tables.0.name", "typed"},
                                   {"tables.0.columns.id", "bigint"},
                                   {"tables.0.columns.a", "bigint"}};
  Connect(columns);
  sdk::Scan scan;
  scan.columns = {"id", "a"};
  const auto rows = Read(Table("typed"), scan);
  ASSERT_TRUE(absl::IsInvalidArgument(rows.status()));
  EXPECT_THAT(rows.status().message(), HasSubstr("item with id = {\"N\":\"3\"}"));
  EXPECT_THAT(rows.status().message(), HasSubstr("'a' is of type M, where the column has int64"));
  sdk::OptionList lenient = columns;
  lenient.emplace_back("type_mismatch", "null");
  Connect(lenient);
  EXPECT_THAT(Column("typed", "a"), ElementsAre("5", "6", "NULL"));
  // A filter does not lose the text of digits.
  scan.constraints.summary.insert_or_assign("a", Numbers({6}));
  const auto found = Read(Table("typed"), scan);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Texts(*(*found)->column(1)), testing::Contains("6"));
}

// DDB-23
TEST_F(ScanTest, NumbersThatDoNotFitAreErrors) {
  Fill("numbers", "id N",
       {R"({"id":{"N":"1"},"tiny":{"N":"300"},"whole":{"N":"1.9"},"d":{"N":"0.125"},)"
        R"("big":{"N":"1E100"}})"});
  const auto with = [&](const std::string& column, const std::string& type) {
    Connect({{"tables.0.name", "numbers"},
             {"tables.0.columns.id", "integer"},
             {absl::StrCat("tables.0.columns.", column), type}});
    return Column("numbers", column).at(0);
  };
  EXPECT_THAT(with("tiny", "tinyint"), HasSubstr("a number that does not fit"));
  EXPECT_THAT(with("whole", "bigint"), HasSubstr("more digits behind the point"));
  EXPECT_THAT(with("big", "decimal(38,0)"), HasSubstr("a number that does not fit"));
  EXPECT_THAT(with("big", "real"), HasSubstr("a number that does not fit"));
  EXPECT_EQ(with("big", "double"), "1e+100");
  EXPECT_EQ(with("d", "decimal(10,2)"), "0.13");  // a declared scale is rounded to
  EXPECT_EQ(with("whole", "varchar"), "1.9");
}

TEST_F(ScanTest, NestedValuesKeepTheirShape) {
  Fill(
      "nested", "id N",
      {R"({"id":{"N":"1"},"m":{"M":{"Name":{"S":"x"},"tags":{"L":[{"S":"a"},{"NULL":true}]}}},)"
       R"("map":{"M":{"k":{"N":"1"},"j":{"N":"2"}}},"one":{"N":"7"},"text":{"M":{"a":{"L":[{"N":"1"},)"
       R"({"S":"q\"r"}]}}},"empty":{"S":""},"bin":{"B":""},"set":{"NS":["3"]}})",
       R"({"id":{"N":"2"},"m":{"M":{}},"map":{"M":{}},"text":{"S":"plain"}})"});
  Connect({{"tables.0.name", "nested"},
           {"tables.0.columns.id", "bigint"},
           {"tables.0.columns.m", "struct<name:string,tags:array<string>>"},
           {"tables.0.columns.map", "map<string,bigint>"},
           {"tables.0.columns.one", "array<bigint>"},
           {"tables.0.columns.text", "varchar"},
           {"tables.0.columns.empty", "varchar"},
           {"tables.0.columns.bin", "binary"},
           {"tables.0.columns.set", "set<bigint>"}});
  const auto cell = [&](const std::string& column) {
    sdk::Scan scan;
    scan.columns = {column};
    scan.constraints.summary.insert_or_assign("id", Numbers({1}));
    const auto rows = Read(Table("nested"), scan);
    return rows.ok() ? Texts(*(*rows)->column(0)).at(0) : rows.status().ToString();
  };
  EXPECT_THAT(cell("m"), HasSubstr("name:string = x"));
  EXPECT_THAT(cell("m"), HasSubstr("a, null"));
  EXPECT_THAT(cell("map"), HasSubstr("key:string = k, value:int64 = 1"));
  EXPECT_THAT(cell("one"), HasSubstr("7"));
  EXPECT_EQ(cell("text"), R"({"a":[1,"q\"r"]})");
  EXPECT_EQ(cell("empty"), "");
  EXPECT_THAT(cell("set"), HasSubstr("3"));
  EXPECT_THAT(Column("nested", "bin"), UnorderedElementsAre("NULL", ""));
}

TEST_F(ScanTest, DatesAreTextsOrMilliseconds) {
  Fill(
      "dates", "id N",
      {R"({"id":{"N":"1"},"d":{"S":"2020-01-02"},"t":{"N":"1577960430250"},"p":{"S":"02.01.2020"}})",
       R"({"id":{"N":"2"},"d":{"S":"2020-01-03T10:20:30"},"t":{"S":"2020-01-02T10:20:30Z"}})",
       R"({"id":{"N":"3"},"d":{"S":"no date"},"t":{"S":"20200102T102030"}})"});
  Connect({{"tables.0.name", "dates"},
           {"tables.0.datetime_format_mapping", "p=dd.MM.yyyy"},
           {"tables.0.columns.id", "bigint"},
           {"tables.0.columns.d", "date"},
           {"tables.0.columns.t", "timestamp"},
           {"tables.0.columns.p", "date"}});
  // DDB-24: each value by all forms.
  EXPECT_THAT(Column("dates", "d"), ElementsAre("2020-01-02", "2020-01-03", "NULL"));
  EXPECT_THAT(Column("dates", "t"), ElementsAre(HasSubstr("2020-01-02"), HasSubstr("2020-01-02"),
                                                HasSubstr("2020-01-02")));
  EXPECT_THAT(Column("dates", "p"), ElementsAre("2020-01-02", "NULL", "NULL"));
}

// DDB-7, with the five of six items that the Java connector finds.
TEST_F(ScanTest, ASparseIndexLosesNoItem) {
  std::vector<std::string> items;
  for (int i = 0; i < 6; ++i) {
    items.push_back(absl::StrCat(R"({"id":{"N":")", i, R"("},"kind":{"S":"k"})",
                                 i == 3 ? "" : absl::StrCat(R"(,"rank":{"N":")", i, R"("})"), "}"));
  }
  Fill("sparse", "id N", items, "kind S, rank N",
       R"(,"GlobalSecondaryIndexes":[{"IndexName":"by_kind","KeySchema":[{"AttributeName":"kind",)"
       R"("KeyType":"HASH"},{"AttributeName":"rank","KeyType":"RANGE"}],)"
       R"("Projection":{"ProjectionType":"ALL"}}])");
  sdk::Scan scan;
  scan.columns = {"id"};
  scan.constraints.summary.insert_or_assign("kind", Text("k"));
  const sdk::Table table = Table("sparse");
  const auto all = Read(table, scan);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ((*all)->num_rows(), 6);
  EXPECT_THAT(Operations(), ElementsAre("Scan"));
  scan.constraints.summary.insert_or_assign(
      "rank", ValueSet::OfRanges(table.schema->GetFieldByName("rank")->type(),
                                 {Range::AtLeast(Value(absl::int128(2'000'000'000)))}, false));
  const auto some = Read(table, scan);
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_EQ((*some)->num_rows(), 3);
  EXPECT_THAT(Operations(), ElementsAre("Query"));
}

// DDB-10, DDB-16: names that are alike but for odd characters, reserved words, and no name too
// many.
TEST_F(ScanTest, OddNamesAreAliased) {
  Fill(
      "names", "key-1 S",
      {R"({"key-1":{"S":"x"},"a-b":{"N":"1"},"a.b":{"N":"2"},"size":{"N":"3"},"Name\"":{"S":"q"}})"});
  sdk::Scan scan;
  scan.columns = {"a-b", "a.b", "size", "Name\""};
  scan.constraints.summary.insert_or_assign("key-1", Text("x"));
  const auto rows = Read(Table("names"), scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::vector<std::string> cells;
  for (const auto& column : (*rows)->columns()) {
    cells.push_back(Texts(*column).at(0));
  }
  EXPECT_THAT(cells, ElementsAre("1.000000000", "2.000000000", "3.000000000", "q"));
}

TEST_F(ScanTest, AttributeNamesAreMatchedWithoutCaseWhereAsked) {
  Fill("casing", "Id N", {R"({"Id":{"N":"1"},"FullName":{"S":"x"}})"});
  Connect({{"disable_projection_and_casing", "always"},
           {"tables.0.name", "people"},
           {"tables.0.source_table", "CASING"},
           {"tables.0.columns.id", "bigint"},
           {"tables.0.columns.fullname", "varchar"}});
  EXPECT_THAT(Column("people", "fullname"), ElementsAre("x"));
  // The key's true name is known (DDB-18).
  sdk::Scan scan;
  scan.columns = {"fullname"};
  scan.constraints.summary.insert_or_assign("id", Numbers({1}));
  scan.constraints.summary.insert_or_assign("fullname", Text("x"));
  const auto rows = Read(Table("people"), scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 1);
  EXPECT_THAT(Operations(), ElementsAre("Query"));
}

TEST_F(ScanTest, ListsTablesOfAllPagesAndOfDefinitions) {
  RecordingProxy paged(
      TestServer().endpoint(), [](const RecordedRequest& request) -> std::optional<std::string> {
        if (request.operation != "ListTables") {
          return std::nullopt;
        }
        return HttpAnswer(200, absl::StrContains(request.body, "ExclusiveStart")
                                   ? R"({"TableNames":["C"]})"
                                   : R"({"TableNames":["A","B"],"LastEvaluatedTableName":"B"})");
      });
  auto connector = MakeConnector({{"endpoint", paged.endpoint()},
                                  {"access_key", "local"},
                                  {"secret_key", "x"},
                                  {"tables.0.schema", "sales"},
                                  {"tables.0.name", "part"},
                                  {"tables.0.columns.p", "bigint"}});
  ASSERT_TRUE(connector.ok()) << connector.status();
  const auto tables = (*connector)->ListTables(context_, "default", {});
  ASSERT_TRUE(tables.ok()) << tables.status();
  ASSERT_EQ(tables->items.size(), 3U);
  EXPECT_EQ(tables->items[2].table, "C");
  const auto databases = (*connector)->ListDatabases(context_, {});
  ASSERT_TRUE(databases.ok()) << databases.status();
  EXPECT_THAT(databases->items, ElementsAre("default", "sales"));
}

// A definition of the Glue catalogue.
class OneDefinition final : public sdk::TableDefinitions {
 public:
  absl::StatusOr<std::vector<sdk::DatabaseDefinition>> ListDatabases(
      const sdk::RequestContext& /*context*/) override {
    sdk::DatabaseDefinition ours;
    ours.name = "glue";
    ours.location = "dynamo-db-flag";
    sdk::DatabaseDefinition lake;
    lake.name = "lake";
    return std::vector<sdk::DatabaseDefinition>{ours, lake};
  }

  absl::StatusOr<std::vector<sdk::TableDefinition>> ListTables(
      const sdk::RequestContext& context, const std::string& database) override {
    auto table = GetTable(context, {database, "people"});
    if (!table.ok()) {
      return absl::NotFoundError("no database");
    }
    sdk::TableDefinition parquet;
    parquet.database = database;
    parquet.name = "files";
    return std::vector<sdk::TableDefinition>{*std::move(table), parquet};
  }

  absl::StatusOr<sdk::TableDefinition> GetTable(const sdk::RequestContext& /*context*/,
                                                const sdk::TableName& name) override {
    if (name != sdk::TableName{"glue", "people"}) {
      return absl::NotFoundError("no table");
    }
    sdk::TableDefinition table;
    table.database = "glue";
    table.name = "people";
    table.comment = "those we know";
    table.storage.location = "arn:aws:dynamodb:us-east-1:000000000000:table/Mapped";
    table.storage.columns = {{"id", "bigint", ""}, {"full_name", "string", "as written"}};
    table.parameters = {{"columnMapping", "id=Id,full_name=FullName"}};
    return table;
  }
};

TEST_F(ScanTest, GlueDefinitionsGiveColumnsAndNames) {
  Fill("Mapped", "Id N", {R"({"Id":{"N":"1"},"FullName":{"S":"x"}})"});
  OneDefinition definitions;
  sdk::ConnectorEnvironment environment;
  environment.definitions = &definitions;
  auto connector = MakeConnector(TestServer().Options(), environment);
  ASSERT_TRUE(connector.ok()) << connector.status();
  EXPECT_THAT((*connector)->ListDatabases(context_, {})->items, ElementsAre("default", "glue"));
  const auto tables = (*connector)->ListTables(context_, "glue", {});
  ASSERT_TRUE(tables.ok()) << tables.status();
  EXPECT_THAT(tables->items, ElementsAre(sdk::TableName{"glue", "people"}));
  const auto table = (*connector)->GetTable(context_, {"glue", "people"});
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->comment, "those we know");
  sdk::Scan scan;
  scan.columns = {"Id", "FullName"};
  const auto rows = sdk::ReadAll(**connector, context_, *table, scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(Texts(*(*rows)->column(1)), ElementsAre("x"));
}

TEST_F(ScanTest, StatisticsAreTheTablesOwn) {
  Fill("partsupp", "ps_partkey N, ps_suppkey N", PartSupp(5));
  auto* const statistics = dynamic_cast<sdk::TableStatistics*>(connector_.get());
  ASSERT_NE(statistics, nullptr);
  const auto result = statistics->GetStatistics(context_, Table("partsupp"));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->row_count, 20);
}

}  // namespace
}  // namespace pallas::dynamodb
