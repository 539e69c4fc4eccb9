#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"

#include "sql/formatter/formatter_internal.h"
#include "sql/parser/lexer.h"

namespace pallas::sql {

using ast::Expr;
using ast::ExprKind;

Binding BindingOf(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kLambda:
      return Binding::kLambda;
    case ExprKind::kOr:
      return Binding::kOr;
    case ExprKind::kAnd:
      return Binding::kAnd;
    case ExprKind::kNot:
      return Binding::kNot;
    case ExprKind::kCompare:
    case ExprKind::kDistinctFrom:
    case ExprKind::kIsNull:
    case ExprKind::kBetween:
    case ExprKind::kIn:
    case ExprKind::kInSubquery:
    case ExprKind::kLike:
    case ExprKind::kQuantified:
      return Binding::kPredicate;
    case ExprKind::kConcat:
      return Binding::kConcat;
    case ExprKind::kArithmetic:
      return expr.text == "+" || expr.text == "-" ? Binding::kAdditive : Binding::kMultiplicative;
    case ExprKind::kNegate:
    case ExprKind::kPlus:
      return Binding::kSign;
    case ExprKind::kAtTimeZone:
      return Binding::kAtTimeZone;
    case ExprKind::kSubscript:
    case ExprKind::kDereference:
      return Binding::kPostfix;
    case ExprKind::kInteger:
    case ExprKind::kDecimal:
    case ExprKind::kDouble:
      // 1.x is a number and a name to the lexer.
      return Binding::kAtTimeZone;
    default:
      return Binding::kPrimary;
  }
}

void Formatter::Expression(const Expr& expr) { Operand(expr, Binding::kLambda); }

void Formatter::Operand(const Expr& expr, Binding at_least) {
  if (BindingOf(expr) >= at_least) {
    Unparenthesized(expr);
    return;
  }
  Write("(");
  Unparenthesized(expr);
  Write(")");
}

void Formatter::Expressions(const std::vector<ast::ExprPtr>& expressions) {
  List(expressions, [this](const ast::ExprPtr& expr) { Expression(*expr); });
}

void Formatter::Name(const ast::Identifier& name) {
  Write(name.quoted || !IsPlainIdentifier(name.text) ? QuoteIdentifier(name.text) : name.text);
}

void Formatter::Names(const ast::QualifiedName& name) {
  const char* separator = "";
  for (const ast::Identifier& part : name) {
    Write(separator);
    Name(part);
    separator = ".";
  }
}

void Formatter::NameList(const std::vector<ast::Identifier>& names) {
  Write("(");
  List(names, [this](const ast::Identifier& name) { Name(name); });
  Write(")");
}

void Formatter::String(std::string_view text) {
  Write("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

void Formatter::Unparenthesized(const Expr& expr) {
  if (!Literal(expr) && !Operator(expr) && !Predicate(expr)) {
    SpecialForm(expr);
  }
}

bool Formatter::Literal(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNull:
      Write("NULL");
      return true;
    case ExprKind::kBoolean:
      Write(absl::AsciiStrToUpper(expr.text));
      return true;
    case ExprKind::kDecimal:
      Write(expr.text, options_.decimal_literals_as_double ? "E0" : "");
      return true;
    case ExprKind::kInteger:
    case ExprKind::kDouble:
      Write(expr.text);
      return true;
    case ExprKind::kString:
      String(expr.text);
      return true;
    case ExprKind::kBinary:
      Write("X'", absl::BytesToHexString(expr.text), "'");
      return true;
    case ExprKind::kTypedLiteral:
      // Quoted where it would begin an interval.
      Write(expr.type_name == "interval" ? QuoteIdentifier(expr.type_name)
            : expr.type_name[0] == '"'   ? expr.type_name
                                         : absl::AsciiStrToUpper(expr.type_name),
            " ");
      String(expr.text);
      return true;
    case ExprKind::kInterval:
      Interval(expr);
      return true;
    case ExprKind::kParameter:
      Write("?");
      return true;
    default:
      return false;
  }
}

void Formatter::Interval(const Expr& expr) {
  Write("INTERVAL ", expr.flag ? "-" : "");
  String(expr.text);
  Write(" ", absl::AsciiStrToUpper(expr.type_name));
}

bool Formatter::Operator(const Expr& expr) {
  const auto binary = [&](std::string_view symbol, Binding left, Binding right) {
    Operand(*expr.args[0], left);
    Write(" ", symbol, " ");
    Operand(*expr.args[1], right);
  };
  const auto joined = [&](std::string_view word, Binding at_least) {
    const char* separator = "";
    for (const ast::ExprPtr& arg : expr.args) {
      Write(separator, separator[0] != '\0' ? word : "", separator);
      Operand(*arg, at_least);
      separator = " ";
    }
  };
  switch (expr.kind) {
    case ExprKind::kOr:
      joined("OR", Binding::kAnd);
      return true;
    case ExprKind::kAnd:
      joined("AND", Binding::kNot);
      return true;
    case ExprKind::kNot:
      Write("NOT ");
      Operand(*expr.args[0], Binding::kNot);
      return true;
    case ExprKind::kConcat:
      binary("||", Binding::kConcat, Binding::kAdditive);
      return true;
    case ExprKind::kArithmetic:
      if (BindingOf(expr) == Binding::kAdditive) {
        binary(expr.text, Binding::kAdditive, Binding::kMultiplicative);
      } else {
        binary(expr.text, Binding::kMultiplicative, Binding::kSign);
      }
      return true;
    case ExprKind::kNegate:
      // Two signs in a row would begin a comment.
      Write(expr.args[0]->kind == ExprKind::kNegate ? "- " : "-");
      Operand(*expr.args[0], Binding::kSign);
      return true;
    case ExprKind::kPlus:
      Write("+");
      Operand(*expr.args[0], Binding::kSign);
      return true;
    case ExprKind::kAtTimeZone:
      Operand(*expr.args[0], Binding::kAtTimeZone);
      Write(expr.flag ? " AT LOCAL" : " AT TIME ZONE ");
      if (!expr.flag) {
        Operand(*expr.args[1], Binding::kPostfix);
      }
      return true;
    case ExprKind::kSubscript:
      Operand(*expr.args[0], Binding::kPostfix);
      Write("[");
      Operand(*expr.args[1], Binding::kConcat);
      Write("]");
      return true;
    case ExprKind::kDereference:
      Operand(*expr.args[0], Binding::kPostfix);
      Write(".");
      Name(expr.names[0]);
      return true;
    default:
      return false;
  }
}

bool Formatter::Predicate(const Expr& expr) {
  if (BindingOf(expr) != Binding::kPredicate) {
    return false;
  }
  const char* const negation = expr.flag ? "NOT " : "";
  Operand(*expr.args[0], Binding::kConcat);
  switch (expr.kind) {
    case ExprKind::kDistinctFrom:
      Write(" IS ", negation, "DISTINCT FROM ");
      Operand(*expr.args[1], Binding::kConcat);
      break;
    case ExprKind::kIsNull:
      Write(" IS ", negation, "NULL");
      break;
    case ExprKind::kBetween:
      Write(" ", negation, "BETWEEN ", expr.text.empty() ? "" : "SYMMETRIC ");
      Operand(*expr.args[1], Binding::kConcat);
      Write(" AND ");
      Operand(*expr.args[2], Binding::kConcat);
      break;
    case ExprKind::kIn:
      Write(" ", negation, "IN (");
      for (size_t i = 1; i < expr.args.size(); ++i) {
        Write(i > 1 ? ", " : "");
        Expression(*expr.args[i]);
      }
      Write(")");
      break;
    case ExprKind::kInSubquery:
      Write(" ", negation, "IN ");
      Subquery(*expr.query);
      break;
    case ExprKind::kLike:
      Write(" ", negation, "LIKE ");
      Operand(*expr.args[1], Binding::kConcat);
      if (expr.args.size() > 2) {
        Write(" ESCAPE ");
        Operand(*expr.args[2], Binding::kConcat);
      }
      break;
    case ExprKind::kQuantified:
      Write(" ", expr.text, " ", absl::AsciiStrToUpper(expr.type_name), " ");
      Subquery(*expr.query);
      break;
    default:  // kCompare
      Write(" ", expr.text, " ");
      Operand(*expr.args[1], Binding::kConcat);
  }
  return true;
}

void Formatter::SpecialForm(const Expr& expr) {
  const auto list = [&](std::string_view open, std::string_view close) {
    Write(open);
    Expressions(expr.args);
    Write(close);
  };
  switch (expr.kind) {
    case ExprKind::kColumn:
      return Name(expr.names[0]);
    case ExprKind::kStar:
      return Write("*");
    case ExprKind::kCall:
      return Call(expr);
    case ExprKind::kLambda:
      return Lambda(expr);
    case ExprKind::kExists:
      Write("EXISTS ");
      return Subquery(*expr.query);
    case ExprKind::kSubquery:
      return Subquery(*expr.query);
    case ExprKind::kRow:
      return list(expr.flag ? "ROW(" : "(", ")");
    case ExprKind::kArray:
      return list("ARRAY[", "]");
    case ExprKind::kGrouping:
      return list("GROUPING(", ")");
    case ExprKind::kCase:
      return Case(expr);
    case ExprKind::kListagg:
      return Listagg(expr);
    default:
      KeywordForm(expr);
  }
}

// Calls whose arguments are told apart by words.
void Formatter::KeywordForm(const Expr& expr) {
  const auto words = [&](std::string_view name, const std::vector<std::string_view>& separators) {
    Write(name, "(");
    for (size_t i = 0; i < expr.args.size(); ++i) {
      Write(i > 0 ? " " : "", i > 0 ? separators[i - 1] : "", i > 0 ? " " : "");
      Operand(*expr.args[i], Binding::kConcat);
    }
    Write(")");
  };
  switch (expr.kind) {
    case ExprKind::kCast:
      Write(expr.flag ? "TRY_CAST(" : "CAST(");
      Expression(*expr.args[0]);
      return Write(" AS ", expr.type_name, ")");
    case ExprKind::kExtract:
      Write("EXTRACT(");
      Name({absl::AsciiStrToUpper(expr.text), false, {}});
      Write(" FROM ");
      Operand(*expr.args[0], Binding::kConcat);
      return Write(")");
    case ExprKind::kCurrent:
      Write(absl::AsciiStrToUpper(expr.text));
      if (expr.index >= 0) {
        Write("(", expr.index, ")");
      }
      return;
    case ExprKind::kTrim:
      return Trim(expr);
    case ExprKind::kPosition:
      return words("POSITION", {"IN"});
    case ExprKind::kSubstring:
      return words("SUBSTRING", {"FROM", "FOR"});
    case ExprKind::kNormalize:
      Write("NORMALIZE(");
      Operand(*expr.args[0], Binding::kConcat);
      return Write(", ", expr.text, ")");
    default:  // kSpecial
      if (expr.names.empty()) {
        return Write(expr.text, expr.type_name);
      }
      Names(expr.names);
      Over(*expr.call->over);
  }
}

void Formatter::Case(const Expr& expr) {
  Write("CASE");
  size_t i = 0;
  if (expr.flag) {
    Write(" ");
    Expression(*expr.args[i++]);
  }
  const size_t end = expr.args.size() - (expr.index == 1 ? 1 : 0);
  for (; i < end; i += 2) {
    Write(" WHEN ");
    Expression(*expr.args[i]);
    Write(" THEN ");
    Expression(*expr.args[i + 1]);
  }
  if (expr.index == 1) {
    Write(" ELSE ");
    Expression(*expr.args.back());
  }
  Write(" END");
}

void Formatter::Lambda(const Expr& expr) {
  if (expr.names.size() == 1) {
    Name(expr.names[0]);
  } else {
    NameList(expr.names);
  }
  Write(" -> ");
  Expression(*expr.args[0]);
}

void Formatter::Trim(const Expr& expr) {
  Write("TRIM(");
  if (expr.flag) {
    Operand(*expr.args[0], Binding::kConcat);
    Write(", ");
    Operand(*expr.args[1], Binding::kConcat);
  } else {
    Write(absl::AsciiStrToUpper(expr.text), " ");
    if (expr.args.size() > 1) {
      Operand(*expr.args[1], Binding::kConcat);
      Write(" ");
    }
    Write("FROM ");
    Operand(*expr.args[0], Binding::kConcat);
  }
  Write(")");
}

void Formatter::Listagg(const Expr& expr) {
  Write("LISTAGG(", expr.call->distinct ? "DISTINCT " : "");
  Expression(*expr.args[0]);
  Write(", ");
  Expression(*expr.args[1]);
  if (expr.text == "error") {
    Write(" ON OVERFLOW ERROR");
  } else if (expr.text == "truncate") {
    Write(" ON OVERFLOW TRUNCATE ");
    Expression(*expr.args[2]);
    Write(expr.flag ? " WITH COUNT" : " WITHOUT COUNT");
  }
  Write(") WITHIN GROUP (ORDER BY ");
  SortItems(expr.call->order_by);
  Write(")");
  CallTail(*expr.call);
}

void Formatter::Call(const Expr& expr) {
  Names(expr.names);
  Write("(");
  if (expr.call != nullptr && expr.call->distinct) {
    Write("DISTINCT ");
  }
  Expressions(expr.args);
  if (expr.call != nullptr && !expr.call->order_by.empty()) {
    Write(expr.args.empty() ? "ORDER BY " : " ORDER BY ");
    SortItems(expr.call->order_by);
  }
  Write(")");
  if (expr.call != nullptr) {
    CallTail(*expr.call);
  }
}

void Formatter::CallTail(const ast::CallOptions& call) {
  if (call.filter != nullptr) {
    Write(" FILTER (WHERE ");
    Expression(*call.filter);
    Write(")");
  }
  if (call.nulls != ast::NullTreatment::kDefault) {
    Write(call.nulls == ast::NullTreatment::kIgnore ? " IGNORE NULLS" : " RESPECT NULLS");
  }
  if (call.over != nullptr) {
    Over(*call.over);
  }
}

void Formatter::Over(const ast::Window& window) {
  Write(" OVER ");
  if (window.name_only && window.base) {
    Name(*window.base);
    return;
  }
  Write("(");
  WindowSpecification(window);
  Write(")");
}

void Formatter::WindowSpecification(const ast::Window& window) {
  const size_t begin = out_.size();
  const auto part = [&] { Write(out_.size() > begin ? " " : ""); };
  if (window.base) {
    Name(*window.base);
  }
  if (!window.partition_by.empty()) {
    part();
    Write("PARTITION BY ");
    Expressions(window.partition_by);
  }
  if (!window.order_by.empty()) {
    part();
    Write("ORDER BY ");
    SortItems(window.order_by);
  }
  // The pattern text holds the frame where MEASURES come before it.
  if (window.frame) {
    part();
    Frame(*window.frame);
  }
  if (!window.pattern.empty()) {
    part();
    Write(window.pattern);
  }
}

void Formatter::Frame(const ast::Frame& frame) {
  switch (frame.unit) {
    case ast::FrameUnit::kRows:
      Write("ROWS ");
      break;
    case ast::FrameUnit::kRange:
      Write("RANGE ");
      break;
    case ast::FrameUnit::kGroups:
      Write("GROUPS ");
      break;
  }
  if (!frame.end) {
    return Bound(frame.start);
  }
  Write("BETWEEN ");
  Bound(frame.start);
  Write(" AND ");
  Bound(*frame.end);
}

void Formatter::Bound(const ast::FrameBound& bound) {
  switch (bound.kind) {
    case ast::BoundKind::kUnboundedPreceding:
      return Write("UNBOUNDED PRECEDING");
    case ast::BoundKind::kUnboundedFollowing:
      return Write("UNBOUNDED FOLLOWING");
    case ast::BoundKind::kCurrentRow:
      return Write("CURRENT ROW");
    case ast::BoundKind::kPreceding:
    case ast::BoundKind::kFollowing:
      Expression(*bound.offset);
      Write(bound.kind == ast::BoundKind::kPreceding ? " PRECEDING" : " FOLLOWING");
  }
}

void Formatter::SortItems(const std::vector<ast::SortItem>& items) {
  List(items, [this](const ast::SortItem& item) {
    Expression(*item.expression);
    Write(item.descending ? " DESC" : "");
    if (item.nulls_first) {
      Write(*item.nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
  });
}

}  // namespace pallas::sql
