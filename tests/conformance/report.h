#ifndef PALLAS_TESTS_CONFORMANCE_REPORT_H_
#define PALLAS_TESTS_CONFORMANCE_REPORT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "tests/conformance/answer.h"
#include "tests/conformance/case.h"

namespace pallas::conformance {

// Counts of one category. `rows` cases are those that expect rows, and so on.
struct Counts {
  int rows = 0;
  int same_rows = 0;   // types may differ
  int same_types = 0;  // of the same rows; cases without stated types count as same
  int wrong = 0;       // other rows, and no error
  int failed = 0;      // an error where rows were expected
  int errors = 0;
  int error_fails = 0;
  int error_code = 0;
  int error_message = 0;
  int statements = 0;
  int recognised = 0;
  int not_judged = 0;
};

// What became of each case; prints the table that design section 13 asks for.
class Report {
 public:
  void Add(const Case& test, const Answer& answer, Verdict verdict);

  // One line a category and one in total.
  std::string Table() const;

  // The cases with rows other than expected and no error, with both answers.
  std::string WrongCases() const;

  // One line for every case that did not pass: its id, verdict, error or difference.
  std::string Failures() const;

  int wrong() const { return total_.wrong; }

  size_t size() const { return entries_.size(); }

  // Ids of the cases that passed in full, sorted.
  std::vector<std::string> Passed() const;

  // Writes {id: {"types", "rows"} or {"error"}}.
  absl::Status WriteJson(const std::string& path) const;

 private:
  struct Entry {
    Case test;
    Answer answer;
    Verdict verdict;
  };

  std::vector<Entry> entries_;
  std::map<std::string, Counts> categories_;
  Counts total_;
};

}  // namespace pallas::conformance

#endif  // PALLAS_TESTS_CONFORMANCE_REPORT_H_
