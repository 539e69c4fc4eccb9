#include "engine/duckdb/functions/json_cursor.h"

#include <algorithm>
#include <cstdlib>

namespace pallas::engine {
namespace {

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

// What `\c` says; canonical texts escape by \u only below U+0020 and above U+FFFF.
char Unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

bool EndsScalar(char c) { return c == ',' || c == ']' || c == '}'; }

}  // namespace

JsonCursor::Token JsonCursor::Peek() const {
  switch (text_[at_]) {
    case 'n':
      return Token::kNull;
    case 't':
      return Token::kTrue;
    case 'f':
      return Token::kFalse;
    case '"':
      return Token::kString;
    case '[':
      return Token::kArray;
    case '{':
      return Token::kObject;
    default: {
      JsonCursor rest = *this;
      return rest.Skip().find_first_of(".eE") == std::string_view::npos ? Token::kInteger
                                                                        : Token::kFloat;
    }
  }
}

void JsonCursor::SkipString() {
  for (++at_; text_[at_] != '"'; ++at_) {
    if (text_[at_] == '\\') {
      ++at_;
    }
  }
  ++at_;
}

std::string_view JsonCursor::Skip() {
  const size_t start = at_;
  int depth = 0;
  do {
    const char c = text_[at_];
    if (c == '"') {
      SkipString();
    } else {
      depth += c == '[' || c == '{' ? 1 : 0;
      depth -= c == ']' || c == '}' ? 1 : 0;
      ++at_;
    }
    // A number or word goes on to the next mark.
    const bool scalar = depth == 0 && c != '"' && c != ']' && c != '}';
    if (scalar) {
      while (at_ < text_.size() && !EndsScalar(text_[at_])) {
        ++at_;
      }
    }
  } while (depth > 0);
  return text_.substr(start, at_ - start);
}

std::string JsonCursor::TakeString() {
  constexpr size_t kHexDigits = 4;
  constexpr int kHex = 16;
  constexpr uint32_t kHighSurrogates = 0xD800;
  constexpr uint32_t kLowSurrogates = 0xDC00;
  constexpr uint32_t kFirstOfPairs = 0x10000;
  std::string result;
  for (++at_; text_[at_] != '"'; ++at_) {
    if (text_[at_] != '\\') {
      result.push_back(text_[at_]);
      continue;
    }
    ++at_;
    if (text_[at_] == 'u') {
      const auto unit = [this](size_t at) {
        const std::string digits(text_.substr(at, kHexDigits));
        return static_cast<uint32_t>(std::strtoul(digits.c_str(), nullptr, kHex));
      };
      uint32_t code = unit(at_ + 1);
      at_ += kHexDigits;
      if (code >= kHighSurrogates && code < kLowSurrogates) {
        // Canonical JSON has the other half behind it, as `\uXXXX` too.
        code = kFirstOfPairs + ((code - kHighSurrogates) << 10U) + (unit(at_ + 3) - kLowSurrogates);
        at_ += 2 + kHexDigits;
      }
      AppendUtf8(code, &result);
    } else {
      result.push_back(Unescaped(text_[at_]));
    }
  }
  ++at_;
  return result;
}

bool JsonCursor::NextMember() {
  if (text_[at_] == ',') {
    ++at_;
    return true;
  }
  if (text_[at_] == ']' || text_[at_] == '}') {
    ++at_;
    return false;
  }
  return true;
}

std::string JsonCursor::TakeKey() {
  std::string key = TakeString();
  ++at_;
  return key;
}

int64_t JsonCursor::CountMembers() const {
  JsonCursor rest = *this;
  const bool object = rest.Peek() == Token::kObject;
  int64_t count = 0;
  rest.Enter();
  while (rest.NextMember()) {
    if (object) {
      rest.TakeKey();
    }
    rest.Skip();
    ++count;
  }
  return count;
}

}  // namespace pallas::engine
