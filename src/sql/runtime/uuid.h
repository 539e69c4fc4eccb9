#ifndef PALLAS_SQL_RUNTIME_UUID_H_
#define PALLAS_SQL_RUNTIME_UUID_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Values of 16 bytes that have a text: uuid and ipaddress. Pure functions, any thread.

namespace pallas::sql {

using Bytes16 = std::array<unsigned char, 16>;

// `00112233-4455-6677-8899-aabbccddeeff`, in any case. Errors of CAST:
// "Cannot cast value to UUID: ...", "Invalid UUID string length: ...".
absl::StatusOr<Bytes16> CastTextToUuid(std::string_view text);
std::string UuidToText(const Bytes16& uuid);

// IPv4 (kept as IPv4-mapped IPv6) or IPv6. Error of CAST: "Cannot cast value to IPADDRESS: ...".
absl::StatusOr<Bytes16> CastTextToIpAddress(std::string_view text);
std::string IpAddressToText(const Bytes16& address);

// Whether the address, of 16 bytes, is in the network, `10.0.0.0/8` or `2001:db8::/32`. Errors are
// Trino's: "Invalid CIDR", ...
absl::StatusOr<bool> NetworkContains(std::string_view network, std::string_view address);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_UUID_H_
