#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/parser/expression/operator_expression.hpp"

#include "base/error_detail.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "sql/coercion.h"

// Casts as trees (decision D14), and the function that runs those which are ours.

namespace pallas::engine {
namespace {

// What CastContext holds, as constants behind the value.
constexpr int kContextArguments = 3;

struct CastBindData final : TypedBindData {
  CastLoop loop;
  bool safe = false;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<CastBindData>(*this);
  }
};

void RunCast(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& data = BindDataOf(state).Cast<CastBindData>();
  const bool constant = arguments.AllConstant();
  const duckdb::idx_t count = constant ? 1 : arguments.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  FailedRows failed(data.safe ? count : 0);
  data.loop(arguments.data[0], result, count, data.safe ? &failed : nullptr);
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

template <bool safe>
duckdb::unique_ptr<duckdb::FunctionData> BindCast(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto types = TakeTypes(context, function, arguments);
  const duckdb::Value zone = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
  const duckdb::Value start = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[2]);
  const duckdb::Value pads = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[3]);
  for (int i = 0; i < kContextArguments; ++i) {
    arguments.pop_back();
    function.arguments.pop_back();
  }
  auto data = duckdb::make_uniq<CastBindData>();
  data->arguments = std::move(types->arguments);
  data->result = std::move(types->result);
  data->safe = safe;
  data->loop = *MakeCast(data->arguments[0], data->result,
                         {.session_zone_key = duckdb::IntegerValue::Get(zone),
                          .session_start = duckdb::BigIntValue::Get(start),
                          .pads_char = duckdb::BooleanValue::Get(pads)});
  function.SetFunctionCallback(RunCast);
  return data;
}

int IntegerDigits(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kTinyint:
      return 3;
    case TypeKind::kSmallint:
      return 5;
    case TypeKind::kInteger:
      return 10;
    case TypeKind::kBigint:
      return 19;
    default:
      return type.precision() - type.scale();
  }
}

// Whether the values of `from` are values of `to` as they are.
bool IsSameValue(const Type& from, const Type& to) {
  if (from == to) {
    return true;
  }
  if (from.kind() != to.kind()) {
    return false;
  }
  switch (from.kind()) {
    case TypeKind::kVarchar:
      return !to.length().has_value() ||
             (from.length().has_value() && *from.length() <= *to.length());
    case TypeKind::kChar:
      return *from.length() <= *to.length();
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimeTz:
    case TypeKind::kTimestampTz:
      return from.precision() <= to.precision() && ToDuckDbType(from) == ToDuckDbType(to);
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      for (size_t i = 0; i < from.children().size(); ++i) {
        if (from.children().size() != to.children().size() ||
            !IsSameValue(from.children()[i], to.children()[i])) {
          return false;
        }
      }
      return true;
    default:
      return false;
  }
}

// Whether DuckDB's cast gives the very answer, for all values.
bool IsNativeWidening(const Type& from, const Type& to) {
  if (to.kind() == TypeKind::kDecimal) {
    return (IsInteger(from) || from.kind() == TypeKind::kDecimal) &&
           IntegerDigits(from) <= IntegerDigits(to) &&
           (from.kind() != TypeKind::kDecimal || from.scale() <= to.scale());
  }
  if (IsInteger(from)) {
    return (IsInteger(to) && from.kind() < to.kind()) || to.kind() == TypeKind::kReal ||
           to.kind() == TypeKind::kDouble;
  }
  if (from.kind() == TypeKind::kReal) {
    return to.kind() == TypeKind::kDouble;
  }
  constexpr int kMaxShortTimestamp = 6;
  return from.kind() == TypeKind::kDate && to.kind() == TypeKind::kTimestamp &&
         to.precision() <= kMaxShortTimestamp;
}

}  // namespace

std::optional<CastLoop> MakeCast(const Type& from, const Type& to, const CastContext& context) {
  if (IsSameValue(from, to)) {
    return [](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count, FailedRows*) {
      duckdb::VectorOperations::Copy(source, target, count, 0, 0);
    };
  }
  if (from.kind() == TypeKind::kUnknown) {
    return
        [](duckdb::Vector& /*source*/, duckdb::Vector& target, duckdb::idx_t count, FailedRows*) {
          for (duckdb::idx_t row = 0; row < count; ++row) {
            duckdb::FlatVector::SetNull(target, row, true);
          }
        };
  }
  if (auto loop = MakeJsonCast(from, to)) {
    return loop;
  }
  if (auto loop = MakeNumericCast(from, to)) {
    return loop;
  }
  if (auto loop = MakeTextCast(from, to, context)) {
    return loop;
  }
  if (auto loop = MakeTemporalCast(from, to, context)) {
    return loop;
  }
  return MakeNestedCast(from, to, context);
}

absl::StatusOr<DuckExpr> FunctionEmitter::Cast(const Type& from, const Type& to, bool safe,
                                               DuckExpr argument) const {
  if (IsSameValue(from, to)) {
    return argument;
  }
  if (from.kind() == TypeKind::kUnknown) {
    return Null(to);
  }
  if (IsNativeWidening(from, to)) {
    return NativeCast(ToDuckDbType(to), std::move(argument));
  }
  const CastContext context{
      .session_zone_key = session_.time_zone_key,
      .session_start = absl::ToUnixSeconds(session_.start_time),
      .pads_char = sql::CharCoercionOf(session_.dialect) == CharCoercion::kVarcharToChar};
  if (!MakeCast(from, to, context).has_value()) {
    return NamedError("TYPE_MISMATCH",
                      absl::StrCat("Cannot cast ", from.ToString(), " to ", to.ToString()));
  }
  return NativeCast(
      ToDuckDbType(to),
      CallPrivate(
          safe ? "try_cast" : "cast",
          MakeTrees(std::move(argument), IntegerConstant(context.session_zone_key),
                    Constant(Type::Bigint(), context.session_start),
                    BooleanConstant(context.pads_char),
                    TypesArgument({from, Type::Integer(), Type::Bigint(), Type::Boolean()}, to))));
}

DuckExpr FunctionEmitter::Try(DuckExpr argument) const {
  return duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_TRY,
                                                       std::move(argument));
}

void AddCasts(AdapterTable& table) {
  table.Private("cast", BindCast<false>, duckdb::LogicalType::ANY, {.can_raise = true});
  table.Private("try_cast", BindCast<true>, duckdb::LogicalType::ANY);
}

}  // namespace pallas::engine
