#include "tests/conformance/case.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include <nlohmann/json.hpp>

namespace pallas::conformance {
namespace {

using nlohmann::json;

std::optional<std::string> OptionalText(const json& object, const char* key) {
  const auto member = object.find(key);
  if (member == object.end() || !member->is_string()) {
    return std::nullopt;
  }
  return member->get<std::string>();
}

Expectation ParseExpectation(const json& object, const std::string& release) {
  Expectation expect;
  const std::string kind = object.value("kind", "");
  if (kind == "rows") {
    expect.kind = Expectation::Kind::kRows;
    const auto types = object.find("types");
    if (types != object.end() && types->is_array()) {
      expect.types = types->get<std::vector<std::string>>();
    }
    expect.rows = object.at("rows").dump();
    expect.ordered = object.value("ordered", false);
  } else if (kind == "error") {
    expect.kind = Expectation::Kind::kError;
    expect.code = OptionalText(object, "code");
    expect.message = OptionalText(object, "message");
    expect.message_contains = OptionalText(object, "message_contains");
    expect.message_regex = OptionalText(object, "message_regex");
  } else if (kind == "statement") {
    expect.kind = Expectation::Kind::kStatement;
    expect.statement = object.value("statement", "");
  } else if (kind == "by_version") {
    const json& versions = object.at("versions");
    if (const auto version = versions.find(release); version != versions.end()) {
      return ParseExpectation(*version, release);
    }
  }
  return expect;
}

}  // namespace

absl::StatusOr<Case> ParseCase(const std::string& line, const std::string& release) {
  const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return absl::InvalidArgumentError("not a JSON object");
  }
  Case test;
  test.id = object.value("id", "");
  test.category = object.value("category", "");
  test.sql = object.value("sql", "");
  if (const auto session = object.find("session"); session != object.end()) {
    test.time_zone = session->value("time_zone", "UTC");
  }
  test.fixture = object.value("fixture", "");
  if (const auto expect = object.find("expect"); expect != object.end()) {
    test.expect = ParseExpectation(*expect, release);
  }
  return test;
}

absl::StatusOr<std::vector<Case>> LoadCases(const std::string& directory,
                                            const std::string& release) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".jsonl") {
      files.push_back(entry.path());
    }
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("cannot list the folder ", directory, ": ", error.message()));
  }
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const auto& path : files) {
    std::ifstream file(path);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      absl::StatusOr<Case> test = ParseCase(line, release);
      if (!test.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(path.string(), ":", number, ": ", test.status().message()));
      }
      cases.push_back(*std::move(test));
    }
  }
  return cases;
}

}  // namespace pallas::conformance
