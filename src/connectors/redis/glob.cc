#include "connectors/redis/glob.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"

namespace pallas::redis {
namespace {

constexpr std::string_view kSpecial = "*?[\\";

unsigned char ToByte(char character) { return static_cast<unsigned char>(character); }

}  // namespace

bool Glob::Token::Takes(unsigned char text) const {
  switch (kind) {
    case Kind::kByte:
      return text == byte;
    case Kind::kClass:
      return members[text];
    default:
      return true;
  }
}

bool Glob::HasWildcard(std::string_view text) {
  return text.find_first_of(kSpecial) != std::string_view::npos;
}

// `pattern` begins after the bracket, and after the call with what follows the class.
absl::StatusOr<Glob::Token> Glob::ParseClass(std::string_view& pattern) {
  Token token;
  token.kind = Token::Kind::kClass;
  size_t at = 0;
  const bool negated = !pattern.empty() && pattern[0] == '^';
  at += negated ? 1 : 0;
  while (at < pattern.size() && pattern[at] != ']') {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      token.members.set(ToByte(pattern[at + 1]));
      at += 2;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      const auto [low, high] = std::minmax(ToByte(pattern[at]), ToByte(pattern[at + 2]));
      for (unsigned byte = low; byte <= high; ++byte) {
        token.members.set(byte);
      }
      at += 3;
    } else {
      token.members.set(ToByte(pattern[at]));
      ++at;
    }
  }
  if (at >= pattern.size()) {
    return absl::InvalidArgumentError(
        "the pattern has a '[' without its ']'; write \\[ for the character itself");
  }
  pattern.remove_prefix(at + 1);
  if (negated) {
    token.members.flip();
  }
  return token;
}

absl::StatusOr<Glob> Glob::Parse(std::string_view pattern) {
  Glob glob;
  glob.pattern_ = pattern;
  while (!pattern.empty()) {
    const char first = pattern[0];
    pattern.remove_prefix(1);
    Token token;
    if (first == '*') {
      token.kind = Token::Kind::kAnyRun;
    } else if (first == '?') {
      token.kind = Token::Kind::kAny;
    } else if (first == '[') {
      ASSIGN_OR_RETURN(token, ParseClass(pattern));
    } else if (first == '\\' && !pattern.empty()) {
      token.byte = ToByte(pattern[0]);
      pattern.remove_prefix(1);
    } else {
      token.byte = ToByte(first);
    }
    const bool repeats_run = token.kind == Token::Kind::kAnyRun && !glob.tokens_.empty() &&
                             glob.tokens_.back().kind == Token::Kind::kAnyRun;
    if (!repeats_run) {
      glob.tokens_.push_back(token);
    }
  }
  // The empty key matches one star only, for the server.
  if (glob.tokens_.size() == 1 && glob.tokens_[0].kind == Token::Kind::kAnyRun) {
    glob.pattern_ = "*";
  }
  glob.Describe();
  return glob;
}

Glob Glob::Prefix(std::string_view prefix) {
  Glob glob;
  for (const char character : prefix) {
    if (kSpecial.find(character) != std::string_view::npos) {
      glob.pattern_.push_back('\\');
    }
    glob.pattern_.push_back(character);
    Token token;
    token.byte = ToByte(character);
    glob.tokens_.push_back(token);
  }
  glob.pattern_.push_back('*');
  Token rest;
  rest.kind = Token::Kind::kAnyRun;
  glob.tokens_.push_back(rest);
  glob.Describe();
  return glob;
}

void Glob::Describe() {
  size_t at = 0;
  for (; at < tokens_.size() && tokens_[at].kind == Token::Kind::kByte; ++at) {
    prefix_.push_back(static_cast<char>(tokens_[at].byte));
  }
  is_literal_ = at == tokens_.size();
  is_prefix_ = at + 1 == tokens_.size() && tokens_[at].kind == Token::Kind::kAnyRun;
}

bool Glob::Matches(std::string_view text) const {
  size_t token = 0;
  size_t at = 0;
  // Where to go on if what follows the last run of any bytes does not fit: that run takes one more.
  size_t run = tokens_.size();
  size_t run_end = 0;
  while (at < text.size()) {
    if (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyRun) {
      run = token++;
      run_end = at;
    } else if (token < tokens_.size() && tokens_[token].Takes(ToByte(text[at]))) {
      ++token;
      ++at;
    } else if (run < tokens_.size()) {
      token = run + 1;
      at = ++run_end;
    } else {
      return false;
    }
  }
  while (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyRun) {
    ++token;
  }
  return token == tokens_.size();
}

}  // namespace pallas::redis
