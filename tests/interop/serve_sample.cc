// Serves a connector in memory by Lambda's Invoke call, as the function `sample`: serve_sample
// S3_ENDPOINT SPILL_BUCKET
//
// Prints the port once it listens; ends with its standard input. Its table Interop.All_Types has
// every type, 3 splits and rows whose values follow from their number; every seventh is NULL but
// for that.

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/array.h"
#include "arrow/json/from_string.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/thread_pool.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "sdk/function/connector_function.h"
#include "sdk/testing/memory_connector.h"
#include "storage/s3_client.h"
#include "storage/s3_object_store.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace pallas::sdk {
namespace {

constexpr int kSplits = 3;
constexpr int kRowsOfSplit = 40;
constexpr size_t kMaxRequestBytes = 6 * 1024 * 1024;

class TestCredentials final : public aws::CredentialsProvider {
 public:
  absl::StatusOr<aws::Credentials> Get(const Cancellation& /*cancellation*/,
                                       absl::Time /*deadline*/) override {
    aws::Credentials credentials;
    credentials.access_key_id = "test";
    credentials.secret_access_key = "test";
    return credentials;
  }

  void Forget(const std::string& /*access_key_id*/) override {}
};

// A column and the JSON of its cell in a row.
struct Column {
  std::shared_ptr<arrow::Field> field;
  std::string (*cell)(int row);
};

std::vector<Column> Columns() {
  using arrow::field;
  return {
      {field("Id", arrow::int64()), [](int row) { return absl::StrCat(row); }},
      {field("col_bit", arrow::boolean()),
       [](int row) { return std::string(row % 2 == 0 ? "true" : "false"); }},
      {field("col_tinyint", arrow::int8()), [](int row) { return absl::StrCat(row - 50); }},
      {field("col_smallint", arrow::int16()), [](int row) { return absl::StrCat(row * 200); }},
      {field("col_int", arrow::int32()), [](int row) { return absl::StrCat(row * -10'000'000); }},
      {field("col_float4", arrow::float32()), [](int row) { return absl::StrCat(row / 4.0); }},
      {field("col_float8", arrow::float64()), [](int row) { return absl::StrCat(row / 8.0); }},
      {field("col_decimal", arrow::decimal128(38, 10)),
       [](int row) {
         return absl::StrCat("\"123456789012345678901234567", row % 10, ".0123456789\"");
       }},
      {field("col_varchar", arrow::utf8()),
       [](int row) { return absl::StrCat("\"text ", row, " äßΩ中😀\""); }},
      {field("col_varbinary", arrow::binary()),
       [](int row) { return absl::StrCat("\"b\\u0000", row, "\""); }},
      {field("col_date", arrow::date32()),
       [](int row) { return absl::StrCat(row * 1000 - 50'000); }},
      {field("col_timestamp", arrow::timestamp(arrow::TimeUnit::MICRO)),
       [](int row) { return absl::StrCat(int64_t{-1500} + row * int64_t{3'600'000'000}); }},
      {field("col_timestamptz", arrow::timestamp(arrow::TimeUnit::MILLI, "UTC")),
       [](int row) { return absl::StrCat(PackTimestampTz(row * 1000, 1170)); }},
      {field("col_list", arrow::list(arrow::int32())),
       [](int row) { return row % 4 == 0 ? std::string("[]") : absl::StrCat("[", row, ",null]"); }},
      {field("col_struct", arrow::struct_({field("a", arrow::int32()), field("b", arrow::utf8())})),
       [](int row) { return absl::StrCat("{\"a\":", row, ",\"b\":\"b", row, "\"}"); }},
      {field("col_map", arrow::map(arrow::utf8(), arrow::int32())),
       [](int row) { return absl::StrCat("[[\"k", row, "\",", row, "]]"); }},
  };
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> RowsOf(int first) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const Column& column : Columns()) {
    std::vector<std::string> cells;
    for (int row = first; row < first + kRowsOfSplit; ++row) {
      cells.push_back(row % 7 == 3 && column.field->name() != "Id" ? "null" : column.cell(row));
    }
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array,
                     arrow::json::ArrayFromJSONString(
                         column.field->type(), absl::StrCat("[", absl::StrJoin(cells, ","), "]")));
    fields.push_back(column.field);
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), kRowsOfSplit,
                                  std::move(arrays));
}

absl::StatusOr<MemoryTable> AllTypes() {
  MemoryTable table;
  table.name = {"Interop", "All_Types"};
  for (int split = 0; split < kSplits; ++split) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> rows, RowsOf(split * kRowsOfSplit));
    table.splits.push_back(std::move(rows));
  }
  table.schema = table.splits[0]->schema();
  return table;
}

void Invoke(ConnectorFunction& function, net::HttpExchange& exchange) {
  const absl::StatusOr<std::string> request = exchange.ReadAll(kMaxRequestBytes);
  if (!request.ok()) {
    return;
  }
  RequestContext context;
  context.cancellation = exchange.cancellation();
  const protocol::Invocation answer = function.Invoke(context, *request);
  net::HttpHeaders headers = {{"Content-Type", "application/json"}};
  if (answer.is_error) {
    headers.emplace_back("X-Amz-Function-Error", "Unhandled");
  }
  exchange.Send(200, std::move(headers), answer.body).IgnoreError();
}

absl::Status Serve(const std::string& s3_endpoint, const std::string& bucket) {
  ASSIGN_OR_RETURN(MemoryTable table, AllTypes());
  MemoryConnector connector({std::move(table)});
  ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpClient> http, net::HttpClient::Make({}));
  ThreadPool readers(1);
  ThreadPool uploaders(2);
  ThreadPool spillers(2);
  storage::S3Options s3;
  s3.endpoint = s3_endpoint;
  storage::S3ObjectStore store(
      std::make_shared<storage::S3Client>(bucket, s3, *http, std::make_shared<TestCredentials>(),
                                          Clock::System()),
      readers, uploaders);
  FunctionOptions options;
  options.source_type = "memory";
  options.spill_bucket = bucket;
  options.max_splits_of_page = 2;
  ConnectorFunction function(
      connector, options,
      [&](const std::string&) -> absl::StatusOr<storage::ObjectStore*> { return &store; },
      spillers);
  ASSIGN_OR_RETURN(
      const std::unique_ptr<net::HttpServer> server,
      net::HttpServer::Start({}, [&](net::HttpExchange& exchange) { Invoke(function, exchange); }));
  std::printf("%d\n", server->port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server->Stop(absl::Seconds(1));
  return absl::OkStatus();
}

}  // namespace
}  // namespace pallas::sdk

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc != 3) {
    std::fprintf(stderr, "serve_sample S3_ENDPOINT SPILL_BUCKET\n");
    return 2;
  }
  if (const absl::Status status = pallas::sdk::Serve(argv[1], argv[2]); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
