#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "engine/duckdb/scan_bench.h"

namespace pallas::engine {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// What the source was asked for, scan by scan, as `id in {...}`.
std::vector<std::string> DynamicFilters(const sdk::MemoryConnector& source) {
  std::vector<std::string> filters;
  for (const sdk::Scan& scan : source.reads()) {
    for (const auto& [column, set] : scan.dynamic_filters) {
      filters.push_back(absl::StrCat(column, " in ", set.ToString()));
    }
  }
  return filters;
}

std::vector<std::string> Constraints(const sdk::MemoryConnector& source) {
  std::vector<std::string> constraints;
  for (const sdk::Scan& scan : source.reads()) {
    for (const auto& [column, set] : scan.constraints.summary) {
      constraints.push_back(absl::StrCat(column, " in ", set.ToString()));
    }
  }
  return constraints;
}

// A reader thread closes its stream soon after the scan has ended.
void WaitUntilClosed(const sdk::MemoryConnector& source) {
  while (source.open_streams() > 0) {
    std::this_thread::yield();
  }
}

TEST(FederatedScanOperatorTest, ReadsAllRows) {
  ScanBench bench;
  bench.MakeSource({NumbersTable("t", 5, 3000)});
  ScanBench::Query query(bench, {"t"});
  EXPECT_THAT(*query.Run("SELECT count(*), sum(c0), min(c1), sum(c2) FROM pallas_scan(0)"),
              ElementsAre("15000|112492500|n0|56246250.0"));
}

TEST(FederatedScanOperatorTest, AsksForTheColumnsThatAreNeeded) {
  ScanBench bench;
  const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 1, 10)});
  ScanBench::Query(bench, {"t"}).Run("SELECT c1 FROM pallas_scan(0)").IgnoreError();
  EXPECT_THAT(source.reads().back().columns, ElementsAre("name"));
  ScanBench::Query count(bench, {"t"});
  EXPECT_THAT(*count.Run("SELECT count(*) FROM pallas_scan(0)"), ElementsAre("10"));
  EXPECT_THAT(source.reads().back().columns, IsEmpty());
}

TEST(FederatedScanOperatorTest, EmptyTableAndNoSplits) {
  ScanBench bench;
  bench.MakeSource({NumbersTable("t", 1, 0), NumbersTable("none", 0, 0)});
  ScanBench::Query query(bench, {"t", "none"});
  EXPECT_THAT(*query.Run("SELECT c0 FROM pallas_scan(0) UNION ALL SELECT c3 FROM pallas_scan(1)"),
              IsEmpty());
}

// ---- Dynamic filters ----

TEST(DynamicFilterTest, KeysOfTheOtherSideNarrowTheScan) {
  ScanBench bench;
  const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 1, 10000)});
  ScanBench::Query query(bench, {"t"});
  EXPECT_THAT(*query.Run("SELECT count(*), sum(c0) FROM pallas_scan(0) JOIN (VALUES (7), (4000), "
                         "(9000)) k(k) ON c0 = k"),
              ElementsAre("3|13007"));
  EXPECT_THAT(DynamicFilters(source), ElementsAre("id in {7} ∪ {4000} ∪ {9000}"));
  EXPECT_THAT(query.scans().Explain()[0].dynamic_filters, ElementsAre("id"));
  EXPECT_EQ(query.scans().Explain()[0].statistics.rows, 3);
}

TEST(DynamicFilterTest, ScanWaitsForTheKeysOfAnotherScan) {
  ScanBench bench;
  sdk::MemoryTable slow = NumbersTable("slow", 1, 3);
  slow.batch_delay = absl::Milliseconds(100);
  slow.row_count = 3;
  sdk::MemoryTable big = NumbersTable("big", 2, 10000);
  big.row_count = 20000;
  const sdk::MemoryConnector& source = bench.MakeSource({slow, big});
  ScanBench::Query query(bench, {"slow", "big"});
  EXPECT_THAT(*query.Run("SELECT sum(c3) FROM pallas_scan(0) JOIN pallas_scan(1) ON c1 = c4"),
              ElementsAre("3"));
  EXPECT_THAT(DynamicFilters(source), Each("name in {'n0'} ∪ {'n1'} ∪ {'n2'}"));
  EXPECT_EQ(query.scans().progress()[1].statistics.rows, 3);
}

TEST(DynamicFilterTest, DenseKeysAreARange) {
  ScanBench bench;
  const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 1, 10000)});
  ScanBench::Query query(bench, {"t"});
  EXPECT_THAT(
      *query.Run("SELECT count(*) FROM pallas_scan(0) JOIN range(100, 5000) r(k) ON c0 = k"),
      ElementsAre("4900"));
  EXPECT_THAT(DynamicFilters(source), ElementsAre("id in [100, 4999]"));
}

// The ten first rows of those that match are not those that match among the ten first.
TEST(DynamicFilterTest, NeverPassesALimitBelowTheJoin) {
  ScanBench bench;
  const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 1, 1000)});
  for (const char* const limited :
       {"SELECT c0 FROM pallas_scan(0) ORDER BY c0 LIMIT 10",
        "SELECT c0 FROM (SELECT c0 FROM pallas_scan(0) ORDER BY c0) LIMIT 10"}) {
    ScanBench::Query query(bench, {"t"});
    EXPECT_THAT(*query.Run(absl::StrCat("SELECT count(*) FROM (", limited,
                                        ") JOIN (VALUES (5), (500), (700)) k(k) ON c0 = k")),
                ElementsAre("1"));
  }
  EXPECT_THAT(DynamicFilters(source), IsEmpty());
}

TEST(DynamicFilterTest, NoFilterWhereEveryRowCounts) {
  ScanBench bench;
  const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 1, 100)});
  ScanBench::Query query(bench, {"t"});
  EXPECT_THAT(*query.Run("SELECT count(*), count(k) FROM pallas_scan(0) LEFT JOIN (VALUES (5), "
                         "(50)) k(k) ON c0 = k"),
              ElementsAre("100|2"));
  EXPECT_THAT(DynamicFilters(source), IsEmpty());
}

// ---- Static constraints ----

struct ConstraintCase {
  const char* where;
  const char* constraint;  // empty: nothing is pushed
};

class StaticConstraintTest : public testing::TestWithParam<ConstraintCase> {};

TEST_P(StaticConstraintTest, ReachesTheSourceAndChangesNoRow) {
  const auto& [where, constraint] = GetParam();
  std::vector<std::string> without;
  for (const bool filters : {false, true}) {
    ScanBench bench;
    sdk::MemoryOptions options;
    options.filters = filters;
    const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 2, 50)}, options);
    ScanBench::Query query(bench, {"t"});
    const auto rows =
        query.Run(absl::StrCat("SELECT c0 FROM pallas_scan(0) WHERE ", where, " ORDER BY c0"));
    ASSERT_TRUE(rows.ok()) << rows.status();
    if (!filters) {
      without = *rows;
      EXPECT_THAT(Constraints(source), IsEmpty()) << "the source does not filter";
    } else {
      EXPECT_EQ(*rows, without);
      const std::vector<std::string> pushed = Constraints(source);
      EXPECT_EQ(absl::StrJoin(std::set<std::string>(pushed.begin(), pushed.end()), "; "),
                constraint);
    }
  }
}

constexpr ConstraintCase kConstraintCases[] = {
    {"c0 = 5", "id in {5}"},
    {"c0 <> 5", "id in (-∞, 5) ∪ (5, ∞)"},
    {"c0 > 5 AND c0 <= 7", "id in (5, 7]"},
    {"c0 BETWEEN 3 AND 4", "id in [3, 4]"},
    {"c0 IN (1, 2, 30)", "id in {1} ∪ {2} ∪ {30}"},
    {"c0 NOT IN (1, 2)", "id in (-∞, 1) ∪ (1, 2) ∪ (2, ∞)"},
    {"c0 = 1 OR c0 > 40", "id in {1} ∪ (40, ∞)"},
    {"c0 IS NULL", "id in NULL"},
    {"c0 IS NOT NULL AND c1 = 'n7'", "id in (-∞, ∞); name in {'n7'}"},
    {"c1 LIKE 'n1%' AND c0 < 20", "id in (-∞, 20)"},
    {"c0 = 1 OR c1 = 'n2'", ""},
    {"c0 + 1 = 5", "id in {4}"},
    {"c2 > 3.5::double AND c2 < 'NaN'::double", "value in (3.5, ∞)"},
    {"c0 = 9223372036854775807::bigint", "id in {9223372036854775807}"},
    {"c0 IN (1,2,3,4,5,6,7,8,9,10,11,12,20,30)",
     "id in {1} ∪ {2} ∪ {3} ∪ {4} ∪ {5} ∪ {6} ∪ {7} ∪ {8} ∪ {9} ∪ {10} ∪ …"},
};

INSTANTIATE_TEST_SUITE_P(Terms, StaticConstraintTest, testing::ValuesIn(kConstraintCases));

struct ExpressionCase {
  const char* where;
  const char* expression;  // null: the source cannot be told
};

class ExpressionTest : public testing::TestWithParam<ExpressionCase> {};

// The source in memory evaluates no expressions; what it was asked is in its answer.
TEST_P(ExpressionTest, IsToldToTheSource) {
  const auto& [where, expression] = GetParam();
  ScanBench bench;
  bench.MakeSource({NumbersTable("t", 1, 10)});
  ScanBench::Query query(bench, {"t"});
  ASSERT_TRUE(query.Run(absl::StrCat("SELECT count(*) FROM pallas_scan(0) WHERE ", where)).ok());
  const std::vector<std::string> terms = query.scans().Explain()[0].terms;
  if (expression == nullptr) {
    EXPECT_THAT(terms, Each(testing::Not(HasSubstr("$")))) << where;
  } else {
    EXPECT_THAT(terms, Contains(absl::StrCat(
                           expression, ": not pushed: this source evaluates no expressions")));
  }
}

constexpr ExpressionCase kExpressionCases[] = {
    {"c0 = 1 OR c1 = 'n2'", "$or($equal(id, 1), $equal(name, 'n2'))"},
    {"(c0 = 1 AND c1 = 'a') OR (c0 = 2 AND c1 = 'b')",
     "$or($and($equal(id, 1), $equal(name, 'a')), $and($equal(id, 2), $equal(name, 'b')))"},
    {"c1 LIKE 'n_1'", "$like_pattern(name, 'n_1')"},
    {"c1 NOT LIKE 'n_1%'", "$not($like_pattern(name, 'n_1%'))"},
    {"c1 LIKE 'n1%'", "$like_pattern(name, 'n1%')"},
    {"c1 LIKE '%1'", "$like_pattern(name, '%1')"},
    {"c1 LIKE '%n1%'", "$like_pattern(name, '%n1%')"},
    {"contains(c1, '5%')", "$like_pattern(name, '%5\\%%', '\\')"},
    {"c1 LIKE 'n$_1' ESCAPE '$'", "$like_pattern(name, 'n$_1', '$')"},
    {"c0 IS NULL OR c1 = 'x'", "$or($is_null(id), $equal(name, 'x'))"},
    {"c2 > 1.5::double OR c0 = 3", nullptr},
    {"c0 + length(c1) = 3", nullptr},
};

INSTANTIATE_TEST_SUITE_P(Terms, ExpressionTest, testing::ValuesIn(kExpressionCases));

// ---- LIMIT ----

TEST(LimitTest, ReachesASourceWhoseFiltersAreExact) {
  ScanBench bench;
  const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 2, 5000)});
  ScanBench::Query query(bench, {"t"});
  EXPECT_EQ(query.Run("SELECT c0 FROM pallas_scan(0) WHERE c0 > 10 LIMIT 3 OFFSET 2")->size(), 3);
  EXPECT_EQ(source.reads().front().limit, 5);
  EXPECT_THAT(query.scans().Explain()[0].terms,
              ElementsAre("id in (10, ∞): pushed (exact)", StartsWith("limit 5: pushed")));
}

TEST(LimitTest, StaysAboveAConditionThatIsNotExact) {
  ScanBench bench;
  const sdk::MemoryConnector& source = bench.MakeSource({NumbersTable("t", 2, 5000)});
  ScanBench::Query query(bench, {"t"});
  EXPECT_EQ(
      query.Run("SELECT c0 FROM pallas_scan(0) WHERE c1 LIKE '%99' AND c0 > 10 LIMIT 3")->size(),
      3);
  EXPECT_EQ(source.reads().front().limit, std::nullopt);
}

// A scan that has enough rows gives its only slot back, or the other one would never start.
TEST(LimitTest, EndsAScanBeforeTheQueryEnds) {
  ScanBench bench;
  sdk::MemoryOptions options;
  options.limit = false;
  const sdk::MemoryConnector& source =
      bench.MakeSource({NumbersTable("big", 20, 20000), NumbersTable("t", 1, 100)}, options, 1);
  ScanBench::Query query(bench, {"big", "t"});
  EXPECT_THAT(*query.Run("SELECT count(*) FROM (SELECT c0 FROM pallas_scan(0) LIMIT 7) a "
                         "JOIN pallas_scan(1) ON c3 < 10"),
              ElementsAre("70"));
  EXPECT_LT(source.reads().size(), 20);
  WaitUntilClosed(source);
}

// ---- Concurrency ----

// Decision D12: with waiting threads this hangs.
TEST(ConcurrencyTest, ManyQueriesOfTwoScansWithOneSlotAndTwoThreads) {
  constexpr int kQueries = 16;
  ScanBench bench(2);
  const sdk::MemoryConnector& source =
      bench.MakeSource({NumbersTable("t", 3, 2000)}, {}, /*max_concurrency=*/1);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  threads.reserve(kQueries);
  for (int i = 0; i < kQueries; ++i) {
    threads.emplace_back([&, i] {
      ScanBench::Query query(bench, {"t", "t"});
      const auto rows = query.Run(
          i % 2 == 0
              ? "SELECT sum(a) FROM (SELECT c0 a FROM pallas_scan(0) UNION ALL SELECT c3 "
                "FROM pallas_scan(1))"
              : "SELECT sum(c0) + sum(c3) FROM pallas_scan(0) JOIN pallas_scan(1) ON c0 = c3");
      right += rows.ok() && *rows == std::vector<std::string>{"35994000"} ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right, kQueries);
  EXPECT_EQ(source.max_open_streams(), 1);
}

TEST(ConcurrencyTest, CancelEndsAScanThatWaits) {
  ScanBench bench;
  sdk::MemoryTable slow = NumbersTable("slow", 1, 1000);
  slow.batch_delay = absl::Hours(1);
  const sdk::MemoryConnector& source = bench.MakeSource({slow});
  ScanBench::Query query(bench, {"slow"});
  absl::StatusOr<std::vector<std::string>> rows;
  std::thread runner([&] { rows = query.Run("SELECT sum(c0) FROM pallas_scan(0)"); });
  while (source.open_streams() == 0) {
    std::this_thread::yield();
  }
  const absl::Time start = absl::Now();
  query.Cancel();
  runner.join();
  EXPECT_EQ(rows.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - start, absl::Minutes(5));  // it does not wait for the batch
  WaitUntilClosed(source);
}

// ---- Memory ----

int64_t ResidentKiB() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      int64_t kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

TEST(MemoryTest, AScanHoldsAFewBatchesHoweverLargeTheTable) {
  ScanBench bench(2, 256);
  GeneratedSource::Options options;
  options.batches_per_split = 500;  // 1 GB in all
  const auto table = bench.MakeGeneratedTable(std::make_unique<GeneratedSource>(options));
  const int64_t before = ResidentKiB();
  ScanBench::Query query(bench, ScanBench::ResolvedTables{{table}});
  EXPECT_THAT(*query.Run("SELECT count(*), sum(c0) FROM pallas_scan(0)"),
              ElementsAre("131072000|4294901760000"));
  EXPECT_LT(ResidentKiB() - before, 200 * 1024);
}

// Nobody fetches: the source is not asked for more than the queues hold.
TEST(MemoryTest, ASlowReaderHoldsTheSourceBack) {
  ScanBench bench(2, 256);
  GeneratedSource::Options options;
  options.batches_per_split = 5000;
  auto source = std::make_unique<GeneratedSource>(options);
  const GeneratedSource& made = *source;
  ScanBench::Query query(bench,
                         ScanBench::ResolvedTables{{bench.MakeGeneratedTable(std::move(source))}});
  const auto stream = query.connection().SendQuery("SELECT c0 FROM pallas_scan(0)");
  ASSERT_FALSE(stream->HasError());
  for (int chunk = 0; chunk < 100; ++chunk) {
    ASSERT_NE(stream->Fetch(), nullptr);
  }
  EXPECT_LT(made.batches_made(), 100);
}

TEST(MemoryTest, SortsWhatDoesNotFit) {
  ScanBench bench(2, 64);
  GeneratedSource::Options options;
  options.batches_per_split = 20;  // 40 MB, and twice that as rows to sort
  ScanBench::Query query(bench, ScanBench::ResolvedTables{{bench.MakeGeneratedTable(
                                    std::make_unique<GeneratedSource>(options))}});
  ASSERT_TRUE(query.Run(absl::StrCat("SET temp_directory = '", bench.lake_dir(), "/tmp'")).ok());
  const auto rows = query.Run(
      "SELECT count(*), min(d), max(d) FROM (SELECT c0 - lag(c0) OVER (ORDER BY c0) AS d FROM "
      "pallas_scan(0))");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre("5242880|0|1"));
}

// ---- Errors ----

TEST(ScanErrorTest, NamesCatalogTableAndSplit) {
  ScanBench bench;
  sdk::MemoryOptions options;
  options.faults.fail_after_batches = 1;
  options.faults.error = absl::UnavailableError("connection lost");
  bench.MakeSource({NumbersTable("t", 1, 5000)}, options);
  ScanBench::Query query(bench, {"t"});
  const absl::Status status = query.Run("SELECT sum(c0) FROM pallas_scan(0)").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("mem.db.t"));
  EXPECT_THAT(status.message(), HasSubstr("split"));
  EXPECT_THAT(status.message(), HasSubstr("connection lost"));
  // The instance lives on.
  ScanBench::Query other(bench, std::vector<std::string>{});
  EXPECT_THAT(*other.Run("SELECT 1"), ElementsAre("1"));
}

TEST(ScanErrorTest, OfPlanningThePushdown) {
  ScanBench bench;
  sdk::MemoryOptions options;
  options.faults.fail_at_call = 1;
  options.faults.error = absl::PermissionDeniedError("wrong password");
  bench.MakeSource({NumbersTable("t", 1, 10)}, options);
  ScanBench::Query query(bench, {"t"});
  const absl::Status status = query.Run("SELECT sum(c0) FROM pallas_scan(0)").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(status.message(), HasSubstr("mem.db.t"));
}

}  // namespace
}  // namespace pallas::engine
