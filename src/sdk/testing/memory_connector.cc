#include "sdk/testing/memory_connector.h"

#include <algorithm>
#include <condition_variable>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/compute/api_vector.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/decimal.h"

#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::sdk {

absl::Status InterruptibleSleep(const RequestContext& context, absl::Duration delay) {
  if (delay > absl::ZeroDuration()) {
    std::mutex mutex;
    std::condition_variable wake;
    bool cancelled = false;
    const Cancellation::Registration registration = context.OnCancel([&] {
      const std::lock_guard lock(mutex);
      cancelled = true;
      wake.notify_all();
    });
    std::unique_lock lock(mutex);
    wake.wait_for(lock, absl::ToChronoNanoseconds(delay), [&] { return cancelled; });
  }
  return context.Check();
}

std::optional<Value> CellValue(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) {
    return std::nullopt;
  }
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(array).Value(row);
    case arrow::Type::INT8:
      return int64_t{static_cast<const arrow::Int8Array&>(array).Value(row)};
    case arrow::Type::INT16:
      return int64_t{static_cast<const arrow::Int16Array&>(array).Value(row)};
    case arrow::Type::INT32:
      return int64_t{static_cast<const arrow::Int32Array&>(array).Value(row)};
    case arrow::Type::DATE32:
      return int64_t{static_cast<const arrow::Date32Array&>(array).Value(row)};
    case arrow::Type::INT64:
      return static_cast<const arrow::Int64Array&>(array).Value(row);
    case arrow::Type::DATE64:
      return static_cast<const arrow::Date64Array&>(array).Value(row);
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampArray&>(array).Value(row);
    case arrow::Type::FLOAT:
      return double{static_cast<const arrow::FloatArray&>(array).Value(row)};
    case arrow::Type::DOUBLE:
      return static_cast<const arrow::DoubleArray&>(array).Value(row);
    case arrow::Type::DECIMAL128: {
      const arrow::Decimal128 value(
          static_cast<const arrow::Decimal128Array&>(array).GetValue(row));
      return absl::MakeInt128(value.high_bits(), value.low_bits());
    }
    default:
      return static_cast<const arrow::BinaryArray&>(array).GetString(row);
  }
}

class MemoryStream final : public RecordBatchStream {
 public:
  MemoryStream(MemoryConnector& connector, RequestContext context,
               std::shared_ptr<arrow::RecordBatch> rows, absl::Duration delay)
      : connector_(connector), context_(std::move(context)), rows_(std::move(rows)), delay_(delay) {
    const int open = ++connector_.open_streams_;
    int seen = connector_.max_open_streams_.load();
    while (open > seen && !connector_.max_open_streams_.compare_exchange_weak(seen, open)) {
    }
  }

  ~MemoryStream() override { --connector_.open_streams_; }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    RETURN_IF_ERROR(InterruptibleSleep(context_, delay_));
    if (batches_ == connector_.options_.faults.fail_after_batches) {
      return connector_.options_.faults.error;
    }
    ++batches_;
    if (position_ >= rows_->num_rows()) {
      return nullptr;
    }
    const int64_t start = std::exchange(position_, position_ + connector_.options_.batch_rows);
    return rows_->Slice(start, connector_.options_.batch_rows);
  }

  int64_t bytes_received() const override { return position_; }

  SourceMetrics metrics() const override { return {{"calls", batches_}}; }

 private:
  MemoryConnector& connector_;
  RequestContext context_;
  std::shared_ptr<arrow::RecordBatch> rows_;
  absl::Duration delay_;
  int64_t position_ = 0;
  int batches_ = 0;
};

MemoryConnector::MemoryConnector(std::vector<MemoryTable> tables, MemoryOptions options)
    : tables_(std::move(tables)), options_(std::move(options)) {}

std::vector<Scan> MemoryConnector::reads() const {
  const std::lock_guard lock(mutex_);
  return reads_;
}

absl::Status MemoryConnector::Begin(const RequestContext& context, absl::Duration delay) {
  if (++calls_ == options_.faults.fail_at_call) {
    return options_.faults.error;
  }
  return InterruptibleSleep(context, delay);
}

absl::StatusOr<const MemoryTable*> MemoryConnector::Find(const TableName& name) const {
  for (const MemoryTable& table : tables_) {
    if (table.name == name) {
      return &table;
    }
  }
  return absl::NotFoundError(absl::StrCat("there is no table ", name.ToString()));
}

absl::StatusOr<Capabilities> MemoryConnector::GetCapabilities(const RequestContext& context) {
  RETURN_IF_ERROR(Begin(context, absl::ZeroDuration()));
  Capabilities capabilities;
  capabilities.filter = options_.filters;
  capabilities.limit = options_.limit;
  return capabilities;
}

namespace {

template <typename T>
absl::StatusOr<Page<T>> Paginate(const std::set<T>& all, const PageRequest& request) {
  size_t start = 0;
  if (!request.token.empty() && (!absl::SimpleAtoi(request.token, &start) || start > all.size())) {
    return absl::InvalidArgumentError("unknown page token");
  }
  Page<T> page;
  auto item = std::next(all.begin(), static_cast<std::ptrdiff_t>(start));
  while (item != all.end() &&
         (request.page_size < 0 || static_cast<int64_t>(page.items.size()) < request.page_size)) {
    page.items.push_back(*item++);
  }
  if (item != all.end()) {
    page.next_token = absl::StrCat(start + page.items.size());
  }
  return page;
}

}  // namespace

absl::StatusOr<Page<std::string>> MemoryConnector::ListDatabases(const RequestContext& context,
                                                                 const PageRequest& page) {
  RETURN_IF_ERROR(Begin(context, options_.faults.planning_delay));
  std::set<std::string> names;
  for (const MemoryTable& table : tables_) {
    names.insert(table.name.database);
  }
  return Paginate(names, page);
}

absl::StatusOr<Page<TableName>> MemoryConnector::ListTables(const RequestContext& context,
                                                            const std::string& database,
                                                            const PageRequest& page) {
  RETURN_IF_ERROR(Begin(context, options_.faults.planning_delay));
  std::set<TableName> names;
  for (const MemoryTable& table : tables_) {
    if (table.name.database == database) {
      names.insert(table.name);
    }
  }
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no database ", database));
  }
  return Paginate(names, page);
}

absl::StatusOr<Table> MemoryConnector::GetTable(const RequestContext& context,
                                                const TableName& name) {
  RETURN_IF_ERROR(Begin(context, options_.faults.planning_delay));
  ASSIGN_OR_RETURN(const MemoryTable* const found, Find(name));
  Table table;
  table.name = found->name;
  table.schema = found->schema;
  return table;
}

absl::StatusOr<Pushdown> MemoryConnector::PlanPushdown(const RequestContext& context,
                                                       const Table& table, const Scan& scan) {
  RETURN_IF_ERROR(Begin(context, absl::ZeroDuration()));
  Pushdown pushdown;
  for (const auto& [column, set] : scan.constraints.summary) {
    pushdown.summary[column] =
        options_.filters ? TermSupport{Support::kExact, ""}
                         : TermSupport{Support::kUnsupported, "this source filters nothing"};
  }
  pushdown.expressions.assign(scan.constraints.expressions.size(),
                              {Support::kUnsupported, "this source evaluates no expressions"});
  const bool exact = scan.constraints.expressions.empty() &&
                     (options_.filters || scan.constraints.summary.empty());
  pushdown.limit = options_.limit && exact
                       ? TermSupport{Support::kExact, ""}
                       : TermSupport{Support::kUnsupported, "not all filters are exact"};
  pushdown.order_by = {Support::kUnsupported, "this source does not sort"};
  pushdown.aggregation = {Support::kUnsupported, "this source does not aggregate"};
  pushdown.statement = absl::StrCat("memory: ", table.name.ToString());
  return pushdown;
}

absl::Status MemoryConnector::PlanPartitions(const RequestContext& context, const Table& table,
                                             const Scan& scan, PartitionSink& sink) {
  static_cast<void>(scan);
  RETURN_IF_ERROR(Begin(context, options_.faults.planning_delay));
  RETURN_IF_ERROR(Find(table.name));
  return sink.Add(SinglePartition()).status();
}

absl::StatusOr<ResumeToken> MemoryConnector::PlanSplits(const RequestContext& context,
                                                        const Table& table, const Scan& scan,
                                                        const Partitions& partitions,
                                                        const ResumeToken& from, SplitSink& sink) {
  static_cast<void>(scan);
  static_cast<void>(partitions);
  RETURN_IF_ERROR(Begin(context, options_.faults.planning_delay));
  ASSIGN_OR_RETURN(const MemoryTable* const found, Find(table.name));
  size_t next = 0;
  if (!from.empty() && (!absl::SimpleAtoi(from, &next) || next >= found->splits.size())) {
    return absl::InvalidArgumentError("unknown resume token");
  }
  for (; next < found->splits.size(); ++next) {
    ASSIGN_OR_RETURN(const Flow flow, sink.Add(Split{{{"split", absl::StrCat(next)}}}));
    if (flow == Flow::kStop) {
      return next + 1 < found->splits.size() ? absl::StrCat(next + 1) : "";
    }
  }
  return "";
}

absl::StatusOr<std::unique_ptr<RecordBatchStream>> MemoryConnector::Read(
    const RequestContext& context, const Table& table, const Scan& scan, const Split& split) {
  {
    const std::lock_guard lock(mutex_);
    reads_.push_back(scan);
  }
  if (reads_started_++ < options_.faults.throttle_reads) {
    return absl::ResourceExhaustedError("too many requests");
  }
  RETURN_IF_ERROR(Begin(context, absl::ZeroDuration()));
  ASSIGN_OR_RETURN(const MemoryTable* const found, Find(table.name));
  size_t number = 0;
  const auto property = split.properties.find("split");
  if (property == split.properties.end() || !absl::SimpleAtoi(property->second, &number) ||
      number >= found->splits.size()) {
    return absl::InvalidArgumentError("unknown split");
  }
  std::shared_ptr<arrow::RecordBatch> rows = found->splits[number];

  std::vector<std::pair<std::shared_ptr<arrow::Array>, const ValueSet*>> filters;
  if (options_.filters) {
    for (const auto* sets : {&scan.constraints.summary, &scan.dynamic_filters}) {
      for (const auto& [column, set] : *sets) {
        std::shared_ptr<arrow::Array> values = rows->GetColumnByName(column);
        if (values == nullptr) {
          return absl::InvalidArgumentError(absl::StrCat("no column ", column));
        }
        filters.emplace_back(std::move(values), &set);
      }
    }
  }
  arrow::Int64Builder wanted;
  for (int64_t row = 0; row < rows->num_rows(); ++row) {
    if (options_.limit && scan.limit && wanted.length() >= *scan.limit) {
      break;
    }
    const bool matches = std::all_of(filters.begin(), filters.end(), [&](const auto& filter) {
      return filter.second->Contains(CellValue(*filter.first, row));
    });
    if (matches) {
      RETURN_IF_ERROR(wanted.Append(row));
    }
  }
  std::shared_ptr<arrow::Array> indices;
  RETURN_IF_ERROR(wanted.Finish(&indices));

  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const std::string& column : scan.columns) {
    const int index = rows->schema()->GetFieldIndex(column);
    if (index < 0) {
      return absl::InvalidArgumentError(absl::StrCat("no column ", column));
    }
    fields.push_back(rows->schema()->field(index));
    auto taken = arrow::compute::Take(*rows->column(index), *indices);
    RETURN_IF_ERROR(taken);
    columns.push_back(*std::move(taken));
  }
  return std::make_unique<MemoryStream>(
      *this, context,
      arrow::RecordBatch::Make(arrow::schema(std::move(fields)), indices->length(),
                               std::move(columns)),
      std::max(found->batch_delay, options_.faults.batch_delay));
}

absl::StatusOr<Statistics> MemoryConnector::GetStatistics(const RequestContext& context,
                                                          const Table& table) {
  RETURN_IF_ERROR(Begin(context, absl::ZeroDuration()));
  ASSIGN_OR_RETURN(const MemoryTable* const found, Find(table.name));
  Statistics statistics;
  statistics.row_count = found->row_count;
  return statistics;
}

}  // namespace pallas::sdk
