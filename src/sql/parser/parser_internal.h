#ifndef PALLAS_SQL_PARSER_PARSER_INTERNAL_H_
#define PALLAS_SQL_PARSER_PARSER_INTERNAL_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/ast/statement.h"
#include "sql/parser/lexer.h"
#include "sql/parser/parser.h"

namespace pallas::sql {

// Recursive descent over the tokens of one statement, one token of lookahead nearly everywhere.
// After the first error it stands at the end of the input, so that every loop ends and callers need
// not check: functions always return a tree, and status() says whether it means anything.
class Parser {
 public:
  Parser(std::string_view sql, std::vector<Token> tokens, const ParserOptions& options)
      : sql_(sql), tokens_(std::move(tokens)), options_(options) {
    MatchParentheses();
  }

  // A second reading of what `failed` could not read, which notes what it looks for where that one
  // stopped.
  explicit Parser(const Parser& failed, size_t stop)
      : Parser(failed.sql_, failed.tokens_, failed.options_) {
    watched_ = stop;
  }

  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  const absl::Status& status() const { return status_; }

  int num_parameters() const { return num_parameters_; }

  // The token that did not fit, where that is the error; nothing otherwise.
  std::optional<size_t> mismatch() const { return mismatch_; }

  // "mismatched input ...", with all that `this`, a second reading, has looked for there.
  absl::Status MismatchError() const;

  // statement_parser.cc
  ast::StatementPtr ParseStatement();
  ast::StatementPtr ParseSingleStatement();  // and the end of the input
  void ExpectEnd();

  // ddl_parser.cc, over tokens of Hive's mode
  ast::StatementPtr ParseDdl();

  // query_parser.cc
  ast::QueryPtr ParseQuery();
  ast::RelationPtr ParseRelation();

  // expression_parser.cc
  ast::ExprPtr ParseExpression();

  ast::ExprPtr ParseValueExpression() { return ParseConcat(); }

  // A type in Trino's spelling, as canonical text.
  std::string ParseTypeText();

 private:
  bool IsNamedRowField() const;
  std::string ParseRowTypeText();
  std::string ParseNamedTypeText();
  std::string ParseIntervalField();

  // Tokens.
  const Token& Peek(size_t ahead = 0) const;
  const Token& Take();
  bool IsWord(std::string_view keyword, size_t ahead = 0) const;
  bool IsSymbol(std::string_view symbol, size_t ahead = 0) const;
  bool AcceptWord(std::string_view keyword);
  // All of `keywords`, or nothing.
  bool AcceptWords(std::initializer_list<std::string_view> keywords);
  bool AcceptSymbol(std::string_view symbol);
  void ExpectWord(std::string_view keyword);
  void ExpectWords(std::initializer_list<std::string_view> keywords);
  void ExpectSymbol(std::string_view symbol);
  std::string ExpectString();
  // "mismatched input ...": at the next token.
  void FailExpecting(std::string_view expected);
  void Fail(Location location, std::string_view message);

  std::string_view TextBetween(size_t begin, size_t end) const {
    return sql_.substr(begin, end - begin);
  }

  // While it lives, what is looked for at the watched token goes by one name: that of the rule
  // which starts there. An empty name: it is only looked at.
  class Label {
   public:
    Label(const Parser& parser, std::string_view name)
        : parser_(parser), active_(parser.pos_ == parser.watched_ || name.empty()) {
      if (active_ && !name.empty()) {
        parser.Note(name);
      }
      parser_.muted_ += active_ ? 1 : 0;
    }

    ~Label() { parser_.muted_ -= active_ ? 1 : 0; }

    Label(const Label&) = delete;
    Label& operator=(const Label&) = delete;

   private:
    const Parser& parser_;
    bool active_;
  };

  // Whether what a rule looks for at that token is to be noted. After a failure the parser only
  // finds its way out, at the end of the text.
  bool IsWatched(size_t position) const {
    return position == watched_ && muted_ == 0 && status_.ok();
  }

  // Notes one that a rule looks for at the next token, if that is the watched one.
  void Note(std::string_view expected) const {
    if (IsWatched(pos_)) {
      expected_.emplace(expected);
    }
  }

  void NoteQuoted(std::string_view expected) const;

  // Skips a balanced (...) and returns its text, parentheses included.
  std::string SkipParentheses();

  // Counts nesting; failed() tells that the limit was passed.
  class Depth {
   public:
    explicit Depth(Parser& parser);

    ~Depth() { --parser_.depth_; }

    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    Parser& parser_;
  };

  // Counts the operators of one chain (a + b + c, a JOIN b JOIN c), which make the tree as deep as
  // nesting does, and those of the longest chain below each other: with Depth this bounds the path
  // to any node, and so the stack of whoever walks the tree.
  class Chain {
   public:
    explicit Chain(Parser& parser) : parser_(parser), outer_(parser.chain_) { parser_.chain_ = 0; }

    ~Chain() { parser_.chain_ = std::max(outer_, std::max(length_, parser_.chain_)); }

    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;

    // One more operator, whose operands are parsed.
    void Grow();

   private:
    Parser& parser_;
    int outer_;
    int length_ = 0;
  };

  void FailTooDeep();

  // Names.
  bool IsIdentifier(size_t ahead = 0) const;
  ast::Identifier ParseIdentifier();
  ast::QualifiedName ParseQualifiedName();
  std::vector<ast::Identifier> ParseIdentifierList();  // in parentheses

  // Expressions, loosest first. `first`: the first operand, where it is parsed already, or null.
  ast::ExprPtr ParseOr(ast::ExprPtr first);
  ast::ExprPtr ParseAnd(ast::ExprPtr first);
  ast::ExprPtr ParseNot();
  ast::ExprPtr ParsePredicate();
  ast::ExprPtr ParsePredicateTail(ast::ExprPtr value);
  ast::ExprPtr ParseIsTail(ast::ExprPtr value);
  ast::ExprPtr ParseBetweenTail(ast::ExprPtr value, bool negated);
  ast::ExprPtr ParseInTail(ast::ExprPtr value, bool negated);
  ast::ExprPtr ParseComparison(ast::ExprPtr value);
  ast::ExprPtr ParseConcat();
  ast::ExprPtr ParseAdditive();
  ast::ExprPtr ParseMultiplicative();
  ast::ExprPtr ParseUnary();
  ast::ExprPtr ParseAtTimeZone();
  ast::ExprPtr ParsePostfix();
  ast::ExprPtr ParsePrimary();
  ast::ExprPtr ParseWordPrimary();
  ast::ExprPtr ParseParenthesized();

  struct KeywordExpression {
    std::string_view word;
    std::string_view next;  // the symbol that must follow, if one must
    ast::ExprPtr (Parser::*parse)();
  };

  const KeywordExpression* FindKeywordExpression(size_t ahead = 0) const;
  ast::ExprPtr ParseNull();
  ast::ExprPtr ParseBoolean();
  ast::ExprPtr ParseExists();
  ast::ExprPtr ParseExtract();
  ast::ExprPtr ParseNormalize();
  ast::ExprPtr ParseGrouping();
  ast::ExprPtr ParseColumnName();
  ast::ExprPtr ParseCurrent();
  ast::ExprPtr ParseArray();
  ast::ExprPtr ParseRow();
  ast::ExprPtr ParseCase();
  ast::ExprPtr ParseCast();
  ast::ExprPtr ParseInterval();
  ast::ExprPtr ParseTrim();
  ast::ExprPtr ParseParameter(Location location);
  ast::ExprPtr ParseListagg();
  ast::ExprPtr ParseNameOrCall();
  ast::ExprPtr ParseCall(ast::QualifiedName name, Location location);
  ast::ExprPtr ParseCallArguments(ast::QualifiedName name, Location location, ast::ExprPtr first);
  ast::ExprPtr ParsePositionOrSubstring();
  void ParseCallTail(ast::Expr& call);
  void ParseOver(ast::Expr& call);
  ast::ExprPtr ParseTypedLiteral();
  ast::ExprPtr ParseSpecialCall();
  bool IsTypedLiteral();
  bool IsLambda();
  ast::ExprPtr ParseLambda();
  std::vector<ast::ExprPtr> ParseExpressionList();  // up to, not including, ')' or ']'
  ast::Window ParseWindowSpecification();           // inside the parentheses
  void ParseFrame(ast::Window& window);
  ast::FrameBound ParseFrameBound();
  std::string ParsePatternText();
  std::vector<ast::SortItem> ParseSortItems();

  // Queries.
  ast::QueryPtr ParseQueryNoWith();
  ast::QueryPtr ParseQueryTerm(bool intersect_only);
  ast::QueryPtr ParseQueryPrimary();
  ast::Select ParseSelect();
  bool IsExpressionStart(size_t ahead) const;
  ast::SelectItem ParseSelectItem();
  ast::GroupingElement ParseGroupingElement();
  void ParseOrderAndLimit(ast::Query& query);
  ast::RelationPtr ParseSampledRelation();
  ast::RelationPtr ParseAliasedRelation();
  ast::RelationPtr ParseRelationPrimary();
  ast::RelationPtr ParseTableFunction(Location location);
  void ParseDescriptor(ast::TableFunctionArgument& argument);
  bool AcceptNullDescriptor();
  ast::RelationPtr ParseJoinTail(ast::RelationPtr left);
  bool IsClauseStart() const;
  void ParseAlias(ast::Relation& relation);
  // Whether a query (perhaps in parentheses) starts here, rather than an expression or relation
  // that begins with a parenthesised query.
  bool IsQueryStart(size_t ahead = 0) const;
  void MatchParentheses();

  // Statements.
  ast::StatementPtr ParseExplain();
  void ParseExplainOption(ast::Explain& explain);
  ast::StatementPtr ParseInsert();
  ast::StatementPtr ParseUnload();
  ast::StatementPtr ParseCreateView();
  ast::StatementPtr ParseCreateTableAs();
  ast::StatementPtr ParsePrepare();
  ast::StatementPtr ParseExecute();
  ast::StatementPtr ParseModify();
  void ParseMerge(ast::Modify& modify);
  ast::StatementPtr ParseUsingFunctions();
  ast::WithProperties ParseWithProperties();
  void ParseFunctionTarget(ast::ExternalFunction& function);
  std::vector<std::pair<ast::Identifier, ast::ExprPtr>> ParseAssignments();
  ast::StatementPtr RefuseStatement();

  // Hive's DDL.
  std::string ParseDdlName();
  ast::Identifier ParseDdlIdentifier();
  ast::QualifiedName ParseDdlTableName();
  std::string ParseHiveType();
  std::vector<ast::HiveColumn> ParseHiveColumns();
  std::vector<ast::HiveColumn> ParsePartitionedBy();
  ast::Properties ParseHiveProperties();
  ast::PartitionSpec ParsePartitionSpec();
  std::string ParsePartitionValue();
  ast::StatementPtr ParseCreateDatabase();
  ast::StatementPtr ParseCreateTable();
  void ParseTableClauses(ast::CreateTable& table);
  bool ParseRowFormat(ast::CreateTable& table);
  ast::StatementPtr ParseDrop();
  ast::StatementPtr ParseAlter();
  bool ParseAlterPartitions(ast::AlterTable& alter);
  ast::StatementPtr ParseShow();
  ast::StatementPtr ParseDescribe();

  std::string_view sql_;
  std::vector<Token> tokens_;
  // For each token that is "(": the index of its ")", or of the end.
  std::vector<size_t> closing_;
  ParserOptions options_;
  size_t pos_ = 0;
  int depth_ = 0;
  int chain_ = 0;  // operators of the longest chain in what was parsed since it was set to 0
  int num_parameters_ = 0;
  absl::Status status_;
  std::optional<size_t> mismatch_;
  // Of a second reading: the token that is watched, and what was looked for there.
  size_t watched_ = SIZE_MAX;
  mutable int muted_ = 0;
  mutable std::set<std::string> expected_;
};

template <typename Node>
ast::StatementPtr MakeStatement(Location location, Node node) {
  auto statement = std::make_unique<ast::Statement>();
  statement->location = location;
  statement->node = std::move(node);
  return statement;
}

}  // namespace pallas::sql

#endif  // PALLAS_SQL_PARSER_PARSER_INTERNAL_H_
