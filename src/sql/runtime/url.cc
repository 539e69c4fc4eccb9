#include "sql/runtime/url.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "unicode/uchar.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/runtime/binary.h"
#include "sql/runtime/text.h"

namespace pallas::sql {
namespace {

constexpr std::string_view kUtf8Replacement = "\ufffd";
constexpr size_t kEscapeSize = 3;

// Punctuation that parts may hold beside letters and digits.
constexpr std::string_view kUric = "_-!.~*'();/?:@&=+$,[]";
constexpr std::string_view kPath = "_-!.~*'():@&=+$,;/";
constexpr std::string_view kUserInfo = "_-!.~*'();:&=+$,";
constexpr std::string_view kServer = "_-!.~*'();:&=+$,@[]";
constexpr std::string_view kRegistry = "_-!.~*'()$,;:@&=+";

bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)) != 0; }

bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool IsAlpha(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Whether the part has only letters, digits, `punctuation`, escapes and what is not ASCII.
bool HasOnly(std::string_view part, std::string_view punctuation) {
  while (!part.empty()) {
    size_t size = 1;
    if (part.front() == '%') {
      if (part.size() < kEscapeSize || !IsHex(part[1]) || !IsHex(part[2])) {
        return false;
      }
      size = kEscapeSize;
    } else if (static_cast<signed char>(part.front()) < 0) {
      const int32_t point = FirstCodePoint(part);
      if (u_isJavaSpaceChar(point) != 0 || u_isISOControl(point) != 0) {
        return false;
      }
      size = std::min(CodePointSize(part.front()), part.size());
    } else if (!IsAlphanumeric(part.front()) &&
               punctuation.find(part.front()) == punctuation.npos) {
      return false;
    }
    part.remove_prefix(size);
  }
  return true;
}

// Up to the first of those characters, which stays in `text`.
std::string_view TakeUntil(std::string_view& text, std::string_view stops) {
  const std::string_view part = text.substr(0, text.find_first_of(stops));
  text.remove_prefix(part.size());
  return part;
}

// Without the escapes; what they make that is no UTF-8 is replaced.
std::string Unescape(std::string_view part) {
  std::string text;
  while (!part.empty()) {
    if (part.front() != '%') {
      text.append(TakeUntil(part, "%"));
      continue;
    }
    std::string hex;
    while (part.size() >= kEscapeSize && part.front() == '%') {
      hex.append(part.substr(1, 2));
      part.remove_prefix(kEscapeSize);
    }
    text.append(ReplaceInvalidUtf8(FromHex(hex).value_or(""), kUtf8Replacement));
  }
  return text;
}

bool IsLabel(std::string_view label) {
  return !label.empty() && IsAlphanumeric(label.front()) && IsAlphanumeric(label.back()) &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '-'; });
}

bool IsIpv4(std::string_view host) {
  const std::vector<std::string_view> bytes = absl::StrSplit(host, '.');
  constexpr size_t kIpv4Bytes = 4;
  constexpr int kMaxByte = 255;
  return bytes.size() == kIpv4Bytes &&
         std::all_of(bytes.begin(), bytes.end(), [](std::string_view byte) {
           int value = 0;
           return std::all_of(byte.begin(), byte.end(), IsDigit) &&
                  absl::SimpleAtoi(byte, &value) && value <= kMaxByte;
         });
}

// Labels between dots, the last of which starts with a letter; a dot may end it.
bool IsHostName(std::string_view host) {
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  const std::vector<std::string_view> labels = absl::StrSplit(host, '.');
  return std::all_of(labels.begin(), labels.end(), IsLabel) &&
         (labels.size() == 1 || IsAlpha(labels.back().front()));
}

bool IsIpv6Literal(std::string_view address) {
  return !address.empty() && address.find(':') != address.npos &&
         std::all_of(address.begin(), address.end(), [](char c) {
           return IsHex(c) || c == ':' || c == '.' || c == '%' || IsAlphanumeric(c);
         });
}

// [user@]host[:port]; false if it is not of that form.
bool ParseServer(std::string_view server, Url& url) {
  const size_t at = server.find('@');
  if (at != std::string_view::npos) {
    if (!HasOnly(server.substr(0, at), kUserInfo)) {
      return false;
    }
    server.remove_prefix(at + 1);
  }
  std::string_view host;
  if (server.starts_with('[')) {
    const size_t end = server.find(']');
    if (end == std::string_view::npos || !IsIpv6Literal(server.substr(1, end - 1))) {
      return false;
    }
    host = server.substr(0, end + 1);
  } else {
    host = server.substr(0, server.find(':'));
    if (!IsIpv4(host) && !IsHostName(host)) {
      return false;
    }
  }
  server.remove_prefix(host.size());
  if (!server.empty()) {
    const std::string_view digits = server.substr(1);
    int32_t port = 0;
    if (server.front() != ':' || !std::all_of(digits.begin(), digits.end(), IsDigit) ||
        (!digits.empty() && !absl::SimpleAtoi(digits, &port))) {
      return false;
    }
    if (!digits.empty()) {
      url.port = port;
    }
  }
  url.host = std::string(host);
  return true;
}

bool ParseAuthority(std::string_view authority, Url& url) {
  const bool address = authority.find(']') != authority.npos;
  const bool server = HasOnly(authority, address ? absl::StrCat(kServer, "%") : kServer) ||
                      (address && authority.starts_with('['));
  if (server && ParseServer(authority, url)) {
    return true;
  }
  return HasOnly(authority, kRegistry);
}

// [//authority][path][?query], up to "#".
bool ParseHierarchical(std::string_view& text, Url& url) {
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::string_view authority = TakeUntil(text, "/?#");
    if (authority.empty() ? text.empty() : !ParseAuthority(authority, url)) {
      return false;
    }
  }
  const std::string_view path = TakeUntil(text, "?#");
  if (!HasOnly(path, kPath)) {
    return false;
  }
  url.path = Unescape(path);
  if (text.starts_with('?')) {
    text.remove_prefix(1);
    const std::string_view query = TakeUntil(text, "#");
    if (!HasOnly(query, kUric)) {
      return false;
    }
    url.raw_query = std::string(query);
    url.query = Unescape(query);
  }
  return true;
}

bool IsProtocol(std::string_view text) {
  return !text.empty() && IsAlpha(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '+' || c == '-' || c == '.'; });
}

bool ParseRest(std::string_view& text, Url& url) {
  const size_t stop = text.find_first_of("/?#:");
  if (stop == std::string_view::npos || text[stop] != ':') {
    return ParseHierarchical(text, url);
  }
  url.protocol = std::string(text.substr(0, stop));
  if (!IsProtocol(url.protocol)) {
    return false;
  }
  text.remove_prefix(stop + 1);
  if (text.starts_with('/')) {
    return ParseHierarchical(text, url);
  }
  const std::string_view opaque = TakeUntil(text, "#");
  return !opaque.empty() && HasOnly(opaque, kUric);
}

absl::Status BadEscape(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat("URLDecoder: ", message));
}

}  // namespace

std::optional<Url> ParseUrl(std::string_view text) {
  Url url;
  if (!ParseRest(text, url)) {
    return std::nullopt;
  }
  if (text.starts_with('#')) {
    text.remove_prefix(1);
    if (!HasOnly(text, kUric)) {
      return std::nullopt;
    }
    url.fragment = Unescape(text);
  }
  return url;
}

absl::StatusOr<std::optional<std::string>> UrlParameter(std::string_view url,
                                                        std::string_view name) {
  const std::optional<Url> parsed = ParseUrl(url);
  if (!parsed.has_value() || !parsed->raw_query.has_value()) {
    return std::nullopt;
  }
  for (std::string_view argument : absl::StrSplit(*parsed->raw_query, '&')) {
    const size_t equals = argument.find('=');
    if (argument.substr(0, equals) == name) {
      ASSIGN_OR_RETURN(std::string value,
                       UrlDecode(equals == std::string_view::npos ? std::string_view()
                                                                  : argument.substr(equals + 1)));
      return value;
    }
  }
  return std::nullopt;
}

std::string UrlEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (IsAlphanumeric(c) || std::string_view("-_.*").find(c) != std::string_view::npos) {
      encoded.push_back(c);
    } else if (c == ' ') {
      encoded.push_back('+');
    } else {
      absl::StrAppend(&encoded, "%", ToHex(std::string_view(&c, 1)));
    }
  }
  return encoded;
}

absl::StatusOr<std::string> UrlDecode(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (text.front() == '+') {
      decoded.push_back(' ');
      text.remove_prefix(1);
      continue;
    }
    if (text.front() != '%') {
      decoded.append(TakeUntil(text, "+%"));
      continue;
    }
    std::string hex;
    while (text.starts_with('%')) {
      if (text.size() < kEscapeSize) {
        return BadEscape("Incomplete trailing escape (%) pattern");
      }
      const std::string_view digits = text.substr(1, 2);
      if (!IsHex(digits[0]) || !IsHex(digits[1])) {
        const std::string_view wrong = text.substr(IsHex(digits[0]) ? 2 : 1);
        const size_t size = std::min(CodePointSize(wrong.front()), wrong.size());
        return BadEscape(absl::StrCat(
            "Illegal hex characters in escape (%) pattern - not a hexadecimal digit: \"",
            wrong.substr(0, size), "\" = ", FirstCodePoint(wrong)));
      }
      hex.append(digits);
      text.remove_prefix(kEscapeSize);
    }
    decoded.append(ReplaceInvalidUtf8(FromHex(hex).value_or(""), kUtf8Replacement));
  }
  return decoded;
}

}  // namespace pallas::sql
