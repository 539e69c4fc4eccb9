#ifndef PALLAS_TESTS_CONFORMANCE_ANSWER_H_
#define PALLAS_TESTS_CONFORMANCE_ANSWER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include <nlohmann/json.hpp>

#include "engine/query_engine.h"
#include "tests/conformance/case.h"

namespace pallas::conformance {

// What a statement answered, in the corpus' encoding.
struct Answer {
  std::vector<std::string> types;
  nlohmann::json rows = nlohmann::json::array();
  // Set if it failed.
  std::string error_code;
  std::string error_message;

  bool failed() const { return !error_code.empty(); }
};

// Reads `stream` to its end.
Answer ReadAnswer(engine::ResultStream& stream);
Answer ErrorAnswer(const absl::Status& status);

// {"types", "rows"} or {"error": {"code", "message"}}.
nlohmann::json ToJson(const Answer& answer);

// Its text on one line; bytes that are no UTF-8 become U+FFFD.
std::string Dump(const nlohmann::json& value);

enum class Verdict {
  kSame,          // rows and types as expected
  kTypesDiffer,   // rows as expected, types not
  kWrong,         // other rows, and no error
  kFailed,        // an error where rows were expected
  kAccepted,      // rows where an error was expected
  kRightError,    // the expected code and message
  kOtherMessage,  // the expected code, another message
  kOtherCode,     // an error, but another one
  kNotJudged,     // not for this release
};

Verdict Judge(const Expectation& expect, const Answer& answer);

}  // namespace pallas::conformance

#endif  // PALLAS_TESTS_CONFORMANCE_ANSWER_H_
