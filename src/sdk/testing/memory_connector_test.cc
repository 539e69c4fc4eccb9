#include "sdk/testing/memory_connector.h"

#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "gtest/gtest.h"

#include "sdk/testing/conformance_suite.h"

namespace pallas::sdk {
namespace {

std::shared_ptr<arrow::Schema> TestSchema() {
  return arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()),
                        arrow::field("score", arrow::float64())});
}

std::shared_ptr<arrow::RecordBatch> TestRows(int64_t from, int64_t count) {
  arrow::Int64Builder ids;
  arrow::StringBuilder names;
  arrow::DoubleBuilder scores;
  for (int64_t i = from; i < from + count; ++i) {
    EXPECT_TRUE(ids.Append(i).ok());
    EXPECT_TRUE(
        (i % 7 == 0 ? names.AppendNull() : names.Append("n" + std::to_string(i % 50))).ok());
    EXPECT_TRUE((i % 11 == 0 ? scores.AppendNull() : scores.Append(double(i) / 4)).ok());
  }
  return arrow::RecordBatch::Make(TestSchema(), count,
                                  {*ids.Finish(), *names.Finish(), *scores.Finish()});
}

std::vector<MemoryTable> TestTables() {
  MemoryTable data{{"db", "data"}, TestSchema(), {TestRows(0, 150), TestRows(150, 60)}, 210};
  MemoryTable empty{{"db", "empty"}, TestSchema(), {}, 0};
  MemoryTable slow{{"db", "slow"}, TestSchema(), {TestRows(0, 10'000)}, {}, absl::Seconds(30)};
  MemoryTable other{{"db2", "Other Table"}, TestSchema(), {TestRows(0, 1)}, {}};
  return {data, empty, slow, other};
}

std::shared_ptr<ConformanceSubject> MakeMemory(bool exact) {
  MemoryOptions options;
  options.filters = exact;
  options.limit = exact;
  options.batch_rows = 64;
  auto subject = std::make_shared<ConformanceSubject>();
  subject->connector = std::make_unique<MemoryConnector>(TestTables(), options);
  subject->data = {"db", "data"};
  subject->empty = {"db", "empty"};
  subject->slow = {"db", "slow"};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(Exact, ConnectorConformance,
                         testing::Values([] { return MakeMemory(true); }));
INSTANTIATE_TEST_SUITE_P(WithoutFilters, ConnectorConformance,
                         testing::Values([] { return MakeMemory(false); }));

}  // namespace
}  // namespace pallas::sdk
