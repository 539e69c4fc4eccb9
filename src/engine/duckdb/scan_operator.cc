#include "engine/duckdb/scan_operator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/util/byte_size.h"
#include "duckdb/execution/operator/scan/physical_table_scan.hpp"
#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "duckdb/storage/temporary_memory_manager.hpp"

#include "base/error_detail.h"
#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/constraint_builder.h"
#include "federation/federated_scan.h"
#include "federation/reader_pool.h"

namespace pallas::engine {
namespace {

constexpr char kOperatorName[] = "PALLAS_SCAN";
// Of DuckDB's memory limit, what one scan at most tells it to keep free for batches.
constexpr duckdb::idx_t kScanShareOfMemory = 16;

// Wakes DuckDB's tasks when the scan has something for them. DuckDB destroys the states of scans
// while it holds the lock that waking a task takes; so whoever stops a scan from there collects the
// wakes that this causes, and they are delivered by a reader thread.
class TaskWaker : public std::enable_shared_from_this<TaskWaker> {
 public:
  explicit TaskWaker(federation::ReaderPool& readers) : readers_(readers) {}

  std::function<void()> Waker(const duckdb::InterruptState& task) {
    return [self = shared_from_this(), task] { self->Wake(task); };
  }

  // Stops `scan`; tasks that wait for it find it done.
  void Stop(federation::FederatedScan& scan) {
    {
      const std::lock_guard lock(mutex_);
      collects_ = true;
    }
    scan.Stop();
    std::vector<duckdb::InterruptState> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks = std::exchange(collected_, {});
    }
    if (!tasks.empty()) {
      readers_.Submit([tasks = std::move(tasks)] {
        for (const duckdb::InterruptState& task : tasks) {
          task.Callback();
        }
      });
    }
  }

  // Nobody is left to be woken.
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  void Wake(const duckdb::InterruptState& task) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) {
        return;
      }
      if (collects_) {
        collected_.push_back(task);
        return;
      }
    }
    task.Callback();
  }

  federation::ReaderPool& readers_;
  std::mutex mutex_;
  bool collects_ = false;
  bool closed_ = false;
  std::vector<duckdb::InterruptState> collected_;
};

struct ScanGlobalState final : duckdb::GlobalSourceState {
  ScanGlobalState(duckdb::ClientContext& context, const federation::ScanOptions& options,
                  federation::ReaderPool& readers)
      : waker(std::make_shared<TaskWaker>(readers)),
        buffers(duckdb::BufferManager::GetBufferManager(context)),
        threads(duckdb::TaskScheduler::GetScheduler(context).NumberOfThreads()),
        memory(duckdb::TemporaryMemoryManager::Get(context).Register(context)) {
    // Operators that spill plan with what is left of the limit; without this they would count on
    // the memory of our batches too.
    const duckdb::idx_t bytes = std::min(static_cast<duckdb::idx_t>(options.max_queued_bytes),
                                         buffers.GetMaxMemory() / kScanShareOfMemory);
    memory->SetMinimumReservation(bytes);
    memory->SetRemainingSizeAndUpdateReservation(context, bytes);
  }

  ~ScanGlobalState() override {
    waker->Close();
    if (scan != nullptr) {
      scan->Stop();
    }
  }

  ScanGlobalState(const ScanGlobalState&) = delete;
  ScanGlobalState& operator=(const ScanGlobalState&) = delete;

  duckdb::idx_t MaxThreads() override { return static_cast<duckdb::idx_t>(threads); }

  std::shared_ptr<TaskWaker> waker;
  duckdb::BufferManager& buffers;
  int32_t threads;
  duckdb::unique_ptr<duckdb::TemporaryMemoryState> memory;
  std::shared_ptr<federation::FederatedScan> scan;
};

// The batch that one task reads.
struct ScanLocalState final : duckdb::LocalSourceState {
  explicit ScanLocalState(ScanGlobalState& global_state) : global(global_state) {}

  // A task that ends before the rows do has enough of them (LIMIT, a join with nothing on its other
  // side), and then so have all: the scan must give back its slots of the limiter at once.
  ~ScanLocalState() override {
    Drop();
    if (!finished) {
      global.waker->Stop(*global.scan);
    }
  }

  ScanLocalState(const ScanLocalState&) = delete;
  ScanLocalState& operator=(const ScanLocalState&) = delete;

  void Take(std::shared_ptr<arrow::RecordBatch> next) {
    const auto bytes =
        static_cast<duckdb::idx_t>(arrow::util::ReferencedBufferSize(*next).ValueOr(0));
    global.buffers.ReserveMemory(bytes);
    reserved = bytes;
    batch = std::move(next);
    offset = 0;
  }

  void Drop() {
    batch.reset();
    if (reserved > 0) {
      global.buffers.FreeReservedMemory(std::exchange(reserved, 0));
    }
  }

  ScanGlobalState& global;
  std::shared_ptr<const arrow::RecordBatch> batch;
  int64_t offset = 0;
  duckdb::idx_t reserved = 0;
  bool finished = false;
};

class PhysicalFederatedScan final : public duckdb::PhysicalOperator {
 public:
  static constexpr duckdb::PhysicalOperatorType TYPE = duckdb::PhysicalOperatorType::EXTENSION;

  PhysicalFederatedScan(duckdb::PhysicalPlan& physical_plan,
                        duckdb::vector<duckdb::LogicalType> output_types, duckdb::idx_t cardinality,
                        FederatedScanPlan plan)
      : PhysicalOperator(physical_plan, TYPE, std::move(output_types), cardinality),
        plan_(std::move(plan)) {
    const TableScan& scan = *plan_.scan;
    for (const std::optional<size_t>& output : plan_.outputs) {
      const auto position = output
                                ? std::find(plan_.request.columns.begin(),
                                            plan_.request.columns.end(), scan.columns[*output].name)
                                : plan_.request.columns.end();
      batch_columns_.push_back(static_cast<int>(position - plan_.request.columns.begin()));
    }
  }

  bool IsSource() const override { return true; }

  bool ParallelSource() const override { return true; }

  duckdb::OrderPreservationType SourceOrder() const override {
    return duckdb::OrderPreservationType::NO_ORDER;
  }

  duckdb::string GetName() const override { return kOperatorName; }

  duckdb::InsertionOrderPreservingMap<duckdb::string> ParamsToString() const override {
    duckdb::InsertionOrderPreservingMap<duckdb::string> parameters;
    parameters["Table"] = plan_.scan->table->name.ToString();
    SetEstimatedCardinality(parameters, estimated_cardinality);
    return parameters;
  }

  duckdb::unique_ptr<duckdb::GlobalSourceState> GetGlobalSourceState(
      duckdb::ClientContext& context) const override;

  duckdb::unique_ptr<duckdb::LocalSourceState> GetLocalSourceState(
      duckdb::ExecutionContext& /*context*/, duckdb::GlobalSourceState& global) const override {
    return duckdb::make_uniq<ScanLocalState>(global.Cast<ScanGlobalState>());
  }

 protected:
  duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& context,
                                           duckdb::DataChunk& chunk,
                                           duckdb::OperatorSourceInput& input) const override;

 private:
  void AddDynamicFilters(sdk::Scan& request) const;
  void Fail(const absl::Status& status) const;
  absl::Status Fill(ScanLocalState& local, duckdb::DataChunk& chunk) const;

  FederatedScanPlan plan_;
  std::vector<int> batch_columns_;  // per output; meaningless where that has no column
};

void PhysicalFederatedScan::AddDynamicFilters(sdk::Scan& request) const {
  if (plan_.dynamic_filters == nullptr || !plan_.dynamic_filters->HasFilters()) {
    return;
  }
  // The scan that is passed is not looked at (decision D12); ours is no PhysicalTableScan.
  const auto& self = reinterpret_cast<const duckdb::PhysicalTableScan&>(
      static_cast<const PhysicalOperator&>(*this));
  const auto filters = plan_.dynamic_filters->GetFinalTableFilters(self, nullptr);
  if (filters == nullptr) {
    return;
  }
  for (const auto& [output, filter] : filters->filters) {
    const std::optional<size_t> index =
        output < plan_.outputs.size() ? plan_.outputs[output] : std::nullopt;
    if (!index) {
      continue;
    }
    const ScanColumn& column = plan_.scan->columns[*index];
    if (!HasValueSets(column)) {
      continue;
    }
    if (std::optional<sdk::ValueSet> set = BuildDynamicSet(*filter, column)) {
      request.dynamic_filters.insert_or_assign(column.name, *std::move(set));
    }
  }
}

// Called when the pipeline starts: whatever builds join tables before has finished, so the keys are
// known now.
duckdb::unique_ptr<duckdb::GlobalSourceState> PhysicalFederatedScan::GetGlobalSourceState(
    duckdb::ClientContext& context) const {
  const ScanEnvironment& environment = plan_.scan->environment;
  auto state =
      duckdb::make_uniq<ScanGlobalState>(context, environment.options, *environment.readers);
  sdk::Scan request = plan_.request;
  AddDynamicFilters(request);
  const catalog::ResolvedTable& table = *plan_.scan->table;
  state->scan = federation::FederatedScan::Start(table.source, table.table, std::move(request),
                                                 environment.request, environment.options,
                                                 environment.budget, *environment.readers);
  plan_.scan->AddRun(state->scan);
  return state;
}

absl::Status PhysicalFederatedScan::Fill(ScanLocalState& local, duckdb::DataChunk& chunk) const {
  const int64_t count =
      std::min<int64_t>(STANDARD_VECTOR_SIZE, local.batch->num_rows() - local.offset);
  for (size_t i = 0; i < plan_.outputs.size(); ++i) {
    duckdb::Vector& out = chunk.data[i];
    const std::optional<size_t> index = plan_.outputs[i];
    if (!index) {
      out.Reference(duckdb::Value(out.GetType()));
      continue;
    }
    const ScanColumn& column = plan_.scan->columns[*index];
    const absl::Status status =
        Import(column.type, local.batch, *local.batch->column(batch_columns_[i]), local.offset,
               count, out);
    if (!status.ok()) {
      return Annotate(
          status, absl::StrCat(plan_.scan->table->name.ToString(), ", column ", column.name, ": "));
    }
  }
  chunk.SetCardinality(static_cast<duckdb::idx_t>(count));
  local.offset += count;
  return absl::OkStatus();
}

// Ends the whole query with that reason. The cancellation keeps it, because the thread that fetches
// may meet the interruption of other tasks before this error.
void PhysicalFederatedScan::Fail(const absl::Status& status) const {
  plan_.scan->environment.request.cancellation.Cancel(status);
  ThrowIfError(status);
}

duckdb::SourceResultType PhysicalFederatedScan::GetDataInternal(
    duckdb::ExecutionContext& /*context*/, duckdb::DataChunk& chunk,
    duckdb::OperatorSourceInput& input) const {
  auto& global = input.global_state.Cast<ScanGlobalState>();
  auto& local = input.local_state.Cast<ScanLocalState>();
  if (local.batch == nullptr || local.offset == local.batch->num_rows()) {
    local.Drop();
    absl::StatusOr<federation::FederatedScan::Result> next =
        global.scan->Next(global.waker->Waker(input.interrupt_state));
    if (!next.ok()) {
      Fail(next.status());
    }
    switch (next->state) {
      case federation::FederatedScan::State::kPending:
        return duckdb::SourceResultType::BLOCKED;
      case federation::FederatedScan::State::kDone:
        local.finished = true;
        return duckdb::SourceResultType::FINISHED;
      case federation::FederatedScan::State::kBatch:
        local.Take(std::move(next->batch));
    }
  }
  if (const absl::Status status = Fill(local, chunk); !status.ok()) {
    Fail(status);
  }
  return duckdb::SourceResultType::HAVE_MORE_OUTPUT;
}

}  // namespace

LogicalFederatedScan::LogicalFederatedScan(duckdb::LogicalGet& get, FederatedScanPlan plan)
    : table_index_(get.table_index), plan_(std::move(plan)) {
  get.ResolveOperatorTypes();
  output_types_ = get.types;
  SetEstimatedCardinality(get.has_estimated_cardinality ? get.estimated_cardinality
                                                        : static_cast<duckdb::idx_t>(1));
  ResolveTypes();
}

duckdb::PhysicalOperator& LogicalFederatedScan::CreatePlan(duckdb::ClientContext& /*context*/,
                                                           duckdb::PhysicalPlanGenerator& planner) {
  return planner.Make<PhysicalFederatedScan>(output_types_, estimated_cardinality, plan_);
}

duckdb::vector<duckdb::ColumnBinding> LogicalFederatedScan::GetColumnBindings() {
  return GenerateColumnBindings(table_index_, output_types_.size());
}

duckdb::vector<duckdb::idx_t> LogicalFederatedScan::GetTableIndex() const { return {table_index_}; }

duckdb::string LogicalFederatedScan::GetName() const { return kOperatorName; }

duckdb::InsertionOrderPreservingMap<duckdb::string> LogicalFederatedScan::ParamsToString() const {
  duckdb::InsertionOrderPreservingMap<duckdb::string> parameters;
  parameters["Table"] = plan_.scan->table->name.ToString();
  return parameters;
}

duckdb::string LogicalFederatedScan::GetExtensionName() const { return "pallas"; }

void LogicalFederatedScan::ResolveTypes() { types = output_types_; }

}  // namespace pallas::engine
