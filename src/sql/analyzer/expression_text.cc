#include "sql/analyzer/expression_text.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace pallas::sql {
namespace {

using ast::Expr;
using ast::ExprKind;

// Messages stay readable, and deep expressions need no deep stack.
constexpr size_t kMaxLength = 1'000;
constexpr int kMaxDepth = 50;

class Writer {
 public:
  std::string Take() {
    if (out_.size() > kMaxLength) {
      out_.resize(kMaxLength);
      out_ += "...";
    }
    return std::move(out_);
  }

  void Write(const Expr& e) {
    if (depth_ >= kMaxDepth || out_.size() > kMaxLength) {
      Put("...");
      return;
    }
    ++depth_;
    WriteNode(e);
    --depth_;
  }

 private:
  void Put(std::string_view text) { out_.append(text); }

  void PutString(std::string_view text) {
    absl::StrAppend(&out_, "'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
  }

  void PutName(const ast::Identifier& name) {
    if (name.quoted) {
      absl::StrAppend(&out_, "\"", absl::StrReplaceAll(name.text, {{"\"", "\"\""}}), "\"");
    } else {
      Put(name.text);
    }
  }

  void PutList(const std::vector<ast::ExprPtr>& args, size_t first = 0) {
    for (size_t i = first; i < args.size(); ++i) {
      Put(i > first ? ", " : "");
      Write(*args[i]);
    }
  }

  void PutCall(std::string_view name, const std::vector<ast::ExprPtr>& args) {
    Put(name);
    Put("(");
    PutList(args);
    Put(")");
  }

  void PutBinary(const Expr& e, std::string_view op) {
    Put("(");
    Write(*e.args[0]);
    absl::StrAppend(&out_, " ", op, " ");
    Write(*e.args[1]);
    Put(")");
  }

  void PutLogical(const Expr& e, std::string_view op) {
    Put("(");
    for (size_t i = 0; i < e.args.size(); ++i) {
      Put(i > 0 ? op : "");
      Write(*e.args[i]);
    }
    Put(")");
  }

  void PutSortItems(const std::vector<ast::SortItem>& items) {
    Put("ORDER BY ");
    std::string_view separator;
    for (const ast::SortItem& item : items) {
      Put(separator);
      separator = ", ";
      Write(*item.expression);
      Put(item.descending ? " DESC" : " ASC");
      if (item.nulls_first.has_value()) {
        Put(item.nulls_first.value() ? " NULLS FIRST" : " NULLS LAST");
      }
    }
  }

  void PutBound(const ast::FrameBound& bound) {
    switch (bound.kind) {
      case ast::BoundKind::kUnboundedPreceding:
        Put("UNBOUNDED PRECEDING");
        return;
      case ast::BoundKind::kUnboundedFollowing:
        Put("UNBOUNDED FOLLOWING");
        return;
      case ast::BoundKind::kCurrentRow:
        Put("CURRENT ROW");
        return;
      case ast::BoundKind::kPreceding:
        Write(*bound.offset);
        Put(" PRECEDING");
        return;
      case ast::BoundKind::kFollowing:
        Write(*bound.offset);
        Put(" FOLLOWING");
        return;
    }
  }

  void PutFrame(const ast::Frame& frame) {
    static constexpr std::string_view kUnits[] = {"ROWS", "RANGE", "GROUPS"};
    Put(kUnits[static_cast<size_t>(frame.unit)]);
    Put(frame.end ? " BETWEEN " : " ");
    PutBound(frame.start);
    if (frame.end) {
      Put(" AND ");
      PutBound(*frame.end);
    }
  }

  void PutWindow(const ast::Window& window) {
    if (window.name_only && window.base) {
      PutName(*window.base);
      return;
    }
    Put("(");
    std::string_view blank;
    const auto part = [&] {
      Put(blank);
      blank = " ";
    };
    if (window.base) {
      part();
      PutName(*window.base);
    }
    if (!window.partition_by.empty()) {
      part();
      Put("PARTITION BY ");
      PutList(window.partition_by);
    }
    if (!window.order_by.empty()) {
      part();
      PutSortItems(window.order_by);
    }
    if (window.frame) {
      part();
      PutFrame(*window.frame);
    }
    Put(")");
  }

  void PutFunctionCall(const Expr& e) {
    for (size_t i = 0; i < e.names.size(); ++i) {
      Put(i > 0 ? "." : "");
      PutName(e.names[i]);
    }
    Put("(");
    Put(e.call != nullptr && e.call->distinct ? "DISTINCT " : "");
    PutList(e.args);
    if (e.call != nullptr && !e.call->order_by.empty()) {
      Put(" ");
      PutSortItems(e.call->order_by);
    }
    Put(")");
    if (e.call == nullptr) {
      return;
    }
    if (e.call->filter != nullptr) {
      Put(" FILTER (WHERE ");
      Write(*e.call->filter);
      Put(")");
    }
    if (e.call->nulls != ast::NullTreatment::kDefault) {
      Put(e.call->nulls == ast::NullTreatment::kIgnore ? " IGNORE NULLS" : " RESPECT NULLS");
    }
    if (e.call->over != nullptr) {
      Put(" OVER ");
      PutWindow(*e.call->over);
    }
  }

  void PutCase(const Expr& e) {
    size_t i = 0;
    Put("(CASE");
    if (e.flag) {
      Put(" ");
      Write(*e.args[i++]);
    }
    const size_t end = e.args.size() - (e.index == 1 ? 1 : 0);
    for (; i + 1 < end; i += 2) {
      Put(" WHEN ");
      Write(*e.args[i]);
      Put(" THEN ");
      Write(*e.args[i + 1]);
    }
    if (e.index == 1) {
      Put(" ELSE ");
      Write(*e.args.back());
    }
    Put(" END)");
  }

  void PutPredicate(const Expr& e, std::string_view op) {
    Put("(");
    Write(*e.args[0]);
    absl::StrAppend(&out_, e.flag ? " NOT " : " ", op, " ");
  }

  void PutLambda(const Expr& e) {
    Put("(");
    for (size_t i = 0; i < e.names.size(); ++i) {
      Put(i > 0 ? ", " : "");
      PutName(e.names[i]);
    }
    Put(") -> ");
    Write(*e.args[0]);
  }

  // False: another kind of node.
  bool WriteLiteral(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kNull:
        Put("null");
        return true;
      case ExprKind::kBoolean:
      case ExprKind::kInteger:
      case ExprKind::kDecimal:
      case ExprKind::kDouble:
        Put(e.text);
        return true;
      case ExprKind::kString:
        PutString(e.text);
        return true;
      case ExprKind::kBinary:
        absl::StrAppend(&out_, "X'", absl::AsciiStrToUpper(absl::BytesToHexString(e.text)), "'");
        return true;
      case ExprKind::kTypedLiteral:
        Put(absl::AsciiStrToUpper(e.type_name));
        Put(" ");
        PutString(e.text);
        return true;
      case ExprKind::kInterval:
        Put(e.flag ? "INTERVAL - " : "INTERVAL ");
        PutString(e.text);
        Put(" ");
        Put(absl::AsciiStrToUpper(e.type_name));
        return true;
      case ExprKind::kParameter:
        Put("?");
        return true;
      case ExprKind::kStar:
        Put("*");
        return true;
      default:
        return false;
    }
  }

  bool WriteOperator(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kNegate:
      case ExprKind::kPlus:
        Put(e.kind == ExprKind::kNegate ? "-" : "+");
        Write(*e.args[0]);
        return true;
      case ExprKind::kArithmetic:
      case ExprKind::kCompare:
        PutBinary(e, e.text);
        return true;
      case ExprKind::kConcat:
        PutBinary(e, "||");
        return true;
      case ExprKind::kDistinctFrom:
        PutBinary(e, e.flag ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM");
        return true;
      case ExprKind::kAnd:
        PutLogical(e, " AND ");
        return true;
      case ExprKind::kOr:
        PutLogical(e, " OR ");
        return true;
      case ExprKind::kNot:
        Put("(NOT ");
        Write(*e.args[0]);
        Put(")");
        return true;
      case ExprKind::kIsNull:
        Put("(");
        Write(*e.args[0]);
        Put(e.flag ? " IS NOT NULL)" : " IS NULL)");
        return true;
      default:
        return WritePredicate(e);
    }
  }

  bool WritePredicate(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kBetween:
        PutPredicate(e, "BETWEEN");
        Write(*e.args[1]);
        Put(" AND ");
        Write(*e.args[2]);
        Put(")");
        return true;
      case ExprKind::kIn:
        PutPredicate(e, "IN");
        Put("(");
        PutList(e.args, 1);
        Put("))");
        return true;
      case ExprKind::kInSubquery:
        PutPredicate(e, "IN");
        Put("(SELECT ...))");
        return true;
      case ExprKind::kLike:
        PutPredicate(e, "LIKE");
        Write(*e.args[1]);
        if (e.args.size() > 2) {
          Put(" ESCAPE ");
          Write(*e.args[2]);
        }
        Put(")");
        return true;
      case ExprKind::kExists:
        Put("(EXISTS (SELECT ...))");
        return true;
      case ExprKind::kQuantified:
        Put("(");
        Write(*e.args[0]);
        absl::StrAppend(&out_, " ", e.text, " ", absl::AsciiStrToUpper(e.type_name),
                        " (SELECT ...))");
        return true;
      case ExprKind::kSubquery:
        Put("(SELECT ...)");
        return true;
      default:
        return false;
    }
  }

  void WriteNode(const Expr& e) {
    if (!WriteLiteral(e) && !WriteOperator(e) && !WriteForm(e)) {
      Put(e.text);
    }
  }

  bool WriteForm(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kColumn:
        PutName(e.names[0]);
        return true;
      case ExprKind::kDereference:
        Write(*e.args[0]);
        Put(".");
        PutName(e.names[0]);
        return true;
      case ExprKind::kCall:
        PutFunctionCall(e);
        return true;
      case ExprKind::kLambda:
        PutLambda(e);
        return true;
      case ExprKind::kRow:
        PutCall("ROW ", e.args);
        return true;
      case ExprKind::kArray:
        Put("ARRAY[");
        PutList(e.args);
        Put("]");
        return true;
      case ExprKind::kSubscript:
        Write(*e.args[0]);
        Put("[");
        Write(*e.args[1]);
        Put("]");
        return true;
      case ExprKind::kCase:
        PutCase(e);
        return true;
      case ExprKind::kCast:
        Put(e.flag ? "TRY_CAST(" : "CAST(");
        Write(*e.args[0]);
        absl::StrAppend(&out_, " AS ", e.type_name, ")");
        return true;
      case ExprKind::kExtract:
        absl::StrAppend(&out_, "EXTRACT(", absl::AsciiStrToUpper(e.text), " FROM ");
        Write(*e.args[0]);
        Put(")");
        return true;
      case ExprKind::kAtTimeZone:
        Write(*e.args[0]);
        if (e.flag) {
          Put(" AT LOCAL");
        } else {
          Put(" AT TIME ZONE ");
          Write(*e.args[1]);
        }
        return true;
      case ExprKind::kCurrent:
        Put(absl::AsciiStrToUpper(e.text));
        return true;
      default:
        return WriteSpecialCall(e);
    }
  }

  bool WriteSpecialCall(const Expr& e) {
    switch (e.kind) {
      case ExprKind::kTrim:
        PutCall("TRIM", e.args);
        return true;
      case ExprKind::kPosition:
        PutCall("POSITION", e.args);
        return true;
      case ExprKind::kSubstring:
        PutCall("SUBSTRING", e.args);
        return true;
      case ExprKind::kNormalize:
        PutCall("NORMALIZE", e.args);
        return true;
      case ExprKind::kGrouping:
        PutCall("GROUPING ", e.args);
        return true;
      case ExprKind::kListagg:
        PutCall("LISTAGG", e.args);
        return true;
      default:
        return false;
    }
  }

  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string ExpressionText(const ast::Expr& expression) {
  Writer writer;
  writer.Write(expression);
  return writer.Take();
}

std::string ExpressionTexts(const std::vector<const ast::Expr*>& expressions) {
  std::string out = "[";
  for (size_t i = 0; i < expressions.size(); ++i) {
    absl::StrAppend(&out, i > 0 ? ", " : "", ExpressionText(*expressions[i]));
  }
  return out + "]";
}

}  // namespace pallas::sql
