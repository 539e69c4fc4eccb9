#include "sql/runtime/uuid.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"

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
  char text[INET6_ADDRSTRLEN] = "";
  if (std::memcmp(address.data(), kMapped, kMappedPrefix) == 0) {
    inet_ntop(AF_INET, address.data() + kMappedPrefix, text, sizeof(text));
  } else {
    inet_ntop(AF_INET6, address.data(), text, sizeof(text));
  }
  return text;
}

}  // namespace pallas::sql
