#ifndef PALLAS_CONNECTORS_REDIS_KEY_FILTER_H_
#define PALLAS_CONNECTORS_REDIS_KEY_FILTER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/model/expression.h"
#include "sdk/model/scan.h"

namespace pallas::redis {

// The conditions of a scan on `_key_`, which we evaluate ourselves, exactly. A key is judged as the
// engine sees it: bytes that are not UTF-8 count as U+FFFD. Immutable; thread-safe.
class KeyFilter {
 public:
  // Whether Make() understands an expression, and so applies it.
  static bool Supports(const sdk::Expression& expression);

  static KeyFilter Make(const sdk::Scan& scan);

  bool Passes(std::string_view key) const;

  // Nothing passes.
  bool IsNone() const;

  // The only keys that can pass, if they are known.
  const std::optional<std::vector<std::string>>& points() const { return points_; }

  // What all keys that pass begin with.
  const std::string& prefix() const { return prefix_; }

 private:
  // SQL's LIKE.
  class Like {
   public:
    static std::optional<Like> Parse(const sdk::Expression& call);
    bool Matches(std::string_view text) const;
    std::string LiteralPrefix() const;

   private:
    struct Token {
      enum class Kind { kCharacter, kAny, kAnyRun };
      Kind kind = Kind::kCharacter;
      std::string character;
    };

    std::vector<Token> tokens_;
  };

  struct Term {
    Like like;
    bool negated = false;
  };

  static std::optional<Term> ParseTerm(const sdk::Expression& expression);
  void AddSet(const sdk::ValueSet& set);
  void AddPrefix(std::string prefix);

  std::vector<sdk::ValueSet> sets_;
  std::vector<Term> terms_;
  std::optional<std::vector<std::string>> points_;
  std::string prefix_;
  bool contradictory_ = false;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_KEY_FILTER_H_
