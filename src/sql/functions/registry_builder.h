#ifndef PALLAS_SQL_FUNCTIONS_REGISTRY_BUILDER_H_
#define PALLAS_SQL_FUNCTIONS_REGISTRY_BUILDER_H_

#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sql/functions/registry.h"
#include "sql/functions/type_template.h"

namespace pallas::sql {

using ResultTypeFunction = absl::StatusOr<Type> (*)(std::span<const Type>);

// Collects the entries of the registry; each family of functions has one function that fills it.
// The texts that entries refer to belong to the builder. One thread; lives as long as its entries.
class RegistryBuilder {
 public:
  // Adds an overload: "abs(decimal(p,s))", "decimal(p,s)"; "concat(varchar...)" repeats its last
  // argument. What follows, up to the next of these three calls, describes that overload.
  RegistryBuilder& Scalar(std::string_view signature, std::string_view result);
  RegistryBuilder& Aggregate(std::string_view signature, std::string_view result);
  RegistryBuilder& Window(std::string_view signature, std::string_view result);

  RegistryBuilder& Raises();
  RegistryBuilder& CalledOnNull();
  RegistryBuilder& NotDeterministic();
  RegistryBuilder& Hidden();
  RegistryBuilder& Where(std::string_view constraints);
  RegistryBuilder& ResultType(ResultTypeFunction function);
  RegistryBuilder& Doc(std::string_view description);

  std::vector<FunctionEntry>& entries() { return entries_; }

 private:
  RegistryBuilder& Add(FunctionKind kind, std::string_view signature, std::string_view result);
  std::string_view Keep(std::string text);

  std::vector<FunctionEntry> entries_;
  std::deque<std::string> texts_;  // a deque: references stay valid
};

// The type of the first of at least two arguments, which have one type: of functions that join.
absl::StatusOr<Type> SameOfTwoOrMore(std::span<const Type> arguments, std::string_view what);

// One per family, in the file of that name.
void AddOperators(RegistryBuilder& builder);
void AddMathFunctions(RegistryBuilder& builder);
void AddStringFunctions(RegistryBuilder& builder);
void AddRegexpFunctions(RegistryBuilder& builder);
void AddBinaryFunctions(RegistryBuilder& builder);
void AddDateTimeFunctions(RegistryBuilder& builder);
void AddArrayFunctions(RegistryBuilder& builder);
void AddMapFunctions(RegistryBuilder& builder);
void AddJsonFunctions(RegistryBuilder& builder);
void AddUrlFunctions(RegistryBuilder& builder);
void AddColorFunctions(RegistryBuilder& builder);
void AddTeradataFunctions(RegistryBuilder& builder);
void AddOtherFunctions(RegistryBuilder& builder);
void AddAggregateFunctions(RegistryBuilder& builder);
void AddWindowFunctions(RegistryBuilder& builder);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_FUNCTIONS_REGISTRY_BUILDER_H_
