#ifndef PALLAS_SQL_FUNCTIONS_TYPE_TEMPLATE_H_
#define PALLAS_SQL_FUNCTIONS_TYPE_TEMPLATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/coercion.h"
#include "types/type.h"

namespace pallas::sql {

// What the variables of one signature are bound to: `T` to a type, `p` of decimal(p,s) to a number.
struct Bindings {
  std::map<std::string, Type, std::less<>> types;
  // nullopt: the length of unbounded varchar.
  std::map<std::string, std::optional<int64_t>, std::less<>> numbers;
};

// A type with variables, as signatures of the registry write it: `decimal(p,s)`, `array(T)`,
// `function(T,boolean)`. A word that names no type is a type variable. Immutable.
class TypeTemplate {
 public:
  // REQUIRES: text is well formed; it comes from our own tables.
  static TypeTemplate Parse(std::string_view text);

  bool is_function() const { return kind_ == Kind::kFunction; }

  // Any text, which the function takes as varchar: a pattern, a JSON path.
  bool is_text() const { return kind_ == Kind::kText; }

  // A type or a fixed length: no variable anywhere inside.
  bool is_concrete() const;

  const std::vector<TypeTemplate>& children() const { return children_; }

  // Extends `bindings` so that a value of `actual` fits this template; false if it does not. With
  // `coerce`, implicit coercions by that rule are allowed, and a variable seen twice becomes the
  // common type.
  bool Bind(const Type& actual, std::optional<CharCoercion> coerce, Bindings& bindings) const;

  // The type under `bindings`; unbound type variables are `unknown`. Nullopt if numbers are
  // missing or make no type (decimal(40,2)).
  std::optional<Type> Substitute(const Bindings& bindings) const;

 private:
  enum class Kind { kConcrete, kVariable, kParametric, kArray, kMap, kRow, kFunction, kText };

  Kind kind_ = Kind::kConcrete;
  Type concrete_;
  TypeKind base_ = TypeKind::kUnknown;  // kParametric
  std::string variable_;                // kVariable
  std::vector<std::string> numbers_;    // kParametric: variables or digits
  std::vector<TypeTemplate> children_;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_FUNCTIONS_TYPE_TEMPLATE_H_
