#include "engine/duckdb/running_query.h"

#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/parser.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "federation/reader_pool.h"
#include "storage/locations.h"

namespace pallas::engine {
namespace {

using testing::HasSubstr;

// DuckDB's own SQL reaches what plans cannot: a function that fails as DuckDB's own bugs do.
class RunningQueryTest : public testing::Test {
 protected:
  explicit RunningQueryTest(DuckDbOptions options = {})
      : locations_(storage::Locations::Make({}).value()), pool_(std::move(options), *locations_) {}

  struct Query {
    std::unique_ptr<RunningQuery> running;
    absl::Status status;
  };

  // `sql`, started on the current instance.
  Query Start(const std::string& sql, sdk::RequestContext request = {}) {
    Query query;
    absl::StatusOr<std::shared_ptr<DuckDbInstance>> instance = pool_.Current();
    if (!instance.ok()) {
      query.status = instance.status();
      return query;
    }
    query.running = std::make_unique<RunningQuery>(*instance, std::move(request));
    query.status = StartStatement(*query.running, sql);
    return query;
  }

  // The number of rows.
  absl::StatusOr<int64_t> Run(const std::string& sql, sdk::RequestContext request = {}) {
    Query query = Start(sql, std::move(request));
    RETURN_IF_ERROR(query.status);
    return ReadAll(*query.running);
  }

  static absl::StatusOr<int64_t> ReadAll(RunningQuery& running) {
    int64_t rows = 0;
    while (true) {
      ASSIGN_OR_RETURN(duckdb::unique_ptr<duckdb::DataChunk> chunk, running.NextChunk());
      if (chunk == nullptr) {
        return rows;
      }
      rows += static_cast<int64_t>(chunk->size());
    }
  }

  absl::Status StartStatement(RunningQuery& running, const std::string& sql) {
    auto scans =
        std::make_shared<QueryScans>(ScanEnvironment{.request = running.request(),
                                                     .readers = &readers_,
                                                     .budget = std::make_shared<MemoryBudget>(1024),
                                                     .options = {}});
    RETURN_IF_ERROR(running.Prepare(std::move(scans), false));
    duckdb::Parser parser;
    parser.ParseQuery(sql);
    return running.Start(std::move(parser.statements.front()));
  }

  federation::ReaderPool readers_{2};
  std::unique_ptr<storage::Locations> locations_;
  InstancePool pool_;
};

int64_t PeakMemoryMib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

TEST_F(RunningQueryTest, StreamsInBoundedMemory) {
  Query query = Start("SELECT range, range * 2, range * 3 FROM range(12000000)");
  ASSERT_TRUE(query.status.ok()) << query.status;
  ASSERT_TRUE(query.running->NextChunk().ok());
  const int64_t before = PeakMemoryMib();
  EXPECT_EQ(ReadAll(*query.running).value(), 12000000 - 2048);
  // The rows take 288 MB.
  EXPECT_LT(PeakMemoryMib() - before, 100);
}

TEST_F(RunningQueryTest, EndsAtACancel) {
  sdk::RequestContext request;
  Query query = Start("SELECT range FROM range(1000000000000)", request);
  ASSERT_TRUE(query.running->NextChunk().ok());
  request.cancellation.Cancel(absl::CancelledError("Ctrl-C"));
  EXPECT_EQ(ReadAll(*query.running).status(), absl::CancelledError("Ctrl-C"));
}

TEST_F(RunningQueryTest, EndsAtACancelWithinOneLongStep) {
  sdk::RequestContext request;
  // No row comes before the whole range is added up.
  Query query = Start("SELECT sum(sqrt(range)) FROM range(1000000000000)", request);
  ASSERT_TRUE(query.status.ok());
  std::thread canceller(
      [&] { request.cancellation.Cancel(absl::CancelledError("from the side")); });
  EXPECT_EQ(ReadAll(*query.running).status(), absl::CancelledError("from the side"));
  canceller.join();
}

TEST_F(RunningQueryTest, RefusesToStartWhenCancelled) {
  sdk::RequestContext request;
  request.cancellation.Cancel(absl::CancelledError("before"));
  EXPECT_EQ(Run("SELECT 1", request).status(), absl::CancelledError("before"));
}

TEST_F(RunningQueryTest, EndsAtTheDeadline) {
  FakeClock clock(absl::FromUnixSeconds(1000));
  sdk::RequestContext request;
  request.clock = &clock;
  request.deadline = absl::FromUnixSeconds(1010);
  Query query = Start("SELECT range FROM range(1000000000000)", request);
  ASSERT_TRUE(query.running->NextChunk().ok());
  clock.Advance(absl::Seconds(20));
  EXPECT_EQ(ReadAll(*query.running).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(RunningQueryTest, DroppedEarlyItCancelsWhatIsItsOwnOnly) {
  sdk::RequestContext request;
  Query query = Start("SELECT range FROM range(1000000000000)", request);
  ASSERT_TRUE(query.running->NextChunk().ok());
  const Cancellation own = query.running->request().cancellation;
  query.running.reset();
  EXPECT_TRUE(own.IsCancelled());
  EXPECT_FALSE(request.cancellation.IsCancelled());
}

void RegisterInternalError(duckdb::DatabaseInstance& instance) {
  duckdb::ScalarFunction function(
      "break_it", {duckdb::LogicalType::BIGINT}, duckdb::LogicalType::BIGINT,
      [](duckdb::DataChunk&, duckdb::ExpressionState&, duckdb::Vector&) {
        duckdb::ErrorData(duckdb::ExceptionType::INTERNAL, "a bug").Throw();
      });
  function.SetVolatile();
  duckdb::ExtensionLoader loader(instance, "test");
  loader.RegisterFunction(function);
}

TEST_F(RunningQueryTest, AnInternalErrorCostsOnlyTheQueriesInside) {
  RegisterInternalError(*pool_.Current().value()->database().instance);
  Query bystander = Start("SELECT range FROM range(100000000)");
  ASSERT_TRUE(bystander.running->NextChunk().ok());

  const absl::Status status = Run("SELECT break_it(range) FROM range(10)").status();
  EXPECT_EQ(ErrorName(status), "GENERIC_INTERNAL_ERROR");
  EXPECT_THAT(std::string(status.message()), HasSubstr("a bug"));

  EXPECT_EQ(Run("SELECT 1").value(), 1);
  EXPECT_EQ(pool_.replaced(), 1);
  EXPECT_EQ(Run("SELECT break_it(1)").status().code(), absl::StatusCode::kInternal)
      << "the new instance has no such function";
  EXPECT_EQ(Run("SELECT 2").value(), 1);
}

class SmallMemoryTest : public RunningQueryTest {
 protected:
  SmallMemoryTest() : RunningQueryTest({.threads = 2, .memory_limit_bytes = 50 * 1024 * 1024}) {}
};

TEST_F(SmallMemoryTest, TooLittleMemoryIsAnErrorOfTheQueryAlone) {
  const absl::Status status = Run("SELECT list(range) FROM range(50000000)").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(ErrorName(status), "EXCEEDED_LOCAL_MEMORY_LIMIT");
  EXPECT_EQ(Run("SELECT 1").value(), 1);
  EXPECT_EQ(pool_.replaced(), 0);
}

class SpillTest : public RunningQueryTest {
 protected:
  SpillTest()
      : RunningQueryTest({.threads = 2,
                          .memory_limit_bytes = 60 * 1024 * 1024,
                          .temp_dir = testing::TempDir() + "/spill",
                          .temp_limit_bytes = int64_t{1024} * 1024 * 1024}) {}
};

TEST_F(SpillTest, SortsMoreThanFitsInMemory) {
  EXPECT_EQ(Run("SELECT hash(range) h, range FROM range(6000000) ORDER BY h").value(), 6000000);
}

}  // namespace
}  // namespace pallas::engine
