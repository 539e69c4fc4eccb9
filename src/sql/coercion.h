#ifndef PALLAS_SQL_COERCION_H_
#define PALLAS_SQL_COERCION_H_

#include <optional>

#include "sql/session.h"
#include "types/coercion.h"

// Implicit coercions under the options of a session.

namespace pallas::sql {

inline CharCoercion CharCoercionOf(const DialectOptions& dialect) {
  return dialect.char_coercion == DialectOptions::CharCoercion::kTrino482
             ? CharCoercion::kCharToVarchar
             : CharCoercion::kVarcharToChar;
}

inline std::optional<Type> CommonSuperType(const Type& a, const Type& b,
                                           const DialectOptions& dialect) {
  return CommonSuperType(a, b, CharCoercionOf(dialect));
}

inline bool CanCoerce(const Type& from, const Type& to, const DialectOptions& dialect) {
  return CanCoerce(from, to, CharCoercionOf(dialect));
}

}  // namespace pallas::sql

#endif  // PALLAS_SQL_COERCION_H_
