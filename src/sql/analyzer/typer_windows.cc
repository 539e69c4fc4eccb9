#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/analyzer/expression_text.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/ast/query.h"
#include "sql/functions/resolution.h"

namespace pallas::sql {
namespace {

// Definitions may build on each other.
constexpr int kMaxWindowReferences = 100;

bool IsWholeNumber(const Type& type) {
  return IsInteger(type) || (type.kind() == TypeKind::kDecimal && type.scale() == 0);
}

bool IsInterval(const Type& type) {
  return type.kind() == TypeKind::kIntervalDayTime || type.kind() == TypeKind::kIntervalYearMonth;
}

absl::Status InvalidFrame(Location location, std::string_view message) {
  return ErrorAt(location, "INVALID_WINDOW_FRAME", message);
}

absl::Status CheckBounds(ast::BoundKind start, ast::BoundKind end, Location location) {
  using enum ast::BoundKind;
  if (start == kUnboundedFollowing) {
    return InvalidFrame(location, "Window frame start cannot be UNBOUNDED FOLLOWING");
  }
  if (end == kUnboundedPreceding) {
    return InvalidFrame(location, "Window frame end cannot be UNBOUNDED PRECEDING");
  }
  if (start == kCurrentRow && end == kPreceding) {
    return InvalidFrame(location,
                        "Window frame starting from CURRENT ROW cannot end with PRECEDING");
  }
  if (start == kFollowing && end == kPreceding) {
    return InvalidFrame(location, "Window frame starting from FOLLOWING cannot end with PRECEDING");
  }
  if (start == kFollowing && end == kCurrentRow) {
    return InvalidFrame(location,
                        "Window frame starting from FOLLOWING cannot end with CURRENT ROW");
  }
  return absl::OkStatus();
}

FrameBoundKind KindOf(ast::BoundKind kind) {
  switch (kind) {
    case ast::BoundKind::kUnboundedPreceding:
      return FrameBoundKind::kUnboundedPreceding;
    case ast::BoundKind::kPreceding:
      return FrameBoundKind::kPreceding;
    case ast::BoundKind::kCurrentRow:
      return FrameBoundKind::kCurrentRow;
    case ast::BoundKind::kFollowing:
      return FrameBoundKind::kFollowing;
    case ast::BoundKind::kUnboundedFollowing:
      return FrameBoundKind::kUnboundedFollowing;
  }
  return FrameBoundKind::kCurrentRow;
}

FrameUnit UnitOf(ast::FrameUnit unit) {
  switch (unit) {
    case ast::FrameUnit::kRows:
      return FrameUnit::kRows;
    case ast::FrameUnit::kRange:
      return FrameUnit::kRange;
    case ast::FrameUnit::kGroups:
      return FrameUnit::kGroups;
  }
  return FrameUnit::kRange;
}

std::string_view UnitName(ast::FrameUnit unit) {
  return unit == ast::FrameUnit::kRows ? "ROWS" : "GROUPS";
}

template <size_t N>
bool Contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

absl::StatusOr<ExpressionTyper::ResolvedWindow> ExpressionTyper::ResolveWindow(
    const ast::Window& window, int depth) {
  if (!window.pattern.empty()) {
    return ErrorAt(window.location, "NOT_SUPPORTED",
                   "Row pattern recognition in windows is not supported",
                   absl::StatusCode::kUnimplemented);
  }
  ResolvedWindow resolved;
  resolved.location = window.location;
  if (window.base) {
    const ast::Window* base = nullptr;
    if (place_.named_windows != nullptr && depth < kMaxWindowReferences) {
      const auto found = place_.named_windows->find(WindowKey(*window.base));
      base = found == place_.named_windows->end() ? nullptr : found->second;
    }
    if (base == nullptr) {
      return ErrorAt(window.base->location, "INVALID_WINDOW_REFERENCE",
                     absl::StrCat("Cannot resolve WINDOW name ", window.base->text));
    }
    ASSIGN_OR_RETURN(resolved, ResolveWindow(*base, depth + 1));
    if (window.name_only) {
      return resolved;
    }
    if (!window.partition_by.empty()) {
      return ErrorAt(
          window.partition_by[0]->location, "INVALID_PARTITION_BY",
          "WINDOW specification with named WINDOW reference cannot specify PARTITION BY");
    }
    if (resolved.order != nullptr && !window.order_by.empty()) {
      return ErrorAt(window.order_location, "INVALID_ORDER_BY",
                     "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY");
    }
    if (resolved.frame != nullptr) {
      return ErrorAt(window.base->location, "INVALID_WINDOW_REFERENCE",
                     "Cannot reference named WINDOW containing frame specification");
    }
  }
  if (!window.partition_by.empty()) {
    resolved.partition = &window;
  }
  if (!window.order_by.empty()) {
    resolved.order = &window;
  }
  if (window.frame) {
    resolved.frame = &*window.frame;
  }
  return resolved;
}

absl::Status ExpressionTyper::AnalyzeWindow(const ResolvedWindow& window, const ast::Expr& e,
                                            WindowCall& call) {
  if (window.partition != nullptr) {
    for (const ast::ExprPtr& item : window.partition->partition_by) {
      ASSIGN_OR_RETURN(ExprPtr key, Analyze(*item));
      if (!IsComparable(key->type)) {
        return TypeMismatch(
            PlaceOf(*item),
            absl::StrCat(DisplayName(key->type),
                         " is not comparable, and therefore cannot be used in window function "
                         "PARTITION BY"));
      }
      call.partition_by.push_back(std::move(key));
    }
  }
  if (window.order != nullptr) {
    ASSIGN_OR_RETURN(call.order_by, SortKeys(window.order->order_by));
    for (const SortKey& key : call.order_by) {
      if (!IsOrderable(key.expression->type)) {
        return TypeMismatch(
            key.expression->location,
            absl::StrCat(DisplayName(key.expression->type),
                         " is not orderable, and therefore cannot be used in window function "
                         "ORDER BY"));
      }
    }
  }
  return window.frame == nullptr ? absl::OkStatus() : AnalyzeFrame(window, e, call);
}

absl::Status ExpressionTyper::AnalyzeFrame(const ResolvedWindow& window, const ast::Expr& e,
                                           WindowCall& call) {
  const ast::Frame& frame = *window.frame;
  const ast::BoundKind end = frame.end ? frame.end->kind : ast::BoundKind::kCurrentRow;
  RETURN_IF_ERROR(CheckBounds(frame.start.kind, end, frame.location));
  call.unit = UnitOf(frame.unit);
  ASSIGN_OR_RETURN(call.start, AnalyzeBound(frame.start, /*is_start=*/true, window, e, call));
  call.end = FrameBound{FrameBoundKind::kCurrentRow, nullptr};
  if (frame.end) {
    ASSIGN_OR_RETURN(call.end, AnalyzeBound(*frame.end, /*is_start=*/false, window, e, call));
  }
  return absl::OkStatus();
}

absl::StatusOr<FrameBound> ExpressionTyper::AnalyzeBound(const ast::FrameBound& bound,
                                                         bool is_start,
                                                         const ResolvedWindow& window,
                                                         const ast::Expr& e, WindowCall& call) {
  FrameBound result{KindOf(bound.kind), nullptr};
  if (bound.offset == nullptr) {
    return result;
  }
  const ast::FrameUnit unit = window.frame->unit;
  if (unit == ast::FrameUnit::kRange) {
    ASSIGN_OR_RETURN(result.offset, RangeOffset(bound, window, e, call));
    return result;
  }
  if (unit == ast::FrameUnit::kGroups && window.order == nullptr) {
    return ErrorAt(window.location, "MISSING_ORDER_BY",
                   "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY");
  }
  ASSIGN_OR_RETURN(ExprPtr offset, Analyze(*bound.offset));
  if (!IsWholeNumber(offset->type)) {
    return TypeMismatch(PlaceOf(*bound.offset),
                        absl::StrCat("Window frame ", UnitName(unit), is_start ? " start" : " end",
                                     " value type must be exact numeric type with scale 0 (actual ",
                                     DisplayName(offset->type), ")"));
  }
  result.offset = CoerceHere(std::move(offset), Type::Bigint());
  return result;
}

absl::StatusOr<ExprPtr> ExpressionTyper::RangeOffset(const ast::FrameBound& bound,
                                                     const ResolvedWindow& window, const ast::Expr&,
                                                     WindowCall& call) {
  if (window.order == nullptr) {
    return ErrorAt(window.location, "MISSING_ORDER_BY",
                   "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY");
  }
  const std::vector<ast::SortItem>& items = window.order->order_by;
  if (items.size() != 1) {
    return ErrorAt(window.order->order_location, "INVALID_ORDER_BY",
                   absl::StrCat("Window frame of type RANGE PRECEDING or FOLLOWING requires single "
                                "sort item in ORDER BY (actual: ",
                                items.size(), ")"));
  }
  SortKey& key = call.order_by[0];
  const Type key_type = key.expression->type;
  if (!IsNumeric(key_type) && !IsTemporal(key_type) && !IsInterval(key_type)) {
    return TypeMismatch(PlaceOf(*items[0].expression),
                        absl::StrCat("Window frame of type RANGE PRECEDING or FOLLOWING requires "
                                     "that sort item type be numeric, datetime or interval "
                                     "(actual: ",
                                     DisplayName(key_type), ")"));
  }
  ASSIGN_OR_RETURN(ExprPtr offset, Analyze(*bound.offset));
  const auto mismatch = [&] {
    return TypeMismatch(
        PlaceOf(*bound.offset),
        absl::StrCat("Window frame RANGE value type (", DisplayName(offset->type),
                     ") not compatible with sort item type (", DisplayName(key_type), ")"));
  };
  if (IsNumeric(key_type) ? !IsNumeric(offset->type) : !IsInterval(offset->type)) {
    return mismatch();
  }
  // The bound is the key minus or plus the offset.
  const bool subtracts = (bound.kind == ast::BoundKind::kPreceding) != key.descending;
  const FunctionArgument arguments[] = {{.type = key_type}, {.type = offset->type}};
  const absl::StatusOr<ResolvedFunction> function =
      ResolveFunction(subtracts ? "$subtract" : "$add", arguments, session_.dialect);
  if (!function.ok()) {
    return mismatch();
  }
  // The order is the same in a wider type, and the engine adds in the type of the key.
  if (IsNumeric(key_type) && CanCoerce(key_type, function->argument_types[0])) {
    key.expression = CoerceHere(std::move(key.expression), function->argument_types[0]);
  }
  return CoerceHere(std::move(offset), function->argument_types[1]);
}

absl::Status ExpressionTyper::CheckWindowFunction(const ResolvedWindow& window, const ast::Expr& e,
                                                  std::string_view name) const {
  static constexpr std::array<std::string_view, 3> kFrameFunctions = {"first_value", "last_value",
                                                                      "nth_value"};
  static constexpr std::array<std::string_view, 2> kOffsetFunctions = {"lead", "lag"};
  const bool is_aggregate = FunctionKindOf(name) == FunctionKind::kAggregate;
  const bool is_offset = Contains(kOffsetFunctions, name);
  if (is_offset && window.order == nullptr) {
    return ErrorAt(window.location, "MISSING_ORDER_BY",
                   absl::StrCat(name, " function requires an ORDER BY window clause"));
  }
  if (window.frame != nullptr && !is_aggregate && !Contains(kFrameFunctions, name)) {
    return InvalidFrame(window.frame->location,
                        absl::StrCat("Cannot specify window frame for ", name, " function"));
  }
  if (e.call->distinct && !is_aggregate) {
    return ErrorAt(e.location, "FUNCTION_NOT_AGGREGATE",
                   "DISTINCT is not supported for non-aggregation functions");
  }
  if (!is_offset && !Contains(kFrameFunctions, name) &&
      e.call->nulls != ast::NullTreatment::kDefault) {
    return ErrorAt(e.location, "NULL_TREATMENT_NOT_ALLOWED",
                   absl::StrCat("Cannot specify null treatment clause for ", name, " function"));
  }
  return absl::OkStatus();
}

}  // namespace pallas::sql
