#include "connectors/redis/key_filter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "connectors/redis/source_table.h"
#include "simdjson.h"

namespace pallas::redis {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr size_t kMaxCharacterBytes = 4;

bool IsUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

// Length of the character at the start of `text`; 0 if it is none.
size_t CharacterLength(std::string_view text) {
  for (size_t length = 1; length <= std::min(kMaxCharacterBytes, text.size()); ++length) {
    if (IsUtf8(text.substr(0, length))) {
      return length;
    }
  }
  return 0;
}

// The key as the engine sees it where the catalog lets it see such keys at all.
std::string Replaced(std::string_view key) {
  std::string out;
  while (!key.empty()) {
    const size_t length = CharacterLength(key);
    out += length == 0 ? kReplacement : key.substr(0, length);
    key.remove_prefix(std::max<size_t>(length, 1));
  }
  return out;
}

const std::string* TextConstant(const sdk::Expression& expression) {
  if (expression.kind != sdk::Expression::Kind::kConstant || expression.values.size() != 1) {
    return nullptr;
  }
  const std::optional<sdk::Value>& value = expression.values[0];
  return value ? std::get_if<std::string>(&*value) : nullptr;
}

// The smallest text above all that begin with `prefix`; nullopt if there is none.
std::optional<std::string> After(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) {
    prefix.pop_back();
  }
  if (prefix.empty()) {
    return std::nullopt;
  }
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// What all texts between two bounds begin with.
std::string CommonPrefix(const std::optional<sdk::Bound>& low,
                         const std::optional<sdk::Bound>& high) {
  if (!low || !high) {
    return "";
  }
  const auto& from = std::get<std::string>(low->value);
  const auto& to = std::get<std::string>(high->value);
  // [abc, abd) is all that begins with abc.
  if (!high->inclusive && After(from) == to) {
    return from;
  }
  const auto [end, unused] = std::mismatch(from.begin(), from.end(), to.begin(), to.end());
  return {from.begin(), end};
}

}  // namespace

std::optional<KeyFilter::Like> KeyFilter::Like::Parse(const sdk::Expression& call) {
  const size_t count = call.arguments.size();
  if (call.kind != sdk::Expression::Kind::kCall || call.name != "$like_pattern" || count < 2 ||
      count > 3 || call.arguments[0].kind != sdk::Expression::Kind::kVariable ||
      call.arguments[0].name != kKeyColumn) {
    return std::nullopt;
  }
  const std::string* const pattern = TextConstant(call.arguments[1]);
  const std::string* const escape = count == 3 ? TextConstant(call.arguments[2]) : nullptr;
  if (pattern == nullptr || !IsUtf8(*pattern) || (count == 3 && escape == nullptr)) {
    return std::nullopt;
  }
  Like like;
  std::string_view rest = *pattern;
  while (!rest.empty()) {
    std::string_view character = rest.substr(0, CharacterLength(rest));
    rest.remove_prefix(character.size());
    Token token;
    if (escape != nullptr && !escape->empty() && character == *escape) {
      // Whether what follows may be escaped is the engine's business; here it must be.
      character = rest.substr(0, CharacterLength(rest));
      if (character != "%" && character != "_" && character != *escape) {
        return std::nullopt;
      }
      rest.remove_prefix(character.size());
      token.character = character;
    } else if (character == "%") {
      token.kind = Token::Kind::kAnyRun;
    } else if (character == "_") {
      token.kind = Token::Kind::kAny;
    } else {
      token.character = character;
    }
    like.tokens_.push_back(std::move(token));
  }
  return like;
}

std::string KeyFilter::Like::LiteralPrefix() const {
  std::string prefix;
  for (const Token& token : tokens_) {
    if (token.kind != Token::Kind::kCharacter) {
      break;
    }
    prefix += token.character;
  }
  return prefix;
}

bool KeyFilter::Like::Matches(std::string_view text) const {
  size_t token = 0;
  size_t at = 0;
  size_t run = tokens_.size();
  size_t run_end = 0;
  while (at < text.size()) {
    const size_t length = std::max<size_t>(CharacterLength(text.substr(at)), 1);
    if (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyRun) {
      run = token++;
      run_end = at;
    } else if (token < tokens_.size() && (tokens_[token].kind == Token::Kind::kAny ||
                                          tokens_[token].character == text.substr(at, length))) {
      ++token;
      at += length;
    } else if (run < tokens_.size()) {
      token = run + 1;
      run_end += std::max<size_t>(CharacterLength(text.substr(run_end)), 1);
      at = run_end;
    } else {
      return false;
    }
  }
  while (token < tokens_.size() && tokens_[token].kind == Token::Kind::kAnyRun) {
    ++token;
  }
  return token == tokens_.size();
}

std::optional<KeyFilter::Term> KeyFilter::ParseTerm(const sdk::Expression& expression) {
  const bool negated = expression.kind == sdk::Expression::Kind::kCall &&
                       expression.name == "$not" && expression.arguments.size() == 1;
  std::optional<Like> like = Like::Parse(negated ? expression.arguments[0] : expression);
  return like ? std::optional(Term{*std::move(like), negated}) : std::nullopt;
}

bool KeyFilter::Supports(const sdk::Expression& expression) {
  return ParseTerm(expression).has_value();
}

KeyFilter KeyFilter::Make(const sdk::Scan& scan) {
  KeyFilter filter;
  for (const auto* const sets : {&scan.constraints.summary, &scan.dynamic_filters}) {
    const auto set = sets->find(kKeyColumn);
    if (set != sets->end()) {
      filter.AddSet(set->second);
    }
  }
  for (const sdk::Expression& expression : scan.constraints.expressions) {
    if (std::optional<Term> term = ParseTerm(expression)) {
      if (!term->negated) {
        filter.AddPrefix(term->like.LiteralPrefix());
      }
      filter.terms_.push_back(*std::move(term));
    }
  }
  if (filter.points_) {
    std::erase_if(*filter.points_, [&](const std::string& point) { return !filter.Passes(point); });
  }
  return filter;
}

void KeyFilter::AddSet(const sdk::ValueSet& set) {
  if (const auto values = set.DiscreteValues()) {
    std::vector<std::string> points;
    for (const sdk::Value& value : *values) {
      points.push_back(std::get<std::string>(value));
    }
    // U+FFFD may stand for other bytes of the key.
    const bool exact = std::none_of(points.begin(), points.end(), [](const std::string& point) {
      return absl::StrContains(point, kReplacement);
    });
    if (exact && (!points_ || points.size() < points_->size())) {
      points_ = std::move(points);
    }
  }
  if (set.kind() == sdk::ValueSet::Kind::kSortedRanges && !set.ranges().empty()) {
    AddPrefix(CommonPrefix(set.ranges().front().low, set.ranges().back().high));
  }
  sets_.push_back(set);
}

void KeyFilter::AddPrefix(std::string prefix) {
  prefix.resize(std::min(prefix.find(kReplacement), prefix.size()));
  while (!IsUtf8(prefix)) {
    prefix.pop_back();  // part of a character, with which U+FFFD may begin, too
  }
  if (!absl::StartsWith(prefix, prefix_) && !absl::StartsWith(prefix_, prefix)) {
    contradictory_ = true;
  } else if (prefix.size() > prefix_.size()) {
    prefix_ = std::move(prefix);
  }
}

bool KeyFilter::Passes(std::string_view key) const {
  if (sets_.empty() && terms_.empty()) {
    return true;
  }
  const std::string text = IsUtf8(key) ? std::string(key) : Replaced(key);
  const auto in_set = [&](const sdk::ValueSet& set) { return set.Contains(sdk::Value(text)); };
  const auto holds = [&](const Term& term) { return term.like.Matches(text) != term.negated; };
  return std::all_of(sets_.begin(), sets_.end(), in_set) &&
         std::all_of(terms_.begin(), terms_.end(), holds);
}

bool KeyFilter::IsNone() const { return contradictory_ || (points_ && points_->empty()); }

}  // namespace pallas::redis
