#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/plan_emitter.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

using duckdb::WindowBoundary;

WindowBoundary OfUnit(sql::FrameUnit unit, WindowBoundary rows, WindowBoundary range,
                      WindowBoundary groups) {
  switch (unit) {
    case sql::FrameUnit::kRows:
      return rows;
    case sql::FrameUnit::kRange:
      return range;
    default:
      return groups;
  }
}

WindowBoundary ToBoundary(sql::FrameUnit unit, sql::FrameBoundKind kind) {
  switch (kind) {
    case sql::FrameBoundKind::kUnboundedPreceding:
      return WindowBoundary::UNBOUNDED_PRECEDING;
    case sql::FrameBoundKind::kUnboundedFollowing:
      return WindowBoundary::UNBOUNDED_FOLLOWING;
    case sql::FrameBoundKind::kCurrentRow:
      return OfUnit(unit, WindowBoundary::CURRENT_ROW_ROWS, WindowBoundary::CURRENT_ROW_RANGE,
                    WindowBoundary::CURRENT_ROW_GROUPS);
    case sql::FrameBoundKind::kPreceding:
      return OfUnit(unit, WindowBoundary::EXPR_PRECEDING_ROWS, WindowBoundary::EXPR_PRECEDING_RANGE,
                    WindowBoundary::EXPR_PRECEDING_GROUPS);
    default:
      return OfUnit(unit, WindowBoundary::EXPR_FOLLOWING_ROWS, WindowBoundary::EXPR_FOLLOWING_RANGE,
                    WindowBoundary::EXPR_FOLLOWING_GROUPS);
  }
}

constexpr int64_t kMicrosPerMilli = 1000;
constexpr char kBadOffset[] = "Window frame offset value must not be negative or null";

absl::Status NotSupported(const Type& key, const Type& offset) {
  return NamedError("NOT_SUPPORTED",
                    absl::StrCat("RANGE over ", key.ToString(), " with an offset of ",
                                 offset.ToString(), " is not supported"),
                    absl::StatusCode::kUnimplemented);
}

bool IsInterval(const Type& type) {
  return type.kind() == TypeKind::kIntervalDayTime || type.kind() == TypeKind::kIntervalYearMonth;
}

// RANGE frames with an offset compute with the sort key: both must be numbers of one kind (decision
// D15). Dates and timestamps become microseconds, and so does an interval of days; only one of
// months needs DuckDB's calendar.
absl::StatusOr<DuckExpr> RangeKey(const Type& type, const Type& offset, DuckExpr key) {
  if (IsNumeric(type) || IsInterval(type)) {
    return key;
  }
  const bool is_date = type.kind() == TypeKind::kDate;
  if (!is_date && !(type.kind() == TypeKind::kTimestamp && type.precision() <= 6)) {
    return NotSupported(type, offset);
  }
  if (is_date) {
    key = CastTo(Type::Timestamp(6), std::move(key));
  }
  return offset.kind() == TypeKind::kIntervalYearMonth
             ? std::move(key)
             : NativeCall("epoch_us", MakeTrees(std::move(key)));
}

absl::StatusOr<DuckExpr> RangeOffset(const Type& key, const Type& type, DuckExpr offset) {
  if (IsNumeric(type) || IsInterval(key)) {
    return offset;
  }
  if (type.kind() == TypeKind::kIntervalDayTime) {
    return NativeCall("*", MakeTrees(std::move(offset), BigintConstant(kMicrosPerMilli)));
  }
  if (type.kind() == TypeKind::kIntervalYearMonth) {
    return NativeCall("to_months", MakeTrees(std::move(offset)));
  }
  return NotSupported(key, type);
}

// `offset`, or the error that Trino has for one that is negative or null.
DuckExpr CheckedOffset(const sql::Expr& expr, DuckExpr offset) {
  if (const auto* constant = std::get_if<sql::ConstantExpr>(&expr.node)) {
    const auto* integer = std::get_if<int64_t>(&constant->value);
    if (integer != nullptr && *integer >= 0) {
      return offset;
    }
  }
  DuckExpr bad =
      Or(MakeTrees(IsNull(offset->Copy()), NativeCompare(duckdb::ExpressionType::COMPARE_LESSTHAN,
                                                         offset->Copy(), BigintConstant(0))));
  return IfElse(std::move(bad),
                CastTo(expr.type, NativeCall("error", MakeTrees(TextConstant(kBadOffset)))),
                std::move(offset));
}

}  // namespace

absl::Status PlanEmitter::EmitFrame(const sql::WindowCall& call, Operands& operands,
                                    WindowParts& parts) {
  parts.start = ToBoundary(call.unit, call.start.kind);
  parts.end = ToBoundary(call.unit, call.end.kind);
  const bool range = call.unit == sql::FrameUnit::kRange && !call.order_by.empty();
  const sql::Expr* key = range ? call.order_by.front().expression.get() : nullptr;
  for (auto [bound, offset] :
       {std::pair(&call.start, &parts.start_offset), std::pair(&call.end, &parts.end_offset)}) {
    if (bound->offset == nullptr) {
      continue;
    }
    ASSIGN_OR_RETURN(*offset, operands.Emit(*bound->offset));
    *offset = CheckedOffset(*bound->offset, std::move(*offset));
    if (range && !parts.order_by.empty()) {
      const Type& offset_type = bound->offset->type;
      ASSIGN_OR_RETURN(*offset, RangeOffset(key->type, offset_type, std::move(*offset)));
      ASSIGN_OR_RETURN(DuckExpr value, operands.Emit(*key));
      ASSIGN_OR_RETURN(parts.order_by.front().expression,
                       RangeKey(key->type, offset_type, std::move(value)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<DuckExpr> PlanEmitter::EmitWindowCall(const sql::WindowCall& call,
                                                     Operands& operands) {
  ASSIGN_OR_RETURN(DuckExprs arguments, operands.EmitAll(call.arguments));
  WindowParts parts;
  parts.distinct = call.distinct;
  parts.ignore_nulls = call.ignore_nulls;
  if (call.filter != nullptr) {
    ASSIGN_OR_RETURN(parts.filter, operands.EmitFilter(*call.filter));
  }
  for (const sql::ExprPtr& key : call.partition_by) {
    ASSIGN_OR_RETURN(DuckExpr value, operands.Emit(*key));
    parts.partition_by.push_back(functions_.GroupKey(key->type, std::move(value)));
  }
  ASSIGN_OR_RETURN(parts.order_by, operands.EmitSortKeys(call.order_by));
  RETURN_IF_ERROR(EmitFrame(call, operands, parts));
  return functions_.Window(call.function, std::move(arguments), std::move(parts));
}

absl::StatusOr<SelectBlock> PlanEmitter::EmitNode(const sql::WindowPlan& node,
                                                  const sql::Plan& plan) {
  ASSIGN_OR_RETURN(SelectBlock block, Emit(*node.input));
  block.PrepareExpressions();
  Operands operands(*node.input, expressions_, names_);
  std::vector<SelectBlock::Item> items;
  const size_t inputs = node.input->columns.size();
  for (const sql::WindowCall& call : node.calls) {
    ASSIGN_OR_RETURN(DuckExpr value, EmitWindowCall(call, operands));
    items.push_back({ColumnName(plan.columns[inputs + items.size()].id), std::move(value)});
  }
  operands.Apply(block);
  block.SelectAlso(std::move(items));
  return block;
}

}  // namespace pallas::engine
