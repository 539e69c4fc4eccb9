#include "federation/federated_scan.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/time/clock.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "federation/reader_pool.h"
#include "sdk/testing/memory_connector.h"

namespace pallas::federation {
namespace {

using testing::HasSubstr;

std::shared_ptr<arrow::Schema> TestSchema() {
  return arrow::schema({arrow::field("id", arrow::int64())});
}

std::shared_ptr<arrow::RecordBatch> Numbers(int64_t from, int64_t count) {
  arrow::Int64Builder ids;
  for (int64_t i = from; i < from + count; ++i) {
    EXPECT_TRUE(ids.Append(i).ok());
  }
  return arrow::RecordBatch::Make(TestSchema(), count, {*ids.Finish()});
}

class FederatedScanTest : public testing::Test {
 protected:
  // A source with one table of `splits` times `rows` numbers.
  void MakeSource(int splits, int64_t rows, int max_concurrency, sdk::MemoryOptions options = {}) {
    sdk::MemoryTable table{{"db", "t"}, TestSchema(), {}, {}};
    for (int i = 0; i < splits; ++i) {
      table.splits.push_back(Numbers(i * rows, rows));
    }
    total_ = splits * rows * (splits * rows - 1) / 2;
    auto connector = std::make_unique<sdk::MemoryConnector>(std::vector<sdk::MemoryTable>{table},
                                                            std::move(options));
    connector_ = connector.get();
    SourceOptions source_options;
    source_options.limits.max_concurrency = max_concurrency;
    source_options.limits.initial_delay = absl::Milliseconds(1);
    source_options.limits.max_delay = absl::Milliseconds(2);
    source_ = std::make_shared<const Source>("mem", std::move(connector), source_options,
                                             Clock::System());
    auto described = std::make_shared<sdk::Table>();
    described->name = table.name;
    described->schema = table.schema;
    table_ = described;
  }

  std::unique_ptr<FederatedScan> Start(ScanOptions options = {}) {
    sdk::Scan scan;
    scan.columns = {"id"};
    return FederatedScan::Start(source_, table_, scan, context_, options, budget_, readers_);
  }

  // Consumes a scan on this thread; waits as an engine would.
  static absl::StatusOr<int64_t> Sum(FederatedScan& scan) {
    int64_t sum = 0;
    while (true) {
      struct Wake {
        std::mutex mutex;
        std::condition_variable cv;
        bool woken = false;
      };

      auto wake = std::make_shared<Wake>();
      absl::StatusOr<FederatedScan::Result> next = scan.Next([wake] {
        const std::lock_guard lock(wake->mutex);
        wake->woken = true;
        wake->cv.notify_all();
      });
      if (!next.ok()) {
        return next.status();
      }
      if (next->state == FederatedScan::State::kDone) {
        return sum;
      }
      if (next->state == FederatedScan::State::kPending) {
        std::unique_lock lock(wake->mutex);
        if (!wake->cv.wait_for(lock, std::chrono::seconds(30), [&] { return wake->woken; })) {
          return absl::InternalError("nobody woke the consumer");
        }
        continue;
      }
      const auto& ids = static_cast<const arrow::Int64Array&>(*next->batch->column(0));
      for (int64_t i = 0; i < ids.length(); ++i) {
        sum += ids.Value(i);
      }
    }
  }

  sdk::RequestContext context_;
  std::shared_ptr<MemoryBudget> budget_ = std::make_shared<MemoryBudget>(int64_t{1} << 30);
  sdk::MemoryConnector* connector_ = nullptr;
  std::shared_ptr<const Source> source_;
  std::shared_ptr<const sdk::Table> table_;
  int64_t total_ = 0;
  ReaderPool readers_{16};  // last: its destructor waits for the work of all scans
};

TEST_F(FederatedScanTest, DeliversEveryRowOnce) {
  MakeSource(700, 50, 4);
  const auto scan = Start();
  const auto sum = Sum(*scan);
  ASSERT_TRUE(sum.ok()) << sum.status();
  EXPECT_EQ(*sum, total_);
  EXPECT_LE(connector_->max_open_streams(), 4);
  const ScanStatistics statistics = scan->statistics();
  EXPECT_EQ(statistics.splits_planned, 700);
  EXPECT_EQ(statistics.splits_finished, 700);
  EXPECT_EQ(statistics.rows, 700 * 50);
  // A batch and the end of each split.
  EXPECT_EQ(statistics.source_metrics, (sdk::SourceMetrics{{"calls", 2 * 700}}));
  EXPECT_EQ(budget_->used_bytes(), 0);
}

TEST_F(FederatedScanTest, NoSplitsIsNoRows) {
  MakeSource(0, 0, 1);
  EXPECT_EQ(*Sum(*Start()), 0);
}

TEST_F(FederatedScanTest, ManyScansShareOneSlot) {
  MakeSource(5, 1000, 1);
  std::vector<std::thread> consumers;
  for (int i = 0; i < 16; ++i) {
    consumers.emplace_back([&] {
      const auto scan = Start();
      const auto sum = Sum(*scan);
      ASSERT_TRUE(sum.ok()) << sum.status();
      EXPECT_EQ(*sum, total_);
    });
  }
  for (std::thread& consumer : consumers) {
    consumer.join();
  }
  EXPECT_EQ(connector_->max_open_streams(), 1);
  EXPECT_EQ(source_->limiter().slots_in_use(), 0);
}

TEST_F(FederatedScanTest, AFullQueueStopsReading) {
  sdk::MemoryOptions options;
  options.batch_rows = 10;
  MakeSource(1, 100'000, 1, options);
  ScanOptions scan_options;
  scan_options.max_queued_batches = 4;
  const auto scan = Start(scan_options);
  // Nothing is consumed: the reader parks.
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (scan->statistics().rows < 40 && absl::Now() < deadline) {
    std::this_thread::yield();
  }
  std::this_thread::yield();
  EXPECT_LE(scan->statistics().rows, 50);
  EXPECT_EQ(*Sum(*scan), total_);
}

TEST_F(FederatedScanTest, ASmallBudgetIsNoDeadlock) {
  MakeSource(20, 1000, 4);
  budget_ = std::make_shared<MemoryBudget>(1);
  EXPECT_EQ(*Sum(*Start()), total_);
  EXPECT_EQ(budget_->used_bytes(), 0);
}

// Whatever call fails, the scan ends with the error that names the place, or retries to the full
// answer; it never hangs and never loses or repeats rows.
TEST_F(FederatedScanTest, EveryCallMayFail) {
  for (int call = 1; call <= 12; ++call) {
    for (const absl::Status& error :
         {absl::UnavailableError("gone"), absl::InternalError("broken"),
          absl::ResourceExhaustedError("slow down"), absl::UnauthenticatedError("who?")}) {
      sdk::MemoryOptions options;
      options.faults.fail_at_call = call;
      options.faults.error = error;
      MakeSource(5, 100, 2, options);
      const auto scan = Start();
      const auto sum = Sum(*scan);
      const bool is_retried = absl::IsUnavailable(error) || absl::IsResourceExhausted(error);
      if (is_retried || call > connector_->calls()) {
        ASSERT_TRUE(sum.ok()) << sum.status() << " call " << call;
        EXPECT_EQ(*sum, total_);
      } else {
        ASSERT_FALSE(sum.ok()) << "call " << call;
        EXPECT_EQ(sum.status().code(), error.code());
        EXPECT_THAT(sum.status().message(), HasSubstr("mem.db.t, "));
      }
    }
  }
}

TEST_F(FederatedScanTest, ASplitThatGaveRowsIsNotReadAgain) {
  sdk::MemoryOptions options;
  options.batch_rows = 10;
  options.faults.fail_after_batches = 3;
  MakeSource(1, 100, 1, options);
  const auto sum = Sum(*Start());
  EXPECT_TRUE(absl::IsUnavailable(sum.status()));
  EXPECT_THAT(sum.status().message(), HasSubstr("split split=0: the source is down"));
  EXPECT_EQ(connector_->reads().size(), 1U);
}

TEST_F(FederatedScanTest, ThrottlingSlowsDownAndSucceeds) {
  sdk::MemoryOptions options;
  options.faults.throttle_reads = 6;
  MakeSource(3, 100, 1, options);
  EXPECT_EQ(*Sum(*Start()), total_);
}

TEST_F(FederatedScanTest, CancelEndsPlanningAndReadingWithinASecond) {
  for (const bool while_planning : {true, false}) {
    sdk::MemoryOptions options;
    (while_planning ? options.faults.planning_delay : options.faults.batch_delay) =
        absl::Seconds(60);
    MakeSource(2, 10, 2, options);
    context_.cancellation = Cancellation();
    const auto scan = Start();
    const absl::Time start = absl::Now();
    std::thread canceller([&] { context_.cancellation.Cancel(absl::CancelledError("enough")); });
    const auto sum = Sum(*scan);
    canceller.join();
    EXPECT_TRUE(absl::IsCancelled(sum.status())) << sum.status();
    EXPECT_LT(absl::Now() - start, absl::Seconds(1));
  }
}

TEST_F(FederatedScanTest, CancelReachesScansThatWaitForASlot) {
  MakeSource(2, 10, 1);
  const std::optional<sdk::Limiter::Slot> taken = source_->limiter().TryAcquire();
  const auto scan = Start();
  std::thread canceller([&] { context_.cancellation.Cancel(absl::CancelledError("enough")); });
  EXPECT_TRUE(absl::IsCancelled(Sum(*scan).status()));
  canceller.join();
}

TEST_F(FederatedScanTest, StopDropsWhatIsLeft) {
  sdk::MemoryOptions options;
  options.faults.batch_delay = absl::Seconds(60);
  MakeSource(8, 10, 2, options);
  const auto scan = Start();
  scan->Stop();
  EXPECT_EQ(*Sum(*scan), 0);
  EXPECT_EQ(budget_->used_bytes(), 0);
}

TEST_F(FederatedScanTest, UnknownColumnsAreAnError) {
  MakeSource(1, 1, 1);
  sdk::Scan scan;
  scan.columns = {"nothing"};
  const auto started = FederatedScan::Start(source_, table_, scan, context_, {}, budget_, readers_);
  EXPECT_THAT(Sum(*started).status().message(), HasSubstr("'nothing'"));
}

}  // namespace
}  // namespace pallas::federation
