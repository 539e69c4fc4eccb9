#include "sdk/crypto/block_cipher.h"

#include "gtest/gtest.h"

#include "sdk/protocol/testing/golden_messages.h"

namespace pallas::sdk {
namespace {

using protocol::ReadTestData;

std::string Range(int first, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes.push_back(static_cast<char>(first + i));
  }
  return bytes;
}

std::span<uint8_t> Span(std::string& bytes) {
  return {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()};
}

struct Case {
  const char* name;
  const char* file;
  BlockKey key;
};

class BlockCipherTest : public testing::TestWithParam<Case> {};

// The reference's own files: the same plain bytes under two keys.
TEST_P(BlockCipherTest, EncryptsAndDecryptsAsTheReference) {
  const BlockCipher cipher = BlockCipher::Make(GetParam().key).value();
  const std::string plain = ReadTestData("generated/spill/block.plain.bin");
  const std::string encrypted = ReadTestData(GetParam().file);

  std::string block = plain + std::string(kBlockTagBytes, '\0');
  ASSERT_TRUE(cipher.Encrypt(Span(block)).ok());
  EXPECT_EQ(block, encrypted);

  const auto size = cipher.Decrypt(Span(block));
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(block.substr(0, *size), plain);
}

// However the block is cut, the bytes are the same.
TEST_P(BlockCipherTest, EncryptsPieces) {
  const BlockCipher cipher = BlockCipher::Make(GetParam().key).value();
  const std::string plain = ReadTestData("generated/spill/block.plain.bin");
  for (const size_t step : {size_t{1}, size_t{8}, size_t{17}, plain.size()}) {
    std::string block(plain.size() + kBlockTagBytes, '\0');
    const absl::Status status = cipher.Encrypt(
        [&](const auto& sink) {
          for (size_t start = 0; start < plain.size(); start += step) {
            if (const absl::Status sunk = sink(std::string_view(plain).substr(start, step));
                !sunk.ok()) {
              return sunk;
            }
          }
          return absl::OkStatus();
        },
        Span(block).data());
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(block, ReadTestData(GetParam().file)) << step;
  }
}

TEST_P(BlockCipherTest, AChangedBlockIsDataLoss) {
  const BlockCipher cipher = BlockCipher::Make(GetParam().key).value();
  const std::string encrypted = ReadTestData(GetParam().file);
  for (const size_t place : {size_t{0}, encrypted.size() / 2, encrypted.size() - 1}) {
    std::string block = encrypted;
    block[place] = static_cast<char>(block[place] ^ 1);
    EXPECT_EQ(cipher.Decrypt(Span(block)).status().code(), absl::StatusCode::kDataLoss);
  }
  std::string cut = encrypted.substr(0, encrypted.size() - 1);
  EXPECT_EQ(cipher.Decrypt(Span(cut)).status().code(), absl::StatusCode::kDataLoss);
  std::string tiny = encrypted.substr(0, kBlockTagBytes - 1);
  EXPECT_EQ(cipher.Decrypt(Span(tiny)).status().code(), absl::StatusCode::kDataLoss);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BlockCipherTest,
    testing::Values(
        Case{"Aes256", "generated/spill/block.aes256gcm.bin", {Range(0, 32), Range(0x10, 12)}},
        Case{"Aes128", "generated/spill/block.aes128gcm.bin", {Range(0xA0, 16), Range(0x10, 12)}}),
    [](const auto& test) { return test.param.name; });

TEST(BlockKeyTest, LengthsAreChecked) {
  EXPECT_EQ(BlockCipher::Make({Range(0, 15), Range(0, 12)}).status().message(),
            "Expected 16, 24 or 32 key bytes but found 15");
  EXPECT_EQ(BlockCipher::Make({Range(0, 16), Range(0, 10)}).status().message(),
            "Expected 12 nonce bytes but found 10");
  EXPECT_TRUE(BlockCipher::Make({Range(0, 24), Range(0, 12)}).ok());
}

TEST(BlockKeyTest, GeneratedKeysDiffer) {
  const BlockKey a = GenerateBlockKey().value();
  const BlockKey b = GenerateBlockKey().value();
  EXPECT_NE(a.key, b.key);
  EXPECT_NE(a.nonce, b.nonce);
  EXPECT_TRUE(BlockCipher::Make(a).ok());
}

TEST(BlockCipherEmptyTest, AnEmptyBlockIsATag) {
  const BlockCipher cipher = BlockCipher::Make(GenerateBlockKey().value()).value();
  std::string block(kBlockTagBytes, '\0');
  ASSERT_TRUE(cipher.Encrypt(Span(block)).ok());
  EXPECT_EQ(cipher.Decrypt(Span(block)).value(), 0U);
}

}  // namespace
}  // namespace pallas::sdk
