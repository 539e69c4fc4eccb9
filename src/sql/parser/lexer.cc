#include "sql/parser/lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "base/status_macros.h"

namespace pallas::sql {
namespace {

// Words that cannot name anything without quotes (Trino's reserved words), sorted.
constexpr std::array kReserved =
    std::to_array<std::string_view>({"ALTER",        "AND",
                                     "AS",           "BETWEEN",
                                     "BY",           "CASE",
                                     "CAST",         "CONSTRAINT",
                                     "CREATE",       "CROSS",
                                     "CUBE",         "CURRENT_CATALOG",
                                     "CURRENT_DATE", "CURRENT_PATH",
                                     "CURRENT_ROLE", "CURRENT_SCHEMA",
                                     "CURRENT_TIME", "CURRENT_TIMESTAMP",
                                     "CURRENT_USER", "DEALLOCATE",
                                     "DELETE",       "DESCRIBE",
                                     "DISTINCT",     "DROP",
                                     "ELSE",         "END",
                                     "ESCAPE",       "EXCEPT",
                                     "EXECUTE",      "EXISTS",
                                     "EXTRACT",      "FALSE",
                                     "FOR",          "FROM",
                                     "FULL",         "GROUP",
                                     "GROUPING",     "HAVING",
                                     "IN",           "INNER",
                                     "INSERT",       "INTERSECT",
                                     "INTO",         "IS",
                                     "JOIN",         "JSON_ARRAY",
                                     "JSON_EXISTS",  "JSON_OBJECT",
                                     "JSON_QUERY",   "JSON_TABLE",
                                     "JSON_VALUE",   "LEFT",
                                     "LIKE",         "LISTAGG",
                                     "LOCALTIME",    "LOCALTIMESTAMP",
                                     "NATURAL",      "NORMALIZE",
                                     "NOT",          "NULL",
                                     "ON",           "OR",
                                     "ORDER",        "OUTER",
                                     "PREPARE",      "RECURSIVE",
                                     "RIGHT",        "ROLLUP",
                                     "SELECT",       "SKIP",
                                     "TABLE",        "THEN",
                                     "TRIM",         "TRUE",
                                     "UESCAPE",      "UNION",
                                     "UNNEST",       "USING",
                                     "VALUES",       "WHEN",
                                     "WHERE",        "WITH"});

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

bool IsWordStart(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c) || c == '@' || c == '$'; }

void AppendUtf8(uint32_t code_point, std::string* out) {
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out->push_back(static_cast<char>(0xC0U | (code_point >> 6U)));
    out->push_back(static_cast<char>(0x80U | (code_point & 0x3FU)));
  } else if (code_point < 0x10000) {
    out->push_back(static_cast<char>(0xE0U | (code_point >> 12U)));
    out->push_back(static_cast<char>(0x80U | ((code_point >> 6U) & 0x3FU)));
    out->push_back(static_cast<char>(0x80U | (code_point & 0x3FU)));
  } else {
    out->push_back(static_cast<char>(0xF0U | (code_point >> 18U)));
    out->push_back(static_cast<char>(0x80U | ((code_point >> 12U) & 0x3FU)));
    out->push_back(static_cast<char>(0x80U | ((code_point >> 6U) & 0x3FU)));
    out->push_back(static_cast<char>(0x80U | (code_point & 0x3FU)));
  }
}

// Bytes of the UTF-8 sequence at the start of `text`; 0: it is none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0U; };
  const uint32_t lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  // Overlong forms, surrogates, and what is beyond U+10FFFF.
  const bool invalid = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0) ||
                       (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
  return invalid ? 0 : length;
}

class Lexer {
 public:
  // From `start` on, a place between tokens.
  Lexer(std::string_view sql, LexMode mode, const LexPosition& start)
      : sql_(sql),
        mode_(mode),
        pos_(start.offset),
        line_(start.location.line),
        column_(start.location.column) {}

  // Up to the end, or up to and including a semicolon or `max_tokens` tokens.
  absl::StatusOr<std::vector<Token>> Run(bool one_statement, size_t max_tokens) {
    while (tokens_.size() < max_tokens) {
      RETURN_IF_ERROR(SkipBlanks());
      Token token;
      token.location = {line_, column_};
      token.begin = pos_;
      if (pos_ == sql_.size()) {
        token.end = pos_;
        tokens_.push_back(std::move(token));
        return std::move(tokens_);
      }
      RETURN_IF_ERROR(Next(&token));
      token.end = pos_;
      const bool is_semicolon = token.kind == TokenKind::kSymbol && token.text == ";";
      tokens_.push_back(std::move(token));
      if (one_statement && is_semicolon) {
        break;
      }
    }
    return std::move(tokens_);
  }

  // An error at the first byte that is not UTF-8.
  absl::Status CheckUtf8() {
    while (pos_ < sql_.size()) {
      const size_t length = Utf8Length(sql_.substr(pos_, 4));
      if (length == 0) {
        return Error({line_, column_}, "the statement is not valid UTF-8");
      }
      for (size_t i = 0; i < length; ++i) {
        Advance();
      }
    }
    return absl::OkStatus();
  }

 private:
  char Peek(size_t ahead = 0) const {
    return pos_ + ahead < sql_.size() ? sql_[pos_ + ahead] : '\0';
  }

  void Advance() {
    const char c = sql_[pos_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++column_;  // Continuation bytes of UTF-8 do not count.
    }
  }

  absl::Status Error(const Location& location, std::string_view message) const {
    return ErrorAt(location, "SYNTAX_ERROR", message);
  }

  // What starts at `location` does not end before the text does.
  absl::Status NotClosed(const Location& location, std::string_view message) const {
    return ErrorAt(location, "SYNTAX_ERROR", message, absl::StatusCode::kOutOfRange);
  }

  absl::Status SkipBlanks() {
    for (;;) {
      while (pos_ < sql_.size() && absl::ascii_isspace(static_cast<unsigned char>(Peek()))) {
        Advance();
      }
      if (Peek() == '-' && Peek(1) == '-') {
        while (pos_ < sql_.size() && Peek() != '\n') {
          Advance();
        }
      } else if (Peek() == '/' && Peek(1) == '*') {
        const Location start{line_, column_};
        const size_t close = sql_.find("*/", pos_ + 2);
        if (close == std::string_view::npos) {
          return NotClosed(start,
                           "mismatched input '/*'. Expecting: '*/' at the end of the comment");
        }
        while (pos_ < close + 2) {
          Advance();
        }
      } else {
        return absl::OkStatus();
      }
    }
  }

  absl::Status Next(Token* token) {
    const char c = Peek();
    if (c == '\'') {
      token->kind = TokenKind::kString;
      return Quoted('\'', mode_ == LexMode::kHive, &token->text);
    }
    if (c == '"') {
      token->kind = TokenKind::kQuoted;
      return Quoted('"', mode_ == LexMode::kHive, &token->text);
    }
    if (c == '`') {
      token->kind = TokenKind::kBackquoted;
      return Quoted('`', false, &token->text);
    }
    if ((c == 'x' || c == 'X') && Peek(1) == '\'') {
      Advance();
      return Binary(token);
    }
    if ((c == 'u' || c == 'U') && Peek(1) == '&' && Peek(2) == '\'') {
      Advance();
      Advance();
      token->kind = TokenKind::kString;
      RETURN_IF_ERROR(Quoted('\'', false, &token->text));
      return Unicode(token);
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      return Number(token);
    }
    if (IsWordStart(c)) {
      token->kind = TokenKind::kWord;
      while (pos_ < sql_.size() && IsWordPart(Peek())) {
        Advance();
      }
      token->text = sql_.substr(token->begin, pos_ - token->begin);
      token->upper = absl::AsciiStrToUpper(token->text);
      return absl::OkStatus();
    }
    return Symbol(token);
  }

  absl::Status Quoted(char quote, bool backslash, std::string* text) {
    const Location start{line_, column_};
    Advance();
    while (pos_ < sql_.size()) {
      const char c = Peek();
      if (c == quote) {
        Advance();
        if (Peek() != quote) {
          return absl::OkStatus();
        }
      } else if (backslash && c == '\\' && pos_ + 1 < sql_.size()) {
        // Kept as Hive keeps them: the reader of the value gives them their meaning, but an escaped
        // quote does not end the string.
        Advance();
        if (Peek() != quote && Peek() != '\\') {
          text->push_back('\\');
        }
      }
      text->push_back(Peek());
      Advance();
    }
    return NotClosed(start, absl::StrCat("mismatched input '", std::string(1, quote),
                                         "'. Expecting: the closing ", std::string(1, quote)));
  }

  absl::Status Binary(Token* token) {
    std::string digits;
    RETURN_IF_ERROR(Quoted('\'', false, &digits));
    std::erase_if(digits, [](unsigned char c) { return absl::ascii_isspace(c); });
    for (const char c : digits) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
        return Error(token->location, "Binary literal can only contain hexadecimal digits");
      }
    }
    if (digits.size() % 2 != 0) {
      return Error(token->location, "Binary literal must contain an even number of digits");
    }
    token->kind = TokenKind::kBinary;
    if (!absl::HexStringToBytes(digits, &token->text)) {
      return Error(token->location, "Invalid binary literal");
    }
    return absl::OkStatus();
  }

  // Decodes \XXXX and \+XXXXXX in a U&'...' string, with its UESCAPE clause if there is one.
  absl::Status Unicode(Token* token) {
    char escape = '\\';
    RETURN_IF_ERROR(Uescape(token->location, &escape));
    std::string out;
    std::string_view in = token->text;
    while (!in.empty()) {
      if (in[0] != escape) {
        out.push_back(in[0]);
        in.remove_prefix(1);
      } else if (in.size() > 1 && in[1] == escape) {
        out.push_back(escape);
        in.remove_prefix(2);
      } else {
        ASSIGN_OR_RETURN(const size_t length, UnicodeEscape(token->location, in, &out));
        in.remove_prefix(length);
      }
    }
    token->text = std::move(out);
    return absl::OkStatus();
  }

  // UESCAPE 'c' after the string, if it is there.
  absl::Status Uescape(const Location& start, char* escape) {
    const size_t after = pos_;
    const int line = line_;
    const int column = column_;
    RETURN_IF_ERROR(SkipBlanks());
    if (!absl::EqualsIgnoreCase(sql_.substr(pos_, 7), "UESCAPE")) {
      pos_ = after;
      line_ = line;
      column_ = column;
      return absl::OkStatus();
    }
    for (int i = 0; i < 7; ++i) {
      Advance();
    }
    RETURN_IF_ERROR(SkipBlanks());
    std::string text;
    if (Peek() != '\'') {
      return Error({line_, column_}, "mismatched input. Expecting: the escape character");
    }
    RETURN_IF_ERROR(Quoted('\'', false, &text));
    if (text.empty()) {
      return Error(start, "Empty Unicode escape character");
    }
    if (text.size() != 1 || absl::ascii_isxdigit(static_cast<unsigned char>(text[0])) ||
        std::string_view("+\"' ").find(text[0]) != std::string_view::npos) {
      return Error(start, absl::StrCat("Invalid Unicode escape character: ", text));
    }
    *escape = text[0];
    return absl::OkStatus();
  }

  // Appends what the escape at the start of `in` stands for; returns its length.
  absl::StatusOr<size_t> UnicodeEscape(const Location& start, std::string_view in,
                                       std::string* out) const {
    const bool is_long = in.size() > 1 && in[1] == '+';
    const size_t digits = is_long ? 6 : 4;
    const size_t from = is_long ? 2 : 1;
    const std::string_view hex = in.substr(std::min(from, in.size()), digits);
    const auto wrong = std::find_if_not(hex.begin(), hex.end(), IsHexDigit);
    if (wrong != hex.end()) {
      const std::string_view rest = hex.substr(static_cast<size_t>(wrong - hex.begin()));
      return Error(start, absl::StrCat("Invalid hexadecimal digit: ",
                                       rest.substr(0, std::max<size_t>(1, Utf8Length(rest)))));
    }
    uint32_t code_point = 0;
    if (hex.size() != digits || !absl::SimpleHexAtoi(hex, &code_point)) {
      return Error(start, absl::StrCat("Incomplete escape sequence: ", hex));
    }
    if (code_point >= 0xD800 && code_point <= 0xDFFF) {
      return Error(start, absl::StrCat("Invalid escaped character: ", hex,
                                       ". Escaped character is a surrogate. Use '\\+123456' "
                                       "instead."));
    }
    if (code_point > 0x10FFFF) {
      return Error(start, absl::StrCat("Invalid escaped character: ", hex));
    }
    AppendUtf8(code_point, out);
    return from + digits;
  }

  absl::Status Number(Token* token) {
    token->kind = TokenKind::kInteger;
    if (Peek() == '0' && std::string_view("xXoObB").find(Peek(1)) != std::string_view::npos &&
        pos_ + 1 < sql_.size()) {
      return RadixInteger(token);
    }
    const auto digits = [this] {
      while (IsDigit(Peek()) || (Peek() == '_' && IsDigit(Peek(1)))) {
        Advance();
      }
    };
    digits();
    const bool has_point = Peek() == '.';
    if (has_point) {
      token->kind = TokenKind::kDecimal;
      Advance();
      digits();
    }
    if ((Peek() == 'e' || Peek() == 'E') &&
        (IsDigit(Peek(1)) || ((Peek(1) == '+' || Peek(1) == '-') && IsDigit(Peek(2))))) {
      token->kind = TokenKind::kDouble;
      Advance();
      Advance();
      digits();
    }
    // 1abc; but 1.5abc is a number and a name.
    if (!has_point && pos_ < sql_.size() && IsWordStart(Peek())) {
      return StartsWithDigit(token->location);
    }
    token->text = sql_.substr(token->begin, pos_ - token->begin);
    std::erase(token->text, '_');
    return absl::OkStatus();
  }

  absl::Status StartsWithDigit(const Location& location) const {
    return Error(location,
                 "identifiers must not start with a digit; surround the identifier with double "
                 "quotes");
  }

  // 0x1F, 0o17, 0b11: the token holds the decimal digits.
  absl::Status RadixInteger(Token* token) {
    const char letter = absl::ascii_tolower(static_cast<unsigned char>(Peek(1)));
    const unsigned base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
    Advance();
    Advance();
    uint64_t value = 0;
    bool too_large = false;
    bool valid = IsHexDigit(Peek()) || (Peek() == '_' && IsHexDigit(Peek(1)));
    while (valid && pos_ < sql_.size() && IsWordPart(Peek())) {
      const unsigned char c = static_cast<unsigned char>(Peek());
      if (c == '_') {
        valid = IsHexDigit(Peek(1));
      } else {
        const unsigned digit =
            IsDigit(Peek()) ? c - unsigned{'0'}
                            : static_cast<unsigned>(absl::ascii_tolower(c)) - unsigned{'a'} + 10;
        valid = IsHexDigit(Peek()) && digit < base;
        too_large = too_large || value > (UINT64_MAX - digit) / base;
        value = value * base + digit;
      }
      Advance();
    }
    if (!valid) {
      return StartsWithDigit(token->location);
    }
    if (too_large) {
      return Error(token->location, absl::StrCat("Invalid numeric literal: ",
                                                 sql_.substr(token->begin, pos_ - token->begin)));
    }
    token->text = absl::StrCat(value);
    return absl::OkStatus();
  }

  absl::Status Symbol(Token* token) {
    token->kind = TokenKind::kSymbol;
    static constexpr std::string_view kTwo[] = {"<>", "!=", "<=", ">=", "||",
                                                "->", "=>", "{-", "-}"};
    for (const std::string_view symbol : kTwo) {
      if (sql_.substr(pos_, 2) == symbol) {
        token->text = symbol == "!=" ? "<>" : std::string(symbol);
        Advance();
        Advance();
        return absl::OkStatus();
      }
    }
    static constexpr std::string_view kOne = "()[]{},.;:?=<>+-*/%|^$&";
    if (kOne.find(Peek()) == std::string_view::npos && mode_ == LexMode::kHive) {
      return Error(token->location,
                   absl::StrCat("mismatched input '", absl::CHexEscape(sql_.substr(pos_, 1)),
                                "'. Expecting: <expression>"));
    }
    // What is no symbol of SQL is a token that fits nowhere.
    token->text = std::string(1, Peek());
    Advance();
    return absl::OkStatus();
  }

  std::string_view sql_;
  LexMode mode_;
  size_t pos_;
  int line_;
  int column_;
  std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view sql, LexMode mode, Location first) {
  RETURN_IF_ERROR(CheckUtf8(sql));
  return Lexer(sql, mode, {.offset = 0, .location = first}).Run(/*one_statement=*/false, SIZE_MAX);
}

absl::StatusOr<std::vector<Token>> TokenizeStatement(std::string_view script, LexMode mode,
                                                     const LexPosition& start, size_t max_tokens) {
  return Lexer(script, mode, start).Run(/*one_statement=*/true, max_tokens);
}

absl::Status CheckUtf8(std::string_view sql) {
  return Lexer(sql, LexMode::kTrino, LexPosition()).CheckUtf8();
}

bool IsReservedWord(std::string_view upper) {
  return std::binary_search(kReserved.begin(), kReserved.end(), upper);
}

bool IsPlainIdentifier(std::string_view name) {
  return !name.empty() && IsWordStart(name[0]) &&
         std::all_of(name.begin(), name.end(), IsWordPart) &&
         name.find('@') == std::string_view::npos && !IsReservedWord(absl::AsciiStrToUpper(name));
}

std::string QuoteIdentifier(std::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

}  // namespace pallas::sql
