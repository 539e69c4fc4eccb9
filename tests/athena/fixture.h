#ifndef PALLAS_TESTS_ATHENA_FIXTURE_H_
#define PALLAS_TESTS_ATHENA_FIXTURE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"
#include "gtest/gtest.h"

#include "catalog/metastore.h"
#include "catalog/table_resolver.h"
#include "engine/query_engine.h"
#include "federation/external_function.h"
#include "federation/reader_pool.h"
#include "federation/source.h"
#include "query/statement_runner.h"
#include "storage/locations.h"

namespace pallas {

// External functions that are code of the test. Thread-safe once all are added.
class TestFunctions final : public federation::ExternalFunctionInvoker {
 public:
  using Body = std::function<absl::StatusOr<std::shared_ptr<arrow::Array>>(
      const federation::ExternalFunction&, const arrow::RecordBatch&)>;

  void Add(const std::string& target, Body body) { bodies_[target] = std::move(body); }

  absl::StatusOr<std::shared_ptr<arrow::Array>> Invoke(
      const sdk::RequestContext& context, const federation::ExternalFunction& function,
      const std::shared_ptr<arrow::RecordBatch>& arguments) override;

  // The calls so far, and the rows in them.
  int calls() const;
  int64_t rows() const;

 private:
  std::map<std::string, Body> bodies_;
  mutable std::mutex mutex_;
  int calls_ = 0;
  int64_t rows_ = 0;
};

// Lambda functions that are catalogs, each with a source in memory.
class TestLambdaSources final : public federation::LambdaSources {
 public:
  absl::StatusOr<std::shared_ptr<const federation::Source>> Open(
      const std::string& catalog, const std::string& function) override;
};

// Everything from the statement to the rows, without a network. The catalog `mysql` has the table
// sales.orders (o_orderkey bigint, o_comment varchar), with the rows (1, 'first') and (2, NULL).
class AthenaTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // An engine that calls `functions`, or none.
  void MakeEngine(federation::ExternalFunctionInvoker* functions);

  absl::StatusOr<query::StatementResult> Execute(const std::string& sql);

  // The rows as JSON, or "NAME: message".
  std::string Rows(const std::string& sql);
  // The types of the columns, separated by commas.
  std::string Types(const std::string& sql);
  void Run(const std::string& sql);

  std::string folder_;
  std::unique_ptr<catalog::Metastore> metastore_;
  std::unique_ptr<storage::Locations> locations_;
  std::unique_ptr<federation::SourceRegistry> sources_;
  std::unique_ptr<catalog::TableResolver> resolver_;
  std::unique_ptr<federation::ReaderPool> readers_;
  std::unique_ptr<engine::QueryEngine> engine_;
  sql::Session session_;
};

}  // namespace pallas

#endif  // PALLAS_TESTS_ATHENA_FIXTURE_H_
