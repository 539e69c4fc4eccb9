#include "sdk/function/read_answer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"

#include "base/status_macros.h"
#include "sdk/crypto/block_cipher.h"

namespace pallas::sdk {
namespace {

// The bucket of a split, opened when a first block is spilled to it.
class SplitStore final : public storage::ObjectStore {
 public:
  SplitStore(std::optional<std::string> bucket, SpillStores stores)
      : bucket_(std::move(bucket)), stores_(std::move(stores)) {}

  absl::StatusOr<storage::ObjectInfo> Head(const std::string& key) override {
    ASSIGN_OR_RETURN(storage::ObjectStore* const store, Store());
    return store->Head(key);
  }

  absl::StatusOr<std::unique_ptr<storage::ObjectReader>> Open(
      const std::string& key, const Cancellation& cancellation) override {
    ASSIGN_OR_RETURN(storage::ObjectStore* const store, Store());
    return store->Open(key, cancellation);
  }

  absl::StatusOr<std::unique_ptr<storage::ObjectWriter>> Create(const std::string& key) override {
    ASSIGN_OR_RETURN(storage::ObjectStore* const store, Store());
    return store->Create(key);
  }

  absl::Status Delete(const std::string& key) override {
    ASSIGN_OR_RETURN(storage::ObjectStore* const store, Store());
    return store->Delete(key);
  }

  absl::Status List(const std::string& prefix,
                    const std::function<bool(const storage::ObjectInfo&)>& sink) override {
    ASSIGN_OR_RETURN(storage::ObjectStore* const store, Store());
    return store->List(prefix, sink);
  }

  absl::Status ListFolder(const std::string& prefix,
                          const std::function<bool(const storage::FolderEntry&)>& sink) override {
    ASSIGN_OR_RETURN(storage::ObjectStore* const store, Store());
    return store->ListFolder(prefix, sink);
  }

 private:
  absl::StatusOr<storage::ObjectStore*> Store() const {
    if (!bucket_ || bucket_->empty()) {
      return absl::FailedPreconditionError(
          "the rows do not fit into the response, and there is no spill_bucket for them");
    }
    return stores_(*bucket_);
  }

  std::optional<std::string> bucket_;
  SpillStores stores_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ReadAnswer>> ReadAnswer::Make(
    const protocol::ReadRecordsRequest& request, std::optional<int64_t> max_block_bytes,
    int max_uploads, const SpillStores& stores, ThreadPool& uploads) {
  SpillOptions options;
  options.max_block_bytes = max_block_bytes.value_or(request.max_block_bytes);
  options.max_inline_bytes = request.max_inline_block_bytes;
  options.max_uploads = max_uploads;
  if (options.max_block_bytes <= 0 || options.max_inline_bytes < 0) {
    return absl::InvalidArgumentError(absl::StrCat("blocks of ", options.max_block_bytes,
                                                   " bytes and ", options.max_inline_bytes,
                                                   " bytes inline are asked for"));
  }
  if (request.split.encryption_key) {
    ASSIGN_OR_RETURN(options.cipher, BlockCipher::Make({request.split.encryption_key->key,
                                                        request.split.encryption_key->nonce}));
  }
  std::optional<std::string> bucket;
  if (request.split.spill_location) {
    bucket = request.split.spill_location->bucket;
    options.split_key = request.split.spill_location->key.value_or("");
  }
  std::unique_ptr<ReadAnswer> answer(new ReadAnswer(request));
  answer->store_ = std::make_unique<SplitStore>(std::move(bucket), stores);
  answer->spiller_ =
      std::make_unique<Spiller>(request.schema, std::move(options), *answer->store_, uploads);
  return answer;
}

absl::Status ReadAnswer::Write(const std::shared_ptr<arrow::RecordBatch>& rows) {
  return spiller_->Write(rows);
}

absl::StatusOr<protocol::Response> ReadAnswer::Finish() {
  ASSIGN_OR_RETURN(SpillOutcome outcome, spiller_->Finish());
  if (outcome.inline_block != nullptr) {
    return protocol::ReadRecordsResponse{request_.head.catalog, std::move(outcome.inline_block)};
  }
  protocol::RemoteReadRecordsResponse response;
  response.catalog = request_.head.catalog;
  response.schema = request_.schema;
  response.encryption_key = request_.split.encryption_key;
  for (std::string& key : outcome.keys) {
    response.remote_blocks.push_back(
        {request_.split.spill_location->bucket, std::move(key), false});
  }
  return response;
}

absl::Status ReadAnswer::AfterRows(const absl::Status& error) const {
  return absl::IsResourceExhausted(error) && spiller_->has_spilled()
             ? absl::UnavailableError(error.message())
             : error;
}

}  // namespace pallas::sdk
