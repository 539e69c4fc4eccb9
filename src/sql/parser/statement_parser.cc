// Statements in the lexical mode of queries: everything but Hive's DDL.

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "sql/parser/parser_internal.h"

namespace pallas::sql {
namespace {

// First words of statements that Athena does not have; the longest match names the construct.
constexpr std::string_view kRefused[] = {"SET SESSION",
                                         "RESET SESSION",
                                         "SET TIME ZONE",
                                         "SET ROLE",
                                         "SET PATH",
                                         "SET",
                                         "START TRANSACTION",
                                         "COMMIT",
                                         "ROLLBACK",
                                         "GRANT ROLE",
                                         "GRANT",
                                         "REVOKE ROLE",
                                         "REVOKE",
                                         "DENY",
                                         "LOCK DATABASE",
                                         "LOCK TABLE",
                                         "UNLOCK DATABASE",
                                         "UNLOCK TABLE",
                                         "EXPORT TABLE",
                                         "IMPORT TABLE",
                                         "CALL",
                                         "ANALYZE",
                                         "REFRESH MATERIALIZED VIEW",
                                         "CREATE MATERIALIZED VIEW",
                                         "CREATE ROLE",
                                         "CREATE INDEX",
                                         "CREATE FUNCTION",
                                         "CREATE OR REPLACE FUNCTION",
                                         "CREATE CATALOG",
                                         "CREATE MACRO",
                                         "CREATE TEMPORARY MACRO",
                                         "CREATE TEMPORARY FUNCTION",
                                         "COMMENT ON",
                                         "TRUNCATE TABLE",
                                         "RELOAD FUNCTION",
                                         "DFS",
                                         "RESET"};

size_t WordCount(std::string_view words) {
  return 1 + static_cast<size_t>(std::count(words.begin(), words.end(), ' '));
}

}  // namespace

ast::StatementPtr Parser::ParseSingleStatement() {
  ast::StatementPtr statement = ParseStatement();
  if (Peek().kind == TokenKind::kSymbol && Peek().text == ";") {
    Take();
  }
  ExpectEnd();
  return statement;
}

ast::StatementPtr Parser::ParseStatement() {
  const Depth depth(*this);
  const Location location = Peek().location;
  if (IsWord("SELECT") || IsWord("WITH") || IsWord("VALUES") || IsWord("TABLE") || IsSymbol("(")) {
    return MakeStatement(location, ast::QueryStatement{ParseQuery()});
  }
  if (IsWord("EXPLAIN")) {
    return ParseExplain();
  }
  if (AcceptWord("VERIFY")) {
    return MakeStatement(location, ast::Verify{ParseQuery()});
  }
  if (AcceptWord("USE")) {
    ast::Use use;
    use.database = ParseIdentifier();
    if (AcceptSymbol(".")) {
      use.catalog = std::move(use.database);
      use.database = ParseIdentifier();
    }
    return MakeStatement(location, std::move(use));
  }
  if (IsWord("INSERT")) {
    return ParseInsert();
  }
  if (IsWord("UNLOAD")) {
    return ParseUnload();
  }
  if (IsWord("CREATE") && (IsWord("VIEW", 1) || (IsWord("OR", 1) && IsWord("VIEW", 3)))) {
    return ParseCreateView();
  }
  if (IsWord("CREATE") && IsWord("TABLE", 1)) {
    return ParseCreateTableAs();
  }
  if (IsWord("PREPARE")) {
    return ParsePrepare();
  }
  if (IsWord("EXECUTE")) {
    return ParseExecute();
  }
  if (AcceptWord("DEALLOCATE")) {
    AcceptWord("PREPARE");
    return MakeStatement(location, ast::Deallocate{ParseIdentifier()});
  }
  if (IsWord("MERGE") || IsWord("UPDATE") || IsWord("DELETE") || IsWord("OPTIMIZE") ||
      IsWord("VACUUM")) {
    return ParseModify();
  }
  if (IsWord("USING")) {
    return ParseUsingFunctions();
  }
  return RefuseStatement();
}

ast::StatementPtr Parser::RefuseStatement() {
  const Location location = Peek().location;
  std::string_view found;
  for (const std::string_view construct : kRefused) {
    size_t ahead = 0;
    size_t begin = 0;
    bool matches = construct.size() > found.size();
    while (matches && begin <= construct.size()) {
      const size_t end = std::min(construct.find(' ', begin), construct.size());
      matches = IsWord(construct.substr(begin, end - begin), ahead++);
      begin = end + 1;
    }
    if (matches) {
      found = construct;
    }
  }
  if (found.empty()) {
    if (pos_ == watched_) {
      expected_.clear();  // Trino's list, whatever statements there are here
    }
    FailExpecting(
        "'ALTER', 'ANALYZE', 'CALL', 'COMMENT', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', "
        "'DENY', 'DESC', 'DESCRIBE', 'DROP', 'EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'MERGE', "
        "'PREPARE', 'REFRESH', 'RESET', 'REVOKE', 'ROLLBACK', 'SET', 'SHOW', 'START', 'TRUNCATE', "
        "'UPDATE', 'USE', 'WITH', <query>");
    return MakeStatement(location, ast::Refused{});
  }
  for (size_t i = 0; i < WordCount(found); ++i) {
    Take();
  }
  // The rest need not be understood to be refused.
  while (Peek().kind != TokenKind::kEnd && !IsSymbol(";")) {
    Take();
  }
  return MakeStatement(location, ast::Refused{std::string(found)});
}

ast::StatementPtr Parser::ParseExplain() {
  const Location location = Take().location;
  ast::Explain explain;
  explain.analyze = AcceptWord("ANALYZE");
  explain.verbose = explain.analyze && AcceptWord("VERBOSE");
  if (IsSymbol("(") && (IsWord("TYPE", 1) || IsWord("FORMAT", 1))) {
    Take();
    do {
      ParseExplainOption(explain);
    } while (AcceptSymbol(","));
    ExpectSymbol(")");
  }
  explain.statement = ParseStatement();
  return MakeStatement(location, std::move(explain));
}

void Parser::ParseExplainOption(ast::Explain& explain) {
  const auto one_of = [this](std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      if (AcceptWord(word)) {
        return absl::AsciiStrToLower(word);
      }
    }
    FailExpecting(absl::StrCat("'", absl::StrJoin(words, "', '"), "'"));
    return std::string();
  };
  const std::string key = one_of({"FORMAT", "TYPE"});
  explain.options[key] = key == "format" ? one_of({"GRAPHVIZ", "JSON", "TEXT"})
                                         : one_of({"DISTRIBUTED", "IO", "LOGICAL", "VALIDATE"});
}

ast::StatementPtr Parser::ParseInsert() {
  const Location location = Take().location;
  ExpectWord("INTO");
  ast::Insert insert;
  insert.table = ParseQualifiedName();
  if (IsSymbol("(") && !IsQueryStart()) {
    insert.columns = ParseIdentifierList();
  }
  insert.query = ParseQuery();
  return MakeStatement(location, std::move(insert));
}

ast::StatementPtr Parser::ParseUnload() {
  const Location location = Take().location;
  ast::Unload unload;
  ExpectSymbol("(");
  unload.query = ParseQuery();
  ExpectSymbol(")");
  ExpectWord("TO");
  unload.location_place = Peek().location;
  unload.location = ExpectString();
  if (IsWord("WITH")) {
    unload.properties = ParseWithProperties();
  }
  return MakeStatement(location, std::move(unload));
}

ast::StatementPtr Parser::ParseCreateView() {
  const Location location = Take().location;
  ast::CreateView view;
  view.or_replace = AcceptWords({"OR", "REPLACE"});
  ExpectWord("VIEW");
  view.name = ParseQualifiedName();
  if (AcceptWord("COMMENT")) {
    view.comment = ExpectString();
  }
  if (AcceptWord("SECURITY")) {
    view.security = AcceptWord("INVOKER") ? "invoker" : "definer";
    if (view.security == "definer") {
      ExpectWord("DEFINER");
    }
  }
  ExpectWord("AS");
  const size_t begin = Peek().begin;
  view.query = ParseQuery();
  if (status_.ok()) {
    view.query_text = std::string(TextBetween(begin, tokens_[pos_ - 1].end));
  }
  return MakeStatement(location, std::move(view));
}

ast::StatementPtr Parser::ParseCreateTableAs() {
  const Location location = Take().location;
  ExpectWord("TABLE");
  ast::CreateTableAs table;
  table.if_not_exists = AcceptWords({"IF", "NOT", "EXISTS"});
  table.name = ParseQualifiedName();
  if (IsWord("WITH")) {
    table.properties = ParseWithProperties();
  }
  ExpectWord("AS");
  table.query = ParseQuery();
  if (AcceptWords({"WITH", "NO", "DATA"})) {
    table.with_no_data = true;
  } else {
    AcceptWords({"WITH", "DATA"});
  }
  return MakeStatement(location, std::move(table));
}

// WITH (name = value, ...).
ast::WithProperties Parser::ParseWithProperties() {
  ast::WithProperties properties;
  ExpectWord("WITH");
  ExpectSymbol("(");
  do {
    ast::Identifier name = ParseIdentifier();
    ExpectSymbol("=");
    properties.push_back({std::move(name), ParseExpression()});
  } while (status_.ok() && AcceptSymbol(","));
  ExpectSymbol(")");
  return properties;
}

ast::StatementPtr Parser::ParsePrepare() {
  const Location location = Take().location;
  ast::Prepare prepare;
  prepare.name = ParseIdentifier();
  ExpectWord("FROM");
  const size_t begin = Peek().begin;
  // Parsed for its errors; EXECUTE parses the text again.
  const ast::StatementPtr statement = ParseStatement();
  if (status_.ok()) {
    prepare.text = std::string(TextBetween(begin, tokens_[pos_ - 1].end));
  }
  num_parameters_ = 0;
  return MakeStatement(location, std::move(prepare));
}

ast::StatementPtr Parser::ParseExecute() {
  const Location location = Take().location;
  ast::Execute execute;
  if (IsWord("IMMEDIATE") && Peek(1).kind == TokenKind::kString) {
    Take();
    execute.immediate_location = Peek().location;
    execute.immediate_location.column += 1;
    execute.immediate = Take().text;
  } else {
    execute.name = ParseIdentifier();
  }
  if (AcceptWord("USING")) {
    do {
      execute.parameters.push_back(ParseExpression());
    } while (AcceptSymbol(","));
  }
  return MakeStatement(location, std::move(execute));
}

std::vector<std::pair<ast::Identifier, ast::ExprPtr>> Parser::ParseAssignments() {
  std::vector<std::pair<ast::Identifier, ast::ExprPtr>> assignments;
  do {
    ast::Identifier column = ParseIdentifier();
    ExpectSymbol("=");
    assignments.emplace_back(std::move(column), ParseExpression());
  } while (AcceptSymbol(","));
  return assignments;
}

ast::StatementPtr Parser::ParseModify() {
  using Kind = ast::Modify::Kind;
  const Location location = Peek().location;
  ast::Modify modify;
  if (AcceptWord("MERGE")) {
    modify.kind = Kind::kMerge;
    ExpectWord("INTO");
    modify.table = ParseQualifiedName();
    ParseMerge(modify);
  } else if (AcceptWord("UPDATE")) {
    modify.kind = Kind::kUpdate;
    modify.table = ParseQualifiedName();
    ExpectWord("SET");
    modify.assignments = ParseAssignments();
  } else if (AcceptWord("DELETE")) {
    ExpectWord("FROM");
    modify.table = ParseQualifiedName();
  } else if (AcceptWord("OPTIMIZE")) {
    modify.kind = Kind::kOptimize;
    modify.table = ParseQualifiedName();
    ExpectWords({"REWRITE", "DATA", "USING", "BIN_PACK"});
  } else {
    ExpectWord("VACUUM");
    modify.kind = Kind::kVacuum;
    modify.table = ParseQualifiedName();
  }
  if (modify.kind != Kind::kMerge && modify.kind != Kind::kVacuum && AcceptWord("WHERE")) {
    modify.condition = ParseExpression();
  }
  return MakeStatement(location, std::move(modify));
}

void Parser::ParseMerge(ast::Modify& modify) {
  if (AcceptWord("AS") || !IsWord("USING")) {
    modify.alias = ParseIdentifier();
  }
  ExpectWord("USING");
  modify.source = ParseRelation();
  ExpectWord("ON");
  modify.condition = ParseExpression();
  do {
    ast::MergeClause clause;
    ExpectWord("WHEN");
    clause.matched = !AcceptWord("NOT");
    ExpectWord("MATCHED");
    if (AcceptWord("AND")) {
      clause.condition = ParseExpression();
    }
    ExpectWord("THEN");
    if (AcceptWord("DELETE")) {
      clause.action = ast::MergeClause::Action::kDelete;
    } else if (AcceptWord("INSERT")) {
      clause.action = ast::MergeClause::Action::kInsert;
      if (IsSymbol("(")) {
        clause.insert_columns = ParseIdentifierList();
      }
      ExpectWord("VALUES");
      ExpectSymbol("(");
      clause.insert_values = ParseExpressionList();
      ExpectSymbol(")");
    } else {
      ExpectWords({"UPDATE", "SET"});
      clause.assignments = ParseAssignments();
    }
    modify.clauses.push_back(std::move(clause));
  } while (IsWord("WHEN"));
}

// WITH (lambda_name = 'name') or WITH (sagemaker_endpoint = 'name').
void Parser::ParseFunctionTarget(ast::ExternalFunction& function) {
  const std::string_view key = function.sagemaker ? "sagemaker_endpoint" : "lambda_name";
  const Location location = Peek().location;
  for (const ast::WithProperty& property : ParseWithProperties()) {
    if (!status_.ok()) {
      return;
    }
    if (!absl::EqualsIgnoreCase(property.name.text, key)) {
      return Fail(property.name.location,
                  absl::StrCat("unknown property '", property.name.text, "'. Expecting: ", key));
    }
    if (property.value->kind != ast::ExprKind::kString) {
      return Fail(property.value->location, absl::StrCat(key, " must be a string"));
    }
    function.lambda = property.value->text;
  }
  if (status_.ok() && function.lambda.empty()) {
    Fail(location, absl::StrCat(key, " is missing"));
  }
}

// USING EXTERNAL FUNCTION f(a T) RETURNS T LAMBDA 'name', ... query; and the older
// USING FUNCTION f(a T) RETURNS T TYPE LAMBDA_INVOKE WITH (lambda_name = 'name').
ast::StatementPtr Parser::ParseUsingFunctions() {
  const Location location = Peek().location;
  ast::UsingFunctions statement;
  ExpectWord("USING");
  do {
    const bool external = AcceptWord("EXTERNAL");
    ExpectWord("FUNCTION");
    ast::ExternalFunction function;
    function.name = ParseIdentifier();
    ExpectSymbol("(");
    if (!IsSymbol(")")) {
      do {
        std::string name = ParseIdentifier().text;
        function.parameters.emplace_back(std::move(name), ParseTypeText());
      } while (AcceptSymbol(","));
    }
    ExpectSymbol(")");
    ExpectWord("RETURNS");
    function.return_type = ParseTypeText();
    if (external) {
      function.sagemaker = AcceptWord("SAGEMAKER");
      if (!function.sagemaker) {
        ExpectWord("LAMBDA");
      }
      function.lambda = ExpectString();
    } else {
      ExpectWord("TYPE");
      function.sagemaker = AcceptWord("SAGEMAKER_INVOKE_ENDPOINT");
      if (!function.sagemaker) {
        ExpectWord("LAMBDA_INVOKE");
      }
      ParseFunctionTarget(function);
    }
    statement.functions.push_back(std::move(function));
  } while (AcceptSymbol(","));
  statement.query = ParseQuery();
  return MakeStatement(location, std::move(statement));
}

}  // namespace pallas::sql
