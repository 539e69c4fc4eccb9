#ifndef PALLAS_SQL_PARSER_LEXER_H_
#define PALLAS_SQL_PARSER_LEXER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "base/error_detail.h"

namespace pallas::sql {

enum class TokenKind {
  kEnd,
  kWord,        // a name or keyword without quotes
  kQuoted,      // "name" (in Hive's mode a string, or a name where a table is named)
  kBackquoted,  // `name`
  kString,      // 'text', U&'text'
  kBinary,      // X'0a'
  kInteger,
  kDecimal,  // 1.5 .5 1.
  kDouble,   // 1e5
  kSymbol,   // operators and punctuation
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  // kQuoted, kBackquoted, kString: without quotes and escapes. kBinary: the bytes. Else as written.
  std::string text;
  std::string upper;  // kWord: the text in upper case, to compare with keywords
  Location location;
  size_t begin = 0;  // byte offsets in the statement
  size_t end = 0;
};

// The two lexical modes of spec/sql-dialect.md section 4.1.
enum class LexMode {
  kTrino,  // double quotes make identifiers, no backslash escapes
  kHive,   // single and double quotes make strings, backslash escapes
};

// Splits `sql` into tokens, the last being kEnd. Comments are dropped. Errors are SYNTAX_ERROR with
// line:column; a text that is not UTF-8 is one. A quote or comment that is not closed is
// OUT_OF_RANGE (more text could close it), all else INVALID_ARGUMENT. `first` is the place of the
// first character. Linear time.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view sql, LexMode mode,
                                            Location first = {1, 1});

struct LexPosition {
  size_t offset = 0;
  Location location{1, 1};
};

// The tokens of one statement of a script, from `start` up to and including its semicolon or the
// end; at most `max_tokens`. Does not check the encoding.
absl::StatusOr<std::vector<Token>> TokenizeStatement(std::string_view script, LexMode mode,
                                                     const LexPosition& start, size_t max_tokens);

// An error with line:column unless `sql` is UTF-8.
absl::Status CheckUtf8(std::string_view sql);

// Whether `upper`, a word in upper case, names nothing unless it is quoted.
bool IsReservedWord(std::string_view upper);

// Whether `name` needs no quotes in Trino's mode.
bool IsPlainIdentifier(std::string_view name);

// `name` in double quotes.
std::string QuoteIdentifier(std::string_view name);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_PARSER_LEXER_H_
