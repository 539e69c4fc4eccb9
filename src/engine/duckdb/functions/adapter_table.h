#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_ADAPTER_TABLE_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_ADAPTER_TABLE_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/function/scalar_function.hpp"

#include "engine/duckdb/functions/functions.h"
#include "sql/functions/registry.h"
#include "types/type.h"

// Which DuckDB function, or which tree, stands for each entry of the function registry.
//
// A family of functions is one file with one function `AddXxx(AdapterTable&)`, which says for each
// of its registry ids one of:
//
//   Scalar(id, loop)             the types in the signature are all concrete (texts of any length
//                                count as such): the loop is registered as "trino$<id>" with them
//   Scalar(id, types.., loop)    the same with these DuckDB types
//   Bound(id, bind)              any types: `bind` sees them and sets function.arguments,
//                                return_type and function
//   Typed(id, bind)              as Bound; `bind` also learns the Trino types by TakeTypes(), for
//                                what DuckDB's types do not say (digits, lengths)
//   Emit(id, emit)               builds the tree itself: native functions, extra constants,
//                                compositions of Private() functions
//   Aggregate(id, ...), EmitAggregate(id, ...), EmitWindow(id, ...)   likewise
//
// NULL handling, SetFallible() and stability follow the registry entry. Loops are made by
// scalar_loops.h.

namespace pallas::engine {

// What the emission of one call knows beside its arguments.
struct CallSite {
  const sql::ResolvedFunction& function;
  const sql::Session& session;
  const FunctionEmitter& emitter;
  bool distinct = false;  // aggregates

  const Type& argument(size_t index) const { return function.argument_types[index]; }

  const Type& result() const { return function.result_type; }
};

using ScalarEmitter = std::function<absl::StatusOr<DuckExpr>(const CallSite&, DuckExprs)>;

// Makes the node of one call, grouped or over a window, of the DuckDB aggregate with that full
// name, with DISTINCT, FILTER and ORDER BY as the statement has them.
class AggregateCall {
 public:
  using Make = std::function<DuckExpr(const std::string& name, DuckExprs arguments, bool distinct)>;

  AggregateCall(Make make, bool distinct) : make_(std::move(make)), distinct_(distinct) {}

  DuckExpr operator()(const std::string& name, DuckExprs arguments) const {
    return make_(name, std::move(arguments), distinct_);
  }

  // With DISTINCT, whatever the statement says.
  DuckExpr Distinct(const std::string& name, DuckExprs arguments) const {
    return make_(name, std::move(arguments), true);
  }

 private:
  Make make_;
  bool distinct_;
};

using AggregateEmitter =
    std::function<absl::StatusOr<DuckExpr>(const CallSite&, DuckExprs, const AggregateCall&)>;
using WindowEmitter =
    std::function<absl::StatusOr<DuckExpr>(const CallSite&, DuckExprs, WindowParts)>;

// How DuckDB may treat a private function that is no registry entry.
struct Traits {
  bool called_on_null = false;
  bool can_raise = false;
  bool deterministic = true;
};

class AdapterTable {
 public:
  // The one table. Immutable; any thread.
  static const AdapterTable& Get();

  // `init` makes what each thread keeps between the vectors of one call; may be null.
  void Scalar(std::string_view id, duckdb::scalar_function_t loop,
              duckdb::init_local_state_t init = nullptr);
  void Scalar(std::string_view id, duckdb::vector<duckdb::LogicalType> arguments,
              const duckdb::LogicalType& result, duckdb::scalar_function_t loop);
  void Bound(std::string_view id, duckdb::bind_scalar_function_t bind);
  void Typed(std::string_view id, duckdb::bind_scalar_function_t bind);
  void Emit(std::string_view id, ScalarEmitter emit);

  // Registers "trino$<name>", for CallPrivate(name, ...). The second form is bound: it takes any
  // number of arguments of any types. Where `result` is ANY its calls need a cast to the type of
  // the result around them, because DuckDB makes a call with a NULL constant an untyped NULL.
  void Private(std::string_view name, duckdb::vector<duckdb::LogicalType> arguments,
               const duckdb::LogicalType& result, duckdb::scalar_function_t loop,
               Traits traits = {});
  void Private(std::string_view name, duckdb::bind_scalar_function_t bind,
               const duckdb::LogicalType& result, Traits traits = {});
  // As it is, under "trino$" and its name.
  void Private(duckdb::ScalarFunction function);
  void Private(duckdb::AggregateFunction function);

  // An aggregate that is registered as "trino$<id>" and called with the arguments as they are.
  // It also serves over windows.
  void Aggregate(std::string_view id, duckdb::AggregateFunction function);
  // An aggregate that is the native one of that name, or what `emit` builds around calls of native
  // or private ("trino$...") ones.
  void NativeAggregate(std::string_view id, std::string name);
  void EmitAggregate(std::string_view id, AggregateEmitter emit);
  void EmitWindow(std::string_view id, WindowEmitter emit);

  const ScalarEmitter* FindScalar(std::string_view id) const;
  const AggregateEmitter* FindAggregate(std::string_view id) const;
  const WindowEmitter* FindWindow(std::string_view id) const;

  const std::vector<duckdb::ScalarFunction>& scalars() const { return scalars_; }

  const std::vector<duckdb::AggregateFunction>& aggregates() const { return aggregates_; }

 private:
  AdapterTable();

  const sql::FunctionEntry& Entry(std::string_view id) const;

  std::map<std::string_view, const sql::FunctionEntry*> entries_;
  std::map<std::string_view, ScalarEmitter> emit_scalar_;
  std::map<std::string_view, AggregateEmitter> emit_aggregate_;
  std::map<std::string_view, WindowEmitter> emit_window_;
  std::vector<duckdb::ScalarFunction> scalars_;
  std::vector<duckdb::AggregateFunction> aggregates_;
};

// The Trino types of a call, and what its tree passed as bind data.
struct TypedBindData : duckdb::FunctionData {
  std::vector<Type> arguments;
  Type result;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override;
  bool Equals(const duckdb::FunctionData& other) const override;
};

// For the bind callback of a Typed() function: takes off the last argument, which carries the
// types, and sets function.arguments and return_type to their DuckDB forms. With a lambda, its
// argument stays as it is.
duckdb::unique_ptr<TypedBindData> TakeTypes(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments);
duckdb::unique_ptr<TypedBindData> TakeTypes(
    duckdb::ClientContext& context, duckdb::AggregateFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments);

// The constant that TakeTypes() reads; for trees that call Private() functions.
DuckExpr TypesArgument(const std::vector<Type>& arguments, const Type& result);

// A call of a Typed() function, or of a private one whose bind calls TakeTypes().
DuckExpr CallTyped(std::string_view name, const std::vector<Type>& types, const Type& result,
                   DuckExprs values);

// The bind data of a running scalar function.
const duckdb::FunctionData& BindDataOf(const duckdb::ExpressionState& state);

// The families.
void AddAggregates(AdapterTable& table);
void AddArithmetic(AdapterTable& table);
void AddArrays(AdapterTable& table);
void AddBinary(AdapterTable& table);
void AddCasts(AdapterTable& table);
void AddChecksum(AdapterTable& table);
void AddColors(AdapterTable& table);
void AddConditional(AdapterTable& table);
void AddDecimalArithmetic(AdapterTable& table);
void AddDecimalMath(AdapterTable& table);
void AddDistributions(AdapterTable& table);
void AddFormat(AdapterTable& table);
void AddJson(AdapterTable& table);
void AddLambdas(AdapterTable& table);
void AddListAggregates(AdapterTable& table);
void AddMapAggregates(AdapterTable& table);
void AddMaps(AdapterTable& table);
void AddMath(AdapterTable& table);
void AddMoments(AdapterTable& table);
void AddNumericHistogram(AdapterTable& table);
void AddRecursion(AdapterTable& table);
void AddRegexps(AdapterTable& table);
void AddSequences(AdapterTable& table);
void AddSession(AdapterTable& table);
void AddStrings(AdapterTable& table);
void AddWindows(AdapterTable& table);
void AddComparisons(AdapterTable& table);
void AddDateTime(AdapterTable& table);
void AddDateTimeText(AdapterTable& table);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_ADAPTER_TABLE_H_
