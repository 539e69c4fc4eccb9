#include "sdk/testing/conformance_suite.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/compute/api_vector.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/table.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "sdk/testing/memory_connector.h"
#include "types/arrow_status.h"

namespace pallas::sdk {
namespace {

uint32_t Below(std::mt19937& random, uint32_t limit) {
  return static_cast<uint32_t>(random() % limit);
}

class CollectPartitions final : public PartitionSink {
 public:
  absl::StatusOr<Flow> Add(Partitions partitions) override {
    all.push_back(std::move(partitions));
    return Flow::kContinue;
  }

  std::vector<Partitions> all;
};

class CollectSplits final : public SplitSink {
 public:
  explicit CollectSplits(int limit) : limit_(limit) {}

  absl::StatusOr<Flow> Add(Split split) override {
    all.push_back(std::move(split));
    return limit_ > 0 && static_cast<int>(all.size()) % limit_ == 0 ? Flow::kStop : Flow::kContinue;
  }

  std::vector<Split> all;

 private:
  int limit_;
};

bool HasOrder(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DECIMAL128:
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
      return true;
    case arrow::Type::TIMESTAMP:
      return true;
    default:
      return false;
  }
}

// A random set around the values that the column has.
ValueSet RandomSet(const arrow::Array& column, std::mt19937& random) {
  const auto pick = [&]() -> std::optional<Value> {
    return CellValue(column, Below(random, static_cast<uint32_t>(column.length())));
  };
  std::vector<Range> ranges;
  for (unsigned i = 0; i < 1 + Below(random, 3); ++i) {
    std::optional<Value> a = pick();
    std::optional<Value> b = pick();
    if (!a || !b) {
      continue;
    }
    if (CompareValues(*column.type(), *a, *b) > 0) {
      std::swap(a, b);
    }
    switch (Below(random, 5)) {
      case 0:
        ranges.push_back(Range::Equal(*a));
        break;
      case 1:
        ranges.push_back(Range::GreaterThan(*a));
        break;
      case 2:
        ranges.push_back(Range::AtMost(*a));
        break;
      case 3:
        ranges.push_back({Bound{*a, false}, Bound{*b, true}});
        break;
      default:
        ranges.push_back({Bound{*a, true}, Bound{*b, false}});
        break;
    }
  }
  return ValueSet::OfRanges(column.type(), std::move(ranges), Below(random, 3) == 0);
}

std::shared_ptr<arrow::RecordBatch> Matching(const arrow::RecordBatch& rows,
                                             const std::map<std::string, ValueSet>& sets) {
  arrow::Int64Builder wanted;
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    const bool matches = std::all_of(sets.begin(), sets.end(), [&](const auto& entry) {
      return entry.second.Contains(CellValue(*rows.GetColumnByName(entry.first), row));
    });
    if (matches) {
      EXPECT_TRUE(wanted.Append(row).ok());
    }
  }
  const std::shared_ptr<arrow::Array> indices = *wanted.Finish();
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const std::shared_ptr<arrow::Array>& column : rows.columns()) {
    columns.push_back(*arrow::compute::Take(*column, *indices));
  }
  return arrow::RecordBatch::Make(rows.schema(), indices->length(), std::move(columns));
}

}  // namespace

ConformanceSubject::ConformanceSubject() = default;

std::vector<std::string> RowTexts(const arrow::RecordBatch& batch) {
  std::vector<std::string> rows;
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    std::string text;
    for (const std::shared_ptr<arrow::Array>& column : batch.columns()) {
      absl::StrAppend(&text, (*column->GetScalar(row))->ToString(), "|");
    }
    rows.push_back(std::move(text));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

Scan FullScan(const Table& table) {
  Scan scan;
  for (const std::shared_ptr<arrow::Field>& field : table.schema->fields()) {
    scan.columns.push_back(field->name());
  }
  return scan;
}

absl::StatusOr<std::vector<Split>> PlanAll(Connector& connector, const RequestContext& context,
                                           const Table& table, const Scan& scan, int split_limit) {
  CollectPartitions partitions;
  RETURN_IF_ERROR(connector.PlanPartitions(context, table, scan, partitions));
  CollectSplits splits(split_limit);
  for (const Partitions& page : partitions.all) {
    ResumeToken token;
    do {
      ASSIGN_OR_RETURN(token, connector.PlanSplits(context, table, scan, page, token, splits));
    } while (!token.empty());
  }
  return std::move(splits.all);
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadAll(Connector& connector,
                                                            const RequestContext& context,
                                                            const Table& table, const Scan& scan,
                                                            int split_limit) {
  ASSIGN_OR_RETURN(const std::vector<Split> splits,
                   PlanAll(connector, context, table, scan, split_limit));
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const std::string& column : scan.columns) {
    fields.push_back(table.schema->GetFieldByName(column)->WithMetadata(nullptr));
  }
  const std::shared_ptr<arrow::Schema> schema = arrow::schema(fields);
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  int64_t rows = 0;
  for (const Split& split : splits) {
    ASSIGN_OR_RETURN(const std::unique_ptr<RecordBatchStream> stream,
                     connector.Read(context, table, scan, split));
    while (true) {
      ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
      if (batch == nullptr) {
        break;
      }
      EXPECT_GT(batch->num_rows(), 0);
      EXPECT_EQ(batch->num_columns(), static_cast<int>(scan.columns.size()));
      rows += batch->num_rows();
      batches.push_back(arrow::RecordBatch::Make(schema, batch->num_rows(), batch->columns()));
    }
  }
  if (fields.empty()) {
    return arrow::RecordBatch::Make(schema, rows, std::vector<std::shared_ptr<arrow::Array>>{});
  }
  auto whole = arrow::Table::FromRecordBatches(schema, batches);
  RETURN_IF_ERROR(whole);
  auto combined = (*whole)->CombineChunksToBatch();
  RETURN_IF_ERROR(combined);
  return *combined;
}

void ConnectorConformance::SetUp() {
  subject_ = GetParam()();
  ASSERT_NE(subject_, nullptr);
  context_.catalog = "subject";
  context_.query_id = "conformance";
}

TEST_P(ConnectorConformance, ListingsAreWholeWhateverThePageSize) {
  const auto all = connector().ListTables(context_, subject().data.database, {});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_TRUE(all->next_token.empty());
  EXPECT_NE(std::find(all->items.begin(), all->items.end(), subject().data), all->items.end());
  for (const int64_t size : {int64_t{1}, int64_t{2}, static_cast<int64_t>(all->items.size()),
                             static_cast<int64_t>(all->items.size()) + 1}) {
    std::vector<TableName> paged;
    PageRequest request{size, ""};
    do {
      const auto page = connector().ListTables(context_, subject().data.database, request);
      ASSERT_TRUE(page.ok()) << page.status();
      ASSERT_LE(static_cast<int64_t>(page->items.size()), size);
      paged.insert(paged.end(), page->items.begin(), page->items.end());
      request.token = page->next_token;
    } while (!request.token.empty());
    EXPECT_EQ(paged, all->items) << "page size " << size;
  }
  const auto databases = connector().ListDatabases(context_, {});
  ASSERT_TRUE(databases.ok()) << databases.status();
  EXPECT_EQ(std::count(databases->items.begin(), databases->items.end(), subject().data.database),
            1);
}

TEST_P(ConnectorConformance, UnknownNamesAreNotFound) {
  const TableName no_table{subject().data.database, "no_such_table"};
  EXPECT_TRUE(absl::IsNotFound(connector().GetTable(context_, no_table).status()));
  const TableName no_database{"no_such_database", "t"};
  EXPECT_TRUE(absl::IsNotFound(connector().GetTable(context_, no_database).status()));
  const auto tables = connector().ListTables(context_, "no_such_database", {});
  EXPECT_TRUE(absl::IsNotFound(tables.status()) || (tables.ok() && tables->items.empty()));
}

TEST_P(ConnectorConformance, TablesKeepTheirNamesAndHaveKnownTypes) {
  for (const TableName& name : {subject().data, subject().empty}) {
    const auto table = connector().GetTable(context_, name);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->name, name);
    ASSERT_GT(table->schema->num_fields(), 0);
    for (const std::shared_ptr<arrow::Field>& field : table->schema->fields()) {
      EXPECT_TRUE(ColumnType(*field).ok()) << field->name();
    }
  }
}

TEST_P(ConnectorConformance, ReadsAreRepeatable) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto first = ReadAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GE((*first)->num_rows(), 100);
  const auto second = ReadAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(RowTexts(**first), RowTexts(**second));
  bool has_null = false;
  for (const std::shared_ptr<arrow::Array>& column : (*first)->columns()) {
    has_null |= column->null_count() > 0;
  }
  EXPECT_TRUE(has_null) << "the subject's table must hold NULLs";
}

TEST_P(ConnectorConformance, SplitsPlannedInPiecesAreTheSame) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto whole = PlanAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(whole.ok()) << whole.status();
  const auto pieces = PlanAll(connector(), context_, *table, FullScan(*table), 1);
  ASSERT_TRUE(pieces.ok()) << pieces.status();
  EXPECT_EQ(whole->size(), pieces->size());
  if (subject().splits_repeat) {
    EXPECT_EQ(*whole, *pieces);
  }
}

TEST_P(ConnectorConformance, ColumnsComeInTheOrderAskedFor) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  Scan scan = FullScan(*table);
  const auto full = ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(full.ok()) << full.status();
  std::reverse(scan.columns.begin(), scan.columns.end());
  const auto reversed = ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(reversed.ok()) << reversed.status();
  std::vector<std::shared_ptr<arrow::Array>> columns = (*reversed)->columns();
  std::reverse(columns.begin(), columns.end());
  EXPECT_EQ(
      RowTexts(*arrow::RecordBatch::Make((*full)->schema(), (*reversed)->num_rows(), columns)),
      RowTexts(**full));
  for (const std::string& column : scan.columns) {
    Scan one;
    one.columns = {column};
    const auto only = ReadAll(connector(), context_, *table, one);
    ASSERT_TRUE(only.ok()) << column << ": " << only.status();
    EXPECT_EQ((*only)->num_rows(), (*full)->num_rows()) << column;
  }
}

TEST_P(ConnectorConformance, NoColumnsStillGiveTheRows) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto full = ReadAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(full.ok()) << full.status();
  const auto counted = ReadAll(connector(), context_, *table, Scan{});
  ASSERT_TRUE(counted.ok()) << counted.status();
  EXPECT_EQ((*counted)->num_rows(), (*full)->num_rows());
}

TEST_P(ConnectorConformance, AnEmptyTableHasNoRows) {
  const auto table = connector().GetTable(context_, subject().empty);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto rows = ReadAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->num_rows(), 0);
}

TEST_P(ConnectorConformance, FiltersLoseNoRowAndExactOnesAddNone) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto full = ReadAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(full.ok()) << full.status();
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 100; ++round) {
    Scan scan = FullScan(*table);
    const size_t columns = scan.columns.size();
    for (unsigned i = 0; i < 1 + Below(random, 2); ++i) {
      const int column = static_cast<int>(Below(random, static_cast<uint32_t>(columns)));
      if (HasOrder(*(*full)->column(column)->type())) {
        scan.constraints.summary.insert_or_assign((*full)->schema()->field(column)->name(),
                                                  RandomSet(*(*full)->column(column), random));
      }
    }
    std::string sets;
    for (const auto& [column, set] : scan.constraints.summary) {
      absl::StrAppend(&sets, column, " in ", set.ToString(), "; ");
    }
    SCOPED_TRACE(sets);
    const auto pushdown = connector().PlanPushdown(context_, *table, scan);
    ASSERT_TRUE(pushdown.ok()) << pushdown.status();
    bool exact = true;
    for (const auto& [column, set] : scan.constraints.summary) {
      ASSERT_TRUE(pushdown->summary.contains(column));
      const TermSupport& support = pushdown->summary.at(column);
      exact &= support.support == Support::kExact;
      EXPECT_TRUE(support.support == Support::kExact || !support.reason.empty())
          << "EXPLAIN needs a reason for " << column;
    }
    const auto rows = ReadAll(connector(), context_, *table, scan);
    ASSERT_TRUE(rows.ok()) << rows.status();
    const auto expected = Matching(**full, scan.constraints.summary);
    if (exact) {
      ASSERT_EQ(RowTexts(**rows), RowTexts(*expected));
    } else {
      ASSERT_EQ(RowTexts(*Matching(**rows, scan.constraints.summary)), RowTexts(*expected));
    }
    // Dynamic filters may only narrow.
    Scan dynamic = scan;
    std::swap(dynamic.constraints.summary, dynamic.dynamic_filters);
    const auto narrowed = ReadAll(connector(), context_, *table, dynamic);
    ASSERT_TRUE(narrowed.ok()) << narrowed.status();
    ASSERT_EQ(RowTexts(*Matching(**narrowed, scan.constraints.summary)), RowTexts(*expected));
  }
}

TEST_P(ConnectorConformance, AnExactLimitGivesEnoughRowsOfEachSplit) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  Scan scan = FullScan(*table);
  scan.limit = 7;
  const auto pushdown = connector().PlanPushdown(context_, *table, scan);
  ASSERT_TRUE(pushdown.ok()) << pushdown.status();
  const auto splits = PlanAll(connector(), context_, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  const auto rows = ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_GE((*rows)->num_rows(), 7);
  if (pushdown->limit.support == Support::kExact) {
    EXPECT_LE((*rows)->num_rows(), 7 * static_cast<int64_t>(splits->size()));
  }
}

TEST_P(ConnectorConformance, AStreamMayBeDroppedEarly) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const Scan scan = FullScan(*table);
  const auto splits = PlanAll(connector(), context_, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  for (int i = 0; i < 20; ++i) {
    const auto stream = connector().Read(context_, *table, scan, splits->front());
    ASSERT_TRUE(stream.ok()) << stream.status();
    if (i % 2 == 0) {
      ASSERT_TRUE((*stream)->Next().ok());
    }
  }
  const auto rows = ReadAll(connector(), context_, *table, scan);
  EXPECT_TRUE(rows.ok()) << rows.status();
}

TEST_P(ConnectorConformance, ManyThreadsReadAtOnce) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto expected = ReadAll(connector(), context_, *table, FullScan(*table));
  ASSERT_TRUE(expected.ok()) << expected.status();
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto again = connector().GetTable(context_, subject().data);
      ASSERT_TRUE(again.ok()) << again.status();
      const auto rows = ReadAll(connector(), context_, *again, FullScan(*again));
      ASSERT_TRUE(rows.ok()) << rows.status();
      EXPECT_EQ((*rows)->num_rows(), (*expected)->num_rows());
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_P(ConnectorConformance, ACancelledRequestEnds) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  RequestContext cancelled = context_;
  cancelled.cancellation = Cancellation();
  cancelled.cancellation.Cancel(absl::CancelledError("enough"));
  const auto rows = ReadAll(connector(), cancelled, *table, FullScan(*table));
  EXPECT_TRUE(absl::IsCancelled(rows.status())) << rows.status();
}

TEST_P(ConnectorConformance, ACancelReachesASlowReadWithinASecond) {
  const auto table = connector().GetTable(context_, subject().slow);
  ASSERT_TRUE(table.ok()) << table.status();
  RequestContext context = context_;
  context.cancellation = Cancellation();
  const Scan scan = FullScan(*table);
  const auto splits = PlanAll(connector(), context, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  absl::Time cancelled_at;
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(300));  // so that the read is under way
    cancelled_at = absl::Now();
    context.cancellation.Cancel(absl::CancelledError("enough"));
  });
  absl::Status status;
  auto stream = connector().Read(context, *table, scan, splits->front());
  status = stream.status();
  while (status.ok()) {
    const auto batch = (*stream)->Next();
    status = batch.status();
    if (status.ok() && *batch == nullptr) {
      break;
    }
  }
  canceller.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_LT(absl::Now() - cancelled_at, absl::Seconds(1));
}

TEST_P(ConnectorConformance, StatisticsArePlausible) {
  auto* const statistics = dynamic_cast<TableStatistics*>(&connector());
  if (statistics == nullptr) {
    return;  // an optional power
  }
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto facts = statistics->GetStatistics(context_, *table);
  ASSERT_TRUE(facts.ok()) << facts.status();
  if (facts->row_count) {
    EXPECT_GE(*facts->row_count, 0);
  }
  for (const ColumnStatistics& column : facts->columns) {
    EXPECT_NE(table->schema->GetFieldByName(column.column), nullptr) << column.column;
  }
}

TEST_P(ConnectorConformance, SecretsStayInside) {
  const auto table = connector().GetTable(context_, subject().data);
  ASSERT_TRUE(table.ok()) << table.status();
  const Scan scan = FullScan(*table);
  const auto pushdown = connector().PlanPushdown(context_, *table, scan);
  ASSERT_TRUE(pushdown.ok()) << pushdown.status();
  const auto splits = PlanAll(connector(), context_, *table, scan);
  ASSERT_TRUE(splits.ok()) << splits.status();
  for (const std::string& secret : subject().secrets) {
    EXPECT_FALSE(absl::StrContains(pushdown->statement, secret));
    for (const Split& split : *splits) {
      for (const auto& [key, value] : split.properties) {
        EXPECT_FALSE(absl::StrContains(value, secret)) << key;
      }
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ConnectorConformance);

}  // namespace pallas::sdk
