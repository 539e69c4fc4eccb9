#include "lake/text/json_token.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::lake {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;
constexpr uint32_t kFirstHighSurrogate = 0xD800;
constexpr uint32_t kFirstLowSurrogate = 0xDC00;
constexpr uint32_t kAfterSurrogates = 0xE000;
constexpr size_t kHexDigits = 4;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendCodePoint(uint32_t point, std::string& out) {
  const auto byte = [&](uint32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0U | point >> 6U);
    byte(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    byte(0xE0U | point >> 12U);
    byte(0x80U | (point >> 6U & 0x3FU));
    byte(0x80U | (point & 0x3FU));
  } else {
    byte(0xF0U | point >> 18U);
    byte(0x80U | (point >> 12U & 0x3FU));
    byte(0x80U | (point >> 6U & 0x3FU));
    byte(0x80U | (point & 0x3FU));
  }
}

// Four hexadecimal digits at `at`; false if there are none.
bool ReadHex(std::string_view text, size_t at, uint32_t& out) {
  if (at + kHexDigits > text.size()) {
    return false;
  }
  out = 0;
  for (const char c : text.substr(at, kHexDigits)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
      return false;
    }
    const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
    out = out * 16 + static_cast<uint32_t>(IsDigit(c) ? c - '0' : lower - 'a' + 10);
  }
  return true;
}

// The character of `\uXXXX` whose digits start at `at`, with the second half of a pair; `at` is
// moved past it.
bool ReadUnicode(std::string_view text, size_t& at, std::string& out) {
  uint32_t point = 0;
  if (!ReadHex(text, at, point)) {
    return false;
  }
  at += kHexDigits;
  if (point >= kFirstHighSurrogate && point < kFirstLowSurrogate) {
    uint32_t low = 0;
    if (text.substr(at).starts_with("\\u") && ReadHex(text, at + 2, low) &&
        low >= kFirstLowSurrogate && low < kAfterSurrogates) {
      at += 2 + kHexDigits;
      point = 0x10000 + ((point - kFirstHighSurrogate) << 10U) + (low - kFirstLowSurrogate);
    } else {
      point = kReplacement;
    }
  } else if (point >= kFirstLowSurrogate && point < kAfterSurrogates) {
    point = kReplacement;
  }
  AppendCodePoint(point, out);
  return true;
}

absl::Status Unescape(std::string_view text, std::string& out) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  out.clear();
  for (size_t at = 0; at < text.size();) {
    const size_t escape = std::min(text.find('\\', at), text.size());
    out += text.substr(at, escape - at);
    at = escape + 2;
    if (escape == text.size()) {
      break;
    }
    if (at > text.size()) {
      return NotJson("an escape ends too early");
    }
    const char letter = text[escape + 1];
    const size_t known = kLetters.find(letter);
    if (known != std::string_view::npos) {
      out += kMeanings[known];
    } else if (letter != 'u' || !ReadUnicode(text, at, out)) {
      return NotJson(absl::StrCat("there is no escape '\\", std::string_view(&letter, 1), "'"));
    }
  }
  return absl::OkStatus();
}

// Java's BigDecimal.toString() of what its constructor reads; other texts as they are.
std::string CanonicalDecimal(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) {
    rest.remove_prefix(1);
  }
  std::string digits;
  int64_t scale = 0;
  bool point = false;
  while (!rest.empty() && (IsDigit(rest.front()) || (rest.front() == '.' && !point))) {
    if (rest.front() == '.') {
      point = true;
    } else {
      digits += rest.front();
      scale += point ? 1 : 0;
    }
    rest.remove_prefix(1);
  }
  if (digits.empty()) {
    return std::string(text);
  }
  if (!rest.empty()) {
    constexpr int64_t kMaxExponent = 1'000'000'000;
    int64_t exponent = 0;
    const std::string_view number = rest.substr(1);
    if ((rest.front() != 'e' && rest.front() != 'E') || number.empty() || !IsDigit(number.back()) ||
        !absl::SimpleAtoi(number, &exponent) || exponent > kMaxExponent ||
        exponent < -kMaxExponent) {
      return std::string(text);
    }
    scale -= exponent;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const std::string_view sign = negative && digits != "0" ? "-" : "";
  const auto count = static_cast<int64_t>(digits.size());
  const int64_t adjusted = count - 1 - scale;
  if (scale >= 0 && adjusted >= -6) {
    if (scale == 0) {
      return absl::StrCat(sign, digits);
    }
    if (scale >= count) {
      digits.insert(0, static_cast<size_t>(scale - count + 1), '0');
    }
    digits.insert(digits.size() - static_cast<size_t>(scale), 1, '.');
    return absl::StrCat(sign, digits);
  }
  if (count > 1) {
    digits.insert(1, 1, '.');
  }
  return absl::StrCat(sign, digits,
                      adjusted == 0  ? ""
                      : adjusted > 0 ? "E+"
                                     : "E",
                      adjusted == 0 ? "" : absl::StrCat(adjusted));
}

}  // namespace

absl::Status NotJson(std::string_view why) {
  return NamedError("HIVE_CURSOR_ERROR", absl::StrCat("Row is not a valid JSON object: ", why),
                    absl::StatusCode::kDataLoss);
}

bool IsJsonNumber(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const size_t from = at;
    while (at < text.size() && IsDigit(text[at])) {
      ++at;
    }
    return at - from;
  };
  const bool zero = at < text.size() && text[at] == '0';
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) {
      return false;
    }
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
      ++at;
    }
    if (digits() == 0) {
      return false;
    }
  }
  return at == text.size();
}

absl::StatusOr<JsonToken> ReadJsonToken(std::string_view raw, std::string& buffer) {
  while (!raw.empty() && absl::ascii_isspace(static_cast<unsigned char>(raw.back()))) {
    raw.remove_suffix(1);
  }
  if (raw.empty()) {
    return JsonToken{JsonKind::kOther, raw};
  }
  switch (raw.front()) {
    case '{':
      return JsonToken{JsonKind::kObject, raw};
    case '[':
      return JsonToken{JsonKind::kArray, raw};
    case '"': {
      if (raw.size() < 2 || raw.back() != '"') {
        return NotJson("a text is not closed");
      }
      const std::string_view inside = raw.substr(1, raw.size() - 2);
      if (inside.find('\\') == std::string_view::npos) {
        return JsonToken{JsonKind::kText, inside};
      }
      RETURN_IF_ERROR(Unescape(inside, buffer));
      return JsonToken{JsonKind::kText, buffer};
    }
    default:
      break;
  }
  if (IsJsonNumber(raw)) {
    return JsonToken{JsonKind::kNumber, raw};
  }
  const bool is_boolean = raw == "true" || raw == "false";
  return JsonToken{is_boolean ? JsonKind::kBoolean : JsonKind::kOther, raw};
}

std::string CanonicalWord(std::string_view word) {
  if (absl::EqualsIgnoreCase(word, "true") || absl::EqualsIgnoreCase(word, "false")) {
    return absl::AsciiStrToLower(word);
  }
  int64_t whole = 0;
  const bool prefixed = word.size() > 1 && word[0] == '0';
  if (prefixed && absl::EqualsIgnoreCase(word.substr(0, 2), "0x") &&
      absl::SimpleHexAtoi(word.substr(2), &whole)) {
    return absl::StrCat(whole);
  }
  const auto [stop, error] = std::from_chars(word.data() + (prefixed ? 1 : 0),
                                             word.data() + word.size(), whole, prefixed ? 8 : 10);
  if (error == std::errc() && stop == word.data() + word.size()) {
    return absl::StrCat(whole);
  }
  return CanonicalDecimal(word);
}

void AppendJsonText(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace pallas::lake
