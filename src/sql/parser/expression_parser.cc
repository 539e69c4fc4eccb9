#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "sql/ast/query.h"
#include "sql/parser/parser_internal.h"

namespace pallas::sql {

using ast::Expr;
using ast::ExprKind;
using ast::ExprPtr;
using ast::MakeExpr;

namespace {

ExprPtr Unary(ExprKind kind, Location location, ExprPtr operand) {
  ExprPtr expr = MakeExpr(kind, location);
  expr->args.push_back(std::move(operand));
  return expr;
}

// A node that begins where its first operand begins. The place is read here, not in the caller's
// argument list, where the operand may have been moved before it is asked for its place.
ExprPtr Wrap(ExprKind kind, ExprPtr operand) {
  const Location location = operand->location;
  return Unary(kind, location, std::move(operand));
}

ExprPtr Wrap(ExprKind kind, ExprPtr left, ExprPtr right) {
  ExprPtr expr = Wrap(kind, std::move(left));
  expr->args.push_back(std::move(right));
  return expr;
}

ExprPtr At(Location operator_location, ExprPtr expr) {
  expr->operator_location = operator_location;
  return expr;
}

bool IsComparison(std::string_view symbol) {
  return symbol == "=" || symbol == "<>" || symbol == "<" || symbol == "<=" || symbol == ">" ||
         symbol == ">=";
}

bool IsIntervalUnit(std::string_view upper) {
  return upper == "YEAR" || upper == "MONTH" || upper == "DAY" || upper == "HOUR" ||
         upper == "MINUTE" || upper == "SECOND";
}

}  // namespace

ExprPtr Parser::ParseExpression() {
  const Label label(*this, "<expression>");
  return ParseOr(nullptr);
}

ExprPtr Parser::ParseOr(ExprPtr first) {
  ExprPtr left = ParseAnd(std::move(first));
  if (!IsWord("OR")) {
    return left;
  }
  ExprPtr any = Wrap(ExprKind::kOr, std::move(left));
  while (AcceptWord("OR")) {
    any->args.push_back(ParseAnd(nullptr));
  }
  return any;
}

ExprPtr Parser::ParseAnd(ExprPtr first) {
  ExprPtr left = first != nullptr ? ParsePredicateTail(std::move(first)) : ParseNot();
  if (!IsWord("AND")) {
    return left;
  }
  ExprPtr all = Wrap(ExprKind::kAnd, std::move(left));
  while (AcceptWord("AND")) {
    all->args.push_back(ParseNot());
  }
  return all;
}

ExprPtr Parser::ParseNot() {
  const Label label(*this, "<expression>");
  if (!IsWord("NOT")) {
    return ParsePredicate();
  }
  const Depth depth(*this);
  const Location location = Take().location;
  return Unary(ExprKind::kNot, location, ParseNot());
}

ExprPtr Parser::ParsePredicate() { return ParsePredicateTail(ParseConcat()); }

ExprPtr Parser::ParsePredicateTail(ExprPtr value) {
  const Label label(*this, "<predicate>");
  if (Peek().kind == TokenKind::kSymbol && IsComparison(Peek().text)) {
    return ParseComparison(std::move(value));
  }
  const Location start = Peek().location;
  if (AcceptWord("IS")) {
    return At(start, ParseIsTail(std::move(value)));
  }
  const bool negated =
      IsWord("NOT") && (IsWord("BETWEEN", 1) || IsWord("IN", 1) || IsWord("LIKE", 1));
  if (negated) {
    Take();
  }
  if (AcceptWord("BETWEEN")) {
    return At(start, ParseBetweenTail(std::move(value), negated));
  }
  if (AcceptWord("IN")) {
    return At(start, ParseInTail(std::move(value), negated));
  }
  if (AcceptWord("LIKE")) {
    ExprPtr expr = Wrap(ExprKind::kLike, std::move(value), ParseConcat());
    expr->operator_location = start;
    expr->flag = negated;
    if (AcceptWord("ESCAPE")) {
      expr->args.push_back(ParseConcat());
    }
    return expr;
  }
  return value;
}

ExprPtr Parser::ParseIsTail(ExprPtr value) {
  const bool negated = AcceptWord("NOT");
  if (AcceptWord("NULL")) {
    ExprPtr expr = Wrap(ExprKind::kIsNull, std::move(value));
    expr->flag = negated;
    return expr;
  }
  if (AcceptWords({"DISTINCT", "FROM"})) {
    ExprPtr expr = Wrap(ExprKind::kDistinctFrom, std::move(value), ParseConcat());
    expr->flag = negated;
    return expr;
  }
  FailExpecting(negated ? "'DISTINCT', 'NULL'" : "'DISTINCT', 'NOT', 'NULL'");
  return value;
}

ExprPtr Parser::ParseBetweenTail(ExprPtr value, bool negated) {
  ExprPtr expr = Wrap(ExprKind::kBetween, std::move(value));
  expr->flag = negated;
  if (AcceptWord("SYMMETRIC")) {
    expr->text = "symmetric";
  } else {
    AcceptWord("ASYMMETRIC");
  }
  expr->args.push_back(ParseConcat());
  ExpectWord("AND");
  expr->args.push_back(ParseConcat());
  return expr;
}

ExprPtr Parser::ParseInTail(ExprPtr value, bool negated) {
  ExpectSymbol("(");
  ExprPtr expr;
  if (IsQueryStart()) {
    expr = Wrap(ExprKind::kInSubquery, std::move(value));
    expr->query = ParseQuery();
  } else {
    expr = Wrap(ExprKind::kIn, std::move(value));
    do {
      expr->args.push_back(ParseExpression());
    } while (AcceptSymbol(","));
  }
  expr->flag = negated;
  ExpectSymbol(")");
  return expr;
}

ExprPtr Parser::ParseComparison(ExprPtr value) {
  const Location start = Peek().location;
  const std::string op = Take().text;
  if ((IsWord("ALL") || IsWord("ANY") || IsWord("SOME")) && IsSymbol("(", 1) && IsQueryStart(2)) {
    ExprPtr expr = Wrap(ExprKind::kQuantified, std::move(value));
    expr->operator_location = start;
    expr->text = op;
    expr->type_name = Take().upper == "ALL" ? "all" : "any";
    ExpectSymbol("(");
    expr->query = ParseQuery();
    ExpectSymbol(")");
    return expr;
  }
  ExprPtr expr = Wrap(ExprKind::kCompare, std::move(value), ParseConcat());
  expr->operator_location = start;
  expr->text = op;
  return expr;
}

ExprPtr Parser::ParseConcat() {
  const Label label(*this, "<expression>");
  const Depth depth(*this);
  Chain chain(*this);
  ExprPtr left = ParseAdditive();
  while (IsSymbol("||")) {
    const Location location = Take().location;
    left = Wrap(ExprKind::kConcat, std::move(left), ParseAdditive());
    left->operator_location = location;
    chain.Grow();
  }
  return left;
}

ExprPtr Parser::ParseAdditive() {
  const Label label(*this, "<expression>");
  Chain chain(*this);
  ExprPtr left = ParseMultiplicative();
  while (IsSymbol("+") || IsSymbol("-")) {
    const Location location = Peek().location;
    const std::string op = Take().text;
    left = Wrap(ExprKind::kArithmetic, std::move(left), ParseMultiplicative());
    left->operator_location = location;
    left->text = op;
    chain.Grow();
  }
  return left;
}

ExprPtr Parser::ParseMultiplicative() {
  const Label label(*this, "<expression>");
  Chain chain(*this);
  ExprPtr left = ParseUnary();
  while (IsSymbol("*") || IsSymbol("/") || IsSymbol("%")) {
    const Location location = Peek().location;
    const std::string op = Take().text;
    left = Wrap(ExprKind::kArithmetic, std::move(left), ParseUnary());
    left->operator_location = location;
    left->text = op;
    chain.Grow();
  }
  return left;
}

ExprPtr Parser::ParseUnary() {
  const Label label(*this, "<expression>");
  if (!IsSymbol("-") && !IsSymbol("+")) {
    return ParseAtTimeZone();
  }
  const Depth depth(*this);
  const Token& sign = Take();
  const ExprKind kind = sign.text == "-" ? ExprKind::kNegate : ExprKind::kPlus;
  const Location location = sign.location;
  return Unary(kind, location, ParseUnary());
}

ExprPtr Parser::ParseAtTimeZone() {
  Chain chain(*this);
  ExprPtr value = ParsePostfix();
  while (IsWord("AT") && (IsWord("TIME", 1) || IsWord("LOCAL", 1))) {
    const Location location = Take().location;
    ExprPtr expr = Wrap(ExprKind::kAtTimeZone, std::move(value));
    expr->operator_location = location;
    if (AcceptWord("LOCAL")) {
      expr->flag = true;
    } else {
      ExpectWords({"TIME", "ZONE"});
      if (!IsWord("INTERVAL") && Peek().kind != TokenKind::kString) {
        FailExpecting("'INTERVAL', <string>");
      }
      expr->args.push_back(IsWord("INTERVAL") ? ParseInterval() : ParsePrimary());
    }
    value = std::move(expr);
    chain.Grow();
  }
  return value;
}

ExprPtr Parser::ParsePostfix() {
  Chain chain(*this);
  ExprPtr value = ParsePrimary();
  for (;;) {
    if (IsSymbol("[")) {
      Take();
      value = Wrap(ExprKind::kSubscript, std::move(value), ParseConcat());
      ExpectSymbol("]");
    } else if (IsSymbol(".") && !IsSymbol("*", 1)) {
      Take();
      value = Wrap(ExprKind::kDereference, std::move(value));
      NoteQuoted("*");
      value->names.push_back(ParseIdentifier());
    } else {
      return value;
    }
    chain.Grow();
  }
}

ExprPtr Parser::ParsePrimary() {
  const Label label(*this, "<expression>");
  const Token& token = Peek();
  const Location location = token.location;
  const auto literal = [&](ExprKind kind) {
    ExprPtr expr = MakeExpr(kind, location);
    expr->text = Take().text;
    return expr;
  };
  switch (token.kind) {
    case TokenKind::kInteger:
      return literal(ExprKind::kInteger);
    case TokenKind::kDecimal:
      return literal(ExprKind::kDecimal);
    case TokenKind::kDouble:
      return literal(ExprKind::kDouble);
    case TokenKind::kString:
      return literal(ExprKind::kString);
    case TokenKind::kBinary:
      return literal(ExprKind::kBinary);
    case TokenKind::kQuoted:
    case TokenKind::kBackquoted:
      return ParseNameOrCall();
    case TokenKind::kWord:
      return ParseWordPrimary();
    case TokenKind::kSymbol:
      if (token.text == "(") {
        return ParseParenthesized();
      }
      if (token.text == "?") {
        Take();
        return ParseParameter(location);
      }
      [[fallthrough]];
    default:
      FailExpecting("<expression>");
      return MakeExpr(ExprKind::kNull, location);
  }
}

// The words that begin an expression of their own.
const Parser::KeywordExpression* Parser::FindKeywordExpression(size_t ahead) const {
  static constexpr KeywordExpression kKeywords[] = {
      {"ARRAY", "[", &Parser::ParseArray},
      {"CASE", "", &Parser::ParseCase},
      {"CAST", "", &Parser::ParseCast},
      {"CURRENT_CATALOG", "", &Parser::ParseCurrent},
      {"CURRENT_DATE", "", &Parser::ParseCurrent},
      {"CURRENT_PATH", "", &Parser::ParseCurrent},
      {"CURRENT_SCHEMA", "", &Parser::ParseCurrent},
      {"CURRENT_TIME", "", &Parser::ParseCurrent},
      {"CURRENT_TIMESTAMP", "", &Parser::ParseCurrent},
      {"CURRENT_USER", "", &Parser::ParseCurrent},
      {"EXISTS", "", &Parser::ParseExists},
      {"EXTRACT", "", &Parser::ParseExtract},
      {"FALSE", "", &Parser::ParseBoolean},
      {"GROUPING", "", &Parser::ParseGrouping},
      {"JSON_ARRAY", "(", &Parser::ParseSpecialCall},
      {"JSON_EXISTS", "(", &Parser::ParseSpecialCall},
      {"JSON_OBJECT", "(", &Parser::ParseSpecialCall},
      {"JSON_QUERY", "(", &Parser::ParseSpecialCall},
      {"JSON_VALUE", "(", &Parser::ParseSpecialCall},
      {"LISTAGG", "", &Parser::ParseListagg},
      {"LOCALTIME", "", &Parser::ParseCurrent},
      {"LOCALTIMESTAMP", "", &Parser::ParseCurrent},
      {"NORMALIZE", "", &Parser::ParseNormalize},
      {"NULL", "", &Parser::ParseNull},
      {"POSITION", "(", &Parser::ParsePositionOrSubstring},
      {"ROW", "(", &Parser::ParseRow},
      {"SUBSTRING", "(", &Parser::ParsePositionOrSubstring},
      {"TRIM", "", &Parser::ParseTrim},
      {"TRUE", "", &Parser::ParseBoolean},
      {"TRY_CAST", "(", &Parser::ParseCast},
  };
  const std::string_view upper = Peek(ahead).upper;
  const auto* const found = std::lower_bound(
      std::begin(kKeywords), std::end(kKeywords), upper,
      [](const KeywordExpression& keyword, std::string_view word) { return keyword.word < word; });
  if (found == std::end(kKeywords) || found->word != upper ||
      (!found->next.empty() && !IsSymbol(found->next, ahead + 1))) {
    return nullptr;
  }
  return found;
}

ExprPtr Parser::ParseWordPrimary() {
  if (const KeywordExpression* const keyword = FindKeywordExpression()) {
    return (this->*keyword->parse)();
  }
  if (IsWord("INTERVAL") &&
      (Peek(1).kind == TokenKind::kString ||
       ((IsSymbol("-", 1) || IsSymbol("+", 1)) && Peek(2).kind == TokenKind::kString))) {
    return ParseInterval();
  }
  if (IsLambda()) {
    return ParseLambda();
  }
  if (IsTypedLiteral()) {
    return ParseTypedLiteral();
  }
  if (!IsIdentifier()) {
    FailExpecting("<expression>");
    return MakeExpr(ExprKind::kNull, Peek().location);
  }
  return ParseNameOrCall();
}

ExprPtr Parser::ParseNull() { return MakeExpr(ExprKind::kNull, Take().location); }

ExprPtr Parser::ParseBoolean() {
  const Token& token = Take();
  ExprPtr expr = MakeExpr(ExprKind::kBoolean, token.location);
  expr->text = absl::AsciiStrToLower(token.upper);
  return expr;
}

ExprPtr Parser::ParseExists() {
  ExprPtr expr = MakeExpr(ExprKind::kExists, Take().location);
  ExpectSymbol("(");
  expr->query = ParseQuery();
  ExpectSymbol(")");
  return expr;
}

ExprPtr Parser::ParseExtract() {
  ExprPtr expr = MakeExpr(ExprKind::kExtract, Take().location);
  ExpectSymbol("(");
  expr->text = absl::AsciiStrToLower(ParseIdentifier().text);
  ExpectWord("FROM");
  expr->args.push_back(ParseConcat());
  ExpectSymbol(")");
  return expr;
}

ExprPtr Parser::ParseNormalize() {
  const Location location = Take().location;
  ExpectSymbol("(");
  ExprPtr expr = Unary(ExprKind::kNormalize, location, ParseConcat());
  expr->text = "NFC";
  if (AcceptSymbol(",")) {
    if (!IsWord("NFC") && !IsWord("NFD") && !IsWord("NFKC") && !IsWord("NFKD")) {
      FailExpecting("'NFC', 'NFD', 'NFKC', 'NFKD'");
    }
    expr->text = Take().upper;
  }
  ExpectSymbol(")");
  return expr;
}

ExprPtr Parser::ParseGrouping() {
  ExprPtr expr = MakeExpr(ExprKind::kGrouping, Take().location);
  ExpectSymbol("(");
  if (!IsSymbol(")")) {
    do {
      expr->args.push_back(ParseColumnName());
    } while (AcceptSymbol(","));
  }
  ExpectSymbol(")");
  return expr;
}

// `a.b.c`, which may only be a column.
ExprPtr Parser::ParseColumnName() {
  ExprPtr name = MakeExpr(ExprKind::kColumn, Peek().location);
  name->names.push_back(ParseIdentifier());
  while (AcceptSymbol(".")) {
    name = Wrap(ExprKind::kDereference, std::move(name));
    name->names.push_back(ParseIdentifier());
  }
  return name;
}

// current_timestamp(3) and the like.
ExprPtr Parser::ParseCurrent() {
  const Token& token = Take();
  ExprPtr expr = MakeExpr(ExprKind::kCurrent, token.location);
  expr->text = absl::AsciiStrToLower(token.upper);
  if (IsSymbol("(") && absl::StrContains(expr->text, "time")) {
    Take();
    if (Peek().kind != TokenKind::kInteger || !absl::SimpleAtoi(Peek().text, &expr->index)) {
      FailExpecting("<integer>");
    }
    Take();
    ExpectSymbol(")");
  }
  return expr;
}

ExprPtr Parser::ParseArray() {
  ExprPtr expr = MakeExpr(ExprKind::kArray, Take().location);
  ExpectSymbol("[");
  if (!IsSymbol("]")) {
    expr->args = ParseExpressionList();
  }
  ExpectSymbol("]");
  return expr;
}

ExprPtr Parser::ParseRow() {
  ExprPtr row = MakeExpr(ExprKind::kRow, Take().location);
  row->flag = true;
  ExpectSymbol("(");
  row->args = ParseExpressionList();
  ExpectSymbol(")");
  return row;
}

// POSITION(x IN y), SUBSTRING(x FROM n [FOR m]); with commas both are ordinary calls. The first
// argument is parsed once for both, or nested calls would take exponential time.
ExprPtr Parser::ParsePositionOrSubstring() {
  const bool is_position = IsWord("POSITION");
  const bool is_plain = IsSymbol(")", 2) || IsSymbol("*", 2) || IsWord("NOT", 2) ||
                        IsWord("DISTINCT", 2) || IsWord("ALL", 2) || IsWord("ORDER", 2);
  if (is_plain) {
    return ParseNameOrCall();
  }
  const Location location = Peek().location;
  ast::QualifiedName name{ParseIdentifier()};
  ExpectSymbol("(");
  ExprPtr first = ParseConcat();
  if (!AcceptWord(is_position ? "IN" : "FROM")) {
    return ParseCallArguments(std::move(name), location, ParseOr(std::move(first)));
  }
  ExprPtr expr =
      Unary(is_position ? ExprKind::kPosition : ExprKind::kSubstring, location, std::move(first));
  expr->args.push_back(ParseConcat());
  if (!is_position && AcceptWord("FOR")) {
    expr->args.push_back(ParseConcat());
  }
  ExpectSymbol(")");
  return expr;
}

bool Parser::IsLambda() {
  const Label label(*this, "");
  if (IsIdentifier() && IsSymbol("->", 1)) {
    return true;
  }
  if (!IsSymbol("(")) {
    return false;
  }
  size_t ahead = 1;
  if (IsSymbol(")", ahead)) {
    return IsSymbol("->", ahead + 1);
  }
  while (IsIdentifier(ahead)) {
    if (IsSymbol(")", ahead + 1)) {
      return IsSymbol("->", ahead + 2);
    }
    if (!IsSymbol(",", ahead + 1)) {
      return false;
    }
    ahead += 2;
  }
  return false;
}

ExprPtr Parser::ParseLambda() {
  ExprPtr expr = MakeExpr(ExprKind::kLambda, Peek().location);
  if (AcceptSymbol("(")) {
    while (!IsSymbol(")") && Peek().kind != TokenKind::kEnd) {
      expr->names.push_back(ParseIdentifier());
      AcceptSymbol(",");
    }
    ExpectSymbol(")");
  } else {
    expr->names.push_back(ParseIdentifier());
  }
  ExpectSymbol("->");
  expr->args.push_back(ParseExpression());
  return expr;
}

ExprPtr Parser::ParseParenthesized() {
  if (IsLambda()) {
    return ParseLambda();
  }
  const Location location = Take().location;
  if (IsQueryStart()) {
    ExprPtr expr = MakeExpr(ExprKind::kSubquery, location);
    expr->query = ParseQuery();
    ExpectSymbol(")");
    return expr;
  }
  ExprPtr first = ParseExpression();
  if (!IsSymbol(",")) {
    ExpectSymbol(")");
    return first;
  }
  ExprPtr row = Unary(ExprKind::kRow, location, std::move(first));
  while (AcceptSymbol(",")) {
    row->args.push_back(ParseExpression());
  }
  ExpectSymbol(")");
  return row;
}

ExprPtr Parser::ParseCase() {
  ExprPtr expr = MakeExpr(ExprKind::kCase, Take().location);
  if (!IsWord("WHEN")) {
    expr->flag = true;
    expr->args.push_back(ParseExpression());
  }
  do {
    ExpectWord("WHEN");
    expr->args.push_back(ParseExpression());
    ExpectWord("THEN");
    expr->args.push_back(ParseExpression());
  } while (IsWord("WHEN"));
  expr->index = 0;
  if (AcceptWord("ELSE")) {
    expr->index = 1;
    expr->args.push_back(ParseExpression());
  }
  ExpectWord("END");
  return expr;
}

ExprPtr Parser::ParseCast() {
  const Token& word = Take();
  ExprPtr expr = MakeExpr(ExprKind::kCast, word.location);
  expr->flag = word.upper == "TRY_CAST";
  ExpectSymbol("(");
  expr->args.push_back(ParseExpression());
  ExpectWord("AS");
  expr->type_name = ParseTypeText();
  ExpectSymbol(")");
  return expr;
}

std::string Parser::ParseTypeText() {
  const Label label(*this, "<type>");
  const Depth depth(*this);
  std::string text;
  if (IsWord("ROW") && IsSymbol("(", 1)) {
    text = ParseRowTypeText();
  } else if (AcceptWords({"DOUBLE", "PRECISION"})) {
    text = "double";
  } else if (IsWord("INTERVAL")) {
    Take();
    text = absl::StrCat("interval ", ParseIntervalField());
    if (AcceptWord("TO")) {
      absl::StrAppend(&text, " to ", ParseIntervalField());
    }
  } else {
    text = ParseNamedTypeText();
  }
  // T ARRAY, T ARRAY[n]
  std::string closing;
  std::string opening;
  while (AcceptWord("ARRAY")) {
    if (AcceptSymbol("[")) {
      if (Peek().kind != TokenKind::kInteger) {
        FailExpecting("<integer>");
      }
      Take();
      ExpectSymbol("]");
    }
    opening += "array(";
    closing += ")";
    if (closing.size() > static_cast<size_t>(options_.max_depth)) {
      FailTooDeep();
    }
  }
  return absl::StrCat(opening, text, closing);
}

// A field of a row type is `type` or `name type`.
bool Parser::IsNamedRowField() const {
  const Label label(*this, "");
  if (Peek().kind == TokenKind::kQuoted) {
    return Peek(1).kind == TokenKind::kWord || Peek(1).kind == TokenKind::kQuoted;
  }
  if (!IsIdentifier() || (Peek(1).kind != TokenKind::kWord && Peek(1).kind != TokenKind::kQuoted)) {
    return false;
  }
  const bool array_of = IsWord("ARRAY", 1) && !IsSymbol("(", 2) && !IsSymbol("<", 2);
  const bool zoned = (IsWord("TIMESTAMP") || IsWord("TIME")) &&
                     (IsWord("WITH", 1) || IsWord("WITHOUT", 1)) && IsWord("TIME", 2);
  const bool interval =
      IsWord("INTERVAL") && Peek(1).kind == TokenKind::kWord && IsIntervalUnit(Peek(1).upper);
  return !array_of && !zoned && !interval && !(IsWord("DOUBLE") && IsWord("PRECISION", 1));
}

std::string Parser::ParseRowTypeText() {
  Take();
  ExpectSymbol("(");
  std::string text = "row(";
  do {
    if (text.back() != '(') {
      text.append(", ");
    }
    if (IsNamedRowField()) {
      // Unquoted names of fields are lower case: they show in results and in typeof().
      const ast::Identifier field = ParseIdentifier();
      absl::StrAppend(
          &text, QuoteIdentifier(field.quoted ? field.text : absl::AsciiStrToLower(field.text)),
          " ");
    }
    text.append(ParseTypeText());
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
  text.push_back(')');
  return text;
}

// name, name(argument, ...), time and timestamp with their zones.
std::string Parser::ParseNamedTypeText() {
  const std::string name = absl::AsciiStrToLower(ParseIdentifier().text);
  std::string text = IsPlainIdentifier(name) ? name : QuoteIdentifier(name);
  if (AcceptSymbol("(")) {
    text.push_back('(');
    do {
      if (text.back() != '(') {
        text.push_back(',');
      }
      Note("<integer>");
      text.append(Peek().kind == TokenKind::kInteger ? Take().text : ParseTypeText());
    } while (AcceptSymbol(","));
    ExpectSymbol(")");
    text.push_back(')');
  } else if (IsSymbol("<") && (name == "array" || name == "map")) {
    // The legacy spelling ARRAY<T>.
    Take();
    absl::StrAppend(&text, "(", ParseTypeText());
    if (AcceptSymbol(",")) {
      absl::StrAppend(&text, ",", ParseTypeText());
    }
    ExpectSymbol(">");
    text.push_back(')');
  }
  if (name == "time" || name == "timestamp") {
    if (AcceptWords({"WITH", "TIME", "ZONE"})) {
      text.append(" with time zone");
    } else {
      AcceptWords({"WITHOUT", "TIME", "ZONE"});
    }
  }
  return text;
}

std::string Parser::ParseIntervalField() {
  if (Peek().kind != TokenKind::kWord || !IsIntervalUnit(Peek().upper)) {
    FailExpecting("'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'");
    return "";
  }
  return absl::AsciiStrToLower(Take().upper);
}

ExprPtr Parser::ParseInterval() {
  ExprPtr expr = MakeExpr(ExprKind::kInterval, Take().location);
  if (AcceptSymbol("-")) {
    expr->flag = true;
  } else {
    AcceptSymbol("+");
  }
  expr->text = ExpectString();
  expr->type_name = ParseIntervalField();
  if (AcceptWord("TO")) {
    absl::StrAppend(&expr->type_name, " to ", ParseIntervalField());
  }
  return expr;
}

ExprPtr Parser::ParseTrim() {
  ExprPtr expr = MakeExpr(ExprKind::kTrim, Take().location);
  expr->text = "both";
  ExpectSymbol("(");
  bool specified = false;
  for (const char* side : {"BOTH", "LEADING", "TRAILING"}) {
    if (IsWord(side) && !IsSymbol(",", 1) && !IsSymbol(")", 1)) {
      Take();
      expr->text = absl::AsciiStrToLower(side);
      specified = true;
      break;
    }
  }
  if (specified && AcceptWord("FROM")) {
    expr->args.push_back(ParseConcat());
  } else {
    ExprPtr first = ParseConcat();
    if (AcceptWord("FROM")) {
      expr->args.push_back(ParseConcat());
      expr->args.push_back(std::move(first));
    } else {
      expr->args.push_back(std::move(first));
      if (!specified && AcceptSymbol(",")) {
        expr->flag = true;
        expr->args.push_back(ParseConcat());
      }
    }
  }
  ExpectSymbol(")");
  return expr;
}

ExprPtr Parser::ParseParameter(Location location) {
  const int index = num_parameters_++;
  std::vector<ExprPtr>* const bound = options_.parameters;
  if (bound != nullptr && static_cast<size_t>(index) < bound->size()) {
    return std::move((*bound)[static_cast<size_t>(index)]);
  }
  ExprPtr expr = MakeExpr(ExprKind::kParameter, location);
  expr->index = index;
  return expr;
}

ExprPtr Parser::ParseListagg() {
  ExprPtr expr = MakeExpr(ExprKind::kListagg, Take().location);
  expr->call = std::make_unique<ast::CallOptions>();
  ExpectSymbol("(");
  if (AcceptWord("DISTINCT")) {
    expr->call->distinct = true;
  } else {
    AcceptWord("ALL");
  }
  expr->args.push_back(ParseExpression());
  ExprPtr separator = MakeExpr(ExprKind::kString, expr->location);
  if (AcceptSymbol(",")) {
    separator->location = Peek().location;
    separator->text = ExpectString();
  }
  expr->args.push_back(std::move(separator));
  if (AcceptWords({"ON", "OVERFLOW"})) {
    if (AcceptWord("ERROR")) {
      expr->text = "error";
    } else if (!AcceptWord("TRUNCATE")) {
      FailExpecting("'ERROR', 'TRUNCATE'");
    } else {
      expr->text = "truncate";
      ExprPtr filler = MakeExpr(ExprKind::kString, Peek().location);
      filler->text = Peek().kind == TokenKind::kString ? Take().text : "...";
      expr->args.push_back(std::move(filler));
      expr->flag = AcceptWords({"WITH", "COUNT"});
      if (!expr->flag) {
        ExpectWords({"WITHOUT", "COUNT"});
      }
    }
  }
  ExpectSymbol(")");
  ExpectWords({"WITHIN", "GROUP"});
  ExpectSymbol("(");
  ExpectWords({"ORDER", "BY"});
  expr->call->order_by = ParseSortItems();
  ExpectSymbol(")");
  ParseCallTail(*expr);
  return expr;
}

ExprPtr Parser::ParseSpecialCall() {
  const Token& word = Take();
  ExprPtr expr = MakeExpr(ExprKind::kSpecial, word.location);
  expr->text = word.upper;
  expr->type_name = SkipParentheses();
  return expr;
}

bool Parser::IsTypedLiteral() {
  const Label label(*this, "");
  // DOUBLE PRECISION 'x', or one word and a string.
  if (IsWord("DOUBLE") && IsWord("PRECISION", 1) && Peek(2).kind == TokenKind::kString) {
    return true;
  }
  if (!IsIdentifier()) {
    return false;
  }
  return Peek(1).kind == TokenKind::kString;
}

ExprPtr Parser::ParseTypedLiteral() {
  ExprPtr expr = MakeExpr(ExprKind::kTypedLiteral, Peek().location);
  if (AcceptWords({"DOUBLE", "PRECISION"})) {
    expr->type_name = "double";
  } else {
    const std::string name = absl::AsciiStrToLower(ParseIdentifier().text);
    expr->type_name = IsPlainIdentifier(name) ? name : QuoteIdentifier(name);
  }
  expr->text = ExpectString();
  return expr;
}

ExprPtr Parser::ParseNameOrCall() {
  const Location location = Peek().location;
  // A call's name may be qualified; anything else is left to the dereference loop.
  size_t ahead = 0;
  while (IsIdentifier(ahead) && IsSymbol(".", ahead + 1) && IsIdentifier(ahead + 2)) {
    ahead += 2;
  }
  if (IsSymbol("(", ahead + 1)) {
    return ParseCall(ParseQualifiedName(), location);
  }
  ExprPtr column = MakeExpr(ExprKind::kColumn, location);
  column->names.push_back(ParseIdentifier());
  if (IsWord("OVER") && (IsSymbol("(", 1) || IsIdentifier(1)) && !IsSymbol(",", 1)) {
    // A measure of row pattern recognition in a window.
    column->kind = ExprKind::kSpecial;
    column->text = "MEASURE";
    column->call = std::make_unique<ast::CallOptions>();
    ParseOver(*column);
  }
  return column;
}

ExprPtr Parser::ParseCall(ast::QualifiedName name, Location location) {
  ExpectSymbol("(");
  return ParseCallArguments(std::move(name), location, nullptr);
}

// From the first argument on, or what follows it if it was parsed already.
ExprPtr Parser::ParseCallArguments(ast::QualifiedName name, Location location, ExprPtr first) {
  ExprPtr expr = MakeExpr(ExprKind::kCall, location);
  expr->names = std::move(name);
  expr->call = std::make_unique<ast::CallOptions>();
  if (first == nullptr && IsSymbol("*")) {
    expr->args.push_back(MakeExpr(ExprKind::kStar, Take().location));
  } else if (first != nullptr || !IsSymbol(")")) {
    if (first != nullptr) {
      expr->args.push_back(std::move(first));
    } else if (AcceptWord("DISTINCT")) {
      expr->call->distinct = true;
    } else if (IsWord("ALL") && !IsSymbol(",", 1) && !IsSymbol(")", 1)) {
      Take();
    }
    if (!expr->args.empty() ? AcceptSymbol(",") : !IsWord("ORDER")) {
      for (ExprPtr& argument : ParseExpressionList()) {
        expr->args.push_back(std::move(argument));
      }
    }
    if (AcceptWord("ORDER")) {
      ExpectWord("BY");
      expr->call->order_by = ParseSortItems();
    }
  }
  ExpectSymbol(")");
  ParseCallTail(*expr);
  return expr;
}

void Parser::ParseCallTail(Expr& call) {
  if (IsWord("FILTER") && IsSymbol("(", 1)) {
    Take();
    Take();
    ExpectWord("WHERE");
    call.call->filter = ParseExpression();
    ExpectSymbol(")");
  }
  if (AcceptWords({"IGNORE", "NULLS"})) {
    call.call->nulls = ast::NullTreatment::kIgnore;
  } else if (AcceptWords({"RESPECT", "NULLS"})) {
    call.call->nulls = ast::NullTreatment::kRespect;
  }
  ParseOver(call);
  if (call.call->nulls != ast::NullTreatment::kDefault && call.call->over == nullptr) {
    FailExpecting("'OVER'");
  }
}

void Parser::ParseOver(Expr& call) {
  if (!IsWord("OVER") || (!IsSymbol("(", 1) && !IsIdentifier(1))) {
    return;
  }
  Take();
  call.call->over = std::make_unique<ast::Window>();
  if (AcceptSymbol("(")) {
    *call.call->over = ParseWindowSpecification();
    ExpectSymbol(")");
  } else {
    call.call->over->location = Peek().location;
    call.call->over->name_only = true;
    call.call->over->base = ParseIdentifier();
  }
}

std::vector<ExprPtr> Parser::ParseExpressionList() {
  std::vector<ExprPtr> expressions;
  do {
    expressions.push_back(ParseExpression());
  } while (AcceptSymbol(","));
  return expressions;
}

ast::Window Parser::ParseWindowSpecification() {
  ast::Window window;
  window.location = Peek().location;
  if (IsIdentifier() && !(IsWord("PARTITION") && IsWord("BY", 1)) && !IsWord("ROWS") &&
      !IsWord("RANGE") && !IsWord("GROUPS") && !IsWord("MEASURES")) {
    window.base = ParseIdentifier();
  }
  if (AcceptWords({"PARTITION", "BY"})) {
    window.partition_by = ParseExpressionList();
  }
  window.order_location = Peek().location;
  if (AcceptWord("ORDER")) {
    ExpectWord("BY");
    window.order_by = ParseSortItems();
  }
  if (IsWord("MEASURES")) {
    window.pattern = ParsePatternText();
  } else {
    ParseFrame(window);
    if (window.frame && !IsSymbol(")")) {
      window.pattern = ParsePatternText();
    }
  }
  return window;
}

// Row pattern recognition in a window, up to its closing parenthesis.
std::string Parser::ParsePatternText() {
  static constexpr std::string_view kStarts[] = {"MEASURES", "AFTER",  "INITIAL", "SEEK",
                                                 "PATTERN",  "SUBSET", "DEFINE"};
  if (std::none_of(std::begin(kStarts), std::end(kStarts),
                   [this](std::string_view word) { return IsWord(word); })) {
    FailExpecting("')'");
    return "";
  }
  const size_t begin = Peek().begin;
  size_t end = begin;
  while (!IsSymbol(")") && Peek().kind != TokenKind::kEnd) {
    if (IsSymbol("(")) {
      SkipParentheses();
      end = tokens_[pos_ - 1].end;
    } else {
      end = Take().end;
    }
  }
  return std::string(TextBetween(begin, end));
}

void Parser::ParseFrame(ast::Window& window) {
  ast::Frame frame;
  frame.location = Peek().location;
  if (AcceptWord("ROWS")) {
    frame.unit = ast::FrameUnit::kRows;
  } else if (AcceptWord("GROUPS")) {
    frame.unit = ast::FrameUnit::kGroups;
  } else if (!AcceptWord("RANGE")) {
    return;
  }
  if (AcceptWord("BETWEEN")) {
    frame.start = ParseFrameBound();
    ExpectWord("AND");
    frame.end = ParseFrameBound();
  } else {
    frame.start = ParseFrameBound();
  }
  window.frame = std::move(frame);
}

ast::FrameBound Parser::ParseFrameBound() {
  ast::FrameBound bound;
  if (AcceptWord("UNBOUNDED")) {
    bound.kind = AcceptWord("PRECEDING") ? ast::BoundKind::kUnboundedPreceding
                                         : ast::BoundKind::kUnboundedFollowing;
    if (bound.kind == ast::BoundKind::kUnboundedFollowing) {
      ExpectWord("FOLLOWING");
    }
  } else if (AcceptWords({"CURRENT", "ROW"})) {
    bound.kind = ast::BoundKind::kCurrentRow;
  } else {
    bound.offset = ParseExpression();
    bound.kind = AcceptWord("PRECEDING") ? ast::BoundKind::kPreceding : ast::BoundKind::kFollowing;
    if (bound.kind == ast::BoundKind::kFollowing) {
      ExpectWord("FOLLOWING");
    }
  }
  return bound;
}

std::vector<ast::SortItem> Parser::ParseSortItems() {
  std::vector<ast::SortItem> items;
  do {
    ast::SortItem item;
    item.expression = ParseExpression();
    if (AcceptWord("DESC")) {
      item.descending = true;
    } else {
      AcceptWord("ASC");
    }
    if (AcceptWord("NULLS")) {
      item.nulls_first = AcceptWord("FIRST");
      if (!*item.nulls_first) {
        ExpectWord("LAST");
      }
    }
    items.push_back(std::move(item));
  } while (AcceptSymbol(","));
  return items;
}

}  // namespace pallas::sql
