// The statements of the conformance corpus: each that is not a syntax error parses, is recognised
// as what it is, and its facts are in the tree.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "base/error_detail.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

std::vector<nlohmann::json> LoadCorpus() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs.
  const char* const set = std::getenv("PALLAS_CORPUS");
  const std::filesystem::path folder =
      std::filesystem::path(set != nullptr ? set : "../shared/conformance") / "sql";
  std::vector<nlohmann::json> cases;
  if (!std::filesystem::is_directory(folder)) {
    return cases;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".jsonl") {
      continue;
    }
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) {
        cases.push_back(nlohmann::json::parse(line));
      }
    }
  }
  return cases;
}

class CorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    cases_ = LoadCorpus();
    if (cases_.empty()) {
      GTEST_SKIP() << "no corpus: set PALLAS_CORPUS to its folder";
    }
  }

  std::vector<nlohmann::json> cases_;
};

nlohmann::json ColumnPairs(const std::vector<ast::HiveColumn>& columns) {
  nlohmann::json pairs = nlohmann::json::array();
  for (const ast::HiveColumn& column : columns) {
    pairs.push_back({column.name, column.type});
  }
  return pairs;
}

std::string NameText(const ast::QualifiedName& name) {
  std::string text;
  for (const ast::Identifier& part : name) {
    absl::StrAppend(&text, text.empty() ? "" : ".", part.text);
  }
  return text;
}

void CheckTableFacts(const ast::CreateTable& table, const nlohmann::json& facts) {
  if (facts.contains("table")) {
    EXPECT_EQ(nlohmann::json(NameText(table.name)), facts["table"]);
  }
  if (facts.contains("external")) {
    EXPECT_EQ(nlohmann::json(table.external), facts["external"]);
  }
  if (facts.contains("if_not_exists")) {
    EXPECT_EQ(nlohmann::json(table.if_not_exists), facts["if_not_exists"]);
  }
  if (facts.contains("columns")) {
    EXPECT_EQ(ColumnPairs(table.columns), facts["columns"]);
  }
  if (facts.contains("partition_keys")) {
    EXPECT_EQ(ColumnPairs(table.partitioned_by), facts["partition_keys"]);
  }
  if (facts.contains("location")) {
    EXPECT_EQ(nlohmann::json(table.location), facts["location"]);
  }
  if (facts.contains("serde")) {
    EXPECT_EQ(nlohmann::json(table.serde), facts["serde"]);
  }
  if (facts.contains("stored_as")) {
    EXPECT_EQ(table.stored_as, absl::AsciiStrToUpper(facts["stored_as"].get<std::string>()));
  }
  if (facts.contains("input_format")) {
    EXPECT_EQ(nlohmann::json(table.input_format), facts["input_format"]);
  }
  if (facts.contains("output_format")) {
    EXPECT_EQ(nlohmann::json(table.output_format), facts["output_format"]);
  }
  if (facts.contains("bucketing")) {
    EXPECT_EQ(nlohmann::json(table.bucketed_by), facts["bucketing"]["columns"]);
    EXPECT_EQ(table.buckets, facts["bucketing"]["count"].get<int>());
  }
  if (facts.contains("table_properties")) {
    nlohmann::json properties = nlohmann::json::object();
    for (const auto& [key, value] : table.properties) {
      properties[key] = value;
    }
    EXPECT_EQ(properties, facts["table_properties"]);
  }
}

nlohmann::json FunctionFacts(const ast::UsingFunctions& statement) {
  nlohmann::json facts = nlohmann::json::array();
  for (const ast::ExternalFunction& function : statement.functions) {
    nlohmann::json parameters = nlohmann::json::array();
    for (const auto& [name, type] : function.parameters) {
      parameters.push_back({name, type});
    }
    facts.push_back({function.name.text, parameters, function.return_type, function.lambda});
  }
  return facts;
}

void CheckTableFunctionFacts(const ast::Statement& statement, const nlohmann::json& facts) {
  const auto& query = *std::get<ast::QueryStatement>(statement.node).query;
  const auto& from = *std::get<ast::Select>(query.body).from;
  const auto& function = std::get<ast::TableFunctionRelation>(from.node);
  EXPECT_EQ(nlohmann::json(NameText(function.name)), facts["table_function"]);
  ASSERT_EQ(function.arguments.size(), 1U);
  EXPECT_EQ(nlohmann::json(function.arguments[0].value->text), facts["argument"]);
}

// The place and the words before the list of what was expected must be Trino's.
void CheckSyntaxError(const absl::Status& status, const nlohmann::json& expect) {
  ASSERT_FALSE(status.ok()) << "parses";
  EXPECT_EQ(ErrorName(status), "SYNTAX_ERROR");
  const std::string message(status.message());
  if (expect.contains("message")) {
    const std::string want = expect["message"];
    const std::string before = want.substr(0, want.find("Expecting"));
    EXPECT_EQ(message.substr(0, before.size()), before);
  } else {
    EXPECT_TRUE(std::regex_search(message, std::regex(expect["message_regex"].get<std::string>())));
  }
}

TEST_F(CorpusTest, StatementsParse) {
  for (const nlohmann::json& c : cases_) {
    const std::string sql = c["sql"];
    const nlohmann::json& expect = c["expect"];
    const std::string kind = expect["kind"];
    SCOPED_TRACE(absl::StrCat(c["id"].get<std::string>(), ": ", sql));
    const absl::StatusOr<ast::StatementPtr> statement = Parse(sql);
    if (kind == "rows" || kind == "statement") {
      EXPECT_TRUE(statement.ok()) << statement.status();
    } else if (kind == "error" && expect.value("code", "") == "SYNTAX_ERROR") {
      CheckSyntaxError(statement.status(), expect);
    }
    if (kind != "statement" || !statement.ok()) {
      continue;
    }
    EXPECT_EQ(nlohmann::json(KindOf(**statement)), expect["statement"]);
    if (expect.contains("statement_type") && expect["statement_type"].is_string()) {
      const char* const kClasses[] = {"DDL", "DML", "UTILITY"};
      EXPECT_EQ(nlohmann::json(kClasses[static_cast<int>(ClassOf(**statement))]),
                expect["statement_type"]);
    }
    if (const auto* table = std::get_if<ast::CreateTable>(&(*statement)->node);
        table != nullptr && expect.contains("facts")) {
      CheckTableFacts(*table, expect["facts"]);
    }
    if (const auto* functions = std::get_if<ast::UsingFunctions>(&(*statement)->node);
        functions != nullptr && expect.contains("facts")) {
      EXPECT_EQ(FunctionFacts(*functions), expect["facts"]["external_functions"]);
    }
    if (expect.contains("facts") && expect["facts"].contains("table_function")) {
      CheckTableFunctionFacts(**statement, expect["facts"]);
    }
  }
}

// Whether a statement works where something was prepared, which Athena does not let its users ask.
bool DescribesPrepared(const ast::Statement& statement) {
  const auto* show = std::get_if<ast::Show>(&statement.node);
  return show != nullptr && (show->what == ast::Show::What::kDescribeInput ||
                             show->what == ast::Show::What::kDescribeOutput);
}

TEST_F(CorpusTest, UnsupportedStatementsAreRefused) {
  for (const nlohmann::json& c : cases_) {
    if (c["category"] != "athena-unsupported") {
      continue;
    }
    const absl::StatusOr<ast::StatementPtr> statement = Parse(c["sql"].get<std::string>());
    EXPECT_TRUE(!statement.ok() || std::holds_alternative<ast::Refused>((*statement)->node) ||
                DescribesPrepared(**statement))
        << c["sql"];
  }
}

}  // namespace
}  // namespace pallas::sql
