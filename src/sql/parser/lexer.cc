#include "sql/parser/lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
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

class Lexer {
 public:
  Lexer(std::string_view sql, LexMode mode) : sql_(sql), mode_(mode) {}

  absl::StatusOr<std::vector<Token>> Run() {
    for (;;) {
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
      tokens_.push_back(std::move(token));
    }
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
          return Error(start, "mismatched input '/*'. Expecting: '*/' at the end of the comment");
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
      token->kind = mode_ == LexMode::kHive ? TokenKind::kString : TokenKind::kQuoted;
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
    return Error(start, absl::StrCat("mismatched input '", std::string(1, quote),
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
    const size_t after = pos_;
    const int line = line_;
    const int column = column_;
    RETURN_IF_ERROR(SkipBlanks());
    if (absl::EqualsIgnoreCase(sql_.substr(pos_, 7), "UESCAPE")) {
      for (int i = 0; i < 7; ++i) {
        Advance();
      }
      RETURN_IF_ERROR(SkipBlanks());
      std::string text;
      if (Peek() != '\'') {
        return Error({line_, column_}, "mismatched input. Expecting: the escape character");
      }
      RETURN_IF_ERROR(Quoted('\'', false, &text));
      if (text.size() != 1 || absl::ascii_isxdigit(static_cast<unsigned char>(text[0])) ||
          text[0] == '+' || text[0] == '"' || text[0] == ' ') {
        return Error(token->location, "Invalid Unicode escape character");
      }
      escape = text[0];
    } else {
      pos_ = after;
      line_ = line;
      column_ = column;
    }
    std::string out;
    const std::string& in = token->text;
    for (size_t i = 0; i < in.size();) {
      if (in[i] != escape) {
        out.push_back(in[i++]);
        continue;
      }
      if (i + 1 < in.size() && in[i + 1] == escape) {
        out.push_back(escape);
        i += 2;
        continue;
      }
      const bool is_long = i + 1 < in.size() && in[i + 1] == '+';
      const size_t digits = is_long ? 6 : 4;
      const size_t from = i + (is_long ? 2 : 1);
      const std::string_view hex = std::string_view(in).substr(from, digits);
      uint32_t code_point = 0;
      bool valid = hex.size() == digits;
      for (const char c : hex) {
        valid = valid && absl::ascii_isxdigit(static_cast<unsigned char>(c));
        if (valid) {
          const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
          code_point = code_point * 16 +
                       static_cast<uint32_t>(IsDigit(lower) ? lower - '0' : lower - 'a' + 10);
        }
      }
      if (!valid) {
        return Error(token->location, absl::StrCat("Incomplete escape sequence: ", in.substr(i)));
      }
      if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
        return Error(token->location,
                     absl::StrCat("Invalid escaped character: ", std::string(hex)));
      }
      AppendUtf8(code_point, &out);
      i = from + digits;
    }
    token->text = std::move(out);
    return absl::OkStatus();
  }

  absl::Status Number(Token* token) {
    token->kind = TokenKind::kInteger;
    const auto digits = [this] {
      while (IsDigit(Peek()) || (Peek() == '_' && IsDigit(Peek(1)))) {
        Advance();
      }
    };
    digits();
    if (Peek() == '.') {
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
    if (pos_ < sql_.size() && IsWordStart(Peek())) {
      // 1abc: Trino names the whole word.
      while (pos_ < sql_.size() && IsWordPart(Peek())) {
        Advance();
      }
      return Error(token->location,
                   absl::StrCat("identifiers must not start with a digit; surround the identifier "
                                "with double quotes"));
    }
    token->text = sql_.substr(token->begin, pos_ - token->begin);
    std::erase(token->text, '_');
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
    if (kOne.find(Peek()) == std::string_view::npos) {
      return Error(token->location, absl::StrCat("mismatched input '", std::string(1, Peek()),
                                                 "'. Expecting: <expression>"));
    }
    token->text = std::string(1, Peek());
    Advance();
    return absl::OkStatus();
  }

  std::string_view sql_;
  LexMode mode_;
  size_t pos_ = 0;
  int line_ = 1;
  int column_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view sql, LexMode mode) {
  return Lexer(sql, mode).Run();
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
