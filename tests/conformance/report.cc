#include "tests/conformance/report.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace pallas::conformance {
namespace {

using nlohmann::json;

// Long answers are cut in what a person reads.
constexpr size_t kShownBytes = 1500;

std::string Shown(std::string text) {
  if (text.size() > kShownBytes) {
    text.resize(kShownBytes);
    text.append("...");
  }
  return text;
}

void Count(Verdict verdict, const Expectation& expect, Counts& counts) {
  switch (expect.kind) {
    case Expectation::Kind::kRows: {
      ++counts.rows;
      const bool same = verdict == Verdict::kSame || verdict == Verdict::kTypesDiffer;
      counts.same_rows += same ? 1 : 0;
      counts.same_types += verdict == Verdict::kSame ? 1 : 0;
      counts.wrong += verdict == Verdict::kWrong ? 1 : 0;
      counts.failed += verdict == Verdict::kFailed ? 1 : 0;
      break;
    }
    case Expectation::Kind::kError: {
      ++counts.errors;
      const bool code = verdict == Verdict::kRightError || verdict == Verdict::kOtherMessage;
      counts.error_fails += verdict != Verdict::kAccepted ? 1 : 0;
      counts.error_code += code ? 1 : 0;
      counts.error_message += verdict == Verdict::kRightError ? 1 : 0;
      break;
    }
    case Expectation::Kind::kStatement:
      ++counts.statements;
      counts.recognised += verdict == Verdict::kSame ? 1 : 0;
      break;
    case Expectation::Kind::kOther:
      ++counts.not_judged;
      break;
  }
}

std::string Line(const std::string& name, const Counts& c) {
  return absl::StrFormat("%-20s %5d %5d %5d %5d %5d | %5d %5d %5d %5d | %5d %5d | %5d\n", name,
                         c.rows, c.same_rows, c.same_types, c.wrong, c.failed, c.errors,
                         c.error_fails, c.error_code, c.error_message, c.statements, c.recognised,
                         c.not_judged);
}

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSame:
      return "same";
    case Verdict::kTypesDiffer:
      return "types differ";
    case Verdict::kWrong:
      return "WRONG ROWS";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kAccepted:
      return "accepted";
    case Verdict::kRightError:
      return "right error";
    case Verdict::kOtherMessage:
      return "other message";
    case Verdict::kOtherCode:
      return "other code";
    case Verdict::kNotJudged:
      return "not judged";
  }
  return "";
}

bool PassedInFull(Verdict verdict) {
  return verdict == Verdict::kSame || verdict == Verdict::kRightError;
}

std::string Expected(const Expectation& expect) {
  if (expect.kind == Expectation::Kind::kRows) {
    return absl::StrCat(expect.rows, expect.types ? " " + Dump(*expect.types) : "");
  }
  return absl::StrCat(expect.code.value_or(""), " ",
                      expect.message.value_or(expect.message_contains.value_or(
                          expect.message_regex.value_or(expect.statement))));
}

std::string Got(const Answer& answer) {
  if (answer.failed()) {
    return absl::StrCat(answer.error_code, " ", answer.error_message);
  }
  return absl::StrCat(Dump(answer.rows), " ", Dump(answer.types));
}

}  // namespace

void Report::Add(const Case& test, const Answer& answer, Verdict verdict) {
  Count(verdict, test.expect, categories_[test.category]);
  Count(verdict, test.expect, total_);
  entries_.push_back({test, answer, verdict});
}

std::string Report::Table() const {
  std::string text = absl::StrFormat(
      "%-20s %5s %5s %5s %5s %5s | %5s %5s %5s %5s | %5s %5s | %5s\n", "category", "rows", "same",
      "types", "wrong", "fail", "error", "fails", "code", "text", "stmt", "known", "other");
  for (const auto& [name, counts] : categories_) {
    text.append(Line(name, counts));
  }
  text.append(Line("total", total_));
  return text;
}

std::string Report::WrongCases() const {
  std::string text;
  for (const Entry& entry : entries_) {
    if (entry.verdict == Verdict::kWrong) {
      absl::StrAppend(&text, entry.test.id, "\n  ", entry.test.sql, "\n  expected ",
                      Shown(Expected(entry.test.expect)), "\n  got      ", Shown(Got(entry.answer)),
                      "\n");
    }
  }
  return text;
}

std::string Report::Failures() const {
  std::string text;
  for (const Entry& entry : entries_) {
    if (!PassedInFull(entry.verdict) && entry.verdict != Verdict::kNotJudged) {
      absl::StrAppend(&text, "## ", Name(entry.verdict), " ", entry.test.id, "\n", entry.test.sql,
                      "\n  expected ", Shown(Expected(entry.test.expect)), "\n  got      ",
                      Shown(Got(entry.answer)), "\n");
    }
  }
  return text;
}

std::vector<std::string> Report::Passed() const {
  std::vector<std::string> ids;
  for (const Entry& entry : entries_) {
    if (PassedInFull(entry.verdict)) {
      ids.push_back(entry.test.id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

absl::Status Report::WriteJson(const std::string& path) const {
  json all = json::object();
  for (const Entry& entry : entries_) {
    if (entry.test.expect.kind != Expectation::Kind::kStatement) {
      all[entry.test.id] = ToJson(entry.answer);
    }
  }
  std::ofstream file(path, std::ios::binary);
  file << Dump(all) << '\n';
  file.close();
  if (!file) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

}  // namespace pallas::conformance
