#ifndef PALLAS_SQL_RUNTIME_REGEXP_H_
#define PALLAS_SQL_RUNTIME_REGEXP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pallas::sql {

// A compiled regular expression: Oniguruma with Java's syntax, as the library that Trino uses has
// it. Immutable; any thread. Every search has a limit on its steps, beyond which it fails with
// GENERIC_INSUFFICIENT_RESOURCES.
class Regexp {
 public:
  // INVALID_FUNCTION_ARGUMENT: what is wrong with the pattern.
  static absl::StatusOr<std::shared_ptr<const Regexp>> Compile(std::string_view pattern);

  ~Regexp();
  Regexp(const Regexp&) = delete;
  Regexp& operator=(const Regexp&) = delete;

  absl::StatusOr<bool> Matches(std::string_view text) const;
  absl::StatusOr<int64_t> Count(std::string_view text) const;

  // Group 0 is the whole match. nullopt: no match, or a group that takes no part in it. An error
  // for a group that does not exist.
  absl::StatusOr<std::optional<std::string_view>> Extract(std::string_view text,
                                                          int64_t group) const;
  absl::StatusOr<std::vector<std::optional<std::string_view>>> ExtractAll(std::string_view text,
                                                                          int64_t group) const;
  // The groups of each match, without the whole match.
  absl::StatusOr<std::vector<std::vector<std::optional<std::string_view>>>> Groups(
      std::string_view text) const;
  absl::StatusOr<std::vector<std::string_view>> Split(std::string_view text) const;
  // In the replacement $1 and ${name} are groups, and a backslash takes the next character as it
  // is.
  absl::StatusOr<std::string> Replace(std::string_view text, std::string_view replacement) const;
  // Place, from 1, of that occurrence at or behind `start`; -1 without it.
  absl::StatusOr<int32_t> Position(std::string_view text, int32_t start, int32_t occurrence) const;

 private:
  struct Compiled;
  class Search;

  explicit Regexp(std::unique_ptr<Compiled> compiled);

  absl::Status CheckGroup(int64_t group) const;

  std::unique_ptr<Compiled> compiled_;
};

// The patterns a thread has compiled last. Not thread-safe.
class RegexpCache {
 public:
  // The compiled pattern; valid until the next call.
  absl::StatusOr<const Regexp*> Get(std::string_view pattern);

 private:
  std::string pattern_;
  std::shared_ptr<const Regexp> regexp_;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_REGEXP_H_
