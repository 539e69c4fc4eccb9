#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/testing/golden_messages.h"
#include "sdk/spill/spill_keys.h"
#include "sdk/spill/spilled_block.h"
#include "sdk/spill/spiller.h"
#include "sdk/spill/testing/memory_object_store.h"

namespace pallas::sdk {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int64_t kNoLimit = int64_t{1} << 40;

Batch Rows(int64_t first, int64_t count) {
  arrow::Int64Builder numbers;
  arrow::StringBuilder texts;
  for (int64_t i = first; i < first + count; ++i) {
    EXPECT_TRUE(numbers.Append(i).ok());
    EXPECT_TRUE(i % 7 == 0 ? texts.AppendNull().ok() : texts.Append(absl::StrCat("row ", i)).ok());
  }
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("t", arrow::utf8())}), count,
      {numbers.Finish().ValueOrDie(), texts.Finish().ValueOrDie()});
}

SpillOptions Options(int64_t max_block_bytes, int64_t max_inline_bytes) {
  SpillOptions options;
  options.split_key = "prefix/query/split";
  options.max_block_bytes = max_block_bytes;
  options.max_inline_bytes = max_inline_bytes;
  options.cipher = BlockCipher::Make(GenerateBlockKey().value()).value();
  return options;
}

// All rows of an outcome, in order.
Batch AllRows(const SpillOutcome& outcome, MemoryObjectStore& store, const SpillOptions& options,
              const std::shared_ptr<arrow::Schema>& schema) {
  if (outcome.inline_block != nullptr) {
    return outcome.inline_block;
  }
  std::vector<Batch> blocks;
  for (const std::string& key : outcome.keys) {
    const auto block =
        ReadSpilledBlock(store, key, schema, &*options.cipher, kNoLimit, Cancellation());
    EXPECT_TRUE(block.ok()) << block.status();
    EXPECT_LE(protocol::BlockBytes(**block), options.max_block_bytes);
    blocks.push_back(*block);
  }
  return blocks.empty() ? Batch() : arrow::ConcatenateRecordBatches(blocks).ValueOrDie();
}

class SpillerTest : public testing::Test {
 protected:
  MemoryObjectStore store_;
  ThreadPool pool_{4};
};

TEST_F(SpillerTest, FewRowsAreInline) {
  const SpillOptions options = Options(1 << 20, 1 << 20);
  Spiller spiller(Rows(0, 1)->schema(), options, store_, pool_);
  ASSERT_TRUE(spiller.Write(Rows(0, 10)).ok());
  ASSERT_TRUE(spiller.Write(Rows(10, 5)).ok());
  const auto outcome = spiller.Finish();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome->inline_block->Equals(*Rows(0, 15)));
  EXPECT_TRUE(store_.objects().empty());
}

TEST_F(SpillerTest, NoRowsAreAnEmptyInlineBlockOrAnEmptyList) {
  const auto schema = Rows(0, 1)->schema();
  const auto outcome = Spiller(schema, Options(1000, 1), store_, pool_).Finish();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->inline_block->num_rows(), 0);
  // 12.2: with a limit of 0 even that is remote.
  const auto remote = Spiller(schema, Options(1000, 0), store_, pool_).Finish();
  ASSERT_TRUE(remote.ok()) << remote.status();
  EXPECT_EQ(remote->inline_block, nullptr);
  EXPECT_TRUE(remote->keys.empty());
}

// Whatever the limits, the rows that are read back are those that were written, in their order.
TEST_F(SpillerTest, SpilledRowsEqualInlineRows) {
  for (const int64_t block_bytes : {1, 100, 777, 5000, 1 << 20}) {
    for (const int64_t inline_bytes : {0, 3000, 1 << 20}) {
      SCOPED_TRACE(absl::StrCat(block_bytes, "/", inline_bytes));
      const SpillOptions options = Options(std::max<int64_t>(block_bytes, 40), inline_bytes);
      MemoryObjectStore store;
      Spiller spiller(Rows(0, 1)->schema(), options, store, pool_);
      for (int64_t i = 0; i < 5; ++i) {
        ASSERT_TRUE(spiller.Write(Rows(i * 100, 100)).ok());
      }
      const auto outcome = spiller.Finish();
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      EXPECT_EQ(outcome->keys.size(), store.objects().size());
      EXPECT_LE(store.max_open(), options.max_uploads);
      const Batch rows = AllRows(*outcome, store, options, Rows(0, 1)->schema());
      ASSERT_NE(rows, nullptr);
      EXPECT_TRUE(rows->Equals(*Rows(0, 500)));
    }
  }
}

TEST_F(SpillerTest, KeysAreNumberedInTheOrderOfTheRows) {
  Spiller spiller(Rows(0, 1)->schema(), Options(2000, 0), store_, pool_);
  ASSERT_TRUE(spiller.Write(Rows(0, 300)).ok());
  const auto outcome = spiller.Finish();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_GT(outcome->keys.size(), 2U);
  for (size_t i = 0; i < outcome->keys.size(); ++i) {
    EXPECT_EQ(outcome->keys[i], absl::StrCat("prefix/query/split.", i));
  }
}

TEST_F(SpillerTest, AFailedUploadFailsTheSplitAndLeavesNothing) {
  MemoryObjectStore store(/*fails_at=*/3);
  {
    Spiller spiller(Rows(0, 1)->schema(), Options(2000, 0), store, pool_);
    absl::Status status = spiller.Write(Rows(0, 1000));
    if (status.ok()) {
      status = spiller.Finish().status();
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_TRUE(store.objects().empty());
}

TEST_F(SpillerTest, DestroyedUnfinishedItDeletesItsBlocks) {
  {
    Spiller spiller(Rows(0, 1)->schema(), Options(2000, 0), store_, pool_);
    ASSERT_TRUE(spiller.Write(Rows(0, 1000)).ok());
    EXPECT_TRUE(spiller.has_spilled());
  }
  EXPECT_TRUE(store_.objects().empty());
}

TEST(SpillKeyTest, FollowsTheProtocol) {
  EXPECT_EQ(SplitSpillKey("p", "q", "s"), "p/q/s");
  EXPECT_EQ(SplitSpillKey("p", " ", "s"), "p/s");
  EXPECT_EQ(SplitSpillKey("p/q/x", "q", "s"), "p/q/x/s");
  EXPECT_EQ(BlockSpillKey("p/q/s", 12), "p/q/s.12");
}

class SpilledBlockTest : public testing::Test {
 protected:
  absl::StatusOr<Batch> Read(const std::string& key, const BlockCipher* cipher,
                             int64_t max_bytes = kNoLimit) {
    return ReadSpilledBlock(store_, key, rows_->schema(), cipher, max_bytes, Cancellation());
  }

  MemoryObjectStore store_;
  Batch rows_ = Rows(0, 100);
};

TEST_F(SpilledBlockTest, IsReadWithAndWithoutEncryption) {
  const BlockCipher cipher = BlockCipher::Make(GenerateBlockKey().value()).value();
  ASSERT_TRUE(WriteSpilledBlock(store_, "plain", *rows_, nullptr).ok());
  ASSERT_TRUE(WriteSpilledBlock(store_, "secret", *rows_, &cipher).ok());
  EXPECT_TRUE(Read("plain", nullptr).value()->Equals(*rows_));
  EXPECT_TRUE(Read("secret", &cipher).value()->Equals(*rows_));
  EXPECT_EQ(store_.objects()["secret"].size(), store_.objects()["plain"].size() + kBlockTagBytes);
}

TEST_F(SpilledBlockTest, EachFaultHasItsError) {
  const BlockCipher cipher = BlockCipher::Make(GenerateBlockKey().value()).value();
  const BlockCipher other = BlockCipher::Make(GenerateBlockKey().value()).value();
  ASSERT_TRUE(WriteSpilledBlock(store_, "secret", *rows_, &cipher).ok());
  EXPECT_EQ(Read("gone", &cipher).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Read("secret", &other).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Read("secret", &cipher, 100).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read("secret", nullptr).status().code(), absl::StatusCode::kInvalidArgument);
  for (const auto& status : {Read("gone", &cipher).status(), Read("secret", &other).status()}) {
    EXPECT_THAT(status.message(), testing::HasSubstr("spilled block '"));
  }
}

// What the reference has spilled.
TEST_F(SpilledBlockTest, OfTheReferenceAreRead) {
  const auto decoded = protocol::DecodeResponse(
      protocol::ReadTestData("generated/v6/Spilled.RemoteReadRecordsResponse.json"),
      protocol::Version::kV6);
  const auto& response = std::get<protocol::RemoteReadRecordsResponse>(decoded.value());
  const BlockCipher cipher =
      BlockCipher::Make({response.encryption_key->key, response.encryption_key->nonce}).value();
  const auto read = [&](const char* file, const BlockCipher* with) {
    store_.Put(file, protocol::ReadTestData(file));
    return ReadSpilledBlock(store_, file, response.schema, with, kNoLimit, Cancellation());
  };
  const auto plain = read("generated/spill/block.plain.bin", nullptr);
  const auto secret = read("generated/spill/block.aes256gcm.bin", &cipher);
  ASSERT_TRUE(plain.ok()) << plain.status();
  ASSERT_TRUE(secret.ok()) << secret.status();
  EXPECT_EQ((*plain)->num_rows(), 3);
  EXPECT_TRUE((*plain)->Equals(**secret, arrow::EqualOptions().nans_equal(true)));
}

}  // namespace
}  // namespace pallas::sdk
