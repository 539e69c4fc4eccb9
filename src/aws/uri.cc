#include "aws/uri.h"

#include "absl/strings/ascii.h"

namespace pallas::aws {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

std::string Encode(std::string_view text, std::string_view also_plain) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || std::string_view("-_.~").find(c) != std::string_view::npos ||
        also_plain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  return encoded;
}

int HexValue(char c) {
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower <= '9' ? lower - '0' : lower - 'a' + 10;
}

bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

}  // namespace

std::string EncodeUriPart(std::string_view text) { return Encode(text, ""); }

std::string EncodeUriPath(std::string_view path) { return Encode(path, "/"); }

std::string DecodeUri(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && IsHex(text[i + 1]) && IsHex(text[i + 2])) {
      decoded += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace pallas::aws
