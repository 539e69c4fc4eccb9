#include "sql/runtime/uuid.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "types/ip_address.h"

namespace pallas::sql {
namespace {

constexpr size_t kUuidLength = 36;
constexpr size_t kMappedPrefix = 12;
constexpr unsigned char kMapped[kMappedPrefix] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool IsDash(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return std::nullopt;
}

bool LooksLikeUuid(std::string_view text) {
  return std::count(text.begin(), text.end(), '-') == 4 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '-' || HexDigit(c).has_value(); });
}

absl::Status CannotCast(std::string_view type, std::string_view text) {
  return NamedError("INVALID_CAST_ARGUMENT",
                    absl::StrCat("Cannot cast value to ", type, ": ", text));
}

}  // namespace

absl::StatusOr<Bytes16> CastTextToUuid(std::string_view text) {
  if (text.size() != kUuidLength) {
    if (text.size() < kUuidLength && LooksLikeUuid(text)) {
      return NamedError("INVALID_CAST_ARGUMENT",
                        absl::StrCat("Invalid UUID string length: ", text.size()));
    }
    return CannotCast("UUID", text);
  }
  Bytes16 uuid{};
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDash(i)) {
      if (text[i] != '-') {
        return CannotCast("UUID", text);
      }
      continue;
    }
    const std::optional<int> digit = HexDigit(text[i]);
    if (!digit) {
      return CannotCast("UUID", text);
    }
    uuid[digits / 2] = static_cast<unsigned char>(uuid[digits / 2] * 16 + *digit);
    ++digits;
  }
  return uuid;
}

std::string UuidToText(const Bytes16& uuid) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(kUuidLength);
  for (const unsigned char byte : uuid) {
    if (IsDash(text.size())) {
      text.push_back('-');
    }
    text.push_back(kHex[byte >> 4U]);
    text.push_back(kHex[byte & 15U]);
  }
  return text;
}

absl::StatusOr<Bytes16> CastTextToIpAddress(std::string_view text) {
  // An IPv6 address may name an interface, which does not count.
  if (const size_t percent = text.find('%');
      percent != std::string_view::npos && absl::StrContains(text.substr(0, percent), ':')) {
    const absl::StatusOr<Bytes16> address = CastTextToIpAddress(text.substr(0, percent));
    return address.ok() ? address : CannotCast("IPADDRESS", text);
  }
  // inet_pton() wants a terminated text; none that is longer is an address.
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof(terminated) || text.find('\0') != std::string_view::npos) {
    return CannotCast("IPADDRESS", text);
  }
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  Bytes16 address{};
  if (inet_pton(AF_INET, terminated, address.data() + kMappedPrefix) == 1) {
    std::memcpy(address.data(), kMapped, kMappedPrefix);
    return address;
  }
  if (inet_pton(AF_INET6, terminated, address.data()) != 1) {
    return CannotCast("IPADDRESS", text);
  }
  return address;
}

std::string IpAddressToText(const Bytes16& address) {
  std::string text;
  AppendIpAddress({reinterpret_cast<const char*>(address.data()), address.size()}, &text);
  return text;
}

namespace {

// The first `count` bits.
bool SamePrefix(const Bytes16& a, std::string_view b, int count) {
  for (int i = 0; i < count; ++i) {
    const size_t byte = static_cast<size_t>(i) / 8;
    const unsigned bit = 7U - static_cast<unsigned>(i) % 8U;
    if (((a[byte] ^ static_cast<unsigned char>(b[byte])) >> bit & 1U) != 0) {
      return false;
    }
  }
  return true;
}

absl::Status InvalidArgument(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

// Java's Integer.parseInt().
absl::StatusOr<int> ParsePrefixLength(std::string_view text) {
  int length = 0;
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  const bool signs =
      digits.starts_with('+') || (digits.size() < text.size() && digits.starts_with('-'));
  if (signs || absl::StrContains(digits, ' ') || !absl::SimpleAtoi(digits, &length)) {
    return NamedError("GENERIC_INTERNAL_ERROR", absl::StrCat("For input string: \"", text, "\""),
                      absl::StatusCode::kInternal);
  }
  return length;
}

}  // namespace

absl::StatusOr<bool> NetworkContains(std::string_view network, std::string_view address) {
  const size_t slash = network.find('/');
  if (slash == std::string_view::npos) {
    return InvalidArgument("Invalid CIDR");
  }
  const std::string_view host = network.substr(0, slash);
  const absl::StatusOr<Bytes16> base = CastTextToIpAddress(host);
  if (!base.ok()) {
    return InvalidArgument("Invalid network IP address");
  }
  ASSIGN_OR_RETURN(int length, ParsePrefixLength(network.substr(slash + 1)));
  if (length < 0) {
    return InvalidArgument("Invalid prefix length");
  }
  constexpr int kMaxLength = 128;
  constexpr int kMappedLength = 96;
  if (!absl::StrContains(host, ':')) {
    length += kMappedLength;
    Bytes16 rest{};  // what the prefix leaves over must be zero
    for (size_t i = kMappedPrefix; length <= kMaxLength && i < rest.size(); ++i) {
      const int kept = std::clamp(length - static_cast<int>(i) * 8, 0, 8);
      rest[i] = static_cast<unsigned char>((*base)[i] & (0xFFU >> static_cast<unsigned>(kept)));
    }
    if (length > kMaxLength || rest != Bytes16{}) {
      return InvalidArgument("Invalid CIDR");
    }
  } else if (length > kMaxLength) {
    return InvalidArgument("Invalid CIDR");
  }
  return SamePrefix(*base, address, length);
}

}  // namespace pallas::sql
