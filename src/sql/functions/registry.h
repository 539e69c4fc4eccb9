#ifndef PALLAS_SQL_FUNCTIONS_REGISTRY_H_
#define PALLAS_SQL_FUNCTIONS_REGISTRY_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "types/type.h"

// The functions of the dialect, one entry per overload (decision D7). It drives resolution, SHOW
// FUNCTIONS, what engines register, and the documentation. Operators are functions too: "$add",
// "$subtract", "$multiply", "$divide", "$modulus", "$negate", "$subscript", "$concat", "$like",
// "$at_timezone", ...; comparisons, casts, AND/OR/NOT, CASE, IN are not (sql/plan/expression.h).

namespace pallas::sql {

enum class FunctionKind { kScalar, kAggregate, kWindow };

// One overload. Lives in a static table.
struct FunctionEntry {
  // Unique, stable, readable: the name, then the argument templates: "$add(bigint,bigint)",
  // "greatest(E...)". Engines find their implementation by it.
  std::string_view id;
  std::string_view name;  // as SQL calls it, lower case
  FunctionKind kind = FunctionKind::kScalar;
  // Types with variables: "array(T)", "decimal(p1,s1)", "varchar(n)", "function(T,boolean)".
  // "joniregexp", "codepoints" and "jsonpath" stand for any text and are resolved as varchar.
  std::vector<std::string_view> arguments;
  bool variadic = false;  // the last argument repeats, zero or more times
  std::string_view result;
  // Computes a result type (or its precision) that a template cannot say, from the bound types.
  absl::StatusOr<Type> (*result_type)(std::span<const Type> arguments) = nullptr;
  // The type variables and what they must be, as messages show them: "K:orderable, V".
  std::string_view constraints;
  bool called_on_null = false;  // else any NULL argument gives NULL (scalars)
  bool can_raise = false;
  bool deterministic = true;
  bool hidden = false;  // operators and internal functions: not in SHOW FUNCTIONS
  std::string_view description;
};

// An overload bound to types: arguments must be coerced to `argument_types` first.
struct ResolvedFunction {
  const FunctionEntry* entry = nullptr;
  std::vector<Type> argument_types;
  Type result_type;
};

// An argument as the analyzer knows it: a type, or a lambda of `lambda_arity` parameters, typed by
// `type_lambda` (parameter types in, result type out).
struct FunctionArgument {
  Type type;
  int lambda_arity = -1;
  std::function<absl::StatusOr<Type>(std::span<const Type> parameters)> type_lambda = nullptr;
};

// All overloads. Immutable; any thread.
std::span<const FunctionEntry> AllFunctions();

// Whether any overload has that name.
bool FunctionExists(std::string_view name);

// The kind of the overloads of that name, which is one for all; nullopt: there is none.
std::optional<FunctionKind> FunctionKindOf(std::string_view name);

// Trino's overload rules: an exact match, then the cheapest coercion, `unknown` matches anything.
// Errors (without line:column): FUNCTION_NOT_FOUND "Function 'x' not registered" with near names,
// or Trino's "Unexpected parameters (...) for function x. Expected: ...";
// for operators TYPE_MISMATCH "Cannot apply operator: varchar(1) + integer".
absl::StatusOr<ResolvedFunction> ResolveFunction(std::string_view name,
                                                 std::span<const FunctionArgument> arguments);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_FUNCTIONS_REGISTRY_H_
