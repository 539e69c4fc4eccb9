#include "federation/federated_scan.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/byte_size.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "federation/batch_check.h"
#include "federation/reader_pool.h"

namespace pallas::federation {
namespace {

// Planning pauses above the first number of splits that wait for a reader, and goes on below the
// second.
constexpr size_t kMaxPlannedSplits = 256;
constexpr size_t kFewPlannedSplits = 64;
// Throttling is not a failure: the limiter slows down, and the call is made again this often.
constexpr int kMaxThrottleRetries = 20;
constexpr size_t kMaxSplitText = 200;

std::string SplitText(const sdk::Split& split) {
  std::string text;
  for (const auto& [key, value] : split.properties) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", key, "=", value);
  }
  if (text.size() > kMaxSplitText) {
    text.resize(kMaxSplitText);
    text += "...";
  }
  return text.empty() ? "the only split" : absl::StrCat("split ", text);
}

void AddMetrics(const sdk::SourceMetrics& more, sdk::SourceMetrics* sum, double factor = 1) {
  for (const auto& [name, value] : more) {
    (*sum)[name] += factor * value;
  }
}

bool IsThrottled(const absl::Status& status) { return absl::IsResourceExhausted(status); }

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::Schema>> ScanSchema(const sdk::Table& table,
                                                          const sdk::Scan& scan) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const std::string& column : scan.columns) {
    std::shared_ptr<arrow::Field> field = table.schema->GetFieldByName(column);
    if (field == nullptr) {
      return absl::InternalError(
          absl::StrCat("table ", table.name.ToString(), " has no one column '", column, "'"));
    }
    fields.push_back(std::move(field));
  }
  return arrow::schema(std::move(fields));
}

// The work of one scan. Reader threads run Plan() and ReadOn(); each holds a shared_ptr, so that
// the scan may go while they are in a call to the source.
//
// A reader that finds the queue full parks its stream and gives its thread back; the stream keeps
// its slot of the limiter, because it keeps its connection. That cannot starve the build side of a
// join on the same source: a scan starts when its pipeline does, which is when whatever must be
// complete before it is. A pipeline that runs is consumed, so that a parked reader goes on.
struct FederatedScan::Impl : std::enable_shared_from_this<FederatedScan::Impl> {
  // A split being read.
  struct Reader {
    sdk::Split split;
    std::unique_ptr<sdk::RecordBatchStream> stream;
    sdk::Limiter::Slot slot;
    int64_t rows = 0;
    int64_t bytes_received = 0;
    sdk::SourceMetrics metrics;
    int retries = 0;
    int throttled = 0;
  };

  struct QueuedBatch {
    std::shared_ptr<arrow::RecordBatch> batch;
    int64_t bytes = 0;
    bool reserved = false;
  };

  std::shared_ptr<const Source> source;  // first: slots refer to its limiter
  std::shared_ptr<const sdk::Table> table;
  std::shared_ptr<arrow::Schema> schema;
  sdk::Scan scan;
  sdk::RequestContext context;  // with a cancellation of this scan's own
  ScanOptions options;
  std::shared_ptr<MemoryBudget> budget;
  ReaderPool* readers = nullptr;
  Cancellation::Registration query_cancelled;

  mutable std::mutex mutex;
  // Planning.
  bool partitions_planned = false;
  std::deque<sdk::Partitions> partitions;
  sdk::ResumeToken resume_token;
  bool planning_runs = true;
  bool planning_finished = false;
  std::deque<Reader> splits;  // not yet read
  // Reading.
  int active_readers = 0;  // with a thread or parked
  bool waits_for_slot = false;
  std::vector<std::unique_ptr<Reader>> parked;
  std::deque<QueuedBatch> queue;
  int64_t queued_bytes = 0;
  // The end.
  bool stopped = false;
  absl::Status error;
  std::vector<std::function<void()>> wakes;
  ScanStatistics statistics;
  absl::Time started;
  std::optional<absl::Time> ended;

  // With `mutex` held
  // ------------------------------------------------------------------------------

  bool QueueIsFull() const {
    return static_cast<int>(queue.size()) >= options.max_queued_batches ||
           queued_bytes >= options.max_queued_bytes || (!queue.empty() && !queue.back().reserved);
  }

  bool IsDone() const {
    return stopped || !error.ok() || (planning_finished && splits.empty() && active_readers == 0);
  }

  std::vector<std::function<void()>> TakeWakes() {
    if (IsDone() && !ended) {
      ended = context.clock->Now();
    }
    return std::exchange(wakes, {});
  }

  // Without `mutex`
  // --------------------------------------------------------------------------------

  static void CallAll(const std::vector<std::function<void()>>& callbacks) {
    for (const std::function<void()>& callback : callbacks) {
      callback();
    }
  }

  void Fail(const absl::Status& cause, const std::string& where) {
    absl::Status status = cause;
    // The reason of a cancel or a time-out is the query's, not the source's.
    if (!absl::IsCancelled(cause) && ErrorName(cause) != "EXCEEDED_TIME_LIMIT") {
      status = Annotate(
          cause, absl::StrCat(source->catalog(), ".", table->name.ToString(), ", ", where, ": "));
    }
    std::vector<std::function<void()>> to_wake;
    {
      const std::lock_guard lock(mutex);
      if (stopped || !error.ok()) {
        return;
      }
      error = std::move(status);
      to_wake = TakeWakes();
    }
    End(cause);
    CallAll(to_wake);
  }

  // Drops what waits and aborts what runs.
  void End(const absl::Status& reason) {
    std::vector<std::unique_ptr<Reader>> dropped;
    {
      const std::lock_guard lock(mutex);
      dropped = std::exchange(parked, {});
      active_readers -= static_cast<int>(dropped.size());
      splits.clear();
      for (const QueuedBatch& batch : queue) {
        if (batch.reserved) {
          budget->Release(batch.bytes);
        }
      }
      queue.clear();
      queued_bytes = 0;
    }
    context.cancellation.Cancel(reason);
  }

  void Stop() {
    std::vector<std::function<void()>> to_wake;
    {
      const std::lock_guard lock(mutex);
      if (stopped) {
        return;
      }
      stopped = true;
      to_wake = TakeWakes();
    }
    End(absl::CancelledError("the scan was stopped"));
    CallAll(to_wake);
  }

  // Planning
  // ---------------------------------------------------------------------------------------

  void SubmitPlanning() {
    readers->Submit([self = shared_from_this()] { self->Plan(); });
  }

  void Plan() {
    std::optional<sdk::Limiter::Slot> slot = source->limiter().TryAcquire();
    if (!slot) {
      source->limiter().OnSlotFree([weak = weak_from_this()] {
        if (const std::shared_ptr<Impl> self = weak.lock()) {
          self->SubmitPlanning();
        }
      });
      return;
    }
    absl::Status status;
    for (int attempt = 0, throttled = 0;; ++attempt) {
      bool progress = false;
      status = context.Check();
      if (status.ok()) {
        status = source->limiter().BeforeRequest(context);
      }
      if (status.ok()) {
        status = PlanOnce(progress);
      }
      if (IsThrottled(status) && throttled++ < kMaxThrottleRetries) {
        source->limiter().OnThrottled();
      } else if (!absl::IsUnavailable(status) || progress || attempt >= options.max_split_retries) {
        break;
      }
    }
    slot.reset();
    if (!status.ok()) {
      Fail(status, "planning");
    }
    std::vector<std::function<void()>> to_wake;
    {
      const std::lock_guard lock(mutex);
      planning_runs = false;
      if (planning_finished && IsDone()) {
        to_wake = TakeWakes();
      }
    }
    CallAll(to_wake);
    StartReaders();
  }

  // Plans until enough splits wait, or to the end. `progress`: something was delivered, so that an
  // error may not be answered by the same call again.
  absl::Status PlanOnce(bool& progress) {
    class Partitions final : public sdk::PartitionSink {
     public:
      explicit Partitions(std::deque<sdk::Partitions>& out) : out_(out) {}

      absl::StatusOr<sdk::Flow> Add(sdk::Partitions more) override {
        if (more.rows != nullptr && more.rows->num_rows() > 0) {
          out_.push_back(std::move(more));
        }
        return sdk::Flow::kContinue;
      }

     private:
      std::deque<sdk::Partitions>& out_;
    };

    class Splits final : public sdk::SplitSink {
     public:
      Splits(Impl& scan, bool& progress) : scan_(scan), progress_(progress) {}

      absl::StatusOr<sdk::Flow> Add(sdk::Split split) override {
        progress_ = true;
        bool enough = false;
        {
          const std::lock_guard lock(scan_.mutex);
          if (scan_.stopped || !scan_.error.ok()) {
            return sdk::Flow::kStop;
          }
          scan_.splits.emplace_back().split = std::move(split);
          scan_.statistics.splits_planned += 1;
          enough = scan_.splits.size() >= kMaxPlannedSplits;
        }
        scan_.StartReaders();
        return enough ? sdk::Flow::kStop : sdk::Flow::kContinue;
      }

     private:
      Impl& scan_;
      bool& progress_;
    };

    if (!partitions_planned) {
      std::deque<sdk::Partitions> planned;
      Partitions sink(planned);
      RETURN_IF_ERROR(source->connector().PlanPartitions(context, *table, scan, sink));
      partitions = std::move(planned);
      partitions_planned = true;
    }
    while (!partitions.empty()) {
      Splits sink(*this, progress);
      ASSIGN_OR_RETURN(resume_token,
                       source->connector().PlanSplits(context, *table, scan, partitions.front(),
                                                      resume_token, sink));
      if (resume_token.empty()) {
        partitions.pop_front();
      }
      const std::lock_guard lock(mutex);
      if (stopped || !error.ok()) {
        return absl::OkStatus();
      }
      if (!partitions.empty() && splits.size() >= kMaxPlannedSplits) {
        return absl::OkStatus();
      }
    }
    const std::lock_guard lock(mutex);
    planning_finished = true;
    statistics.planning_finished = true;
    return absl::OkStatus();
  }

  // Reading
  // ----------------------------------------------------------------------------------------

  // Starts as many readers as there are splits, slots and room for; goes on planning if few are
  // left. Called whenever one of these may have changed.
  void StartReaders() {
    while (true) {
      bool plan = false;
      bool read = false;
      {
        const std::lock_guard lock(mutex);
        if (stopped || !error.ok()) {
          return;
        }
        plan = !planning_finished && !planning_runs && splits.size() < kFewPlannedSplits;
        planning_runs |= plan;
        read = !splits.empty() && !QueueIsFull();
      }
      if (plan) {
        SubmitPlanning();
      }
      if (!read) {
        return;
      }
      std::optional<sdk::Limiter::Slot> slot = source->limiter().TryAcquire();
      if (!slot) {
        WaitForSlot();
        return;
      }
      auto reader = std::make_shared<std::unique_ptr<Reader>>();
      {
        const std::lock_guard lock(mutex);
        if (!stopped && error.ok() && !splits.empty() && !QueueIsFull()) {
          *reader = std::make_unique<Reader>(std::move(splits.front()));
          splits.pop_front();
          ++active_readers;
        }
      }
      if (*reader == nullptr) {
        return;
      }
      (*reader)->slot = *std::move(slot);
      readers->Submit([self = shared_from_this(), reader] { self->ReadOn(std::move(*reader)); });
    }
  }

  void WaitForSlot() {
    {
      const std::lock_guard lock(mutex);
      if (waits_for_slot) {
        return;
      }
      waits_for_slot = true;
    }
    source->limiter().OnSlotFree([weak = weak_from_this()] {
      if (const std::shared_ptr<Impl> self = weak.lock()) {
        {
          const std::lock_guard lock(self->mutex);
          self->waits_for_slot = false;
        }
        self->StartReaders();
      }
    });
  }

  // Reads until the split ends, the queue is full, or the scan ends.
  void ReadOn(std::unique_ptr<Reader> reader) {
    while (true) {
      bool end_of_split = false;
      absl::Status status = ReadBatch(*reader, end_of_split);
      if (!status.ok() && !MayTryAgain(*reader, status)) {
        const std::string where = SplitText(reader->split);
        reader.reset();  // gives the slot back
        {
          const std::lock_guard lock(mutex);
          --active_readers;
        }
        Fail(status, where);
        return;
      }
      if (end_of_split) {
        FinishSplit(std::move(reader));
        return;
      }
      const std::lock_guard lock(mutex);
      if (stopped || !error.ok()) {
        break;
      }
      if (status.ok() && QueueIsFull()) {
        parked.push_back(std::move(reader));
        return;
      }
    }
    reader.reset();
    const std::lock_guard lock(mutex);
    --active_readers;
  }

  absl::Status ReadBatch(Reader& reader, bool& end_of_split) {
    RETURN_IF_ERROR(context.Check());
    if (reader.stream == nullptr) {
      RETURN_IF_ERROR(source->limiter().BeforeRequest(context));
      ASSIGN_OR_RETURN(reader.stream,
                       source->connector().Read(context, *table, scan, reader.split));
    }
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, reader.stream->Next());
    const int64_t received = reader.stream->bytes_received();
    const int64_t more_received = received - std::exchange(reader.bytes_received, received);
    const sdk::SourceMetrics before = std::exchange(reader.metrics, reader.stream->metrics());
    if (batch == nullptr) {
      source->limiter().OnSuccess();
      end_of_split = true;
    } else {
      ASSIGN_OR_RETURN(batch,
                       CheckBatch(std::move(batch), *schema, source->options().invalid_utf8));
    }
    std::vector<std::function<void()>> to_wake;
    int64_t bytes = 0;
    {
      const std::lock_guard lock(mutex);
      statistics.bytes_received += more_received;
      AddMetrics(reader.metrics, &statistics.source_metrics);
      AddMetrics(before, &statistics.source_metrics, -1);
      if (batch == nullptr || stopped || !error.ok()) {
        return absl::OkStatus();
      }
      bytes = arrow::util::TotalBufferSize(*batch);
      reader.rows += batch->num_rows();
      statistics.rows += batch->num_rows();
      statistics.bytes += bytes;
      queued_bytes += bytes;
      queue.push_back({std::move(batch), bytes, budget->TryReserve(bytes)});
      // One batch feeds one waiting reader of the scan.
      if (!wakes.empty()) {
        to_wake.push_back(std::move(wakes.back()));
        wakes.pop_back();
      }
    }
    CallAll(to_wake);
    return source->limiter().OnBytes(context, bytes);
  }

  // A split that has delivered no row may be read again: after throttling, or once if the source
  // was unavailable.
  bool MayTryAgain(Reader& reader, const absl::Status& status) {
    if (reader.rows > 0 || context.cancellation.IsCancelled()) {
      return false;
    }
    if (IsThrottled(status)) {
      if (reader.throttled++ >= kMaxThrottleRetries) {
        return false;
      }
      source->limiter().OnThrottled();
    } else if (!absl::IsUnavailable(status) || reader.retries++ >= options.max_split_retries) {
      return false;
    }
    reader.stream = nullptr;
    reader.bytes_received = 0;
    reader.metrics.clear();
    const std::lock_guard lock(mutex);
    statistics.split_retries += 1;
    return true;
  }

  void FinishSplit(std::unique_ptr<Reader> reader) {
    reader->stream = nullptr;
    sdk::Limiter::Slot slot = std::move(reader->slot);
    std::vector<std::function<void()>> to_wake;
    {
      const std::lock_guard lock(mutex);
      --active_readers;
      statistics.splits_finished += 1;
      if (IsDone()) {
        to_wake = TakeWakes();
      }
    }
    // Those who wait for the slot get it before this scan asks for it again.
    slot = {};
    CallAll(to_wake);
    StartReaders();
  }
};

FederatedScan::FederatedScan(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

FederatedScan::~FederatedScan() { Stop(); }

std::unique_ptr<FederatedScan> FederatedScan::Start(std::shared_ptr<const Source> source,
                                                    std::shared_ptr<const sdk::Table> table,
                                                    sdk::Scan scan, sdk::RequestContext context,
                                                    ScanOptions options,
                                                    std::shared_ptr<MemoryBudget> budget,
                                                    ReaderPool& readers) {
  auto impl = std::make_shared<Impl>();
  impl->context = source->Bind(std::move(context));
  const Cancellation query = std::exchange(impl->context.cancellation, Cancellation());
  impl->source = std::move(source);
  impl->table = std::move(table);
  impl->scan = std::move(scan);
  impl->options = options;
  impl->budget = std::move(budget);
  impl->readers = &readers;
  impl->started = impl->context.clock->Now();
  absl::StatusOr<std::shared_ptr<arrow::Schema>> schema = ScanSchema(*impl->table, impl->scan);
  if (schema.ok()) {
    impl->schema = *std::move(schema);
    impl->SubmitPlanning();
  } else {
    impl->Fail(schema.status(), "planning");
  }
  impl->query_cancelled = query.OnCancel([weak = std::weak_ptr(impl), query] {
    if (const std::shared_ptr<Impl> self = weak.lock()) {
      self->Fail(query.status(), "planning");
    }
  });
  return std::unique_ptr<FederatedScan>(new FederatedScan(std::move(impl)));
}

absl::StatusOr<FederatedScan::Result> FederatedScan::Next(std::function<void()> wake) {
  Result result;
  std::vector<std::unique_ptr<Impl::Reader>> resumed;
  bool start_readers = false;
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->error.ok()) {
      return impl_->error;
    }
    if (impl_->queue.empty()) {
      if (impl_->IsDone()) {
        return Result{State::kDone, nullptr};
      }
      impl_->wakes.push_back(std::move(wake));
      return Result{State::kPending, nullptr};
    }
    Impl::QueuedBatch& first = impl_->queue.front();
    result.state = State::kBatch;
    result.batch = std::move(first.batch);
    impl_->queued_bytes -= first.bytes;
    if (first.reserved) {
      impl_->budget->Release(first.bytes);
    }
    impl_->queue.pop_front();
    if (!impl_->QueueIsFull()) {
      resumed = std::exchange(impl_->parked, {});
      start_readers = !impl_->splits.empty() || !impl_->planning_finished;
    }
  }
  for (std::unique_ptr<Impl::Reader>& reader : resumed) {
    auto shared = std::make_shared<std::unique_ptr<Impl::Reader>>(std::move(reader));
    impl_->readers->Submit([impl = impl_, shared] { impl->ReadOn(std::move(*shared)); });
  }
  if (start_readers) {
    impl_->StartReaders();
  }
  return result;
}

void FederatedScan::Stop() { impl_->Stop(); }

ScanStatistics FederatedScan::statistics() const {
  const std::lock_guard lock(impl_->mutex);
  ScanStatistics statistics = impl_->statistics;
  statistics.wall = impl_->ended.value_or(impl_->context.clock->Now()) - impl_->started;
  return statistics;
}

}  // namespace pallas::federation
