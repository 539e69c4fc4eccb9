// Hive's DDL and Athena's utility statements, over tokens of Hive's lexical mode: backquotes make
// names, single and double quotes make strings.

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "sql/parser/parser_internal.h"

namespace pallas::sql {
namespace {

bool IsStringToken(const Token& token) {
  return token.kind == TokenKind::kString || token.kind == TokenKind::kQuoted;
}

}  // namespace

ast::StatementPtr Parser::ParseDdl() {
  const Location location = Peek().location;
  ast::StatementPtr statement;
  if (IsWord("CREATE")) {
    statement =
        IsWord("DATABASE", 1) || IsWord("SCHEMA", 1) ? ParseCreateDatabase() : ParseCreateTable();
  } else if (IsWord("DROP")) {
    statement = ParseDrop();
  } else if (IsWord("ALTER")) {
    statement = ParseAlter();
  } else if (IsWord("SHOW")) {
    statement = ParseShow();
  } else if (IsWord("DESCRIBE") || IsWord("DESC")) {
    statement = ParseDescribe();
  } else {
    ExpectWords({"MSCK", "REPAIR", "TABLE"});
    statement = MakeStatement(location, ast::RepairTable{ParseDdlTableName()});
  }
  AcceptSymbol(";");
  ExpectEnd();
  return statement;
}

// One name, in lower case: a word, even a keyword, or anything in backquotes.
std::string Parser::ParseDdlName() {
  const Token& token = Peek();
  if (token.kind != TokenKind::kWord && token.kind != TokenKind::kBackquoted) {
    FailExpecting("<identifier>");
    return "";
  }
  if (token.kind == TokenKind::kWord && token.text[0] == '_') {
    Fail(token.location, absl::StrCat("the name ", token.text,
                                      " starts with an underscore: enclose it in backticks"));
    return "";
  }
  if (token.text.empty()) {
    Fail(token.location, "Zero-length delimited identifier not allowed");
    return "";
  }
  return absl::AsciiStrToLower(Take().text);
}

// A name that may also stand in double quotes, as in queries: clients send SHOW CREATE VIEW
// "a"."b".
ast::Identifier Parser::ParseDdlIdentifier() {
  const Location location = Peek().location;
  if (Peek().kind == TokenKind::kQuoted) {
    const std::string text = absl::AsciiStrToLower(Take().text);
    if (text.empty()) {
      Fail(location, "Zero-length delimited identifier not allowed");
    }
    return {text, true, location};
  }
  const bool quoted = Peek().kind == TokenKind::kBackquoted;
  return {ParseDdlName(), quoted, location};
}

// `db.table` in one pair of backquotes names both; "db.table" is one name.
ast::QualifiedName Parser::ParseDdlTableName() {
  ast::QualifiedName name;
  do {
    if (Peek().kind != TokenKind::kWord && absl::StartsWithIgnoreCase(Peek().text, "lambda:")) {
      // A catalog: names of functions have a case, and perhaps dots.
      const Token& token = Take();
      name.push_back({token.text, true, token.location});
      continue;
    }
    if (Peek().kind == TokenKind::kQuoted) {
      name.push_back(ParseDdlIdentifier());
      continue;
    }
    const Location location = Peek().location;
    const bool quoted = Peek().kind == TokenKind::kBackquoted;
    const std::string text = ParseDdlName();
    if (quoted) {
      for (const std::string_view part : absl::StrSplit(text, '.')) {
        if (part.empty()) {
          Fail(location, "Zero-length delimited identifier not allowed");
        }
        name.push_back({std::string(part), true, location});
      }
    } else {
      name.push_back({text, false, location});
    }
  } while (AcceptSymbol("."));
  return name;
}

// A type in Hive's spelling: lower case, no blanks.
std::string Parser::ParseHiveType() {
  const Depth depth(*this);
  const std::string name = ParseDdlName();
  std::string type = name;
  if (name == "array" || name == "map") {
    ExpectSymbol("<");
    absl::StrAppend(&type, "<", ParseHiveType());
    if (name == "map") {
      ExpectSymbol(",");
      absl::StrAppend(&type, ",", ParseHiveType());
    }
    ExpectSymbol(">");
    return type + ">";
  }
  if (name == "struct") {
    ExpectSymbol("<");
    type += "<";
    do {
      const Location field_location = Peek().location;
      const std::string field = ParseDdlName();
      if (field.find_first_of("<>,:()`") != std::string::npos) {
        Fail(field_location, absl::StrCat("the name of field '", field,
                                          "' has a character that types are written with"));
      }
      ExpectSymbol(":");
      absl::StrAppend(&type, type.back() == '<' ? "" : ",", field, ":", ParseHiveType());
      if (AcceptWord("COMMENT")) {
        ExpectString();
      }
    } while (AcceptSymbol(","));
    ExpectSymbol(">");
    return type + ">";
  }
  if (AcceptSymbol("(")) {
    type += "(";
    do {
      if (Peek().kind != TokenKind::kInteger) {
        FailExpecting("<integer>");
        break;
      }
      absl::StrAppend(&type, type.back() == '(' ? "" : ",", Take().text);
    } while (AcceptSymbol(","));
    ExpectSymbol(")");
    type += ")";
  }
  if (name == "double") {
    AcceptWord("PRECISION");
  }
  return type;
}

std::vector<ast::HiveColumn> Parser::ParseHiveColumns() {
  std::vector<ast::HiveColumn> columns;
  ExpectSymbol("(");
  do {
    ast::HiveColumn column;
    column.name = ParseDdlName();
    AcceptSymbol(":");
    column.type = ParseHiveType();
    if (AcceptWord("COMMENT")) {
      column.comment = IsStringToken(Peek()) ? Take().text : ExpectString();
    }
    columns.push_back(std::move(column));
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
  return columns;
}

// Columns with types, names of columns, or Iceberg's transforms: bucket(4, id), day(ts).
std::vector<ast::HiveColumn> Parser::ParsePartitionedBy() {
  std::vector<ast::HiveColumn> columns;
  ExpectSymbol("(");
  do {
    ast::HiveColumn column;
    const size_t begin = Peek().begin;
    column.name = ParseDdlName();
    if (IsSymbol("(")) {
      SkipParentheses();
      column.name = absl::AsciiStrToLower(TextBetween(begin, tokens_[pos_ - 1].end));
    } else if (!IsSymbol(",") && !IsSymbol(")")) {
      column.type = ParseHiveType();
      if (AcceptWord("COMMENT")) {
        column.comment = IsStringToken(Peek()) ? Take().text : ExpectString();
      }
    }
    columns.push_back(std::move(column));
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
  return columns;
}

// ('key' = 'value', ...)
ast::Properties Parser::ParseHiveProperties() {
  ast::Properties properties;
  ExpectSymbol("(");
  do {
    std::string key = IsStringToken(Peek()) ? Take().text : ParseDdlName();
    if (!AcceptSymbol("=")) {
      ExpectSymbol(":");
    }
    std::string value;
    if (IsStringToken(Peek())) {
      value = Take().text;
    } else {
      const size_t begin = Peek().begin;
      AcceptSymbol("-");
      if (Peek().kind == TokenKind::kEnd || Peek().kind == TokenKind::kSymbol) {
        FailExpecting("<string>");
        break;
      }
      Take();
      value = std::string(TextBetween(begin, tokens_[pos_ - 1].end));
    }
    properties.emplace_back(std::move(key), std::move(value));
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
  return properties;
}

std::string Parser::ParsePartitionValue() {
  if (IsStringToken(Peek())) {
    return Take().text;
  }
  // DATE '2020-01-01' and other typed literals: their text.
  if (Peek().kind == TokenKind::kWord && IsStringToken(Peek(1))) {
    Take();
    return Take().text;
  }
  const size_t begin = Peek().begin;
  AcceptSymbol("-");
  switch (Peek().kind) {
    case TokenKind::kInteger:
    case TokenKind::kDecimal:
    case TokenKind::kDouble:
    case TokenKind::kWord:
      Take();
      return std::string(TextBetween(begin, tokens_[pos_ - 1].end));
    default:
      FailExpecting("<string>, <number>");
      return "";
  }
}

ast::PartitionSpec Parser::ParsePartitionSpec() {
  ast::PartitionSpec spec;
  ExpectWord("PARTITION");
  ExpectSymbol("(");
  do {
    std::string key = ParseDdlName();
    if (!AcceptSymbol("=")) {
      FailExpecting("'='");
    }
    spec.values.emplace_back(std::move(key), ParsePartitionValue());
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
  return spec;
}

ast::StatementPtr Parser::ParseCreateDatabase() {
  const Location location = Take().location;
  Take();  // DATABASE, SCHEMA
  ast::CreateDatabase database;
  database.if_not_exists = AcceptWords({"IF", "NOT", "EXISTS"});
  database.name = ParseDdlIdentifier();
  while (true) {
    if (AcceptWord("COMMENT")) {
      database.comment = IsStringToken(Peek()) ? Take().text : ExpectString();
    } else if (AcceptWord("LOCATION")) {
      database.location = IsStringToken(Peek()) ? Take().text : ExpectString();
    } else if (AcceptWords({"WITH", "DBPROPERTIES"})) {
      database.properties = ParseHiveProperties();
    } else {
      return MakeStatement(location, std::move(database));
    }
  }
}

ast::StatementPtr Parser::ParseCreateTable() {
  const Location location = Take().location;
  ast::CreateTable table;
  table.external = AcceptWord("EXTERNAL");
  ExpectWord("TABLE");
  table.if_not_exists = AcceptWords({"IF", "NOT", "EXISTS"});
  table.name = ParseDdlTableName();
  if (IsWord("LIKE")) {
    Fail(Peek().location, "CREATE TABLE LIKE is not supported");
    return MakeStatement(location, std::move(table));
  }
  if (IsSymbol("(")) {
    table.columns = ParseHiveColumns();
  }
  ParseTableClauses(table);
  return MakeStatement(location, std::move(table));
}

// In any order, as Athena allows.
void Parser::ParseTableClauses(ast::CreateTable& table) {
  const auto string = [&] { return IsStringToken(Peek()) ? Take().text : ExpectString(); };
  while (true) {
    if (AcceptWord("COMMENT")) {
      table.comment = string();
    } else if (AcceptWords({"PARTITIONED", "BY"})) {
      table.partitioned_by = ParsePartitionedBy();
    } else if (AcceptWords({"CLUSTERED", "BY"})) {
      ExpectSymbol("(");
      do {
        table.bucketed_by.push_back(ParseDdlName());
      } while (AcceptSymbol(","));
      ExpectSymbol(")");
      ExpectWord("INTO");
      int buckets = 0;
      if (!absl::SimpleAtoi(Peek().text, &buckets) || buckets < 1) {
        FailExpecting("<number of buckets>");
      }
      Take();
      ExpectWord("BUCKETS");
      table.buckets = buckets;
    } else if (AcceptWords({"ROW", "FORMAT"})) {
      if (!ParseRowFormat(table)) {
        return;
      }
    } else if (AcceptWords({"WITH", "SERDEPROPERTIES"})) {
      table.serde_properties = ParseHiveProperties();
    } else if (AcceptWords({"STORED", "AS"})) {
      if (AcceptWord("INPUTFORMAT")) {
        table.input_format = string();
        ExpectWord("OUTPUTFORMAT");
        table.output_format = string();
      } else {
        table.stored_as = absl::AsciiStrToUpper(ParseDdlName());
      }
    } else if (AcceptWord("LOCATION")) {
      table.location = string();
    } else if (AcceptWord("TBLPROPERTIES")) {
      table.properties = ParseHiveProperties();
    } else {
      return;
    }
  }
}

bool Parser::ParseRowFormat(ast::CreateTable& table) {
  const auto string = [&] { return IsStringToken(Peek()) ? Take().text : ExpectString(); };
  if (AcceptWord("SERDE")) {
    table.serde = string();
    return true;
  }
  if (!AcceptWord("DELIMITED")) {
    FailExpecting("'DELIMITED', 'SERDE'");
    return false;
  }
  table.row_format_delimited = true;
  const auto add = [&](std::string_view key) {
    table.delimited.emplace_back(std::string(key), string());
  };
  while (true) {
    if (AcceptWords({"FIELDS", "TERMINATED", "BY"})) {
      add("field.delim");
    } else if (AcceptWords({"ESCAPED", "BY"})) {
      add("escape.delim");
    } else if (AcceptWords({"COLLECTION", "ITEMS", "TERMINATED", "BY"})) {
      add("colelction.delim");  // so misspelt in Hive
    } else if (AcceptWords({"MAP", "KEYS", "TERMINATED", "BY"})) {
      add("mapkey.delim");
    } else if (AcceptWords({"LINES", "TERMINATED", "BY"})) {
      add("line.delim");
    } else if (AcceptWords({"NULL", "DEFINED", "AS"})) {
      add("serialization.null.format");
    } else {
      return true;
    }
  }
}

ast::StatementPtr Parser::ParseDrop() {
  const Location location = Take().location;
  if (AcceptWord("DATABASE") || AcceptWord("SCHEMA")) {
    ast::DropDatabase database;
    database.if_exists = AcceptWords({"IF", "EXISTS"});
    database.name = ParseDdlTableName();
    database.cascade = AcceptWord("CASCADE");
    if (!database.cascade) {
      AcceptWord("RESTRICT");
    }
    return MakeStatement(location, std::move(database));
  }
  if (IsWord("TABLE") || IsWord("VIEW")) {
    ast::DropTable drop;
    drop.view = AcceptWord("VIEW");
    if (!drop.view) {
      Take();
    }
    drop.if_exists = AcceptWords({"IF", "EXISTS"});
    drop.name = ParseDdlTableName();
    if (!drop.view) {
      AcceptWord("PURGE");
    }
    return MakeStatement(location, std::move(drop));
  }
  FailExpecting("'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'");
  return MakeStatement(location, ast::DropTable{});
}

bool Parser::ParseAlterPartitions(ast::AlterTable& alter) {
  using Action = ast::AlterTable::Action;
  if (AcceptWord("ADD")) {
    alter.action = Action::kAddPartitions;
    alter.if_exists = AcceptWords({"IF", "NOT", "EXISTS"});
    do {
      ast::PartitionSpec spec = ParsePartitionSpec();
      if (AcceptWord("LOCATION")) {
        spec.location = IsStringToken(Peek()) ? Take().text : ExpectString();
      }
      alter.partitions.push_back(std::move(spec));
    } while (IsWord("PARTITION"));
    return true;
  }
  if (AcceptWord("DROP")) {
    alter.action = Action::kDropPartitions;
    alter.if_exists = AcceptWords({"IF", "EXISTS"});
    do {
      alter.partitions.push_back(ParsePartitionSpec());
    } while (AcceptSymbol(","));
    AcceptWord("PURGE");
    return true;
  }
  return false;
}

ast::StatementPtr Parser::ParseAlter() {
  using Action = ast::AlterTable::Action;
  const Location location = Take().location;
  if (AcceptWord("DATABASE") || AcceptWord("SCHEMA")) {
    ast::AlterDatabase database;
    database.name = ParseDdlIdentifier();
    ExpectWords({"SET", "DBPROPERTIES"});
    database.properties = ParseHiveProperties();
    return MakeStatement(location, std::move(database));
  }
  ExpectWord("TABLE");
  ast::AlterTable alter;
  alter.name = ParseDdlTableName();
  const bool partition_follows =
      IsWord("PARTITION", 1) || (IsWord("IF", 1) && !IsWord("COLUMN", 1));
  if ((IsWord("ADD") || IsWord("DROP")) && partition_follows) {
    ParseAlterPartitions(alter);
  } else if (IsWord("PARTITION")) {
    alter.partitions.push_back(ParsePartitionSpec());
    if (AcceptWords({"RENAME", "TO"})) {
      alter.action = Action::kRenamePartition;
      alter.partitions.push_back(ParsePartitionSpec());
    } else {
      ExpectWords({"SET", "LOCATION"});
      alter.action = Action::kSetLocation;
      alter.location = IsStringToken(Peek()) ? Take().text : ExpectString();
    }
  } else if (AcceptWords({"ADD", "COLUMNS"}) || AcceptWords({"REPLACE", "COLUMNS"})) {
    alter.action = tokens_[pos_ - 2].upper == "ADD" ? Action::kAddColumns : Action::kReplaceColumns;
    alter.columns = ParseHiveColumns();
  } else if (AcceptWords({"SET", "LOCATION"})) {
    alter.action = Action::kSetLocation;
    alter.location = IsStringToken(Peek()) ? Take().text : ExpectString();
  } else if (AcceptWords({"SET", "TBLPROPERTIES"})) {
    alter.action = Action::kSetProperties;
    alter.properties = ParseHiveProperties();
  } else if (AcceptWords({"UNSET", "TBLPROPERTIES"})) {
    alter.action = Action::kUnsetProperties;
    alter.if_exists = AcceptWords({"IF", "EXISTS"});
    ExpectSymbol("(");
    do {
      alter.names.push_back(IsStringToken(Peek()) ? Take().text : ExpectString());
    } while (AcceptSymbol(","));
    ExpectSymbol(")");
  } else if (AcceptWord("DROP")) {
    AcceptWord("COLUMN");
    alter.action = Action::kDropColumn;
    alter.names.push_back(ParseDdlName());
  } else if (AcceptWord("CHANGE")) {
    AcceptWord("COLUMN");
    alter.action = Action::kChangeColumn;
    alter.names.push_back(ParseDdlName());
    ast::HiveColumn column;
    column.name = ParseDdlName();
    column.type = ParseHiveType();
    if (AcceptWord("COMMENT")) {
      column.comment = IsStringToken(Peek()) ? Take().text : ExpectString();
    }
    alter.columns.push_back(std::move(column));
    // A second name: FIRST, or AFTER a column.
    if (AcceptWord("FIRST")) {
      alter.names.emplace_back();
    } else if (AcceptWord("AFTER")) {
      alter.names.push_back(ParseDdlName());
    }
  } else if (AcceptWords({"RENAME", "TO"})) {
    alter.action = Action::kRename;
    alter.new_name = ParseDdlTableName();
  } else {
    FailExpecting("'ADD', 'CHANGE', 'DROP', 'PARTITION', 'RENAME', 'REPLACE', 'SET', 'UNSET'");
  }
  return MakeStatement(location, std::move(alter));
}

ast::StatementPtr Parser::ParseShow() {
  using What = ast::Show::What;
  const Location location = Take().location;
  ast::Show show;
  const auto accept_in = [&] { return AcceptWord("IN") || AcceptWord("FROM"); };
  const auto accept_pattern = [&] {
    const bool like = AcceptWord("LIKE");
    if (like || IsStringToken(Peek())) {
      show.pattern = IsStringToken(Peek()) ? Take().text : ExpectString();
    }
    if (like && AcceptWord("ESCAPE")) {
      show.escape = IsStringToken(Peek()) ? Take().text : ExpectString();
    }
  };
  if (AcceptWord("DATABASES") || AcceptWord("SCHEMAS")) {
    show.what = What::kDatabases;
    if (accept_in()) {
      show.name = ParseDdlTableName();  // a catalog
    }
    accept_pattern();
  } else if (AcceptWord("TABLES") || AcceptWord("VIEWS")) {
    show.what = tokens_[pos_ - 1].upper == "TABLES" ? What::kTables : What::kViews;
    if (accept_in()) {
      show.name = ParseDdlTableName();
    }
    accept_pattern();
  } else if (AcceptWord("COLUMNS")) {
    show.what = What::kColumns;
    if (!accept_in()) {
      FailExpecting("'FROM', 'IN'");
    }
    show.name = ParseDdlTableName();
    if (accept_in()) {
      show.name.insert(show.name.begin(), ParseDdlIdentifier());
    }
  } else if (AcceptWord("PARTITIONS")) {
    show.what = What::kPartitions;
    show.name = ParseDdlTableName();
  } else if (AcceptWord("TBLPROPERTIES")) {
    show.what = What::kTableProperties;
    show.name = ParseDdlTableName();
    if (AcceptSymbol("(")) {
      show.property = IsStringToken(Peek()) ? Take().text : ExpectString();
      ExpectSymbol(")");
    }
  } else if (AcceptWords({"CREATE", "TABLE"}) || AcceptWords({"CREATE", "VIEW"})) {
    show.what = tokens_[pos_ - 1].upper == "TABLE" ? What::kCreateTable : What::kCreateView;
    show.name = ParseDdlTableName();
  } else if (AcceptWord("FUNCTIONS")) {
    show.what = What::kFunctions;
    accept_pattern();
  } else if (AcceptWord("CATALOGS")) {
    show.what = What::kCatalogs;
    accept_pattern();
  } else {
    FailExpecting(
        "'CATALOGS', 'COLUMNS', 'CREATE', 'DATABASES', 'FUNCTIONS', 'PARTITIONS', 'SCHEMAS', "
        "'TABLES', 'TBLPROPERTIES', 'VIEWS'");
  }
  return MakeStatement(location, std::move(show));
}

ast::StatementPtr Parser::ParseDescribe() {
  const Location location = Take().location;
  ast::Show show;
  show.what = ast::Show::What::kDescribe;
  const auto is_name = [this](size_t ahead) {
    const TokenKind kind = Peek(ahead).kind;
    return kind == TokenKind::kWord || kind == TokenKind::kBackquoted || kind == TokenKind::kQuoted;
  };
  // DESCRIBE INPUT p, but DESCRIBE input.
  if ((IsWord("INPUT") || IsWord("OUTPUT")) && is_name(1)) {
    show.what = Take().upper == "INPUT" ? ast::Show::What::kDescribeInput
                                        : ast::Show::What::kDescribeOutput;
    // As PREPARE has it: the case stays.
    const Token& name = Take();
    show.name.push_back({name.text, name.kind != TokenKind::kWord, name.location});
    return MakeStatement(location, std::move(show));
  }
  if ((IsWord("DATABASE") || IsWord("SCHEMA")) && is_name(1)) {
    Fail(Peek().location, absl::StrCat("DESCRIBE ", Peek().upper, " is not supported"));
    return MakeStatement(location, std::move(show));
  }
  show.extended = is_name(1) && AcceptWord("EXTENDED");
  show.formatted = is_name(1) && !show.extended && AcceptWord("FORMATTED");
  show.name = ParseDdlTableName();
  if (IsWord("PARTITION")) {
    show.partition = ParsePartitionSpec();
  }
  if (is_name(0)) {
    show.column.push_back(ParseDdlIdentifier().text);
    while (AcceptSymbol(".")) {
      show.column.push_back(Peek().kind == TokenKind::kString ? absl::AsciiStrToLower(Take().text)
                                                              : ParseDdlIdentifier().text);
    }
  }
  return MakeStatement(location, std::move(show));
}

}  // namespace pallas::sql
