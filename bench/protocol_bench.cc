// What the wire of the federation protocol costs on one core: writing the blocks of a split, with
// and without encryption; encoding and encrypting one block, beside AES-GCM alone on as many bytes;
// and the JSON form of an inline block, both ways. CPU seconds of all threads; medians.

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/buffer.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "base/thread_pool.h"
#include "bench/cost.h"
#include "sdk/crypto/block_cipher.h"
#include "sdk/data/batch_builder.h"
#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/codec.h"
#include "sdk/spill/spilled_block.h"
#include "sdk/spill/spiller.h"
#include "storage/object_store.h"
#include "types/arrow_status.h"

namespace pallas::sdk {
namespace {

constexpr int kRuns = 9;
constexpr int64_t kRows = 1'000'000;
constexpr int64_t kMaxBlockBytes = 16'000'000;
constexpr int64_t kInlineBytes = 3'400'000;
constexpr int64_t kRowBytes = 36;

// Swallows what is written.
class NullStore final : public storage::ObjectStore {
 public:
  absl::StatusOr<storage::ObjectInfo> Head(const std::string&) override { return None(); }

  absl::StatusOr<std::unique_ptr<storage::ObjectReader>> Open(const std::string&,
                                                              const Cancellation&) override {
    return None();
  }

  absl::StatusOr<std::unique_ptr<storage::ObjectWriter>> Create(const std::string&) override {
    return std::make_unique<Writer>();
  }

  absl::Status Delete(const std::string&) override { return absl::OkStatus(); }

  absl::Status List(const std::string&,
                    const std::function<bool(const storage::ObjectInfo&)>&) override {
    return None();
  }

  absl::Status ListFolder(const std::string&,
                          const std::function<bool(const storage::FolderEntry&)>&) override {
    return None();
  }

 private:
  class Writer final : public storage::ObjectWriter {
   public:
    absl::Status Write(std::string_view) override { return absl::OkStatus(); }

    absl::StatusOr<storage::ObjectInfo> Finish() override { return storage::ObjectInfo{}; }
  };

  static absl::Status None() { return absl::UnimplementedError("this store only swallows"); }
};

std::shared_ptr<arrow::Schema> Schema() {
  return arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()),
                        arrow::field("price", arrow::float64())});
}

// Makes the rows, cell by cell, and gives their batches to `sink`.
absl::Status MakeRows(
    int64_t num_rows,
    const std::function<absl::Status(std::shared_ptr<arrow::RecordBatch>)>& sink) {
  ASSIGN_OR_RETURN(BatchBuilder builder, BatchBuilder::Make(Schema()));
  auto& ids = static_cast<arrow::Int64Builder&>(builder.column(0));
  auto& names = static_cast<arrow::StringBuilder&>(builder.column(1));
  auto& prices = static_cast<arrow::DoubleBuilder&>(builder.column(2));
  std::array<char, 16> name = {'n', 'a', 'm', 'e', '-'};
  for (int64_t i = 0; i < num_rows; ++i) {
    int64_t rest = i;
    for (size_t place = name.size(); place > 5; --place, rest /= 10) {
      name[place - 1] = static_cast<char>('0' + rest % 10);
    }
    RETURN_IF_ERROR(ids.Append(i));
    RETURN_IF_ERROR(names.Append(name.data(), static_cast<int32_t>(name.size())));
    RETURN_IF_ERROR(prices.Append(static_cast<double>(i) * 0.25));
    if (builder.FinishRow(kRowBytes) || i + 1 == num_rows) {
      ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, builder.Flush());
      RETURN_IF_ERROR(sink(std::move(batch)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> OneBatch(int64_t num_rows) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  RETURN_IF_ERROR(MakeRows(num_rows, [&](std::shared_ptr<arrow::RecordBatch> batch) {
    batches.push_back(std::move(batch));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch,
                   arrow::ConcatenateRecordBatches(batches));
  return batch;
}

absl::StatusOr<double> MedianCpu(const std::function<absl::Status()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < kRuns; ++i) {
    ASSIGN_OR_RETURN(const bench::Cost cost, bench::Measure(work));
    seconds.push_back(cost.cpu);
  }
  return bench::Median(std::move(seconds));
}

absl::Status SpillRows(const std::optional<BlockCipher>& cipher, ThreadPool& pool) {
  NullStore store;
  SpillOptions options;
  options.split_key = "prefix/query/split";
  options.max_block_bytes = kMaxBlockBytes;
  options.cipher = cipher;
  Spiller spiller(Schema(), options, store, pool);
  RETURN_IF_ERROR(MakeRows(
      kRows, [&](std::shared_ptr<arrow::RecordBatch> batch) { return spiller.Write(batch); }));
  return spiller.Finish().status();
}

absl::Status BenchWriting(const BlockCipher& cipher) {
  ThreadPool pool(2);
  ASSIGN_OR_RETURN(const double encrypted, MedianCpu([&] { return SpillRows(cipher, pool); }));
  ASSIGN_OR_RETURN(const double plain, MedianCpu([&] { return SpillRows(std::nullopt, pool); }));
  ASSIGN_OR_RETURN(const double rows_only, MedianCpu([] {
                     return MakeRows(kRows, [](const std::shared_ptr<arrow::RecordBatch>&) {
                       return absl::OkStatus();
                     });
                   }));
  const auto rate = [](double seconds) { return static_cast<double>(kRows) / seconds / 1e6; };
  std::printf(
      "writing blocks, million rows/s a core: encrypted %.1f, plain %.1f, rows alone %.1f\n",
      rate(encrypted), rate(plain), rate(rows_only));
  return absl::OkStatus();
}

absl::Status BenchEncryption(const BlockCipher& cipher) {
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> block,
                   OneBatch(kMaxBlockBytes / (kRowBytes + 1)));
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Buffer> bytes, EncodeSpilledBlock(*block, &cipher));
  // The yardstick: the same number of bytes, in memory that is there already.
  std::vector<uint8_t> memory(static_cast<size_t>(bytes->size()));
  ASSIGN_OR_RETURN(const double yardstick, MedianCpu([&] { return cipher.Encrypt(memory); }));
  ASSIGN_OR_RETURN(const double encoded,
                   MedianCpu([&] { return EncodeSpilledBlock(*block, &cipher).status(); }));
  const double gigabytes = static_cast<double>(bytes->size()) / 1e9;
  std::printf(
      "encode + AES-256-GCM of %.1f MB: %.2f GB/s; AES-256-GCM alone %.2f GB/s; ratio %.2f\n",
      gigabytes * 1e3, gigabytes / encoded, gigabytes / yardstick, yardstick / encoded);
  return absl::OkStatus();
}

absl::Status BenchJson() {
  protocol::ReadRecordsResponse response;
  ASSIGN_OR_RETURN(response.records, OneBatch(kInlineBytes / (kRowBytes + 1)));
  const protocol::Response message = response;
  ASSIGN_OR_RETURN(const std::string json, EncodeResponse(message, protocol::Version::kV6));
  ASSIGN_OR_RETURN(const double encoding, MedianCpu([&] {
                     return EncodeResponse(message, protocol::Version::kV6).status();
                   }));
  ASSIGN_OR_RETURN(const double decoding, MedianCpu([&] {
                     return DecodeResponse(json, protocol::Version::kV6).status();
                   }));
  const double gigabytes = static_cast<double>(json.size()) / 1e9;
  std::printf("JSON + base64 of %.1f MB: encode %.2f GB/s, decode %.2f GB/s, both %.2f GB/s\n",
              gigabytes * 1e3, gigabytes / encoding, gigabytes / decoding,
              gigabytes / (encoding + decoding));
  return absl::OkStatus();
}

absl::Status Run() {
  ASSIGN_OR_RETURN(BlockKey key, GenerateBlockKey());
  ASSIGN_OR_RETURN(const BlockCipher cipher, BlockCipher::Make(std::move(key)));
  RETURN_IF_ERROR(BenchWriting(cipher));
  RETURN_IF_ERROR(BenchEncryption(cipher));
  return BenchJson();
}

}  // namespace
}  // namespace pallas::sdk

int main() {
  if (const absl::Status status = pallas::sdk::Run(); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
