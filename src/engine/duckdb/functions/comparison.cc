#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "duckdb/parser/expression/between_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/operator_expression.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"

// Comparisons, and the keys that DuckDB groups, joins and orders by (decision D13).

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using sql::CompareOp;

constexpr int kMaxPackedTimestampTz = 3;
constexpr int kMaxPackedTimeTz = 9;

ExpressionType NativeOp(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
      return ExpressionType::COMPARE_EQUAL;
    case CompareOp::kNotEqual:
      return ExpressionType::COMPARE_NOTEQUAL;
    case CompareOp::kLess:
      return ExpressionType::COMPARE_LESSTHAN;
    case CompareOp::kLessEqual:
      return ExpressionType::COMPARE_LESSTHANOREQUALTO;
    case CompareOp::kGreater:
      return ExpressionType::COMPARE_GREATERTHAN;
    case CompareOp::kGreaterEqual:
      return ExpressionType::COMPARE_GREATERTHANOREQUALTO;
    case CompareOp::kIsDistinctFrom:
      return ExpressionType::COMPARE_DISTINCT_FROM;
    case CompareOp::kIsNotDistinctFrom:
      return ExpressionType::COMPARE_NOT_DISTINCT_FROM;
  }
  return ExpressionType::INVALID;
}

std::string_view OpName(CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
      return "equal";
    case CompareOp::kNotEqual:
      return "not_equal";
    case CompareOp::kLess:
      return "less";
    case CompareOp::kLessEqual:
      return "less_equal";
    case CompareOp::kGreater:
      return "greater";
    case CompareOp::kGreaterEqual:
      return "greater_equal";
    case CompareOp::kIsDistinctFrom:
      return "distinct";
    case CompareOp::kIsNotDistinctFrom:
      return "not_distinct";
  }
  return "";
}

bool IsDistinctOp(CompareOp op) {
  return op == CompareOp::kIsDistinctFrom || op == CompareOp::kIsNotDistinctFrom;
}

bool IsOrderOp(CompareOp op) {
  return op == CompareOp::kLess || op == CompareOp::kLessEqual || op == CompareOp::kGreater ||
         op == CompareOp::kGreaterEqual;
}

bool IsFloating(const Type& type) {
  return type.kind() == TypeKind::kReal || type.kind() == TypeKind::kDouble;
}

bool IsNested(const Type& type) {
  return type.kind() == TypeKind::kArray || type.kind() == TypeKind::kMap ||
         type.kind() == TypeKind::kRow;
}

bool IsZoned(const Type& type) {
  return type.kind() == TypeKind::kTimestampTz || type.kind() == TypeKind::kTimeTz;
}

// Loops ---------------------------------------------------------------------------------------

std::optional<bool> CompareNested(CompareOp op, const Type& type, const Cell& a, const Cell& b) {
  switch (op) {
    case CompareOp::kEqual:
      return EqualCells(type, a, b);
    case CompareOp::kNotEqual: {
      const std::optional<bool> equal = EqualCells(type, a, b);
      return equal.has_value() ? std::optional(!*equal) : std::nullopt;
    }
    case CompareOp::kLess:
      return CompareCells(type, a, b) < 0;
    case CompareOp::kLessEqual:
      return CompareCells(type, a, b) <= 0;
    case CompareOp::kGreater:
      return CompareCells(type, a, b) > 0;
    case CompareOp::kGreaterEqual:
      return CompareCells(type, a, b) >= 0;
    default:
      return std::nullopt;
  }
}

template <CompareOp op>
void NestedLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const Type& type = BindDataOf(state).Cast<TypedBindData>().arguments[0];
  const bool constant = arguments.AllConstant();
  const duckdb::idx_t count = constant ? 1 : arguments.size();
  const Cells left(arguments.data[0], count);
  const Cells right(arguments.data[1], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  bool* values = duckdb::FlatVector::GetData<bool>(result);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const Cell a = left[row];
    const Cell b = right[row];
    if constexpr (op == CompareOp::kIsDistinctFrom || op == CompareOp::kIsNotDistinctFrom) {
      values[row] = IdenticalCells(type, a, b) == (op == CompareOp::kIsNotDistinctFrom);
    } else {
      const std::optional<bool> answer =
          a.IsNull() || b.IsNull() ? std::nullopt : CompareNested(op, type, a, b);
      if (answer.has_value()) {
        values[row] = *answer;
      } else {
        duckdb::FlatVector::SetNull(result, row, true);
      }
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

template <CompareOp op>
duckdb::unique_ptr<duckdb::FunctionData> BindNested(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto data = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(NestedLoop<op>);
  return data;
}

template <CompareOp op>
void AddNestedOp(AdapterTable& table) {
  table.Private(absl::StrCat(OpName(op), "(nested)"), BindNested<op>, LogicalType::BOOLEAN,
                {.called_on_null = IsDistinctOp(op), .can_raise = IsOrderOp(op)});
}

template <typename T>
void AddFloatingOps(AdapterTable& table, std::string_view type, const LogicalType& duck_type) {
  const auto add = [&](CompareOp op, auto compare) {
    table.Private(absl::StrCat(OpName(op), "(", type, ")"), {duck_type, duck_type},
                  LogicalType::BOOLEAN, Binary<T, T, bool>(compare));
  };
  add(CompareOp::kEqual, [](T a, T b) { return a == b; });
  add(CompareOp::kNotEqual, [](T a, T b) { return a != b; });
  add(CompareOp::kLess, [](T a, T b) { return a < b; });
  add(CompareOp::kLessEqual, [](T a, T b) { return a <= b; });
  add(CompareOp::kGreater, [](T a, T b) { return a > b; });
  add(CompareOp::kGreaterEqual, [](T a, T b) { return a >= b; });
}

template <bool order>
void KeyLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const Type& type = BindDataOf(state).Cast<TypedBindData>().arguments[0];
  const bool constant = arguments.AllConstant();
  const duckdb::idx_t count = constant ? 1 : arguments.size();
  const Cells cells(arguments.data[0], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::string key;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if (cells[row].IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    key.clear();
    AppendKey(type, cells[row], order, &key);
    duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
        duckdb::StringVector::AddStringOrBlob(result, key.data(), key.size());
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

template <bool order>
duckdb::unique_ptr<duckdb::FunctionData> BindKey(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto data = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(KeyLoop<order>);
  return data;
}

// Loops over a value in two parts.
template <typename R, typename Fn>
duckdb::scalar_function_t LongTimeLoop(Fn fn) {
  return [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
    const bool constant = arguments.AllConstant();
    const duckdb::idx_t count = constant ? 1 : arguments.size();
    const Cells cells(arguments.data[0], count);
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (cells[row].IsNull()) {
        duckdb::FlatVector::SetNull(result, row, true);
        continue;
      }
      duckdb::FlatVector::GetData<R>(result)[row] = fn(cells[row].Field(0).template Get<int64_t>(),
                                                       cells[row].Field(1).template Get<int32_t>());
    }
    if (constant) {
      result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
    }
  };
}

// Trees ---------------------------------------------------------------------------------------

// For zoned values: what compares natively in their place.
DuckExpr ZonedKey(const Type& type, DuckExpr argument) {
  const bool timestamp = type.kind() == TypeKind::kTimestampTz;
  const bool packed = type.precision() <= (timestamp ? kMaxPackedTimestampTz : kMaxPackedTimeTz);
  const std::string_view name =
      timestamp ? (packed ? "instant" : "long_instant") : (packed ? "utc_nanos" : "utc_picos");
  return CallPrivate(name, MakeTrees(std::move(argument)));
}

DuckExpr KeyBytes(std::string_view name, const Type& type, DuckExpr argument) {
  return CallPrivate(name,
                     MakeTrees(std::move(argument), TypesArgument({type}, Type::Varbinary())));
}

bool IsNaNConstant(const duckdb::ParsedExpression& tree) {
  if (tree.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) {
    return false;
  }
  const duckdb::Value& value = tree.Cast<duckdb::ConstantExpression>().value;
  switch (value.type().id()) {
    case duckdb::LogicalTypeId::DOUBLE:
      return std::isnan(duckdb::DoubleValue::Get(value));
    case duckdb::LogicalTypeId::FLOAT:
      return std::isnan(duckdb::FloatValue::Get(value));
    default:
      return true;  // not a constant of that type: be careful
  }
}

bool IsPlainConstant(const duckdb::ParsedExpression& tree) {
  return tree.GetExpressionClass() == duckdb::ExpressionClass::CONSTANT && !IsNaNConstant(tree);
}

bool IsColumn(const duckdb::ParsedExpression& tree) {
  return tree.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF;
}

// False for NaN, unknown for NULL, else true; scans take it as a filter.
DuckExpr IsNumber(const Type& type, DuckExpr value) {
  const double infinity = std::numeric_limits<double>::infinity();
  const duckdb::Value limit = type.kind() == TypeKind::kReal
                                  ? duckdb::Value::FLOAT(static_cast<float>(infinity))
                                  : duckdb::Value::DOUBLE(infinity);
  return NativeCompare(ExpressionType::COMPARE_LESSTHANOREQUALTO, std::move(value),
                       duckdb::make_uniq<duckdb::ConstantExpression>(limit));
}

CompareOp Flip(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessEqual:
      return CompareOp::kGreaterEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterEqual:
      return CompareOp::kLessEqual;
    default:
      return op;
  }
}

DuckExpr CompareFloating(CompareOp op, const Type& type, DuckExpr left, DuckExpr right) {
  if (IsDistinctOp(op)) {
    return NativeCompare(NativeOp(op), std::move(left), std::move(right));
  }
  if (IsPlainConstant(*left) && !IsPlainConstant(*right)) {
    std::swap(left, right);
    op = Flip(op);
  }
  const bool greater = op == CompareOp::kGreater || op == CompareOp::kGreaterEqual;
  if (IsPlainConstant(*right) && !greater) {
    return NativeCompare(NativeOp(op), std::move(left), std::move(right));
  }
  if (IsPlainConstant(*right) && IsColumn(*left)) {
    DuckExpr number = IsNumber(type, left->Copy());
    return And(MakeTrees(NativeCompare(NativeOp(op), std::move(left), std::move(right)),
                         std::move(number)));
  }
  return CallPrivate(absl::StrCat(OpName(op), "(", type.ToString(), ")"),
                     MakeTrees(std::move(left), std::move(right)));
}

DuckExpr PadChar(const Type& type, DuckExpr argument) {
  return CallPrivate("pad_char", MakeTrees(std::move(argument), BigintConstant(*type.length())));
}

// The fields of ROW(...), if that is what the tree is.
DuckExprs* RowFields(duckdb::ParsedExpression& tree) {
  if (tree.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) {
    return nullptr;
  }
  auto& call = tree.Cast<duckdb::FunctionExpression>();
  return call.function_name == "struct_pack" ? &call.children : nullptr;
}

absl::Status NotComparable(CompareOp op, const Type& type) {
  return NamedError("TYPE_MISMATCH",
                    absl::StrCat("Cannot apply operator ", OpName(op), " to ", type.ToString()));
}

}  // namespace

absl::StatusOr<DuckExpr> FunctionEmitter::Compare(CompareOp op, const Type& type, DuckExpr left,
                                                  DuckExpr right) const {
  if (IsOrderOp(op) ? !IsOrderable(type) : !IsComparable(type)) {
    return NotComparable(op, type);
  }
  if (IsFloating(type)) {
    return CompareFloating(op, type, std::move(left), std::move(right));
  }
  if (IsZoned(type)) {
    return NativeCompare(NativeOp(op), ZonedKey(type, std::move(left)),
                         ZonedKey(type, std::move(right)));
  }
  if (type.kind() == TypeKind::kChar && IsOrderOp(op)) {
    return NativeCompare(NativeOp(op), PadChar(type, std::move(left)),
                         PadChar(type, std::move(right)));
  }
  if (!IsNested(type)) {
    return NativeCompare(NativeOp(op), std::move(left), std::move(right));
  }
  DuckExprs* left_fields = RowFields(*left);
  DuckExprs* right_fields = RowFields(*right);
  if (left_fields != nullptr && right_fields != nullptr &&
      (op == CompareOp::kEqual || op == CompareOp::kNotEqual)) {
    DuckExprs terms;
    for (size_t i = 0; i < type.children().size(); ++i) {
      ASSIGN_OR_RETURN(DuckExpr term, Compare(op, type.children()[i], std::move((*left_fields)[i]),
                                              std::move((*right_fields)[i])));
      term->ClearAlias();
      terms.push_back(std::move(term));
    }
    return op == CompareOp::kEqual ? And(std::move(terms)) : Or(std::move(terms));
  }
  return CallPrivate(
      absl::StrCat(OpName(op), "(nested)"),
      MakeTrees(std::move(left), std::move(right), TypesArgument({type, type}, Type::Boolean())));
}

absl::StatusOr<DuckExpr> FunctionEmitter::Between(const Type& type, DuckExpr value, DuckExpr low,
                                                  DuckExpr high) const {
  const bool native = HasNativeComparison(type) ||
                      (IsFloating(type) && IsPlainConstant(*low) && IsPlainConstant(*high));
  if (native) {
    return duckdb::make_uniq<duckdb::BetweenExpression>(std::move(value), std::move(low),
                                                        std::move(high));
  }
  DuckExpr again = value->Copy();
  ASSIGN_OR_RETURN(DuckExpr above,
                   Compare(CompareOp::kGreaterEqual, type, std::move(value), std::move(low)));
  ASSIGN_OR_RETURN(DuckExpr below,
                   Compare(CompareOp::kLessEqual, type, std::move(again), std::move(high)));
  return And(MakeTrees(std::move(above), std::move(below)));
}

absl::StatusOr<DuckExpr> FunctionEmitter::InList(const Type& type, DuckExpr value,
                                                 DuckExprs items) const {
  bool native =
      HasNativeComparison(type) || type.kind() == TypeKind::kChar || type.kind() == TypeKind::kJson;
  if (IsFloating(type)) {
    native = std::all_of(items.begin(), items.end(),
                         [](const DuckExpr& item) { return IsPlainConstant(*item); });
  }
  if (native) {
    DuckExprs children = MakeTrees(std::move(value));
    for (DuckExpr& item : items) {
      children.push_back(std::move(item));
    }
    return duckdb::make_uniq<duckdb::OperatorExpression>(ExpressionType::COMPARE_IN,
                                                         std::move(children));
  }
  DuckExprs terms;
  for (DuckExpr& item : items) {
    ASSIGN_OR_RETURN(DuckExpr term,
                     Compare(CompareOp::kEqual, type, value->Copy(), std::move(item)));
    terms.push_back(std::move(term));
  }
  return Or(std::move(terms));
}

absl::StatusOr<DuckExpr> FunctionEmitter::JoinEquality(const Type& type, DuckExpr left,
                                                       DuckExpr right) const {
  if (IsFloating(type)) {
    DuckExpr number = IsNumber(type, left->Copy());
    return And(
        MakeTrees(NativeCompare(ExpressionType::COMPARE_EQUAL, std::move(left), std::move(right)),
                  std::move(number)));
  }
  const bool rows = RowFields(*left) != nullptr && RowFields(*right) != nullptr;
  if (!IsNested(type)) {
    return Compare(CompareOp::kEqual, type, std::move(left), std::move(right));
  }
  if (rows) {
    DuckExprs terms;
    for (size_t i = 0; i < type.children().size(); ++i) {
      ASSIGN_OR_RETURN(DuckExpr term,
                       JoinEquality(type.children()[i], std::move((*RowFields(*left))[i]),
                                    std::move((*RowFields(*right))[i])));
      terms.push_back(std::move(term));
    }
    return And(std::move(terms));
  }
  // The keys let DuckDB hash; they call NULLs inside equal, which the comparison does not.
  DuckExpr keys =
      NativeCompare(ExpressionType::COMPARE_EQUAL, KeyBytes("group_key", type, left->Copy()),
                    KeyBytes("group_key", type, right->Copy()));
  ASSIGN_OR_RETURN(DuckExpr equal,
                   Compare(CompareOp::kEqual, type, std::move(left), std::move(right)));
  return And(MakeTrees(std::move(keys), std::move(equal)));
}

bool FunctionEmitter::IsOwnGroupKey(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kTimestampTz:
    case TypeKind::kTimeTz:
    case TypeKind::kMap:
      return false;
    case TypeKind::kArray:
    case TypeKind::kRow:
      return std::all_of(type.children().begin(), type.children().end(), IsOwnGroupKey);
    default:
      return true;
  }
}

DuckExpr FunctionEmitter::GroupKey(const Type& type, DuckExpr argument) const {
  if (IsOwnGroupKey(type)) {
    return argument;
  }
  return KeyBytes("group_key", type, std::move(argument));
}

DuckExpr FunctionEmitter::OrderKey(const Type& type, DuckExpr argument) const {
  if (IsNested(type)) {
    return KeyBytes("order_key", type, std::move(argument));
  }
  if (IsZoned(type)) {
    return ZonedKey(type, std::move(argument));
  }
  if (type.kind() == TypeKind::kChar) {
    return PadChar(type, std::move(argument));
  }
  return argument;
}

void AddComparisons(AdapterTable& table) {
  AddNestedOp<CompareOp::kEqual>(table);
  AddNestedOp<CompareOp::kNotEqual>(table);
  AddNestedOp<CompareOp::kLess>(table);
  AddNestedOp<CompareOp::kLessEqual>(table);
  AddNestedOp<CompareOp::kGreater>(table);
  AddNestedOp<CompareOp::kGreaterEqual>(table);
  AddNestedOp<CompareOp::kIsDistinctFrom>(table);
  AddNestedOp<CompareOp::kIsNotDistinctFrom>(table);
  AddFloatingOps<float>(table, "real", LogicalType::FLOAT);
  AddFloatingOps<double>(table, "double", LogicalType::DOUBLE);
  table.Private("group_key", BindKey<false>, LogicalType::BLOB);
  table.Private("order_key", BindKey<true>, LogicalType::BLOB, {.can_raise = true});
  table.Private("instant", {LogicalType::BIGINT}, LogicalType::BIGINT,
                Unary<int64_t, int64_t>([](int64_t packed) { return InstantOf(packed); }));
  table.Private("utc_nanos", {LogicalType::BIGINT}, LogicalType::BIGINT,
                Unary<int64_t, int64_t>([](int64_t packed) { return UtcNanosOf(packed); }));
  const LogicalType long_time =
      LogicalType::STRUCT({{"base", LogicalType::BIGINT}, {"rest", LogicalType::INTEGER}});
  table.Private("long_instant", {long_time}, LogicalType::HUGEINT,
                LongTimeLoop<duckdb::hugeint_t>(
                    [](int64_t packed, int32_t picos) { return InstantOf(packed, picos); }));
  table.Private("utc_picos", {long_time}, LogicalType::BIGINT,
                LongTimeLoop<int64_t>([](int64_t picos, int32_t offset_minutes) {
                  return UtcPicosOf(picos, offset_minutes);
                }));
  table.Private("pad_char", {LogicalType::VARCHAR, LogicalType::BIGINT}, LogicalType::VARCHAR,
                AppendText<std::string_view, int64_t>(
                    [](std::string_view text, int64_t length, std::string* out) {
                      AppendPadded(text, length, out);
                    }));
}

}  // namespace pallas::engine
