#ifndef PALLAS_SQL_RUNTIME_BINARY_H_
#define PALLAS_SQL_RUNTIME_BINARY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Bytes as text and back, and digests. Pure functions, any thread. Errors are
// INVALID_FUNCTION_ARGUMENT in Trino's words.

namespace pallas::sql {

std::string ToHex(std::string_view bytes);
absl::StatusOr<std::string> FromHex(std::string_view text);

enum class Base64Alphabet { kBasic, kUrl };

std::string ToBase64(std::string_view bytes, Base64Alphabet alphabet);
// As Java's decoder: padding may be left out, nothing else may be there.
absl::StatusOr<std::string> FromBase64(std::string_view text, Base64Alphabet alphabet);

std::string ToBase32(std::string_view bytes);
absl::StatusOr<std::string> FromBase32(std::string_view text);

// `bytes` with `replacement` for each sequence that is no UTF-8.
std::string ReplaceInvalidUtf8(std::string_view bytes, std::string_view replacement);
// from_utf8(bytes, replacement).
absl::StatusOr<std::string> FromUtf8(std::string_view bytes, std::string_view replacement);
absl::StatusOr<std::string> FromUtf8(std::string_view bytes, int64_t replacement);

// Bytes from that place, from 1, from the end if negative.
std::string_view SubstringBytes(std::string_view bytes, int64_t start, int64_t length);

enum class DigestKind { kMd5, kSha1, kSha256, kSha512 };

std::string Digest(DigestKind kind, std::string_view bytes);
absl::StatusOr<std::string> Hmac(DigestKind kind, std::string_view bytes, std::string_view key);
uint32_t Crc32(std::string_view bytes);
uint64_t XxHash64(std::string_view bytes);

// The number as bytes, highest first, and back. REQUIRES: at most 8 bytes.
std::string BigEndian(uint64_t value, size_t size);
uint64_t FromBigEndian(std::string_view bytes);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_BINARY_H_
