#include "sdk/spill/spiller.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "arrow/record_batch.h"

#include "base/check.h"
#include "base/status_macros.h"
#include "sdk/protocol/arrow_message.h"
#include "sdk/spill/spill_keys.h"
#include "sdk/spill/spilled_block.h"
#include "types/arrow_status.h"

namespace pallas::sdk {

// The blocks on their way. Shared with the pool's threads.
struct Spiller::Uploads {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  absl::Status status;

  absl::Status WaitForRoom(int max_running) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return running < max_running; });
    RETURN_IF_ERROR(status);
    ++running;
    return absl::OkStatus();
  }

  void Ended(const absl::Status& result) {
    const std::lock_guard lock(mutex);
    --running;
    status.Update(result);
    // Under the lock: the waiting side may destroy us as soon as it sees the change.
    changed.notify_all();
  }

  absl::Status WaitForAll() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return running == 0; });
    return status;
  }
};

Spiller::Spiller(std::shared_ptr<arrow::Schema> schema, SpillOptions options,
                 storage::ObjectStore& store, ThreadPool& pool)
    : schema_(std::move(schema)),
      options_(std::move(options)),
      store_(store),
      pool_(pool),
      uploads_(std::make_shared<Uploads>()) {}

Spiller::~Spiller() {
  if (finished_) {
    return;
  }
  uploads_->WaitForAll().IgnoreError();
  for (int64_t i = 0; i < num_blocks_; ++i) {
    // What cannot be deleted is left to the bucket's own rule of age.
    store_.Delete(BlockSpillKey(options_.split_key, i)).IgnoreError();
  }
}

absl::Status Spiller::Write(const std::shared_ptr<arrow::RecordBatch>& rows) {
  CHECK(!finished_);
  if (rows->num_rows() == 0) {
    return absl::OkStatus();
  }
  if (rows->num_rows() > 1 && protocol::BlockBytes(*rows) > options_.max_block_bytes) {
    const int64_t half = rows->num_rows() / 2;
    RETURN_IF_ERROR(Write(rows->Slice(0, half)));
    return Write(rows->Slice(half));
  }
  return Add(rows);
}

absl::Status Spiller::Add(const std::shared_ptr<arrow::RecordBatch>& rows) {
  const int64_t bytes = protocol::BlockBytes(*rows);
  if (!pending_.empty() && pending_bytes_ + bytes > options_.max_block_bytes) {
    RETURN_IF_ERROR(SpillPending());
  }
  pending_.push_back(rows);
  pending_bytes_ += bytes;
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Spiller::TakePending() {
  std::shared_ptr<arrow::RecordBatch> block;
  if (pending_.empty()) {
    ASSIGN_OR_RETURN(block, protocol::EmptyBatch(schema_));
  } else if (pending_.size() == 1) {
    block = std::move(pending_[0]);
  } else {
    ASSIGN_OR_RETURN(block, arrow::ConcatenateRecordBatches(pending_));
  }
  pending_.clear();
  pending_bytes_ = 0;
  return block;
}

absl::Status Spiller::SpillPending() {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> block, TakePending());
  RETURN_IF_ERROR(uploads_->WaitForRoom(options_.max_uploads));
  const std::string key = BlockSpillKey(options_.split_key, num_blocks_++);
  pool_.Submit([uploads = uploads_, &store = store_, cipher = options_.cipher,
                block = std::move(block), key] {
    uploads->Ended(WriteSpilledBlock(store, key, *block, cipher ? &*cipher : nullptr));
  });
  return absl::OkStatus();
}

absl::StatusOr<SpillOutcome> Spiller::Finish() {
  CHECK(!finished_);
  SpillOutcome outcome;
  if (num_blocks_ == 0 && pending_bytes_ < options_.max_inline_bytes) {
    ASSIGN_OR_RETURN(outcome.inline_block, TakePending());
    finished_ = true;
    return outcome;
  }
  if (!pending_.empty()) {
    RETURN_IF_ERROR(SpillPending());
  }
  RETURN_IF_ERROR(uploads_->WaitForAll());
  finished_ = true;
  for (int64_t i = 0; i < num_blocks_; ++i) {
    outcome.keys.push_back(BlockSpillKey(options_.split_key, i));
  }
  return outcome;
}

}  // namespace pallas::sdk
