#ifndef PALLAS_SDK_CRYPTO_BLOCK_CIPHER_H_
#define PALLAS_SDK_CRYPTO_BLOCK_CIPHER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pallas::sdk {

// The key of a split's spilled blocks and the nonce they all share (protocol section 13.1): one key
// for each split, never for two.
struct BlockKey {
  std::string key;
  std::string nonce;

  bool operator==(const BlockKey&) const = default;
};

inline constexpr size_t kBlockNonceBytes = 12;
inline constexpr size_t kBlockTagBytes = 16;  // behind the encrypted bytes

// A key of 32 random bytes.
absl::StatusOr<BlockKey> GenerateBlockKey();

// AES-GCM over whole blocks, as the protocol has it: ciphertext, then the tag; nothing else. A
// value; any thread.
class BlockCipher {
 public:
  // INVALID_ARGUMENT: the key has not 16, 24 or 32 bytes, or the nonce not 12.
  static absl::StatusOr<BlockCipher> Make(BlockKey key);

  // Gives a block, in pieces, to the sink that it is called with; passes on the sink's error.
  using Pieces = std::function<absl::Status(const std::function<absl::Status(std::string_view)>&)>;

  // Encrypts the pieces, one after the other, to `out`, which has room for all of them and the tag.
  absl::Status Encrypt(const Pieces& pieces, uint8_t* out) const;

  // Encrypts in place: the last kBlockTagBytes of `block` are room for the tag.
  // REQUIRES: block.size() >= kBlockTagBytes.
  absl::Status Encrypt(std::span<uint8_t> block) const;

  // Decrypts in place; the plain bytes are the first of `block`, and so many are returned.
  // DATA_LOSS: the block is not what was encrypted under this key. Its contents are then without
  // meaning.
  absl::StatusOr<size_t> Decrypt(std::span<uint8_t> block) const;

 private:
  explicit BlockCipher(BlockKey key) : key_(std::move(key)) {}

  BlockKey key_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_CRYPTO_BLOCK_CIPHER_H_
