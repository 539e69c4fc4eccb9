#ifndef PALLAS_CONNECTORS_REDIS_GLOB_H_
#define PALLAS_CONNECTORS_REDIS_GLOB_H_

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pallas::redis {

// A pattern of SCAN MATCH: `*` any bytes, `?` one byte, `[a-z]`, `[^x]`, and `\` before a byte that
// stands for itself. Immutable; thread-safe.
class Glob {
 public:
  // INVALID_ARGUMENT for a class without its end.
  static absl::StatusOr<Glob> Parse(std::string_view pattern);

  // The pattern that matches what begins with `prefix`, whatever its bytes are.
  static Glob Prefix(std::string_view prefix);

  // As the server would.
  bool Matches(std::string_view text) const;

  // What all matches begin with.
  const std::string& literal_prefix() const { return prefix_; }

  // Matches everything that begins with literal_prefix(), and nothing else.
  bool is_prefix() const { return is_prefix_; }

  // Matches literal_prefix() and nothing else.
  bool is_literal() const { return is_literal_; }

  // As it is sent.
  const std::string& pattern() const { return pattern_; }

  // Whether a text has a byte that means something in a pattern.
  static bool HasWildcard(std::string_view text);

 private:
  struct Token {
    enum class Kind { kByte, kAny, kAnyRun, kClass };
    Kind kind = Kind::kByte;
    unsigned char byte = 0;
    std::bitset<256> members;

    bool Takes(unsigned char text) const;
  };

  static absl::StatusOr<Token> ParseClass(std::string_view& pattern);

  void Describe();

  std::string pattern_;
  std::vector<Token> tokens_;
  std::string prefix_;
  bool is_prefix_ = false;
  bool is_literal_ = false;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_GLOB_H_
