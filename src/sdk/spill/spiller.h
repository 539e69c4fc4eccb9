#ifndef PALLAS_SDK_SPILL_SPILLER_H_
#define PALLAS_SDK_SPILL_SPILLER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "base/thread_pool.h"
#include "sdk/crypto/block_cipher.h"
#include "storage/object_store.h"

namespace pallas::sdk {

struct SpillOptions {
  std::string split_key;                 // below which the blocks go (spill_keys.h)
  int64_t max_block_bytes = 16'000'000;  // of a block, as BlockBytes() counts
  int64_t max_inline_bytes = 0;       // all rows together must stay below it to be answered inline
  std::optional<BlockCipher> cipher;  // none: blocks are not encrypted
  int max_uploads = 2;                // blocks encoded and uploaded at the same time
};

// The rows of a split: all in `inline_block`, or in the objects of `keys`, in the order of the
// rows.
struct SpillOutcome {
  std::shared_ptr<arrow::RecordBatch> inline_block;  // null: the rows are spilled
  std::vector<std::string> keys;
};

// Collects the rows of one split; past the limits it hands them on as blocks, which `pool` encodes,
// encrypts and uploads while more rows come (protocol section 12.2). Borrows `store` and `pool`,
// which must outlive it. One thread. Calls: any number of Write(), then Finish() once. Destroyed
// unfinished, or after an error, it deletes what it has uploaded.
class Spiller {
 public:
  Spiller(std::shared_ptr<arrow::Schema> schema, SpillOptions options, storage::ObjectStore& store,
          ThreadPool& pool);
  ~Spiller();
  Spiller(const Spiller&) = delete;
  Spiller& operator=(const Spiller&) = delete;

  // Adds rows of the schema. Blocks while `max_uploads` blocks are on their way. An error of an
  // upload comes back from the next call.
  absl::Status Write(const std::shared_ptr<arrow::RecordBatch>& rows);

  // Waits for the uploads.
  absl::StatusOr<SpillOutcome> Finish();

  bool has_spilled() const { return num_blocks_ > 0; }

 private:
  struct Uploads;

  absl::Status Add(const std::shared_ptr<arrow::RecordBatch>& rows);
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> TakePending();
  absl::Status SpillPending();

  std::shared_ptr<arrow::Schema> schema_;
  SpillOptions options_;
  storage::ObjectStore& store_;
  ThreadPool& pool_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> pending_;
  int64_t pending_bytes_ = 0;
  int64_t num_blocks_ = 0;
  bool finished_ = false;
  std::shared_ptr<Uploads> uploads_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_SPILL_SPILLER_H_
