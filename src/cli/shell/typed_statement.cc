#include "cli/shell/typed_statement.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

#include "sql/parser/parser.h"

namespace pallas::cli {
namespace {

using sql::LexMode;
using sql::Token;
using sql::TokenKind;
using Place = TypedStatement::Place;
using Tokens = std::vector<Token>;

// Stands for the end of the word before the cursor, so that an empty word is a token too.
constexpr std::string_view kSentinel = "x";

bool IsName(const Token& token) {
  return token.kind == TokenKind::kQuoted || token.kind == TokenKind::kBackquoted ||
         (token.kind == TokenKind::kWord && !sql::IsReservedWord(token.upper));
}

bool IsSymbol(const Token& token, std::string_view symbol) {
  return token.kind == TokenKind::kSymbol && token.text == symbol;
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Finds the place before each token by the keywords that open clauses, one level of parentheses
// inside the other.
class Places {
 public:
  explicit Places(const Tokens& tokens) : tokens_(tokens) {
    Level top;
    levels_.push_back(top);
    for (size_t i = 0; i < tokens.size(); ++i) {
      before_.push_back(levels_.back().place);
      Take(i);
    }
    before_.push_back(levels_.back().place);
  }

  // Before the token `i`; tokens.size() for the end.
  Place Before(size_t i) const { return before_[i]; }

 private:
  struct Level {
    Place place = Place::kStart;
    // Where it goes back to after a name: FROM a, ( ... ).
    bool in_from = false;
    bool from_is_operand = false;  // inside EXTRACT(... FROM ...), TRIM(... FROM ...)
  };

  std::string_view Word(size_t i) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::kWord
               ? std::string_view(tokens_[i].upper)
               : std::string_view();
  }

  void Take(size_t i) {
    const Token& token = tokens_[i];
    Level& level = levels_.back();
    if (IsSymbol(token, "(")) {
      Level inner;
      inner.in_from = level.in_from && level.place == Place::kTable && Word(i - 1) != "UNNEST";
      inner.place = inner.in_from ? Place::kTable : Place::kExpression;
      inner.from_is_operand = i > 0 && IsOneOf(Word(i - 1), {"EXTRACT", "TRIM", "SUBSTRING"});
      levels_.push_back(inner);
    } else if (IsSymbol(token, ")")) {
      if (levels_.size() > 1) {
        levels_.pop_back();
      }
      AfterName();
    } else if (IsSymbol(token, ",")) {
      level.place = level.in_from ? Place::kTable : level.place;
    } else if (IsSymbol(token, ".")) {
      level.place = level.place == Place::kTableEnd ? Place::kTable : level.place;
    } else if (token.kind == TokenKind::kWord && (i == 0 || !IsSymbol(tokens_[i - 1], "."))) {
      TakeWord(i);
    } else {
      AfterName();
    }
  }

  // Behind a name or a closed parenthesis.
  void AfterName() {
    Level& level = levels_.back();
    if (level.place == Place::kTable) {
      level.place = Place::kTableEnd;
    } else if (level.place == Place::kNewName) {
      level.place = level.in_from ? Place::kTableEnd : Place::kExpression;
    }
  }

  void Enter(Place place, bool in_from = false) {
    levels_.back().place = place;
    levels_.back().in_from = in_from;
  }

  void TakeWord(size_t i) {
    const std::string_view word = Word(i);
    const bool stays = word == "IF" || (word == "EXISTS" && i > 0 && Word(i - 1) == "IF");
    if (!stays && !(i == 0 && TakeFirstWord()) && !(Word(0) == "SHOW" && TakeWordOfShow(i)) &&
        !TakeKindOfObject(i)) {
      TakeQueryWord(i);
    }
  }

  // These return whether the word told the place.
  bool TakeFirstWord() {
    const std::string_view word = Word(0);
    if (IsOneOf(word, {"DESCRIBE", "DESC"})) {
      Enter(Place::kTable);
    } else if (word == "USE") {
      Enter(Place::kUse);
    } else if (IsOneOf(word, {"SHOW", "WITH"})) {
      Enter(Place::kNewName);
    } else {
      return false;
    }
    return true;
  }

  bool TakeWordOfShow(size_t i) {
    const std::string_view word = Word(i);
    if (IsOneOf(word, {"IN", "FROM"})) {
      const bool has_table = levels_.back().place == Place::kTableEnd;
      const bool lists_tables = IsOneOf(Word(i - 1), {"TABLES", "VIEWS", "DATABASES", "SCHEMAS"});
      Enter(has_table || lists_tables ? Place::kDatabase : Place::kTable);
      return true;
    }
    if (IsOneOf(word, {"PARTITIONS", "TBLPROPERTIES"})) {
      Enter(Place::kTable);
      return true;
    }
    return false;
  }

  bool TakeKindOfObject(size_t i) {
    const std::string_view word = Word(i);
    const std::string_view first = Word(0);
    if (word == "EXPLAIN" || word == "VERIFY" || (word == "ANALYZE" && i > 0)) {
      Enter(Place::kStart);
    } else if (IsOneOf(word, {"TABLE", "VIEW"})) {
      const bool is_new = first == "CREATE" || (first == "ALTER" && i > 1);
      Enter(is_new ? Place::kNewName : Place::kTable);
    } else if (IsOneOf(word, {"DATABASE", "SCHEMA"})) {
      Enter(first == "CREATE" ? Place::kNewName : Place::kDatabase);
    } else {
      return false;
    }
    return true;
  }

  void TakeQueryWord(size_t i) {
    const std::string_view word = Word(i);
    if (word == "FROM" && !levels_.back().from_is_operand &&
        !(i > 0 && Word(i - 1) == "DISTINCT")) {
      Enter(Place::kTable, true);
    } else if (IsOneOf(word, {"JOIN", "INTO", "UPDATE"})) {
      Enter(Place::kTable, word == "JOIN");
    } else if (IsOneOf(word, {"SELECT", "WHERE", "HAVING", "BY", "QUALIFY", "VALUES", "SET"})) {
      Enter(Place::kExpression);
    } else if (IsOneOf(word, {"ON", "USING"})) {
      levels_.back().place = Place::kExpression;  // A comma goes on with FROM.
    } else if (word == "AS") {
      levels_.back().place = Place::kNewName;
    } else if (IsOneOf(word, {"LIMIT", "OFFSET", "FETCH"})) {
      Enter(Place::kNewName);
    } else if (levels_.back().place == Place::kStart) {
      Enter(Place::kNewName);  // a statement of which no more is known
    } else if (!sql::IsReservedWord(word)) {
      AfterName();
    }
  }

  const Tokens& tokens_;
  std::vector<Level> levels_;
  std::vector<Place> before_;
};

// The tokens of the statement without the final kEnd or semicolon.
absl::StatusOr<Tokens> TokensOf(std::string_view text) {
  absl::StatusOr<Tokens> tokens =
      sql::TokenizeStatement(text, LexMode::kTrino, sql::LexPosition(), SIZE_MAX);
  if (tokens.ok() && !tokens->empty()) {
    tokens->pop_back();
  }
  return tokens;
}

// Which token `i` begins a name of more parts: the name, and the index behind it.
std::pair<std::vector<std::string>, size_t> NameAt(const Tokens& tokens, size_t i) {
  std::vector<std::string> name;
  while (i < tokens.size() && IsName(tokens[i])) {
    name.push_back(tokens[i++].text);
    if (i >= tokens.size() || !IsSymbol(tokens[i], ".")) {
      break;
    }
    ++i;
  }
  return {std::move(name), i};
}

bool IsAlias(const Token& token) {
  return IsName(token) &&
         !(token.kind == TokenKind::kWord &&
           IsOneOf(token.upper, {"LIMIT", "OFFSET", "FETCH", "TABLESAMPLE", "WINDOW",
                                 "MATCH_RECOGNIZE", "SET", "PARTITION"}));
}

void FindNames(const Tokens& tokens, TypedStatement* statement) {
  const Places places(tokens);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Place place = places.Before(i);
    const bool starts_name = IsName(tokens[i]) && (i == 0 || !IsSymbol(tokens[i - 1], "."));
    if (!starts_name) {
      continue;
    }
    if (i + 2 < tokens.size() && tokens[i + 1].upper == "AS" && IsSymbol(tokens[i + 2], "(")) {
      statement->with_names.push_back(tokens[i].text);
    } else if (place == Place::kTable) {
      auto [name, end] = NameAt(tokens, i);
      TypedStatement::Table& table = statement->tables.emplace_back();
      table.name = std::move(name);
      end += end < tokens.size() && tokens[end].upper == "AS" ? size_t{1} : size_t{0};
      if (end < tokens.size() && IsAlias(tokens[end])) {
        table.alias = tokens[end].text;
      }
    } else if (i > 0 && tokens[i - 1].upper == "AS" && places.Before(i - 1) == Place::kExpression) {
      statement->column_aliases.push_back(tokens[i].text);
    }
  }
}

// The tokens up to the cursor, of which the last is the word before it, with what closes it.
std::optional<Tokens> TokensUpToWord(std::string_view before, std::string* quote) {
  absl::StatusOr<Tokens> tokens = TokensOf(absl::StrCat(before, kSentinel));
  if (tokens.ok()) {
    const bool is_word = !tokens->empty() && tokens->back().kind == TokenKind::kWord &&
                         tokens->back().end == before.size() + kSentinel.size();
    return is_word ? std::make_optional(*std::move(tokens)) : std::nullopt;
  }
  for (const std::string_view open : {"\"", "`"}) {
    tokens = TokensOf(absl::StrCat(before, open));
    if (tokens.ok() && !tokens->empty() && tokens->back().end == before.size() + 1 &&
        before[tokens->back().begin] == open[0]) {
      *quote = open;
      return *std::move(tokens);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<TypedStatement> ReadTypedStatement(std::string_view text, size_t cursor) {
  // Statements that are ended on the same line are none of this one's.
  const auto ended = sql::SplitEndedStatements(text.substr(0, cursor));
  const size_t start = ended.ok() ? ended->end : 0;
  const std::string_view before = text.substr(start, cursor - start);
  std::string quote;
  std::optional<Tokens> tokens = TokensUpToWord(before, &quote);
  if (!tokens) {
    return std::nullopt;
  }
  TypedStatement statement;
  const Token word = std::move(tokens->back());
  tokens->pop_back();
  statement.begin = start + word.begin;
  statement.quote = quote.empty() ? '\0' : quote[0];
  statement.prefix =
      quote.empty() ? word.text.substr(0, word.text.size() - kSentinel.size()) : word.text;
  size_t first = tokens->size();  // of the qualified name
  while (first >= 2 && IsSymbol((*tokens)[first - 1], ".") && IsName((*tokens)[first - 2])) {
    statement.qualifier.insert(statement.qualifier.begin(), (*tokens)[first - 2].text);
    first -= 2;
  }
  if (first > 0 && IsSymbol((*tokens)[first - 1], ".")) {
    return std::nullopt;  // behind an expression, a number or another dot
  }
  for (size_t i = first; i > 0 && (*tokens)[i - 1].kind == TokenKind::kWord; --i) {
    statement.previous.insert(statement.previous.begin(), (*tokens)[i - 1].upper);
  }
  statement.place = Places(*tokens).Before(first);
  statement.hive_mode = sql::ModeOf(*tokens) == LexMode::kHive;
  const absl::StatusOr<Tokens> whole = TokensOf(text.substr(start));
  FindNames(whole.ok() ? *whole : *tokens, &statement);
  return statement;
}

}  // namespace pallas::cli
