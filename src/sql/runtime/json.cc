#include "sql/runtime/json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "types/value_text.h"

namespace pallas::sql {
namespace {

constexpr int kMaxDepth = 1'000;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Java orders texts by UTF-16 units: code points above U+FFFF come before U+E000...U+FFFF.
bool KeyLess(std::string_view a, std::string_view b) {
  const size_t common = std::min(a.size(), b.size());
  const size_t i = static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin()).first -
      a.begin());
  if (i == common) {
    return a.size() < b.size();
  }
  const auto rank = [](char c) {
    const unsigned byte = static_cast<unsigned char>(c);
    if (byte >= 0xF0U) {
      return byte - 2;  // the lead bytes of four-byte forms, 0xF0-0xF4, below 0xEE and 0xEF
    }
    return byte == 0xEEU || byte == 0xEFU ? byte + 8 : byte;
  };
  return rank(a[i]) < rank(b[i]);
}

void AppendUtf8(uint32_t code, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

// One pass over the text, writing as it reads.
class Canonicalizer {
 public:
  Canonicalizer(std::string_view text, std::string* out, bool sorted = true)
      : rest_(text), out_(*out), sorted_(sorted) {}

  bool Run() {
    SkipBlanks();
    if (!Value(0)) {
      return false;
    }
    SkipBlanks();
    return rest_.empty();
  }

  // One value or string at the front.
  bool TakeValue() { return Value(0); }

  bool TakeString() { return String(&out_); }

  std::string_view rest() const { return rest_; }

 private:
  struct Member {
    std::string key;
    std::string value;
    size_t position = 0;
  };

  void SkipBlanks() {
    while (!rest_.empty() &&
           (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n' || rest_[0] == '\r')) {
      rest_.remove_prefix(1);
    }
  }

  bool Accept(char c) {
    if (rest_.empty() || rest_[0] != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  bool Word(std::string_view word) {
    if (rest_.substr(0, word.size()) != word ||
        (rest_.size() > word.size() &&
         absl::ascii_isalnum(static_cast<unsigned char>(rest_[word.size()])))) {
      return false;
    }
    rest_.remove_prefix(word.size());
    out_.append(word);
    return true;
  }

  bool Value(int depth) {
    if (rest_.empty() || depth > kMaxDepth) {
      return false;
    }
    switch (rest_[0]) {
      case '{':
        return Object(depth);
      case '[':
        return Array(depth);
      case '"': {
        std::string text;
        if (!String(&text)) {
          return false;
        }
        AppendJsonString(text, &out_);
        return true;
      }
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  bool Array(int depth) {
    Accept('[');
    out_.push_back('[');
    SkipBlanks();
    if (Accept(']')) {
      out_.push_back(']');
      return true;
    }
    for (;;) {
      SkipBlanks();
      if (!Value(depth + 1)) {
        return false;
      }
      SkipBlanks();
      if (Accept(']')) {
        out_.push_back(']');
        return true;
      }
      if (!Accept(',')) {
        return false;
      }
      out_.push_back(',');
    }
  }

  bool Object(int depth) {
    Accept('{');
    SkipBlanks();
    if (Accept('}')) {
      out_.append("{}");
      return true;
    }
    std::vector<Member> members;
    do {
      SkipBlanks();
      Member member;
      if (!String(&member.key)) {
        return false;
      }
      SkipBlanks();
      if (!Accept(':')) {
        return false;
      }
      SkipBlanks();
      // The value is written at the end of the output and moved from there.
      const size_t start = out_.size();
      if (!Value(depth + 1)) {
        return false;
      }
      member.value.assign(out_, start);
      out_.resize(start);
      member.position = members.size();
      members.push_back(std::move(member));
      SkipBlanks();
    } while (Accept(','));
    if (!Accept('}')) {
      return false;
    }
    WriteMembers(members);
    return true;
  }

  void WriteMembers(std::vector<Member>& members) {
    if (sorted_) {
      std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
        return a.key == b.key ? a.position < b.position : KeyLess(a.key, b.key);
      });
    }
    out_.push_back('{');
    bool first = true;
    for (size_t i = 0; i < members.size(); ++i) {
      if (sorted_ && i + 1 < members.size() && members[i].key == members[i + 1].key) {
        continue;  // the last one wins
      }
      if (!first) {
        out_.push_back(',');
      }
      first = false;
      AppendJsonString(members[i].key, &out_);
      out_.push_back(':');
      out_.append(members[i].value);
    }
    out_.push_back('}');
  }

  // Four hex digits.
  bool Unit(uint32_t* unit) {
    if (rest_.size() < 4) {
      return false;
    }
    *unit = 0;
    for (size_t i = 0; i < 4; ++i) {
      const char c = rest_[i];
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
        return false;
      }
      const int digit =
          IsDigit(c) ? c - '0' : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
      *unit = *unit * 16 + static_cast<uint32_t>(digit);
    }
    rest_.remove_prefix(4);
    return true;
  }

  // What follows `\u`.
  bool UnicodeEscape(std::string* text) {
    uint32_t code = 0;
    if (!Unit(&code)) {
      return false;
    }
    if (code >= 0xD800 && code < 0xE000) {
      uint32_t low = 0;
      if (code >= 0xDC00 || !Accept('\\') || !Accept('u') || !Unit(&low) || low < 0xDC00 ||
          low >= 0xE000) {
        return false;  // half of a pair is no character
      }
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    AppendUtf8(code, text);
    return true;
  }

  bool Escape(std::string* text) {
    if (rest_.empty()) {
      return false;
    }
    const char c = rest_[0];
    rest_.remove_prefix(1);
    switch (c) {
      case '"':
      case '\\':
      case '/':
        text->push_back(c);
        return true;
      case 'b':
        text->push_back('\b');
        return true;
      case 'f':
        text->push_back('\f');
        return true;
      case 'n':
        text->push_back('\n');
        return true;
      case 'r':
        text->push_back('\r');
        return true;
      case 't':
        text->push_back('\t');
        return true;
      case 'u':
        return UnicodeEscape(text);
      default:
        return false;
    }
  }

  bool String(std::string* text) {
    if (!Accept('"')) {
      return false;
    }
    for (;;) {
      size_t plain = 0;
      while (plain < rest_.size() && rest_[plain] != '"' && rest_[plain] != '\\' &&
             static_cast<unsigned char>(rest_[plain]) >= 0x20) {
        ++plain;
      }
      text->append(rest_.substr(0, plain));
      rest_.remove_prefix(plain);
      if (Accept('"')) {
        return true;
      }
      if (!Accept('\\') || !Escape(text)) {
        return false;
      }
    }
  }

  size_t DigitsAt(size_t position) const {
    size_t count = 0;
    while (position + count < rest_.size() && IsDigit(rest_[position + count])) {
      ++count;
    }
    return count;
  }

  bool Number() {
    size_t length = rest_[0] == '-' ? 1 : 0;
    const size_t whole = DigitsAt(length);
    if (whole == 0 || (whole > 1 && rest_[length] == '0')) {
      return false;
    }
    length += whole;
    bool is_integer = true;
    if (length < rest_.size() && rest_[length] == '.') {
      const size_t fraction = DigitsAt(length + 1);
      if (fraction == 0) {
        return false;
      }
      length += 1 + fraction;
      is_integer = false;
    }
    if (length < rest_.size() && (rest_[length] == 'e' || rest_[length] == 'E')) {
      ++length;
      if (length < rest_.size() && (rest_[length] == '+' || rest_[length] == '-')) {
        ++length;
      }
      const size_t exponent = DigitsAt(length);
      if (exponent == 0) {
        return false;
      }
      length += exponent;
      is_integer = false;
    }
    const std::string_view number = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (is_integer) {
      out_.append(number == "-0" ? "0" : number);
      return true;
    }
    double value = 0;
    if (absl::from_chars(number.data(), number.data() + number.size(), value).ec ==
        std::errc::result_out_of_range) {
      if (std::abs(value) > 1) {
        out_.append(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return true;
      }
      value = 0;
    }
    AppendJavaDouble(value, &out_);
    return true;
  }

  std::string_view rest_;
  std::string& out_;
  bool sorted_;
};

}  // namespace

bool AppendCanonicalJson(std::string_view text, std::string* out) {
  const size_t start = out->size();
  if (Canonicalizer(text, out).Run()) {
    return true;
  }
  out->resize(start);
  return false;
}

absl::StatusOr<std::string> ParseJson(std::string_view text) {
  std::string canonical;
  canonical.reserve(text.size());
  if (!AppendCanonicalJson(text, &canonical)) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("Cannot convert value to JSON: '", text, "'"));
  }
  return canonical;
}

bool TakeJsonValue(std::string_view& rest, std::string* out) {
  Canonicalizer reader(rest, out, /*sorted=*/false);
  const bool taken = reader.TakeValue();
  rest = reader.rest();
  return taken;
}

bool TakeJsonString(std::string_view& rest, std::string* text) {
  Canonicalizer reader(rest, text);
  const bool taken = reader.TakeString();
  rest = reader.rest();
  return taken;
}

namespace {

// \uXXXX.
void AppendUnit(uint32_t unit, std::string* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  out->append("\\u");
  for (const uint32_t shift : {12U, 8U, 4U, 0U}) {
    out->push_back(kHex[(unit >> shift) & 15U]);
  }
}

// The code point of four bytes at `text`, as the two units that Java has for it.
void AppendPair(const char* text, std::string* out) {
  uint32_t code = static_cast<unsigned char>(text[0]) & 7U;
  for (int i = 1; i < 4; ++i) {
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  code -= 0x10000;
  AppendUnit(0xD800 + (code >> 10U), out);
  AppendUnit(0xDC00 + (code & 0x3FFU), out);
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '"':
        out->append("\\\"");
        break;
      case '\\':
        out->append("\\\\");
        break;
      case '\b':
        out->append("\\b");
        break;
      case '\f':
        out->append("\\f");
        break;
      case '\n':
        out->append("\\n");
        break;
      case '\r':
        out->append("\\r");
        break;
      case '\t':
        out->append("\\t");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          AppendUnit(static_cast<unsigned char>(c), out);
        } else if (static_cast<unsigned char>(c) >= 0xF0 && text.size() - i >= 4) {
          AppendPair(text.data() + i, out);
          i += 3;
        } else {
          out->push_back(c);
        }
    }
  }
  out->push_back('"');
}

}  // namespace pallas::sql
