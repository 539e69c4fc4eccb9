#include "engine/duckdb/duckdb_engine.h"

#include <filesystem>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "catalog/table_resolver.h"
#include "engine/duckdb/engine_bench.h"
#include "engine/duckdb/plan_builder.h"
#include "federation/source.h"
#include "sdk/testing/memory_connector.h"

namespace pallas::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DuckDbEngineTest : public testing::Test {
 protected:
  // A table of one bigint column, 0 ... rows - 1, in the given number of splits.
  std::shared_ptr<const catalog::ResolvedTable> MakeTable(int64_t rows, int splits,
                                                          sdk::MemoryOptions options = {}) {
    sdk::MemoryTable memory;
    memory.name = {"db", "t"};
    memory.schema = arrow::schema({arrow::field("id", arrow::int64())});
    for (int split = 0; split < splits; ++split) {
      arrow::Int64Builder builder;
      for (int64_t row = 0; row < rows; ++row) {
        EXPECT_TRUE(builder.Append(split * rows + row).ok());
      }
      memory.splits.push_back(
          arrow::RecordBatch::Make(memory.schema, rows, {builder.Finish().ValueOrDie()}));
    }
    std::vector<sdk::MemoryTable> tables;
    tables.push_back(std::move(memory));
    auto connector = std::make_unique<sdk::MemoryConnector>(std::move(tables), options);
    connector_ = connector.get();
    auto table = std::make_shared<catalog::ResolvedTable>();
    table->name = {"mem", "db", "t"};
    table->columns.push_back({.name = "id", .type = Type::Bigint(), .comment = ""});
    table->table = std::make_shared<sdk::Table>(connector->GetTable({}, {"db", "t"}).value());
    table->source = std::make_shared<federation::Source>(
        "mem", std::move(connector), federation::SourceOptions{}, Clock::System());
    return table;
  }

  sql::PlanPtr Scan(std::shared_ptr<const catalog::ResolvedTable> table) {
    sql::PlanPtr plan = plans_.Values({Type::Bigint()}, {});
    plan->node = sql::ScanPlan{std::move(table), {0}, {}};
    return plan;
  }

  absl::StatusOr<std::unique_ptr<ResultStream>> Execute(sql::PlanPtr plan,
                                                        QueryContext context = {}) {
    return bench_.engine().Execute(PlanBuilder::Query(std::move(plan)), std::move(context));
  }

  PlanBuilder plans_;
  EngineBench bench_;
  sdk::MemoryConnector* connector_ = nullptr;
};

TEST_F(DuckDbEngineTest, ReadsATable) {
  EXPECT_THAT(bench_.Run(Scan(MakeTable(1000, 3))), SizeIs(3000));
}

TEST_F(DuckDbEngineTest, GivesTypesInTheirPhysicalForm) {
  const Type map = Type::Map(Type::Varchar(), Type::Integer());
  const Type array = Type::Array(Type::Varchar());
  sql::PlanPtr plan = plans_.OneRow(Exprs(
      Bool(true), Constant(Type::Tinyint(), int64_t{-1}), Constant(Type::Smallint(), int64_t{2}),
      Int(3), Long(4), Constant(Type::Real(), 0.5), Double(-0.25),
      Constant(Type::Decimal(4, 2), absl::int128(-1234)),
      Constant(Type::Decimal(9, 2), absl::int128(1234)),
      Constant(Type::Decimal(18, 2), absl::int128(-1)),
      Constant(Type::Decimal(38, 2), absl::int128(-12345678901234)), Text("ä"),
      Constant(Type::Char(3), std::string("a")), Constant(Type::Varbinary(), std::string("\0a", 2)),
      Constant(Type::Date(), int64_t{1}), Constant(Type::Time(3), int64_t{1000000000}),
      Constant(Type::Timestamp(3), int64_t{1000}),
      Constant(Type::Timestamp(9), sql::LongTime{1000, 1000}),
      Constant(Type::Uuid(),
               std::string("\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78")),
      Array(Type::Varchar(), Exprs(Text("x"), NullOf(Type::Varchar()))),
      Row(Exprs(Int(1), Text("y"))), NullOf(map), NullOf(array), NullOf(Type::Unknown()),
      NullOf(Type::Decimal(38, 0))));
  EXPECT_THAT(
      bench_.Run(std::move(plan)),
      ElementsAre("true -1 2 3 4 0.5 -0.25 -12.34 12.34 -0.01 -123456789012.34 ä a   00 61 "
                  "1970-01-02 00:00:00.001 1970-01-01 00:00:00.001 1970-01-01 00:00:00.001000001 "
                  "12345678-1234-5678-1234-567812345678 [x, null] {1, y} NULL NULL NULL NULL"));
}

TEST_F(DuckDbEngineTest, NamesColumnsAsTheUserDoes) {
  sql::AnalyzedQuery query = PlanBuilder::Query(plans_.OneRow(Exprs(Int(1), Int(2))));
  query.outputs[0].name = "A \"b\"";
  query.outputs[1].name = "A \"b\"";
  std::unique_ptr<ResultStream> stream = bench_.engine().Execute(std::move(query), {}).value();
  EXPECT_EQ(stream->columns()[0].name, "A \"b\"");
  EXPECT_EQ(stream->columns()[1].name, "A \"b\"");
  EXPECT_EQ(stream->Next().value()->num_columns(), 2);
  EXPECT_EQ(stream->Next().value(), nullptr);
  EXPECT_EQ(stream->Next().value(), nullptr);
}

TEST_F(DuckDbEngineTest, OneColumnMayComeTwiceAndInAnotherOrder) {
  sql::AnalyzedQuery query = PlanBuilder::Query(plans_.OneRow(Exprs(Int(1), Text("x"))));
  query.outputs = {query.outputs[1], query.outputs[0], query.outputs[1]};
  std::unique_ptr<ResultStream> stream = bench_.engine().Execute(std::move(query), {}).value();
  std::vector<std::string> rows;
  AppendRows(stream->columns(), *stream->Next().value(), &rows);
  EXPECT_THAT(rows, ElementsAre("x 1 x"));
}

TEST_F(DuckDbEngineTest, KeepsBatchesSmall) {
  std::unique_ptr<ResultStream> stream = Execute(Scan(MakeTable(50000, 4))).value();
  int64_t rows = 0;
  while (std::shared_ptr<arrow::RecordBatch> batch = stream->Next().value()) {
    EXPECT_LE(batch->num_rows(), 64 * 1024);
    EXPECT_GT(batch->num_rows(), 0);
    rows += batch->num_rows();
  }
  EXPECT_EQ(rows, 200000);
  EXPECT_EQ(stream->progress().rows_returned, 200000);
  ASSERT_THAT(stream->progress().scans, SizeIs(1));
  EXPECT_EQ(stream->progress().scans[0].statistics.splits_finished, 4);
}

TEST_F(DuckDbEngineTest, KeepsBatchesOfLargeValuesSmall) {
  std::vector<std::vector<sql::ExprPtr>> rows;
  for (int i = 0; i < 12; ++i) {
    rows.push_back(Exprs(Text(std::string(1024 * 1024, static_cast<char>('a' + i)))));
  }
  std::unique_ptr<ResultStream> stream =
      Execute(plans_.Values({Type::Varchar()}, std::move(rows))).value();
  int64_t count = 0;
  while (std::shared_ptr<arrow::RecordBatch> batch = stream->Next().value()) {
    count += batch->num_rows();
  }
  EXPECT_EQ(count, 12);
}

TEST_F(DuckDbEngineTest, ACancelEndsAWaitForASource) {
  sdk::MemoryOptions options;
  options.faults.batch_delay = absl::Hours(1);
  QueryContext context;
  const Cancellation cancellation = context.request.cancellation;
  std::unique_ptr<ResultStream> stream = Execute(Scan(MakeTable(10, 2, options)), context).value();
  std::thread canceller([&] { cancellation.Cancel(absl::CancelledError("Ctrl-C")); });
  EXPECT_EQ(stream->Next().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(stream->Next().status().code(), absl::StatusCode::kCancelled) << "an error stays";
  canceller.join();
}

TEST_F(DuckDbEngineTest, ADroppedResultEndsItsScans) {
  sdk::MemoryOptions options;
  options.faults.batch_delay = absl::Hours(1);
  Execute(Scan(MakeTable(10, 2, options))).value().reset();
  std::unique_ptr<ResultStream> stream = Execute(Scan(MakeTable(100000, 4))).value();
  ASSERT_NE(stream->Next().value(), nullptr);
  stream.reset();
  while (connector_->open_streams() > 0) {
    std::this_thread::yield();
  }
}

TEST_F(DuckDbEngineTest, AnErrorOfASourceKeepsItsCodeAndName) {
  sdk::MemoryOptions options;
  options.faults.fail_after_batches = 1;
  options.faults.error =
      NamedError("JDBC_ERROR", "the server went away", absl::StatusCode::kDataLoss);
  std::unique_ptr<ResultStream> stream = Execute(Scan(MakeTable(5000, 1, options))).value();
  absl::Status status;
  while (status.ok()) {
    absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> batch = stream->Next();
    ASSERT_FALSE(batch.ok() && *batch == nullptr) << "cut short without an error";
    status = batch.status();
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ErrorName(status), "JDBC_ERROR");
  EXPECT_THAT(std::string(status.message()), HasSubstr("the server went away"));
}

TEST_F(DuckDbEngineTest, ExplainsAndAnalyzes) {
  const auto query = [&] { return PlanBuilder::Query(Scan(MakeTable(500, 2))); };
  const Explanation plan = bench_.engine().Explain(query(), {}, false).value();
  EXPECT_THAT(plan.plan, testing::Not(IsEmpty()));
  ASSERT_THAT(plan.scans, SizeIs(1));
  EXPECT_EQ(plan.scans[0].table, "mem.db.t");
  EXPECT_EQ(plan.scans[0].statistics.rows, 0);

  const Explanation run = bench_.engine().Explain(query(), {}, true).value();
  EXPECT_THAT(run.plan, testing::Not(IsEmpty()));
  EXPECT_EQ(run.rows, 1000);
  EXPECT_EQ(run.scans[0].statistics.rows, 1000);
  EXPECT_GT(run.wall, absl::ZeroDuration());
}

TEST_F(DuckDbEngineTest, WritesParquet) {
  const std::string path = absl::StrCat(testing::TempDir(), "/engine_test.parquet");
  sql::PlanPtr plan =
      plans_.Values({Type::Bigint(), Type::Decimal(9, 2), Type::Array(Type::Varchar()),
                     Type::Time(3), Type::Row({{"a", Type::Integer()}, {"A", Type::Date()}})},
                    Rows(Exprs(Long(1), Constant(Type::Decimal(9, 2), absl::int128(-150)),
                               Array(Type::Varchar(), Exprs(Text("x"), NullOf(Type::Varchar()))),
                               Constant(Type::Time(3), int64_t{1000000000}),
                               NullOf(Type::Row({{"a", Type::Integer()}, {"A", Type::Date()}}))),
                         Exprs(NullOf(Type::Bigint()), NullOf(Type::Decimal(9, 2)),
                               NullOf(Type::Array(Type::Varchar())), NullOf(Type::Time(3)),
                               NullOf(Type::Row({{"a", Type::Integer()}, {"A", Type::Date()}})))));
  std::unique_ptr<ResultStream> stream = Execute(std::move(plan)).value();
  ASSERT_TRUE(bench_.engine().WriteParquet(*stream, path).ok());
  duckdb::DuckDB database(nullptr);
  duckdb::Connection connection(database);
  auto result = connection.Query(absl::StrCat("SELECT * FROM '", path, "'"));
  ASSERT_FALSE(result->HasError()) << result->GetError();
  EXPECT_EQ(result->RowCount(), 2);
  std::string row;
  for (duckdb::idx_t column = 0; column < result->ColumnCount(); ++column) {
    absl::StrAppend(&row, result->GetValue(column, 0).ToString(), "|");
  }
  EXPECT_EQ(row, "1|-1.50|[x, NULL]|00:00:00.001|NULL|");
  std::filesystem::remove(path);
}

TEST_F(DuckDbEngineTest, LeavesNoPartOfAParquetFile) {
  const std::string path = absl::StrCat(testing::TempDir(), "/engine_broken.parquet");
  sdk::MemoryOptions options;
  options.faults.fail_after_batches = 1;
  std::unique_ptr<ResultStream> stream = Execute(Scan(MakeTable(5000, 1, options))).value();
  EXPECT_EQ(bench_.engine().WriteParquet(*stream, path).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

}  // namespace
}  // namespace pallas::engine
