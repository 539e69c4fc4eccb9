#include "lake/text/lenient_json.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "lake/text/json_token.h"

namespace pallas::lake {
namespace {

constexpr int kMaxDepth = 200;
// What ends a text without quotes.
constexpr std::string_view kDelimiters = " \r\n\t\f{}[]/\\:,=;#";

class Rewriter {
 public:
  Rewriter(std::string_view text, std::string& out) : text_(text), out_(out) {}

  absl::Status Value(int depth) {
    if (depth > kMaxDepth) {
      return NotJson("it is nested too deep");
    }
    const int c = NextToken();
    switch (c) {
      case -1:
        return NotJson("it ends too early");
      case '{':
        return Object(depth);
      case '[':
        return Array(depth);
      case '"':
      case '\'':
        return Quoted(static_cast<char>(c));
      default:
        --at_;
        return Literal();
    }
  }

 private:
  // The next character that is no blank and in no comment, which is taken; -1 at the end.
  int NextToken() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        continue;
      }
      const std::string_view rest = text_.substr(at_);
      if (c == '#' || (c == '/' && rest.starts_with('/'))) {
        at_ = text_.size();  // the line is all there is
      } else if (c == '/' && rest.starts_with('*')) {
        const size_t end = text_.find("*/", at_ + 1);
        if (end == std::string_view::npos) {
          at_ = text_.size();
          return '/';
        }
        at_ = end + 2;
      } else {
        return static_cast<unsigned char>(c);
      }
    }
    return -1;
  }

  absl::Status Object(int depth) {
    out_ += '{';
    int c = NextToken();
    if (c == '}') {
      out_ += '}';
      return absl::OkStatus();
    }
    at_ -= c == -1 ? 0 : 1;
    while (true) {
      RETURN_IF_ERROR(Key());
      c = NextToken();
      if (c != ':' && c != '=') {
        return NotJson("a key has no ':' after it");
      }
      if (c == '=' && text_.substr(at_).starts_with('>')) {
        ++at_;
      }
      out_ += ':';
      RETURN_IF_ERROR(Value(depth + 1));
      c = NextToken();
      if (c == '}') {
        out_ += '}';
        return absl::OkStatus();
      }
      if (c != ',' && c != ';') {
        return NotJson("an object is not closed");
      }
      out_ += ',';
    }
  }

  absl::Status Key() {
    const int c = NextToken();
    if (c == '"' || c == '\'') {
      return Quoted(static_cast<char>(c));
    }
    at_ -= c == -1 ? 0 : 1;
    const std::string key = Word();
    if (key.empty() || absl::EqualsIgnoreCase(key, "null")) {
      return NotJson("a key is missing");
    }
    AppendJsonText(key, out_);
    return absl::OkStatus();
  }

  absl::Status Array(int depth) {
    out_ += '[';
    bool first = true;
    bool after_separator = false;
    const auto separate = [&] {
      out_ += first ? "" : ",";
      first = false;
    };
    while (true) {
      int c = NextToken();
      if (c == -1) {
        return NotJson("an array is not closed");
      }
      if (c == ']') {
        if (after_separator) {
          separate();
          out_ += "null";
        }
        out_ += ']';
        return absl::OkStatus();
      }
      separate();
      if (c == ',' || c == ';') {
        out_ += "null";
        after_separator = true;
        continue;
      }
      --at_;
      RETURN_IF_ERROR(Value(depth + 1));
      c = NextToken();
      if (c == ']') {
        out_ += ']';
        return absl::OkStatus();
      }
      if (c != ',' && c != ';') {
        return NotJson("an array is not closed");
      }
      after_separator = true;
    }
  }

  // Past the first quote: the text as JSON has it, with `\uXXXX` as it is.
  absl::Status Quoted(char quote) {
    static constexpr std::string_view kLetters = "tbnrfav";
    static constexpr std::string_view kMeanings = "\t\b\n\r\f\a\t";
    constexpr size_t kHexDigits = 4;
    std::string plain;  // since the last `\u`
    std::string json = "\"";
    const auto flush = [&] {
      std::string quoted;
      AppendJsonText(plain, quoted);
      json += quoted.substr(1, quoted.size() - 2);
      plain.clear();
    };
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) {
        flush();
        absl::StrAppend(&out_, json, "\"");
        return absl::OkStatus();
      }
      if (c != '\\') {
        plain += c;
        continue;
      }
      if (at_ == text_.size()) {
        break;
      }
      const char letter = text_[at_++];
      if (letter == 'u') {
        const std::string_view digits = text_.substr(at_, kHexDigits);
        if (digits.size() < kHexDigits ||
            !std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit)) {
          return NotJson(absl::StrCat("there is no escape '\\u", digits, "'"));
        }
        flush();
        absl::StrAppend(&json, "\\u", digits);
        at_ += kHexDigits;
      } else {
        const size_t known = kLetters.find(letter);
        plain += known == std::string_view::npos ? letter : kMeanings[known];
      }
    }
    return NotJson("a text is not closed");
  }

  std::string Word() {
    const size_t end = std::min(text_.find_first_of(kDelimiters, at_), text_.size());
    const std::string word(text_.substr(at_, end - at_));
    at_ = end;
    return word;
  }

  absl::Status Literal() {
    const std::string word = Word();
    if (word.empty()) {
      return NotJson("a value is missing");
    }
    if (absl::EqualsIgnoreCase(word, "null")) {
      out_ += "null";
    } else if (const std::string canonical = CanonicalWord(word);
               canonical == "true" || canonical == "false" || IsJsonNumber(canonical)) {
      out_ += canonical;
    } else {
      AppendJsonText(word, out_);
    }
    return absl::OkStatus();
  }

  const std::string_view text_;
  std::string& out_;
  size_t at_ = 0;
};

}  // namespace

absl::Status RewriteLenientJson(std::string_view text, std::string& out) {
  out.clear();
  return Rewriter(text, out).Value(0);
}

}  // namespace pallas::lake
