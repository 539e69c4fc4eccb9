#include "sql/parser/parser.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "base/status_macros.h"
#include "sql/parser/parser_internal.h"

namespace pallas::sql {

LexMode ModeOf(const std::vector<Token>& tokens) {
  const auto word = [&](size_t i) {
    return i < tokens.size() && tokens[i].kind == TokenKind::kWord
               ? std::string_view(tokens[i].upper)
               : std::string_view();
  };
  const std::string_view first = word(0);
  const std::string_view second = word(1);
  if (first == "MSCK" || first == "ALTER" || first == "SHOW" || first == "DROP") {
    return LexMode::kHive;
  }
  if (first == "DESCRIBE" || first == "DESC") {
    return LexMode::kHive;
  }
  if (first != "CREATE") {
    return LexMode::kTrino;
  }
  if (second == "EXTERNAL" || second == "DATABASE" || second == "SCHEMA") {
    return LexMode::kHive;
  }
  if (second != "TABLE") {
    return LexMode::kTrino;
  }
  // CREATE TABLE ... AS query is Trino's; the rest is Hive's. AS stands outside of parentheses, and
  // is not that of STORED AS or NULL DEFINED AS.
  int depth = 0;
  for (size_t i = 2; i < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::kSymbol) {
      depth += tokens[i].text == "(" ? 1 : tokens[i].text == ")" ? -1 : 0;
    } else if (depth == 0 && word(i) == "AS" && word(i - 1) != "STORED" &&
               word(i - 1) != "DEFINED") {
      return LexMode::kTrino;
    }
  }
  return LexMode::kHive;
}

namespace {

// Whether the first words leave the mode open, so that ModeOf must see the whole statement.
bool NeedsWholeStatement(const std::vector<Token>& tokens) {
  return tokens.size() > 1 && tokens[0].kind == TokenKind::kWord && tokens[0].upper == "CREATE" &&
         tokens[1].kind == TokenKind::kWord && tokens[1].upper == "TABLE";
}

// The tokens of the statement at `start` in its own mode.
absl::StatusOr<std::vector<Token>> StatementTokens(std::string_view script,
                                                   const LexPosition& start) {
  absl::StatusOr<std::vector<Token>> tokens =
      TokenizeStatement(script, LexMode::kTrino, start, /*max_tokens=*/2);
  RETURN_IF_ERROR(tokens);
  LexMode mode = ModeOf(*tokens);
  if (mode == LexMode::kTrino || NeedsWholeStatement(*tokens)) {
    tokens = TokenizeStatement(script, LexMode::kTrino, start, SIZE_MAX);
    mode = mode == LexMode::kTrino ? mode : tokens.ok() ? ModeOf(*tokens) : LexMode::kHive;
  }
  return mode == LexMode::kTrino ? std::move(tokens)
                                 : TokenizeStatement(script, LexMode::kHive, start, SIZE_MAX);
}

absl::Status CheckSize(std::string_view sql, const ParserOptions& options) {
  if (sql.size() > options.max_statement_bytes) {
    return NamedError("QUERY_TEXT_TOO_LARGE", absl::StrCat("Query text length (", sql.size(),
                                                           ") exceeds the maximum length (",
                                                           options.max_statement_bytes, ")"));
  }
  return absl::OkStatus();
}

}  // namespace

Parser::Depth::Depth(Parser& parser) : parser_(parser) {
  if (++parser_.depth_ > parser_.options_.max_depth) {
    parser_.FailTooDeep();
  }
}

void Parser::Chain::Grow() {
  length_ = std::max(length_, parser_.chain_) + 1;
  parser_.chain_ = 0;
  if (length_ > parser_.options_.max_chain) {
    parser_.Fail(parser_.Peek().location,
                 absl::StrCat("statement has too many operators in a row; at most ",
                              parser_.options_.max_chain, " are allowed"));
  }
}

void Parser::FailTooDeep() {
  Fail(Peek().location, absl::StrCat("statement is nested too deeply; at most ", options_.max_depth,
                                     " levels are allowed"));
}

const Token& Parser::Peek(size_t ahead) const {
  return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)];
}

const Token& Parser::Take() {
  const Token& token = tokens_[pos_];
  if (pos_ + 1 < tokens_.size()) {
    ++pos_;
  }
  return token;
}

bool Parser::IsWord(std::string_view keyword, size_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind == TokenKind::kWord && token.upper == keyword) {
    return true;
  }
  if (ahead == 0) {
    NoteQuoted(keyword);
  }
  return false;
}

bool Parser::IsSymbol(std::string_view symbol, size_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind == TokenKind::kSymbol && token.text == symbol) {
    return true;
  }
  if (ahead == 0) {
    NoteQuoted(symbol);
  }
  return false;
}

bool Parser::AcceptWord(std::string_view keyword) {
  if (!IsWord(keyword)) {
    return false;
  }
  Take();
  return true;
}

bool Parser::AcceptWords(std::initializer_list<std::string_view> keywords) {
  size_t ahead = 0;
  for (const std::string_view keyword : keywords) {
    if (!IsWord(keyword, ahead)) {
      if (ahead > 0 && IsWatched(pos_ + ahead)) {
        expected_.insert(absl::StrCat("'", keyword, "'"));
      }
      return false;
    }
    ++ahead;
  }
  for (size_t i = 0; i < keywords.size(); ++i) {
    Take();
  }
  return true;
}

bool Parser::AcceptSymbol(std::string_view symbol) {
  if (!IsSymbol(symbol)) {
    return false;
  }
  Take();
  return true;
}

void Parser::ExpectWord(std::string_view keyword) {
  if (!AcceptWord(keyword)) {
    FailExpecting(absl::StrCat("'", keyword, "'"));
  }
}

void Parser::ExpectWords(std::initializer_list<std::string_view> keywords) {
  for (const std::string_view keyword : keywords) {
    ExpectWord(keyword);
  }
}

void Parser::ExpectSymbol(std::string_view symbol) {
  if (!AcceptSymbol(symbol)) {
    FailExpecting(absl::StrCat("'", symbol, "'"));
  }
}

std::string Parser::ExpectString() {
  if (Peek().kind != TokenKind::kString) {
    FailExpecting("<string>");
    return "";
  }
  return Take().text;
}

void Parser::NoteQuoted(std::string_view expected) const {
  if (IsWatched(pos_)) {
    expected_.insert(absl::StrCat("'", expected, "'"));
  }
}

absl::Status Parser::MismatchError() const {
  Parser shown(*this, watched_);
  shown.pos_ = watched_;
  shown.FailExpecting(absl::StrJoin(expected_, ", "));
  return shown.status_;
}

void Parser::FailExpecting(std::string_view expected) {
  const Token& token = Peek();
  if (status_.ok()) {
    mismatch_ = pos_;
    for (const std::string_view part : absl::StrSplit(expected, ", ")) {
      Note(part);
    }
  }
  const std::string_view found =
      token.kind == TokenKind::kEnd ? "<EOF>" : TextBetween(token.begin, token.end);
  constexpr size_t kLongestShown = 100;
  Fail(token.location,
       absl::StrCat("mismatched input '", std::string(found.substr(0, kLongestShown)),
                    "'. Expecting: ", expected));
}

void Parser::Fail(Location location, std::string_view message) {
  if (status_.ok()) {
    status_ = ErrorAt(location, "SYNTAX_ERROR", message);
  }
  pos_ = tokens_.size() - 1;
}

std::string Parser::SkipParentheses() {
  const size_t begin = Peek().begin;
  ExpectSymbol("(");
  int depth = 1;
  size_t end = begin;
  while (depth > 0 && Peek().kind != TokenKind::kEnd) {
    depth += IsSymbol("(") ? 1 : IsSymbol(")") ? -1 : 0;
    end = Take().end;
  }
  if (depth > 0) {
    FailExpecting("')'");
  }
  return std::string(TextBetween(begin, std::max(begin, end)));
}

bool Parser::IsIdentifier(size_t ahead) const {
  const Token& token = Peek(ahead);
  const bool is_name = token.kind == TokenKind::kWord ? !IsReservedWord(token.upper)
                                                      : token.kind == TokenKind::kQuoted ||
                                                            token.kind == TokenKind::kBackquoted;
  if (!is_name && ahead == 0) {
    Note("<identifier>");
  }
  return is_name;
}

ast::Identifier Parser::ParseIdentifier() {
  if (!IsIdentifier()) {
    FailExpecting("<identifier>");
    return {};
  }
  const Token& token = Take();
  if (token.kind == TokenKind::kBackquoted) {
    Fail(token.location,
         "backquoted identifiers are not supported; use double quotes to quote identifiers");
  }
  if (token.kind == TokenKind::kQuoted && token.text.empty()) {
    Fail(token.location, "Zero-length delimited identifier not allowed");
  }
  if (token.kind == TokenKind::kWord && token.text.find('@') != std::string::npos) {
    Fail(token.location, "identifiers must not contain '@'");
  }
  return {token.text, token.kind != TokenKind::kWord, token.location};
}

ast::QualifiedName Parser::ParseQualifiedName() {
  ast::QualifiedName name;
  do {
    name.push_back(ParseIdentifier());
  } while (AcceptSymbol("."));
  return name;
}

std::vector<ast::Identifier> Parser::ParseIdentifierList() {
  std::vector<ast::Identifier> names;
  ExpectSymbol("(");
  do {
    names.push_back(ParseIdentifier());
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
  return names;
}

void Parser::ExpectEnd() {
  Note("<EOF>");
  if (Peek().kind != TokenKind::kEnd) {
    FailExpecting("<EOF>");
  }
}

namespace {

// The error of `parser`, OK if it has none. `parse` reads the same again.
template <typename ParseFn>
absl::Status ErrorOf(const Parser& parser, ParseFn parse) {
  if (!parser.mismatch()) {
    return parser.status();
  }
  Parser second(parser, *parser.mismatch());
  parse(second);
  return second.MismatchError();
}

}  // namespace

absl::StatusOr<ast::StatementPtr> Parse(std::string_view sql, const ParserOptions& options) {
  RETURN_IF_ERROR(CheckSize(sql, options));
  // The first words tell the mode. A text that only Hive's lexer accepts (a backslash before a
  // quote) still gives its first words to the other one, or is DDL.
  absl::StatusOr<std::vector<Token>> tokens = Tokenize(sql, LexMode::kTrino, options.start);
  const LexMode mode = tokens.ok() ? ModeOf(*tokens) : LexMode::kHive;
  if (mode == LexMode::kHive) {
    absl::StatusOr<std::vector<Token>> hive_tokens = Tokenize(sql, LexMode::kHive, options.start);
    if (!tokens.ok() && (!hive_tokens.ok() || ModeOf(*hive_tokens) != LexMode::kHive)) {
      return tokens.status();
    }
    RETURN_IF_ERROR(hive_tokens);
    tokens = std::move(hive_tokens);
  }
  Parser parser(sql, *std::move(tokens), options);
  if (mode == LexMode::kHive) {
    ast::StatementPtr statement = parser.ParseDdl();
    RETURN_IF_ERROR(parser.status());
    statement->num_parameters = parser.num_parameters();
    return statement;
  }
  ast::StatementPtr statement = parser.ParseSingleStatement();
  RETURN_IF_ERROR(ErrorOf(parser, [](Parser& second) { second.ParseSingleStatement(); }));
  statement->num_parameters = parser.num_parameters();
  return statement;
}

absl::StatusOr<ast::ExprPtr> ParseExpression(std::string_view sql, const ParserOptions& options) {
  RETURN_IF_ERROR(CheckSize(sql, options));
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(sql, LexMode::kTrino));
  Parser parser(sql, std::move(tokens), options);
  ast::ExprPtr expression = parser.ParseExpression();
  parser.ExpectEnd();
  RETURN_IF_ERROR(ErrorOf(parser, [](Parser& second) {
    second.ParseExpression();
    second.ExpectEnd();
  }));
  return expression;
}

absl::StatusOr<ast::QueryPtr> ParseQuery(std::string_view sql, const ParserOptions& options) {
  RETURN_IF_ERROR(CheckSize(sql, options));
  ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(sql, LexMode::kTrino));
  Parser parser(sql, std::move(tokens), options);
  ast::QueryPtr query = parser.ParseQuery();
  parser.ExpectEnd();
  RETURN_IF_ERROR(ErrorOf(parser, [](Parser& second) {
    second.ParseQuery();
    second.ExpectEnd();
  }));
  return query;
}

namespace {

// Adds what stands before the last of `tokens`, the end of a statement, unless that is nothing.
void AddStatement(std::string_view script, const std::vector<Token>& tokens,
                  std::vector<StatementText>* statements) {
  if (tokens.size() > 1) {
    const size_t begin = tokens.front().begin;
    const size_t end = tokens[tokens.size() - 2].end;
    statements->push_back(
        {std::string(script.substr(begin, end - begin)), tokens.front().location});
  }
}

LexPosition After(const Token& semicolon) {
  return {semicolon.end, {semicolon.location.line, semicolon.location.column + 1}};
}

}  // namespace

absl::StatusOr<std::vector<StatementText>> SplitStatements(std::string_view script) {
  RETURN_IF_ERROR(CheckUtf8(script));
  std::vector<StatementText> statements;
  LexPosition position;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<Token> tokens, StatementTokens(script, position));
    AddStatement(script, tokens, &statements);
    if (tokens.back().kind == TokenKind::kEnd) {
      return statements;
    }
    position = After(tokens.back());
  }
}

absl::StatusOr<EndedStatements> SplitEndedStatements(std::string_view script) {
  RETURN_IF_ERROR(CheckUtf8(script));
  EndedStatements ended;
  LexPosition position;
  for (;;) {
    const absl::StatusOr<std::vector<Token>> tokens = StatementTokens(script, position);
    if (tokens.status().code() == absl::StatusCode::kOutOfRange) {
      ended.blank = false;
      return ended;
    }
    RETURN_IF_ERROR(tokens);
    if (tokens->back().kind == TokenKind::kEnd) {
      ended.blank = tokens->size() == 1;
      return ended;
    }
    AddStatement(script, *tokens, &ended.statements);
    position = After(tokens->back());
    ended.end = position.offset;
  }
}

}  // namespace pallas::sql
