#include "cli/demo/dynamodb_loader.h"

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/text_file.h"
#include <nlohmann/json.hpp>

#include "aws/credentials.h"
#include "aws/json_client.h"
#include "base/status_macros.h"
#include "net/http_client.h"

namespace pallas::cli {
namespace {

using nlohmann::json;

constexpr size_t kBatchItems = 25;  // the most that one request may write
constexpr int kWriters = 4;
constexpr absl::Duration kPollInterval = absl::Milliseconds(20);

// The service, as far as loading needs it. Thread-safe.
class DynamoDb {
 public:
  static absl::StatusOr<std::unique_ptr<DynamoDb>> Make(const sdk::RequestContext& context,
                                                        const DynamoDbServer& server) {
    std::unique_ptr<DynamoDb> service(new DynamoDb(context));
    ASSIGN_OR_RETURN(service->http_, net::HttpClient::Make({}));
    ASSIGN_OR_RETURN(
        service->client_,
        aws::JsonClient::Make({.service = "dynamodb",
                               .region = kDynamoDbRegion,
                               .endpoint = server.endpoint(),
                               .target_prefix = "DynamoDB_20120810",
                               .json_version = "1.0",
                               .retry = {}},
                              *service->http_,
                              aws::StaticCredentials({.access_key_id = kDynamoDbAccessKey,
                                                      .secret_access_key = kDynamoDbAccessKey,
                                                      .session_token = "",
                                                      .expiration = absl::InfiniteFuture()}),
                              *context.clock));
    return service;
  }

  absl::StatusOr<json> Call(std::string_view operation, const json& request) {
    aws::CallOptions call;
    call.cancellation = context_.cancellation;
    call.deadline = context_.deadline;
    ASSIGN_OR_RETURN(const std::string answer, client_->Call(operation, request.dump(), call));
    json parsed = json::parse(answer, nullptr, /*allow_exceptions=*/false);
    if (!parsed.is_object()) {
      return absl::InternalError(absl::StrCat("DynamoDB's answer to ", operation, " is no JSON"));
    }
    return parsed;
  }

  // Whether the table is there; waits until one that is being made or deleted is done with.
  absl::StatusOr<bool> HasTable(std::string_view name) {
    for (;;) {
      absl::StatusOr<json> answer = Call("DescribeTable", {{"TableName", name}});
      if (absl::IsNotFound(answer.status())) {
        return false;
      }
      RETURN_IF_ERROR(answer.status());
      if (answer->value("/Table/TableStatus"_json_pointer, "") == "ACTIVE") {
        return true;
      }
      RETURN_IF_ERROR(context_.Check());
      absl::SleepFor(kPollInterval);
    }
  }

 private:
  explicit DynamoDb(sdk::RequestContext context) : context_(std::move(context)) {}

  sdk::RequestContext context_;
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<aws::JsonClient> client_;
};

std::string_view AttributeType(const TpchColumn& column) {
  return column.is_text() || column.type == "date" ? "S" : "N";
}

absl::Status CreateTable(DynamoDb& service, const TpchTable& table) {
  json attributes = json::array();
  json schema = json::array();
  for (const std::string_view key : table.key) {
    const TpchColumn& column = table.columns[table.IndexOf(key)];
    attributes.push_back({{"AttributeName", key}, {"AttributeType", AttributeType(column)}});
    schema.push_back({{"AttributeName", key}, {"KeyType", schema.empty() ? "HASH" : "RANGE"}});
  }
  RETURN_IF_ERROR(service
                      .Call("CreateTable", {{"TableName", table.name},
                                            {"AttributeDefinitions", attributes},
                                            {"KeySchema", schema},
                                            {"BillingMode", "PAY_PER_REQUEST"}})
                      .status());
  ASSIGN_OR_RETURN(const bool there, service.HasTable(table.name));
  return there ? absl::OkStatus()
               : absl::UnavailableError(
                     absl::StrCat("the table ", table.name, " was made and is not there"));
}

// Hands the rows of a file to several writers, batch by batch.
class BatchSource {
 public:
  BatchSource(const TpchTable& table, const std::string& file)
      : table_(table), rows_(table, file) {}

  // The next requests to put an item; empty at the end and after an error.
  json Next() {
    const std::lock_guard lock(mutex_);
    json batch = json::array();
    while (batch.size() < kBatchItems && error_.ok() && rows_.Next()) {
      json item = json::object();
      for (size_t i = 0; i < table_.columns.size(); ++i) {
        const TpchColumn& column = table_.columns[i];
        item[std::string(column.name)] = {{AttributeType(column), rows_.row()[i]}};
      }
      error_.Update(CheckKey());
      batch.push_back({{"PutRequest", {{"Item", std::move(item)}}}});
    }
    return batch;
  }

  void Written(int64_t items) {
    const std::lock_guard lock(mutex_);
    written_ += items;
  }

  int64_t written() {
    const std::lock_guard lock(mutex_);
    return written_;
  }

  // No more batches.
  void Fail(const absl::Status& error) {
    const std::lock_guard lock(mutex_);
    error_.Update(error);
  }

  absl::Status status() {
    const std::lock_guard lock(mutex_);
    absl::Status status = error_;
    status.Update(rows_.status());
    return status;
  }

 private:
  // Two items of one key would become one, and no error said so. Rows of one partition key lie
  // together in the file.
  absl::Status CheckKey() {
    const std::string_view partition = rows_.row()[table_.IndexOf(table_.key.front())];
    const std::string_view sort = rows_.row()[table_.IndexOf(table_.key.back())];
    if (partition != partition_) {
      partition_ = partition;
      sort_keys_.clear();
    }
    return sort_keys_.emplace(sort).second
               ? absl::OkStatus()
               : absl::InvalidArgumentError(absl::StrCat(
                     "TPC-H has several rows of the table ", table_.name, " with the key (",
                     absl::StrJoin(table_.key, ", "), ") = (", partition, ", ", sort,
                     ") at this scale, and DynamoDB can hold one; take scale 0.01, or 0.025 and "
                     "more"));
  }

  const TpchTable& table_;
  std::mutex mutex_;
  TpchRows rows_;
  std::string partition_;
  std::set<std::string, std::less<>> sort_keys_;  // of the rows of `partition_`
  int64_t written_ = 0;
  absl::Status error_;
};

absl::Status WriteBatch(DynamoDb& service, const TpchTable& table, json batch) {
  json items = {{table.name, std::move(batch)}};
  while (!items.empty()) {
    ASSIGN_OR_RETURN(json answer, service.Call("BatchWriteItem", {{"RequestItems", items}}));
    items = answer.value("UnprocessedItems", json::object());
  }
  return absl::OkStatus();
}

void WriteBatches(DynamoDb& service, const TpchTable& table, BatchSource& source,
                  const std::function<void(int64_t)>& progress) {
  for (json batch = source.Next(); !batch.empty(); batch = source.Next()) {
    const auto items = static_cast<int64_t>(batch.size());
    if (absl::Status status = WriteBatch(service, table, std::move(batch)); !status.ok()) {
      source.Fail(status);
      return;
    }
    source.Written(items);
    if (progress) {
      progress(source.written());
    }
  }
}

absl::StatusOr<int64_t> WriteAll(DynamoDb& service, const TpchTable& table, const std::string& file,
                                 const std::function<void(int64_t)>& progress) {
  BatchSource source(table, file);
  std::vector<std::thread> writers;
  for (int i = 1; i < kWriters; ++i) {
    writers.emplace_back([&] { WriteBatches(service, table, source, nullptr); });
  }
  WriteBatches(service, table, source, progress);
  for (std::thread& writer : writers) {
    writer.join();
  }
  RETURN_IF_ERROR(source.status());
  return source.written();
}

}  // namespace

absl::StatusOr<int64_t> LoadIntoDynamoDb(const sdk::RequestContext& context,
                                         const DynamoDbServer& server, const TpchTable& table,
                                         TpchGenerator& generator,
                                         const std::function<void(int64_t)>& progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<DynamoDb> service, DynamoDb::Make(context, server));
  // The items end with the process, so the mark of a full table names it. It lies beside the
  // server: in it, it would be one more table.
  const std::optional<DetachedProcess> process = server.Running();
  const std::string mark = absl::StrCat(process ? process->identity() : "", " ", generator.scale());
  const std::string mark_file = absl::StrCat(server.folder(), "/loaded-", table.name);
  ASSIGN_OR_RETURN(const bool there, service->HasTable(table.name));
  if (const auto marked = ReadTextFile(mark_file); there && marked.ok() && *marked == mark) {
    return 0;
  }
  if (there) {
    RETURN_IF_ERROR(service->Call("DeleteTable", {{"TableName", table.name}}).status());
    RETURN_IF_ERROR(service->HasTable(table.name).status());
  }
  ASSIGN_OR_RETURN(const std::string file, generator.MakeText(context, table));
  RETURN_IF_ERROR(CreateTable(*service, table));
  ASSIGN_OR_RETURN(const int64_t rows, WriteAll(*service, table, file, progress));
  RETURN_IF_ERROR(WriteTextFile(mark_file, mark, 0600));
  return rows;
}

}  // namespace pallas::cli
