#ifndef PALLAS_SDK_PROTOCOL_BASE64_H_
#define PALLAS_SDK_PROTOCOL_BASE64_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Base64 as the connector protocol has it (section 4.4): standard alphabet, padded, one line. It
// carries every row that is not spilled, so both ways run through tables. Pure functions.

namespace pallas::sdk::protocol {

constexpr size_t Base64EncodedSize(size_t num_bytes) { return (num_bytes + 2) / 3 * 4; }

void AppendBase64(std::string_view bytes, std::string* out);

// The number of bytes in `text`, which has no white space; nullopt where it cannot be base64.
std::optional<size_t> Base64DecodedSize(std::string_view text);

// Decodes to `out`, which has room for Base64DecodedSize(text) bytes. False: it is not base64.
bool DecodeBase64To(std::string_view text, uint8_t* out);

// The bytes. White space inside is skipped, as Java readers do; missing padding, the URL-safe
// alphabet and anything else is INVALID_ARGUMENT.
absl::StatusOr<std::string> DecodeBase64(std::string_view text);

// `text` without white space, for DecodeBase64To.
std::string WithoutWhiteSpace(std::string_view text);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_BASE64_H_
