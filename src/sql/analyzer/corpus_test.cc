// The queries of the conformance corpus are analysed, without being run: those with an answer get
// the types of that answer; those that analysis must refuse are refused with Trino's name.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "base/error_detail.h"
#include "sql/analyzer/analyzer.h"
#include "sql/analyzer/testing_tables.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

using Json = nlohmann::json;

std::filesystem::path CorpusFolder() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs.
  const char* const set = std::getenv("PALLAS_CORPUS");
  return std::filesystem::path(set != nullptr ? set : "../shared/conformance") / "sql";
}

// The categories that exercise the structure of queries rather than functions.
constexpr const char* kCategories[] = {"aggregate", "empty-table", "group-by",     "identifiers",
                                       "join",      "lateral",     "limit-fetch",  "live",
                                       "order-by",  "query-misc",  "select-all",   "set-operations",
                                       "subquery",  "tablesample", "tpch",         "unnest",
                                       "values",    "window",      "window-frame", "with"};

// Raise the one and lower the other as more is supported.
constexpr int kMinRight = 530;
constexpr int kMaxRefused = 30;

class CorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(CorpusFolder())) {
      GTEST_SKIP() << "no corpus: set PALLAS_CORPUS to its folder";
    }
    tables_.AddTpch();
    tables_.Add({"awsdatacatalog", "default", "workers"},
                "id_employee integer, first_name varchar, last_name varchar, "
                "date_of_employment varchar, department integer, id_department integer, "
                "name varchar, salary integer");
    tables_.Add({"awsdatacatalog", "default", "datatype"},
                "c_bigint bigint, c_double double, c_string varchar, c_date date, "
                "c_timestamp timestamp(3), c_boolean boolean, c_short_decimal decimal(5,2), "
                "c_long_decimal decimal(30,10)");
    tables_.Add({"awsdatacatalog", "default", "empty"}, "c1 integer, c2 varchar");
    tables_.Add({"tpch", "information_schema", "tables"},
                "table_catalog varchar, table_schema varchar, table_name varchar, "
                "table_type varchar");
    tables_.Add({"tpch", "information_schema", "columns"},
                "table_catalog varchar, table_schema varchar, table_name varchar, "
                "column_name varchar");
  }

  absl::StatusOr<AnalyzedQuery> Analyze(const Json& test) {
    Session session;
    session.dialect.decimal_literals = DialectOptions::DecimalLiterals::kDecimal;
    const std::string fixture = test.value("fixture", "tpch_tiny");
    if (fixture == "tpch_sf1") {
      session.database = "sf1";
    } else if (fixture != "hive_sample") {
      session.catalog = "tpch";
      session.database = "tiny";
    }
    const auto sql = test["sql"].get<std::string>();
    absl::StatusOr<ast::StatementPtr> statement = Parse(sql);
    if (!statement.ok()) {
      return statement.status();
    }
    const auto& query = std::get<ast::QueryStatement>((*statement)->node).query;
    return AnalyzeQuery(*query, sql, session, sdk::RequestContext(), tables_);
  }

  enum class Verdict { kRight, kRefused, kWrong };

  // Whether analysis comes to what the corpus says; `difference` says why not.
  Verdict Judge(const Json& test, std::string* difference) {
    const absl::StatusOr<AnalyzedQuery> query = Analyze(test);
    const Json& expect = test["expect"];
    if (!query.ok()) {
      *difference = query.status().ToString();
    }
    if (expect["kind"] == "error") {
      // An error with a place is analysis'; others come when the query runs.
      const std::string message = expect.value("message_regex", expect.value("message", ""));
      const bool at_run = message.find("line ") == std::string::npos;
      if (at_run || expect.value("limitation", false)) {
        return Verdict::kRight;
      }
      const bool same = !query.ok() && ErrorName(query.status()) == expect.value("code", "");
      return same ? Verdict::kRight : Verdict::kWrong;
    }
    if (!query.ok()) {
      const std::string name = ErrorName(query.status());
      return name == "NOT_SUPPORTED" || name == "FUNCTION_NOT_FOUND" ? Verdict::kRefused
                                                                     : Verdict::kWrong;
    }
    const Json types = expect.value("types", Json());
    for (size_t i = 0; types.is_array() && i < types.size(); ++i) {
      const std::string type = query->outputs[i].type.ToString();
      if (types[i].is_string() && types[i] != type) {
        *difference =
            absl::StrCat("column ", i, " is ", type, ", should be ", types[i].get<std::string>());
        return Verdict::kWrong;
      }
    }
    return Verdict::kRight;
  }

  TestingTables tables_;
};

TEST_F(CorpusTest, QueriesAreAnalysed) {
  std::map<Verdict, int> counts;
  for (const char* category : kCategories) {
    std::ifstream file(CorpusFolder() / absl::StrCat(category, ".jsonl"));
    for (std::string line; std::getline(file, line);) {
      const Json test = Json::parse(line);
      const Json& expect = test["expect"];
      const bool is_query = test["sql"].get<std::string>().find("CREATE TABLE") != 0;
      if (!is_query || (expect["kind"] != "rows" && expect["kind"] != "error")) {
        continue;
      }
      std::string difference;
      const Verdict verdict = Judge(test, &difference);
      ++counts[verdict];
      EXPECT_NE(verdict, Verdict::kWrong)
          << test["id"] << ": " << test["sql"].get<std::string>() << "\n"
          << difference;
    }
  }
  // Constructs and functions that do not exist yet.
  EXPECT_LE(counts[Verdict::kRefused], kMaxRefused);
  EXPECT_GE(counts[Verdict::kRight], kMinRight);
}

}  // namespace
}  // namespace pallas::sql
