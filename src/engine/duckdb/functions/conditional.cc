#include <string>
#include <utility>
#include <vector>

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"

// greatest and least, typeof, uuid.

namespace pallas::engine {
namespace {

using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

// NaN loses against every number.
template <bool largest>
int Order(const Type& type, const Cell& a, const Cell& b) {
  if (largest && HasNaN(type, a) != HasNaN(type, b)) {
    return HasNaN(type, a) ? -1 : 1;
  }
  return CompareCells(type, a, b);
}

// Copies the largest or smallest of each row; NULL if one is NULL.
template <bool largest>
void ExtremeLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                 duckdb::Vector& result) {
  const Type& type = BindDataOf(state).Cast<TypedBindData>().result;
  const duckdb::idx_t count = arguments.size();
  std::vector<Cells> columns;
  for (duckdb::Vector& column : arguments.data) {
    columns.emplace_back(column, count);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    size_t best = 0;
    bool null = columns[0][row].IsNull();
    for (size_t i = 1; i < columns.size() && !null; ++i) {
      null = columns[i][row].IsNull();
      if (!null) {
        const int order = Order<largest>(type, columns[i][row], columns[best][row]);
        best = (largest ? order > 0 : order < 0) ? i : best;
      }
    }
    if (null) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      duckdb::VectorOperations::Copy(arguments.data[best], result, row + 1, row, row);
    }
  }
}

template <bool largest>
duckdb::unique_ptr<duckdb::FunctionData> BindExtreme(duckdb::ClientContext& context,
                                                     duckdb::ScalarFunction& function,
                                                     Arguments& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(ExtremeLoop<largest>);
  return types;
}

// DuckDB's, which skips NULLs, where its order is Trino's.
ScalarEmitter Extreme(const char* native, const char* own) {
  return [native, own](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    if (values.size() == 1) {
      return std::move(values[0]);
    }
    if (!HasNativeComparison(site.result())) {
      values.push_back(TypesArgument(site.function.argument_types, site.result()));
      return NativeCast(ToDuckDbType(site.result()), CallPrivate(own, std::move(values)));
    }
    DuckExprs nulls;
    for (const DuckExpr& value : values) {
      nulls.push_back(IsNull(value->Copy()));
    }
    return IfElse(Or(std::move(nulls)), site.emitter.Null(site.result()),
                  CallDuckDbFunction(native, std::move(values)));
  };
}

}  // namespace

void AddConditional(AdapterTable& table) {
  table.Private("greatest", BindExtreme<true>, duckdb::LogicalType::ANY, {.can_raise = true});
  table.Private("least", BindExtreme<false>, duckdb::LogicalType::ANY, {.can_raise = true});
  table.Emit("greatest(E...)", Extreme("greatest", "greatest"));
  table.Emit("least(E...)", Extreme("least", "least"));
  table.Emit("typeof(t)", [](const CallSite& site, DuckExprs) -> absl::StatusOr<DuckExpr> {
    return TextConstant(site.argument(0).ToString());
  });
  table.Emit("uuid()", [](const CallSite&, DuckExprs) -> absl::StatusOr<DuckExpr> {
    return DuckExpr(CallDuckDbFunction("uuid", DuckExprs()));
  });
}

}  // namespace pallas::engine
