#include "cli/shell/completer.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/shell/dot_command.h"
#include "cli/shell/typed_statement.h"

#include "sql/functions/registry.h"
#include "sql/parser/lexer.h"

namespace pallas::cli {
namespace {

using Place = TypedStatement::Place;
using Words = std::span<const std::string_view>;

constexpr std::array kStatementWords = std::to_array<std::string_view>(
    {"ALTER", "CREATE", "DELETE", "DESCRIBE", "DROP", "EXPLAIN", "INSERT", "MSCK", "SELECT", "SHOW",
     "TABLE", "UNLOAD", "USE", "VALUES", "WITH"});

constexpr std::array kQueryWords =
    std::to_array<std::string_view>({"ALL",          "AND",
                                     "ANY",          "ARRAY",
                                     "AS",           "ASC",
                                     "BETWEEN",      "BY",
                                     "CASE",         "CAST",
                                     "CROSS",        "CUBE",
                                     "CURRENT_DATE", "CURRENT_TIMESTAMP",
                                     "DATE",         "DESC",
                                     "DISTINCT",     "ELSE",
                                     "END",          "ESCAPE",
                                     "EXCEPT",       "EXISTS",
                                     "EXTRACT",      "FALSE",
                                     "FETCH",        "FILTER",
                                     "FIRST",        "FOLLOWING",
                                     "FROM",         "FULL",
                                     "GROUP",        "GROUPING SETS",
                                     "HAVING",       "IN",
                                     "INNER",        "INTERSECT",
                                     "INTERVAL",     "INTO",
                                     "IS",           "JOIN",
                                     "LAST",         "LEFT",
                                     "LIKE",         "LIMIT",
                                     "NATURAL",      "NOT",
                                     "NULL",         "NULLS",
                                     "OFFSET",       "ON",
                                     "OR",           "ORDER",
                                     "OUTER",        "OVER",
                                     "PARTITION",    "PRECEDING",
                                     "RANGE",        "RIGHT",
                                     "ROLLUP",       "ROW",
                                     "ROWS",         "SELECT",
                                     "SOME",         "TABLESAMPLE",
                                     "THEN",         "TIMESTAMP",
                                     "TO",           "TRUE",
                                     "TRY_CAST",     "UNBOUNDED",
                                     "UNION",        "UNNEST",
                                     "USING",        "VALUES",
                                     "WHEN",         "WHERE",
                                     "WITH",         "WITHIN GROUP"});

// Words that begin a relation which is no table's name.
constexpr std::array kRelationWords =
    std::to_array<std::string_view>({"LATERAL", "SELECT", "TABLE", "UNNEST", "VALUES", "WITH"});

// Words after which nothing else can stand than these.
struct Following {
  std::string_view words;  // one or two, with a blank between them
  std::initializer_list<std::string_view> next;
};

const std::array<Following, 19>& Followings() {
  static const std::array<Following, 19> followings = {{
      {"SHOW",
       {"CATALOGS", "COLUMNS", "CREATE", "DATABASES", "FUNCTIONS", "PARTITIONS", "SCHEMAS",
        "TABLES", "TBLPROPERTIES", "VIEWS"}},
      {"SHOW CREATE", {"TABLE", "VIEW"}},
      {"SHOW COLUMNS", {"FROM", "IN"}},
      {"SHOW TABLES", {"FROM", "IN"}},
      {"SHOW VIEWS", {"FROM", "IN"}},
      {"CREATE", {"DATABASE", "EXTERNAL", "OR", "SCHEMA", "TABLE", "VIEW"}},
      {"CREATE EXTERNAL", {"TABLE"}},
      {"CREATE OR", {"REPLACE"}},
      {"OR REPLACE", {"VIEW"}},
      {"DROP", {"DATABASE", "SCHEMA", "TABLE", "VIEW"}},
      {"ALTER", {"DATABASE", "SCHEMA", "TABLE"}},
      {"MSCK", {"REPAIR"}},
      {"MSCK REPAIR", {"TABLE"}},
      {"INSERT", {"INTO"}},
      {"GROUP", {"BY"}},
      {"ORDER", {"BY"}},
      {"CROSS", {"JOIN"}},
      {"INNER", {"JOIN"}},
      {"IS", {"DISTINCT", "NOT", "NULL"}},
  }};
  return followings;
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return absl::StartsWithIgnoreCase(text, prefix);
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& known) { return absl::EqualsIgnoreCase(known, name); });
}

bool HasLower(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_islower(c); });
}

class Completer {
 public:
  Completer(const TypedStatement& statement, const std::string& catalog,
            const std::string& database, CompletionSource& source)
      : statement_(statement), catalog_(catalog), database_(database), source_(source) {}

  std::vector<Candidate> Run() {
    if (statement_.quote == '\0' && statement_.qualifier.empty() && AddFollowing()) {
      return Sorted();
    }
    switch (statement_.place) {
      case Place::kStart:
        AddKeywords(kStatementWords);
        break;
      case Place::kExpression:
        AddExpressions();
        break;
      case Place::kTable:
        AddTables();
        break;
      case Place::kTableEnd:
        AddTypedKeywords(kQueryWords);
        break;
      case Place::kDatabase:
        AddDatabases(" ");
        break;
      case Place::kUse:
        AddDatabases("");
        break;
      case Place::kNewName:
        AddTypedKeywords(kQueryWords);
        break;
    }
    return Sorted();
  }

 private:
  const std::string& prefix() const { return statement_.prefix; }

  std::vector<Candidate> Sorted() {
    std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
      return std::make_pair(absl::AsciiStrToLower(a.text), a.text) <
             std::make_pair(absl::AsciiStrToLower(b.text), b.text);
    });
    candidates_.erase(
        std::unique(candidates_.begin(), candidates_.end(),
                    [](const Candidate& a, const Candidate& b) { return a.text == b.text; }),
        candidates_.end());
    return std::move(candidates_);
  }

  void AddName(const std::string& name, std::string_view after) {
    if (!StartsWith(name, prefix())) {
      return;
    }
    const char quote = statement_.quote != '\0'       ? statement_.quote
                       : sql::IsPlainIdentifier(name) ? '\0'
                       : statement_.hive_mode         ? '`'
                                                      : '"';
    if (quote == '\0') {
      candidates_.push_back({name, std::string(after)});
    } else if (quote == '"') {
      candidates_.push_back({sql::QuoteIdentifier(name), std::string(after)});
    } else {
      candidates_.push_back(
          {absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`"), std::string(after)});
    }
  }

  void AddNames(const std::vector<std::string>& names, std::string_view after) {
    for (const std::string& name : names) {
      AddName(name, after);
    }
  }

  // Keywords are for words without quotes that do not belong to a name.
  void AddKeywords(Words words) {
    if (statement_.quote != '\0' || !statement_.qualifier.empty()) {
      return;
    }
    for (const std::string_view word : words) {
      if (StartsWith(word, prefix())) {
        candidates_.push_back(
            {HasLower(prefix()) ? absl::AsciiStrToLower(word) : std::string(word), " "});
      }
    }
  }

  // Only if a letter says that a keyword is wanted: else there would be too many.
  void AddTypedKeywords(Words words) {
    if (!prefix().empty()) {
      AddKeywords(words);
    }
  }

  // Returns whether the words before leave no other choice.
  bool AddFollowing() {
    const std::vector<std::string>& previous = statement_.previous;
    if (previous.empty()) {
      return false;
    }
    const std::string one = previous.back();
    const std::string two =
        previous.size() > 1 ? absl::StrCat(previous[previous.size() - 2], " ", one) : "";
    const Following* found = nullptr;
    for (const Following& following : Followings()) {
      if (following.words == two || (following.words == one && found == nullptr)) {
        found = &following;
      }
    }
    if (found == nullptr) {
      return false;
    }
    AddKeywords(std::vector<std::string_view>(found->next));
    return true;
  }

  void AddDatabases(std::string_view after) {
    if (statement_.qualifier.size() > 1) {
      return;
    }
    if (statement_.qualifier.size() == 1) {
      AddNames(source_.Databases(statement_.qualifier[0]), after);
      return;
    }
    AddNames(source_.Databases(catalog_), after);
    AddNames(source_.Catalogs(), ".");
  }

  void AddTables() {
    const std::vector<std::string>& qualifier = statement_.qualifier;
    if (qualifier.empty()) {
      AddNames(statement_.with_names, " ");
      AddNames(source_.Tables(catalog_, database_), " ");
      AddNames(source_.Databases(catalog_), ".");
      AddNames(source_.Catalogs(), ".");
      AddTypedKeywords(kRelationWords);
    } else if (qualifier.size() == 1) {
      if (Contains(source_.Catalogs(), qualifier[0])) {
        AddNames(source_.Databases(qualifier[0]), ".");
      }
      if (Contains(source_.Databases(catalog_), qualifier[0])) {
        AddNames(source_.Tables(catalog_, qualifier[0]), " ");
      }
    } else if (qualifier.size() == 2) {
      AddNames(source_.Tables(qualifier[0], qualifier[1]), " ");
    }
  }

  // The full name of a table of the statement; nullopt: it names a WITH query.
  std::optional<catalog::QualifiedName> FullName(const TypedStatement::Table& table) const {
    const std::vector<std::string>& name = table.name;
    switch (name.size()) {
      case 1:
        return Contains(statement_.with_names, name[0])
                   ? std::nullopt
                   : std::make_optional<catalog::QualifiedName>({catalog_, database_, name[0]});
      case 2:
        return catalog::QualifiedName{catalog_, name[0], name[1]};
      case 3:
        return catalog::QualifiedName{name[0], name[1], name[2]};
      default:
        return std::nullopt;
    }
  }

  // Whether the qualifier of a column means `table`: its alias, or the end of its name.
  bool QualifierMeans(const TypedStatement::Table& table) const {
    const std::vector<std::string>& qualifier = statement_.qualifier;
    if (!table.alias.empty()) {
      return qualifier.size() == 1 && absl::EqualsIgnoreCase(qualifier[0], table.alias);
    }
    return qualifier.size() <= table.name.size() &&
           std::equal(qualifier.rbegin(), qualifier.rend(), table.name.rbegin(),
                      [](const std::string& a, const std::string& b) {
                        return absl::EqualsIgnoreCase(a, b);
                      });
  }

  void AddExpressions() {
    const bool is_qualified = !statement_.qualifier.empty();
    for (const TypedStatement::Table& table : statement_.tables) {
      if (is_qualified && !QualifierMeans(table)) {
        continue;
      }
      if (const auto name = FullName(table)) {
        AddNames(source_.Columns(*name), "");
      }
      if (!is_qualified && !table.name.empty()) {
        AddName(table.alias.empty() ? table.name.back() : table.alias, ".");
      }
    }
    if (is_qualified) {
      return;
    }
    AddNames(statement_.column_aliases, "");
    AddTypedKeywords(kQueryWords);
    if (!prefix().empty() && statement_.quote == '\0') {
      AddFunctions();
    }
  }

  void AddFunctions() {
    std::set<std::string_view> names;
    for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
      if (!entry.hidden && StartsWith(entry.name, prefix())) {
        names.insert(entry.name);
      }
    }
    for (const std::string_view name : names) {
      candidates_.push_back(
          {HasLower(prefix()) ? std::string(name) : absl::AsciiStrToUpper(name), "("});
    }
  }

  const TypedStatement& statement_;
  const std::string& catalog_;
  const std::string& database_;
  CompletionSource& source_;
  std::vector<Candidate> candidates_;
};

// The alternatives that the usage of `entry` names in small letters.
std::vector<std::string> Choices(const DotCommandEntry& entry) {
  const std::vector<std::string_view> words = absl::StrSplit(entry.usage, ' ');
  std::vector<std::string> choices;
  for (const std::string_view choice : absl::StrSplit(words.back(), '|')) {
    if (HasLower(choice)) {
      choices.emplace_back(choice);
    }
  }
  return choices;
}

std::vector<Candidate> CompleteDotCommandName(std::string_view prefix) {
  std::vector<Candidate> candidates;
  for (const DotCommandEntry& entry : DotCommands()) {
    if (StartsWith(entry.name, prefix)) {
      candidates.push_back(
          {std::string(entry.name), entry.argument == DotArgument::kNone ? "" : " "});
    }
  }
  return candidates;
}

Completion CompleteDotCommand(std::string_view text, size_t cursor, const std::string& catalog,
                              const std::string& database, CompletionSource& source) {
  const size_t dot = text.find('.');
  const std::string_view before = text.substr(dot, cursor - dot);
  const size_t blank = before.find_first_of(" \t");
  if (blank == std::string_view::npos) {
    return {dot, CompleteDotCommandName(before)};
  }
  for (const DotCommandEntry& entry : DotCommands()) {
    if (!absl::EqualsIgnoreCase(entry.name, before.substr(0, blank))) {
      continue;
    }
    if (entry.argument == DotArgument::kChoice) {
      Completion completion;
      completion.begin = dot + before.find_last_of(" \t") + 1;
      const std::string_view prefix = text.substr(completion.begin, cursor - completion.begin);
      for (std::string& choice : Choices(entry)) {
        if (StartsWith(choice, prefix)) {
          completion.candidates.push_back({std::move(choice), ""});
        }
      }
      return completion;
    }
    if (entry.argument == DotArgument::kCatalogOrDatabase) {
      // As in a USE statement.
      const std::string use = absl::StrCat("USE", before.substr(blank));
      Completion completion = Complete(use, use.size(), catalog, database, source);
      completion.begin = cursor - (use.size() - completion.begin);
      return completion;
    }
  }
  return {cursor, {}};
}

}  // namespace

Completion Complete(std::string_view text, size_t cursor, const std::string& catalog,
                    const std::string& database, CompletionSource& source) {
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text.substr(0, cursor)), ".")) {
    return CompleteDotCommand(text, cursor, catalog, database, source);
  }
  const std::optional<TypedStatement> statement = ReadTypedStatement(text, cursor);
  if (!statement) {
    return {cursor, {}};
  }
  return {statement->begin, Completer(*statement, catalog, database, source).Run()};
}

std::string CommonPrefix(const std::vector<Candidate>& candidates) {
  if (candidates.empty()) {
    return "";
  }
  const std::string& first = candidates[0].text;
  size_t length = first.size();
  for (const Candidate& candidate : candidates) {
    const auto end = std::mismatch(
        first.begin(), first.begin() + static_cast<std::ptrdiff_t>(length), candidate.text.begin(),
        candidate.text.end(), [](unsigned char a, unsigned char b) {
          return absl::ascii_tolower(a) == absl::ascii_tolower(b);
        });
    length = static_cast<size_t>(end.first - first.begin());
  }
  // Half a character is none.
  while (length > 0 && length < first.size() &&
         (static_cast<unsigned char>(first[length]) & 0xC0U) == 0x80U) {
    --length;
  }
  return first.substr(0, length);
}

}  // namespace pallas::cli
