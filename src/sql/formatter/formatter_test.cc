#include "sql/formatter/formatter.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

#include "sql/ast/equality.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

// What the tree of `sql` prints must parse to an equal tree, and print the same again.
void ExpectRoundTrip(const std::string& sql) {
  SCOPED_TRACE(sql);
  const absl::StatusOr<ast::StatementPtr> first = Parse(sql);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string text = FormatStatement(**first);
  SCOPED_TRACE(text);
  const absl::StatusOr<ast::StatementPtr> second = Parse(text);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(ast::Equal(**first, **second));
  EXPECT_EQ(FormatStatement(**second), text);
}

TEST(FormatterCorpusTest, EveryStatementRoundTrips) {
  const char* const set = std::getenv("PALLAS_CORPUS");
  const std::filesystem::path folder =
      std::filesystem::path(set != nullptr ? set : "../shared/conformance") / "sql";
  if (!std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "no corpus: set PALLAS_CORPUS to its folder";
  }
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".jsonl") {
      continue;
    }
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const std::string sql = nlohmann::json::parse(line)["sql"];
      if (Parse(sql).ok()) {  // the rest are the corpus' syntax errors, see sql_parser_test
        ExpectRoundTrip(sql);
        ++count;
      }
    }
  }
  EXPECT_GT(count, 1000);
}

}  // namespace
}  // namespace pallas::sql
