#ifndef PALLAS_TESTS_CONFORMANCE_CASE_H_
#define PALLAS_TESTS_CONFORMANCE_CASE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace pallas::conformance {

struct Expectation {
  enum class Kind { kRows, kError, kStatement, kOther };

  Kind kind = Kind::kOther;
  // kRows
  std::optional<std::vector<std::string>> types;
  std::string rows;  // JSON text of the list of rows
  bool ordered = false;
  // kError; absent: anything will do
  std::optional<std::string> code;
  std::optional<std::string> message;
  std::optional<std::string> message_contains;
  std::optional<std::string> message_regex;
  // kStatement
  std::string statement;
};

// One line of the corpus (its README describes the fields).
struct Case {
  std::string id;
  std::string category;
  std::string sql;
  std::string time_zone = "UTC";
  std::string fixture;
  Expectation expect;
};

// One line; a case that depends on the release is scored against `release`, one without an
// expectation is not judged.
absl::StatusOr<Case> ParseCase(const std::string& line, const std::string& release);

// Reads every *.jsonl file of `directory`, by name, as ParseCase does.
absl::StatusOr<std::vector<Case>> LoadCases(const std::string& directory,
                                            const std::string& release);

}  // namespace pallas::conformance

#endif  // PALLAS_TESTS_CONFORMANCE_CASE_H_
