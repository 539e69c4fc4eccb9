#ifndef PALLAS_SDK_FUNCTION_READ_ANSWER_H_
#define PALLAS_SDK_FUNCTION_READ_ANSWER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "base/thread_pool.h"
#include "sdk/protocol/messages.h"
#include "sdk/spill/spiller.h"
#include "storage/object_store.h"

namespace pallas::sdk {

// The store of a bucket; asked on any thread, for each block that is spilled. It outlives its
// users.
using SpillStores = std::function<absl::StatusOr<storage::ObjectStore*>(const std::string& bucket)>;

// The response of one ReadRecordsRequest while its rows come. Borrows the request, the pool and the
// store. One thread. Calls: any number of Write(), then Finish() once. Destroyed unfinished, it
// deletes what it spilled.
class ReadAnswer {
 public:
  // `max_block_bytes`, if given, is used in place of the request's.
  static absl::StatusOr<std::unique_ptr<ReadAnswer>> Make(
      const protocol::ReadRecordsRequest& request, std::optional<int64_t> max_block_bytes,
      int max_uploads, const SpillStores& stores, ThreadPool& uploads);

  // Adds rows of the request's schema.
  absl::Status Write(const std::shared_ptr<arrow::RecordBatch>& rows);
  absl::StatusOr<protocol::Response> Finish();

  // The error of a source after rows were written: once blocks are spilled, throttling must not be
  // reported as such, because a repeated read cannot be shown to give the same blocks
  // (section 17.2).
  absl::Status AfterRows(const absl::Status& error) const;

 private:
  explicit ReadAnswer(const protocol::ReadRecordsRequest& request) : request_(request) {}

  const protocol::ReadRecordsRequest& request_;
  std::unique_ptr<storage::ObjectStore> store_;  // outlives the spiller
  std::unique_ptr<Spiller> spiller_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_FUNCTION_READ_ANSWER_H_
