#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

#include "sql/formatter/formatter_internal.h"
#include "sql/parser/lexer.h"
#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

// A partition transform of Iceberg, as written: bucket(4, id).
bool IsTransform(const std::string& text) {
  const absl::StatusOr<std::vector<Token>> tokens = Tokenize(text, LexMode::kHive);
  if (!tokens.ok() || tokens->size() < 4 || (*tokens)[0].kind != TokenKind::kWord ||
      (*tokens)[0].text[0] == '_' || tokens->back().begin != text.size()) {
    return false;
  }
  int depth = 0;
  for (size_t i = 1; i + 1 < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    if (token.kind == TokenKind::kSymbol) {
      depth += token.text == "(" ? 1 : token.text == ")" ? -1 : 0;
    }
    const bool is_last = i + 2 == tokens->size();
    if (depth < 0 || (depth == 0) != is_last) {
      return false;
    }
  }
  return tokens->front().begin == 0 && (*tokens)[tokens->size() - 2].end == text.size();
}

// Whether the name can stand as a word.
bool IsPlainHiveName(std::string_view name) {
  const auto is_letter = [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_' ||
           c == '@' || c == '$';
  });
}

std::string QuotedHiveName(std::string_view name) {
  return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`");
}

// Backquotes would make two names of one with a dot.
std::string HiveNamePart(const ast::Identifier& part) {
  if (part.text.find('.') != std::string::npos) {
    return absl::StrCat("\"", absl::StrReplaceAll(part.text, {{"\\", "\\\\"}, {"\"", "\\\""}}),
                        "\"");
  }
  return part.quoted || !IsPlainHiveName(part.text) ? QuotedHiveName(part.text) : part.text;
}

// A type in Hive's spelling, with quotes around the field names that need them.
std::string HiveType(std::string_view type) {
  std::string text;
  size_t begin = 0;
  for (size_t i = 0; i <= type.size(); ++i) {
    if (i < type.size() && std::string_view("<>,:()").find(type[i]) == std::string_view::npos) {
      continue;
    }
    const std::string_view part = type.substr(begin, i - begin);
    const bool is_number = std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isdigit(static_cast<unsigned char>(c));
    });
    text.append(is_number || IsPlainHiveName(part) ? std::string(part) : QuotedHiveName(part));
    if (i < type.size()) {
      text.push_back(type[i]);
    }
    begin = i + 1;
  }
  return text;
}

std::string_view DelimiterClause(std::string_view key) {
  if (key == "field.delim") {
    return "FIELDS TERMINATED BY";
  }
  if (key == "escape.delim") {
    return "ESCAPED BY";
  }
  if (key == "colelction.delim") {
    return "COLLECTION ITEMS TERMINATED BY";
  }
  if (key == "mapkey.delim") {
    return "MAP KEYS TERMINATED BY";
  }
  return key == "line.delim" ? "LINES TERMINATED BY" : "NULL DEFINED AS";
}

std::string_view ShowWhat(ast::Show::What what) {
  using What = ast::Show::What;
  switch (what) {
    case What::kDatabases:
      return "DATABASES";
    case What::kTables:
      return "TABLES";
    case What::kViews:
      return "VIEWS";
    case What::kColumns:
      return "COLUMNS";
    case What::kPartitions:
      return "PARTITIONS";
    case What::kTableProperties:
      return "TBLPROPERTIES";
    case What::kCreateTable:
      return "CREATE TABLE";
    case What::kCreateView:
      return "CREATE VIEW";
    case What::kFunctions:
      return "FUNCTIONS";
    case What::kCatalogs:
      return "CATALOGS";
    default:
      return "";
  }
}

}  // namespace

void Formatter::HiveString(std::string_view text) {
  Write("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

void Formatter::HiveName(std::string_view name) { Write(QuotedHiveName(name)); }

void Formatter::HiveNames(const ast::QualifiedName& name) {
  const char* separator = "";
  for (const ast::Identifier& part : name) {
    Write(separator, HiveNamePart(part));
    separator = ".";
  }
}

void Formatter::HiveProperties(const ast::Properties& properties) {
  Write("(");
  List(properties, [this](const auto& property) {
    HiveString(property.first);
    Write(" = ");
    HiveString(property.second);
  });
  Write(")");
}

void Formatter::HiveColumns(const std::vector<ast::HiveColumn>& columns) {
  Write("(");
  List(columns, [this](const ast::HiveColumn& column) {
    if (column.type.empty() && IsTransform(column.name)) {
      return Write(column.name);
    }
    HiveName(column.name);
    Write(column.type.empty() ? "" : " ", HiveType(column.type));
    if (!column.comment.empty()) {
      Write(" COMMENT ");
      HiveString(column.comment);
    }
  });
  Write(")");
}

void Formatter::Partition(const ast::PartitionSpec& partition) {
  Write("PARTITION (");
  List(partition.values, [this](const auto& value) {
    HiveName(value.first);
    Write(" = ");
    HiveString(value.second);
  });
  Write(")");
  if (!partition.location.empty()) {
    Write(" LOCATION ");
    HiveString(partition.location);
  }
}

void Formatter::TableClauses(const ast::CreateTable& table) {
  const auto text = [this](std::string_view clause, const std::string& value) {
    if (!value.empty()) {
      Write(clause);
      HiveString(value);
    }
  };
  text(" COMMENT ", table.comment);
  if (!table.partitioned_by.empty()) {
    Write(" PARTITIONED BY ");
    HiveColumns(table.partitioned_by);
  }
  if (table.buckets) {
    Write(" CLUSTERED BY (");
    List(table.bucketed_by, [this](const std::string& name) { HiveName(name); });
    Write(") INTO ", *table.buckets, " BUCKETS");
  }
  if (table.row_format_delimited) {
    Write(" ROW FORMAT DELIMITED");
    for (const auto& [key, value] : table.delimited) {
      Write(" ", DelimiterClause(key), " ");
      HiveString(value);
    }
  }
  text(" ROW FORMAT SERDE ", table.serde);
  if (!table.serde_properties.empty()) {
    Write(" WITH SERDEPROPERTIES ");
    HiveProperties(table.serde_properties);
  }
  if (!table.stored_as.empty()) {
    Write(" STORED AS ");
    HiveNames({{table.stored_as, false, {}}});
  }
  if (!table.input_format.empty() || !table.output_format.empty()) {
    Write(" STORED AS INPUTFORMAT ");
    HiveString(table.input_format);
    Write(" OUTPUTFORMAT ");
    HiveString(table.output_format);
  }
  text(" LOCATION ", table.location);
  if (!table.properties.empty()) {
    Write(" TBLPROPERTIES ");
    HiveProperties(table.properties);
  }
}

void Formatter::AlterAction(const ast::AlterTable& alter) {
  using Action = ast::AlterTable::Action;
  switch (alter.action) {
    case Action::kAddPartitions:
      Write("ADD", alter.if_exists ? " IF NOT EXISTS" : "");
      for (const ast::PartitionSpec& partition : alter.partitions) {
        Write(" ");
        Partition(partition);
      }
      return;
    case Action::kDropPartitions:
      Write("DROP ", alter.if_exists ? "IF EXISTS " : "");
      return List(alter.partitions, [this](const auto& partition) { Partition(partition); });
    case Action::kRenamePartition:
      Partition(alter.partitions[0]);
      Write(" RENAME TO ");
      return Partition(alter.partitions[1]);
    case Action::kAddColumns:
    case Action::kReplaceColumns:
      Write(alter.action == Action::kAddColumns ? "ADD COLUMNS " : "REPLACE COLUMNS ");
      return HiveColumns(alter.columns);
    case Action::kSetLocation:
      if (!alter.partitions.empty()) {
        Partition(alter.partitions[0]);
        Write(" ");
      }
      Write("SET LOCATION ");
      return HiveString(alter.location);
    case Action::kSetProperties:
      Write("SET TBLPROPERTIES ");
      return HiveProperties(alter.properties);
    case Action::kUnsetProperties:
      Write("UNSET TBLPROPERTIES ", alter.if_exists ? "IF EXISTS (" : "(");
      List(alter.names, [this](const std::string& name) { HiveString(name); });
      return Write(")");
    case Action::kDropColumn:
      Write("DROP COLUMN ");
      return HiveName(alter.names[0]);
    case Action::kChangeColumn:
      Write("CHANGE COLUMN ");
      HiveName(alter.names[0]);
      Write(" ");
      HiveName(alter.columns[0].name);
      Write(" ", HiveType(alter.columns[0].type));
      if (!alter.columns[0].comment.empty()) {
        Write(" COMMENT ");
        HiveString(alter.columns[0].comment);
      }
      if (alter.names.size() > 1) {
        Write(alter.names[1].empty() ? " FIRST" : " AFTER ");
        if (!alter.names[1].empty()) {
          HiveName(alter.names[1]);
        }
      }
      return;
    case Action::kRename:
      Write("RENAME TO ");
      return HiveNames(alter.new_name);
  }
}

void Formatter::Assignments(
    const std::vector<std::pair<ast::Identifier, ast::ExprPtr>>& assignments) {
  List(assignments, [this](const auto& assignment) {
    Name(assignment.first);
    Write(" = ");
    Expression(*assignment.second);
  });
}

void Formatter::WithProperties(const ast::WithProperties& properties) {
  if (properties.empty()) {
    return;
  }
  Write(" WITH (");
  List(properties, [this](const auto& property) {
    Name(property.name);
    Write(" = ");
    Expression(*property.value);
  });
  Write(")");
}

void Formatter::Merge(const ast::Modify& modify) {
  Write("MERGE INTO ");
  Names(modify.table);
  if (modify.alias) {
    Write(" AS ");
    Name(*modify.alias);
  }
  Write(" USING ");
  Relation(*modify.source);
  Write(" ON ");
  Expression(*modify.condition);
  for (const ast::MergeClause& clause : modify.clauses) {
    Write(clause.matched ? " WHEN MATCHED" : " WHEN NOT MATCHED");
    if (clause.condition != nullptr) {
      Write(" AND ");
      Expression(*clause.condition);
    }
    switch (clause.action) {
      case ast::MergeClause::Action::kUpdate:
        Write(" THEN UPDATE SET ");
        Assignments(clause.assignments);
        break;
      case ast::MergeClause::Action::kDelete:
        Write(" THEN DELETE");
        break;
      case ast::MergeClause::Action::kInsert:
        Write(" THEN INSERT ");
        if (!clause.insert_columns.empty()) {
          NameList(clause.insert_columns);
          Write(" ");
        }
        Write("VALUES (");
        Expressions(clause.insert_values);
        Write(")");
        break;
    }
  }
}

// One function for each kind of statement.
struct Formatter::StatementWriter {
  Formatter& out;

  void operator()(const ast::QueryStatement& n) const { out.Query(*n.query); }

  void operator()(const ast::Explain& n) const {
    out.Write("EXPLAIN ", n.analyze ? "ANALYZE " : "", n.verbose ? "VERBOSE " : "");
    if (!n.options.empty()) {
      out.Write("(");
      out.List(n.options, [this](const auto& option) {
        out.Write(absl::AsciiStrToUpper(option.first), " ", absl::AsciiStrToUpper(option.second));
      });
      out.Write(") ");
    }
    out.Statement(*n.statement);
  }

  void operator()(const ast::Verify& n) const {
    out.Write("VERIFY ");
    out.Query(*n.query);
  }

  void operator()(const ast::Use& n) const {
    out.Write("USE ");
    if (n.catalog) {
      out.Name(*n.catalog);
      out.Write(".");
    }
    out.Name(n.database);
  }

  void operator()(const ast::CreateDatabase& n) const {
    out.Write("CREATE DATABASE ", n.if_not_exists ? "IF NOT EXISTS " : "");
    out.HiveNames({n.name});
    if (!n.comment.empty()) {
      out.Write(" COMMENT ");
      out.HiveString(n.comment);
    }
    if (!n.location.empty()) {
      out.Write(" LOCATION ");
      out.HiveString(n.location);
    }
    if (!n.properties.empty()) {
      out.Write(" WITH DBPROPERTIES ");
      out.HiveProperties(n.properties);
    }
  }

  void operator()(const ast::DropDatabase& n) const {
    out.Write("DROP DATABASE ", n.if_exists ? "IF EXISTS " : "");
    out.HiveNames(n.name);
    out.Write(n.cascade ? " CASCADE" : "");
  }

  void operator()(const ast::AlterDatabase& n) const {
    out.Write("ALTER DATABASE ");
    out.HiveNames({n.name});
    out.Write(" SET DBPROPERTIES ");
    out.HiveProperties(n.properties);
  }

  void operator()(const ast::CreateTable& n) const {
    out.Write("CREATE ", n.external ? "EXTERNAL " : "", "TABLE ",
              n.if_not_exists ? "IF NOT EXISTS " : "");
    out.HiveNames(n.name);
    if (!n.columns.empty()) {
      out.Write(" ");
      out.HiveColumns(n.columns);
    }
    out.TableClauses(n);
  }

  void operator()(const ast::CreateTableAs& n) const {
    out.Write("CREATE TABLE ", n.if_not_exists ? "IF NOT EXISTS " : "");
    out.Names(n.name);
    out.WithProperties(n.properties);
    out.Write(" AS ");
    out.Query(*n.query);
    out.Write(n.with_no_data ? " WITH NO DATA" : "");
  }

  void operator()(const ast::Insert& n) const {
    out.Write("INSERT INTO ");
    out.Names(n.table);
    out.Write(" ");
    if (!n.columns.empty()) {
      out.NameList(n.columns);
      out.Write(" ");
    }
    out.Query(*n.query);
  }

  void operator()(const ast::Unload& n) const {
    out.Write("UNLOAD ");
    out.Subquery(*n.query);
    out.Write(" TO ");
    out.String(n.location);
    out.WithProperties(n.properties);
  }

  void operator()(const ast::CreateView& n) const {
    out.Write("CREATE ", n.or_replace ? "OR REPLACE " : "", "VIEW ");
    out.Names(n.name);
    if (!n.comment.empty()) {
      out.Write(" COMMENT ");
      out.String(n.comment);
    }
    if (!n.security.empty()) {
      out.Write(" SECURITY ", absl::AsciiStrToUpper(n.security));
    }
    out.Write(" AS ");
    out.Query(*n.query);
  }

  void operator()(const ast::DropTable& n) const {
    out.Write(n.view ? "DROP VIEW " : "DROP TABLE ", n.if_exists ? "IF EXISTS " : "");
    out.HiveNames(n.name);
  }

  void operator()(const ast::AlterTable& n) const {
    out.Write("ALTER TABLE ");
    out.HiveNames(n.name);
    out.Write(" ");
    out.AlterAction(n);
  }

  void operator()(const ast::RepairTable& n) const {
    out.Write("MSCK REPAIR TABLE ");
    out.HiveNames(n.name);
  }

  void operator()(const ast::Show& n) const {
    if (ShowWhat(n.what).empty()) {
      return Describe(n);
    }
    out.Write("SHOW ", ShowWhat(n.what));
    if (!n.name.empty()) {
      const bool is_within =
          n.what == ast::Show::What::kDatabases || n.what == ast::Show::What::kTables ||
          n.what == ast::Show::What::kViews || n.what == ast::Show::What::kColumns;
      out.Write(is_within ? " IN " : " ");
      out.HiveNames(n.name);
    }
    if (!n.property.empty()) {
      out.Write("(");
      out.HiveString(n.property);
      out.Write(")");
    }
    if (!n.pattern.empty()) {
      out.Write(" LIKE ");
      out.HiveString(n.pattern);
    }
    if (n.escape) {
      out.Write(" ESCAPE ");
      out.HiveString(*n.escape);
    }
  }

  void Describe(const ast::Show& n) const {
    if (n.what != ast::Show::What::kDescribe) {
      out.Write("DESCRIBE ", n.what == ast::Show::What::kDescribeInput ? "INPUT " : "OUTPUT ");
      return out.HiveNames(n.name);
    }
    out.Write("DESCRIBE ", n.extended ? "EXTENDED " : "", n.formatted ? "FORMATTED " : "");
    out.HiveNames(n.name);
    if (!n.partition.values.empty()) {
      out.Write(" ");
      out.Partition(n.partition);
    }
    for (size_t i = 0; i < n.column.size(); ++i) {
      out.Write(i == 0 ? " " : ".");
      out.HiveName(n.column[i]);
    }
  }

  void operator()(const ast::Prepare& n) const {
    out.Write("PREPARE ");
    out.Name(n.name);
    out.Write(" FROM ", n.text);
  }

  void operator()(const ast::Execute& n) const {
    out.Write("EXECUTE ");
    if (n.immediate) {
      out.Write("IMMEDIATE ");
      out.String(*n.immediate);
    } else {
      out.Name(n.name);
    }
    if (!n.parameters.empty()) {
      out.Write(" USING ");
      out.Expressions(n.parameters);
    }
  }

  void operator()(const ast::Deallocate& n) const {
    out.Write("DEALLOCATE PREPARE ");
    out.Name(n.name);
  }

  void operator()(const ast::Modify& n) const {
    using Kind = ast::Modify::Kind;
    if (n.kind == Kind::kMerge) {
      return out.Merge(n);
    }
    out.Write(n.kind == Kind::kUpdate     ? "UPDATE "
              : n.kind == Kind::kDelete   ? "DELETE FROM "
              : n.kind == Kind::kOptimize ? "OPTIMIZE "
                                          : "VACUUM ");
    out.Names(n.table);
    out.Write(n.kind == Kind::kOptimize ? " REWRITE DATA USING BIN_PACK" : "");
    if (n.kind == Kind::kUpdate) {
      out.Write(" SET ");
      out.Assignments(n.assignments);
    }
    if (n.condition != nullptr) {
      out.Write(" WHERE ");
      out.Expression(*n.condition);
    }
  }

  void operator()(const ast::UsingFunctions& n) const {
    out.Write("USING ");
    out.List(n.functions, [this](const ast::ExternalFunction& function) {
      out.Write("EXTERNAL FUNCTION ");
      out.Name(function.name);
      out.Write("(");
      out.List(function.parameters, [this](const auto& parameter) {
        out.Name({parameter.first, false, {}});
        out.Write(" ", parameter.second);
      });
      out.Write(") RETURNS ", function.return_type,
                function.sagemaker ? " SAGEMAKER " : " LAMBDA ");
      out.String(function.lambda);
    });
    out.Write(" ");
    out.Query(*n.query);
  }

  void operator()(const ast::Refused& n) const { out.Write(n.construct); }
};

void Formatter::Statement(const ast::Statement& statement) {
  std::visit(StatementWriter{*this}, statement.node);
}

}  // namespace pallas::sql
