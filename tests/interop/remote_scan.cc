// Reads a table of a connector behind Lambda's Invoke call, as our engine does, and prints what
// came:
//
//   remote_scan ENDPOINT FUNCTION S3_ENDPOINT SPILL_BUCKET MAX_INLINE_BYTES SCHEMA TABLE
//   [COLUMN...]
//
// The names and types of the columns, then a line for each row, sorted. An error goes to standard
// error as its code and message.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/thread_pool.h"
#include "federation/lambda_client.h"
#include "federation/remote_connector.h"
#include "net/http_client.h"
#include "sdk/crypto/random_id.h"
#include "sdk/testing/conformance_suite.h"
#include "storage/s3_client.h"
#include "storage/s3_object_store.h"
#include "types/arrow_status.h"

namespace pallas::federation {
namespace {

// The pair of keys of the test's servers.
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

struct Arguments {
  std::string endpoint;
  std::string function;
  std::string s3_endpoint;
  std::string bucket;
  int64_t max_inline_bytes = 0;
  sdk::TableName table;
  std::vector<std::string> columns;
};

// Dates and timestamps as the numbers that they are on the wire.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> TimesAsNumbers(const arrow::RecordBatch& rows) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int i = 0; i < rows.num_columns(); ++i) {
    std::shared_ptr<arrow::Array> column = rows.column(i);
    if (arrow::is_temporal(column->type_id())) {
      ASSIGN_OR_RETURN(column, column->View(column->type()->bit_width() == 32 ? arrow::int32()
                                                                              : arrow::int64()));
    }
    fields.push_back(arrow::field(rows.column_name(i), column->type()));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows.num_rows(),
                                  std::move(columns));
}

absl::Status PrintTable(RemoteConnector& connector, const Arguments& arguments) {
  sdk::RequestContext context;
  context.catalog = "interop";
  ASSIGN_OR_RETURN(context.query_id, sdk::RandomUuid());
  ASSIGN_OR_RETURN(const sdk::Table table, connector.GetTable(context, arguments.table));
  sdk::Scan scan = sdk::FullScan(table);
  if (!arguments.columns.empty()) {
    scan.columns = arguments.columns;
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> rows,
                   sdk::ReadAll(connector, context, table, scan));
  for (const std::shared_ptr<arrow::Field>& field : rows->schema()->fields()) {
    std::printf("%s %s\n", field->name().c_str(), field->type()->ToString().c_str());
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> numbers, TimesAsNumbers(*rows));
  for (const std::string& row : sdk::RowTexts(*numbers)) {
    // Values may hold NUL.
    std::fwrite(row.data(), 1, row.size(), stdout);
    std::putchar('\n');
  }
  return absl::OkStatus();
}

absl::Status Run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpClient> http, net::HttpClient::Make({}));
  const auto credentials = std::make_shared<TestCredentials>();
  ThreadPool readers(2);
  ThreadPool uploaders(1);
  storage::S3Options s3;
  s3.endpoint = arguments.s3_endpoint;
  storage::S3ObjectStore store(std::make_shared<storage::S3Client>(arguments.bucket, s3, *http,
                                                                   credentials, Clock::System()),
                               readers, uploaders);
  LambdaClientOptions lambda;
  lambda.region = "us-east-1";
  lambda.endpoint = arguments.endpoint;
  ASSIGN_OR_RETURN(const std::shared_ptr<LambdaClient> client,
                   LambdaClient::Make(lambda, *http, credentials, Clock::System()));
  RemoteOptions options;
  options.metadata_function = arguments.function;
  options.record_function = arguments.function;
  options.max_inline_block_bytes = arguments.max_inline_bytes;
  options.config_options = {{"spill_bucket", arguments.bucket}, {"spill_prefix", "interop"}};
  RemoteConnector connector(
      options, client,
      [&](const std::string&) -> absl::StatusOr<storage::ObjectStore*> { return &store; });
  return PrintTable(connector, arguments);
}

}  // namespace
}  // namespace pallas::federation

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  constexpr int kNeeded = 8;
  pallas::federation::Arguments arguments;
  if (argc < kNeeded || !absl::SimpleAtoi(argv[5], &arguments.max_inline_bytes)) {
    std::fprintf(stderr,
                 "remote_scan ENDPOINT FUNCTION S3_ENDPOINT SPILL_BUCKET MAX_INLINE_BYTES "
                 "SCHEMA TABLE [COLUMN...]\n");
    return 2;
  }
  arguments.endpoint = argv[1];
  arguments.function = argv[2];
  arguments.s3_endpoint = argv[3];
  arguments.bucket = argv[4];
  arguments.table = {argv[6], argv[7]};
  arguments.columns.assign(argv + kNeeded, argv + argc);
  if (const absl::Status status = pallas::federation::Run(arguments); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
