#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "catalog/table_resolver.h"
#include "federation/external_function.h"
#include "sql/plan/plan.h"
#include "sql/plan/walk.h"
#include "types/value_text.h"

namespace pallas::sql {
namespace {

constexpr int kIndent = 2;

std::string ColumnName(ColumnId id) { return absl::StrCat("c", id); }

std::string Quoted(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

// A subquery is shown as its tree, in one line.
std::string Inline(const Plan& plan) {
  std::string text = ToString(plan);
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return absl::StrCat("(", absl::StrReplaceAll(text, {{"\n", "; "}}), ")");
}

std::string List(const std::vector<ExprPtr>& exprs) {
  return absl::StrJoin(exprs, ", ", [](std::string* out, const ExprPtr& expr) {
    absl::StrAppend(out, ToString(*expr));
  });
}

// Constants.

std::string ConstantOf(const Type& type, int64_t value) {
  std::string text;
  switch (type.kind()) {
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
      return absl::StrCat(value);
    case TypeKind::kDate:
      AppendDate(value, &text);
      break;
    case TypeKind::kTime:
      AppendTime(value, type.precision(), &text);
      break;
    case TypeKind::kTimestamp:
      AppendTimestamp(value, 0, type.precision(), &text);
      break;
    default:
      absl::StrAppend(&text, value);
      break;
  }
  return absl::StrCat(type.ToString(), " ", Quoted(text));
}

std::string ConstantOf(const Type& type, absl::int128 value) {
  std::string text;
  AppendDecimal(absl::Int128High64(value), absl::Int128Low64(value), type.scale(), &text);
  return absl::StrCat("DECIMAL ", Quoted(text));
}

std::string ConstantOf(const Type& type, const std::string& value) {
  switch (type.kind()) {
    case TypeKind::kVarchar:
      return Quoted(value);
    case TypeKind::kVarbinary:
    case TypeKind::kUuid:
    case TypeKind::kIpAddress:
      return absl::StrCat(type.kind() == TypeKind::kVarbinary ? "X" : type.ToString(),
                          Quoted(absl::BytesToHexString(value)));
    default:
      return absl::StrCat(type.ToString(), " ", Quoted(value));
  }
}

std::string ConstantOf(const Type&, std::monostate) { return "NULL"; }

std::string ConstantOf(const Type&, bool value) { return value ? "true" : "false"; }

std::string ConstantOf(const Type&, double value) {
  std::string text;
  AppendTrinoDouble(value, &text);
  return text;
}

std::string ConstantOf(const Type& type, const LongTime& value) {
  return absl::StrCat(type.ToString(), " '", value.base, "+", value.rest, "'");
}

// Expressions.

std::string_view Symbol(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
      return "=";
    case CompareOp::kNotEqual:
      return "<>";
    case CompareOp::kLess:
      return "<";
    case CompareOp::kLessEqual:
      return "<=";
    case CompareOp::kGreater:
      return ">";
    case CompareOp::kGreaterEqual:
      return ">=";
    case CompareOp::kIsDistinctFrom:
      return "IS DISTINCT FROM";
    case CompareOp::kIsNotDistinctFrom:
      return "IS NOT DISTINCT FROM";
  }
  return "";
}

struct ExprText {
  const Expr& expr;

  std::string operator()(const ConstantExpr& node) const {
    return std::visit([&](const auto& value) { return ConstantOf(expr.type, value); }, node.value);
  }

  std::string operator()(const ColumnExpr& node) const { return ColumnName(node.column); }

  std::string operator()(const LambdaParameterExpr& node) const {
    return absl::StrCat("p", node.parameter);
  }

  std::string operator()(const CallExpr& node) const {
    return absl::StrCat(node.function.entry->name, "(", List(node.arguments), ")");
  }

  std::string operator()(const ExternalCallExpr& node) const {
    return absl::StrCat("external ", node.function->name, "(", List(node.arguments), ")");
  }

  std::string operator()(const LambdaExpr& node) const {
    const std::string parameters = absl::StrJoin(
        node.parameters, ", ",
        [](std::string* out, ColumnId parameter) { absl::StrAppend(out, "p", parameter); });
    return absl::StrCat("(", parameters, ") -> ", ToString(*node.body));
  }

  std::string operator()(const CastExpr& node) const {
    return absl::StrCat(node.safe ? "TRY_CAST(" : "CAST(", ToString(*node.operand), " AS ",
                        expr.type.ToString(), ")");
  }

  std::string operator()(const CompareExpr& node) const {
    return absl::StrCat("(", ToString(*node.left), " ", Symbol(node.op), " ", ToString(*node.right),
                        ")");
  }

  std::string operator()(const BetweenExpr& node) const {
    return absl::StrCat("(", ToString(*node.value), " BETWEEN ", ToString(*node.low), " AND ",
                        ToString(*node.high), ")");
  }

  std::string operator()(const AndExpr& node) const {
    return absl::StrCat("AND(", List(node.terms), ")");
  }

  std::string operator()(const OrExpr& node) const {
    return absl::StrCat("OR(", List(node.terms), ")");
  }

  std::string operator()(const NotExpr& node) const {
    return absl::StrCat("NOT(", ToString(*node.operand), ")");
  }

  std::string operator()(const IsNullExpr& node) const {
    return absl::StrCat("(", ToString(*node.operand), " IS NULL)");
  }

  std::string operator()(const CaseExpr& node) const {
    std::string text = "CASE";
    for (const CaseExpr::When& when : node.whens) {
      absl::StrAppend(&text, " WHEN ", ToString(*when.condition), " THEN ", ToString(*when.result));
    }
    if (node.otherwise != nullptr) {
      absl::StrAppend(&text, " ELSE ", ToString(*node.otherwise));
    }
    return absl::StrCat(text, " END");
  }

  std::string operator()(const CoalesceExpr& node) const {
    return absl::StrCat("COALESCE(", List(node.operands), ")");
  }

  std::string operator()(const InListExpr& node) const {
    return absl::StrCat("(", ToString(*node.value), " IN (", List(node.items), "))");
  }

  std::string operator()(const TryExpr& node) const {
    return absl::StrCat("TRY(", ToString(*node.operand), ")");
  }

  std::string operator()(const RowExpr& node) const {
    return absl::StrCat("ROW(", List(node.fields), ")");
  }

  std::string operator()(const ArrayExpr& node) const {
    return absl::StrCat("ARRAY[", List(node.elements), "]");
  }

  std::string operator()(const FieldExpr& node) const {
    return absl::StrCat(ToString(*node.row), "[", node.index + 1, "]");
  }

  std::string operator()(const ScalarSubqueryExpr& node) const { return Inline(*node.plan); }

  std::string operator()(const ExistsExpr& node) const {
    return absl::StrCat("EXISTS ", Inline(*node.plan));
  }

  std::string operator()(const QuantifiedExpr& node) const {
    return absl::StrCat("(", ToString(*node.value), " ", Symbol(node.op),
                        node.quantifier == Quantifier::kAny ? " ANY " : " ALL ", Inline(*node.plan),
                        ")");
  }
};

// Plans: one line per node.

std::string SortText(const std::vector<SortKey>& keys) {
  return absl::StrJoin(keys, ", ", [](std::string* out, const SortKey& key) {
    absl::StrAppend(out, ToString(*key.expression), key.descending ? " DESC" : "",
                    key.nulls_first ? " NULLS FIRST" : "");
  });
}

std::string IndexText(const std::vector<int>& indexes) {
  return absl::StrCat("(", absl::StrJoin(indexes, ", "), ")");
}

std::string CallText(const AggregateCall& call) {
  std::string text = absl::StrCat(call.function.entry->name, "(", call.distinct ? "DISTINCT " : "",
                                  List(call.arguments));
  if (!call.order_by.empty()) {
    absl::StrAppend(&text, " ORDER BY ", SortText(call.order_by));
  }
  absl::StrAppend(&text, ")");
  if (call.filter != nullptr) {
    absl::StrAppend(&text, " FILTER ", ToString(*call.filter));
  }
  return text;
}

std::string BoundText(const FrameBound& bound) {
  switch (bound.kind) {
    case FrameBoundKind::kUnboundedPreceding:
      return "UNBOUNDED PRECEDING";
    case FrameBoundKind::kPreceding:
      return absl::StrCat(ToString(*bound.offset), " PRECEDING");
    case FrameBoundKind::kCurrentRow:
      return "CURRENT ROW";
    case FrameBoundKind::kFollowing:
      return absl::StrCat(ToString(*bound.offset), " FOLLOWING");
    case FrameBoundKind::kUnboundedFollowing:
      return "UNBOUNDED FOLLOWING";
  }
  return "";
}

std::string_view UnitText(FrameUnit unit) {
  switch (unit) {
    case FrameUnit::kRows:
      return "ROWS";
    case FrameUnit::kRange:
      return "RANGE";
    case FrameUnit::kGroups:
      return "GROUPS";
  }
  return "";
}

std::string CallText(const WindowCall& call) {
  std::string text =
      absl::StrCat(call.function.entry->name, "(", call.distinct ? "DISTINCT " : "",
                   List(call.arguments), ")", call.ignore_nulls ? " IGNORE NULLS" : "");
  if (call.filter != nullptr) {
    absl::StrAppend(&text, " FILTER ", ToString(*call.filter));
  }
  absl::StrAppend(&text, " OVER (");
  if (!call.partition_by.empty()) {
    absl::StrAppend(&text, "PARTITION BY ", List(call.partition_by), " ");
  }
  if (!call.order_by.empty()) {
    absl::StrAppend(&text, "ORDER BY ", SortText(call.order_by), " ");
  }
  absl::StrAppend(&text, UnitText(call.unit), " BETWEEN ", BoundText(call.start), " AND ",
                  BoundText(call.end), ")");
  return text;
}

std::string_view KindText(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner:
      return "inner";
    case JoinKind::kLeft:
      return "left";
    case JoinKind::kRight:
      return "right";
    case JoinKind::kFull:
      return "full";
    case JoinKind::kCross:
      return "cross";
  }
  return "";
}

std::string_view OperationText(SetOperation operation) {
  switch (operation) {
    case SetOperation::kUnion:
      return "Union";
    case SetOperation::kIntersect:
      return "Intersect";
    case SetOperation::kExcept:
      return "Except";
  }
  return "";
}

// What one node says about itself, after the columns it makes.
struct PlanText {
  std::string operator()(const ScanPlan& node) const {
    std::vector<std::string> names;
    for (int column : node.table_columns) {
      names.push_back(node.table->columns[static_cast<size_t>(column)].name);
    }
    return absl::StrCat("Scan ", node.table->name.ToString(), " (", absl::StrJoin(names, ", "),
                        ")");
  }

  std::string operator()(const ValuesPlan& node) const {
    const std::string rows =
        absl::StrJoin(node.rows, ", ", [](std::string* out, const std::vector<ExprPtr>& row) {
          absl::StrAppend(out, "(", List(row), ")");
        });
    return absl::StrCat("Values ", rows);
  }

  std::string operator()(const ProjectPlan& node) const {
    return absl::StrCat("Project ", List(node.expressions));
  }

  std::string operator()(const FilterPlan& node) const {
    return absl::StrCat("Filter ", ToString(*node.condition));
  }

  std::string operator()(const JoinPlan& node) const {
    return absl::StrCat("Join ", KindText(node.kind), node.lateral ? " lateral" : "",
                        node.condition == nullptr ? "" : " on ",
                        node.condition == nullptr ? "" : ToString(*node.condition));
  }

  std::string operator()(const AggregatePlan& node) const {
    std::string text = absl::StrCat("Aggregate keys (", List(node.keys), ")");
    if (!node.grouping_sets.empty()) {
      absl::StrAppend(&text, " sets ", Sets(node.grouping_sets));
    }
    absl::StrAppend(&text, " calls (", Calls(node.calls), ")");
    if (!node.groupings.empty()) {
      absl::StrAppend(&text, " groupings ", Sets(node.groupings));
    }
    return text;
  }

  std::string operator()(const WindowPlan& node) const {
    return absl::StrCat("Window ", Calls(node.calls));
  }

  std::string operator()(const DistinctPlan&) const { return "Distinct"; }

  std::string operator()(const SortPlan& node) const {
    return absl::StrCat("Sort ", SortText(node.keys));
  }

  std::string operator()(const LimitPlan& node) const {
    std::string text = "Limit";
    if (node.limit.has_value()) {
      absl::StrAppend(&text, " ", *node.limit);
    }
    if (node.offset != 0) {
      absl::StrAppend(&text, " offset ", node.offset);
    }
    return absl::StrCat(text, node.with_ties ? " with ties" : "");
  }

  std::string operator()(const SetOperationPlan& node) const {
    return absl::StrCat(OperationText(node.operation), node.distinct ? " distinct" : " all");
  }

  std::string operator()(const UnnestPlan& node) const {
    return absl::StrCat("Unnest ", List(node.expressions),
                        node.with_ordinality ? " with ordinality" : "", node.outer ? " outer" : "");
  }

  std::string operator()(const SamplePlan& node) const {
    return absl::StrCat("Sample ", node.system ? "system " : "bernoulli ",
                        ToString(*node.percentage));
  }

  std::string operator()(const WithPlan& node) const {
    const std::string ctes = absl::StrJoin(node.ctes, ", ", [](std::string* out, const Cte& cte) {
      absl::StrAppend(out, cte.name, "#", cte.id, cte.step == nullptr ? "" : " recursive");
    });
    return absl::StrCat("With ", ctes);
  }

  std::string operator()(const CteScanPlan& node) const {
    return absl::StrCat("CteScan #", node.cte);
  }

 private:
  template <typename Call>
  static std::string Calls(const std::vector<Call>& calls) {
    return absl::StrJoin(calls, ", ", [](std::string* out, const Call& call) {
      absl::StrAppend(out, CallText(call));
    });
  }

  static std::string Sets(const std::vector<std::vector<int>>& sets) {
    return absl::StrJoin(sets, ", ", [](std::string* out, const std::vector<int>& set) {
      absl::StrAppend(out, IndexText(set));
    });
  }
};

std::string ColumnsText(const Plan& plan) {
  return absl::StrJoin(plan.columns, ", ", [](std::string* out, const PlanColumn& column) {
    absl::StrAppend(out, ColumnName(column.id), column.name.empty() ? "" : " ", column.name, ": ",
                    column.type.ToString());
  });
}

void Append(const Plan& plan, int depth, std::string* out) {
  absl::StrAppend(out, std::string(static_cast<size_t>(depth * kIndent), ' '),
                  std::visit(PlanText{}, plan.node), " -> [", ColumnsText(plan), "]\n");
  ForEachInput(plan, [&](const Plan& input) { Append(input, depth + 1, out); });
}

}  // namespace

std::string ToString(const Expr& expr) { return std::visit(ExprText{expr}, expr.node); }

std::string ToString(const Plan& plan) {
  std::string text;
  Append(plan, 0, &text);
  return text;
}

}  // namespace pallas::sql
