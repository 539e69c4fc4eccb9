#include "sdk/crypto/block_cipher.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/check.h"
#include "base/status_macros.h"

namespace pallas::sdk {
namespace {

constexpr size_t kGeneratedKeyBytes = 32;
// OpenSSL counts in int.
constexpr size_t kMaxStepBytes = size_t{1} << 30U;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

const EVP_CIPHER* CipherOf(size_t key_bytes) {
  switch (key_bytes) {
    case 16:
      return EVP_aes_128_gcm();
    case 24:
      return EVP_aes_192_gcm();
    case 32:
      return EVP_aes_256_gcm();
    default:
      return nullptr;
  }
}

absl::Status Refused() { return absl::InternalError("the library refused AES-GCM"); }

// Runs `bytes` through the cipher to `out`, which may be where they are.
bool Update(EVP_CIPHER_CTX* context, std::span<const uint8_t> bytes, uint8_t* out) {
  while (!bytes.empty()) {
    const size_t step = std::min(bytes.size(), kMaxStepBytes);
    int written = 0;
    if (EVP_CipherUpdate(context, out, &written, bytes.data(), static_cast<int>(step)) != 1 ||
        static_cast<size_t>(written) != step) {
      return false;
    }
    bytes = bytes.subspan(step);
    out += step;
  }
  return true;
}

Context Start(const BlockKey& key, bool encrypt) {
  Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr ||
      EVP_CipherInit_ex(context.get(), CipherOf(key.key.size()), nullptr, Bytes(key.key),
                        Bytes(key.nonce), encrypt ? 1 : 0) != 1) {
    return nullptr;
  }
  return context;
}

}  // namespace

absl::StatusOr<BlockKey> GenerateBlockKey() {
  BlockKey key{std::string(kGeneratedKeyBytes, '\0'), std::string(kBlockNonceBytes, '\0')};
  for (std::string* const bytes : {&key.key, &key.nonce}) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes->data()),
                   static_cast<int>(bytes->size())) != 1) {
      return absl::UnavailableError("the system has no random bytes for an encryption key");
    }
  }
  return key;
}

absl::StatusOr<BlockCipher> BlockCipher::Make(BlockKey key) {
  if (CipherOf(key.key.size()) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected 16, 24 or 32 key bytes but found ", key.key.size()));
  }
  if (key.nonce.size() != kBlockNonceBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected ", kBlockNonceBytes, " nonce bytes but found ", key.nonce.size()));
  }
  return BlockCipher(std::move(key));
}

absl::Status BlockCipher::Encrypt(const Pieces& pieces, uint8_t* out) const {
  const Context context = Start(key_, true);
  if (context == nullptr) {
    return Refused();
  }
  RETURN_IF_ERROR(pieces([&](std::string_view piece) {
    if (!Update(context.get(), {Bytes(piece), piece.size()}, out)) {
      return Refused();
    }
    out += piece.size();
    return absl::OkStatus();
  }));
  int written = 0;
  if (EVP_CipherFinal_ex(context.get(), out, &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kBlockTagBytes, out) != 1) {
    return Refused();
  }
  return absl::OkStatus();
}

absl::Status BlockCipher::Encrypt(std::span<uint8_t> block) const {
  CHECK(block.size() >= kBlockTagBytes);
  const std::string_view plain(reinterpret_cast<const char*>(block.data()),
                               block.size() - kBlockTagBytes);
  return Encrypt([&](const auto& sink) { return sink(plain); }, block.data());
}

absl::StatusOr<size_t> BlockCipher::Decrypt(std::span<uint8_t> block) const {
  if (block.size() < kBlockTagBytes) {
    return absl::DataLossError(absl::StrCat("the encrypted block has ", block.size(),
                                            " bytes, fewer than its tag of ", kBlockTagBytes));
  }
  const size_t size = block.size() - kBlockTagBytes;
  const Context context = Start(key_, false);
  if (context == nullptr || !Update(context.get(), block.first(size), block.data()) ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kBlockTagBytes,
                          block.last(kBlockTagBytes).data()) != 1) {
    return Refused();
  }
  int written = 0;
  uint8_t none = 0;
  if (EVP_CipherFinal_ex(context.get(), &none, &written) != 1) {
    return absl::DataLossError(
        "the block does not open with its key: it was encrypted under another one, or was changed");
  }
  return size;
}

}  // namespace pallas::sdk
