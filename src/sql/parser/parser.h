#ifndef PALLAS_SQL_PARSER_PARSER_H_
#define PALLAS_SQL_PARSER_PARSER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "sql/ast/statement.h"
#include "sql/parser/lexer.h"

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
  // The place of the first character, for a text that stands in another.
  Location start{1, 1};
  // What stands for the parameters (`?`), in their order; each is moved from. Null: they stay.
  // There may be more or fewer than parameters; Statement::num_parameters counts these.
  std::vector<ast::ExprPtr>* parameters = nullptr;
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

// The mode in which a statement is read: its first words tell, of CREATE TABLE all.
LexMode ModeOf(const std::vector<Token>& tokens);

// One statement of a script, without its semicolon.
struct StatementText {
  std::string text;
  Location location;  // of its first token in the script
};

// Cuts a script at the semicolons outside of quotes and comments; empty statements are dropped.
absl::StatusOr<std::vector<StatementText>> SplitStatements(std::string_view script);

// The statements of a script that is still being typed which a semicolon has ended.
struct EndedStatements {
  std::vector<StatementText> statements;
  size_t end = 0;     // the offset after the last of the semicolons
  bool blank = true;  // nothing but blanks and comments follows it
};

// As SplitStatements, for a text to which more may come: a quote or comment that is not closed yet
// belongs to what follows the last semicolon.
absl::StatusOr<EndedStatements> SplitEndedStatements(std::string_view script);

// How Athena's API classifies a statement.
enum class StatementClass { kDdl, kDml, kUtility };
StatementClass ClassOf(const ast::Statement& statement);

// The name of the statement's kind as the conformance corpus spells it: "CREATE_TABLE", "SELECT".
std::string KindOf(const ast::Statement& statement);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_PARSER_PARSER_H_
