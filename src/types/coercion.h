#ifndef PALLAS_TYPES_COERCION_H_
#define PALLAS_TYPES_COERCION_H_

#include <optional>

#include "types/type.h"

// Implicit coercion (spec/sql-dialect.md section 5.2) under each of the rules that releases of
// Trino have for char and varchar (section 3). CommonSuperType() and CanCoerce() of types/type.h
// follow the first of them. Pure functions; any thread.

namespace pallas {

enum class CharCoercion {
  kVarcharToChar,  // before 482: char(n) keeps its padding, comparisons ignore it
  kCharToVarchar,  // since 482: char(n) becomes varchar without its padding
};

// The type both coerce to implicitly, if there is one.
std::optional<Type> CommonSuperType(const Type& a, const Type& b, CharCoercion rule);

// Whether a value of `from` is coerced to `to` implicitly.
bool CanCoerce(const Type& from, const Type& to, CharCoercion rule);

}  // namespace pallas

#endif  // PALLAS_TYPES_COERCION_H_
