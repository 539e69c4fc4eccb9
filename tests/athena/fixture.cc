#include "tests/athena/fixture.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "engine/duckdb/duckdb_engine.h"
#include "sdk/testing/memory_connector.h"
#include "tests/conformance/answer.h"

namespace pallas {
namespace {

sdk::MemoryTable OrdersTable() {
  const auto schema = arrow::schema(
      {arrow::field("o_orderkey", arrow::int64()), arrow::field("o_comment", arrow::utf8())});
  arrow::Int64Builder keys;
  arrow::StringBuilder comments;
  EXPECT_TRUE(keys.AppendValues({1, 2}).ok());
  EXPECT_TRUE(comments.Append("first").ok());
  EXPECT_TRUE(comments.AppendNull().ok());
  const auto batch = arrow::RecordBatch::Make(schema, 2, {*keys.Finish(), *comments.Finish()});
  return {{"sales", "orders"}, schema, {batch}, 2.0};
}

std::shared_ptr<const federation::Source> OrdersSource(const std::string& catalog) {
  std::vector<sdk::MemoryTable> tables;
  tables.push_back(OrdersTable());
  return std::make_shared<federation::Source>(
      catalog, std::make_unique<sdk::MemoryConnector>(std::move(tables)),
      federation::SourceOptions{}, Clock::System());
}

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::Array>> TestFunctions::Invoke(
    const sdk::RequestContext& /*context*/, const federation::ExternalFunction& function,
    const std::shared_ptr<arrow::RecordBatch>& arguments) {
  {
    const std::lock_guard lock(mutex_);
    ++calls_;
    rows_ += arguments->num_rows();
  }
  const auto body = bodies_.find(function.target);
  if (body == bodies_.end()) {
    return absl::NotFoundError(absl::StrCat("Function not found: ", function.target));
  }
  return body->second(function, *arguments);
}

int TestFunctions::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

int64_t TestFunctions::rows() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}

absl::StatusOr<std::shared_ptr<const federation::Source>> TestLambdaSources::Open(
    const std::string& catalog, const std::string& function) {
  if (function == "Nobody") {
    return absl::NotFoundError("Function not found: Nobody");
  }
  return OrdersSource(catalog);
}

void AthenaTest::SetUp() {
  folder_ = (std::filesystem::temp_directory_path() / "pallas-athena-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  metastore_ = *catalog::Metastore::Open(":memory:");
  locations_ = *storage::Locations::Make({folder_, {folder_}});
  readers_ = std::make_unique<federation::ReaderPool>(8);
  sources_ = std::make_unique<federation::SourceRegistry>(std::make_unique<TestLambdaSources>());
  resolver_ = catalog::MakeTableResolver(*metastore_, *sources_, *locations_);
  sources_->Put(OrdersSource("mysql"));
  MakeEngine(nullptr);
}

void AthenaTest::TearDown() { std::filesystem::remove_all(folder_); }

void AthenaTest::MakeEngine(federation::ExternalFunctionInvoker* functions) {
  engine::DuckDbOptions options;
  options.functions = functions;
  engine_ = *engine::MakeDuckDbEngine(options, *locations_, *readers_);
}

absl::StatusOr<query::StatementResult> AthenaTest::Execute(const std::string& sql) {
  session_.start_time = absl::Now();
  query::StatementRunner runner({*metastore_, *resolver_, *locations_, *engine_});
  return runner.Run(sql, session_, {});
}

std::string AthenaTest::Rows(const std::string& sql) {
  absl::StatusOr<query::StatementResult> result = Execute(sql);
  const conformance::Answer answer = result.ok() ? conformance::ReadAnswer(*result->rows)
                                                 : conformance::ErrorAnswer(result.status());
  return answer.failed() ? absl::StrCat(answer.error_code, ": ", answer.error_message)
                         : answer.rows.dump();
}

std::string AthenaTest::Types(const std::string& sql) {
  absl::StatusOr<query::StatementResult> result = Execute(sql);
  if (!result.ok()) {
    return std::string(result.status().message());
  }
  std::string types;
  for (const engine::ResultColumn& column : result->rows->columns()) {
    absl::StrAppend(&types, types.empty() ? "" : ", ", column.type.ToString());
  }
  return types;
}

void AthenaTest::Run(const std::string& sql) {
  const absl::Status status = Execute(sql).status();
  EXPECT_TRUE(status.ok()) << sql << "\n" << status;
}

}  // namespace pallas
