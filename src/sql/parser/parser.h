#ifndef PALLAS_SQL_PARSER_PARSER_H_
#define PALLAS_SQL_PARSER_PARSER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "sql/ast/statement.h"

namespace pallas::sql {

struct ParserOptions {
  // Athena's limit; longer statements are refused.
  size_t max_statement_bytes = 262144;
  // Nesting of expressions, queries and relations.
  int max_depth = 500;
  // Operators in a row (a + b + c ..., a JOIN b JOIN c ..., q UNION q ...), other than AND and OR,
  // summed over the chains inside each other. No path in a tree is longer than a small multiple of
  // max_depth plus this many nodes: walking one by recursion is safe.
  int max_chain = 1000;
};

// Parses one statement, with or without a semicolon after it. Errors are SYNTAX_ERROR, worded as
// Trino words them: "line 1:8: mismatched input 'x'. Expecting: ...". Linear in the text. Any
// thread.
absl::StatusOr<ast::StatementPtr> Parse(std::string_view sql, const ParserOptions& options = {});

// A lone expression; the whole text must be one.
absl::StatusOr<ast::ExprPtr> ParseExpression(std::string_view sql,
                                             const ParserOptions& options = {});

// A lone query.
absl::StatusOr<ast::QueryPtr> ParseQuery(std::string_view sql, const ParserOptions& options = {});

// One statement of a script, without its semicolon.
struct StatementText {
  std::string text;
  Location location;  // of its first token in the script
};

// Cuts a script at the semicolons outside of quotes and comments; empty statements are dropped.
absl::StatusOr<std::vector<StatementText>> SplitStatements(std::string_view script);

// How Athena's API classifies a statement.
enum class StatementClass { kDdl, kDml, kUtility };
StatementClass ClassOf(const ast::Statement& statement);

// The name of the statement's kind as the conformance corpus spells it: "CREATE_TABLE", "SELECT".
std::string KindOf(const ast::Statement& statement);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_PARSER_PARSER_H_
