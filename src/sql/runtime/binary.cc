#include "sql/runtime/binary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/error_detail.h"
#include "sql/runtime/text.h"

namespace pallas::sql {
namespace {

constexpr std::string_view kBase64Basic =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr size_t kBase32Group = 8;
constexpr uint32_t kCrcPolynomial = 0xEDB88320U;

absl::Status InvalidArgument(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

uint8_t Byte(char c) { return static_cast<uint8_t>(c); }

std::optional<uint8_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<uint8_t>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<uint8_t>(lower - 'a' + 10);
  }
  return std::nullopt;
}

absl::Status NotHex(char c) {
  const int code = static_cast<signed char>(c);
  std::string shown;
  AppendCodePoint(code & 0xFFFF, &shown);
  return InvalidArgument(absl::StrCat("not a hexadecimal digit: \"", shown, "\" = ", code));
}

// Collects groups of bits into bytes.
class BitSink {
 public:
  explicit BitSink(int bits) : bits_(bits) {}

  void Add(size_t value) {
    buffer_ = (buffer_ << bits_) | static_cast<uint32_t>(value);
    held_ += bits_;
    if (held_ >= 8) {
      held_ -= 8;
      bytes_.push_back(static_cast<char>((buffer_ >> held_) & 0xFFU));
    }
  }

  std::string Take() { return std::move(bytes_); }

 private:
  int bits_;
  uint32_t buffer_ = 0;
  int held_ = 0;
  std::string bytes_;
};

std::string ToBase(std::string_view bytes, std::string_view alphabet, int bits, size_t group) {
  std::string text;
  uint32_t buffer = 0;
  int held = 0;
  const uint32_t mask = (1U << bits) - 1;
  for (const char c : bytes) {
    buffer = (buffer << 8) | Byte(c);
    held += 8;
    while (held >= bits) {
      held -= bits;
      text.push_back(alphabet[(buffer >> held) & mask]);
    }
  }
  if (held > 0) {
    text.push_back(alphabet[(buffer << (bits - held)) & mask]);
  }
  text.append((group - text.size() % group) % group, '=');
  return text;
}

// What may follow the characters of the last group.
absl::Status CheckBase64Ending(std::string_view text, size_t padding_at) {
  const size_t last = padding_at % 4;
  if (padding_at == text.size()) {
    return last == 1 ? InvalidArgument("Last unit does not have enough valid bits")
                     : absl::OkStatus();
  }
  size_t next = padding_at + 1;
  const bool incomplete = last == 2 && !text.substr(next).starts_with('=');
  if (last == 0 || incomplete) {
    return InvalidArgument("Input byte array has wrong 4-byte ending unit");
  }
  next += last == 2 ? 1 : 0;
  if (last == 1) {
    return InvalidArgument("Last unit does not have enough valid bits");
  }
  return next < text.size()
             ? InvalidArgument(absl::StrCat("Input byte array has incorrect ending byte at ", next))
             : absl::OkStatus();
}

// The length of a valid code point at the front, or minus the bytes that are no such.
int ScanCodePoint(std::string_view bytes) {
  const uint8_t first = Byte(bytes.front());
  if (first < 0x80) {
    return 1;
  }
  if (first < 0xC0 || first >= 0xFE) {
    return -1;
  }
  const int size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : first < 0xFC ? 5 : 6;
  for (int i = 1; i < size; ++i) {
    const auto index = static_cast<size_t>(i);
    if (index >= bytes.size() || StartsCodePoint(bytes[index])) {
      return -i;
    }
  }
  if (size > 4) {
    return -size;
  }
  constexpr std::array<int32_t, 3> kSmallest = {0x80, 0x800, 0x10000};
  const int32_t point = FirstCodePoint(bytes);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  const bool valid = point >= kSmallest[static_cast<size_t>(size - 2)] && point <= kMaxCodePoint;
  return valid && !surrogate ? size : -size;
}

const EVP_MD* AlgorithmOf(DigestKind kind) {
  switch (kind) {
    case DigestKind::kMd5:
      return EVP_md5();
    case DigestKind::kSha1:
      return EVP_sha1();
    case DigestKind::kSha256:
      return EVP_sha256();
    case DigestKind::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? kCrcPolynomial : 0);
    }
    table[i] = value;
  }
  return table;
}

// XXH64, as its specification describes it.
constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87U;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FU;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9U;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63U;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5U;

template <typename T>
T TakeLittleEndian(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  static_assert(std::endian::native == std::endian::little);
  return value;
}

uint64_t XxRound(uint64_t lane, uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

// Stripes of 32 bytes; leaves the rest in `bytes`.
uint64_t XxStripes(std::string_view& bytes) {
  std::array<uint64_t, 4> lanes = {kPrime1 + kPrime2, kPrime2, 0, uint64_t{0} - kPrime1};
  while (bytes.size() >= 32) {
    for (uint64_t& lane : lanes) {
      lane = XxRound(lane, TakeLittleEndian<uint64_t>(bytes));
    }
  }
  uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
                  std::rotl(lanes[3], 18);
  for (const uint64_t lane : lanes) {
    hash = (hash ^ XxRound(0, lane)) * kPrime1 + kPrime4;
  }
  return hash;
}

}  // namespace

std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text.push_back(kDigits[Byte(c) >> 4]);
    text.push_back(kDigits[Byte(c) & 0x0FU]);
  }
  return text;
}

absl::StatusOr<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return InvalidArgument(absl::StrCat("invalid input length ", text.size()));
  }
  BitSink sink(4);
  for (const char c : text) {
    const std::optional<uint8_t> digit = HexDigit(c);
    if (!digit.has_value()) {
      return NotHex(c);
    }
    sink.Add(*digit);
  }
  return sink.Take();
}

std::string ToBase64(std::string_view bytes, Base64Alphabet alphabet) {
  return ToBase(bytes, alphabet == Base64Alphabet::kUrl ? kBase64Url : kBase64Basic, 6, 4);
}

absl::StatusOr<std::string> FromBase64(std::string_view text, Base64Alphabet alphabet) {
  if (text.size() == 1) {
    return InvalidArgument("Input byte[] should at least have 2 bytes for base64 bytes");
  }
  const std::string_view digits = alphabet == Base64Alphabet::kUrl ? kBase64Url : kBase64Basic;
  BitSink sink(6);
  const size_t padding_at = std::min(text.find('='), text.size());
  for (const char c : text.substr(0, padding_at)) {
    const size_t digit = digits.find(c);
    if (digit == std::string_view::npos) {
      const int code = static_cast<signed char>(c);
      return InvalidArgument(absl::StrFormat("Illegal base64 character %s%x", code < 0 ? "-" : "",
                                             code < 0 ? -code : code));
    }
    sink.Add(digit);
  }
  absl::Status ending = CheckBase64Ending(text, padding_at);
  if (!ending.ok()) {
    return ending;
  }
  return sink.Take();
}

std::string ToBase32(std::string_view bytes) { return ToBase(bytes, kBase32, 5, kBase32Group); }

absl::StatusOr<std::string> FromBase32(std::string_view text) {
  while (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  // Characters of a last group that make whole bytes.
  constexpr std::array<bool, kBase32Group> kValidRest = {true, false, true,  false,
                                                         true, true,  false, true};
  const auto length = static_cast<size_t>(CountCodePoints(text));
  if (!kValidRest[length % kBase32Group]) {
    return InvalidArgument(absl::StrCat("Invalid input length ", length));
  }
  BitSink sink(5);
  for (const int32_t point : CodePointsOf(text)) {
    const size_t digit = point < 0x80 ? kBase32.find(static_cast<char>(point)) : kBase32.npos;
    if (digit == std::string_view::npos) {
      std::string shown;
      if (point <= ' ') {
        shown = absl::StrFormat("0x%x", point);
      } else {
        AppendCodePoint(point, &shown);
      }
      return InvalidArgument(absl::StrCat("Unrecognized character: ", shown));
    }
    sink.Add(digit);
  }
  return sink.Take();
}

std::string ReplaceInvalidUtf8(std::string_view bytes, std::string_view replacement) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t ascii = static_cast<size_t>(
        std::find_if(bytes.begin(), bytes.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x80U; }) -
        bytes.begin());
    text.append(bytes.substr(0, ascii));
    bytes.remove_prefix(ascii);
    if (bytes.empty()) {
      break;
    }
    const int size = ScanCodePoint(bytes);
    const auto taken = static_cast<size_t>(size < 0 ? -size : size);
    text.append(size < 0 ? replacement : bytes.substr(0, taken));
    bytes.remove_prefix(taken);
  }
  return text;
}

absl::StatusOr<std::string> FromUtf8(std::string_view bytes, std::string_view replacement) {
  if (CountCodePoints(replacement) > 1) {
    return InvalidArgument("Replacement character string must empty or a single character");
  }
  return ReplaceInvalidUtf8(bytes, replacement);
}

absl::StatusOr<std::string> FromUtf8(std::string_view bytes, int64_t replacement) {
  // What is below int's range loses its upper half in Trino.
  const absl::StatusOr<std::string> character =
      Chr(replacement < 0 ? static_cast<int32_t>(replacement) : replacement);
  if (!character.ok()) {
    return InvalidArgument("Invalid replacement character");
  }
  return ReplaceInvalidUtf8(bytes, *character);
}

std::string_view SubstringBytes(std::string_view bytes, int64_t start, int64_t length) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (start == 0 || length <= 0 || start > size || start < -size) {
    return {};
  }
  const int64_t from = start > 0 ? start - 1 : size + start;
  return bytes.substr(static_cast<size_t>(from), static_cast<size_t>(length));
}

std::string Digest(DigestKind kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, AlgorithmOf(kind), nullptr) ==
        1);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

absl::StatusOr<std::string> Hmac(DigestKind kind, std::string_view bytes, std::string_view key) {
  if (key.empty()) {
    return NamedError("GENERIC_INTERNAL_ERROR", "Empty key", absl::StatusCode::kInternal);
  }
  if (key.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return InvalidArgument("Key is too large");
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  CHECK(HMAC(AlgorithmOf(kind), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(),
             &size) != nullptr);
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

uint32_t Crc32(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ Byte(c)) & 0xFFU];
  }
  return ~crc;
}

uint64_t XxHash64(std::string_view bytes) {
  const size_t size = bytes.size();
  uint64_t hash = size >= 32 ? XxStripes(bytes) : kPrime5;
  hash += size;
  while (bytes.size() >= 8) {
    hash ^= XxRound(0, TakeLittleEndian<uint64_t>(bytes));
    hash = std::rotl(hash, 27) * kPrime1 + kPrime4;
  }
  if (bytes.size() >= 4) {
    hash ^= TakeLittleEndian<uint32_t>(bytes) * kPrime1;
    hash = std::rotl(hash, 23) * kPrime2 + kPrime3;
  }
  for (const char c : bytes) {
    hash ^= Byte(c) * kPrime5;
    hash = std::rotl(hash, 11) * kPrime1;
  }
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

std::string BigEndian(uint64_t value, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = size; i-- > 0; value >>= 8) {
    bytes[i] = static_cast<char>(value & 0xFFU);
  }
  return bytes;
}

uint64_t FromBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) {
    value = (value << 8) | Byte(c);
  }
  return value;
}

}  // namespace pallas::sql
