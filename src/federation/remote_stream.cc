#include "federation/remote_stream.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "sdk/crypto/block_cipher.h"
#include "sdk/data/batch_builder.h"
#include "sdk/protocol/arrow_message.h"
#include "sdk/spill/spilled_block.h"

namespace pallas::federation {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

// The columns that were asked for, in name and type (section 11.3).
absl::Status CheckColumns(const arrow::Schema& asked, const arrow::Schema& got) {
  const bool same = asked.num_fields() == got.num_fields() &&
                    std::equal(asked.fields().begin(), asked.fields().end(), got.fields().begin(),
                               [](const auto& a, const auto& b) {
                                 return a->name() == b->name() && a->type()->Equals(*b->type());
                               });
  return same ? absl::OkStatus()
              : absl::InternalError(absl::StrCat("the connector answered with the columns (",
                                                 got.ToString(), ") where (", asked.ToString(),
                                                 ") were asked for"));
}

// Blocks are larger than batches: hands them on in slices.
class BlockSlices {
 public:
  void Reset(Batch block) {
    const int64_t bytes = std::max<int64_t>(sdk::protocol::BlockBytes(*block), 1);
    const int64_t fitting =
        static_cast<int64_t>(static_cast<double>(sdk::kMaxBatchBytes) / static_cast<double>(bytes) *
                             static_cast<double>(block->num_rows()));
    step_ = std::clamp<int64_t>(fitting, 1, sdk::kMaxBatchRows);
    block_ = std::move(block);
    next_row_ = 0;
  }

  // Null: none is left.
  Batch Next() {
    if (block_ == nullptr || next_row_ >= block_->num_rows()) {
      block_.reset();
      return nullptr;
    }
    const int64_t start = std::exchange(next_row_, next_row_ + step_);
    return block_->Slice(start, step_);
  }

 private:
  Batch block_;
  int64_t next_row_ = 0;
  int64_t step_ = 1;
};

Batch Delivered(const RemoteProjection& projection, Batch rows) {
  if (rows == nullptr || !projection.counts_only) {
    return rows;
  }
  return arrow::RecordBatch::Make(arrow::schema({}), rows->num_rows(),
                                  std::vector<std::shared_ptr<arrow::Array>>());
}

class Inline final : public sdk::RecordBatchStream {
 public:
  Inline(RemoteProjection projection, Batch block)
      : projection_(std::move(projection)), bytes_(sdk::protocol::BlockBytes(*block)) {
    slices_.Reset(std::move(block));
  }

  absl::StatusOr<Batch> Next() override { return Delivered(projection_, slices_.Next()); }

  int64_t bytes_received() const override { return bytes_; }

 private:
  RemoteProjection projection_;
  int64_t bytes_;
  BlockSlices slices_;
};

class Spilled final : public sdk::RecordBatchStream {
 public:
  Spilled(sdk::RequestContext context, RemoteProjection projection,
          sdk::protocol::RemoteReadRecordsResponse response, storage::ObjectStore* store,
          int64_t max_spilled_bytes, std::optional<sdk::BlockCipher> cipher)
      : context_(std::move(context)),
        projection_(std::move(projection)),
        response_(std::move(response)),
        store_(store),
        max_spilled_bytes_(max_spilled_bytes),
        cipher_(std::move(cipher)) {}

  absl::StatusOr<Batch> Next() override {
    while (true) {
      if (Batch rows = slices_.Next(); rows != nullptr) {
        return Delivered(projection_, std::move(rows));
      }
      if (next_block_ == response_.remote_blocks.size()) {
        return nullptr;
      }
      RETURN_IF_ERROR(context_.Check());
      const std::string key = response_.remote_blocks[next_block_++].key.value_or("");
      ASSIGN_OR_RETURN(
          Batch block,
          sdk::ReadSpilledBlock(*store_, key, response_.schema, cipher_ ? &*cipher_ : nullptr,
                                max_spilled_bytes_, context_.cancellation));
      bytes_ += sdk::protocol::BlockBytes(*block);
      slices_.Reset(std::move(block));
    }
  }

  int64_t bytes_received() const override { return bytes_; }

 private:
  sdk::RequestContext context_;
  RemoteProjection projection_;
  sdk::protocol::RemoteReadRecordsResponse response_;
  storage::ObjectStore* store_;
  int64_t max_spilled_bytes_;
  std::optional<sdk::BlockCipher> cipher_;
  size_t next_block_ = 0;
  BlockSlices slices_;
  std::atomic<int64_t> bytes_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> InlineStream(
    RemoteProjection projection, sdk::protocol::ReadRecordsResponse response) {
  RETURN_IF_ERROR(CheckColumns(*projection.asked, *response.records->schema()));
  return std::make_unique<Inline>(std::move(projection), std::move(response.records));
}

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> SpilledStream(
    const sdk::RequestContext& context, RemoteProjection projection,
    sdk::protocol::RemoteReadRecordsResponse response, storage::ObjectStore* store,
    int64_t max_spilled_bytes) {
  RETURN_IF_ERROR(CheckColumns(*projection.asked, *response.schema));
  std::optional<sdk::BlockCipher> cipher;
  if (response.encryption_key) {
    ASSIGN_OR_RETURN(cipher, sdk::BlockCipher::Make(
                                 {response.encryption_key->key, response.encryption_key->nonce}));
  }
  return std::make_unique<Spilled>(context, std::move(projection), std::move(response), store,
                                   max_spilled_bytes, std::move(cipher));
}

}  // namespace pallas::federation
